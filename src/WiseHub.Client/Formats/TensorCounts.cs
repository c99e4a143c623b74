namespace WiseHub.Client.Formats;

/// <summary>Counts the tensors of a header by their kind of number.</summary>
internal sealed class TensorCounts
{
    // Safetensors has about 20 kinds, and GGUF about 40.
    private const int MostTypes = 64;

    // A thousand times the largest model, so that the sum of all files of a repo fits, too.
    private const long MostParameters = 1L << 53;

    private readonly Dictionary<string, (long Tensors, long Parameters)> _types = new(StringComparer.Ordinal);

    /// <summary>The number of tensors.</summary>
    public long Tensors { get; private set; }

    /// <summary>The number of elements of all tensors.</summary>
    public long Parameters { get; private set; }

    /// <summary>The tensors by kind, the most parameters first.</summary>
    public IReadOnlyList<TensorTypeCount> Types => [.. _types
        .Select(t => new TensorTypeCount(t.Key, t.Value.Tensors, t.Value.Parameters))
        .OrderByDescending(t => t.Parameters).ThenBy(t => t.Type, StringComparer.Ordinal)];

    /// <summary>Counts a tensor.</summary>
    /// <returns>False if no header of a model has so many parameters or kinds.</returns>
    public bool Add(string type, long parameters)
    {
        if (parameters < 0 || parameters > MostParameters - Parameters)
            return false;
        (long tensors, long elements) = _types.GetValueOrDefault(type);
        _types[type] = (tensors + 1, elements + parameters);
        Tensors++;
        Parameters += parameters;
        return _types.Count <= MostTypes;
    }
}
