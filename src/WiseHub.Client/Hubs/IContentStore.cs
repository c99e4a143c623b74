using WiseHub.Client.Store;

namespace WiseHub.Client.Hubs;

/// <summary>
/// A hub that keeps contents by their sha256, whatever repo they came with, so a content can be requested without a commit.
/// It can hold commits of other hubs under their own ids (docs/mirrors.md).
/// </summary>
internal interface IContentStore : IHub
{
    /// <summary>The contents, if they are in a folder of this machine, so that a search costs no request; else null.</summary>
    /// <exception cref="HubException">WISE3005: the folder is not a store yet.</exception>
    BlobStore? LocalContents();

    /// <summary>
    /// The references under which a mirror of this kind may have a revision of another hub, the preferred one first. They differ,
    /// because a mirror has no dataset configurations, and names the default branch of another hub in its own way.
    /// </summary>
    IReadOnlyList<RepoReference> NamesInMirror(RepoReference reference);
}
