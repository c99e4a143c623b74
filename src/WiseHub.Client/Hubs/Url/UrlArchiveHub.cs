using WiseHub.Client.Archives;
using WiseHub.Client.Store;
using WiseHub.Client.Transfer;

namespace WiseHub.Client.Hubs.Url;

/// <summary>
/// The files of an archive by its address. The commit is the sha256 of the archive; the digests of its files show when
/// they are unpacked.
/// </summary>
/// <param name="definition">That of <see cref="UrlArchiveProtocol"/>.</param>
/// <param name="content">What URLs give.</param>
/// <param name="store">Where archives are.</param>
/// <param name="shelf">The archives that are open.</param>
/// <param name="fetch">Brings an archive.</param>
internal sealed class UrlArchiveHub(
    HubDefinition definition, UrlContent content, SnapshotStore store, OpenArchives shelf, FetchContent fetch) : IHub
{
    public HubDefinition Definition { get; } = definition;

    public void Check(RepoReference reference) => UrlContent.Check(reference, UrlReference.ArchiveHub);

    public async Task<string> ResolveAsync(RepoReference reference, CancellationToken cancel) =>
        (await content.ResolveAsync(reference, cancel).ConfigureAwait(false)).Commit;

    public async Task<IReadOnlyList<TreeEntry>> ListAsync(RepoReference reference, string commit, CancellationToken cancel)
    {
        if (content.Seen(reference, commit) is null)
            await content.RecallAsync(reference, commit, cancel).ConfigureAwait(false);
        return [.. (await OpenAsync(reference, commit, cancel).ConfigureAwait(false)).Entries
            .Select(e => new TreeEntry(e.Path, e.Size, null, null))];
    }

    public async Task<BlobLocation> LocateAsync(RepoReference reference, string commit, TreeEntry file, CancellationToken cancel)
    {
        ArchiveFile archive = await OpenAsync(reference, commit, cancel).ConfigureAwait(false);
        ArchiveEntry entry = archive.Find(file.Path) ?? throw new HubException(WiseCodes.FileNotFound,
            $"{reference}: the archive {commit} has no file '{file.Path}'. Run WiseUpdate (wisehub update).");
        return new BlobLocation
        {
            Hub = UrlReference.ArchiveHub,
            Inside = $"'{file.Path}' of {archive.What}",
            Open = _ => Task.FromResult(archive.OpenEntry(entry)),
            WasFetched = true
        };
    }

    public Uri FileUrl(RepoReference reference, string path) => new(reference.RepoId);

    // Named by its digest, so that a locked build, too, unpacks only the archive that it means.
    private Task<ArchiveFile> OpenAsync(RepoReference reference, string commit, CancellationToken cancel) =>
        shelf.OpenAsync($"{UrlReference.ArchiveHub} {commit}", Urls.Show(new Uri(reference.RepoId)),
            new ArchiveRules(), async token =>
            {
                var digest = Digest.Parse(commit);
                var archive = new WantedBlob($"{reference} (archive)", content.Seen(reference, commit)?.Size, digest, null,
                    [new BlobSource(UrlReference.ArchiveHub, _ => Task.FromResult(content.At(reference)))]);
                return content.HasFetched(digest) ? store.Blobs.PathOf(digest)
                    : (await fetch(archive, token).ConfigureAwait(false)).Path;
            }, cancel);
}
