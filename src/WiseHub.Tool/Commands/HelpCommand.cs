using System.CommandLine;

namespace WiseHub.Tool.Commands;

/// <summary><c>wisehub help [command…]</c>: the same as <c>--help</c> of that command.</summary>
internal static class HelpCommand
{
    public static Command Create(RootCommand root)
    {
        var names = new Argument<string[]>("command") { Description = ToolHelp.HelpCommands, Arity = ArgumentArity.ZeroOrMore };
        Arguments.RefuseOptions(names);
        names.Validators.Add(result =>
        {
            Command command = root;
            foreach (string name in result.Tokens.Select(t => t.Value))
            {
                if (Find(command, name) is not Command next)
                {
                    result.AddError(Mistake(command, name));
                    return;
                }
                command = next;
            }
        });
        var help = new Command("help", ToolHelp.Help) { names };
        help.SetAction(parsed =>
        {
            Command command = (parsed.GetValue(names) ?? []).Aggregate((Command)root, (c, name) => Find(c, name)!);
            Console.Out.Write(HelpText.Write(command, HelpText.TerminalWidth(Console.IsOutputRedirected)));
            return ExitCodes.Done;
        });
        return help;
    }

    private static Command? Find(Command command, string name) =>
        command.Subcommands.FirstOrDefault(c => c.Name == name || c.Aliases.Contains(name));

    private static string Mistake(Command command, string name) => command.Subcommands.Count == 0
        ? ToolMessages.UnexpectedArgument(name) : ToolMessages.UnknownCommand(name, Arguments.NearestCommand(command, name));
}
