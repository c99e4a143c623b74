namespace WiseHub.Client;

/// <summary>The checks that a list of selected files must pass before a byte moves.</summary>
internal static class SelectedFiles
{
    private const int NamesShown = 10;

    /// <exception cref="HubException">WISE3003 or WISE3004.</exception>
    public static void CheckNames(RepoReference reference, IEnumerable<string> paths)
    {
        // Sorted, so that of several bad names every run reports the same one.
        List<string> all = [.. paths.Order(Utf8Ordinal.Instance)];
        foreach (string path in all)
        {
            if (PathRules.Reject(path) is string reason)
            {
                throw new HubException(WiseCodes.HostileFileName,
                    $"{reference}: the file name '{PathRules.Printable(path)}' cannot be used: {reason}. Leave the file out with IgnorePatterns, or ask the owner of the repo to rename it.")
                { Reference = reference };
            }
        }
        if (PathRules.FindCollision(all) is (string first, string second))
        {
            throw new HubException(WiseCodes.CollidingFileNames,
                $"{reference}: '{first}' and '{second}' are one name on systems that ignore case, or file and folder at once. Leave one out with IgnorePatterns.")
            { Reference = reference };
        }
    }

    /// <exception cref="HubException">WISE1015 or WISE1016.</exception>
    public static void CheckCount(RepoReference reference, int selected, IReadOnlyCollection<string> available, string commit)
    {
        string has = available.Count == 0 ? "the repo has no files"
            : $"of its {available.Count} files some are {string.Join(", ", available.Order(Utf8Ordinal.Instance).Take(NamesShown).Select(PathRules.Printable))}";
        if (reference.RequiredPaths.Where(p => !available.Contains(p) || !reference.Files.Matches(p)).ToList() is { Count: > 0 } missing)
        {
            throw new HubException(WiseCodes.NothingSelected,
                $"{reference}: commit {commit} has no file {string.Join(" and no file ", missing.Select(p => $"'{PathRules.Printable(p)}'"))}, or an ignore pattern leaves it out; {has}. "
                + "Names are case-sensitive and begin at the top of the repo; a folder is selected by a pattern such as 'folder/*'.")
            { Reference = reference };
        }
        if (selected == 0)
        {
            throw new HubException(WiseCodes.NothingSelected,
                $"{reference}: no file of commit {commit} is selected by {reference.Files}; {has}. Patterns are case-sensitive, match the whole path, and * crosses '/'.")
            { Reference = reference };
        }
        if (reference is { Sha256: not null, IsOfArchive: false } && selected > 1)
        {
            throw new HubException(WiseCodes.DigestOfManyFiles,
                $"{reference}: Sha256 is the digest of one file, but {selected} are selected. Select one with AllowPatterns, or leave Sha256 out: the lock file has all digests.")
            { Reference = reference };
        }
    }
}
