using System.Text;
using WiseHub.Client.Archives;
using WiseHub.Client.Files;
using WiseHub.Client.Http;
using WiseHub.Client.Store;
using WiseHub.Client.Transfer;

namespace WiseHub.Client.Hubs.Git;

/// <summary>
/// The archives that a git host makes of commits. Two records in the cache keep the form of their URLs on this host, and the blob
/// that is the archive of a commit.
/// </summary>
internal sealed class GitArchives(GitHost host, IHubContext context, IHubRun run)
{
    private readonly RepoStore _store = context.Store.ForHub(host.Definition);

    /// <summary>Opens the archive of a commit, from the URL that this kind of host has for it; null if there is none.</summary>
    public async Task<ArchiveFile?> TryOpenAsync(RepoReference reference, string commit, CancellationToken cancel)
    {
        string memory = Path.Combine(_store.Root, "archive-form"),
            record = Path.Combine(_store.RepoFolder(reference), "archives", commit);
        string? remembered = Remembered(memory);
        foreach (ArchiveForm form in ArchiveForm.Of(host.Definition, remembered))
        {
            Uri uri = form.Uri(host.Definition.Endpoint!, reference.RepoId, commit);
            try
            {
                (Digest sha256, string path) = await FetchAsync(reference, commit, form, uri, record,
                    cancel).ConfigureAwait(false);
                ArchiveFile archive = await run.Archives.OpenAsync($"{host.Definition.Name} {uri}", Urls.Show(uri),
                    new ArchiveRules { SkipLinks = true }, _ => Task.FromResult(path), cancel).ConfigureAwait(false);
                if (form.Name != remembered)
                    AtomicFile.Write(memory, Encoding.ASCII.GetBytes(form.Name));
                string line = BlobLine.Of(sha256, path);
                if (Remembered(record) != line)
                    AtomicFile.Write(record, Encoding.ASCII.GetBytes(line));
                return archive;
            }
            // The URL gives no archive, or something else. Nothing is lost, because git itself has every file of an archive.
            catch (HubException e) when (e.Code is WiseCodes.RepoNotFound or WiseCodes.RevisionNotFound
                or WiseCodes.ArchiveUnreadable or WiseCodes.UnexpectedAnswer or WiseCodes.RedirectRefused
                or WiseCodes.TokenNeeded or WiseCodes.TokenRefused or WiseCodes.Forbidden or WiseCodes.CollidingFileNames
                or WiseCodes.ArchiveTooLarge or WiseCodes.HubUnreachable or WiseCodes.RateLimited)
            {
                context.Log.Detail(GitMessages.ArchiveUnusable(reference, e));
            }
        }
        return null;
    }

    private async Task<(Digest Sha256, string Path)> FetchAsync(
        RepoReference reference, string commit, ArchiveForm form, Uri uri, string record, CancellationToken cancel)
    {
        // The archive of an earlier run, if it is still in the cache.
        BlobStore blobs = context.Store.Blobs;
        if (Remembered(record) is string line && BlobLine.Find(line, blobs, cancel) is Digest kept)
            return (kept, blobs.PathOf(kept));
        Credential? credential = form.IsGitLab && host.Credential is Credential own
            ? Credential.Header(own.Origin, "PRIVATE-TOKEN", own.Token) : host.Credential;
        var place = new BlobLocation
        {
            Hub = host.Definition.Name,
            Uri = uri,
            Credential = credential,
            ReadError = (response, token) => host.ReadErrorAsync(reference with { Revision = commit }, response, token),
        };
        context.Log.Info(GitMessages.FetchingArchive(reference, commit, host.Definition.Name));
        return await run.FetchAsync(new WantedBlob($"{reference} (archive)", null, null, null,
            [new BlobSource(host.Definition.Name, _ => Task.FromResult(place))]), cancel).ConfigureAwait(false);
    }

    private static string? Remembered(string path) =>
        File.Exists(path) ? Encoding.UTF8.GetString(ContendedFiles.OfSystem.Read(path)).Trim() : null;
}
