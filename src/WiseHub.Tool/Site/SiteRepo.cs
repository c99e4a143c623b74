using WiseHub.Client;

namespace WiseHub.Tool.Site;

/// <summary>A repo of the hub.</summary>
/// <param name="Type">Kind of repo.</param>
/// <param name="Id">The id.</param>
/// <param name="Folder">Its folder in the site.</param>
/// <param name="Commits">Its commits, the newest first.</param>
internal sealed record SiteRepo(RepoType Type, string Id, string Folder, IReadOnlyList<MirrorCommit> Commits)
{
    // Pushes make main; mirrors keep the hub's default branch as HEAD.
    private static readonly string[] DefaultBranches = ["main", "HEAD"];

    /// <summary>The commit of the default branch, or else the newest one with a name.</summary>
    public MirrorCommit Main { get; } =
        DefaultBranches.Select(b => Commits.FirstOrDefault(c => c.Revisions.Contains(b))).FirstOrDefault(c => c is not null)
        ?? Commits.FirstOrDefault(c => c.Revisions.Count > 0) ?? Commits[0];

    /// <summary>The revision to write into a project for a commit; null for the default branch.</summary>
    public static string? RevisionFor(MirrorCommit commit) => commit.Revisions.Any(r => DefaultBranches.Contains(r)) ? null
        : commit.Revisions.Count > 0 ? commit.Revisions[0] : commit.Commit;

    /// <summary>The repos of a listing, by type and id.</summary>
    public static IReadOnlyList<SiteRepo> Of(MirrorListing listing)
    {
        Dictionary<(RepoType Type, string Id), string> folders =
            PageNames.For(listing.Commits.Select(c => (c.RepoType, c.RepoId)));
        return [.. listing.Commits.GroupBy(c => (c.RepoType, c.RepoId))
            .Select(g => new SiteRepo(g.Key.RepoType, g.Key.RepoId, folders[g.Key],
                [.. g.OrderByDescending(c => c.Time ?? DateTimeOffset.MinValue).ThenBy(c => c.Commit, StringComparer.Ordinal)]))
            .OrderBy(r => r.Type).ThenBy(r => r.Id, StringComparer.OrdinalIgnoreCase).ThenBy(r => r.Id, StringComparer.Ordinal)];
    }
}
