using System.Globalization;
using WiseHub.Client.Files;

namespace WiseHub.Client.Store;

/// <summary>
/// What proves a blob untouched where a file system does not keep the time that it is given (network shares, FUSE, Windows disks
/// in WSL): <c>times/&lt;2 hex&gt;/&lt;62 hex&gt;</c> holds the size and the time that the file had when its bytes were known to
/// be right. There is no such folder where times work. A change within one tick of such a file system's clock that leaves the
/// size as it is does not show.
/// </summary>
internal sealed class BlobTimes(string root)
{
    private readonly string _folder = Path.Combine(root, "times");

    /// <summary>
    /// Writes down that a blob is right as it is now. Without it the blob is hashed again, so that a failure is none.
    /// </summary>
    public void Note(Digest digest, string blob)
    {
        try
        {
            AtomicFile.Write(PathOf(digest), System.Text.Encoding.ASCII.GetBytes(TextOf(new FileInfo(blob))));
        }
        catch (Exception e) when (IoFailures.IsForbidden(e))
        {
            // A cache that this user only reads.
        }
    }

    /// <summary>Whether a blob is as it was when that was written down.</summary>
    public bool Knows(Digest digest, FileInfo blob)
    {
        string path = PathOf(digest);
        try
        {
            return File.Exists(path) && File.ReadAllText(path) == TextOf(blob);
        }
        catch (Exception e) when (IoFailures.IsFileSystem(e))
        {
            // It cannot be read, or was removed just now: then nothing is known.
            return false;
        }
    }

    /// <summary>A blob is not known to be right any more.</summary>
    /// <returns>False when it was not.</returns>
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
