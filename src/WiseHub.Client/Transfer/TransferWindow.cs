namespace WiseHub.Client.Transfer;

/// <summary>
/// The memory that all downloads of a client share for blocks that have arrived and are not written yet. However many engines
/// and files there are, together they hold no more. Safe for several threads.
/// </summary>
internal sealed class TransferWindow
{
    /// <summary>Most blocks in memory at once.</summary>
    // With what the runtime needs for itself (30 MiB) and what small files take beside a large one, 32 blocks of 1 MiB came to
    // 65 MiB above the idle process; the limit is 64.
    public const int MostBlocks = 24;

    private int _downloads;

    /// <summary>The share of one download, in blocks.</summary>
    public int BlocksEach => MostBlocks / Math.Max(1, Volatile.Read(ref _downloads));

    /// <summary>Counts a download, which then has its share, until it is disposed.</summary>
    public Place Enter()
    {
        Interlocked.Increment(ref _downloads);
        return new Place(this);
    }

    /// <summary>The place of one download.</summary>
    internal readonly struct Place(TransferWindow window) : IDisposable
    {
        public void Dispose() => Interlocked.Decrement(ref window._downloads);
    }
}
