namespace WiseHub.Client;

/// <summary>One configured hub.</summary>
/// <param name="Name">The name that references use.</param>
/// <param name="Protocol">The protocol that it speaks, as in wisehub.json.</param>
public sealed record HubDefinition(string Name, string Protocol)
{
    /// <summary>Base URL, without a slash at the end; null for a folder.</summary>
    public Uri? Endpoint { get; init; }

    /// <summary>Absolute path of a folder hub.</summary>
    public string? Path { get; init; }

    /// <summary>
    /// True when the endpoint is built in, or set by the environment or by the user's own configuration. Only then do general
    /// tokens (HF_TOKEN, token files, git credentials, netrc) go to it: cloning a repository must not send anybody's token away
    /// (docs/tokens.md#trusted-hubs).
    /// </summary>
    public bool IsTrustedEndpoint { get; init; }

    /// <summary>
    /// True when a project's <c>wisehub.json</c> puts a name that means another place to the user (a built-in hub, or one of the
    /// user's own configuration) here. Then the token of that name does not go there either, until the user confirms the place.
    /// </summary>
    public bool IsMovedByProject { get; init; }

    /// <summary>
    /// Tries for one request or location, while trouble may pass; with growing pauses between them, and within
    /// <see cref="TotalTimeout"/>.
    /// </summary>
    public int Retries { get; init; } = 8;

    /// <summary>Longest wait for a connection.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Longest silence inside a response, unless the client or the environment says otherwise; null = 15 s.</summary>
    public TimeSpan? StallTimeout { get; init; }

    /// <summary>Longest time in which a hub that does not answer is tried.</summary>
    public TimeSpan TotalTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>The settings that only its protocol has; null where it has none.</summary>
    internal HubSettings? Settings { get; init; }

    /// <summary>Nothing of it needs the network.</summary>
    internal bool IsLocal => Path is not null;

    /// <summary>What makes two hubs the same place, whatever they are called; names the hub's part of the cache.</summary>
    internal string Identity => $"{Protocol}\n{Path ?? Endpoint?.AbsoluteUri}{Settings?.Identity}";

    internal string TokenVariable => "WISEHUB_TOKEN_" + HubNames.ForEnvironment(Name);

    /// <summary>The origins that belong to the hub itself, and may get what is meant for it.</summary>
    public IReadOnlyList<Uri> Origins => Settings is HubSettings own ? own.Origins(Endpoint) : Endpoint is null ? [] : [Endpoint];

    /// <summary>The page on which people make tokens; null where that is not known.</summary>
    internal Uri? TokenPage => Settings?.TokenPage(Endpoint);

    /// <summary>Nothing of it needs the network, not even a write.</summary>
    internal bool IsLocalForWriting => IsLocal && Settings is not { WritesOverNetwork: true };

    /// <summary>The settings, for the protocol that has made them.</summary>
    internal T SettingsAs<T>() where T : HubSettings, new() => Settings as T ?? new T();

    internal bool IsSamePlace(HubDefinition other) =>
        (Protocol, Endpoint, Path) == (other.Protocol, other.Endpoint, other.Path)
        && Settings?.IsSamePlace(other.Settings) != false;
}
