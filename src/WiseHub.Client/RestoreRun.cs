using System.Collections.Concurrent;
using WiseHub.Client.Hubs;
using WiseHub.Client.Store;
using WiseHub.Client.Transfer;

namespace WiseHub.Client;

/// <summary>One restore, in the order of DESIGN.md section 5: validate, lock file, resolve, fetch, lock file, answer.</summary>
internal sealed class RestoreRun(HubServices services, RestoreRequest request, CancellationToken cancel)
{
    private readonly IHubLog _log = services.Log;
    private readonly SnapshotStore _store = services.Store;

    /// <summary>The references that share a commit.</summary>
    private sealed class Group(LockKey key, IReadOnlyList<IHub> hubs)
    {
        public LockKey Key { get; } = key;
        public IReadOnlyList<IHub> Hubs { get; } = hubs;
        public List<RepoReference> References { get; } = [];
        public RepoReference First => References[0];
        public bool IsOptional => References.TrueForAll(r => r.Optional);
        public HubException? Failure { get; set; }

        /// <summary>The hub whose names these are; the first, unless a fallback resolved.</summary>
        public IHub Origin { get; set; } = hubs[0];
        public string Commit { get; set; } = "";
        public LockEntry? Entry { get; set; }

        /// <summary>The whole tree, where it was needed; null when the lock entry said enough.</summary>
        public IReadOnlyList<TreeEntry>? Tree { get; set; }

        /// <summary>Selected files by path, and what is known of them.</summary>
        public ConcurrentDictionary<string, TreeEntry> Files { get; } = new(StringComparer.Ordinal);
    }

    public RestoreResult? FromLock()
    {
        List<Group> groups = Validate();
        if (request.Update || request.Force || request.References.Count == 0)
            return request.References.Count == 0 && !request.Update ? new RestoreResult { Snapshots = [] } : null;
        if (request.LockFilePath is null || LockFile.Read(request.LockFilePath) is not LockFile locked)
            return null;
        if (!_store.PrepareToLook(request.LockFilePath))
            return null;
        foreach (Group group in groups)
        {
            if (locked.Find(group.Key) is not LockEntry entry || !group.References.TrueForAll(r => entry.Selections.Contains(r.Files)))
                return null;
            (group.Entry, group.Commit) = (entry, entry.Commit);
        }
        List<Snapshot> snapshots = Snapshots(groups);
        return snapshots.TrueForAll(HasWhatItAsksFor) && ArePresent([.. snapshots.SelectMany(s => s.Files)]) ? Result(groups, snapshots, 0, 0, lockFileChanged: false) : null;
    }

    private static bool HasWhatItAsksFor(Snapshot snapshot) =>
        snapshot.Reference.Sha256 is Digest required ? snapshot.Files.Count == 1 && snapshot.Files[0].Sha256 == required : snapshot.Files.Count > 0;

    /// <summary>One stat a file, on all cores: what was deleted or touched since it was verified is noticed, and no content is read.</summary>
    private bool ArePresent(IReadOnlyList<SnapshotFile> files)
    {
        // A stat takes some 2 µs, and waking another core as long as 50 of them. Not Parallel.For, whose generic code would be compiled
        // at run time, which costs more than 1,000 stats.
        const int Chunk = 128;
        int next = 0;
        bool missing = false;
        void Look()
        {
            for (int from; !Volatile.Read(ref missing) && (from = Interlocked.Add(ref next, Chunk) - Chunk) < files.Count;)
            {
                for (int i = from; i < Math.Min(from + Chunk, files.Count); i++)
                {
                    SnapshotFile file = files[i];
                    if (_store.Blobs.Look(file.BlobPath, file.Sha256, file.Size) != BlobState.Present)
                        Volatile.Write(ref missing, true);
                }
            }
        }
        var others = new Task[Math.Min(files.Count / Chunk, Environment.ProcessorCount - 1)];
        for (int i = 0; i < others.Length; i++)
            others[i] = Task.Run(Look);
        Look();
        Task.WaitAll(others);
        return !missing;
    }

    // Who had to wait for another process mostly finds that it has fetched everything; then all that waited go on at the same time.
    public async Task<RestoreResult> RunAsync() =>
        await TryRunAsync(alone: false).ConfigureAwait(false) ?? (await TryRunAsync(alone: true).ConfigureAwait(false))!;

    /// <returns>Null when something must be fetched, and others share the repo.</returns>
    private async Task<RestoreResult?> TryRunAsync(bool alone)
    {
        List<Group> groups = Validate();
        if (request is { Locked: true, Update: true })
        {
            throw new HubException(WiseCodes.UpdateInLockedMode,
                "WiseUpdate would rewrite the lock file, but locked mode is on. Run it on a developer's machine, with WiseLockedMode=false, and commit the lock file.");
        }
        (List<FileLock> locks, alone) = await HoldAsync(groups, alone).ConfigureAwait(false);
        try
        {
            using IDisposable unsynced = _store.Unsynced.Use();
            LockFile? locked = ReadLockFile();
            foreach (Group group in groups)
                await AttemptAsync(group, () => ResolveAsync(group, locked)).ConfigureAwait(false);
            ThrowFailures(groups);
            if (await FetchAsync(groups, alone).ConfigureAwait(false) is not (int files, long bytes))
                return null;
            ThrowFailures(groups);
            foreach (Group group in groups.Where(g => g.Failure is null))
                CheckRequiredDigests(group);
            ThrowFailures(groups);
            bool changed = WriteLockFile(groups);
            MarkUse(groups, changed);
            return Result(groups, Snapshots(groups), files, bytes, changed);
        }
        catch (Exception e) when (IoFailures.IsFileSystem(e))
        {
            throw IoFailures.ToHubException(e, $"The cache {_store.Root} or the lock file {request.LockFilePath} could not be used");
        }
        finally
        {
            locks.ForEach(l => l.Dispose());
        }
    }

    public IReadOnlyList<HubException> FindMistakes() => Check().Mistakes;

    private List<Group> Validate()
    {
        (List<Group> groups, List<HubException> mistakes) = Check();
        Throw(mistakes);
        return groups;
    }

    /// <summary>Everything that can be wrong without asking anybody; reports all of it.</summary>
    private (List<Group> Groups, List<HubException> Mistakes) Check()
    {
        var mistakes = new List<HubException>();
        var groups = new Dictionary<LockKey, Group>();
        foreach (RepoReference reference in request.References)
        {
            IReadOnlyList<HubException> own = reference.Validate();
            mistakes.AddRange(own);
            if (own.Count > 0)
                continue;
            try
            {
                string[] names = reference.Hubs.Count > 0 ? [.. reference.Hubs] : [services.DefaultHub];
                List<IHub> hubs = [.. Array.ConvertAll(names, services.Hub)];
                hubs.ForEach(h => h.Check(reference));
                var key = new LockKey(reference.RepoType, reference.RepoId, string.Join(';', hubs.Select(h => h.Definition.Name)), reference.Revision, reference.Config);
                if (!groups.TryGetValue(key, out Group? group))
                    groups[key] = group = new Group(key, hubs);
                group.References.Add(reference);
            }
            catch (HubException e)
            {
                mistakes.Add(e.About(reference));
            }
        }
        return ([.. groups.Values], mistakes);
    }

    /// <summary>
    /// One process at a time writes a lock file, from the question of what a revision is: two inner builds of one project must not resolve
    /// a branch twice, and perhaps to two commits. One process at a time fetches a repo, so that parallel builds download once; who waited
    /// for one shares the repo with the others that waited. The lock file first, then repos in the order of names: two processes that
    /// want the same things must not wait for each other.
    /// </summary>
    private async Task<(List<FileLock> Locks, bool Alone)> HoldAsync(List<Group> groups, bool alone)
    {
        var locks = new List<FileLock>();
        bool isShared = false;
        try
        {
            foreach (Group group in groups)
            {
                foreach (IHub hub in group.Hubs)
                    _store.Prepare(_store.ForHub(hub.Definition));
            }
            if (request is { LockFilePath: string lockFile, Locked: false })
                locks.Add(await FileLock.AcquireAsync(_store.LockPath("lock file " + lockFile), lockFile, _log, services.Time, cancel).ConfigureAwait(false));
            foreach (string path in groups.Select(g => _store.LockPath("repo " + _store.ForHub(g.Hubs[0].Definition).RepoFolder(g.First))).Distinct().Order(StringComparer.Ordinal))
            {
                FileLock? held = alone ? await FileLock.AcquireAsync(path, "the same repo", _log, services.Time, cancel).ConfigureAwait(false) : FileLock.TryAcquire(path);
                isShared |= held is null;
                locks.Add(held ?? await FileLock.ShareAsync(path, "the same repo", _log, services.Time, cancel).ConfigureAwait(false));
            }
            locks.Add(await FileLock.ShareAsync(_store.StoreLockPath, "the cache", _log, services.Time, cancel).ConfigureAwait(false));
            return (locks, !isShared);
        }
        catch
        {
            locks.ForEach(l => l.Dispose());
            throw;
        }
    }

    private LockFile? ReadLockFile()
    {
        LockFile? locked = request.LockFilePath is null ? null : LockFile.Read(request.LockFilePath);
        if (locked is null && request.Locked && request.References.Count > 0)
        {
            throw new HubException(WiseCodes.LockFileMissing,
                $"Locked mode is on, but there is no {request.LockFilePath}. Build once with -p:WiseLockedMode=false and commit the file.");
        }
        return locked;
    }

    private async Task ResolveAsync(Group group, LockFile? locked)
    {
        LockEntry? entry = request.Update ? null : locked?.Find(group.Key);
        if (entry is not null)
        {
            TakeFiles(group, entry);
            List<RepoReference> added = [.. group.References.Where(r => !entry.Selections.Contains(r.Files))];
            if (added.Count > 0)
            {
                if (request.Locked)
                {
                    throw new HubException(WiseCodes.LockDrift,
                        $"{group.Key}: the lock file was made for {string.Join(" and ", entry.Selections)}, but the project now selects {string.Join(" and ", added.Select(r => r.Files))}, "
                        + "and locked mode is on. Build once with -p:WiseLockedMode=false and commit the lock file.")
                    { Reference = added[0] };
                }
                await ListAsync(group).ConfigureAwait(false);
                foreach (TreeEntry file in group.Tree!.Where(f => added.Exists(r => r.Files.Matches(f.Path))))
                    group.Files.TryAdd(file.Path, file);
            }
        }
        else
        {
            if (request.Locked)
            {
                throw new HubException(WiseCodes.LockMissesReference,
                    $"{group.Key}: {request.LockFilePath} has no entry for it, and locked mode is on. Build once with -p:WiseLockedMode=false and commit the lock file.");
            }
            if (!request.MayResolve)
            {
                throw new HubException(WiseCodes.MayNotResolve,
                    $"{group.Key}: {request.LockFilePath} has no entry for it, and a --no-build publish resolves nothing. Build once without --no-build.");
            }
            await ResolveRevisionAsync(group).ConfigureAwait(false);
            foreach (TreeEntry file in group.Tree!.Where(f => group.References.Exists(r => r.Files.Matches(f.Path))))
                group.Files[file.Path] = file;
        }
        foreach (RepoReference reference in group.References)
        {
            IReadOnlyCollection<string> available = group.Tree is null ? [.. group.Files.Keys] : [.. group.Tree.Select(f => f.Path)];
            SelectedFiles.CheckCount(reference, Select(group, reference).Count(), available, group.Commit);
        }
        SelectedFiles.CheckNames(group.First, group.Files.Keys);
    }

    /// <summary>
    /// Only the first hub says what a revision is; its 404, 401 or silence is an error unless the reference allows a fallback, because
    /// whoever registers the name elsewhere would get into the build (DESIGN.md section 5). The file list belongs to it: a commit is
    /// taken as it is, and that a hub does not have it shows only there.
    /// </summary>
    private async Task ResolveRevisionAsync(Group group)
    {
        HubException? failure = null;
        foreach (IHub hub in group.Hubs)
        {
            RepoStore cache = _store.ForHub(hub.Definition);
            string name = group.First.Revision ?? "HEAD";
            try
            {
                if (services.Offline && !IsLocal(hub))
                {
                    group.Commit = (CommitId.IsCommit(name) ? name : cache.ReadRef(group.Key.RepoType, group.Key.RepoId, name))
                        ?? throw Offline(group, $"what '{name}' is was never asked of '{hub.Definition.Name}' on this machine");
                    _log.Info($"{group.First}: offline, taking '{name}' at {group.Commit} as last seen.");
                }
                else
                {
                    group.Commit = await hub.ResolveAsync(group.First, cancel).ConfigureAwait(false);
                    cache.WriteRef(group.Key.RepoType, group.Key.RepoId, name, group.Commit);
                }
                group.Origin = hub;
                await ListAsync(group).ConfigureAwait(false);
                if (failure is not null)
                    _log.Warning(failure.Code, $"{failure.Message} Fallback is allowed: taking {group.First} from '{hub.Definition.Name}'.", group.First);
                return;
            }
            catch (HubException e) when (group.References.TrueForAll(r => r.Fallback) && group.Hubs.Count > 1)
            {
                failure = e;
            }
            catch (HubException e) when (group.Hubs.Count > 1)
            {
                throw new HubException(e.Code, $"{e.Message} The other hubs ({string.Join(", ", group.Hubs.Skip(1).Select(h => h.Definition.Name))}) only give bytes; "
                    + "Fallback=\"true\" lets them resolve, too.", e);
            }
        }
        throw failure!;
    }

    private async Task ListAsync(Group group)
    {
        RepoStore cache = _store.ForHub(group.Origin.Definition);
        LockKey key = group.Key;
        if (!request.Force || services.Offline)
            group.Tree = ReadCachedTree(cache, key, group.Commit);
        if (group.Tree is not null)
            return;
        if (services.Offline && !IsLocal(group.Origin))
            throw Offline(group, $"the file list of commit {group.Commit} is not in the cache {_store.Root}");
        group.Tree = WithKnownDigests(cache, key, await group.Origin.ListAsync(group.First with { Revision = group.Commit }, group.Commit, cancel).ConfigureAwait(false));
        cache.WriteTree(key.RepoType, key.RepoId, group.Commit, new TreeFile(group.Commit, null, null, null, group.Tree));
    }

    // A hub that names a content only by its git id is not asked again for one that came with another commit.
    private static IReadOnlyList<TreeEntry> WithKnownDigests(RepoStore cache, LockKey key, IReadOnlyList<TreeEntry> tree)
    {
        if (tree.All(f => f.Sha256 is not null))
            return tree;
        Dictionary<string, Digest> known = cache.KnownDigests(key.RepoType, key.RepoId);
        return [.. tree.Select(f => f is { Sha256: null, Oid: string oid } && known.TryGetValue(oid, out Digest sha256) ? f with { Sha256 = sha256 } : f)];
    }

    // The cache is not synced, so that a file list may be damaged after a power failure; its hub gives it again.
    private IReadOnlyList<TreeEntry>? ReadCachedTree(RepoStore cache, LockKey key, string commit)
    {
        try
        {
            return cache.ReadTree(key.RepoType, key.RepoId, commit)?.Files;
        }
        catch (HubException e) when (e.Code == WiseCodes.DamagedStore && !services.Offline)
        {
            _log.Info($"{e.Message} Asking the hub for it.");
            return null;
        }
    }

    private static void TakeFiles(Group group, LockEntry entry)
    {
        (group.Entry, group.Commit) = (entry, entry.Commit);
        foreach (LockedFile file in entry.Files)
            group.Files[file.Path] = new TreeEntry(file.Path, file.Size, null, file.Sha256);
    }

    private static IEnumerable<TreeEntry> Select(Group group, RepoReference reference) =>
        reference.Files.IsAll || (group is { Tree: null, Entry: LockEntry entry } && IsWhole(entry, reference)) ? group.Files.Values
            : group.Files.Values.Where(f => reference.Files.Matches(f.Path));

    // The usual case without a single match: one selection was locked, and it is this one.
    private static bool IsWhole(LockEntry entry, RepoReference reference) =>
        reference.Files.IsAll || (entry.Selections.Count == 1 && entry.Selections[0].Equals(reference.Files));

    /// <returns>Null when there is something to fetch and <paramref name="mayFetch"/> is false.</returns>
    private async Task<(int Files, long Bytes)?> FetchAsync(List<Group> groups, bool mayFetch)
    {
        // One content may be wanted at several paths and by several references; it is fetched once.
        var wanted = new Dictionary<string, List<(Group Group, TreeEntry File)>>(StringComparer.Ordinal);
        foreach (Group group in groups.Where(g => g.Failure is null))
        {
            foreach (TreeEntry file in group.Files.Values.OrderBy(f => f.Path, Utf8Ordinal.Instance))
            {
                if (!request.Force && file is { Sha256: Digest digest, Size: long size } && IsInStore(digest, size))
                    continue;
                string identity = file.Sha256?.Hex ?? file.Oid ?? $"{group.Key} {file.Path}";
                if (!wanted.TryGetValue(identity, out var users))
                    wanted[identity] = users = [];
                users.Add((group, file));
            }
        }
        if (wanted.Count > 0 && !mayFetch)
            return null;
        Dictionary<string, string> adoptable = FindAdoptable(wanted);
        if (services.Offline)
            FailWhatIsMissing([.. wanted.Where(w => !adoptable.ContainsKey(w.Key)).SelectMany(w => w.Value)]);
        ThrowFailures(groups);
        foreach (var users in wanted.Values)
            users.RemoveAll(u => u.Group.Failure is not null);
        foreach ((Group group, TreeEntry file) in wanted.Values.SelectMany(users => users).Where(u => IsChanged(u.File)))
            _log.Warning(WiseCodes.BlobHealed, $"{group.First}: '{file.Path}' was changed inside the cache ({_store.Blobs.PathOf(file.Sha256!.Value)}); fetching it again.", group.First);
        var largestFirst = wanted.Where(w => w.Value.Count > 0).Select(w => (Blob: Want(w.Value, adoptable.GetValueOrDefault(w.Key)), Users: w.Value, IsAdopted: adoptable.ContainsKey(w.Key)))
            .OrderByDescending(w => w.Blob.Size ?? 0).ToList();
        if (largestFirst.Count == 0)
            return (0, 0);
        long total = largestFirst.Sum(w => w.Blob.Size ?? 0);
        var meter = new ProgressMeter(_log, services.Time, total, largestFirst.Count);
        var engine = new TransferEngine(services.Http, _store, _log, services.Time) { Arrived = meter.Arrived, ConnectionsPerFile = services.Options.ConnectionsPerFile };
        string from = string.Join(", ", largestFirst.Select(w => w.IsAdopted ? HuggingFaceCache.Name : w.Users[0].Group.Origin.Definition.Name).Distinct().Order(StringComparer.Ordinal));
        if (largestFirst.Where(w => w.IsAdopted).ToList() is { Count: > 0 } adopted)
        {
            _log.Info($"{adopted.Count} files, {ByteSize.Show(adopted.Sum(w => w.Blob.Size ?? 0))}, were found in {HuggingFaceCache.Name} {HuggingFaceFolders.HubCache(services.Environment)}.");
        }
        _log.Info($"Fetching {largestFirst.Count} files, {ByteSize.Show(total)}, from {from} …");
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        int filesDone = 0;
        long bytesDone = 0;
        try
        {
            await Parallel.ForEachAsync(largestFirst,
                new ParallelOptions { MaxDegreeOfParallelism = services.Options.MaxParallelDownloads, CancellationToken = stop.Token },
                async (item, token) =>
                {
                    try
                    {
                        (Digest sha256, long size) = await engine.FetchAsync(item.Blob, request.Force, token).ConfigureAwait(false);
                        foreach ((Group group, TreeEntry file) in item.Users)
                            group.Files[file.Path] = file with { Sha256 = sha256, Size = size };
                        meter.FileDone();
                        Interlocked.Increment(ref filesDone);
                        Interlocked.Add(ref bytesDone, size);
                    }
                    catch (HubException e)
                    {
                        item.Users.ForEach(u => u.Group.Failure ??= e.About(u.Group.First));
                        if (item.Users.Exists(u => !u.Group.IsOptional))
                            await stop.CancelAsync().ConfigureAwait(false);
                    }
                }).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            // Stopped by the failure of one file, which the caller reports.
            return (0, 0);
        }
        meter.Report();
        RememberDigests(groups);
        _log.Info($"Fetched {filesDone} files, {ByteSize.Show(bytesDone)}, in {meter.Elapsed.TotalSeconds.ToString("0.0", System.Globalization.CultureInfo.InvariantCulture)} s; "
            + "every byte was verified.");
        return (filesDone, bytesDone);
    }

    private bool IsInStore(Digest digest, long size)
    {
        BlobState before = _store.Blobs.Look(digest, size);
        if (before == BlobState.Missing)
            return false;
        if (_store.Blobs.Verify(digest, size, cancel: cancel))
            return true;
        _changed.Add(digest.Hex);
        return false;
    }

    // By text: a set of values of our own is compiled at run time, in every build.
    private readonly HashSet<string> _changed = new(StringComparer.Ordinal);

    private bool IsChanged(TreeEntry file) => file.Sha256 is Digest digest && _changed.Contains(digest.Hex);

    /// <summary>Content → a file of another cache on this machine that has its name. Who forces wants the bytes of the hub.</summary>
    private Dictionary<string, string> FindAdoptable(Dictionary<string, List<(Group Group, TreeEntry File)>> wanted)
    {
        var found = new Dictionary<string, string>(StringComparer.Ordinal);
        if (request.Force || wanted.Count == 0)
            return found;
        var cache = new HuggingFaceCache(services.Environment, _log, wanted.Values.Select(users => users[0].File));
        foreach ((string identity, var users) in wanted)
        {
            if (users.Select(u => cache.Find(u.Group.Key, u.Group.Commit, u.File)).FirstOrDefault(path => path is not null) is string path)
                found[identity] = path;
        }
        return found;
    }

    // The hubs of every user of a content are asked for it: one reference must not fail because it shares a file with another whose hub is down.
    private WantedBlob Want(List<(Group Group, TreeEntry File)> users, string? adoptable)
    {
        TreeEntry first = users[0].File;
        return new WantedBlob($"{users[0].Group.First} {first.Path}", first.Size, first.Sha256, first.Oid,
            [.. adoptable is null ? [] : new[] { new BlobSource(HuggingFaceCache.Name, _ => Task.FromResult(new BlobLocation { Hub = HuggingFaceCache.Name, LocalPath = adoptable })) },
                .. users.DistinctBy(u => u.Group).SelectMany(u => u.Group.Hubs.OrderBy(h => h == u.Group.Origin ? 0 : 1).Where(h => !services.Offline || IsLocal(h))
                .Select(hub => new BlobSource(hub.Definition.Name, token => hub.LocateAsync(u.Group.First, u.Group.Commit, u.File, token))))]);
    }

    private void FailWhatIsMissing(IReadOnlyList<(Group Group, TreeEntry File)> missing)
    {
        foreach (var byGroup in missing.GroupBy(m => m.Group).Where(g => !g.Key.Hubs.Any(IsLocal)))
        {
            byGroup.Key.Failure = Offline(byGroup.Key, "missing in the cache are "
                + string.Join(", ", byGroup.Select(m => $"'{m.File.Path}' ({m.File.Sha256?.Hex ?? m.File.Oid}, last seen on '{m.Group.Origin.Definition.Name}'{(IsChanged(m.File) ? $"; {_store.Blobs.PathOf(m.File.Sha256!.Value)} was changed" : "")})")));
        }
    }

    /// <summary>A hub that did not state digests: what was hashed is kept, so that the next build needs to ask nothing.</summary>
    private void RememberDigests(List<Group> groups)
    {
        foreach (Group group in groups.Where(g => g is { Failure: null, Tree: not null }))
        {
            List<TreeEntry> tree = [.. group.Tree!.Select(f => group.Files.GetValueOrDefault(f.Path) is TreeEntry known ? f with { Sha256 = known.Sha256, Size = known.Size } : f)];
            if (!tree.SequenceEqual(group.Tree!))
                _store.ForHub(group.Origin.Definition).WriteTree(group.Key.RepoType, group.Key.RepoId, group.Commit, new TreeFile(group.Commit, null, null, null, tree));
        }
    }

    private static void CheckRequiredDigests(Group group)
    {
        foreach (RepoReference reference in group.References.Where(r => r.Sha256 is not null))
        {
            TreeEntry file = Select(group, reference).Single();
            if (file.Sha256 != reference.Sha256)
            {
                group.Failure = new HubException(WiseCodes.RequiredDigestMismatch,
                    $"{reference}: '{file.Path}' at commit {group.Commit} has the sha256 {file.Sha256}, but the project requires {reference.Sha256}. Correct Sha256, or pin the Revision that has it.")
                { Reference = reference };
            }
        }
    }

    private bool WriteLockFile(List<Group> groups)
    {
        if (request.LockFilePath is null || request.Locked)
            return false;
        List<LockEntry> entries = [.. groups.Where(g => g.Failure is null).Select(Entry)];
        // Inner builds of one project meet here: read, merge and rename, under the lock that this run holds.
        LockFile? before = LockFile.Read(request.LockFilePath);
        LockFile after = (before ?? LockFile.Empty).With(entries);
        if (request.RemoveUnused)
            after = after.Keep(groups.Select(g => g.Key).ToHashSet());
        byte[] text = after.ToBytes();
        if ((before is null && after.Entries.Count == 0) || (before is not null && File.ReadAllBytes(request.LockFilePath).AsSpan().SequenceEqual(text)))
            return false;
        AtomicFile.Write(request.LockFilePath, text);
        return true;
    }

    private void MarkUse(List<Group> groups, bool lockFileChanged)
    {
        if (request.LockFilePath is not null)
        {
            _store.Uses.MarkLockFile(request.LockFilePath, lockFileChanged);
            return;
        }
        foreach (Group group in groups.Where(g => g.Failure is null))
            _store.Uses.MarkFile(_store.ForHub(group.Origin.Definition).TreePath(group.Key.RepoType, group.Key.RepoId, group.Commit));
    }

    private static LockEntry Entry(Group group)
    {
        List<FileSelection> selections = [.. (group.Entry?.Selections ?? []).Concat(group.References.Select(r => r.Files)).Distinct()];
        List<LockedFile> files = [.. group.Files.Values.OrderBy(f => f.Path, Utf8Ordinal.Instance).Select(f => new LockedFile(f.Path, f.Size!.Value, f.Sha256!.Value))];
        return new LockEntry(group.Key, group.Commit, selections, files);
    }

    private List<Snapshot> Snapshots(List<Group> groups)
    {
        var byReference = new Dictionary<RepoReference, Group>();
        foreach (Group group in groups)
        {
            foreach (RepoReference reference in group.References)
                byReference[reference] = group;
        }
        var snapshots = new List<Snapshot>();
        foreach (RepoReference reference in request.References)
        {
            Group group = byReference[reference];
            snapshots.Add(new Snapshot
            {
                Reference = reference,
                Hub = group.Key.Hub,
                Commit = group.Failure is null ? group.Commit : null,
                Files = group.Failure is null ? SnapshotFiles(group, reference) : [],
            });
        }
        return snapshots;
    }

    private RestoreResult Result(List<Group> groups, List<Snapshot> snapshots, int files, long bytes, bool lockFileChanged)
    {
        foreach (Snapshot snapshot in snapshots)
        {
            if (snapshot.IsPresent && request.Materialise.Contains(snapshot.Reference))
                snapshot.Directory = Materialise(groups.Find(g => g.References.Contains(snapshot.Reference))!, snapshot);
        }
        return new RestoreResult { Snapshots = snapshots, FilesTransferred = files, BytesTransferred = bytes, LockFileChanged = lockFileChanged };
    }

    private List<SnapshotFile> SnapshotFiles(Group group, RepoReference reference)
    {
        var files = new List<SnapshotFile>();
        if (group is { Tree: null, Entry: LockEntry entry })
        {
            bool all = IsWhole(entry, reference);
            foreach (LockedFile file in entry.Files)
            {
                if (all || reference.Files.Matches(file.Path))
                    files.Add(new SnapshotFile(file.Path, file.Size, file.Sha256, _store.Blobs.PathOf(file.Sha256)));
            }
            return files;
        }
        foreach (TreeEntry file in Select(group, reference))
            files.Add(new SnapshotFile(file.Path, file.Size!.Value, file.Sha256!.Value, _store.Blobs.PathOf(file.Sha256.Value)));
        Utf8Ordinal.Sort(files, f => f.Path);
        return files;
    }

    private string Materialise(Group group, Snapshot snapshot)
    {
        string folder = SnapshotStore.SnapshotFolder(_store.ForHub(group.Origin.Definition), snapshot.Reference, group.Commit);
        var placer = new FilePlacer(_log);
        foreach (SnapshotFile file in snapshot.Files)
            placer.Place(file.BlobPath, Path.Combine(folder, file.Path.Replace('/', Path.DirectorySeparatorChar)), request.LinkMode);
        placer.Report(folder);
        return folder;
    }

    private static bool IsLocal(IHub hub) => hub.Definition.Path is not null;

    private static HubException Offline(Group group, string missing) => new(WiseCodes.OfflineAndMissing,
        $"{group.First}: the network must not be used (WiseOffline, WISEHUB_OFFLINE or HF_HUB_OFFLINE), but {missing}. Build once online, or put the files into a store hub.");

    private static async Task AttemptAsync(Group group, Func<Task> step)
    {
        try
        {
            await step().ConfigureAwait(false);
        }
        catch (HubException e)
        {
            group.Failure = e.About(group.First);
        }
    }

    /// <summary>Failures of optional references become warnings; any other ends the restore.</summary>
    private void ThrowFailures(List<Group> groups)
    {
        Throw([.. groups.Where(g => g.Failure is not null && !g.IsOptional).Select(g => g.Failure!)]);
        foreach (Group group in groups.Where(g => g.Failure is not null && !_warned.Contains(g)))
        {
            _warned.Add(group);
            _log.Warning(WiseCodes.OptionalMissing, $"{group.First} is optional and will be missing: {group.Failure!.Message} ({group.Failure.Code})", group.First);
        }
    }

    private readonly HashSet<Group> _warned = [];

    private static void Throw(List<HubException> failures)
    {
        if (failures.Count == 1)
            throw failures[0];
        if (failures.Count > 1)
            throw new AggregateException(failures);
    }
}
