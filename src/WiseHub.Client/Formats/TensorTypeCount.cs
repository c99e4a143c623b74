namespace WiseHub.Client;

/// <summary>The tensors of one kind of number.</summary>
/// <param name="Type">The kind as the format names it, for example <c>BF16</c>.</param>
/// <param name="Tensors">The number of tensors.</param>
/// <param name="Parameters">The number of their elements.</param>
public sealed record TensorTypeCount(string Type, long Tensors, long Parameters);
