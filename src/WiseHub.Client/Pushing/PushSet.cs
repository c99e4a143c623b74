using WiseHub.Client.Files;
using WiseHub.Client.Pushing;

namespace WiseHub.Client;

/// <summary>
/// Makes the list of files that a push takes. Paths have <c>/</c> on every system and stand in ordinal UTF-8 order. In any folder
/// <c>.git</c> and <c>.cache/huggingface</c> are left out with all that is below them, and so are <c>wise.lock.json</c> and
/// <c>wisehub.json</c>; nothing else is left out that the patterns do not name.
/// </summary>
public static class PushSet
{
    private const int NamesShown = 10;

    /// <summary>A folder or one file, whichever is there.</summary>
    /// <param name="path">A path on this machine.</param>
    /// <param name="pathInRepo">See <see cref="FromFolder"/> and <see cref="FromFile"/>.</param>
    /// <param name="selection">Patterns for the files; of one file its name must be selected. Null = all.</param>
    /// <exception cref="HubException">
    /// WISE5004: nothing is there, or nothing is selected; WISE3007: it may not be read.
    /// </exception>
    public static IReadOnlyList<PushFile> From(string path, string pathInRepo = "", FileSelection? selection = null)
    {
        if (Directory.Exists(path) || !File.Exists(path))
            return FromFolder(path, pathInRepo, selection);
        string name = Path.GetFileName(path);
        return selection is null || selection.Matches(name) ? [FromFile(path, pathInRepo)]
            : throw new HubException(WiseCodes.InvalidPush,
                $"{path} is not selected by {selection}. Correct the patterns, or leave them out for one file.");
    }

    /// <summary>
    /// The files of a folder and of those below it. A link to a file is pushed as the content it leads to, a link to a
    /// folder inside is followed, and a link to a folder outside, in a circle or to nothing is an error unless the
    /// patterns leave it out.
    /// </summary>
    /// <param name="folder">A folder on this machine.</param>
    /// <param name="pathInRepo">The folder of the repo that the files come into; empty = the top.</param>
    /// <param name="selection">fnmatch patterns, which see paths as they are below <paramref name="folder"/>; null = all.</param>
    /// <exception cref="HubException">
    /// WISE5004: there is no such folder, no file of it is selected, or a link cannot be followed; WISE3007: it may not be read.
    /// </exception>
    public static IReadOnlyList<PushFile> FromFolder(string folder, string pathInRepo = "", FileSelection? selection = null)
    {
        string prefix = Normalise(pathInRepo) is { Length: > 0 } below ? below + "/" : "";
        string full = Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder));
        if (!Directory.Exists(full))
            throw new HubException(WiseCodes.InvalidPush,
                $"{full} is not {(File.Exists(full) ? "a folder" : "there")}. Correct the path of what to push.");
        selection ??= FileSelection.All;
        try
        {
            var walk = new FolderWalk(full, selection);
            List<PushFile> files = [.. walk.Files().Select(f => new PushFile(f.Source, prefix + f.Relative))];
            if (files.Count == 0)
                throw new HubException(WiseCodes.InvalidPush, Nothing(full, selection, walk.LeftOut));
            Utf8Ordinal.Sort(files, f => f.PathInRepo);
            return files;
        }
        catch (Exception e) when (IoFailures.IsFileSystem(e))
        {
            throw new HubException(IoFailures.IsForbidden(e) ? WiseCodes.NoPermission : WiseCodes.LocalFailure,
                $"The files of {full} cannot be listed: {e.Message} "
                + (IoFailures.IsForbidden(e) ? "Give this user the right to read it, or leave it out with an ignore pattern."
                    : "Check that path and the device behind it."), e);
        }
    }

    /// <summary>One file.</summary>
    /// <param name="file">A file on this machine. Whether it can be read shows when it is pushed.</param>
    /// <param name="pathInRepo">
    /// Its path in the repo; empty or with a <c>/</c> at the end = that folder, and the name it has here.
    /// </param>
    /// <exception cref="HubException">WISE5004: <paramref name="pathInRepo"/> is no path of a repo.</exception>
    public static PushFile FromFile(string file, string pathInRepo = "")
    {
        string path = Normalise(pathInRepo);
        bool isFolder = path.Length == 0 || pathInRepo.TrimEnd()[^1] is '/' or '\\';
        return new PushFile(Path.GetFullPath(file),
            !isFolder ? path : path.Length == 0 ? Path.GetFileName(file) : $"{path}/{Path.GetFileName(file)}");
    }

    /// <summary>Several lists as one. The same file for the same path counts once.</summary>
    /// <exception cref="HubException">WISE5004: two files have one path in the repo.</exception>
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
                throw new HubException(WiseCodes.InvalidPush,
                    $"Two files would be '{PathRules.Printable(file.PathInRepo)}' in the repo: "
                    + $"{byPath[file.PathInRepo].Origin} and {file.Origin}. Give one another path, or leave it out.");
            }
        }
        Utf8Ordinal.Sort(all, f => f.PathInRepo);
        return all;
    }

    private static string Nothing(string folder, FileSelection selection, List<string> leftOut) => leftOut.Count == 0
        ? $"The folder {folder} has no files to push. Correct the path, or write something into it first."
        : $"No file of the folder {folder} is selected by {selection}; it has "
            + $"{string.Join(", ", leftOut.Order(Utf8Ordinal.Instance).Take(NamesShown).Select(PathRules.Printable))}"
            + $"{(leftOut.Count > NamesShown ? $" and {leftOut.Count - NamesShown} more" : "")}. Patterns are case-sensitive, "
            + "match the whole path below the folder, and * crosses '/'.";

    private static string Normalise(string pathInRepo)
    {
        string path = pathInRepo.Trim().Replace('\\', '/').TrimEnd('/');
        while (path.StartsWith("./", StringComparison.Ordinal))
            path = path[2..];
        if (path is "" or ".")
            return pathInRepo.TrimStart() is ['/' or '\\', ..] ? throw Unusable(pathInRepo, "it is absolute") : "";
        return PathRules.Reject(path) is string reason ? throw Unusable(pathInRepo, reason) : path;
    }

    private static HubException Unusable(string pathInRepo, string reason) => new(WiseCodes.InvalidPush,
        $"The path '{PathRules.Printable(pathInRepo)}' in the repo cannot be used: {reason}. Write a path below the "
        + "top of the repo, with '/'.");
}
