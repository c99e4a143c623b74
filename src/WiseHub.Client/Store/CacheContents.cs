using System.Text;

namespace WiseHub.Client.Store;

/// <summary>What is in a cache, as its files say it: the blobs, and what refers to them.</summary>
internal sealed class CacheContents
{
    private readonly SnapshotStore _store;
    private readonly IHubLog _log;

    private CacheContents(SnapshotStore store, IHubLog log) => (_store, _log) = (store, log);

    public Dictionary<Digest, FileInfo> Blobs { get; } = [];

    /// <summary>Commits of the hubs' stores.</summary>
    public List<StoredCommit> Commits { get; } = [];

    /// <summary>Registered lock files.</summary>
    public List<LockRoot> Roots { get; } = [];

    /// <summary>Contents that somebody published in this very folder, which is a store like any other.</summary>
    public HashSet<Digest> Published { get; } = [];

    /// <summary>Trees and refs that make no sense.</summary>
    public List<(string Path, HubException Problem)> Damaged { get; } = [];

    public static CacheContents Read(SnapshotStore store, IHubLog log, CancellationToken cancel)
    {
        var contents = new CacheContents(store, log);
        contents.ReadBlobs(cancel);
        if (Directory.Exists(store.HubsFolder))
        {
            foreach (string hub in Directory.EnumerateDirectories(store.HubsFolder))
                contents.ReadStore(new RepoStore(hub), contents.Commits, cancel);
        }
        var published = new List<StoredCommit>();
        contents.ReadStore(new RepoStore(store.Root), published, cancel);
        contents.Published.UnionWith(published.SelectMany(c => c.Digests));
        contents.ReadRoots(cancel);
        return contents;
    }

    public long SizeOf(IEnumerable<Digest> digests) => digests.Sum(d => Blobs.TryGetValue(d, out FileInfo? blob) ? blob.Length : 0);

    private void ReadBlobs(CancellationToken cancel)
    {
        foreach ((Digest digest, FileInfo file) in _store.Blobs.All())
        {
            cancel.ThrowIfCancellationRequested();
            Blobs[digest] = file;
        }
    }

    private void ReadStore(RepoStore store, List<StoredCommit> commits, CancellationToken cancel)
    {
        foreach (RepoType type in Enum.GetValues<RepoType>())
        {
            var owners = new DirectoryInfo(Path.Combine(store.Root, type.ToPlural()));
            if (!owners.Exists)
                continue;
            foreach (DirectoryInfo owner in owners.EnumerateDirectories())
            {
                foreach (DirectoryInfo repo in owner.EnumerateDirectories())
                {
                    cancel.ThrowIfCancellationRequested();
                    commits.AddRange(ReadRepo(store, type, owner.Name == "_" ? repo.Name : $"{owner.Name}/{repo.Name}"));
                }
            }
        }
    }

    private Dictionary<string, StoredCommit>.ValueCollection ReadRepo(RepoStore store, RepoType type, string repoId)
    {
        var commits = new Dictionary<string, StoredCommit>(StringComparer.Ordinal);
        string folder = store.RepoFolder(type, repoId);
        StoredCommit Of(string commit) =>
            commits.TryGetValue(commit, out StoredCommit? known) ? known : commits[commit] = new StoredCommit(store, type, repoId, commit);

        foreach (FileInfo tree in Files(folder, "trees", "*.json"))
        {
            string commit = Path.GetFileNameWithoutExtension(tree.Name);
            if (!CommitId.IsCommit(commit))
                continue;
            StoredCommit stored = Of(commit);
            stored.TreePath = tree.FullName;
            stored.LastUsed = tree.LastWriteTimeUtc;
            ReadTree(stored);
        }
        var snapshots = new DirectoryInfo(Path.Combine(folder, "snapshots"));
        foreach (DirectoryInfo snapshot in snapshots.Exists ? snapshots.EnumerateDirectories() : [])
        {
            StoredCommit stored = Of(snapshot.Name.Split('-')[0]);
            stored.Snapshots.Add(snapshot.FullName);
            if (stored.TreePath is null && stored.LastUsed < snapshot.LastWriteTimeUtc)
                stored.LastUsed = snapshot.LastWriteTimeUtc;
        }
        string refs = Path.Combine(folder, "refs");
        foreach (FileInfo file in Files(folder, "refs", "*"))
        {
            string revision = Path.GetRelativePath(refs, file.FullName).Replace(Path.DirectorySeparatorChar, '/');
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
                Damaged.Add((file.FullName, e));
            }
        }
        return commits.Values;
    }

    private void ReadTree(StoredCommit stored)
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
            Damaged.Add((stored.TreePath!, e));
            foreach (Digest digest in DigestsIn(stored.TreePath!))
                stored.Paths.TryAdd(digest, "?");
        }
    }

    private void ReadRoots(CancellationToken cancel)
    {
        var folder = new DirectoryInfo(_store.Uses.Folder);
        foreach (FileInfo mark in folder.Exists ? folder.EnumerateFiles() : [])
        {
            cancel.ThrowIfCancellationRequested();
            string lockFile = File.ReadAllText(mark.FullName);
            // One that a crash cut off names nothing; the next build writes it anew.
            bool isWhole = lockFile.Length > 0 && _store.Uses.MarkOf(lockFile) == mark.FullName;
            if (!isWhole && !IsHex(mark.Name))
                continue;
            var root = new LockRoot(mark.FullName, isWhole ? lockFile : "", isWhole && File.Exists(lockFile), mark.LastWriteTimeUtc);
            if (root.Exists)
                ReadLockFile(root);
            Roots.Add(root);
            foreach (StoredCommit commit in Commits.Where(c => c.LastUsed < root.LastUsed && root.Entries.Any(c.Is)))
                commit.LastUsed = root.LastUsed;
        }
    }

    private void ReadLockFile(LockRoot root)
    {
        try
        {
            root.Entries = LockFile.Read(root.LockFilePath)?.Entries ?? [];
            root.Digests.UnionWith(root.Entries.SelectMany(e => e.Files).Select(f => f.Sha256));
        }
        catch (HubException e)
        {
            // In the middle of a merge, or of a newer version: whatever it names is kept.
            _log.Warning(e.Code, $"{e.Message} Every sha256 that stands in it is taken as used.");
            root.Digests.UnionWith(DigestsIn(root.LockFilePath));
        }
    }

    private static IEnumerable<Digest> DigestsIn(string file)
    {
        string text;
        try
        {
            text = File.ReadAllText(file, Encoding.Latin1);
        }
        catch (Exception e) when (IoFailures.IsFileSystem(e))
        {
            throw IoFailures.ToHubException(e, $"{file} names contents of the cache, but could not be read");
        }
        for (int start = 0, end; start < text.Length; start = end + 1)
        {
            for (end = start; end < text.Length && char.IsAsciiHexDigitLower(text[end]); end++) { }
            if (end - start == 64 && Digest.TryParse(text[start..end], out Digest digest))
                yield return digest;
        }
    }

    private static IEnumerable<FileInfo> Files(string repo, string folder, string pattern)
    {
        var files = new DirectoryInfo(Path.Combine(repo, folder));
        return files.Exists ? files.EnumerateFiles(pattern, SearchOption.AllDirectories).Where(f => !Leftovers.IsTemporary(f.Name)) : [];
    }

    private static bool IsHex(string name) => name.Length == 16 && name.All(char.IsAsciiHexDigitLower);
}

/// <summary>A commit in a hub's store: its tree, its snapshots, or both.</summary>
internal sealed class StoredCommit(RepoStore store, RepoType type, string repoId, string commit)
{
    public RepoStore Store { get; } = store;

    /// <summary>The folder of a hub's store is its name, a hyphen and 8 hexadecimal characters.</summary>
    public string Hub { get; } = Path.GetFileName(store.Root) is { Length: > 9 } name ? name[..^9] : Path.GetFileName(store.Root);

    public RepoType Type { get; } = type;

    public string RepoId { get; } = repoId;

    public string Commit { get; } = commit;

    public string? TreePath { get; set; }

    public List<string> Snapshots { get; } = [];

    public List<(string Revision, string Path)> Refs { get; } = [];

    public DateTime LastUsed { get; set; }

    /// <summary>Each content with a path that it has.</summary>
    public Dictionary<Digest, string> Paths { get; } = [];

    public IReadOnlyCollection<Digest> Digests => Paths.Keys;

    public string RepoFolder => Store.RepoFolder(Type, RepoId);

    /// <summary>Says whether a lock entry means this commit.</summary>
    public bool Is(LockEntry entry) => entry.Commit == Commit && entry.Key.RepoType == Type && entry.Key.RepoId == RepoId
        && entry.Key.Hub.Split(';').Contains(Hub, StringComparer.OrdinalIgnoreCase);
}

/// <summary>A registered lock file.</summary>
/// <param name="MarkPath">The file in <c>roots/</c>.</param>
/// <param name="LockFilePath">What it names; empty when it makes no sense.</param>
/// <param name="Exists">Whether that is there.</param>
/// <param name="LastUsed">When a build last used it, to the hour.</param>
internal sealed record LockRoot(string MarkPath, string LockFilePath, bool Exists, DateTime LastUsed)
{
    public IReadOnlyList<LockEntry> Entries { get; set; } = [];

    public HashSet<Digest> Digests { get; } = [];
}
