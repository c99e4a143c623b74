namespace WiseHub.Client.Restoring;

/// <summary>The checks that a list of selected files must pass before a byte moves.</summary>
internal static class SelectedFiles
{
    private const int NamesShown = 10;

    /// <summary>Judges the names of files that are wanted; all that cannot be used are told at once.</summary>
    /// <param name="reference">Whose files they are.</param>
    /// <param name="paths">Their paths.</param>
    /// <param name="option">
    /// What the program that runs calls its option for patterns that leave files out; null where files are left
    /// out in another way.
    /// </param>
    /// <exception cref="HubException">WISE3003 or WISE3004.</exception>
    public static void CheckNames(RepoReference reference, IEnumerable<string> paths, string? option)
    {
        // Sorted, so that every run reports the same.
        List<string> all = [.. paths.Order(Utf8Ordinal.Instance)];
        List<(string Path, string Reason)> bad =
            [.. all.Select(p => (p, PathRules.Reject(p))).Where(p => p.Item2 is not null).Select(p => (p.p, p.Item2!))];
        string with = option is null ? "" : $" with {option}", owner = option is null ? "" : "ask the owner of the repo to ";
        if (bad is [(string path, string reason)])
        {
            throw new HubException(WiseCodes.HostileFileName,
                $"{reference}: the file name '{PathRules.Printable(path)}' cannot be used: {reason}. "
                + $"Leave the file out{with}, or {owner}rename it.")
            { Reference = reference };
        }
        if (bad.Count > 1)
        {
            throw new HubException(WiseCodes.HostileFileName,
                $"{reference}: {bad.Count} file names cannot be used: "
                + $"{Some(bad.ConvertAll(b => $"'{PathRules.Printable(b.Path)}' ({b.Reason})"))}. "
                + $"Leave the files out{with}, or {owner}rename them.")
            { Reference = reference };
        }
        List<(string First, string Second)> collisions = PathRules.FindCollisions(all);
        if (collisions is [(string first, string second)])
        {
            throw new HubException(WiseCodes.CollidingFileNames,
                $"{reference}: '{first}' and '{second}' are one name on systems that ignore case, "
                + $"or file and folder at once. Leave one out{with}.")
            { Reference = reference };
        }
        if (collisions.Count > 1)
        {
            throw new HubException(WiseCodes.CollidingFileNames,
                $"{reference}: {collisions.Count} pairs of names are one name on systems that ignore case, or file and folder at "
                + $"once: {Some(collisions.ConvertAll(c => $"'{c.First}' and '{c.Second}'"))}. Leave one of each out{with}.")
            { Reference = reference };
        }
    }

    private static string Some(List<string> names) =>
        string.Join(", ", names.Take(NamesShown)) + (names.Count > NamesShown ? $" and {names.Count - NamesShown} more" : "");

    /// <summary>Checks new files of a repo against those that stay in it. Those that stay are not judged.</summary>
    /// <exception cref="HubException">WISE3004.</exception>
    public static void CheckAdded(RepoReference reference, IEnumerable<string> kept, IEnumerable<string> added)
    {
        List<string> fresh = [.. added.Order(Utf8Ordinal.Instance)];
        if (fresh.Count == 0)
            return;
        if (PathRules.FindCollisionWith([.. kept.Order(Utf8Ordinal.Instance)], fresh) is (string there, string path))
        {
            throw new HubException(WiseCodes.CollidingFileNames,
                $"{reference}: the repo has '{PathRules.Printable(there)}', and '{path}' would be the same name on systems that "
                + "ignore case, or file and folder at once. Give the new file another path, or delete the one in the repo.")
            { Reference = reference };
        }
    }

    /// <exception cref="HubException">WISE1015 or WISE1016.</exception>
    public static void CheckCount(RepoReference reference, int selected, IReadOnlyCollection<string> available, string commit)
    {
        string has = available.Count == 0 ? "the repo has no files"
            : $"of its {available.Count} files some are "
                + $"{string.Join(", ", available.Order(Utf8Ordinal.Instance).Take(NamesShown).Select(PathRules.Printable))}";
        if (reference.RequiredPaths.Where(p => !available.Contains(p) || !reference.Files.Matches(p))
            .ToList() is { Count: > 0 } missing)
        {
            throw new HubException(WiseCodes.NothingSelected,
                $"{reference}: commit {commit} has no file "
                + $"{string.Join(" and no file ", missing.Select(p => $"'{PathRules.Printable(p)}'"))}, "
                + $"or an ignore pattern leaves it out; {has}. Names are case-sensitive and begin at the top of the repo; "
                + "a folder is selected by a pattern such as 'folder/*'.")
            { Reference = reference };
        }
        if (selected == 0)
        {
            throw new HubException(WiseCodes.NothingSelected,
                $"{reference}: no file of commit {commit} is selected by {reference.Files}; {has}. Patterns are case-sensitive, "
                + "match the whole path, and * crosses '/'.")
            { Reference = reference };
        }
        if (reference is { Sha256: not null, IsOfArchive: false } && selected > 1)
        {
            throw new HubException(WiseCodes.DigestOfManyFiles,
                $"{reference}: Sha256 is the digest of one file, but {selected} are selected. Select one with AllowPatterns, "
                + "or leave Sha256 out: the lock file has all digests.")
            { Reference = reference };
        }
    }
}
