using System.Buffers;
using WiseHub.Client.Store;

namespace WiseHub.Client.Transfer;

/// <summary>
/// The part of a blob that has arrived, and the hash of exactly that part. Named by the content's identity where that is known, so
/// that the next run goes on where this one ended; under a lock, so that two processes do not write one file.
/// </summary>
internal sealed class PartialFile : IDisposable
{
    // Below this a lost start costs less than keeping its file.
    private const long WorthKeeping = 1 << 20;

    private const int BufferSize = 1 << 20;

    private readonly string _notWritten;
    private readonly FileLock? _lock;
    private readonly FileStream _file;
    private readonly bool _keep;
    private readonly long? _gitSize;
    private ContentHash _hash;
    private bool _taken;

    private PartialFile(string notWritten, FileLock? held, FileStream file, bool keep, long? gitSize)
    {
        (_notWritten, _lock, _file, _keep, _gitSize) = (notWritten, held, file, keep, gitSize);
        _hash = new ContentHash(gitSize);
    }

    /// <summary>Bytes that are on disk and hashed.</summary>
    public long Length { get; private set; }

    /// <summary>Opens the partial file of a blob, waiting while another process works on the same content.</summary>
    public static async Task<PartialFile> OpenAsync(SnapshotStore store, WantedBlob blob, IHubLog log, TimeProvider time, CancellationToken cancel)
    {
        FileLock? held = blob.Identity is not null && blob.Size >= WorthKeeping
            ? await FileLock.AcquireAsync(store.LockPath("blob " + blob.Identity), blob.What, log, time, cancel).ConfigureAwait(false)
            : null;
        try
        {
            // Where no lock can be had, two processes must not write one file.
            bool keep = held is { IsHeld: true };
            string path = Path.Combine(store.PartialFolder, keep ? blob.Identity! : $"{Guid.NewGuid():N}.tmp");
            var file = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 1);
            return new PartialFile(NotWritten(blob, store), held, file, keep, blob.GitOid is null ? null : blob.Size);
        }
        catch
        {
            held?.Dispose();
            throw;
        }
    }

    /// <summary>Hashes what an earlier run left. Whether those bytes are right shows at the end, as for all others.</summary>
    public void Recover(long? size, CancellationToken cancel)
    {
        if (_file.Length == 0 || _file.Length > size)
        {
            Restart();
            return;
        }
        byte[] buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
        try
        {
            _file.Position = 0;
            for (int read; (read = _file.Read(buffer)) > 0; Length += read)
            {
                cancel.ThrowIfCancellationRequested();
                _hash.Append(buffer.AsSpan(0, read));
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>Forgets everything that has arrived.</summary>
    public void Restart()
    {
        _file.SetLength(0);
        _file.Position = 0;
        _hash.Dispose();
        _hash = new ContentHash(_gitSize);
        Length = 0;
    }

    public static string NotWritten(WantedBlob blob, SnapshotStore store) => $"{blob.What} could not be written to the cache {store.Root}";

    /// <exception cref="HubException">WISE3007, WISE3008, WISE3013. With a code, because a failure to write must not pass for one of the network.</exception>
    public void Append(ReadOnlySpan<byte> bytes)
    {
        try
        {
            _file.Write(bytes);
        }
        // .NET says of a file that is too large for its file system that an argument is out of range.
        catch (Exception e) when (IoFailures.IsFileSystem(e) || e is ArgumentOutOfRangeException)
        {
            throw IoFailures.ToHubException(e, _notWritten);
        }
        _hash.Append(bytes);
        Length += bytes.Length;
    }

    public (Digest Sha256, string? GitOid) Finish() => _hash.Finish();

    /// <summary>Gives the verified file to the store.</summary>
    public void MoveInto(BlobStore blobs, Digest digest)
    {
        _file.Dispose();
        blobs.Ingest(_file.Name, digest);
        _taken = true;
    }

    public void Dispose()
    {
        _file.Dispose();
        _hash.Dispose();
        if (!_taken && (!_keep || Length == 0))
            File.Delete(_file.Name);
        _lock?.Dispose();
    }
}
