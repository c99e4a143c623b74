using System.Runtime.CompilerServices;
using WiseHub.Client.Context;
using WiseHub.Client.Files;
using WiseHub.Client.Hubs;

namespace WiseHub.Client;

/// <summary>
/// The repos of hubs: makes, deletes, finds and lists them, and manages their branches and tags; see <see
/// cref="HubClient.Repos"/>.
/// </summary>
public sealed class RepoClient
{
    private readonly ClientContext _context;

    internal RepoClient(ClientContext context) => _context = context;

    /// <summary>
    /// Makes a repo for an account or an organization. A name without an owner means the caller's own namespace.
    /// </summary>
    /// <exception cref="HubException">
    /// WISE5027: the hub cannot; WISE5028: the repo exists; WISE5007: the token lacks the right; WISE1002, WISE1003 or any
    /// WISE2xxx code.
    /// </exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public Task<CreatedRepo> CreateAsync(CreateRepoRequest request, CancellationToken cancel = default)
    {
        var repo = new RepoReference { RepoId = request.RepoId, RepoType = request.RepoType };
        return Task.Run(() => Admin(request.Hub, repo).CreateRepoAsync(request, cancel), cancel);
    }

    /// <summary>Deletes a repo with everything in it. It asks nobody.</summary>
    /// <exception cref="HubException">
    /// WISE5027: the hub cannot; WISE2002: there is no such repo; WISE5007: the token lacks the right; WISE1002, WISE1003, any
    /// WISE2xxx code or one of the file system.
    /// </exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public Task DeleteAsync(RepoReference repo, CancellationToken cancel = default) =>
        ChangeAsync(() => Admin(HubOf(repo), repo).DeleteRepoAsync(repo, cancel), $"{repo} cannot be deleted", cancel);

    /// <summary>Describes a repo, as its hub does.</summary>
    /// <exception cref="HubException">
    /// WISE5027: the hub cannot; WISE2002: there is no such repo; WISE1002, WISE1003 or any WISE2xxx code.
    /// </exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public Task<RepoSummary> GetAsync(RepoReference repo, CancellationToken cancel = default) =>
        Task.Run(() => Admin(HubOf(repo), repo).GetRepoAsync(repo, cancel), cancel);

    /// <summary>Lists the files of a revision that the reference selects. It reads no content.</summary>
    /// <exception cref="HubException">WISE1002, WISE1003, any WISE2xxx or WISE3xxx code.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public Task<RepoListing> ListFilesAsync(RepoReference repo, CancellationToken cancel = default) => Task.Run(async () =>
    {
        IHub hub = Hub(HubOf(repo), repo);
        using HubRun run = _context.BeginRun();
        IHubCommit commit = await run.ResolveAsync(hub, repo, cancel).ConfigureAwait(false);
        IReadOnlyList<TreeEntry> all = await commit.ListAsync(cancel).ConfigureAwait(false);
        List<TreeEntry> files = [.. all.Where(f => repo.Files.Matches(f.Path))];
        Utf8Ordinal.Sort(files, f => f.Path);
        return new RepoListing(hub.Definition.Name, commit.Id, files);
    }, cancel);

    /// <summary>Finds repos by text, owner and tags. It asks the hub for a page when the one before is used up.</summary>
    /// <exception cref="HubException">
    /// WISE5027: the hub cannot, or not by this; WISE1002, WISE1004 or any WISE2xxx code.
    /// </exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public async IAsyncEnumerable<RepoSummary> SearchAsync(
        RepoQuery query, [EnumeratorCancellation] CancellationToken cancel = default)
    {
        if (query.Limit < 1)
            throw new HubException(WiseCodes.InvalidValue, $"Limit is {query.Limit}; it must be at least 1.");
        await foreach (RepoSummary repo in Admin(query.Hub, null).SearchAsync(query, cancel).ConfigureAwait(false))
            yield return repo;
    }

    /// <summary>Makes a branch at the reference's revision, or without one at the default branch.</summary>
    /// <exception cref="HubException">
    /// WISE5027: the hub cannot; WISE5028: the branch exists; WISE2003: there is no such revision; WISE5007: the token lacks the
    /// right; WISE1002 to WISE1005 or any WISE2xxx code.
    /// </exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public Task CreateBranchAsync(RepoReference repo, string branch, CancellationToken cancel = default) =>
        ChangeAsync(() => Admin(HubOf(repo), repo, branch).CreateBranchAsync(repo, branch, cancel),
            $"{repo}: the branch '{branch}' cannot be made", cancel);

    /// <summary>Deletes a branch.</summary>
    /// <exception cref="HubException">
    /// WISE5027: the hub cannot; WISE2003: there is no such branch; WISE5007: the token lacks the right; WISE1002 to WISE1005 or
    /// any WISE2xxx code.
    /// </exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public Task DeleteBranchAsync(RepoReference repo, string branch, CancellationToken cancel = default) =>
        ChangeAsync(() => Admin(HubOf(repo), repo, branch).DeleteBranchAsync(repo, branch, cancel),
            $"{repo}: the branch '{branch}' cannot be deleted", cancel);

    /// <summary>Makes a tag at the reference's revision, or without one at the default branch.</summary>
    /// <param name="repo">The repo and what is tagged.</param>
    /// <param name="tag">The name.</param>
    /// <param name="message">What the tag is about; null = nothing. Stores do not keep it.</param>
    /// <param name="cancel">Ends it.</param>
    /// <exception cref="HubException">As <see cref="CreateBranchAsync"/>.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public Task CreateTagAsync(RepoReference repo, string tag, string? message = null, CancellationToken cancel = default) =>
        ChangeAsync(() => Admin(HubOf(repo), repo, tag).CreateTagAsync(repo, tag, message, cancel),
            $"{repo}: the tag '{tag}' cannot be made", cancel);

    /// <summary>Deletes a tag.</summary>
    /// <exception cref="HubException">As <see cref="DeleteBranchAsync"/>.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public Task DeleteTagAsync(RepoReference repo, string tag, CancellationToken cancel = default) =>
        ChangeAsync(() => Admin(HubOf(repo), repo, tag).DeleteTagAsync(repo, tag, cancel),
            $"{repo}: the tag '{tag}' cannot be deleted", cancel);

    /// <summary>The address of a file on its hub, escaped. It makes no request. Null for hubs without pages.</summary>
    /// <exception cref="HubException">WISE1002.</exception>
    public Uri? GetFileUrl(RepoReference reference, string path) => _context.Hub(HubOf(reference)).FileUrl(reference, path);

    // A store may be a folder.
    private static Task ChangeAsync(Func<Task> work, string failure, CancellationToken cancel) => Task.Run(async () =>
    {
        try
        {
            await work().ConfigureAwait(false);
        }
        catch (Exception e) when (IoFailures.IsFileSystem(e))
        {
            throw IoFailures.ToHubException(e, failure);
        }
    }, cancel);

    private string HubOf(RepoReference repo) => repo.Hubs.Count > 0 ? repo.Hubs[0] : _context.DefaultHub;

    private IHub Hub(string? name, RepoReference? repo)
    {
        if (repo is not null && _context.FindMistakes(repo, name) is [HubException mistake, ..])
            throw mistake;
        IHub hub = _context.Hub(name ?? _context.DefaultHub);
        if (repo is not null)
            hub.Check(repo);
        return _context.Reaches(hub.Definition) ? hub : throw new HubException(WiseCodes.OfflineAndMissing,
            $"The hub '{hub.Definition.Name}' cannot be asked: no network may be used ({_context.OfflineReason}).");
    }

    private IRepoAdmin Admin(string? name, RepoReference? repo, string? revision = null)
    {
        if (revision is not null && RepoReference.RejectRevision(revision) is string reason)
            throw new HubException(WiseCodes.MalformedRevision, $"'{revision}' cannot be the name of a branch or tag: {reason}.");
        IHub hub = Hub(name, repo);
        return (hub as IAdministeredHub)?.Admin ?? throw new HubException(WiseCodes.NoRepoAdmin,
            $"On the hub '{hub.Definition.Name}' (protocol {hub.Definition.Protocol}) repos are made, "
            + "found and deleted by its own pages or tools. What works here: hubs with the protocol "
            + $"{_context.Protocols.ManagingRepos}.");
    }
}
