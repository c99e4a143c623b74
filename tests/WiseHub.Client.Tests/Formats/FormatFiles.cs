using System.Formats.Tar;
using System.IO.Compression;
using System.Text;

namespace WiseHub.Client.Tests.Formats;

/// <summary>Small files of all kinds.</summary>
internal static class FormatFiles
{
    /// <summary>pickle.dumps of an object whose __reduce__ returns (os.system, ("id",)), protocol 0.</summary>
    public static byte[] TextPickle => Bytes("cposix\nsystem\np0\n(Vid\np1\ntp2\nRp3\n.");

    /// <summary>The same in protocol 4.</summary>
    public static byte[] Pickle => ReducePickle("posix", "system", "id");

    public static byte[] Png => [0x89, .. "PNG\r\n\x1a\n"u8, .. new byte[40]];

    public static byte[] Elf => [0x7F, .. "ELF\x2\x1\x1"u8, .. new byte[57]];

    public static byte[] Safetensors => [2, 0, 0, 0, 0, 0, 0, 0, .. "{}"u8];

    public static byte[] Gguf => [.. "GGUF"u8, 3, 0, 0, 0, .. new byte[16]];

    public static byte[] Hdf5 => [0x89, .. "HDF\r\n\x1a\n"u8, .. new byte[88]];

    /// <summary>ir_version 8, producer "test", an empty graph with a name, opset 17.</summary>
    public static byte[] Onnx => [8, 8, 0x12, 4, .. "test"u8, 0x3A, 3, 0x12, 1, (byte)'g', 0x42, 2, 0x10, 17];

    public static byte[] Bytes(string latin) => Encoding.Latin1.GetBytes(latin);

    public static byte[] ShortText(string text) => [0x8C, (byte)text.Length, .. Bytes(text)];

    /// <summary>PROTO 4, STACK_GLOBAL of two texts, a call with one text, STOP.</summary>
    public static byte[] ReducePickle(string module, string name, string argument) =>
        [0x80, 4, .. ShortText(module), 0x94, .. ShortText(name), 0x94, 0x93, 0x94, .. ShortText(argument), 0x94, 0x85, 0x94,
            (byte)'R', 0x94, (byte)'.'];

    public static byte[] Npy(string header, int dataBytes)
    {
        byte[] text = Bytes(header + "\n");
        return [0x93, .. "NUMPY"u8, 1, 0, (byte)text.Length, (byte)(text.Length >> 8), .. text, .. new byte[dataBytes]];
    }

    public static byte[] FloatNpy => Npy("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }", 24);

    public static byte[] ObjectNpy => [.. Npy("{'descr': '|O', 'fortran_order': False, 'shape': (1,), }", 0), .. Pickle];

    public static byte[] Tar(params (string Name, byte[] Content)[] files)
    {
        var bytes = new MemoryStream();
        using (var tar = new TarWriter(bytes, TarEntryFormat.Ustar, leaveOpen: true))
        {
            foreach ((string name, byte[] content) in files)
                tar.WriteEntry(new UstarTarEntry(TarEntryType.RegularFile, name) { DataStream = new MemoryStream(content) });
        }
        return bytes.ToArray();
    }

    public static byte[] Gzip(byte[] content) =>
        Packed(s => new GZipStream(s, CompressionLevel.Fastest, leaveOpen: true), content);

    public static byte[] Zlib(byte[] content) =>
        Packed(s => new ZLibStream(s, CompressionLevel.Fastest, leaveOpen: true), content);

    public static byte[] Random(int seed, int length)
    {
        byte[] bytes = new byte[length];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }

    private static byte[] Packed(Func<Stream, Stream> pack, byte[] content)
    {
        var bytes = new MemoryStream();
        using (Stream packer = pack(bytes))
            packer.Write(content);
        return bytes.ToArray();
    }
}
