using WiseHub.Client.Contents;

namespace WiseHub.Client.Hubs;

/// <summary>A hub that can be pushed to.</summary>
internal interface IPushHub : IHub
{
    /// <summary>Opens one push. No network.</summary>
    /// <exception cref="HubException">WISE1xxx or WISE5004: this hub cannot do what the request asks for.</exception>
    IPushTarget OpenPush(PushRequest request);
}

/// <summary>The branch of a push as it was seen when the push began.</summary>
/// <param name="Commit">Where it is; null where the branch, the repo, or any commit in it is missing.</param>
/// <param name="Files">Its files; of each the hub states a sha256, a git blob id, or neither.</param>
internal sealed record PushBase(string? Commit, IReadOnlyList<TreeEntry> Files)
{
    public static readonly PushBase Empty = new(null, []);
}

/// <summary>What one commit changes.</summary>
/// <param name="Sent">Files that are new or other than before.</param>
/// <param name="Deleted">Files that go.</param>
/// <param name="Kept">Files of the branch that stay as they are, whether the set names them or not.</param>
internal sealed record PushChanges(
    IReadOnlyList<LocalFile> Sent, IReadOnlyList<TreeEntry> Deleted, IReadOnlyList<TreeEntry> Kept);

/// <summary>What a commit became.</summary>
internal sealed record PushedCommit(string Commit)
{
    public Uri? Url { get; init; }

    public Uri? PullRequestUrl { get; init; }

    /// <summary>Paths that the hub's own rules leave out; the log has said so.</summary>
    public IReadOnlySet<string> LeftOut { get; init; } = new HashSet<string>();
}

/// <summary>
/// One push to one hub, by calls in this order: look, prepare, send, commit. Before the commit
/// nothing of it is visible.
/// </summary>
internal interface IPushTarget : IAsyncDisposable
{
    /// <summary>The branch as it is. Makes nothing, and writes nothing.</summary>
    /// <exception cref="HubException">WISE5005: there is no such repo, and the request does not make one.</exception>
    Task<PushBase> LookAsync(CancellationToken cancel);

    /// <summary>Makes the repo and the branch where the look found none.</summary>
    /// <returns>The branch as it is then: some hubs begin a repo with a commit of their own.</returns>
    Task<PushBase> PrepareAsync(PushBase seen, CancellationToken cancel);

    /// <summary>A file of the repo that no prune deletes, because the hub keeps it for itself.</summary>
    bool IsReserved(string path);

    /// <summary>
    /// Brings the contents to the hub, as far as it does not have them. What was broken off goes on where it was.
    /// </summary>
    Task SendAsync(PushBase parent, IReadOnlyList<LocalFile> files, PushProgress progress, CancellationToken cancel);

    /// <summary>Makes the commit, if the branch is still where it was seen.</summary>
    /// <exception cref="HubException">WISE5002: it is not; both commits are named.</exception>
    Task<PushedCommit> CommitAsync(PushBase parent, PushChanges changes, CancellationToken cancel);
}
