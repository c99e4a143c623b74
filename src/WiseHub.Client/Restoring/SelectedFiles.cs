namespace WiseHub.Client.Restoring;

/// <summary>The checks that a list of selected files must pass before a byte moves.</summary>
internal static class SelectedFiles
{
    /// <summary>Checks the names of selected files. One message reports all that cannot be used.</summary>
    /// <param name="reference">The reference that selects them.</param>
    /// <param name="paths">Their paths.</param>
    /// <param name="option">
    /// The running program's name for the option that excludes files; null if files are excluded in another way.
    /// </param>
    /// <exception cref="HubException">WISE3003 or WISE3004.</exception>
    public static void CheckNames(RepoReference reference, IEnumerable<string> paths, string? option)
    {
        // Sorted, so that every run reports the same.
        List<string> all = [.. paths.Order(Utf8Ordinal.Instance)];
        var bad = new List<(string Path, string Reason)>();
        foreach (string name in all)
        {
            if (PathRules.Reject(name) is Text why)
                bad.Add((name, why));
        }
        if (bad is [(string path, string reason)])
            throw RestoreMessages.UnusableName(reference, path, reason, option);
        if (bad.Count > 1)
            throw RestoreMessages.UnusableNames(reference, bad, option);
        List<(string First, string Second)> collisions = PathRules.FindCollisions(all);
        if (collisions is [(string first, string second)])
            throw RestoreMessages.SameName(reference, first, second, option);
        if (collisions.Count > 1)
            throw RestoreMessages.SameNames(reference, collisions, option);
    }

    /// <summary>Checks new files of a repo against those that stay in it. Those that stay are not checked.</summary>
    /// <exception cref="HubException">WISE3004.</exception>
    public static void CheckAdded(RepoReference reference, IEnumerable<string> kept, IEnumerable<string> added)
    {
        List<string> fresh = [.. added.Order(Utf8Ordinal.Instance)];
        if (fresh.Count == 0)
            return;
        if (PathRules.FindCollisionWith([.. kept.Order(Utf8Ordinal.Instance)], fresh) is (string there, string path))
            throw RestoreMessages.CollidesInRepo(reference, there, path);
    }

    /// <exception cref="HubException">WISE1015 or WISE1016.</exception>
    public static void CheckCount(RepoReference reference, int selected, IReadOnlyCollection<string> available, string commit)
    {
        if (reference.RequiredPaths.Where(p => !available.Contains(p) || !reference.Files.Matches(p))
            .ToList() is { Count: > 0 } missing)
            throw RestoreMessages.FilesNotThere(reference, missing, commit, available);
        if (selected == 0)
            throw RestoreMessages.NothingSelected(reference, commit, available);
        if (reference is { Sha256: not null, IsOfArchive: false } && selected > 1)
            throw RestoreMessages.DigestOfManyFiles(reference, selected);
    }

    /// <summary>
    /// The allow patterns that are the name of a single file, which is not there, or that have a comma and select nothing. The
    /// user meant a file; a pattern with wildcards may match nothing.
    /// </summary>
    public static IEnumerable<string> WithoutFile(RepoReference reference, IReadOnlyCollection<string> available) =>
        reference.Files.Allow.Where(p => (p.AsSpan().IndexOfAny("*?[") < 0 || p.Contains(',', StringComparison.Ordinal))
            && !available.Any(new FileSelection([p], []).Matches));
}
