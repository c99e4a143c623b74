using WiseHub.Client.Configuration;
using WiseHub.Client.Contents;
using WiseHub.Client.Context;
using WiseHub.Client.Hubs;
using WiseHub.Client.Inventory;
using WiseHub.Client.Pushing;
using WiseHub.Client.Restoring;

namespace WiseHub.Client;

/// <summary>
/// The entry point of the library, for tasks, the tool and programs alike: restores the references of projects, and publishes to
/// hubs. It is thread-safe. Keep one instance as long as there is work, because it keeps connections open.
/// </summary>
public sealed class HubClient : IHubClient, IDisposable
{
    private readonly ClientContext _context;

    /// <summary>Reads the configuration. Makes no request.</summary>
    /// <exception cref="HubException">WISE1004, WISE1008 or WISE1014.</exception>
    public HubClient(HubClientOptions? options = null)
    {
        _context = new ClientContext(options ?? new HubClientOptions()) { Downloads = DownloadAsync };
        Repos = new RepoClient(_context);
        Accounts = new AccountClient(_context);
        Cache = new CacheClient(_context);
        Mirrors = new MirrorClient(_context);
        Entries = new EntryClient(_context, RestoreAsync);
    }

    /// <summary>Repos on hubs: creating, finding, listing and deleting them, and their branches and tags.</summary>
    public RepoClient Repos { get; }

    /// <summary>This user's logins and tokens.</summary>
    public AccountClient Accounts { get; }

    /// <summary>The cache on this machine.</summary>
    public CacheClient Cache { get; }

    /// <summary>Mirrors and bundles.</summary>
    public MirrorClient Mirrors { get; }

    /// <summary>Entry points that repos offer to programs.</summary>
    public EntryClient Entries { get; }

    /// <summary>The configured hubs.</summary>
    public HubConfig Config => _context.Config;

    /// <summary>The hub of references and commands without a hub.</summary>
    public string DefaultHub => _context.DefaultHub;

    /// <summary>
    /// Sends one request without a token to a hub, to see whether it is reached. It is not repeated, and follows no redirect.
    /// </summary>
    /// <param name="hub">The name of a hub with a URL.</param>
    /// <param name="timeout">The maximum time for the request.</param>
    /// <param name="cancel">Ends it.</param>
    /// <exception cref="HubException">
    /// WISE1002; WISE2001: no response within the time; WISE2014: the network must not be used, or the hub has no URL; any other
    /// WISE2xxx code.
    /// </exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public Task<HubProbe> ProbeAsync(string hub, TimeSpan timeout, CancellationToken cancel = default) =>
        Task.Run(() => HubProbing.RunAsync(_context, hub, timeout, cancel), cancel);

    /// <summary>Finds all mistakes in references that are visible without a hub; empty if there is none.</summary>
    public IReadOnlyList<HubException> FindMistakes(IReadOnlyList<RepoReference> references) => Run(references).FindMistakes();

    /// <summary>Parses the URL of a repo page on a configured hub as a reference; null for other URLs.</summary>
    /// <exception cref="HubException">WISE1011: the URL belongs to a hub, but not to a repo.</exception>
    public RepoReference? ReferenceFromUrl(string url) => _context.Config.ParsePage(url);

    /// <summary>
    /// Parses a reference as users write it: <c>owner/name</c>, <c>owner/name:revision</c>, a single name, the URL of a page on a
    /// configured hub, or the URL of any file.
    /// </summary>
    /// <param name="idOrUrl">The text.</param>
    /// <param name="unpack">True for the URL of a <c>.zip</c>, <c>.tar</c> or <c>.tar.gz</c>, to use the files in it.</param>
    /// <exception cref="HubException">WISE1011 or WISE1040: the URL is not usable. The restore checks the id itself.</exception>
    public RepoReference ParseReference(string idOrUrl, bool unpack = false) =>
        ReferenceText.Parse(idOrUrl, unpack, _context.Config);

    /// <summary>
    /// Records the references of a project, and the lock file entries that they use, in a file of a folder, for
    /// <see cref="ReadLockUse"/> and <see cref="RemoveUnusedAsync"/>.
    /// </summary>
    /// <param name="folder">An existing folder for these files only.</param>
    /// <param name="project">Absolute path of the project.</param>
    /// <param name="lockFile">Absolute path of the lock file.</param>
    /// <param name="references">All references of one evaluation of one project.</param>
    /// <exception cref="HubException">WISE1xxx: a reference is invalid.</exception>
    /// <exception cref="AggregateException">Several of them.</exception>
    public void NoteLockUse(string folder, string project, string lockFile, IReadOnlyList<RepoReference> references) =>
        NoteLockUse(folder, project, lockFile, references, [.. references.Select(r => r.DefaultAlias)]);

    /// <inheritdoc cref="NoteLockUse(string, string, string, IReadOnlyList{RepoReference})"/>
    /// <param name="folder">An existing folder for these files only.</param>
    /// <param name="project">Absolute path of the project.</param>
    /// <param name="lockFile">Absolute path of the lock file.</param>
    /// <param name="references">All references of one evaluation of one project.</param>
    /// <param name="aliases">Their aliases, in the same order.</param>
    /// <exception cref="ArgumentException">The numbers of references and aliases differ.</exception>
    public void NoteLockUse(string folder, string project, string lockFile, IReadOnlyList<RepoReference> references,
        IReadOnlyList<string> aliases)
    {
        if (references.Count != aliases.Count)
            throw new ArgumentException("Each reference needs an alias.", nameof(aliases));
        // By identity: two equal references may have two aliases.
        var names = new Dictionary<RepoReference, string>(ReferenceEqualityComparer.Instance);
        for (int i = 0; i < references.Count; i++)
            names[references[i]] = aliases[i];
        LockUse.Write(folder, project, lockFile, [.. Run(references).Keys()
            .Select(k => new UsedReference(project, lockFile, _context.Options.ConfigFile, names[k.Reference], k.Key,
            k.Reference))]);
    }

    /// <summary>
    /// The references that were recorded in a folder, sorted and without duplicates: evaluations of one project for several
    /// configurations record the same ones.
    /// </summary>
    /// <param name="folder">The folder of <see cref="NoteLockUse(string, string, string,
    /// IReadOnlyList{RepoReference})"/>.</param>
    /// <exception cref="IOException">A file cannot be read.</exception>
    public static IReadOnlyList<UsedReference> ReadLockUse(string folder) => LockUse.ReadReferences(folder);

    /// <summary>Removes lock file entries that none of the recorded projects uses. The log lists them.</summary>
    /// <param name="folder">
    /// The folder of <see cref="NoteLockUse(string, string, string, IReadOnlyList{RepoReference})"/>, which must have been
    /// called for every project that shares these lock files.
    /// </param>
    /// <param name="cancel">Ends it.</param>
    /// <exception cref="HubException">
    /// WISE4010: other projects may use a lock file; WISE4001, WISE4002, WISE4011, or a code of the file system.
    /// </exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public Task RemoveUnusedAsync(string folder, CancellationToken cancel = default) =>
        RemoveSomeUnusedAsync(folder, _ => true, cancel);

    /// <inheritdoc cref="RemoveUnusedAsync"/>
    /// <param name="folder">The same.</param>
    /// <param name="which">Says whether an unused entry is removed.</param>
    /// <param name="cancel">Ends it.</param>
    public Task RemoveSomeUnusedAsync(string folder, Func<LockKey, bool> which, CancellationToken cancel) =>
        Task.Run(() => LockUse.RemoveUnusedAsync(_context, folder, which, cancel), cancel);

    /// <summary>
    /// Restores from the lock file and the store alone. Makes no request and reads no content. It only writes the requested
    /// folders, a mark for the use of the lock file once an hour, and marks of doubt after a crash.
    /// </summary>
    /// <returns>Null if anything is missing, touched or unresolved: then call <see cref="RestoreAsync"/>.</returns>
    /// <exception cref="HubException">
    /// WISE1xxx, WISE4001 or WISE4002: mistakes that a request to a hub could not solve.
    /// </exception>
    /// <exception cref="AggregateException">Several of them.</exception>
    public RestoreResult? TryRestoreLocally(RestoreRequest request) =>
        new RestoreRun(_context, request, CancellationToken.None).FromLock();

    /// <summary>
    /// Downloads and verifies all selected files of all references, and updates the lock file. It returns a complete result or
    /// throws; after a failure, verified contents stay for the next try.
    /// </summary>
    /// <exception cref="HubException">Any WISE1xxx to WISE4xxx code.</exception>
    /// <exception cref="AggregateException">Several of them.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public async Task<RestoreResult> RestoreAsync(RestoreRequest request, CancellationToken cancel = default)
    {
        var run = new RestoreRun(_context, request, cancel);
        if (request.LookFirst && run.FromLock() is RestoreResult local)
            return local;
        // Not on the caller's context, so that a user interface thread does not run the continuations of downloads.
        return await Task.Run(run.RunAsync, cancel).ConfigureAwait(false);
    }

    /// <summary>Downloads a repo into the cache, with the branch's current commit, and makes a folder with its files.</summary>
    /// <returns>The snapshot with its <see cref="Snapshot.Directory"/>.</returns>
    /// <exception cref="HubException">Any WISE1xxx to WISE3xxx code.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public async Task<Snapshot> DownloadAsync(RepoReference reference, bool force = false, CancellationToken cancel = default) =>
        (await DownloadAsync(new DownloadRequest { Reference = reference, Force = force }, cancel).ConfigureAwait(false))
            .Snapshot;

    /// <summary>
    /// Downloads a repo into the cache, with the branch's current commit, and places its files in a folder of the cache or of the
    /// caller.
    /// </summary>
    /// <exception cref="HubException">Any WISE1xxx to WISE3xxx code.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public Task<DownloadResult> DownloadAsync(DownloadRequest request, CancellationToken cancel = default) =>
        Task.Run(() => new DownloadRun(_context, request, cancel).RunAsync(), cancel);

    /// <summary>
    /// What <see cref="DownloadAsync(DownloadRequest, CancellationToken)"/> would fetch now. Asks the first hub for the revision
    /// and the file list, and writes nothing. A URL is not requested: its digest is known only after a download.
    /// </summary>
    /// <exception cref="HubException">Any WISE1xxx to WISE3xxx code.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public Task<DownloadPlan> PlanDownloadAsync(DownloadRequest request, CancellationToken cancel = default) =>
        Task.Run(() => new DownloadPlanning(_context, request, cancel).RunAsync(), cancel);

    /// <summary>
    /// Publishes files as one commit: it sends the contents that the hub lacks, continues interrupted uploads, and commits last,
    /// unless someone else pushed meanwhile. If the hub already has exactly these files, it makes no commit.
    /// </summary>
    /// <exception cref="HubException">
    /// WISE1002, WISE1003, WISE1005, WISE1008, WISE3003, WISE3004, any WISE2xxx or WISE5xxx code, a code of the file system.
    /// </exception>
    /// <exception cref="AggregateException">Several WISE5060: a card has several invalid values.</exception>
    /// <exception cref="OperationCanceledException">Cancelled; the visible state of the hub has not changed.</exception>
    public Task<PushResult> PushAsync(PushRequest request, CancellationToken cancel = default) =>
        Task.Run(() => new PushRun(_context, request, cancel).RunAsync(), cancel);

    /// <summary>
    /// A file in the cache for <see cref="PushRequest.MemoryFile"/>, where pushes of a folder or file remember digests. A prune
    /// removes it after the files are gone.
    /// </summary>
    public string PushMemoryFile(string path) => PushMemory.FileFor(path, _context.Store);

    /// <summary>
    /// The list of materials of entries of a lock file. Makes no request: cards are read if the cache has them.
    /// </summary>
    /// <param name="entries">The entries, with the files that the program uses: <see cref="BillOfMaterials.EntriesOf"/>.</param>
    /// <param name="program">The program; null for none.</param>
    /// <exception cref="HubException">WISE6040: the variable SOURCE_DATE_EPOCH is malformed.</exception>
    public BillOfMaterials DescribeMaterials(IReadOnlyList<LockEntry> entries, BillProgram? program = null)
    {
        var reader = new BillReader(_context);
        return new BillOfMaterials(entries.Select(reader.Read), program, BillReader.TimeOf(Environment));
    }

    /// <summary>
    /// The list of materials of a repo at the current commit of its revision. Files have a digest if the hub states it.
    /// </summary>
    /// <exception cref="HubException">WISE1002, WISE1003, WISE6040, any WISE2xxx or WISE3xxx code.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public Task<BillOfMaterials> DescribeMaterialsAsync(RepoReference repo, CancellationToken cancel = default) =>
        Task.Run(async () =>
        {
            BillEntry entry = await new BillReader(_context).ListAsync(Repos.HubFor(repo), repo, cancel).ConfigureAwait(false);
            return new BillOfMaterials([entry], program: null, BillReader.TimeOf(Environment));
        }, cancel);

    /// <inheritdoc/>
    public void Dispose() => _context.Dispose();

    internal Func<string, string?> Environment => _context.Environment;

    internal string OfflineVariables => _context.Protocols.OfflineVariables;

    IHubContext IHubClient.Context => _context;

    private RestoreRun Run(IReadOnlyList<RepoReference> references) =>
        new(_context, new RestoreRequest { References = references }, CancellationToken.None);
}
