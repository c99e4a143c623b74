using System.Buffers.Binary;
using System.Collections.Frozen;
using WiseHub.Client;

namespace WiseHub.Build;

/// <summary>
/// Which files of a model may not come into the output unless the project names them: those that the .NET host, the loader of the
/// system or a web server takes up because of their name. Judged where the model is declared, since the projects that it flows to
/// need not know this package.
/// </summary>
internal static class HostFiles
{
    // Loaded or started by name from the program's folder, on some system.
    private static readonly FrozenSet<string> Code = FrozenSet.ToFrozenSet(
        [".dll", ".exe", ".so", ".dylib", ".winmd", ".com", ".bat", ".cmd", ".ps1", ".psm1", ".psd1", ".manifest", ".local",
        ".mui", ".cshtml", ".razor", ".aspx", ".ashx", ".asmx"],
        StringComparer.OrdinalIgnoreCase);

    // Settings that the host, ASP.NET Core, Azure Functions or a test host reads from the program's folder.
    private static readonly FrozenSet<string> Settings = FrozenSet.ToFrozenSet(
        ["host.json", "local.settings.json", "worker.config.json", "extensions.json", "testconfig.json", "xunit.runner.json",
        "launchSettings.json", "secrets.json", ".env"],
        StringComparer.OrdinalIgnoreCase);

    private static readonly string[] SettingsEndings =
        [".deps.json", ".runtimeconfig.json", ".runtimeconfig.dev.json", ".runtimeconfig.template.json", ".config",
        ".testconfig.json", ".staticwebassets.runtime.json",
         ".staticwebassets.endpoints.json", ".rsp"];

    // Texts that repos have without an extension; any other such name may be that of a program on Linux and macOS.
    private static readonly FrozenSet<string> Texts = FrozenSet.ToFrozenSet(
        ["LICENSE", "LICENCE", "COPYING", "NOTICE", "README", "CHANGELOG", "AUTHORS", "CONTRIBUTORS", "CITATION", "VERSION",
        "Dockerfile", "Makefile"], StringComparer.OrdinalIgnoreCase);

    // Extensions of what models are made of. The first bytes of other files beside the program are looked at: a program may have
    // any name.
    private static readonly FrozenSet<string> Data = FrozenSet.ToFrozenSet(
        [".json", ".jsonl", ".txt", ".md", ".onnx", ".onnx_data", ".safetensors", ".bin", ".gguf", ".ggml", ".pt", ".pth",
        ".ckpt", ".h5", ".model", ".npy", ".npz", ".parquet",
         ".csv", ".tsv", ".yaml", ".yml", ".xml", ".msgpack", ".tflite", ".pb", ".jpg", ".png", ".wav", ".gitattributes",
         ".gitignore"], StringComparer.OrdinalIgnoreCase);

    /// <summary>Says why a file may not come to where it would be, or null when it may.</summary>
    /// <param name="folder">The model's folder below the output; empty = the folder of the program.</param>
    /// <param name="path">The path in the repo.</param>
    public static string? Reject(string folder, string path)
    {
        ReadOnlySpan<char> name = path.AsSpan(path.LastIndexOf('/') + 1);
        if (Is(name, "web.config") || Is(name, ".htaccess") || Is(name, ".user.ini"))
            return "a web server takes settings from it in any folder";
        return folder.Length > 0 ? null : RejectBesideProgram(path, name);
    }

    private static string? RejectBesideProgram(string path, ReadOnlySpan<char> name)
    {
        ReadOnlySpan<char> extension = Path.GetExtension(name);
        // libx.so.1 is one, too.
        if (Code.GetAlternateLookup<ReadOnlySpan<char>>().Contains(extension)
            || name.Contains(".so.", StringComparison.OrdinalIgnoreCase))
            return "it is code that may be loaded by its name";
        if (PathNames.IsShortName(name))
            return "on Windows this may be the short name of another file";
        if (Is(name, "function.json"))
            return "Azure Functions runs what it names";
        if (path.StartsWith("wwwroot/", StringComparison.OrdinalIgnoreCase))
            return "a web application serves that folder";
        if (name.Length < path.Length)
            return null;
        if (Settings.GetAlternateLookup<ReadOnlySpan<char>>().Contains(name) || EndsInSettings(name)
            || (name.StartsWith("appsettings.", StringComparison.OrdinalIgnoreCase) && Is(extension, ".json")))
            return "the host takes settings from it";
        return extension.Length == 0 && !Texts.GetAlternateLookup<ReadOnlySpan<char>>().Contains(name)
            ? "a name without an extension may be that of a program" : null;
    }

    /// <summary>True when only a look at the file can tell whether it is a program that lies beside the project's own.</summary>
    public static bool MustLookInto(string folder, string path) =>
        folder.Length == 0 && !Data.GetAlternateLookup<ReadOnlySpan<char>>().Contains(Path.GetExtension(path.AsSpan()));

    /// <summary>True for a file that begins as programs do: ELF, PE, Mach-O of one system or several, or <c>#!</c>.</summary>
    public static bool IsProgram(string file)
    {
        Span<byte> head = stackalloc byte[4];
        using FileStream stream = File.OpenRead(file);
        head = head[..stream.ReadAtLeast(head, head.Length, throwOnEndOfStream: false)];
        return head.StartsWith("MZ"u8) || head.StartsWith("#!"u8) || head.SequenceEqual("\u007fELF"u8)
            || (head.Length == 4
                && BinaryPrimitives.ReadUInt32BigEndian(head) is 0xFEEDFACE or 0xFEEDFACF or 0xCEFAEDFE
                    or 0xCFFAEDFE or 0xCAFEBABE);
    }

    private static bool EndsInSettings(ReadOnlySpan<char> name)
    {
        foreach (string ending in SettingsEndings)
        {
            if (name.EndsWith(ending, StringComparison.OrdinalIgnoreCase))
                return true;
        }
        return false;
    }

    private static bool Is(ReadOnlySpan<char> name, string other) => name.Equals(other, StringComparison.OrdinalIgnoreCase);
}
