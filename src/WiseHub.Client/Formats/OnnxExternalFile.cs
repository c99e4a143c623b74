namespace WiseHub.Client;

/// <summary>A file with data of tensors of an ONNX model
/// (https://github.com/onnx/onnx/blob/main/docs/ExternalData.md).</summary>
/// <param name="Location">Its path, relative to the folder of the model, with <c>/</c>.</param>
/// <param name="Tensors">The number of tensors whose data are there.</param>
/// <param name="End">The bytes that it must have at least.</param>
public sealed record OnnxExternalFile(string Location, long Tensors, long End);
