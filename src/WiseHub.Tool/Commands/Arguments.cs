using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using WiseHub.Client;

namespace WiseHub.Tool.Commands;

/// <summary>Checks and option kinds that System.CommandLine does not have.</summary>
internal static class Arguments
{
    /// <summary>
    /// Refuses unknown options, which would otherwise become values of the argument: <c>--retries 3</c> would name two files.
    /// </summary>
    /// <param name="argument">The argument whose values must not be options.</param>
    /// <param name="args">All arguments; after <c>--</c> a value may begin with a dash.</param>
    public static void RefuseOptions(Argument argument, string[]? args = null)
    {
        int afterDashes = args is null || Array.IndexOf(args, "--") is not (>= 0 and int dashes) ? 0 : args.Length - dashes - 1;
        argument.Validators.Add(result =>
        {
            foreach (Token token in result.Tokens.SkipLast(afterDashes).Where(t => t.Value.StartsWith('-')))
                result.AddError(UnknownOption(((CommandResult)result.Parent!).Command, token.Value));
        });
        RefuseEmpty(argument.Validators, argument.Name);
    }

    /// <summary>
    /// Refuses an empty value. It is nearly always an unset variable of a script, and would mean "everything" or "the default".
    /// </summary>
    public static Option<T> RefuseEmpty<T>(this Option<T> option)
    {
        RefuseEmpty(option.Validators, option.Name);
        return option;
    }

    /// <summary>The absolute path of a path as users write it, relative to the working directory.</summary>
    public static string Resolve(string path) => UserPath.Resolve(path, Directory.GetCurrentDirectory());

    /// <summary>An option with one value.</summary>
    public static Option<string?> Text(string name, string helpName, string description) =>
        new Option<string?>(name) { Description = description, HelpName = helpName }.RefuseEmpty();

    /// <summary>An option that may be repeated.</summary>
    public static Option<string[]> Texts(string name, string helpName, string description) =>
        new Option<string[]>(name) { Description = description, HelpName = helpName, Arity = ArgumentArity.OneOrMore }
            .RefuseEmpty();

    /// <summary>An option with a whole number.</summary>
    /// <param name="name">The option.</param>
    /// <param name="helpName">The name of its value in the help.</param>
    /// <param name="least">The smallest allowed number.</param>
    /// <param name="most">The largest allowed number.</param>
    /// <param name="isSeconds">It is a time, for messages.</param>
    /// <param name="description">The help text.</param>
    public static Option<int?> Number(string name, string helpName, int least, int most, bool isSeconds, string description) =>
        new(name)
        { Description = description, HelpName = helpName, CustomParser = result => ReadNumber(result, least, most, isSeconds) };

    /// <summary>An option with one of several words.</summary>
    public static Option<string?> Choice(string name, string helpName, string description, params string[] words)
    {
        var option = new Option<string?>(name)
        {
            Description = description,
            HelpName = helpName,
            CustomParser = result =>
            {
                string text = result.Tokens[^1].Value;
                if (words.Contains(text, StringComparer.OrdinalIgnoreCase))
                    return text.ToLowerInvariant();
                result.AddError(ToolMessages.WrongValue(name, text, ToolMessages.OneOf(words), Suggestions.Nearest(text, words)));
                return null;
            },
        };
        option.CompletionSources.Add(words);
        return option;
    }

    /// <summary>The option <c>--type</c>.</summary>
    public static Option<RepoType?> Type(string description)
    {
        var type = new Option<RepoType?>("--type") { Description = description, HelpName = "type", CustomParser = ReadType };
        // Not the names in C#.
        type.CompletionSources.Clear();
        type.CompletionSources.Add([.. Enum.GetValues<RepoType>().Select(t => t.ToText())]);
        return type;
    }

    /// <summary>The message about an option that a command does not have, with the option that is probably meant.</summary>
    /// <param name="command">The command.</param>
    /// <param name="given">The argument. The text after <c>=</c> is not repeated: it may be a secret.</param>
    public static string UnknownOption(Command command, string given)
    {
        string name = given.Split('=')[0];
        return ToolMessages.UnknownOption(name,
            Suggestions.Nearest(name, HelpText.Options(command).SelectMany(o => o.Aliases.Append(o.Name))));
    }

    /// <summary>The subcommand that is probably meant, or null.</summary>
    public static string? NearestCommand(Command command, string given) =>
        Suggestions.Nearest(given, command.Subcommands.Where(c => !c.Hidden).SelectMany(c => c.Aliases.Prepend(c.Name)));

    /// <summary>The values of a repeated option, each split at <c>;</c>.</summary>
    public static string[] Split(IEnumerable<string>? values) =>
        [.. (values ?? []).SelectMany(v => v.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))];

    private static RepoType? ReadType(ArgumentResult result)
    {
        string text = result.Tokens[^1].Value;
        if (RepoTypes.TryParse(text, out RepoType type))
            return type;
        result.AddError(ToolMessages.WrongValue("--type", text, ToolMessages.TypeForm,
            Suggestions.Nearest(text, Enum.GetValues<RepoType>().Select(t => t.ToText()))));
        return null;
    }

    private static int? ReadNumber(ArgumentResult result, int least, int most, bool isSeconds)
    {
        string text = result.Tokens[^1].Value;
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number >= least
            && number <= most)
            return number;
        result.AddError(ToolMessages.WrongValue(
            ((OptionResult)result.Parent!).Option.Name, text, ToolMessages.NumberForm(isSeconds, least, most)));
        return null;
    }

    private static void RefuseEmpty<TResult>(List<Action<TResult>> validators, string name)
        where TResult : SymbolResult => validators.Add(result =>
        {
            if (result.Tokens.Any(t => string.IsNullOrWhiteSpace(t.Value)))
                result.AddError(ToolMessages.EmptyValue(name));
        });
}
