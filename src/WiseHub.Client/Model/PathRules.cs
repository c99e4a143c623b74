using System.Buffers;
using System.Globalization;
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

    // ASCII but control characters and those that RejectCharacters names: most paths have no other, and then only their
    // parts need a look.
    private static readonly SearchValues<char> Plain =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789 !#$%&'()+,-./;=@[]^_`{}~");

    /// <summary>Says in words why a path cannot be used, or null when it can.</summary>
    public static string? Reject(string path)
    {
        if (path.Length == 0)
            return "it is empty";
        bool isPlain = path.AsSpan().IndexOfAnyExcept(Plain) < 0;
        if (!isPlain && path.Contains('\\', StringComparison.Ordinal))
            return "it has a backslash";
        if (path[0] == '/')
            return "it is absolute";
        if (!isPlain && RejectCharacters(path) is string hostile)
            return hostile;
        if ((isPlain ? path.Length : Encoding.UTF8.GetByteCount(path)) > MaxPathBytes)
            return $"it is longer than {MaxPathBytes} bytes";
        ReadOnlySpan<char> rest = path;
        for (int slash; (slash = rest.IndexOf('/')) >= 0; rest = rest[(slash + 1)..])
        {
            if (RejectPart(rest[..slash]) is string reason)
                return reason;
        }
        return RejectPart(rest);
    }

    /// <summary>A name in a message must not be able to forge lines of a log.</summary>
    public static string Printable(string name) =>
        string.Concat(name.Take(200).Select(c => char.IsControl(c) || char.IsSurrogate(c) ? '\uFFFD' : c));

    /// <summary>Says in words why a name cannot be one folder or file name, or null when it can.</summary>
    public static string? RejectSegment(string segment) =>
        segment.Contains('/', StringComparison.Ordinal) ? "it has a '/'" : RejectPart(segment);

    private static string? RejectCharacters(string path)
    {
        foreach (char c in path)
        {
            if (char.IsControl(c))
                return "it has a control character";
            if (c == FileNameBytes.NotUtf8)
                return $"it is not UTF-8 ('{c}' stands for what is not)";
            if (!CanCompose && IsOfSeveralForms(c))
                return $"its character U+{(int)c:X4} can also be written in another form, and which name that is cannot be told "
                    + "without ICU. Install libicu, and do not set DOTNET_SYSTEM_GLOBALIZATION_INVARIANT";
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
            return "it is not valid Unicode";
        }
    }

    private static string? RejectPart(ReadOnlySpan<char> part)
    {
        if (part.Length == 0)
            return "it has an empty part";
        if (part is "." or "..")
            return $"it has the part '{part}'";
        if (RepositoryFolders.ToolOf(part) is string tool)
            return $"'{part}' is a folder of {tool}, which may run a program that lies there";
        if (part[^1] is '.' or ' ')
            return $"'{part}' ends in a dot or space, which Windows drops";
        // A character has at most three bytes (a surrogate pair has four).
        if (part.Length > MaxSegmentBytes / 3 && Encoding.UTF8.GetByteCount(part) > MaxSegmentBytes)
            return $"a part of it is longer than {MaxSegmentBytes} bytes";
        int dot = part.IndexOf('.');
        return IsDeviceName((dot < 0 ? part : part[..dot]).TrimEnd(' ')) ? $"'{part}' is a device name on Windows" : null;
    }

    /// <summary>Finds two paths that are one, or a file and a folder of one name, after case folding and normalisation.</summary>
    public static (string First, string Second)? FindCollision(IReadOnlyCollection<string> paths) =>
        FindCollisions(paths) is [var first, ..] ? first : null;

    /// <summary>
    /// Finds all pairs of paths that are one, or a file and a folder of one name, after case folding and normalisation.
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
        // Folders that differ only in case are one folder on Windows and macOS and two on Linux.
        var folders = new Dictionary<string, string>(IgnoreCase);
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
    /// Finds a new path that is one with a path that is there, or a file where that is a folder, after case folding
    /// and normalisation.
    /// </summary>
    /// <returns>What is there (a folder ends in <c>/</c>), and the new path.</returns>
    public static (string There, string Added)? FindCollisionWith(
        IReadOnlyCollection<string> there, IReadOnlyCollection<string> added)
    {
        // Several spellings of one folder may be there already; a new path fits if it uses one of them.
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

    // Two names are compared with Unicode composition and case set aside; this comparer upper-cases as the
    // invariant culture does.
    private static readonly StringComparer IgnoreCase = StringComparer.OrdinalIgnoreCase;

    /// <summary>Whether some system takes two names for one.</summary>
    public static bool AreOne(string name, string other) => IgnoreCase.Equals(Compose(name), Compose(other));

    /// <summary>The form that HFS+ gives to every name.</summary>
    public static string Decompose(string name) => InForm(name, NormalizationForm.FormD);

    // Where the process runs without ICU, Normalize returns its input.
    private static readonly bool CanCompose = "e\u0301".Normalize(NormalizationForm.FormC).Length == 1;

    // Marks that may stand behind a letter instead of in it, the parts of Hangul, and what stands for another character: of two
    // names that are one after composition, one has such a character.
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
            // Windows normalizes no text with a noncharacter, such as U+FFFF; its file systems take the name as it is.
            return name;
        }
    }

    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);
}
