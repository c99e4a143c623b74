using WiseHub.Client.Credentials;

namespace WiseHub.Client.Hubs.Git;

/// <summary>
/// A host of git repositories (GitHub, GitLab, Gitea, Forgejo, cgit, or anything that git can clone). A commit comes by git's
/// protocol over HTTP, or through the local git; LFS contents come straight from the LFS server (docs/git.md).
/// </summary>
internal sealed class GitHostHub(HubDefinition definition, HubConnection connection, IHubContext context) : IPushHub
{
    private readonly GitHost _host = new(definition, connection);
    private readonly GitTool _git = new(context.Environment);

    public HubDefinition Definition { get; } = definition;

    public void Check(RepoReference reference)
    {
        if (GitAddress.RejectHost(Definition.Endpoint!) is string reason)
            throw new HubException(WiseCodes.InvalidGitHost,
                $"The hub '{Definition.Name}': '{Definition.Endpoint!.Host}' is not a host: {reason}. Correct its endpoint.")
            { Reference = reference };
        if (GitAddress.IsSsh(Definition.Endpoint!) != (Definition.Git().Transport == GitTransport.Ssh)
            && GitAddress.IsSsh(Definition.Endpoint!))
            throw new HubException(WiseCodes.InvalidGitHost,
                $"The hub '{Definition.Name}' has an ssh:// endpoint, which only \"transport\": \"ssh\" can use.")
            { Reference = reference };
        if (reference.Config is not null)
            throw new HubException(WiseCodes.ConfigNotSupported, $"The hub '{Definition.Name}' is a git host, "
                + $"which has no dataset configurations. Use AllowPatterns=\"{reference.Config}/*\".")
            { Reference = reference };
        if (Definition.Endpoint!.Host == "github.com")
            reference.RefuseSubgroups(Definition.Name);
        if (reference.RepoId.EndsWith(".git", StringComparison.OrdinalIgnoreCase))
            throw new HubException(WiseCodes.MalformedRepoId,
                $"'{reference.RepoId}' is not a repo id of '{Definition.Name}': leave out '.git'.")
            { Reference = reference };
    }

    public async Task<IHubCommit> ResolveAsync(RepoReference reference, IHubRun run, CancellationToken cancel)
    {
        if (reference.Revision is string commit && CommitId.IsCommit(commit))
            return Open(reference, commit, run);
        var reader = new GitRefReader(_host, _git, context);
        (GitRefs refs, Uri? movedTo) = _host.UsesGit ? (await reader.ByGitAsync(reference, cancel).ConfigureAwait(false), null)
            : await reader.ByHttpAsync(reference, cancel).ConfigureAwait(false);
        if (refs.IsEmpty)
            throw new HubException(WiseCodes.RevisionNotFound,
                $"{reference} on '{Definition.Name}' has no commit yet. Push files to it first.");
        if (reference.Revision is string name && refs.IsAmbiguous(name))
            context.Log.Info($"{reference}: '{name}' is a branch and a tag; taking the branch. refs/tags/{name} names the tag.");
        string found = refs.Find(reference.Revision) ?? throw new HubException(WiseCodes.RevisionNotFound,
            $"{reference} on '{Definition.Name}' has no branch or tag '{reference.Revision ?? "HEAD, main or master"}'. "
            + $"Look at {_host.PageOf(reference)}; a commit is written with all its 40 characters.");
        return Open(reference, found, run, movedTo);
    }

    public IHubCommit Open(RepoReference reference, string commit, IHubRun run) => Open(reference, commit, run, movedTo: null);

    // GitHub's form, which most others redirect from or have, too.
    public Uri? FileUrl(RepoReference reference, string path) => GitAddress.IsSsh(Definition.Endpoint!) ? null
        : new Uri($"{_host.PageOf(reference)}/blob/{Escape(reference.Revision ?? "HEAD")}/{Escape(path)}");

    public IPushTarget OpenPush(PushRequest request) => OpenPush(request, hasPages: !GitAddress.IsSsh(Definition.Endpoint!));

    // Whatever gives the files of a commit, a new one is made by the local git.
    public IPushTarget OpenPush(PushRequest request, bool hasPages)
    {
        var reference = new RepoReference { RepoId = request.RepoId, RepoType = request.RepoType, Revision = request.Revision };
        var place = new GitRemote(Definition, GitAddress.Url(Definition, request.RepoId), _host.CredentialOfGit)
        {
            Lfs = token => new LfsDiscovery(_host, _git).FindAsync(reference, "upload", token),
            ReadGitError = e => _host.ToError(reference, e),
            ReadResponseError = (response, token) => _host.ReadErrorAsync(reference, response, token),
            CreateAsync = token => new GitHostAdmin(Definition, connection, _host.Remedy).CreateAsync(request.RepoId,
                request.Private,
                token),
            PageOf = commit => !hasPages ? null : new Uri($"{_host.PageOf(reference)}/commit/{commit}"),
            Remedy = Definition.Git().Transport == GitTransport.Ssh ? "Give the key of this user the right to write on the host."
                : connection.Remedy(Definition.Endpoint!, SecretKind.Token, writes: true),
        };
        return new GitPush(place, _git, context, request);
    }

    private GitCommitReader Open(RepoReference reference, string commit, IHubRun run, Uri? movedTo) =>
        new(_host, _git, context, run, reference, commit, movedTo);

    private static string Escape(string path) => string.Join('/', path.Split('/').Select(Uri.EscapeDataString));
}
