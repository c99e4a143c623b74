using System.CommandLine;
using System.Text.Json;
using WiseHub.Client;

namespace WiseHub.Tool.Commands;

/// <summary>
/// <c>wisehub mirror pull|push|ls</c>: the command line as requests to the library, and their results as text or JSON.
/// </summary>
internal sealed class MirrorCommand
{
    private readonly Argument<string[]> _repos = new("repo-id or URL")
    { Description = ToolHelp.Repo, Arity = ArgumentArity.ZeroOrMore };
    private readonly Option<string?> _lock = Arguments.Text("--lock", "file", ToolHelp.MirrorLock);
    private readonly Option<string> _to = new Option<string>("--to")
    { Description = ToolHelp.MirrorTo, HelpName = "hub or file", Required = true }.RefuseEmpty();
    private readonly Option<string?> _hub = Arguments.Text("--hub", "name", ToolHelp.MirrorHub);
    private readonly Option<RepoType?> _type = Arguments.Type(ToolHelp.Type);
    private readonly Option<string?> _revision = Arguments.Text("--revision", "revision", ToolHelp.MirrorRevision);
    private readonly Option<string[]> _include = Arguments.Texts("--include", "pattern", ToolHelp.Include);
    private readonly Option<string[]> _exclude = Arguments.Texts("--exclude", "pattern", ToolHelp.Exclude);
    private readonly Option<string[]> _have = Arguments.Texts("--have", "file", ToolHelp.MirrorHave);
    private readonly Option<bool> _offline = new("--offline") { Description = ToolHelp.Offline };
    private readonly Option<bool> _json = CacheCommand.NewJsonOption();

    public static Command Create(string[] args) =>
        new("mirror", ToolHelp.Mirror)
        { CreatePull(args), CreatePush(args), CreateList(args) };

    private static Command CreatePull(string[] args)
    {
        var options = new MirrorCommand();
        Arguments.RefuseOptions(options._repos, args);
        var pull = new Command("pull", ToolHelp.MirrorPull)
        {
            options._repos, options._lock, options._to, options._hub, options._type, options._revision, options._include,
            options._exclude, options._have, options._offline, options._json,
        };
        pull.Validators.Add(result =>
        {
            if (result.GetResult(options._have) is { Tokens.Count: > 0 }
                && result.GetValue(options._to) is string to && !IsBundle(to))
                result.AddError(ToolMessages.HaveWithoutBundle);
        });
        pull.SetAction((parsed, cancel) => options.RunAsync(parsed, (client, token) =>
        {
            string to = parsed.GetValue(options._to)!;
            RepoReference[] references = options.References(client, parsed, parsed.GetValue(options._hub));
            string? lockFile = parsed.GetValue(options._lock) is string path
                ? Arguments.Resolve(path) : null;
            return IsBundle(to)
                ? client.Mirrors.ExportBundleAsync(new ExportBundleRequest
                {
                    References = references,
                    LockFilePath = lockFile,
                    BundlePath = to,
                    HavePaths = parsed.GetValue(options._have) ?? []
                }, token)
                : client.Mirrors.PushAsync(
                    new MirrorRequest { References = references, LockFilePath = lockFile, To = to }, token);
        }, cancel));
        return pull;
    }

    private static Command CreatePush(string[] args)
    {
        var options = new MirrorCommand();
        Arguments.RefuseOptions(options._repos, args);
        Option<string> from = new Option<string>("--from")
        { Description = ToolHelp.MirrorFrom, HelpName = "file or hub", Required = true }
            .RefuseEmpty();
        Option<string> to = new Option<string>("--to")
        { Description = ToolHelp.MirrorToHub, HelpName = "hub", Required = true }.RefuseEmpty();
        var push = new Command("push", ToolHelp.MirrorPush)
        {
            options._repos, from, to, options._type, options._revision, options._include, options._exclude, options._offline,
            options._json,
        };
        push.Validators.Add(result =>
        {
            if (result.GetValue(from) is string source && IsBundle(source) && result.GetValue(options._repos) is { Length: > 0 })
                result.AddError(ToolMessages.WholeBundle);
        });
        push.SetAction((parsed, cancel) => options.RunAsync(parsed, (client, token) =>
        {
            string source = parsed.GetValue(from)!, target = parsed.GetValue(to)!;
            if (!client.Mirrors.IsBundle(source))
                return client.Mirrors.PushAsync(
                    new MirrorRequest { References = options.References(client, parsed, source), To = target }, token);
            // Without .tar, only the configuration tells a file from a hub.
            return parsed.GetValue(options._repos) is { Length: > 0 } ? throw ToolMessages.RepoGivenWithBundle()
                : client.Mirrors.ImportBundleAsync(new ImportBundleRequest { BundlePath = source, To = target }, token);
        }, cancel));
        return push;
    }

    private static Command CreateList(string[] args)
    {
        var place = new Argument<string>("hub or file") { Description = ToolHelp.MirrorPlace };
        Arguments.RefuseOptions(place, args);
        var digests = new Option<bool>("--digests") { Description = ToolHelp.MirrorDigests };
        Option<bool> json = CacheCommand.NewJsonOption();
        var list = new Command("ls", ToolHelp.MirrorList) { place, digests, json };
        list.SetAction((parsed, cancel) => new CommandRun(cancel) { AsJson = parsed.GetValue(json) }
            .RunAsync((client, _) => client.Mirrors.ListAsync(parsed.GetValue(place)!, cancel),
                listing => Print(listing, parsed.GetValue(digests)), Write));
        return list;
    }

    private Task<int> RunAsync(
        ParseResult parsed, Func<HubClient, CancellationToken, Task<MirrorResult>> work, CancellationToken cancel)
    {
        var run = new CommandRun(cancel)
        {
            AsJson = parsed.GetValue(_json),
            Waiting = ToolMessages.ContactingHub,
            Options = log => CommandRun.InFolder(log) with { Offline = parsed.GetValue(_offline) },
        };
        return run.RunAsync((client, _) => work(client, cancel), Print, Write);
    }

    private RepoReference[] References(HubClient client, ParseResult parsed, string? hub) =>
        [.. (parsed.GetValue(_repos) ?? []).Select(text =>
        {
            RepoReference named = client.ParseReference(text);
            return named with
            {
                Hubs = hub is null ? named.Hubs : Arguments.Split([hub]),
                RepoType = parsed.GetValue(_type) ?? named.RepoType,
                Revision = parsed.GetValue(_revision) ?? named.Revision,
                Files = new FileSelection([.. named.Files.Allow, .. Arguments.Split(parsed.GetValue(_include))],
                    Arguments.Split(parsed.GetValue(_exclude))),
            };
        })];

    private static bool IsBundle(string path) => path.EndsWith(".tar", StringComparison.OrdinalIgnoreCase);

    private static void Print(MirrorResult result)
    {
        foreach (MirroredRevision commit in result.Commits)
            ConsoleText.Say($"{commit.Hub}  {Name(commit.RepoType, commit.RepoId)}  "
                + $"{commit.Commit}{(commit.Revision is null ? "" : $" ({commit.Revision})")}");
        string written = Amounts.Show(result.FilesWritten, result.BytesWritten);
        ConsoleText.Say(result.FilesLeftOut == 0 ? (Text)$"Wrote {written}."
            : (Text)$"Wrote {written}; left out {result.FilesLeftOut} that the destination has.");
    }

    private static void Print(MirrorListing listing, bool digests)
    {
        if (digests)
        {
            foreach (Digest digest in listing.Digests)
                ConsoleText.Say(digest.Hex);
            return;
        }
        foreach (MirrorCommit commit in listing.Commits)
        {
            ConsoleText.Say($"{Name(commit.RepoType, commit.RepoId)}  "
                + $"{commit.Commit}{(commit.Revisions.Count == 0 ? "" : $" ({string.Join(", ", commit.Revisions)})")}  "
                + $"{Amounts.Show(commit.Files, commit.Bytes)}"
                + (commit.Missing == 0 ? "" : Text.Of($", {commit.Missing} missing")));
        }
    }

    private static void Write(Utf8JsonWriter json, MirrorResult result)
    {
        JsonOutput.WriteList(json, "commits", result.Commits, commit =>
        {
            json.WriteString("hub", commit.Hub);
            json.WriteString("repoType", commit.RepoType.ToText());
            json.WriteString("repoId", commit.RepoId);
            json.WriteString("revision", commit.Revision);
            json.WriteString("commit", commit.Commit);
        });
        json.WriteNumber("filesWritten", result.FilesWritten);
        json.WriteNumber("bytesWritten", result.BytesWritten);
        json.WriteNumber("filesLeftOut", result.FilesLeftOut);
    }

    private static void Write(Utf8JsonWriter json, MirrorListing listing)
    {
        JsonOutput.WriteList(json, "commits", listing.Commits, commit =>
        {
            json.WriteString("repoType", commit.RepoType.ToText());
            json.WriteString("repoId", commit.RepoId);
            json.WriteString("commit", commit.Commit);
            JsonOutput.WriteStrings(json, "revisions", commit.Revisions);
            json.WriteNumber("files", commit.Files);
            json.WriteNumber("size", commit.Bytes);
            json.WriteNumber("missing", commit.Missing);
        });
        JsonOutput.WriteStrings(json, "digests", listing.Digests.Select(d => d.Hex));
    }

    private static string Name(RepoType type, string repoId) => type == RepoType.Model ? repoId : $"{type.ToText()} {repoId}";
}
