using System.Security.Cryptography;
using System.Text;

namespace WiseHub.Client.Files;

/// <summary>
/// Detects names that differ from the spelling on disk. Windows, macOS and some Linux mounts find <c>Case</c> as <c>case</c>;
/// APFS and HFS+ also treat composed and decomposed letters as equal. In a store, these are two different repos or branches.
/// </summary>
/// <param name="exists">True when the system finds a file or folder at a path.</param>
/// <param name="names">Lists the names in a folder, as spelled on disk.</param>
internal sealed class ExactNames(Func<string, bool> exists, Func<string, IEnumerable<string>> names)
{
    /// <summary>The disks of this machine.</summary>
    public static ExactNames OfSystem { get; } = new(Path.Exists,
        folder => Directory.EnumerateFileSystemEntries(folder).Select(e => Path.GetFileName(e)));

    // Not valid in any id or revision, because git rejects it, too. Followed by eight digits, it is not a short name of Windows.
    private const char Mark = '~';
    private const int MarkLength = 1 + 8;

    /// <summary>
    /// Finds the existing path that the disk treats as equal to a differently spelled one. Takes one look where the disk is
    /// case-sensitive.
    /// </summary>
    /// <param name="root">An existing folder.</param>
    /// <param name="relative">A path below it, with <c>/</c>.</param>
    /// <returns>The existing part of the path as spelled on disk; null if the spelling is the same or nothing exists.</returns>
    public string? FindOther(string root, string relative)
    {
        string[] parts = relative.Split('/');
        if (TellsApart(root, parts))
            return null;
        string folder = root;
        var spelled = new List<string>();
        bool isOther = false;
        foreach (string part in parts)
        {
            if (!exists(Path.Combine(folder, part)))
                break;
            // HFS+ decomposes all names, so both forms are the same there.
            string name = Spelling(folder, part, PathRules.Decompose(part));
            spelled.Add(name);
            isOther |= name != part;
            folder = Path.Combine(folder, name);
        }
        return isOther ? string.Join('/', spelled) : null;
    }

    /// <summary>
    /// The path for a name in a folder that only WiseHub reads, such as a cache. If the disk would treat it as another existing
    /// name, it gets a mark derived from its exact spelling.
    /// </summary>
    /// <param name="root">A folder.</param>
    /// <param name="relative">A path below it, with <c>/</c>.</param>
    /// <returns>The path with the system's separators.</returns>
    public string Locate(string root, string relative)
    {
        string[] parts = relative.Split('/');
        if (TellsApart(root, parts))
            return Path.Combine([root, .. parts]);
        string folder = root;
        foreach (string part in parts)
        {
            string plain = Path.Combine(folder, part), marked = plain + MarkOf(part);
            folder = exists(marked) || (exists(plain) && Spelling(folder, part, part) != part) ? marked : plain;
        }
        return folder;
    }

    /// <summary>Removes the mark that <see cref="Locate"/> may have added to a name.</summary>
    public static string WithoutMark(string name) => name.Length > MarkLength && name[^MarkLength] == Mark
        && name.EndsWith(MarkOf(name[..^MarkLength]), StringComparison.Ordinal)
        ? name[..^MarkLength] : name;

    private static string MarkOf(string name) =>
        Mark + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(name)).AsSpan(0, (MarkLength - 1) / 2));

    // The first part is a name chosen by WiseHub, such as models or refs: it has letters, and nothing creates it in another case.
    private bool TellsApart(string root, string[] parts) =>
        Array.TrueForAll(parts, p => Ascii.IsValid(p)) && !exists(Path.Combine(root, parts[0].ToUpperInvariant()));

    private string Spelling(string folder, string part, string alike)
    {
        string? other = null;
        foreach (string name in names(folder))
        {
            if (name == part || name == alike)
                return part;
            if (PathRules.AreOne(name, part))
                other = name;
        }
        // Found but not listed: a short name of Windows.
        return other ?? "?";
    }
}
