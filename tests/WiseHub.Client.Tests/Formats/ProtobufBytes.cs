using System.Text;

namespace WiseHub.Client.Tests;

/// <summary>Writes fields of protobuf messages.</summary>
internal sealed class ProtobufBytes
{
    private readonly List<byte> _bytes = [];

    public byte[] Bytes => [.. _bytes];

    public ProtobufBytes Number(int field, ulong number) => Varint((ulong)field << 3).Varint(number);

    public ProtobufBytes Text(int field, string text) => Raw(field, Encoding.UTF8.GetBytes(text));

    public ProtobufBytes Message(int field, ProtobufBytes message) => Raw(field, message.Bytes);

    public ProtobufBytes Raw(int field, byte[] bytes)
    {
        Varint(((ulong)field << 3) | 2).Varint((ulong)bytes.Length);
        _bytes.AddRange(bytes);
        return this;
    }

    /// <summary>The two entries of a map.</summary>
    public ProtobufBytes Pair(int field, string key, string value) =>
        Message(field, new ProtobufBytes().Text(1, key).Text(2, value));

    public ProtobufBytes Varint(ulong number)
    {
        for (; number >= 0x80; number >>= 7)
            _bytes.Add((byte)(number | 0x80));
        _bytes.Add((byte)number);
        return this;
    }
}
