namespace WiseHub.Client.Hubs;

/// <summary>
/// A hub whose repos can be made, found and removed by a program. Not every hub can: a web server only gives files.
/// </summary>
internal interface IAdministeredHub : IHub
{
    IRepoAdmin Admin { get; }
}

/// <summary>Makes, finds and removes the repos of a hub.</summary>
internal interface IRepoAdmin
{
    /// <exception cref="HubException">WISE5028: it is there already.</exception>
    Task<CreatedRepo> CreateRepoAsync(CreateRepoRequest request, CancellationToken cancel);

    /// <exception cref="HubException">WISE2002: there is no such repo.</exception>
    Task DeleteRepoAsync(RepoReference repo, CancellationToken cancel);

    /// <exception cref="HubException">WISE2002: there is no such repo.</exception>
    Task<RepoSummary> GetRepoAsync(RepoReference repo, CancellationToken cancel);

    /// <summary>In the hub's own order, a page at a time.</summary>
    IAsyncEnumerable<RepoSummary> SearchAsync(RepoQuery query, CancellationToken cancel);

    /// <param name="repo">The repo; its revision is where the branch begins, null = the default branch.</param>
    /// <param name="branch">The name.</param>
    /// <param name="cancel">Ends it.</param>
    /// <exception cref="HubException">WISE5028: there is a branch of that name.</exception>
    Task CreateBranchAsync(RepoReference repo, string branch, CancellationToken cancel);

    /// <exception cref="HubException">WISE2003: there is no such branch.</exception>
    Task DeleteBranchAsync(RepoReference repo, string branch, CancellationToken cancel);

    /// <param name="repo">The repo; its revision is what the tag names, null = the default branch.</param>
    /// <param name="tag">The name.</param>
    /// <param name="message">What the tag is about; null = nothing.</param>
    /// <param name="cancel">Ends it.</param>
    /// <exception cref="HubException">WISE5028: there is a tag of that name.</exception>
    Task CreateTagAsync(RepoReference repo, string tag, string? message, CancellationToken cancel);

    /// <exception cref="HubException">WISE2003: there is no such tag.</exception>
    Task DeleteTagAsync(RepoReference repo, string tag, CancellationToken cancel);
}
