namespace WiseHub.Client.Formats;

/// <summary>The kinds of numbers of safetensors (enum Dtype in safetensors/src/tensor.rs).</summary>
internal sealed class SafetensorsType
{
    private static readonly SafetensorsType[] All =
    [
        new("F32", 32), new("F16", 16), new("BF16", 16), new("I64", 64), new("I32", 32), new("I16", 16), new("I8", 8),
        new("U8", 8), new("BOOL", 8), new("F64", 64), new("U16", 16), new("U32", 32), new("U64", 64), new("C64", 64),
        new("F8_E4M3", 8), new("F8_E5M2", 8), new("F8_E8M0", 8), new("F8_E4M3FNUZ", 8), new("F8_E5M2FNUZ", 8),
        new("F4", 4), new("F6_E2M3", 6), new("F6_E3M2", 6),
    ];

    private readonly byte[] _utf8;

    private SafetensorsType(string name, int bits)
    {
        _utf8 = System.Text.Encoding.UTF8.GetBytes(name);
        Name = name;
        Bits = bits;
    }

    public string Name { get; }

    /// <summary>The size of one number.</summary>
    public int Bits { get; }

    /// <summary>The kind of this exact name, or null; a name that is not known may be newer.</summary>
    public static SafetensorsType? Find(ReadOnlySpan<byte> name)
    {
        foreach (SafetensorsType type in All)
        {
            if (name.SequenceEqual(type._utf8))
                return type;
        }
        return null;
    }
}
