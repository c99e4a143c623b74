using System.Runtime.CompilerServices;
using WiseHub.Client.Files;
using WiseHub.Client.Hubs;
using WiseHub.Client.Pushing;
using WiseHub.Client.Store;

namespace WiseHub.Client;

/// <summary>What is done to repos as a whole, checked before any hub is asked.</summary>
internal sealed class RepoDesk(HubServices services)
{
    public Task<CreatedRepo> CreateAsync(CreateRepoRequest request, CancellationToken cancel) =>
        Admin(request.Hub, new RepoReference { RepoId = request.RepoId, RepoType = request.RepoType }).CreateRepoAsync(request, cancel);

    public Task DeleteAsync(RepoReference repo, CancellationToken cancel) => Local(() => Admin(HubOf(repo), repo).DeleteRepoAsync(repo, cancel), $"{repo} cannot be deleted");

    public Task<RepoSummary> GetAsync(RepoReference repo, CancellationToken cancel) => Admin(HubOf(repo), repo).GetRepoAsync(repo, cancel);

    public async IAsyncEnumerable<RepoSummary> SearchAsync(RepoQuery query, [EnumeratorCancellation] CancellationToken cancel)
    {
        if (query.Limit < 1)
            throw new HubException(WiseCodes.InvalidValue, $"Limit is {query.Limit}; it must be at least 1.");
        await foreach (RepoSummary repo in Admin(query.Hub, null).SearchAsync(query, cancel).ConfigureAwait(false))
            yield return repo;
    }

    public Task CreateBranchAsync(RepoReference repo, string branch, CancellationToken cancel) => Local(() => Admin(HubOf(repo), repo, branch).CreateBranchAsync(repo, branch, cancel), $"{repo}: the branch '{branch}' cannot be made");

    public Task DeleteBranchAsync(RepoReference repo, string branch, CancellationToken cancel) => Local(() => Admin(HubOf(repo), repo, branch).DeleteBranchAsync(repo, branch, cancel), $"{repo}: the branch '{branch}' cannot be deleted");

    public Task CreateTagAsync(RepoReference repo, string tag, string? message, CancellationToken cancel) =>
        Local(() => Admin(HubOf(repo), repo, tag).CreateTagAsync(repo, tag, message, cancel), $"{repo}: the tag '{tag}' cannot be made");

    public Task DeleteTagAsync(RepoReference repo, string tag, CancellationToken cancel) => Local(() => Admin(HubOf(repo), repo, tag).DeleteTagAsync(repo, tag, cancel), $"{repo}: the tag '{tag}' cannot be deleted");

    /// <summary>The files of a revision, as the hub lists them; no content is read.</summary>
    public async Task<RepoListing> ListAsync(RepoReference repo, CancellationToken cancel)
    {
        IHub hub = Hub(HubOf(repo), repo);
        string commit = await hub.ResolveAsync(repo, cancel).ConfigureAwait(false);
        List<TreeEntry> files = [.. (await hub.ListAsync(repo, commit, cancel).ConfigureAwait(false)).Where(f => repo.Files.Matches(f.Path))];
        Utf8Ordinal.Sort(files, f => f.Path);
        return new RepoListing(hub.Definition.Name, commit, [.. files.Select(f => new ListedFile(f.Path, f.Size, f.Sha256, f.Oid))]);
    }

    /// <summary>Puts one file into a repo; a stream and bytes by way of a temporary file.</summary>
    public async Task<UploadedFile> UploadAsync(UploadFileRequest request, CancellationToken cancel)
    {
        if ((request.SourcePath is null ? 0 : 1) + (request.Content is null ? 0 : 1) + (request.Bytes is null ? 0 : 1) != 1)
            throw new HubException(WiseCodes.InvalidPush, $"{request.RepoId}: '{request.PathInRepo}' has to come from one of SourcePath, Content and Bytes.");
        DirectoryInfo? temporary = null;
        try
        {
            string source = request.SourcePath is string path ? Path.GetFullPath(path) : Path.Combine((temporary = Directory.CreateTempSubdirectory("wisehub-upload-")).FullName, "content");
            if (temporary is not null)
            {
                FileStream copy = File.Create(source);
                await using (copy.ConfigureAwait(false))
                    await (request.Content?.CopyToAsync(copy, cancel) ?? copy.WriteAsync(request.Bytes!.Value, cancel).AsTask()).ConfigureAwait(false);
            }
            PushResult pushed = await new PushRun(services, new PushRequest
            {
                Hub = request.Hub,
                RepoId = request.RepoId,
                RepoType = request.RepoType,
                Revision = request.Revision,
                Message = request.Message ?? $"upload {request.PathInRepo}",
                Files = [new PushFile(source, request.PathInRepo)],
                CreateRepo = request.CreateRepo,
                Private = request.Private,
                CreatePullRequest = request.CreatePullRequest,
            }, cancel).RunAsync().ConfigureAwait(false);
            var repo = new RepoReference { RepoId = request.RepoId, RepoType = request.RepoType, Revision = pushed.Commit };
            return new UploadedFile(pushed.Commit, services.Hub(request.Hub ?? services.DefaultHub).FileUrl(repo, request.PathInRepo), pushed.Changed) { PullRequestUrl = pushed.PullRequestUrl };
        }
        catch (Exception e) when (IoFailures.IsFileSystem(e))
        {
            throw IoFailures.ToHubException(e, $"{request.RepoId}: '{request.PathInRepo}' could not be uploaded");
        }
        finally
        {
            if (temporary is not null)
                ContendedFiles.OfSystem.DeleteFolder(temporary.FullName);
        }
    }

    // A store may be a folder.
    private static async Task Local(Func<Task> work, string what)
    {
        try
        {
            await work().ConfigureAwait(false);
        }
        catch (Exception e) when (IoFailures.IsFileSystem(e))
        {
            throw IoFailures.ToHubException(e, what);
        }
    }

    private string HubOf(RepoReference repo) => repo.Hubs.Count > 0 ? repo.Hubs[0] : services.DefaultHub;

    private IHub Hub(string? name, RepoReference? repo)
    {
        if (repo is not null && services.FindMistakes(repo, name) is [HubException mistake, ..])
            throw mistake;
        IHub hub = services.Hub(name ?? services.DefaultHub);
        if (repo is not null)
            hub.Check(repo);
        return services.Reaches(hub.Definition) ? hub
            : throw new HubException(WiseCodes.OfflineAndMissing, $"The hub '{hub.Definition.Name}' cannot be asked: no network may be used ({services.WhyNotReached}).");
    }

    private IRepoAdmin Admin(string? name, RepoReference? repo, string? revision = null)
    {
        if (revision is not null && RepoReference.RejectRevision(revision) is string reason)
            throw new HubException(WiseCodes.MalformedRevision, $"'{revision}' cannot be the name of a branch or tag: {reason}.");
        IHub hub = Hub(name, repo);
        return (hub as IAdministeredHub)?.Admin ?? throw new HubException(WiseCodes.NoRepoAdmin,
            $"On the hub '{hub.Definition.Name}' (protocol {hub.Definition.Protocol}) repos are made, found and deleted by its own pages or tools. What works here: hubs with the protocol huggingface, store or s3.");
    }
}
