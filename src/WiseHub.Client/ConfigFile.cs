using System.Text.Json;
using WiseHub.Client.Files;

namespace WiseHub.Client;

/// <summary>What stands in a <c>wisehub.json</c>, judged key by key: a setting that does nothing must not be there.</summary>
internal sealed record ConfigFile(string Path, string? DefaultHub, IReadOnlyList<MirrorDefinition> Mirrors, bool MirrorsOnly)
{
    private static readonly string[] RootKeys = ["defaultHub", "hubs", "mirrors", "mirrorsOnly", "policy"];
    private static readonly string[] MirrorKeys = ["hub", "write"];
    private static readonly string[] ServiceKeys = ["web", "gateway", "upload", "raw", "gitlab", "git"];
    private static readonly string[] PatienceKeys = ["retries", "connectTimeout", "stallTimeout", "totalTimeout"];
    private static readonly string[] BucketKeys = ["bucket", "prefix", "endpoint", "region", "profile", "pathStyle", "bodyMode", "conditionalWrites", "publicAccess"];

    private static readonly Dictionary<string, string[]> KeysOfProtocol = new(StringComparer.Ordinal)
    {
        ["store"] = ["path", "endpoint"],
        ["huggingface"] = ["endpoint"],
        ["wisemodel"] = ["endpoint", "endpoints", "uploadChunkSize", "commitTimeout"],
        ["git"] = ["endpoint", "transport", "archive"],
        ["s3"] = BucketKeys,
        ["hg-localization"] = ["path", .. BucketKeys],
    };

    /// <summary>Reads a file; its hubs join or replace those that are there.</summary>
    /// <param name="file">Absolute path.</param>
    /// <param name="hubs">Those that are known by then: built in, or the user's own.</param>
    /// <param name="isUsersOwn">The user wrote it for all projects, so that tokens may go where it says.</param>
    /// <param name="environment">Reads an environment variable, for where the home folder is.</param>
    /// <exception cref="HubException">WISE1008, WISE1009 or WISE1070.</exception>
    public static ConfigFile Read(string file, Dictionary<string, HubDefinition> hubs, bool isUsersOwn, Func<string, string?> environment)
    {
        HubDefinition[] trusted = [.. hubs.Values.Where(h => h.IsTrustedEndpoint)];
        byte[] bytes;
        try
        {
            bytes = ContendedFiles.OfSystem.Read(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new HubException(WiseCodes.InvalidConfig, $"{file} cannot be read: {e.Message} Correct WiseHubConfigFile or the file's rights.", e) { File = file };
        }
        using var json = new StrictJson(bytes, file, WiseCodes.InvalidConfig, "docs/configuration.md lists all keys.");
        json.OnlyKeys(json.Root, RootKeys);
        RefuseNotBuilt(json, file);
        if (json.Root.TryGetProperty("hubs", out JsonElement list))
        {
            if (list.ValueKind != JsonValueKind.Object)
                throw json.Wrong("'hubs' must be an object.", list);
            var names = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
            foreach (JsonProperty entry in list.EnumerateObject())
            {
                HubDefinition hub = Judge(ReadHub(json, entry, file, environment), trusted, isUsersOwn);
                if (!names.Add(hub.Name))
                    throw json.Wrong($"the hub '{hub.Name}' is declared twice; names are the same in any case.", entry.Value);
                hubs[hub.Name] = hub;
            }
        }
        string? defaultHub = json.String(json.Root, "defaultHub");
        if (defaultHub is not null && !hubs.ContainsKey(defaultHub))
            throw json.Wrong($"the default hub '{defaultHub}' is not declared.", json.Root.GetProperty("defaultHub"));
        var mirrors = new List<MirrorDefinition>();
        foreach (JsonElement mirror in json.Array(json.Root, "mirrors"))
            mirrors.Add(ReadMirror(json, mirror, hubs));
        bool mirrorsOnly = Boolean(json, json.Root, "mirrorsOnly") ?? false;
        return !mirrorsOnly || mirrors.Count > 0 ? new ConfigFile(file, defaultHub, mirrors, mirrorsOnly)
            : throw json.Wrong("'mirrorsOnly' needs at least one hub in 'mirrors'.", json.Root.GetProperty("mirrorsOnly"));
    }

    // A setting that nobody enforces looks like safety.
    private static void RefuseNotBuilt(StrictJson json, string file)
    {
        foreach (JsonProperty property in json.Root.EnumerateObject())
        {
            if (property.Name is not "policy")
                continue;
            (int line, int column) = json.PositionOf(property);
            throw new HubException(WiseCodes.SettingNotBuilt,
                $"{file}({line},{column}): '{property.Name}' is not supported by this version, and a setting that is not enforced must not be there. Remove it.")
            { File = file, Line = line, Column = column };
        }
    }

    private static MirrorDefinition ReadMirror(StrictJson json, JsonElement value, Dictionary<string, HubDefinition> hubs)
    {
        json.OnlyKeys(value, MirrorKeys);
        string hub = json.RequiredString(value, "hub");
        if (!hubs.TryGetValue(hub, out HubDefinition? definition))
            throw json.Wrong($"the mirror '{hub}' is not declared under 'hubs'.", value.GetProperty("hub"));
        bool write = Boolean(json, value, "write") ?? false;
        return !write || IsWritable(definition) ? new MirrorDefinition(hub, write)
            : throw json.Wrong($"the mirror '{hub}' cannot be written: a mirror with \"write\": true is a store with a 'path', or an s3 or hg-localization hub.", value.GetProperty("write"));
    }

    // A place is trusted because of who named it, whatever a project calls it; and a name is the user's before it is a project's.
    private static HubDefinition Judge(HubDefinition hub, HubDefinition[] trusted, bool isUsersOwn) => hub with
    {
        IsTrustedEndpoint = isUsersOwn || hub.Endpoint is null || trusted.Any(hub.IsSamePlace),
        IsMovedByProject = !isUsersOwn && trusted.FirstOrDefault(t => t.Name.Equals(hub.Name, StringComparison.OrdinalIgnoreCase)) is HubDefinition known && !hub.IsSamePlace(known),
    };

    private static bool IsWritable(HubDefinition hub) => hub is { Protocol: "store", Path: not null } or { Protocol: "s3" or Hubs.HgLocalization.HgSettings.Protocol };

    private static HubDefinition ReadHub(StrictJson json, JsonProperty entry, string file, Func<string, string?> environment)
    {
        JsonElement value = entry.Value;
        string name = StrictJson.Name(entry) ?? throw json.Wrong("the name of this hub is not valid Unicode.", value);
        if (name.Length is 0 or > 64 || !name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.'))
            throw json.Wrong($"the hub name '{name}' may have 1 to 64 letters, digits, '-', '_' and '.'.", value);
        // The cache has a folder for each hub.
        if (PathRules.RejectSegment(name) is string reason)
            throw json.Wrong($"the hub name '{name}' cannot be used: {reason}.", value);
        if (Hubs.UrlHub.Builtin(name) is not null)
            throw json.Wrong($"the hub name '{name}' stands for references by URL. Choose another one.", value);
        json.OnlyKeys(value, ["protocol", .. KeysOfProtocol.Values.SelectMany(k => k).Distinct(), .. PatienceKeys]);
        string protocol = json.RequiredString(value, "protocol");
        if (!KeysOfProtocol.TryGetValue(protocol, out string[]? keys))
            throw json.Wrong($"'{protocol}' is not a known protocol; known are {string.Join(", ", KeysOfProtocol.Keys)}.", value.GetProperty("protocol"));
        // A setting that does nothing must not be there: a store with a "bucket" is somebody's mistake.
        json.OnlyKeys(value, ["protocol", .. keys, .. PatienceKeys]);
        string? path = json.String(value, "path");
        Uri? endpoint = protocol != "git" || json.String(value, "endpoint") is not string git ? Endpoint(json, value, "endpoint")
            : HubConfig.ParseGitEndpoint(git) ?? throw json.Wrong($"'{git}' is neither an http(s) URL without user, query and fragment nor ssh://user@host:port.", value.GetProperty("endpoint"));
        if (protocol == "store" && (path is null) == (endpoint is null))
            throw json.Wrong($"the hub '{name}' needs either 'path' (a folder) or 'endpoint' (a web server).", value);
        if (protocol == "git" && endpoint is null)
            throw json.Wrong($"the hub '{name}' needs 'endpoint', the address of the git host.", value);
        WisemodelEndpoints? services = protocol == "wisemodel" ? ReadServices(json, value, endpoint) : null;
        var hub = new HubDefinition(name, protocol)
        {
            Path = path is null ? null : UserPath.Resolve(path, System.IO.Path.GetDirectoryName(file)!, environment),
            Endpoint = endpoint ?? services?.Web ?? (protocol == "huggingface" ? new Uri("https://huggingface.co") : null),
            Endpoints = services,
            Transport = protocol == "git" ? OneOf(json, value, "transport", GitTransport.Https) : default,
            Archive = ReadArchive(json, value),
            Bucket = ReadBucket(json, value, protocol, name),
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
            CommitTimeout = Seconds("commitTimeout") ?? hub.CommitTimeout,
            UploadChunkSize = json.Integer(value, "uploadChunkSize") is not long chunk ? null
                : chunk is >= PushRequest.SmallestChunk and <= PushRequest.LargestChunk ? chunk
                : throw json.Wrong($"'uploadChunkSize' must be {PushRequest.SmallestChunk} (64 KiB) to {PushRequest.LargestChunk} (1 GiB).", value.GetProperty("uploadChunkSize")),
        };
    }

    // Without the commit a proxy, or a branch that moved, could give another one.
    private static string? ReadArchive(StrictJson json, JsonElement value) => json.String(value, "archive") is not string archive ? null
        : archive.StartsWith('/') && archive.Contains("{commit}", StringComparison.Ordinal) && !archive.Contains('?', StringComparison.Ordinal) ? archive
        : throw json.Wrong("'archive' must begin with '/' and have '{commit}', and may have '{id}', '{owner}' and '{name}', such as \"/{id}/archive/{commit}.zip\".", value.GetProperty("archive"));

    private static WisemodelEndpoints ReadServices(StrictJson json, JsonElement value, Uri? one)
    {
        WisemodelEndpoints known = one is null ? WisemodelEndpoints.Official : WisemodelEndpoints.At(one);
        if (!value.TryGetProperty("endpoints", out JsonElement services))
            return known;
        json.OnlyKeys(services, ServiceKeys);
        return new WisemodelEndpoints(Endpoint(json, services, "web") ?? known.Web, Endpoint(json, services, "gateway") ?? known.Gateway,
            Endpoint(json, services, "upload") ?? known.Upload, Endpoint(json, services, "raw") ?? known.Raw,
            Endpoint(json, services, "gitlab") ?? known.GitLab, Endpoint(json, services, "git") ?? known.Git);
    }

    private static BucketSettings? ReadBucket(StrictJson json, JsonElement value, string protocol, string hub)
    {
        if (protocol is not ("s3" or "hg-localization"))
            return null;
        string? bucket = json.String(value, "bucket");
        // HGLOC_S3_BUCKET_NAME may name the bucket that the other keys are about; without any of them there is none.
        if (bucket is null && protocol == "hg-localization" && !BucketKeys.Any(k => k != "endpoint" && value.TryGetProperty(k, out _)))
            return null;
        if (bucket is null && protocol == "s3")
            throw json.Wrong($"the hub '{hub}' needs 'bucket'.", value);
        bool? conditional = null;
        if (value.TryGetProperty("conditionalWrites", out JsonElement writes) && !(writes.ValueKind == JsonValueKind.String && writes.ValueEquals("auto")))
        {
            conditional = writes.ValueKind is JsonValueKind.True or JsonValueKind.False ? writes.GetBoolean()
                : throw json.Wrong("'conditionalWrites' must be true, false or \"auto\".", writes);
        }
        return new BucketSettings(bucket ?? "", (json.String(value, "prefix") ?? "").Trim('/'))
        {
            Region = json.String(value, "region"),
            Profile = json.String(value, "profile"),
            PathStyle = Boolean(json, value, "pathStyle") ?? false,
            BodyMode = OneOf(json, value, "bodyMode", BodyMode.Auto),
            ConditionalWrites = conditional,
            PublicAccess = OneOf(json, value, "publicAccess", PublicAccess.Acl),
        };
    }

    private static Uri? Endpoint(StrictJson json, JsonElement value, string key) => json.String(value, key) is not string text ? null
        : HubConfig.ParseEndpoint(text) ?? throw json.Wrong($"'{text}' is not an http(s) URL without user, query and fragment.", value.GetProperty(key));

    private static bool? Boolean(StrictJson json, JsonElement value, string key) => !value.TryGetProperty(key, out JsonElement found) ? null
        : found.ValueKind is JsonValueKind.True or JsonValueKind.False ? found.GetBoolean() : throw json.Wrong($"'{key}' must be true or false.", found);

    private static T OneOf<T>(StrictJson json, JsonElement value, string key, T otherwise) where T : struct, Enum
    {
        if (json.String(value, key) is not string text)
            return otherwise;
        foreach (T member in Enum.GetValues<T>())
        {
            if (member.ToString().Equals(text, StringComparison.OrdinalIgnoreCase))
                return member;
        }
        throw json.Wrong($"'{key}' is '{text}'; it may be {string.Join(", ", Enum.GetNames<T>().Select(n => char.ToLowerInvariant(n[0]) + n[1..]))}.", value.GetProperty(key));
    }
}
