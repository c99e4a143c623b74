namespace WiseHub.Client;

/// <summary>
/// Checks whether a name is usable on every system: no <c>..</c>, no absolute path, no drive, no device name, no control
/// character.
/// </summary>
public static class PathNames
{
    /// <summary>The reason why a relative path with <c>/</c> is not usable, or null.</summary>
    public static string? Reject(string path) => PathRules.Reject(path);

    /// <summary>The reason why a name is not usable for a file or folder, or null.</summary>
    public static string? RejectSegment(string segment) => PathRules.Reject(segment) ?? PathRules.RejectSegment(segment);

    /// <summary>
    /// True for a short name as Windows generates them for MS-DOS programs, such as <c>DIRECT~1.PRO</c>. It refers to the file
    /// for which it was generated.
    /// </summary>
    public static bool IsShortName(ReadOnlySpan<char> part)
    {
        int dot = part.LastIndexOf('.'), tilde = part.IndexOf('~');
        ReadOnlySpan<char> stem = dot < 0 ? part : part[..dot];
        return tilde > 0 && stem.Length <= 8 && tilde + 1 < stem.Length && (dot < 0 || part.Length - dot <= 4)
            && stem.IndexOf('.') < 0 && stem[(tilde + 1)..].IndexOfAnyExceptInRange('0', '9') < 0;
    }

    /// <summary>
    /// The form for comparing paths with <see cref="StringComparer.OrdinalIgnoreCase"/>: with <c>/</c>, and composed. Paths that
    /// are the same file on some system become equal.
    /// </summary>
    public static string Comparable(string path) => PathRules.Compose(path.Replace('\\', '/'));
}
