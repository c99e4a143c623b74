using System.Text.Json;
using WiseHub.Client.Files;
using WiseHub.Client.Hubs;

namespace WiseHub.Client.Configuration;

/// <summary>What stands in a <c>wisehub.json</c>, judged key by key: a setting that does nothing must not be there.</summary>
internal sealed record ConfigFile(string Path, string? DefaultHub, IReadOnlyList<MirrorDefinition> Mirrors, bool MirrorsOnly)
{
    private static readonly string[] RootKeys = ["defaultHub", "hubs", "mirrors", "mirrorsOnly", "policy"];
    private static readonly string[] MirrorKeys = ["hub", "write"];
    private static readonly string[] PatienceKeys = ["retries", "connectTimeout", "stallTimeout", "totalTimeout"];

    /// <summary>Reads a file; its hubs join or replace those that are there.</summary>
    /// <param name="file">Absolute path.</param>
    /// <param name="hubs">Those that are known by then: built in, or the user's own.</param>
    /// <param name="isUsersOwn">The user wrote it for all projects, so that tokens may go where it says.</param>
    /// <param name="environment">Reads an environment variable, for where the home folder is.</param>
    /// <param name="protocols">The protocols that hubs may speak.</param>
    /// <exception cref="HubException">WISE1008, WISE1009 or WISE1070.</exception>
    public static ConfigFile Read(string file, Dictionary<string, HubDefinition> hubs, bool isUsersOwn,
        Func<string, string?> environment, HubProtocols protocols)
    {
        HubDefinition[] trusted = [.. hubs.Values.Where(h => h.IsTrustedEndpoint)];
        byte[] bytes;
        try
        {
            bytes = ContendedFiles.OfSystem.Read(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new HubException(WiseCodes.InvalidConfig,
                $"{file} cannot be read: {e.Message} Correct WiseHubConfigFile or the file's rights.", e)
            { File = file };
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
                HubDefinition hub = WithTrust(ReadHub(json, entry, file, environment, protocols), trusted, isUsersOwn);
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
            mirrors.Add(ReadMirror(json, mirror, hubs, protocols));
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
                $"{file}({line},{column}): '{property.Name}' is not supported by this version, and a setting that is not "
                + "enforced must not be there. Remove it.")
            { File = file, Line = line, Column = column };
        }
    }

    private static MirrorDefinition ReadMirror(
        StrictJson json, JsonElement value, Dictionary<string, HubDefinition> hubs, HubProtocols protocols)
    {
        json.OnlyKeys(value, MirrorKeys);
        string hub = json.RequiredString(value, "hub");
        if (!hubs.TryGetValue(hub, out HubDefinition? definition))
            throw json.Wrong($"the mirror '{hub}' is not declared under 'hubs'.", value.GetProperty("hub"));
        bool write = Boolean(json, value, "write") ?? false;
        return !write || protocols.Of(definition).CanBeWrittenMirror(definition) ? new MirrorDefinition(hub, write)
            : throw json.Wrong($"the mirror '{hub}' cannot be written: a mirror with \"write\": true is a store with a 'path', "
                + "or an s3 or hg-localization hub.", value.GetProperty("write"));
    }

    // A place is trusted because of who named it, whatever a project calls it; and a name is the user's before it is a project's.
    private static HubDefinition WithTrust(HubDefinition hub, HubDefinition[] trusted, bool isUsersOwn) => hub with
    {
        IsTrustedEndpoint = isUsersOwn || hub.Endpoint is null || trusted.Any(hub.IsSamePlace),
        IsMovedByProject = !isUsersOwn && trusted.FirstOrDefault(t => t.Name.Equals(hub.Name, StringComparison.OrdinalIgnoreCase))
            is HubDefinition known && !hub.IsSamePlace(known),
    };

    private static HubDefinition ReadHub(
        StrictJson json, JsonProperty entry, string file, Func<string, string?> environment, HubProtocols protocols)
    {
        JsonElement value = entry.Value;
        string name = StrictJson.Name(entry) ?? throw json.Wrong("the name of this hub is not valid Unicode.", value);
        if (name.Length is 0 or > 64 || !name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.'))
            throw json.Wrong($"the hub name '{name}' may have 1 to 64 letters, digits, '-', '_' and '.'.", value);
        // The cache has a folder for each hub.
        if (PathRules.RejectSegment(name) is string reason)
            throw json.Wrong($"the hub name '{name}' cannot be used: {reason}.", value);
        if (UrlReference.IsHub(name))
            throw json.Wrong($"the hub name '{name}' stands for references by URL. Choose another one.", value);
        HubProtocol[] declarable = [.. protocols.Declarable];
        json.OnlyKeys(value, ["protocol", .. declarable.SelectMany(p => p.Keys).Distinct(), .. PatienceKeys]);
        string speaks = json.RequiredString(value, "protocol");
        HubProtocol protocol = declarable.FirstOrDefault(p => p.Name == speaks)
            ?? throw json.Wrong($"'{speaks}' is not a known protocol; known are "
                + $"{string.Join(", ", declarable.Select(p => p.Name))}.", value.GetProperty("protocol"));
        // A setting that does nothing must not be there: a store with a "bucket" is somebody's mistake.
        json.OnlyKeys(value, ["protocol", .. protocol.Keys, .. PatienceKeys]);
        var section = new HubSection(json, value, name, file, environment);
        HubDefinition hub = protocol.Read(section);
        return hub with
        {
            Retries = section.Integer("retries") is not long tries ? hub.Retries
                : tries is > 0 and <= 100 ? (int)tries : throw section.Wrong("retries", "'retries' must be 1 to 100."),
            ConnectTimeout = section.Seconds("connectTimeout") ?? hub.ConnectTimeout,
            StallTimeout = section.Seconds("stallTimeout"),
            TotalTimeout = section.Seconds("totalTimeout") ?? hub.TotalTimeout,
        };
    }

    private static bool? Boolean(StrictJson json, JsonElement value, string key) =>
        !value.TryGetProperty(key, out JsonElement found) ? null
            : found.ValueKind is JsonValueKind.True or JsonValueKind.False ? found.GetBoolean()
            : throw json.Wrong($"'{key}' must be true or false.", found);
}
