using System.Text.Json;
using System.Text.Json.Nodes;

namespace WiseHub.Client.Hubs.HgLocalization;

/// <summary>One line of a manifest or index.</summary>
/// <param name="Name">Id, configuration and revision, as they were written.</param>
/// <param name="Values">All of it; keys that we do not know stay.</param>
internal sealed record HgEntry(HgCopyName Name, JsonObject Values)
{
    public string? Text(string key) =>
        Values[key] is JsonValue value && value.GetValueKind() == JsonValueKind.String ? value.GetValue<string>() : null;
}

/// <summary>
/// One of the four documents that list what a bucket has (docs/protocols/hg-localization.md#the-bucket). What is corrupted is
/// never taken for empty: the next write would lose everybody's entries.
/// </summary>
internal sealed class HgManifest
{
    // An entry is some 300 bytes: 200,000 of them.
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
                ?? throw Unreadable(where, "it does not hold a JSON object", null);
            foreach ((string key, JsonNode? value) in root)
            {
                // Everything is looked at: half a surrogate pair is no text, and shows only when it is read.
                _ = value?.ToJsonString();
                if (value is not JsonObject entry || NameOf(type, entry) is null)
                    throw Unreadable(where,
                        $"the entry '{string.Concat(key.Take(200).Select(c => char.IsControl(c) ? '\uFFFD' : c))}' names no "
                        + $"{(type == RepoType.Dataset ? "dataset_id" : "model_id")}", null);
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or ArgumentException)
        {
            throw Unreadable(where, $"it is not JSON ({e.Message.Split(" Path:")[0]})", e);
        }
        return new HgManifest(type, root);
    }

    /// <summary>
    /// The entry of a copy: by its key, and only where the values name it, too, because a key is ambiguous
    /// (<c>a---b</c> may be an id).
    /// </summary>
    public HgEntry? Find(HgCopyName name, HgLayout layout) =>
        _root[name.EntryKey(layout)] is JsonObject values
        && new HgEntry(NameOf(_type, values)!, values) is HgEntry entry && entry.Name.IsSame(name)
            ? entry : null;

    /// <summary>The entry whose files would lie in the same folder, whatever its id.</summary>
    public HgEntry? FindFolder(HgCopyName name, HgLayout layout)
    {
        string folder = name.Folder(layout);
        return Entries.FirstOrDefault(e => e.Name.Folder(layout) == folder);
    }

    /// <summary>With an entry added or replaced.</summary>
    public void Set(HgCopyName name, HgLayout layout, JsonObject values) => _root[name.EntryKey(layout)] = values;

    public byte[] ToBytes() => PythonJson.Write(_root);

    private static HgCopyName? NameOf(RepoType type, JsonObject entry)
    {
        string? Text(string key) =>
            entry[key] is JsonValue value && value.GetValueKind() == JsonValueKind.String ? value.GetValue<string>() : null;
        return Text(type == RepoType.Dataset ? "dataset_id" : "model_id") is { Length: > 0 } id
            ? new HgCopyName(type, id, type == RepoType.Dataset ? Text("config_name") : null, Text("revision")) : null;
    }

    private static HubException Unreadable(string where, string reason, Exception? cause) => new(WiseCodes.HgManifestUnreadable,
        $"{where} cannot be used: {reason}. It lists what everybody can find in the bucket, so it is not replaced. "
        + "Restore it from a backup, or delete it and sync every copy again (wisehub hg sync-local-to-s3).", cause);
}
