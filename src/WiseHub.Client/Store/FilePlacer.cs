using System.Collections.Concurrent;
using WiseHub.Client.Files;
using WiseHub.Client.Store;

namespace WiseHub.Client;

/// <summary>
/// Places files of the store, trying the modes of <see cref="LinkMode"/> in order and remembering which ones work between which
/// volumes.
/// </summary>
public sealed class FilePlacer
{
    private readonly IHubLog _log;
    private readonly Linker _linker;

    /// <summary>Makes a placer that has not tried any mode yet.</summary>
    /// <param name="log">Receives a report of placed files; null = no report.</param>
    public FilePlacer(IHubLog? log = null) : this(log ?? SilentLog.Instance, null)
    {
    }

    internal FilePlacer(IHubLog log, ContendedFiles? files) => (_log, _linker) = (log, new Linker(log, files));

    /// <summary>
    /// Asked before replacing a file that has different content and is not a placed blob; false keeps that file. Null = every
    /// file may be replaced.
    /// </summary>
    public Func<string, bool>? MayReplace { get; set; }

    /// <summary>Number of files placed so far, by mode.</summary>
    public IReadOnlyDictionary<LinkMode, int> Placed =>
        Enum.GetValues<LinkMode>().Where(m => _linker.CountOf(m) > 0).ToDictionary(m => m, _linker.CountOf);

    /// <summary>Bytes copied.</summary>
    public long BytesCopied => _linker.BytesCopied;

    /// <summary>Bytes that a clone or a link saved from copying.</summary>
    public long BytesShared => _linker.BytesShared;

    /// <summary>
    /// Places one file; does nothing when it is already there. An existing file stays until the new one is complete.
    /// </summary>
    /// <exception cref="HubException">WISE3007, WISE3008, WISE3011, WISE3070 or WISE3072.</exception>
    public bool Place(string blob, string destination, LinkMode mode) => Place(blob, destination, mode, null, false);

    /// <summary>Places a file in a folder of the cache, where files are never replaced.</summary>
    /// <inheritdoc cref="Place(string, string, LinkMode)" path="/exception"/>
    internal bool PlaceInCache(SnapshotFile file, string destination, LinkMode mode) =>
        Place(file.BlobPath, destination, mode, new FileFacts(FileKind.File, file.Size, BlobStore.MtimeOf(file.Sha256)),
            linksReadOnly: true);

    private bool Place(string blob, string destination, LinkMode mode, FileFacts? known, bool linksReadOnly)
    {
        try
        {
            return _linker.Place(blob, destination, mode,
                MayReplace is null ? null : to => IsOwn(blob, to) || MayReplace(to.FullName), known, linksReadOnly);
        }
        catch (Exception e) when (IoFailures.IsFileSystem(e))
        {
            throw Explain(e, blob, destination);
        }
    }

    /// <summary>
    /// Logs how many files were placed in a folder, by mode, and how many bytes that saved. Logs nothing if nothing was placed.
    /// </summary>
    public void Report(string folder)
    {
        int shared = 0, copied = _linker.CountOf(LinkMode.Copy);
        var parts = new List<string>();
        for (LinkMode rung = LinkMode.Clone; rung < LinkMode.Copy; rung++)
        {
            if (_linker.CountOf(rung) is > 0 and int count)
            {
                shared += count;
                parts.Add(Counted(count, rung));
            }
        }
        if (shared + copied == 0)
            return;
        if (shared > 0)
            parts[^1] += (Text)$" ({ByteSize.Show(BytesShared)} not copied)";
        if (copied > 0)
            parts.Add((Text)$"{copied} copied ({ByteSize.Show(BytesCopied)})");
        _log.Detail((Text)$"Placed {FileCount.Show(shared + copied)} in {folder}: {string.Join(", ", parts)}.");
    }

    /// <summary>
    /// True when replacing a file with a blob loses nothing: the file is a placed blob, or has the same content.
    /// </summary>
    internal static bool IsOwn(string blob, FileInfo file) => IsPlacedBlob(file) || HasSameContent(blob, file);

    // Recognised by its mtime, which only blobs have; for a symbolic link, by its target.
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

    /// <summary>True when a path is that of a blob in any WiseHub store.</summary>
    public static bool IsBlob(string path)
    {
        ReadOnlySpan<char> name = Path.GetFileName(path.AsSpan()), folder = Path.GetDirectoryName(path.AsSpan()),
            parent = Path.GetFileName(folder);
        return name.Length == 62 && parent.Length == 2 && Path.GetFileName(Path.GetDirectoryName(folder)) is "blobs"
            && name.IndexOfAnyExcept(Digest.LowerHex) < 0 && parent.IndexOfAnyExcept(Digest.LowerHex) < 0;
    }

    /// <summary>Finds files whose content does not match its digest. Reads all of them, on all cores.</summary>
    /// <param name="files">Absolute path and expected digest of each file.</param>
    /// <param name="cancel">Stops reading.</param>
    /// <returns>The paths of missing and damaged files.</returns>
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

    private static Text Counted(int files, LinkMode mode) => mode switch
    {
        LinkMode.Clone => (Text)$"{files} cloned",
        LinkMode.Hardlink => (Text)$"{files} hard-linked",
        _ => (Text)$"{files} linked symbolically",
    };

    // Unlike a restore, these failures are about the destination, so the messages do not mention the cache's location.
    internal static HubException Explain(Exception e, string blob, string destination)
    {
        if (IoFailures.IsDiskFull(e))
            return StoreMessages.DiskFull(destination, e);
        if (IoFailures.IsForbidden(e))
            return StoreMessages.NoPermission(destination, e);
        if (IoFailures.KindOf(e) == IoFailureKind.InUse)
            return IoFailures.InUse(e, StoreMessages.NotPlaced(destination));
        if (IoFailures.KindOf(e) == IoFailureKind.NameTooLong)
            return StoreMessages.PathTooLong(destination, e);
        if (e is FileNotFoundException or DirectoryNotFoundException && !File.Exists(blob))
            return StoreMessages.BlobGone(destination, blob, e);
        return StoreMessages.PlacementFailed(destination, e);
    }
}
