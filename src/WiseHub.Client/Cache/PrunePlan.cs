using WiseHub.Client.Store;

namespace WiseHub.Client.Cache;

/// <summary>Plans the removals from a cache. Never includes anything used or ingested within the grace period.</summary>
internal sealed class PrunePlan
{
    private readonly DateTime _now;
    private readonly TimeSpan _grace;
    private readonly Dictionary<Digest, int> _users = [];
    private readonly HashSet<StoredCommit> _commits = [];
    private readonly HashSet<LockRoot> _roots = [];
    private readonly HashSet<Digest> _blobs = [];

    public PrunePlan(CacheContents contents, DateTime now, TimeSpan grace)
    {
        (Contents, _now, _grace) = (contents, now, grace);
        foreach (Digest digest in contents.Published.Concat(contents.Commits.SelectMany(c => c.Digests))
            .Concat(contents.Roots.SelectMany(r => r.Digests)))
            _users[digest] = _users.GetValueOrDefault(digest) + 1;
        SizeLeft = contents.SizeOf(contents.Blobs.Keys);
    }

    public CacheContents Contents { get; }

    public IReadOnlyCollection<StoredCommit> Commits => _commits;

    public IReadOnlyCollection<LockRoot> Roots => _roots;

    public IReadOnlyCollection<Digest> Blobs => _blobs;

    /// <summary>
    /// Plans to remove deleted lock files, folders of commits without a tree or lock file, and unreferenced blobs.
    /// </summary>
    public void RemoveUnused()
    {
        foreach (LockRoot root in Contents.Roots.Where(r => !r.Exists && IsIdle(r.LastUsed)))
            Drop(root);
        foreach (StoredCommit commit in Contents.Commits.Where(c => c.TreePath is null && IsIdle(c.LastUsed)
            && !Contents.Roots.Exists(r => r.Entries.Any(c.Is))))
            Drop(commit);
        foreach ((Digest digest, FileInfo blob) in Contents.Blobs)
        {
            if (!_users.ContainsKey(digest) && IsOld(blob))
                Remove(digest, blob);
        }
    }

    public void RemoveOlder(TimeSpan age)
    {
        foreach (LockRoot root in Contents.Roots.Where(r => IsIdle(r.LastUsed, age)))
            Drop(root);
        foreach (StoredCommit commit in Contents.Commits.Where(c => IsIdle(c.LastUsed, age)))
            Drop(commit);
    }

    /// <summary>
    /// Removes the least recently used items until the cache has at most the given size, or everything left was used recently.
    /// </summary>
    public void DropUntil(long size, long others)
    {
        // A lock file comes before the commit that it marks as used at the same time.
        var units = Contents.Roots.Where(r => !_roots.Contains(r))
            .Select(r => (r.LastUsed, Order: 0, Drop: (Action)(() => Drop(r))))
            .Concat(Contents.Commits.Where(c => !_commits.Contains(c))
                .Select(c => (c.LastUsed, Order: 1, Drop: (Action)(() => Drop(c)))));
        foreach ((DateTime lastUsed, _, Action drop) in units.OrderBy(u => u.LastUsed).ThenBy(u => u.Order))
        {
            if (SizeLeft + others <= size || !IsIdle(lastUsed))
                return;
            drop();
        }
    }

    /// <summary>Removes commits that the user named, and immediately the blobs that only they use.</summary>
    public void Drop(IEnumerable<StoredCommit> commits)
    {
        // Blobs of a deleted lock file normally stay for a build that may use it, but not against an explicit request.
        foreach (Digest digest in Contents.Roots.Where(r => !r.Exists).SelectMany(r => r.Digests))
            _users[digest]--;
        foreach (StoredCommit commit in commits)
        {
            _commits.Add(commit);
            foreach (Digest digest in commit.Digests)
            {
                if (--_users[digest] == 0 && Contents.Blobs.TryGetValue(digest, out FileInfo? blob))
                    Remove(digest, blob);
            }
        }
    }

    public CacheRemoval Describe(string root, bool dryRun, List<FileInfo> leftovers, int emptyFolders) => new()
    {
        Root = root,
        DryRun = dryRun,
        Commits = [.. _commits.OrderBy(c => c.Hub, StringComparer.Ordinal).ThenBy(c => c.Type)
            .ThenBy(c => c.RepoId, StringComparer.Ordinal).ThenBy(c => c.Commit, StringComparer.Ordinal)
            .Select(c => new RemovedCommit(c.Hub, c.Type, c.RepoId, c.Commit, c.LastUsed))],
        LockFiles = [.. _roots.OrderBy(r => r.LockFilePath, StringComparer.Ordinal)
            .Select(r => new RemovedLockFile(r.LockFilePath, r.Exists, r.LastUsed))],
        Files = _blobs.Count,
        Size = Contents.SizeOf(_blobs),
        Leftovers = leftovers.Count + emptyFolders,
        LeftoverSize = leftovers.Sum(f => f.Length),
        SizeLeft = SizeLeft,
        KeptBy = [.. Contents.Roots.Where(r => r.Exists && !_roots.Contains(r)
            && _commits.Any(c => c.Digests.Any(d => r.Digests.Contains(d))))
            .Select(r => r.LockFilePath).Order(StringComparer.Ordinal)],
    };

    private long SizeLeft { get; set; }

    private void Drop(LockRoot root)
    {
        if (_roots.Add(root))
            Release(root.Digests);
    }

    private void Drop(StoredCommit commit)
    {
        if (_commits.Add(commit))
            Release(commit.Digests);
    }

    private void Release(IEnumerable<Digest> digests)
    {
        foreach (Digest digest in digests)
        {
            if (--_users[digest] == 0 && Contents.Blobs.TryGetValue(digest, out FileInfo? blob) && IsOld(blob))
                Remove(digest, blob);
        }
    }

    private void Remove(Digest digest, FileInfo blob)
    {
        if (_blobs.Add(digest))
            SizeLeft -= blob.Length;
    }

    // A mark may be older than the last use.
    private bool IsIdle(DateTime lastUsed, TimeSpan age = default) =>
        _now - lastUsed > (age > _grace + LastUses.Resolution ? age : _grace + LastUses.Resolution);

    private bool IsOld(FileInfo blob) => _now - NativeFile.ChangeTime(blob.FullName) > _grace;
}
