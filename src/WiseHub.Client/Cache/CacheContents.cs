using System.Diagnostics.CodeAnalysis;
using System.Text;
using WiseHub.Client.Files;
using WiseHub.Client.Store;

namespace WiseHub.Client.Cache;

/// <summary>The files of a cache: its blobs, and the trees, refs and lock files that refer to them.</summary>
internal sealed class CacheContents
{
    // Links lead to files outside the cache.
    private static readonly EnumerationOptions NoLinks = new() { AttributesToSkip = FileAttributes.ReparsePoint };
    private static readonly EnumerationOptions NoLinksDeep =
        new() { AttributesToSkip = FileAttributes.ReparsePoint, RecurseSubdirectories = true };

    private readonly SnapshotStore _store;
    private readonly IHubLog _log;

    private CacheContents(SnapshotStore store, IHubLog log) => (_store, _log) = (store, log);

    public Dictionary<Digest, FileInfo> Blobs { get; } = [];

    /// <summary>Commits in the hubs' stores.</summary>
    public List<StoredCommit> Commits { get; } = [];

    /// <summary>Registered lock files.</summary>
    public List<LockRoot> Roots { get; } = [];

    /// <summary>Blobs listed by a store that was published in this same folder, or by a foreign store among the hubs.</summary>
    public HashSet<Digest> Published { get; } = [];

    /// <summary>Malformed trees and refs.</summary>
    public List<(string Path, HubException Problem, bool IsOurs)> Damaged { get; } = [];

    public static CacheContents Read(SnapshotStore store, IHubLog log, CancellationToken cancel)
    {
        var contents = new CacheContents(store, log);
        contents.ReadBlobs(cancel);
        foreach (DirectoryInfo hub in new DirectoryInfo(store.HubsFolder) is { Exists: true } hubs
            ? hubs.EnumerateDirectories() : [])
        {
            bool isOurs = IsOfCache(hub);
            contents.ReadStore(new RepoStore(hub.FullName, isCache: isOurs), isOurs, cancel);
        }
        contents.ReadStore(new RepoStore(store.Root), isOurs: false, cancel);
        contents.ReadRoots(cancel);
        return contents;
    }

    // A published store that was linked or copied to this place has its own blobs.
    private static bool IsOfCache(DirectoryInfo hub)
    {
        var marker = new FileInfo(Path.Combine(hub.FullName, RepoStore.MarkerName));
        return hub.LinkTarget is null && marker.Exists
            && (marker.Length == 0 || StoreMarker.Parse(
                ContendedFiles.OfSystem.Read(marker.FullName), marker.FullName) == SnapshotStore.SharedBlobs);
    }

    public long SizeOf(IEnumerable<Digest> digests) =>
        digests.Sum(d => Blobs.TryGetValue(d, out FileInfo? blob) ? blob.Length : 0);

    private void ReadBlobs(CancellationToken cancel)
    {
        foreach ((Digest digest, FileInfo file) in _store.Blobs.All())
        {
            cancel.ThrowIfCancellationRequested();
            Blobs[digest] = file;
        }
    }

    private void ReadStore(RepoStore store, bool isOurs, CancellationToken cancel)
    {
        foreach (RepoType type in Enum.GetValues<RepoType>())
        {
            foreach (DirectoryInfo owner in Folders(store.Root, type.ToPlural()))
            {
                foreach (DirectoryInfo repo in owner.EnumerateDirectories("*", NoLinks))
                {
                    cancel.ThrowIfCancellationRequested();
                    // Damaged, or made by hand: its id is unknown, so no reference can use it.
                    if (RepoStore.IdOf(owner, repo) is not string repoId)
                        continue;
                    IEnumerable<StoredCommit> commits = ReadRepo(store, type, repoId, isOurs);
                    if (isOurs)
                        Commits.AddRange(commits);
                    else
                        Published.UnionWith(commits.SelectMany(c => c.Digests));
                }
            }
        }
    }

    private Dictionary<string, StoredCommit>.ValueCollection ReadRepo(RepoStore store, RepoType type, string repoId, bool isOurs)
    {
        var commits = new Dictionary<string, StoredCommit>(StringComparer.Ordinal);
        string folder = store.RepoFolder(type, repoId);
        StoredCommit Of(string commit) =>
            commits.TryGetValue(commit, out StoredCommit? known) ? known
            : commits[commit] = new StoredCommit(store, type, repoId, commit);

        foreach (FileInfo tree in Files(folder, "trees", NoLinks).Where(f => f.Extension == ".json"))
        {
            string commit = Path.GetFileNameWithoutExtension(tree.Name);
            if (!CommitId.IsCommit(commit))
                continue;
            StoredCommit stored = Of(commit);
            stored.TreePath = tree.FullName;
            stored.LastUsed = tree.LastWriteTimeUtc;
            ReadTree(stored, isOurs);
        }
        foreach (FileInfo headers in Files(folder, "trees", NoLinks).Where(f => f.Extension == HeadersFile.Extension))
        {
            string commit = Path.GetFileNameWithoutExtension(headers.Name);
            if (!CommitId.IsCommit(commit))
                continue;
            StoredCommit stored = Of(commit);
            stored.HeadersPath = headers.FullName;
            if (stored.TreePath is null && stored.LastUsed < headers.LastWriteTimeUtc)
                stored.LastUsed = headers.LastWriteTimeUtc;
        }
        foreach (DirectoryInfo snapshot in Folders(folder, "snapshots"))
        {
            if (SnapshotStore.CommitOfSnapshot(snapshot.Name) is not string commit)
                continue;
            StoredCommit stored = Of(commit);
            stored.Snapshots.Add(snapshot.FullName);
            if (stored.TreePath is null && stored.LastUsed < snapshot.LastWriteTimeUtc)
                stored.LastUsed = snapshot.LastWriteTimeUtc;
        }
        string refs = Path.Combine(folder, "refs");
        foreach (FileInfo file in Files(folder, "refs", NoLinksDeep))
        {
            string revision = string.Join('/', Path.GetRelativePath(refs, file.FullName).Split(Path.DirectorySeparatorChar)
                .Select(ExactNames.WithoutMark));
            // Not written by WiseHub.
            if (RepoReference.RejectRevision(revision) is not null)
                continue;
            try
            {
                if (store.ReadRef(type, repoId, revision) is not string commit)
                    continue;
                StoredCommit stored = Of(commit);
                stored.Refs.Add((revision, file.FullName));
                if (stored.TreePath is null && stored.LastUsed < file.LastWriteTimeUtc)
                    stored.LastUsed = file.LastWriteTimeUtc;
            }
            catch (HubException e)
            {
                Damaged.Add((file.FullName, e, isOurs));
            }
        }
        return commits.Values;
    }

    private void ReadTree(StoredCommit stored, bool isOurs)
    {
        try
        {
            if (stored.Store.ReadTree(stored.Type, stored.RepoId, stored.Commit) is TreeFile tree)
            {
                foreach (TreeEntry file in tree.Files.Where(f => f.Sha256 is not null))
                    stored.Paths.TryAdd(file.Sha256!.Value, file.Path);
            }
        }
        catch (HubException e)
        {
            Damaged.Add((stored.TreePath!, e, isOurs));
            foreach (Digest digest in DigestsIn(ContendedFiles.OfSystem.Read(stored.TreePath!)))
                stored.Paths.TryAdd(digest, "?");
        }
    }

    private void ReadRoots(CancellationToken cancel)
    {
        var folder = new DirectoryInfo(_store.Uses.Folder);
        foreach (FileInfo mark in folder.Exists
            ? folder.EnumerateFiles("*", NoLinks).Where(f => LastUses.IsMarkName(f.Name)) : [])
        {
            cancel.ThrowIfCancellationRequested();
            LockRoot root = ReadRoot(mark);
            Roots.Add(root);
            foreach (StoredCommit commit in Commits.Where(c => c.LastUsed < root.LastUsed && root.Entries.Any(c.Is)))
                commit.LastUsed = root.LastUsed;
        }
    }

    private LockRoot ReadRoot(FileInfo mark)
    {
        (string lockFile, byte[] copy) = LastUses.ReadMark(mark);
        DateTime lastUsed = mark.LastWriteTimeUtc;
        // A mark cut off by a crash names no lock file; the next build rewrites it.
        if (lockFile.Length == 0)
            return new LockRoot(mark.FullName, "", Exists: false, lastUsed);
        try
        {
            byte[] text = ContendedFiles.OfSystem.Read(lockFile);
            var root = new LockRoot(mark.FullName, lockFile, Exists: true, lastUsed);
            if (!Parse(root, text, out HubException? problem))
            {
                // In the middle of a merge, or from a newer version: keep all blobs it lists now and listed before.
                _log.Warning(problem.Code, CacheMessages.LockFileUnclear(problem));
                root.Digests.UnionWith(DigestsIn(copy));
            }
            return root;
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            var root = new LockRoot(mark.FullName, lockFile, Exists: false, lastUsed);
            root.Digests.UnionWith(DigestsIn(copy));
            return root;
        }
        catch (Exception e) when (IoFailures.IsFileSystem(e))
        {
            _log.Detail((Text)$"{lockFile} cannot be read, so its last known entries are used: {e.Message}");
            var root = new LockRoot(mark.FullName, lockFile, Exists: true, lastUsed);
            Parse(root, copy, out _);
            return root;
        }
    }

    private static bool Parse(LockRoot root, byte[] text, [NotNullWhen(false)] out HubException? problem)
    {
        problem = null;
        try
        {
            root.Entries = LockFile.ParseRoot(text, root.LockFilePath).Entries;
            root.Digests.UnionWith(root.Entries.SelectMany(e => e.Files).Select(f => f.Sha256));
            return true;
        }
        catch (HubException e)
        {
            root.Digests.UnionWith(DigestsIn(text));
            problem = e;
            return false;
        }
    }

    private static IEnumerable<Digest> DigestsIn(byte[] bytes)
    {
        for (int start = 0, end; start < bytes.Length; start = end + 1)
        {
            for (end = start; end < bytes.Length && char.IsAsciiHexDigitLower((char)bytes[end]); end++) { }
            if (end - start == 64 && Digest.TryParse(Encoding.ASCII.GetString(bytes, start, 64), out Digest digest))
                yield return digest;
        }
    }

    private static IEnumerable<FileInfo> Files(string parent, string folder, EnumerationOptions options) =>
        new DirectoryInfo(Path.Combine(parent, folder)) is { Exists: true, LinkTarget: null } files
            ? files.EnumerateFiles("*", options).Where(f => !TemporaryNames.IsTemporary(f.Name)) : [];

    private static IEnumerable<DirectoryInfo> Folders(string parent, string folder) =>
        new DirectoryInfo(Path.Combine(parent, folder)) is { Exists: true, LinkTarget: null } folders
            ? folders.EnumerateDirectories("*", NoLinks) : [];
}

/// <summary>A commit in a hub's store: its tree, the facts of its headers, its snapshots.</summary>
internal sealed class StoredCommit(RepoStore store, RepoType type, string repoId, string commit)
{
    public RepoStore Store { get; } = store;

    /// <summary>The hub's name. The folder of its store is the name, a hyphen and 8 hexadecimal characters.</summary>
    public string Hub { get; } = Path.GetFileName(store.Root) is { Length: > 9 } name ? name[..^9] : Path.GetFileName(store.Root);

    public RepoType Type { get; } = type;

    public string RepoId { get; } = repoId;

    public string Commit { get; } = commit;

    public string? TreePath { get; set; }

    /// <summary>The file with the facts of its headers.</summary>
    public string? HeadersPath { get; set; }

    /// <summary>True if only facts of the commit were read, and none of its files was taken.</summary>
    public bool HasOnlyHeaders => TreePath is null && Snapshots.Count == 0 && Refs.Count == 0;

    public List<string> Snapshots { get; } = [];

    public List<(string Revision, string Path)> Refs { get; } = [];

    public DateTime LastUsed { get; set; }

    /// <summary>The blobs of the commit, each with one of its paths.</summary>
    public Dictionary<Digest, string> Paths { get; } = [];

    public IReadOnlyCollection<Digest> Digests => Paths.Keys;

    public string RepoFolder => Store.RepoFolder(Type, RepoId);

    /// <summary>True when a lock entry refers to this commit.</summary>
    public bool Is(LockEntry entry) => entry.Commit == Commit && entry.Key.RepoType == Type && entry.Key.RepoId == RepoId
        && entry.Key.Hub.Split(';').Contains(Hub, StringComparer.OrdinalIgnoreCase);
}

/// <summary>A registered lock file.</summary>
/// <param name="MarkPath">The file in <c>roots/</c>.</param>
/// <param name="LockFilePath">The path of the lock file; empty for a malformed mark.</param>
/// <param name="Exists">False for a deleted lock file.</param>
/// <param name="LastUsed">The last build with it, to the hour.</param>
internal sealed record LockRoot(string MarkPath, string LockFilePath, bool Exists, DateTime LastUsed)
{
    /// <summary>Empty for a deleted lock file.</summary>
    public IReadOnlyList<LockEntry> Entries { get; set; } = [];

    /// <summary>The digests it lists, or listed when it was last used.</summary>
    public HashSet<Digest> Digests { get; } = [];
}
