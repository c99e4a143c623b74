using System.Runtime.CompilerServices;
using WiseHub.Client.Context;
using WiseHub.Client.Files;
using WiseHub.Client.Hubs;
using WiseHub.Client.Restoring;

namespace WiseHub.Client;

/// <summary>
/// Repos on hubs: creates, deletes, finds and lists them, and manages their branches and tags; see <see cref="HubClient.Repos"/>.
/// </summary>
public sealed class RepoClient
{
    private readonly ClientContext _context;

    internal RepoClient(ClientContext context) => _context = context;

    /// <summary>
    /// Creates a repo for an account or an organization. A name without an owner means the caller's own namespace.
    /// </summary>
    /// <exception cref="HubException">
    /// WISE5027: the hub does not support it; WISE5028: the repo exists; WISE5007: the token lacks permission; WISE1002, WISE1003
    /// or any WISE2xxx code.
    /// </exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public Task<CreatedRepo> CreateAsync(CreateRepoRequest request, CancellationToken cancel = default)
    {
        var repo = new RepoReference { RepoId = request.RepoId, RepoType = request.RepoType };
        return Task.Run(() => Admin(request.Hub, repo).CreateRepoAsync(request, cancel), cancel);
    }

    /// <summary>Deletes a repo with all its content, without asking for confirmation.</summary>
    /// <exception cref="HubException">
    /// WISE5027: the hub does not support it; WISE2002: the repo does not exist; WISE5007: the token lacks permission; WISE1002,
    /// WISE1003, any WISE2xxx code or one of the file system.
    /// </exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public Task DeleteAsync(RepoReference repo, CancellationToken cancel = default) =>
        ChangeAsync(() => Admin(HubOf(repo), repo).DeleteRepoAsync(repo, cancel), ClientMessages.RepoNotDeleted(repo), cancel);

    /// <summary>The hub's description of a repo.</summary>
    /// <exception cref="HubException">
    /// WISE5027: the hub does not support it; WISE2002: the repo does not exist; WISE1002, WISE1003 or any WISE2xxx code.
    /// </exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public Task<RepoSummary> GetAsync(RepoReference repo, CancellationToken cancel = default) =>
        Task.Run(() => Admin(HubOf(repo), repo).GetRepoAsync(repo, cancel), cancel);

    /// <summary>Lists the selected files of a revision. Reads no contents.</summary>
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

    /// <summary>Resolves a revision to its commit. Makes at most one request; none for a commit.</summary>
    /// <exception cref="HubException">WISE1002, WISE1003, WISE2003 or any other WISE2xxx code.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public Task<string> ResolveAsync(RepoReference repo, CancellationToken cancel = default) => Task.Run(async () =>
    {
        IHub hub = Hub(HubOf(repo), repo);
        using HubRun run = _context.BeginRun();
        return (await run.ResolveAsync(hub, repo, cancel).ConfigureAwait(false)).Id;
    }, cancel);

    /// <summary>
    /// Reads the first bytes of a file, from the cache or by a request for a range. They are not verified, so use them to show
    /// facts only.
    /// </summary>
    /// <param name="repo">The repo.</param>
    /// <param name="commit">A commit of the repo.</param>
    /// <param name="file">The file as <see cref="ListFilesAsync"/> lists it at this commit.</param>
    /// <param name="length">The number of bytes, 1 to 64 MiB; a shorter file returns fewer.</param>
    /// <param name="cancel">Ends it.</param>
    /// <exception cref="HubException">WISE1002, WISE1003, any WISE2xxx code or one of the file system.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The length is out of range.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public Task<byte[]> ReadBeginningAsync(
        RepoReference repo, string commit, TreeEntry file, int length, CancellationToken cancel = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(length, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, 1 << 26);
        return Task.Run(async () =>
        {
            IHub hub = Hub(HubOf(repo), repo);
            using HubRun run = _context.BeginRun();
            return await new FileBeginning(_context, run, cancel).ReadAsync(hub, repo, commit, file,
                length).ConfigureAwait(false);
        }, cancel);
    }

    /// <summary>
    /// Tells what the headers of weights say. The cache keeps it for a commit, so only the first call reads headers: of contents
    /// in the cache, or of the beginnings of files on the hub. These bytes are not verified, so use the facts to show them only.
    /// </summary>
    /// <param name="repo">The repo.</param>
    /// <param name="commit">A commit of the repo.</param>
    /// <param name="files">Files as <see cref="ListFilesAsync"/> lists them at this commit.</param>
    /// <param name="cancel">Ends it.</param>
    /// <returns>
    /// The facts by path. Files whose format is not one of <see cref="HeaderFacts.FormatOf"/> are left out.
    /// </returns>
    /// <exception cref="HubException">
    /// WISE1092: a header is malformed; WISE1002, WISE1003, any WISE2xxx code or one of the file system.
    /// </exception>
    /// <exception cref="ArgumentException">The commit is not one.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public Task<IReadOnlyDictionary<string, HeaderFacts>> ReadHeadersAsync(
        RepoReference repo, string commit, IReadOnlyList<TreeEntry> files, CancellationToken cancel = default)
    {
        // It becomes the name of a file.
        if (!CommitId.IsCommit(commit))
            throw new ArgumentException("A commit has 40 or 64 hexadecimal digits.", nameof(commit));
        return Task.Run(async () =>
        {
            IHub hub = Checked(HubOf(repo), repo);
            using HubRun run = _context.BeginRun();
            var beginning = new FileBeginning(_context, run, cancel);
            // What is kept is known offline, too.
            return await new CommitHeaders(_context, hub.Definition, repo, commit).ReadAsync(files,
                (file, length) => beginning.ReadAsync(Reached(hub), repo, commit, file, length)).ConfigureAwait(false);
        }, cancel);
    }

    /// <summary>Finds repos by text, owner and tags. Requests a page of results when the previous one is used up.</summary>
    /// <exception cref="HubException">
    /// WISE5027: the hub does not support the search, or one of its criteria; WISE1002, WISE1004 or any WISE2xxx code.
    /// </exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public async IAsyncEnumerable<RepoSummary> SearchAsync(
        RepoQuery query, [EnumeratorCancellation] CancellationToken cancel = default)
    {
        if (query.Limit < 1)
            throw ClientMessages.InvalidLimit(query.Limit.Value);
        await foreach (RepoSummary repo in Admin(query.Hub, null).SearchAsync(query, cancel).ConfigureAwait(false))
            yield return repo;
    }

    /// <summary>Creates a branch at the reference's revision, by default at the default branch.</summary>
    /// <exception cref="HubException">
    /// WISE5027: the hub does not support it; WISE5028: the branch exists; WISE2003: the revision does not exist; WISE5007: the
    /// token lacks permission; WISE1002 to WISE1005 or any WISE2xxx code.
    /// </exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public Task CreateBranchAsync(RepoReference repo, string branch, CancellationToken cancel = default) =>
        ChangeAsync(() => Admin(HubOf(repo), repo, branch).CreateBranchAsync(repo, branch, cancel),
            ClientMessages.BranchNotCreated(repo, branch), cancel);

    /// <summary>Deletes a branch.</summary>
    /// <exception cref="HubException">
    /// WISE5027: the hub does not support it; WISE2003: the branch does not exist; WISE5007: the token lacks permission; WISE1002
    /// to WISE1005 or any WISE2xxx code.
    /// </exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public Task DeleteBranchAsync(RepoReference repo, string branch, CancellationToken cancel = default) =>
        ChangeAsync(() => Admin(HubOf(repo), repo, branch).DeleteBranchAsync(repo, branch, cancel),
            ClientMessages.BranchNotDeleted(repo, branch), cancel);

    /// <summary>Creates a tag at the reference's revision, by default at the default branch.</summary>
    /// <param name="repo">The repo and the revision to tag.</param>
    /// <param name="tag">The name of the tag.</param>
    /// <param name="message">The message of the tag; null = none. Stores do not keep it.</param>
    /// <param name="cancel">Ends it.</param>
    /// <exception cref="HubException">As <see cref="CreateBranchAsync"/>.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public Task CreateTagAsync(RepoReference repo, string tag, string? message = null, CancellationToken cancel = default) =>
        ChangeAsync(() => Admin(HubOf(repo), repo, tag).CreateTagAsync(repo, tag, message, cancel),
            ClientMessages.TagNotCreated(repo, tag), cancel);

    /// <summary>Deletes a tag.</summary>
    /// <exception cref="HubException">As <see cref="DeleteBranchAsync"/>.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public Task DeleteTagAsync(RepoReference repo, string tag, CancellationToken cancel = default) =>
        ChangeAsync(() => Admin(HubOf(repo), repo, tag).DeleteTagAsync(repo, tag, cancel),
            ClientMessages.TagNotDeleted(repo, tag), cancel);

    /// <summary>The URL of the page of a repo; null for hubs without pages. Makes no request.</summary>
    /// <exception cref="HubException">WISE1002.</exception>
    public Uri? GetPageUrl(RepoReference repo) => _context.Hub(HubOf(repo)).PageUrl(repo);

    /// <summary>The escaped URL of a file on its hub; null for hubs without pages. Makes no request.</summary>
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

    /// <summary>The hub that resolves a repo, if it can be reached.</summary>
    /// <exception cref="HubException">WISE1002, WISE1003 or WISE2014.</exception>
    internal IHub HubFor(RepoReference repo) => Hub(HubOf(repo), repo);

    private string HubOf(RepoReference repo) => repo.Hubs.Count > 0 ? repo.Hubs[0] : _context.DefaultHub;

    private IHub Hub(string? name, RepoReference? repo) => Reached(Checked(name, repo));

    private IHub Checked(string? name, RepoReference? repo)
    {
        if (repo is not null && _context.FindMistakes(repo, name) is [HubException mistake, ..])
            throw mistake;
        IHub hub = _context.Hub(name ?? _context.DefaultHub);
        if (repo is not null)
            hub.Check(repo);
        return hub;
    }

    private IHub Reached(IHub hub) => _context.Reaches(hub.Definition) ? hub
        : throw ClientMessages.Offline(hub.Definition, _context.OfflineReason);

    private IRepoAdmin Admin(string? name, RepoReference? repo, string? revision = null)
    {
        if (revision is not null && RepoReference.RejectRevision(revision) is Text reason)
            throw ClientMessages.InvalidName(revision, reason);
        IHub hub = Hub(name, repo);
        return (hub as IAdministeredHub)?.Admin
            ?? throw ClientMessages.NoRepoAdmin(hub.Definition, _context.Protocols.ManagingRepos);
    }
}
