using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;

namespace WiseHub.Client;

/// <summary>
/// Reads a JSON file strictly: an unknown key, a duplicate or a wrong kind of value is an error with line and column.
/// </summary>
internal sealed class StrictJson : IDisposable
{
    // For files that people write.
    private static readonly JsonDocumentOptions WithComments = new() { CommentHandling = JsonCommentHandling.Skip };

    /// <summary>
    /// For formats whose objects may have further keys: the parser finds duplicates, as nobody else looks at all keys.
    /// </summary>
    public static readonly JsonDocumentOptions AnyKeys = new() { AllowDuplicateProperties = false, MaxDepth = 32 };

    private readonly JsonText _text;
    private readonly JsonDocument _document;

    /// <exception cref="HubException">With <paramref name="code"/>: the text is not JSON.</exception>
    public StrictJson(byte[] bytes, string file, string code, string remedy, bool comments = false)
        : this(bytes, file, code, remedy, comments ? WithComments : default)
    {
    }

    /// <inheritdoc cref="StrictJson(byte[], string, string, string, bool)"/>
    public StrictJson(byte[] bytes, string file, string code, string remedy, JsonDocumentOptions options)
    {
        _text = new JsonText(bytes, file, code, remedy);
        try
        {
            // Duplicates are found when keys are checked. For a tree of 1,000 files, the parser's own check would take as long as
            // parsing.
            _document = JsonDocument.Parse(_text.Utf8, options);
        }
        catch (JsonException e)
        {
            throw _text.NotJson(e);
        }
        if (Root.ValueKind != JsonValueKind.Object)
        {
            _document.Dispose();
            throw _text.NotAnObject();
        }
    }

    public JsonElement Root => _document.RootElement;

    /// <summary>Makes an error about a value, or about a key missing in an object.</summary>
    public HubException Wrong(string problem, JsonElement at) => Wrong(problem, OffsetOf(JsonMarshal.GetRawUtf8Value(at)));

    public void OnlyKeys(JsonElement element, ReadOnlySpan<string> allowed)
    {
        if (element.ValueKind != JsonValueKind.Object)
            throw Wrong(ModelMessages.ObjectExpected, element);
        int seen = 0;
        foreach (JsonProperty property in element.EnumerateObject())
        {
            string? name = Name(property);
            int index = allowed.IndexOf(name);
            if (index < 0)
            {
                throw Wrong(name is null ? ModelMessages.KeyNotUnicode : ModelMessages.UnknownKey(name, allowed.ToArray()),
                    OffsetOf(property));
            }
            if ((seen & (1 << index)) != 0)
                throw Wrong(ModelMessages.KeyTwice(name!), OffsetOf(property));
            seen |= 1 << index;
        }
    }

    public string? String(JsonElement element, string key) =>
        !element.TryGetProperty(key, out JsonElement value) || value.ValueKind == JsonValueKind.Null ? null
        : TextOf(value, ModelMessages.NotAString(key));

    public string RequiredString(JsonElement element, string key) =>
        String(element, key) is { Length: > 0 } text ? text
        : throw Wrong(ModelMessages.Missing(key), element.TryGetProperty(key, out JsonElement value) ? value : element);

    public IEnumerable<string> Strings(JsonElement element, string key)
    {
        foreach (JsonElement item in Array(element, key))
            yield return TextOf(item, ModelMessages.NotStrings(key));
    }

    /// <summary>An object of strings whose keys may be any; empty if it is missing.</summary>
    public Dictionary<string, string> Texts(JsonElement element, string key)
    {
        var texts = new Dictionary<string, string>(StringComparer.Ordinal);
        if (!element.TryGetProperty(key, out JsonElement value))
            return texts;
        if (value.ValueKind != JsonValueKind.Object)
            throw Wrong(ModelMessages.ObjectExpected, value);
        foreach (JsonProperty property in value.EnumerateObject())
        {
            string name = Name(property) ?? throw Wrong(ModelMessages.KeyNotUnicode, OffsetOf(property));
            if (!texts.TryAdd(name, TextOf(property.Value, ModelMessages.NotAString(name))))
                throw Wrong(ModelMessages.KeyTwice(name), OffsetOf(property));
        }
        return texts;
    }

    /// <summary>The value of a key; null if it is missing.</summary>
    public bool? Boolean(JsonElement element, string key) => !element.TryGetProperty(key, out JsonElement found) ? null
        : found.ValueKind is JsonValueKind.True or JsonValueKind.False ? found.GetBoolean()
        : throw Wrong(ModelMessages.NotABoolean(key), found);

    public long? Integer(JsonElement element, string key) =>
        !element.TryGetProperty(key, out JsonElement value) ? null
        : value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out long number) && number >= 0 ? number
        : throw Wrong(ModelMessages.NotANumber(key), value);

    public JsonElement.ArrayEnumerator Array(JsonElement element, string key) =>
        !element.TryGetProperty(key, out JsonElement value) ? default
        : value.ValueKind == JsonValueKind.Array ? value.EnumerateArray()
        : throw Wrong(ModelMessages.NotAList(key), value);

    public void Dispose() => _document.Dispose();

    /// <summary>Line and column of a key, for errors with a code of their own.</summary>
    public (int Line, int Column) PositionOf(JsonProperty property) => _text.Position(OffsetOf(property));

    /// <summary>A string, or null if it has an unpaired surrogate or bytes that are not UTF-8, which JSON allows.</summary>
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

    /// <summary>The JSON of a value. Bytes that are not UTF-8 become replacement characters.</summary>
    public static string RawText(JsonElement value) => Encoding.UTF8.GetString(JsonMarshal.GetRawUtf8Value(value));

    /// <summary>The string value of a key; null if the element is not an object or has no string there.</summary>
    public static string? Text(JsonElement element, string key) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(key, out JsonElement value)
        && value.ValueKind == JsonValueKind.String
            ? Text(value) : null;

    /// <inheritdoc cref="Text(JsonElement)"/>
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
        : Text(value) ?? throw Wrong(ModelMessages.NotUnicode, value);

    private HubException Wrong(string problem, int offset) => _text.Wrong(problem, offset);

    // The document refers to these same bytes, without a copy.
    private int OffsetOf(ReadOnlySpan<byte> part) => _text.Utf8.Span.Overlaps(part, out int offset) ? offset : 0;

    // The name is returned without its opening quotation mark. An empty name has no place in the text.
    private int OffsetOf(JsonProperty property)
    {
        ReadOnlySpan<byte> name = JsonMarshal.GetRawUtf8PropertyName(property);
        return name.IsEmpty ? OffsetOf(JsonMarshal.GetRawUtf8Value(property.Value)) : OffsetOf(name) - 1;
    }
}
