using System.Text;
using System.Text.Json;

namespace WiseHub.Client;

/// <summary>
/// A JSON file that is read strictly: an unknown key, a duplicate or a wrong kind of value is an error with line and column.
/// Positions are only looked up when something is wrong, so that reading a good file stays cheap.
/// </summary>
internal sealed class StrictJson : IDisposable
{
    private readonly byte[] _bytes;
    private readonly string _file;
    private readonly string _code;
    private readonly string _remedy;
    private readonly JsonDocument _document;

    /// <exception cref="HubException">With <paramref name="code"/>: the text is not JSON.</exception>
    public StrictJson(byte[] bytes, string file, string code, string remedy)
    {
        (_bytes, _file, _code, _remedy) = (bytes, file, code, remedy);
        try
        {
            ReadOnlyMemory<byte> text = bytes.AsSpan().StartsWith(Encoding.UTF8.Preamble) ? bytes.AsMemory(3) : bytes;
            _document = JsonDocument.Parse(text, new JsonDocumentOptions { AllowDuplicateProperties = false });
        }
        catch (JsonException e)
        {
            int line = (int)(e.LineNumber ?? 0) + 1, column = (int)(e.BytePositionInLine ?? 0) + 1;
            throw new HubException(code, $"{file}({line},{column}) is not valid JSON: {Reason(e)} {remedy}", e) { File = file, Line = line, Column = column };
        }
        if (Root.ValueKind != JsonValueKind.Object)
        {
            _document.Dispose();
            throw new HubException(code, $"{file} does not hold a JSON object. {remedy}") { File = file, Line = 1, Column = 1 };
        }
    }

    public JsonElement Root => _document.RootElement;

    public HubException Wrong(string problem, params ReadOnlySpan<string> path)
    {
        (int line, int column) = Find(path);
        return new HubException(_code, $"{_file}({line},{column}): {problem} {_remedy}") { File = _file, Line = line, Column = column };
    }

    public void OnlyKeys(JsonElement element, ReadOnlySpan<string> allowed, params ReadOnlySpan<string> path)
    {
        if (element.ValueKind != JsonValueKind.Object)
            throw Wrong($"'{(path.Length > 0 ? path[^1] : "")}' must be an object.", path);
        foreach (JsonProperty property in element.EnumerateObject())
        {
            if (!allowed.Contains(property.Name))
                throw Wrong($"'{property.Name}' is not a known key; known are {string.Join(", ", allowed!)}.", [.. path, property.Name]);
        }
    }

    public string? String(JsonElement element, string key, params ReadOnlySpan<string> path) =>
        !element.TryGetProperty(key, out JsonElement value) || value.ValueKind == JsonValueKind.Null ? null
        : value.ValueKind == JsonValueKind.String ? value.GetString()
        : throw Wrong($"'{key}' must be a string.", [.. path, key]);

    public string RequiredString(JsonElement element, string key, params ReadOnlySpan<string> path) =>
        String(element, key, path) is { Length: > 0 } text ? text : throw Wrong($"'{key}' is missing or empty.", path);

    public bool Bool(JsonElement element, string key, params ReadOnlySpan<string> path) =>
        !element.TryGetProperty(key, out JsonElement value) ? false
        : value.ValueKind is JsonValueKind.True or JsonValueKind.False ? value.GetBoolean()
        : throw Wrong($"'{key}' must be true or false.", [.. path, key]);

    public long? Integer(JsonElement element, string key, params ReadOnlySpan<string> path) =>
        !element.TryGetProperty(key, out JsonElement value) ? null
        : value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out long number) && number >= 0 ? number
        : throw Wrong($"'{key}' must be a whole number of at least 0.", [.. path, key]);

    public JsonElement.ArrayEnumerator Array(JsonElement element, string key, params ReadOnlySpan<string> path) =>
        !element.TryGetProperty(key, out JsonElement value) ? default
        : value.ValueKind == JsonValueKind.Array ? value.EnumerateArray()
        : throw Wrong($"'{key}' must be a list.", [.. path, key]);

    public void Dispose() => _document.Dispose();

    /// <summary>The position of the property that the path names (list items are skipped over: the first match counts).</summary>
    private (int Line, int Column) Find(ReadOnlySpan<string> path)
    {
        long offset = 0;
        if (path.Length > 0)
        {
            var reader = new Utf8JsonReader(_bytes.AsSpan().StartsWith(Encoding.UTF8.Preamble) ? _bytes.AsSpan(3) : _bytes);
            int depth = 0;
            while (depth < path.Length && reader.Read())
            {
                if (reader.TokenType == JsonTokenType.PropertyName && reader.ValueTextEquals(path[depth]))
                {
                    offset = reader.TokenStartIndex;
                    depth++;
                }
            }
        }
        ReadOnlySpan<byte> before = _bytes.AsSpan(0, (int)offset);
        return (before.Count((byte)'\n') + 1, before.Length - before.LastIndexOf((byte)'\n'));
    }

    // The library's message ends in its own "LineNumber: … | BytePositionInLine: …", which the caller has said already.
    private static string Reason(JsonException e) => e.Message.Split(" LineNumber:")[0].Split(" Path:")[0];
}
