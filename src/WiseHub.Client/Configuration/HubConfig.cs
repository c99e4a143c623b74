using WiseHub.Client.Configuration;
using WiseHub.Client.Files;
using WiseHub.Client.Hubs;
using WiseHub.Client.Policies;

namespace WiseHub.Client;

/// <summary>The available hubs: the built-in ones and those of <c>wisehub.json</c> (docs/configuration.md).</summary>
public sealed class HubConfig
{
    /// <summary>The name of the configuration file.</summary>
    public const string FileName = HubNames.ConfigFile;

    private readonly Dictionary<string, HubDefinition> _hubs;

    private readonly HubProtocols _protocols;

    // A built-in hub has none.
    private readonly Dictionary<string, string> _sources;

    private HubConfig(Dictionary<string, HubDefinition> hubs, Dictionary<string, string> sources, ConfigFile? project,
        ConfigFile? user, ConfigFile? shipped, HubProtocols protocols)
    {
        (_protocols, _sources) = (protocols, sources);
        (DefaultHub, _hubs, File) = (project?.DefaultHub ?? user?.DefaultHub ?? protocols.DefaultHub, hubs, project?.Path);
        (Project, User) = (project, user);
        Policies = [.. new[] { user?.Policy, project?.Policy, shipped?.Policy }.OfType<TrustPolicy>()];
        // Taken from one file together: its author also decides whether the origin may be used.
        ConfigFile? mirrors = project is { Mirrors.Count: > 0 } ? project : user is { Mirrors.Count: > 0 } ? user : shipped;
        (Mirrors, MirrorsOnly, MirrorsFile) = (mirrors?.Mirrors ?? [], mirrors?.MirrorsOnly ?? false, mirrors?.Path);
    }

    /// <summary>The hub of references without a hub.</summary>
    public string DefaultHub { get; }

    /// <summary>The configuration file of the project, if any.</summary>
    public string? File { get; }

    /// <summary>The configuration of the project; null if it has none.</summary>
    internal ConfigFile? Project { get; }

    /// <summary>The user's own configuration; null if it does not exist.</summary>
    internal ConfigFile? User { get; }

    /// <summary>The policies of the user, the project and the manifest of a program. Each must be kept.</summary>
    internal IReadOnlyList<TrustPolicy> Policies { get; }

    /// <summary>The file with the mirrors; null if there are none.</summary>
    internal string? MirrorsFile { get; }

    /// <summary>The protocols of the hubs.</summary>
    internal HubProtocols KnownProtocols => _protocols;
    /// <summary>The user's own configuration file, if any.</summary>
    public string? UserFile { get; }

    /// <summary>Hubs that serve bytes before the origin, in order.</summary>
    public IReadOnlyList<MirrorDefinition> Mirrors { get; }

    /// <summary>The origin must not be used: mirrors resolve revisions, too.</summary>
    public bool MirrorsOnly { get; }

    /// <summary>All hubs by name.</summary>
    public IReadOnlyDictionary<string, HubDefinition> Hubs => _hubs;

    /// <summary>Finds a hub by name.</summary>
    /// <exception cref="HubException">WISE1002: there is no hub with that name.</exception>
    public HubDefinition Find(string name) => _protocols.Reserved(name) ?? (_hubs.TryGetValue(name, out HubDefinition? hub) ? hub
        : throw ConfigurationMessages.UnknownHub(name, [.. _hubs.Keys.Order(StringComparer.Ordinal)], File));

    /// <summary>
    /// Where the place of a hub comes from: an absolute path of a configuration file, the name of an environment variable, or
    /// <c>built in</c>.
    /// </summary>
    /// <param name="name">The name of the hub.</param>
    public string SourceOf(string name) => _sources.GetValueOrDefault(name, (Text)$"built in");

    /// <summary>True for a hub that neither a configuration file nor an environment variable declares or moves.</summary>
    /// <param name="name">The name of the hub.</param>
    public bool IsBuiltIn(string name) => _hubs.ContainsKey(name) && !_sources.ContainsKey(name);

    /// <summary>Parses the URL of a repo page on one of these hubs as a reference; null for other URLs.</summary>
    /// <exception cref="HubException">WISE1011: the URL belongs to a hub, but not to a repo.</exception>
    internal RepoReference? ParsePage(string url) => _protocols.ParsePage(url, Hubs.Values);

    /// <summary>The nearest <c>wisehub.json</c> at or above a folder, or null.</summary>
    public static string? FindUpward(string directory)
    {
        for (DirectoryInfo? folder = new(directory); folder is not null; folder = folder.Parent)
        {
            string candidate = Path.Combine(folder.FullName, FileName);
            if (System.IO.File.Exists(candidate))
                return candidate;
        }
        return null;
    }

    /// <summary>
    /// Reads the user's own configuration (<c>wisehub.json</c> in <c>$XDG_CONFIG_HOME/wisehub</c>, else <c>~/.config/wisehub</c>,
    /// Windows <c>%APPDATA%\wisehub</c>), and then that of a project, which takes precedence. The user's hubs may receive general
    /// tokens; the project's may not.
    /// </summary>
    /// <param name="file">
    /// Absolute path of a project's <c>wisehub.json</c>, or null; relative paths inside are relative to it.
    /// </param>
    /// <param name="environment">Reads an environment variable.</param>
    /// <exception cref="HubException">WISE1008 or WISE1014.</exception>
    public static HubConfig Load(string? file, Func<string, string?> environment) =>
        Load(file, environment, Protocols.All);

    /// <param name="file">As above.</param>
    /// <param name="environment">As above.</param>
    /// <param name="protocols">The protocols of the hubs.</param>
    /// <param name="shipped">
    /// The hubs of a run-time manifest. They are used if no configuration declares their names, and are not trusted more than
    /// those of a project.
    /// </param>
    internal static HubConfig Load(string? file, Func<string, string?> environment, HubProtocols protocols,
        ShippedHubs? shipped = null)
    {
        var hubs = new Dictionary<string, HubDefinition>(StringComparer.OrdinalIgnoreCase);
        foreach (HubDefinition hub in protocols.All.SelectMany(
            p => p.FromEnvironment(environment) is HubDefinition own ? [.. p.BuiltIn, own] : p.BuiltIn))
            hubs.Add(hub.Name, hub);
        var sources = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (HubProtocol protocol in protocols.All)
        {
            if (protocol.FromEnvironment(environment) is HubDefinition described)
                sources[described.Name] = (Text)$"the environment";
        }
        string own = System.IO.Path.Combine(UserFolders.Configuration(environment), FileName);
        ConfigFile? user = System.IO.File.Exists(own) ? Read(own, isUsersOwn: true) : null;
        // Read before the project's: the names that the user knows are trusted, and not those of the manifest.
        var others = new Dictionary<string, HubDefinition>(hubs, StringComparer.OrdinalIgnoreCase);
        ConfigFile? manifest = shipped is null ? null : ConfigFile.Read(shipped, others, environment, protocols);
        ConfigFile? project = file is null || file == own ? null : Read(file, isUsersOwn: false);
        foreach (string name in manifest?.Declared ?? new HashSet<string>())
        {
            if (user?.Declared.Contains(name) != true && project?.Declared.Contains(name) != true)
                hubs[name] = others[name];
        }
        CheckNames(hubs, file ?? own);
        foreach (HubDefinition hub in hubs.Values.ToArray())
        {
            string variable = "WISEHUB_ENDPOINT_" + HubNames.ForEnvironment(hub.Name);
            string? endpoint = environment(variable);
            if (string.IsNullOrWhiteSpace(endpoint) && protocols.Of(hub).EndpointVariable(hub.Name) is string other)
                endpoint = environment(variable = other);
            if (!string.IsNullOrWhiteSpace(endpoint))
            {
                Uri uri = Urls.ParseEndpoint(endpoint) ?? throw ConfigurationMessages.InvalidEndpointVariable(variable);
                sources[hub.Name] = variable;
                hubs[hub.Name] = hub with
                {
                    Endpoint = uri,
                    Settings = hub.Settings?.At(uri),
                    Path = null,
                    IsTrustedEndpoint = true,
                    IsMovedByProject = false,
                };
            }
        }
        return new HubConfig(hubs, sources, project, user, manifest, protocols);

        ConfigFile Read(string path, bool isUsersOwn)
        {
            ConfigFile read = ConfigFile.Read(path, hubs, isUsersOwn, environment, protocols);
            foreach (string name in read.Declared)
                sources[name] = path;
            return read;
        }
    }

    private static void CheckNames(Dictionary<string, HubDefinition> hubs, string? file)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (string hub in hubs.Keys)
        {
            string name = HubNames.ForEnvironment(hub);
            if (names.Add(name))
                continue;
            throw ConfigurationMessages.AmbiguousHubNames(
                file, hubs.Keys.Where(h => HubNames.ForEnvironment(h) == name), "WISEHUB_TOKEN_" + name);
        }
    }
}
