using WiseHub.Client.Store;
using WiseHub.Client.Transfer;

namespace WiseHub.Client.Hubs.Url;

/// <summary>
/// Single files by their URL. Such a "repo" has one commit at a time, the sha256 of the content, and one file.
/// </summary>
/// <param name="definition">One of <see cref="UrlProtocol"/>.</param>
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
        // Written each time: the name that the server gives may have changed where the content did not.
        _cache.WriteTree(reference.RepoType, reference.RepoId, now.Commit,
            new TreeFile(now.Commit, null, null, null, Files(now)));
        return Open(reference, now.Commit, run);
    }

    public IHubCommit Open(RepoReference reference, string commit, IHubRun run) =>
        new Commit(content, store, reference, commit, run);

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

        // A forced restore takes what this run has downloaded already from the cache, not a second time from the server.
        public IReadOnlyList<BlobSource> Locate(TreeEntry file) =>
            [new BlobSource(UrlReference.Hub, _ => Task.FromResult(file.Sha256 is Digest digest && run.IsPresent(digest)
                ? new BlobLocation { Hub = UrlReference.Hub, LocalPath = store.Blobs.PathOf(digest), WasFetched = true }
                : content.At(reference)))];

        public void Dispose()
        {
            // The content is a file of the cache.
        }
    }
}
