using System.Collections.Concurrent;
using System.Globalization;
using WiseHub.Client.Credentials;
using WiseHub.Client.Http;
using WiseHub.Client.Hubs;
using WiseHub.Client.Store;
using WiseHub.Client.Transfer;

namespace WiseHub.Client.Context;

/// <summary>
/// The state that all calls of a client share: configuration, cache, tokens, and a connection pool for each hub.
/// </summary>
internal sealed class ClientContext : IHubContext, IDisposable
{
    private readonly ConcurrentDictionary<string, Lazy<HubHttp>> _http = new(StringComparer.OrdinalIgnoreCase);
    private readonly ConcurrentDictionary<string, Lazy<object>> _shared = new(StringComparer.OrdinalIgnoreCase);
    private readonly ConcurrentDictionary<string, IHub> _hubs = new(StringComparer.OrdinalIgnoreCase);
    private readonly TimeSpan? _stallTimeout;

    public ClientContext(HubClientOptions options)
    {
        // Paths in the file are relative to its folder, which must not depend on later changes of the current directory.
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
        Config = HubConfig.Load(options.ConfigFile, Environment, Protocols, options.Shipped);
        Store = new SnapshotStore(options.CacheDirectory is { Length: > 0 } root
            ? UserPath.Resolve(root, Path.GetFullPath(options.WorkingDirectory ?? "."), Environment)
            : SnapshotStore.DefaultRoot(Environment),
            options.BootId, Log, options.Time);
        Tokens = new TokenSource(Environment, options.Tokens, Protocols, Log);
        Offline = options.Offline || Protocols.OfflineNames.Any(v => TokenSource.IsTrue(Environment(v)));
        MirrorWrite = options.MirrorWrite
            && (Environment("WISEHUB_MIRROR_WRITE") is not { Length: > 0 } write || TokenSource.IsTrue(write));
        if (options.MaxParallelDownloads is < 1 or > 64)
            throw ContextMessages.MaxParallelDownloads(options.MaxParallelDownloads);
        if (options.ConnectionsPerFile is < 1 or > 8)
            throw ContextMessages.ConnectionsPerFile(options.ConnectionsPerFile);
        if (options.Retries is < 1 or > 100)
            throw ContextMessages.Retries(options.Retries);
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

    /// <summary>Reads a variable of the process, or one from a protocol's own file.</summary>
    public Func<string, string?> Environment { get; }

    /// <summary>Reads a variable of the process.</summary>
    public Func<string, string?> ProcessEnvironment { get; }

    /// <summary>The folder of wisehub.json, or the working folder if there is none.</summary>
    public string Folder { get; }

    public IHubLog Log { get; }

    public HubConfig Config { get; }

    public SnapshotStore Store { get; }

    /// <summary>The memory that all downloads of this client share.</summary>
    public TransferWindow TransferWindow { get; } = new();

    public TokenSource Tokens { get; }

    public bool Offline { get; }

    /// <summary>Restored files are written to the mirrors that accept writes.</summary>
    public bool MirrorWrite { get; }

    /// <summary>
    /// True if a hub may be contacted. Folders always; other hubs not offline, and with "mirrorsOnly" only mirrors.
    /// </summary>
    public bool Reaches(HubDefinition hub) =>
        hub.IsLocal || (!Offline
            && (!Config.MirrorsOnly || Config.Mirrors.Any(m => m.Hub.Equals(hub.Name, StringComparison.OrdinalIgnoreCase))));

    /// <summary>True if a hub may be written to. A hub with a folder and a bucket is written in the bucket.</summary>
    public bool ReachesForWriting(HubDefinition hub) => Reaches(hub) && !(Offline && !hub.IsLocalForWriting);

    /// <summary>The reason why a hub must not be contacted, for messages.</summary>
    public string OfflineReason => Offline ? ContextMessages.OfflineBy(Protocols.OfflineVariables)
        : ContextMessages.MirrorsOnlyIn(Config.MirrorsFile);

    public TimeProvider Time => Options.Time;

    /// <summary>Retries and timeouts for all hubs.</summary>
    public RetryPolicy Policy { get; }

    public string DefaultHub => Options.DefaultHub is { Length: > 0 } hub ? hub : Config.DefaultHub;

    /// <summary>The hub of a reference. Unlike a mirror, it must have a protocol with git if git is to be used.</summary>
    /// <exception cref="HubException">WISE1002 or WISE1027.</exception>
    public IHub HubOfReference(string name)
    {
        HubDefinition definition = Config.Find(name);
        if (Options.UseGit && !Protocols.Of(definition).CanUseGit)
            throw ContextMessages.UseGitElsewhere(name, definition.Protocol,
                Protocols.All.Where(p => p.CanUseGit).Select(p => p.Name));
        return Hub(name);
    }

    /// <summary>Finds the mistakes in a reference, by the id rules of the hub that resolves it.</summary>
    /// <param name="reference">The reference.</param>
    /// <param name="hub">That hub, if the reference does not name it.</param>
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

    /// <summary>Writes to a hub as a mirror; null for a hub that is only read.</summary>
    /// <exception cref="HubException">WISE1002.</exception>
    public IMirrorTarget? MirrorTarget(string name)
    {
        IHub hub = Hub(name);
        return Protocols.Of(hub.Definition).MirrorTarget(hub, this);
    }

    /// <summary>Finds the accounts of tokens; null if the hub does not tell them.</summary>
    public IHubAccounts? Accounts(HubDefinition definition) => Protocols.Of(definition).Accounts(definition, Connect(definition));

    /// <summary>Logins by user name and password; null if the hub has none.</summary>
    public IHubSessions? Sessions(HubDefinition definition) => Protocols.Of(definition).Sessions(definition, this);

    public HubHttp Http(string hub) => _http.GetOrAdd(hub, name => new Lazy<HubHttp>(() =>
    {
        HubDefinition definition = Config.Find(name);
        return new HubHttp(definition.Name, new HttpSettings
        {
            ConnectTimeout = definition.ConnectTimeout,
            // The setting of this run takes precedence over the configuration file.
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

    /// <summary>The connection to a hub.</summary>
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
            : throw ContextMessages.StallTimeout(text);
    }

    // RFC 9110 section 10.1.5 defines product tokens, but hubs count requests by the parts between "; ".
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
