using WiseHub.Client.Context;
using WiseHub.Client.Hubs;
using WiseHub.Client.Hubs.Store;
using WiseHub.Client.Store;

namespace WiseHub.Client.Restoring;

/// <summary>
/// Makes what a restore brought a commit that another hub can have: with the whole file list, also of what was not selected.
/// </summary>
internal sealed class WholeCommit(ClientContext context, CancellationToken cancel)
{
    /// <param name="reference">What was restored.</param>
    /// <param name="origin">The hub whose commit it is.</param>
    /// <param name="commit">The commit.</param>
    /// <param name="tree">Its file list, where it is at hand.</param>
    /// <param name="present">What is in the store.</param>
    /// <param name="target">A store that may know the list.</param>
    public async Task<MirroredCommit> ReadAsync(RepoReference reference, IHub origin, string commit,
        IReadOnlyList<TreeEntry>? tree, IEnumerable<TreeEntry> present, StoreHub? target)
    {
        Dictionary<string, TreeEntry> known = present.ToDictionary(f => f.Path, StringComparer.Ordinal);
        tree ??= UrlReference.IsUrl(reference.RepoId) ? []
            : await TreeAsync(reference, origin, commit, target).ConfigureAwait(false);
        return new MirroredCommit(reference.RepoType, reference.RepoId, commit, origin.Definition.Name,
            [.. tree.Select(
                f => known.GetValueOrDefault(f.Path) is TreeEntry here ? f with { Sha256 = here.Sha256, Size = here.Size } : f)],
            [.. known.Values.Select(
                f => new MirroredContent(f.Sha256!.Value, f.Size!.Value, context.Store.Blobs.PathOf(f.Sha256.Value)))])
        {
            Revision = RefNames.Of(reference),
            Asked = reference,
        };
    }

    // A lock file has only what was selected, and a list without the rest would pass for a smaller repo.
    private async Task<IReadOnlyList<TreeEntry>> TreeAsync(
        RepoReference reference, IHub origin, string commit, StoreHub? target) =>
        context.Store.ForHub(origin.Definition).ReadTree(reference.RepoType, reference.RepoId, commit)?.Files
        ?? (target is null ? null : await KnownByAsync(target, reference, commit).ConfigureAwait(false))
        ?? (context.Reaches(origin.Definition) ? await origin.ListAsync(reference, commit, cancel).ConfigureAwait(false)
            : throw new HubException(WiseCodes.OfflineAndMissing, $"{reference}: the file list of commit {commit} is nowhere on "
                + $"this machine, and '{origin.Definition.Name}' must not be asked. Mirror it once online."));

    private async Task<IReadOnlyList<TreeEntry>?> KnownByAsync(StoreHub target, RepoReference reference, string commit)
    {
        try
        {
            return await target.ListAsync(reference, commit, cancel).ConfigureAwait(false);
        }
        catch (HubException e) when (e.Code == WiseCodes.RevisionNotFound)
        {
            return null;
        }
    }
}
