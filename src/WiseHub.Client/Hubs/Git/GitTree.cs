using System.Globalization;
using System.Text;

namespace WiseHub.Client.Hubs.Git;

/// <summary>An entry of a commit's tree.</summary>
/// <param name="Mode">Git's mode: 100644, 100755 (executable), 120000 (symbolic link), 160000 (submodule).</param>
/// <param name="Oid">The id of the blob, or of the submodule's commit.</param>
/// <param name="Path">In the repo; bytes that are not UTF-8 are encoded by <see cref="FileNameBytes"/>.</param>
internal sealed record GitEntry(string Mode, string Oid, string Path)
{
    public const string File = "100644", Executable = "100755", Link = "120000", Submodule = "160000", Folder = "40000";

    /// <summary>Bytes of the blob, if the list has them.</summary>
    public long? Size { get; init; }
}

/// <summary>Reads the file list of a commit.</summary>
internal static class GitTree
{
    // The limit of archives, too. A few folders that contain each other many times would make an endless tree.
    private const int MostEntries = 1_000_000;

    private const int LongestPath = 1 << 15;

    /// <summary>Reads the output of <c>git ls-tree -r -z</c>, with or without <c>-l</c>.</summary>
    /// <exception cref="GitFailure">It is no such output.</exception>
    public static List<GitEntry> ParseListing(ReadOnlySpan<byte> output)
    {
        var entries = new List<GitEntry>();
        while (!output.IsEmpty)
        {
            int end = output.IndexOf((byte)0);
            ReadOnlySpan<byte> line = end < 0 ? output : output[..end];
            output = end < 0 ? default : output[(end + 1)..];
            // "<mode> <type> <oid>[ <size>]\t<path>"
            int tab = line.IndexOf((byte)'\t');
            string[] parts = Encoding.ASCII.GetString(line[..Math.Max(tab, 0)]).Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (parts.Length is not (3 or 4))
                throw new GitFailure((Text)$"git ls-tree printed an invalid line");
            string? length = parts.ElementAtOrDefault(3);
            bool isKnown = long.TryParse(length, NumberStyles.None, CultureInfo.InvariantCulture, out long size);
            string path = FileNameBytes.Decode(line[(tab + 1)..]);
            entries.Add(new GitEntry(parts[0], parts[2], path) { Size = isKnown ? size : null });
        }
        return entries;
    }

    /// <summary>Reads the tree objects of a commit.</summary>
    /// <param name="commit">Its id.</param>
    /// <param name="read">Reads a commit or tree object.</param>
    /// <param name="cancel">Cancels the reading.</param>
    /// <exception cref="FormatException">An object is invalid, or there are too many entries.</exception>
    public static List<GitEntry> Read(string commit, Func<string, byte[]> read, CancellationToken cancel)
    {
        // "tree <oid>\n" is the first line of a commit (https://git-scm.com/book/en/v2/Git-Internals-Git-Objects).
        ReadOnlySpan<byte> text = read(commit);
        if (!text.StartsWith("tree "u8) || text.Length < 6 + commit.Length || text[5 + commit.Length] != '\n')
            throw new FormatException((Text)$"the commit names no tree");
        var entries = new List<GitEntry>();
        var folders = new Stack<(string Oid, string Path)>([(Encoding.ASCII.GetString(text.Slice(5, commit.Length)), "")]);
        while (folders.TryPop(out (string Oid, string Path) folder))
        {
            cancel.ThrowIfCancellationRequested();
            ReadOnlySpan<byte> rest = read(folder.Oid);
            while (!rest.IsEmpty)
            {
                // "<mode> <name>\0<raw oid>"
                int space = rest.IndexOf((byte)' '), end = rest.IndexOf((byte)0), after = end + 1 + (commit.Length / 2);
                if (space <= 0 || end < space || after > rest.Length)
                    throw new FormatException((Text)$"a folder of the commit is invalid");
                string mode = Encoding.ASCII.GetString(rest[..space]), oid = Convert.ToHexStringLower(rest[(end + 1)..after]);
                var entry = new GitEntry(mode, oid, folder.Path + FileNameBytes.Decode(rest[(space + 1)..end]));
                rest = rest[after..];
                if (entry.Path.Length > LongestPath || entries.Count + folders.Count >= MostEntries)
                    throw new FormatException((Text)$"the commit has more than {MostEntries} files, or endlessly nested folders");
                if (entry.Mode == GitEntry.Folder)
                    folders.Push((entry.Oid, entry.Path + "/"));
                else
                    entries.Add(entry);
            }
        }
        entries.Sort((a, b) => Utf8Ordinal.Instance.Compare(a.Path, b.Path));
        return entries;
    }
}
