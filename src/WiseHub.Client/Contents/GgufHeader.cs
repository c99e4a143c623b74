using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using WiseHub.Client.Contents;

namespace WiseHub.Client;

/// <summary>
/// The beginning of a GGUF file (https://github.com/ggml-org/ggml/blob/master/docs/gguf.md), versions 2 and 3: keys and values,
/// then the type and shape of each tensor. Every count is limited by the bytes that are there, and nothing is allocated because a
/// header says so.
/// </summary>
public sealed class GgufHeader
{
    /// <summary>The largest beginning that is read, in bytes. Vocabularies in it have a few MB.</summary>
    public const int LargestHeader = 8 << 20;

    private const int MostMetadata = 256, LongestText = 256, DeepestArray = 4, MostDimensions = 8;

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

    // enum ggml_type in ggml.h.
    private static readonly Dictionary<uint, string> TensorTypes = new()
    {
        [0] = "F32",
        [1] = "F16",
        [2] = "Q4_0",
        [3] = "Q4_1",
        [6] = "Q5_0",
        [7] = "Q5_1",
        [8] = "Q8_0",
        [9] = "Q8_1",
        [10] = "Q2_K",
        [11] = "Q3_K",
        [12] = "Q4_K",
        [13] = "Q5_K",
        [14] = "Q6_K",
        [15] = "Q8_K",
        [16] = "IQ2_XXS",
        [17] = "IQ2_XS",
        [18] = "IQ3_XXS",
        [19] = "IQ1_S",
        [20] = "IQ4_NL",
        [21] = "IQ3_S",
        [22] = "IQ2_S",
        [23] = "IQ4_XS",
        [24] = "I8",
        [25] = "I16",
        [26] = "I32",
        [27] = "I64",
        [28] = "F64",
        [29] = "IQ1_M",
        [30] = "BF16",
        [34] = "TQ1_0",
        [35] = "TQ2_0",
        [39] = "MXFP4",
    };

    private readonly Dictionary<string, string> _metadata = new(StringComparer.Ordinal);
    private readonly TensorCounts _counts = new();
    private ulong? _fileType;

    private GgufHeader() { }

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

    /// <summary>Reads a header.</summary>
    /// <param name="beginning">The beginning of the file; more of it gives more facts.</param>
    /// <exception cref="HubException">WISE1092: not a GGUF file of a known version, or malformed.</exception>
    public static GgufHeader Read(ReadOnlySpan<byte> beginning)
    {
        var reader = new Reader(beginning);
        if (!beginning.StartsWith("GGUF"u8) || !reader.Skip(4) || !reader.Number(4, out ulong version))
            throw ContentMessages.HeaderMalformed("GGUF", null);
        if (version is not (2 or 3))
            throw ContentMessages.GgufVersion(version);
        if (!reader.Number(8, out ulong tensors) || !reader.Number(8, out ulong pairs) || tensors > long.MaxValue)
            throw ContentMessages.HeaderCutOff("GGUF");
        var header = new GgufHeader { Version = (int)version, Tensors = (long)tensors };
        try
        {
            header.IsComplete = header.ReadMetadata(ref reader, pairs) && header.ReadTensors(ref reader, tensors);
        }
        catch (OverflowException e)
        {
            throw ContentMessages.HeaderMalformed("GGUF", e);
        }
        return header;
    }

    // Each pair and each tensor takes bytes, so the loops end with the bytes, whatever the counts say.
    private bool ReadMetadata(ref Reader reader, ulong pairs)
    {
        for (ulong i = 0; i < pairs; i++)
        {
            if (!reader.Text(out ReadOnlySpan<byte> key) || !reader.Number(4, out ulong type))
                return false;
            if (!ReadValue(ref reader, type, DeepestArray, out string? value))
                return false;
            if (key.SequenceEqual("general.file_type"u8) && ulong.TryParse(value, CultureInfo.InvariantCulture,
                out ulong fileType))
                _fileType = fileType;
            if (value is not null && key.Length <= LongestText && _metadata.Count < MostMetadata)
                _metadata[Encoding.UTF8.GetString(key)] = value;
        }
        return true;
    }

    /// <param name="reader">The bytes.</param>
    /// <param name="type">The type of the value.</param>
    /// <param name="depth">The levels of lists that may follow.</param>
    /// <param name="value">The value as text; null for lists and long texts.</param>
    /// <returns>False if the bytes end in it.</returns>
    private static bool ReadValue(ref Reader reader, ulong type, int depth, out string? value)
    {
        value = null;
        if (type == 8)
        {
            if (!reader.Text(out ReadOnlySpan<byte> text))
                return false;
            value = text.Length <= LongestText ? Encoding.UTF8.GetString(text) : null;
            return true;
        }
        if (type == 9)
        {
            if (depth == 0)
                throw ContentMessages.HeaderMalformed("GGUF", null);
            if (!reader.Number(4, out ulong of) || !reader.Number(8, out ulong count))
                return false;
            if (of is not (8 or 9))
                return count <= int.MaxValue / 8 && reader.Skip((int)count * SizeOf(of));
            for (ulong i = 0; i < count; i++)
            {
                if (!ReadValue(ref reader, of, depth - 1, out _))
                    return false;
            }
            return true;
        }
        int size = SizeOf(type);
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

    private static int SizeOf(ulong type) => type switch
    {
        0 or 1 or 7 => 1,
        2 or 3 => 2,
        4 or 5 or 6 => 4,
        10 or 11 or 12 => 8,
        _ => throw ContentMessages.HeaderMalformed("GGUF", null),
    };

    private bool ReadTensors(ref Reader reader, ulong tensors)
    {
        for (ulong i = 0; i < tensors; i++)
        {
            if (!reader.Text(out _) || !reader.Number(4, out ulong dimensions))
                return false;
            if (dimensions > MostDimensions)
                throw ContentMessages.HeaderMalformed("GGUF", null);
            long count = 1;
            for (ulong d = 0; d < dimensions; d++)
            {
                if (!reader.Number(8, out ulong size))
                    return false;
                count = checked(count * (long)size);
            }
            if (!reader.Number(4, out ulong type) || !reader.Skip(8))
                return false;
            string name = TensorTypes.GetValueOrDefault((uint)type)
                ?? type.ToString("'type '0", CultureInfo.InvariantCulture);
            if (!_counts.Add(name, count))
                throw ContentMessages.HeaderMalformed("GGUF", null);
        }
        return true;
    }

    /// <summary>Reads forward, and never beyond the bytes.</summary>
    private ref struct Reader(ReadOnlySpan<byte> bytes)
    {
        private ReadOnlySpan<byte> _rest = bytes;

        public bool Skip(int count)
        {
            if (count > _rest.Length)
                return false;
            _rest = _rest[count..];
            return true;
        }

        /// <summary>A little-endian number of 1, 2, 4 or 8 bytes.</summary>
        public bool Number(int size, out ulong number)
        {
            number = 0;
            if (size > _rest.Length)
                return false;
            Span<byte> eight = stackalloc byte[8];
            _rest[..size].CopyTo(eight);
            number = BinaryPrimitives.ReadUInt64LittleEndian(eight);
            _rest = _rest[size..];
            return true;
        }

        public bool Text(out ReadOnlySpan<byte> text)
        {
            text = [];
            if (!Number(8, out ulong length) || length > (ulong)_rest.Length)
                return false;
            text = _rest[..(int)length];
            _rest = _rest[(int)length..];
            return true;
        }
    }
}
