using System.Buffers.Binary;
using System.Globalization;
using System.IO.Hashing;
using System.Numerics;
using System.Text;
using WiseHub.Client.Formats;

namespace WiseHub.Client;

/// <summary>
/// The beginning of a GGUF file (https://github.com/ggml-org/ggml/blob/master/docs/gguf.md), versions 2 and 3, version 3 also
/// with the highest byte first: keys and values, then the type and shape of each tensor. Every count is limited by the bytes that
/// are there, and nothing is allocated because a header says so.
/// </summary>
public sealed class GgufHeader
{
    /// <summary>The largest beginning that is read, in bytes. Vocabularies in it have a few MB.</summary>
    public const int LargestHeader = 8 << 20;

    private const int MostMetadata = 256, LongestText = 256, DeepestArray = 4;

    // GGML_MAX_DIMS and GGML_MAX_NAME in ggml.h, and GGUF_MAX_STRING_LENGTH and GGUF_MAX_ARRAY_ELEMENTS in gguf.cpp. The
    // specification limits keys to 2^16-1 bytes.
    private const int MostDimensions = 4, LongestName = 63, LongestKey = ushort.MaxValue, LongestValue = 1 << 30;

    private const uint DefaultAlignment = 32;

    // enum llama_ftype in llama.h.
    private static readonly Dictionary<ulong, string> FileTypes = new()
    {
        [0] = "F32",
        [1] = "F16",
        [2] = "Q4_0",
        [3] = "Q4_1",
        [7] = "Q8_0",
        [8] = "Q5_0",
        [9] = "Q5_1",
        [10] = "Q2_K",
        [11] = "Q3_K_S",
        [12] = "Q3_K_M",
        [13] = "Q3_K_L",
        [14] = "Q4_K_S",
        [15] = "Q4_K_M",
        [16] = "Q5_K_S",
        [17] = "Q5_K_M",
        [18] = "Q6_K",
        [19] = "IQ2_XXS",
        [20] = "IQ2_XS",
        [21] = "Q2_K_S",
        [22] = "IQ3_XS",
        [23] = "IQ3_XXS",
        [24] = "IQ1_S",
        [25] = "IQ4_NL",
        [26] = "IQ3_S",
        [27] = "IQ3_M",
        [28] = "IQ2_S",
        [29] = "IQ2_M",
        [30] = "IQ4_XS",
        [31] = "IQ1_M",
        [32] = "BF16",
        [36] = "TQ1_0",
        [37] = "TQ2_0",
    };

    private readonly Dictionary<string, string> _metadata = new(StringComparer.Ordinal);
    private readonly TensorCounts _counts = new();
    private readonly SortedSet<string> _unknownTypes = new(StringComparer.Ordinal);
    private ulong? _fileType;
    private uint _alignment = DefaultAlignment;
    private ulong _end;
    private bool _isAfterUnknown;

    private GgufHeader() { }

    private static ReadOnlySpan<byte> Magic => "GGUF"u8;

    /// <summary>The version of the format.</summary>
    public int Version { get; private set; }

    /// <summary>The number of tensors that the header states.</summary>
    public long Tensors { get; private set; }

    /// <summary>
    /// False if the bytes end before the last tensor. Then metadata may be missing, and types and parameters are unknown.
    /// </summary>
    public bool IsComplete { get; private set; }

    /// <summary>Numbers, truth values and short texts of the metadata, at most 256. Lists, such as vocabularies, are left
    /// out.</summary>
    public IReadOnlyDictionary<string, string> Metadata => _metadata;

    /// <summary>The architecture, for example <c>llama</c>; null if it is not stated.</summary>
    public string? Architecture => _metadata.GetValueOrDefault("general.architecture");

    /// <summary>The quantisation, for example <c>Q4_K_M</c>; null if it is not stated or unknown.</summary>
    public string? Quantisation => _fileType is ulong type ? FileTypes.GetValueOrDefault(type) : null;

    /// <summary>The number of elements of all tensors; null if the header is not complete.</summary>
    public long? Parameters => IsComplete ? _counts.Parameters : null;

    /// <summary>The tensors by kind of number, the most parameters first; empty if the header is not complete.</summary>
    public IReadOnlyList<TensorTypeCount> Types => IsComplete ? _counts.Types : [];

    /// <summary>The kinds of numbers that are not known: they may be newer than this library, or removed from GGUF.</summary>
    internal IReadOnlyCollection<string> UnknownTypes => _unknownTypes;

    /// <summary>Reads a header.</summary>
    /// <param name="beginning">The beginning of the file; more of it gives more facts.</param>
    /// <exception cref="HubException">WISE1092: not a GGUF file of a known version, or malformed.</exception>
    public static GgufHeader Read(ReadOnlySpan<byte> beginning)
    {
        var reader = new HeaderReader(beginning, null);
        try
        {
            return Read(ref reader) ?? throw HeaderMessages.HeaderCutOff("GGUF");
        }
        catch (FalseHeaderException e)
        {
            throw e.IsOtherVersion ? HeaderMessages.HeaderNotShown(e) : HeaderMessages.HeaderMalformed("GGUF", e);
        }
    }

    /// <summary>Reads a header, and compares it with the size of its file if the reader knows it.</summary>
    /// <returns>Null if there are fewer bytes than the fixed ones; what is there is checked.</returns>
    /// <exception cref="FalseHeaderException">Malformed, or the tensors do not fit into the file.</exception>
    internal static GgufHeader? Read(ref HeaderReader reader)
    {
        reader.Fill(Magic.Length);
        if (!Magic.StartsWith(reader.Window[..Math.Min(reader.Window.Length, Magic.Length)]))
            throw new FalseHeaderException(HeaderMessages.NotOfFormat("GGUF"));
        if (!reader.Skip(Magic.Length) || !reader.Number(4, out ulong version))
            return null;
        // Version 3 may have its numbers in the other order of bytes; the version itself tells it (gguf.cpp in ggml).
        if ((version & 0xFFFF) == 0 && version != 0)
        {
            reader.IsBigEndian = true;
            version = BinaryPrimitives.ReverseEndianness((uint)version);
        }
        if (version != 3 && (version != 2 || reader.IsBigEndian))
            throw new FalseHeaderException(HeaderMessages.GgufVersion(version)) { IsOtherVersion = true };
        if (!reader.Number(8, out ulong tensors) || !reader.Number(8, out ulong pairs))
            return null;
        if (tensors > long.MaxValue || pairs > long.MaxValue && reader.Size is not null)
            throw new FalseHeaderException(HeaderMessages.TooMany);
        var header = new GgufHeader { Version = (int)version, Tensors = (long)tensors };
        header.IsComplete = header.ReadMetadata(ref reader, pairs) && header.ReadTensors(ref reader, tensors);
        return header;
    }

    // Each pair and each tensor takes bytes, so the loops end with the bytes, whatever the counts say.
    private bool ReadMetadata(ref HeaderReader reader, ulong pairs)
    {
        var keys = new HashSet<UInt128>();
        for (ulong i = 0; i < pairs; i++)
        {
            if (!reader.Number(8, out ulong length))
                return false;
            if (reader.Size is not null && length is 0 or > LongestKey)
                throw new FalseHeaderException(HeaderMessages.KeyLength(length));
            if (!reader.Text(length, LongestKey, out ReadOnlySpan<byte> bytes))
                return false;
            if (!keys.Add(XxHash128.HashToUInt128(bytes)))
                throw new FalseHeaderException(HeaderMessages.KeyTwice(HeaderMessages.Name(bytes)));
            // Reading on moves the bytes of the key. Only a short one is used, or shown.
            string key = Encoding.UTF8.GetString(bytes[..Math.Min(bytes.Length, LongestText)]);
            bool isShort = bytes.Length <= LongestText;
            if (!reader.Number(4, out ulong type) || !ReadValue(ref reader, key, type, DeepestArray, out string? value))
                return false;
            if (key == "general.file_type" && ulong.TryParse(value, CultureInfo.InvariantCulture, out ulong fileType))
                _fileType = fileType;
            if (key == "general.alignment")
                _alignment = AlignmentOf(type, value);
            if (value is not null && isShort && _metadata.Count < MostMetadata)
                _metadata[key] = value;
        }
        return true;
    }

    private static uint AlignmentOf(ulong type, string? value) =>
        type == 4 && uint.TryParse(value, CultureInfo.InvariantCulture, out uint alignment) && BitOperations.IsPow2(alignment)
            ? alignment : throw new FalseHeaderException(HeaderMessages.Alignment(PathRules.Printable(value ?? "")));

    /// <param name="reader">The bytes.</param>
    /// <param name="key">The key, for messages.</param>
    /// <param name="type">The type of the value.</param>
    /// <param name="depth">The levels of lists that may follow.</param>
    /// <param name="value">The value as text; null for lists and long texts.</param>
    /// <returns>False if the bytes end in it.</returns>
    private static bool ReadValue(ref HeaderReader reader, string key, ulong type, int depth, out string? value)
    {
        value = null;
        if (type == 8)
        {
            if (!reader.Number(8, out ulong length))
                return false;
            CheckLength(ref reader, key, length);
            if (!reader.Text(length, LongestText, out ReadOnlySpan<byte> text))
                return false;
            value = length <= LongestText ? Encoding.UTF8.GetString(text) : null;
            return true;
        }
        if (type == 9)
        {
            // ggml refuses lists of lists. To show a file, they are skipped.
            if (depth == 0 || depth < DeepestArray && reader.Size is not null)
                throw new FalseHeaderException(HeaderMessages.ListOfLists(PathRules.Printable(key)));
            if (!reader.Number(4, out ulong of) || !reader.Number(8, out ulong count))
                return false;
            CheckLength(ref reader, key, count);
            if (of is not (8 or 9))
            {
                ulong bytes = Math.Min(count, long.MaxValue / 8) * (uint)SizeOf(key, of);
                return reader.Claim(bytes) && reader.Skip((long)bytes);
            }
            for (ulong i = 0; i < count; i++)
            {
                if (!ReadValue(ref reader, key, of, depth - 1, out _))
                    return false;
            }
            return true;
        }
        int size = SizeOf(key, type);
        if (!reader.Number(size, out ulong number))
            return false;
        value = type switch
        {
            1 => ((sbyte)number).ToString(CultureInfo.InvariantCulture),
            3 => ((short)number).ToString(CultureInfo.InvariantCulture),
            5 => ((int)number).ToString(CultureInfo.InvariantCulture),
            6 => BitConverter.UInt32BitsToSingle((uint)number).ToString(CultureInfo.InvariantCulture),
            7 => number == 0 ? "false" : "true",
            11 => ((long)number).ToString(CultureInfo.InvariantCulture),
            12 => BitConverter.UInt64BitsToDouble(number).ToString(CultureInfo.InvariantCulture),
            _ => number.ToString(CultureInfo.InvariantCulture),
        };
        return true;
    }

    private static void CheckLength(ref HeaderReader reader, string key, ulong length)
    {
        if (length > LongestValue && reader.Size is not null)
            throw new FalseHeaderException(HeaderMessages.LongValue(PathRules.Printable(key), length));
    }

    private static int SizeOf(string key, ulong type) => type switch
    {
        0 or 1 or 7 => 1,
        2 or 3 => 2,
        4 or 5 or 6 => 4,
        10 or 11 or 12 => 8,
        _ => throw new FalseHeaderException(HeaderMessages.ValueType(PathRules.Printable(key), type)),
    };

    private bool ReadTensors(ref HeaderReader reader, ulong tensors)
    {
        bool isChecked = reader.Size is not null;
        var names = new HashSet<UInt128>();
        Span<byte> kept = stackalloc byte[LongestName];
        for (ulong i = 0; i < tensors; i++)
        {
            if (!reader.Number(8, out ulong length))
                return false;
            if (isChecked && length > LongestName)
                throw new FalseHeaderException(HeaderMessages.NameLength(length));
            if (!reader.Text(length, LongestName, out ReadOnlySpan<byte> bytes))
                return false;
            if (isChecked && !names.Add(XxHash128.HashToUInt128(bytes)))
                throw new FalseHeaderException(HeaderMessages.TensorTwice(HeaderMessages.Name(bytes)));
            bytes.CopyTo(kept);
            ReadOnlySpan<byte> name = kept[..bytes.Length];
            if (!reader.Number(4, out ulong dimensions))
                return false;
            if (dimensions > MostDimensions)
                throw new FalseHeaderException(HeaderMessages.Dimensions(HeaderMessages.Name(name), dimensions));
            UInt128 elements = 1;
            ulong first = 0;
            for (int d = 0; d < (int)dimensions; d++)
            {
                if (!reader.Number(8, out ulong size))
                    return false;
                // At most 64 bits each, so the product is right.
                elements *= size;
                if (size > long.MaxValue || elements > long.MaxValue)
                    throw new FalseHeaderException(HeaderMessages.TensorTooLarge(HeaderMessages.Name(name)));
                first = d == 0 ? size : first;
            }
            if (!reader.Number(4, out ulong id) || !reader.Number(8, out ulong offset))
                return false;
            GgufType? type = GgufType.Find((uint)id);
            string typeName = type?.Name ?? id.ToString("'type '0", CultureInfo.InvariantCulture);
            if (!_counts.Add(typeName, (long)elements))
                throw new FalseHeaderException(HeaderMessages.TooMany);
            if (type is null)
                _unknownTypes.Add(typeName);
            if (isChecked)
                Place(name, type, dimensions == 0 ? 1 : first, (ulong)elements, offset, (ulong)reader.Size!.Value);
        }
        if (isChecked && _end > 0)
            CheckEnd(Padded((ulong)reader.Position), (ulong)reader.Size!.Value);
        return true;
    }

    // Each tensor begins where the previous one ended, at the next multiple of the alignment. Behind one of an unknown type, only
    // the order is known.
    private void Place(ReadOnlySpan<byte> name, GgufType? type, ulong first, ulong elements, ulong offset, ulong size)
    {
        ulong expected = Padded(_end);
        if (_isAfterUnknown ? offset < expected || offset % _alignment != 0 : offset != expected)
            throw new FalseHeaderException(HeaderMessages.TensorOffset(HeaderMessages.Name(name), offset, expected));
        if (type is not null && first % (uint)type.Block != 0)
            throw new FalseHeaderException(HeaderMessages.Block(HeaderMessages.Name(name), type.Block, type.Name));
        UInt128 end = offset + (type is null ? 0 : (UInt128)(elements / (uint)type.Block) * (uint)type.BlockBytes);
        if (end > size)
            throw new FalseHeaderException(HeaderMessages.TensorPastEnd(HeaderMessages.Name(name), end - size));
        _end = (ulong)end;
        _isAfterUnknown = type is null;
    }

    private void CheckEnd(ulong dataStart, ulong size)
    {
        if (dataStart > size || _end > size - dataStart)
            throw new FalseHeaderException(HeaderMessages.TooShort(dataStart + _end - size));
    }

    // An end is at most the size of a file, so the sum is no more than 2^63 and 2^31.
    private ulong Padded(ulong position) => (position + _alignment - 1) / _alignment * _alignment;
}
