using System.CommandLine;
using System.CommandLine.Parsing;
using System.Text.Json;
using WiseHub.Client;

namespace WiseHub.Tool.Commands;

/// <summary>
/// <c>wisehub download</c>: the command line as a <see cref="DownloadRequest"/>, and its result as text or JSON.
/// </summary>
internal sealed class DownloadCommand
{
    private readonly Argument<string> _repo = new("repo-id or URL")
    { Description = ToolHelp.RepoOrUrl };
    private readonly Argument<string[]> _paths = new("path")
    { Description = ToolHelp.DownloadPaths, Arity = ArgumentArity.ZeroOrMore };
    private readonly Option<string?> _hub = Arguments.Text("--hub", "name", ToolHelp.DownloadHub);
    private readonly Option<RepoType?> _type = Arguments.Type(ToolHelp.Type);
    private readonly Option<string?> _revision = Arguments.Text("--revision", "revision", ToolHelp.DownloadRevision);
    private readonly Option<string?> _config = Arguments.Text("--config", "name", ToolHelp.DatasetConfig);
    private readonly Option<string[]> _include = Arguments.Texts("--include", "pattern", ToolHelp.Include);
    private readonly Option<string[]> _exclude = Arguments.Texts("--exclude", "pattern", ToolHelp.Exclude);
    private readonly Option<string?> _localDirectory = Arguments.Text("--local-dir", "folder", ToolHelp.LocalDirectory);
    private readonly Option<Digest?> _sha256 = new("--sha256")
    { Description = ToolHelp.Sha256, HelpName = "hex", CustomParser = ReadDigest };
    private readonly Option<bool> _unpack = new("--unpack") { Description = ToolHelp.Unpack };
    private readonly Option<bool> _force = new("--force") { Description = ToolHelp.ForceDownload };
    private readonly Option<bool> _offline = new("--offline") { Description = ToolHelp.Offline };
    private readonly Option<bool> _noMirrorWrite = new("--no-mirror-write") { Description = ToolHelp.NoMirrorWrite };
    private readonly Option<int?> _timeout = Arguments.Number("--timeout", "seconds", 1, 86400, isSeconds: true,
        ToolHelp.Timeout);
    private readonly Option<int?> _connections = Arguments.Number("--connections", "number", 1, 8, isSeconds: false,
        ToolHelp.Connections);
    private readonly Option<bool> _useGit = new("--use-git") { Description = ToolHelp.UseGitToDownload };
    private readonly Option<bool> _dryRun = new("--dry-run") { Description = ToolHelp.DownloadDryRun };
    private readonly Option<bool> _json = CacheCommand.NewJsonOption();

    public static Command Create(string[] args)
    {
        var options = new DownloadCommand();
        Arguments.RefuseOptions(options._repo, args);
        Arguments.RefuseOptions(options._paths, args);
        var command = new Command("download", ToolHelp.Download)
        {
            options._repo, options._paths, options._hub, options._type, options._revision, options._config, options._include,
            options._exclude, options._localDirectory, options._sha256, options._unpack, options._force, options._offline,
            options._noMirrorWrite, options._connections, options._timeout, options._useGit, options._dryRun,
            options._json,
        };
        command.SetAction(options.RunAsync);
        return command;
    }

    private Task<int> RunAsync(ParseResult parsed, CancellationToken cancel)
    {
        var run = new CommandRun(cancel)
        {
            AsJson = parsed.GetValue(_json),
            Waiting = ToolMessages.ContactingHub,
            TokenOf = client => Reference(parsed, client).Hubs is [string first, ..] ? first : client.DefaultHub,
            Options = log => Options(parsed, log),
        };
        DownloadRequest Request(HubClient client) => new()
        {
            Reference = Reference(parsed, client),
            Force = parsed.GetValue(_force),
            LocalDirectory = parsed.GetValue(_localDirectory),
        };
        return parsed.GetValue(_dryRun)
            ? run.RunAsync((client, _) => client.PlanDownloadAsync(Request(client), cancel), Print, Write)
            : run.RunAsync((client, _) => client.DownloadAsync(Request(client), cancel),
                result => Console.Out.WriteLine(result.Path), Write);
    }

    private static void Print(DownloadPlan plan)
    {
        foreach (PlannedFile file in plan.Files)
        {
            string size = file.Size is long bytes ? ByteSize.Show(bytes) : ToolMessages.UnknownSize;
            Console.Out.WriteLine(Failures.Printable($"{(file.IsInCache ? "in cache" : "download"),-8}  {size,8}  {file.Path}"));
        }
        Console.Out.WriteLine(Failures.Printable(ToolMessages.WouldDownload(plan)));
    }

    private static void Write(Utf8JsonWriter json, DownloadPlan plan)
    {
        json.WriteBoolean("dryRun", true);
        json.WriteString("repoId", plan.Reference.RepoId);
        json.WriteString("repoType", plan.Reference.RepoType.ToText());
        json.WriteString("hub", plan.Hub);
        json.WriteString("revision", plan.Reference.Revision);
        json.WriteString("commit", plan.Commit);
        JsonOutput.WriteList(json, "files", plan.Files, file =>
        {
            JsonOutput.WriteFile(json, file.Path, file.Size, file.Sha256);
            json.WriteBoolean("inCache", file.IsInCache);
        });
        json.WriteNumber("filesToDownload", plan.FilesToFetch);
        json.WriteNumber("bytesToDownload", plan.BytesToFetch);
    }

    private RepoReference Reference(ParseResult parsed, HubClient client) =>
        Refine(client.ParseReference(parsed.GetValue(_repo)!, parsed.GetValue(_unpack)), parsed);

    private HubClientOptions Options(ParseResult parsed, IHubLog? log) => CommandRun.InFolder(log) with
    {
        Offline = parsed.GetValue(_offline),
        MirrorWrite = !parsed.GetValue(_noMirrorWrite),
        ConnectionsPerFile = parsed.GetValue(_connections) ?? new HubClientOptions().ConnectionsPerFile,
        StallTimeout = parsed.GetValue(_timeout) is int seconds ? TimeSpan.FromSeconds(seconds) : null,
        UseGit = parsed.GetValue(_useGit),
    };

    /// <summary>The reference of an id or URL, refined by the options.</summary>
    private RepoReference Refine(RepoReference named, ParseResult parsed)
    {
        string[] paths = parsed.GetValue(_paths) ?? [];
        string? revision = parsed.GetValue(_revision), hubs = parsed.GetValue(_hub);
        if (revision is not null && named.Revision is not null && named.Revision != revision)
            throw ToolMessages.TwoRevisions(named.Revision, revision);
        return named with
        {
            Hubs = hubs is null ? named.Hubs : Arguments.Split([hubs]),
            RepoType = parsed.GetValue(_type) ?? named.RepoType,
            Revision = revision ?? named.Revision,
            Config = parsed.GetValue(_config),
            Files = new FileSelection([.. named.Files.Allow, .. paths.Select(FileSelection.Literal),
                .. Arguments.Split(parsed.GetValue(_include))], Arguments.Split(parsed.GetValue(_exclude))),
            Sha256 = parsed.GetValue(_sha256),
            RequiredPaths = [.. named.RequiredPaths.Concat(paths).Distinct(StringComparer.Ordinal)],
        };
    }

    private static void Write(Utf8JsonWriter json, DownloadResult result)
    {
        Snapshot snapshot = result.Snapshot;
        json.WriteString("path", result.Path);
        json.WriteString("repoId", snapshot.Reference.RepoId);
        json.WriteString("repoType", snapshot.Reference.RepoType.ToText());
        json.WriteString("hub", snapshot.Hub);
        json.WriteString("revision", snapshot.Reference.Revision);
        if (snapshot.Reference.Config is string config)
            json.WriteString("config", config);
        json.WriteString("commit", snapshot.Commit);
        JsonOutput.WriteList(
            json, "files", snapshot.Files, file => JsonOutput.WriteFile(json, file.Path, file.Size, file.Sha256));
        json.WriteNumber("filesTransferred", result.FilesTransferred);
        json.WriteNumber("bytesTransferred", result.BytesTransferred);
    }

    private static Digest? ReadDigest(ArgumentResult result)
    {
        if (Digest.TryParse(result.Tokens[^1].Value, out Digest digest))
            return digest;
        result.AddError(ToolMessages.WrongDigest);
        return null;
    }
}
