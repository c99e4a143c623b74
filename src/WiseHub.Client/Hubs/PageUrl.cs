
namespace WiseHub.Client.Hubs;

/// <summary>
/// Page URLs of known hubs, as people copy them from a browser:
/// <c>https://host/[datasets/]owner/name[/tree/rev | /blob|resolve/rev/path]</c>. Some hubs always name the type, have tabs
/// behind the repo that mean nothing here, and a GitLab and a raw proxy with <c>[codes/]owner/name/-/raw|blob|tree/rev/path</c>.
/// </summary>
internal static class PageUrl
{
    private const string ProxyPrefix = "file-proxy";

    /// <summary>How a hub writes its page URLs.</summary>
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
        // There the id has two parts, whatever they are called.
        int verb = parts.FindIndex(Math.Min(namesType ? 2 : 0, parts.Count), p => p is "tree" or "blob" or "resolve" or "raw");
        if (!namesType && verb >= 0 && parts[verb] == "raw")
            verb = -1;
        string id = string.Join('/', namesType ? parts.Take(2) : verb < 0 ? parts : parts[..verb]);
        if (id.Length == 0 || id.Count(c => c == '/') > 1 || (namesType && parts.Count < 2))
            throw new HubException(WiseCodes.UnusableUrl,
                $"{Urls.Show(url)} is a page of the hub '{hub.Name}', but not of a repo. Write owner/name.");
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
