using WiseHub.Client.Formats;

namespace WiseHub.Client;

/// <summary>
/// The facts of an ONNX model (https://github.com/onnx/onnx/blob/main/onnx/onnx.proto) without its weights. Its messages are
/// walked, the data of tensors are skipped, and nothing is allocated because the file says so.
/// </summary>
public sealed class OnnxHeader
{
    /// <summary>The largest file that is read whole to show its facts, in bytes. Models with their weights elsewhere are
    /// smaller.</summary>
    public const int LargestHeader = 8 << 20;

    private readonly OnnxWalk _walk;

    private OnnxHeader(OnnxWalk walk, bool isComplete)
    {
        _walk = walk;
        IsComplete = isComplete;
    }

    /// <summary>
    /// False if the bytes end before the model. Then only what is in its beginning is known: in most files the producer and the
    /// version of the format.
    /// </summary>
    public bool IsComplete { get; }

    /// <summary>The version of the format; null if it was not reached.</summary>
    public long? IrVersion => _walk.IrVersion;

    /// <summary>The program that wrote the model, and its version; null if it is not stated.</summary>
    public string? Producer => _walk.Producer;

    /// <summary>The sets of operators that the model imports.</summary>
    public IReadOnlyList<OnnxOpset> Opsets => _walk.Opsets;

    /// <summary>
    /// The domains of operators outside the standard, in the order of their names. Those that the model does not define by
    /// functions of its own need native code beside the runtime.
    /// </summary>
    public IReadOnlyCollection<string> CustomDomains => _walk.CustomDomains;

    /// <summary>The number of initializers; null if the header is not complete.</summary>
    public long? Tensors => IsComplete ? _walk.Counts.Tensors : null;

    /// <summary>The number of elements of all initializers; null if the header is not complete.</summary>
    public long? Parameters => IsComplete ? _walk.Counts.Parameters : null;

    /// <summary>The initializers by kind of number, the most parameters first; empty if the header is not complete.</summary>
    public IReadOnlyList<TensorTypeCount> Types => IsComplete ? _walk.Counts.Types : [];

    /// <summary>The files with data of tensors, wherever in the model the tensors are.</summary>
    public IReadOnlyCollection<OnnxExternalFile> ExternalFiles => _walk.ExternalFiles;

    /// <summary>Short texts of <c>metadata_props</c>, at most 64.</summary>
    public IReadOnlyDictionary<string, string> Metadata => _walk.Metadata;

    /// <summary>The kinds of numbers that are not known, and may be newer than this library.</summary>
    internal IReadOnlyCollection<string> UnknownTypes => _walk.UnknownTypes;

    /// <summary>Reads the facts of a model.</summary>
    /// <param name="beginning">The beginning of the file, or all of it.</param>
    /// <param name="size">The size of the file in bytes; null if it is unknown, and then the header is never complete.</param>
    /// <exception cref="HubException">WISE1092: not an ONNX model, or malformed.</exception>
    public static OnnxHeader Read(ReadOnlySpan<byte> beginning, long? size)
    {
        var reader = new HeaderReader(beginning, size);
        try
        {
            return Read(ref reader);
        }
        catch (FalseHeaderException e)
        {
            throw HeaderMessages.HeaderMalformed("ONNX", e);
        }
    }

    /// <summary>Says whether a file begins as writers of ONNX begin it: with the version, then a text or a graph.</summary>
    /// <remarks>A SavedModel of TensorFlow begins with version 1, which no ONNX model in use has.</remarks>
    internal static bool IsLikely(ReadOnlySpan<byte> beginning) =>
        beginning is [0x08, >= 3 and <= 31, 0x12 or 0x1A or 0x22 or 0x3A, ..];

    /// <inheritdoc cref="Read(ReadOnlySpan{byte}, long?)"/>
    /// <exception cref="FalseHeaderException">Not an ONNX model, or malformed.</exception>
    internal static OnnxHeader Read(ref HeaderReader reader)
    {
        var walk = new OnnxWalk();
        return new OnnxHeader(walk, walk.ReadModel(ref reader));
    }
}
