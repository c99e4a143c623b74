using System.Reflection.PortableExecutable;

namespace WiseHub.Build.Tests;

/// <summary>
/// The system of a DLL. A ready-to-run image is for exactly one, although it has IL as well: the loader looks at its
/// machine first and refuses it anywhere else (BadImageFormatException).
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

    /// <summary>
    /// The system an image is for: a RID such as <c>linux-arm64</c>, <see cref="Any"/>, or words that are neither.
    /// </summary>
    public static string SystemOf(Stream image)
    {
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
    /// What is wrong with a DLL in a package, or null. Libraries are for any system, and so is the folder <c>any</c> of tools; a
    /// folder of tools that is named for a system has images for that system alone.
    /// </summary>
    public static string? Fault(string path, Stream image)
    {
        string? expected = path.Split('/') switch
        {
            ["lib", "net10.0", _] => Any,
            ["tools", "net10.0", var folder, _] when folder == Any || Systems.ContainsValue(folder) => folder,
            _ => null,
        };
        string system = SystemOf(image);
        return expected is null ? $"{path}: no DLL belongs there"
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
