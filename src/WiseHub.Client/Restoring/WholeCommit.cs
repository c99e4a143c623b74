using WiseHub.Client.Context;
using WiseHub.Client.Hubs;
using WiseHub.Client.Store;

namespace WiseHub.Client.Restoring;

/// <summary>
/// Makes what a restore brought a commit that another hub can have: with the whole file list, also of what was not selected.
/// </summary>
internal sealed class WholeCommit(ClientContext context, HubRun run, CancellationToken cancel)
{
    /// <param name="reference">What was restored.</param>
    /// <param name="origin">The hub whose commit it is.</param>
    /// <param name="commit">The commit.</param>
    /// <param name="tree">Its file list, where it is at hand.</param>
    /// <param name="present">What is in the store.</param>
    /// <param name="target">The mirror that it is for, which may know the list; null for none.</param>
    public async Task<MirroredCommit> ReadAsync(RepoReference reference, IHub origin, string commit,
        IReadOnlyList<TreeEntry>? tree, IEnumerable<TreeEntry> present, IMirrorTarget? target)
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
            Reference = reference,
        };
    }

    // A lock file has only what was selected, and a list without the rest would pass for a smaller repo.
    private async Task<IReadOnlyList<TreeEntry>> TreeAsync(
        RepoReference reference, IHub origin, string commit, IMirrorTarget? target) =>
        context.Store.ForHub(origin.Definition).ReadTree(reference.RepoType, reference.RepoId, commit)?.Files
        ?? (target is null ? null : await target.FindListAsync(reference, commit, cancel).ConfigureAwait(false))
        ?? (context.Reaches(origin.Definition) ? await run.Open(origin, reference, commit).ListAsync(cancel).ConfigureAwait(false)
            : throw new HubException(WiseCodes.OfflineAndMissing, $"{reference}: the file list of commit {commit} is nowhere on "
                + $"this machine, and '{origin.Definition.Name}' must not be asked. Mirror it once online."));
}
