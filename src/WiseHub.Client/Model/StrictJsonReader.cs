using System.Text;
using System.Text.Json;

namespace WiseHub.Client;

/// <summary>
/// Reads JSON as strictly as <see cref="StrictJson"/>, in one pass and without a document in memory, for the lock file: every
/// build reads it, and it has a line per file. Values are read in their order in the file.
/// </summary>
internal ref struct StrictJsonReader
{
    private readonly JsonText _text;
    private Utf8JsonReader _reader;

    /// <summary>Enters the root object.</summary>
    /// <exception cref="HubException">With the code of <paramref name="text"/>: it is not JSON, or not an object.</exception>
    public StrictJsonReader(JsonText text)
    {
        _text = text;
        _reader = new Utf8JsonReader(text.Utf8.Span);
        Read();
        if (_reader.TokenType != JsonTokenType.StartObject)
            throw text.NotAnObject();
    }

    /// <summary>The offset of the current value.</summary>
    public readonly int Offset => (int)_reader.TokenStartIndex;

    /// <summary>Makes an error about the current value.</summary>
    public readonly HubException Wrong(string problem) => Wrong(problem, Offset);

    /// <summary>Makes an error about the value at an offset. A missing key is reported at the start of its object.</summary>
    public readonly HubException Wrong(string problem, int offset) => _text.Wrong(problem, offset);

    public readonly HubException Missing(string key, int offset) => Wrong(ModelMessages.Missing(key), offset);

    /// <summary>The number of a key in the current object, wherever it is; null if there is none.</summary>
    public readonly long? FindInteger(string key)
    {
        StrictJsonReader ahead = this;
        return ahead.MoveTo(key) ? ahead.Integer(key) : null;
    }

    /// <summary>The texts of a list in an object of the current object; empty if there is none.</summary>
    public readonly IReadOnlyList<string> FindStrings(string key, string innerKey)
    {
        StrictJsonReader ahead = this;
        if (!ahead.MoveTo(key))
            return [];
        ahead.BeginObject();
        return ahead.MoveTo(innerKey) ? ahead.Strings(innerKey) : [];
    }

    /// <summary>Says whether the current object has a key.</summary>
    public readonly bool HasKey(string key)
    {
        StrictJsonReader ahead = this;
        return ahead.MoveTo(key);
    }

    public readonly void BeginObject()
    {
        if (_reader.TokenType != JsonTokenType.StartObject)
            throw Wrong(ModelMessages.ObjectExpected);
    }

    /// <summary>Advances to the value of the object's next key, and returns the key; null at the end of the object.</summary>
    /// <param name="known">The allowed keys.</param>
    /// <param name="seen">The keys found so far; 0 at the start of the object.</param>
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
            throw Wrong(Text() is string name ? ModelMessages.UnknownKey(name, known.Names) : ModelMessages.KeyNotUnicode);
        }
        if ((seen & (1 << index)) != 0)
            throw Wrong(ModelMessages.KeyTwice(known.Names[index]));
        seen |= 1 << index;
        Read();
        return known.Names[index];
    }

    public readonly void BeginArray(string key)
    {
        if (_reader.TokenType != JsonTokenType.StartArray)
            throw Wrong(ModelMessages.NotAList(key));
    }

    /// <summary>Advances to the list's next value; false at its end.</summary>
    public bool NextItem()
    {
        Read();
        return _reader.TokenType != JsonTokenType.EndArray;
    }

    public readonly string? String(string key) =>
        _reader.TokenType == JsonTokenType.Null ? null
        : _reader.TokenType != JsonTokenType.String ? throw Wrong(ModelMessages.NotAString(key))
        : Text() ?? throw NotUnicode();

    public readonly string RequiredString(string key) => String(key) is { Length: > 0 } text ? text : throw Missing(key, Offset);

    public List<string> Strings(string key)
    {
        var strings = new List<string>();
        BeginArray(key);
        while (NextItem())
        {
            if (_reader.TokenType != JsonTokenType.String)
                throw Wrong(ModelMessages.NotStrings(key));
            strings.Add(Text() ?? throw NotUnicode());
        }
        return strings;
    }

    public readonly long Integer(string key) =>
        _reader.TokenType == JsonTokenType.Number && _reader.TryGetInt64(out long number) && number >= 0 ? number
        : throw Wrong(ModelMessages.NotANumber(key));

    /// <summary>Checks that nothing follows the root object.</summary>
    public void End() => Read();

    private readonly HubException NotUnicode() => Wrong(ModelMessages.NotUnicode);

    // Null for a text with an unpaired surrogate or bytes that are not UTF-8, which JSON allows.
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
            // A key that is not valid text; the caller reports it.
            return false;
        }
    }

    /// <summary>Skips the current value.</summary>
    public void Skip()
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

    private bool MoveTo(string key)
    {
        byte[] wanted = Encoding.UTF8.GetBytes(key);
        for (Read(); _reader.TokenType == JsonTokenType.PropertyName; Read())
        {
            bool found = IsAt(wanted);
            Read();
            if (found)
                return true;
            Skip();
        }
        return false;
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
}

/// <summary>The allowed keys of an object.</summary>
internal sealed class JsonKeys(params string[] names)
{
    public string[] Names { get; } = names;

    public byte[][] Utf8 { get; } = Array.ConvertAll(names, Encoding.UTF8.GetBytes);
}
