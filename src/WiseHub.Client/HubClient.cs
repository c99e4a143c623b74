using System.Diagnostics.CodeAnalysis;
using WiseHub.Client.Credentials;
using WiseHub.Client.Entries;
using WiseHub.Client.Http;
using WiseHub.Client.Hubs;
using WiseHub.Client.Hubs.Git;
using WiseHub.Client.Mirroring;
using WiseHub.Client.Pushing;
using WiseHub.Client.Store;

namespace WiseHub.Client;

/// <summary>
/// Everything the product does, for tasks, the tool and programs alike: restore what projects reference, and publish to hubs.
/// Safe to use from several threads; keep one for as long as there is work, because it keeps connections.
/// </summary>
public sealed class HubClient : IDisposable
{
    private readonly HubServices _services;

    /// <summary>Reads the configuration; no network.</summary>
    /// <exception cref="HubException">WISE1004, WISE1008, WISE1009 or WISE1014.</exception>
    public HubClient(HubClientOptions? options = null) => _services = new HubServices(options ?? new HubClientOptions());

    /// <summary>The root of the cache in use.</summary>
    public string CacheRoot => _services.Store.Root;

    /// <summary>The hubs that references may name.</summary>
    public HubConfig Config => _services.Config;

    /// <summary>Everything that is wrong with references that can be told without asking a hub; empty when there is nothing.</summary>
    public IReadOnlyList<HubException> FindMistakes(IReadOnlyList<RepoReference> references) =>
        new RestoreRun(_services, new RestoreRequest { References = references }, CancellationToken.None).FindMistakes();

    /// <summary>Says in a file of a folder which entries of a lock file references use, for <see cref="RemoveUnusedAsync"/>.</summary>
    /// <param name="folder">A folder that exists and holds nothing else.</param>
    /// <param name="project">Absolute path of the project.</param>
    /// <param name="lockFile">Absolute path of the lock file.</param>
    /// <param name="references">All references of one evaluation of one project.</param>
    /// <exception cref="HubException">WISE1xxx: a reference that no restore would take.</exception>
    /// <exception cref="AggregateException">Several of them.</exception>
    public void NoteLockUse(string folder, string project, string lockFile, IReadOnlyList<RepoReference> references) =>
        LockUse.Write(folder, project, lockFile, new RestoreRun(_services, new RestoreRequest { References = references }, CancellationToken.None).Keys());

    /// <summary>Removes from lock files the entries that nobody uses of those who said so. The log names each of them.</summary>
    /// <param name="folder">Where <see cref="NoteLockUse"/> was called for everybody who shares these lock files.</param>
    /// <param name="cancel">Ends it.</param>
    /// <exception cref="HubException">WISE4010: others may use a lock file; WISE4001, WISE4002, WISE4011, or a code of the file system.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public Task RemoveUnusedAsync(string folder, CancellationToken cancel = default) => Task.Run(() => LockUse.RemoveUnusedAsync(_services, folder, cancel), cancel);

    /// <summary>
    /// Answers a restore from lock file and store alone: no network, no content read, nothing written but folders that were
    /// asked for, once an hour the mark that the lock file is used, and after a crash marks of doubt.
    /// </summary>
    /// <returns>Null when anything is missing, touched or to be resolved: then call <see cref="RestoreAsync"/>.</returns>
    /// <exception cref="HubException">WISE1xxx or WISE4001, WISE4002: mistakes that no network can mend.</exception>
    /// <exception cref="AggregateException">Several of them.</exception>
    public RestoreResult? TryRestoreLocally(RestoreRequest request) => new RestoreRun(_services, request, CancellationToken.None).FromLock();

    /// <summary>
    /// Makes every selected file of every reference present and verified, and the lock file say so. Complete or error: on any failure
    /// nothing is returned, and verified contents stay for the next try.
    /// </summary>
    /// <exception cref="HubException">Any WISE1xxx to WISE4xxx code.</exception>
    /// <exception cref="AggregateException">Several of them.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public Task<RestoreResult> RestoreAsync(RestoreRequest request, CancellationToken cancel = default) =>
        // Not on the caller's context: a user interface must not carry each continuation of a download.
        Task.Run(() => new RestoreRun(_services, request, cancel).RunAsync(), cancel);

    /// <summary>Brings one repo into the cache, following a moved branch, and makes a folder with its files.</summary>
    /// <returns>The snapshot with its <see cref="Snapshot.Directory"/>.</returns>
    /// <exception cref="HubException">Any WISE1xxx to WISE3xxx code.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public async Task<Snapshot> DownloadAsync(RepoReference reference, bool force = false, CancellationToken cancel = default) =>
        (await DownloadAsync(new DownloadRequest { Reference = reference, Force = force }, cancel).ConfigureAwait(false)).Snapshot;

    /// <summary>Brings one repo into the cache, following a moved branch, and its files into a folder of the cache or of the caller.</summary>
    /// <exception cref="HubException">Any WISE1xxx to WISE3xxx code.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public async Task<DownloadResult> DownloadAsync(DownloadRequest request, CancellationToken cancel = default)
    {
        string? local = request.LocalDirectory is { Length: > 0 } folder ? UserPath.Resolve(folder, Directory.GetCurrentDirectory(), _services.Environment) : null;
        RestoreResult restored = await RestoreAsync(new RestoreRequest
        {
            References = [request.Reference],
            Force = request.Force,
            Materialise = local is null ? new HashSet<RepoReference> { request.Reference } : new HashSet<RepoReference>(),
        }, cancel).ConfigureAwait(false);
        Snapshot snapshot = restored.Snapshots[0];
        if (local is not null)
            await Task.Run(() => PlaceIn(local, snapshot, cancel), cancel).ConfigureAwait(false);
        string directory = local ?? snapshot.Directory!;
        bool isOneFile = snapshot.Files.Count == 1 && (request.Reference.RequiredPaths.Count == 1 || snapshot.Hub == UrlHub.Name);
        return new DownloadResult
        {
            Snapshot = snapshot,
            Path = isOneFile ? Path.Combine(directory, NativePath(snapshot.Files[0])) : directory,
            FilesTransferred = restored.FilesTransferred,
            BytesTransferred = restored.BytesTransferred,
        };
    }

    // Clones or copies, never links: people edit what they downloaded into a folder of their own.
    private void PlaceIn(string folder, Snapshot snapshot, CancellationToken cancel)
    {
        ToolFiles.Check(snapshot.Reference, snapshot.Files.Select(f => f.Path), folder, _services.Options.ExcludeOption);
        var placer = new FilePlacer(_services.Log);
        foreach (SnapshotFile file in snapshot.Files)
        {
            cancel.ThrowIfCancellationRequested();
            placer.Place(file.BlobPath, Path.Combine(folder, NativePath(file)), LinkMode.Clone);
        }
        placer.Report(folder);
    }

    private static string NativePath(SnapshotFile file) => file.Path.Replace('/', Path.DirectorySeparatorChar);

    /// <summary>
    /// Publishes files as one commit: what the hub has already is not sent, what was broken off goes on, and the commit comes last, if nobody
    /// pushed in between. A set that the hub has already makes no commit.
    /// </summary>
    /// <exception cref="HubException">WISE1002, WISE1003, WISE1005, WISE1008, WISE3003, WISE3004, any WISE2xxx or WISE5xxx code, a code of the file system.</exception>
    /// <exception cref="AggregateException">Several WISE5060: a card has several wrong values.</exception>
    /// <exception cref="OperationCanceledException">Cancelled; what is visible on the hub has not changed.</exception>
    public Task<PushResult> PushAsync(PushRequest request, CancellationToken cancel = default) => Task.Run(() => new PushRun(_services, request, cancel).RunAsync(), cancel);

    /// <summary>A file of the cache in which pushes of a folder or file remember its digests, for <see cref="PushRequest.MemoryFile"/>; prune removes it when its files are gone.</summary>
    public string PushMemoryFile(string path) => Path.Combine(_services.Store.PushesFolder, PushMemory.NameOf(Path.TrimEndingDirectorySeparator(Path.GetFullPath(path))));

    /// <summary>Puts one file into a repo, from a path, a stream or bytes.</summary>
    /// <returns>The commit, and the address of the file there.</returns>
    /// <exception cref="HubException">WISE5004: there is no content, or more than one; else as <see cref="PushAsync"/>.</exception>
    /// <exception cref="OperationCanceledException">Cancelled; what is visible on the hub has not changed.</exception>
    public Task<UploadedFile> UploadFileAsync(UploadFileRequest request, CancellationToken cancel = default) => Task.Run(() => Repos.UploadAsync(request, cancel), cancel);

    /// <summary>Puts the files of a folder into a repo as one commit. Digests are remembered in the cache.</summary>
    /// <exception cref="HubException">WISE5004: the folder has no files to push; else as <see cref="PushAsync"/>.</exception>
    /// <exception cref="OperationCanceledException">Cancelled; what is visible on the hub has not changed.</exception>
    public Task<PushResult> UploadFolderAsync(UploadFolderRequest request, CancellationToken cancel = default) => Task.Run(() => new PushRun(_services, new PushRequest
    {
        Hub = request.Hub,
        RepoId = request.RepoId,
        RepoType = request.RepoType,
        Revision = request.Revision,
        Message = request.Message,
        Files = PushSet.FromFolder(request.Folder, request.PathInRepo, request.Files),
        Prune = request.Prune,
        CreateRepo = request.CreateRepo,
        Private = request.Private,
        CreatePullRequest = request.CreatePullRequest,
        DryRun = request.DryRun,
        MemoryFile = PushMemoryFile(request.Folder),
    }, cancel).RunAsync(), cancel);

    /// <summary>Makes a repo, of an account or organization, or with a name alone in the caller's own namespace.</summary>
    /// <exception cref="HubException">WISE5027: the hub cannot; WISE5028: there is one; WISE5007: the token may not; WISE1002, WISE1003 or any WISE2xxx code.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public Task<CreatedRepo> CreateRepoAsync(CreateRepoRequest request, CancellationToken cancel = default) => Task.Run(() => Repos.CreateAsync(request, cancel), cancel);

    /// <summary>Deletes a repo with everything in it. Nobody is asked.</summary>
    /// <exception cref="HubException">WISE5027: the hub cannot; WISE2002: there is none; WISE5007: the token may not; WISE1002, WISE1003, any WISE2xxx code or one of the file system.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public Task DeleteRepoAsync(RepoReference repo, CancellationToken cancel = default) => Task.Run(() => Repos.DeleteAsync(repo, cancel), cancel);

    /// <summary>What the hub tells of a repo.</summary>
    /// <exception cref="HubException">WISE5027: the hub cannot; WISE2002: there is none; WISE1002, WISE1003 or any WISE2xxx code.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public Task<RepoSummary> GetRepoAsync(RepoReference repo, CancellationToken cancel = default) => Task.Run(() => Repos.GetAsync(repo, cancel), cancel);

    /// <summary>The files of a revision, as the hub lists them and the reference selects them. No content is read.</summary>
    /// <exception cref="HubException">WISE1002, WISE1003, any WISE2xxx or WISE3xxx code.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public Task<RepoListing> ListFilesAsync(RepoReference repo, CancellationToken cancel = default) => Task.Run(() => Repos.ListAsync(repo, cancel), cancel);

    /// <summary>Finds repos by text, owner and tags. The hub is asked for a page when the one before is used up.</summary>
    /// <exception cref="HubException">WISE5027: the hub cannot, or not by this; WISE1002, WISE1004 or any WISE2xxx code.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public IAsyncEnumerable<RepoSummary> SearchAsync(RepoQuery query, CancellationToken cancel = default) => Repos.SearchAsync(query, cancel);

    /// <summary>Makes a branch where the reference's revision is; without one at the default branch.</summary>
    /// <exception cref="HubException">WISE5027: the hub cannot; WISE5028: there is one; WISE2003: there is no such revision; WISE5007: the token may not; WISE1002 to WISE1005 or any WISE2xxx code.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public Task CreateBranchAsync(RepoReference repo, string branch, CancellationToken cancel = default) => Task.Run(() => Repos.CreateBranchAsync(repo, branch, cancel), cancel);

    /// <summary>Deletes a branch.</summary>
    /// <exception cref="HubException">WISE5027: the hub cannot; WISE2003: there is none; WISE5007: the token may not; WISE1002 to WISE1005 or any WISE2xxx code.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public Task DeleteBranchAsync(RepoReference repo, string branch, CancellationToken cancel = default) => Task.Run(() => Repos.DeleteBranchAsync(repo, branch, cancel), cancel);

    /// <summary>Makes a tag where the reference's revision is; without one at the default branch.</summary>
    /// <param name="repo">The repo and what is tagged.</param>
    /// <param name="tag">The name.</param>
    /// <param name="message">What the tag is about; null = nothing. Stores keep none.</param>
    /// <param name="cancel">Ends it.</param>
    /// <exception cref="HubException">As <see cref="CreateBranchAsync"/>.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public Task CreateTagAsync(RepoReference repo, string tag, string? message = null, CancellationToken cancel = default) => Task.Run(() => Repos.CreateTagAsync(repo, tag, message, cancel), cancel);

    /// <summary>Deletes a tag.</summary>
    /// <exception cref="HubException">As <see cref="DeleteBranchAsync"/>.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public Task DeleteTagAsync(RepoReference repo, string tag, CancellationToken cancel = default) => Task.Run(() => Repos.DeleteTagAsync(repo, tag, cancel), cancel);

    private RepoDesk Repos => new(_services);

    /// <summary>
    /// Is a transfer agent of git-lfs (https://github.com/git-lfs/git-lfs/blob/main/docs/custom-transfers.md): sends contents in parts, as Hugging Face
    /// wants them above 5 GB. What goes wrong with one content is told to git-lfs, which goes on with the others.
    /// </summary>
    /// <param name="input">What git-lfs says.</param>
    /// <param name="output">What it is answered.</param>
    /// <param name="cancel">Ends it.</param>
    /// <returns>False when git-lfs wanted something else than uploads.</returns>
    /// <exception cref="HubException">WISE5042: it is not git-lfs that speaks.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public async Task<bool> ServeGitLfsAsync(TextReader input, TextWriter output, CancellationToken cancel = default)
    {
        using HubHttp http = _services.NewHttp("git-lfs");
        return await new LfsTransferAgent(http, _services.Time, input, output).RunAsync(cancel).ConfigureAwait(false);
    }

    /// <summary>Sets a program as the transfer agent <c>multipart</c> of a git repository on this machine; see <see cref="ServeGitLfsAsync"/>.</summary>
    /// <param name="folder">The repository, or a folder in it.</param>
    /// <param name="program">The program.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="cancel">Ends it.</param>
    /// <exception cref="HubException">WISE1026: there is no git; WISE5043: the folder is in no git repository.</exception>
    public Task EnableLargeFilesAsync(string folder, string program, IReadOnlyList<string> arguments, CancellationToken cancel = default) =>
        LfsTransferAgent.EnableAsync(new GitTool(_services.Environment), folder, program, arguments, cancel);

    /// <summary>
    /// Copies commits from their hubs to another one, under their own names: what it lacks of the contents first, then the file lists, the
    /// names last. What is there already is not written again. Every byte goes through the cache and is verified there.
    /// </summary>
    /// <exception cref="HubException">WISE1050, WISE1051, WISE2014, WISE3060, WISE3064, or any code of a restore.</exception>
    /// <exception cref="AggregateException">Several of them.</exception>
    /// <exception cref="OperationCanceledException">Cancelled; commits that are complete at the target stay.</exception>
    public Task<MirrorResult> MirrorAsync(MirrorRequest request, CancellationToken cancel = default) => Task.Run(async () =>
    {
        IMirrorTarget target = Target(request.To);
        List<MirroredCommit> commits = await new MirrorSource(_services, cancel).ReadAsync(request, target.Store).ConfigureAwait(false);
        (int files, long bytes) = (0, 0L);
        foreach (MirroredCommit commit in commits)
        {
            MirrorOutcome done = await target.WriteAsync(commit, cancel).ConfigureAwait(false);
            (files, bytes) = (files + done.Files, bytes + done.Bytes);
        }
        return new MirrorResult { Commits = [.. commits.Select(c => c.Show())], FilesWritten = files, BytesWritten = bytes };
    }, cancel);

    /// <summary>
    /// Puts commits into one file, with the contents that the other side lacks. The same commits and have-lists give the same bytes
    /// (docs/air-gap.md).
    /// </summary>
    /// <exception cref="HubException">WISE1051, WISE3061, or any code of a restore.</exception>
    /// <exception cref="AggregateException">Several of them.</exception>
    /// <exception cref="OperationCanceledException">Cancelled; what was at the place of the bundle is there still.</exception>
    public Task<MirrorResult> ExportBundleAsync(ExportBundleRequest request, CancellationToken cancel = default) =>
        Task.Run(() => new BundleExport(_services, cancel).RunAsync(request), cancel);

    /// <summary>
    /// Puts a bundle into a hub. Everything in it is verified before a commit of it becomes visible; contents that were verified by then
    /// stay, so that a second try is quicker.
    /// </summary>
    /// <exception cref="HubException">WISE1050, WISE2014, WISE3060 to WISE3063, a code of the file system, and for a bucket WISE103x, WISE2xxx and WISE501x.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public Task<MirrorResult> ImportBundleAsync(ImportBundleRequest request, CancellationToken cancel = default) =>
        Task.Run(() => new BundleImport(_services, Store(request.To), cancel).RunAsync(Path.GetFullPath(request.BundlePath)), cancel);

    /// <summary>What a folder store, a bucket or a bundle has. Reads names and file lists, no contents.</summary>
    /// <param name="hubOrBundle">The name of a hub, or the path of a bundle.</param>
    /// <param name="cancel">Ends the reading.</param>
    /// <exception cref="HubException">WISE1050, WISE1052, WISE2014, WISE3005, WISE3006, WISE3061, WISE3062, a code of the file system, and for a bucket WISE103x and WISE2xxx.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public Task<MirrorListing> ListMirrorAsync(string hubOrBundle, CancellationToken cancel = default) => Task.Run(async () =>
    {
        if (!IsBundle(hubOrBundle))
        {
            return _services.Hub(hubOrBundle) is StoreHub hub && (hub.Folder is not null || hub.Bucket is not null) ? await MirrorLister.OfStoreAsync(Reached(hub, hub.Definition), cancel).ConfigureAwait(false)
                : throw new HubException(WiseCodes.MirrorNotWritable, $"The hub '{hubOrBundle}' cannot be listed. What works: a bundle, a hub with \"protocol\": \"store\" and a \"path\", or one with \"protocol\": \"s3\".");
        }
        try
        {
            return MirrorLister.OfBundle(Path.GetFullPath(hubOrBundle), cancel);
        }
        catch (Exception e) when (IoFailures.IsFileSystem(e))
        {
            throw IoFailures.ToHubException(e, $"The bundle {hubOrBundle} cannot be read");
        }
    }, cancel);

    /// <summary>Whether a text names a bundle and not a hub: it ends in <c>.tar</c>, or is the path of a file. A hub of that name comes before the file.</summary>
    /// <exception cref="HubException">WISE1052: it is neither.</exception>
    public bool IsBundle(string hubOrBundle) => hubOrBundle.EndsWith(".tar", StringComparison.OrdinalIgnoreCase)
        || (!Config.Hubs.ContainsKey(hubOrBundle) && !HubConfig.IsForUrls(hubOrBundle) && (File.Exists(hubOrBundle) ? true
            : throw new HubException(WiseCodes.NeitherBundleNorHub, $"'{hubOrBundle}' is neither a bundle, because there is no file {Path.GetFullPath(hubOrBundle)}, nor a hub. "
                + $"Known hubs are {string.Join(", ", Config.Hubs.Keys.Order(StringComparer.Ordinal))}.")));

    private IMirrorTarget Target(string name) => _services.MirrorTarget(name) is IMirrorTarget target ? Reached(target, target.Definition) : throw new HubException(WiseCodes.MirrorNotWritable,
        $"The hub '{name}' cannot be mirrored to. What works: a hub with \"protocol\": \"store\" and a \"path\", or one with \"protocol\": \"s3\" or \"hg-localization\".");

    private StoreHub Store(string name) => _services.Hub(name) is StoreHub store && (store.Folder is not null || store.Bucket is not null) ? Reached(store, store.Definition)
        : throw new HubException(WiseCodes.MirrorNotWritable, $"A bundle cannot be put into the hub '{name}'. What works: a hub with \"protocol\": \"store\" and a \"path\", or one with \"protocol\": \"s3\".");

    private T Reached<T>(T what, HubDefinition hub) => hub is { IsLocal: true, Bucket: null } || !_services.Offline ? what
        : throw new HubException(WiseCodes.OfflineAndMissing, $"The hub '{hub.Name}' is not a folder, and the network must not be used ({_services.WhyNotReached}). Name a folder hub, or do it online.");

    /// <summary>What the cache holds: repos, commits, sizes, and when they were last used. Reads file lists and lock files, no contents.</summary>
    /// <exception cref="HubException">WISE3005: the folder holds something else; WISE3007 or WISE3013.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public Task<CacheReport> ListCacheAsync(CancellationToken cancel = default) => Task.Run(() => Keeper.ListAsync(cancel), cancel);

    /// <summary>
    /// Hashes every content of the cache, on all cores, and reads every file list. What is wrong is removed, so that the next build
    /// fetches it again; what this user may not read is told and left alone. When everything is right, all of it is synced to the device and
    /// need not be doubted after a crash.
    /// </summary>
    /// <exception cref="HubException">WISE3005, WISE3007, WISE3008 or WISE3013: it could not be done, or not be synced.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public Task<CacheVerification> VerifyCacheAsync(CancellationToken cancel = default) => Task.Run(() => Keeper.VerifyAsync(cancel), cancel);

    /// <summary>
    /// Removes from the cache what nothing refers to, and on request what was not used for long. Safe while builds run: waits for those
    /// that fetch, and leaves alone what was used or fetched just now. Files in outputs, hard-linked or not, are not touched.
    /// </summary>
    /// <exception cref="HubException">WISE3005, WISE3007 or WISE3013.</exception>
    /// <exception cref="OperationCanceledException">Cancelled; what was removed by then is removed.</exception>
    public Task<CacheRemoval> PruneCacheAsync(CachePruneRequest? request = null, CancellationToken cancel = default) =>
        Task.Run(() => Keeper.PruneAsync(request ?? new CachePruneRequest(), cancel), cancel);

    /// <summary>Removes a repo or a commit of it from the cache, with the contents that nothing else refers to.</summary>
    /// <exception cref="HubException">WISE3022: the cache does not have it; WISE3005, WISE3007 or WISE3013.</exception>
    /// <exception cref="OperationCanceledException">Cancelled; what was removed by then is removed.</exception>
    public Task<CacheRemoval> RemoveFromCacheAsync(CacheRemoveRequest request, CancellationToken cancel = default) =>
        Task.Run(() => Keeper.RemoveAsync(request, cancel), cancel);

    private CacheKeeper Keeper => new(_services.Store, _services.Log, _services.Time);

    /// <summary>Looks for files whose bytes are not what their digest says. Reads them all, on all cores.</summary>
    /// <param name="files">Absolute path and what should be there.</param>
    /// <param name="cancel">Ends the reading.</param>
    /// <returns>The paths that are missing or wrong.</returns>
    public static async Task<IReadOnlyList<string>> FindDamagedAsync(IEnumerable<(string Path, Digest Sha256)> files, CancellationToken cancel = default)
    {
        var damaged = new System.Collections.Concurrent.ConcurrentBag<string>();
        await Parallel.ForEachAsync(files, cancel, (file, token) =>
        {
            if (!File.Exists(file.Path) || BlobStore.HashFile(file.Path, token) != file.Sha256)
                damaged.Add(file.Path);
            return ValueTask.CompletedTask;
        }).ConfigureAwait(false);
        return [.. damaged.Order(StringComparer.Ordinal)];
    }

    /// <summary>Places a file of the store by the ladder of <see cref="LinkMode"/>; see <see cref="FilePlacer"/> for many.</summary>
    /// <returns>A placer that remembers which ways are possible.</returns>
    public static FilePlacer CreatePlacer(IHubLog? log = null) => new(log ?? SilentLog.Instance);

    /// <summary>Places files of the store in a publish folder, with times that show which of them changed.</summary>
    /// <param name="record">Absolute path of a file that remembers what was placed.</param>
    /// <param name="log">Where it tells what it does.</param>
    /// <param name="time">The clock; null = the system's.</param>
    public static PublishPlacer CreatePublishPlacer(string record, IHubLog? log = null, TimeProvider? time = null) => new(log ?? SilentLog.Instance, time ?? TimeProvider.System, record);

    /// <summary>The address of a file on its hub, escaped; no request. Null for hubs without pages.</summary>
    /// <exception cref="HubException">WISE1002.</exception>
    public Uri? GetFileUrl(RepoReference reference, string path) =>
        _services.Hub(reference.Hubs.Count > 0 ? reference.Hubs[0] : _services.DefaultHub).FileUrl(reference, path);

    /// <summary>The token that would be sent to a hub, or null.</summary>
    /// <exception cref="HubException">WISE1002.</exception>
    public string? GetToken(string hub) => TokenOf(hub)?.Value;

    private Secret? TokenOf(string hub) => _services.Config.Find(hub) is { Endpoint: Uri origin } definition ? _services.Tokens.Find(definition, origin, SecretKind.Token) : null;

    /// <summary>Checks a token by asking the hub whose it is, and stores it for this user, for exactly the hub's own origins.</summary>
    /// <exception cref="HubException">WISE1002; WISE1055 to WISE1059; WISE2006: the hub refused it; WISE2001 to WISE2012; WISE3007, WISE3008 or WISE3013.</exception>
    /// <exception cref="OperationCanceledException">Cancelled; nothing was stored.</exception>
    public Task<HubIdentity> LoginAsync(HubLogin login, CancellationToken cancel = default) => Task.Run(() => new Logins(_services).LoginAsync(login, cancel), cancel);

    /// <summary>
    /// Logs in by user name and password, and stores the session that the hub gives for this user, for exactly the hub's own origins. Of the
    /// built-in hubs only Wisemodel has such a login.
    /// </summary>
    /// <exception cref="HubException">WISE1002; WISE1053: the hub has none; WISE1055 to WISE1059; WISE2021: the hub refused them; WISE2001 to WISE2014; WISE3007, WISE3008 or WISE3013.</exception>
    /// <exception cref="OperationCanceledException">Cancelled; nothing was stored.</exception>
    public Task<HubIdentity> LoginAsync(HubPasswordLogin login, CancellationToken cancel = default) => Task.Run(() => new Logins(_services).LoginAsync(login, cancel), cancel);

    /// <summary>Removes what logins stored: of one hub, or with null of all. The environment and files of other tools are left alone.</summary>
    /// <returns>The origins whose tokens are gone; empty when none was stored.</returns>
    /// <exception cref="HubException">WISE1002, WISE1056, WISE1057, WISE1059, WISE3007 or WISE3013.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public Task<IReadOnlyList<string>> LogoutAsync(string? hub, CancellationToken cancel = default) => Task.Run(() => new Logins(_services).LogoutAsync(hub, cancel), cancel);

    /// <summary>Asks a hub whose token is in use, and says what session there is.</summary>
    /// <exception cref="HubException">WISE1002, WISE1059; WISE2005: there is neither; WISE2006: the hub refused it; WISE2001 to WISE2012.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public Task<HubIdentity> WhoAmIAsync(string hub, CancellationToken cancel = default) => Task.Run(() => new Logins(_services).WhoAmIAsync(hub, cancel), cancel);

    /// <summary>Where the token that would be sent to a hub is kept, in words, or null; never the token.</summary>
    /// <exception cref="HubException">WISE1002; WISE1055 to WISE1057.</exception>
    public string? FindTokenSource(string hub) => TokenOf(hub)?.Source;

    /// <summary>The session of a hub's gateway that is in use; null where there is none, or the hub has no such thing. No request.</summary>
    /// <exception cref="HubException">WISE1002; WISE1055 to WISE1057.</exception>
    public HubSession? FindSession(string hub) => _services.Config.Find(hub) is { Endpoints: not null } definition ? new Sessions(_services, definition).Find() : null;

    /// <summary>The environment variable for the token of a hub, <c>WISEHUB_TOKEN_&lt;HUB&gt;</c>.</summary>
    /// <exception cref="HubException">WISE1002.</exception>
    public string GetTokenVariable(string hub) => _services.Config.Find(hub).TokenVariable;

    /// <summary>The hub of references and commands that name none.</summary>
    public string DefaultHub => _services.DefaultHub;

    /// <summary>Where people make tokens for a hub; null where that is not known.</summary>
    /// <exception cref="HubException">WISE1002.</exception>
    public Uri? GetTokenPage(string hub) => _services.Config.Find(hub).TokenPage;

    /// <summary>Reads a page URL of a configured hub as a reference; null when the URL belongs to none.</summary>
    /// <exception cref="HubException">WISE1011: it is a URL of a hub, but not of a repo.</exception>
    public RepoReference? ReferenceFromUrl(string url) => PageUrl.Parse(url, _services.Config);

    /// <summary>Reads what people write to name a repo: <c>owner/name</c>, <c>owner/name:revision</c>, one name, a page URL of a configured hub, or the URL of a file anywhere.</summary>
    /// <param name="idOrUrl">The text.</param>
    /// <param name="unpack">The URL is that of a <c>.zip</c>, <c>.tar</c> or <c>.tar.gz</c> whose files are wanted.</param>
    /// <exception cref="HubException">WISE1011 or WISE1040: a URL that cannot be used. The id itself is judged by the restore.</exception>
    public RepoReference ParseReference(string idOrUrl, bool unpack = false)
    {
        string text = idOrUrl.Trim();
        if (!UrlReference.IsUrl(text))
            return !unpack ? ReadId(text) : throw new HubException(WiseCodes.UrlSetting, $"'{text}' is no URL, so there is nothing to unpack. Leave Unpack out.");
        if (!Uri.TryCreate(text, UriKind.Absolute, out Uri? uri) || uri.Scheme is not ("http" or "https"))
            throw new HubException(WiseCodes.UnusableUrl, $"'{text.Split("://")[0]}://…' is not an http(s) URL. Write owner/name, or the https URL of a file.");
        if (UrlReference.RejectSecrets(uri) is string reason)
            throw new HubException(WiseCodes.UnusableUrl, $"'{HubHttp.Show(uri)}' {reason}. Write the URL without it.");
        if (ReferenceFromUrl(text) is not RepoReference page)
            return UrlReference.Create(uri, unpack);
        return !unpack ? page : throw new HubException(WiseCodes.UrlSetting, $"'{HubHttp.Show(uri)}' is a page of the hub '{page.Hubs[0]}', whose files are never unpacked. Leave Unpack out.");
    }

    // megengine-hub.md section 1: a '/' before the ':' (more with subgroups), and a revision may have more of them. What has another form is
    // told by the restore.
    private static RepoReference ReadId(string text)
    {
        int colon = text.IndexOf(':', StringComparison.Ordinal);
        return colon > 0 && colon < text.Length - 1 && text.AsSpan(0, colon).Contains('/') ? new RepoReference { RepoId = text[..colon], Revision = text[(colon + 1)..] }
            : new RepoReference { RepoId = text };
    }

    /// <summary>What a repo offers by <c>hubconf.json</c>, <c>hubconf.dll</c> and <c>hubconf.py</c>. Nothing of it is run. A branch is asked for on each call.</summary>
    /// <exception cref="HubException">WISE1044: it offers nothing; WISE1045, WISE1046, or any code of a restore.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public Task<EntryList> ListEntriesAsync(EntryRequest request, CancellationToken cancel = default) => Entries.ListAsync(request, cancel);

    /// <summary>What is known of one entry. Nothing of the repo is run.</summary>
    /// <exception cref="HubException">WISE1043: there is no such entry; else as <see cref="ListEntriesAsync"/>.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public Task<HubEntry> HelpAsync(EntryRequest request, string entry, CancellationToken cancel = default) => Entries.HelpAsync(request, entry, cancel);

    /// <summary>Loads <c>hubconf.dll</c> into this process, after a check of what it needs.</summary>
    /// <exception cref="HubException">WISE1047: <paramref name="trust"/> does not allow it; WISE1048, WISE3050, else as <see cref="ListEntriesAsync"/>.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    [RequiresUnreferencedCode(RunsForeignCode)]
    public Task<EntryModule> ImportAsync(EntryRequest request, EntryTrust trust = EntryTrust.None, CancellationToken cancel = default) => Entries.ImportAsync(request, trust, cancel);

    /// <summary>Loads one entry: fetches its files and, where it is code, calls it.</summary>
    /// <param name="request">Of which repo.</param>
    /// <param name="entry">Its name.</param>
    /// <param name="arguments">Values by parameter name; a text becomes what the parameter wants.</param>
    /// <param name="trust">Whether code may run.</param>
    /// <param name="cancel">Ends it.</param>
    /// <exception cref="HubException">WISE1042, WISE1043, WISE1047, WISE1048, WISE1049 or WISE3050, else as <see cref="ListEntriesAsync"/>.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    [RequiresUnreferencedCode(RunsForeignCode)]
    public Task<LoadedEntry> LoadAsync(EntryRequest request, string entry, IReadOnlyDictionary<string, object?>? arguments = null, EntryTrust trust = EntryTrust.None, CancellationToken cancel = default) =>
        Entries.LoadAsync(request, entry, arguments ?? new Dictionary<string, object?>(), trust, cancel);

    internal const string RunsForeignCode = "The code of a repo is not known when a program is trimmed or compiled ahead of time.";

    internal Func<string, string?> Environment => _services.Environment;

    private EntryRepo Entries => new(_services, RestoreAsync);

    /// <summary>The folders and the bucket of the tool hg_localization.</summary>
    /// <param name="hub">A hub of <c>wisehub.json</c>; null = the only one of that protocol, else what <c>HGLOC_*</c> say, else folders in the working directory.</param>
    /// <exception cref="HubException">WISE1002, WISE1036 or WISE1038.</exception>
    public HgLocalizationClient HgLocalization(string? hub = null) => new(this, _services, hub);

    /// <inheritdoc/>
    public void Dispose() => _services.Dispose();
}
