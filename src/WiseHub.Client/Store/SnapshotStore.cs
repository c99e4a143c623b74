using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using WiseHub.Client.Files;

namespace WiseHub.Client.Store;

/// <summary>
/// The cache of this machine: one folder of blobs, and for every hub a store of its own with refs and trees, so that names that
/// mean different things on different hubs never meet (docs/store-layout.md).
/// </summary>
internal sealed class SnapshotStore : IDisposable
{
    // https://bford.info/cachedir/: backup programs leave such folders out.
    private const string CacheTag = "Signature: 8a477f597d28d172789f06886806bc55\n# This folder is a cache of WiseHub.Build; "
        + "it can be deleted at any time.\n";

    /// <summary>The name that https://bford.info/cachedir/ gives.</summary>
    public const string TagName = "CACHEDIR.TAG";

    /// <summary>What the marker of a hub's store in a cache names as its blobs.</summary>
    public const string SharedBlobs = "../../blobs";

    private bool _prepared;

    /// <param name="root">The folder.</param>
    /// <param name="bootId">What tells this start of the machine from the others; null = ask the system.</param>
    /// <param name="log">Where it tells what it does.</param>
    /// <param name="time">The clock for the marks of last use.</param>
    public SnapshotStore(string root, string? bootId = null, IHubLog? log = null, TimeProvider? time = null)
    {
        // As the file system gives it back: paths are compared.
        Root = root = Path.TrimEndingDirectorySeparator(Path.GetFullPath(root));
        Unsynced = new UnsyncedBlobs(root, bootId, log ?? SilentLog.Instance);
        Blobs = new BlobStore(Path.Combine(root, "blobs"), Unsynced);
        Uses = new LastUses(root, time ?? TimeProvider.System, log ?? SilentLog.Instance);
    }

    public string Root { get; }

    public BlobStore Blobs { get; }

    public UnsyncedBlobs Unsynced { get; }

    public LastUses Uses { get; }

    /// <summary>Shared by every restore, held alone by whoever removes things.</summary>
    public string StoreLockPath => StoreLockOf(Root);

    public static string StoreLockOf(string root) => Path.Combine(root, "locks", "store");

    public string HubsFolder => Path.Combine(Root, "hubs");

    /// <summary>Every cache has this file, and a published store has not.</summary>
    public string TagPath => Path.Combine(Root, TagName);

    public string PartialFolder => Path.Combine(Root, "partial");

    /// <summary>
    /// What pushes from folders remember of their files. An upload alone makes no cache, so this may be all that is in the root.
    /// </summary>
    public string PushesFolder => Path.Combine(Root, "pushes");

    /// <summary>The cache root: WISEHUB_CACHE, else the user's cache folder (docs/cache.md#where-is-it).</summary>
    public static string DefaultRoot(Func<string, string?> environment) =>
        UserPath.Of("WISEHUB_CACHE", environment) ?? Path.Combine(UserFolders.Caches(environment), "wisehub");

    /// <summary>The part of the cache that belongs to one hub.</summary>
    public RepoStore ForHub(HubDefinition hub)
    {
        string name = $"{hub.Name}-{Hex8(hub.Identity)}";
        return new RepoStore(Path.Combine(HubsFolder, name), isCache: true);
    }

    /// <summary>The parts of the cache that belong to other hubs than one, or to the same one at another address.</summary>
    public IEnumerable<RepoStore> OtherHubs(RepoStore hub) => !Directory.Exists(HubsFolder) ? []
        : Directory.EnumerateDirectories(HubsFolder).Where(f => !f.Equals(hub.Root, StringComparison.Ordinal))
            .Order(StringComparer.Ordinal).Select(f => new RepoStore(f));

    /// <summary>Makes the folders and markers that a writer needs.</summary>
    /// <exception cref="HubException">
    /// WISE3005: a newer version made this cache; WISE3007, WISE3008: it cannot be written.
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
            throw IoFailures.ToHubException(e, $"The cache {Root} cannot be written");
        }
    }

    /// <summary>
    /// Says whether a thing of this name is in the root before the marker: <see cref="Prepare"/> is at work just now, or was
    /// killed, or there were only uploads.
    /// </summary>
    public bool IsFirstPart(string name) => name is TagName or RepoStore.MarkerName || name == Path.GetFileName(PartialFolder)
        || name == Path.GetFileName(PushesFolder) || TemporaryNames.IsTemporary(name);

    /// <summary>
    /// What has to happen before blobs are looked at without a lock: what a crash left in doubt is marked so, and the lock file
    /// is marked as used, so that nobody removes its blobs from under the build.
    /// </summary>
    /// <returns>False when somebody removes things just now.</returns>
    public bool PrepareToLook(string lockFile, byte[] content)
    {
        Unsynced.ClaimOthers(Blobs);
        // A cache that nobody has made yet is not made by looking at it.
        if (Uses.IsFresh(lockFile) || !Directory.Exists(PartialFolder))
            return true;
        using FileLock? share = FileLock.TryShare(StoreLockPath);
        if (share is not null)
            Uses.MarkLockFile(lockFile, content);
        return share is not null;
    }

    public void Dispose() => Unsynced.Dispose();

    /// <summary>A lock between processes for one thing of this cache.</summary>
    public string LockPath(string what) => Path.Combine(Root, "locks", Hex8(what));

    /// <summary>
    /// The folder of a snapshot, made on demand: <c>snapshots/&lt;commit&gt;[-&lt;8 hex of the patterns&gt;]</c>.
    /// </summary>
    public static string SnapshotFolder(RepoStore hub, RepoReference reference, string commit) =>
        Path.Combine(hub.RepoFolder(reference), "snapshots",
            reference.Files.IsAll ? commit : $"{commit}-{Hex8(reference.Files.ToString())}");

    /// <summary>The commit of such a folder, or null for another name.</summary>
    public static string? CommitOfSnapshot(string name)
    {
        string commit = name.Split('-')[0];
        return CommitId.IsCommit(commit) && (name.Length == commit.Length
            || (name.Length == commit.Length + 9 && name.AsSpan(commit.Length + 1).IndexOfAnyExcept(LowerHex) < 0))
            ? commit : null;
    }

    private static readonly SearchValues<char> LowerHex = SearchValues.Create("0123456789abcdef");

    private static string Hex8(string text) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)).AsSpan(0, 4));

    private static void WriteOnce(string path, string text)
    {
        // An empty one is what a power failure leaves.
        if (new FileInfo(path) is not { Exists: true, Length: > 0 })
            AtomicFile.Write(path, Encoding.UTF8.GetBytes(text));
    }
}

/// <summary><c>wisehub-store.json</c>: says that a folder is a store, of which version, and where its blobs are.</summary>
internal static class StoreMarker
{
    private static readonly string[] Keys = ["version", "blobs"];

    /// <summary>The marker of a store that holds its blobs itself.</summary>
    public const string Published = "{\"version\":1}\n";

    /// <summary>Reads the marker: the relative path of the blobs, or null for <c>blobs</c>.</summary>
    /// <exception cref="HubException">WISE3005.</exception>
    public static string? Parse(byte[] bytes, string where)
    {
        using var json = new StrictJson(bytes, where, WiseCodes.NotAStore,
            "Point the hub at a folder or server that holds a store.");
        long? version = json.Integer(json.Root, "version");
        if (version > 1)
            throw new HubException(WiseCodes.NotAStore,
                $"{where} has version {version}; this WiseHub reads version 1. Update the WiseHub.Build package.");
        if (version != 1)
            throw json.Wrong("'version' is missing or not 1.", json.Root);
        json.OnlyKeys(json.Root, Keys);
        return json.String(json.Root, "blobs");
    }

    /// <summary>
    /// Writes the marker where there is none, and reads the one that is there. An empty one is what a power failure leaves of one
    /// that was not synced.
    /// </summary>
    public static void Require(string path, string text, bool durable = false)
    {
        if (new FileInfo(path) is { Exists: true, Length: > 0 })
            Parse(ContendedFiles.OfSystem.Read(path), path);
        else
            AtomicFile.Write(path, Encoding.UTF8.GetBytes(text), durable);
    }
}
