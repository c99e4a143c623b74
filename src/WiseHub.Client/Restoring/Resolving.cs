using WiseHub.Client.Context;
using WiseHub.Client.Hubs;
using WiseHub.Client.Store;

namespace WiseHub.Client.Restoring;

/// <summary>What the references of a restore are: the lock file's word, else the first hub's, once.</summary>
internal sealed class Resolving(
    ClientContext context, HubRun run, RestoreRequest request, Mirrors mirrors, CancellationToken cancel)
{
    private readonly IHubLog _log = context.Log;
    private readonly SnapshotStore _store = context.Store;

    public async Task ResolveAsync(RestoreGroup group, LockFile? locked)
    {
        LockEntry? entry = request.Update ? null : locked?.Find(group.Key);
        if (entry is null && !request.Update && !request.Locked && (entry = locked?.FindSameOrigin(group.Key)) is not null)
            _log.Info($"{group.First}: the lock file had the hubs '{entry.Key.Hub}' for it, and the project now has "
                + $"'{group.Key.Hub}'; it stays at commit {entry.Commit}.");
        if (entry is not null)
        {
            TakeFiles(group, entry);
            List<RepoReference> added = [.. group.References.Where(r => !entry.Selections.Contains(r.Files))];
            if (added.Count > 0)
            {
                if (request.Locked)
                {
                    throw new HubException(WiseCodes.LockDrift,
                        $"{group.Key}: the lock file was made for {string.Join(" and ", entry.Selections)}, "
                        + $"but the project now selects {string.Join(" and ", added.Select(r => r.Files))}, "
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
                    $"{group.Key}: {request.LockFilePath} has no entry for it, and locked mode is on. "
                    + "Build once with -p:WiseLockedMode=false and commit the lock file.");
            }
            if (!request.MayResolve)
            {
                throw new HubException(WiseCodes.MayNotResolve,
                    $"{group.Key}: {request.LockFilePath} has no entry for it, and a --no-build publish resolves nothing. "
                    + "Build once without --no-build.");
            }
            await ResolveRevisionAsync(group).ConfigureAwait(false);
            // Somebody changed the reference, and wants to know that this is another pin and not that one moved.
            if (!request.Update && locked?.FindAlike(group.Key) is { Count: > 0 } alike)
            {
                _log.Info($"{group.Key}: {request.LockFilePath} had no entry for it, so it was resolved, to commit "
                    + $"{group.Commit}. The file has {string.Join("; ", alike.Select(e => $"{e.Key}, commit {e.Commit}"))}.");
            }
            foreach (TreeEntry file in group.Tree!.Where(f => group.References.Exists(r => r.Files.Matches(f.Path))))
                group.Files[file.Path] = file;
        }
        foreach (RepoReference reference in group.References)
        {
            IReadOnlyCollection<string> available = group.Tree is null ? [.. group.Files.Keys]
                : [.. group.Tree.Select(f => f.Path)];
            SelectedFiles.CheckCount(reference, group.Select(reference).Count(), available, group.Commit);
        }
        SelectedFiles.CheckNames(group.First, group.Files.Keys, context.Options.ExcludeOption);
        await DescribeAsync(group).ConfigureAwait(false);
    }

    /// <summary>A list may say less of a file than its hub could; that is asked of the wanted files alone.</summary>
    private async Task DescribeAsync(RestoreGroup group)
    {
        TreeEntry[] wanted = [.. group.Files.Values.Where(f => f.Sha256 is null).OrderBy(f => f.Path, Utf8Ordinal.Instance)];
        if (group.Tree is null || wanted.Length == 0 || context.Offline)
            return;
        IReadOnlyList<TreeEntry> described = await run.Open(group.Origin, group.First, group.Commit)
            .DescribeAsync(group.Tree, wanted, cancel).ConfigureAwait(false);
        if (described.SequenceEqual(wanted))
            return;
        var byPath = described.ToDictionary(f => f.Path, StringComparer.Ordinal);
        foreach (TreeEntry file in described)
            group.Files[file.Path] = file;
        group.Tree = [.. group.Tree.Select(f => byPath.GetValueOrDefault(f.Path, f))];
        _store.ForHub(group.Origin.Definition).WriteTree(group.Key.RepoType, group.Key.RepoId, group.Commit,
            new TreeFile(group.Commit, null, null, null, group.Tree));
    }

    /// <summary>
    /// Only the first hub says what a revision is; its 404, 401 or silence is an error unless the reference allows a fallback,
    /// because whoever registers the name elsewhere would get into the build (docs/hubs.md#several-hubs-for-one-model). The file
    /// list belongs to it: a commit is taken as it is, and that a hub does not have it shows only there.
    /// </summary>
    private async Task ResolveRevisionAsync(RestoreGroup group)
    {
        HubException? failure = null;
        bool mayFallBack = group.Hubs.Count > 1 && group.References.TrueForAll(r => r.Fallback);
        IHub[] asked = mayFallBack ? [.. group.Hubs] : [group.Hubs[0]];
        try
        {
            await context.Policy.FirstOfAsync(asked, h => context.Http(h.Definition.Name).Settings, h => h.Definition.Name,
                $"{group.First}", async hub =>
                {
                    await ResolveRevisionAsync(group, hub).ConfigureAwait(false);
                    if (failure is not null && hub != asked[0])
                        _log.Warning(failure.Code, $"{failure.Message} Fallback is allowed: taking {group.First} from "
                            + $"'{hub.Definition.Name}'.", group.First);
                    return hub;
                }, (_, e) =>
                {
                    failure = e;
                    return true;
                }, cancel).ConfigureAwait(false);
        }
        catch (HubException e) when (group.Hubs.Count > 1 && !mayFallBack)
        {
            throw new HubException(e.Code, $"{e.Message} The other hubs "
                + $"({string.Join(", ", group.Hubs.Skip(1).Select(h => h.Definition.Name))}) only give bytes; "
                + "Fallback=\"true\" lets them resolve, too.", e);
        }
    }

    private async Task ResolveRevisionAsync(RestoreGroup group, IHub hub)
    {
        RepoStore cache = _store.ForHub(hub.Definition);
        string name = group.First.Revision ?? RefNames.DefaultBranch, known = RefNames.Of(group.First);
        group.Origin = hub;
        if (context.Offline && !hub.Definition.IsLocal
            && (CommitId.IsCommit(name) ? name : cache.ReadRef(group.Key.RepoType, group.Key.RepoId, known)) is string lastSeen)
        {
            group.Commit = lastSeen;
            _log.Info($"{group.First}: offline, taking '{name}' at {group.Commit} as last seen.");
        }
        else
        {
            group.Commit = context.Reaches(hub.Definition)
                ? (await run.ResolveAsync(hub, group.First, cancel).ConfigureAwait(false)).Id
                : mirrors.Any ? await mirrors.ResolveAsync(group).ConfigureAwait(false)
                : throw group.Offline(context.OfflineReason,
                    $"what '{name}' is was never asked of '{hub.Definition.Name}' on this machine");
            cache.WriteRef(group.Key.RepoType, group.Key.RepoId, known, group.Commit);
            group.IsResolved = true;
        }
        await ListAsync(group).ConfigureAwait(false);
    }

    private async Task ListAsync(RestoreGroup group)
    {
        RepoStore cache = _store.ForHub(group.Origin.Definition);
        LockKey key = group.Key;
        if (!request.Force || context.Offline)
            group.Tree = ReadCachedTree(cache, key, group.Commit);
        if (group.Tree is not null)
            return;
        bool asksOrigin = context.Reaches(group.Origin.Definition);
        if (!asksOrigin && !mirrors.Any)
            throw group.Offline(context.OfflineReason,
                $"the file list of commit {group.Commit} is not in the cache {_store.Root}");
        IReadOnlyList<TreeEntry> tree = asksOrigin
            ? await run.Open(group.Origin, group.First, group.Commit).ListAsync(cancel).ConfigureAwait(false)
            : await mirrors.ListAsync(group).ConfigureAwait(false);
        group.Tree = WithKnownDigests(cache, key, tree);
        cache.WriteTree(key.RepoType, key.RepoId, group.Commit, new TreeFile(group.Commit, null, null, null, group.Tree));
    }

    // A hub that names a content only by its git id is not asked again for one that came with another commit.
    private IReadOnlyList<TreeEntry> WithKnownDigests(RepoStore cache, LockKey key, IReadOnlyList<TreeEntry> tree)
    {
        if (tree.All(f => f.Sha256 is not null))
            return tree;
        Dictionary<string, TreeEntry> known = cache.KnownDigests(key.RepoType, key.RepoId);
        tree = [.. tree.Select(f => f is { Sha256: null, Oid: string oid } && known.TryGetValue(oid, out TreeEntry? same)
            ? Known(f, same) : f)];
        if (request.Force || tree.All(f => f.Sha256 is not null || f.Oid is null))
            return tree;
        // A hub that moved to another address, or has another name now, is a new one here. Two contents can be made that share
        // a git id (SHA-1), so that of another place only the same file of the same repo is taken over; whoever locks the
        // digest is not concerned.
        var elsewhere = new Dictionary<string, TreeEntry>(StringComparer.Ordinal);
        foreach (TreeEntry file in _store.OtherHubs(cache).SelectMany(s => s.FilesOfOtherCommits(key.RepoType, key.RepoId)))
            elsewhere.TryAdd($"{file.Oid} {file.Path}", file);
        return [.. tree.Select(f => f.Sha256 is null && elsewhere.TryGetValue($"{f.Oid} {f.Path}", out TreeEntry? same)
            && (f.Size is null || f.Size == same.Size) ? Known(f, same) : f)];

        static TreeEntry Known(TreeEntry file, TreeEntry same) =>
            file with { Sha256 = same.Sha256, Size = file.Size ?? same.Size };
    }

    // The cache is not synced, so that a file list may be damaged after a power failure; its hub gives it again.
    private IReadOnlyList<TreeEntry>? ReadCachedTree(RepoStore cache, LockKey key, string commit)
    {
        try
        {
            return cache.ReadTree(key.RepoType, key.RepoId, commit)?.Files;
        }
        catch (HubException e) when (e.Code == WiseCodes.DamagedStore && !context.Offline)
        {
            _log.Info($"{e.Message} Asking the hub for it.");
            return null;
        }
    }

    private static void TakeFiles(RestoreGroup group, LockEntry entry)
    {
        (group.Entry, group.Commit) = (entry, entry.Commit);
        foreach (LockedFile file in entry.Files)
            group.Files[file.Path] = new TreeEntry(file.Path, file.Size, null, file.Sha256);
    }
}
