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

/// <summary>A question for <see cref="HubClient.LoginAsync"/>.</summary>
/// <param name="Hub">The name of the hub.</param>
/// <param name="Token">The token to check and to store.</param>
public sealed record HubLogin(string Hub, string Token)
{
    /// <summary>
    /// The endpoint that the user confirmed, where a project's configuration moves a hub that means another place to the user; without it
    /// such a login is refused before anything is sent (WISE1058).
    /// </summary>
    public Uri? ConfirmedEndpoint { get; init; }

    /// <inheritdoc/>
    public override string ToString() => $"a login at {Hub}";
}

/// <summary>What a login did, or who one is.</summary>
public sealed record HubIdentity
{
    /// <summary>The name of the hub.</summary>
    public required string Hub { get; init; }

    /// <summary>Where it is.</summary>
    public required Uri Endpoint { get; init; }

    /// <summary>Null where the hub cannot say whose token it is: a static web server, or a git host of an unknown kind.</summary>
    public HubAccount? Account { get; init; }

    /// <summary>Where the token is, in words: the file it was stored in, or the source that is used.</summary>
    public required string Source { get; init; }
}
