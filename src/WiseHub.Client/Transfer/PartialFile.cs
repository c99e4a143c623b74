using System.Buffers;
using Microsoft.Win32.SafeHandles;
using WiseHub.Client.Files;
using WiseHub.Client.Store;

namespace WiseHub.Client.Transfer;

/// <summary>
/// The file in which a blob is assembled. If the content's identity is known, it names the file, and a checkpoint beside it lets
/// the next run resume. A lock keeps two processes from writing one file.
/// </summary>
internal sealed class PartialFile : IDisposable
{
    /// <summary>
    /// The unit of receiving, writing, hashing and checkpoints. A killed process loses at most this much for each connection.
    /// </summary>
    public const int BlockSize = 1 << 20;

    // Below this size, a restart costs less than keeping the partial file and a lock file for each.
    private const long WorthKeeping = BlockSize;

    private readonly string _notWritten;
    private readonly string _path;
    private readonly FileLock? _lock;
    private readonly Checkpoint? _checkpoint;
    private readonly SafeFileHandle _file;
    private readonly Lock _writing = new();
    private bool _taken;

    private PartialFile(string notWritten, string path, FileLock? held, SafeFileHandle file, Checkpoint? checkpoint)
    {
        (_notWritten, _path, _lock, _file, _checkpoint) = (notWritten, path, held, file, checkpoint);
    }

    private static string CheckpointOf(string path) => path + ".blocks";

    /// <summary>Opens the partial file of a blob, waiting while another process works on the same content.</summary>
    public static async ValueTask<PartialFile> OpenAsync(
        SnapshotStore store, WantedBlob blob, IHubLog log, TimeProvider time, CancellationToken cancel)
    {
        FileLock? held = blob.Identity is not null && blob.Size >= WorthKeeping
            ? await FileLock.AcquireAsync(store.LockPath("blob " + blob.Identity),
                blob.What, log, time, cancel).ConfigureAwait(false)
            : null;
        SafeFileHandle? file = null;
        try
        {
            // Without a lock, each process writes its own file.
            if (held is not { IsHeld: true })
            {
                string temporary = Path.Combine(store.PartialFolder, $"{Guid.NewGuid():N}.tmp");
                return new PartialFile(NotWritten(blob, store), temporary, held, Create(temporary, blob.Size), null);
            }
            string path = Path.Combine(store.PartialFolder, blob.Identity!);
            bool begun = File.Exists(path) && new FileInfo(path).Length <= blob.Size && File.Exists(CheckpointOf(path));
            file = begun
                ? ContendedFiles.OfSystem.Open(path, p => File.OpenHandle(p, FileMode.Open, FileAccess.ReadWrite, FileShare.None))
                : Create(path, blob.Size);
            if (!begun)
                ContendedFiles.OfSystem.Discard(CheckpointOf(path));
            return new PartialFile(NotWritten(blob, store), path, held, file,
                Checkpoint.Open(CheckpointOf(path), blob.Size!.Value, BlockSize));
        }
        catch
        {
            file?.Dispose();
            held?.Dispose();
            throw;
        }
    }

    public static string NotWritten(WantedBlob blob, SnapshotStore store) => TransferMessages.NotWritten(blob.What, store.Root);

    /// <summary>True if other processes may work on the same content; then there is a lock for it.</summary>
    public bool IsShared => _lock is not null;

    /// <summary>True for a block of an earlier run.</summary>
    public bool Has(int block) => _checkpoint is not null && _checkpoint.Has(block);

    /// <summary>The source of the kept blocks.</summary>
    public string? Etag
    {
        get => _checkpoint?.Etag;
        set
        {
            if (value is not null)
                _checkpoint?.SetEtag(value);
        }
    }

    /// <summary>Reads a block of an earlier run.</summary>
    /// <returns>False if its hash differs from the checkpoint, or the disk cannot read it: it must be fetched again.</returns>
    public bool TryRead(int block, Span<byte> into)
    {
        long at = (long)block * BlockSize;
        try
        {
            for (int read = 0; read < into.Length;)
            {
                int count = RandomAccess.Read(_file, into[read..], at + read);
                if (count == 0)
                    return false;
                read += count;
            }
        }
        // Most disks replace a sector that they cannot read when it is written again.
        catch (Exception e) when (IoFailures.IsFileSystem(e))
        {
            return false;
        }
        return _checkpoint!.Matches(block, into);
    }

    /// <summary>Reads a complete content in pieces.</summary>
    public void ReadAll(long size, Action<ReadOnlySpan<byte>> piece)
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent((int)Math.Clamp(size, 1, BlockSize));
        try
        {
            for (long at = 0; at < size;)
            {
                int read = RandomAccess.Read(_file, buffer.AsSpan(0, (int)Math.Min(buffer.Length, size - at)), at);
                if (read == 0)
                    throw new EndOfStreamException($"it ends at byte {at}");
                piece(buffer.AsSpan(0, read));
                at += read;
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>Writes a block, and then adds it to the checkpoint.</summary>
    /// <exception cref="HubException">
    /// WISE3007, WISE3008, WISE3013. With a code, so that it is not mistaken for a failure of the network.
    /// </exception>
    public void Write(int block, ReadOnlySpan<byte> bytes)
    {
        try
        {
            UInt128 hash = _checkpoint is null ? default : Checkpoint.HashOf(bytes);
            // Linux allows one write to a file at a time, and waiting writers spin: that took a tenth of the time of all cores.
            lock (_writing)
            {
                for (int at = 0; at < bytes.Length; at += BlobStore.WriteSize)
                    RandomAccess.Write(_file, bytes[at..Math.Min(at + BlobStore.WriteSize, bytes.Length)],
                        ((long)block * BlockSize) + at);
                _checkpoint?.Mark(block, hash);
            }
        }
        // .NET throws ArgumentOutOfRangeException for a file that is too large for its file system.
        catch (Exception e) when (IoFailures.IsFileSystem(e) || e is ArgumentOutOfRangeException)
        {
            throw IoFailures.ToHubException(e, _notWritten);
        }
    }

    /// <summary>Discards all blocks.</summary>
    public void Forget() => _checkpoint?.Forget();

    /// <summary>Moves the verified file into the store.</summary>
    public void MoveInto(BlobStore blobs, Digest digest, long size)
    {
        SparseFile.Unmark(_file);
        _file.Dispose();
        try
        {
            blobs.Ingest(_path, digest);
        }
        // On file systems whose locks hold on one machine only (NFS without a lock daemon), another machine may have finished the
        // same content first.
        catch (FileNotFoundException) when (blobs.Look(digest, size) == BlobState.Present)
        {
        }
        _taken = true;
    }

    public void Dispose()
    {
        bool keep = !_taken && _checkpoint is not null && _checkpoint.Any;
        _file.Dispose();
        _checkpoint?.Dispose();
        if (!keep && _checkpoint is not null)
            ContendedFiles.OfSystem.Discard(CheckpointOf(_path));
        if (!keep && !_taken)
            ContendedFiles.OfSystem.Discard(_path);
        _lock?.Dispose();
    }

    // Allocated at once, so that a full disk is reported before the download and the file is not fragmented.
    private static SafeFileHandle Create(string path, long? size) =>
        ContendedFiles.OfSystem.Open(path, p => SparseFile.Mark(File.OpenHandle(p, FileMode.Create, FileAccess.ReadWrite,
            FileShare.None, preallocationSize: size is > BlockSize ? size.Value : 0)));
}
