namespace WiseHub.Client.Transfer;

/// <summary>
/// The memory budget that all downloads of a client share for blocks that are not hashed yet, independent of the number of
/// engines and files. Safe for several threads.
/// </summary>
internal sealed class TransferWindow
{
    /// <summary>Maximum number of blocks in memory.</summary>
    // 32 blocks of 1 MiB used 65 MiB more than the idle process, including the runtime's own 30 MiB and small files beside a
    // large one; the limit is 64.
    public const int MostBlocks = 24;

    private int _downloads;

    /// <summary>The share of one download, in blocks.</summary>
    public int BlocksEach => MostBlocks / Math.Max(1, Volatile.Read(ref _downloads));

    /// <summary>Adds a download, which then has its share until the result is disposed.</summary>
    public Place Enter()
    {
        Interlocked.Increment(ref _downloads);
        return new Place(this);
    }

    /// <summary>The share of one download.</summary>
    internal readonly struct Place(TransferWindow window) : IDisposable
    {
        public void Dispose() => Interlocked.Decrement(ref window._downloads);
    }
}
