namespace WiseHub.Testing;

/// <summary>
/// A clock that runs <paramref name="factor"/> times as fast as the machine's: waits are short, and limits are real.
/// </summary>
public sealed class FasterTime(int factor) : TimeProvider
{
    private readonly DateTimeOffset _start = System.GetUtcNow();

    public override DateTimeOffset GetUtcNow() => _start + ((base.GetUtcNow() - _start) * factor);

    public override long GetTimestamp() => base.GetTimestamp() * factor;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        new FasterTimer(base.CreateTimer(callback, state, Shorten(dueTime), Shorten(period)), this);

    private TimeSpan Shorten(TimeSpan wait) => wait <= TimeSpan.Zero ? wait : wait / factor;

    // What is set again later is shortened, too.
    private sealed class FasterTimer(ITimer timer, FasterTime time) : ITimer
    {
        public bool Change(TimeSpan dueTime, TimeSpan period) => timer.Change(time.Shorten(dueTime), time.Shorten(period));

        public void Dispose() => timer.Dispose();

        public ValueTask DisposeAsync() => timer.DisposeAsync();
    }
}
