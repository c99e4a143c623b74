using WiseHub.Client.Transfer;

namespace WiseHub.Client.Hubs.HuggingFace;

/// <summary>A commit of a repo, read by the Hugging Face protocol. The list has size and digest of every file.</summary>
internal sealed class HuggingFaceCommitReader(
    HuggingFaceHub hub, HubConnection connection, RepoReference reference, string commit, CommitFacts? facts) : IHubCommit
{
    private readonly RepoReference _reference = reference with { Revision = commit };

    public string Id => commit;

    public async Task<CommitFacts?> FactsAsync(bool mayAsk, CancellationToken cancel) => facts is not null || !mayAsk ? facts
        : (await hub.AskAsync(_reference, cancel).ConfigureAwait(false)).Facts;

    public Task<IReadOnlyList<TreeEntry>> ListAsync(CancellationToken cancel) => hub.ListAsync(_reference, commit, cancel);

    public Task<IReadOnlyList<TreeEntry>> DescribeAsync(
        IReadOnlyList<TreeEntry> tree, IReadOnlyList<TreeEntry> wanted, CancellationToken cancel) => Task.FromResult(wanted);

    public IReadOnlyList<BlobSource> Locate(TreeEntry file) =>
        [new BlobSource(hub.Definition.Name, _ => Task.FromResult(new BlobLocation
        {
            Hub = hub.Definition.Name,
            Uri = hub.ResolveUri(_reference, commit, file.Path),
            Credential = connection.Credential,
            ReadError = (response, token) => hub.ReadErrorAsync(_reference, file.Path, response, token),
        }))];

    public void Dispose()
    {
        // Nothing stays open between requests.
    }
}
