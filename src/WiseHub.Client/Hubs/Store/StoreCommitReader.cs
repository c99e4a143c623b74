using WiseHub.Client.Store;
using WiseHub.Client.Transfer;

namespace WiseHub.Client.Hubs.Store;

/// <summary>A commit of a store. Its file list is read once.</summary>
internal sealed class StoreCommitReader(StoreHub hub, RepoReference reference, string commit) : IHubCommit
{
    private readonly SharedRequest<IReadOnlyList<TreeEntry>> _files = new(token => hub.ListAsync(reference, commit, token));
    private BlobStore? _local;

    public string Id => commit;

    public Task<IReadOnlyList<TreeEntry>> ListAsync(CancellationToken cancel) => _files.SendAsync(cancel);

    public Task<IReadOnlyList<TreeEntry>> DescribeAsync(
        IReadOnlyList<TreeEntry> tree, IReadOnlyList<TreeEntry> wanted, CancellationToken cancel) => Task.FromResult(wanted);

    // Stores are addressed by digest. If the first hub of the reference did not state it, the list of the store does.
    public IReadOnlyList<BlobSource> Locate(TreeEntry file) =>
        [new BlobSource(hub.Definition.Name, async token => hub.Locate(file.Sha256
            ?? (await ListAsync(token).ConfigureAwait(false)).FirstOrDefault(f => f.Path == file.Path)?.Sha256
            ?? throw StoreHubMessages.FileNotFound(reference, hub.Definition.Name, commit, file.Path),
            _local ??= hub.LocalContents()))];

    public void Dispose()
    {
        // Files and requests are closed as they are read.
    }
}
