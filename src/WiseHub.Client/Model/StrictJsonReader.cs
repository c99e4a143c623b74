using System.Text;
using System.Text.Json;

namespace WiseHub.Client;

/// <summary>
/// The strictness of <see cref="StrictJson"/> in one pass and without a document in memory: for the lock file, which every build
/// reads and which has a line for each file. Values are asked for in the order in which they stand.
/// </summary>
internal ref struct StrictJsonReader
{
    private readonly JsonText _text;
    private Utf8JsonReader _reader;

    /// <summary>Enters the object that is the whole text.</summary>
    /// <exception cref="HubException">
    /// With the code of <paramref name="text"/>: it is not JSON, or something else than an object.
    /// </exception>
    public StrictJsonReader(JsonText text)
    {
        _text = text;
        _reader = new Utf8JsonReader(text.Utf8.Span);
        Read();
        if (_reader.TokenType != JsonTokenType.StartObject)
            throw text.NotAnObject();
    }

    /// <summary>Where the current value begins.</summary>
    public readonly int Offset => (int)_reader.TokenStartIndex;

    /// <summary>Something is wrong with the current value.</summary>
    public readonly HubException Wrong(string problem) => Wrong(problem, Offset);

    /// <summary>Something is wrong with what began at an offset: what an object lacks is told at its beginning.</summary>
    public readonly HubException Wrong(string problem, int offset) => _text.Wrong(problem, offset);

    public readonly HubException Missing(string key, int offset) => Wrong($"'{key}' is missing or empty.", offset);

    /// <summary>The number behind a key of the object just entered, wherever it stands there; null where it does not.</summary>
    public readonly long? FindInteger(string key)
    {
        byte[] wanted = Encoding.UTF8.GetBytes(key);
        StrictJsonReader ahead = this;
        for (ahead.Read(); ahead._reader.TokenType == JsonTokenType.PropertyName; ahead.Read())
        {
            bool found = ahead.IsAt(wanted);
            ahead.Read();
            if (found)
                return ahead.Integer(key);
            ahead.Skip();
        }
        return null;
    }

    public readonly void BeginObject()
    {
        if (_reader.TokenType != JsonTokenType.StartObject)
            throw Wrong("an object must stand here.");
    }

    /// <summary>Goes on to the value of the object's next key, and says which it is; null at the end of the object.</summary>
    /// <param name="known">The keys that may stand there.</param>
    /// <param name="seen">Which of them did already; 0 at the object's beginning.</param>
    public string? NextKey(JsonKeys known, ref int seen)
    {
        Read();
        if (_reader.TokenType == JsonTokenType.EndObject)
            return null;
        int index = 0;
        while (index < known.Utf8.Length && !IsAt(known.Utf8[index]))
            index++;
        if (index == known.Utf8.Length)
        {
            throw Wrong(Text() is string name ? $"'{name}' is not a known key; known are {string.Join(", ", known.Names)}."
                : "a key is not valid Unicode.");
        }
        if ((seen & (1 << index)) != 0)
            throw Wrong($"'{known.Names[index]}' stands there twice.");
        seen |= 1 << index;
        Read();
        return known.Names[index];
    }

    public readonly void BeginArray(string key)
    {
        if (_reader.TokenType != JsonTokenType.StartArray)
            throw Wrong($"'{key}' must be a list.");
    }

    /// <summary>Goes on to the list's next value; false at its end.</summary>
    public bool NextItem()
    {
        Read();
        return _reader.TokenType != JsonTokenType.EndArray;
    }

    public readonly string? String(string key) =>
        _reader.TokenType == JsonTokenType.Null ? null
        : _reader.TokenType != JsonTokenType.String ? throw Wrong($"'{key}' must be a string.")
        : Text() ?? throw NotUnicode();

    public readonly string RequiredString(string key) => String(key) is { Length: > 0 } text ? text : throw Missing(key, Offset);

    public List<string> Strings(string key)
    {
        var strings = new List<string>();
        BeginArray(key);
        while (NextItem())
        {
            if (_reader.TokenType != JsonTokenType.String)
                throw Wrong($"'{key}' must hold strings.");
            strings.Add(Text() ?? throw NotUnicode());
        }
        return strings;
    }

    public readonly long Integer(string key) =>
        _reader.TokenType == JsonTokenType.Number && _reader.TryGetInt64(out long number) && number >= 0 ? number
        : throw Wrong($"'{key}' must be a whole number of at least 0.");

    /// <summary>After the last key of the whole text: nothing may follow.</summary>
    public void End() => Read();

    private readonly HubException NotUnicode() => Wrong("this string is not valid Unicode.");

    // Null where the text holds half a surrogate pair or bytes that are not UTF-8: JSON allows both, text does not.
    private readonly string? Text()
    {
        try
        {
            return _reader.GetString();
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }

    private readonly bool IsAt(byte[] key)
    {
        try
        {
            return _reader.ValueTextEquals(key);
        }
        catch (InvalidOperationException)
        {
            // A key that is no text, which the caller tells.
            return false;
        }
    }

    private void Read()
    {
        try
        {
            _reader.Read();
        }
        catch (JsonException e)
        {
            throw _text.NotJson(e);
        }
    }

    private void Skip()
    {
        try
        {
            _reader.Skip();
        }
        catch (JsonException e)
        {
            throw _text.NotJson(e);
        }
    }
}

/// <summary>The keys that an object may have.</summary>
internal sealed class JsonKeys(params string[] names)
{
    public string[] Names { get; } = names;

    public byte[][] Utf8 { get; } = Array.ConvertAll(names, Encoding.UTF8.GetBytes);
}
