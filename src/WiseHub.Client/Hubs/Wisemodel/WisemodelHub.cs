namespace WiseHub.Client.Hubs.Wisemodel;

/// <summary>
/// The Wisemodel protocol (docs/protocols/wisemodel.md; <see cref="WisemodelPush"/> writes): GitLab's API says what
/// a repo has, and a proxy gives the contents to everybody. Everything is asked for by commit, so that a push in the middle
/// cannot mix two of them.
/// </summary>
internal sealed class WisemodelHub(
    HubDefinition definition, HubConnection connection, IHubLog log, TimeProvider time, Func<GatewaySession> session) : IPushHub
{
    private readonly GitLabApi _gitlab = new(definition, connection);

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

    public async Task<IHubCommit> ResolveAsync(RepoReference reference, IHubRun run, CancellationToken cancel) =>
        Open(reference, await CommitOfAsync(reference, cancel).ConfigureAwait(false), run);

    public IHubCommit Open(RepoReference reference, string commit, IHubRun run) =>
        new WisemodelCommitReader(Definition, _gitlab, connection, log, time, reference, commit);

    public IPushTarget OpenPush(PushRequest request) => new WisemodelPush(Definition, _gitlab, session(), request, log, time);

    public Uri FileUrl(RepoReference reference, string path) => _gitlab.ProxyUri(reference, reference.Revision ?? "main", path);

    private async Task<string> CommitOfAsync(RepoReference reference, CancellationToken cancel)
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
}
