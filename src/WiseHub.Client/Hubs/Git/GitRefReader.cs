using WiseHub.Client.Http;

namespace WiseHub.Client.Hubs.Git;

/// <summary>Reads the refs of a repo from a git host, by HTTP or by the local git.</summary>
internal sealed class GitRefReader(GitHost host, GitTool git, IHubContext context)
{
    // 4,000 pull requests make a megabyte; the largest repos of GitHub list some 30 MB.
    private const int MostRefBytes = 64 << 20;

    private const string RefsPath = "/info/refs";

    /// <summary>Reads the refs by HTTP.</summary>
    /// <returns>The refs, and the URL that the host redirects the repo to; null for the usual one.</returns>
    public async Task<(GitRefs Refs, Uri? MovedTo)> ByHttpAsync(RepoReference reference, CancellationToken cancel)
    {
        Uri uri = host.RepoUri(reference, RefsPath + "?service=git-upload-pack");
        using HubResponse response = await host.Connection.SendAsync(new HubRequest(uri), host.Credential, MostRefBytes,
            cancel).ConfigureAwait(false);
        if (!response.IsSuccess)
            throw await host.ReadErrorAsync(reference, response, cancel).ConfigureAwait(false);
        try
        {
            GitRefs refs = GitRefs.ParseAdvertisement(response.Body);
            WarnIfRenamed(reference, uri, response.Uri);
            return (refs, MovedTo(uri, response.Uri));
        }
        catch (FormatException e)
        {
            throw GitMessages.RefsUnusable(host.Definition.Name, uri, e);
        }
    }

    // Hosts redirect requests for refs of a renamed repo, but not fetches.
    private static Uri? MovedTo(Uri asked, Uri answered) =>
        answered != asked && answered.AbsolutePath.EndsWith(RefsPath, StringComparison.Ordinal)
            ? new Uri(answered.GetLeftPart(UriPartial.Authority) + answered.AbsolutePath[..^RefsPath.Length]) : null;

    private void WarnIfRenamed(RepoReference reference, Uri asked, Uri answered)
    {
        string path = answered.AbsolutePath;
        if (Urls.SameOrigin(asked, answered) && !path.Equals(asked.AbsolutePath, StringComparison.OrdinalIgnoreCase)
            && path.EndsWith(RefsPath, StringComparison.Ordinal))
        {
            int start = host.Definition.Endpoint!.AbsolutePath.TrimEnd('/').Length;
            string id = Uri.UnescapeDataString(path[start..^RefsPath.Length]).Trim('/');
            if (id.EndsWith(".git", StringComparison.Ordinal))
                id = id[..^4];
            // Some hosts redirect to the URL without ".git".
            if (!id.Equals(reference.RepoId, StringComparison.OrdinalIgnoreCase))
                context.Log.Warning(WiseCodes.RepoRenamed, GitMessages.Renamed(reference, id, host.Definition.Name), reference);
        }
    }

    /// <summary>Reads the refs with the local git.</summary>
    public async Task<GitRefs> ByGitAsync(RepoReference reference, CancellationToken cancel)
    {
        await git.CheckAsync(cancel).ConfigureAwait(false);
        using var limit = new CancellationTokenSource(host.Definition.TotalTimeout, context.Time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(cancel, limit.Token);
        string url = GitAddress.Url(host.Definition, reference.RepoId);
        var remote = new GitRun { Url = url, Credential = host.CredentialOfGit };
        try
        {
            string[] names = reference.Revision is string name
                ? [$"refs/heads/{name}", $"refs/tags/{name}", $"refs/tags/{name}^{{}}", name]
                : ["HEAD", "refs/heads/main", "refs/heads/master"];
            GitRefs refs = GitRefs.ParseListing(await git.GitAsync(
                ["ls-remote", "--symref", "--quiet", "--", url, .. names], remote, both.Token).ConfigureAwait(false));
            if (!refs.IsEmpty)
                return refs;
            // Tells a missing name from an empty repo.
            return GitRefs.ParseListing(await git.GitAsync(
                ["ls-remote", "--quiet", "--", url], remote, both.Token).ConfigureAwait(false));
        }
        catch (GitFailure e)
        {
            throw host.ToError(reference, e);
        }
        catch (FormatException e)
        {
            throw GitMessages.RefsOfGitUnusable(reference, host.Definition.Name, url, e);
        }
        catch (OperationCanceledException e) when (!cancel.IsCancellationRequested)
        {
            throw GitMessages.GitTimedOut(host.Definition, url, e);
        }
    }
}
