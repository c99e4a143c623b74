using System.CommandLine;
using WiseHub.Testing;

namespace WiseHub.Tool.Tests;

/// <summary>The overview, the help pages, and the ways to reach them.</summary>
public sealed class HelpTests : IDisposable
{
    private readonly ToolWorkspace _workspace = new();

    public void Dispose() => _workspace.Dispose();

    private static readonly IReadOnlyList<Command> All = [.. Below(CommandLine.Build([]))];

    [Theory]
    [InlineData]
    [InlineData("help")]
    [InlineData("--help")]
    [InlineData("-h")]
    public async Task The_overview_names_each_command_in_one_line(params string[] arguments)
    {
        Assert.Equal(new ProcessResult(0, """
            Usage: wisehub <command> [options]
            Models    download    Downloads a repo or some of its files.
                      upload      Uploads a folder or a file as one commit.
                      sign        Signs the files of a model with your key.
                      search      Finds repos by a part of their id, by owner and by tags.
                      info        Describes a model without downloading its weights.
                      diff        Compares the files of two revisions of a repo.
                      snippet     Prints the lines with which a project uses a repo.
                      entries     Lists and loads the entry points of a repo.
            Projects  add         Adds a model to a project, and restores it.
                      remove      Removes a model from a project.
                      ls          Lists the models of a project, with commits and sizes.
                      outdated    Lists models whose revision has a newer commit.
                      restore     Downloads and verifies the models of a project.
                      update      Resolves all revisions again, and rewrites lock files.
                      verify      Verifies the files of a build, or of a deployed program.
                      lock        Merges lock files by their entries.
                      bom         Lists the models in a program as CycloneDX.
            Hubs      login       Stores a token or session for a hub.
                      logout      Removes the stored login for a hub.
                      whoami      Asks a hub who owns the token in use.
                      repo        Creates, lists, describes and deletes repos of a hub.
                      mirror      Copies commits between hubs, and into bundles.
                      site        Writes web pages about the repos of a hub.
            Cache     cache       Lists, verifies and cleans the cache of this machine.
            More      hg          Does what hg_localization does.
                      lfs         Sets up git-lfs for files of more than 5 GB.
                      doctor      Checks this installation, its settings and its hubs.
                      completion  Prints a script that completes commands in a shell.
            'wisehub help <command>' explains a command, with examples.

            """.ReplaceLineEndings("\n"), ""), await _workspace.RunAsync(arguments));
    }

    [Theory]
    [InlineData("cache", "ls", "--help")]
    [InlineData("help", "cache", "ls")]
    public async Task The_page_of_a_command_has_usage_options_and_examples(params string[] arguments)
    {
        Assert.Equal(new ProcessResult(0, """
            Lists the repos in the cache, with sizes and last use.

            Usage:
              wisehub cache ls [options]

            Options:
              --sort <order>  The order: name, size or used (name).
              --json          Print one JSON object, and no progress.
              -h, --help      Show this help.
              --quiet         Print only the result and errors.
              --verbose       Print requests and decisions, too.

            Examples:
              wisehub cache ls --sort size

            """.ReplaceLineEndings("\n"), ""), await _workspace.RunAsync(arguments));
    }

    [Fact]
    public async Task A_group_without_a_command_shows_its_help_as_an_error()
    {
        Assert.Equal(new ProcessResult(2, "", """
            error WISE1101: 'wisehub entries' requires one of its commands.

            Lists and loads the entry points of a repo.

            Entries are in hubconf.json, hubconf.dll or hubconf.py of the repo.

            Usage:
              wisehub entries <command> [options]

            Commands:
              list    Lists the entries of a repo.
              help    Describes an entry and its parameters.
              import  Loads hubconf.dll as a test, and lists its entries.
              load    Downloads the files of an entry, or calls its code.

            Options:
              -h, --help  Show this help.
              --quiet     Print only the result and errors.
              --verbose   Print requests and decisions, too.

            Examples:
              wisehub entries list acme/langid
              wisehub entries load acme/langid detect

            """.ReplaceLineEndings("\n")), await _workspace.RunAsync("entries"));
    }

    [Fact]
    public void Every_page_fits_a_screen_and_has_an_example()
    {
        var mistakes = new List<string>();
        foreach (Command command in All.Where(c => !c.Hidden))
        {
            string path = HelpText.PathOf(command)["wisehub ".Length..];
            string[] lines = HelpText.Write(command, HelpText.UsualWidth).TrimEnd().ReplaceLineEndings("\n").Split('\n');
            if (lines.Length > 45)
                mistakes.Add($"{path}: {lines.Length} lines");
            mistakes.AddRange(lines.Where(l => l.Length > HelpText.UsualWidth).Select(l => $"{path}: too long: {l}"));
            if (CommandPages.Find(path) is not { Examples.Length: > 0 })
                mistakes.Add($"{path}: no example");
            // In the overview, 22 columns are groups and names.
            int most = command.Parents.Any(p => p is RootCommand) ? HelpText.UsualWidth - 22 : 62;
            if (command.Description is not { Length: > 0 } summary || summary.Length > most)
                mistakes.Add($"{path}: no short summary");
        }

        Assert.Empty(mistakes);
    }

    [Fact]
    public void Every_example_is_a_valid_command_line()
    {
        string[] mistakes = [.. CommandPages.Paths.SelectMany(p => CommandPages.Find(p)!.Examples)
            .Where(e => e.StartsWith("wisehub ", StringComparison.Ordinal))
            .Select(e => e["wisehub ".Length..].Split('<', '>')[0])
            .SelectMany(e => CommandLine.Build([]).Parse(e).Errors.Select(m => $"{e}: {m.Message}"))];

        Assert.Empty(mistakes);
    }

    [Fact]
    public void Every_page_is_that_of_a_command() =>
        Assert.Empty(CommandPages.Paths.Except(All.Select(c => HelpText.PathOf(c)["wisehub ".Length..])));

    [Fact]
    public void Every_command_of_a_group_exists() =>
        Assert.Empty(CommandPages.Groups.SelectMany(g => g.Commands)
            .Except(CommandLine.Build([]).Subcommands.Select(c => c.Name)));

    [Fact]
    public void An_overview_of_28_commands_still_fits_30_lines()
    {
        RootCommand root = CommandLine.Build([]);
        for (int i = root.Subcommands.Count(c => !c.Hidden); i < 28; i++)
            root.Subcommands.Add(new Command($"command{i}", new string('s', 58)));

        string[] lines = HelpText.Write(root, HelpText.UsualWidth).TrimEnd().Split('\n');

        Assert.Equal((30, true), (lines.Length, lines.All(l => l.TrimEnd('\r').Length <= HelpText.UsualWidth)));
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(20)]
    [InlineData(57)]
    [InlineData(1000)]
    public void Every_width_has_all_the_words(int width)
    {
        foreach (Command command in All.Prepend(CommandLine.Build([])))
            Assert.Equal(Words(HelpText.Write(command, HelpText.UsualWidth)), Words(HelpText.Write(command, width)));
    }

    [Fact]
    public void Text_is_wrapped_at_spaces_and_a_long_word_is_a_line_of_its_own() =>
        Assert.Equal(["a bb", "https://example.com/long", "c"], Columns.Wrap("a  bb https://example.com/long c", 5));

    [Fact]
    public async Task A_terminal_of_20_columns_shows_help()
    {
        using PseudoTerminal terminal = await PseudoTerminal.StartAsync(_workspace, "cache ls --help", columns: 20);

        (int exit, string screen) = await terminal.EndAsync();

        Assert.Equal((0, """
            Lists the repos in the cache, with sizes
            and last use.

            Usage:
              wisehub cache ls [options]

            Options:
              --sort <order>  The order: name, size
                              or used (name).
              --json          Print one JSON object,
                              and no progress.
              -h, --help      Show this help.
              --quiet         Print only the result
                              and errors.
              --verbose       Print requests and
                              decisions, too.

            Examples:
              wisehub cache ls --sort size

            """.ReplaceLineEndings("\n")), (exit, screen));
    }

    private static string[] Words(string text) =>
        [.. text.Split((char[])[' ', '\n', '\r'], StringSplitOptions.RemoveEmptyEntries)];

    private static IEnumerable<Command> Below(Command command) =>
        command.Subcommands.SelectMany(c => Below(c).Prepend(c));
}
