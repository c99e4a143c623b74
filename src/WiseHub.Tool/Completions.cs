using System.CommandLine;
using System.CommandLine.Completions;
using WiseHub.Client;
using WiseHub.Tool.Commands;

namespace WiseHub.Tool;

/// <summary>
/// What can follow on a command line: commands, options, the words of an option, configured hubs and cached repos. Opens no
/// socket. The shells' own completion of paths takes over where this knows nothing.
/// </summary>
internal static class Completions
{
    /// <summary>The words that complete a command line, in the order of the help.</summary>
    /// <param name="root">All commands.</param>
    /// <param name="words">The words after <c>wisehub</c>; the last one is completed, and may be empty.</param>
    public static IReadOnlyList<string> Of(RootCommand root, IReadOnlyList<string> words)
    {
        Command command = root;
        Option? open = null;
        int arguments = 0;
        bool onlyArguments = false;
        foreach (string word in words.SkipLast(1))
        {
            // bash makes a word of each '='.
            if (open is not null && word == "=")
                continue;
            if (open is not null)
                open = null;
            else if (!onlyArguments && word == "--")
                onlyArguments = true;
            else if (!onlyArguments && word.StartsWith('-'))
                open = word.Contains('=', StringComparison.Ordinal) ? null : OptionWithValue(command, word);
            else if (!onlyArguments && arguments == 0 && FindCommand(command, word) is Command next)
                command = next;
            else
                arguments++;
        }
        string last = words.Count == 0 ? "" : words[^1];
        if (open is not null)
            return Matching(Values(open, open.CompletionSources), last == "=" ? "" : last);
        if (!onlyArguments && last.StartsWith('-'))
        {
            int end = last.IndexOf('=', StringComparison.Ordinal);
            if (end < 0)
                return Matching(HelpText.Options(command).Select(o => o.Name), last);
            if (OptionWithValue(command, last[..end]) is not Option option)
                return [];
            string name = last[..(end + 1)];
            return [.. Matching(Values(option, option.CompletionSources), last[name.Length..]).Select(v => name + v)];
        }
        IEnumerable<string> commands = arguments > 0 || onlyArguments ? []
            : command.Subcommands.Where(c => !c.Hidden).SelectMany(c => c.Aliases.Prepend(c.Name));
        Argument? argument = command.Arguments.Count == 0 ? null
            : command.Arguments[Math.Min(arguments, command.Arguments.Count - 1)];
        // Of the last argument there may be several.
        if (argument is not null && (arguments < command.Arguments.Count || argument.Arity.MaximumNumberOfValues > arguments))
            commands = commands.Concat(Values(argument, argument.CompletionSources));
        return Matching(commands, last);
    }

    private static Command? FindCommand(Command command, string word) =>
        command.Subcommands.FirstOrDefault(c => c.Name == word || c.Aliases.Contains(word));

    private static Option? OptionWithValue(Command command, string name) => HelpText.Options(command).FirstOrDefault(o =>
        (o.Name == name || o.Aliases.Contains(name)) && o.Arity.MaximumNumberOfValues > 0 && o.ValueType != typeof(bool));

    private static IReadOnlyList<string> Matching(IEnumerable<string> words, string beginning) =>
        [.. words.Where(w => w.StartsWith(beginning, StringComparison.OrdinalIgnoreCase)).Distinct()];

    private static IEnumerable<string> Values(
        Symbol symbol, List<Func<CompletionContext, IEnumerable<CompletionItem>>> sources) => symbol.Name switch
        {
            "--hub" or "hub" => Ask(CommandRun.InFolder, client => client.Config.Hubs.Keys.Order(StringComparer.Ordinal)),
            "repo-id" or "repo-id or URL" => Ask(CommandRun.WithoutConfiguration, client =>
                client.Cache.ListAsync().GetAwaiter().GetResult().Repos.Select(r => r.RepoId).Where(id => !id.Contains("://",
                    StringComparison.Ordinal))),
            _ => sources.SelectMany(s => s(CompletionContext.Empty)).Select(i => i.InsertText ?? i.Label),
        };

    private static IEnumerable<string> Ask(
        Func<IHubLog?, HubClientOptions> options, Func<HubClient, IEnumerable<string>> names)
    {
        try
        {
            using var client = new HubClient(options(null));
            return [.. names(client)];
        }
        // In the middle of a line there is no place for a message. The command that is typed reports the same failure.
        catch (HubException)
        {
            return [];
        }
    }
}
