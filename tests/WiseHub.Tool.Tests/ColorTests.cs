namespace WiseHub.Tool.Tests;

/// <summary>Colours of errors and warnings on a terminal, and what refuses them.</summary>
public sealed class ColorTests : IDisposable
{
    // .NET switches the keypad of a terminal on.
    private const string Keypad = "\u001b[?1h\u001b=";

    private readonly ToolWorkspace _workspace = new();

    public void Dispose() => _workspace.Dispose();

    [Theory]
    [InlineData(null, "xterm-256color", true)]
    [InlineData("", "xterm-256color", true)]
    [InlineData("1", "xterm-256color", false)]
    [InlineData(null, "dumb", false)]
    public async Task An_error_is_red_on_a_terminal_that_shows_colours(string? noColor, string terminal, bool isRed)
    {
        _workspace.Environment["NO_COLOR"] = noColor;
        using PseudoTerminal screen = await PseudoTerminal.StartAsync(_workspace, "whoami --hubb", terminal: terminal);

        (int exit, string text) = await screen.EndAsync();

        Assert.Equal((2, (isRed ? "\u001b[31merror WISE1101\u001b[0m" : "error WISE1101")
            + ": There is no option '--hubb'. Did you mean '--hub'?\nRun 'wisehub whoami --help' for usage.\n"),
            (exit, text.Replace(Keypad, "", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData(null, "xterm", false, true)]
    [InlineData("", "xterm", false, true)]
    [InlineData("0", "xterm", false, false)]
    [InlineData(null, "dumb", false, false)]
    [InlineData(null, "dumb", true, false)]
    [InlineData(null, null, false, false)]
    [InlineData(null, null, true, true)]
    public void The_environment_decides_about_colours(string? noColor, string? terminal, bool isWindows, bool expected) =>
        Assert.Equal(expected, Colors.AreWanted(noColor, terminal, isWindows));

    [Fact]
    public void Text_to_anything_but_the_terminal_has_no_colours()
    {
        using var writer = new StringWriter();
        Assert.Equal(("error", "warning"), (Colors.Error(writer, "error"), Colors.Warning(writer, "warning")));
    }
}
