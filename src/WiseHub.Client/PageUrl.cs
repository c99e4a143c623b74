using WiseHub.Client.Http;

namespace WiseHub.Client;

/// <summary>Page URLs of known hubs, as people copy them from a browser: <c>https://host/[datasets/]owner/name[/tree/rev | /blob|resolve/rev/path]</c>.</summary>
internal static class PageUrl
{
    public static RepoReference? Parse(string text, HubConfig config)
    {
        if (!Uri.TryCreate(text, UriKind.Absolute, out Uri? url) || url.Scheme is not ("http" or "https"))
            return null;
        HubDefinition? hub = config.Hubs.Values.Where(h => h.Protocol is "huggingface" or "wisemodel" && h.Endpoint is not null && HubHttp.SameOrigin(h.Endpoint, url))
            .OrderBy(h => h.Name, StringComparer.Ordinal).FirstOrDefault();
        if (hub is null)
            return null;
        List<string> parts = [.. url.AbsolutePath.Trim('/').Split('/').Select(Uri.UnescapeDataString)];
        var type = RepoType.Model;
        if (parts.Count > 0 && parts[0] is "models" or "datasets" or "codes" or "spaces" && RepoTypes.TryParse(parts[0], out type))
            parts.RemoveAt(0);
        int verb = parts.FindIndex(p => p is "tree" or "blob" or "resolve");
        string id = string.Join('/', verb < 0 ? parts : parts[..verb]);
        if (id.Length == 0 || id.Count(c => c == '/') > 1)
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
}
