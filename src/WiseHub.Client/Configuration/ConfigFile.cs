using System.Text.Json;
using WiseHub.Client.Files;
using WiseHub.Client.Hubs;
using WiseHub.Client.Policies;

namespace WiseHub.Client.Configuration;

/// <summary>
/// A <c>wisehub.json</c>, or the hubs of a run-time manifest, checked key by key: a setting without an effect is an error.
/// </summary>
/// <param name="Path">The file.</param>
/// <param name="Bytes">Its bytes.</param>
/// <param name="Declared">The names of its hubs.</param>
/// <param name="DefaultHub">The hub of references without a hub.</param>
/// <param name="Mirrors">Hubs that serve bytes before the origin.</param>
/// <param name="MirrorsOnly">The origin must not be used.</param>
internal sealed record ConfigFile(string Path, byte[] Bytes, IReadOnlySet<string> Declared, string? DefaultHub,
    IReadOnlyList<MirrorDefinition> Mirrors, bool MirrorsOnly)
{
    /// <summary>What may enter a build; null if the file does not say it.</summary>
    public TrustPolicy? Policy { get; init; }

    /// <summary>The settings of all hubs besides those of their protocol.</summary>
    public static readonly IReadOnlyList<string> PatienceKeys = ["retries", "connectTimeout", "stallTimeout", "totalTimeout"];

    private static readonly string[] RootKeys = ["$schema", "defaultHub", "hubs", "mirrors", "mirrorsOnly", "policy"];
    private static readonly string[] MirrorKeys = ["hub", "write"];
    private static readonly string[] ShippedRootKeys = ["hubs", "mirrors", "mirrorsOnly", "policy", ShippedHubs.WaiveKey];
    private static readonly string[] ShippedMirrorKeys = ["hub"];

    /// <summary>Reads a file. Its hubs are added to the known ones, or replace them.</summary>
    /// <param name="file">Absolute path.</param>
    /// <param name="hubs">The known hubs: built in, or the user's own.</param>
    /// <param name="isUsersOwn">True for the user's own file for all projects; tokens may go to the endpoints in it.</param>
    /// <param name="environment">Reads an environment variable, to find the home folder.</param>
    /// <param name="protocols">The available protocols.</param>
    /// <exception cref="HubException">WISE1008 or WISE1070.</exception>
    public static ConfigFile Read(string file, Dictionary<string, HubDefinition> hubs, bool isUsersOwn,
        Func<string, string?> environment, HubProtocols protocols)
    {
        byte[] bytes;
        try
        {
            bytes = ContendedFiles.OfSystem.Read(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw ConfigurationMessages.NotReadable(file, e);
        }
        using StrictJson json = Parse(bytes, file);
        json.OnlyKeys(json.Root, RootKeys);
        IReadOnlySet<string> declared = ReadHubs(json, json.Root, file, hubs, isUsersOwn, p => p.Keys, environment, protocols);
        string? defaultHub = json.String(json.Root, "defaultHub");
        if (defaultHub is not null && !hubs.ContainsKey(defaultHub))
            throw json.Wrong(ConfigurationMessages.DefaultHubNotDeclared(defaultHub, hubs.Keys),
                json.Root.GetProperty("defaultHub"));
        List<MirrorDefinition> mirrors = ReadMirrors(json, json.Root, MirrorKeys, hubs, protocols);
        bool mirrorsOnly = json.Boolean(json.Root, "mirrorsOnly") ?? false;
        return !mirrorsOnly || mirrors.Count > 0
            ? new ConfigFile(file, bytes, declared, defaultHub, mirrors, mirrorsOnly)
            { Policy = ReadPolicy(json, json.Root, file, environment) }
            : throw json.Wrong(ConfigurationMessages.MirrorsOnlyWithoutMirrors, json.Root.GetProperty("mirrorsOnly"));
    }

    /// <summary>The content of this file.</summary>
    public StrictJson Parse() => Parse(Bytes, Path);

    private static StrictJson Parse(byte[] bytes, string file) =>
        new(bytes, file, WiseCodes.InvalidConfig, ConfigurationMessages.SeeConfigurationPage, comments: true);

    /// <summary>Reads the hubs of a run-time manifest, which a build has written.</summary>
    /// <param name="shipped">The manifest.</param>
    /// <param name="hubs">The known hubs: built in, or the user's own.</param>
    /// <param name="environment">Reads an environment variable.</param>
    /// <param name="protocols">The available protocols.</param>
    /// <exception cref="HubException">WISE1105.</exception>
    public static ConfigFile Read(ShippedHubs shipped, Dictionary<string, HubDefinition> hubs,
        Func<string, string?> environment, HubProtocols protocols)
    {
        using var json = new StrictJson(shipped.Manifest, shipped.File, WiseCodes.ManifestUnusable,
            ConfigurationMessages.BuildAgain);
        if (!json.Root.TryGetProperty(ShippedHubs.Key, out JsonElement root))
            throw json.Wrong(ModelMessages.Missing(ShippedHubs.Key), json.Root);
        json.OnlyKeys(root, ShippedRootKeys);
        IReadOnlySet<string> declared = ReadHubs(
            json, root, shipped.File, hubs, isUsersOwn: false, p => p.ShippedKeys, environment, protocols);
        // Mirrors in folders are not shipped, so that "mirrorsOnly" may be alone.
        return new ConfigFile(shipped.File, shipped.Manifest, declared, null,
            ReadMirrors(json, root, ShippedMirrorKeys, hubs, protocols), json.Boolean(root, "mirrorsOnly") ?? false)
        { Policy = ReadPolicy(json, root, shipped.File, environment) };
    }

    private static TrustPolicy? ReadPolicy(StrictJson json, JsonElement root, string file, Func<string, string?> environment) =>
        root.TryGetProperty("policy", out JsonElement policy) ? new PolicySection(json, file, environment).Read(policy) : null;

    private static HashSet<string> ReadHubs(StrictJson json, JsonElement root, string file,
        Dictionary<string, HubDefinition> hubs, bool isUsersOwn, Func<HubProtocol, IReadOnlyList<string>> keys,
        Func<string, string?> environment, HubProtocols protocols)
    {
        var names = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        if (!root.TryGetProperty("hubs", out JsonElement list))
            return names;
        if (list.ValueKind != JsonValueKind.Object)
            throw json.Wrong(ConfigurationMessages.HubsNotAnObject, list);
        HubDefinition[] trusted = [.. hubs.Values.Where(h => h.IsTrustedEndpoint)];
        foreach (JsonProperty entry in list.EnumerateObject())
        {
            HubDefinition hub = WithTrust(ReadHub(json, entry, file, keys, environment, protocols), trusted, isUsersOwn);
            if (!names.Add(hub.Name))
                throw json.Wrong(ConfigurationMessages.DeclaredTwice(hub.Name), entry.Value);
            hubs[hub.Name] = hub;
        }
        return names;
    }

    private static List<MirrorDefinition> ReadMirrors(StrictJson json, JsonElement root, string[] keys,
        Dictionary<string, HubDefinition> hubs, HubProtocols protocols)
    {
        var mirrors = new List<MirrorDefinition>();
        foreach (JsonElement mirror in json.Array(root, "mirrors"))
            mirrors.Add(ReadMirror(json, mirror, keys, hubs, protocols));
        return mirrors;
    }

    private static MirrorDefinition ReadMirror(
        StrictJson json, JsonElement value, string[] keys, Dictionary<string, HubDefinition> hubs, HubProtocols protocols)
    {
        json.OnlyKeys(value, keys);
        string hub = json.RequiredString(value, "hub");
        if (!hubs.TryGetValue(hub, out HubDefinition? definition))
            throw json.Wrong(ConfigurationMessages.MirrorNotDeclared(hub, hubs.Keys), value.GetProperty("hub"));
        bool write = json.Boolean(value, "write") ?? false;
        return !write || protocols.Of(definition).CanBeWrittenMirror(definition) ? new MirrorDefinition(hub, write)
            : throw json.Wrong(ConfigurationMessages.MirrorNotWritable(hub, protocols.MirrorForms), value.GetProperty("write"));
    }

    // An endpoint is trusted because of who configured it, not because of its name in a project. A name known to the user keeps
    // its meaning.
    private static HubDefinition WithTrust(HubDefinition hub, HubDefinition[] trusted, bool isUsersOwn) => hub with
    {
        IsTrustedEndpoint = isUsersOwn || hub.Endpoint is null || trusted.Any(hub.IsSamePlace),
        IsMovedByProject = !isUsersOwn && trusted.FirstOrDefault(t => t.Name.Equals(hub.Name, StringComparison.OrdinalIgnoreCase))
            is HubDefinition known && !hub.IsSamePlace(known),
    };

    private static HubDefinition ReadHub(StrictJson json, JsonProperty entry, string file,
        Func<HubProtocol, IReadOnlyList<string>> keys, Func<string, string?> environment, HubProtocols protocols)
    {
        JsonElement value = entry.Value;
        string name = StrictJson.Name(entry) ?? throw json.Wrong(ConfigurationMessages.HubNameNotUnicode, value);
        if (name.Length is 0 or > 64 || !name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.'))
            throw json.Wrong(ConfigurationMessages.InvalidHubName(name), value);
        // The name is part of a folder name in the cache.
        if (PathRules.RejectSegment(name) is Text reason)
            throw json.Wrong(ConfigurationMessages.UnusableHubName(name, reason), value);
        if (UrlReference.IsHub(name))
            throw json.Wrong(ConfigurationMessages.ReservedHubName(name), value);
        HubProtocol[] declarable = [.. protocols.Declarable];
        json.OnlyKeys(value, ["protocol", .. declarable.SelectMany(keys).Distinct(), .. PatienceKeys]);
        string speaks = json.RequiredString(value, "protocol");
        HubProtocol protocol = declarable.FirstOrDefault(p => p.Name == speaks)
            ?? throw json.Wrong(ConfigurationMessages.UnknownProtocol(speaks, [.. declarable.Select(p => p.Name)]),
                value.GetProperty("protocol"));
        // A setting without an effect is an error: a store with a "bucket" is a mistake.
        json.OnlyKeys(value, ["protocol", .. keys(protocol), .. PatienceKeys]);
        var section = new HubSection(json, value, name, file, environment);
        HubDefinition hub = protocol.Read(section);
        return hub with
        {
            Retries = section.Integer("retries") is not long tries ? hub.Retries
                : tries is > 0 and <= 100 ? (int)tries : throw section.Wrong("retries", ConfigurationMessages.RetriesOutOfRange),
            ConnectTimeout = section.Seconds("connectTimeout") ?? hub.ConnectTimeout,
            StallTimeout = section.Seconds("stallTimeout"),
            TotalTimeout = section.Seconds("totalTimeout") ?? hub.TotalTimeout,
        };
    }
}
