using System.Text;
using WiseHub.Client;

namespace WiseHub.Tool.Site;

/// <summary>
/// The folder of a site. Its marker lists the files that wisehub wrote, and no other file is changed or removed. While pages are
/// written, the marker lists the old and the new ones, so a run that was interrupted is continued by the next.
/// </summary>
internal sealed class SiteFolder
{
    public const string MarkerName = ".wisehub-site";
    private const string FirstLine = "wisehub site 1";
    private const string TemporaryName = MarkerName + ".tmp";

    private readonly string _folder;
    private readonly HashSet<string> _old;
    private readonly List<string> _new;

    private SiteFolder(string folder, HashSet<string> old, List<string> added) => (_folder, _old, _new) = (folder, old, added);

    /// <summary>Pages whose bytes changed, or that are new.</summary>
    public int Written { get; private set; }

    /// <summary>Pages that were removed.</summary>
    public int Removed { get; private set; }

    /// <summary>Checks that the folder is ours, and writes the marker.</summary>
    /// <param name="folder">Absolute path.</param>
    /// <param name="pages">All files of the site, relative to the folder, with <c>/</c>.</param>
    /// <exception cref="HubException">WISE1095: it has foreign files; WISE1096: it cannot be written.</exception>
    public static SiteFolder Open(string folder, IEnumerable<string> pages)
    {
        try
        {
            string marker = Path.Combine(folder, MarkerName);
            HashSet<string> old = [];
            if (File.Exists(marker))
                old = ReadMarker(marker);
            else if (File.Exists(folder) || (Directory.Exists(folder) && Directory.EnumerateFileSystemEntries(folder).Any()))
                throw SiteMessages.ForeignFolder(folder, MarkerName);
            var site = new SiteFolder(folder, old, [.. pages.Order(StringComparer.Ordinal)]);
            site.RefuseForeign();
            Directory.CreateDirectory(folder);
            site.WriteMarker(old.Union(site._new));
            return site;
        }
        catch (Exception e) when (IsFileSystem(e))
        {
            throw SiteMessages.NotWritten(folder, e);
        }
    }

    /// <summary>Writes a page, unless it is there with these bytes.</summary>
    /// <exception cref="HubException">WISE1096.</exception>
    public void Write(string page, byte[] content)
    {
        try
        {
            string path = PathOf(page);
            if (new FileInfo(path) is { Exists: true } file && file.Length == content.Length
                && File.ReadAllBytes(path).AsSpan().SequenceEqual(content))
                return;
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            WriteWhole(path, content);
            Written++;
        }
        catch (Exception e) when (IsFileSystem(e))
        {
            throw SiteMessages.NotWritten(_folder, e);
        }
    }

    /// <summary>Removes the pages that this run did not write, and their empty folders.</summary>
    /// <exception cref="HubException">WISE1096.</exception>
    public void Finish()
    {
        try
        {
            foreach (string page in _old.Except(_new).Where(p => File.Exists(PathOf(p))))
            {
                File.Delete(PathOf(page));
                Removed++;
                for (string folder = Path.GetDirectoryName(PathOf(page))!;
                    folder.Length > _folder.Length && !Directory.EnumerateFileSystemEntries(folder).Any();
                    folder = Path.GetDirectoryName(folder)!)
                    Directory.Delete(folder);
            }
            WriteMarker(_new);
        }
        catch (Exception e) when (IsFileSystem(e))
        {
            throw SiteMessages.NotWritten(_folder, e);
        }
    }

    private static HashSet<string> ReadMarker(string marker)
    {
        string[] lines = File.ReadAllLines(marker);
        if (lines is not [FirstLine, .. string[] pages])
            throw SiteMessages.DamagedMarker(marker, 1);
        // A path out of the folder would make the next run delete a file there.
        int wrong = Array.FindIndex(pages, p => PathNames.Reject(p) is not null);
        return wrong < 0 ? [.. pages] : throw SiteMessages.DamagedMarker(marker, wrong + 2);
    }

    // Before anything is written: a foreign file in place of a page, or a link that leads out of the folder.
    private void RefuseForeign()
    {
        foreach (string folder in _old.Concat(_new).SelectMany(FoldersOf).Distinct())
        {
            if (File.Exists(PathOf(folder)) || new DirectoryInfo(PathOf(folder)).LinkTarget is not null)
                throw SiteMessages.ForeignLink(PathOf(folder));
        }
        foreach (string page in _new.Where(p => !_old.Contains(p)))
        {
            if (Path.Exists(PathOf(page)))
                throw SiteMessages.ForeignFile(PathOf(page), MarkerName);
        }
    }

    private static IEnumerable<string> FoldersOf(string page)
    {
        for (int slash = page.IndexOf('/', StringComparison.Ordinal); slash > 0; slash = page.IndexOf('/', slash + 1))
            yield return page[..slash];
    }

    private void WriteMarker(IEnumerable<string> pages) => WriteWhole(Path.Combine(_folder, MarkerName),
        Encoding.UTF8.GetBytes(string.Concat(pages.Order(StringComparer.Ordinal).Prepend(FirstLine).Select(l => l + "\n"))));

    // A web server never sends half a page. A second run at the same time cannot open the file.
    private void WriteWhole(string path, byte[] content)
    {
        string temporary = Path.Combine(_folder, TemporaryName);
        using (var file = new FileStream(temporary, FileMode.Create, FileAccess.Write, FileShare.None))
            file.Write(content);
        File.Move(temporary, path, overwrite: true);
    }

    private string PathOf(string page) => Path.Combine(_folder, page.Replace('/', Path.DirectorySeparatorChar));

    private static bool IsFileSystem(Exception e) => e is IOException or UnauthorizedAccessException;
}
