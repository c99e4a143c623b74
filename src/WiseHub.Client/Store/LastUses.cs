using System.Security.Cryptography;
using System.Text;
using WiseHub.Client.Files;

namespace WiseHub.Client.Store;

/// <summary>
/// When what was last used. Lock files are the roots of what is kept: <c>roots/&lt;16 hex of the sha256 of its path&gt;</c> holds
/// the path of one, an end of line and a copy of it, and its time of last write is the last use. For what was restored without a
/// lock file that is the time of its tree.
/// </summary>
internal sealed class LastUses(string root, TimeProvider time, IHubLog log)
{
    /// <summary>
    /// A mark may be older than the last use by so much: it is written once an hour, so that a build that has
    /// everything only looks at it.
    /// </summary>
    public static readonly TimeSpan Resolution = TimeSpan.FromHours(1);

    private const int NameLength = 16;

    public string Folder { get; } = Path.Combine(root, "roots");

    /// <summary>The file that registers a lock file.</summary>
    public string MarkOf(string lockFile) => Path.Combine(Folder, NameOf(lockFile));

    /// <summary>
    /// What a mark holds. The copy tells what is kept where the lock file is of a user whose folders nobody else may see, or in a
    /// container that is gone.
    /// </summary>
    /// <returns>The path, empty where it is not the one that the name of the mark says, as after a crash; and the copy.</returns>
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

    /// <summary>Costs one look at a file.</summary>
    public bool IsFresh(string lockFile) => IsFresh(new FileInfo(MarkOf(lockFile)));

    /// <summary>Registers a lock file with its content, and marks it as used now.</summary>
    public void MarkLockFile(string lockFile, byte[] content, bool changed = false)
    {
        string mark = MarkOf(lockFile);
        if (changed || !IsFresh(new FileInfo(mark)))
            Try(mark, () => AtomicFile.Write(mark, [.. Encoding.UTF8.GetBytes(lockFile), (byte)'\n', .. content]));
    }

    /// <summary>Says that a file of the cache is used now.</summary>
    public void MarkFile(string path)
    {
        var file = new FileInfo(path);
        if (file.Exists && !IsFresh(file))
            Try(path, () => { });
    }

    // A time in the future comes from a clock that was wrong.
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
            // A cache that is only read, or a file of another user: the build has what it needs.
            log.Detail($"That {path} is used could not be written down: {e.Message}");
        }
    }
}
