using System.Net;
using System.Text;
using WiseHub.Client.Contents;
using WiseHub.Client.Credentials;
using WiseHub.Client.Http;
using WiseHub.Client.Hubs.Git;
using WiseHub.Client.Transfer;

namespace WiseHub.Client.Hubs.Wisemodel;

/// <summary>
/// A commit of a repo, read by the Wisemodel protocol (docs/protocols/wisemodel.md). The file list comes from GitLab's API, the
/// contents from a proxy, from that API, or from the LFS server.
/// </summary>
internal sealed class WisemodelCommitReader(HubDefinition definition, GitLabApi gitlab, HubConnection connection, IHubLog log,
    TimeProvider time, RepoReference reference, string commit) : IHubCommit
{
    // The same number as parallel downloads.
    private const int MostPointersAtOnce = 8;

    // For files that no .gitattributes mentions: the endings that the hub's default .gitattributes and that of Hugging Face put
    // into LFS. A wrong guess costs one small request.
    private static readonly HashSet<string> LfsEndings = new(StringComparer.OrdinalIgnoreCase)
    {
        ".7z", ".arrow", ".bin", ".bz2", ".ckpt", ".ftz", ".gguf", ".gz", ".h5", ".joblib", ".mlmodel", ".model", ".msgpack",
        ".npy", ".npz", ".onnx", ".ot", ".parquet", ".pb", ".pickle", ".pkl", ".pt", ".pth", ".rar", ".safetensors", ".tar",
        ".tflite", ".tgz", ".wasm", ".xz", ".zip", ".zst",
    };

    private readonly RepoReference _reference = reference with { Revision = commit };
    private readonly Lock _gate = new();
    private readonly SharedRequest<bool> _isPublic =
        new(async token => (await gitlab.ProjectAsync(reference, token).ConfigureAwait(false)).IsPublic);
    private LfsLocator? _lfs;

    // The pointers read so far, largest first. One request to the LFS server names all of them.
    private LfsPointer[] _pointers = [];

    // GitLab's raw API gave a pointer, so it is not tried for the other LFS files.
    private volatile bool _givesPointers;

    public string Id => commit;

    public Task<IReadOnlyList<TreeEntry>> ListAsync(CancellationToken cancel) =>
        gitlab.TreeAsync(_reference, commit, path => log.Info(WisemodelMessages.SubmoduleSkipped(reference, path)), cancel);

    // GitLab's list has neither sizes nor LFS digests. An LFS pointer, which git stores as a blob, has both.
    public async Task<IReadOnlyList<TreeEntry>> DescribeAsync(
        IReadOnlyList<TreeEntry> tree, IReadOnlyList<TreeEntry> wanted, CancellationToken cancel)
    {
        GitAttributes attributes = await AttributesAsync(tree, wanted, cancel).ConfigureAwait(false);
        TreeEntry[] described = [.. wanted];
        await Parallel.ForAsync(0, described.Length,
            new ParallelOptions { MaxDegreeOfParallelism = MostPointersAtOnce, CancellationToken = cancel },
            async (index, token) =>
            {
                TreeEntry file = described[index];
                if (file is { Sha256: null, Oid: string oid }
                    && (attributes.IsLfs(file.Path) ?? LfsEndings.Contains(Path.GetExtension(file.Path))))
                    described[index] = await DescribeAsync(file, oid, token).ConfigureAwait(false);
            }).ConfigureAwait(false);
        _pointers = [.. described.Select(PointerOf).OfType<LfsPointer>().OrderByDescending(p => p.Size)];
        return described;
    }

    public IReadOnlyList<BlobSource> Locate(TreeEntry file)
    {
        var raw = new BlobSource(definition.Name, token => LocateRawAsync(file, token));
        return PointerOf(file) is LfsPointer pointer
            && connection.Find(definition.Services().Git, SecretKind.Token) is Secret token
            ? [raw, new BlobSource(definition.Name, cancel => LocateLfsAsync(file, pointer, token, cancel)) { IsFallback = true }]
            : [raw];
    }

    public void Dispose() => _lfs?.Dispose();

    // The proxy serves the contents of public repos and accepts no token. GitLab's own API is slower, but also serves private
    // repos.
    private async Task<BlobLocation> LocateRawAsync(TreeEntry file, CancellationToken cancel)
    {
        bool byProxy = gitlab.Credential is null || await _isPublic.SendAsync(cancel).ConfigureAwait(false);
        // A lock file does not state whether a file is in LFS. Only a pointer shows it.
        if (!byProxy && _givesPointers && PointerOf(file) is LfsPointer pointer && _pointers.Contains(pointer)
            && connection.Find(definition.Services().Git, SecretKind.Token) is Secret token)
            return await LocateLfsAsync(file, pointer, token, cancel).ConfigureAwait(false);
        return At(file, byProxy ? gitlab.ProxyUri(reference, commit, file.Path) : gitlab.RawUri(reference, commit, file.Path),
            byProxy ? null : gitlab.Credential);
    }

    /// <summary>
    /// Asks the LFS server of the project, at the URL that git-lfs derives from the git URL (docs/protocols/wisemodel.md#git),
    /// with the git token. Older versions of GitLab serve LFS contents only this way.
    /// </summary>
    private async Task<BlobLocation> LocateLfsAsync(TreeEntry file, LfsPointer pointer, Secret token, CancellationToken cancel)
    {
        (Uri uri, Credential? credential) = await Lfs(token).LocateAsync(pointer, file.Path, cancel).ConfigureAwait(false);
        return At(file, uri, credential);
    }

    private BlobLocation At(TreeEntry file, Uri uri, Credential? credential) => new()
    {
        Hub = definition.Name,
        Uri = uri,
        Credential = credential,
        ReadError = (response, token) => gitlab.ReadErrorAsync(_reference, file.Path, response, token),
        Validate = response => Validate(file, response),
    };

    private async Task<GitAttributes> AttributesAsync(
        IReadOnlyList<TreeEntry> tree, IReadOnlyList<TreeEntry> wanted, CancellationToken cancel)
    {
        var attributes = new GitAttributes();
        var files = tree.Where(f => f.Oid is not null
            && (f.Path == GitAttributes.FileName || f.Path.EndsWith("/" + GitAttributes.FileName, StringComparison.Ordinal)))
            .Where(f => wanted.Any(w => w.Sha256 is null
                && w.Path.StartsWith(f.Path[..^GitAttributes.FileName.Length], StringComparison.Ordinal)))
            .OrderBy(f => f.Path.Count(c => c == '/'));
        foreach (TreeEntry file in files)
            attributes.Add(file.Path, Encoding.UTF8.GetString(await gitlab.BlobAsync(_reference, file.Oid!,
                GitAttributes.MaxBytes, cancel).ConfigureAwait(false)));
        return attributes;
    }

    private async Task<TreeEntry> DescribeAsync(TreeEntry file, string oid, CancellationToken cancel)
    {
        byte[] blob = await gitlab.BlobAsync(_reference, oid, LfsPointer.MaxBytes, cancel).ConfigureAwait(false);
        if (LfsPointer.Parse(blob) is not LfsPointer pointer)
            return file;
        string given = ContentHash.GitOidOf(blob);
        // The oid of the entry is that of the pointer, not of the content.
        return given == oid ? file with { Size = pointer.Size, Sha256 = pointer.Sha256, Oid = null }
            : throw WisemodelMessages.PointerDiffers(_reference, definition.Name, file.Path, given, oid);
    }

    private static LfsPointer? PointerOf(TreeEntry file) =>
        file is { Oid: null, Sha256: Digest sha256, Size: long size } ? new LfsPointer(sha256, size) : null;

    private LfsLocator Lfs(Secret token)
    {
        lock (_gate)
        {
            if (_lfs is not null)
                return _lfs;
            Uri git = definition.Services().Git;
            // GitLab accepts any user name with a token; its documentation uses this one.
            var server = new LfsServer(
                new Uri($"{git.AbsoluteUri.TrimEnd('/')}/{Urls.EscapePath(GitLabApi.Project(reference))}.git/info/lfs"),
                Credential.Basic(git, token.User ?? "oauth2", token.Value));
            return _lfs = new LfsLocator($"{reference} on '{definition.Name}'", connection, time, _ => Task.FromResult(server),
                (response, cancel) => gitlab.ReadErrorAsync(reference, null, response, cancel), _pointers);
        }
    }

    private HubException? Validate(TreeEntry file, HubResponse response)
    {
        // GitLab never serves a content as a web page: an HTML file comes as text/plain.
        if (response.ContentHeaders.ContentType?.MediaType is "text/html" or "application/xhtml+xml")
            return WisemodelMessages.PageInsteadOfFile(
                reference, definition.Name, response.Uri, file.Path, gitlab.IfPrivate());
        // Without this check, the error would only be a wrong size.
        if (PointerOf(file) is not LfsPointer pointer || response.Status != HttpStatusCode.OK
            || response.ContentHeaders.ContentLength is not long length || length == pointer.Size || length != pointer.Length)
            return null;
        _givesPointers = true;
        return pointer.Instead(WisemodelMessages.PointerInsteadOfContent(reference, file.Path, response.Uri));
    }
}
