using System.Collections.Concurrent;
using WiseHub.Client.Files;
using WiseHub.Client.Store;

namespace WiseHub.Client;

/// <summary>
/// Places files of the store by the ladder of <see cref="LinkMode"/>, remembering which rungs are possible between which volumes.
/// </summary>
public sealed class FilePlacer
{
    private readonly IHubLog _log;
    private readonly Linker _linker;

    /// <summary>Makes a placer that has tried no way yet.</summary>
    /// <param name="log">Receives reports of what is placed; null = nobody.</param>
    public FilePlacer(IHubLog? log = null) : this(log ?? SilentLog.Instance, null)
    {
    }

    internal FilePlacer(IHubLog log, ContendedFiles? files) => (_log, _linker) = (log, new Linker(log, files));

    /// <summary>
    /// Asked before a file is replaced that has another content and is no placed blob; false leaves it as it is. Null =
    /// everything may be replaced.
    /// </summary>
    public Func<string, bool>? MayReplace { get; set; }

    /// <summary>Files placed so far, by the way it was done.</summary>
    public IReadOnlyDictionary<LinkMode, int> Placed =>
        Enum.GetValues<LinkMode>().Where(m => _linker.CountOf(m) > 0).ToDictionary(m => m, _linker.CountOf);

    /// <summary>Bytes that had to be copied.</summary>
    public long BytesCopied => _linker.BytesCopied;

    /// <summary>Bytes that a clone or a link saved from being copied.</summary>
    public long BytesShared => _linker.BytesShared;

    /// <summary>
    /// Places one file; does nothing when it is there already. What stood there stays until the new file is whole.
    /// </summary>
    /// <exception cref="HubException">WISE3007, WISE3008, WISE3011, WISE3070 or WISE3072.</exception>
    public bool Place(string blob, string destination, LinkMode mode)
    {
        try
        {
            return _linker.Place(blob, destination, mode,
                MayReplace is null ? null : to => IsOwn(blob, to) || MayReplace(to.FullName));
        }
        catch (Exception e) when (IoFailures.IsFileSystem(e))
        {
            throw Explain(e, blob, destination);
        }
    }

    /// <summary>Says how the files came to a folder and what that saved; says nothing where nothing had to be done.</summary>
    public void Report(string folder)
    {
        int shared = 0, copied = _linker.CountOf(LinkMode.Copy);
        var parts = new List<string>();
        for (LinkMode rung = LinkMode.Clone; rung < LinkMode.Copy; rung++)
        {
            if (_linker.CountOf(rung) is > 0 and int count)
            {
                shared += count;
                parts.Add($"{count} {Word(rung)}");
            }
        }
        if (shared + copied == 0)
            return;
        if (shared > 0)
            parts[^1] += $" ({ByteSize.Show(BytesShared)} not copied)";
        if (copied > 0)
            parts.Add($"{copied} copied ({ByteSize.Show(BytesCopied)})");
        _log.Detail($"Placed {shared + copied} files in {folder}: {string.Join(", ", parts)}.");
    }

    /// <summary>True when nothing is lost by replacing a file with a blob: it is a blob, or has the same content.</summary>
    internal static bool IsOwn(string blob, FileInfo file) => IsPlacedBlob(file) || HasSameContent(blob, file);

    // By its time, which is that of no other file; of a symbolic link, by what it leads to.
    private static bool IsPlacedBlob(FileInfo file) =>
        (BlobStore.IsMtimeOfBlob(file.LastWriteTimeUtc) && file.LastWriteTimeUtc.Ticks % (2 * TimeSpan.TicksPerSecond) == 0)
            || (file.LinkTarget is string target && IsBlob(target));

    private static bool HasSameContent(string blob, FileInfo other)
    {
        using FileStream left = File.OpenRead(blob);
        using FileStream right = other.OpenRead();
        if (left.Length != right.Length)
            return false;
        byte[] one = new byte[64 << 10], two = new byte[64 << 10];
        for (int read; (read = left.ReadAtLeast(one, one.Length, throwOnEndOfStream: false)) > 0;)
        {
            if (right.ReadAtLeast(two.AsSpan(0, read), read, throwOnEndOfStream: false) < read
                || !one.AsSpan(0, read).SequenceEqual(two.AsSpan(0, read)))
                return false;
        }
        return true;
    }

    /// <summary>True when a path is that of a blob in some WiseHub store.</summary>
    public static bool IsBlob(string path)
    {
        ReadOnlySpan<char> name = Path.GetFileName(path.AsSpan()), folder = Path.GetDirectoryName(path.AsSpan()),
            parent = Path.GetFileName(folder);
        return name.Length == 62 && parent.Length == 2 && Path.GetFileName(Path.GetDirectoryName(folder)) is "blobs"
            && name.IndexOfAnyExcept(Digest.LowerHex) < 0 && parent.IndexOfAnyExcept(Digest.LowerHex) < 0;
    }

    /// <summary>Finds files whose bytes do not have their digest. It reads all of them, on all cores.</summary>
    /// <param name="files">Absolute path and expected digest.</param>
    /// <param name="cancel">Ends the reading.</param>
    /// <returns>The paths that are missing or wrong.</returns>
    public static async Task<IReadOnlyList<string>> FindDamagedAsync(
        IEnumerable<(string Path, Digest Sha256)> files, CancellationToken cancel = default)
    {
        var damaged = new ConcurrentBag<string>();
        await Parallel.ForEachAsync(files, cancel, (file, token) =>
        {
            if (!File.Exists(file.Path) || BlobStore.HashFile(file.Path, token) != file.Sha256)
                damaged.Add(file.Path);
            return ValueTask.CompletedTask;
        }).ConfigureAwait(false);
        return [.. damaged.Order(StringComparer.Ordinal)];
    }

    private static string Word(LinkMode mode) => mode switch
    {
        LinkMode.Clone => "cloned",
        LinkMode.Hardlink => "hard-linked",
        _ => "linked symbolically",
    };

    // Where the cache is has no part in these, other than in a restore.
    internal static HubException Explain(Exception e, string blob, string destination)
    {
        string what = $"{destination} could not be placed";
        if (IoFailures.IsDiskFull(e))
            return new HubException(WiseCodes.DiskFull,
                $"{what}: the disk is full. Free space there; what stood there before is still whole.", e);
        if (IoFailures.IsForbidden(e))
            return new HubException(WiseCodes.NoPermission,
                $"{what}: {e.Message} Give this user the right to write there, or choose another folder.", e);
        if (IoFailures.KindOf(e) == IoFailureKind.InUse)
            return IoFailures.InUse(e, what);
        if (IoFailures.KindOf(e) == IoFailureKind.NameTooLong)
            return new HubException(WiseCodes.PathTooLong,
                $"{what}: {e.Message} Choose an output folder or a TargetPath with a shorter name.", e);
        if (e is FileNotFoundException or DirectoryNotFoundException && !File.Exists(blob))
            return new HubException(WiseCodes.PlacementFailed, $"{what}: {blob} is gone from the cache since it was looked at. "
                + "Run it again, and do not delete from a cache in use.", e);
        return new HubException(WiseCodes.PlacementFailed, $"{what}: {e.Message} Remove what is in its way.", e);
    }
}
