using WiseHub.Client.Hubs.Git;

namespace WiseHub.Client.Hubs.Wisemodel;

/// <summary>
/// Wisemodel by the local git (<c>--use-git</c>), through the repositories of its GitLab. There, code repos have a folder of
/// their own (docs/protocols/wisemodel.md#git).
/// </summary>
internal sealed class WisemodelGitHub(IHub hub, GitHostHub git) : IPushHub
{
    public HubDefinition Definition => hub.Definition;

    public void Check(RepoReference reference) => hub.Check(reference);

    public Task<IHubCommit> ResolveAsync(RepoReference reference, IHubRun run, CancellationToken cancel) =>
        git.ResolveAsync(InGit(reference), run, cancel);

    public IHubCommit Open(RepoReference reference, string commit, IHubRun run) => git.Open(InGit(reference), commit, run);

    public Uri? PageUrl(RepoReference reference) => hub.PageUrl(reference);

    public Uri? FileUrl(RepoReference reference, string path) => hub.FileUrl(reference, path);

    public IPushTarget OpenPush(PushRequest request) =>
        git.OpenPush(request with
        {
            RepoId = GitLabApi.Project(new RepoReference { RepoId = request.RepoId, RepoType = request.RepoType })
        }, hasPages: false);

    private static RepoReference InGit(RepoReference reference) => reference with { RepoId = GitLabApi.Project(reference) };
}
