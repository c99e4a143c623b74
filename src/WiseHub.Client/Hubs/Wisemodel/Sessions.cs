using WiseHub.Client.Credentials;

namespace WiseHub.Client.Hubs.Wisemodel;

/// <summary>
/// The session of a Wisemodel hub's gateway: made by user name and password, kept, and made again once where it has ended. The
/// password is kept nowhere.
/// </summary>
internal sealed class Sessions(IHubContext context, HubDefinition hub) : IHubSessions
{
    private readonly CredentialFile _file = new(context.Environment);

    // The pages' host has the login (docs/protocols/wisemodel.md#login), and the other two take what it gives.
    private readonly string[] _origins =
        [.. new[] { hub.Services().Web, hub.Services().Gateway, hub.Services().Upload }.Select(TokenSource.Origin).Distinct()];

    private Secret? Kept => context.Tokens.Find(hub, hub.Services().Gateway, SecretKind.Session);

    /// <summary>The session in use; null for none.</summary>
    /// <exception cref="HubException">WISE1055 to WISE1057, WISE3007 or WISE3013.</exception>
    public HubSession? Find()
    {
        if (Kept is not Secret kept)
            return null;
        return new HubSession(kept.Source) { User = Stored(kept)?.User, Ends = SessionToken.EndOf(kept.Value) };
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

    /// <summary>Keeps a session that somebody has.</summary>
    /// <param name="user">Whose it is; null where nobody said.</param>
    /// <param name="session">The session.</param>
    /// <param name="cancel">Ends the wait for the file.</param>
    /// <exception cref="HubException">
    /// WISE1055: it cannot be sent; WISE2022: it has ended; WISE1056, WISE1057, WISE3007, WISE3008 or WISE3013.
    /// </exception>
    public async Task<HubSession> StoreAsync(string? user, string session, CancellationToken cancel)
    {
        string value = Secret.Read(session, "this login")!.Value;
        DateTimeOffset? ends = SessionToken.EndOf(value);
        if (ends <= context.Time.GetUtcNow())
            throw new HubException(WiseCodes.SessionNeeded,
                $"The session for '{hub.Name}' has ended at {ends:u}. Run 'wisehub login {hub.Name} --user NAME' on a terminal.");
        await _file.ChangeAsync(old => [.. old.Where(c => c.Kind != SecretKind.Session || !_origins.Contains(c.Origin)),
            .. _origins.Select(o => new StoredCredential(o, SecretKind.Session, user, value))],
            context.Log, context.Time, cancel).ConfigureAwait(false);
        context.Tokens.Forget();
        return new HubSession($"the file {_file.Path}") { User = user, Ends = ends };
    }

    /// <summary>
    /// What calls of the gateway are made with: the session that is kept, and a new one where that has ended and the program can
    /// ask for the password.
    /// </summary>
    public GatewaySession Open()
    {
        Secret? kept = Kept;
        // A project may have put the upload service elsewhere: it gets what may go there.
        if (kept?.Value != context.Tokens.Find(hub, hub.Services().Upload, SecretKind.Session)?.Value)
            kept = null;
        return new GatewaySession(hub, context.Connect(hub), kept?.Value,
            kept is not null && context.AskPassword is not null && Stored(kept)?.User is string user
                ? cancel => LoginAgainAsync(context.AskPassword, user, cancel) : null, context.Time);
    }

    private async Task<string> LoginAgainAsync(
        Func<PasswordPrompt, CancellationToken, Task<string?>> ask, string user, CancellationToken cancel)
    {
        string password = await ask(new PasswordPrompt(hub.Name, hub.Services().Web, user), cancel).ConfigureAwait(false)
            ?? throw new HubException(WiseCodes.SessionNeeded, $"The session of '{user}' for '{hub.Name}' has ended, "
                + $"and nobody gave the password. Run 'wisehub login {hub.Name} --user {user}' on a terminal.");
        string session = await WisemodelGateway.LoginAsync(hub, context.Connect(hub), user, password,
            cancel).ConfigureAwait(false);
        await StoreAsync(user, session, cancel).ConfigureAwait(false);
        return session;
    }

    // Of what a login stored it is known whose it is. It must have been made at the very host that would be given the password: a
    // project may name another one.
    private StoredCredential? Stored(Secret kept) =>
        _file.Read().FirstOrDefault(c => c.Kind == SecretKind.Session && c.Origin == TokenSource.Origin(hub.Services().Web)
            && c.Secret == kept.Value);
}
