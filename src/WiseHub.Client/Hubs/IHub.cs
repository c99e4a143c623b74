namespace WiseHub.Client.Hubs;

/// <summary>
/// A hub to read from. It has no state: the state of a commit is in the <see cref="IHubCommit"/> that it opens, and lasts as long
/// as the run.
/// </summary>
internal interface IHub
{
    HubDefinition Definition { get; }

    /// <summary>Checks that a hub of this protocol can have such a repo. Sends no request.</summary>
    /// <exception cref="HubException">WISE1003, WISE1013 or WISE1018: it cannot.</exception>
    void Check(RepoReference reference);

    /// <summary>Finds the current commit of the revision of a reference, and opens it.</summary>
    /// <exception cref="HubException">WISE2002: no such repo; WISE2003: no such revision; any other WISE2xxx.</exception>
    Task<IHubCommit> ResolveAsync(RepoReference reference, IHubRun run, CancellationToken cancel);

    /// <summary>Opens a commit by its id. Sends no request: a missing commit fails when it is listed.</summary>
    /// <param name="reference">The repo, the files that will be wanted, and the name for messages.</param>
    /// <param name="commit">The id of the commit.</param>
    /// <param name="run">The run that the commit is opened for.</param>
    IHubCommit Open(RepoReference reference, string commit, IHubRun run);

    /// <summary>The web page of a repo. Sends no request. Null for hubs without pages.</summary>
    Uri? PageUrl(RepoReference reference);

    /// <summary>The web page of a file. Sends no request. Null for hubs without pages.</summary>
    Uri? FileUrl(RepoReference reference, string path);
}
