using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using WiseHub.Client.Files;

namespace WiseHub.Client.Store;

/// <summary>
/// The cache of this machine: one folder of blobs, and for every hub a separate store of refs and trees, so that equal names on
/// different hubs do not collide (docs/store-layout.md).
/// </summary>
internal sealed class SnapshotStore : IDisposable
{
    // https://bford.info/cachedir/: backup programs skip such folders.
    private const string CacheTag = "Signature: 8a477f597d28d172789f06886806bc55\n# This folder is a cache of WiseHub.Build; "
        + "it can be deleted at any time.\n";

    /// <summary>The file name defined by https://bford.info/cachedir/.</summary>
    public const string TagName = "CACHEDIR.TAG";

    /// <summary>The relative path of the blobs in the marker of a hub's store.</summary>
    public const string SharedBlobs = "../../blobs";

    private bool _prepared;

    /// <param name="root">The cache folder.</param>
    /// <param name="bootId">The id of the machine's current start; null = ask the system.</param>
    /// <param name="log">Receives details.</param>
    /// <param name="time">The clock for marks of last use.</param>
    public SnapshotStore(string root, string? bootId = null, IHubLog? log = null, TimeProvider? time = null)
    {
        // Normalized like paths from the file system, because paths are compared.
        Root = root = Path.TrimEndingDirectorySeparator(Path.GetFullPath(root));
        Unsynced = new UnsyncedBlobs(root, bootId, log ?? SilentLog.Instance);
        Blobs = new BlobStore(Path.Combine(root, "blobs"), Unsynced);
        Uses = new LastUses(root, time ?? TimeProvider.System, log ?? SilentLog.Instance);
        Gates = new GateMarks(root, log ?? SilentLog.Instance);
    }

    public string Root { get; }

    public BlobStore Blobs { get; }

    public UnsyncedBlobs Unsynced { get; }

    public LastUses Uses { get; }

    public GateMarks Gates { get; }

    /// <summary>The lock that every restore shares, and a cleanup holds exclusively.</summary>
    public string StoreLockPath => StoreLockOf(Root);

    public static string StoreLockOf(string root) => Path.Combine(root, "locks", "store");

    public string HubsFolder => Path.Combine(Root, "hubs");

    /// <summary>A file of every cache, which published stores do not have.</summary>
    public string TagPath => Path.Combine(Root, TagName);

    public string PartialFolder => Path.Combine(Root, "partial");

    /// <summary>
    /// Digests remembered for pushed files. An upload alone does not make a cache, so the root may contain nothing else.
    /// </summary>
    public string PushesFolder => Path.Combine(Root, "pushes");

    /// <summary>The cache root: WISEHUB_CACHE, else the user's cache folder (docs/cache.md#where-is-it).</summary>
    public static string DefaultRoot(Func<string, string?> environment) =>
        UserPath.Of("WISEHUB_CACHE", environment) ?? Path.Combine(UserFolders.Caches(environment), "wisehub");

    /// <summary>The store of one hub in the cache.</summary>
    public RepoStore ForHub(HubDefinition hub)
    {
        string name = $"{hub.Name}-{Hex(hub.Identity, bytes: 4)}";
        return new RepoStore(Path.Combine(HubsFolder, name), isCache: true);
    }

    /// <summary>The stores of all other hubs in the cache, including the same hub at another endpoint.</summary>
    public IEnumerable<RepoStore> OtherHubs(RepoStore hub) => !Directory.Exists(HubsFolder) ? []
        : Directory.EnumerateDirectories(HubsFolder).Where(f => !f.Equals(hub.Root, StringComparison.Ordinal))
            .Order(StringComparer.Ordinal).Select(f => new RepoStore(f));

    /// <summary>Creates the folders and markers that writing needs.</summary>
    /// <exception cref="HubException">
    /// WISE3005: a newer version made this cache. WISE3007, WISE3008: it is not writable.
    /// </exception>
    public void Prepare(RepoStore hub)
    {
        try
        {
            if (!_prepared)
            {
                Directory.CreateDirectory(PartialFolder);
                WriteOnce(TagPath, CacheTag);
                StoreMarker.Require(Path.Combine(Root, RepoStore.MarkerName), StoreMarker.Published);
                Unsynced.ClaimOthers(Blobs);
                _prepared = true;
            }
            StoreMarker.Require(Path.Combine(hub.Root, RepoStore.MarkerName), $"{{\"version\":1,\"blobs\":\"{SharedBlobs}\"}}\n");
        }
        catch (Exception e) when (IoFailures.IsFileSystem(e))
        {
            throw IoFailures.ToHubException(e, StoreMessages.CacheNotWritable(Root));
        }
    }

    /// <summary>
    /// True for names that can exist in the root before the marker: <see cref="Prepare"/> is running or was killed, or there were
    /// only uploads.
    /// </summary>
    public bool IsFirstPart(string name) => name is TagName or RepoStore.MarkerName || name == Path.GetFileName(PartialFolder)
        || name == Path.GetFileName(PushesFolder) || TemporaryNames.IsTemporary(name);

    /// <summary>
    /// Prepares a look at blobs without a lock. Marks blobs that a crash left in doubt, and marks the lock file as used, so that
    /// no cleanup removes its blobs during the build.
    /// </summary>
    /// <returns>False while a cleanup runs.</returns>
    public bool PrepareToLook(string lockFile, byte[] content)
    {
        Unsynced.ClaimOthers(Blobs);
        // A look must not create a missing cache.
        if (Uses.IsFresh(lockFile) || !Directory.Exists(PartialFolder))
            return true;
        using FileLock? share = FileLock.TryShare(StoreLockPath);
        if (share is not null)
            Uses.MarkLockFile(lockFile, content);
        return share is not null;
    }

    public void Dispose() => Unsynced.Dispose();

    /// <summary>The path of a lock between processes for one item of this cache.</summary>
    public string LockPath(string what) => Path.Combine(Root, "locks", Hex(what, bytes: 4));

    /// <summary>
    /// The folder of a snapshot, created on demand: <c>snapshots/&lt;commit&gt;[-&lt;16 hex of the patterns&gt;]</c>.
    /// </summary>
    public static string SnapshotFolder(RepoStore hub, RepoReference reference, string commit) =>
        Path.Combine(hub.RepoFolder(reference), "snapshots",
            reference.Files.IsAll ? commit : $"{commit}-{Hex(reference.Files.Key, bytes: 8)}");

    /// <summary>
    /// The store of the folders that programs fetch at run time. It depends only on the name of the hub, so that a program finds
    /// its files without a configuration, and also after the hub has moved.
    /// </summary>
    public RepoStore ForPrograms(string hub) => ForHub(new HubDefinition(hub, "run-time"));

    /// <summary>The folder of a model that a program fetches at run time.</summary>
    /// <param name="programs">From <see cref="ForPrograms"/>.</param>
    /// <param name="key">The reference.</param>
    /// <param name="commit">Its commit.</param>
    /// <param name="manifest">The digest of the program's manifest, so that programs with other files do not share it.</param>
    public static string ProgramFolder(RepoStore programs, LockKey key, string commit, Digest manifest) =>
        Path.Combine(programs.RepoFolder(key.RepoType, key.RepoId), "snapshots", $"{commit}-{manifest.Hex[..16]}");

    /// <summary>Says whether a folder of this cache has a content, by one look at the file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="sha256">The digest of the content, which decides the file's time.</param>
    /// <param name="size">Its bytes.</param>
    public bool HasFile(string path, Digest sha256, long size) =>
        FileFacts.Of(path) == new FileFacts(FileKind.File, size, BlobStore.MtimeOf(sha256)) && !Unsynced.IsDoubted(sha256);

    /// <summary>The commit in the name of a snapshot folder, or null for other names.</summary>
    public static string? CommitOfSnapshot(string name)
    {
        string[] parts = name.Split('-');
        // Earlier versions had 8 digits, of another text. Programs may hold paths into these folders, so they stay until
        // their commit is removed.
        return parts.Length <= 2 && CommitId.IsCommit(parts[0])
            && (parts.Length == 1 || (parts[1].Length is 8 or 16 && parts[1].AsSpan().IndexOfAnyExcept(LowerHex) < 0))
            ? parts[0] : null;
    }

    private static readonly SearchValues<char> LowerHex = SearchValues.Create("0123456789abcdef");

    private static string Hex(string text, int bytes) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)).AsSpan(0, bytes));

    private static void WriteOnce(string path, string text)
    {
        // A power failure can leave an empty file.
        if (new FileInfo(path) is not { Exists: true, Length: > 0 })
            AtomicFile.Write(path, Encoding.UTF8.GetBytes(text));
    }
}

/// <summary><c>wisehub-store.json</c>: marks a folder as a store, with its version and the place of its blobs.</summary>
internal static class StoreMarker
{
    private static readonly string[] Keys = ["version", "blobs"];

    /// <summary>The marker of a store with its own blobs.</summary>
    public const string Published = "{\"version\":1}\n";

    /// <summary>Reads the marker: the relative path of the blobs, or null for <c>blobs</c>.</summary>
    /// <exception cref="HubException">WISE3005.</exception>
    public static string? Parse(byte[] bytes, string where)
    {
        using var json = new StrictJson(bytes, where, WiseCodes.NotAStore,
            StoreMessages.PointAtStore);
        long? version = json.Integer(json.Root, "version");
        if (version > 1)
            throw StoreMessages.StoreTooNew(where, version.Value);
        if (version != 1)
            throw json.Wrong(ModelMessages.VersionMissing, json.Root);
        json.OnlyKeys(json.Root, Keys);
        return json.String(json.Root, "blobs");
    }

    /// <summary>
    /// Writes the marker if it is missing, and otherwise reads it. A power failure can leave an empty marker if it was not
    /// synced.
    /// </summary>
    public static void Require(string path, string text, bool durable = false)
    {
        if (new FileInfo(path) is { Exists: true, Length: > 0 })
            Parse(ContendedFiles.OfSystem.Read(path), path);
        else
            AtomicFile.Write(path, Encoding.UTF8.GetBytes(text), durable);
    }
}
