using System.Buffers.Binary;

namespace WiseHub.Client.Formats;

/// <summary>
/// Checks that the header of a model does not lie: it is well-formed, its tensors are in the file, and other files that it names
/// have allowed names. The bytes say which format it is; a name that says otherwise is a fault.
/// </summary>
internal static class ModelHeaderCheck
{
    private const string Safetensors = ".safetensors", Gguf = ".gguf", Onnx = ".onnx";

    // Enough for the magic of each format.
    private const int First = 10;

    // As for headers of safetensors. The index of the largest models has about 10 MB.
    private const long LargestIndex = 100_000_000;

    /// <summary>Says whether there is something to check.</summary>
    /// <param name="path">The path of the file in its repo.</param>
    /// <param name="format">The format that its bytes show, <see cref="FileFormat.Id"/>.</param>
    public static bool MayHave(string path, string format) =>
        format is "safetensors" or "gguf" or "onnx" || FormatOf(path) is not null || IsIndex(path);

    /// <summary>Says whether a file may be an index of weights, by its path.</summary>
    public static bool IsIndex(string path) => Is(path, ".index.json");

    /// <summary>Checks what the beginning of a file shows.</summary>
    /// <param name="path">The path of the file in its repo.</param>
    /// <param name="beginning">The first bytes.</param>
    /// <param name="size">The size of the file in bytes.</param>
    /// <returns>Null if it is fine, not a format with a header, or undecidable from these bytes.</returns>
    public static HeaderFault? OfBeginning(string path, ReadOnlySpan<byte> beginning, long size)
    {
        var reader = new HeaderReader(beginning, size);
        return Inspect(path, ref reader, isWhole: beginning.Length >= size).Fault;
    }

    /// <summary>Checks a file.</summary>
    /// <param name="path">The path of the file in its repo.</param>
    /// <param name="file">The file, complete and seekable.</param>
    /// <param name="size">Its size in bytes.</param>
    /// <returns>Null if it is fine, or not a format with a header.</returns>
    public static HeaderFault? OfFile(string path, Stream file, long size) => Inspect(path, file, size).Fault;

    /// <summary>Checks a file, and tells its facts and the files that it needs, in one pass.</summary>
    /// <inheritdoc cref="OfFile" path="/param"/>
    public static HeaderInspection Inspect(string path, Stream file, long size)
    {
        var reader = new HeaderReader(file, size);
        try
        {
            return Inspect(path, ref reader, isWhole: true);
        }
        finally
        {
            reader.Dispose();
        }
    }

    private static HeaderInspection Inspect(string path, ref HeaderReader reader, bool isWhole)
    {
        try
        {
            return Read(path, ref reader) ?? (isWhole ? throw new FalseHeaderException(HeaderMessages.CutOff)
                : HeaderInspection.None);
        }
        catch (FalseHeaderException e)
        {
            return new HeaderInspection(e.Fault, null, []);
        }
    }

    /// <returns>Null if the bytes end before the header does.</returns>
    private static HeaderInspection? Read(string path, ref HeaderReader reader)
    {
        if (IsIndex(path))
            return ReadIndex(path, ref reader);
        reader.Fill(First);
        ReadOnlySpan<byte> first = reader.Window[..Math.Min(First, reader.Window.Length)];
        string? format = FormatOf(first, reader.Size!.Value), named = FormatOf(path);
        if (format is not null && named is not null && format != named)
            throw new FalseHeaderException(HeaderMessages.NotOfFormat(NameOf(named)));
        switch (named ?? format)
        {
            case Safetensors:
                return SafetensorsHeader.Read(ref reader) is SafetensorsHeader tensors
                    ? new HeaderInspection(null, HeaderFacts.Of(tensors), []) : null;
            case Gguf:
                return GgufHeader.Read(ref reader) is { IsComplete: true } gguf
                    ? new HeaderInspection(null, HeaderFacts.Of(gguf), []) : null;
            case Onnx:
                return ReadOnnx(path, ref reader, isNamed: named is not null);
            default:
                return HeaderInspection.None;
        }
    }

    private static HeaderInspection? ReadOnnx(string path, ref HeaderReader reader, bool isNamed)
    {
        try
        {
            OnnxHeader header = OnnxHeader.Read(ref reader);
            return header.IsComplete ? new HeaderInspection(null, HeaderFacts.Of(header), Companions.Of(path, header)) : null;
        }
        // Three bytes are not enough to say that a file is an ONNX model. If its name does not either, it is something else.
        catch (FalseHeaderException) when (!isNamed)
        {
            return HeaderInspection.None;
        }
    }

    private static HeaderInspection? ReadIndex(string path, ref HeaderReader reader)
    {
        // Other files may have such names, too.
        bool isOfWeights = Is(path, ".safetensors.index.json") || Is(path, ".bin.index.json");
        var index = new WeightIndexWalk();
        try
        {
            if (!index.Read(ref reader, Math.Min(reader.Size!.Value, LargestIndex)))
                return null;
        }
        catch (FalseHeaderException) when (!isOfWeights && !index.HasMap)
        {
            return HeaderInspection.None;
        }
        return index.HasMap ? new HeaderInspection(null, null, Companions.Of(path, index))
            : isOfWeights ? throw new FalseHeaderException(HeaderMessages.NoWeightMap) : HeaderInspection.None;
    }

    private static bool Is(string path, string extension) => path.EndsWith(extension, StringComparison.OrdinalIgnoreCase);

    private static string? FormatOf(string path) =>
        Is(path, Safetensors) ? Safetensors : Is(path, Gguf) ? Gguf : Is(path, Onnx) ? Onnx : null;

    private static string? FormatOf(ReadOnlySpan<byte> first, long size)
    {
        if (first.StartsWith("GGUF"u8))
            return Gguf;
        if (first.Length == First && first[8] == '{' && first[9] is (byte)'"' or (byte)'}' or (byte)' '
            && BinaryPrimitives.ReadUInt64LittleEndian(first) <= (ulong)size)
            return Safetensors;
        return OnnxHeader.IsLikely(first) ? Onnx : null;
    }

    private static string NameOf(string format) => format switch
    {
        Safetensors => "safetensors",
        Gguf => "GGUF",
        _ => "ONNX",
    };
}
