namespace WiseHub.Client;

/// <summary>A configured hub.</summary>
/// <param name="Name">Its name in references.</param>
/// <param name="Protocol">Its protocol, as in wisehub.json.</param>
public sealed record HubDefinition(string Name, string Protocol)
{
    /// <summary>Base URL, without a slash at the end; null for a folder.</summary>
    public Uri? Endpoint { get; init; }

    /// <summary>Absolute path of a folder hub.</summary>
    public string? Path { get; init; }

    /// <summary>
    /// True if the endpoint is built in, or set by the environment or the user's own configuration. Only such an endpoint
    /// receives general tokens (HF_TOKEN, token files, git credentials, netrc): cloning a repository must not send a user's token
    /// away (docs/tokens.md#trusted-hubs).
    /// </summary>
    public bool IsTrustedEndpoint { get; init; }

    /// <summary>
    /// True if a project's <c>wisehub.json</c> redirects a name that the user knows as another place (a built-in hub, or one of
    /// the user's own configuration). The token of that name is then withheld, too, until the user confirms the new place.
    /// </summary>
    public bool IsMovedByProject { get; init; }

    /// <summary>
    /// Tries per request or location after transient failures, with growing pauses and within <see cref="TotalTimeout"/>.
    /// </summary>
    public int Retries { get; init; } = 8;

    /// <summary>Maximum time to establish a connection.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Maximum time between bytes of a response, unless the client or the environment sets it; null = 15 s.</summary>
    public TimeSpan? StallTimeout { get; init; }

    /// <summary>Maximum time for retrying a hub that does not respond.</summary>
    public TimeSpan TotalTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>The protocol-specific settings; null if there are none.</summary>
    internal HubSettings? Settings { get; init; }

    /// <summary>True if the hub needs no network.</summary>
    internal bool IsLocal => Path is not null;

    /// <summary>
    /// Equal for hubs that are the same place, whatever their names; part of the name of the hub's folder in the cache.
    /// </summary>
    internal string Identity => $"{Protocol}\n{Path ?? Endpoint?.AbsoluteUri}{Settings?.Identity}";

    internal string TokenVariable => "WISEHUB_TOKEN_" + HubNames.ForEnvironment(Name);

    /// <summary>The hub's own origins, which may receive its secrets.</summary>
    public IReadOnlyList<Uri> Origins => Settings is HubSettings own ? own.Origins(Endpoint) : Endpoint is null ? [] : [Endpoint];

    /// <summary>The page for creating tokens; null if unknown.</summary>
    internal Uri? TokenPage => Settings?.TokenPage(Endpoint);

    /// <summary>True if the hub needs no network, even for writing.</summary>
    internal bool IsLocalForWriting => IsLocal && Settings is not { WritesOverNetwork: true };

    /// <summary>The settings as the type of their protocol.</summary>
    internal T SettingsAs<T>() where T : HubSettings, new() => Settings as T ?? new T();

    internal bool IsSamePlace(HubDefinition other) =>
        (Protocol, Endpoint, Path) == (other.Protocol, other.Endpoint, other.Path)
        && Settings?.IsSamePlace(other.Settings) != false;
}
