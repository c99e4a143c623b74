using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;

namespace WiseHub.Client;

/// <summary>
/// A JSON file that is read strictly: an unknown key, a duplicate or a wrong kind of value is an error with line and column.
/// Positions are only looked up when something is wrong, so that reading a good file stays cheap.
/// </summary>
internal sealed class StrictJson : IDisposable
{
    private readonly ReadOnlyMemory<byte> _text;
    private readonly string _file;
    private readonly string _code;
    private readonly string _remedy;
    private readonly JsonDocument _document;

    /// <exception cref="HubException">With <paramref name="code"/>: the text is not JSON.</exception>
    public StrictJson(byte[] bytes, string file, string code, string remedy)
    {
        (_file, _code, _remedy) = (file, code, remedy);
        _text = bytes.AsSpan().StartsWith(Encoding.UTF8.Preamble) ? bytes.AsMemory(Encoding.UTF8.Preamble.Length) : bytes;
        try
        {
            // Duplicates are found where keys are checked: the parser's own way costs a lock file of 1,000 files as much as parsing it.
            _document = JsonDocument.Parse(_text);
        }
        catch (JsonException e)
        {
            throw At(e.LineNumber is long line ? OffsetOfLine(line) + (int)(e.BytePositionInLine ?? 0) : 0,
                (l, c) => $"{file}({l},{c}) is not valid JSON: {Reason(e)} {remedy}", e);
        }
        if (Root.ValueKind != JsonValueKind.Object)
        {
            _document.Dispose();
            throw At(0, (l, c) => $"{file}({l},{c}) does not hold a JSON object. {remedy}", null);
        }
    }

    public JsonElement Root => _document.RootElement;

    /// <summary>Something is wrong with a value, or, for an object, with what it lacks.</summary>
    public HubException Wrong(string problem, JsonElement at) => Wrong(problem, OffsetOf(JsonMarshal.GetRawUtf8Value(at)));

    public void OnlyKeys(JsonElement element, ReadOnlySpan<string> allowed)
    {
        if (element.ValueKind != JsonValueKind.Object)
            throw Wrong("an object must stand here.", element);
        int seen = 0;
        foreach (JsonProperty property in element.EnumerateObject())
        {
            string? name = Name(property);
            int index = allowed.IndexOf(name);
            if (index < 0)
            {
                throw Wrong(name is null ? "a key is not valid Unicode." : $"'{name}' is not a known key; known are {string.Join(", ", allowed!)}.",
                    OffsetOf(property));
            }
            if ((seen & (1 << index)) != 0)
                throw Wrong($"'{name}' stands there twice.", OffsetOf(property));
            seen |= 1 << index;
        }
    }

    public string? String(JsonElement element, string key) =>
        !element.TryGetProperty(key, out JsonElement value) || value.ValueKind == JsonValueKind.Null ? null : TextOf(value, $"'{key}' must be a string.");

    public string RequiredString(JsonElement element, string key) =>
        String(element, key) is { Length: > 0 } text ? text
        : throw Wrong($"'{key}' is missing or empty.", element.TryGetProperty(key, out JsonElement value) ? value : element);

    public IEnumerable<string> Strings(JsonElement element, string key)
    {
        foreach (JsonElement item in Array(element, key))
            yield return TextOf(item, $"'{key}' must hold strings.");
    }

    public long? Integer(JsonElement element, string key) =>
        !element.TryGetProperty(key, out JsonElement value) ? null
        : value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out long number) && number >= 0 ? number
        : throw Wrong($"'{key}' must be a whole number of at least 0.", value);

    public JsonElement.ArrayEnumerator Array(JsonElement element, string key) =>
        !element.TryGetProperty(key, out JsonElement value) ? default
        : value.ValueKind == JsonValueKind.Array ? value.EnumerateArray()
        : throw Wrong($"'{key}' must be a list.", value);

    public void Dispose() => _document.Dispose();

    /// <summary>Line and column of a key, for problems that have a code of their own.</summary>
    public (int Line, int Column) PositionOf(JsonProperty property) => Position(OffsetOf(property));

    /// <summary>A string, or null where it holds half a surrogate pair or bytes that are not UTF-8: JSON allows both, text does not.</summary>
    public static string? Text(JsonElement value)
    {
        try
        {
            return value.GetString();
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }

    /// <inheritdoc cref="Text"/>
    public static string? Name(JsonProperty property)
    {
        try
        {
            return property.Name;
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }

    private string TextOf(JsonElement value, string otherwise) =>
        value.ValueKind != JsonValueKind.String ? throw Wrong(otherwise, value)
        : Text(value) ?? throw Wrong("this string is not valid Unicode.", value);

    private HubException Wrong(string problem, int offset) => At(offset, (l, c) => $"{_file}({l},{c}): {problem} {_remedy}", null);

    private HubException At(int offset, Func<int, int, string> message, Exception? cause)
    {
        (int line, int column) = Position(offset);
        return new HubException(_code, message(line, column), cause) { File = _file, Line = line, Column = column };
    }

    // The document works on these very bytes and does not copy them.
    private int OffsetOf(ReadOnlySpan<byte> part) => _text.Span.Overlaps(part, out int offset) ? offset : 0;

    // The name comes without the quotation mark before it.
    private int OffsetOf(JsonProperty property) => OffsetOf(JsonMarshal.GetRawUtf8PropertyName(property)) - 1;

    // Columns are counted in characters, as editors do.
    private (int Line, int Column) Position(int offset)
    {
        ReadOnlySpan<byte> before = _text.Span[..Math.Min(offset, _text.Length)];
        return (before.Count((byte)'\n') + 1, Encoding.UTF8.GetCharCount(before[(before.LastIndexOf((byte)'\n') + 1)..]) + 1);
    }

    private int OffsetOfLine(long line)
    {
        int offset = 0;
        for (; line > 0; line--)
            offset += _text.Span[offset..].IndexOf((byte)'\n') + 1;
        return offset;
    }

    // The library's message ends in its own "LineNumber: … | BytePositionInLine: …", which the caller has said already.
    private static string Reason(JsonException e) => e.Message.Split(" LineNumber:")[0].Split(" Path:")[0];
}
