using System.Globalization;

namespace WiseHub.Client;

/// <summary>
/// Progress as lines for a plain log: nothing in the first seconds, then every 5 s, and where it is faster than that every 10 %.
/// Safe to use from several threads.
/// </summary>
public sealed class ProgressLines
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);

    private readonly Lock _gate = new();
    private TransferProgress? _first;
    private TimeSpan _lastTime;
    private double _lastShare;

    /// <summary>The line that is due now, or null.</summary>
    public string? Next(TransferProgress progress)
    {
        double share = progress.Share;
        TransferProgress first;
        lock (_gate)
        {
            // What an earlier run left behind is there at once, and is nothing that the line did.
            first = _first ??= progress;
            if (progress.Elapsed < Interval || (progress.Elapsed - _lastTime < Interval && share - _lastShare < 0.1))
                return null;
            (_lastTime, _lastShare) = (progress.Elapsed, share);
        }
        double rate = (progress.BytesDone - first.BytesDone) / Math.Max((progress.Elapsed - first.Elapsed).TotalSeconds, 0.001);
        return string.Create(CultureInfo.InvariantCulture,
            $"{share * 100:0} %, {ByteSize.Show(progress.BytesDone)} of {ByteSize.Show(progress.BytesTotal)}, "
            + $"{progress.FilesDone} of {progress.FilesTotal} files, {ByteSize.Show((long)rate)}/s");
    }
}
