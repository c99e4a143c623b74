namespace WiseHub.Client;

/// <summary>
/// Says whether a name can be used on every system: no <c>..</c>, nothing absolute, no drive, no device name, no
/// control character.
/// </summary>
public static class PathNames
{
    /// <summary>Why a relative path with <c>/</c> cannot be used, or null when it can.</summary>
    public static string? Reject(string path) => PathRules.Reject(path);

    /// <summary>Why a name cannot be one folder or file name, or null when it can.</summary>
    public static string? RejectSegment(string segment) => PathRules.Reject(segment) ?? PathRules.RejectSegment(segment);

    /// <summary>
    /// True for a name as Windows makes them for programs of MS-DOS, such as <c>DIRECT~1.PRO</c>: where a file is there whose
    /// short name this is, it is that file's.
    /// </summary>
    public static bool IsShortName(ReadOnlySpan<char> part)
    {
        int dot = part.LastIndexOf('.'), tilde = part.IndexOf('~');
        ReadOnlySpan<char> stem = dot < 0 ? part : part[..dot];
        return tilde > 0 && stem.Length <= 8 && tilde + 1 < stem.Length && (dot < 0 || part.Length - dot <= 4)
            && stem.IndexOf('.') < 0 && stem[(tilde + 1)..].IndexOfAnyExceptInRange('0', '9') < 0;
    }

    /// <summary>
    /// The form in which paths are compared, by <see cref="StringComparer.OrdinalIgnoreCase"/>: with <c>/</c>, and composed.
    /// Paths that are one file on some system are the same then.
    /// </summary>
    public static string Comparable(string path) => PathRules.Compose(path.Replace('\\', '/'));
}
