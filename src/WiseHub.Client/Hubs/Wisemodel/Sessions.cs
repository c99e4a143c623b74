using WiseHub.Client.Credentials;

namespace WiseHub.Client.Hubs.Wisemodel;

/// <summary>
/// The session of a Wisemodel hub's gateway: created by user name and password, stored, and renewed once when it has ended. The
/// password is not stored.
/// </summary>
internal sealed class Sessions(IHubContext context, HubDefinition hub) : IHubSessions
{
    private readonly CredentialFile _file = new(context.Environment);

    // The web host has the login (docs/protocols/wisemodel.md#login); the other two services accept its session.
    private readonly string[] _origins =
        [.. new[] { hub.Services().Web, hub.Services().Gateway, hub.Services().Upload }.Select(TokenSource.Origin).Distinct()];

    private Secret? Current => context.Tokens.Find(hub, hub.Services().Gateway, SecretKind.Session);

    /// <summary>The session in use; null for none.</summary>
    /// <exception cref="HubException">WISE1055 to WISE1057, WISE3007 or WISE3013.</exception>
    public HubSession? Find()
    {
        if (Current is not Secret current)
            return null;
        return new HubSession(current.Source) { User = Stored(current)?.User, Ends = SessionToken.EndOf(current.Value) };
    }

    /// <exception cref="HubException">
    /// WISE2014, WISE2021, WISE2001 or WISE2010; WISE1056, WISE1057, WISE3007, WISE3008 or WISE3013.
    /// </exception>
    public async Task<HubSession> LoginAsync(string user, string password, CancellationToken cancel)
    {
        string session = await WisemodelGateway.LoginAsync(hub, context.Connect(hub), user, password,
            cancel).ConfigureAwait(false);
        return await StoreAsync(user, session, cancel).ConfigureAwait(false);
    }

    /// <summary>Stores a session.</summary>
    /// <param name="user">Its user; null if unknown.</param>
    /// <param name="session">The session.</param>
    /// <param name="cancel">Ends the wait for the file.</param>
    /// <exception cref="HubException">
    /// WISE1055: it cannot be sent; WISE2022: it has ended; WISE1056, WISE1057, WISE3007, WISE3008 or WISE3013.
    /// </exception>
    public async Task<HubSession> StoreAsync(string? user, string session, CancellationToken cancel)
    {
        string value = Secret.Read(session, (Text)$"this login")!.Value;
        DateTimeOffset? ends = SessionToken.EndOf(value);
        if (ends <= context.Time.GetUtcNow())
            throw WisemodelMessages.SessionEnded(hub.Name, ends);
        await _file.ChangeAsync(old => [.. old.Where(c => c.Kind != SecretKind.Session || !_origins.Contains(c.Origin)),
            .. _origins.Select(o => new StoredCredential(o, SecretKind.Session, user, value))],
            context.Log, context.Time, cancel).ConfigureAwait(false);
        context.Tokens.Forget();
        return new HubSession((Text)$"the file {_file.Path}") { User = user, Ends = ends };
    }

    /// <summary>
    /// Opens the gateway with the stored session. It is renewed when it has ended, if the program can ask for the password.
    /// </summary>
    public GatewaySession Open()
    {
        Secret? current = Current;
        // A project may name another host as its upload service, which must not receive this session.
        if (current?.Value != context.Tokens.Find(hub, hub.Services().Upload, SecretKind.Session)?.Value)
            current = null;
        return new GatewaySession(hub, context.Connect(hub), current?.Value,
            current is not null && context.AskPassword is not null && Stored(current)?.User is string user
                ? cancel => LoginAgainAsync(context.AskPassword, user, cancel) : null, context.Time);
    }

    private async Task<string> LoginAgainAsync(
        Func<PasswordPrompt, CancellationToken, Task<string?>> ask, string user, CancellationToken cancel)
    {
        string password = await ask(new PasswordPrompt(hub.Name, hub.Services().Web, user), cancel).ConfigureAwait(false)
            ?? throw WisemodelMessages.PasswordNeeded(hub.Name, user);
        string session = await WisemodelGateway.LoginAsync(hub, context.Connect(hub), user, password,
            cancel).ConfigureAwait(false);
        await StoreAsync(user, session, cancel).ConfigureAwait(false);
        return session;
    }

    // The stored entry of a session, which names the user. Its origin must be the host that would receive the password, because a
    // project may name another host.
    private StoredCredential? Stored(Secret session) =>
        _file.Read().FirstOrDefault(c => c.Kind == SecretKind.Session && c.Origin == TokenSource.Origin(hub.Services().Web)
            && c.Secret == session.Value);
}
