namespace WiseHub.Client.Contents;

/// <summary>What a push has sent.</summary>
internal sealed class PushProgress(IHubLog log, TimeProvider time, IReadOnlyList<LocalFile> files)
{
    private readonly ProgressMeter _meter = new(log, time, files.Sum(f => f.Size), files.Count);
    private long _bytes;
    private int _files;

    /// <summary>Writes what was noted of the files, so that it is known after this process was killed, too.</summary>
    public required Action Remember { get; init; }

    /// <summary>Told how many bytes went out, or are taken back, as they do.</summary>
    public Action<long>? Seen { get; init; }

    public int FilesSent => Volatile.Read(ref _files);

    public long BytesSent => Interlocked.Read(ref _bytes);

    public TimeSpan Elapsed => _meter.Elapsed;

    /// <summary>
    /// Bytes of a content went out. Those of a try that failed are taken back from the meter, but they were sent.
    /// </summary>
    public void Sent(long bytes)
    {
        if (bytes > 0)
            Interlocked.Add(ref _bytes, bytes);
        _meter.Arrived(bytes);
        Seen?.Invoke(bytes);
    }

    /// <summary>A file's content is on the hub.</summary>
    /// <param name="file">The file.</param>
    /// <param name="missing">
    /// Bytes of it that were not sent, because the hub had them: all of them, or those of an earlier try.
    /// </param>
    public void Done(LocalFile file, long missing = 0)
    {
        if (missing > 0)
            _meter.Arrived(missing);
        if (missing < file.Size || file.Size == 0)
            Interlocked.Increment(ref _files);
        _meter.FileDone();
    }
}
