using System.CommandLine;
using WiseHub.Client;
using WiseHub.Tool.Commands;

namespace WiseHub.Tool.Protocols.HgLocalization;

/// <summary>
/// <c>wisehub hg …</c>: the commands of the tool hg_localization, in both of its spellings
/// (docs/protocols/hg-localization.md#what-its-commands-do).
/// </summary>
internal sealed class HgCommand : IProtocolCommand
{
    private const string CardFile = "model_card.md", ConfigFile = "config.json";

    private readonly Option<string?> _hub = new Option<string?>("--hub")
    { Description = HgMessages.Hub, HelpName = "name", Recursive = true }.RefuseEmpty();

    public IReadOnlyDictionary<string, CommandPage> Pages => HgMessages.Pages;

    public Command Create(string[] args) => new("hg", HgMessages.Group)
    {
        _hub,
        Download(args, RepoType.Dataset, "download-dataset", "download"),
        Download(args, RepoType.Model, "download-model"),
        List(RepoType.Dataset, ofBucket: false, "list-local-datasets", "list-local"),
        List(RepoType.Dataset, ofBucket: true, "list-s3-datasets", "list-s3"),
        List(RepoType.Model, ofBucket: false, "list-local-models"),
        List(RepoType.Model, ofBucket: true, "list-s3-models"),
        Sync(args, RepoType.Dataset, "sync-local-dataset-to-s3", "sync-local-to-s3"),
        Sync(args, RepoType.Model, "sync-local-model-to-s3"),
        SyncAllModels(),
        MakePublic(args, RepoType.Dataset, "make-dataset-public", "make-public"),
        MakePublic(args, RepoType.Model, "make-model-public"),
        ShowCard(args),
        ShowConfig(args),
    };

    private Command Download(string[] args, RepoType type, params string[] names)
    {
        var copyOptions = new CopyOptions(type, args);
        var noUpload = new Option<bool>("--no-s3-upload") { Description = HgMessages.NoUpload };
        Option<bool> publish = NewPublishOption();
        var trust = new Option<bool>("--trust-remote-code") { Description = HgMessages.TrustRemoteCode };
        var full = new Option<bool>("--full-model") { Description = HgMessages.FullModel };
        var yes = new Option<bool>("--yes") { Description = HgMessages.Yes };
        Command command = Named(names, type == RepoType.Dataset ? HgMessages.DownloadDataset : HgMessages.DownloadModel);
        copyOptions.AddTo(command);
        command.Options.Add(noUpload);
        command.Options.Add(publish);
        command.Options.Add(type == RepoType.Dataset ? trust : full);
        if (type == RepoType.Model)
            command.Options.Add(yes);
        command.SetAction((parsed, cancel) => RunAsync(parsed, !parsed.GetValue(full) || parsed.GetValue(yes) ? null
            : token => ConfirmAsync(copyOptions.Read(parsed).RepoId, token), async (hg, log) =>
            {
                if (parsed.GetValue(trust))
                    log.Info(HgMessages.TrustIgnored);
                RepoReference reference = copyOptions.Read(parsed);
                if (type == RepoType.Model && !parsed.GetValue(full))
                    reference = reference with { Files = CardAndConfig };
                HgLocalCopy copy = await hg.DownloadAsync(reference,
                    upload: !parsed.GetValue(noUpload), cancel).ConfigureAwait(false);
                if (parsed.GetValue(publish))
                    await hg.PublishAsync(reference with { Files = FileSelection.All }, cancel).ConfigureAwait(false);
                else if (copy.WasThere)
                    log.Info(HgMessages.AlreadyThere(type, reference.RepoId));
                return copy.Directory;
            }, cancel));
        return command;
    }

    // hg_localization asks, too (docs/protocols/hg-localization.md#what-its-commands-do): weights are often many gigabytes.
    private static async Task ConfirmAsync(string id, CancellationToken cancel)
    {
        if (!Prompt.IsPossible)
            throw HgMessages.ConfirmationNeeded(id);
        if (!await Prompt.ConfirmAsync(HgMessages.ConfirmFullModel(id), cancel).ConfigureAwait(false))
            throw HgMessages.NotConfirmed(id);
    }

    private Command List(RepoType type, bool ofBucket, params string[] names)
    {
        Command command = Named(names, HgMessages.List(type, ofBucket));
        command.SetAction((parsed, cancel) => RunAsync(parsed, async (hg, log) =>
        {
            HgListing listing = ofBucket ? await hg.ListS3Async(type, cancel).ConfigureAwait(false)
                : new HgListing(hg.ListLocal(type), OnlyPublic: false);
            if (listing.OnlyPublic)
                log.Info(HgMessages.OnlyPublic);
            if (listing.Copies.Any(c => c.IdIsGuessed))
                log.Info(HgMessages.GuessedIds);
            return Table(type, listing.Copies);
        }, cancel));
        return command;
    }

    private Command Sync(string[] args, RepoType type, params string[] names)
    {
        var copyOptions = new CopyOptions(type, args);
        Option<bool> publish = NewPublishOption();
        Command command = Named(names, HgMessages.Sync(type));
        copyOptions.AddTo(command);
        command.Options.Add(publish);
        command.SetAction((parsed, cancel) => RunAsync(parsed, async (hg, _) => HgMessages.Sent(
            await SyncAsync(hg, copyOptions.Read(parsed), parsed.GetValue(publish), cancel).ConfigureAwait(false)), cancel));
        return command;
    }

    private Command MakePublic(string[] args, RepoType type, params string[] names)
    {
        var copyOptions = new CopyOptions(type, args);
        Command command = Named(names, HgMessages.Publish(type));
        copyOptions.AddTo(command);
        command.SetAction((parsed, cancel) => RunAsync(parsed,
            async (hg, _) =>
                HgMessages.Sent(await hg.PublishAsync(copyOptions.Read(parsed), cancel).ConfigureAwait(false)), cancel));
        return command;
    }

    private Command SyncAllModels()
    {
        Option<bool> publish = NewPublishOption();
        var command = new Command("sync-all-local-models-to-s3", HgMessages.SyncAllModels) { publish };
        command.SetAction((parsed, cancel) => RunAsync(parsed, async (hg, log) =>
        {
            var lines = new List<string>();
            foreach (HgCopyInfo copy in hg.ListLocal(RepoType.Model).DistinctBy(c => (c.Id, c.Revision)))
            {
                if (copy.IdIsGuessed)
                    log.Info(HgMessages.GuessedId(copy.Id));
                lines.Add(HgMessages.Sent(await SyncAsync(hg,
                    new RepoReference { RepoId = copy.Id, RepoType = copy.Type, Revision = copy.Revision },
                    parsed.GetValue(publish), cancel).ConfigureAwait(false)));
            }
            return string.Join('\n', lines);
        }, cancel));
        return command;
    }

    private Command ShowCard(string[] args)
    {
        var askHub = new Option<bool>("--try-huggingface") { Description = HgMessages.TryHuggingFace };
        Command command = Show(args, "show-model-card", HgMessages.ShowCard, CardFile, askHub);
        command.Options.Add(askHub);
        return command;
    }

    private Command ShowConfig(string[] args) => Show(args, "show-model-config", HgMessages.ShowConfig, ConfigFile, askHub: null);

    private Command Show(string[] args, string name, string description, string file, Option<bool>? askHub)
    {
        var copyOptions = new CopyOptions(RepoType.Model, args);
        var command = new Command(name, description);
        copyOptions.AddTo(command);
        command.SetAction((parsed, cancel) => RunAsync(parsed, async (hg, _) =>
        {
            RepoReference reference = copyOptions.Read(parsed) with { Files = CardAndConfig };
            HgLocalCopy copy = askHub is not null && parsed.GetValue(askHub)
                ? await hg.DownloadAsync(reference, upload: false, cancel).ConfigureAwait(false)
                : await hg.LoadAsync(reference, cancel).ConfigureAwait(false);
            string path = Path.Combine(copy.Directory, file);
            return File.Exists(path) ? (await File.ReadAllTextAsync(path, cancel).ConfigureAwait(false)).TrimEnd()
                : throw HgMessages.NoSuchFile(reference, copy, file);
        }, cancel));
        return command;
    }

    private static FileSelection CardAndConfig => new([CardFile, ConfigFile], []);

    private static Option<bool> NewPublishOption() => new("--make-public") { Description = HgMessages.MakePublic };

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

    // The columns of hg_localization, with its names for omitted values.
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
        // Before the progress line takes the terminal.
        if (ask is not null)
            await ask(cancel).ConfigureAwait(false);
        var run = new CommandRun(cancel)
        {
            Waiting = ToolMessages.ContactingHub,
            Options = log => CommandRun.InFolder(log) with { WorkingDirectory = Directory.GetCurrentDirectory() },
        };
        return await run.RunAsync((client, log) => act(client.HgLocalization(parsed.GetValue(_hub)), log), Console.Out.WriteLine)
            .ConfigureAwait(false);
    }

    /// <summary>The argument and options that select one copy.</summary>
    private sealed class CopyOptions
    {
        private readonly RepoType _type;
        private readonly Argument<string> _id;
        private readonly Option<string?> _config = new Option<string?>("--name", "-n")
        { Description = HgMessages.Config, HelpName = "config" }.RefuseEmpty();
        private readonly Option<string?> _revision = new Option<string?>("--revision", "-r")
        { Description = HgMessages.Revision, HelpName = "revision" }.RefuseEmpty();

        public CopyOptions(RepoType type, string[] args)
        {
            _type = type;
            _id = new Argument<string>(type.ToText() + "-id") { Description = HgMessages.Id };
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
