using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using WiseHub.Client.Archives;
using WiseHub.Client.Credentials;
using WiseHub.Client.Http;
using WiseHub.Client.Hubs;
using WiseHub.Client.Hubs.HgLocalization;
using WiseHub.Client.Hubs.S3;
using WiseHub.Client.Mirroring;
using WiseHub.Client.Store;
using WiseHub.Client.Transfer;

namespace WiseHub.Client;

/// <summary>What one client's calls share: configuration, cache, tokens, and a connection pool for each hub.</summary>
internal sealed class HubServices : IDisposable
{
    private readonly ConcurrentDictionary<string, Lazy<HubHttp>> _http = new(StringComparer.OrdinalIgnoreCase);
    private readonly ConcurrentDictionary<string, Lazy<Bucket>> _buckets = new(StringComparer.OrdinalIgnoreCase);
    private readonly ConcurrentDictionary<string, GitHostHub> _gitHosts = new(StringComparer.OrdinalIgnoreCase);
    // Hubs are shared by the restores of a client, and each of these counts its own.
    private readonly AsyncLocal<HubTransfers?> _transfers = new();
    private readonly Lazy<ArchiveShelf> _archives;
    private readonly TimeSpan? _stallTimeout;

    public HubServices(HubClientOptions options)
    {
        // Paths in the file are relative to its folder, which must not depend on where the process goes later.
        if (options.ConfigFile is string config)
            options = options with { ConfigFile = UserPath.Resolve(config, Path.GetFullPath(options.WorkingDirectory ?? "."), options.Environment) };
        Options = options;
        Folder = Path.GetDirectoryName(options.ConfigFile) ?? options.WorkingDirectory ?? Directory.GetCurrentDirectory();
        ProcessEnvironment = options.Environment ?? System.Environment.GetEnvironmentVariable;
        Environment = DotEnv.Under(ProcessEnvironment, Folder);
        Log = options.Log ?? SilentLog.Instance;
        Policy = new RetryPolicy(Log, options.Time, options.Jitter);
        Config = HubConfig.Load(options.ConfigFile, Environment);
        Store = new SnapshotStore(options.CacheDirectory is { Length: > 0 } root ? UserPath.Resolve(root, Path.GetFullPath(options.WorkingDirectory ?? "."), Environment) : SnapshotStore.DefaultRoot(Environment),
            options.BootId, Log, options.Time);
        _archives = new(() => new ArchiveShelf(Store.Root));
        Tokens = new TokenSource(Environment, options.Tokens, Log);
        Offline = options.Offline || TokenSource.IsTrue(Environment("WISEHUB_OFFLINE")) || TokenSource.IsTrue(Environment("HF_HUB_OFFLINE"));
        MirrorWrite = options.MirrorWrite && (Environment("WISEHUB_MIRROR_WRITE") is not { Length: > 0 } write || TokenSource.IsTrue(write));
        if (options.MaxParallelDownloads is < 1 or > 64)
            throw new HubException(WiseCodes.InvalidValue, $"MaxParallelDownloads (WiseMaxParallelDownloads) is {options.MaxParallelDownloads}; it must be 1 to 64.");
        if (options.ConnectionsPerFile is < 1 or > 8)
            throw new HubException(WiseCodes.InvalidValue, $"ConnectionsPerFile (WiseConnectionsPerFile) is {options.ConnectionsPerFile}; it must be 1 to 8.");
        if (options.Retries is < 1 or > 100)
            throw new HubException(WiseCodes.InvalidValue, $"Retries is {options.Retries}; it must be 1 to 100.");
        _stallTimeout = options.StallTimeout ?? StallTimeoutOfEnvironment();
    }

    public HubClientOptions Options { get; }

    /// <summary>Reads a variable of the process, or one of <c>HGLOC_*</c> from <c>.env</c>.</summary>
    public Func<string, string?> Environment { get; }

    /// <summary>Reads a variable of the process.</summary>
    public Func<string, string?> ProcessEnvironment { get; }

    /// <summary>Where wisehub.json is, or else where the work is done.</summary>
    public string Folder { get; }

    public IHubLog Log { get; }

    public HubConfig Config { get; }

    public SnapshotStore Store { get; }

    /// <summary>The archives that this client's hubs have open.</summary>
    public ArchiveShelf Archives => _archives.Value;

    public TokenSource Tokens { get; }

    public bool Offline { get; }

    /// <summary>What was restored is written to the mirrors that take it.</summary>
    public bool MirrorWrite { get; }

    /// <summary>Whether a hub may be asked at all: folders always, others not offline, and where only mirrors may be asked, only those.</summary>
    public bool Reaches(HubDefinition hub) =>
        hub.IsLocal || (!Offline && (!Config.MirrorsOnly || Config.Mirrors.Any(m => m.Hub.Equals(hub.Name, StringComparison.OrdinalIgnoreCase))));

    /// <summary>The same for writing: what has a folder and a bucket is written to in the bucket.</summary>
    public bool ReachesForWriting(HubDefinition hub) => Reaches(hub) && !(Offline && hub.Bucket is not null);

    /// <summary>Why a hub is not reached, for messages.</summary>
    public string WhyNotReached => Offline ? "WiseOffline, WISEHUB_OFFLINE or HF_HUB_OFFLINE" : $"\"mirrorsOnly\" in {Config.File}";

    public TimeProvider Time => Options.Time;

    /// <summary>How patient everything is with every hub.</summary>
    public RetryPolicy Policy { get; }

    public string DefaultHub => Options.DefaultHub is { Length: > 0 } hub ? hub : Config.DefaultHub;

    /// <summary>The hub of a reference; mirrors beside it may speak what they want.</summary>
    /// <exception cref="HubException">WISE1002 or WISE1027.</exception>
    public IHub HubOfReference(string name)
    {
        HubDefinition definition = Config.Find(name);
        if (Options.UseGit && definition.Protocol is not ("git" or "wisemodel"))
            throw new HubException(WiseCodes.UseGitElsewhere, $"--use-git takes a repo by the local git, and the hub '{name}' speaks '{definition.Protocol}'. Leave it out, or name a hub with \"protocol\": \"git\".");
        return Hub(name);
    }

    /// <summary>What is wrong with a reference, by the rules for ids of the hub that says what it is.</summary>
    /// <param name="reference">The reference.</param>
    /// <param name="hub">That hub, where the reference does not name it.</param>
    public IReadOnlyList<HubException> FindMistakes(RepoReference reference, string? hub = null)
    {
        string name = hub ?? (reference.Hubs.Count > 0 ? reference.Hubs[0] : DefaultHub);
        return reference.Validate(anyId: Config.Hubs.TryGetValue(name, out HubDefinition? definition) && definition.Protocol == HgSettings.Protocol);
    }

    /// <exception cref="HubException">WISE1002.</exception>
    public IHub Hub(string name)
    {
        HubDefinition definition = Config.Find(name);
        HubWire wire = Wire(definition);
        IHub hub = definition.Protocol switch
        {
            "huggingface" => new HuggingFaceHub(definition, wire, Log, Time),
            "wisemodel" => new WisemodelHub(definition, wire, Log, Time, () => new Sessions(this, definition).Open()),
            "store" => new StoreHub(definition, wire, Log, Time),
            UrlHub.Name => new UrlHub(definition, UrlContent(definition, wire), Store),
            UrlArchiveHub.Name => new UrlArchiveHub(definition, UrlContent(definition, wire), Store, Archives, FetchAsync),
            HgSettings.Protocol => HgHub(definition),
            "s3" => new StoreHub(definition, wire, Log, Time, Bucket(definition)),
            // It has archives and temporary repositories open.
            "git" => _gitHosts.GetOrAdd(definition.Name, _ => new GitHostHub(
                Options.UseGit && definition.Transport == GitTransport.Https ? definition with { Transport = GitTransport.Git } : definition, wire, this)),
            // The configuration lets no other through.
            string unknown => throw new UnreachableException(unknown),
        };
        return !Options.UseGit || definition.Endpoints is not WisemodelEndpoints services ? hub
            : new WisemodelGitHub(hub, _gitHosts.GetOrAdd(definition.Name, _ => new GitHostHub(
                definition with { Protocol = "git", Endpoint = services.Git, Endpoints = null, Transport = GitTransport.Git }, wire, this)));
    }

    private UrlContent UrlContent(HubDefinition definition, HubWire wire) => new(definition.Name, wire, Store.ForHub(definition), FetchAsync, Log);

    /// <summary>What can be mirrored to at a hub; null for a hub that is only read.</summary>
    /// <exception cref="HubException">WISE1002.</exception>
    public IMirrorTarget? MirrorTarget(string name) => Hub(name) switch
    {
        StoreHub store when store.Folder is not null || store.Bucket is not null => new StoreMirror(store, Log),
        HgLocalizationHub hg => new HgMirror(hg, this),
        _ => null,
    };

    /// <summary>Who tokens of a hub belong to; null where it cannot say.</summary>
    public IHubAccounts? Accounts(HubDefinition definition) => Hubs.Accounts.Of(definition, Wire(definition));

    private HgLocalizationHub HgHub(HubDefinition definition) => HgHub(HgSettings.Read(definition, Environment, ProcessEnvironment, Folder));

    /// <summary>A hub of hg_localization.</summary>
    public HgLocalizationHub HgHub(HgSettings settings) => new(settings, HgPlaces(settings), request => HgPush(settings, request));

    private HgPush HgPush(HgSettings settings, PushRequest request)
    {
        Bucket? bucket = settings.Bucket is null ? null : Bucket(settings.Definition);
        if (bucket is null or { IsAnonymous: true })
        {
            throw new HubException(WiseCodes.HgSettingMissing, $"{request.RepoId} cannot be pushed to '{settings.Definition.Name}': {(bucket is null ? "it has no bucket. Set HGLOC_S3_BUCKET_NAME, or give it a 'bucket' in wisehub.json"
                : "no credentials for its bucket were found. Set HGLOC_AWS_ACCESS_KEY_ID and HGLOC_AWS_SECRET_ACCESS_KEY")}.");
        }
        var upload = new HgUpload(settings, bucket, bucket.Uploads, Log, Time);
        return new HgPush(settings, bucket, upload, new HgPublication(settings, bucket, bucket.Uploads, upload, Wire(settings.Definition), Store.ForHub(settings.Definition).Root), request, Log);
    }

    /// <summary>The places of a hub of hg_localization; with a new look at each of them.</summary>
    public HgPlaces HgPlaces(HgSettings settings) => new(settings, settings.Bucket is null ? null : Bucket(settings.Definition), Wire(settings.Definition), new HgTools
    {
        Log = Log,
        Time = Time,
        Offline = Offline,
        CacheFolder = Store.ForHub(settings.Definition).Root,
        Shelf = Archives,
        FetchAsync = FetchAsync,
    });

    public HubHttp Http(string hub) => _http.GetOrAdd(hub, name => new Lazy<HubHttp>(() =>
    {
        HubDefinition definition = Config.Find(name);
        return new HubHttp(definition.Name, new HttpSettings
        {
            ConnectTimeout = definition.ConnectTimeout,
            // What somebody says for this run outranks what a file says for all runs.
            StallTimeout = _stallTimeout ?? definition.StallTimeout ?? new HttpSettings().StallTimeout,
            TotalTimeout = definition.TotalTimeout,
            Tries = Options.Retries ?? definition.Retries,
            CaBundle = definition.Bucket is not null && UserPath.Of("AWS_CA_BUNDLE", Environment) is string bundle ? bundle : null,
        }, UserAgent(), Policy);
    })).Value;

    /// <summary>Connections to servers that no configuration names.</summary>
    public HubHttp NewHttp(string name) => new(name, new HttpSettings { StallTimeout = _stallTimeout ?? new HttpSettings().StallTimeout }, UserAgent(), Policy);

    /// <summary>
    /// Brings into the cache what a hub needs before it can answer, such as the archive that its contents lie in. It is a blob like any
    /// other, with progress, resume and limits; nothing refers to it, so that prune removes it after its grace.
    /// </summary>
    /// <returns>Digest, and where it is.</returns>
    /// <exception cref="HubException">WISE2xxx or WISE3xxx of the last source tried.</exception>
    public async Task<(Digest Sha256, string Path)> FetchAsync(WantedBlob blob, CancellationToken cancel)
    {
        if (blob is { Sha256: Digest known, Size: long size } && Store.Blobs.Verify(known, size, cancel: cancel))
            return (known, Store.Blobs.PathOf(known));
        HubTransfers transfers = _transfers.Value ?? new HubTransfers(Log, Time);
        transfers.Begin(blob.Size);
        long start = Time.GetTimestamp();
        var engine = new TransferEngine(Http, Store, Log, Policy) { Arrived = transfers.Meter.Arrived, ConnectionsPerFile = Options.ConnectionsPerFile };
        (Digest sha256, long came) = await engine.FetchAsync(blob, force: false, cancel).ConfigureAwait(false);
        transfers.End(blob.Size, came);
        Log.Info(string.Create(CultureInfo.InvariantCulture, $"Fetched {blob.What}, {ByteSize.Show(came)}, in {Time.GetElapsedTime(start).TotalSeconds:0.0} s."));
        return (sha256, Store.Blobs.PathOf(sha256));
    }

    /// <summary>Brings into the cache what a hub receives by a protocol of its own; it is counted and shown like what <see cref="FetchAsync"/> brings.</summary>
    /// <param name="what">For messages.</param>
    /// <param name="receive">Writes it to the path that it gets, and tells the number of bytes of each piece.</param>
    /// <param name="cancel">Ends it.</param>
    /// <returns>Digest, and where it is.</returns>
    public async Task<(Digest Sha256, string Path)> ReceiveAsync(string what, Func<string, Action<long>, Task> receive, CancellationToken cancel)
    {
        HubTransfers transfers = _transfers.Value ?? new HubTransfers(Log, Time);
        long start = Time.GetTimestamp();
        (Digest sha256, long size) = await Store.Blobs.AddAsync(path => receive(path, transfers.Meter.Arrived), cancel).ConfigureAwait(false);
        transfers.Begin(null);
        transfers.End(null, size);
        Log.Info(string.Create(CultureInfo.InvariantCulture, $"Fetched {what}, {ByteSize.Show(size)}, in {Time.GetElapsedTime(start).TotalSeconds:0.0} s."));
        return (sha256, Store.Blobs.PathOf(sha256));
    }

    /// <summary>From here on what hubs fetch for this flow of calls, and those that it makes, is counted.</summary>
    public HubTransfers CountTransfers() => _transfers.Value = new HubTransfers(Log, Time);

    /// <summary>The bucket of a hub that has one: one for all uses, because it remembers what its server can do.</summary>
    public Bucket Bucket(HubDefinition hub) => _buckets.GetOrAdd(hub.Name, _ => new Lazy<Bucket>(() => new Bucket(hub, Wire(hub), Environment, Log, Time))).Value;

    /// <summary>How a hub is reached.</summary>
    public HubWire Wire(HubDefinition hub) => new(hub, () => Http(hub.Name), Tokens);

    public void Dispose()
    {
        foreach (KeyValuePair<string, Lazy<Bucket>> bucket in _buckets)
        {
            if (bucket.Value.IsValueCreated)
                bucket.Value.Value.Dispose();
        }
        foreach (KeyValuePair<string, GitHostHub> host in _gitHosts)
            host.Value.Dispose();
        if (_archives.IsValueCreated)
            _archives.Value.Dispose();
        foreach (KeyValuePair<string, Lazy<HubHttp>> http in _http)
        {
            if (http.Value.IsValueCreated)
                http.Value.Value.Dispose();
        }
        Store.Dispose();
    }

    private TimeSpan? StallTimeoutOfEnvironment()
    {
        string? text = Environment("WISEHUB_STALL_TIMEOUT");
        if (string.IsNullOrWhiteSpace(text))
            return null;
        return int.TryParse(text, CultureInfo.InvariantCulture, out int seconds) && seconds is > 0 and <= 86400 ? TimeSpan.FromSeconds(seconds)
            : throw new HubException(WiseCodes.InvalidValue, $"WISEHUB_STALL_TIMEOUT is '{text}'; it must be 1 to 86400 seconds.");
    }

    // huggingface.md section 1: pieces joined by "; ".
    private string UserAgent()
    {
        var pieces = new List<string>
        {
            $"WiseHub.Client/{typeof(HubServices).Assembly.GetName().Version?.ToString(3)}",
            $"dotnet/{System.Environment.Version}",
        };
        if (Options.Product is { Length: > 0 } product)
            pieces.Add(product);
        if (Environment("HF_HUB_USER_AGENT_ORIGIN") is { Length: > 0 } origin)
            pieces.Add("origin/" + origin);
        return string.Concat(string.Join("; ", pieces).Where(c => c is >= ' ' and <= '~'));
    }
}
