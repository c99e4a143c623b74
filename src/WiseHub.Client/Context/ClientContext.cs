using System.Collections.Concurrent;
using System.Globalization;
using WiseHub.Client.Credentials;
using WiseHub.Client.Http;
using WiseHub.Client.Hubs;
using WiseHub.Client.Store;
using WiseHub.Client.Transfer;

namespace WiseHub.Client.Context;

/// <summary>What one client's calls share: configuration, cache, tokens, and a connection pool for each hub.</summary>
internal sealed class ClientContext : IHubContext, IDisposable
{
    private readonly ConcurrentDictionary<string, Lazy<HubHttp>> _http = new(StringComparer.OrdinalIgnoreCase);
    private readonly ConcurrentDictionary<string, Lazy<object>> _shared = new(StringComparer.OrdinalIgnoreCase);
    private readonly ConcurrentDictionary<string, IHub> _hubs = new(StringComparer.OrdinalIgnoreCase);
    private readonly TimeSpan? _stallTimeout;

    public ClientContext(HubClientOptions options)
    {
        // Paths in the file are relative to its folder, which must not depend on where the process goes later.
        if (options.ConfigFile is string config)
            options = options with
            {
                ConfigFile = UserPath.Resolve(config, Path.GetFullPath(options.WorkingDirectory ?? "."), options.Environment)
            };
        Options = options;
        Folder = Path.GetDirectoryName(options.ConfigFile) ?? options.WorkingDirectory ?? Directory.GetCurrentDirectory();
        ProcessEnvironment = options.Environment ?? System.Environment.GetEnvironmentVariable;
        Protocols = options.Protocols;
        Environment = Protocols.All.Aggregate(ProcessEnvironment,
            (environment, protocol) => protocol.ReadEnvironment(environment, Folder));
        Log = options.Log ?? SilentLog.Instance;
        Policy = new RetryPolicy(Log, options.Time, options.Jitter);
        Config = HubConfig.Load(options.ConfigFile, Environment, Protocols);
        Store = new SnapshotStore(options.CacheDirectory is { Length: > 0 } root
            ? UserPath.Resolve(root, Path.GetFullPath(options.WorkingDirectory ?? "."), Environment)
            : SnapshotStore.DefaultRoot(Environment),
            options.BootId, Log, options.Time);
        Tokens = new TokenSource(Environment, options.Tokens, Protocols, Log);
        Offline = options.Offline || Protocols.OfflineNames.Any(v => TokenSource.IsTrue(Environment(v)));
        MirrorWrite = options.MirrorWrite
            && (Environment("WISEHUB_MIRROR_WRITE") is not { Length: > 0 } write || TokenSource.IsTrue(write));
        if (options.MaxParallelDownloads is < 1 or > 64)
            throw new HubException(WiseCodes.InvalidValue,
                $"MaxParallelDownloads (WiseMaxParallelDownloads) is {options.MaxParallelDownloads}; it must be 1 to 64.");
        if (options.ConnectionsPerFile is < 1 or > 8)
            throw new HubException(WiseCodes.InvalidValue,
                $"ConnectionsPerFile (WiseConnectionsPerFile) is {options.ConnectionsPerFile}; it must be 1 to 8.");
        if (options.Retries is < 1 or > 100)
            throw new HubException(WiseCodes.InvalidValue, $"Retries is {options.Retries}; it must be 1 to 100.");
        _stallTimeout = options.StallTimeout ?? StallTimeoutOfEnvironment();
    }

    public HubClientOptions Options { get; }

    public HubProtocols Protocols { get; }

    public IReadOnlyDictionary<string, HubDefinition> Definitions => Config.Hubs;

    public bool UseGit => Options.UseGit;

    public string ExcludeOption => Options.ExcludeOption;

    public Func<PasswordPrompt, CancellationToken, Task<string?>>? AskPassword => Options.AskPassword;

    /// <summary>Downloads a repo into a folder; set by the client.</summary>
    public Func<DownloadRequest, CancellationToken, Task<DownloadResult>>? Downloads { get; init; }

    /// <summary>Reads a variable of the process, or one that a protocol has in a file of its own.</summary>
    public Func<string, string?> Environment { get; }

    /// <summary>Reads a variable of the process.</summary>
    public Func<string, string?> ProcessEnvironment { get; }

    /// <summary>Where wisehub.json is, or else where the work is done.</summary>
    public string Folder { get; }

    public IHubLog Log { get; }

    public HubConfig Config { get; }

    public SnapshotStore Store { get; }

    /// <summary>The memory that all downloads of this client share.</summary>
    public TransferWindow TransferWindow { get; } = new();

    public TokenSource Tokens { get; }

    public bool Offline { get; }

    /// <summary>What was restored is written to the mirrors that take it.</summary>
    public bool MirrorWrite { get; }

    /// <summary>
    /// Whether a hub may be asked at all: folders always, others not offline, and where only mirrors may be asked, only those.
    /// </summary>
    public bool Reaches(HubDefinition hub) =>
        hub.IsLocal || (!Offline
            && (!Config.MirrorsOnly || Config.Mirrors.Any(m => m.Hub.Equals(hub.Name, StringComparison.OrdinalIgnoreCase))));

    /// <summary>The same for writing: what has a folder and a bucket is written to in the bucket.</summary>
    public bool ReachesForWriting(HubDefinition hub) => Reaches(hub) && !(Offline && !hub.IsLocalForWriting);

    /// <summary>Why a hub is not reached, for messages.</summary>
    public string OfflineReason => Offline ? $"WiseOffline, {Protocols.OfflineVariables}" : $"\"mirrorsOnly\" in {Config.File}";

    public TimeProvider Time => Options.Time;

    /// <summary>How patient everything is with every hub.</summary>
    public RetryPolicy Policy { get; }

    public string DefaultHub => Options.DefaultHub is { Length: > 0 } hub ? hub : Config.DefaultHub;

    /// <summary>The hub of a reference; mirrors beside it may speak what they want.</summary>
    /// <exception cref="HubException">WISE1002 or WISE1027.</exception>
    public IHub HubOfReference(string name)
    {
        HubDefinition definition = Config.Find(name);
        if (Options.UseGit && !Protocols.Of(definition).CanUseGit)
        {
            throw new HubException(WiseCodes.UseGitElsewhere,
                $"--use-git takes a repo by the local git, and the hub '{name}' speaks '{definition.Protocol}'. Leave it out, "
                + "or name a hub with \"protocol\": "
                + $"{string.Join(" or ", Protocols.All.Where(p => p.CanUseGit).Select(p => $"\"{p.Name}\""))}.");
        }
        return Hub(name);
    }

    /// <summary>What is wrong with a reference, by the rules for ids of the hub that says what it is.</summary>
    /// <param name="reference">The reference.</param>
    /// <param name="hub">That hub, where the reference does not name it.</param>
    public IReadOnlyList<HubException> FindMistakes(RepoReference reference, string? hub = null)
    {
        string name = hub ?? (reference.Hubs.Count > 0 ? reference.Hubs[0] : DefaultHub);
        return reference.Validate(anyId: Config.Hubs.TryGetValue(name, out HubDefinition? definition)
            && Protocols.Of(definition).AllowsAnyId);
    }

    /// <exception cref="HubException">WISE1002.</exception>
    public IHub Hub(string name)
    {
        HubDefinition definition = Config.Find(name);
        return _hubs.GetOrAdd(definition.Name, _ => Protocols.Of(definition).Open(definition, this));
    }

    public HubDefinition Find(string hub) => Config.Find(hub);

    public T Shared<T>(string key, Func<T> make) where T : class =>
        (T)_shared.GetOrAdd($"{typeof(T).Name} {key}", _ => new Lazy<object>(make)).Value;

    public Task<DownloadResult> DownloadAsync(DownloadRequest request, CancellationToken cancel) => Downloads!(request, cancel);

    /// <summary>What can be mirrored to at a hub; null for a hub that is only read.</summary>
    /// <exception cref="HubException">WISE1002.</exception>
    public IMirrorTarget? MirrorTarget(string name)
    {
        IHub hub = Hub(name);
        return Protocols.Of(hub.Definition).MirrorTarget(hub, this);
    }

    /// <summary>Who tokens of a hub belong to; null where it cannot say.</summary>
    public IHubAccounts? Accounts(HubDefinition definition) => Protocols.Of(definition).Accounts(definition, Connect(definition));

    /// <summary>Logins by user name and password; null where the hub has none.</summary>
    public IHubSessions? Sessions(HubDefinition definition) => Protocols.Of(definition).Sessions(definition, this);

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
            CaBundle = definition.Settings?.CaBundle(Environment),
        }, UserAgent(), Policy);
    })).Value;

    /// <summary>Connections to servers that no configuration names.</summary>
    public HubHttp NewHttp(string name) =>
        new(name, new HttpSettings { StallTimeout = _stallTimeout ?? new HttpSettings().StallTimeout }, UserAgent(), Policy);

    /// <summary>Begins a run.</summary>
    public HubRun BeginRun() => new(this);

    IHubRun IHubContext.BeginRun() => BeginRun();

    /// <summary>How a hub is reached.</summary>
    public HubConnection Connect(HubDefinition hub) => new(hub, () => Http(hub.Name), Tokens);

    public void Dispose()
    {
        foreach (KeyValuePair<string, Lazy<object>> shared in _shared)
        {
            if (shared.Value is { IsValueCreated: true, Value: IDisposable made })
                made.Dispose();
        }
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
        return int.TryParse(text, CultureInfo.InvariantCulture, out int seconds) && seconds is > 0 and <= 86400
            ? TimeSpan.FromSeconds(seconds)
            : throw new HubException(WiseCodes.InvalidValue,
                $"WISEHUB_STALL_TIMEOUT is '{text}'; it must be 1 to 86400 seconds.");
    }

    // RFC 9110 section 10.1.5 has product tokens; hubs count by pieces that "; " joins.
    private string UserAgent()
    {
        var pieces = new List<string>
        {
            $"WiseHub.Client/{typeof(ClientContext).Assembly.GetName().Version?.ToString(3)}",
            $"dotnet/{System.Environment.Version}",
        };
        if (Options.Product is { Length: > 0 } product)
            pieces.Add(product);
        pieces.AddRange(Protocols.All.Select(p => p.UserAgent(Environment)).OfType<string>());
        return string.Concat(string.Join("; ", pieces).Where(c => c is >= ' ' and <= '~'));
    }
}
