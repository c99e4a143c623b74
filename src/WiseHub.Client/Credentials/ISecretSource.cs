namespace WiseHub.Client.Credentials;

/// <summary>The origins that may receive a source's secrets (docs/tokens.md#trusted-hubs).</summary>
internal enum SecretReach
{
    /// <summary>
    /// For a hub by name: sent to that hub at any endpoint, unless a project's wisehub.json redirects a name that the user knows
    /// as another place.
    /// </summary>
    NamedHub,

    /// <summary>Stored for one origin: sent to that origin, even if a project configured the hub.</summary>
    ExactOrigin,

    /// <summary>
    /// For a service in general: sent to built-in origins, and to those from the environment or the user's own configuration.
    /// </summary>
    TrustedOrigin,
}

/// <summary>A source of secrets, used only within its <see cref="Reach"/>.</summary>
internal interface ISecretSource
{
    SecretReach Reach { get; }

    /// <summary>The secret for an origin of a hub, or null.</summary>
    Secret? Find(HubDefinition hub, Uri origin, SecretKind kind);
}
