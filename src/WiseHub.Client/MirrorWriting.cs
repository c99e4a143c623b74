using WiseHub.Client.Hubs;
using WiseHub.Client.Store;

namespace WiseHub.Client;

/// <summary>Write-through: what a restore brought is written to the mirrors that take it. The restore is complete by then, so that a failure is a warning.</summary>
internal sealed class MirrorWriting(HubServices services, CancellationToken cancel)
{
    private readonly List<StoreHub> _targets = !services.MirrorWrite ? []
        : [.. services.Config.Mirrors.Where(m => m.Write).Select(m => services.Hub(m.Hub)).OfType<StoreHub>().Where(h => services.Reaches(h.Definition))];

    /// <summary>Writes what was resolved or fetched in this run; what a lock file and the cache answered was written when it came.</summary>
    public async Task WriteAsync(IEnumerable<RestoreGroup> groups)
    {
        if (_targets.Count == 0)
            return;
        foreach (RestoreGroup group in groups.Where(g => g.Failure is null && (g.IsResolved || g.HasFetched)))
        {
            foreach (StoreHub target in _targets.Where(t => t.Definition.Identity != group.Origin.Definition.Identity))
                await WriteAsync(group, target).ConfigureAwait(false);
        }
    }

    private async Task WriteAsync(RestoreGroup group, StoreHub target)
    {
        try
        {
            MirrorOutcome done = await new StoreMirror(target, services.Log, services.Time).WriteAsync(await CommitAsync(group, target).ConfigureAwait(false), cancel).ConfigureAwait(false);
            if (done.HasChanged)
                services.Log.Info($"{group.First}: wrote {done.Files} files, {ByteSize.Show(done.Bytes)}, of commit {group.Commit} to the mirror '{target.Definition.Name}'.");
        }
        catch (HubException e)
        {
            services.Log.Warning(WiseCodes.MirrorWriteFailed,
                $"{group.First} was restored, but not written to the mirror '{target.Definition.Name}': {e.Message} ({e.Code}) WiseMirrorWrite=false stops such writes.", group.First);
        }
    }

    private async Task<MirroredCommit> CommitAsync(RestoreGroup group, StoreHub target)
    {
        List<MirroredContent> contents = [.. group.Files.Values.Select(f => new MirroredContent(f.Sha256!.Value, f.Size!.Value, services.Store.Blobs.PathOf(f.Sha256.Value)))];
        List<TreeEntry> files = [.. (await TreeAsync(group, target).ConfigureAwait(false)).Select(f => group.Files.GetValueOrDefault(f.Path) is TreeEntry known ? f with { Sha256 = known.Sha256, Size = known.Size } : f)];
        return new MirroredCommit(group.Key.RepoType, group.Key.RepoId, group.Commit, group.Origin.Definition.Name, files, contents)
        {
            // What the default branch is called nobody said.
            Revision = group.Key.Revision ?? "HEAD",
            MovesRevision = group.IsResolved,
        };
    }

    /// <summary>The whole file list: a lock file has only what was selected, and a list without the rest would pass for a smaller repo.</summary>
    private async Task<IReadOnlyList<TreeEntry>> TreeAsync(RestoreGroup group, StoreHub target)
    {
        (RepoType type, string id, string commit) = (group.Key.RepoType, group.Key.RepoId, group.Commit);
        // What a URL gave is written by digest alone.
        if (UrlReference.IsUrl(id))
            return [];
        return group.Tree
            ?? services.Store.ForHub(group.Origin.Definition).ReadTree(type, id, commit)?.Files
            ?? new RepoStore(target.Folder!).ReadTree(type, id, commit)?.Files
            ?? (services.Reaches(group.Origin.Definition) ? await group.Origin.ListAsync(group.First with { Revision = commit }, commit, cancel).ConfigureAwait(false)
                : throw new HubException(WiseCodes.OfflineAndMissing, $"the file list of commit {commit} is nowhere on this machine."));
    }
}
