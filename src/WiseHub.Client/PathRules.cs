using System.Text;

namespace WiseHub.Client;

/// <summary>
/// Which file names may enter a build. Names come from a hub and are attacker input; they are judged by the rules of all
/// systems on every system, so that a lock file made on Linux is not a broken build on Windows.
/// </summary>
internal static class PathRules
{
    // NAME_MAX of ext4, xfs, btrfs, APFS (bytes) and NTFS (UTF-16 units).
    private const int MaxSegmentBytes = 255;

    // A quarter of Linux's PATH_MAX: the name comes on top of the output folder's own path.
    private const int MaxPathBytes = 1024;

    // https://learn.microsoft.com/windows/win32/fileio/naming-a-file: also with an extension; superscript digits count.
    private static bool IsDeviceName(ReadOnlySpan<char> stem) => stem.Length switch
    {
        3 => Is(stem, "CON") || Is(stem, "PRN") || Is(stem, "AUX") || Is(stem, "NUL"),
        4 => (Is(stem[..3], "COM") || Is(stem[..3], "LPT")) && (char.IsAsciiDigit(stem[3]) || stem[3] is '¹' or '²' or '³'),
        6 or 7 => Is(stem, "CONIN$") || Is(stem, "CONOUT$") || Is(stem, "CLOCK$"),
        _ => false,
    };

    private static bool Is(ReadOnlySpan<char> text, string name) => text.Equals(name, StringComparison.OrdinalIgnoreCase);

    /// <summary>Says in words why a path cannot be used, or null when it can.</summary>
    public static string? Reject(string path)
    {
        if (path.Length == 0)
            return "it is empty";
        if (path.Contains('\\', StringComparison.Ordinal))
            return "it has a backslash";
        if (path[0] == '/')
            return "it is absolute";
        foreach (char c in path)
        {
            if (char.IsControl(c))
                return "it has a control character";
            if (c is '<' or '>' or ':' or '"' or '|' or '?' or '*')
                return $"it has the character '{c}', which Windows does not allow";
        }
        int bytes;
        try
        {
            bytes = StrictUtf8.GetByteCount(path);
        }
        catch (EncoderFallbackException)
        {
            return "it is not valid Unicode";
        }
        if (bytes > MaxPathBytes)
            return $"it is longer than {MaxPathBytes} bytes";
        foreach (string segment in path.Split('/'))
        {
            if (RejectSegment(segment) is string reason)
                return reason;
        }
        return null;
    }

    /// <summary>Says in words why a name cannot be one folder or file name, or null when it can.</summary>
    public static string? RejectSegment(string segment)
    {
        if (segment.Length == 0)
            return "it has an empty part";
        if (segment.Contains('/', StringComparison.Ordinal))
            return "it has a '/'";
        if (segment is "." or "..")
            return $"it has the part '{segment}'";
        if (segment[^1] is '.' or ' ')
            return $"'{segment}' ends in a dot or space, which Windows drops";
        if (Encoding.UTF8.GetByteCount(segment) > MaxSegmentBytes)
            return $"a part of it is longer than {MaxSegmentBytes} bytes";
        int dot = segment.IndexOf('.', StringComparison.Ordinal);
        return IsDeviceName(segment.AsSpan(0, dot < 0 ? segment.Length : dot).TrimEnd(' ')) ? $"'{segment}' is a device name on Windows" : null;
    }

    /// <summary>Finds two paths that are one, or a file and a folder of one name, after case folding and normalisation.</summary>
    public static (string First, string Second)? FindCollision(IEnumerable<string> paths)
    {
        var files = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (string path in paths)
        {
            if (!files.TryAdd(Fold(path), path))
                return (files[Fold(path)], path);
        }
        // Folders that differ only in case are one folder on Windows and macOS and two on Linux.
        var folders = new Dictionary<string, string>(StringComparer.Ordinal);
        ReadOnlySpan<char> previous = default;
        foreach (string path in files.Values)
        {
            ReadOnlySpan<char> parent = path.AsSpan(0, Math.Max(0, path.LastIndexOf('/')));
            // Neighbours share their folder, and a folder needs to be looked at once.
            if (parent.SequenceEqual(previous))
                continue;
            previous = parent;
            for (int slash = path.IndexOf('/', StringComparison.Ordinal); slash > 0; slash = path.IndexOf('/', slash + 1))
            {
                string folder = path[..slash], folded = Fold(folder);
                if (files.TryGetValue(folded, out string? file))
                    return (file, path);
                if (!folders.TryAdd(folded, folder) && folders[folded] != folder)
                    return (folders[folded] + "/", folder + "/");
            }
        }
        return null;
    }

    /// <summary>The form in which two names are compared: Unicode composition and case set aside.</summary>
    public static string Fold(string path) =>
        // Where the process runs without ICU, Normalize returns its input, and only case is set aside.
        (System.Text.Ascii.IsValid(path) ? path : path.Normalize(NormalizationForm.FormC)).ToUpperInvariant();

    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);
}
