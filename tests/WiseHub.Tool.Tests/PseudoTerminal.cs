using System.Diagnostics;
using System.Text;
using WiseHub.Testing;

namespace WiseHub.Tool.Tests;

/// <summary>
/// <c>wisehub</c> on a terminal of its own, made by <c>script</c> of util-linux: what a person sees, and types.
/// </summary>
internal sealed class PseudoTerminal : IDisposable
{
    // A start of .NET on a loaded machine takes seconds; only a hanging test meets this.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly Process _process;
    private readonly StringBuilder _screen = new();
    private readonly Func<string, string> _normal;

    private PseudoTerminal(Process process, Func<string, string> normal) => (_process, _normal) = (process, normal);

    public static async Task<PseudoTerminal> StartAsync(ToolWorkspace workspace, string arguments, int? columns = null,
        string terminal = "dumb")
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && await ProcessRunner.ExistsAsync("script"),
            "There is no 'script' of util-linux.");
        var start = new ProcessStartInfo("script", ["--quiet", "--return", "--command",
            (columns is null ? "" : $"stty cols {columns}; ")
                + $"env --default-signal=INT '{string.Join("' '", ToolProgram.Command)}' {arguments}", "/dev/null"])
        {
            WorkingDirectory = workspace.Work,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach ((string name, string? value) in workspace.Environment)
            start.Environment[name] = value;
        // By default no live line: what is tested are words.
        start.Environment["TERM"] = terminal;
        return new PseudoTerminal(Process.Start(start)!, workspace.Normal);
    }

    /// <summary>Waits until the screen ends with something, and gives all of it.</summary>
    public async Task<string> WaitForAsync(string end)
    {
        using var patience = new CancellationTokenSource(Patience);
        char[] buffer = new char[1024];
        while (!Screen.EndsWith(end, StringComparison.Ordinal))
        {
            int read = await _process.StandardOutput.ReadAsync(buffer, patience.Token);
            Assert.True(read > 0, $"It ended, and the screen does not end with '{end}':\n{Screen}");
            _screen.Append(buffer, 0, read);
        }
        return Screen;
    }

    public async Task TypeAsync(string text)
    {
        await _process.StandardInput.WriteAsync(text);
        await _process.StandardInput.FlushAsync();
    }

    /// <summary>The exit code and the whole screen.</summary>
    public async Task<(int ExitCode, string Screen)> EndAsync()
    {
        using var patience = new CancellationTokenSource(Patience);
        _screen.Append(await _process.StandardOutput.ReadToEndAsync(patience.Token));
        await _process.WaitForExitAsync(patience.Token);
        return (_process.ExitCode, Screen);
    }

    public void Dispose()
    {
        if (!_process.HasExited)
            _process.Kill(entireProcessTree: true);
        _process.Dispose();
    }

    private string Screen => _normal(_screen.ToString().Replace("\r\n", "\n", StringComparison.Ordinal));
}
