namespace WiseHub.Client.Credentials;

/// <summary>What the program that uses the library gave: <see cref="HubClientOptions.Tokens"/>.</summary>
internal sealed class GivenTokens(IReadOnlyDictionary<string, string> tokens) : ISecretSource
{
    public SecretReach Reach => SecretReach.NamedHub;

    public Secret? Find(HubDefinition hub, Uri origin, SecretKind kind) => kind != SecretKind.Token ? null
        : Secret.Read(tokens.FirstOrDefault(t => t.Key.Equals(hub.Name, StringComparison.OrdinalIgnoreCase)).Value, "HubClientOptions.Tokens");
}
