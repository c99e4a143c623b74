using WiseHub.Client.Store;
using WiseHub.Client.Transfer;

namespace WiseHub.Client.Hubs.Url;

/// <summary>
/// Single files by their address. Such a "repo" has one commit at a time, the sha256 of what the URL gives, and one file.
/// </summary>
/// <param name="definition">One of <see cref="UrlProtocol"/>.</param>
/// <param name="content">What URLs give.</param>
/// <param name="store">Where contents and notes of earlier answers are.</param>
internal sealed class UrlHub(HubDefinition definition, UrlContent content, SnapshotStore store) : IHub
{
    private readonly RepoStore _cache = store.ForHub(definition);

    public HubDefinition Definition { get; } = definition;

    public void Check(RepoReference reference) => UrlContent.Check(reference, UrlReference.Hub);

    public async Task<string> ResolveAsync(RepoReference reference, CancellationToken cancel)
    {
        UrlRecord now = await content.ResolveAsync(reference, cancel).ConfigureAwait(false);
        // Written each time: the name that the server gives may have changed where the content did not.
        _cache.WriteTree(reference.RepoType, reference.RepoId, now.Commit,
            new TreeFile(now.Commit, null, null, null, Files(now)));
        return now.Commit;
    }

    public async Task<IReadOnlyList<TreeEntry>> ListAsync(RepoReference reference, string commit, CancellationToken cancel) =>
        Files(content.Seen(reference, commit) ?? await content.RecallAsync(reference, commit, cancel).ConfigureAwait(false));

    // Who forces gets what this run has fetched already from there, not a second time from the server.
    public Task<BlobLocation> LocateAsync(RepoReference reference, string commit, TreeEntry file, CancellationToken cancel) =>
        Task.FromResult(
            file.Sha256 is Digest digest && content.HasFetched(digest)
                ? new BlobLocation { Hub = UrlReference.Hub, LocalPath = store.Blobs.PathOf(digest), WasFetched = true }
                : content.At(reference));

    public Uri FileUrl(RepoReference reference, string path) => new(reference.RepoId);

    private static TreeEntry[] Files(UrlRecord seen) => [new TreeEntry(seen.FileName, seen.Size, null, seen.Sha256)];
}
