using System.Security.Cryptography;

namespace WiseHub.Client.Files;

/// <summary>
/// Names of temporary files: a dot, 32 hexadecimal digits and an extension. Code that lists folders recognises them.
/// </summary>
internal static class TemporaryNames
{
    private const int Length = 1 + 32 + 4;

    private const string Unfinished = ".tmp", Replaced = ".old";

    private static readonly ulong Process = BitConverter.ToUInt64(RandomNumberGenerator.GetBytes(sizeof(ulong)));

    private static ulong _count;

    /// <summary>32 unique hexadecimal digits. Random bytes for each would take a system call for each.</summary>
    public static string Stem() => $"{Process:x16}{Interlocked.Increment(ref _count):x16}";

    /// <summary>A name for an unfinished file, which is renamed when complete.</summary>
    public static string New() => $".{Stem()}{Unfinished}";

    /// <summary>A name for a replaced file that a program still uses. It is deleted when nothing uses it any more.</summary>
    public static string NewAside() => $".{Stem()}{Replaced}";

    /// <summary>True for the name of a temporary file.</summary>
    public static bool IsTemporary(string name) => Has(name, Unfinished) || IsAside(name);

    /// <summary>True for the name of a replaced file.</summary>
    public static bool IsAside(string name) => Has(name, Replaced);

    private static bool Has(string name, string extension) =>
        name.Length == Length && name[0] == '.' && name.EndsWith(extension, StringComparison.Ordinal)
            && Guid.TryParseExact(name.AsSpan(1, 32), "N", out _);
}
