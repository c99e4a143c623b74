using System.Buffers;
using System.Text;

namespace WiseHub.Client;

/// <summary>
/// The data folders of version control systems. Hooks and settings in them can run programs, so no hub may write a file there,
/// under any spelling that some file system resolves to the folder. The rules for spellings are those of git (<c>verify_path</c>,
/// <c>is_hfs_dotgit</c>, <c>is_ntfs_dotgit</c>).
/// </summary>
internal static class RepositoryFolders
{
    private static readonly (string Name, string Tool)[] All =
        [("git", "git"), ("hg", "Mercurial"), ("svn", "Subversion"), ("jj", "Jujutsu"), ("sl", "Sapling"), ("bzr", "Bazaar")];

    /// <summary>The name of the tool whose data folder a path part is on some system, or null.</summary>
    public static string? ToolOf(ReadOnlySpan<char> part)
    {
        if (Ascii.IsValid(part))
            return ToolOfPlain(part);
        // Path parts have a limited length, but this method is also called with unchecked names.
        char[] visible = ArrayPool<char>.Shared.Rent(part.Length);
        try
        {
            int length = 0;
            foreach (Rune rune in part.EnumerateRunes())
            {
                if (!IsIgnorable(rune.Value))
                    length += rune.EncodeToUtf16(visible.AsSpan(length));
            }
            return ToolOfPlain(visible.AsSpan(0, length));
        }
        finally
        {
            ArrayPool<char>.Shared.Return(visible);
        }
    }

    private static string? ToolOfPlain(ReadOnlySpan<char> part)
    {
        // NTFS: a colon starts the name of a stream, and dots and spaces at the end are dropped.
        if (part.IndexOf(':') is >= 0 and int colon)
            part = part[..colon];
        part = part.TrimEnd(" .");
        ReadOnlySpan<char> name;
        if (part.StartsWith('.'))
            name = part[1..];
        // The short name of such a folder on Windows; with a number, because the first may be taken.
        else if (part.IndexOf('~') is > 0 and int tilde && tilde + 1 < part.Length
            && part[(tilde + 1)..].IndexOfAnyExceptInRange('0', '9') < 0)
        {
            name = part[..tilde];
        }
        else
        {
            return null;
        }
        foreach ((string folder, string tool) in All)
        {
            if (name.Equals(folder, StringComparison.OrdinalIgnoreCase))
                return tool;
        }
        return null;
    }

    // Code points ignored in comparisons by HFS+ (Apple's technical note 1150) and case-insensitive ext4:
    // Default_Ignorable_Code_Point of https://www.unicode.org/Public/UCD/latest/ucd/DerivedCoreProperties.txt
    private static bool IsIgnorable(int c) => c is 0x00AD or 0x034F or 0x061C or 0x115F or 0x1160 or 0x17B4 or 0x17B5
        or (>= 0x180B and <= 0x180F) or (>= 0x200B and <= 0x200F) or (>= 0x202A and <= 0x202E) or (>= 0x2060 and <= 0x206F)
        or 0x3164 or (>= 0xFE00 and <= 0xFE0F) or 0xFEFF or 0xFFA0
        or (>= 0xFFF0 and <= 0xFFF8) or (>= 0x1BCA0 and <= 0x1BCA3) or (>= 0x1D173 and <= 0x1D17A) or (>= 0xE0000 and <= 0xE0FFF);
}
