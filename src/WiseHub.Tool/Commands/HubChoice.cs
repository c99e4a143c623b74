using System.CommandLine;
using System.CommandLine.Parsing;

namespace WiseHub.Tool.Commands;

/// <summary>The one hub that a command is about: its first word, or <c>--hub</c> as in the other commands.</summary>
internal sealed class HubChoice
{
    public HubChoice() => Arguments.RefuseOptions(Argument);

    public Argument<string?> Argument { get; } =
        new("hub") { Description = "The name of the hub; default is the default hub.", Arity = ArgumentArity.ZeroOrOne };

    public Option<string?> Option { get; } = Arguments.Text("--hub", "name", "The same, as other commands have it.");

    /// <summary>Null = the default hub.</summary>
    public string? Of(ParseResult parsed) => parsed.GetValue(Argument) ?? parsed.GetValue(Option);

    public bool IsGiven(CommandResult result) => (result.GetValue(Argument) ?? result.GetValue(Option)) is not null;

    public void Validate(CommandResult result)
    {
        if (result.GetValue(Argument) is not null && result.GetValue(Option) is not null)
            result.AddError("The hub is named twice.");
    }
}
