namespace WiseHub.Client.Store;

/// <summary>
/// The names of a reference's revision among the refs of a cache or mirror, as opposed to the hub that resolved it.
/// </summary>
internal static class RefNames
{
    /// <summary>The default branch, when its name is unknown.</summary>
    public const string DefaultBranch = "HEAD";

    /// <summary>
    /// The ref name, which is a valid revision name. Configurations of a dataset have their own commits, and so their own refs.
    /// </summary>
    public static string Of(RepoReference reference)
    {
        string name = reference.Revision ?? DefaultBranch;
        // A commit is the same in every configuration.
        return reference.Config is not string config || CommitId.IsCommit(name) ? name : $"@config/{Escape(config)}/{name}";
    }

    // git rejects dots and tildes in some positions, Windows the names of devices.
    private static string Escape(string config)
    {
        string escaped = Uri.EscapeDataString(config).Replace(".", "%2E", StringComparison.Ordinal)
            .Replace("~", "%7E", StringComparison.Ordinal);
        return PathRules.RejectSegment(escaped) is null || escaped.Length == 0 || !char.IsAsciiLetter(escaped[0]) ? escaped
            : Uri.HexEscape(escaped[0]) + escaped[1..];
    }
}
