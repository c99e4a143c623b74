using System.IO.Enumeration;
using WiseHub.Client.Hubs;
using WiseHub.Client.Store;

namespace WiseHub.Client.Pushing;

/// <summary>
/// Lists the files of a folder for a push. A link to a file counts as a file with that content, wherever the target is, because
/// caches store single contents that way. A link to a folder is followed if the target is inside the walked folder. Outside, it
/// would put unlisted files (a home folder, say) into a repo, so it is an error, and so is an endless circle.
/// </summary>
internal sealed class FolderWalk(string root, FileSelection selection)
{
    private static readonly EnumerationOptions Everything = new() { AttributesToSkip = 0, IgnoreInaccessible = false };
    private static readonly StringComparison SamePath = OperatingSystem.IsLinux() ? StringComparison.Ordinal
        : StringComparison.OrdinalIgnoreCase;

    // A pattern that ends in a star and matches a folder with its slash also matches everything below, so that folder need not be
    // read.
    private readonly FileSelection? _pruned =
        selection.Ignore.Where(p => p.EndsWith('*')).ToList() is { Count: > 0 } patterns ? new FileSelection(patterns, []) : null;
    private readonly FileSelection? _ignored = selection.Ignore.Count > 0 ? new FileSelection(selection.Ignore, []) : null;
    private readonly List<(string Source, string Relative)> _files = [];
    private readonly List<string> _realFolders = [];
    private readonly List<string> _notUtf8 = [];
    private readonly string _realRoot = RealPath(root);

    private readonly record struct Entry(string Name, bool IsFolder, bool IsLink);

    /// <summary>Names of files excluded by the patterns. A folder excluded as a whole is one name, with its slash.</summary>
    public List<string> Excluded { get; } = [];

    /// <exception cref="HubException">
    /// WISE5004: a link leads to nothing, in a circle, or to a folder outside. WISE3003: names are not UTF-8.
    /// </exception>
    public List<(string Source, string Relative)> Files()
    {
        Enter(root, "", _realRoot);
        return _notUtf8.Count == 0 ? _files : throw PushMessages.NamesNotUtf8(root, _notUtf8);
    }

    private void Enter(string folder, string prefix, string real)
    {
        _realFolders.Add(real);
        Entry[] entries = [.. new FileSystemEnumerable<Entry>(folder,
            (ref FileSystemEntry e) => new Entry(e.FileName.ToString(), e.IsDirectory,
                e.Attributes.HasFlag(FileAttributes.ReparsePoint)), Everything)];
        // Sorted, so that every run reports the same one of several mistakes.
        Array.Sort(entries, (a, b) => string.CompareOrdinal(a.Name, b.Name));
        foreach (Entry entry in entries)
        {
            string path = Path.Combine(folder, entry.Name), relative = prefix + entry.Name;
            if (IsNeverPushed(relative))
                continue;
            if (!OperatingSystem.IsWindows() && entry.Name.Contains(FileNameBytes.NotUtf8, StringComparison.Ordinal))
                Refuse(relative, entry.IsFolder);
            else if (entry.IsFolder)
                Descend(path, relative, entry.IsLink ? Follow(path, relative) : Path.Combine(real, entry.Name));
            else if (!selection.Matches(relative))
                Excluded.Add(relative);
            else if (entry.IsLink && FileStamp.Of(path) is null)
                throw PushMessages.LinkRefused(root, relative, PushMessages.DeadLink(new FileInfo(path).LinkTarget));
            else
                _files.Add((path, relative));
        }
        _realFolders.RemoveAt(_realFolders.Count - 1);
    }

    private void Descend(string path, string relative, string? real)
    {
        if (real is null || _pruned?.Matches(relative + "/") == true)
            Excluded.Add(relative + "/");
        else
            Enter(path, relative + "/", real);
    }

    // The system cannot find such a name by the text decoded from its bytes.
    private void Refuse(string relative, bool isFolder)
    {
        string name = isFolder ? relative + "/" : relative;
        bool isExcluded = isFolder ? _ignored is not null && (_ignored.Matches(relative) || _ignored.Matches(name))
            : !selection.Matches(relative);
        (isExcluded ? Excluded : _notUtf8).Add(name);
    }

    // Null: excluded by the patterns.
    private string? Follow(string path, string relative)
    {
        if (_ignored is not null && (_ignored.Matches(relative) || _ignored.Matches(relative + "/")))
            return null;
        string target = RealPath(path);
        if (_realFolders.Exists(f => IsInside(f, target)))
            throw PushMessages.LinkRefused(root, relative, PushMessages.LinkToParent(target));
        return IsInside(target, _realRoot) ? target
            : throw PushMessages.LinkRefused(root, relative, PushMessages.LinkToOutside(target));
    }

    private static bool IsInside(string path, string folder) =>
        path.StartsWith(folder, SamePath) && (path.Length == folder.Length || Path.EndsInDirectorySeparator(folder)
            || path[folder.Length] == Path.DirectorySeparatorChar);

    // Hubs refuse the first and the last name in any folder: another repo's history, and a client's notes about downloads. The
    // two names between are WiseHub's own files, which describe where a project gets its models; to push one, name it as a file.
    private static bool IsNeverPushed(string relative)
    {
        int slash = relative.LastIndexOf('/');
        ReadOnlySpan<char> name = relative.AsSpan(slash + 1);
        return name.Equals(".git", StringComparison.OrdinalIgnoreCase)
            || name.Equals("wise.lock.json", StringComparison.OrdinalIgnoreCase)
            || name.Equals("wisehub.json", StringComparison.OrdinalIgnoreCase)
            || Protocols.All.NoteFolders.Any(f => relative.Equals(f, StringComparison.OrdinalIgnoreCase)
                || relative.EndsWith("/" + f, StringComparison.OrdinalIgnoreCase));
    }

    // Only for existing paths: for these, the system could resolve all links.
    private static string RealPath(string path)
    {
        string full = Path.TrimEndingDirectorySeparator(Path.GetFullPath(path)), real = Path.GetPathRoot(full)!;
        foreach (string name in full[real.Length..].Split(Path.DirectorySeparatorChar, StringSplitOptions.RemoveEmptyEntries))
        {
            string next = Path.Combine(real, name);
            real = new DirectoryInfo(next).ResolveLinkTarget(returnFinalTarget: false) is FileSystemInfo target
                ? RealPath(target.FullName) : next;
        }
        return real;
    }
}
