using System.CommandLine;
using System.CommandLine.Parsing;
using System.Text.Json;
using WiseHub.Client;
using WiseHub.EntryHost;

namespace WiseHub.Tool.Commands;

/// <summary><c>wisehub entries list|help|import|load</c>: the entries in the <c>hubconf</c> files of a repo.</summary>
internal sealed class EntriesCommand
{
    private static readonly TimeSpan DefaultTimeLimit = TimeSpan.FromMinutes(10);

    private readonly Argument<string> _repo = new("repo-id")
    { Description = ToolHelp.Repo };
    private readonly Argument<string> _entry = new("entry") { Description = ToolHelp.EntryName };
    private readonly Argument<string[]> _arguments = new("name=value")
    { Description = ToolHelp.EntryArguments, Arity = ArgumentArity.ZeroOrMore };
    private readonly Option<string?> _hub = Arguments.Text("--hub", "name", ToolHelp.EntryHub);
    private readonly Option<RepoType?> _type = Arguments.Type(ToolHelp.Type);
    private readonly Option<string?> _revision = Arguments.Text("--revision", "revision", ToolHelp.Revision);
    private readonly Option<string?> _entryFile = Arguments.Text("--entry-file", "path", ToolHelp.EntryFile);
    private readonly Option<bool> _cached = new("--cached") { Description = ToolHelp.Cached };
    private readonly Option<bool> _trust = new("--trust") { Description = ToolHelp.Trust };
    private readonly Option<int?> _timeLimit =
        Arguments.Number("--time-limit", "seconds", 1, 86400, isSeconds: true, ToolHelp.TimeLimit);
    private readonly Option<bool> _json = CacheCommand.NewJsonOption();

    public static Command Create(string[] args) =>
        new("entries", ToolHelp.Entries)
        {
            New(args, "list", ToolHelp.EntriesList, (c, command) => command.SetAction(c.ListAsync)),
            New(args, "help", ToolHelp.EntriesHelp, (c, command) =>
            {
                command.Add(c._entry);
                command.SetAction(c.HelpAsync);
            }),
            New(args, "import", ToolHelp.EntriesImport, (c, command) =>
            {
                command.Add(c._trust);
                command.Add(c._timeLimit);
                command.SetAction(c.ImportAsync);
            }),
            New(args, "load", ToolHelp.EntriesLoad, (c, command) =>
            {
                command.Add(c._entry);
                command.Add(c._arguments);
                command.Add(c._trust);
                command.Add(c._timeLimit);
                command.SetAction(c.LoadAsync);
            }),
        };

    private static Command New(string[] args, string name, string description, Action<EntriesCommand, Command> more)
    {
        var options = new EntriesCommand();
        Arguments.RefuseOptions(options._repo, args);
        Arguments.RefuseOptions(options._entry, args);
        Arguments.RefuseOptions(options._arguments, args);
        options._arguments.Validators.Add(result =>
        {
            foreach (Token token in result.Tokens.Where(t => t.Value.IndexOf('=', StringComparison.Ordinal) < 1))
                result.AddError(ToolMessages.EntryArgumentForm(token.Value));
        });
        var command = new Command(name, description) { options._repo };
        more(options, command);
        foreach (Option option in (Option[])[options._hub, options._type, options._revision, options._entryFile,
            options._cached, options._json])
            command.Add(option);
        return command;
    }

    private Task<int> ListAsync(ParseResult parsed, CancellationToken cancel) => RunAsync(parsed, async (client, _, request) =>
    {
        EntryList list = await client.Entries.ListAsync(request, cancel).ConfigureAwait(false);
        return new Answer([.. list.Entries.Select(Line)], json =>
        {
            json.WriteString("commit", list.Commit);
            JsonOutput.WriteStrings(json, "files", list.Files);
            JsonOutput.WriteList(json, "entries", list.Entries, entry => Write(json, entry));
        });
    }, cancel);

    private Task<int> HelpAsync(ParseResult parsed, CancellationToken cancel) => RunAsync(parsed, async (client, _, request) =>
    {
        HubEntry entry = await client.Entries.HelpAsync(request, parsed.GetValue(_entry)!, cancel).ConfigureAwait(false);
        return new Answer(Explain(entry), json => Write(json, entry));
    }, cancel);

    private Task<int> ImportAsync(ParseResult parsed, CancellationToken cancel) => RunAsync(parsed, async (client, log, source) =>
    {
        FetchedEntries fetched = await client.Entries.FetchAsync(source, trust: Trust(parsed), cancel: cancel)
            .ConfigureAwait(false);
        EntryHostResponse response =
            await RunCodeAsync(parsed, Describe(source, fetched.Code!), log, cancel).ConfigureAwait(false);
        return new Answer([.. fetched.Entries.Select(Line), response.Assembly!], json =>
        {
            json.WriteString("assembly", response.Assembly);
            JsonOutput.WriteList(json, "entries", fetched.Entries, entry => Write(json, entry));
        });
    }, cancel);

    private Task<int> LoadAsync(ParseResult parsed, CancellationToken cancel) => RunAsync(parsed, async (client, log, source) =>
    {
        Dictionary<string, string> arguments = new(StringComparer.Ordinal);
        foreach (string[] pair in (parsed.GetValue(_arguments) ?? []).Select(a => a.Split('=', 2)))
        {
            if (!arguments.TryAdd(pair[0], pair[1]))
                throw ToolMessages.ArgumentGivenTwice(pair[0]);
        }
        FetchedEntries fetched = await client.Entries.FetchAsync(source, parsed.GetValue(_entry)!, arguments.Keys,
            Trust(parsed), cancel).ConfigureAwait(false);
        string name = fetched.Entries[0].Name;
        string? value = null;
        if (fetched.Code is FetchedCode code)
        {
            value = (await RunCodeAsync(parsed, Describe(source, code) with { Entry = name, Arguments = arguments }, log, cancel)
                .ConfigureAwait(false)).Value;
        }
        return new Answer([value ?? fetched.Directory], json =>
        {
            json.WriteString("entry", name);
            json.WriteString("commit", fetched.Commit);
            json.WriteString("path", fetched.Directory);
            json.WriteString("value", value);
        });
    }, cancel);

    private static EntryHostRequest Describe(EntryRequest source, FetchedCode code) => new()
    {
        Repo = source.Reference.ToString(),
        Path = code.Path,
        Sha256 = code.Sha256.Hex,
        Dependencies = code.Dependencies,
        Arguments = new Dictionary<string, string>(),
    };

    private Task<EntryHostResponse> RunCodeAsync(
        ParseResult parsed, EntryHostRequest request, IHubLog log, CancellationToken cancel) =>
        new EntryProcess(Environment.GetEnvironmentVariable, log, Console.Error).RunAsync(request,
            parsed.GetValue(_timeLimit) is int seconds ? TimeSpan.FromSeconds(seconds) : DefaultTimeLimit, cancel);

    private EntryTrust Trust(ParseResult parsed) => parsed.GetValue(_trust) ? EntryTrust.RunCode : EntryTrust.None;

    /// <summary>The result of a command, as text and as JSON.</summary>
    private sealed record Answer(IReadOnlyList<string> Lines, Action<Utf8JsonWriter> Write);

    private Task<int> RunAsync(ParseResult parsed, Func<HubClient, IHubLog, EntryRequest, Task<Answer>> work,
        CancellationToken cancel)
    {
        var run = new CommandRun(cancel)
        {
            AsJson = parsed.GetValue(_json),
            // These commands have no --exclude for messages to name.
            Options = log => CommandRun.InFolder(log) with { ExcludeOption = new HubClientOptions().ExcludeOption },
        };
        return run.RunAsync((client, log) => work(client, log, Request(client, parsed)), answer =>
        {
            foreach (string line in answer.Lines)
                Console.Out.WriteLine(Failures.Printable(line));
        }, (json, answer) => answer.Write(json));
    }

    private EntryRequest Request(HubClient client, ParseResult parsed)
    {
        RepoReference named = client.ParseReference(parsed.GetValue(_repo)!);
        string? revision = parsed.GetValue(_revision);
        if (revision is not null && named.Revision is not null && named.Revision != revision)
            throw ToolMessages.TwoRevisions(named.Revision, revision);
        return new EntryRequest
        {
            Reference = named with
            {
                Hubs = parsed.GetValue(_hub) is string hubs
                    ? hubs.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) : named.Hubs,
                RepoType = parsed.GetValue(_type) ?? named.RepoType,
                Revision = revision ?? named.Revision,
            },
            EntryFile = parsed.GetValue(_entryFile),
            Cached = parsed.GetValue(_cached),
        };
    }

    private static string Line(HubEntry entry) => $"{entry.Name}{(entry.Summary is null ? "" : "  " + entry.Summary)}";

    private static List<string> Explain(HubEntry entry)
    {
        var lines = new List<string> { $"{entry.Name}({string.Join(", ", entry.Parameters.Select(Declare))})" };
        void Say(string? text)
        {
            if (!string.IsNullOrEmpty(text))
                lines.Add("  " + text);
        }
        Say(entry.Summary);
        foreach (EntryParameter parameter in entry.Parameters.Where(p => p.Summary is not null))
            Say($"{parameter.Name}: {parameter.Summary}");
        Say(entry.Returns is null ? null : (Text)$"returns: {entry.Returns}");
        Say(entry.Files.Count == 0 ? null : (Text)$"files: {string.Join(", ", entry.Files)}");
        Say(entry.Dependencies.Count == 0 ? null : (Text)$"depends on: {string.Join(", ", entry.Dependencies)}");
        Say(entry.PretrainedUrl is null ? null : (Text)$"pretrained: {entry.PretrainedUrl}");
        Say(entry.Kind != EntryKind.Python ? null
            : entry.Module is null ? (Text)$"Python: read, never run" : (Text)$"Python in {entry.Module}: read, never run");
        return lines;
    }

    private static string Declare(EntryParameter parameter) =>
        $"{parameter.Type} {parameter.Name}".TrimStart()
        + (parameter.Default is not null ? $" = {parameter.Default}" : parameter.IsOptional ? " = …" : "");

    private static void Write(Utf8JsonWriter json, HubEntry entry)
    {
        json.WriteString("name", entry.Name);
        json.WriteString("kind", entry.Kind switch { EntryKind.Code => "code", EntryKind.Python => "python", _ => "files" });
        json.WriteString("summary", entry.Summary);
        json.WriteString("returns", entry.Returns);
        JsonOutput.WriteList(json, "parameters", entry.Parameters, parameter =>
        {
            json.WriteString("name", parameter.Name);
            json.WriteString("type", parameter.Type);
            json.WriteBoolean("optional", parameter.IsOptional);
            json.WriteString("default", parameter.Default);
            json.WriteString("summary", parameter.Summary);
        });
        JsonOutput.WriteStrings(json, "files", entry.Files);
        JsonOutput.WriteStrings(json, "dependencies", entry.Dependencies);
        json.WriteString("pretrained", entry.PretrainedUrl);
        json.WriteString("module", entry.Module);
    }
}
