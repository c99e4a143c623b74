using WiseHub.Client.Credentials;

namespace WiseHub.Client.Hubs;

/// <summary>The protocols of a client.</summary>
internal sealed class HubProtocols(IReadOnlyList<HubProtocol> all) : IProtocolSecrets
{
    /// <summary>The protocols, in the order in which messages list them.</summary>
    public IReadOnlyList<HubProtocol> All { get; } = all;

    /// <summary>The hub of references that name none, unless the configuration names another one.</summary>
    public string DefaultHub => All.Select(p => p.DefaultHub).OfType<string>().First();

    /// <summary>The protocols that wisehub.json may name.</summary>
    public IEnumerable<HubProtocol> Declarable => All.Where(p => p.Keys.Count > 0);

    /// <summary>The protocol of that name; null for none.</summary>
    public HubProtocol? Find(string name) => All.FirstOrDefault(p => p.Name == name);

    /// <summary>The protocol of a hub.</summary>
    public HubProtocol Of(HubDefinition hub) =>
        Find(hub.Protocol)
        ?? throw new InvalidOperationException((Text)$"The hub '{hub.Name}' has the unknown protocol '{hub.Protocol}'.");

    /// <summary>A hub that no file may declare and that needs no declaration; null for none.</summary>
    public HubDefinition? Reserved(string name) => All.Select(p => p.Reserved(name)).FirstOrDefault(h => h is not null);

    /// <summary>The hubs that can be mirrored to, for messages.</summary>
    public string MirrorForms => Forms(All);

    /// <summary>The hubs that accept bundles, for messages.</summary>
    public string BundleForms => Forms(All.Where(p => p.TakesBundles));

    /// <summary>The protocols whose repos WiseHub can manage, for messages.</summary>
    public string ManagingRepos => JoinOr([.. All.Where(p => p.ManagesRepos).Select(p => p.Name)]);

    private static string Forms(IEnumerable<HubProtocol> protocols) =>
        (Text)$"a hub with {JoinOr([.. protocols.Select(p => p.MirrorForm).OfType<string>()])}";

    private static string JoinOr(string[] names) =>
        names.Length < 2 ? string.Concat(names) : (Text)$"{string.Join(", ", names[..^1])} or {names[^1]}";

    /// <summary>Reads a page URL of a hub as a reference; null if it belongs to no hub.</summary>
    /// <exception cref="HubException">WISE1011: it is a URL of a hub, but not of a repo.</exception>
    public RepoReference? ParsePage(string text, IEnumerable<HubDefinition> hubs)
    {
        if (!Uri.TryCreate(text, UriKind.Absolute, out Uri? url) || url.Scheme is not ("http" or "https"))
            return null;
        HubDefinition? hub = hubs.Where(h => Of(h).PageOrigins(h).Any(p => Urls.SameOrigin(p, url)))
            .OrderBy(h => h.Name, StringComparer.Ordinal).FirstOrDefault();
        return hub is null ? null : Of(hub).ParsePage(url, hub);
    }

    /// <summary>The caches of other tools whose contents may be used, in order of preference.</summary>
    public IEnumerable<IForeignCache> ForeignCaches(Func<string, string?> environment, IHubLog log, IEnumerable<TreeEntry> wanted)
    {
        TreeEntry[] files = [.. wanted];
        return All.Select(p => p.ForeignCache(environment, log, files)).OfType<IForeignCache>();
    }

    /// <summary>Folders in which other tools keep records beside files. Pushes leave them out.</summary>
    public IReadOnlyList<string> NoteFolders { get; } = [.. all.SelectMany(p => p.NoteFolders)];

    /// <summary>The variables that forbid the network, for messages.</summary>
    public string OfflineVariables => string.Join(" or ", OfflineNames);

    /// <summary>The names of the variables that forbid the network.</summary>
    public IEnumerable<string> OfflineNames => ["WISEHUB_OFFLINE", .. All.Select(p => p.OfflineVariable).OfType<string>()];

    public bool IsSession(HubDefinition hub, string? secret) => secret is not null && Of(hub).IsSession(secret);

    public IReadOnlyList<string> Variables(HubDefinition hub, Func<string, string?> environment) =>
        Of(hub).TokenVariables(hub, environment);

    public string? File(HubDefinition hub, SecretKind kind, Func<string, string?> environment) =>
        Of(hub).SecretFile(kind, environment);

    public IEnumerable<ISecretSource> Helpers(Func<string, string?> environment, IHubLog log) =>
        All.Select(p => p.Helper(environment, log)).OfType<ISecretSource>();
}
