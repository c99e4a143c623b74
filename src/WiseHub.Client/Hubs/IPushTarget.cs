using WiseHub.Client.Contents;

namespace WiseHub.Client.Hubs;

/// <summary>A hub that can be pushed to.</summary>
internal interface IPushHub : IHub
{
    /// <summary>Opens one push. Sends no request.</summary>
    /// <exception cref="HubException">WISE1xxx or WISE5004: this hub does not support the request.</exception>
    IPushTarget OpenPush(PushRequest request);
}

/// <summary>The state of a branch at the start of a push.</summary>
/// <param name="Commit">The commit of the branch; null if the branch or the repo is missing, or the repo is empty.</param>
/// <param name="Files">The files. For each, the hub states a sha256, a git blob id, or neither.</param>
internal sealed record PushBase(string? Commit, IReadOnlyList<TreeEntry> Files)
{
    public static readonly PushBase Empty = new(null, []);
}

/// <summary>The changes of one commit.</summary>
/// <param name="Sent">New and changed files.</param>
/// <param name="Deleted">Files to delete.</param>
/// <param name="Kept">Unchanged files of the branch, whether the pushed set names them or not.</param>
internal sealed record PushChanges(
    IReadOnlyList<LocalFile> Sent, IReadOnlyList<TreeEntry> Deleted, IReadOnlyList<TreeEntry> Kept);

/// <summary>The result of a commit.</summary>
internal sealed record PushedCommit(string Commit)
{
    public Uri? Url { get; init; }

    public Uri? PullRequestUrl { get; init; }

    /// <summary>Paths left out by the rules of the hub. The log names them.</summary>
    public IReadOnlySet<string> LeftOut { get; init; } = new HashSet<string>();
}

/// <summary>
/// One push to one hub, by calls in this order: look, prepare, send, commit. Nothing is visible before the commit.
/// </summary>
internal interface IPushTarget : IAsyncDisposable
{
    /// <summary>Reads the current state of the branch. Writes nothing.</summary>
    /// <exception cref="HubException">WISE5005: there is no such repo, and the request does not create one.</exception>
    Task<PushBase> LookAsync(CancellationToken cancel);

    /// <summary>Creates the repo and the branch if they are missing.</summary>
    /// <returns>The state of the branch afterwards. Some hubs begin a repo with a commit of their own.</returns>
    Task<PushBase> PrepareAsync(PushBase seen, CancellationToken cancel);

    /// <summary>Says whether the hub reserves a path of the repo, so Prune must not delete it.</summary>
    bool IsReserved(string path);

    /// <summary>
    /// Uploads the contents that the hub does not have. Interrupted uploads are resumed.
    /// </summary>
    Task SendAsync(PushBase parent, IReadOnlyList<LocalFile> files, PushProgress progress, CancellationToken cancel);

    /// <summary>Makes the commit, if the branch has not moved.</summary>
    /// <exception cref="HubException">WISE5002: it has moved; the message names both commits.</exception>
    Task<PushedCommit> CommitAsync(PushBase parent, PushChanges changes, CancellationToken cancel);
}
