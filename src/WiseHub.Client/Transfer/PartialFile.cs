using System.Buffers;
using Microsoft.Win32.SafeHandles;
using WiseHub.Client.Files;
using WiseHub.Client.Store;

namespace WiseHub.Client.Transfer;

/// <summary>
/// The file in which a large blob, or one of unknown size, is assembled. If the content's identity is known, it names the file,
/// and a checkpoint beside it lets the next run resume. A lock keeps two processes from writing one file.
/// </summary>
internal sealed class PartialFile : PartialBlob
{
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

    /// <summary>The place of a blob whose identity is known.</summary>
    public static string PathOf(SnapshotStore store, string identity) => Path.Combine(store.PartialFolder, identity);

    private static string CheckpointOf(string path) => path + ".blocks";

    /// <summary>Opens the partial file of a blob, waiting while another process works on the same content.</summary>
    public static new async ValueTask<PartialFile> OpenAsync(
        SnapshotStore store, WantedBlob blob, IHubLog log, TimeProvider time, CancellationToken cancel)
    {
        FileLock? held = blob is { Identity: not null, Size: not null }
            ? await FileLock.AcquireAsync(store.LockPath("blob " + blob.Identity),
                blob.What, log, time, cancel).ConfigureAwait(false)
            : null;
        SafeFileHandle? file = null;
        try
        {
            // Without a lock, each process writes its own file.
            if (held is not { IsHeld: true })
            {
                string temporary = Path.Combine(store.PartialFolder, TemporaryNames.Stem() + ".tmp");
                return new PartialFile(NotWritten(blob, store), temporary, held, Create(temporary, blob.Size), null);
            }
            string path = PathOf(store, blob.Identity!);
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

    public override bool IsShared => _lock is not null;

    public override bool Has(int block) => _checkpoint is not null && _checkpoint.Has(block);

    public override string? Etag
    {
        get => _checkpoint?.Etag;
        set
        {
            if (value is not null)
                _checkpoint?.SetEtag(value);
        }
    }

    public override bool TryRead(int block, Span<byte> into)
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

    public override void ReadAll(long size, Action<ReadOnlySpan<byte>> piece)
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent((int)Math.Clamp(size, 1, BlockSize));
        try
        {
            for (long at = 0; at < size;)
            {
                int read = RandomAccess.Read(_file, buffer.AsSpan(0, (int)Math.Min(buffer.Length, size - at)), at);
                if (read == 0)
                    throw new EndOfStreamException((Text)$"it ends at byte {at}");
                piece(buffer.AsSpan(0, read));
                at += read;
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    public override void Write(int block, ReadOnlySpan<byte> bytes)
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

    public override void Forget() => _checkpoint?.Forget();

    public override void MoveInto(BlobStore blobs, Digest digest, long size)
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

    public override void Dispose()
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
