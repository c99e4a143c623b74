namespace WiseHub.Client;

/// <summary>A set of operators that an ONNX model imports.</summary>
/// <param name="Domain">Its domain; <c>ai.onnx</c> for that of the standard, which files may leave empty.</param>
/// <param name="Version">Its version.</param>
public sealed record OnnxOpset(string Domain, long Version);
