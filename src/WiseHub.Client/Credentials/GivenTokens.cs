namespace WiseHub.Client.Credentials;

/// <summary>Tokens given by the program that uses the library: <see cref="HubClientOptions.Tokens"/>.</summary>
internal sealed class GivenTokens(IReadOnlyDictionary<string, string> tokens, IProtocolSecrets protocols) : ISecretSource
{
    public SecretReach Reach => SecretReach.NamedHub;

    public Secret? Find(HubDefinition hub, Uri origin, SecretKind kind)
    {
        string? token = tokens.FirstOrDefault(t => t.Key.Equals(hub.Name, StringComparison.OrdinalIgnoreCase)).Value;
        return protocols.IsSession(hub, token) == (kind == SecretKind.Session)
            ? Secret.Read(token, "HubClientOptions.Tokens") : null;
    }
}
