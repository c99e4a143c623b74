using WiseHub.Client.Http;

namespace WiseHub.Client;

/// <summary>
/// Page URLs of git hosts: <c>owner/name[.git][/tree|blob|raw/rev/path]</c> of GitHub, <c>owner/name/-/tree|blob|raw/rev/path</c> of GitLab, and
/// <c>owner/name/src|raw/branch|tag|commit/rev/path</c> of Gitea.
/// </summary>
internal static class GitPageUrl
{
    private static readonly string[] Verbs = ["tree", "blob", "raw", "src", "commit"];

    /// <exception cref="HubException">WISE1011.</exception>
    public static RepoReference Parse(Uri url, HubDefinition hub)
    {
        string[] parts = [.. url.AbsolutePath.Trim('/').Split('/').Select(Uri.UnescapeDataString)];
        // The first two are the repo, whatever they are called.
        int verb = parts.Length < 3 ? -1 : parts[2] == "-" ? 3 : 2;
        if (parts.Length < 2 || (verb >= 0 && (verb >= parts.Length || !Verbs.Contains(parts[verb]))))
            throw new HubException(WiseCodes.UnusableUrl, $"{HubHttp.Show(url)} is a page of the hub '{hub.Name}', but not of a repo or of its files. Write owner/name.");
        string name = parts[1].EndsWith(".git", StringComparison.OrdinalIgnoreCase) ? parts[1][..^4] : parts[1];
        string kind = verb < 0 ? "tree" : parts[verb];
        string[] rest = verb < 0 ? [] : parts[(verb + 1)..];
        if (kind is "src" or "raw" && rest is ["branch" or "tag" or "commit", ..])
            rest = rest[1..];
        string path = string.Join('/', rest.Skip(1));
        bool isFile = path.Length > 0 && kind is "blob" or "raw";
        return new RepoReference
        {
            RepoId = $"{parts[0]}/{name}",
            Revision = rest.Length > 0 ? rest[0] : null,
            Hubs = [hub.Name],
            // Gitea's src is a file or a folder.
            Files = path.Length == 0 ? FileSelection.All : new FileSelection([kind == "src" || isFile ? FileSelection.Literal(path) : "", isFile ? "" : FileSelection.Literal(path) + "/*"], []),
            RequiredPaths = isFile ? [path] : [],
        };
    }
}
