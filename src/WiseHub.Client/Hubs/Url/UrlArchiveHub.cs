using WiseHub.Client.Archives;
using WiseHub.Client.Store;
using WiseHub.Client.Transfer;

namespace WiseHub.Client.Hubs.Url;

/// <summary>
/// The files of an archive by its URL. The commit is the sha256 of the archive. The digests of its files are known once they are
/// unpacked.
/// </summary>
/// <param name="definition">The definition of <see cref="UrlArchiveProtocol"/>.</param>
/// <param name="content">Downloads the contents of URLs.</param>
/// <param name="store">The cache.</param>
internal sealed class UrlArchiveHub(HubDefinition definition, UrlContent content, SnapshotStore store) : IHub
{
    public HubDefinition Definition { get; } = definition;

    public void Check(RepoReference reference) => UrlContent.Check(reference, UrlReference.ArchiveHub);

    public async Task<IHubCommit> ResolveAsync(RepoReference reference, IHubRun run, CancellationToken cancel) =>
        Open(reference, (await content.ResolveAsync(reference, run, cancel).ConfigureAwait(false)).Commit, run);

    public IHubCommit Open(RepoReference reference, string commit, IHubRun run) =>
        new Commit(content, store, reference, commit, run);

    public Uri? PageUrl(RepoReference reference) => null;

    public Uri FileUrl(RepoReference reference, string path) => new(reference.RepoId);

    private sealed class Commit(
        UrlContent content, SnapshotStore store, RepoReference reference, string commit, IHubRun run) : IHubCommit
    {
        public string Id => commit;

        public async Task<IReadOnlyList<TreeEntry>> ListAsync(CancellationToken cancel)
        {
            if (content.Seen(reference, commit) is null)
                await content.RecallAsync(reference, commit, run, cancel).ConfigureAwait(false);
            return [.. (await OpenAsync(cancel).ConfigureAwait(false)).Entries
                .Select(e => new TreeEntry(e.Path, e.Size, null, null))];
        }

        public Task<IReadOnlyList<TreeEntry>> DescribeAsync(
            IReadOnlyList<TreeEntry> tree, IReadOnlyList<TreeEntry> wanted, CancellationToken cancel) => Task.FromResult(wanted);

        public IReadOnlyList<BlobSource> Locate(TreeEntry file) =>
            [new BlobSource(UrlReference.ArchiveHub, token => LocateAsync(file, token))];

        public void Dispose()
        {
            // The run closes its archives.
        }

        private async Task<BlobLocation> LocateAsync(TreeEntry file, CancellationToken cancel)
        {
            ArchiveFile archive = await OpenAsync(cancel).ConfigureAwait(false);
            ArchiveEntry entry = archive.Find(file.Path) ?? throw UrlMessages.NotInArchive(reference, commit, file.Path);
            return new BlobLocation
            {
                Hub = UrlReference.ArchiveHub,
                Inside = $"'{file.Path}' of {archive.What}",
                Open = _ => Task.FromResult(archive.OpenEntry(entry)),
                WasFetched = true
            };
        }

        // The archive is named by its digest, so that a locked build unpacks only the archive that the lock file names.
        private Task<ArchiveFile> OpenAsync(CancellationToken cancel) =>
            run.Archives.OpenAsync($"{UrlReference.ArchiveHub} {commit}", Urls.Show(new Uri(reference.RepoId)),
                new ArchiveRules(), async token =>
                {
                    var digest = Digest.Parse(commit);
                    if (run.IsPresent(digest))
                        return store.Blobs.PathOf(digest);
                    var archive = new WantedBlob($"{reference} (archive)", content.Seen(reference, commit)?.Size, digest, null,
                        [new BlobSource(UrlReference.ArchiveHub, _ => Task.FromResult(content.At(reference)))]);
                    return (await run.FetchAsync(archive, token).ConfigureAwait(false)).Path;
                }, cancel);
    }
}
