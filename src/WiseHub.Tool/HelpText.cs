using System.CommandLine;
using System.CommandLine.Help;

namespace WiseHub.Tool;

/// <summary>
/// The help as text: an overview with one line for each command, and a page for each command. System.CommandLine's own layout has
/// neither groups nor examples, and gives every command its whole description.
/// </summary>
internal static class HelpText
{
    /// <summary>The width of help that does not go to a terminal, and the greatest width.</summary>
    public const int UsualWidth = 80;

    // Narrower terminals wrap the lines themselves: below it the columns would have a word or less.
    private const int LeastWidth = 40;

    // A screen with a prompt: a VT100 with more lines, as terminals open today.
    private const int OverviewLines = 30;

    /// <summary>The overview for the root command, else the page of the command.</summary>
    /// <param name="command">The command.</param>
    /// <param name="width">The width of the terminal in characters.</param>
    public static string Write(Command command, int width)
    {
        width = Math.Clamp(width, LeastWidth, UsualWidth);
        return command is RootCommand root ? Overview(root, width) : Page(command, width);
    }

    /// <summary>The words with which the command is called, with <c>wisehub</c>.</summary>
    public static string PathOf(Command command) =>
        command.Parents.OfType<Command>().FirstOrDefault() is Command parent ? $"{PathOf(parent)} {command.Name}" : "wisehub";

    /// <summary>The width of the terminal.</summary>
    /// <param name="isRedirected">Whether the output goes elsewhere.</param>
    public static int TerminalWidth(bool isRedirected)
    {
        if (isRedirected)
            return UsualWidth;
        try
        {
            return Console.WindowWidth is > 0 and int width ? width : UsualWidth;
        }
        // A terminal that does not tell its size.
        catch (IOException)
        {
            return UsualWidth;
        }
    }

    private static string Overview(RootCommand root, int width)
    {
        List<(string Group, Command[] Commands)> groups = Grouped(root);
        int head = groups.Max(g => Columns.Of(g.Group)) + 2;
        int name = groups.SelectMany(g => g.Commands).Max(c => c.Name.Length) + 2;
        List<List<string>> blocks = [[ToolHelp.HelpUsage]];
        foreach ((string group, Command[] commands) in groups)
        {
            var block = new List<string>();
            foreach (Command command in commands)
            {
                string left = Columns.PadRight(command == commands[0] ? group : "", head) + command.Name;
                AddColumns(block, left, command.Description ?? "", head + name, width);
            }
            blocks.Add(block);
        }
        blocks.Add([.. Columns.Wrap(ToolHelp.HelpMore, width)]);
        // Blank lines between the groups only as long as everything fits a screen.
        bool isAiry = blocks.Sum(b => b.Count + 1) - 1 <= OverviewLines;
        return string.Join(isAiry ? "\n\n" : "\n", blocks.Select(b => string.Join('\n', b))).ReplaceLineEndings()
            + Environment.NewLine;
    }

    private static List<(string Group, Command[] Commands)> Grouped(RootCommand root)
    {
        // The last line tells of 'help'.
        List<Command> rest = [.. root.Subcommands.Where(c => !c.Hidden && c.Name != CommandPages.Help)];
        var groups = new List<(string Group, Command[] Commands)>();
        foreach ((string group, string[] names) in CommandPages.Groups)
        {
            Command[] commands = [.. names.Select(n => rest.Find(c => c.Name == n)).OfType<Command>()];
            rest.RemoveAll(commands.Contains);
            groups.Add((group, commands));
        }
        groups[^1] = (groups[^1].Group, [.. rest, .. groups[^1].Commands]);
        groups.RemoveAll(g => g.Commands.Length == 0);
        return groups;
    }

    private static string Page(Command command, int width)
    {
        string path = PathOf(command);
        CommandPage? page = CommandPages.Find(path["wisehub ".Length..]);
        var lines = new List<string>();
        lines.AddRange(Columns.Wrap(command.Description ?? "", width));
        if (page?.Details is Text details)
            lines.AddRange(["", .. Columns.Wrap(details, width)]);
        string[] words =
        [
            path, .. command.Subcommands.Count > 0 ? [(Text)$"<command>"] : command.Arguments.Select(Usage), (Text)$"[options]",
        ];
        IEnumerable<string> usage =
            Columns.Wrap(string.Join(' ', words), width - 6).Select((l, i) => (i == 0 ? "  " : "      ") + l);
        lines.AddRange(["", (Text)$"Usage:", .. usage]);
        AddSection(lines, (Text)$"Arguments:",
            [.. command.Arguments.Where(a => !a.Hidden).Select(a => ($"<{a.Name}>", a.Description))], width);
        AddSection(lines, (Text)$"Commands:",
            [.. command.Subcommands.Where(c => !c.Hidden).Select(c => (c.Name, c.Description))], width);
        AddSection(lines, (Text)$"Options:", [.. Options(command).Select(o => (Label(o), o is HelpOption ? ToolHelp.HelpOption
            : o.Description))], width);
        if (page is not null)
            lines.AddRange(["", (Text)$"Examples:", .. page.Examples.Select(e => "  " + e)]);
        return string.Join(Environment.NewLine, lines) + Environment.NewLine;
    }

    /// <summary>The options of a command: its own come first, and those that all commands have last.</summary>
    public static IEnumerable<Option> Options(Command command)
    {
        IEnumerable<Option> own = command.Options.Where(o => !o.Hidden);
        Command? parent = command.Parents.OfType<Command>().FirstOrDefault();
        return parent is null ? own.Where(o => o.Recursive) : own.Concat(Options(parent).Where(o => o.Recursive));
    }

    private static string Usage(Argument argument)
    {
        string name = $"<{argument.Name}>{(argument.Arity.MaximumNumberOfValues > 1 ? "..." : "")}";
        return argument.Arity.MinimumNumberOfValues == 0 ? $"[{name}]" : name;
    }

    private static string Label(Option option)
    {
        IEnumerable<string> names = option is HelpOption ? ["-h", option.Name] : option.Aliases.Append(option.Name);
        return string.Join(", ", names) + (option.Arity.MaximumNumberOfValues == 0 || option.ValueType == typeof(bool) ? ""
            : $" <{option.HelpName ?? option.Name.TrimStart('-')}>");
    }

    private static void AddSection(List<string> lines, string head, (string Left, string? Right)[] rows, int width)
    {
        if (rows.Length == 0)
            return;
        lines.AddRange(["", head]);
        // One long name must not push all explanations to the edge.
        int column = Math.Min(rows.Max(r => Columns.Of(r.Left)) + 4, width / 2);
        foreach ((string left, string? right) in rows)
            AddColumns(lines, "  " + left, right ?? "", column, width);
    }

    private static void AddColumns(List<string> lines, string left, string right, int column, int width)
    {
        // On a narrow terminal the right column is a paragraph below the left one.
        int indent = width - column < LeastWidth / 2 ? 4 : column;
        List<string> wrapped = Columns.Wrap(right, width - indent);
        bool isBeside = indent == column && Columns.Of(left) + 2 <= column;
        lines.Add(isBeside && wrapped.Count > 0 ? Columns.PadRight(left, column) + wrapped[0] : left);
        lines.AddRange(wrapped.Skip(isBeside ? 1 : 0).Select(l => new string(' ', indent) + l));
    }
}
