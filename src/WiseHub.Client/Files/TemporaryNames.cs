namespace WiseHub.Client.Files;

/// <summary>
/// Names of files that are there for a moment: a dot, 32 hexadecimal digits, and what they are. Whoever lists
/// folders knows them by it.
/// </summary>
internal static class TemporaryNames
{
    private const int Length = 1 + 32 + 4;

    private const string Unfinished = ".tmp", Replaced = ".old";

    /// <summary>A file that is made under this name and then renamed.</summary>
    public static string New() => $".{Guid.NewGuid():N}{Unfinished}";

    /// <summary>A file that was replaced while somebody used it, and is deleted when nobody does.</summary>
    public static string NewAside() => $".{Guid.NewGuid():N}{Replaced}";

    /// <summary>Whether a name is one of these.</summary>
    public static bool IsTemporary(string name) => Has(name, Unfinished) || IsAside(name);

    /// <summary>Whether a name is that of a file that was replaced.</summary>
    public static bool IsAside(string name) => Has(name, Replaced);

    private static bool Has(string name, string extension) =>
        name.Length == Length && name[0] == '.' && name.EndsWith(extension, StringComparison.Ordinal)
            && Guid.TryParseExact(name.AsSpan(1, 32), "N", out _);
}
