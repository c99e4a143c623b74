namespace WiseHub.Client;

/// <summary>
/// What the header of a file with weights tells. The cache keeps it beside the tree of the commit; it is for showing only.
/// </summary>
public sealed record HeaderFacts
{
    /// <summary>The format of files whose names end in <c>.safetensors</c>.</summary>
    public const string Safetensors = "safetensors";

    /// <summary>The format of files whose names end in <c>.gguf</c>.</summary>
    public const string Gguf = "GGUF";

    /// <summary>The format of files whose names end in <c>.onnx</c>.</summary>
    public const string Onnx = "ONNX";

    /// <summary><see cref="Safetensors"/>, <see cref="Gguf"/> or <see cref="Onnx"/>.</summary>
    public required string Format { get; init; }

    /// <summary>False if the header is larger than what was read of it. Then facts may be missing.</summary>
    public bool IsComplete { get; init; } = true;

    /// <summary>The number of tensors; null if it is not known.</summary>
    public long? Tensors { get; init; }

    /// <summary>The number of their elements; null if it is not known.</summary>
    public long? Parameters { get; init; }

    /// <summary>The tensors by kind of number, the most parameters first.</summary>
    public IReadOnlyList<TensorTypeCount> Types { get; init; } = [];

    /// <summary>The kinds of numbers that are not known, and may be newer than this library.</summary>
    public IReadOnlyList<string> UnknownTypes { get; init; } = [];

    /// <summary>The architecture; null if it is not stated.</summary>
    public string? Architecture { get; init; }

    /// <summary>The quantisation; null if it is not stated.</summary>
    public string? Quantisation { get; init; }

    /// <summary>The license; null if it is not stated.</summary>
    public string? License { get; init; }

    /// <summary>The program that wrote an ONNX model, and its version; null if it is not stated.</summary>
    public string? Producer { get; init; }

    /// <summary>The version of the format of an ONNX model; null if it is not known.</summary>
    public long? IrVersion { get; init; }

    /// <summary>The sets of operators that an ONNX model imports.</summary>
    public IReadOnlyList<OnnxOpset> Opsets { get; init; } = [];

    /// <summary>The domains of operators of an ONNX model outside the standard.</summary>
    public IReadOnlyList<string> CustomDomains { get; init; } = [];

    /// <summary>The files with data of tensors of an ONNX model.</summary>
    public IReadOnlyList<OnnxExternalFile> ExternalFiles { get; init; } = [];

    /// <summary>Short texts of the metadata.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; init; } = new Dictionary<string, string>();

    /// <summary>The format that the name of a file tells; null if it is not one with such a header.</summary>
    /// <param name="path">The path of the file in its repo.</param>
    public static string? FormatOf(string path) => Path.GetExtension(path).ToUpperInvariant() switch
    {
        ".SAFETENSORS" => Safetensors,
        ".GGUF" => Gguf,
        ".ONNX" => Onnx,
        _ => null,
    };

    // The names of https://github.com/Stability-AI/ModelSpec, which writers of safetensors use.
    internal static HeaderFacts Of(SafetensorsHeader header) => new()
    {
        Format = Safetensors,
        Tensors = header.Tensors,
        Parameters = header.Parameters,
        Types = header.Types,
        UnknownTypes = [.. header.UnknownTypes],
        Architecture = header.Metadata.GetValueOrDefault("modelspec.architecture"),
        License = header.Metadata.GetValueOrDefault("modelspec.license"),
        Metadata = header.Metadata,
    };

    internal static HeaderFacts Of(GgufHeader header) => new()
    {
        Format = Gguf,
        IsComplete = header.IsComplete,
        Tensors = header.Tensors,
        Parameters = header.Parameters,
        Types = header.Types,
        UnknownTypes = [.. header.UnknownTypes],
        Architecture = header.Architecture,
        Quantisation = header.Quantisation,
        License = header.Metadata.GetValueOrDefault("general.license"),
        Metadata = header.Metadata,
    };

    internal static HeaderFacts Of(OnnxHeader header) => new()
    {
        Format = Onnx,
        IsComplete = header.IsComplete,
        Tensors = header.Tensors,
        Parameters = header.Parameters,
        Types = header.Types,
        UnknownTypes = [.. header.UnknownTypes],
        Producer = header.Producer,
        IrVersion = header.IrVersion,
        Opsets = header.Opsets,
        CustomDomains = [.. header.CustomDomains],
        ExternalFiles = [.. header.ExternalFiles],
        Metadata = header.Metadata,
    };
}
