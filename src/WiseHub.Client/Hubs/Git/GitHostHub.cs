using WiseHub.Client.Credentials;

namespace WiseHub.Client.Hubs.Git;

/// <summary>
/// A host of git repositories (GitHub, GitLab, Gitea, Forgejo, cgit, or anything that git can clone). Commits are read by git's
/// protocol over HTTP, or through the local git; LFS contents come directly from the LFS server (docs/git.md).
/// </summary>
internal sealed class GitHostHub(HubDefinition definition, HubConnection connection, IHubContext context) : IPushHub
{
    private readonly GitHost _host = new(definition, connection);
    private readonly GitTool _git = new(context.Environment);

    public HubDefinition Definition { get; } = definition;

    public void Check(RepoReference reference)
    {
        if (GitAddress.RejectHost(Definition.Endpoint!) is string reason)
            throw GitMessages.InvalidHost(reference, Definition, reason);
        if (GitAddress.IsSsh(Definition.Endpoint!) && Definition.Git().Transport != GitTransport.Ssh)
            throw GitMessages.SshTransportNeeded(reference, Definition.Name);
        if (reference.Config is not null)
            throw GitMessages.NoConfigurations(reference, Definition.Name);
        if (Definition.Endpoint!.Host == "github.com")
            reference.RefuseSubgroups(Definition.Name);
        if (reference.RepoId.EndsWith(".git", StringComparison.OrdinalIgnoreCase))
            throw GitMessages.IdWithGitSuffix(reference, Definition.Name);
    }

    public async Task<IHubCommit> ResolveAsync(RepoReference reference, IHubRun run, CancellationToken cancel)
    {
        if (reference.Revision is string commit && CommitId.IsCommit(commit))
            return Open(reference, commit, run);
        var reader = new GitRefReader(_host, _git, context);
        (GitRefs refs, Uri? movedTo) = _host.UsesGit ? (await reader.ByGitAsync(reference, cancel).ConfigureAwait(false), null)
            : await reader.ByHttpAsync(reference, cancel).ConfigureAwait(false);
        if (refs.IsEmpty)
            throw GitMessages.NoCommit(reference, Definition.Name);
        if (reference.Revision is string name && refs.IsAmbiguous(name))
            context.Log.Info(GitMessages.NameIsAmbiguous(reference, name));
        string found = refs.Find(reference.Revision)
            ?? throw GitMessages.RevisionNotFound(reference, Definition.Name, _host.PageOf(reference), refs.Names);
        return Open(reference, found, run, movedTo);
    }

    public IHubCommit Open(RepoReference reference, string commit, IHubRun run) => Open(reference, commit, run, movedTo: null);

    public Uri? PageUrl(RepoReference reference) =>
        GitAddress.IsSsh(Definition.Endpoint!) ? null : new Uri(_host.PageOf(reference));

    // GitHub's form; most other hosts have the same or redirect it.
    public Uri? FileUrl(RepoReference reference, string path) => GitAddress.IsSsh(Definition.Endpoint!) ? null
        : new Uri($"{_host.PageOf(reference)}/blob/{Urls.EscapePath(reference.Revision ?? "HEAD")}/{Urls.EscapePath(path)}");

    public IPushTarget OpenPush(PushRequest request) => OpenPush(request, hasPages: !GitAddress.IsSsh(Definition.Endpoint!));

    // A new commit is always made by the local git, even if commits are read over HTTP.
    public IPushTarget OpenPush(PushRequest request, bool hasPages)
    {
        var reference = new RepoReference { RepoId = request.RepoId, RepoType = request.RepoType, Revision = request.Revision };
        var place = new GitRemote(Definition, GitAddress.Url(Definition, request.RepoId), _host.CredentialOfGit)
        {
            Lfs = token => new LfsDiscovery(_host, _git).FindAsync(reference, "upload", token),
            ReadGitError = e => _host.ToError(reference, e),
            ReadResponseError = (response, token) => _host.ReadErrorAsync(reference, response, token),
            CreateAsync = token => new GitHostAdmin(Definition, connection, _host.Remedy).CreateAsync(
                request.RepoId, request.Private, token),
            PageOf = commit => !hasPages ? null : new Uri($"{_host.PageOf(reference)}/commit/{commit}"),
            Remedy = Definition.Git().Transport == GitTransport.Ssh ? GitMessages.GiveKeyWriteAccess
                : connection.Remedy(Definition.Endpoint!, SecretKind.Token, writes: true),
        };
        return new GitPush(place, _git, context, request);
    }

    private GitCommitReader Open(RepoReference reference, string commit, IHubRun run, Uri? movedTo) =>
        new(_host, _git, context, run, reference, commit, movedTo);
}
