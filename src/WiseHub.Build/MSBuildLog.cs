using System.Globalization;
using Microsoft.Build.Framework;
using Microsoft.Build.Utilities;
using WiseHub.Client;

namespace WiseHub.Build;

/// <summary>Logs the library's messages through MSBuild, and its progress as lines that suit a plain log.</summary>
internal sealed class MSBuildLog(
    TaskLoggingHelper log, WarningRules rules, Func<RepoReference?, Place> locate)
    : IHubLog
{
    private readonly ProgressLines _lines = new();
    private readonly Lock _gate = new();
    private bool _percentShown;

    public void Info(string message) => log.LogMessage(MessageImportance.High, "WiseHub: {0}", message);

    public void Detail(string message) => log.LogMessage(MessageImportance.Low, "WiseHub: {0}", message);

    public void Warning(string code, string message, RepoReference? reference = null) =>
        Warning(code, message, locate(reference));

    /// <summary>Logs a warning at a place, or what the project makes of it.</summary>
    public void Warning(string code, string message, Place place)
    {
        (string? file, int line, int column) = place;
        switch (rules.Of(code))
        {
            case WarningFate.Message:
                log.LogMessage(null, code, null, file, line, column, 0, 0, MessageImportance.Low, "{0}", message);
                break;
            case WarningFate.Error:
                log.LogError(null, code, null, WiseCodes.HelpLink(code), file, line, column, 0, 0, "{0}", message);
                break;
            default:
                log.LogWarning(null, code, null, WiseCodes.HelpLink(code), file, line, column, 0, 0, "{0}", message);
                break;
        }
    }

    public void Progress(TransferProgress progress)
    {
        lock (_gate)
            ShowPercent(progress.Share);
        if (_lines.Next(progress) is string line)
            Info(line);
    }

    /// <summary>Removes the percentage from the terminal's tab.</summary>
    public void Finish()
    {
        lock (_gate)
        {
            if (_percentShown)
                Console.Out.Write("\u001b]9;4;3;\u001b\\");
            _percentShown = false;
        }
    }

    // OSC 9;4 shows the percentage in the tab or task bar, beside the terminal logger's lines
    // (docs/protocols/msbuild.md#progress). In a pipe it would be noise.
    private void ShowPercent(double share)
    {
        if (Console.IsOutputRedirected || Environment.GetEnvironmentVariable("TERM") is null or "dumb")
            return;
        _percentShown = true;
        Console.Out.Write(string.Create(CultureInfo.InvariantCulture,
            $"\u001b]9;4;1;{Math.Clamp((int)(share * 100), 0, 100)}\u001b\\"));
    }
}
