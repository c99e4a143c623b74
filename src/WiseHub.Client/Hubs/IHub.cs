using WiseHub.Client.Transfer;

namespace WiseHub.Client.Hubs;

/// <summary>
/// A hub answers questions and moves no bytes: what a revision is, which files a commit has, and where the bytes of a file are.
/// (What of a push is there already, and the commit of a push, join with their second implementation.)
/// </summary>
internal interface IHub
{
    HubDefinition Definition { get; }

    /// <summary>
    /// Throws WISE1003, WISE1013 or WISE1018 when this kind of hub cannot have what the reference asks for. No network.
    /// </summary>
    void Check(RepoReference reference);

    /// <summary>
    /// Revision → commit. A commit is its own answer where the hub has no cheaper way to check it than listing it.
    /// </summary>
    Task<string> ResolveAsync(RepoReference reference, CancellationToken cancel);

    /// <summary>Commit → its files. The reference is the one that was resolved, whatever its revision has become.</summary>
    Task<IReadOnlyList<TreeEntry>> ListAsync(RepoReference reference, string commit, CancellationToken cancel);

    /// <summary>
    /// What the list does not say of the files that are wanted, where the hub can tell it without sending them. Only these are
    /// asked for: of a large repo one file may be wanted.
    /// </summary>
    /// <returns>The same files in the same order.</returns>
    Task<IReadOnlyList<TreeEntry>> DescribeAsync(
        RepoReference reference, IReadOnlyList<TreeEntry> tree, IReadOnlyList<TreeEntry> wanted, CancellationToken cancel) =>
        Task.FromResult(wanted);

    /// <summary>File → where its bytes are.</summary>
    Task<BlobLocation> LocateAsync(RepoReference reference, string commit, TreeEntry file, CancellationToken cancel);

    /// <summary>
    /// Asks for a content in another way, for when what <see cref="LocateAsync"/> named did not give it; null where there is
    /// none for this file.
    /// </summary>
    Func<CancellationToken, Task<BlobLocation>>? OtherWay(RepoReference reference, string commit, TreeEntry file) => null;

    /// <summary>
    /// It has contents by their sha256, whatever repo they came with: it may be asked for one without knowing the commit.
    /// </summary>
    bool NamesByDigest => false;

    /// <summary>The address of a file, for people; no request.</summary>
    Uri? FileUrl(RepoReference reference, string path);
}
