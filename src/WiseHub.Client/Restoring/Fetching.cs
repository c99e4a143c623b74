using WiseHub.Client.Context;
using WiseHub.Client.Files;
using WiseHub.Client.Hubs;
using WiseHub.Client.Signatures;
using WiseHub.Client.Store;
using WiseHub.Client.Transfer;

namespace WiseHub.Client.Restoring;

/// <summary>A file as one reference uses it.</summary>
internal sealed record FileUse(RestoreGroup Group, TreeEntry File);

/// <summary>Fetches the contents of a restore that are not in the store.</summary>
internal sealed class Fetching(
    ClientContext context, HubRun run, RestoreRequest request, Mirrors mirrors, RestoreFailures failures, GateRun gate,
        CancellationToken cancel)
{
    private readonly IHubLog _log = context.Log;
    private readonly SnapshotStore _store = context.Store;

    /// <summary>A content that is fetched once for all of its users.</summary>
    /// <param name="Users">At least one.</param>
    /// <param name="Adoptable">The file in another tool's cache that has it, or null.</param>
    private sealed record Content(List<FileUse> Users, BlobLocation? Adoptable)
    {
        public TreeEntry File => Users[0].File;

        public long Size => File.Size ?? 0;

        public bool IsLarge => File.Size is not < PartialBlob.BlockSize;

        /// <summary>The first bytes, if they were judged before all downloads.</summary>
        public BlobBeginning? Beginning { get; set; }
    }

    // Their first bytes are in memory until their turn: 32 MiB.
    private const int MostLooks = 256;

    // A small file is one round trip, which is mostly waited for, so twice as many are fetched at once; one stays one.
    private static int SmallDownloads(int most) => most == 1 ? 1 : most * 2;

    /// <summary>Lets a number of files in at once.</summary>
    private sealed class Places(int count) : IDisposable
    {
        private readonly SemaphoreSlim _free = new(count);

        public async Task<IDisposable> EnterAsync(CancellationToken token)
        {
            await _free.WaitAsync(token).ConfigureAwait(false);
            return new Place(_free);
        }

        public void Dispose() => _free.Dispose();

        private sealed class Place(SemaphoreSlim free) : IDisposable
        {
            public void Dispose() => free.Release();
        }
    }

    /// <summary>Reads a small file of a commit, which is kept in the store.</summary>
    /// <param name="group">The group of the commit.</param>
    /// <param name="file">The file.</param>
    /// <param name="limit">Maximum bytes.</param>
    /// <param name="cancel">Ends it.</param>
    /// <exception cref="HubException">WISE6030: it is larger. Any WISE2xxx or WISE3xxx.</exception>
    public async Task<byte[]> ReadAsync(RestoreGroup group, TreeEntry file, long limit, CancellationToken cancel)
    {
        string what = $"{group.First} {PathRules.Printable(file.Path)}";
        if (file.Size > limit)
            throw SignatureMessages.Malformed(what, SignatureMessages.TooLarge(limit));
        var blob = new WantedBlob(
            what, file.Size, file.Sha256, file.Oid, [.. SourcesOf(new FileUse(group, file))]);
        (_, string path) = await run.FetchAsync(blob, cancel).ConfigureAwait(false);
        return new FileInfo(path).Length <= limit ? ContendedFiles.OfSystem.Read(path)
            : throw SignatureMessages.Malformed(what, SignatureMessages.TooLarge(limit));
    }

    /// <returns>
    /// Files and bytes that were fetched, without those taken from an archive or clone that a hub had fetched. Null when
    /// there is something to fetch and <paramref name="mayFetch"/> is false.
    /// </returns>
    public async Task<(int Files, long Bytes)?> FetchAsync(List<RestoreGroup> groups, bool mayFetch) =>
        await FindMissingAsync(groups, mayFetch).ConfigureAwait(false) is not Content[] largestFirst ? null
        : largestFirst.Length == 0 ? (0, 0)
        : await FetchAsync(groups, largestFirst).ConfigureAwait(false);

    /// <returns>The contents to fetch, largest first; null if there is one and <paramref name="mayFetch"/> is false.</returns>
    private async Task<Content[]?> FindMissingAsync(List<RestoreGroup> groups, bool mayFetch)
    {
        // One content may be wanted at several paths and by several references; it is fetched once.
        var wanted = new Dictionary<string, List<FileUse>>(StringComparer.Ordinal);
        foreach (RestoreGroup group in groups.Where(g => g.Failure is null))
        {
            foreach (TreeEntry file in group.Files.Values.OrderBy(f => f.Path, Utf8Ordinal.Instance))
            {
                if (file is { Sha256: Digest digest, Size: long size }
                    && (!IsNeeded(group, file) || (!request.Force && IsInStore(digest, size))))
                    continue;
                string identity = file.Sha256?.Hex ?? file.Oid ?? $"{group.Key} {file.Path}";
                if (!wanted.TryGetValue(identity, out var users))
                    wanted[identity] = users = [];
                users.Add(new FileUse(group, file));
            }
        }
        if (wanted.Count > 0 && !mayFetch)
            return null;
        Dictionary<string, BlobLocation> adoptable = FindAdoptable(wanted);
        // Loops, and a class below: LINQ over pairs and tuples is compiled at run time, which a small download would wait for.
        var notHere = new List<FileUse>();
        foreach ((string identity, List<FileUse> users) in wanted)
        {
            if (!adoptable.ContainsKey(identity))
                notHere.AddRange(users);
        }
        if (mirrors.Any)
            await mirrors.LookAsync([.. notHere.Select(u => u.Group).Distinct()]).ConfigureAwait(false);
        FailMissing(notHere);
        failures.Throw(groups);
        foreach (var users in wanted.Values)
            users.RemoveAll(u => u.Group.Failure is not null);
        foreach ((RestoreGroup group, TreeEntry file) in wanted.Values.SelectMany(users => users).Where(u => IsChanged(u.File)))
            _log.Warning(WiseCodes.BlobHealed,
                RestoreMessages.BlobChanged(group.First, file.Path, _store.Blobs.PathOf(file.Sha256!.Value)), group.First);
        var contents = new List<Content>();
        foreach ((string identity, List<FileUse> users) in wanted)
        {
            if (users.Count > 0)
                contents.Add(new Content(users, adoptable.GetValueOrDefault(identity)));
        }
        return [.. contents.OrderByDescending(c => c.Size)];
    }

    private async Task<(int Files, long Bytes)> FetchAsync(List<RestoreGroup> groups, Content[] largestFirst)
    {
        long total = largestFirst.Sum(c => c.Size);
        var meter = new ProgressMeter(_log, context.Time, total, largestFirst.Length);
        string from = string.Join(", ", FirstHubs(largestFirst).Order(StringComparer.Ordinal));
        foreach (var adopted in largestFirst.Where(c => c.Adoptable is not null).GroupBy(c => c.Adoptable!.Hub)
            .OrderBy(g => g.Key, StringComparer.Ordinal))
        {
            _log.Info(RestoreMessages.FoundInCache(
                adopted.Count(), adopted.Sum(c => c.Size), adopted.Key, _adoptedFrom[adopted.Key]));
        }
        _log.Info(RestoreMessages.Fetching(largestFirst.Length, total, from));
        _store.Unsynced.NoteAll([.. largestFirst.Select(c => c.File.Sha256).OfType<Digest>()]);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        int filesDone = 0, filesCounted = 0, most = context.Options.MaxParallelDownloads;
        long bytesDone = 0, bytesCounted = 0;
        using var large = new Places(most);
        try
        {
            await LookAsync(largestFirst, meter, stop).ConfigureAwait(false);
            await Parallel.ForEachAsync(Drain(largestFirst),
                new ParallelOptions
                {
                    MaxDegreeOfParallelism = largestFirst[^1].IsLarge ? most : SmallDownloads(most),
                    CancellationToken = stop.Token
                },
                async (item, token) =>
                {
                    using IDisposable? place = item.IsLarge ? await large.EnterAsync(token).ConfigureAwait(false) : null;
                    // Made only now: 10,000 of them would take several times the memory of the list of files.
                    WantedBlob blob = Want(item);
                    try
                    {
                        BlobLocation? last = null;
                        blob = blob with
                        {
                            Sources = [.. blob.Sources.Select(
                                s => s with { LocateAsync = async t => last = await s.LocateAsync(t).ConfigureAwait(false) })]
                        };
                        (Digest sha256, long size) = await run.Engine
                            .FetchAsync(blob, request.Force, meter.Arrived, token).ConfigureAwait(false);
                        foreach ((RestoreGroup group, TreeEntry file) in item.Users)
                        {
                            group.Files[file.Path] = file with { Sha256 = sha256, Size = size };
                            group.HasFetched = true;
                        }
                        meter.FileDone();
                        Interlocked.Increment(ref filesDone);
                        Interlocked.Add(ref bytesDone, size);
                        if (last is { WasFetched: true })
                            return;
                        Interlocked.Increment(ref filesCounted);
                        Interlocked.Add(ref bytesCounted, size);
                    }
                    catch (HubException e)
                    {
                        item.Users.ForEach(u => u.Group.Failure ??= Explain(e, u.Group, blob).About(u.Group.First));
                        if (WiseCodes.IsTrust(e.Code) || item.Users.Exists(u => !u.Group.IsOptional))
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
        _log.Info(RestoreMessages.Fetched(filesDone, bytesDone, meter.Elapsed));
        return (filesCounted, bytesCounted);
    }

    // Each is released when its turn comes, while the digests of those before it are kept.
    private static IEnumerable<Content> Drain(Content[] contents)
    {
        for (int i = 0; i < contents.Length; i++)
        {
            Content next = contents[i];
            contents[i] = null!;
            yield return next;
        }
    }

    // A file that only locked references select is not needed here.
    private bool IsNeeded(RestoreGroup group, TreeEntry file) => request.LockOnly.Count == 0
        || group.References.Exists(r => !request.LockOnly.Contains(r) && r.Files.Matches(file.Path));

    private bool IsInStore(Digest digest, long size)
    {
        BlobState before = _store.Blobs.Look(digest, size);
        if (before is BlobState.Missing or BlobState.Present)
            return before == BlobState.Present;
        if (_store.Blobs.Verify(digest, size, cancel: cancel))
            return true;
        _changed.Add(digest.Hex);
        return false;
    }

    // Keyed by text: a set of our own value type would be compiled at run time, in every build.
    private readonly HashSet<string> _changed = new(StringComparer.Ordinal);

    // The caches of other tools that had a file, with their folders.
    private readonly Dictionary<string, string> _adoptedFrom = new(StringComparer.Ordinal);

    private bool IsChanged(TreeEntry file) => file.Sha256 is Digest digest && _changed.Contains(digest.Hex);

    /// <summary>
    /// Maps a content to a file in another tool's cache. Empty with <see cref="RestoreRequest.Force"/>, which means the hub's
    /// bytes.
    /// </summary>
    private Dictionary<string, BlobLocation> FindAdoptable(Dictionary<string, List<FileUse>> wanted)
    {
        var found = new Dictionary<string, BlobLocation>(StringComparer.Ordinal);
        if (request.Force || wanted.Count == 0)
            return found;
        IForeignCache[] caches =
            [.. context.Protocols.ForeignCaches(context.Environment, _log, wanted.Values.Select(users => users[0].File))];
        foreach ((string identity, var users) in wanted)
        {
            foreach (IForeignCache cache in caches)
            {
                string? path = users.Select(u => cache.Find(u.Group.Key, u.Group.Commit!, u.File,
                    u.Group.Hubs.Select(h => h.Definition))).FirstOrDefault(p => p is not null);
                if (path is null)
                    continue;
                found[identity] = new BlobLocation { Hub = cache.Name, LocalPath = path };
                _adoptedFrom[cache.Name] = cache.Root;
                break;
            }
        }
        return found;
    }

    // Every user's hubs are sources of a content: one reference must not fail because it shares a file with another whose hub
    // is down.
    private WantedBlob Want(Content content) =>
        new($"{content.Users[0].Group.First} {content.File.Path}", content.File.Size, content.File.Sha256, content.File.Oid,
            [.. content.Adoptable is not BlobLocation adoptable ? []
                : new[] { new BlobSource(adoptable.Hub, _ => Task.FromResult(adoptable)) { IsForeign = true } },
                .. content.Users.DistinctBy(u => u.Group).SelectMany(SourcesOf)])
        { Judge = gate.JudgeOf(content.Users), Beginning = content.Beginning };

    // Each large file is judged by its own first bytes. Of several, the last could be refused after all others have come.
    private async Task LookAsync(Content[] largestFirst, ProgressMeter meter, CancellationTokenSource stop)
    {
        List<Content> large = [.. largestFirst.TakeWhile(c => c.Size > BlobDownload.WorthSeveral)
            .Where(c => c.Adoptable is null).Take(MostLooks)];
        if (large.Count < 2 || request.Force)
            return;
        await Parallel.ForEachAsync(large,
            new ParallelOptions { MaxDegreeOfParallelism = context.Options.MaxParallelDownloads, CancellationToken = stop.Token },
            async (item, token) =>
            {
                WantedBlob blob = Want(item);
                try
                {
                    item.Beginning = await run.Engine.LookAsync(blob, meter.Arrived, token).ConfigureAwait(false);
                }
                catch (HubException e)
                {
                    item.Users.ForEach(u => u.Group.Failure ??= Explain(e, u.Group, blob).About(u.Group.First));
                    await stop.CancelAsync().ConfigureAwait(false);
                }
            }).ConfigureAwait(false);
    }

    // The hubs that are asked first. Without mirrors, it is the same one for all files of a group.
    private HashSet<string> FirstHubs(Content[] contents)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        RestoreGroup? last = null;
        foreach (Content content in contents)
        {
            FileUse use = content.Users[0];
            if (content.Adoptable is BlobLocation adoptable)
                names.Add(adoptable.Hub);
            else if (mirrors.Any || use.Group != last)
                names.Add(mirrors.SourcesOf(use).FirstOrDefault()?.Hub ?? HubsOf(use.Group).First().Definition.Name);
            if (content.Adoptable is null)
                last = use.Group;
        }
        return names;
    }

    private IEnumerable<IHub> HubsOf(RestoreGroup group) =>
        group.Hubs.OrderBy(h => h == group.Origin ? 0 : 1).Where(h => context.Reaches(h.Definition));

    private IEnumerable<BlobSource> SourcesOf(FileUse use)
    {
        List<BlobSource> first = [.. mirrors.SourcesOf(use)];
        return first.Concat(HubsOf(use.Group).Where(h => !first.Exists(m => m.Hub == h.Definition.Name))
            .SelectMany(hub => run.Open(hub, use.Group.First, use.Group.Commit).Locate(use.File)));
    }

    // If the origin must not be contacted, the remedy for a missing file is to mirror it, not to repair the mirror.
    private HubException Explain(HubException e, RestoreGroup group, WantedBlob blob) =>
        e.Code != WiseCodes.FileNotFound || context.Reaches(group.Origin.Definition) ? group.ForLocked(e)
            : mirrors.Lack(group, RestoreMessages.NoMirrorHas(blob.What, blob.Identity), e);

    /// <summary>Fails for files that no reachable source has. All of them are named before anything is fetched.</summary>
    private void FailMissing(IReadOnlyList<FileUse> missing)
    {
        if (!context.Offline && !context.Config.MirrorsOnly)
            return;
        foreach (var byGroup in missing.Where(m => !SourcesOf(m).Any()).GroupBy(m => m.Group))
        {
            string[] asked = [.. mirrors.Names],
                notAsked = [.. context.Config.Mirrors.Select(m => m.Hub).Except(asked, StringComparer.OrdinalIgnoreCase)];
            List<string> names = [.. byGroup.Select(m => RestoreMessages.MissingFile(m.File, m.Group.Origin.Definition.Name,
                notAsked, IsChanged(m.File) ? _store.Blobs.PathOf(m.File.Sha256!.Value) : null))];
            if (NameList.All(names) is string all)
                _log.Detail(all);
            string files = RestoreMessages.FilesMissing(asked, names);
            byGroup.Key.Failure = context.Offline ? byGroup.Key.Offline(context.OfflineReason, files)
                : mirrors.Lack(byGroup.Key, files + ".");
        }
    }

    /// <summary>Stores computed digests of a hub that states none, so that the next build sends no requests.</summary>
    private void RememberDigests(List<RestoreGroup> groups)
    {
        foreach (RestoreGroup group in groups.Where(g => g is { Failure: null, Tree: not null }))
        {
            List<TreeEntry> tree = [.. group.Tree!.Select(f => group.Files.GetValueOrDefault(f.Path) is TreeEntry known
                ? f with { Sha256 = known.Sha256, Size = known.Size } : f)];
            if (!tree.SequenceEqual(group.Tree!))
                _store.ForHub(group.Origin.Definition).WriteTree(group.Key.RepoType, group.Key.RepoId, group.Commit,
                    new TreeFile(group.Commit, null, null, null, tree));
        }
    }
}
