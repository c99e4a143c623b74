using System.IO.Enumeration;
using WiseHub.Client.Hubs;
using WiseHub.Client.Store;

namespace WiseHub.Client.Pushing;

/// <summary>
/// The files of a folder, for a push. A link to a file is a file with that content, wherever it leads: so do caches keep single
/// contents under names. A link to a folder is followed when that folder is inside the walked one; outside, it would bring what
/// nobody listed (a home folder, say) into a repo, and it is an error, as a circle is, which has no end.
/// </summary>
internal sealed class FolderWalk(string root, FileSelection selection)
{
    private const int NamesShown = 10;

    private static readonly EnumerationOptions Everything = new() { AttributesToSkip = 0, IgnoreInaccessible = false };
    private static readonly StringComparison SamePath = OperatingSystem.IsLinux() ? StringComparison.Ordinal
        : StringComparison.OrdinalIgnoreCase;

    // A pattern that ends in a star and matches a folder with its slash matches whatever is below, so the
    // folder need not be read.
    private readonly FileSelection? _pruned =
        selection.Ignore.Where(p => p.EndsWith('*')).ToList() is { Count: > 0 } patterns ? new FileSelection(patterns, []) : null;
    private readonly FileSelection? _ignored = selection.Ignore.Count > 0 ? new FileSelection(selection.Ignore, []) : null;
    private readonly List<(string Source, string Relative)> _files = [];
    private readonly List<string> _realFolders = [];
    private readonly List<string> _notUtf8 = [];
    private readonly string _realRoot = RealPath(root);

    private readonly record struct Entry(string Name, bool IsFolder, bool IsLink);

    /// <summary>
    /// Names of files that the patterns leave out; a folder that is left out as a whole is one name, with its slash.
    /// </summary>
    public List<string> LeftOut { get; } = [];

    /// <exception cref="HubException">
    /// WISE5004: a link that leads nowhere, in a circle or to a folder outside; WISE3003: names that are not UTF-8.
    /// </exception>
    public List<(string Source, string Relative)> Files()
    {
        Enter(root, "", _realRoot);
        return _notUtf8.Count == 0 ? _files : throw new HubException(WiseCodes.HostileFileName,
            $"{root} has {(_notUtf8.Count == 1 ? "a name" : $"{_notUtf8.Count} names")} of which some bytes are not UTF-8 "
            + $"('{FileNameBytes.NotUtf8}' stands for them): "
            + $"{string.Join(", ", _notUtf8.Take(NamesShown).Select(n => $"'{PathRules.Printable(n)}'"))}"
            + $"{(_notUtf8.Count > NamesShown ? $" and {_notUtf8.Count - NamesShown} more" : "")}. Rename them, "
            + "or leave them out with an ignore pattern, as '*\uFFFD*'.");
    }

    private void Enter(string folder, string prefix, string real)
    {
        _realFolders.Add(real);
        Entry[] entries = [.. new FileSystemEnumerable<Entry>(folder,
            (ref FileSystemEntry e) => new Entry(e.FileName.ToString(), e.IsDirectory,
                e.Attributes.HasFlag(FileAttributes.ReparsePoint)), Everything)];
        // Of several mistakes every run reports the same one.
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
                LeftOut.Add(relative);
            else if (entry.IsLink && FileStamp.Of(path) is null)
                throw Mistake($"the link '{PathRules.Printable(relative)}' leads to no file "
                    + $"({PathRules.Printable(new FileInfo(path).LinkTarget ?? "?")})", relative);
            else
                _files.Add((path, relative));
        }
        _realFolders.RemoveAt(_realFolders.Count - 1);
    }

    private void Descend(string path, string relative, string? real)
    {
        if (real is null || _pruned?.Matches(relative + "/") == true)
            LeftOut.Add(relative + "/");
        else
            Enter(path, relative + "/", real);
    }

    // The system cannot find it by the text that its bytes were made into.
    private void Refuse(string relative, bool isFolder)
    {
        string name = isFolder ? relative + "/" : relative;
        bool isLeftOut = isFolder ? _ignored is not null && (_ignored.Matches(relative) || _ignored.Matches(name))
            : !selection.Matches(relative);
        (isLeftOut ? LeftOut : _notUtf8).Add(name);
    }

    // Null: the patterns leave it out.
    private string? Follow(string path, string relative)
    {
        if (_ignored is not null && (_ignored.Matches(relative) || _ignored.Matches(relative + "/")))
            return null;
        string target = RealPath(path), shown = $"the link '{PathRules.Printable(relative)}' leads to the folder {target}";
        if (_realFolders.Exists(f => IsInside(f, target)))
            throw Mistake($"{shown}, which it is in: a circle", relative);
        return IsInside(target, _realRoot) ? target : throw Mistake($"{shown}, which is outside", relative);
    }

    private HubException Mistake(string what, string relative) => new(WiseCodes.InvalidPush,
        $"{root} cannot be pushed: {what}. Leave it out with an ignore pattern, as '{PathRules.Printable(relative)}/*', "
        + "or put what it should be in its place.");

    private static bool IsInside(string path, string folder) =>
        path.StartsWith(folder, SamePath) && (path.Length == folder.Length || Path.EndsInDirectorySeparator(folder)
            || path[folder.Length] == Path.DirectorySeparatorChar);

    // Hubs refuse the first and the last name, in any folder: another repo's history, and what a client notes beside
    // downloads. Those between are this product's own, which say where a project gets its models from; whoever wants one in a
    // repo pushes it as a file.
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

    // Only for paths that exist: then the system found an end of the links, and so does this.
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
