using WiseHub.Client.Store;

namespace WiseHub.Client.Restoring;

/// <summary>
/// The lock file as one restore sees it. It is read once, and again only after another process or a person wrote it.
/// </summary>
/// <param name="path">The lock file.</param>
/// <param name="time">The clock.</param>
/// <param name="manifest">What was read from that path already, if it is a run-time manifest, which does not change.</param>
internal sealed class LockFileView(string path, TimeProvider time, RunTimeManifest? manifest = null)
{
    // Twice the coarsest time stamp of a file system (FAT: 2 s). A younger file may change again and keep its time.
    private static readonly TimeSpan SettledAge = TimeSpan.FromSeconds(4);

    private bool _isSettled;
    private long _length;
    private DateTime _written;

    /// <summary>The content when the file was last read or written here; null if there was no file.</summary>
    public LockFile? Content { get; private set; } = manifest?.Lock;

    /// <summary>The bytes of <see cref="Content"/>.</summary>
    public byte[]? Bytes { get; private set; } = manifest?.ToBytes();

    /// <summary>The current content; null if there is no file.</summary>
    /// <exception cref="HubException">WISE4001, WISE4002 or WISE4011.</exception>
    public LockFile? Read()
    {
        if (manifest is not null)
            return Content;
        // The time is read before the content, so that a file written in between is read once more.
        var info = new FileInfo(path);
        long length = info.Exists ? info.Length : -1;
        DateTime written = info.LastWriteTimeUtc;
        if (_isSettled && length == _length && written == _written)
            return Content;
        byte[]? bytes = LockFile.ReadBytes(path);
        Content = bytes is null ? null : LockFile.Parse(bytes, path);
        Bytes = bytes;
        (_length, _written) = (length, written);
        // A symbolic link has its own time, which does not change with its target.
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
