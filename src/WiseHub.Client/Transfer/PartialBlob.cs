using WiseHub.Client.Store;

namespace WiseHub.Client.Transfer;

/// <summary>The bytes of a blob while it is assembled, until it is verified and gets its name in the store.</summary>
internal abstract class PartialBlob : IDisposable
{
    /// <summary>
    /// The unit of receiving, writing, hashing and checkpoints. A killed process loses at most this much for each connection.
    /// </summary>
    public const int BlockSize = 1 << 20;

    // Below this size, a restart costs less than keeping the partial file and a lock file for each.
    private const long WorthKeeping = BlockSize;

    /// <summary>
    /// Opens the bytes of a blob. A small one is assembled in memory; a large one in a file, after waiting while another process
    /// works on the same content.
    /// </summary>
    public static async ValueTask<PartialBlob> OpenAsync(
        SnapshotStore store, WantedBlob blob, IHubLog log, TimeProvider time, CancellationToken cancel) =>
        blob.Size < WorthKeeping ? new PartialMemory(store, blob)
            : await PartialFile.OpenAsync(store, blob, log, time, cancel).ConfigureAwait(false);

    /// <summary>The beginning of a message about a failure of the disk.</summary>
    public static string NotWritten(WantedBlob blob, SnapshotStore store) => TransferMessages.NotWritten(blob.What, store.Root);

    /// <summary>True if other processes may work on the same content; then there is a lock for it.</summary>
    public virtual bool IsShared => false;

    /// <summary>True for a block of an earlier run.</summary>
    public virtual bool Has(int block) => false;

    /// <summary>The source of the kept blocks.</summary>
    public virtual string? Etag { get => null; set { } }

    /// <summary>Reads a block of an earlier run.</summary>
    /// <returns>False if its hash differs from the checkpoint, or the disk cannot read it: it must be fetched again.</returns>
    public virtual bool TryRead(int block, Span<byte> into) => false;

    /// <summary>Reads a complete content in pieces.</summary>
    public abstract void ReadAll(long size, Action<ReadOnlySpan<byte>> piece);

    /// <summary>Adds a block.</summary>
    /// <exception cref="HubException">
    /// WISE3007, WISE3008, WISE3013. With a code, so that it is not mistaken for a failure of the network.
    /// </exception>
    public abstract void Write(int block, ReadOnlySpan<byte> bytes);

    /// <summary>Discards all blocks.</summary>
    public virtual void Forget()
    {
    }

    /// <summary>Moves the verified content into the store.</summary>
    /// <inheritdoc cref="Write" path="/exception"/>
    public abstract void MoveInto(BlobStore blobs, Digest digest, long size);

    /// <inheritdoc/>
    public abstract void Dispose();
}
