using WiseHub.Client.Context;
using WiseHub.Client.Hubs;
using WiseHub.Client.Store;

namespace WiseHub.Client.Restoring;

/// <summary>Resolves the references of a restore to commits: by the lock file, else once by the first hub.</summary>
internal sealed class Resolving(
    ClientContext context, HubRun run, RestoreRequest request, Mirrors mirrors, CancellationToken cancel)
{
    private readonly IHubLog _log = context.Log;
    private readonly SnapshotStore _store = context.Store;

    public async Task ResolveAsync(RestoreGroup group, LockFile? locked)
    {
        LockEntry? entry = request.Update ? null : locked?.Find(group.Key);
        if (entry is null && !request.Update && !request.Locked && (entry = locked?.FindSameOrigin(group.Key)) is not null)
            _log.Info(RestoreMessages.HubsChanged(group.First, entry, group.Key.Hub));
        if (entry is not null)
        {
            TakeFiles(group, entry);
            List<RepoReference> added = [.. group.References.Where(r => !entry.Selections.Contains(r.Files))];
            if (added.Count > 0)
            {
                if (request.Locked)
                    throw RestoreMessages.LockDrift(added[0], group.Key, entry.Selections, added.Select(r => r.Files));
                await ListAsync(group).ConfigureAwait(false);
                foreach (TreeEntry file in group.Tree!.Where(f => added.Exists(r => r.Files.Matches(f.Path))))
                    group.Files.TryAdd(file.Path, file);
            }
        }
        else
        {
            if (request.Locked)
                throw RestoreMessages.LockMissesReference(group.Key, request.LockFilePath);
            if (!request.MayResolve)
                throw RestoreMessages.MayNotResolve(group.Key, request.LockFilePath);
            await ResolveRevisionAsync(group).ConfigureAwait(false);
            if (!request.Update && locked?.FindAlike(group.Key) is { Count: > 0 } alike)
                _log.Info(RestoreMessages.ResolvedBesideSimilar(group.Key, request.LockFilePath, group.Commit, alike));
            foreach (TreeEntry file in group.Tree!.Where(f => group.References.Exists(r => r.Files.Matches(f.Path))))
                group.Files[file.Path] = file;
        }
        foreach (RepoReference reference in group.References)
        {
            IReadOnlyCollection<string> available = group.Tree is null ? [.. group.Files.Keys]
                : [.. group.Tree.Select(f => f.Path)];
            SelectedFiles.CheckCount(reference, group.Select(reference).Count(), available, group.Commit);
            foreach (string pattern in request.ChecksPatterns ? SelectedFiles.WithoutFile(reference, available) : [])
            {
                context.Log.Warning(WiseCodes.PatternWithoutFile,
                    RestoreMessages.PatternWithoutFile(reference, pattern, group.Commit, available), reference);
            }
        }
        SelectedFiles.CheckNames(group.First, group.Files.Keys, context.Options.ExcludeOption);
        await DescribeAsync(group).ConfigureAwait(false);
    }

    /// <summary>Asks the hub for details of selected files that its file list omits.</summary>
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
    /// Only the first hub resolves a revision. Its 404, 401 or timeout is an error unless the reference allows a fallback:
    /// otherwise anyone who registers the name on another hub would get into the build
    /// (docs/hubs.md#several-hubs-for-one-model). The file list is part of this: a commit id is not checked before, so that only
    /// the list shows whether the hub has it.
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
                        _log.Warning(failure.Code, RestoreMessages.FallsBack(failure, group.First, hub.Definition.Name),
                            group.First);
                    return hub;
                }, (_, e) =>
                {
                    failure = e;
                    return true;
                }, cancel).ConfigureAwait(false);
        }
        catch (HubException e) when (group.Hubs.Count > 1 && !mayFallBack)
        {
            throw RestoreMessages.OnlyFirstResolves(e, group.Hubs.Skip(1));
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
            _log.Info(RestoreMessages.TakesLastSeen(group.First, name, group.Commit));
        }
        else
        {
            if (context.Reaches(hub.Definition))
            {
                IHubCommit commit = await run.ResolveAsync(hub, group.First, cancel).ConfigureAwait(false);
                (group.Commit, group.Facts) =
                    (commit.Id, await commit.FactsAsync(mayAsk: false, cancel).ConfigureAwait(false));
            }
            else
            {
                group.Commit = mirrors.Any ? await mirrors.ResolveAsync(group).ConfigureAwait(false)
                    : throw group.Offline(context.OfflineReason, RestoreMessages.NeverResolved(name, hub.Definition.Name));
            }
            cache.WriteRef(group.Key.RepoType, group.Key.RepoId, known, group.Commit);
            group.IsResolved = true;
        }
        await ListAsync(group).ConfigureAwait(false);
    }

    /// <summary>Lists the files of the group's commit, unless it has the list.</summary>
    public async Task ListAsync(RestoreGroup group)
    {
        if (group.Tree is not null)
            return;
        RepoStore cache = _store.ForHub(group.Origin.Definition);
        LockKey key = group.Key;
        if (!request.Force || context.Offline)
            group.Tree = ReadCachedTree(cache, key, group.Commit);
        if (group.Tree is not null)
            return;
        bool asksOrigin = context.Reaches(group.Origin.Definition);
        if (!asksOrigin && !mirrors.Any)
            throw group.Offline(context.OfflineReason, RestoreMessages.ListNotInCache(group.Commit, _store.Root));
        IReadOnlyList<TreeEntry> tree = asksOrigin
            ? await run.Open(group.Origin, group.First, group.Commit).ListAsync(cancel).ConfigureAwait(false)
            : await mirrors.ListAsync(group).ConfigureAwait(false);
        group.Tree = WithKnownDigests(cache, key, tree);
        cache.WriteTree(key.RepoType, key.RepoId, group.Commit, new TreeFile(group.Commit, null, null, null, group.Tree));
    }

    // Some hubs identify a content only by its git id. One that another commit brought is not downloaded again.
    private IReadOnlyList<TreeEntry> WithKnownDigests(RepoStore cache, LockKey key, IReadOnlyList<TreeEntry> tree)
    {
        if (tree.All(f => f.Sha256 is not null))
            return tree;
        Dictionary<string, TreeEntry> known = cache.KnownDigests(key.RepoType, key.RepoId);
        tree = [.. tree.Select(f => f is { Sha256: null, Oid: string oid } && known.TryGetValue(oid, out TreeEntry? same)
            ? Known(f, same) : f)];
        if (request.Force || tree.All(f => f.Sha256 is not null || f.Oid is null))
            return tree;
        // A hub with a new address or name counts as another hub here. Two contents can be made to share a git id (SHA-1), so
        // from another hub only the same file of the same repo is reused. A digest in the lock file rules this out.
        var elsewhere = new Dictionary<string, TreeEntry>(StringComparer.Ordinal);
        foreach (TreeEntry file in _store.OtherHubs(cache).SelectMany(s => s.FilesOfOtherCommits(key.RepoType, key.RepoId)))
            elsewhere.TryAdd($"{file.Oid} {file.Path}", file);
        return [.. tree.Select(f => f.Sha256 is null && elsewhere.TryGetValue($"{f.Oid} {f.Path}", out TreeEntry? same)
            && (f.Size is null || f.Size == same.Size) ? Known(f, same) : f)];

        static TreeEntry Known(TreeEntry file, TreeEntry same) =>
            file with { Sha256 = same.Sha256, Size = file.Size ?? same.Size };
    }

    // The cache is not synced to disk, so a file list may be damaged after a power failure. The hub can send it again.
    private IReadOnlyList<TreeEntry>? ReadCachedTree(RepoStore cache, LockKey key, string commit)
    {
        try
        {
            return cache.ReadTree(key.RepoType, key.RepoId, commit)?.Files;
        }
        catch (HubException e) when (e.Code == WiseCodes.DamagedStore && !context.Offline)
        {
            _log.Info(RestoreMessages.AsksHubAgain(e));
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
