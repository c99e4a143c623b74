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
            throw new HubException(WiseCodes.ConfigNotSupported,
                $"The hub '{Definition.Name}' is a store, which has no dataset configurations. Remove Config.")
            { Reference = reference };
    }

    public async Task<IHubCommit> ResolveAsync(RepoReference reference, IHubRun run, CancellationToken cancel) =>
        Open(reference, await CommitOfAsync(reference, cancel).ConfigureAwait(false), run);

    public IHubCommit Open(RepoReference reference, string commit, IHubRun run) =>
        new StoreCommitReader(this, reference, commit);

    // A store that people push to calls its default branch 'main', which no revision says; what is mirrored has it as HEAD.
    public IReadOnlyList<RepoReference> NamesInMirror(RepoReference reference) =>
        reference.Config is not null ? [reference with { Config = null, Revision = RefNames.Of(reference) }]
            : reference.Revision is not null ? [reference]
            : [reference with { Revision = RefNames.DefaultBranch }, reference];

    /// <summary>The commit that the revision of a reference names now.</summary>
    public async Task<string> CommitOfAsync(RepoReference reference, CancellationToken cancel)
    {
        // First of all: what a newer version wrote may mean something else.
        await RequireStoreAsync(cancel).ConfigureAwait(false);
        string repo = RepoStore.RelativePath(reference.RepoType, reference.RepoId);
        string revision = reference.Revision ?? DefaultBranch;
        if (CommitId.IsCommit(revision)
            && await ReadAsync($"{repo}/trees/{revision}.json", MaxTreeBytes, cancel).ConfigureAwait(false) is not null)
            return revision;
        byte[]? content = await ReadAsync($"{repo}/refs/{revision}", MaxSmallBytes, cancel).ConfigureAwait(false);
        if (content is null)
            throw MissingError(reference, revision);
        string commit = Encoding.UTF8.GetString(content).Trim();
        if (HubResponse.IsPage(content))
            throw IsPage($"{repo}/refs/{revision}", "a commit");
        return CommitId.IsCommit(commit) ? commit
            : throw new HubException(WiseCodes.DamagedStore,
                $"{Show($"{repo}/refs/{revision}")} does not hold a commit. Push to '{Definition.Name}' again.");
    }

    /// <exception cref="HubException">WISE3005, or what the server says.</exception>
    public async Task RequireStoreAsync(CancellationToken cancel) =>
        StoreMarker.Parse(await ReadAsync(RepoStore.MarkerName, MaxSmallBytes, cancel).ConfigureAwait(false) ?? throw NotAStore(),
            Show(RepoStore.MarkerName));

    /// <summary>Reads the file list of a commit.</summary>
    public async Task<IReadOnlyList<TreeEntry>> ListAsync(RepoReference reference, string commit, CancellationToken cancel)
    {
        string path = $"{RepoStore.RelativePath(reference.RepoType, reference.RepoId)}/trees/{commit}.json";
        byte[] bytes = await ReadAsync(path, MaxTreeBytes, cancel).ConfigureAwait(false)
            ?? throw new HubException(WiseCodes.RevisionNotFound,
                $"{reference} on '{Definition.Name}': there is no commit {commit} ({Show(path)} is missing). "
                + "Run WiseUpdate (wisehub update), or push that commit to the hub.");
        TreeFile tree = TreeFile.Parse(bytes, Show(path));
        TreeFile.CheckIdentity(bytes, tree, commit, Show(path));
        // A commit of another hub keeps its name and is named inside: what was never fetched of it may have no digest.
        return tree.Files.FirstOrDefault(f => tree.Commit is null && (f.Size is null || f.Sha256 is null)) is TreeEntry unknown
            ? throw new HubException(WiseCodes.DamagedStore,
                $"{Show(path)} states no size or sha256 of '{unknown.Path}'. Push to '{Definition.Name}' again.")
            : tree.Files;
    }

    /// <summary>The place of a content. No request.</summary>
    public BlobLocation Locate(Digest digest)
    {
        string path = BlobStore.RelativePath(digest);
        return Folder is not null ? new BlobLocation { Hub = Definition.Name, LocalPath = Blobs().PathOf(digest) }
            : Bucket?.Locate(path) ?? new BlobLocation
            {
                Hub = Definition.Name,
                Uri = At(path),
                Credential = connection.Credential,
                ReadError = ReadErrorAsync
            };
    }

    public Uri? FileUrl(RepoReference reference, string path) => null;

    public IPushTarget OpenPush(PushRequest request)
    {
        if (Folder is null && Bucket is null)
        {
            throw new HubException(WiseCodes.CannotBePushedTo, $"The hub '{Definition.Name}' is a static web server, "
                + "which only gives files. Push to the folder or the bucket behind it: a hub with \"protocol\": "
                + "\"store\" and a \"path\", or with \"protocol\": \"s3\".");
        }
        if (request.CreatePullRequest)
            throw new HubException(WiseCodes.InvalidPush,
                $"The hub '{Definition.Name}' is a store, which has no pull requests. Push to a branch of another name.");
        return new StorePush(this, OpenStore(request), request, time);
    }

    public IRepoAdmin Admin => new StoreAdmin(this, log, time);

    /// <summary>Refuses a name that the disk would put in the place of another one.</summary>
    /// <exception cref="HubException">WISE3071.</exception>
    public void RequireOwnPlace(RepoType type, string repoId, string revision)
    {
        if (Folder is null || repoId.Length == 0 || new RepoStore(Folder).FindOther(type, repoId, revision) is not string other)
            return;
        throw new HubException(WiseCodes.NamesDifferByCase,
            $"{repoId}: the hub '{Definition.Name}' ({Folder}) has '{other}' already, and its disk takes "
            + $"'{RepoStore.RelativePath(type, repoId)}{(revision.Length > 0 ? "/refs/" + revision : "")}' for the same. "
            + "Nothing was written. Use the name that is there, or choose one that differs by more than upper and lower case.");
    }

    /// <summary>What writes to the folder or the bucket.</summary>
    public IStoreTarget OpenStore(PushRequest place) =>
        Bucket is not null ? new BucketPush(Bucket, place, log) : new FolderPush(this, place, log, time);

    public BlobStore? LocalContents() => Folder is null ? null : Blobs();

    /// <summary>The blobs of a folder hub, where its marker says they are.</summary>
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
                throw IoFailures.ToHubException(e, $"The hub '{Definition.Name}' cannot be read at {path}");
            }
        }
        if (Bucket is not null)
            return (await Bucket.GetAsync(relative, limit, cancel).ConfigureAwait(false))?.Content;
        Uri uri = At(relative);
        using HubResponse response = await connection
            .SendAsync(new HubRequest(uri) { IsImmutable = RepoStore.IsImmutable(relative) },
            connection.Credential, limit, cancel).ConfigureAwait(false);
        // Web servers lead from the name of a folder to its list, or refuse that.
        if (response.Uri.AbsolutePath.EndsWith('/') && relative.Contains("/refs/", StringComparison.Ordinal))
            throw IsFolder(relative, "");
        if (response.Status == HttpStatusCode.NotFound)
            return null;
        if (response.IsSuccess && !relative.Contains("/refs/", StringComparison.Ordinal) && HubResponse.IsPage(response.Body))
            throw IsPage(relative, "JSON");
        return response.IsSuccess ? response.Body : throw await ReadErrorAsync(response, cancel).ConfigureAwait(false);
    }

    private HubException MissingError(RepoReference reference, string revision)
    {
        string repo = RepoStore.RelativePath(reference.RepoType, reference.RepoId);
        if (Folder is not null
            && (!Directory.Exists(Path.Combine(Folder, repo)) || ExactNames.OfSystem.FindOther(Folder, repo) is not null))
        {
            string owner = Path.Combine(Folder, reference.RepoType.ToPlural());
            string known = !Directory.Exists(owner) ? "no repo of that type"
                : string.Join(", ", Directory.GetDirectories(owner).SelectMany(Directory.GetDirectories).Take(10).Select(
                    d => Path.GetRelativePath(owner, d).Replace('\\', '/').Replace('@', '/')).Order(StringComparer.Ordinal));
            return new HubException(WiseCodes.RepoNotFound, $"{reference}: the hub '{Definition.Name}' ({Folder}) has no such "
                + $"repo; it has {known}. Check the name and RepoType.");
        }
        if (Folder is not null && Path.Combine(Folder, repo, "refs", revision.Replace('/', Path.DirectorySeparatorChar))
            is string folder && Directory.Exists(folder))
        {
            IEnumerable<string> below = Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories)
                .Select(f => $"'{revision}/{Path.GetRelativePath(folder, f).Replace('\\', '/')}'");
            return IsFolder($"{repo}/refs/{revision}", $": {string.Join(", ", below.Order(StringComparer.Ordinal).Take(10))}");
        }
        return new HubException(WiseCodes.RevisionNotFound,
            $"{reference}: the hub '{Definition.Name}' has no revision '{revision}' of it ({Show($"{repo}/refs/{revision}")} is "
            + "missing). Check name and revision, or push them.");
    }

    private async Task<HubException> ReadErrorAsync(HubResponse response, CancellationToken cancel)
    {
        string said = await response.ErrorDetailAsync(cancel).ConfigureAwait(false);
        string where = $"The hub '{Definition.Name}' answered {(int)response.Status} at "
            + $"{Urls.Show(response.Uri)}{(said.Length > 0 ? $" (\"{said}\")" : "")}";
        return response.Status switch
        {
            HttpStatusCode.Unauthorized when connection.Credential is null =>
                new HubException(WiseCodes.TokenNeeded, $"{where}. {connection.TokenRemedy}"),
            HttpStatusCode.Unauthorized =>
                new HubException(WiseCodes.TokenRefused,
                    $"{where}: it refused {connection.TokenInUse}. Renew it. {connection.TokenRemedy}"),
            HttpStatusCode.Forbidden => new HubException(WiseCodes.Forbidden,
                $"{where}. Check the rights of {connection.TokenInUse}, and those of the files on the server."),
            HttpStatusCode.NotFound =>
                new HubException(WiseCodes.FileNotFound, $"{where}: a blob that the hub lists is missing. Push it again."),
            _ => new HubException(WiseCodes.UnexpectedAnswer, $"{where}. Check the endpoint of the hub."),
        };
    }

    private HubException IsFolder(string relative, string below) => new(WiseCodes.RevisionNotFound,
        $"The hub '{Definition.Name}' has a folder at {Show(relative)}, and no revision of that name. "
        + $"Name a revision below it{below}.");

    private HubException IsPage(string relative, string wanted) => new(WiseCodes.UnexpectedAnswer,
        $"The hub '{Definition.Name}' gives a web page at {Show(relative)}, and not {wanted}. It is a login page, "
        + "the page of a proxy, or the server's list of a folder: check the endpoint of the hub, the name of the revision, "
        + $"and {(connection.Credential is null ? "whether a token is needed" : connection.TokenInUse)}.");

    private HubException NotAStore() => new(WiseCodes.NotAStore,
        $"The hub '{Definition.Name}' is not a store: {Show(RepoStore.MarkerName)} is missing. Check its "
        + $"{(Bucket is null ? "path or endpoint" : "bucket and prefix")}; a first push makes a "
        + $"{(Bucket is null ? "folder" : "bucket")} a store.");

    private Uri At(string relative) => Bucket is not null ? Bucket.PublicUrl(relative)
        : new($"{Definition.Endpoint!.AbsoluteUri.TrimEnd('/')}/"
            + $"{string.Join('/', relative.Split('/').Select(Uri.EscapeDataString))}");

    private string Show(string relative) => Folder is not null ? Path.Combine(Folder, relative) : Urls.Show(At(relative));
}
