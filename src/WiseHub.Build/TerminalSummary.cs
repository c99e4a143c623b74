using Microsoft.Build.Framework;

namespace WiseHub.Build;

/// <summary>
/// Lines that a terminal shows when the build has ended. MSBuild's terminal logger shows no message of a task
/// (docs/protocols/msbuild.md#progress), and text that is written while it draws would destroy its picture. Objects that are
/// registered for the duration of a build are disposed when its last project has ended, and then nothing is drawn any more.
/// </summary>
internal sealed class TerminalSummary : IDisposable
{
    private readonly Lock _gate = new();
    private readonly List<string> _lines = [];

    /// <summary>Adds lines, if a terminal logger hides the messages of this build.</summary>
    public static void Add(IBuildEngine engine, IEnumerable<string> lines)
    {
        if (engine is not IBuildEngine4 host || !IsTerminalLogger())
            return;
        const RegisteredTaskObjectLifetime Build = RegisteredTaskObjectLifetime.Build;
        if (host.GetRegisteredTaskObject(typeof(TerminalSummary), Build) is not TerminalSummary summary)
        {
            summary = new TerminalSummary();
            host.RegisterTaskObject(typeof(TerminalSummary), summary, Build, false);
        }
        lock (summary._gate)
            summary._lines.AddRange(lines.Except(summary._lines));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_gate)
        {
            foreach (string line in _lines)
                Console.Out.WriteLine("WiseHub: " + line);
            _lines.Clear();
        }
    }

    // As MSBuild chooses it: https://learn.microsoft.com/dotnet/core/tools/dotnet-build#options (--tl). A worker node has no
    // console, and a quiet build is quiet.
    private static bool IsTerminalLogger()
    {
        string? terminal = Environment.GetEnvironmentVariable("TERM");
        if (Console.IsOutputRedirected || Console.BufferWidth == 0 || terminal == "dumb"
            || (terminal is null && !OperatingSystem.IsWindows())
            || IsOff(Environment.GetEnvironmentVariable("MSBUILDTERMINALLOGGER")))
            return false;
        foreach (string argument in Environment.GetCommandLineArgs().Where(a => a.Length > 1 && a[0] is '-' or '/'))
        {
            string[] parts = argument.TrimStart('-', '/').Split(':', 2);
            string value = parts.Length > 1 ? parts[1] : "";
            switch (parts[0].ToUpperInvariant())
            {
                case "TL" or "TERMINALLOGGER" or "LL" when IsOff(value):
                case "NOCONLOG" or "NOCONSOLELOGGER" or "NODEMODE":
                case "V" or "VERBOSITY" when value is "q" or "quiet":
                    return false;
            }
        }
        return true;
    }

    private static bool IsOff(string? value) => value is not null
        && (value.Equals("off", StringComparison.OrdinalIgnoreCase) || value.Equals("false", StringComparison.OrdinalIgnoreCase));
}
