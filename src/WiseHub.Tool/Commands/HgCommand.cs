using System.CommandLine;
using System.Globalization;
using WiseHub.Client;

namespace WiseHub.Tool.Commands;

/// <summary>
/// <c>wisehub hg …</c>: the commands of the tool hg_localization, in both of its spellings
/// (docs/protocols/hg-localization.md#what-its-commands-do).
/// </summary>
internal sealed class HgCommand
{
    private readonly string[] _args;
    private readonly Option<string?> _hub = new Option<string?>("--hub")
    {
        Description =
            "A hub of wisehub.json whose protocol is hg-localization; default is the only one, else what HGLOC_* variables say.",
        HelpName = "name",
        Recursive = true
    }.RefuseEmpty();

    private HgCommand(string[] args) => _args = args;

    public static Command Create(string[] args)
    {
        var hg = new HgCommand(args);
        return new Command("hg", "Does what hg_localization does, on its folders and buckets. Settings are read from "
            + "wisehub.json, or from HGLOC_* in the environment or a .env file.")
        {
            hg._hub,
            hg.Download(RepoType.Dataset, "download-dataset", "download"),
            hg.Download(RepoType.Model, "download-model"),
            hg.List(RepoType.Dataset, ofBucket: false, "list-local-datasets", "list-local"),
            hg.List(RepoType.Dataset, ofBucket: true, "list-s3-datasets", "list-s3"),
            hg.List(RepoType.Model, ofBucket: false, "list-local-models"),
            hg.List(RepoType.Model, ofBucket: true, "list-s3-models"),
            hg.Sync(RepoType.Dataset, "sync-local-dataset-to-s3", "sync-local-to-s3"),
            hg.Sync(RepoType.Model, "sync-local-model-to-s3"),
            hg.SyncAllModels(),
            hg.MakePublic(RepoType.Dataset, "make-dataset-public", "make-public"),
            hg.MakePublic(RepoType.Model, "make-model-public"),
            hg.Show("show-model-card", "model_card.md", mayAskHub: true),
            hg.Show("show-model-config", "config.json", mayAskHub: false),
        };
    }

    private Command Download(RepoType type, params string[] names)
    {
        var what = new What(type, _args);
        Option<bool> noUpload =
            new("--no-s3-upload") { Description = "Do not upload what was downloaded from Hugging Face into the bucket." };
        Option<bool> publish = Publish(),
            trust = new("--trust-remote-code") { Description = "Accepted and without effect: code of a repo is never run." };
        Option<bool> full = new("--full-model") { Description = "The whole model, not only card and configuration. Asks first." };
        Option<bool> yes =
            new("--yes") { Description = "With --full-model: do not ask. For scripts, where nobody can be asked." };
        Command command = Named(names, type == RepoType.Dataset
            ? "Downloads a dataset into the local store: from the bucket, else from Hugging Face. Prints its folder."
            : "Downloads card and configuration of a model into the local store, or all of it: from the bucket, "
                + "else from Hugging Face. Prints its folder.");
        what.AddTo(command);
        command.Options.Add(noUpload);
        command.Options.Add(publish);
        command.Options.Add(type == RepoType.Dataset ? trust : full);
        if (type == RepoType.Model)
            command.Options.Add(yes);
        command.SetAction((parsed, cancel) => RunAsync(parsed, !parsed.GetValue(full) || parsed.GetValue(yes) ? null
            : token => ConfirmAsync(what.Read(parsed).RepoId, token), async (hg, log) =>
            {
                if (parsed.GetValue(trust))
                    log.Info("--trust-remote-code has no effect: the files of the repo are taken as they are, "
                        + "and its code is never run.");
                RepoReference reference = what.Read(parsed);
                if (type == RepoType.Model && !parsed.GetValue(full))
                    reference = reference with { Files = CardAndConfig };
                HgLocalCopy copy = await hg.DownloadAsync(reference,
                    upload: !parsed.GetValue(noUpload), cancel).ConfigureAwait(false);
                if (parsed.GetValue(publish))
                    await hg.PublishAsync(reference with { Files = FileSelection.All }, cancel).ConfigureAwait(false);
                else if (copy.WasThere)
                    log.Info("It was there already. To upload it, run wisehub hg "
                        + $"{(type == RepoType.Dataset ? "sync-local-dataset-to-s3" : "sync-local-model-to-s3")} "
                        + $"{reference.RepoId}.");
                return copy.Directory;
            }, cancel));
        return command;
    }

    // The other tool asks, too (docs/protocols/hg-localization.md#what-its-commands-do): weights are often many gigabytes.
    private static async Task ConfirmAsync(string id, CancellationToken cancel)
    {
        if (!Prompt.IsPossible)
            throw new HubException(WiseCodes.HgConfirmationNeeded, $"All of the model '{id}' would be downloaded, "
                + "with its weights, and nobody can be asked here. Say --yes if that is meant, or leave --full-model out.");
        if (!await Prompt.ConfirmAsync(
            $"All of the model '{id}' will be downloaded, with its weights. Go on?", cancel).ConfigureAwait(false))
            throw new HubException(WiseCodes.HgConfirmationNeeded,
                $"Nothing of '{id}' was downloaded. Without --full-model only card and configuration are.");
    }

    private Command List(RepoType type, bool ofBucket, params string[] names)
    {
        Command command = Named(names, $"Lists the {type.ToText()}s {(ofBucket ? "in the bucket" : "of the local store")}.");
        command.SetAction((parsed, cancel) => RunAsync(parsed, async (hg, log) =>
        {
            HgListing listing = ofBucket ? await hg.ListS3Async(type, cancel).ConfigureAwait(false)
                : new HgListing(hg.ListLocal(type), OnlyPublic: false);
            if (listing.OnlyPublic)
                log.Info("Only what is published can be seen: no credentials were found (HGLOC_AWS_ACCESS_KEY_ID, "
                    + "HGLOC_AWS_SECRET_ACCESS_KEY).");
            if (listing.Copies.Any(c => c.IdIsGuessed))
                log.Info("Ids with a '*' were read off folder names, where '/' is written '_'; they may be others.");
            return Table(type, listing.Copies);
        }, cancel));
        return command;
    }

    private Command Sync(RepoType type, params string[] names)
    {
        var what = new What(type, _args);
        Option<bool> publish = Publish();
        Command command = Named(names,
            $"Uploads a {type.ToText()} of the local store into the bucket. What is there is not sent again.");
        what.AddTo(command);
        command.Options.Add(publish);
        command.SetAction((parsed, cancel) => RunAsync(parsed, async (hg, _) =>
            Sent(await SyncAsync(hg, what.Read(parsed), parsed.GetValue(publish), cancel).ConfigureAwait(false)), cancel));
        return command;
    }

    private Command MakePublic(RepoType type, params string[] names)
    {
        var what = new What(type, _args);
        Command command = Named(names, $"Uploads a {type.ToText()} of the local store and makes it readable for "
            + $"everybody{(type == RepoType.Dataset ? "" : ": card and configuration")}.");
        what.AddTo(command);
        command.SetAction((parsed, cancel) => RunAsync(parsed,
            async (hg, _) => Sent(await hg.PublishAsync(what.Read(parsed), cancel).ConfigureAwait(false)), cancel));
        return command;
    }

    private Command SyncAllModels()
    {
        Option<bool> publish = Publish();
        var command =
            new Command("sync-all-local-models-to-s3", "Uploads every model of the local store into the bucket.") { publish };
        command.SetAction((parsed, cancel) => RunAsync(parsed, async (hg, log) =>
        {
            var lines = new List<string>();
            foreach (HgCopyInfo copy in hg.ListLocal(RepoType.Model).DistinctBy(c => (c.Id, c.Revision)))
            {
                if (copy.IdIsGuessed)
                    log.Info($"{copy.Id}: the id was read off its folder; sync-local-model-to-s3 takes the right one.");
                lines.Add(Sent(await SyncAsync(hg,
                    new RepoReference { RepoId = copy.Id, RepoType = copy.Type, Revision = copy.Revision },
                    parsed.GetValue(publish), cancel).ConfigureAwait(false)));
            }
            return string.Join('\n', lines);
        }, cancel));
        return command;
    }

    private Command Show(string name, string file, bool mayAskHub)
    {
        var what = new What(RepoType.Model, _args);
        Option<bool> askHub =
            new("--try-huggingface") { Description = "Ask Hugging Face where neither the local store nor the bucket has it." };
        var command = new Command(name, $"Prints the {(mayAskHub ? "card" : "configuration")} of a model.");
        what.AddTo(command);
        if (mayAskHub)
            command.Options.Add(askHub);
        command.SetAction((parsed, cancel) => RunAsync(parsed, async (hg, _) =>
        {
            RepoReference reference = what.Read(parsed) with { Files = CardAndConfig };
            HgLocalCopy copy = mayAskHub && parsed.GetValue(askHub)
                ? await hg.DownloadAsync(reference, upload: false, cancel).ConfigureAwait(false)
                : await hg.LoadAsync(reference, cancel).ConfigureAwait(false);
            string path = Path.Combine(copy.Directory, file);
            return File.Exists(path) ? (await File.ReadAllTextAsync(path, cancel).ConfigureAwait(false)).TrimEnd()
                : throw new HubException(WiseCodes.FileNotFound,
                    $"{reference.RepoId}: {copy.Directory} has no {file}; it has {string.Join(", ", copy.Files)}.");
        }, cancel));
        return command;
    }

    private static FileSelection CardAndConfig => new(["model_card.md", "config.json"], []);

    private static Option<bool> Publish() => new("--make-public")
    { Description = "Also make it readable for everybody: a dataset as an archive, of a model card and configuration." };

    private static Task<HgSyncResult> SyncAsync(
        HgLocalizationClient hg, RepoReference reference, bool isPublic, CancellationToken cancel) =>
        isPublic ? hg.PublishAsync(reference, cancel) : hg.SyncToS3Async(reference, cancel);

    private static Command Named(string[] names, string description)
    {
        var command = new Command(names[0], description);
        foreach (string alias in names.Skip(1))
            command.Aliases.Add(alias);
        return command;
    }

    private static string Sent(HgSyncResult result) =>
        $"{result.Copy.Id}: " + (result.FilesSent == 0 ? "the bucket has all of it"
            : string.Create(CultureInfo.InvariantCulture, $"sent {result.FilesSent} files, {result.BytesSent} bytes"));

    // The columns of the other tool, with its names for what is not given.
    private static string Table(RepoType type, IReadOnlyList<HgCopyInfo> copies)
    {
        string[][] rows = [.. copies.Select(c => (string[])
            [Failures.Printable(c.Id) + (c.IdIsGuessed ? "*" : ""),
                .. type == RepoType.Dataset ? [Failures.Printable(c.Config ?? "default_config")] : Array.Empty<string>(),
                Failures.Printable(c.Revision ?? "default_revision")])];
        string[] head = type == RepoType.Dataset ? ["Dataset ID", "Config", "Revision"] : ["Model ID", "Revision"];
        int[] widths = [.. head.Select((h, i) => rows.Select(r => r[i].Length).Append(h.Length).Max())];
        return string.Join('\n', rows.Prepend(head)
            .Select(r => string.Join("  ", r.Select((cell, i) => i == r.Length - 1 ? cell : cell.PadRight(widths[i])))));
    }

    private Task<int> RunAsync(
        ParseResult parsed, Func<HgLocalizationClient, IHubLog, Task<string>> act, CancellationToken cancel) =>
        RunAsync(parsed, null, act, cancel);

    private async Task<int> RunAsync(ParseResult parsed, Func<CancellationToken, Task>? ask,
        Func<HgLocalizationClient, IHubLog, Task<string>> act, CancellationToken cancel)
    {
        // Before the screen is the progress's.
        if (ask is not null)
            await ask(cancel).ConfigureAwait(false);
        var run = new CommandRun(cancel)
        {
            Waiting = TerminalLog.AskingHub,
            Options = log => CommandRun.InFolder(log) with { WorkingDirectory = Directory.GetCurrentDirectory() },
        };
        return await run.RunAsync((client, log) => act(client.HgLocalization(parsed.GetValue(_hub)), log), Console.Out.WriteLine)
            .ConfigureAwait(false);
    }

    /// <summary>Which copy is meant.</summary>
    private sealed class What
    {
        private readonly RepoType _type;
        private readonly Argument<string> _id;
        private readonly Option<string?> _config = new Option<string?>("--name", "-n")
        { Description = "The configuration of the dataset.", HelpName = "config" }.RefuseEmpty();
        private readonly Option<string?> _revision = new Option<string?>("--revision", "-r")
        { Description = "The revision, as it was written when the copy was made.", HelpName = "revision" }.RefuseEmpty();

        public What(RepoType type, string[] args)
        {
            _type = type;
            _id = new Argument<string>(type.ToText() + "-id") { Description = "owner/name, or one name." };
            Arguments.RefuseOptions(_id, args);
        }

        public void AddTo(Command command)
        {
            command.Arguments.Add(_id);
            if (_type == RepoType.Dataset)
                command.Options.Add(_config);
            command.Options.Add(_revision);
        }

        public RepoReference Read(ParseResult parsed) => new()
        {
            RepoId = parsed.GetValue(_id)!,
            RepoType = _type,
            Config = _type == RepoType.Dataset ? parsed.GetValue(_config) : null,
            Revision = parsed.GetValue(_revision),
        };
    }
}
