using System.Security.Cryptography;

namespace WiseHub.Client.Store;

/// <summary>What a look at a blob's place says, without reading it.</summary>
internal enum BlobState
{
    /// <summary>Nothing there.</summary>
    Missing,
    /// <summary>There, with the right size and the mtime that its digest gives: untouched since it was verified.</summary>
    Present,
    /// <summary>There, but size or mtime is off: somebody touched it, so it must be hashed again.</summary>
    Touched,
}

/// <summary>Contents named by their sha256: <c>blobs/&lt;2 hex&gt;/&lt;62 hex&gt;</c> (DESIGN.md section 6).</summary>
/// <param name="root">The <c>blobs</c> folder.</param>
internal sealed class BlobStore(string root)
{
    // A blob's mtime is a function of its digest, so that it is distinct per content (the SDK's IfDifferent compares size and
    // mtime), the same on every machine, and a touched blob is noticed by one stat. 2 s is the resolution of FAT.
    private static readonly DateTime Epoch = new(2000, 1, 1, 0, 0, 0, DateTimeKind.Utc);

    private const int BufferSize = 1 << 20;

    private static readonly string Separator = Path.DirectorySeparatorChar.ToString();

    private readonly string _prefix = Path.TrimEndingDirectorySeparator(root) + Path.DirectorySeparatorChar;

    public string PathOf(Digest digest)
    {
        ReadOnlySpan<char> hex = digest.Hex;
        return string.Concat(_prefix, hex[..2], Separator, hex[2..]);
    }

    public static DateTime MtimeOf(Digest digest) => Epoch.AddSeconds(2.0 * digest.First28Bits);

    public BlobState Look(Digest digest, long size) => Look(PathOf(digest), digest, size);

    /// <summary>One stat, of a path that <see cref="PathOf"/> gave.</summary>
    public static BlobState Look(string path, Digest digest, long size)
    {
        var file = new FileInfo(path);
        return !file.Exists ? BlobState.Missing
            : file.Length == size && file.LastWriteTimeUtc == MtimeOf(digest) ? BlobState.Present
            : BlobState.Touched;
    }

    /// <summary>Says whether the blob is there and right; one that was touched is hashed again and, if it is still right, marked so.</summary>
    /// <returns>False when it is missing or its bytes are wrong (it then stays until a right one replaces it).</returns>
    public bool Verify(Digest digest, long size, bool always = false, CancellationToken cancel = default)
    {
        BlobState state = Look(digest, size);
        if (state == BlobState.Missing || (state == BlobState.Present && !always))
            return state == BlobState.Present;
        string path = PathOf(digest);
        if (new FileInfo(path).Length != size || HashFile(path, cancel) != digest)
            return false;
        if (state == BlobState.Touched)
            SetMtime(path, digest);
        return true;
    }

    /// <summary>Takes a verified temporary file of the same file system into the store, replacing whatever is there.</summary>
    public void Ingest(string temporary, Digest digest)
    {
        string path = PathOf(digest);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        SetMtime(temporary, digest);
        File.Move(temporary, path, overwrite: true);
    }

    /// <summary>Copies a file into the store, hashing it on the way, unless its content is there already.</summary>
    public (Digest Digest, long Size) Add(string file, CancellationToken cancel)
    {
        Directory.CreateDirectory(root);
        string temporary = Path.Combine(root, $".{Guid.NewGuid():N}.tmp");
        try
        {
            Digest digest;
            long size = 0;
            using (var source = OpenSequential(file))
            using (var target = new FileStream(temporary, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 1))
            using (var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256))
            {
                byte[] buffer = new byte[BufferSize];
                for (int read; (read = source.Read(buffer)) > 0; size += read)
                {
                    cancel.ThrowIfCancellationRequested();
                    hash.AppendData(buffer, 0, read);
                    target.Write(buffer, 0, read);
                }
                digest = Digest.FromBytes(hash.GetHashAndReset());
            }
            if (!Verify(digest, size, cancel: cancel))
                Ingest(temporary, digest);
            return (digest, size);
        }
        finally
        {
            File.Delete(temporary);
        }
    }

    public static Digest HashFile(string file, CancellationToken cancel)
    {
        using var source = OpenSequential(file);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        byte[] buffer = new byte[BufferSize];
        for (int read; (read = source.Read(buffer)) > 0;)
        {
            cancel.ThrowIfCancellationRequested();
            hash.AppendData(buffer, 0, read);
        }
        return Digest.FromBytes(hash.GetHashAndReset());
    }

    private static FileStream OpenSequential(string file) =>
        new(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 1, FileOptions.SequentialScan);

    private static void SetMtime(string path, Digest digest) => File.SetLastWriteTimeUtc(path, MtimeOf(digest));
}
