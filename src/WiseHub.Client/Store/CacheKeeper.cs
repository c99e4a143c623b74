using System.Collections.Concurrent;

namespace WiseHub.Client.Store;

/// <summary>
/// Looks after a cache: what it holds, whether that is right, and what can go. What refers to a blob are the trees of the hubs' stores
/// and the registered lock files; whatever is removed, blobs are removed one by one, so that hard links elsewhere stay good.
/// </summary>
internal sealed class CacheKeeper(SnapshotStore store, IHubLog log, TimeProvider time)
{
    // Builds that have everything hold no lock: what they look at must outlive the build.
    private static readonly TimeSpan Grace = TimeSpan.FromHours(1);

    private DateTime Now => time.GetUtcNow().UtcDateTime;

    public CacheReport List(CancellationToken cancel) => Guard("listed", () =>
    {
        if (!IsThere())
            return new CacheReport { Root = store.Root, Repos = [], Files = 0, Size = 0, UnusedFiles = 0, UnusedSize = 0, PartialSize = 0 };
        CacheContents contents = Read(cancel);
        HashSet<Digest> used = [.. contents.Published, .. contents.Commits.SelectMany(c => c.Digests), .. contents.Roots.SelectMany(r => r.Digests)];
        List<Digest> unused = [.. contents.Blobs.Keys.Where(b => !used.Contains(b))];
        return new CacheReport
        {
            Root = store.Root,
            Repos = Repos(contents),
            Files = contents.Blobs.Count,
            Size = contents.SizeOf(contents.Blobs.Keys),
            UnusedFiles = unused.Count,
            UnusedSize = contents.SizeOf(unused),
            PartialSize = Leftovers.PartialSize(store),
        };
    });

    public Task<CacheVerification> VerifyAsync(CancellationToken cancel) => GuardAsync("verified", async () =>
    {
        if (!IsThere())
            return new CacheVerification { Root = store.Root, Files = 0, Size = 0, Problems = [] };
        store.Unsynced.ClaimOthers(store.Blobs);
        // Before the blobs are listed: what is in these lists has its name by then, or never gets one.
        using UnsyncedBlobs.HeldLists lists = store.Unsynced.HoldOwn();
        CacheContents contents = Read(cancel);
        ConcurrentBag<Digest> wrong = await HashAsync(contents, cancel).ConfigureAwait(false);
        List<CacheProblem> problems = wrong.IsEmpty && contents.Damaged.Count == 0 ? [] : await RemoveWrongAsync(contents, [.. wrong], cancel).ConfigureAwait(false);
        if (problems.Count == 0)
        {
            Sync(lists);
            lists.Delete();
        }
        return new CacheVerification { Root = store.Root, Files = contents.Blobs.Count, Size = contents.SizeOf(contents.Blobs.Keys), Problems = problems };
    });

    public Task<CacheRemoval> PruneAsync(CachePruneRequest request, CancellationToken cancel) => GuardAsync("pruned", async () =>
    {
        if (!IsThere())
            return new CacheRemoval { Root = store.Root, DryRun = request.DryRun };
        using FileLock? held = request.DryRun ? null : await HoldAsync(cancel).ConfigureAwait(false);
        var plan = new PrunePlan(Read(cancel), Now, Grace);
        plan.DropWhatNothingUses();
        if (request.OlderThan is TimeSpan age)
            plan.DropWhatIsOlder(age);
        List<FileInfo> files = Leftovers.FindFiles(store, Now);
        List<string> folders = Leftovers.FindEmptySnapshots(plan.Contents, Now);
        if (request.MaxSize is long size)
            plan.DropUntil(size, Leftovers.PartialSize(store) - files.Where(f => f.DirectoryName == store.PartialFolder).Sum(f => f.Length));
        CacheRemoval removal = plan.Describe(store.Root, request.DryRun, files, folders.Count);
        if (request.DryRun)
            return removal;
        Remove(plan, cancel);
        files.ForEach(f => f.Delete());
        folders.ForEach(f => Directory.Delete(f, recursive: true));
        return removal;
    });

    public Task<CacheRemoval> RemoveAsync(CacheRemoveRequest request, CancellationToken cancel) => GuardAsync("changed", async () =>
    {
        using FileLock? held = request.DryRun || !IsThere() ? null : await HoldAsync(cancel).ConfigureAwait(false);
        CacheContents contents = IsThere() ? Read(cancel) : throw NotInCache(request, null);
        List<StoredCommit> commits = [.. contents.Commits.Where(c => c.RepoId == request.RepoId && (request.RepoType is null || c.Type == request.RepoType)
            && (request.Hub is null || c.Hub.Equals(request.Hub, StringComparison.OrdinalIgnoreCase))
            && (request.Revision is null || c.Commit == request.Revision || c.Refs.Exists(r => r.Revision == request.Revision)))];
        if (commits.Count == 0)
            throw NotInCache(request, contents);
        var plan = new PrunePlan(contents, Now, Grace);
        plan.Drop(commits);
        CacheRemoval removal = plan.Describe(store.Root, request.DryRun, [], 0);
        if (!request.DryRun)
            Remove(plan, cancel);
        return removal;
    });

    // No marker, no cache: what is in some other folder is nobody's to list or remove.
    private bool IsThere()
    {
        string marker = Path.Combine(store.Root, RepoStore.MarkerName);
        if (!File.Exists(marker))
            return false;
        StoreMarker.Require(marker, "{\"version\":1}\n");
        return true;
    }

    private CacheContents Read(CancellationToken cancel) => CacheContents.Read(store, log, cancel);

    private Task<FileLock> HoldAsync(CancellationToken cancel) => FileLock.AcquireAsync(store.StoreLockPath, "this cache", log, time, cancel);

    private static List<CachedRepo> Repos(CacheContents contents)
    {
        var commits = new List<(string Hub, RepoType Type, string RepoId, string Commit, DateTime LastUsed, IEnumerable<string> Revisions, IEnumerable<string> LockFiles, IEnumerable<Digest> Digests)>();
        foreach (StoredCommit c in contents.Commits)
            commits.Add((c.Hub, c.Type, c.RepoId, c.Commit, c.LastUsed, c.Refs.Select(r => r.Revision), [], c.Digests));
        foreach (LockRoot root in contents.Roots)
        {
            foreach (LockEntry entry in root.Entries)
            {
                // Where the lock file said everything, the hub was never asked for a file list.
                string hub = contents.Commits.Find(c => c.Is(entry))?.Hub ?? entry.Key.Hub.Split(';')[0];
                commits.Add((hub, entry.Key.RepoType, entry.Key.RepoId, entry.Commit, root.LastUsed, [], [root.LockFilePath], entry.Files.Select(f => f.Sha256)));
            }
        }
        return [.. commits.GroupBy(c => (c.Hub, c.Type, c.RepoId))
            .OrderBy(r => r.Key.Hub, StringComparer.Ordinal).ThenBy(r => r.Key.Type).ThenBy(r => r.Key.RepoId, StringComparer.Ordinal)
            .Select(repo =>
            {
                List<Digest> all = Present(repo.SelectMany(c => c.Digests));
                return new CachedRepo(repo.Key.Hub, repo.Key.Type, repo.Key.RepoId,
                    [.. repo.GroupBy(c => c.Commit).Select(commit =>
                    {
                        List<Digest> digests = Present(commit.SelectMany(c => c.Digests));
                        return new CachedCommit(commit.Key, Sorted(commit.SelectMany(c => c.Revisions)), Sorted(commit.SelectMany(c => c.LockFiles)),
                            digests.Count, contents.SizeOf(digests), commit.Max(c => c.LastUsed));
                    }).OrderByDescending(c => c.LastUsed).ThenBy(c => c.Commit, StringComparer.Ordinal)],
                    all.Count, contents.SizeOf(all), repo.Max(c => c.LastUsed));
            })];

        List<Digest> Present(IEnumerable<Digest> digests) => [.. digests.Distinct().Where(contents.Blobs.ContainsKey)];

        static List<string> Sorted(IEnumerable<string> texts) => [.. texts.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
    }

    private async Task<ConcurrentBag<Digest>> HashAsync(CacheContents contents, CancellationToken cancel)
    {
        var wrong = new ConcurrentBag<Digest>();
        var meter = new ProgressMeter(log, time, contents.SizeOf(contents.Blobs.Keys), contents.Blobs.Count);
        // Largest first, so that no core ends with the largest one alone.
        await Parallel.ForEachAsync(contents.Blobs.OrderByDescending(b => b.Value.Length), new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount, CancellationToken = cancel },
            (blob, token) =>
            {
                if (!IsRight(blob.Key, meter.Arrived, token))
                    wrong.Add(blob.Key);
                meter.FileDone();
                return ValueTask.CompletedTask;
            }).ConfigureAwait(false);
        meter.Report();
        return wrong;
    }

    private bool IsRight(Digest digest, Action<long>? read, CancellationToken cancel)
    {
        try
        {
            return store.Blobs.VerifyContent(digest, read, cancel);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            // Removed meanwhile.
            return true;
        }
        catch (IOException e) when (!IoFailures.IsReadOnly(e))
        {
            log.Detail($"{store.Blobs.PathOf(digest)} cannot be read: {e.Message}");
            return false;
        }
    }

    private async Task<List<CacheProblem>> RemoveWrongAsync(CacheContents contents, List<Digest> wrong, CancellationToken cancel)
    {
        var problems = new List<CacheProblem>();
        using FileLock held = await HoldAsync(cancel).ConfigureAwait(false);
        foreach (Digest digest in wrong.OrderBy(d => d.Hex, StringComparer.Ordinal))
        {
            // A build may have replaced it before this lock was had.
            if (IsRight(digest, null, cancel))
                continue;
            store.Blobs.Remove(digest, isWrong: true);
            string path = store.Blobs.PathOf(digest);
            problems.Add(new CacheProblem(path, $"{path} is not what its name says. It was removed; the next build that needs it fetches it again. {Users(contents, digest)}"));
        }
        foreach ((string path, HubException problem) in contents.Damaged)
        {
            if (!path.StartsWith(store.HubsFolder, StringComparison.Ordinal))
            {
                problems.Add(new CacheProblem(path, problem.Message));
                continue;
            }
            File.Delete(path);
            problems.Add(new CacheProblem(path, $"{problem.Message} It was removed; the hub is asked for it when it is needed."));
        }
        return problems;
    }

    private static string Users(CacheContents contents, Digest digest)
    {
        List<string> users = [.. contents.Commits.Where(c => c.Paths.ContainsKey(digest)).Select(c => $"'{c.Paths[digest]}' of {c.RepoId} ({c.Hub}, {c.Commit})")
            .Concat(contents.Roots.SelectMany(r => r.Entries).SelectMany(e => e.Files.Where(f => f.Sha256 == digest).Select(f => $"'{f.Path}' of {e.Key.RepoId} ({e.Key.Hub}, {e.Commit})")))
            .Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
        return users.Count == 0 ? "Nothing refers to it." : $"It is {string.Join(" and ", users)}.";
    }

    private void Sync(UnsyncedBlobs.HeldLists lists)
    {
        if (NativeFile.SyncFileSystem(store.Root))
            return;
        foreach (Digest digest in lists.Digests.Distinct())
        {
            if (File.Exists(store.Blobs.PathOf(digest)))
                NativeFile.SyncFile(store.Blobs.PathOf(digest));
        }
    }

    // What refers to blobs goes before they do: whoever is interrupted leaves blobs that nothing uses, for the next time.
    private void Remove(PrunePlan plan, CancellationToken cancel)
    {
        foreach (StoredCommit commit in plan.Commits)
        {
            cancel.ThrowIfCancellationRequested();
            commit.Refs.ForEach(r => File.Delete(r.Path));
            commit.Snapshots.ForEach(s => Directory.Delete(s, recursive: true));
            if (commit.TreePath is not null)
                File.Delete(commit.TreePath);
            RemoveEmpty(commit.RepoFolder, commit.Store.Root);
        }
        foreach (LockRoot root in plan.Roots)
            File.Delete(root.MarkPath);
        foreach (Digest digest in plan.Blobs)
        {
            cancel.ThrowIfCancellationRequested();
            store.Blobs.Remove(digest);
        }
    }

    private static void RemoveEmpty(string folder, string upTo)
    {
        foreach (string part in Directory.Exists(folder) ? Directory.GetDirectories(folder) : [])
            RemoveEmpty(part, folder);
        for (; folder != upTo && Directory.Exists(folder) && !Directory.EnumerateFileSystemEntries(folder).Any(); folder = Path.GetDirectoryName(folder)!)
            Directory.Delete(folder);
    }

    private static HubException NotInCache(CacheRemoveRequest request, CacheContents? contents)
    {
        string what = request.Revision is null ? request.RepoId : $"{request.RepoId} at '{request.Revision}'";
        string where = request.Hub is null ? "" : $" from '{request.Hub}'";
        if (contents?.Roots.Find(r => r.Entries.Any(e => e.Key.RepoId == request.RepoId)) is LockRoot root)
        {
            return new HubException(WiseCodes.NotInCache,
                $"The cache has no file list of {what}{where}; its contents are there because {root.LockFilePath} lists them. Remove the reference and that entry, then run 'wisehub cache prune'.");
        }
        return new HubException(WiseCodes.NotInCache, $"The cache has nothing of {what}{where}. 'wisehub cache ls' shows what it has.");
    }

    private T Guard<T>(string what, Func<T> work)
    {
        try
        {
            return work();
        }
        catch (Exception e) when (IoFailures.IsFileSystem(e))
        {
            throw IoFailures.ToHubException(e, $"The cache {store.Root} could not be {what}");
        }
    }

    private async Task<T> GuardAsync<T>(string what, Func<Task<T>> work)
    {
        try
        {
            return await work().ConfigureAwait(false);
        }
        catch (Exception e) when (IoFailures.IsFileSystem(e))
        {
            throw IoFailures.ToHubException(e, $"The cache {store.Root} could not be {what}");
        }
    }
}
