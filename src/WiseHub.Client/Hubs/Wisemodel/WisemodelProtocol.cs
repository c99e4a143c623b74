using WiseHub.Client.Credentials;
using WiseHub.Client.Files;
using WiseHub.Client.Hubs.Git;

namespace WiseHub.Client.Hubs.Wisemodel;

/// <summary>The protocol of Wisemodel (docs/protocols/wisemodel.md).</summary>
internal sealed class WisemodelProtocol : HubProtocol
{
    private static readonly string[] Services = ["web", "gateway", "upload", "raw", "gitlab", "git"];

    public override string Name => "wisemodel";

    public override IReadOnlyList<string> Keys => ["endpoint", "endpoints", "uploadChunkSize", "commitTimeout"];

    public override IReadOnlyList<string> ShippedKeys => ["endpoint", "endpoints"];

    public override IReadOnlyList<HubDefinition> BuiltIn { get; } =
        [new("wisemodel", "wisemodel")
        { Endpoint = WisemodelEndpoints.Official.Web, IsTrustedEndpoint = true, Settings = new WisemodelSettings() }];

    public override string DefaultHub => "wisemodel";

    public override bool CanUseGit => true;

    public override HubDefinition Read(HubSection section)
    {
        Uri? one = section.Endpoint("endpoint");
        WisemodelEndpoints known = one is null ? WisemodelEndpoints.Official : WisemodelEndpoints.At(one);
        Func<string, Uri?> named = section.Endpoints("endpoints", Services);
        var endpoints = new WisemodelEndpoints(named("web") ?? known.Web, named("gateway") ?? known.Gateway,
            named("upload") ?? known.Upload,
            named("raw") ?? known.Raw, named("gitlab") ?? known.GitLab, named("git") ?? known.Git);
        long? chunk = section.Integer("uploadChunkSize");
        if (chunk is < PushRequest.SmallestChunk or > PushRequest.LargestChunk)
            throw section.Wrong("uploadChunkSize", WisemodelMessages.InvalidChunkSize());
        var settings = new WisemodelSettings { Endpoints = endpoints, UploadChunkSize = chunk };
        return new HubDefinition(section.Name, Name)
        {
            Endpoint = one ?? endpoints.Web,
            Settings = settings with { CommitTimeout = section.Seconds("commitTimeout") ?? settings.CommitTimeout },
        };
    }

    public override IEnumerable<Uri> PageOrigins(HubDefinition hub) =>
        [hub.Services().Web, hub.Services().GitLab, hub.Services().Raw];

    public override RepoReference ParsePage(Uri url, HubDefinition hub) => PageUrl.Parse(url, hub, PageUrl.Form.TypeFirst);

    // The file in which wisemodel-hub stores its session.
    public override string? SecretFile(SecretKind kind, Func<string, string?> environment) =>
        kind == SecretKind.Session ? Path.Combine(UserFolders.Home(environment), ".cache", "wisemodel", ".token") : null;

    public override bool IsSession(string secret) => SessionToken.Is(secret);

    // A git token of Wisemodel is a GitLab token.
    public override IHubAccounts Accounts(HubDefinition hub, HubConnection connection) =>
        GitLabAccounts.At(hub, connection, hub.Services().GitLab);

    public override IHubSessions Sessions(HubDefinition hub, IHubContext context) => new Sessions(context, hub);

    public override IHub Open(HubDefinition hub, IHubContext context)
    {
        var own = new WisemodelHub(hub, context.Connect(hub), context.Log, context.Time, () => new Sessions(context, hub).Open());
        if (!context.UseGit)
            return own;
        HubDefinition git = hub with
        {
            Protocol = GitProtocol.ProtocolName,
            Endpoint = hub.Services().Git,
            Settings = new GitSettings { Transport = GitTransport.Git },
        };
        return new WisemodelGitHub(own, new GitHostHub(git, context.Connect(hub), context));
    }

    public override IForeignCache ForeignCache(Func<string, string?> environment, IHubLog log, IEnumerable<TreeEntry> wanted) =>
        new WisemodelCache(environment, log);
}
