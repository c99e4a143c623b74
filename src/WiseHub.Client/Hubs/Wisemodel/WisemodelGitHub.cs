using WiseHub.Client.Hubs.Git;
using WiseHub.Client.Transfer;

namespace WiseHub.Client.Hubs.Wisemodel;

/// <summary>
/// Wisemodel by the local git, where somebody asks for it (<c>--use-git</c>): GitLab's repositories, in which codes have a folder
/// of their own (docs/protocols/wisemodel.md#git).
/// </summary>
internal sealed class WisemodelGitHub(IHub hub, GitHostHub git) : IPushHub
{
    public HubDefinition Definition => hub.Definition;

    public void Check(RepoReference reference) => hub.Check(reference);

    public Task<string> ResolveAsync(RepoReference reference, CancellationToken cancel) =>
        git.ResolveAsync(InGit(reference), cancel);

    public Task<IReadOnlyList<TreeEntry>> ListAsync(RepoReference reference, string commit, CancellationToken cancel) =>
        git.ListAsync(InGit(reference), commit, cancel);

    public Task<IReadOnlyList<TreeEntry>> DescribeAsync(
        RepoReference reference, IReadOnlyList<TreeEntry> tree, IReadOnlyList<TreeEntry> wanted, CancellationToken cancel) =>
        git.DescribeAsync(InGit(reference), tree, wanted, cancel);

    public Task<BlobLocation> LocateAsync(RepoReference reference, string commit, TreeEntry file, CancellationToken cancel) =>
        git.LocateAsync(InGit(reference), commit, file, cancel);

    public Uri? FileUrl(RepoReference reference, string path) => hub.FileUrl(reference, path);

    public IPushTarget OpenPush(PushRequest request) =>
        git.OpenPush(request with
        {
            RepoId = GitLabApi.Project(new RepoReference { RepoId = request.RepoId, RepoType = request.RepoType })
        }, hasPages: false);

    private static RepoReference InGit(RepoReference reference) => reference with { RepoId = GitLabApi.Project(reference) };
}
