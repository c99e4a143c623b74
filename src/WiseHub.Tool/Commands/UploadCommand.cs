using System.CommandLine;
using System.CommandLine.Parsing;
using System.Text.Json;
using WiseHub.Client;

namespace WiseHub.Tool.Commands;

/// <summary><c>wisehub upload</c>: the command line as a <see cref="PushRequest"/>, and its result as text or JSON.</summary>
internal sealed class UploadCommand
{
    private readonly Argument<string> _path = new("path") { Description = ToolHelp.UploadPath };
    private readonly Argument<string> _repo = new("repo-id") { Description = ToolHelp.UploadRepo };
    private readonly Option<string?> _hub = Arguments.Text("--hub", "name", ToolHelp.UploadHub);
    private readonly Option<RepoType?> _type = Arguments.Type(ToolHelp.Type);
    private readonly Option<string?> _revision = Arguments.Text("--revision", "branch", ToolHelp.UploadBranch);
    private readonly Option<string?> _pathInRepo = Arguments.Text("--path-in-repo", "path", ToolHelp.PathInRepo);
    private readonly Option<string[]> _include = Arguments.Texts("--include", "pattern", ToolHelp.UploadInclude);
    private readonly Option<string[]> _exclude = Arguments.Texts("--exclude", "pattern", ToolHelp.UploadExclude);
    private readonly Option<string?> _message = Arguments.Text("--message", "text",
        ToolHelp.CommitMessage(new PushRequest { RepoId = "", Files = [] }.Message));
    private readonly Option<bool> _create = new("--create") { Description = ToolHelp.CreateMissing };
    private readonly Option<bool> _private = new("--private") { Description = ToolHelp.CreatePrivate };
    private readonly Option<bool> _prune = new("--prune") { Description = ToolHelp.PruneRepo };
    private readonly SigningOptions _signing = new(Arguments.Text("--sign-key", "file", SignHelp.PushKey),
        Arguments.Text("--sign-chain", "file", SignHelp.Certificates));
    private readonly Option<bool> _dryRun = new("--dry-run") { Description = ToolHelp.UploadDryRun };
    private readonly Option<int?> _workers = Arguments.Number("--workers", "number", 1, 64, isSeconds: false, ToolHelp.Workers);
    private readonly Option<long?> _chunkSize = new("--chunk-size")
    { Description = ToolHelp.ChunkSize, HelpName = "size", CustomParser = ReadSize };
    private readonly Option<int?> _retries = Arguments.Number("--retries", "number", 1, 100, isSeconds: false, ToolHelp.Retries);
    private readonly Option<int?> _timeout = Arguments.Number("--timeout", "seconds", 1, 86400, isSeconds: true,
        ToolHelp.Timeout);
    private readonly Option<bool> _useGit = new("--use-git") { Description = ToolHelp.UseGitToUpload };
    private readonly Option<bool> _force = new("--force") { Description = ToolHelp.ForceUpload };
    private readonly Option<bool> _json = CacheCommand.NewJsonOption();

    public static Command Create(string[] args)
    {
        var options = new UploadCommand();
        Arguments.RefuseOptions(options._path, args);
        Arguments.RefuseOptions(options._repo, args);
        var command = new Command("upload", ToolHelp.Upload)
        {
            options._path, options._repo, options._hub, options._type, options._revision, options._pathInRepo, options._include,
            options._exclude, options._message, options._create, options._private,
            options._prune, options._signing.Key, options._signing.Certificates, options._dryRun, options._workers,
            options._chunkSize, options._retries, options._timeout,
            options._useGit, options._force, options._json,
        };
        command.Validators.Add(result =>
        {
            if (result.GetValue(options._private) && !result.GetValue(options._create))
                result.AddError(ToolMessages.PrivateWithoutCreate);
        });
        command.SetAction(options.RunAsync);
        return command;
    }

    private Task<int> RunAsync(ParseResult parsed, CancellationToken cancel)
    {
        bool asJson = parsed.GetValue(_json);
        // The plan of a dry run is the result, so it goes to standard output. There is no progress to show.
        bool isPlan = parsed.GetValue(_dryRun) && !asJson;
        var run = new CommandRun(cancel)
        {
            AsJson = asJson,
            Waiting = isPlan ? null : ToolMessages.ReadingFiles,
            TokenOf = isPlan ? null : client => HubOf(parsed, client),
            Options = log => Options(parsed, log),
            Messages = isPlan ? Console.Out : Console.Error,
        };
        return run.RunAsync(async (client, _) =>
            (Result: await client.PushAsync(Request(parsed, client, cancel), cancel).ConfigureAwait(false),
                Hub: HubOf(parsed, client)),
            done =>
        {
            if (!isPlan)
                Console.Out.WriteLine((done.Result.PullRequestUrl ?? done.Result.Url)?.AbsoluteUri ?? done.Result.Commit);
        }, (json, done) => Write(json, parsed, done.Result, done.Hub));
    }

    private PushRequest Request(ParseResult parsed, HubClient client, CancellationToken cancel)
    {
        string path = parsed.GetValue(_path)!;
        var selection = new FileSelection(Arguments.Split(parsed.GetValue(_include)), Arguments.Split(parsed.GetValue(_exclude)));
        var defaults = new PushRequest
        {
            RepoId = parsed.GetValue(_repo)!,
            Files = PushSet.From(path, parsed.GetValue(_pathInRepo) ?? "", selection)
        };
        return defaults with
        {
            Hub = parsed.GetValue(_hub),
            RepoType = parsed.GetValue(_type) ?? defaults.RepoType,
            Revision = parsed.GetValue(_revision) ?? defaults.Revision,
            Message = parsed.GetValue(_message) ?? defaults.Message,
            CreateRepo = parsed.GetValue(_create),
            Private = parsed.GetValue(_private),
            Prune = parsed.GetValue(_prune),
            SignKey = _signing.Read(parsed, cancel),
            DryRun = parsed.GetValue(_dryRun),
            Force = parsed.GetValue(_force),
            Workers = parsed.GetValue(_workers) ?? defaults.Workers,
            ChunkSize = parsed.GetValue(_chunkSize),
            MemoryFile = client.PushMemoryFile(path),
        };
    }

    private HubClientOptions Options(ParseResult parsed, IHubLog? log) => CommandRun.InFolder(log) with
    {
        Retries = parsed.GetValue(_retries),
        StallTimeout = parsed.GetValue(_timeout) is int seconds ? TimeSpan.FromSeconds(seconds) : null,
        UseGit = parsed.GetValue(_useGit),
    };

    private string HubOf(ParseResult parsed, HubClient client) => parsed.GetValue(_hub) ?? client.DefaultHub;

    private void Write(Utf8JsonWriter json, ParseResult parsed, PushResult result, string hub)
    {
        json.WriteString("repoId", parsed.GetValue(_repo));
        json.WriteString("repoType", (parsed.GetValue(_type) ?? RepoType.Model).ToText());
        json.WriteString("hub", hub);
        json.WriteString("commit", result.Commit.Length > 0 ? result.Commit : null);
        json.WriteString("url", result.Url?.AbsoluteUri);
        json.WriteBoolean("changed", result.Changed);
        json.WriteBoolean("dryRun", parsed.GetValue(_dryRun));
        JsonOutput.WriteList(json, "steps", result.Steps, step =>
        {
            json.WriteString("path", step.PathInRepo);
            json.WriteString("action", Word(step.Action));
            if (step.Size is long size)
                json.WriteNumber("size", size);
        });
        json.WriteNumber("filesSent", result.FilesSent);
        json.WriteNumber("bytesSent", result.BytesSent);
    }

    private static string Word(PushAction action) => action switch
    {
        PushAction.Keep => "keep",
        PushAction.Add => "add",
        PushAction.Change => "change",
        _ => "delete",
    };

    private static long? ReadSize(ArgumentResult result)
    {
        string text = result.Tokens[^1].Value;
        if (Amounts.ReadSize(text) is long size and >= 64 << 10 and <= 1 << 30)
            return size;
        result.AddError(ToolMessages.WrongValue("--chunk-size", text, ToolMessages.ChunkSizeForm));
        return null;
    }
}
