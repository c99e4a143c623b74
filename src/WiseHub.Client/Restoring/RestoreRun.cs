using WiseHub.Client.Context;
using WiseHub.Client.Files;
using WiseHub.Client.Hubs;
using WiseHub.Client.Store;

namespace WiseHub.Client.Restoring;

/// <summary>
/// One restore, in the order of docs/architecture.md#a-restore: validate, lock file, resolve, fetch, lock file, result.
/// </summary>
internal sealed class RestoreRun(ClientContext context, RestoreRequest request, CancellationToken cancel)
{
    private readonly IHubLog _log = context.Log;
    private readonly SnapshotStore _store = context.Store;
    private readonly RestoreFailures _failures = new(context.Log);
    private readonly GateRun _gate = new(context, request);
    private readonly LockFileView? _lockFile =
        request.LockFilePath is string path ? new LockFileView(path, context.Time, request.Manifest) : null;
    private List<RestoreGroup>? _groups;
    private bool _hasWarned;

    public RestoreResult? FromLock()
    {
        List<RestoreGroup> groups = Validate();
        if (request.Update || request.Force || request.References.Count == 0)
            return request.References.Count == 0 && !request.Update ? new RestoreResult { Snapshots = [] } : null;
        if (_lockFile?.Read() is not LockFile locked)
            return null;
        if (!_store.PrepareToLook(request.LockFilePath!, _lockFile.Bytes!))
            return null;
        foreach (RestoreGroup group in groups)
        {
            if (locked.Find(group.Key) is not LockEntry entry
                || !group.References.TrueForAll(r => entry.Selections.Contains(r.Files)))
                return null;
            (group.Entry, group.Commit) = (entry, entry.Commit);
        }
        List<Snapshot> snapshots = Snapshots(groups);
        return snapshots.TrueForAll(HasWhatItAsksFor) && _gate.HasPassed(locked, groups)
            && ArePresent([.. snapshots.Where(s => !request.LockOnly.Contains(s.Reference)).SelectMany(s => s.Files)])
            ? Result(groups, snapshots, 0, 0, lockFileChanged: false) : null;
    }

    private static bool HasWhatItAsksFor(Snapshot snapshot) =>
        snapshot.Reference is { Sha256: Digest archive, IsOfArchive: true }
            ? snapshot.Commit == archive.Hex && snapshot.Files.Count > 0
        : snapshot.Reference.Sha256 is Digest required ? snapshot.Files.Count == 1 && snapshot.Files[0].Sha256 == required
        : snapshot.Files.Count > 0;

    /// <summary>
    /// One stat for each file, on all cores. It notices files deleted or touched since they were verified, and reads no content.
    /// </summary>
    private bool ArePresent(IReadOnlyList<SnapshotFile> files)
    {
        // A stat takes about 2 µs; waking another core takes as long as 50 of them. Not Parallel.For: its generic code would be
        // compiled at run time, which costs more than 1,000 stats.
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

    // After waiting for another process there is mostly nothing left to fetch, so the first attempt shares the repo with all
    // others that waited.
    public async Task<RestoreResult> RunAsync()
    {
        using HubRun run = context.BeginRun();
        return await TryRunAsync(alone: false, run).ConfigureAwait(false)
            ?? (await TryRunAsync(alone: true, run).ConfigureAwait(false))!;
    }

    /// <returns>Null if something must be fetched while other processes share the repo.</returns>
    private async Task<RestoreResult?> TryRunAsync(bool alone, HubRun run)
    {
        List<RestoreGroup> groups = Validate();
        if (request is { Locked: true, Update: true })
            throw RestoreMessages.UpdateInLockedMode();
        (List<FileLock> locks, alone) = await HoldAsync(groups, alone).ConfigureAwait(false);
        try
        {
            using IDisposable unsynced = _store.Unsynced.Use();
            LockFile? locked = ReadLockFile();
            var mirrors = new Mirrors(context, run, cancel);
            var resolving = new Resolving(context, run, request, mirrors, cancel);
            await ResolveAsync(groups, group => resolving.ResolveAsync(group, locked)).ConfigureAwait(false);
            _failures.Throw(groups);
            var fetching = new Fetching(context, run, request, mirrors, _failures, _gate, cancel);
            await _gate.CheckCommitsAsync(groups, run, fetching, resolving, cancel).ConfigureAwait(false);
            if (await fetching.FetchAsync(groups, alone).ConfigureAwait(false) is not (int files, long bytes))
                return null;
            _failures.Throw(groups);
            _gate.CheckContents(groups, locked, g => LicenseOf(g, LockedFiles(g)), cancel);
            foreach (RestoreGroup group in groups.Where(g => g.Failure is null))
                CheckRequiredDigests(group);
            _failures.Throw(groups);
            bool changed = WriteLockFile(groups);
            MarkUse(groups, changed);
            if (_lockFile?.Content is LockFile current)
                _gate.Remember(current, groups);
            foreach (RestoreGroup group in groups.Where(g => g.Failure is null))
            {
                new CommitHeaders(context, group.Origin.Definition, group.First, group.Commit).Keep(group.Headers
                    .Where(h => h.Value.Facts is not null).Select(h => KeyValuePair.Create(h.Key, h.Value.Facts!)));
            }
            if (request.WritesMirrors)
                await new MirrorWriting(context, run, cancel).WriteAsync(groups).ConfigureAwait(false);
            return Result(groups, Snapshots(groups), files + run.Files, bytes + run.Bytes, changed);
        }
        catch (Exception e) when (IoFailures.IsFileSystem(e))
        {
            throw IoFailures.ToHubException(e, RestoreMessages.CacheOrLockFileUnusable(_store.Root, request.LockFilePath));
        }
        finally
        {
            locks.ForEach(l => l.Dispose());
        }
    }

    public IReadOnlyList<HubException> FindMistakes() => Check().Mistakes;

    /// <summary>The references with the keys of their entries.</summary>
    public IReadOnlyList<(LockKey Key, RepoReference Reference)> Keys() =>
        [.. Validate().SelectMany(g => g.References.Select(r => (g.Key, r)))];

    /// <summary>Groups the references by commit. They are checked once in a run.</summary>
    private List<RestoreGroup> Validate()
    {
        if (_groups is null)
        {
            (List<RestoreGroup> groups, List<HubException> mistakes) = Check();
            RestoreFailures.Throw(mistakes);
            _groups = groups;
        }
        var fresh = new List<RestoreGroup>();
        foreach (RestoreGroup group in _groups)
            fresh.Add(group.Fresh());
        return fresh;
    }

    /// <summary>Finds all mistakes in the references that can be found without a request.</summary>
    private (List<RestoreGroup> Groups, List<HubException> Mistakes) Check()
    {
        var mistakes = new List<HubException>();
        var groups = new Dictionary<LockKey, RestoreGroup>();
        foreach (RepoReference reference in request.References)
        {
            IReadOnlyList<HubException> own = context.FindMistakes(reference);
            mistakes.AddRange(own);
            if (own.Count > 0)
                continue;
            try
            {
                string[] names = reference.Hubs.Count > 0 ? [.. reference.Hubs] : [context.DefaultHub];
                List<IHub> hubs = [.. Array.ConvertAll(names, context.HubOfReference)];
                hubs.ForEach(h => h.Check(reference));
                mistakes.AddRange(_gate.CheckReference(reference, hubs));
                var key = new LockKey(reference.RepoType, reference.RepoId, string.Join(';', hubs.Select(h => h.Definition.Name)),
                    reference.Revision, reference.Config);
                if (!groups.TryGetValue(key, out RestoreGroup? group))
                    groups[key] = group = new RestoreGroup(key, hubs);
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
    /// Takes the locks of a restore. One process at a time resolves revisions for a lock file and writes it: two inner builds of
    /// one project must not resolve a branch twice, and perhaps to two commits. One process at a time fetches a repo, so that
    /// parallel builds download once; the processes that waited for it then share the repo. The lock file comes first, then the
    /// repos in the order of their names, so that two processes cannot wait for each other.
    /// </summary>
    private async Task<(List<FileLock> Locks, bool Alone)> HoldAsync(List<RestoreGroup> groups, bool alone)
    {
        var locks = new List<FileLock>();
        bool isShared = false;
        try
        {
            foreach (RestoreGroup group in groups)
            {
                foreach (IHub hub in group.Hubs)
                    _store.Prepare(_store.ForHub(hub.Definition));
            }
            if (request is { LockFilePath: string lockFile, Locked: false })
                locks.Add(await FileLock.AcquireAsync(_store.LockPath("lock file " + lockFile), lockFile, _log,
                    context.Time, cancel).ConfigureAwait(false));
            foreach (string path in groups.Select(g => _store.LockPath("repo "
                + _store.ForHub(g.Hubs[0].Definition).RepoFolder(g.First))).Distinct().Order(StringComparer.Ordinal))
            {
                FileLock? held = alone
                    ? await FileLock.AcquireAsync(path, (Text)$"the same repo", _log, context.Time, cancel).ConfigureAwait(false)
                    : FileLock.TryAcquire(path);
                isShared |= held is null;
                locks.Add(held
                    ?? await FileLock.ShareAsync(path, (Text)$"the same repo", _log, context.Time, cancel).ConfigureAwait(false));
            }
            locks.Add(await FileLock.ShareAsync(_store.StoreLockPath, (Text)$"the cache", _log,
                context.Time, cancel).ConfigureAwait(false));
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
        LockFile? locked = _lockFile?.Read();
        if (locked is null && request.ExpectsLockFile && !_hasWarned)
        {
            _log.Warning(WiseCodes.LockFileMissingImplied, RestoreMessages.NoLockFileInCi(request.LockFilePath));
            _hasWarned = true;
        }
        if (locked is null && request.Locked && request.References.Count > 0)
            throw RestoreMessages.LockFileMissing(request.LockFilePath);
        return locked;
    }

    private static void CheckRequiredDigests(RestoreGroup group)
    {
        foreach (RepoReference reference in group.References.Where(r => r.Sha256 is not null))
        {
            if (reference.IsOfArchive)
            {
                if (group.Commit != reference.Sha256!.Value.Hex)
                    group.Failure = RestoreMessages.OtherArchive(reference, group.Commit);
                continue;
            }
            TreeEntry file = group.Select(reference).Single();
            if (file.Sha256 != reference.Sha256)
                group.Failure = RestoreMessages.OtherFile(reference, file, group.Commit);
        }
    }

    /// <returns>True if the file was written.</returns>
    private bool WriteLockFile(List<RestoreGroup> groups)
    {
        if (_lockFile is null || request.Locked)
            return false;
        List<RestoreGroup> locked = [.. groups.Where(g => g.Failure is null)];
        List<LockEntry> entries = [.. locked.Select(Entry)];
        // The lock of this run keeps other builds out. A person or git may have changed the file meanwhile.
        LockFile? before = _lockFile.Read();
        LockFile after = (before ?? LockFile.Empty).With(entries);
        if (request.Update)
            after = WithoutUnused(after, groups.Select(g => g.Key).ToHashSet());
        byte[] text = after.ToBytes();
        if ((before is null && after.Entries.Count == 0) || (before is not null && _lockFile.Bytes.AsSpan().SequenceEqual(text)))
            return false;
        // A change of the license is told before it is taken.
        if (request.Update && before is not null)
        {
            foreach ((RestoreGroup group, LockEntry entry) in locked.Zip(entries))
                TellChange(before.Find(entry.Key), entry, group.First);
        }
        _lockFile.Write(after, text);
        return true;
    }

    private void TellChange(LockEntry? before, LockEntry after, RepoReference reference)
    {
        if (before is null || new LockEntryChange(before, after) is not { IsNone: false } change)
            return;
        _log.Info(RestoreMessages.Updated(change));
        if (!before.License.SequenceEqual(after.License) && before.License.Count > 0)
            _log.Warning(WiseCodes.LicenseChanged, RestoreMessages.LicenseChanged(before, after), reference);
        if (ReadCard(before.Files) is CardFacts was && ReadCard(after.Files) is CardFacts now
            && (before.License.Count > 0 ? CardFacts.ChangesOfOrigin(was, now) : CardFacts.Changes(was, now))
                is { Count: > 0 } changes)
            _log.Info(RestoreMessages.CardChanged(after.Key, changes));
    }

    // Only a card that is among the files, and still in the store: nothing is downloaded that the project does not use.
    private CardFacts? ReadCard(IEnumerable<LockedFile> files) =>
        files.FirstOrDefault(f => f.Path == "README.md") is { Size: <= CardFacts.LargestCard } card
        && _store.Blobs.Look(card.Sha256, card.Size) == BlobState.Present
            ? CardFacts.Read(ContendedFiles.OfSystem.Read(_store.Blobs.PathOf(card.Sha256))) : null;

    private LockFile WithoutUnused(LockFile file, HashSet<LockKey> used)
    {
        List<LockEntry> unused = [.. file.Entries.Where(e => !used.Contains(e.Key))];
        if (unused.Count == 0)
            return file;
        if (request.RemoveUnused)
        {
            LockFile.LogRemoved(_log, request.LockFilePath!, unused);
            return file.Keep(used);
        }
        _log.Info(RestoreMessages.KeepsUnused(request.LockFilePath, unused));
        return file;
    }

    private void MarkUse(List<RestoreGroup> groups, bool lockFileChanged)
    {
        if (request.LockFilePath is not null)
        {
            if (_lockFile!.Bytes is byte[] content)
                _store.Uses.MarkLockFile(request.LockFilePath, content, lockFileChanged);
            return;
        }
        foreach (RestoreGroup group in groups.Where(g => g.Failure is null))
            _store.Uses.MarkFile(_store.ForHub(group.Origin.Definition).TreePath(group.Key.RepoType,
                group.Key.RepoId, group.Commit));
    }

    private LockEntry Entry(RestoreGroup group)
    {
        List<FileSelection> selections =
            [.. (group.Entry?.Selections ?? []).Concat(group.References.Select(r => r.Files)).Distinct()];
        List<LockedFile> files = LockedFiles(group);
        var entry = new LockEntry(group.Key, group.Commit, selections, files)
        {
            License = group.Entry?.License ?? [],
            Gate = group.Entry is LockEntry locked ? locked.Gate : group.Facts?.Gate,
            Signature = group.Signature ?? group.Entry?.Signature,
        };
        // The same commit has the same license. What an entry lacks is added with its files, and never by a build that changes
        // nothing else.
        return entry.License.Count > 0 || group.Tree is null ? entry : entry with { License = LicenseOf(group, files) };
    }

    // What this run did not judge, such as a file that another reference selects, keeps its waiver.
    private static List<LockedFile> LockedFiles(RestoreGroup group)
    {
        Dictionary<string, LockedFile> before = group.Entry?.Files.ToDictionary(f => f.Path, StringComparer.Ordinal) ?? [];
        return [.. group.Files.Values.OrderBy(f => f.Path, Utf8Ordinal.Instance).Select(f =>
            new LockedFile(f.Path, f.Size!.Value, f.Sha256!.Value)
            {
                Waived = group.Waived.GetValueOrDefault(f.Path) ?? before.GetValueOrDefault(f.Path)?.Waived,
            })];
    }

    private IReadOnlyList<string> LicenseOf(RestoreGroup group, List<LockedFile> files) =>
        group.Facts is { License: { Count: > 0 } stated } ? stated : ReadCard(files)?.StatedLicense ?? [];

    private List<Snapshot> Snapshots(List<RestoreGroup> groups)
    {
        var byReference = new Dictionary<RepoReference, RestoreGroup>();
        foreach (RestoreGroup group in groups)
        {
            foreach (RepoReference reference in group.References)
                byReference[reference] = group;
        }
        var snapshots = new List<Snapshot>();
        foreach (RepoReference reference in request.References)
        {
            RestoreGroup group = byReference[reference];
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

    private RestoreResult Result(List<RestoreGroup> groups, List<Snapshot> snapshots, int files, long bytes, bool lockFileChanged)
    {
        foreach (Snapshot snapshot in snapshots)
        {
            if (snapshot.IsPresent && request.Materialise.Contains(snapshot.Reference))
                snapshot.Directory = Materialise(groups.Find(g => g.References.Contains(snapshot.Reference))!, snapshot);
        }
        return new RestoreResult
        {
            Snapshots = snapshots,
            FilesTransferred = files,
            BytesTransferred = bytes,
            LockFileChanged = lockFileChanged,
            LockFile = _lockFile?.Content,
        };
    }

    private List<SnapshotFile> SnapshotFiles(RestoreGroup group, RepoReference reference)
    {
        var files = new List<SnapshotFile>();
        if (group is { Tree: null, Entry: LockEntry entry })
        {
            bool all = RestoreGroup.IsWhole(entry, reference);
            foreach (LockedFile file in entry.Files)
            {
                if (all || reference.Files.Matches(file.Path))
                    files.Add(new SnapshotFile(file.Path, file.Size, file.Sha256, _store.Blobs.Prefix));
            }
            return files;
        }
        foreach (TreeEntry file in group.Select(reference))
            files.Add(new SnapshotFile(file.Path, file.Size!.Value, file.Sha256!.Value, _store.Blobs.Prefix));
        Utf8Ordinal.Sort(files, f => f.Path);
        return files;
    }

    private string Materialise(RestoreGroup group, Snapshot snapshot)
    {
        if (request.Manifest is RunTimeManifest manifest)
            _store.Prepare(manifest.PlaceIn(_store));
        string folder = request.Manifest?.FolderIn(_store)
            ?? SnapshotStore.SnapshotFolder(_store.ForHub(group.Origin.Definition), snapshot.Reference, group.Commit);
        var placer = new FilePlacer(_log);
        foreach (SnapshotFile file in snapshot.Files)
            placer.PlaceInCache(
                file, Path.Combine(folder, file.Path.Replace('/', Path.DirectorySeparatorChar)), request.LinkMode);
        placer.Report(folder);
        return folder;
    }

    /// <summary>
    /// Contents of URLs are downloaded while they are resolved, in parallel like other files. References to the same URL go one
    /// after the other.
    /// </summary>
    private async Task ResolveAsync(List<RestoreGroup> groups, Func<RestoreGroup, Task> resolve)
    {
        ILookup<bool, RestoreGroup> byKind = groups.ToLookup(g => UrlReference.IsUrl(g.Key.RepoId));
        await Parallel.ForEachAsync(byKind[true].GroupBy(g => g.Key.RepoId, StringComparer.Ordinal),
            new ParallelOptions { MaxDegreeOfParallelism = context.Options.MaxParallelDownloads, CancellationToken = cancel },
            async (same, _) =>
            {
                foreach (RestoreGroup group in same)
                    await AttemptAsync(group, () => resolve(group)).ConfigureAwait(false);
            }).ConfigureAwait(false);
        foreach (RestoreGroup group in byKind[false])
            await AttemptAsync(group, () => resolve(group)).ConfigureAwait(false);
    }

    private static async Task AttemptAsync(RestoreGroup group, Func<Task> step)
    {
        try
        {
            await step().ConfigureAwait(false);
        }
        catch (HubException e)
        {
            group.Failure = group.ForLocked(e).About(group.First);
        }
    }
}
