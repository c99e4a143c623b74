using System.CommandLine;
using System.Text.RegularExpressions;
using WiseHub.Testing;

namespace WiseHub.Tool.Tests;

/// <summary>docs/tool.md lists every command and every option, no more and no less.</summary>
public sealed partial class CommandPageTests
{
    private static readonly string[] Page = File.ReadAllLines(RepoFiles.At("docs", "tool.md"));

    private static readonly IReadOnlyList<(string Names, string Options)> Commands = [.. Leaves(CommandLine.Build([]), "", [])];

    [Fact]
    public void Every_command_has_a_row_on_the_page_with_all_its_names_and_options()
    {
        IEnumerable<(string, string)> rows = Table("| command | what it does | options |")
            .Select(cells => (Sorted(Quoted(cells[1])), Sorted(Quoted(cells[3]))));

        Assert.Equal(Commands.OrderBy(c => c.Names, StringComparer.Ordinal), rows.OrderBy(r => r.Item1, StringComparer.Ordinal));
    }

    [Fact]
    public void Every_option_has_exactly_one_row_on_the_page() =>
        Assert.Equal(Sorted(Commands.SelectMany(c => c.Options.Split(", ", StringSplitOptions.RemoveEmptyEntries))
            .Concat(["--quiet", "--verbose", "--help"])),
            string.Join(", ", Table("| option | meaning |").SelectMany(cells => Quoted(cells[1])).Order(StringComparer.Ordinal)));

    private static IEnumerable<string[]> Table(string head) =>
        Page.SkipWhile(l => l != head).Skip(2).TakeWhile(l => l.StartsWith('|')).Select(l => l.Split('|'));

    /// <summary>The commands that do something, with the options of those above them that hold for them, too.</summary>
    private static IEnumerable<(string, string)> Leaves(Command command, string path, IReadOnlyList<Option> inherited)
    {
        // Those of the root are the page's own rows for all commands.
        Option[] shared = [.. inherited, .. command is RootCommand ? [] : command.Options.Where(o => o.Recursive)];
        if (command.Subcommands.Count > 0)
            return command.Subcommands.Where(c => !c.Hidden)
                .SelectMany(c => Leaves(c, command is RootCommand ? "" : $"{path}{command.Name} ", shared));
        IEnumerable<string> options = command.Options.Concat(inherited)
            .Where(o => !o.Hidden && o.Name is not ("--help" or "--version")).Select(o => o.Name);
        return [(Sorted(command.Aliases.Append(command.Name).Select(n => path + n)), Sorted(options))];
    }

    private static IEnumerable<string> Quoted(string cell) => Code().Matches(cell).Select(m => m.Groups[1].Value);

    private static string Sorted(IEnumerable<string> names) => string.Join(", ", names.Distinct().Order(StringComparer.Ordinal));

    [GeneratedRegex("`([^`]+)`")]
    private static partial Regex Code();
}
