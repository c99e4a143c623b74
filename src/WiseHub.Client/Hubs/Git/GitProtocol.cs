using WiseHub.Client.Credentials;

namespace WiseHub.Client.Hubs.Git;

/// <summary>Hosts of git repositories (docs/git.md).</summary>
internal sealed class GitProtocol : HubProtocol
{
    /// <summary>The name of this protocol.</summary>
    public const string ProtocolName = "git";

    private static readonly Uri GitHub = new("https://github.com"), GitLab = new("https://gitlab.com");

    public override string Name => ProtocolName;

    public override IReadOnlyList<string> Keys => ["endpoint", "transport", "archive"];

    public override IReadOnlyList<string> ShippedKeys => ["endpoint", "transport", "archive"];

    public override IReadOnlyList<HubDefinition> BuiltIn { get; } =
    [
        new("github", ProtocolName) { Endpoint = GitHub, IsTrustedEndpoint = true, Settings = new GitSettings() },
        new("gitlab", ProtocolName) { Endpoint = GitLab, IsTrustedEndpoint = true, Settings = new GitSettings() },
    ];

    public override bool CanUseGit => true;

    public override bool HasGitPages => true;

    public override HubDefinition Read(HubSection section)
    {
        Uri endpoint = section.Text("endpoint") is string text
            ? GitAddress.ParseEndpoint(text)
                ?? throw section.Wrong("endpoint",
                    (Text)$"'{text}' is neither an http(s) URL without user, query and fragment nor ssh://user@host:port.")
            : throw section.Wrong((Text)$"the hub '{section.Name}' needs 'endpoint', the URL of the git host.");
        string? archive = section.Text("archive");
        // Without the commit in the URL, a proxy or a moved branch could give another commit.
        if (archive is not null && !(archive.StartsWith('/') && archive.Contains("{commit}", StringComparison.Ordinal)
            && !archive.Contains('?', StringComparison.Ordinal)))
        {
            throw section.Wrong("archive", Text.Of($"'archive' must begin with '/' and contain '{{commit}}'. "
                + $"It may contain '{{id}}', '{{owner}}' and '{{name}}', such as \"/{{id}}/archive/{{commit}}.zip\"."));
        }
        return new HubDefinition(section.Name, Name)
        {
            Endpoint = endpoint,
            Settings = new GitSettings { Transport = section.OneOf("transport", GitTransport.Https), Archive = archive },
        };
    }

    public override IEnumerable<Uri> PageOrigins(HubDefinition hub) => hub.Endpoint is Uri endpoint ? [endpoint] : [];

    public override RepoReference ParsePage(Uri url, HubDefinition hub) => GitPageUrl.Parse(url, hub);

    // The variables of gh and glab are used for github.com and gitlab.com only: for other servers, these tools have others.
    public override IReadOnlyList<string> TokenVariables(HubDefinition hub, Func<string, string?> environment) =>
        hub.Endpoint is not Uri at ? []
            : Urls.SameOrigin(at, GitHub) ? ["GH_TOKEN", "GITHUB_TOKEN"]
            : Urls.SameOrigin(at, GitLab) ? ["GITLAB_TOKEN"] : [];

    public override ISecretSource Helper(Func<string, string?> environment, IHubLog log) => new GitHelpers(environment, log);

    public override IHubAccounts? Accounts(HubDefinition hub, HubConnection connection)
    {
        if (hub.Endpoint is not Uri at)
            return null;
        if (at.Host == "gitlab.com" || hub.Name.Equals("gitlab", StringComparison.OrdinalIgnoreCase))
            return GitLabAccounts.At(hub, connection, at);
        // docs.github.com/rest/users: github.com has a separate host for its API, self-hosted servers have a path.
        Uri? api = hub.Origins.Count > 1 ? HubAccounts.Below(hub.Origins[1], "/user")
            : hub.Name.Equals("github", StringComparison.OrdinalIgnoreCase) ? HubAccounts.Below(at, "/api/v3/user") : null;
        return api is null ? null : HubAccounts.Bearer(hub, connection, api, response =>
            HubAccounts.Account(response, "login", "name"));
    }

    public override IHub Open(HubDefinition hub, IHubContext context) => new GitHostHub(
        context.UseGit && hub.Git().Transport == GitTransport.Https
            ? hub with { Settings = hub.Git() with { Transport = GitTransport.Git } } : hub,
        context.Connect(hub), context);
}
