using System.Buffers.Binary;
using System.Text.Json;
using WiseHub.Client.Contents;

namespace WiseHub.Client;

/// <summary>The tensors of one kind of number.</summary>
/// <param name="Type">The kind as the format names it, for example <c>BF16</c>.</param>
/// <param name="Tensors">The number of tensors.</param>
/// <param name="Parameters">The number of their elements.</param>
public sealed record TensorTypeCount(string Type, long Tensors, long Parameters);

/// <summary>
/// The header of a safetensors file (https://github.com/huggingface/safetensors#format): 8 bytes with its length, then JSON with
/// the type, shape and place of each tensor. Nothing is allocated because a header says so.
/// </summary>
public sealed class SafetensorsHeader
{
    /// <summary>The largest header that is read, in bytes. The format allows 100 MB; headers in use have a few MB at
    /// most.</summary>
    public const int LargestHeader = 16 << 20;

    /// <summary>The bytes before the JSON.</summary>
    public const int LengthBytes = 8;

    // Entries that are kept.
    private const int MostMetadata = 64, LongestText = 256;

    private readonly TensorCounts _counts = new();
    private readonly Dictionary<string, string> _metadata = new(StringComparer.Ordinal);

    private SafetensorsHeader() { }

    /// <summary>The number of tensors.</summary>
    public long Tensors => _counts.Tensors;

    /// <summary>The number of elements of all tensors.</summary>
    public long Parameters => _counts.Parameters;

    /// <summary>The tensors by kind of number, the most parameters first.</summary>
    public IReadOnlyList<TensorTypeCount> Types => _counts.Types;

    /// <summary>Short texts of <c>__metadata__</c>, at most 64.</summary>
    public IReadOnlyDictionary<string, string> Metadata => _metadata;

    /// <summary>The bytes to read for the whole header, from the beginning of the file.</summary>
    /// <param name="beginning">The first 8 bytes or more.</param>
    /// <exception cref="HubException">WISE1092: not a safetensors file, or its header is too large.</exception>
    public static int BytesToRead(ReadOnlySpan<byte> beginning)
    {
        if (beginning.Length < LengthBytes)
            throw ContentMessages.HeaderCutOff("safetensors");
        ulong length = BinaryPrimitives.ReadUInt64LittleEndian(beginning);
        return length is >= 2 and <= LargestHeader - LengthBytes ? LengthBytes + (int)length
            : throw ContentMessages.HeaderLength("safetensors", length, LargestHeader);
    }

    /// <summary>Reads a header.</summary>
    /// <param name="beginning">The beginning of the file, at least <see cref="BytesToRead"/> bytes.</param>
    /// <exception cref="HubException">WISE1092: malformed.</exception>
    public static SafetensorsHeader Read(ReadOnlySpan<byte> beginning)
    {
        int end = BytesToRead(beginning);
        if (beginning.Length < end)
            throw ContentMessages.HeaderCutOff("safetensors");
        var header = new SafetensorsHeader();
        try
        {
            var json = new Utf8JsonReader(beginning[LengthBytes..end], new JsonReaderOptions { MaxDepth = 4 });
            Expect(ref json, JsonTokenType.StartObject);
            while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
            {
                if (json.ValueTextEquals("__metadata__"u8))
                    header.ReadMetadata(ref json);
                else
                    header.ReadTensor(ref json);
            }
            if (json.TokenType != JsonTokenType.EndObject || json.Read())
                throw ContentMessages.HeaderMalformed("safetensors", null);
            return header;
        }
        // A number too large for a count, and text that is no Unicode, are malformed like any other JSON.
        catch (Exception e) when (e is JsonException or OverflowException or InvalidOperationException)
        {
            throw ContentMessages.HeaderMalformed("safetensors", e);
        }
    }

    private void ReadMetadata(ref Utf8JsonReader json)
    {
        Expect(ref json, JsonTokenType.StartObject);
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            string? key = Text(ref json);
            Expect(ref json, JsonTokenType.String);
            if (key is not null && _metadata.Count < MostMetadata && Text(ref json) is string value)
                _metadata[key] = value;
        }
    }

    private static string? Text(ref Utf8JsonReader json) => json.ValueSpan.Length <= LongestText ? json.GetString() : null;

    private void ReadTensor(ref Utf8JsonReader json)
    {
        Expect(ref json, JsonTokenType.StartObject);
        string? type = null;
        long? parameters = null;
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            if (json.ValueTextEquals("dtype"u8))
            {
                Expect(ref json, JsonTokenType.String);
                type = json.ValueSpan.Length <= 16 ? json.GetString() : throw new JsonException();
            }
            else if (json.ValueTextEquals("shape"u8))
            {
                parameters = ReadShape(ref json);
            }
            else
            {
                json.Read();
                json.Skip();
            }
        }
        if (json.TokenType != JsonTokenType.EndObject || type is null || parameters is not long count)
            throw new JsonException();
        if (!_counts.Add(type, count))
            throw new JsonException();
    }

    private static long ReadShape(ref Utf8JsonReader json)
    {
        Expect(ref json, JsonTokenType.StartArray);
        long count = 1;
        while (json.Read() && json.TokenType == JsonTokenType.Number)
            count = json.TryGetInt64(out long size) && size >= 0 ? checked(count * size) : throw new JsonException();
        return json.TokenType == JsonTokenType.EndArray ? count : throw new JsonException();
    }

    private static void Expect(ref Utf8JsonReader json, JsonTokenType type)
    {
        if (!json.Read() || json.TokenType != type)
            throw new JsonException();
    }
}
