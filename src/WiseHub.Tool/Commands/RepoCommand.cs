using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using System.Text.Json;
using WiseHub.Client;

namespace WiseHub.Tool.Commands;

/// <summary>
/// <c>wisehub repo create|delete|list|files|info|url</c> and <c>wisehub search</c>: the command line as calls of the library.
/// </summary>
internal sealed class RepoCommand
{
    private const int ShownByDefault = 50;

    private readonly Argument<string> _repo = new("repo-id")
    { Description = ToolHelp.Repo };
    private readonly Option<string?> _hub = Arguments.Text("--hub", "name", ToolHelp.Hub);
    private readonly Option<RepoType?> _type = Arguments.Type(ToolHelp.Type);
    private readonly Option<string?> _revision = Arguments.Text("--revision", "revision", ToolHelp.Revision);
    private readonly Option<string?> _author = Arguments.Text("--author", "name", ToolHelp.Author);
    private readonly Option<string[]> _tag = Arguments.Texts("--tag", "tag", ToolHelp.Tag);
    private readonly Option<int> _limit = new("--limit")
    {
        Description = ToolHelp.Limit(ShownByDefault),
        HelpName = "number",
        DefaultValueFactory = _ => ShownByDefault
    };
    private readonly Option<bool> _json = CacheCommand.NewJsonOption();

    public static Command Create(string[] args) => new("repo", ToolHelp.RepoGroup)
    {
        CreateCreate(args), CreateDelete(args), CreateList(args, "list", ToolHelp.RepoList), CreateFiles(args),
        CreateInfo(args), CreateUrl(args),
    };

    /// <summary><c>wisehub search</c>: <c>repo list</c> with a text.</summary>
    public static Command CreateSearch(string[] args) =>
        CreateList(args, "search", ToolHelp.Search);

    private static Command CreateCreate(string[] args)
    {
        var options = new RepoCommand();
        Arguments.RefuseOptions(options._repo, args);
        var isPrivate = new Option<bool>("--private") { Description = ToolHelp.Private };
        var existOk = new Option<bool>("--exist-ok") { Description = ToolHelp.ExistOk };
        var command = new Command("create", ToolHelp.RepoCreate)
        {
            options._repo, options._hub, options._type, isPrivate, existOk, options._json,
        };
        command.SetAction((parsed, cancel) => options.RunAsync(parsed, (client, token) =>
        {
            RepoReference repo = options.Reference(client, parsed);
            return client.Repos.CreateAsync(new CreateRepoRequest
            {
                Hub = repo.Hubs.Count > 0 ? repo.Hubs[0] : null,
                RepoId = repo.RepoId,
                RepoType = repo.RepoType,
                Private = parsed.GetValue(isPrivate),
                ExistsIsFine = parsed.GetValue(existOk),
            }, token);
        }, made => ConsoleText.Say(made.Url?.AbsoluteUri ?? made.RepoId), (json, made) =>
        {
            json.WriteString("repoId", made.RepoId);
            json.WriteString("url", made.Url?.AbsoluteUri);
            json.WriteBoolean("created", made.IsNew);
        }, cancel));
        return command;
    }

    private static Command CreateDelete(string[] args)
    {
        var options = new RepoCommand();
        Arguments.RefuseOptions(options._repo, args);
        var yes = new Option<bool>("--yes") { Description = ToolHelp.DeleteYes };
        var command = new Command("delete", ToolHelp.RepoDelete)
        { options._repo, options._hub, options._type, yes, options._json };
        command.SetAction(async (parsed, cancel) =>
        {
            string name = parsed.GetValue(options._repo)!;
            if (!parsed.GetValue(yes))
            {
                if (parsed.GetValue(options._json) || !Prompt.IsPossible)
                {
                    Failures.Write(Console.Error, WiseCodes.WrongUsage, ToolMessages.DeletionNeedsYes);
                    return ExitCodes.Usage;
                }
                if (await Prompt.ReadAsync(ToolMessages.DeleteRepo(name), cancel).ConfigureAwait(false) != name)
                    return ExitCodes.Cancelled;
            }
            return await options.RunAsync(parsed, async (client, token) =>
            {
                RepoReference repo = options.Reference(client, parsed);
                await client.Repos.DeleteAsync(repo, token).ConfigureAwait(false);
                return repo;
            }, repo => ConsoleText.Say($"Deleted {repo}."),
                (json, repo) => json.WriteString("deleted", repo.RepoId), cancel).ConfigureAwait(false);
        });
        return command;
    }

    private static Command CreateList(string[] args, string name, string description)
    {
        var options = new RepoCommand();
        var text = new Argument<string?>("text") { Description = ToolHelp.SearchText, Arity = ArgumentArity.ZeroOrOne };
        Arguments.RefuseOptions(text, args);
        options._limit.Validators.Add(result =>
        {
            if (result.Tokens is [Token token]
                && !(int.TryParse(token.Value, NumberStyles.None, CultureInfo.InvariantCulture, out int limit) && limit >= 1))
                result.AddError(ToolMessages.WrongValue("--limit", token.Value, ToolMessages.LimitForm));
        });
        var command = new Command(name, description)
        { text, options._hub, options._type, options._author, options._tag, options._limit, options._json };
        command.SetAction((parsed, cancel) => options.RunAsync(parsed, async (client, token) =>
        {
            var query = new RepoQuery
            {
                Hub = parsed.GetValue(options._hub),
                RepoType = parsed.GetValue(options._type) ?? RepoType.Model,
                Text = parsed.GetValue(text),
                Author = parsed.GetValue(options._author),
                Tags = Arguments.Split(parsed.GetValue(options._tag)),
                Limit = parsed.GetValue(options._limit),
            };
            var found = new List<RepoSummary>();
            await foreach (RepoSummary repo in client.Repos.SearchAsync(query, token).ConfigureAwait(false))
                found.Add(repo);
            return found;
        }, found =>
        {
            foreach (RepoSummary repo in found)
            {
                ConsoleText.Say($"{repo.RepoId}{(repo.Private == true ? "  private" : "")}"
                    + (repo.LastModified is DateTimeOffset at
                        ? "  " + at.UtcDateTime.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture) : ""));
            }
        }, (json, found) => JsonOutput.WriteList(json, "repos", found, repo => Write(json, repo)), cancel));
        return command;
    }

    private static Command CreateFiles(string[] args)
    {
        var options = new RepoCommand();
        Arguments.RefuseOptions(options._repo, args);
        var command = new Command("files", ToolHelp.RepoFiles)
        { options._repo, options._hub, options._type, options._revision, options._json };
        command.SetAction((parsed, cancel) => options.RunAsync(parsed,
            (client, token) => client.Repos.ListFilesAsync(options.Reference(client, parsed), token), listing =>
            {
                foreach (TreeEntry file in listing.Files)
                    ConsoleText.Say($"{file.Path}{(file.Size is long size ? "  " + ByteSize.Show(size) : "")}");
            }, (json, listing) =>
            {
                json.WriteString("hub", listing.Hub);
                json.WriteString("commit", listing.Commit);
                JsonOutput.WriteList(json, "files", listing.Files, file =>
                {
                    JsonOutput.WriteFile(json, file.Path, file.Size, file.Sha256);
                    if (file.Oid is not null)
                        json.WriteString("oid", file.Oid);
                });
            }, cancel));
        return command;
    }

    private static Command CreateInfo(string[] args)
    {
        var options = new RepoCommand();
        Arguments.RefuseOptions(options._repo, args);
        var command = new Command("info", ToolHelp.RepoInfo)
        { options._repo, options._hub, options._type, options._json };
        command.SetAction((parsed, cancel) => options.RunAsync(parsed,
            (client, token) => client.Repos.GetAsync(options.Reference(client, parsed), token), repo =>
            {
                foreach ((string name, string? value) in Facts(repo))
                {
                    if (value is { Length: > 0 })
                        ConsoleText.Say($"{name}: {value}");
                }
            }, (json, repo) => Write(json, repo), cancel));
        return command;
    }

    private static Command CreateUrl(string[] args)
    {
        var options = new RepoCommand();
        Arguments.RefuseOptions(options._repo, args);
        var path = new Argument<string>("path") { Description = ToolHelp.RepoPath };
        Arguments.RefuseOptions(path, args);
        var command = new Command("url", ToolHelp.RepoUrl)
        { options._repo, path, options._hub, options._type, options._revision, options._json };
        command.SetAction((parsed, cancel) => options.RunAsync(parsed, (client, _) =>
        {
            RepoReference repo = options.Reference(client, parsed);
            return Task.FromResult(client.Repos.GetFileUrl(repo, parsed.GetValue(path)!)
                ?? throw ToolMessages.NoFileUrl(repo));
        }, url => ConsoleText.Say(url.AbsoluteUri), (json, url) => json.WriteString("url", url.AbsoluteUri), cancel));
        return command;
    }

    private RepoReference Reference(HubClient client, ParseResult parsed)
    {
        RepoReference named = client.ParseReference(parsed.GetValue(_repo)!);
        return named with
        {
            Hubs = parsed.GetValue(_hub) is string hub ? [hub] : named.Hubs,
            RepoType = parsed.GetValue(_type) ?? named.RepoType,
            Revision = (parsed.CommandResult.Command.Options.Contains(_revision) ? parsed.GetValue(_revision) : null)
                ?? named.Revision,
        };
    }

    private Task<int> RunAsync<T>(ParseResult parsed, Func<HubClient, CancellationToken, Task<T>> work, Action<T> print,
        Action<Utf8JsonWriter, T> write, CancellationToken cancel) =>
        new CommandRun(cancel) { AsJson = parsed.GetValue(_json) }.RunAsync((client, _) => work(client, cancel), print, write);

    private static IEnumerable<(string Name, string? Value)> Facts(RepoSummary repo) =>
    [
        ("repo", repo.RepoId), ("type", repo.RepoType.ToText()), ("commit", repo.Commit), ("private", Word(repo.Private)),
        ("gated", Word(repo.Gated)),
        ("modified", repo.LastModified?.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture)),
        ("downloads", repo.Downloads?.ToString(CultureInfo.InvariantCulture)),
        ("tags", string.Join(", ", repo.Tags)), ("page", repo.Url?.AbsoluteUri),
    ];

    private static string? Word(bool? value) => value is null ? null : value.Value ? "yes" : "no";

    private static void Write(Utf8JsonWriter json, RepoSummary repo)
    {
        json.WriteString("repoId", repo.RepoId);
        json.WriteString("repoType", repo.RepoType.ToText());
        json.WriteString("commit", repo.Commit);
        if (repo.Private is bool isPrivate)
            json.WriteBoolean("private", isPrivate);
        if (repo.Gated is bool isGated)
            json.WriteBoolean("gated", isGated);
        if (repo.LastModified is DateTimeOffset modified)
            json.WriteString("lastModified", modified.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture));
        if (repo.Downloads is long downloads)
            json.WriteNumber("downloads", downloads);
        JsonOutput.WriteStrings(json, "tags", repo.Tags);
        json.WriteString("url", repo.Url?.AbsoluteUri);
    }
}
