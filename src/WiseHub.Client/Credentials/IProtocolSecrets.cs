namespace WiseHub.Client.Credentials;

/// <summary>Protocol-specific knowledge about secrets.</summary>
internal interface IProtocolSecrets
{
    /// <summary>True when a secret for a hub is a session and not a token.</summary>
    bool IsSession(HubDefinition hub, string? secret);

    /// <summary>Environment variables of other tools that may hold a token for a hub.</summary>
    IReadOnlyList<string> Variables(HubDefinition hub, Func<string, string?> environment);

    /// <summary>The file where another tool stores a secret for a hub, or null.</summary>
    string? File(HubDefinition hub, SecretKind kind, Func<string, string?> environment);

    /// <summary>Credential helper programs.</summary>
    IEnumerable<ISecretSource> Helpers(Func<string, string?> environment, IHubLog log);
}
