namespace WiseHub.Client;

/// <summary>Sums the progress of parallel transfers, and reports it a few times a second.</summary>
internal sealed class ProgressMeter(IHubLog log, TimeProvider time, long bytesTotal, int filesTotal)
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(200);

    private readonly long _start = time.GetTimestamp();
    private long _bytes, _bytesTotal = bytesTotal;
    private int _files, _filesTotal = filesTotal;
    private long _lastReport = time.GetTimestamp();

    public TimeSpan Elapsed => time.GetElapsedTime(_start);

    public void Arrived(long bytes)
    {
        Interlocked.Add(ref _bytes, bytes);
        long last = Interlocked.Read(ref _lastReport), now = time.GetTimestamp();
        // If several transfers see that the interval is over, one of them reports.
        if (time.GetElapsedTime(last, now) >= Interval && Interlocked.CompareExchange(ref _lastReport, now, last) == last)
            Report();
    }

    /// <summary>Adds files and bytes that were not known before.</summary>
    public void Expect(int files, long bytes)
    {
        Interlocked.Add(ref _filesTotal, files);
        Interlocked.Add(ref _bytesTotal, bytes);
    }

    public void FileDone() => Interlocked.Increment(ref _files);

    public void Report() => log.Progress(new TransferProgress(Interlocked.Read(ref _bytes), Interlocked.Read(ref _bytesTotal),
        Volatile.Read(ref _files), Volatile.Read(ref _filesTotal), Elapsed));
}
