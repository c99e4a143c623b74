namespace WiseHub.Client.Hubs.Git;

/// <summary>
/// Page URLs of git hosts: <c>owner/name[.git][/tree|blob|raw/rev/path]</c> of GitHub,
/// <c>group[/subgroup…]/name[/-/tree|blob|raw/rev/path]</c> of GitLab, and
/// <c>owner/name/src|raw/branch|tag|commit/rev/path</c> of Gitea.
/// </summary>
internal static class GitPageUrl
{
    private static readonly string[] Verbs = ["tree", "blob", "raw", "src", "commit"];

    private static bool IsGitLab(HubDefinition hub) => hub.Name.Equals("gitlab", StringComparison.OrdinalIgnoreCase)
        || hub.Endpoint!.Host.Contains("gitlab", StringComparison.OrdinalIgnoreCase);

    /// <exception cref="HubException">WISE1011.</exception>
    public static RepoReference Parse(Uri url, HubDefinition hub)
    {
        string[] parts = [.. url.AbsolutePath.Trim('/').Split('/').Select(Uri.UnescapeDataString)];
        // GitLab has its own pages behind "-", which cannot be the name of a group or project (and formerly behind the verb,
        // which cannot be one either). Elsewhere, the first two parts are the repo, whatever their names, and a folder may be
        // named "-".
        bool isGitLab = IsGitLab(hub);
        int dash = !isGitLab && parts.Length > 2 && Verbs.Contains(parts[2]) ? -1 : Array.IndexOf(parts, "-");
        int old = isGitLab && parts.Length > 2 ? Array.FindIndex(parts, 2, p => p is "tree" or "blob" or "raw") : -1;
        int idParts = dash >= 0 ? dash : old >= 0 ? old : isGitLab ? parts.Length : Math.Min(2, parts.Length);
        int verb = idParts == parts.Length ? -1 : dash >= 0 ? dash + 1 : idParts;
        if (idParts < 2 || (verb >= 0 && (verb >= parts.Length || !Verbs.Contains(parts[verb]))))
            throw GitMessages.NotAPageOfARepo(url, hub.Name);
        string id = string.Join('/', parts[..idParts]);
        string kind = verb < 0 ? "tree" : parts[verb];
        string[] rest = verb < 0 ? [] : parts[(verb + 1)..];
        if (kind is "src" or "raw" && rest is ["branch" or "tag" or "commit", ..])
            rest = rest[1..];
        string path = string.Join('/', rest.Skip(1));
        bool isFile = path.Length > 0 && kind is "blob" or "raw";
        return new RepoReference
        {
            RepoId = id.EndsWith(".git", StringComparison.OrdinalIgnoreCase) ? id[..^4] : id,
            Revision = rest.Length > 0 ? rest[0] : null,
            Hubs = [hub.Name],
            // Gitea's src may be a file or a folder.
            Files = path.Length == 0 ? FileSelection.All : new FileSelection([kind == "src" || isFile
                ? FileSelection.Literal(path) : "", isFile ? "" : FileSelection.Literal(path) + "/*"], []),
            RequiredPaths = isFile ? [path] : [],
        };
    }
}
