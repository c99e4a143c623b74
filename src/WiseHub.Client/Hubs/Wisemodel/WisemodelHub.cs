namespace WiseHub.Client.Hubs.Wisemodel;

/// <summary>
/// Reads by the Wisemodel protocol (docs/protocols/wisemodel.md; <see cref="WisemodelPush"/> writes). GitLab's API lists the
/// files of a repo, and a proxy gives the contents of public repos to anyone. All requests name the commit, so a push in the
/// meantime cannot mix two commits.
/// </summary>
internal sealed class WisemodelHub(
    HubDefinition definition, HubConnection connection, IHubLog log, TimeProvider time, Func<GatewaySession> session) : IPushHub
{
    private readonly GitLabApi _gitlab = new(definition, connection);

    public HubDefinition Definition { get; } = definition;

    public void Check(RepoReference reference)
    {
        if (reference.RepoType == RepoType.Space)
            throw WisemodelMessages.NoSpaces(reference, Definition.Name);
        if (reference.Config is not null)
            throw WisemodelMessages.NoConfigurations(reference, Definition.Name);
        reference.RefuseSubgroups(Definition.Name);
        if (!reference.RepoId.Contains('/', StringComparison.Ordinal))
            throw WisemodelMessages.OwnerMissing(reference, Definition.Name);
    }

    public async Task<IHubCommit> ResolveAsync(RepoReference reference, IHubRun run, CancellationToken cancel) =>
        Open(reference, await CommitOfAsync(reference, cancel).ConfigureAwait(false), run);

    public IHubCommit Open(RepoReference reference, string commit, IHubRun run) =>
        new WisemodelCommitReader(Definition, _gitlab, connection, log, time, reference, commit);

    public IPushTarget OpenPush(PushRequest request) => new WisemodelPush(Definition, _gitlab, session(), request, log, time);

    public Uri PageUrl(RepoReference reference) => new(
        $"{Definition.Services().Web.AbsoluteUri.TrimEnd('/')}/{reference.RepoType.ToPlural()}/{reference.RepoId}");

    public Uri FileUrl(RepoReference reference, string path) => _gitlab.ProxyUri(reference, reference.Revision ?? "main", path);

    private async Task<string> CommitOfAsync(RepoReference reference, CancellationToken cancel)
    {
        // A commit needs no request: its file list either exists or is answered with RevisionNotFound.
        if (reference.Revision is string known && CommitId.IsGitId(known))
            return known;
        GitLabProject? project = reference.Revision is null
            ? await _gitlab.ProjectAsync(reference, cancel).ConfigureAwait(false) : null;
        string revision = reference.Revision ?? project!.DefaultBranch
            ?? throw WisemodelMessages.NoCommit(reference, Definition.Name);
        (string commit, bool isMoved) = await _gitlab.CommitAsync(reference, revision, cancel).ConfigureAwait(false);
        if (isMoved)
            project ??= await _gitlab.ProjectAsync(reference, cancel).ConfigureAwait(false);
        if (project?.Path is string path && !path.Equals(GitLabApi.Project(reference), StringComparison.OrdinalIgnoreCase))
            log.Warning(WiseCodes.RepoRenamed, WisemodelMessages.Renamed(reference, path, Definition.Name), reference);
        return commit;
    }
}
