
namespace WiseHub.Client.Hubs;

/// <summary>
/// Reads page URLs of hubs, as users copy them from a browser:
/// <c>https://host/[datasets/]owner/name[/tree/rev | /blob|resolve/rev/path]</c>. Some hubs always name the type, have tabs
/// behind the repo, which are ignored, and a git server and a raw proxy with <c>[codes/]owner/name/-/raw|blob|tree/rev/path</c>.
/// </summary>
internal static class PageUrl
{
    private const string ProxyPrefix = "file-proxy";

    /// <summary>The form of the page URLs of a hub.</summary>
    public enum Form
    {
        /// <summary>Models have no type in front of their id.</summary>
        IdFirst,
        /// <summary>Every type is named, a repo has two parts, and tabs may follow.</summary>
        TypeFirst,
    }

    /// <exception cref="HubException">WISE1011.</exception>
    public static RepoReference Parse(Uri url, HubDefinition hub, Form form = Form.IdFirst)
    {
        bool namesType = form == Form.TypeFirst;
        List<string> parts = [.. url.AbsolutePath.Trim('/').Split('/').Select(Uri.UnescapeDataString)];
        if (namesType && parts[0] == ProxyPrefix)
            parts.RemoveAt(0);
        var type = RepoType.Model;
        if (parts.Count > 0 && parts[0] is "models" or "datasets" or "codes" or "spaces"
            && RepoTypes.TryParse(parts[0], out type))
            parts.RemoveAt(0);
        // With a type first, the first two parts are the id, even if they are words such as "tree".
        int verb = parts.FindIndex(Math.Min(namesType ? 2 : 0, parts.Count), p => p is "tree" or "blob" or "resolve" or "raw");
        if (!namesType && verb >= 0 && parts[verb] == "raw")
            verb = -1;
        string id = string.Join('/', namesType ? parts.Take(2) : verb < 0 ? parts : parts[..verb]);
        if (id.Length == 0 || id.Count(c => c == '/') > 1 || (namesType && parts.Count < 2))
            throw HubMessages.NotAPageOfARepo(url, hub.Name);
        string? revision = verb >= 0 && verb + 1 < parts.Count ? parts[verb + 1] : null;
        string path = verb >= 0 && verb + 2 < parts.Count ? string.Join('/', parts[(verb + 2)..]) : "";
        FileSelection files = path.Length == 0 ? FileSelection.All
            : new FileSelection([FileSelection.Literal(path) + (parts[verb] == "tree" ? "/*" : "")], []);
        return new RepoReference
        {
            RepoId = id,
            RepoType = type,
            Revision = revision,
            Hubs = [hub.Name],
            Files = files,
            RequiredPaths = path.Length > 0 && parts[verb] != "tree" ? [path] : [],
        };
    }
}
