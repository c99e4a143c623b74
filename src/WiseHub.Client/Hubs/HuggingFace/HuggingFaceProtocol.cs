using WiseHub.Client.Credentials;

namespace WiseHub.Client.Hubs.HuggingFace;

/// <summary>The Hugging Face protocol (docs/protocols/huggingface.md).</summary>
internal sealed class HuggingFaceProtocol : HubProtocol
{
    private const string HubName = "huggingface";

    private static readonly Uri Official = new("https://huggingface.co");

    public override string Name => "huggingface";

    public override IReadOnlyList<string> Keys => ["endpoint"];

    public override IReadOnlyList<string> ShippedKeys => ["endpoint"];

    public override IReadOnlyList<HubDefinition> BuiltIn { get; } =
        [new(HubName, "huggingface") { Endpoint = Official, IsTrustedEndpoint = true, Settings = new HuggingFaceSettings() }];

    public override string? OfflineVariable => "HF_HUB_OFFLINE";

    public override bool ManagesRepos => true;

    public override bool HasGitPages => true;

    public override (string Type, Uri Home)? ModelPackages => ("huggingface", Official);

    public override IReadOnlyList<string> NoteFolders => [".cache/huggingface"];

    public override string? EndpointVariable(string hub) => hub == HubName ? "HF_ENDPOINT" : null;

    public override HubDefinition Read(HubSection section) =>
        new(section.Name, Name) { Endpoint = section.Endpoint("endpoint") ?? Official, Settings = new HuggingFaceSettings() };

    public override string? UserAgent(Func<string, string?> environment) =>
        environment("HF_HUB_USER_AGENT_ORIGIN") is { Length: > 0 } origin ? "origin/" + origin : null;

    public override IEnumerable<Uri> PageOrigins(HubDefinition hub) => hub.Endpoint is Uri endpoint ? [endpoint] : [];

    public override RepoReference ParsePage(Uri url, HubDefinition hub) => PageUrl.Parse(url, hub);

    public override IReadOnlyList<string> TokenVariables(HubDefinition hub, Func<string, string?> environment) =>
        IsImplicitOff(environment) ? [] : ["HF_TOKEN", "HUGGING_FACE_HUB_TOKEN"];

    // HF_TOKEN_PATH, else token in HF_HOME, else in the user's cache folder.
    public override string? SecretFile(SecretKind kind, Func<string, string?> environment) =>
        kind != SecretKind.Token || IsImplicitOff(environment) ? null
        : UserPath.Of("HF_TOKEN_PATH", environment) ?? Path.Combine(HuggingFaceFolders.Home(environment), "token");

    public override IHubAccounts? Accounts(HubDefinition hub, HubConnection connection) => AccountsOf(hub, connection);

    /// <inheritdoc cref="Accounts"/>
    public static IHubAccounts? AccountsOf(HubDefinition hub, HubConnection connection) => hub.Endpoint is not Uri at ? null
        : HubAccounts.Bearer(hub, connection, HubAccounts.Below(at, "/api/whoami-v2"), response =>
            HubAccounts.Account(response, "name", "fullname") is HubAccount account
                ? account with { Organizations = HubAccounts.Names(response, "orgs") } : null);

    public override IHub Open(HubDefinition hub, IHubContext context) =>
        new HuggingFaceHub(hub, context.Connect(hub), context.Log, context.Time);

    public override IForeignCache ForeignCache(Func<string, string?> environment, IHubLog log, IEnumerable<TreeEntry> wanted) =>
        new HuggingFaceCache(environment, log, wanted);

    // Hugging Face's own switch against the use of stored tokens.
    private static bool IsImplicitOff(Func<string, string?> environment) =>
        TokenSource.IsTrue(environment("HF_HUB_DISABLE_IMPLICIT_TOKEN"));
}
