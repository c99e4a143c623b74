using System.CommandLine;
using System.CommandLine.Parsing;
using System.Text.Json;
using WiseHub.Client;

namespace WiseHub.Tool.Commands;

/// <summary><c>wisehub upload</c>: the command line as a <see cref="PushRequest"/>, and its result as text or JSON.</summary>
internal sealed class UploadCommand
{
    private readonly Argument<string> _path = new("path") { Description = "The folder or file to upload." };
    private readonly Argument<string> _repo = new("repo-id")
    { Description = "owner/name, or a name alone in the own namespace, on hubs that have such." };
    private readonly Option<string?> _hub = Arguments.Text("--hub", "name", "The hub; default is that of wisehub.json.");
    private readonly Option<RepoType?> _type = new("--type")
    { Description = "model (default), dataset, code or space.", HelpName = "type", CustomParser = Arguments.ReadType };
    private readonly Option<string?> _revision = Arguments.Text("--revision", "branch",
        "The branch; it is made if there is none. Default is main.");
    private readonly Option<string?> _pathInRepo = Arguments.Text("--path-in-repo", "path", "Where in the repo: "
        + "the folder that a folder's files come into, or the path of a file; with a '/' at the end, its folder.");
    private readonly Option<string[]> _include = Arguments.Texts("--include", "pattern",
        "Files to upload, as fnmatch patterns below the folder: '*' crosses '/'. Repeat it, or separate by ';'.");
    private readonly Option<string[]> _exclude = Arguments.Texts("--exclude", "pattern",
        "Files to leave out, as fnmatch patterns. .git and .cache/huggingface are always left out.");
    private readonly Option<string?> _message = Arguments.Text("--message", "text",
        $"What the commit is about; default is '{DefaultMessage}'.");
    private readonly Option<bool> _create = new("--create") { Description = "Make the repo if there is none." };
    private readonly Option<bool> _private = new("--private") { Description = "A repo that --create makes is private." };
    private readonly Option<bool> _prune = new("--prune") { Description = "Delete in the repo what is not uploaded now." };
    private readonly Option<bool> _dryRun = new("--dry-run") { Description = "Print what would be done, and do nothing." };
    private readonly Option<int?> _workers = Arguments.Number("--workers", "number", 1, 64, "number",
        "Contents sent at once, 1 to 64; default 4.");
    private readonly Option<long?> _chunkSize = new("--chunk-size")
    {
        Description = "The size of one piece, as 5MiB, on hubs that take files in pieces of any size; 64KiB to 1GiB. "
            + "Another one than before starts a file over. Default is 5MiB.",
        HelpName = "size",
        CustomParser = ReadSize,
    };
    private readonly Option<int?> _retries = Arguments.Number("--retries", "number", 1, 100, "number",
        "Tries of one request, 1 to 100; default 8, or what wisehub.json says for the hub.");
    private readonly Option<int?> _timeout = Arguments.Number("--timeout", "seconds", 1, 86400, "number of seconds",
        "Seconds of silence after which a hub counts as stalled; default 15.");
    private readonly Option<bool> _useGit = new("--use-git") { Description = "Commit and push with the local git." };
    private readonly Option<bool> _force = new("--force")
    { Description = "Read every file again and begin uploads that were broken off anew." };
    private readonly Option<bool> _json = new("--json")
    { Description = "Standard output is one JSON object, and there is no progress." };

    private static string DefaultMessage => new PushRequest { RepoId = "", Files = [] }.Message;

    public static Command Create(string[] args)
    {
        var options = new UploadCommand();
        Arguments.RefuseOptions(options._path, args);
        Arguments.RefuseOptions(options._repo, args);
        var command = new Command("upload", "Uploads a folder or a file as one commit; what the hub has already is not sent. "
            + "The last line of standard output is the URL of the commit, or the commit where the hub has no pages. "
            + "A token is read from WISEHUB_TOKEN_<HUB>.")
        {
            options._path, options._repo, options._hub, options._type, options._revision, options._pathInRepo, options._include,
            options._exclude, options._message, options._create, options._private,
            options._prune, options._dryRun, options._workers, options._chunkSize, options._retries, options._timeout,
            options._useGit, options._force, options._json,
        };
        command.Validators.Add(result =>
        {
            if (result.GetValue(options._private) && !result.GetValue(options._create))
                result.AddError("--private says how --create makes a repo, and changes none that is there. Write both.");
        });
        command.SetAction(options.RunAsync);
        return command;
    }

    private Task<int> RunAsync(ParseResult parsed, CancellationToken cancel)
    {
        bool asJson = parsed.GetValue(_json);
        // The plan of a dry run is what was asked for, and there is nothing to show progress of.
        bool isPlan = parsed.GetValue(_dryRun) && !asJson;
        var run = new CommandRun(cancel)
        {
            AsJson = asJson,
            Waiting = isPlan ? null : "reading the files …",
            TokenOf = isPlan ? null : client => HubOf(parsed, client),
            Options = log => Options(parsed, log),
            Messages = isPlan ? Console.Out : Console.Error,
        };
        return run.RunAsync(async (client, _) =>
            (Result: await client.PushAsync(Request(parsed, client), cancel).ConfigureAwait(false), Hub: HubOf(parsed, client)),
            done =>
        {
            if (!isPlan)
                Console.Out.WriteLine((done.Result.PullRequestUrl ?? done.Result.Url)?.AbsoluteUri ?? done.Result.Commit);
        }, (json, done) => Write(json, parsed, done.Result, done.Hub));
    }

    private PushRequest Request(ParseResult parsed, HubClient client)
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
        result.AddError($"--chunk-size is '{text}'; it must be 64KiB to 1GiB, with its unit, such as 5MiB.");
        return null;
    }
}
