using WiseHub.Client.Http;

namespace WiseHub.Client;

/// <summary>
/// Page URLs of known hubs, as people copy them from a browser: <c>https://host/[datasets/]owner/name[/tree/rev | /blob|resolve/rev/path]</c>.
/// Wisemodel's always name the type, have tabs behind the repo that mean nothing here, and its GitLab and raw proxy have
/// <c>[codes/]owner/name/-/raw|blob|tree/rev/path</c>.
/// </summary>
internal static class PageUrl
{
    private const string ProxyPrefix = "file-proxy";

    public static RepoReference? Parse(string text, HubConfig config)
    {
        if (!Uri.TryCreate(text, UriKind.Absolute, out Uri? url) || url.Scheme is not ("http" or "https"))
            return null;
        HubDefinition? hub = config.Hubs.Values.Where(h => Pages(h).Any(p => HubHttp.SameOrigin(p, url))).OrderBy(h => h.Name, StringComparer.Ordinal).FirstOrDefault();
        if (hub is null)
            return null;
        if (hub.Protocol == "git")
            return GitPageUrl.Parse(url, hub);
        List<string> parts = [.. url.AbsolutePath.Trim('/').Split('/').Select(Uri.UnescapeDataString)];
        bool isWisemodel = hub.Protocol == "wisemodel";
        if (isWisemodel && parts[0] == ProxyPrefix)
            parts.RemoveAt(0);
        var type = RepoType.Model;
        if (parts.Count > 0 && parts[0] is "models" or "datasets" or "codes" or "spaces" && RepoTypes.TryParse(parts[0], out type))
            parts.RemoveAt(0);
        // A Wisemodel repo has two parts, whatever they are called.
        int verb = parts.FindIndex(Math.Min(isWisemodel ? 2 : 0, parts.Count), p => p is "tree" or "blob" or "resolve" or "raw");
        if (!isWisemodel && verb >= 0 && parts[verb] == "raw")
            verb = -1;
        string id = string.Join('/', isWisemodel ? parts.Take(2) : verb < 0 ? parts : parts[..verb]);
        if (id.Length == 0 || id.Count(c => c == '/') > 1 || (isWisemodel && parts.Count < 2))
            throw new HubException(WiseCodes.UnusableUrl, $"{HubHttp.Show(url)} is a page of the hub '{hub.Name}', but not of a repo. Write owner/name.");
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

    private static IEnumerable<Uri> Pages(HubDefinition hub) => hub switch
    {
        { Protocol: "wisemodel", Endpoints: WisemodelEndpoints services } => [services.Web, services.GitLab, services.Raw],
        { Protocol: "huggingface" or "git", Endpoint: Uri endpoint } => [endpoint],
        _ => [],
    };
}
