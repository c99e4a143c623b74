using WiseHub.Client.Context;
using WiseHub.Client.Hubs;
using WiseHub.Client.Store;

namespace WiseHub.Client.Restoring;

/// <summary>
/// What a <see cref="DownloadRun"/> would fetch: resolves, lists and selects as it does, but writes neither the branch nor the
/// file list into the cache, and fetches nothing.
/// </summary>
internal sealed class DownloadPlanning(ClientContext context, DownloadRequest request, CancellationToken cancel)
{
    private readonly RepoReference _reference = request.Reference;
    private readonly SnapshotStore _store = context.Store;

    public async Task<DownloadPlan> RunAsync()
    {
        RestoreFailures.Throw([.. context.FindMistakes(_reference)]);
        string[] names = _reference.Hubs.Count > 0 ? [.. _reference.Hubs] : [context.DefaultHub];
        IHub hub = Array.ConvertAll(names, context.HubOfReference)[0];
        hub.Check(_reference);
        if (UrlReference.IsUrl(_reference.RepoId))
            return OfUrl(hub);
        using HubRun run = context.BeginRun();
        (string commit, IReadOnlyList<TreeEntry> tree) = await ListAsync(hub, run).ConfigureAwait(false);
        List<TreeEntry> files = [.. tree.Where(f => _reference.Files.Matches(f.Path))];
        Utf8Ordinal.Sort(files, f => f.Path);
        SelectedFiles.CheckCount(_reference, files.Count, [.. tree.Select(f => f.Path)], commit);
        SelectedFiles.CheckNames(_reference, files.Select(f => f.Path), context.Options.ExcludeOption);
        return new DownloadPlan
        {
            Reference = _reference,
            Hub = hub.Definition.Name,
            Commit = commit,
            Files = [.. files.Select(f => new PlannedFile(f.Path, f.Size, f.Sha256, IsInCache(f.Sha256, f.Size)))],
        };
    }

    private async Task<(string Commit, IReadOnlyList<TreeEntry> Tree)> ListAsync(IHub hub, HubRun run)
    {
        RepoStore cache = _store.ForHub(hub.Definition);
        (RepoType type, string id) = (_reference.RepoType, _reference.RepoId);
        string name = _reference.Revision ?? RefNames.DefaultBranch;
        bool isReached = context.Reaches(hub.Definition);
        IHubCommit? resolved = isReached ? await run.ResolveAsync(hub, _reference, cancel).ConfigureAwait(false) : null;
        string commit = resolved?.Id ?? (CommitId.IsCommit(name) ? name : cache.ReadRef(type, id, RefNames.Of(_reference)))
            ?? throw Offline(RestoreMessages.NeverResolved(name, hub.Definition.Name));
        // A cached list also has the digests that only a download revealed.
        if ((request.Force && isReached ? null : cache.ReadTree(type, id, commit)?.Files) is IReadOnlyList<TreeEntry> cached)
            return (commit, cached);
        if (resolved is null)
            throw Offline(RestoreMessages.ListNotInCache(commit, _store.Root));
        IReadOnlyList<TreeEntry> tree = await resolved.ListAsync(cancel).ConfigureAwait(false);
        TreeEntry[] wanted = [.. tree.Where(f => f.Sha256 is null && _reference.Files.Matches(f.Path))];
        if (wanted.Length == 0)
            return (commit, tree);
        Dictionary<string, TreeEntry> known = cache.KnownDigests(type, id);
        Dictionary<string, TreeEntry> described = (await resolved.DescribeAsync(tree, wanted, cancel).ConfigureAwait(false))
            .ToDictionary(f => f.Path, StringComparer.Ordinal);
        return (commit, [.. tree.Select(f => described.GetValueOrDefault(f.Path, f)).Select(f =>
            f is { Sha256: null, Oid: string oid } && known.TryGetValue(oid, out TreeEntry? same)
                ? f with { Sha256 = same.Sha256, Size = f.Size ?? same.Size } : f)]);
    }

    // The digest of a URL, and the files of an archive, are known only after the download. So only what is known from the last
    // one is planned.
    private DownloadPlan OfUrl(IHub hub)
    {
        UrlRecord? seen = UrlRecord.Read(_store.ForHub(hub.Definition).RepoFolder(_reference));
        if (_reference.Sha256 is not null && seen?.Sha256 != _reference.Sha256)
            seen = null;
        return new DownloadPlan
        {
            Reference = _reference,
            Hub = hub.Definition.Name,
            Commit = seen?.Commit,
            Files = [new PlannedFile(seen?.FileName ?? UrlReference.NameOf(_reference.RepoId), seen?.Size,
                seen?.Sha256 ?? _reference.Sha256, IsInCache(seen?.Sha256, seen?.Size))],
        };
    }

    // A touched blob is hashed by the download. Here it counts as missing if its size is wrong, and hashing would take long.
    private bool IsInCache(Digest? sha256, long? size) => !request.Force && sha256 is Digest digest && size is long bytes
        && (_store.Blobs.Look(digest, bytes) == BlobState.Present
            || new FileInfo(_store.Blobs.PathOf(digest)) is { Exists: true } file && file.Length == bytes);

    private HubException Offline(string lack) => RestoreMessages.Offline(_reference, context.OfflineReason, lack);
}
