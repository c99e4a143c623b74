using System.Buffers.Text;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;

namespace WiseHub.Client.Signatures;

/// <summary>
/// Reads the JSON of signatures: objects may have further keys, as their formats allow, but none twice. Numbers of 64 bits are
/// strings, and bytes are base64, as the JSON mapping of Protocol Buffers prescribes.
/// </summary>
internal sealed class SignatureJson(byte[] bytes, string file, string code, string remedy) : IDisposable
{
    private readonly StrictJson _json = new(bytes, file, code, remedy, StrictJson.AnyKeys);

    public JsonElement Root => _json.Root;

    public HubException Wrong(string problem, JsonElement at) => _json.Wrong(problem, at);

    /// <summary>The object of a key; null if there is none.</summary>
    public JsonElement? Object(JsonElement element, string key) =>
        !element.TryGetProperty(key, out JsonElement value) || value.ValueKind == JsonValueKind.Null ? null
        : value.ValueKind == JsonValueKind.Object ? value
        : throw Wrong(ModelMessages.ObjectExpected, value);

    public JsonElement RequiredObject(JsonElement element, string key) =>
        Object(element, key) ?? throw Wrong(ModelMessages.Missing(key), element);

    /// <summary>The objects in a list, which may be missing.</summary>
    public IEnumerable<JsonElement> Objects(JsonElement element, string key)
    {
        foreach (JsonElement item in _json.Array(element, key))
        {
            yield return item.ValueKind == JsonValueKind.Object ? item : throw Wrong(ModelMessages.ObjectExpected, item);
        }
    }

    public string? String(JsonElement element, string key) => _json.String(element, key);

    public string RequiredString(JsonElement element, string key) => _json.RequiredString(element, key);

    public IEnumerable<string> Strings(JsonElement element, string key) => _json.Strings(element, key);

    public void OnlyKeys(JsonElement element, ReadOnlySpan<string> allowed) => _json.OnlyKeys(element, allowed);

    /// <summary>A number that is at least 0, as a string or a number; null if it is missing.</summary>
    public long? Integer(JsonElement element, string key)
    {
        if (!element.TryGetProperty(key, out JsonElement value))
            return null;
        if (value.ValueKind != JsonValueKind.String)
            return _json.Integer(element, key);
        return long.TryParse(_json.String(element, key), NumberStyles.None, CultureInfo.InvariantCulture, out long number)
            ? number : throw Wrong(ModelMessages.NotANumber(key), value);
    }

    public long RequiredInteger(JsonElement element, string key) =>
        Integer(element, key) ?? throw Wrong(ModelMessages.Missing(key), element);

    /// <summary>Bytes in base64 with either alphabet, padded or not; null if they are missing.</summary>
    public byte[]? Base64(JsonElement element, string key) =>
        !element.TryGetProperty(key, out JsonElement value) || value.ValueKind == JsonValueKind.Null ? null : Decode(value, key);

    public byte[] RequiredBase64(JsonElement element, string key) =>
        Base64(element, key) is { Length: > 0 } bytes ? bytes : throw Wrong(ModelMessages.Missing(key), element);

    /// <summary>The byte strings in a list, in base64.</summary>
    public List<byte[]> Base64List(JsonElement element, string key)
    {
        var list = new List<byte[]>();
        foreach (JsonElement item in _json.Array(element, key))
            list.Add(Decode(item, key));
        return list;
    }

    public void Dispose() => _json.Dispose();

    private byte[] Decode(JsonElement value, string key)
    {
        if (value.ValueKind != JsonValueKind.String)
            throw Wrong(ModelMessages.NotAString(key), value);
        // A payload may be many megabytes: no text is made of it. A backslash as in "\/" is an allowed way to write it.
        ReadOnlySpan<byte> raw = JsonMarshal.GetRawUtf8Value(value)[1..^1];
        byte[] characters = raw.Contains((byte)'\\')
            ? System.Text.Encoding.UTF8.GetBytes(StrictJson.Text(value) ?? throw Wrong(ModelMessages.NotUnicode, value))
            : raw.ToArray();
        characters.AsSpan().Replace((byte)'+', (byte)'-');
        characters.AsSpan().Replace((byte)'/', (byte)'_');
        try
        {
            int decoded = Base64Url.DecodeFromUtf8InPlace(characters);
            return characters.AsSpan(0, decoded).ToArray();
        }
        catch (FormatException)
        {
            throw Wrong(SignatureMessages.NotBase64(key), value);
        }
    }
}
