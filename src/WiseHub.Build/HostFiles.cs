using System.Buffers.Binary;
using System.Collections.Frozen;
using WiseHub.Client;

namespace WiseHub.Build;

/// <summary>
/// Files that a model may put into the output only if the project names them: files that the .NET host, the system's loader or a
/// web server uses because of their name. The project that declares the model is checked, because projects that reference it may
/// not use this package.
/// </summary>
internal static class HostFiles
{
    // Loaded or started by name from the program's folder on at least one system.
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

    // Common text files without an extension. Any other name without one may be a program on Linux and macOS.
    private static readonly FrozenSet<string> Texts = FrozenSet.ToFrozenSet(
        ["LICENSE", "LICENCE", "COPYING", "NOTICE", "README", "CHANGELOG", "AUTHORS", "CONTRIBUTORS", "CITATION", "VERSION",
        "Dockerfile", "Makefile"], StringComparer.OrdinalIgnoreCase);

    // Extensions of model files. The first bytes of other files beside the program are checked, because a program may have any
    // name.
    private static readonly FrozenSet<string> Data = FrozenSet.ToFrozenSet(
        [".json", ".jsonl", ".txt", ".md", ".onnx", ".onnx_data", ".safetensors", ".bin", ".gguf", ".ggml", ".pt", ".pth",
        ".ckpt", ".h5", ".model", ".npy", ".npz", ".parquet",
         ".csv", ".tsv", ".yaml", ".yml", ".xml", ".msgpack", ".tflite", ".pb", ".jpg", ".png", ".wav", ".gitattributes",
         ".gitignore"], StringComparer.OrdinalIgnoreCase);

    /// <summary>The reason to reject a file; null if it is allowed.</summary>
    /// <param name="folder">The model's folder below the output; empty = the folder of the program.</param>
    /// <param name="path">The path in the repo.</param>
    public static string? Reject(string folder, string path)
    {
        ReadOnlySpan<char> name = path.AsSpan(path.LastIndexOf('/') + 1);
        if (Is(name, "web.config") || Is(name, ".htaccess") || Is(name, ".user.ini"))
            return BuildMessages.ReadByWebServer;
        return folder.Length > 0 ? null : RejectBesideProgram(path, name);
    }

    private static string? RejectBesideProgram(string path, ReadOnlySpan<char> name)
    {
        ReadOnlySpan<char> extension = Path.GetExtension(name);
        // libx.so.1 is code, too.
        if (Code.GetAlternateLookup<ReadOnlySpan<char>>().Contains(extension)
            || name.Contains(".so.", StringComparison.OrdinalIgnoreCase))
            return BuildMessages.LoadedAsCode;
        if (PathNames.IsShortName(name))
            return BuildMessages.MayBeShortName;
        if (Is(name, "function.json"))
            return BuildMessages.RunByFunctions;
        if (path.StartsWith("wwwroot/", StringComparison.OrdinalIgnoreCase))
            return BuildMessages.ServedByWebApplication;
        if (name.Length < path.Length)
            return null;
        if (Settings.GetAlternateLookup<ReadOnlySpan<char>>().Contains(name) || EndsInSettings(name)
            || (name.StartsWith("appsettings.", StringComparison.OrdinalIgnoreCase) && Is(extension, ".json")))
            return BuildMessages.ReadByHost;
        return extension.Length == 0 && !Texts.GetAlternateLookup<ReadOnlySpan<char>>().Contains(name)
            ? BuildMessages.MayBeProgram : null;
    }

    /// <summary>True if only the content can tell whether a file beside the program is a program.</summary>
    public static bool MustLookInto(string folder, string path) =>
        folder.Length == 0 && !Data.GetAlternateLookup<ReadOnlySpan<char>>().Contains(Path.GetExtension(path.AsSpan()));

    /// <summary>True for a file that begins like a program: ELF, PE, Mach-O (also universal) or <c>#!</c>.</summary>
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
