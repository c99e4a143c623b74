using System.CommandLine;
using System.CommandLine.Parsing;

namespace WiseHub.Tool.Commands;

/// <summary>The hub of a command: its argument, or <c>--hub</c> as in the other commands.</summary>
internal sealed class HubChoice
{
    public HubChoice() => Arguments.RefuseOptions(Argument);

    public Argument<string?> Argument { get; } =
        new("hub") { Description = ToolHelp.HubArgument, Arity = ArgumentArity.ZeroOrOne };

    public Option<string?> Option { get; } = Arguments.Text("--hub", "name", ToolHelp.HubOption);

    /// <summary>The hub; null for the default hub.</summary>
    public string? Of(ParseResult parsed) => parsed.GetValue(Argument) ?? parsed.GetValue(Option);

    public bool IsGiven(CommandResult result) => (result.GetValue(Argument) ?? result.GetValue(Option)) is not null;

    public void Validate(CommandResult result)
    {
        if (result.GetValue(Argument) is not null && result.GetValue(Option) is not null)
            result.AddError(ToolMessages.HubGivenTwice);
    }
}
