using WiseHub.Client.Files;
using WiseHub.Client.Pushing;

namespace WiseHub.Client;

/// <summary>
/// Makes the list of files for a push. Paths have <c>/</c> on every system and are in ordinal UTF-8 order. In every folder,
/// <c>.git</c> and <c>.cache/huggingface</c> are excluded with everything below them, and so are <c>wise.lock.json</c> and
/// <c>wisehub.json</c>. Nothing else is excluded except by the patterns.
/// </summary>
public static class PushSet
{

    /// <summary>Lists a folder or a single file, depending on the path.</summary>
    /// <param name="path">A local path.</param>
    /// <param name="pathInRepo">See <see cref="FromFolder"/> and <see cref="FromFile"/>.</param>
    /// <param name="selection">Patterns for the files; a single file must match by its name. Null = all.</param>
    /// <exception cref="HubException">
    /// WISE5004: the path does not exist, or nothing is selected. WISE3007: read permission is missing.
    /// </exception>
    public static IReadOnlyList<PushFile> From(string path, string pathInRepo = "", FileSelection? selection = null)
    {
        if (Directory.Exists(path) || !File.Exists(path))
            return FromFolder(path, pathInRepo, selection);
        string name = Path.GetFileName(path);
        return selection is null || selection.Matches(name) ? [FromFile(path, pathInRepo)]
            : throw PushMessages.FileNotSelected(path, selection);
    }

    /// <summary>
    /// Lists the files of a folder and its subfolders. A link to a file is pushed with the target's content, and a link to a
    /// folder inside is followed. A link to a folder outside, in a circle or to nothing is an error unless the patterns exclude
    /// it.
    /// </summary>
    /// <param name="folder">A local folder.</param>
    /// <param name="pathInRepo">The target folder in the repo; empty = the top.</param>
    /// <param name="selection">fnmatch patterns for paths relative to <paramref name="folder"/>; null = all.</param>
    /// <exception cref="HubException">
    /// WISE5004: the folder does not exist, no file is selected, or a link cannot be followed. WISE3007: read permission is
    /// missing.
    /// </exception>
    public static IReadOnlyList<PushFile> FromFolder(string folder, string pathInRepo = "", FileSelection? selection = null)
    {
        string prefix = Normalise(pathInRepo) is { Length: > 0 } below ? below + "/" : "";
        string full = Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder));
        if (!Directory.Exists(full))
            throw PushMessages.FolderMissing(full, File.Exists(full));
        selection ??= FileSelection.All;
        try
        {
            var walk = new FolderWalk(full, selection);
            List<PushFile> files = [.. walk.Files().Select(f => new PushFile(f.Source, prefix + f.Relative))];
            if (files.Count == 0)
                throw walk.Excluded.Count == 0 ? PushMessages.FolderEmpty(full)
                    : PushMessages.NothingSelected(full, selection, walk.Excluded);
            Utf8Ordinal.Sort(files, f => f.PathInRepo);
            return files;
        }
        catch (Exception e) when (IoFailures.IsFileSystem(e))
        {
            throw PushMessages.FolderNotReadable(full, e);
        }
    }

    /// <summary>Lists a single file.</summary>
    /// <param name="file">A local file. The push checks whether it is readable.</param>
    /// <param name="pathInRepo">
    /// Its path in the repo; empty or with a <c>/</c> at the end = the target folder, where it keeps its name.
    /// </param>
    /// <exception cref="HubException">WISE5004: <paramref name="pathInRepo"/> is not a valid path in a repo.</exception>
    public static PushFile FromFile(string file, string pathInRepo = "")
    {
        string path = Normalise(pathInRepo);
        bool isFolder = path.Length == 0 || pathInRepo.TrimEnd()[^1] is '/' or '\\';
        return new PushFile(Path.GetFullPath(file),
            !isFolder ? path : path.Length == 0 ? Path.GetFileName(file) : $"{path}/{Path.GetFileName(file)}");
    }

    /// <summary>Combines several lists. The same file with the same path counts once.</summary>
    /// <exception cref="HubException">WISE5004: two files have the same path in the repo.</exception>
    public static IReadOnlyList<PushFile> Combine(IEnumerable<PushFile> files)
    {
        var byPath = new Dictionary<string, PushFile>(StringComparer.Ordinal);
        var all = new List<PushFile>();
        foreach (PushFile file in files)
        {
            if (byPath.TryAdd(file.PathInRepo, file))
                all.Add(file);
            else if (byPath[file.PathInRepo] != file)
            {
                throw PushMessages.SamePath(file.PathInRepo, byPath[file.PathInRepo].Origin, file.Origin);
            }
        }
        Utf8Ordinal.Sort(all, f => f.PathInRepo);
        return all;
    }


    private static string Normalise(string pathInRepo)
    {
        string path = pathInRepo.Trim().Replace('\\', '/').TrimEnd('/');
        while (path.StartsWith("./", StringComparison.Ordinal))
            path = path[2..];
        if (path is "" or ".")
            return pathInRepo.TrimStart() is ['/' or '\\', ..]
                ? throw PushMessages.InvalidPathInRepo(pathInRepo, PushMessages.Absolute) : "";
        return PathRules.Reject(path) is Text reason ? throw PushMessages.InvalidPathInRepo(pathInRepo, reason) : path;
    }

}
