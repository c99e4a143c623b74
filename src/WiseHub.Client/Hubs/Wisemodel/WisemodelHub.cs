using System.Collections.Concurrent;
using System.Net;
using System.Text;
using WiseHub.Client.Contents;
using WiseHub.Client.Credentials;
using WiseHub.Client.Http;
using WiseHub.Client.Hubs.Git;
using WiseHub.Client.Transfer;

namespace WiseHub.Client.Hubs.Wisemodel;

/// <summary>
/// The Wisemodel protocol (docs/protocols/wisemodel.md; <see cref="WisemodelPush"/> writes): GitLab's API says what
/// a repo has, and a proxy gives the contents to everybody. Everything is asked for by commit, so that a push in the middle
/// cannot mix two of them.
/// </summary>
internal sealed class WisemodelHub(
    HubDefinition definition, HubConnection connection, IHubLog log, TimeProvider time, Func<GatewaySession> session) : IPushHub
{
    // As many as files are fetched at once.
    private const int MostPointersAtOnce = 8;

    // Where no .gitattributes says anything: what the hub's own and Hugging Face's first .gitattributes give to LFS. A file that
    // is none costs one small request.
    private static readonly HashSet<string> LfsEndings = new(StringComparer.OrdinalIgnoreCase)
    {
        ".7z", ".arrow", ".bin", ".bz2", ".ckpt", ".ftz", ".gguf", ".gz", ".h5", ".joblib", ".mlmodel", ".model", ".msgpack",
        ".npy", ".npz", ".onnx", ".ot", ".parquet", ".pb", ".pickle", ".pkl", ".pt", ".pth", ".rar", ".safetensors", ".tar",
        ".tflite", ".tgz", ".wasm", ".xz", ".zip", ".zst",
    };

    private readonly GitLabApi _gitlab = new(definition, connection);
    private readonly ConcurrentDictionary<string, Lazy<Task<bool>>> _public = new(StringComparer.Ordinal);

    // By project: what is asked of the LFS server together. (Of a locator nobody takes a wait handle, without which
    // it holds nothing.)
    private readonly ConcurrentDictionary<string, LfsLocator> _lfs = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, LfsPointer[]> _pointers = new(StringComparer.Ordinal);

    // GitLab's raw API gave a pointer: the other LFS files need not be tried there.
    private volatile bool _givesPointers;

    public HubDefinition Definition { get; } = definition;

    public void Check(RepoReference reference)
    {
        if (reference.RepoType == RepoType.Space)
            throw new HubException(WiseCodes.RepoTypeNotSupported,
                $"The hub '{Definition.Name}' has no repos of type space. Use model, dataset or code.")
            { Reference = reference };
        if (reference.Config is not null)
            throw new HubException(WiseCodes.ConfigNotSupported,
                $"The hub '{Definition.Name}' has no dataset configurations. Remove Config, or select files with AllowPatterns.")
            { Reference = reference };
        reference.RefuseSubgroups(Definition.Name);
        if (!reference.RepoId.Contains('/', StringComparison.Ordinal))
            throw new HubException(WiseCodes.MalformedRepoId,
                $"'{reference.RepoId}' is not a repo id of '{Definition.Name}': write owner/name.")
            { Reference = reference };
    }

    public async Task<string> ResolveAsync(RepoReference reference, CancellationToken cancel)
    {
        // A commit needs no request: its file list either exists or is answered with RevisionNotFound.
        if (reference.Revision is string known && CommitId.IsGitId(known))
            return known;
        GitLabProject? project = reference.Revision is null
            ? await _gitlab.ProjectAsync(reference, cancel).ConfigureAwait(false) : null;
        string revision = reference.Revision ?? project!.DefaultBranch
            ?? throw new HubException(WiseCodes.RevisionNotFound,
                $"{reference} on '{Definition.Name}' has no commit yet. Push files to it first.");
        (string commit, bool isMoved) = await _gitlab.CommitAsync(reference, revision, cancel).ConfigureAwait(false);
        if (isMoved)
            project ??= await _gitlab.ProjectAsync(reference, cancel).ConfigureAwait(false);
        if (project?.Path is string path && !path.Equals(GitLabApi.Project(reference), StringComparison.OrdinalIgnoreCase))
            log.Warning(WiseCodes.RepoRenamed, $"{reference} is now called {path} on '{Definition.Name}'. Change the reference: "
                + "the old name may go away or be taken by somebody else.", reference);
        return commit;
    }

    public Task<IReadOnlyList<TreeEntry>> ListAsync(RepoReference reference, string commit, CancellationToken cancel) =>
        _gitlab.TreeAsync(reference with { Revision = commit }, commit, path => log.Info($"{reference}: '{path}' is a submodule, "
            + "which is not fetched. Reference its repo, if it is needed."), cancel);

    // GitLab's list has neither sizes nor LFS digests. A pointer has both, and is read as git has it.
    public async Task<IReadOnlyList<TreeEntry>> DescribeAsync(
        RepoReference reference, IReadOnlyList<TreeEntry> tree, IReadOnlyList<TreeEntry> wanted, CancellationToken cancel)
    {
        GitAttributes attributes = await AttributesAsync(reference, tree, wanted, cancel).ConfigureAwait(false);
        TreeEntry[] described = [.. wanted];
        await Parallel.ForAsync(0, described.Length,
            new ParallelOptions { MaxDegreeOfParallelism = MostPointersAtOnce, CancellationToken = cancel },
            async (index, token) =>
            {
                TreeEntry file = described[index];
                if (file is { Sha256: null, Oid: string oid }
                    && (attributes.IsLfs(file.Path) ?? LfsEndings.Contains(Path.GetExtension(file.Path))))
                    described[index] = await DescribeAsync(reference, file, oid, token).ConfigureAwait(false);
            }).ConfigureAwait(false);
        _pointers[GitLabApi.Project(reference)] =
            [.. described.Select(PointerOf).OfType<LfsPointer>().OrderByDescending(p => p.Size)];
        return described;
    }

    // The proxy gives everybody the contents of public repos, and asks no token; GitLab's own API is slower, and
    // gives private ones.
    public async Task<BlobLocation> LocateAsync(RepoReference reference, string commit, TreeEntry file, CancellationToken cancel)
    {
        bool byProxy = _gitlab.Credential is null || await IsPublicAsync(reference, cancel).ConfigureAwait(false);
        // What a lock file says of a file does not say that it is in LFS.
        if (!byProxy && _givesPointers && PointerOf(file) is LfsPointer known
            && _pointers.GetValueOrDefault(GitLabApi.Project(reference))?.Contains(known) == true
            && OtherWay(reference, commit, file) is Func<CancellationToken, Task<BlobLocation>> byLfs)
            return await byLfs(cancel).ConfigureAwait(false);
        return new BlobLocation
        {
            Hub = Definition.Name,
            Uri = byProxy ? ProxyUri(reference, commit, file.Path) : _gitlab.RawUri(reference, commit, file.Path),
            Credential = byProxy ? null : _gitlab.Credential,
            Explain = (response, token) => _gitlab.ReadErrorAsync(reference with { Revision = commit }, file.Path, response,
                token),
            Validate = response => Validate(reference, file, response),
        };
    }

    /// <summary>
    /// The LFS server of the project, as git-lfs finds it below git's own address (docs/protocols/wisemodel.md#git). It wants the
    /// git token. Older versions of GitLab give LFS contents in no other way.
    /// </summary>
    public Func<CancellationToken, Task<BlobLocation>>? OtherWay(RepoReference reference, string commit, TreeEntry file)
    {
        if (PointerOf(file) is not LfsPointer pointer
            || connection.Find(Definition.Services().Git, SecretKind.Token) is not Secret token)
            return null;
        return async cancel =>
        {
            (Uri uri, Credential? credential) = await LfsOf(reference, token)
                .LocateAsync(pointer, file.Path, cancel).ConfigureAwait(false);
            return new BlobLocation
            {
                Hub = Definition.Name,
                Uri = uri,
                Credential = credential,
                Explain = (response, stop) => _gitlab.ReadErrorAsync(reference with { Revision = commit }, file.Path, response,
                    stop),
                Validate = response => Validate(reference, file, response),
            };
        };
    }

    public IPushTarget OpenPush(PushRequest request) => new WisemodelPush(Definition, _gitlab, session(), request, log, time);

    public Uri FileUrl(RepoReference reference, string path) => ProxyUri(reference, reference.Revision ?? "main", path);

    private async Task<GitAttributes> AttributesAsync(
        RepoReference reference, IReadOnlyList<TreeEntry> tree, IReadOnlyList<TreeEntry> wanted, CancellationToken cancel)
    {
        var attributes = new GitAttributes();
        var files = tree.Where(f => f.Oid is not null
            && (f.Path == GitAttributes.FileName || f.Path.EndsWith("/" + GitAttributes.FileName, StringComparison.Ordinal)))
            .Where(f => wanted.Any(w => w.Sha256 is null
                && w.Path.StartsWith(f.Path[..^GitAttributes.FileName.Length], StringComparison.Ordinal)))
            .OrderBy(f => f.Path.Count(c => c == '/'));
        foreach (TreeEntry file in files)
            attributes.Add(file.Path, Encoding.UTF8.GetString(await _gitlab.BlobAsync(reference, file.Oid!,
                GitAttributes.MaxBytes, cancel).ConfigureAwait(false)));
        return attributes;
    }

    private async Task<TreeEntry> DescribeAsync(RepoReference reference, TreeEntry file, string oid, CancellationToken cancel)
    {
        byte[] blob = await _gitlab.BlobAsync(reference, oid, LfsPointer.MaxBytes, cancel).ConfigureAwait(false);
        if (LfsPointer.Parse(blob) is not LfsPointer pointer)
            return file;
        string given = ContentHash.GitOidOf(blob);
        // The oid beside it is that of the pointer, not of the content.
        return given == oid ? file with { Size = pointer.Size, Sha256 = pointer.Sha256, Oid = null }
            : throw new HubException(WiseCodes.UnexpectedAnswer,
                $"{reference} on '{Definition.Name}': the LFS pointer of '{file.Path}' has the git id {given}, "
                + $"but its list says {oid}. Try again; if it stays so, tell the operator of the hub.");
    }

    private static LfsPointer? PointerOf(TreeEntry file) =>
        file is { Oid: null, Sha256: Digest sha256, Size: long size } ? new LfsPointer(sha256, size) : null;

    private LfsLocator LfsOf(RepoReference reference, Secret token)
    {
        string project = GitLabApi.Project(reference);
        return _lfs.GetOrAdd(project, _ =>
        {
            Uri git = Definition.Services().Git;
            // Any user does beside a token; GitLab's documents have this one.
            var server = new LfsServer(new Uri($"{git.AbsoluteUri.TrimEnd('/')}/{Escape(project)}.git/info/lfs"),
                Credential.Basic(git, token.User ?? "oauth2", token.Value));
            return new LfsLocator($"{reference} on '{Definition.Name}'", connection, time, _ => Task.FromResult(server),
                (response, cancel) => _gitlab.ReadErrorAsync(reference, null, response, cancel),
                _pointers.GetValueOrDefault(project) ?? []);
        });
    }

    private Task<bool> IsPublicAsync(RepoReference reference, CancellationToken cancel) =>
        _public.GetOrAdd(GitLabApi.Project(reference),
            _ => new Lazy<Task<bool>>(
                async () => (await _gitlab.ProjectAsync(reference, cancel).ConfigureAwait(false)).IsPublic)).Value;

    // The revision is one segment of GitLab's route only where it has no slash; a commit never has one.
    private Uri ProxyUri(RepoReference reference, string revision, string path) =>
        new($"{Definition.Services().Raw.AbsoluteUri.TrimEnd('/')}/file-proxy/{GitLabApi.Project(reference)}/-/raw/"
            + $"{Escape(revision)}/{Escape(path)}");

    private static string Escape(string path) => string.Join('/', path.Split('/').Select(Uri.EscapeDataString));

    private HubException? Validate(RepoReference reference, TreeEntry file, HubResponse response)
    {
        // GitLab never gives a content as a page: an HTML file comes as text/plain.
        if (response.ContentHeaders.ContentType?.MediaType is "text/html" or "application/xhtml+xml")
        {
            return new HubException(WiseCodes.UnexpectedAnswer,
                $"{reference} on '{Definition.Name}': {Urls.Show(response.Uri)} answered with a page for people instead of "
                + $"'{file.Path}'. {_gitlab.IfPrivate()} Otherwise check the endpoints of the hub.");
        }
        // Otherwise it would only be a wrong size.
        if (PointerOf(file) is not LfsPointer pointer || response.Status != HttpStatusCode.OK
            || response.ContentHeaders.ContentLength is not long length || length == pointer.Size || length != pointer.Length)
            return null;
        _givesPointers = true;
        return pointer.Instead($"{reference} {file.Path}: {Urls.Show(response.Uri)} answered with as many bytes as "
            + "the file's LFS pointer has");
    }
}
