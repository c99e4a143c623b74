// il-again FOLDER: every ready-to-run image of Linux x64 below the folder becomes IL in its place, so that any
// system can load it.
using dnlib.DotNet;
using dnlib.DotNet.MD;
using dnlib.DotNet.Writer;
using dnlib.PE;

// The machine of an image that is ready to run on Linux x64: AMD64 under .NET's mask for Linux.
const ushort LinuxX64 = 0x8664 ^ 0x7B79;

int done = 0;
foreach (string file in Directory.EnumerateFiles(args[0], "*.dll", SearchOption.AllDirectories))
{
    byte[] image = File.ReadAllBytes(file);
    if (image.Length < 256 || image[0] != 'M' || image[1] != 'Z')
        continue;
    int header = BitConverter.ToInt32(image, 0x3C);
    if (BitConverter.ToUInt16(image, header + 4) != LinuxX64)
        continue;
    // dnlib does not know the masked machine.
    BitConverter.TryWriteBytes(image.AsSpan(header + 4), (ushort)Machine.AMD64);
    using var module = ModuleDefMD.Load(image,
        new ModuleCreationOptions(ModuleDef.CreateModuleContext()) { TryToLoadPdbFromDisk = false });
    var options = new ModuleWriterOptions(module) { Logger = DummyLogger.NoThrowInstance };
    options.MetadataOptions.Flags |= MetadataFlags.KeepOldMaxStack | MetadataFlags.PreserveAll;
    options.PEHeadersOptions.Machine = Machine.I386;
    options.PEHeadersOptions.Characteristics =
        Characteristics.ExecutableImage | Characteristics.LargeAddressAware | Characteristics.Dll;
    options.Cor20HeaderOptions.Flags = ComImageFlags.ILOnly;
    module.Write(file + ".il", options);
    File.Move(file + ".il", file, overwrite: true);
    done++;
}
Console.WriteLine($"{done} images are IL again");
return done > 0 ? 0 : 1;
