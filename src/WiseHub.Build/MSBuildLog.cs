using System.Globalization;
using Microsoft.Build.Framework;
using Microsoft.Build.Utilities;
using WiseHub.Client;

namespace WiseHub.Build;

/// <summary>The library's words as MSBuild messages, and its progress as messages that a plain log can hold.</summary>
internal sealed class MSBuildLog(TaskLoggingHelper log, Func<RepoReference?, (string? File, int Line, int Column)> locate) : IHubLog
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);

    private readonly Lock _gate = new();
    private TimeSpan _lastTime;
    private double _lastShare;
    private bool _percentShown;

    public void Info(string message) => log.LogMessage(MessageImportance.High, "WiseHub: {0}", message);

    public void Detail(string message) => log.LogMessage(MessageImportance.Low, "WiseHub: {0}", message);

    public void Warning(string code, string message, RepoReference? reference = null)
    {
        (string? file, int line, int column) = locate(reference);
        log.LogWarning(null, code, null, WiseCodes.HelpLink(code), file, line, column, 0, 0, "{0}", message);
    }

    public void Progress(TransferProgress progress)
    {
        double share = progress.BytesTotal == 0 ? 1 : (double)progress.BytesDone / progress.BytesTotal;
        lock (_gate)
        {
            ShowPercent(share);
            // Every 5 s, and at most ten times in all where it is faster (DESIGN.md section 7).
            if (progress.Elapsed < Interval || (progress.Elapsed - _lastTime < Interval && share - _lastShare < 0.1))
                return;
            (_lastTime, _lastShare) = (progress.Elapsed, share);
        }
        double rate = progress.BytesDone / Math.Max(progress.Elapsed.TotalSeconds, 0.001);
        Info(string.Create(CultureInfo.InvariantCulture,
            $"{share * 100:0} %, {ByteSize.Show(progress.BytesDone)} of {ByteSize.Show(progress.BytesTotal)}, {progress.FilesDone} of {progress.FilesTotal} files, {ByteSize.Show((long)rate)}/s"));
    }

    /// <summary>Takes the percent off the terminal's tab.</summary>
    public void Finish()
    {
        lock (_gate)
        {
            if (_percentShown)
                Console.Out.Write("\u001b]9;4;3;\u001b\\");
            _percentShown = false;
        }
    }

    // OSC 9;4 shows percent in the tab or task bar beside the terminal logger's lines (PLATFORM.md section 7); in a pipe it is noise.
    private void ShowPercent(double share)
    {
        if (Console.IsOutputRedirected || Environment.GetEnvironmentVariable("TERM") is null or "dumb")
            return;
        _percentShown = true;
        Console.Out.Write(string.Create(CultureInfo.InvariantCulture, $"\u001b]9;4;1;{Math.Clamp((int)(share * 100), 0, 100)}\u001b\\"));
    }
}
