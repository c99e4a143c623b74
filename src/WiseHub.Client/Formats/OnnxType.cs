using System.Globalization;

namespace WiseHub.Client.Formats;

/// <summary>The kinds of numbers of ONNX (enum TensorProto.DataType in onnx.proto).</summary>
internal static class OnnxType
{
    // Bits of one number; 0 for texts, whose size varies.
    private static readonly (string Name, int Bits)[] All =
    [
        ("UNDEFINED", 0), ("FLOAT", 32), ("UINT8", 8), ("INT8", 8), ("UINT16", 16), ("INT16", 16), ("INT32", 32), ("INT64", 64),
        ("STRING", 0), ("BOOL", 8), ("FLOAT16", 16), ("DOUBLE", 64), ("UINT32", 32), ("UINT64", 64), ("COMPLEX64", 64),
        ("COMPLEX128", 128), ("BFLOAT16", 16), ("FLOAT8E4M3FN", 8), ("FLOAT8E4M3FNUZ", 8), ("FLOAT8E5M2", 8),
        ("FLOAT8E5M2FNUZ", 8), ("UINT4", 4), ("INT4", 4), ("FLOAT4E2M1", 4), ("FLOAT8E8M0", 8), ("UINT2", 2), ("INT2", 2),
    ];

    public static bool IsKnown(uint type) => type < (uint)All.Length;

    public static string NameOf(uint type) =>
        IsKnown(type) ? All[type].Name : type.ToString("'type '0", CultureInfo.InvariantCulture);

    /// <summary>The bytes of a tensor; null if the kind does not tell it.</summary>
    public static long? BytesOf(uint type, long elements) =>
        IsKnown(type) && All[type].Bits is int bits and > 0 && ((UInt128)elements * (uint)bits + 7) / 8 is UInt128 bytes
            && bytes <= long.MaxValue ? (long)bytes : null;
}
