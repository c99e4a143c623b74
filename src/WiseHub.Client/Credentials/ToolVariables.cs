namespace WiseHub.Client.Credentials;

/// <summary>Environment variables of other tools.</summary>
internal sealed class ToolVariables(Func<string, string?> environment, IProtocolSecrets protocols) : ISecretSource
{
    public SecretReach Reach => SecretReach.TrustedOrigin;

    public Secret? Find(HubDefinition hub, Uri origin, SecretKind kind) => kind != SecretKind.Token ? null
        : protocols.Variables(hub, environment).Select(n => Secret.Read(environment(n), (Text)$"the environment variable {n}"))
            .FirstOrDefault(s => s is not null);
}
