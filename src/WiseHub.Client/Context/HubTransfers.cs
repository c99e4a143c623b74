namespace WiseHub.Client.Context;

/// <summary>
/// What hubs fetch by themselves while one restore asks them: the content of a URL, the archive that files lie in. Safe
/// for several threads.
/// </summary>
/// <param name="log">Where progress is told.</param>
/// <param name="time">The clock.</param>
internal sealed class HubTransfers(IHubLog log, TimeProvider time)
{
    private int _files;
    private long _bytes;

    /// <summary>One for all, because they may come side by side.</summary>
    public ProgressMeter Meter { get; } = new(log, time, 0, 0);

    public int Files => Volatile.Read(ref _files);

    public long Bytes => Interlocked.Read(ref _bytes);

    /// <param name="size">Where it is known before.</param>
    public void Begin(long? size) => Meter.Expect(1, size ?? 0);

    /// <param name="expected">What <see cref="Begin"/> was told.</param>
    /// <param name="size">What came.</param>
    public void End(long? expected, long size)
    {
        Interlocked.Increment(ref _files);
        Interlocked.Add(ref _bytes, size);
        Meter.Expect(0, size - (expected ?? 0));
        Meter.FileDone();
        Meter.Report();
    }
}
