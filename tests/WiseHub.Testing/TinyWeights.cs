namespace WiseHub.Testing;

/// <summary>The smallest files of weights that are valid, as texts: what they hold does not matter.</summary>
public static class TinyWeights
{
    /// <summary>A safetensors file without tensors: the length of its header, and the header. It has 10 bytes.</summary>
    public const string Safetensors = "\u0002\0\0\0\0\0\0\0{}";

    /// <summary>An ONNX model with an empty graph. It has 4 bytes.</summary>
    public const string Onnx = "\b\b:\0";
}
