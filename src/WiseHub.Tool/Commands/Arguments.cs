using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using WiseHub.Client;

namespace WiseHub.Tool.Commands;

/// <summary>What System.CommandLine leaves to the program.</summary>
internal static class Arguments
{
    /// <summary>
    /// An option that does not exist would otherwise be taken for the argument's value: <c>--retries 3</c> would name two files.
    /// </summary>
    /// <param name="argument">The argument that must not be one.</param>
    /// <param name="args">All arguments; behind <c>--</c> a name may begin with a dash.</param>
    public static void RefuseOptions(Argument argument, string[]? args = null)
    {
        int afterDashes = args is null || Array.IndexOf(args, "--") is not (>= 0 and int dashes) ? 0 : args.Length - dashes - 1;
        argument.Validators.Add(result =>
        {
            foreach (Token token in result.Tokens.SkipLast(afterDashes).Where(t => t.Value.StartsWith('-')))
                result.AddError($"There is no option '{token.Value.Split('=')[0]}'.");
        });
        RefuseEmpty(argument.Validators, argument.Name);
    }

    /// <summary>
    /// An empty value is nearly always a script's unset variable, and would mean "everything" or "the default".
    /// </summary>
    public static Option<T> RefuseEmpty<T>(this Option<T> option)
    {
        RefuseEmpty(option.Validators, option.Name);
        return option;
    }

    /// <summary>An option with one text.</summary>
    public static Option<string?> Text(string name, string helpName, string description) =>
        new Option<string?>(name) { Description = description, HelpName = helpName }.RefuseEmpty();

    /// <summary>An option that may be repeated.</summary>
    public static Option<string[]> Texts(string name, string helpName, string description) =>
        new Option<string[]>(name) { Description = description, HelpName = helpName, Arity = ArgumentArity.OneOrMore }
            .RefuseEmpty();

    /// <summary>An option with a whole number.</summary>
    /// <param name="name">The option.</param>
    /// <param name="helpName">What its value is called in the help.</param>
    /// <param name="least">The smallest that is taken.</param>
    /// <param name="most">The largest.</param>
    /// <param name="what">What it counts, for a message: number, number of seconds.</param>
    /// <param name="description">For the help.</param>
    public static Option<int?> Number(string name, string helpName, int least, int most, string what, string description) =>
        new(name)
        { Description = description, HelpName = helpName, CustomParser = result => ReadNumber(result, least, most, what) };

    /// <summary>Values that were repeated, or separated by <c>;</c>.</summary>
    public static string[] Split(IEnumerable<string>? values) =>
        [.. (values ?? []).SelectMany(v => v.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))];

    /// <summary>The value of <c>--type</c>.</summary>
    public static RepoType? ReadType(ArgumentResult result)
    {
        string text = result.Tokens[^1].Value;
        if (RepoTypes.TryParse(text, out RepoType type))
            return type;
        result.AddError($"--type is '{text}'; it must be model, dataset, code or space.");
        return null;
    }

    private static int? ReadNumber(ArgumentResult result, int least, int most, string what)
    {
        string text = result.Tokens[^1].Value;
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number >= least
            && number <= most)
            return number;
        result.AddError($"{((OptionResult)result.Parent!).Option.Name} is '{text}'; it must be a whole {what} "
            + $"from {least} to {most}.");
        return null;
    }

    private static void RefuseEmpty<TResult>(List<Action<TResult>> validators, string name)
        where TResult : SymbolResult => validators.Add(result =>
        {
            if (result.Tokens.Any(t => string.IsNullOrWhiteSpace(t.Value)))
                result.AddError($"{name} is empty. Leave it out, or say something.");
        });
}
