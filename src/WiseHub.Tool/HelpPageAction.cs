using System.CommandLine;
using System.CommandLine.Invocation;

namespace WiseHub.Tool;

/// <summary>The action of <c>--help</c>: writes the help of the command to standard output.</summary>
internal sealed class HelpPageAction : SynchronousCommandLineAction
{
    public override bool ClearsParseErrors => true;

    public override int Invoke(ParseResult parseResult)
    {
        Console.Out.Write(HelpText.Write(parseResult.CommandResult.Command, HelpText.TerminalWidth(Console.IsOutputRedirected)));
        return ExitCodes.Done;
    }
}
