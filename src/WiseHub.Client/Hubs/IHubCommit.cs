using WiseHub.Client.Transfer;

namespace WiseHub.Client.Hubs;

/// <summary>
/// A commit that a hub has opened for one run. It owns its archives or its local repository, and closes them when the run ends.
/// Its members may be called from several threads.
/// </summary>
internal interface IHubCommit : IDisposable
{
    /// <summary>The id of the commit.</summary>
    string Id { get; }

    /// <summary>What the hub states about the commit besides its files; null if it states nothing.</summary>
    /// <param name="mayAsk">True to send a request, if the facts did not come with the revision.</param>
    /// <param name="cancel">Ends it.</param>
    /// <exception cref="HubException">Any WISE2xxx.</exception>
    Task<CommitFacts?> FactsAsync(bool mayAsk, CancellationToken cancel) => Task.FromResult<CommitFacts?>(null);

    /// <summary>Lists the files of the commit.</summary>
    /// <exception cref="HubException">WISE2003: the hub does not have the commit; any other WISE2xxx or WISE3xxx.</exception>
    Task<IReadOnlyList<TreeEntry>> ListAsync(CancellationToken cancel);

    /// <summary>
    /// Adds sizes and digests that the list lacks, if the hub can state them without sending the contents. It asks only about the
    /// wanted files, which may be few of a large repo.
    /// </summary>
    /// <param name="tree">The whole list.</param>
    /// <param name="wanted">The files to describe.</param>
    /// <param name="cancel">Ends it.</param>
    /// <returns>The wanted files in the same order.</returns>
    Task<IReadOnlyList<TreeEntry>> DescribeAsync(
        IReadOnlyList<TreeEntry> tree, IReadOnlyList<TreeEntry> wanted, CancellationToken cancel);

    /// <summary>
    /// Names the places that have the content of a file, in order of preference. Sends no request: the URL of a place is
    /// requested when its turn comes.
    /// </summary>
    IReadOnlyList<BlobSource> Locate(TreeEntry file);
}
