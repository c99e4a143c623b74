using WiseHub.Client.Store;

namespace WiseHub.Client.Hubs;

/// <summary>
/// A hub that has contents by their sha256, whichever repo they came with: it may be asked for one without knowing the commit.
/// It can hold commits of other hubs under their own ids (docs/mirrors.md).
/// </summary>
internal interface IContentStore : IHub
{
    /// <summary>The contents, where they are in a folder of this machine and looking for one costs no request; else
    /// null.</summary>
    /// <exception cref="HubException">WISE3005: the folder is not a store yet.</exception>
    BlobStore? LocalContents();

    /// <summary>
    /// The references by which a mirror of this kind may know a revision of another hub, the first choice first: it has no
    /// dataset
    /// configurations, and another hub's default branch has a name of its own.
    /// </summary>
    IReadOnlyList<RepoReference> NamesInMirror(RepoReference reference);
}
