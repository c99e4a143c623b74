using System.Security.Cryptography;
using System.Text;

namespace WiseHub.Client.Store;

/// <summary>
/// When what was last used. Lock files are the roots of what is kept: <c>roots/&lt;16 hex of the sha256 of its path&gt;</c> holds the path
/// of one, and its time of last write is the last use. For what was restored without a lock file that is the time of its tree.
/// </summary>
internal sealed class LastUses(string root, TimeProvider time, IHubLog log)
{
    /// <summary>A mark may be older than the last use by so much: it is written once an hour, so that a build that has everything only looks at it.</summary>
    public static readonly TimeSpan Resolution = TimeSpan.FromHours(1);

    public string Folder { get; } = Path.Combine(root, "roots");

    /// <summary>The file that registers a lock file.</summary>
    public string MarkOf(string lockFile) => Path.Combine(Folder, Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(lockFile)).AsSpan(0, 8)));

    /// <summary>Costs one look at a file.</summary>
    public bool IsFresh(string lockFile) => IsFresh(new FileInfo(MarkOf(lockFile)));

    /// <summary>Registers a lock file, and says that it is used now.</summary>
    public void MarkLockFile(string lockFile)
    {
        string mark = MarkOf(lockFile);
        if (!IsFresh(new FileInfo(mark)))
            Try(mark, () => AtomicFile.Write(mark, Encoding.UTF8.GetBytes(lockFile)));
    }

    /// <summary>Says that a file of the cache is used now.</summary>
    public void MarkFile(string path)
    {
        var file = new FileInfo(path);
        if (file.Exists && !IsFresh(file))
            Try(path, () => { });
    }

    // A time in the future comes from a clock that was wrong.
    private bool IsFresh(FileInfo mark) => mark.Exists && (time.GetUtcNow().UtcDateTime - mark.LastWriteTimeUtc).Duration() < Resolution;

    private void Try(string path, Action write)
    {
        try
        {
            write();
            File.SetLastWriteTimeUtc(path, time.GetUtcNow().UtcDateTime);
        }
        catch (Exception e) when (IoFailures.IsFileSystem(e))
        {
            // A cache that is only read, or a file of another user: the build has what it needs.
            log.Detail($"That {path} is used could not be written down: {e.Message}");
        }
    }
}
