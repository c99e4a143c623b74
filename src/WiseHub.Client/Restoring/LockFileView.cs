using WiseHub.Client.Store;

namespace WiseHub.Client.Restoring;

/// <summary>
/// The lock file as one restore sees it: it is read once, and again only when somebody has written it meanwhile.
/// </summary>
internal sealed class LockFileView(string path, TimeProvider time)
{
    // Twice what the coarsest file systems round times to (FAT: 2 s). A younger file may change again without a
    // change of its time.
    private static readonly TimeSpan SettledAge = TimeSpan.FromSeconds(4);

    private bool _isSettled;
    private long _length;
    private DateTime _written;

    /// <summary>What the file said when it was last read or written here; null where there was none.</summary>
    public LockFile? Content { get; private set; }

    /// <summary>The bytes of <see cref="Content"/>.</summary>
    public byte[]? Bytes { get; private set; }

    /// <summary>What the file says now; null where there is none.</summary>
    /// <exception cref="HubException">WISE4001, WISE4002 or WISE4011.</exception>
    public LockFile? Read()
    {
        // The time comes before the content: a file that is written in between is read once more.
        var info = new FileInfo(path);
        long length = info.Exists ? info.Length : -1;
        DateTime written = info.LastWriteTimeUtc;
        if (_isSettled && length == _length && written == _written)
            return Content;
        byte[]? bytes = LockFile.ReadBytes(path);
        Content = bytes is null ? null : LockFile.Parse(bytes, path);
        Bytes = bytes;
        (_length, _written) = (length, written);
        // A symbolic link has a time of its own, which says nothing of what it leads to.
        _isSettled = length >= 0 && (info.Attributes & FileAttributes.ReparsePoint) == 0
            && time.GetUtcNow().UtcDateTime - written > SettledAge;
        return Content;
    }

    /// <summary>Replaces the file.</summary>
    public void Write(LockFile content, byte[] bytes)
    {
        AtomicFile.Write(path, bytes);
        (Content, Bytes, _isSettled) = (content, bytes, false);
    }
}
