using System.Buffers;
using System.Globalization;
using System.Text;

namespace WiseHub.Client;

/// <summary>
/// The rules for file names in a build. Names from a hub are untrusted input. They must follow the rules of all systems on every
/// system, so that a lock file made on Linux does not break a build on Windows.
/// </summary>
internal static class PathRules
{
    // NAME_MAX of ext4, xfs, btrfs, APFS (bytes) and NTFS (UTF-16 units).
    private const int MaxSegmentBytes = 255;

    // A quarter of Linux's PATH_MAX, because the output folder's path comes before it.
    private const int MaxPathBytes = 1024;

    // https://learn.microsoft.com/windows/win32/fileio/naming-a-file: with or without an extension; superscript digits count.
    private static bool IsDeviceName(ReadOnlySpan<char> stem) => stem.Length switch
    {
        3 => Is(stem, "CON") || Is(stem, "PRN") || Is(stem, "AUX") || Is(stem, "NUL"),
        4 => (Is(stem[..3], "COM") || Is(stem[..3], "LPT")) && (char.IsAsciiDigit(stem[3]) || stem[3] is '¹' or '²' or '³'),
        6 or 7 => Is(stem, "CONIN$") || Is(stem, "CONOUT$") || Is(stem, "CLOCK$"),
        _ => false,
    };

    private static bool Is(ReadOnlySpan<char> text, string name) => text.Equals(name, StringComparison.OrdinalIgnoreCase);

    // ASCII without control characters and those in RejectCharacters. Most paths have no others, so only their parts need a
    // check.
    private static readonly SearchValues<char> Plain =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789 !#$%&'()+,-./;=@[]^_`{}~");

    /// <summary>The reason why a path is not usable, or null.</summary>
    public static Text? Reject(string path)
    {
        if (path.Length == 0)
            return $"it is empty";
        bool isPlain = path.AsSpan().IndexOfAnyExcept(Plain) < 0;
        if (!isPlain && path.Contains('\\', StringComparison.Ordinal))
            return $"it has a backslash";
        if (path[0] == '/')
            return $"it is absolute";
        if (!isPlain && RejectCharacters(path) is Text hostile)
            return hostile;
        if ((isPlain ? path.Length : Encoding.UTF8.GetByteCount(path)) > MaxPathBytes)
            return $"it is longer than {MaxPathBytes} bytes";
        ReadOnlySpan<char> rest = path;
        for (int slash; (slash = rest.IndexOf('/')) >= 0; rest = rest[(slash + 1)..])
        {
            if (RejectPart(rest[..slash]) is Text reason)
                return reason;
        }
        return RejectPart(rest);
    }

    /// <summary>A name that cannot forge log lines in a message.</summary>
    public static string Printable(string name) =>
        string.Concat(name.Take(200).Select(c => char.IsControl(c) || char.IsSurrogate(c) ? '\uFFFD' : c));

    /// <summary>The reason why a name is not usable for a file or folder, or null.</summary>
    public static Text? RejectSegment(string segment) =>
        segment.Contains('/', StringComparison.Ordinal) ? (Text)$"it has a '/'" : RejectPart(segment);

    private static Text? RejectCharacters(string path)
    {
        foreach (char c in path)
        {
            if (char.IsControl(c))
                return $"it has a control character";
            if (c == FileNameBytes.NotUtf8)
                return $"it is not UTF-8 ('{c}' marks the other bytes)";
            if (!CanCompose && IsOfSeveralForms(c))
                return $"its character U+{(int)c:X4} has several written forms, which cannot be compared without ICU. "
                    + $"Install libicu, and do not set DOTNET_SYSTEM_GLOBALIZATION_INVARIANT";
            if (c is '<' or '>' or ':' or '"' or '|' or '?' or '*')
                return $"it has the character '{c}', which Windows does not allow";
        }
        try
        {
            StrictUtf8.GetByteCount(path);
            return null;
        }
        catch (EncoderFallbackException)
        {
            return $"it is not valid Unicode";
        }
    }

    private static Text? RejectPart(ReadOnlySpan<char> part)
    {
        if (part.Length == 0)
            return $"it has an empty part";
        if (part is "." or "..")
            return $"it has the part '{part}'";
        if (RepositoryFolders.ToolOf(part) is string tool)
            return $"'{part}' is a folder of {tool}, which may run programs in it";
        if (part[^1] is '.' or ' ')
            return $"'{part}' ends in a dot or space, which Windows drops";
        // A UTF-16 unit takes at most three bytes (a surrogate pair takes four).
        if (part.Length > MaxSegmentBytes / 3 && Encoding.UTF8.GetByteCount(part) > MaxSegmentBytes)
            return $"a part of it is longer than {MaxSegmentBytes} bytes";
        int dot = part.IndexOf('.');
        return IsDeviceName((dot < 0 ? part : part[..dot]).TrimEnd(' ')) ? (Text)$"'{part}' is a device name on Windows" : null;
    }

    /// <summary>
    /// Finds two paths that become equal, or a file and a folder with the same name, after case folding and normalisation.
    /// </summary>
    public static (string First, string Second)? FindCollision(IReadOnlyCollection<string> paths) =>
        FindCollisions(paths) is [var first, ..] ? first : null;

    /// <summary>
    /// Finds all pairs of paths that become equal, or a file and a folder with the same name, after case folding and
    /// normalisation.
    /// </summary>
    public static List<(string First, string Second)> FindCollisions(IReadOnlyCollection<string> paths)
    {
        var collisions = new List<(string First, string Second)>();
        var files = new Dictionary<string, string>(paths.Count, IgnoreCase);
        foreach (string path in paths)
        {
            if (!files.TryAdd(Compose(path), path))
                collisions.Add((files[Compose(path)], path));
        }
        // Folders that differ in case are one folder on Windows and macOS, and two on Linux.
        var folders = new Dictionary<string, string>(IgnoreCase);
        ReadOnlySpan<char> previous = default;
        foreach (string path in files.Values)
        {
            ReadOnlySpan<char> parent = path.AsSpan(0, Math.Max(0, path.LastIndexOf('/')));
            // Neighbours share their folder, which needs only one check.
            if (parent.SequenceEqual(previous))
                continue;
            previous = parent;
            for (int slash = path.IndexOf('/', StringComparison.Ordinal); slash > 0; slash = path.IndexOf('/', slash + 1))
            {
                string folder = path[..slash], composed = Compose(folder);
                if (files.TryGetValue(composed, out string? file))
                    collisions.Add((file, path));
                if (!folders.TryAdd(composed, folder) && folders[composed] != folder)
                    collisions.Add((folders[composed] + "/", folder + "/"));
            }
        }
        return collisions;
    }

    /// <summary>
    /// Finds a new path that equals an existing path, or is a file in place of an existing folder, after case folding and
    /// normalisation.
    /// </summary>
    /// <returns>The existing path (a folder ends in <c>/</c>), and the new path.</returns>
    public static (string There, string Added)? FindCollisionWith(
        IReadOnlyCollection<string> there, IReadOnlyCollection<string> added)
    {
        // A folder may already exist in several spellings; a new path is accepted if it uses one of them.
        var files = new Dictionary<string, string>(IgnoreCase);
        var folders = new Dictionary<string, HashSet<string>>(IgnoreCase);
        foreach (string path in there)
        {
            files.TryAdd(Compose(path), path);
            foreach (string folder in FoldersOf(path))
            {
                if (!folders.TryGetValue(Compose(folder), out HashSet<string>? spellings))
                    folders[Compose(folder)] = spellings = new HashSet<string>(StringComparer.Ordinal);
                spellings.Add(folder);
            }
        }
        foreach (string path in added)
        {
            if (files.TryGetValue(Compose(path), out string? file))
                return (file, path);
            if (folders.TryGetValue(Compose(path), out HashSet<string>? asFolder))
                return (asFolder.Order(Utf8Ordinal.Instance).First() + "/", path);
            foreach (string folder in FoldersOf(path))
            {
                if (files.TryGetValue(Compose(folder), out file))
                    return (file, path);
                if (folders.TryGetValue(Compose(folder), out HashSet<string>? spellings) && !spellings.Contains(folder))
                    return (spellings.Order(Utf8Ordinal.Instance).First() + "/", path);
            }
        }
        return null;
    }

    private static IEnumerable<string> FoldersOf(string path)
    {
        for (int slash = path.IndexOf('/', StringComparison.Ordinal); slash > 0; slash = path.IndexOf('/', slash + 1))
            yield return path[..slash];
    }

    // Names are compared regardless of Unicode composition and case; this comparer upper-cases like the invariant culture.
    private static readonly StringComparer IgnoreCase = StringComparer.OrdinalIgnoreCase;

    /// <summary>True when some system treats two names as equal.</summary>
    public static bool AreOne(string name, string other) => IgnoreCase.Equals(Compose(name), Compose(other));

    /// <summary>The decomposed form used by HFS+.</summary>
    public static string Decompose(string name) => InForm(name, NormalizationForm.FormD);

    // Without ICU, Normalize returns its input.
    private static readonly bool CanCompose = "e\u0301".Normalize(NormalizationForm.FormC).Length == 1;

    // Combining marks, parts of Hangul, and compatibility characters. If two names become equal by composition, one of them has
    // such a character.
    internal static bool IsOfSeveralForms(char c) =>
        c is (>= '\u1100' and <= '\u11FF') or '\u2126' or '\u212A' or '\u212B' or (>= '\uF900' and <= '\uFAFF')
            || CharUnicodeInfo.GetUnicodeCategory(c) is UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark;

    public static string Compose(string path) => InForm(path, NormalizationForm.FormC);

    private static string InForm(string name, NormalizationForm form)
    {
        if (System.Text.Ascii.IsValid(name))
            return name;
        try
        {
            return name.Normalize(form);
        }
        catch (ArgumentException)
        {
            // Windows cannot normalize a noncharacter such as U+FFFF; its file systems accept the name unchanged.
            return name;
        }
    }

    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);
}
