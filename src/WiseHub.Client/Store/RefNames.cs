namespace WiseHub.Client.Store;

/// <summary>
/// What the revision of a reference is called among the refs of a store that is not the hub it was asked of: a cache or a mirror.
/// </summary>
internal static class RefNames
{
    /// <summary>The default branch; which one it is nobody said.</summary>
    public const string DefaultBranch = "HEAD";

    /// <summary>
    /// The name, which is one of a revision like any other. Configurations of a dataset have commits of their own, and so
    /// names of their own.
    /// </summary>
    public static string Of(RepoReference reference)
    {
        string name = reference.Revision ?? DefaultBranch;
        // A commit is the same one whatever it was asked by.
        return reference.Config is not string config || CommitId.IsCommit(name) ? name : $"@config/{Escape(config)}/{name}";
    }

    // git refuses dots and tildes at some places, Windows the names of devices.
    private static string Escape(string config)
    {
        string escaped = Uri.EscapeDataString(config).Replace(".", "%2E", StringComparison.Ordinal)
            .Replace("~", "%7E", StringComparison.Ordinal);
        return PathRules.RejectSegment(escaped) is null || escaped.Length == 0 || !char.IsAsciiLetter(escaped[0]) ? escaped
            : Uri.HexEscape(escaped[0]) + escaped[1..];
    }
}
