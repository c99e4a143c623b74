using WiseHub.Client.Store;
using WiseHub.Client.Transfer;

namespace WiseHub.Client.Hubs.Url;

/// <summary>
/// Single files by their URL. Such a "repo" has one file and one commit, the sha256 of the content.
/// </summary>
/// <param name="definition">The definition of <see cref="UrlProtocol"/>.</param>
/// <param name="content">Downloads the contents of URLs.</param>
/// <param name="store">The cache, with contents and records of earlier responses.</param>
internal sealed class UrlHub(HubDefinition definition, UrlContent content, SnapshotStore store) : IHub
{
    private readonly RepoStore _cache = store.ForHub(definition);

    public HubDefinition Definition { get; } = definition;

    public void Check(RepoReference reference) => UrlContent.Check(reference, UrlReference.Hub);

    public async Task<IHubCommit> ResolveAsync(RepoReference reference, IHubRun run, CancellationToken cancel)
    {
        UrlRecord now = await content.ResolveAsync(reference, run, cancel).ConfigureAwait(false);
        // Written each time, because the server may rename the file without a change of content.
        _cache.WriteTree(reference.RepoType, reference.RepoId, now.Commit,
            new TreeFile(now.Commit, null, null, null, Files(now)));
        return Open(reference, now.Commit, run);
    }

    public IHubCommit Open(RepoReference reference, string commit, IHubRun run) =>
        new Commit(content, store, reference, commit, run);

    public Uri? PageUrl(RepoReference reference) => null;

    public Uri FileUrl(RepoReference reference, string path) => new(reference.RepoId);

    private static TreeEntry[] Files(UrlRecord seen) => [new TreeEntry(seen.FileName, seen.Size, null, seen.Sha256)];

    private sealed class Commit(
        UrlContent content, SnapshotStore store, RepoReference reference, string commit, IHubRun run) : IHubCommit
    {
        public string Id => commit;

        public async Task<IReadOnlyList<TreeEntry>> ListAsync(CancellationToken cancel) =>
            Files(content.Seen(reference, commit)
                ?? await content.RecallAsync(reference, commit, run, cancel).ConfigureAwait(false));

        public Task<IReadOnlyList<TreeEntry>> DescribeAsync(
            IReadOnlyList<TreeEntry> tree, IReadOnlyList<TreeEntry> wanted, CancellationToken cancel) => Task.FromResult(wanted);

        // A forced restore uses what this run has downloaded already, instead of a second download.
        public IReadOnlyList<BlobSource> Locate(TreeEntry file) =>
            [new BlobSource(UrlReference.Hub, _ => Task.FromResult(file.Sha256 is Digest digest && run.IsPresent(digest)
                ? new BlobLocation { Hub = UrlReference.Hub, LocalPath = store.Blobs.PathOf(digest), WasFetched = true }
                : content.At(reference)))];

        public void Dispose()
        {
            // Nothing to close: the content is a file of the cache.
        }
    }
}
