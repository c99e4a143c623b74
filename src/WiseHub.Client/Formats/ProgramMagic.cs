using System.Buffers.Binary;

namespace WiseHub.Client.Formats;

/// <summary>Programs by their first bytes.</summary>
internal static class ProgramMagic
{
    private const uint FirstJavaVersion = 45;

    /// <param name="head">The first bytes of a file.</param>
    /// <param name="isTextual">True if they are text.</param>
    /// <returns>Null if they begin no program.</returns>
    public static FileFormat? Of(ReadOnlySpan<byte> head, bool isTextual)
    {
        if (head.StartsWith("#!"u8))
            return FileFormats.Script;
        if (head.StartsWith("\x7f"u8) && head[1..].StartsWith("ELF"u8))
            return FileFormats.Elf;
        // A text may begin with "MZ"; Actually Portable Executables, such as llamafiles, are text at first.
        if (head.StartsWith("MZ"u8) && (!isTextual || head.StartsWith("MZqFpD"u8)))
            return FileFormats.PortableExecutable;
        if (head.Length < 4)
            return null;
        return BinaryPrimitives.ReadUInt32BigEndian(head) switch
        {
            // Java's class file: its version is where Mach-O counts processors.
            0xCAFEBABE when head.Length >= 8 && BinaryPrimitives.ReadUInt32BigEndian(head[4..]) >= FirstJavaVersion =>
                FileFormats.Program,
            // Mach-O of 32 and 64 bits in both byte orders, and of several processors.
            0xFEEDFACE or 0xFEEDFACF or 0xCEFAEDFE or 0xCFFAEDFE or 0xCAFEBABE or 0xCAFEBABF or 0xBEBAFECA or 0xBFBAFECA =>
                FileFormats.MachO,
            // WebAssembly; LLVM bitcode, bare and wrapped; a CUDA fat binary; an RPM package; a Windows shortcut; Android code.
            0x0061736D or 0x4243C0DE or 0xDEC0170B or 0x50ED55BA or 0xEDABEEDB or 0x4C000000 or 0x6465780A => FileFormats.Program,
            _ when head.StartsWith("!<arch>\n"u8) || head.StartsWith("jartsr='"u8) || IsPythonBytecode(head) =>
                FileFormats.Program,
            _ => null,
        };
    }

    // CPython's importlib: a version number, CR LF, then flags of which two exist. Version 3.0 was 3000.
    private static bool IsPythonBytecode(ReadOnlySpan<byte> head) => head.Length >= 16 && head[2] == '\r' && head[3] == '\n'
        && BinaryPrimitives.ReadUInt16LittleEndian(head) is >= 3000 and < 5000
        && BinaryPrimitives.ReadUInt32LittleEndian(head[4..]) <= 3;
}
