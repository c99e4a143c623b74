using System.Buffers.Binary;
using System.Reflection.PortableExecutable;

namespace WiseHub.Build.Tests;

/// <summary>
/// The system of a DLL or a native program. A ready-to-run image is for exactly one, although it has IL as well: the loader looks
/// at its machine first and refuses it anywhere else (BadImageFormatException).
/// </summary>
internal static class PackedImage
{
    /// <summary>IL and nothing else: any system loads it.</summary>
    public const string Any = "any";

    // What the runtime puts over the machine of an image that is not for Windows (IMAGE_FILE_MACHINE_OS_MASK_* of .NET's loader).
    private static readonly Dictionary<string, ushort> SystemMasks = new() { ["win"] = 0, ["linux"] = 0x7B79, ["osx"] = 0x4644 };

    private static readonly Dictionary<string, Machine> Processors = new() { ["x64"] = Machine.Amd64, ["arm64"] = Machine.Arm64 };

    private static readonly Dictionary<ushort, string> Systems = SystemMasks
        .SelectMany(s => Processors, (s, p) => (Machine: (ushort)((ushort)p.Value ^ s.Value), Name: $"{s.Key}-{p.Key}"))
        .ToDictionary(s => s.Machine, s => s.Name);

    // Of a program for Linux: e_machine of its ELF header.
    private static readonly Dictionary<ushort, string> NativeSystems = new() { [0x3E] = "linux-x64", [0xB7] = "linux-arm64" };

    /// <summary>A native program for a system, as <see cref="SystemOf"/> gives it.</summary>
    public static string Native(string system) => $"native {system}";

    /// <summary>
    /// The system an image is for: a RID such as <c>linux-arm64</c>, <see cref="Any"/>, <see cref="Native"/>, or words that are
    /// none of these.
    /// </summary>
    public static string SystemOf(Stream image)
    {
        Span<byte> header = stackalloc byte[20];
        image.ReadExactly(header);
        image.Position = 0;
        if (header.StartsWith("\u007FELF"u8))
            return Native(NativeSystems.GetValueOrDefault(BinaryPrimitives.ReadUInt16LittleEndian(header[18..]), "for Linux"));
        using var reader = new PEReader(image, PEStreamOptions.LeaveOpen);
        if (reader.PEHeaders.CorHeader is not { } cor)
            return "native code";
        ushort machine = (ushort)reader.PEHeaders.CoffHeader.Machine;
        if (IsReadyToRun(reader, cor))
            return Systems.GetValueOrDefault(machine, $"ready to run on machine 0x{machine:X4}");
        const CorFlags OneProcessor = CorFlags.Requires32Bit | CorFlags.Prefers32Bit;
        return cor.Flags.HasFlag(CorFlags.ILOnly) && (cor.Flags & OneProcessor) == 0 && machine == (ushort)Machine.I386
            ? Any
            : $"IL with flags {cor.Flags} for machine 0x{machine:X4}";
    }

    /// <summary>
    /// What is wrong with a DLL or program in a package, or null. Libraries are for any system, and so is the folder <c>any</c>
    /// of tools; a folder of tools that is named for a system has images for that system alone, besides the program that runs the
    /// code of a repo, which is IL everywhere.
    /// </summary>
    public static string? Fault(string path, Stream image)
    {
        string? expected = path.Split('/') switch
        {
            ["lib", "net10.0", _] or ["tools", _, _, "wisehub-entry-host.dll"] => Any,
            // What .NET loads in place of a DLL of the same name on some systems.
            ["tools", _, Any, "runtimes", _, "lib", _, _] => Any,
            ["tools", "any", var folder, "wisehub"] when NativeSystems.ContainsValue(folder) => Native(folder),
            ["tools", "net10.0", var folder, _] when folder == Any || Systems.ContainsValue(folder) => folder,
            _ => null,
        };
        string system = SystemOf(image);
        return expected is null ? $"{path}: no image belongs there"
            : expected != system ? $"{path}: for {expected} by its folder, but it is {system}"
            : null;
    }

    private static bool IsReadyToRun(PEReader reader, CorHeader cor)
    {
        const uint Signature = 0x00525452; // "RTR"
        return cor.ManagedNativeHeaderDirectory is { Size: > 0 } header
            && reader.GetSectionData(header.RelativeVirtualAddress).GetReader().ReadUInt32() == Signature;
    }
}
