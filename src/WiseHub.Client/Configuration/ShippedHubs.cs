using System.Buffers;
using System.Text;
using System.Text.Json;
using WiseHub.Client.Policies;

namespace WiseHub.Client.Configuration;

/// <summary>
/// The hubs in a run-time manifest, in the form of <c>wisehub.json</c>. Only this class decides what a program ships of a
/// configuration: the keys of <see cref="Hubs.HubProtocol.ShippedKeys"/> of the hubs that the model needs.
/// </summary>
/// <param name="Manifest">The bytes of the manifest.</param>
/// <param name="File">Its path, for messages.</param>
internal sealed record ShippedHubs(byte[] Manifest, string File)
{
    /// <summary>The key of the hubs in the manifest.</summary>
    public const string Key = LockFile.HubsKey;

    /// <summary>The key of the waivers of the reference.</summary>
    public const string WaiveKey = "waive";

    /// <summary>Writes the hubs that a model needs, and how strictly its files are checked.</summary>
    /// <param name="config">The configuration of the build.</param>
    /// <param name="hubs">The hubs of the reference.</param>
    /// <param name="waive">The waivers of the reference.</param>
    /// <returns>The JSON, and the hubs that it cannot declare, because they are folders or belong to the environment.</returns>
    public static (string Json, IReadOnlyList<string> NotShipped) Of(
        HubConfig config, IEnumerable<string> hubs, IReadOnlyList<string> waive)
    {
        // Mirrors of the user's own configuration belong to this machine.
        MirrorDefinition[] mirrors = [.. config.Project?.Mirrors ?? []];
        var declarations = new SortedDictionary<string, Action<Utf8JsonWriter>>(Utf8Ordinal.Instance);
        var notShipped = new List<string>();
        foreach (string name in hubs.Concat(mirrors.Select(m => m.Hub)).Distinct(StringComparer.OrdinalIgnoreCase))
        {
            HubDefinition hub = config.Find(name);
            if (!IsKnownEverywhere(config, hub) && !TryDeclare(config, hub, declarations))
                notShipped.Add(hub.Name);
        }
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteStartObject("hubs");
            foreach ((string name, Action<Utf8JsonWriter> write) in declarations)
            {
                json.WritePropertyName(name);
                write(json);
            }
            json.WriteEndObject();
            json.WriteStartArray("mirrors");
            foreach (MirrorDefinition mirror in mirrors.Where(m => !notShipped.Contains(config.Find(m.Hub).Name)))
            {
                json.WriteStartObject();
                json.WriteString("hub", config.Find(mirror.Hub).Name);
                json.WriteEndObject();
            }
            json.WriteEndArray();
            if (config.Project is { MirrorsOnly: true })
                json.WriteBoolean("mirrorsOnly", true);
            WriteFormats(json, config);
            if (waive.Count > 0)
            {
                json.WriteStartArray(WaiveKey);
                foreach (string kind in waive)
                    json.WriteStringValue(kind);
                json.WriteEndArray();
            }
            json.WriteEndObject();
        }
        return (Encoding.UTF8.GetString(buffer.WrittenSpan), notShipped);
    }

    // Hubs, licences, sizes and signatures were checked when the files were locked. What the files are shows when they come. A
    // policy of the user's own belongs to this machine.
    private static void WriteFormats(Utf8JsonWriter json, HubConfig config)
    {
        if (config.Project?.Policy is not { } policy || (policy.Level, policy.Formats) is (null, null))
            return;
        json.WriteStartObject("policy");
        if (policy.WarnsOnly)
            json.WriteString("mode", "warn");
        json.WriteStartObject("formats");
        if (policy.Level is FormatLevel level)
            json.WriteString("level", level switch
            {
                FormatLevel.Off => "off",
                FormatLevel.Standard => "standard",
                _ => "strict",
            });
        if (policy.Formats is IReadOnlyList<string> formats)
        {
            json.WriteStartArray("allow");
            foreach (string format in formats)
                json.WriteStringValue(format);
            json.WriteEndArray();
        }
        json.WriteEndObject();
        json.WriteEndObject();
    }

    // A built-in hub that the project has not moved. One that the user moved for this machine stays the built-in one.
    private static bool IsKnownEverywhere(HubConfig config, HubDefinition hub) =>
        config.Project?.Declared.Contains(hub.Name) != true
        && (UrlReference.IsHub(hub.Name) || config.KnownProtocols.All.SelectMany(p => p.BuiltIn)
            .Any(b => b.Name.Equals(hub.Name, StringComparison.OrdinalIgnoreCase)));

    private static bool TryDeclare(HubConfig config, HubDefinition hub, SortedDictionary<string, Action<Utf8JsonWriter>> into)
    {
        ConfigFile? file = config.Project?.Declared.Contains(hub.Name) == true ? config.Project
            : config.User?.Declared.Contains(hub.Name) == true ? config.User : null;
        if (file is null)
            return false;
        using StrictJson json = file.Parse();
        JsonProperty declared = json.Root.GetProperty("hubs").EnumerateObject()
            .First(p => hub.Name.Equals(StrictJson.Name(p), StringComparison.OrdinalIgnoreCase));
        string protocol = json.RequiredString(declared.Value, "protocol");
        IReadOnlyList<string> keys = config.KnownProtocols.Find(protocol)!.ShippedKeys;
        var values = new List<(string Key, JsonElement Value)>();
        foreach (string key in keys.Concat(ConfigFile.PatienceKeys))
        {
            if (declared.Value.TryGetProperty(key, out JsonElement value))
                values.Add((key, value.Clone()));
        }
        // A folder, and nothing else that says where the hub is.
        if (declared.Value.TryGetProperty("path", out _) && !values.Exists(v => keys.Contains(v.Key)))
            return false;
        into[declared.Name] = writer =>
        {
            writer.WriteStartObject();
            writer.WriteString("protocol", protocol);
            foreach ((string key, JsonElement value) in values)
            {
                writer.WritePropertyName(key);
                value.WriteTo(writer);
            }
            writer.WriteEndObject();
        };
        return true;
    }
}
