namespace WiseHub.Client.Credentials;

/// <summary>What the protocols of hubs know about secrets.</summary>
internal interface IProtocolSecrets
{
    /// <summary>Whether a secret for a hub is a session and not a token.</summary>
    bool IsSession(HubDefinition hub, string? secret);

    /// <summary>Variables of other tools that have a token for a hub.</summary>
    IReadOnlyList<string> Variables(HubDefinition hub, Func<string, string?> environment);

    /// <summary>The file in which another tool keeps a secret for a hub; null for none.</summary>
    string? File(HubDefinition hub, SecretKind kind, Func<string, string?> environment);

    /// <summary>Programs that keep secrets for origins.</summary>
    IEnumerable<ISecretSource> Helpers(Func<string, string?> environment, IHubLog log);
}
