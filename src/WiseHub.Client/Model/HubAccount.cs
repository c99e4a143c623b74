namespace WiseHub.Client;

/// <summary>The owner of a token, as reported by the hub.</summary>
/// <param name="Name">The account's name on the hub.</param>
public sealed record HubAccount(string Name)
{
    /// <summary>The display name; null if the hub has none.</summary>
    public string? FullName { get; init; }

    /// <summary>The account's organizations, if the hub lists them.</summary>
    public IReadOnlyList<string> Organizations { get; init; } = [];
}

/// <summary>A login by token, for <see cref="AccountClient.LoginAsync(HubLogin, CancellationToken)"/>.</summary>
/// <param name="Hub">The name of the hub.</param>
/// <param name="Token">
/// The token to check and store. For Wisemodel, also a session of its gateway, recognised by its form.
/// </param>
public sealed record HubLogin(string Hub, string Token)
{
    /// <summary>
    /// The origins confirmed by the user, if a project's configuration redirects a hub that the user knows at another place.
    /// Without all of <see cref="HubDefinition.Origins"/>, such a login is refused before anything is sent (WISE1058).
    /// </summary>
    public IReadOnlyList<Uri> ConfirmedOrigins { get; init; } = [];

    /// <inheritdoc/>
    public override string ToString() => $"a login at {Hub}";
}

/// <summary>
/// A login by user name and password, for <see cref="AccountClient.LoginAsync(HubPasswordLogin, CancellationToken)"/>.
/// </summary>
/// <param name="Hub">The name of the hub.</param>
/// <param name="User">The account's name.</param>
/// <param name="Password">Sent once and never stored.</param>
public sealed record HubPasswordLogin(string Hub, string User, string Password)
{
    /// <inheritdoc cref="HubLogin.ConfirmedOrigins"/>
    public IReadOnlyList<Uri> ConfirmedOrigins { get; init; } = [];

    /// <inheritdoc/>
    public override string ToString() => $"a login of {User} at {Hub}";
}

/// <summary>A request for the password of a user whose session has expired.</summary>
/// <param name="Hub">The name of the hub.</param>
/// <param name="Endpoint">The server that receives the password, where the user logged in before.</param>
/// <param name="User">The account's name.</param>
public sealed record PasswordPrompt(string Hub, Uri Endpoint, string User);

/// <summary>A session from a login by user name and password.</summary>
/// <param name="Source">A description of its storage place.</param>
public sealed record HubSession(string Source)
{
    /// <summary>Its owner; null if it was not made by a login with this tool.</summary>
    public string? User { get; init; }

    /// <summary>Its expiry according to the session itself; null if it has none.</summary>
    public DateTimeOffset? Ends { get; init; }
}

/// <summary>The account in use on a hub, or after a login.</summary>
public sealed record HubIdentity
{
    /// <summary>The name of the hub.</summary>
    public required string Hub { get; init; }

    /// <summary>The hub's endpoint.</summary>
    public required Uri Endpoint { get; init; }

    /// <summary>
    /// The account; null if the hub cannot tell the owner of a token (a static web server or an unknown kind of git host), or
    /// there is only a session.
    /// </summary>
    public HubAccount? Account { get; init; }

    /// <summary>
    /// A description of the token's storage place: the file of a login, or the source in use. Without a token, that of the
    /// session.
    /// </summary>
    public required string Source { get; init; }

    /// <summary>The session of the hub's gateway; null if there is none, or the hub has no sessions.</summary>
    public HubSession? Session { get; init; }

    /// <summary>True if there is only a session, which identifies the account.</summary>
    public bool IsBySession { get; init; }
}
