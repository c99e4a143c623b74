using WiseHub.Client;

namespace WiseHub.Tool;

/// <summary>
/// Bytes per second over the last 8 seconds, so that a slower or stalled connection shows soon. Not thread-safe.
/// </summary>
internal sealed class RateMeter
{
    private static readonly TimeSpan Window = TimeSpan.FromSeconds(8);

    private readonly Queue<(TimeSpan Time, long Bytes)> _samples = [];
    private (TimeSpan Time, long Bytes) _last;

    public void Add(TransferProgress progress)
    {
        // A restarted file reduces the byte count, so older samples no longer give a rate.
        if (progress.BytesDone < _last.Bytes)
            _samples.Clear();
        _last = (progress.Elapsed, progress.BytesDone);
        _samples.Enqueue(_last);
    }

    /// <summary>The rate at a point in time; null as long as it is unknown.</summary>
    public double? At(TimeSpan now)
    {
        // One sample older than the window stays: the rate is measured from it.
        while (_samples.Count > 1 && now - _samples.ElementAt(1).Time > Window)
            _samples.Dequeue();
        if (_samples.Count == 0)
            return null;
        (TimeSpan time, long bytes) = _samples.Peek();
        TimeSpan span = now - time;
        return span < TimeSpan.FromSeconds(1) ? null : (_last.Bytes - bytes) / span.TotalSeconds;
    }
}
