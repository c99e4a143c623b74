using WiseHub.Client.Context;
using WiseHub.Client.Hubs;
using WiseHub.Client.Store;

namespace WiseHub.Client.Restoring;

/// <summary>
/// Turns a restore into a commit for another hub. It has the whole file list, including files that were not selected.
/// </summary>
internal sealed class WholeCommit(ClientContext context, HubRun run, CancellationToken cancel)
{
    /// <param name="reference">The restored reference.</param>
    /// <param name="origin">The hub whose commit it is.</param>
    /// <param name="commit">The commit.</param>
    /// <param name="tree">Its file list, if known.</param>
    /// <param name="present">The files in the store.</param>
    /// <param name="target">The mirror to write to, which may know the list; null for none.</param>
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

    // A lock file has only the selected files; a list of these alone would look like a smaller repo.
    private async Task<IReadOnlyList<TreeEntry>> TreeAsync(
        RepoReference reference, IHub origin, string commit, IMirrorTarget? target) =>
        context.Store.ForHub(origin.Definition).ReadTree(reference.RepoType, reference.RepoId, commit)?.Files
        ?? (target is null ? null : await target.FindListAsync(reference, commit, cancel).ConfigureAwait(false))
        ?? (context.Reaches(origin.Definition) ? await run.Open(origin, reference, commit).ListAsync(cancel).ConfigureAwait(false)
            : throw RestoreMessages.ListNowhere(reference, commit, origin.Definition.Name));
}
