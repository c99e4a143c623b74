using System.Buffers.Binary;
using System.Text;

namespace WiseHub.Client.Tests;

/// <summary>Writes the parts of a GGUF file.</summary>
internal sealed class GgufBytes
{
    private readonly List<byte> _bytes = [];
    private readonly bool _isBigEndian;

    public GgufBytes(uint version, ulong tensors, ulong pairs, bool isBigEndian = false)
    {
        _isBigEndian = isBigEndian;
        _bytes.AddRange("GGUF"u8);
        U32(version).U64(tensors).U64(pairs);
    }

    public byte[] Bytes => [.. _bytes];

    public GgufBytes U32(uint number)
    {
        _bytes.AddRange(BitConverter.GetBytes(_isBigEndian ? BinaryPrimitives.ReverseEndianness(number) : number));
        return this;
    }

    public GgufBytes U64(ulong number)
    {
        _bytes.AddRange(BitConverter.GetBytes(_isBigEndian ? BinaryPrimitives.ReverseEndianness(number) : number));
        return this;
    }

    public GgufBytes Text(string text)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        U64((ulong)bytes.Length);
        _bytes.AddRange(bytes);
        return this;
    }

    public GgufBytes Tensor(string name, uint type, params ulong[] shape) => TensorAt(name, type, 0, shape);

    public GgufBytes TensorAt(string name, uint type, ulong offset, params ulong[] shape)
    {
        Text(name).U32((uint)shape.Length);
        foreach (ulong size in shape)
            U64(size);
        return U32(type).U64(offset);
    }

    /// <summary>Ends the header: zeros to the next multiple of the alignment, then the data.</summary>
    public GgufBytes Data(int size, int alignment = 32)
    {
        while (_bytes.Count % alignment != 0)
            _bytes.Add(0);
        _bytes.AddRange(new byte[size]);
        return this;
    }
}
