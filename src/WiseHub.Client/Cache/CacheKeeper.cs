using System.Collections.Concurrent;
using WiseHub.Client.Files;
using WiseHub.Client.Store;

namespace WiseHub.Client.Cache;

/// <summary>
/// Lists, verifies and cleans a cache. Trees in the hubs' stores and registered lock files refer to blobs. Blobs are removed one
/// by one, so that hard links elsewhere stay valid.
/// </summary>
internal sealed class CacheKeeper(SnapshotStore store, IHubLog log, TimeProvider time)
{
    // Builds with a complete cache hold no lock, so the blobs they look at must outlive the build.
    private static readonly TimeSpan Grace = TimeSpan.FromHours(1);

    private DateTime Now => time.GetUtcNow().UtcDateTime;

    public Task<CacheReport> ListAsync(CancellationToken cancel) => GuardAsync($"listed", async () =>
    {
        if (!Exists())
            return new CacheReport
            {
                Root = store.Root,
                Repos = [],
                Files = 0,
                Size = 0,
                UnusedFiles = 0,
                UnusedSize = 0,
                PartialSize = 0
            };
        using FileLock share = await ShareAsync(cancel).ConfigureAwait(false);
        CacheContents contents = Read(cancel);
        HashSet<Digest> used = [.. contents.Published, .. contents.Commits.SelectMany(c => c.Digests),
            .. contents.Roots.Where(r => r.Exists).SelectMany(r => r.Digests)];
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

    public Task<CacheVerification> VerifyAsync(CancellationToken cancel) => GuardAsync($"verified", async () =>
    {
        if (!Exists())
            return new CacheVerification { Root = store.Root, Files = 0, Size = 0, Problems = [] };
        store.Unsynced.ClaimOthers(store.Blobs);
        // Read before the blobs are listed: by then, every blob in these lists has its name, or never gets one.
        using UnsyncedBlobs.HeldLists lists = store.Unsynced.HoldOwn();
        CacheContents contents;
        ConcurrentDictionary<Digest, string> wrong;
        using (await ShareAsync(cancel).ConfigureAwait(false))
        {
            contents = Read(cancel);
            wrong = await HashAsync(contents, cancel).ConfigureAwait(false);
        }
        List<CacheProblem> problems = wrong.IsEmpty && contents.Damaged.Count == 0 ? []
            : await RemoveWrongAsync([.. wrong.Keys], cancel).ConfigureAwait(false);
        if (problems.Count == 0)
        {
            Sync(lists);
            lists.Delete();
        }
        return new CacheVerification
        {
            Root = store.Root,
            Files = contents.Blobs.Count,
            Size = contents.SizeOf(contents.Blobs.Keys),
            Problems = problems
        };
    });

    public Task<CacheRemoval> PruneAsync(CachePruneRequest request, CancellationToken cancel) => GuardAsync($"pruned", async () =>
    {
        if (!Exists())
            return new CacheRemoval { Root = store.Root, DryRun = request.DryRun };
        using FileLock held = await (request.DryRun ? ShareAsync(cancel) : HoldAsync(cancel)).ConfigureAwait(false);
        var plan = new PrunePlan(Read(cancel), Now, Grace);
        plan.RemoveUnused();
        if (request.OlderThan is TimeSpan age)
            plan.RemoveOlder(age);
        List<FileInfo> files = Leftovers.FindFiles(store, Now);
        List<string> folders = Leftovers.FindEmptySnapshots(plan.Contents.Commits.Except(plan.Commits), Now);
        if (request.MaxSize is long size)
            plan.DropUntil(size,
                Leftovers.PartialSize(store) - files.Where(f => f.DirectoryName == store.PartialFolder).Sum(f => f.Length));
        CacheRemoval removal = plan.Describe(store.Root, request.DryRun, files, folders.Count);
        if (request.DryRun)
            return removal;
        Remove(plan, files, folders, cancel);
        return removal;
    });

    public Task<CacheRemoval> RemoveAsync(CacheRemoveRequest request, CancellationToken cancel) =>
        GuardAsync($"changed", async () =>
        {
            if (!Exists())
                throw NotInCache(request, null);
            using FileLock held = await (request.DryRun ? ShareAsync(cancel) : HoldAsync(cancel)).ConfigureAwait(false);
            CacheContents contents = Read(cancel);
            List<StoredCommit> commits = [.. contents.Commits.Where(c => c.RepoId == request.RepoId
                && (request.RepoType is null || c.Type == request.RepoType)
                && (request.Hub is null || c.Hub.Equals(request.Hub, StringComparison.OrdinalIgnoreCase))
                && (request.Revision is null || c.Commit == request.Revision
                    || c.Refs.Exists(r => r.Revision == request.Revision)))];
            if (commits.TrueForAll(c => c.HasOnlyHeaders))
                throw NotInCache(request, contents);
            var plan = new PrunePlan(contents, Now, Grace);
            plan.Drop(commits);
            CacheRemoval removal = plan.Describe(store.Root, request.DryRun, [], 0);
            if (!request.DryRun)
                Remove(plan, [], [], cancel);
            return removal;
        });

    // A folder with other content is not listed, and certainly not cleaned.
    private bool Exists()
    {
        if (IsMarked())
            return true;
        bool hasMore = File.Exists(store.Root)
            || (Directory.Exists(store.Root)
                && !Directory.EnumerateFileSystemEntries(store.Root).All(e => store.IsFirstPart(Path.GetFileName(e))));
        // The marker is written before the rest, and a restore may have written both since the first look.
        if (!hasMore || IsMarked())
            return hasMore;
        throw CacheMessages.NotACache(store.Root);
    }

    private bool IsMarked()
    {
        var marker = new FileInfo(Path.Combine(store.Root, RepoStore.MarkerName));
        if (marker is not { Exists: true, Length: > 0 } || !File.Exists(store.TagPath))
            return false;
        StoreMarker.Parse(ContendedFiles.OfSystem.Read(marker.FullName), marker.FullName);
        return true;
    }

    private CacheContents Read(CancellationToken cancel) => CacheContents.Read(store, log, cancel);

    private Task<FileLock> HoldAsync(CancellationToken cancel) =>
        FileLock.AcquireAsync(store.StoreLockPath, (Text)$"this cache", log, time, cancel);

    private Task<FileLock> ShareAsync(CancellationToken cancel) =>
        FileLock.ShareAsync(store.StoreLockPath, (Text)$"this cache", log, time, cancel);

    private static List<CachedRepo> Repos(CacheContents contents)
    {
        var commits = new List<(string Hub, RepoType Type, string RepoId, string Commit, DateTime LastUsed,
            IEnumerable<string> Revisions, IEnumerable<string> LockFiles, IEnumerable<Digest> Digests)>();
        foreach (StoredCommit c in contents.Commits.Where(c => !c.HasOnlyHeaders))
            commits.Add((c.Hub, c.Type, c.RepoId, c.Commit, c.LastUsed, c.Refs.Select(r => r.Revision), [], c.Digests));
        foreach (LockRoot root in contents.Roots)
        {
            foreach (LockEntry entry in root.Entries)
            {
                // With a complete lock file, a restore never requests the file list from the hub.
                string hub = contents.Commits.Find(c => c.Is(entry))?.Hub ?? entry.Key.Hub.Split(';')[0];
                commits.Add((hub, entry.Key.RepoType, entry.Key.RepoId, entry.Commit, root.LastUsed, [], [root.LockFilePath],
                    entry.Files.Select(f => f.Sha256)));
            }
        }
        return [.. commits.GroupBy(c => (c.Hub, c.Type, c.RepoId))
            .OrderBy(r => r.Key.Hub, StringComparer.Ordinal).ThenBy(r => r.Key.Type)
            .ThenBy(r => r.Key.RepoId, StringComparer.Ordinal)
            .Select(repo =>
            {
                List<Digest> all = Present(repo.SelectMany(c => c.Digests));
                return new CachedRepo(repo.Key.Hub, repo.Key.Type, repo.Key.RepoId,
                    [.. repo.GroupBy(c => c.Commit).Select(commit =>
                    {
                        List<Digest> digests = Present(commit.SelectMany(c => c.Digests));
                        return new CachedCommit(commit.Key, Sorted(commit.SelectMany(c => c.Revisions)),
                            Sorted(commit.SelectMany(c => c.LockFiles)),
                            digests.Count, contents.SizeOf(digests), commit.Max(c => c.LastUsed));
                    }).OrderByDescending(c => c.LastUsed).ThenBy(c => c.Commit, StringComparer.Ordinal)],
                    all.Count, contents.SizeOf(all), repo.Max(c => c.LastUsed));
            })];

        List<Digest> Present(IEnumerable<Digest> digests) => [.. digests.Distinct().Where(contents.Blobs.ContainsKey)];

        static List<string> Sorted(IEnumerable<string> texts) =>
            [.. texts.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
    }

    private async Task<ConcurrentDictionary<Digest, string>> HashAsync(CacheContents contents, CancellationToken cancel)
    {
        var wrong = new ConcurrentDictionary<Digest, string>();
        var meter = new ProgressMeter(log, time, contents.SizeOf(contents.Blobs.Keys), contents.Blobs.Count);
        // Largest first, so that one core does not end alone with the largest blob.
        await Parallel.ForEachAsync(contents.Blobs.OrderByDescending(b => b.Value.Length),
            new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount, CancellationToken = cancel },
            (blob, token) =>
            {
                if (FindProblem(blob.Key, meter.Arrived, token) is (string problem, _))
                    wrong[blob.Key] = problem;
                meter.FileDone();
                return ValueTask.CompletedTask;
            }).ConfigureAwait(false);
        meter.Report();
        return wrong;
    }

    /// <summary>Null for an intact blob, or one removed meanwhile.</summary>
    private (string Problem, bool IsReadable)? FindProblem(Digest digest, Action<long>? read, CancellationToken cancel)
    {
        string path = store.Blobs.PathOf(digest);
        try
        {
            return store.Blobs.VerifyContent(digest, read, cancel) ? null : (CacheMessages.WrongBytes(path), true);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
        catch (UnauthorizedAccessException e)
        {
            return (CacheMessages.NotReadableByUser(path, e), false);
        }
        catch (IOException e)
        {
            return (CacheMessages.NotReadable(path, e), true);
        }
    }

    private async Task<List<CacheProblem>> RemoveWrongAsync(List<Digest> wrong, CancellationToken cancel)
    {
        var problems = new List<CacheProblem>();
        ContendedFiles files = ContendedFiles.ForMany();
        using FileLock held = await HoldAsync(cancel).ConfigureAwait(false);
        // A build may have replaced some blobs before this process got the lock.
        CacheContents contents = Read(cancel);
        foreach (Digest digest in wrong.OrderBy(d => d.Hex, StringComparer.Ordinal))
        {
            if (FindProblem(digest, null, cancel) is not (string problem, bool isReadable))
                continue;
            string path = store.Blobs.PathOf(digest), users = Users(contents, digest);
            string done = !isReadable ? CacheMessages.KeptForOwner
                : contents.Published.Contains(digest) ? CacheMessages.KeptAsPublished
                : Attempt(() => store.Blobs.Remove(digest, isWrong: true, files)) is Exception e ? CacheMessages.NotRemoved(e)
                : CacheMessages.BlobRemoved;
            problems.Add(new CacheProblem(path, $"{problem} {done} {users}"));
        }
        foreach ((string path, HubException problem, bool isOurs) in contents.Damaged.OrderBy(d => d.Path,
            StringComparer.Ordinal))
        {
            string done = !isOurs ? CacheMessages.KeptInPublishedStore
                : Attempt(() => files.Delete(path)) is Exception e ? CacheMessages.NotRemoved(e) : CacheMessages.TreeRemoved;
            problems.Add(new CacheProblem(path, $"{problem.Message} {done}"));
        }
        return problems;
    }

    private static Exception? Attempt(Action work)
    {
        try
        {
            work();
            return null;
        }
        catch (Exception e) when (IoFailures.IsFileSystem(e))
        {
            return e;
        }
    }

    private static string Users(CacheContents contents, Digest digest)
    {
        List<string> users = [.. contents.Commits.Where(c => c.Paths.ContainsKey(digest))
            .Select(c => (string)CacheMessages.FileOf(c.Paths[digest], c.RepoId, c.Hub, c.Commit))
            .Concat(contents.Roots.SelectMany(r => r.Entries).SelectMany(e => e.Files.Where(f => f.Sha256 == digest)
                .Select(f => (string)CacheMessages.FileOf(f.Path, e.Key.RepoId, e.Key.Hub, e.Commit))))
            .Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
        return CacheMessages.UsedBy(users);
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

    // Trees, refs and marks first: an interruption then leaves unused blobs, which the next cleanup removes.
    private void Remove(PrunePlan plan, List<FileInfo> leftovers, List<string> emptyFolders, CancellationToken cancel)
    {
        var failures = new List<Exception>();
        ContendedFiles files = ContendedFiles.ForMany();
        foreach (string folder in emptyFolders)
            Try(() => files.DeleteFolder(folder));
        foreach (StoredCommit commit in plan.Commits)
        {
            Try(() =>
            {
                commit.Refs.ForEach(r => files.Delete(r.Path));
                commit.Snapshots.ForEach(files.DeleteFolder);
                if (commit.HeadersPath is not null)
                    files.Delete(commit.HeadersPath);
                if (commit.TreePath is not null)
                    files.Delete(commit.TreePath);
                RemoveEmpty(commit);
            });
        }
        foreach (LockRoot root in plan.Roots)
            Try(() => files.Delete(root.MarkPath));
        foreach (Digest digest in plan.Blobs)
            Try(() => store.Blobs.Remove(digest, by: files));
        foreach (FileInfo file in leftovers)
            Try(() => files.Delete(file.FullName));
        if (failures.Count > 0)
            throw IoFailures.ToHubException(failures[0], CacheMessages.PartlyRemoved(store.Root, failures.Count));

        // Files of another user must not stop the removal of the rest.
        void Try(Action work)
        {
            cancel.ThrowIfCancellationRequested();
            if (Attempt(work) is Exception e)
                failures.Add(e);
        }
    }

    /// <summary>Removes the empty folders of a repo without commits, up to the hub's store.</summary>
    private static void RemoveEmpty(StoredCommit commit)
    {
        foreach (string name in (string[])["refs", "trees", "snapshots"])
        {
            if (new DirectoryInfo(Path.Combine(commit.RepoFolder, name)) is { Exists: true, LinkTarget: null } part)
                RemoveEmptyBelow(part);
        }
        UrlRecord.RemoveLast(commit.RepoFolder);
        for (string folder = commit.RepoFolder; folder.Length > commit.Store.Root.Length; folder = Path.GetDirectoryName(folder)!)
        {
            if (!Directory.Exists(folder))
                continue;
            if (Directory.EnumerateFileSystemEntries(folder).Any())
                return;
            Directory.Delete(folder);
        }
    }

    private static void RemoveEmptyBelow(DirectoryInfo folder)
    {
        foreach (DirectoryInfo part in folder.EnumerateDirectories("*",
            new EnumerationOptions { AttributesToSkip = FileAttributes.ReparsePoint }))
            RemoveEmptyBelow(part);
        if (!folder.EnumerateFileSystemInfos().Any())
            folder.Delete();
    }

    private static HubException NotInCache(CacheRemoveRequest request, CacheContents? contents) =>
        contents?.Roots.Find(r => r.Entries.Any(e => e.Key.RepoId == request.RepoId)) is LockRoot root
            ? CacheMessages.OnlyInLockFile(request, root.LockFilePath) : CacheMessages.NotInCache(request);

    private async Task<T> GuardAsync<T>(Text action, Func<Task<T>> work)
    {
        try
        {
            return await work().ConfigureAwait(false);
        }
        catch (Exception e) when (IoFailures.IsFileSystem(e))
        {
            throw IoFailures.ToHubException(e, CacheMessages.CouldNotBe(store.Root, action));
        }
    }
}
