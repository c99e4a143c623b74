using System.Buffers;
using Microsoft.Win32.SafeHandles;
using WiseHub.Client.Files;
using WiseHub.Client.Store;

namespace WiseHub.Client.Transfer;

/// <summary>
/// Where a blob is put together on disk. Named by the content's identity where that is known, with a checkpoint beside it, so
/// that the next run goes on where this one ended; under a lock, so that two processes do not write one file.
/// </summary>
internal sealed class PartialFile : IDisposable
{
    /// <summary>
    /// What is received, written, hashed and remembered at a time. A kill loses at most this much of each connection.
    /// </summary>
    public const int BlockSize = 1 << 20;

    // Below this a lost start costs less than keeping its file, and less than a lock file for each.
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
            // Where no lock can be had, two processes must not write one file.
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

    /// <summary>Other processes may work on the same content: there is a lock for it.</summary>
    public bool IsShared => _lock is not null;

    /// <summary>True for a block that an earlier run left.</summary>
    public bool Has(int block) => _checkpoint is not null && _checkpoint.Has(block);

    /// <summary>Where the kept blocks came from.</summary>
    public string? Etag
    {
        get => _checkpoint?.Etag;
        set
        {
            if (value is not null)
                _checkpoint?.SetEtag(value);
        }
    }

    /// <summary>Reads a block that an earlier run left.</summary>
    /// <returns>False when it is not what that run wrote.</returns>
    public bool TryRead(int block, Span<byte> into)
    {
        long at = (long)block * BlockSize;
        for (int read = 0; read < into.Length;)
        {
            int count = RandomAccess.Read(_file, into[read..], at + read);
            if (count == 0)
                return false;
            read += count;
        }
        return _checkpoint!.Matches(block, into);
    }

    /// <summary>Reads the whole of a content that is complete, in pieces.</summary>
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

    /// <summary>Writes a block, and only then says that it is there.</summary>
    /// <exception cref="HubException">
    /// WISE3007, WISE3008, WISE3013. With a code, because a failure to write must not pass for one of the network.
    /// </exception>
    public void Write(int block, ReadOnlySpan<byte> bytes)
    {
        try
        {
            UInt128 hash = _checkpoint is null ? default : Checkpoint.HashOf(bytes);
            // Linux lets one write at a time into a file, and those that wait for it spin: a tenth of the time of all cores.
            lock (_writing)
            {
                for (int at = 0; at < bytes.Length; at += BlobStore.WriteSize)
                    RandomAccess.Write(_file, bytes[at..Math.Min(at + BlobStore.WriteSize, bytes.Length)],
                        ((long)block * BlockSize) + at);
                _checkpoint?.Mark(block, hash);
            }
        }
        // .NET says of a file that is too large for its file system that an argument is out of range.
        catch (Exception e) when (IoFailures.IsFileSystem(e) || e is ArgumentOutOfRangeException)
        {
            throw IoFailures.ToHubException(e, _notWritten);
        }
    }

    /// <summary>Forgets everything that has arrived.</summary>
    public void Forget() => _checkpoint?.Forget();

    /// <summary>Gives the verified file to the store.</summary>
    public void MoveInto(BlobStore blobs, Digest digest, long size)
    {
        SparseFile.Unmark(_file);
        _file.Dispose();
        try
        {
            blobs.Ingest(_path, digest);
        }
        // Locks that hold on one machine only (NFS without a lock daemon): another one worked on the same
        // content and was quicker.
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

    // The room is taken at once: a disk that is too small says so before the download, and the file is not scattered.
    private static SafeFileHandle Create(string path, long? size) =>
        ContendedFiles.OfSystem.Open(path, p => SparseFile.Mark(File.OpenHandle(p, FileMode.Create, FileAccess.ReadWrite,
            FileShare.None, preallocationSize: size is > BlockSize ? size.Value : 0)));
}
