using System.IO.Compression;
using System.IO.Hashing;
using System.Text;

namespace WiseHub.Client.Tests.Formats;

/// <summary>Writes zip files, also wrong ones.</summary>
internal static class TestZip
{
    public static byte[] Of(params (string Name, byte[] Content)[] files) =>
        Of([.. files.Select(f => new ZipPart(f.Name, f.Content))]);

    public static byte[] Of(params ZipPart[] parts) => Of(parts, [], [], [], []);

    public static byte[] Of(ZipPart[] parts, byte[] before, byte[] between, byte[] comment, byte[] behind, bool is64 = false)
    {
        var bytes = new MemoryStream();
        var writer = new BinaryWriter(bytes);
        writer.Write(before);
        var central = new MemoryStream();
        var directory = new BinaryWriter(central);
        foreach (ZipPart part in parts)
            Write(writer, directory, part);
        writer.Write(between);
        long start = bytes.Position;
        writer.Write(central.ToArray());
        long length = central.Length;
        int count = parts.Count(p => p.IsInDirectory);
        if (is64)
        {
            long record = bytes.Position;
            writer.Write(0x06064B50u);
            writer.Write(44L);
            writer.Write((short)45);
            writer.Write((short)45);
            writer.Write(0L);
            writer.Write((long)count);
            writer.Write((long)count);
            writer.Write(length);
            writer.Write(start);
            writer.Write(0x07064B50u);
            writer.Write(0);
            writer.Write(record);
            writer.Write(1);
        }
        writer.Write(0x06054B50u);
        writer.Write(0);
        writer.Write((short)(is64 ? -1 : count));
        writer.Write((short)(is64 ? -1 : count));
        writer.Write((uint)length);
        writer.Write(is64 ? uint.MaxValue : (uint)start);
        writer.Write((ushort)comment.Length);
        writer.Write(comment);
        writer.Write(behind);
        return bytes.ToArray();
    }

    private static void Write(BinaryWriter writer, BinaryWriter directory, ZipPart part)
    {
        writer.Write(part.Before);
        long offset = writer.BaseStream.Position;
        byte[] packed = part.IsDeflated ? Deflate(part.Content) : part.Content;
        int method = part.Method ?? (part.IsDeflated ? 8 : 0), flags = part.Flags | (part.HasDescriptor ? 8 : 0);
        uint crc = part.Crc ?? Crc32.HashToUInt32(part.Content);
        uint size = part.Size ?? (uint)part.Content.Length;
        byte[] name = Encoding.UTF8.GetBytes(part.Name), localName = Encoding.UTF8.GetBytes(part.LocalName ?? part.Name);
        writer.Write(0x04034B50u);
        writer.Write((short)20);
        writer.Write((short)(part.LocalFlags ?? flags));
        writer.Write((short)(part.LocalMethod ?? method));
        writer.Write(0);
        writer.Write(part.HasDescriptor ? 0 : crc);
        writer.Write(part.HasDescriptor ? 0 : (uint)packed.Length);
        writer.Write(part.HasDescriptor ? 0 : part.LocalSize ?? size);
        writer.Write((short)localName.Length);
        writer.Write((short)part.Extra.Length);
        writer.Write(localName);
        writer.Write(part.Extra);
        writer.Write(packed);
        if (part.HasDescriptor)
        {
            writer.Write(0x08074B50u);
            writer.Write(crc);
            writer.Write((uint)packed.Length);
            writer.Write(size);
        }
        if (!part.IsInDirectory)
            return;
        directory.Write(0x02014B50u);
        directory.Write((short)20);
        directory.Write((short)20);
        directory.Write((short)flags);
        directory.Write((short)method);
        directory.Write(0);
        directory.Write(crc);
        directory.Write((uint)packed.Length);
        directory.Write(size);
        directory.Write((short)name.Length);
        directory.Write((short)0);
        directory.Write((short)0);
        directory.Write((short)0);
        directory.Write((short)0);
        directory.Write(0);
        directory.Write((uint)offset);
        directory.Write(name);
    }

    private static byte[] Deflate(byte[] content)
    {
        var packed = new MemoryStream();
        using (var deflate = new DeflateStream(packed, CompressionLevel.Optimal, leaveOpen: true))
            deflate.Write(content);
        return packed.ToArray();
    }
}
