using System.Buffers;
using WiseHub.Client.Files;
using WiseHub.Client.Store;

namespace WiseHub.Client.Transfer;

/// <summary>
/// A blob of at most one block, in memory. It becomes a file when it is verified, so that a file of a snapshot with thousands is
/// written once, by few calls.
/// </summary>
internal sealed class PartialMemory(SnapshotStore store, WantedBlob blob) : PartialBlob
{
    private byte[] _bytes = [];
    private int _length;

    public override void ReadAll(long size, Action<ReadOnlySpan<byte>> piece) => piece(_bytes.AsSpan(0, _length));

    public override void Write(int block, ReadOnlySpan<byte> bytes)
    {
        // The buffer that the bytes arrived in goes back to the pool when they are hashed.
        if (_bytes.Length < bytes.Length)
        {
            Dispose();
            _bytes = ArrayPool<byte>.Shared.Rent(bytes.Length);
        }
        bytes.CopyTo(_bytes);
        _length = bytes.Length;
    }

    public override void MoveInto(BlobStore blobs, Digest digest, long size)
    {
        string temporary = Path.Combine(store.PartialFolder, TemporaryNames.Stem() + ".tmp");
        try
        {
            blobs.Ingest(temporary, _bytes.AsSpan(0, _length), digest);
        }
        catch (Exception e) when (IoFailures.IsFileSystem(e))
        {
            ContendedFiles.OfSystem.Discard(temporary);
            throw IoFailures.ToHubException(e, NotWritten(blob, store));
        }
    }

    public override void Dispose()
    {
        if (_bytes.Length > 0)
            ArrayPool<byte>.Shared.Return(_bytes);
        _bytes = [];
    }
}
