using System.Text.Json;
using System.Text.Json.Nodes;

namespace WiseHub.Client.Hubs.HgLocalization;

/// <summary>One entry of a manifest or index.</summary>
/// <param name="Name">Id, configuration and revision, as they were written.</param>
/// <param name="Values">The whole entry, with its unknown keys.</param>
internal sealed record HgEntry(HgCopyName Name, JsonObject Values)
{
    public string? Text(string key) =>
        Values[key] is JsonValue value && value.GetValueKind() == JsonValueKind.String ? value.GetValue<string>() : null;
}

/// <summary>
/// One of the four documents that list the copies of a bucket (docs/protocols/hg-localization.md#the-bucket). A corrupted one is
/// never treated as empty, because the next write would lose all entries.
/// </summary>
internal sealed class HgManifest
{
    // 200,000 entries of about 300 bytes.
    public const int MaxBytes = 1 << 26;

    private static readonly JsonDocumentOptions NoDoubles = new() { AllowDuplicateProperties = false };

    private readonly RepoType _type;
    private readonly JsonObject _root;

    private HgManifest(RepoType type, JsonObject root) => (_type, _root) = (type, root);

    public IEnumerable<HgEntry> Entries => _root.Select(e => (JsonObject)e.Value!).Select(v => new HgEntry(NameOf(_type, v)!, v));

    public static HgManifest Empty(RepoType type) => new(type, []);

    /// <exception cref="HubException">WISE2050.</exception>
    public static HgManifest Parse(byte[] bytes, RepoType type, string where)
    {
        JsonObject root;
        try
        {
            ReadOnlySpan<byte> text = bytes.AsSpan().StartsWith("\uFEFF"u8) ? bytes.AsSpan(3) : bytes;
            root = JsonNode.Parse(text, documentOptions: NoDoubles) as JsonObject
                ?? throw HgMessages.ManifestUnreadable(where, (Text)$"it is not a JSON object", null);
            foreach ((string key, JsonNode? value) in root)
            {
                // Reads every value, because half of a surrogate pair throws only when it is read.
                _ = value?.ToJsonString();
                if (value is not JsonObject entry || NameOf(type, entry) is null)
                {
                    string id = type == RepoType.Dataset ? "dataset_id" : "model_id";
                    throw HgMessages.ManifestUnreadable(
                        where, (Text)$"the entry '{PathRules.Printable(key)}' has no {id}", null);
                }
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or ArgumentException)
        {
            throw HgMessages.ManifestUnreadable(where, (Text)$"it is not JSON ({e.Message.Split(" Path:")[0]})", e);
        }
        return new HgManifest(type, root);
    }

    /// <summary>
    /// The entry of a copy, found by its key; its values must name the copy, too, because a key is ambiguous
    /// (<c>a---b</c> may be an id).
    /// </summary>
    public HgEntry? Find(HgCopyName name, HgLayout layout) =>
        _root[name.EntryKey(layout)] is JsonObject values
        && new HgEntry(NameOf(_type, values)!, values) is HgEntry entry && entry.Name.IsSame(name)
            ? entry : null;

    /// <summary>The entry with the same folder, whatever its id.</summary>
    public HgEntry? FindFolder(HgCopyName name, HgLayout layout)
    {
        string folder = name.Folder(layout);
        return Entries.FirstOrDefault(e => e.Name.Folder(layout) == folder);
    }

    /// <summary>Adds or replaces an entry.</summary>
    public void Set(HgCopyName name, HgLayout layout, JsonObject values) => _root[name.EntryKey(layout)] = values;

    public byte[] ToBytes() => PythonJson.Write(_root);

    private static HgCopyName? NameOf(RepoType type, JsonObject entry)
    {
        string? Text(string key) =>
            entry[key] is JsonValue value && value.GetValueKind() == JsonValueKind.String ? value.GetValue<string>() : null;
        return Text(type == RepoType.Dataset ? "dataset_id" : "model_id") is { Length: > 0 } id
            ? new HgCopyName(type, id, type == RepoType.Dataset ? Text("config_name") : null, Text("revision")) : null;
    }
}
