namespace WiseHub.Client.Credentials;

/// <summary>
/// The environment variables of a hub: <c>WISEHUB_TOKEN_&lt;HUB&gt;</c> and <c>WISEHUB_SESSION_&lt;HUB&gt;</c>.
/// </summary>
internal sealed class HubVariables(Func<string, string?> environment, IProtocolSecrets protocols) : ISecretSource
{
    public SecretReach Reach => SecretReach.NamedHub;

    public static string Name(HubDefinition hub, SecretKind kind) =>
        (kind == SecretKind.Token ? "WISEHUB_TOKEN_" : "WISEHUB_SESSION_") + HubNames.ForEnvironment(hub.Name);

    public Secret? Find(HubDefinition hub, Uri origin, SecretKind kind)
    {
        string own = Name(hub, kind), token = Name(hub, SecretKind.Token);
        // Users with nothing but a session may put it in the token variable.
        bool isSession = protocols.IsSession(hub, environment(token));
        return kind == SecretKind.Token ? isSession ? null : Read(token) : Read(own) ?? (isSession ? Read(token) : null);
    }

    private Secret? Read(string name) => Secret.Read(environment(name), Text.Of($"the environment variable {name}"));
}
