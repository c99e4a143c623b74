using System.IO.Hashing;
using System.Text.Json;
using System.Text.Unicode;

namespace WiseHub.Client.Formats;

/// <summary>
/// Reads the JSON of a header token by token, in pieces: a header of 100 MB needs no memory of that size, and what the beginning
/// of a file has of it is checked as well.
/// </summary>
internal abstract class JsonWalk
{
    private static readonly JsonReaderOptions Options = new() { MaxDepth = 16 };

    private byte[] _unescaped = [];
    private int _skipped;

    /// <summary>The value of the format is read; other bytes may follow.</summary>
    protected abstract bool IsAtEnd { get; }

    /// <summary>Reads JSON that takes all or the first of some bytes.</summary>
    /// <returns>False if the bytes end before the value.</returns>
    /// <exception cref="FalseHeaderException">It is not JSON, or not that of the format.</exception>
    public bool Read(ref HeaderReader reader, long length)
    {
        long end = reader.Position + length;
        var state = new JsonReaderState(Options);
        int wanted = 1;
        try
        {
            while (!IsAtEnd)
            {
                long left = end - reader.Position;
                bool isThere = reader.Fill((int)Math.Min(left, wanted));
                ReadOnlySpan<byte> piece = reader.Window.Length > left ? reader.Window[..(int)left] : reader.Window;
                var json = new Utf8JsonReader(piece, isFinalBlock: piece.Length == left, state);
                while (!IsAtEnd && json.Read())
                    Take(ref json);
                state = json.CurrentState;
                // One more than the rest of a token that is not complete.
                wanted = piece.Length - (int)json.BytesConsumed + 1;
                reader.Skip(json.BytesConsumed);
                if (!isThere && !IsAtEnd)
                    return false;
                if (piece.Length == left && !IsAtEnd)
                    throw new JsonException();
            }
            return true;
        }
        // An escaped half of a surrogate pair is no text.
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw new FalseHeaderException(HeaderMessages.NotJson, e);
        }
    }

    protected abstract void Take(ref Utf8JsonReader json);

    /// <summary>The text of a string or key as UTF-8, valid until the next call.</summary>
    protected ReadOnlySpan<byte> TextOf(ref Utf8JsonReader json)
    {
        if (!json.ValueIsEscaped)
            return Utf8.IsValid(json.ValueSpan) ? json.ValueSpan : throw new JsonException();
        if (_unescaped.Length < json.ValueSpan.Length)
            _unescaped = new byte[json.ValueSpan.Length];
        return _unescaped.AsSpan(0, json.CopyString(_unescaped));
    }

    /// <summary>Remembers a key, and finds that it is there for the second time.</summary>
    /// <remarks>The hash stands for the key, so that a key takes 16 bytes. Two keys of one hash, which an author could make, are
    /// a fault of his file.</remarks>
    protected static void Once(HashSet<UInt128> keys, ReadOnlySpan<byte> key)
    {
        if (!keys.Add(XxHash128.HashToUInt128(key)))
            throw new FalseHeaderException(HeaderMessages.KeyTwice(HeaderMessages.Name(key)));
    }

    /// <summary>Takes a token of a value that does not matter.</summary>
    /// <returns>True if the value ends with it.</returns>
    protected bool Skip(ref Utf8JsonReader json)
    {
        _skipped += json.TokenType switch
        {
            JsonTokenType.StartObject or JsonTokenType.StartArray => 1,
            JsonTokenType.EndObject or JsonTokenType.EndArray => -1,
            _ => 0,
        };
        return _skipped == 0;
    }

    protected static void Expect(ref Utf8JsonReader json, JsonTokenType type)
    {
        if (json.TokenType != type)
            throw new JsonException();
    }
}
