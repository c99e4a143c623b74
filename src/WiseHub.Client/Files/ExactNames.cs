using System.Security.Cryptography;
using System.Text;

namespace WiseHub.Client.Files;

/// <summary>
/// Whether names stand on the disk as they are asked for. Windows, macOS and some mounts of Linux give <c>Case</c> to who
/// asks for <c>case</c>; APFS and HFS+ also take composed and decomposed letters for the same. In a store these are two
/// repos, or two branches.
/// </summary>
/// <param name="exists">Whether the system finds something at a path.</param>
/// <param name="names">The names in a folder, as they stand there.</param>
internal sealed class ExactNames(Func<string, bool> exists, Func<string, IEnumerable<string>> names)
{
    /// <summary>The disks of this machine.</summary>
    public static ExactNames OfSystem { get; } = new(Path.Exists,
        folder => Directory.EnumerateFileSystemEntries(folder).Select(e => Path.GetFileName(e)));

    // No id and no revision has it: git refuses it, too. With eight digits behind it, it is no short name of Windows.
    private const char Mark = '~';
    private const int MarkLength = 1 + 8;

    /// <summary>
    /// Finds what the disk takes for a path although it is spelled otherwise. One look at the disk where upper and
    /// lower case are two.
    /// </summary>
    /// <param name="root">An existing folder.</param>
    /// <param name="relative">A path below it, with <c>/</c>.</param>
    /// <returns>The path as it stands there, as far as it does; null when it is spelled so, or nothing is there.</returns>
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
            // HFS+ decomposes every name, so that both forms are one there.
            string name = Spelling(folder, part, PathRules.Decompose(part));
            spelled.Add(name);
            isOther |= name != part;
            folder = Path.Combine(folder, name);
        }
        return isOther ? string.Join('/', spelled) : null;
    }

    /// <summary>
    /// The place of a path where only we look, as in a cache: a name that the disk takes for another one gets a mark of
    /// its exact spelling.
    /// </summary>
    /// <param name="root">A folder.</param>
    /// <param name="relative">A path below it, with <c>/</c>.</param>
    /// <returns>The path in the system's own form.</returns>
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

    /// <summary>A name without the mark that <see cref="Locate"/> may have given it.</summary>
    public static string WithoutMark(string name) => name.Length > MarkLength && name[^MarkLength] == Mark
        && name.EndsWith(MarkOf(name[..^MarkLength]), StringComparison.Ordinal)
        ? name[..^MarkLength] : name;

    private static string MarkOf(string name) =>
        Mark + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(name)).AsSpan(0, (MarkLength - 1) / 2));

    // The first part is one of our own names, as models or refs: it has letters, and nobody makes a second one in other case.
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
        // Found, and not listed: by a short name of Windows.
        return other ?? "?";
    }
}
