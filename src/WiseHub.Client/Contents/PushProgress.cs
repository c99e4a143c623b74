namespace WiseHub.Client.Contents;

/// <summary>Counts the sent files and bytes of a push.</summary>
internal sealed class PushProgress(IHubLog log, TimeProvider time, IReadOnlyList<LocalFile> files)
{
    private readonly ProgressMeter _meter = new(log, time, files.Sum(f => f.Size), files.Count);
    private long _bytes;
    private int _files;

    /// <summary>Writes the noted facts of the files, so that they survive if this process is killed.</summary>
    public required Action Remember { get; init; }

    /// <summary>Receives the number of sent bytes, negative for a failed try.</summary>
    public Action<long>? Seen { get; init; }

    public int FilesSent => Volatile.Read(ref _files);

    public long BytesSent => Interlocked.Read(ref _bytes);

    public TimeSpan Elapsed => _meter.Elapsed;

    /// <summary>
    /// Counts sent bytes. Those of a failed try are subtracted from the meter, but not from the number of sent bytes.
    /// </summary>
    public void Sent(long bytes)
    {
        if (bytes > 0)
            Interlocked.Add(ref _bytes, bytes);
        _meter.Arrived(bytes);
        Seen?.Invoke(bytes);
    }

    /// <summary>Counts a file whose content is on the hub.</summary>
    /// <param name="file">The file.</param>
    /// <param name="missing">
    /// The bytes that were not sent because the hub already had them: all, or those of an earlier try.
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
