namespace WiseHub.Client;

/// <summary>
/// Formats progress as lines for a plain log: none in the first seconds, then one every 5 s, or every 10 % if that is sooner.
/// Thread-safe.
/// </summary>
public sealed class ProgressLines
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);

    private readonly Lock _gate = new();
    private TransferProgress? _first;
    private TimeSpan _lastTime;
    private double _lastShare;

    /// <summary>The next line if one is due, or null.</summary>
    public string? Next(TransferProgress progress)
    {
        double share = progress.Share;
        TransferProgress first;
        lock (_gate)
        {
            // The first report may include data of an earlier run, which does not count for the rate.
            first = _first ??= progress;
            if (progress.Elapsed < Interval || (progress.Elapsed - _lastTime < Interval && share - _lastShare < 0.1))
                return null;
            (_lastTime, _lastShare) = (progress.Elapsed, share);
        }
        double rate = (progress.BytesDone - first.BytesDone) / Math.Max((progress.Elapsed - first.Elapsed).TotalSeconds, 0.001);
        return Text.Of($"{share * 100:0} %, {ByteSize.Show(progress.BytesDone)} of {ByteSize.Show(progress.BytesTotal)}, "
            + $"{progress.FilesDone} of {progress.FilesTotal} files, {ByteSize.Show((long)rate)}/s");
    }
}
