namespace WiseHub.Client.Credentials;

/// <summary>How far the secrets of a source may go (docs/tokens.md#trusted-hubs).</summary>
internal enum SecretReach
{
    /// <summary>
    /// Meant for a hub by its name: goes wherever that hub is, except where a project's wisehub.json moved a name that means
    /// another place to the user.
    /// </summary>
    NamedHub,

    /// <summary>Kept for one origin: goes to that one, whoever named it.</summary>
    ExactOrigin,

    /// <summary>
    /// Meant for a service in general: goes to a built-in origin, or one that the environment or the user's own
    /// configuration set.
    /// </summary>
    TrustedOrigin,
}

/// <summary>A place where secrets are kept. Asked only for what its <see cref="Reach"/> allows.</summary>
internal interface ISecretSource
{
    SecretReach Reach { get; }

    /// <summary>The secret for an origin of a hub, or null.</summary>
    Secret? Find(HubDefinition hub, Uri origin, SecretKind kind);
}
