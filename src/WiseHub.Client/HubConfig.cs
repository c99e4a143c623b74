using System.Text.Json;

namespace WiseHub.Client;

/// <summary>One configured hub.</summary>
/// <param name="Name">The name that references use.</param>
/// <param name="Protocol">How it is spoken to: store, huggingface, wisemodel, git, s3, hg-localization.</param>
public sealed record HubDefinition(string Name, string Protocol)
{
    /// <summary>Base URL, without a slash at the end; null for a folder.</summary>
    public Uri? Endpoint { get; init; }

    /// <summary>Absolute path of a folder hub.</summary>
    public string? Path { get; init; }

    /// <summary>
    /// True when the endpoint is built in or set by the environment. Only then do general tokens (HF_TOKEN, token files) go to it:
    /// cloning a repository must not send anybody's token away (DESIGN.md section 8).
    /// </summary>
    public bool IsTrustedEndpoint { get; init; }

    /// <summary>Tries for one request or location.</summary>
    public int Retries { get; init; } = 3;

    /// <summary>Longest wait for a connection.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Longest silence inside an answer, unless the client or the environment says otherwise; null = 15 s.</summary>
    public TimeSpan? StallTimeout { get; init; }

    /// <summary>Longest time in which a hub that does not answer is tried.</summary>
    public TimeSpan TotalTimeout { get; init; } = TimeSpan.FromSeconds(60);

    internal string TokenVariable => "WISEHUB_TOKEN_" + HubConfig.EnvironmentName(Name);
}

/// <summary>The hubs that references may name: the built-in ones and those of <c>wisehub.json</c> (DESIGN.md section 8).</summary>
public sealed class HubConfig
{
    /// <summary>The name of the configuration file.</summary>
    public const string FileName = "wisehub.json";

    private static readonly string[] RootKeys = ["defaultHub", "hubs", "mirrors", "mirrorsOnly", "policy"];

    private static readonly string[] HubKeys =
    [
        "protocol", "path", "endpoint", "endpoints", "bucket", "prefix", "region", "pathStyle", "bodyMode", "conditionalWrites", "publicAccess",
        "transport", "retries", "connectTimeout", "stallTimeout", "totalTimeout",
    ];

    private static readonly string[] StoreKeys = ["protocol", "path", "endpoint"];

    private static readonly string[] HuggingFaceKeys = ["protocol", "endpoint"];

    private static readonly string[] PatienceKeys = ["retries", "connectTimeout", "stallTimeout", "totalTimeout"];

    private static readonly string[] Protocols = ["store", "huggingface", "wisemodel", "git", "s3", "hg-localization"];

    private readonly Dictionary<string, HubDefinition> _hubs;

    private HubConfig(string defaultHub, Dictionary<string, HubDefinition> hubs, string? file) =>
        (DefaultHub, _hubs, File) = (defaultHub, hubs, file);

    /// <summary>The hub of references that name none.</summary>
    public string DefaultHub { get; }

    /// <summary>The file that was read, if any.</summary>
    public string? File { get; }

    /// <summary>All hubs by name.</summary>
    public IReadOnlyDictionary<string, HubDefinition> Hubs => _hubs;

    /// <summary>Finds a hub.</summary>
    /// <exception cref="HubException">WISE1002: no hub has that name.</exception>
    public HubDefinition Find(string name) => _hubs.TryGetValue(name, out HubDefinition? hub) ? hub
        : throw new HubException(WiseCodes.UnknownHub,
            $"There is no hub '{name}'. Known are {string.Join(", ", _hubs.Keys.Order(StringComparer.Ordinal))}; "
            + (File is null ? $"others are declared in a {FileName} at or above the project (none was found)." : $"others are declared in {File}."));

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

    /// <summary>Reads a configuration file, or only the built-in hubs where <paramref name="file"/> is null.</summary>
    /// <param name="file">Absolute path of a <c>wisehub.json</c>; relative paths inside are relative to it.</param>
    /// <param name="environment">Reads an environment variable.</param>
    /// <exception cref="HubException">WISE1008, WISE1009 or WISE1014.</exception>
    public static HubConfig Load(string? file, Func<string, string?> environment)
    {
        var hubs = new Dictionary<string, HubDefinition>(StringComparer.OrdinalIgnoreCase)
        {
            ["wisemodel"] = new("wisemodel", "wisemodel") { Endpoint = new Uri("https://www.wisemodel.cn"), IsTrustedEndpoint = true },
            ["huggingface"] = new("huggingface", "huggingface") { Endpoint = new Uri("https://huggingface.co"), IsTrustedEndpoint = true },
            ["github"] = new("github", "git") { Endpoint = new Uri("https://github.com"), IsTrustedEndpoint = true },
            ["gitlab"] = new("gitlab", "git") { Endpoint = new Uri("https://gitlab.com"), IsTrustedEndpoint = true },
        };
        string defaultHub = "wisemodel";
        if (file is not null)
            defaultHub = Read(file, hubs) ?? defaultHub;
        CheckNames(hubs, file);
        foreach (HubDefinition hub in hubs.Values.ToArray())
        {
            string variable = "WISEHUB_ENDPOINT_" + EnvironmentName(hub.Name);
            string? endpoint = environment(variable);
            if (string.IsNullOrWhiteSpace(endpoint) && hub.Name == "huggingface")
                endpoint = environment(variable = "HF_ENDPOINT");
            if (!string.IsNullOrWhiteSpace(endpoint))
            {
                hubs[hub.Name] = hub with
                {
                    Endpoint = ParseEndpoint(endpoint) ?? throw new HubException(WiseCodes.InvalidConfig,
                        $"The environment variable {variable} is not an http(s) URL without user, query and fragment. Correct it or remove it."),
                    Path = null,
                    IsTrustedEndpoint = true,
                };
            }
        }
        return new HubConfig(defaultHub, hubs, file);
    }

    /// <summary>A hub name as part of an environment variable: upper case, every non-alphanumeric is <c>_</c>.</summary>
    internal static string EnvironmentName(string hub)
    {
        char[] name = hub.ToCharArray();
        for (int i = 0; i < name.Length; i++)
            name[i] = char.IsAsciiLetterOrDigit(name[i]) ? char.ToUpperInvariant(name[i]) : '_';
        return new string(name);
    }

    internal static Uri? ParseEndpoint(string text) =>
        Uri.TryCreate(text.Trim().TrimEnd('/'), UriKind.Absolute, out Uri? uri) && uri.Scheme is "http" or "https"
        && uri.UserInfo.Length == 0 && uri.Query.Length == 0 && uri.Fragment.Length == 0 && uri.Host.Length > 0 ? uri : null;

    private static string? Read(string file, Dictionary<string, HubDefinition> hubs)
    {
        byte[] bytes;
        try
        {
            bytes = System.IO.File.ReadAllBytes(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new HubException(WiseCodes.InvalidConfig, $"{file} cannot be read: {e.Message} Correct WiseHubConfigFile or the file's rights.", e) { File = file };
        }
        using var json = new StrictJson(bytes, file, WiseCodes.InvalidConfig, "README.md, section \"Hubs\", lists what may stand there.");
        json.OnlyKeys(json.Root, RootKeys);
        foreach (JsonProperty property in json.Root.EnumerateObject())
        {
            if (property.Name is not ("policy" or "mirrors" or "mirrorsOnly"))
                continue;
            (int line, int column) = json.PositionOf(property);
            throw new HubException(WiseCodes.SettingNotBuilt,
                $"{file}({line},{column}): '{property.Name}' is not supported by this version, and a setting that is not enforced must not be there. Remove it; "
                + "several hubs in one reference (Hub=\"first;second\") work.")
            { File = file, Line = line, Column = column };
        }
        if (json.Root.TryGetProperty("hubs", out JsonElement list))
        {
            if (list.ValueKind != JsonValueKind.Object)
                throw json.Wrong("'hubs' must be an object.", list);
            var names = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
            foreach (JsonProperty entry in list.EnumerateObject())
            {
                HubDefinition hub = ReadHub(json, entry, file);
                if (!names.Add(hub.Name))
                    throw json.Wrong($"the hub '{hub.Name}' is declared twice; names are the same in any case.", entry.Value);
                hubs[hub.Name] = hub;
            }
        }
        string? defaultHub = json.String(json.Root, "defaultHub");
        return defaultHub is null || hubs.ContainsKey(defaultHub) ? defaultHub
            : throw json.Wrong($"the default hub '{defaultHub}' is not declared.", json.Root.GetProperty("defaultHub"));
    }

    private static HubDefinition ReadHub(StrictJson json, JsonProperty entry, string file)
    {
        JsonElement value = entry.Value;
        string name = StrictJson.Name(entry) ?? throw json.Wrong("the name of this hub is not valid Unicode.", value);
        if (name.Length is 0 or > 64 || !name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.'))
            throw json.Wrong($"the hub name '{name}' may have 1 to 64 letters, digits, '-', '_' and '.'.", value);
        json.OnlyKeys(value, HubKeys);
        string protocol = json.RequiredString(value, "protocol");
        if (!Protocols.Contains(protocol))
            throw json.Wrong($"'{protocol}' is not a known protocol; known are {string.Join(", ", Protocols)}.", value.GetProperty("protocol"));
        // A setting that does nothing must not be there: a store with a "bucket" is somebody's mistake.
        if (protocol is "store" or "huggingface")
            json.OnlyKeys(value, [.. protocol == "store" ? StoreKeys : HuggingFaceKeys, .. PatienceKeys]);
        string? path = json.String(value, "path");
        string? endpoint = json.String(value, "endpoint");
        if (protocol == "store" && (path is null) == (endpoint is null))
            throw json.Wrong($"the hub '{name}' needs either 'path' (a folder) or 'endpoint' (a web server).", value);
        var hub = new HubDefinition(name, protocol)
        {
            Path = path is null ? null : Path.GetFullPath(path, Path.GetDirectoryName(file)!),
            Endpoint = endpoint is not null
                ? ParseEndpoint(endpoint) ?? throw json.Wrong($"'{endpoint}' is not an http(s) URL without user, query and fragment.", value.GetProperty("endpoint"))
                : protocol == "huggingface" ? new Uri("https://huggingface.co") : null,
            IsTrustedEndpoint = endpoint is null,
        };
        TimeSpan? Seconds(string key) => json.Integer(value, key) is long s
            ? s is > 0 and <= 86400 ? TimeSpan.FromSeconds(s) : throw json.Wrong($"'{key}' must be 1 to 86400 seconds.", value.GetProperty(key))
            : null;
        return hub with
        {
            Retries = json.Integer(value, "retries") is not long tries ? hub.Retries
                : tries is > 0 and <= 100 ? (int)tries : throw json.Wrong("'retries' must be 1 to 100.", value.GetProperty("retries")),
            ConnectTimeout = Seconds("connectTimeout") ?? hub.ConnectTimeout,
            StallTimeout = Seconds("stallTimeout"),
            TotalTimeout = Seconds("totalTimeout") ?? hub.TotalTimeout,
        };
    }

    private static void CheckNames(Dictionary<string, HubDefinition> hubs, string? file)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (string hub in hubs.Keys)
        {
            string name = EnvironmentName(hub);
            if (names.Add(name))
                continue;
            throw new HubException(WiseCodes.AmbiguousHubNames,
                $"{file}: the hubs {string.Join(" and ", hubs.Keys.Where(h => EnvironmentName(h) == name))} would share the environment variable WISEHUB_TOKEN_{name}. Rename one.")
            { File = file };
        }
    }
}
