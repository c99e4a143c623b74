using System.Net;
using System.Text;
using WiseHub.Client.Files;
using WiseHub.Client.Http;
using WiseHub.Client.Hubs.S3;
using WiseHub.Client.Store;
using WiseHub.Client.Transfer;

namespace WiseHub.Client.Hubs.Store;

/// <summary>
/// A published store: a folder, the same files on a web server that only answers GET, or in a bucket (docs/store-layout.md).
/// </summary>
internal sealed class StoreHub(HubDefinition definition, HubConnection connection, IHubLog log, TimeProvider time,
    Bucket? bucket = null)
    : IPushHub, IAdministeredHub, IContentStore
{
    private const string DefaultBranch = "main";
    private const int MaxTreeBytes = 1 << 30;
    private const int MaxSmallBytes = 4096;

    public HubDefinition Definition { get; } = definition;

    /// <summary>The folder, when this hub is one.</summary>
    public string? Folder => Definition.Path;

    /// <summary>The bucket, when this hub is one.</summary>
    public Bucket? Bucket { get; } = bucket;

    public void Check(RepoReference reference)
    {
        if (reference.Config is not null)
            throw StoreHubMessages.NoConfigurations(reference, Definition.Name);
    }

    public async Task<IHubCommit> ResolveAsync(RepoReference reference, IHubRun run, CancellationToken cancel) =>
        Open(reference, await CommitOfAsync(reference, cancel).ConfigureAwait(false), run);

    public IHubCommit Open(RepoReference reference, string commit, IHubRun run) =>
        new StoreCommitReader(this, reference, commit);

    // No revision means the default branch: 'main' for pushed repos, HEAD for mirrored ones.
    public IReadOnlyList<RepoReference> NamesInMirror(RepoReference reference) =>
        reference.Config is not null ? [reference with { Config = null, Revision = RefNames.Of(reference) }]
            : reference.Revision is not null ? [reference]
            : [reference with { Revision = RefNames.DefaultBranch }, reference];

    /// <summary>The commit that the revision of a reference names now.</summary>
    public async Task<string> CommitOfAsync(RepoReference reference, CancellationToken cancel)
    {
        // Before anything else is read, because a newer version may have changed what the files mean.
        await RequireStoreAsync(cancel).ConfigureAwait(false);
        string repo = RepoStore.RelativePath(reference.RepoType, reference.RepoId);
        string revision = reference.Revision ?? DefaultBranch;
        if (CommitId.IsCommit(revision)
            && await ReadAsync($"{repo}/trees/{revision}.json", MaxTreeBytes, cancel).ConfigureAwait(false) is not null)
            return revision;
        byte[]? content = await ReadAsync($"{repo}/refs/{revision}", MaxSmallBytes, cancel).ConfigureAwait(false);
        if (content is null)
            throw Missing(reference, revision);
        string commit = Encoding.UTF8.GetString(content).Trim();
        if (HubResponse.IsPage(content))
            throw PageInsteadOfFile($"{repo}/refs/{revision}", StoreHubMessages.Commit);
        return CommitId.IsCommit(commit) ? commit
            : throw StoreHubMessages.RefNotACommit(Definition.Name, Show($"{repo}/refs/{revision}"));
    }

    /// <exception cref="HubException">WISE3005, or the code of an error response.</exception>
    public async Task RequireStoreAsync(CancellationToken cancel) =>
        StoreMarker.Parse(await ReadAsync(RepoStore.MarkerName, MaxSmallBytes, cancel).ConfigureAwait(false) ?? throw NotAStore(),
            Show(RepoStore.MarkerName));

    /// <summary>Reads the file list of a commit.</summary>
    public async Task<IReadOnlyList<TreeEntry>> ListAsync(RepoReference reference, string commit, CancellationToken cancel)
    {
        string path = $"{RepoStore.RelativePath(reference.RepoType, reference.RepoId)}/trees/{commit}.json";
        byte[] bytes = await ReadAsync(path, MaxTreeBytes, cancel).ConfigureAwait(false)
            ?? throw StoreHubMessages.CommitNotFound(reference, Definition.Name, commit, Show(path));
        TreeFile tree = TreeFile.Parse(bytes, Show(path));
        TreeFile.CheckIdentity(bytes, tree, commit, Show(path));
        // A mirrored commit is named inside the list; its files that were never downloaded may have no digest.
        return tree.Files.FirstOrDefault(f => tree.Commit is null && (f.Size is null || f.Sha256 is null)) is TreeEntry unknown
            ? throw StoreHubMessages.FileWithoutDigest(Definition.Name, Show(path), unknown.Path)
            : tree.Files;
    }

    /// <summary>The location of a content. Sends no request.</summary>
    /// <param name="digest">The content.</param>
    /// <param name="local">The result of <see cref="LocalContents"/>, which reads the marker of a folder.</param>
    public BlobLocation Locate(Digest digest, BlobStore? local)
    {
        string path = BlobStore.RelativePath(digest);
        return local is not null ? new BlobLocation { Hub = Definition.Name, LocalPath = local.PathOf(digest) }
            : Bucket?.Locate(path) ?? new BlobLocation
            {
                Hub = Definition.Name,
                Uri = At(path),
                Credential = connection.Credential,
                ReadError = ReadErrorAsync
            };
    }

    public Uri? PageUrl(RepoReference reference) => null;

    public Uri? FileUrl(RepoReference reference, string path) => null;

    public IPushTarget OpenPush(PushRequest request)
    {
        if (Folder is null && Bucket is null)
            throw StoreHubMessages.CannotBePushedTo(Definition.Name);
        if (request.CreatePullRequest)
            throw StoreHubMessages.NoPullRequests(Definition.Name);
        return new StorePush(this, OpenStore(request), request, time);
    }

    public IRepoAdmin Admin => new StoreAdmin(this, log, time);

    /// <summary>Refuses a name that differs from an existing one only by case, if the disk does not distinguish them.</summary>
    /// <exception cref="HubException">WISE3071.</exception>
    public void RequireOwnPlace(RepoType type, string repoId, string revision)
    {
        if (Folder is null || repoId.Length == 0 || new RepoStore(Folder).FindOther(type, repoId, revision) is not string other)
            return;
        throw StoreHubMessages.NamesDifferByCase(repoId, Definition, other,
            RepoStore.RelativePath(type, repoId) + (revision.Length > 0 ? "/refs/" + revision : ""));
    }

    /// <summary>Opens the folder or the bucket for writing.</summary>
    public IStoreTarget OpenStore(PushRequest place) =>
        Bucket is not null ? new BucketPush(Bucket, place, log) : new FolderPush(this, place, log, time);

    public BlobStore? LocalContents() => Folder is null ? null : Blobs();

    /// <summary>The blobs of a folder hub, in the folder that its marker names.</summary>
    /// <exception cref="HubException">WISE3005.</exception>
    public BlobStore Blobs()
    {
        string marker = Path.Combine(Folder!, RepoStore.MarkerName);
        if (!File.Exists(marker))
            throw NotAStore();
        string blobs = StoreMarker.Parse(ContendedFiles.OfSystem.Read(marker), marker) ?? "blobs";
        return new BlobStore(Path.GetFullPath(blobs, Folder!));
    }

    private async Task<byte[]?> ReadAsync(string relative, int limit, CancellationToken cancel)
    {
        if (Folder is not null)
        {
            string path = Path.Combine(Folder, relative.Replace('/', Path.DirectorySeparatorChar));
            try
            {
                if (ExactNames.OfSystem.FindOther(Folder, relative) is not null)
                    return null;
                return File.Exists(path) ? ContendedFiles.OfSystem.Read(path) : null;
            }
            catch (Exception e) when (IoFailures.IsFileSystem(e))
            {
                throw IoFailures.ToHubException(e, StoreHubMessages.Unreadable(Definition.Name, path));
            }
        }
        if (Bucket is not null)
            return (await Bucket.GetAsync(relative, limit, cancel).ConfigureAwait(false))?.Content;
        Uri uri = At(relative);
        using HubResponse response = await connection
            .SendAsync(new HubRequest(uri) { IsImmutable = RepoStore.IsImmutable(relative) },
            connection.Credential, limit, cancel).ConfigureAwait(false);
        // Web servers redirect the name of a folder to its list, or refuse it.
        if (response.Uri.AbsolutePath.EndsWith('/') && relative.Contains("/refs/", StringComparison.Ordinal))
            throw StoreHubMessages.FolderInsteadOfRevision(Definition.Name, Show(relative), []);
        if (response.Status == HttpStatusCode.NotFound)
            return null;
        if (response.IsSuccess && !relative.Contains("/refs/", StringComparison.Ordinal) && HubResponse.IsPage(response.Body))
            throw PageInsteadOfFile(relative, StoreHubMessages.Json);
        return response.IsSuccess ? response.Body : throw await ReadErrorAsync(response, cancel).ConfigureAwait(false);
    }

    private HubException Missing(RepoReference reference, string revision)
    {
        string repo = RepoStore.RelativePath(reference.RepoType, reference.RepoId);
        if (Folder is not null
            && (!Directory.Exists(Path.Combine(Folder, repo)) || ExactNames.OfSystem.FindOther(Folder, repo) is not null))
        {
            string owner = Path.Combine(Folder, reference.RepoType.ToPlural());
            string[] known = !Directory.Exists(owner) ? []
                : [.. Directory.GetDirectories(owner).SelectMany(Directory.GetDirectories).Select(
                    d => Path.GetRelativePath(owner, d).Replace('\\', '/').Replace('@', '/')).Order(StringComparer.Ordinal)];
            return StoreHubMessages.RepoNotInFolder(reference, Definition.Name, Folder, known);
        }
        if (Folder is not null && Path.Combine(Folder, repo, "refs", revision.Replace('/', Path.DirectorySeparatorChar))
            is string folder && Directory.Exists(folder))
        {
            IEnumerable<string> below = Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories)
                .Select(f => $"'{revision}/{Path.GetRelativePath(folder, f).Replace('\\', '/')}'");
            return StoreHubMessages.FolderInsteadOfRevision(Definition.Name, Show($"{repo}/refs/{revision}"),
                [.. below.Order(StringComparer.Ordinal).Take(10)]);
        }
        string refs = Folder is null ? "" : Path.Combine(Folder, repo, "refs");
        string[] revisions = Folder is null || !Directory.Exists(refs) ? []
            : [.. Directory.EnumerateFiles(refs, "*", SearchOption.AllDirectories)
                .Select(f => Path.GetRelativePath(refs, f).Replace('\\', '/')).Order(StringComparer.Ordinal)];
        return StoreHubMessages.RevisionNotFound(
            reference, Definition.Name, revision, Show($"{repo}/refs/{revision}"), revisions);
    }

    private async Task<HubException> ReadErrorAsync(HubResponse response, CancellationToken cancel) =>
        StoreHubMessages.ErrorResponse(connection, Definition.Name, response.Uri, response.Status,
            await response.ErrorDetailAsync(cancel).ConfigureAwait(false));

    private HubException PageInsteadOfFile(string relative, string wanted) => StoreHubMessages.PageInsteadOfFile(
        Definition.Name, Show(relative), wanted, connection.Credential is null ? null : connection.TokenInUse);

    private HubException NotAStore() =>
        StoreHubMessages.NotAStore(Definition.Name, Show(RepoStore.MarkerName), Bucket is not null);

    private Uri At(string relative) => Bucket is not null ? Bucket.PublicUrl(relative)
        : new($"{Definition.Endpoint!.AbsoluteUri.TrimEnd('/')}/"
            + Urls.EscapePath(relative));

    private string Show(string relative) => Folder is not null ? Path.Combine(Folder, relative) : Urls.Show(At(relative));
}
