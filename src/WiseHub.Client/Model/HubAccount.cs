namespace WiseHub.Client;

/// <summary>Who a token belongs to, as the hub says.</summary>
/// <param name="Name">The account's name on the hub.</param>
public sealed record HubAccount(string Name)
{
    /// <summary>The name for people; null where the hub has none.</summary>
    public string? FullName { get; init; }

    /// <summary>Organizations of the account, where the hub lists them.</summary>
    public IReadOnlyList<string> Organizations { get; init; } = [];
}

/// <summary>A login by token, for <see cref="AccountClient.LoginAsync(HubLogin, CancellationToken)"/>.</summary>
/// <param name="Hub">The name of the hub.</param>
/// <param name="Token">
/// The token to check and to store. Of Wisemodel also the session of its gateway, which is known by its form.
/// </param>
public sealed record HubLogin(string Hub, string Token)
{
    /// <summary>
    /// The places that the user confirmed, where a project's configuration moves a hub that means another place to the user:
    /// without all of <see cref="HubDefinition.Origins"/> such a login is refused before anything is sent (WISE1058).
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
/// <param name="Password">Sent once, and kept nowhere.</param>
public sealed record HubPasswordLogin(string Hub, string User, string Password)
{
    /// <inheritdoc cref="HubLogin.ConfirmedOrigins"/>
    public IReadOnlyList<Uri> ConfirmedOrigins { get; init; } = [];

    /// <inheritdoc/>
    public override string ToString() => $"a login of {User} at {Hub}";
}

/// <summary>Asks for the password of a user whose session has ended.</summary>
/// <param name="Hub">The name of the hub.</param>
/// <param name="Endpoint">Where the password will be sent: the place where the user logged in before.</param>
/// <param name="User">The account's name.</param>
public sealed record PasswordPrompt(string Hub, Uri Endpoint, string User);

/// <summary>What a login by user name and password gave.</summary>
/// <param name="Source">Where the session is kept, in words.</param>
public sealed record HubSession(string Source)
{
    /// <summary>Whose it is; null where no login of this tool made it.</summary>
    public string? User { get; init; }

    /// <summary>When it ends, as it says itself; null where it does not.</summary>
    public DateTimeOffset? Ends { get; init; }
}

/// <summary>What a login did, or who one is.</summary>
public sealed record HubIdentity
{
    /// <summary>The name of the hub.</summary>
    public required string Hub { get; init; }

    /// <summary>Where it is.</summary>
    public required Uri Endpoint { get; init; }

    /// <summary>
    /// Null where the hub cannot say whose token it is: a static web server, or a git host of an unknown kind; or where there
    /// is only a session.
    /// </summary>
    public HubAccount? Account { get; init; }

    /// <summary>
    /// Where the token is, in words: the file it was stored in, or the source that is used. Where there is only a
    /// session, where that is.
    /// </summary>
    public required string Source { get; init; }

    /// <summary>The session of the hub's gateway; null where there is none, or the hub has no such thing.</summary>
    public HubSession? Session { get; init; }

    /// <summary>There is only the session: it says who one is.</summary>
    public bool IsBySession { get; init; }
}
