using System.Globalization;
using WiseHub.Client.Files;

namespace WiseHub.Client.Store;

/// <summary>
/// A record of verified blobs for file systems that do not keep the mtime they are given (network shares, FUSE, Windows disks in
/// WSL). <c>times/&lt;2 hex&gt;/&lt;62 hex&gt;</c> holds the size and mtime that the blob had when its bytes were verified. The
/// folder does not exist where times work. A change of the same size within one tick of the file system's clock goes unnoticed.
/// </summary>
internal sealed class BlobTimes(string root)
{
    private readonly string _folder = Path.Combine(root, "times");

    /// <summary>Records the current state of a blob as verified. A failure is harmless: the blob is hashed again.</summary>
    public void Note(Digest digest, string blob)
    {
        try
        {
            AtomicFile.Write(PathOf(digest), System.Text.Encoding.ASCII.GetBytes(TextOf(new FileInfo(blob))));
        }
        catch (Exception e) when (IoFailures.IsForbidden(e))
        {
            // This user can only read the cache.
        }
    }

    /// <summary>True when a blob is unchanged since it was recorded.</summary>
    public bool Knows(Digest digest, FileInfo blob)
    {
        string path = PathOf(digest);
        try
        {
            return File.Exists(path) && File.ReadAllText(path) == TextOf(blob);
        }
        catch (Exception e) when (IoFailures.IsFileSystem(e))
        {
            // Unreadable, or removed just now: the blob counts as unknown.
            return false;
        }
    }

    /// <summary>Removes the record of a blob, so that it no longer counts as verified.</summary>
    /// <returns>False when there was no record.</returns>
    public bool Forget(Digest digest)
    {
        string path = PathOf(digest);
        if (!File.Exists(path))
            return false;
        File.Delete(path);
        return true;
    }

    private string PathOf(Digest digest) => Path.Combine(_folder, digest.Hex[..2], digest.Hex[2..]);

    private static string TextOf(FileInfo blob) =>
        string.Create(CultureInfo.InvariantCulture, $"{blob.Length} {blob.LastWriteTimeUtc.Ticks}");
}
