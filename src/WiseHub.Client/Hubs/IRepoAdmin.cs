namespace WiseHub.Client.Hubs;

/// <summary>
/// A hub whose repos can be created, found and deleted. Not every hub can: a web server only serves files.
/// </summary>
internal interface IAdministeredHub : IHub
{
    IRepoAdmin Admin { get; }
}

/// <summary>Creates, finds and deletes the repos of a hub.</summary>
internal interface IRepoAdmin
{
    /// <exception cref="HubException">WISE5028: it exists already.</exception>
    Task<CreatedRepo> CreateRepoAsync(CreateRepoRequest request, CancellationToken cancel);

    /// <exception cref="HubException">WISE2002: there is no such repo.</exception>
    Task DeleteRepoAsync(RepoReference repo, CancellationToken cancel);

    /// <exception cref="HubException">WISE2002: there is no such repo.</exception>
    Task<RepoSummary> GetRepoAsync(RepoReference repo, CancellationToken cancel);

    /// <summary>Lists repos in the hub's own order, a page at a time.</summary>
    IAsyncEnumerable<RepoSummary> SearchAsync(RepoQuery query, CancellationToken cancel);

    /// <param name="repo">The repo; its revision is the start of the branch, null = the default branch.</param>
    /// <param name="branch">The name.</param>
    /// <param name="cancel">Ends it.</param>
    /// <exception cref="HubException">WISE5028: there is a branch of that name.</exception>
    Task CreateBranchAsync(RepoReference repo, string branch, CancellationToken cancel);

    /// <exception cref="HubException">WISE2003: there is no such branch.</exception>
    Task DeleteBranchAsync(RepoReference repo, string branch, CancellationToken cancel);

    /// <param name="repo">The repo; its revision is the commit to tag, null = the default branch.</param>
    /// <param name="tag">The name.</param>
    /// <param name="message">The message of the tag; null = none.</param>
    /// <param name="cancel">Ends it.</param>
    /// <exception cref="HubException">WISE5028: there is a tag of that name.</exception>
    Task CreateTagAsync(RepoReference repo, string tag, string? message, CancellationToken cancel);

    /// <exception cref="HubException">WISE2003: there is no such tag.</exception>
    Task DeleteTagAsync(RepoReference repo, string tag, CancellationToken cancel);
}
