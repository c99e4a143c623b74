using WiseHub.Client.Configuration;
using WiseHub.Client.Contents;
using WiseHub.Client.Context;
using WiseHub.Client.Hubs;
using WiseHub.Client.Pushing;
using WiseHub.Client.Restoring;

namespace WiseHub.Client;

/// <summary>
/// The entry point of the library, for tasks, the tool and programs alike: restores what projects reference, and publishes to
/// hubs. It is safe to use from several threads. Keep one for as long as there is work, because it keeps connections.
/// </summary>
public sealed class HubClient : IHubClient, IDisposable
{
    private readonly ClientContext _context;

    /// <summary>Reads the configuration; no network.</summary>
    /// <exception cref="HubException">WISE1004, WISE1008, WISE1009 or WISE1014.</exception>
    public HubClient(HubClientOptions? options = null)
    {
        _context = new ClientContext(options ?? new HubClientOptions()) { Downloads = DownloadAsync };
        Repos = new RepoClient(_context);
        Accounts = new AccountClient(_context);
        Cache = new CacheClient(_context);
        Mirrors = new MirrorClient(_context);
        Entries = new EntryClient(_context, RestoreAsync);
    }

    /// <summary>Repos of hubs: making, finding, listing and deleting them, their branches and tags.</summary>
    public RepoClient Repos { get; }

    /// <summary>Logins and tokens of this user.</summary>
    public AccountClient Accounts { get; }

    /// <summary>The cache on this machine.</summary>
    public CacheClient Cache { get; }

    /// <summary>Mirrors and bundles.</summary>
    public MirrorClient Mirrors { get; }

    /// <summary>Entry points that repos offer to programs.</summary>
    public EntryClient Entries { get; }

    /// <summary>The hubs that references may name.</summary>
    public HubConfig Config => _context.Config;

    /// <summary>The hub of references and commands that name none.</summary>
    public string DefaultHub => _context.DefaultHub;

    /// <summary>Finds every mistake in references that needs no hub to be seen; empty when there is none.</summary>
    public IReadOnlyList<HubException> FindMistakes(IReadOnlyList<RepoReference> references) => Run(references).FindMistakes();

    /// <summary>Reads a page URL of a configured hub as a reference; null when the URL belongs to none.</summary>
    /// <exception cref="HubException">WISE1011: it is a URL of a hub, but not of a repo.</exception>
    public RepoReference? ReferenceFromUrl(string url) => _context.Config.ParsePage(url);

    /// <summary>
    /// Reads what people write to name a repo: <c>owner/name</c>, <c>owner/name:revision</c>, one name, a page URL of a
    /// configured hub, or the URL of a file anywhere.
    /// </summary>
    /// <param name="idOrUrl">The text.</param>
    /// <param name="unpack">The URL is that of a <c>.zip</c>, <c>.tar</c> or <c>.tar.gz</c> whose files are wanted.</param>
    /// <exception cref="HubException">
    /// WISE1011 or WISE1040: a URL that cannot be used. The restore checks the id itself.
    /// </exception>
    public RepoReference ParseReference(string idOrUrl, bool unpack = false) =>
        ReferenceText.Parse(idOrUrl, unpack, _context.Config);

    /// <summary>
    /// Notes in a file of a folder which entries of a lock file references use, for <see cref="RemoveUnusedAsync"/>.
    /// </summary>
    /// <param name="folder">A folder that exists and holds nothing else.</param>
    /// <param name="project">Absolute path of the project.</param>
    /// <param name="lockFile">Absolute path of the lock file.</param>
    /// <param name="references">All references of one evaluation of one project.</param>
    /// <exception cref="HubException">WISE1xxx: a reference that no restore would take.</exception>
    /// <exception cref="AggregateException">Several of them.</exception>
    public void NoteLockUse(string folder, string project, string lockFile, IReadOnlyList<RepoReference> references) =>
        LockUse.Write(folder, project, lockFile, Run(references).Keys());

    /// <summary>Removes the entries from lock files that none of the noted projects uses. The log names each of them.</summary>
    /// <param name="folder">
    /// The folder in which <see cref="NoteLockUse"/> was called for every project that shares these lock files.
    /// </param>
    /// <param name="cancel">Ends it.</param>
    /// <exception cref="HubException">
    /// WISE4010: others may use a lock file; WISE4001, WISE4002, WISE4011, or a code of the file system.
    /// </exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public Task RemoveUnusedAsync(string folder, CancellationToken cancel = default) =>
        Task.Run(() => LockUse.RemoveUnusedAsync(_context, folder, cancel), cancel);

    /// <summary>
    /// Answers a restore from lock file and store alone. It uses no network, reads no content, and writes only the requested
    /// folders, once an hour the mark that the lock file is used, and after a crash marks of doubt.
    /// </summary>
    /// <returns>Null when anything is missing, touched or to be resolved: then call <see cref="RestoreAsync"/>.</returns>
    /// <exception cref="HubException">WISE1xxx or WISE4001, WISE4002: mistakes that no network can mend.</exception>
    /// <exception cref="AggregateException">Several of them.</exception>
    public RestoreResult? TryRestoreLocally(RestoreRequest request) =>
        new RestoreRun(_context, request, CancellationToken.None).FromLock();

    /// <summary>
    /// Makes every selected file of every reference present and verified, and writes the lock file accordingly. Complete or
    /// error: on any failure nothing is returned, and verified contents stay for the next try.
    /// </summary>
    /// <exception cref="HubException">Any WISE1xxx to WISE4xxx code.</exception>
    /// <exception cref="AggregateException">Several of them.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public async Task<RestoreResult> RestoreAsync(RestoreRequest request, CancellationToken cancel = default)
    {
        var run = new RestoreRun(_context, request, cancel);
        if (request.LookFirst && run.FromLock() is RestoreResult local)
            return local;
        // Not on the caller's context: a user interface must not carry each continuation of a download.
        return await Task.Run(run.RunAsync, cancel).ConfigureAwait(false);
    }

    /// <summary>Brings one repo into the cache, following a moved branch, and makes a folder with its files.</summary>
    /// <returns>The snapshot with its <see cref="Snapshot.Directory"/>.</returns>
    /// <exception cref="HubException">Any WISE1xxx to WISE3xxx code.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public async Task<Snapshot> DownloadAsync(RepoReference reference, bool force = false, CancellationToken cancel = default) =>
        (await DownloadAsync(new DownloadRequest { Reference = reference, Force = force }, cancel).ConfigureAwait(false))
            .Snapshot;

    /// <summary>
    /// Brings one repo into the cache, following a moved branch, and its files into a folder of the cache or of the caller.
    /// </summary>
    /// <exception cref="HubException">Any WISE1xxx to WISE3xxx code.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public Task<DownloadResult> DownloadAsync(DownloadRequest request, CancellationToken cancel = default) =>
        Task.Run(() => new DownloadRun(_context, request, cancel).RunAsync(), cancel);

    /// <summary>
    /// Publishes files as one commit: it sends only what the hub lacks, continues what was broken off, and commits last, if
    /// nobody pushed in between. A set that the hub has already makes no commit.
    /// </summary>
    /// <exception cref="HubException">
    /// WISE1002, WISE1003, WISE1005, WISE1008, WISE3003, WISE3004, any WISE2xxx or WISE5xxx code, a code of the file system.
    /// </exception>
    /// <exception cref="AggregateException">Several WISE5060: a card has several wrong values.</exception>
    /// <exception cref="OperationCanceledException">Cancelled; the visible state of the hub has not changed.</exception>
    public Task<PushResult> PushAsync(PushRequest request, CancellationToken cancel = default) =>
        Task.Run(() => new PushRun(_context, request, cancel).RunAsync(), cancel);

    /// <summary>
    /// A file of the cache in which pushes of a folder or file remember its digests, for <see cref="PushRequest.MemoryFile"/>;
    /// prune removes it when its files are gone.
    /// </summary>
    public string PushMemoryFile(string path) => PushMemory.FileFor(path, _context.Store);

    /// <inheritdoc/>
    public void Dispose() => _context.Dispose();

    internal Func<string, string?> Environment => _context.Environment;

    IHubContext IHubClient.Context => _context;

    private RestoreRun Run(IReadOnlyList<RepoReference> references) =>
        new(_context, new RestoreRequest { References = references }, CancellationToken.None);
}
