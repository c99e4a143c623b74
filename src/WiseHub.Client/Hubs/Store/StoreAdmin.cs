using System.Runtime.CompilerServices;
using System.Text;
using WiseHub.Client.Files;
using WiseHub.Client.Hubs.S3;
using WiseHub.Client.Store;

namespace WiseHub.Client.Hubs.Store;

/// <summary>
/// Manages the repos of a store, which is a folder or a bucket. A repo exists once it has content; branches and tags are refs.
/// Blobs that no ref names any more are left for a prune.
/// </summary>
internal sealed class StoreAdmin(StoreHub hub, IHubLog log, TimeProvider time) : IRepoAdmin
{
    private const string DefaultBranch = "main";

    private const int MostSmallBytes = 4096;

    private string Name => hub.Definition.Name;

    /// <summary>Only checks the name: the first push creates the repo.</summary>
    public async Task<CreatedRepo> CreateRepoAsync(CreateRepoRequest request, CancellationToken cancel)
    {
        if (request.Private)
            throw StoreHubMessages.NoPrivateRepos(Name);
        hub.RequireOwnPlace(request.RepoType, request.RepoId, "");
        bool isThere = (await RefsAsync(request.RepoType, cancel).ConfigureAwait(false)).Any(r => r.RepoId == request.RepoId);
        return !isThere || request.ExistsIsFine ? new CreatedRepo(request.RepoId, null, !isThere)
            : throw StoreHubMessages.RepoExists(request.RepoId, Name);
    }

    public async Task DeleteRepoAsync(RepoReference repo, CancellationToken cancel)
    {
        string folder = RepoStore.RelativePath(repo.RepoType, repo.RepoId);
        List<string> paths =
            [.. (await PathsAsync(folder + "/", cancel).ConfigureAwait(false)).Where(p => StorePath.Parse(p) is not null)];
        if (paths.Count == 0)
            throw StoreHubMessages.RepoNotFound(repo, Name);
        using FileLock? held = await LockAsync(repo, cancel).ConfigureAwait(false);
        // Refs first: a file list without a ref does no harm, but a ref without its file list is a damaged store.
        foreach (string path in paths.OrderBy(p => StorePath.Parse(p)!.IsTree))
            await DeleteAsync(path, cancel).ConfigureAwait(false);
    }

    public async IAsyncEnumerable<RepoSummary> SearchAsync(RepoQuery query, [EnumeratorCancellation] CancellationToken cancel)
    {
        if (query.Tags.Count > 0)
            throw StoreHubMessages.NoTags(Name);
        int left = query.Limit ?? int.MaxValue;
        foreach (IGrouping<string, StorePath> repo in (await RefsAsync(query.RepoType, cancel).ConfigureAwait(false))
            .GroupBy(r => r.RepoId).OrderBy(g => g.Key, StringComparer.Ordinal))
        {
            if (left == 0)
                yield break;
            if ((query.Text is not null && !repo.Key.Contains(query.Text, StringComparison.OrdinalIgnoreCase))
                || (query.Author is not null && !repo.Key.StartsWith(query.Author + "/", StringComparison.OrdinalIgnoreCase)))
            {
                continue;
            }
            left--;
            yield return new RepoSummary(repo.Key, query.RepoType)
            {
                Commit = repo.FirstOrDefault(r => r.Name == DefaultBranch) is StorePath main
                    ? await ReadAsync(main, cancel).ConfigureAwait(false) : null
            };
        }
    }

    public async Task<RepoSummary> GetRepoAsync(RepoReference repo, CancellationToken cancel)
    {
        await foreach (RepoSummary found in SearchAsync(
            new RepoQuery { RepoType = repo.RepoType, Text = repo.RepoId }, cancel).ConfigureAwait(false))
        {
            if (found.RepoId == repo.RepoId)
                return found;
        }
        throw StoreHubMessages.RepoNotFound(repo, Name);
    }

    public Task CreateBranchAsync(RepoReference repo, string branch, CancellationToken cancel) =>
        CreateRefAsync(repo, branch, cancel);

    public Task DeleteBranchAsync(RepoReference repo, string branch, CancellationToken cancel) =>
        DeleteRefAsync(repo, branch, cancel);

    // A ref has no message.
    public Task CreateTagAsync(RepoReference repo, string tag, string? message, CancellationToken cancel) =>
        CreateRefAsync(repo, tag, cancel);

    public Task DeleteTagAsync(RepoReference repo, string tag, CancellationToken cancel) => DeleteRefAsync(repo, tag, cancel);

    /// <summary>Creates a branch or a tag, a ref that must not exist yet.</summary>
    private async Task CreateRefAsync(RepoReference repo, string name, CancellationToken cancel)
    {
        string commit = await hub.CommitOfAsync(repo, cancel).ConfigureAwait(false);
        IStoreTarget target =
            hub.OpenStore(new PushRequest { RepoId = repo.RepoId, RepoType = repo.RepoType, Revision = name, Files = [] });
        await using (target.ConfigureAwait(false))
        {
            await target.LookAsync(cancel).ConfigureAwait(false);
            // The read also gets the ETag that a bucket compares.
            if (await target.ReadRefAsync(cancel).ConfigureAwait(false) is not null
                || await target.TryMoveRefAsync(null, commit, cancel).ConfigureAwait(false) is not null)
                throw StoreHubMessages.RevisionExists(repo, Name, name);
        }
    }

    private async Task DeleteRefAsync(RepoReference repo, string name, CancellationToken cancel)
    {
        string path = $"{RepoStore.RelativePath(repo.RepoType, repo.RepoId)}/refs/{name}";
        using FileLock? held = await LockAsync(repo, cancel).ConfigureAwait(false);
        if (!(await PathsAsync(path, cancel).ConfigureAwait(false)).Contains(path))
            throw StoreHubMessages.RevisionToDeleteMissing(repo, Name, name);
        await DeleteAsync(path, cancel).ConfigureAwait(false);
    }

    private async Task<IReadOnlyList<StorePath>> RefsAsync(RepoType type, CancellationToken cancel) =>
        [.. (await PathsAsync(type.ToPlural() + "/", cancel).ConfigureAwait(false)).Select(StorePath.Parse).OfType<StorePath>()
            .Where(p => !p.IsTree)];

    /// <summary>Lists the paths with a prefix, relative to the store.</summary>
    private async Task<IReadOnlyList<string>> PathsAsync(string prefix, CancellationToken cancel)
    {
        var paths = new List<string>();
        if (hub.Bucket is Bucket bucket)
        {
            await foreach (BucketObject found in bucket.Client.ListAsync(prefix, cancel).ConfigureAwait(false))
                paths.Add(found.Key);
        }
        else
        {
            string below = prefix[..(prefix.LastIndexOf('/') + 1)], folder = Path.Combine(Folder(), Native(below));
            // A file system that ignores case finds the folder under another name, too.
            if (Directory.Exists(folder) && ExactNames.OfSystem.FindOther(Folder(), below.TrimEnd('/')) is null)
            {
                paths.AddRange(Directory.EnumerateFiles(folder, "*",
                    new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.ReparsePoint })
                    .Select(f => Path.GetRelativePath(hub.Folder!, f).Replace('\\', '/'))
                    .Where(p => p.StartsWith(prefix, StringComparison.Ordinal)));
            }
        }
        return paths;
    }

    private async Task<string?> ReadAsync(StorePath path, CancellationToken cancel)
    {
        string? text = hub.Bucket is not Bucket bucket
            ? Encoding.UTF8.GetString(ContendedFiles.OfSystem.Read(Path.Combine(hub.Folder!, Native(path.ToString()))))
            : await bucket.GetAsync(path.ToString(), MostSmallBytes, cancel).ConfigureAwait(false) is (byte[] content, _)
                ? Encoding.UTF8.GetString(content)
            : null;
        return text?.Trim() is string commit && CommitId.IsCommit(commit) ? commit : null;
    }

    private Task DeleteAsync(string path, CancellationToken cancel)
    {
        if (hub.Bucket is Bucket bucket)
            return bucket.Writer.DeleteAsync(path, cancel);
        string file = Path.Combine(hub.Folder!, Native(path));
        ContendedFiles.OfSystem.Delete(file);
        // An empty folder would block a later branch of that name.
        for (string folder = Path.GetDirectoryName(file)!; Path.GetFileName(folder) is not ("refs" or "trees")
            && !Directory.EnumerateFileSystemEntries(folder).Any(); folder = Path.GetDirectoryName(folder)!)
            Directory.Delete(folder);
        return Task.CompletedTask;
    }

    // The lock of pushes to a folder; a bucket has none.
    private async Task<FileLock?> LockAsync(RepoReference repo, CancellationToken cancel) => hub.Bucket is not null ? null
        : await FileLock.AcquireAsync(Path.Combine(new RepoStore(Folder()).RepoFolder(repo), ".push.lock"),
            repo.RepoId, log, time, cancel).ConfigureAwait(false);

    private string Folder() => hub.Folder ?? throw StoreHubMessages.WebServerUnmanaged(Name);

    private static string Native(string path) => path.Replace('/', Path.DirectorySeparatorChar);
}
