using System.Security.Cryptography;
using System.Text;
using WiseHub.Client.Files;

namespace WiseHub.Client.Store;

/// <summary>
/// Records when each part of the cache was last used. Lock files are the roots of what the cache keeps:
/// <c>roots/&lt;16 hex of the sha256 of its path&gt;</c> holds the path of a lock file, a line feed and a copy of the lock file.
/// The mtime of that mark is the last use. For a restore without a lock file, the mtime of its tree is the last use.
/// </summary>
internal sealed class LastUses(string root, TimeProvider time, IHubLog log)
{
    /// <summary>
    /// A mark may be this much older than the last use. It is written at most once an hour, so that a build without changes only
    /// looks at it.
    /// </summary>
    public static readonly TimeSpan Resolution = TimeSpan.FromHours(1);

    private const int NameLength = 16;

    public string Folder { get; } = Path.Combine(root, "roots");

    /// <summary>The file that registers a lock file.</summary>
    public string MarkOf(string lockFile) => Path.Combine(Folder, NameOf(lockFile));

    /// <summary>
    /// The content of a mark. The copy shows which blobs are in use even when the lock file is unreadable: another user's private
    /// folder, or a deleted container.
    /// </summary>
    /// <returns>The lock file's path, or "" if it does not match the name of the mark, as after a crash; and the copy.</returns>
    public static (string LockFile, byte[] Copy) ReadMark(FileInfo mark)
    {
        byte[] bytes = ContendedFiles.OfSystem.Read(mark.FullName);
        int end = bytes.AsSpan().IndexOf((byte)'\n');
        string lockFile = Encoding.UTF8.GetString(bytes, 0, end < 0 ? bytes.Length : end);
        return (Path.IsPathFullyQualified(lockFile) && NameOf(lockFile) == mark.Name ? lockFile : "",
            end < 0 ? [] : bytes[(end + 1)..]);
    }

    public static bool IsMarkName(string name) => name.Length == NameLength && name.All(char.IsAsciiHexDigitLower);

    private static string NameOf(string lockFile) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(lockFile)))[..NameLength];

    /// <summary>Takes one look at a file.</summary>
    public bool IsFresh(string lockFile) => IsFresh(new FileInfo(MarkOf(lockFile)));

    /// <summary>Registers a lock file with its content, and marks it as used now.</summary>
    public void MarkLockFile(string lockFile, byte[] content, bool changed = false)
    {
        string mark = MarkOf(lockFile);
        if (changed || !IsFresh(new FileInfo(mark)))
            Try(mark, () => AtomicFile.Write(mark, [.. Encoding.UTF8.GetBytes(lockFile), (byte)'\n', .. content]));
    }

    /// <summary>Marks a file of the cache as used now.</summary>
    public void MarkFile(string path)
    {
        var file = new FileInfo(path);
        if (file.Exists && !IsFresh(file))
            Try(path, () => { });
    }

    // A time in the future was set by a wrong clock.
    private bool IsFresh(FileInfo mark) =>
        mark.Exists && (time.GetUtcNow().UtcDateTime - mark.LastWriteTimeUtc).Duration() < Resolution;

    private void Try(string path, Action write)
    {
        try
        {
            write();
            File.SetLastWriteTimeUtc(path, time.GetUtcNow().UtcDateTime);
        }
        catch (Exception e) when (IoFailures.IsFileSystem(e))
        {
            // A read-only cache or another user's file. The build has everything it needs.
            log.Detail((Text)$"The last use of {path} could not be recorded: {e.Message}");
        }
    }
}
