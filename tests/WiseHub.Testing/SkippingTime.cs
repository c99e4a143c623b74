using System.Collections.Concurrent;

namespace WiseHub.Testing;

/// <summary>
/// A clock on which waits of up to a minute are over at once, and are remembered. Longer ones never end: give the limits of what
/// is tested (stall, total) more than a minute, and only real waits are skipped.
/// </summary>
public sealed class SkippingTime : TimeProvider
{
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(1);

    private readonly ConcurrentQueue<TimeSpan> _waits = new();
    private long _skipped;

    /// <summary>The waits that were skipped, in order.</summary>
    public IReadOnlyCollection<TimeSpan> Waits => _waits;

    public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + TimeSpan.FromTicks(Interlocked.Read(ref _skipped));

    public override long GetTimestamp() =>
        base.GetTimestamp() + Interlocked.Read(ref _skipped) * (TimestampFrequency / TimeSpan.TicksPerSecond);

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        if (dueTime == Timeout.InfiniteTimeSpan || dueTime > Longest)
            return base.CreateTimer(callback, state, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _waits.Enqueue(dueTime);
        Interlocked.Add(ref _skipped, dueTime.Ticks);
        return base.CreateTimer(callback, state, TimeSpan.Zero, Timeout.InfiniteTimeSpan);
    }
}
