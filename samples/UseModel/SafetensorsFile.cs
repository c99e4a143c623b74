using System.Buffers.Binary;
using System.Text.Json;

namespace UseModel;

/// <summary>One tensor of a safetensors file: its type and shape, and its bytes in the file.</summary>
internal sealed record Tensor(string Name, string Dtype, IReadOnlyList<long> Shape, long Begin, long End);

/// <summary>
/// Reads the safetensors format: 8 bytes little-endian length of the header, the header (JSON), then the tensors back to back.
/// The whole header is checked before any tensor is read.
/// </summary>
internal sealed class SafetensorsFile
{
    private const int LengthBytes = 8;
    private const int LongestHeader = 100_000_000;
    private const string Metadata = "__metadata__";

    private static readonly Dictionary<string, int> BitsPerElement = new()
    {
        ["BOOL"] = 8,
        ["U8"] = 8,
        ["I8"] = 8,
        ["F8_E4M3"] = 8,
        ["F8_E5M2"] = 8,
        ["U16"] = 16,
        ["I16"] = 16,
        ["F16"] = 16,
        ["BF16"] = 16,
        ["U32"] = 32,
        ["I32"] = 32,
        ["F32"] = 32,
        ["U64"] = 64,
        ["I64"] = 64,
        ["F64"] = 64,
    };

    private readonly string _path;
    private readonly Dictionary<string, Tensor> _tensors;

    private SafetensorsFile(string path, Dictionary<string, Tensor> tensors)
    {
        _path = path;
        _tensors = tensors;
    }

    /// <summary>All tensors, by name.</summary>
    public IReadOnlyDictionary<string, Tensor> Tensors => _tensors;

    /// <summary>Reads and checks the header.</summary>
    /// <exception cref="InvalidDataException">The file is not a well-formed safetensors file.</exception>
    public static SafetensorsFile Open(string path)
    {
        using FileStream file = File.OpenRead(path);
        if (file.Length < LengthBytes)
            throw Invalid(path, $"it has {file.Length} bytes, fewer than the {LengthBytes} of the header's length");
        Span<byte> length = stackalloc byte[LengthBytes];
        file.ReadExactly(length);
        ulong headerLength = BinaryPrimitives.ReadUInt64LittleEndian(length);
        if (headerLength > LongestHeader || (long)headerLength > file.Length - LengthBytes)
            throw Invalid(path, $"its header claims {headerLength} bytes in a file of {file.Length}");
        byte[] header = new byte[headerLength];
        file.ReadExactly(header);
        if (header is not [(byte)'{', ..])
            throw Invalid(path, "its header does not begin with '{'");

        long dataStart = LengthBytes + (long)headerLength;
        try
        {
            using JsonDocument json = JsonDocument.Parse(header, new JsonDocumentOptions { AllowDuplicateProperties = false });
            Dictionary<string, Tensor> tensors = json.RootElement.EnumerateObject()
                .Where(property => property.Name != Metadata)
                .Select(property => ReadEntry(path, property, dataStart))
                .ToDictionary(tensor => tensor.Name);
            CheckLayout(path, tensors.Values, dataStart, file.Length);
            return new SafetensorsFile(path, tensors);
        }
        // System.Text.Json throws these for a syntax error, a missing property, a value of another kind, a number out of range.
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw Invalid(path, $"its header cannot be read: {e.Message}");
        }
    }

    /// <summary>Reads one F32 tensor of exactly the given shape, row by row.</summary>
    /// <exception cref="InvalidDataException">There is no such tensor, or it has another type or shape.</exception>
    public float[] ReadSingles(string name, params ReadOnlySpan<long> shape)
    {
        if (!_tensors.TryGetValue(name, out Tensor? tensor))
            throw Invalid(_path, $"it has no tensor '{name}'");
        if (tensor.Dtype != "F32" || !tensor.Shape.ToArray().AsSpan().SequenceEqual(shape))
        {
            throw Invalid(_path, $"tensor '{name}' is {tensor.Dtype} [{string.Join(", ", tensor.Shape)}], "
                + $"expected F32 [{string.Join(", ", shape.ToArray())}]");
        }
        byte[] bytes = new byte[tensor.End - tensor.Begin];
        using FileStream file = File.OpenRead(_path);
        file.Position = tensor.Begin;
        file.ReadExactly(bytes);
        float[] values = new float[bytes.Length / sizeof(float)];
        for (int i = 0; i < values.Length; i++)
            values[i] = BinaryPrimitives.ReadSingleLittleEndian(bytes.AsSpan(i * sizeof(float)));
        return values;
    }

    private static Tensor ReadEntry(string path, JsonProperty property, long dataStart)
    {
        string dtype = property.Value.GetProperty("dtype").GetString() ?? "null";
        if (!BitsPerElement.TryGetValue(dtype, out int bits))
            throw Invalid(path, $"tensor '{property.Name}' has the unknown dtype '{dtype}'");
        long[] shape = [.. property.Value.GetProperty("shape").EnumerateArray().Select(n => n.GetInt64())];
        long[] offsets = [.. property.Value.GetProperty("data_offsets").EnumerateArray().Select(n => n.GetInt64())];
        if (offsets is not [>= 0, >= 0] || shape.Any(n => n < 0))
            throw Invalid(path, $"tensor '{property.Name}' has a negative size or offset, or not two offsets");
        try
        {
            long size = shape.Aggregate(bits / 8L, (product, n) => checked(product * n));
            if (checked(offsets[0] + size) != offsets[1])
                throw Invalid(path, $"tensor '{property.Name}' needs {size} bytes, its offsets are {offsets[0]} and {offsets[1]}");
            return new Tensor(property.Name, dtype, shape, checked(dataStart + offsets[0]), checked(dataStart + offsets[1]));
        }
        catch (OverflowException)
        {
            throw Invalid(path, $"tensor '{property.Name}' is larger than any file");
        }
    }

    // The format allows neither gaps nor overlaps: in the order of their offsets the tensors fill the file exactly.
    private static void CheckLayout(string path, IEnumerable<Tensor> tensors, long dataStart, long fileLength)
    {
        long expected = dataStart;
        foreach (Tensor tensor in tensors.OrderBy(t => t.Begin).ThenBy(t => t.End))
        {
            if (tensor.End > fileLength)
                throw Invalid(path, $"tensor '{tensor.Name}' ends at byte {tensor.End} of a file of {fileLength}");
            if (tensor.Begin != expected)
            {
                string what = tensor.Begin < expected ? "overlaps the one before it" : "leaves a gap before it";
                throw Invalid(path, $"tensor '{tensor.Name}' {what}");
            }
            expected = tensor.End;
        }
        if (expected != fileLength)
            throw Invalid(path, $"{fileLength - expected} bytes at its end belong to no tensor");
    }

    private static InvalidDataException Invalid(string path, string why) => new($"{path} is not usable: {why.TrimEnd('.')}.");
}
