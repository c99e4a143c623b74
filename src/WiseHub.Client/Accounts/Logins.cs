using WiseHub.Client.Context;
using WiseHub.Client.Credentials;
using WiseHub.Client.Hubs;

namespace WiseHub.Client.Accounts;

/// <summary>Login, logout and who one is. A token is stored only after the hub took it, where the hub can say.</summary>
internal sealed class Logins(ClientContext context)
{
    private readonly CredentialFile _file = new(context.Environment);

    public async Task<HubIdentity> LoginAsync(HubLogin login, CancellationToken cancel)
    {
        (HubDefinition hub, Uri endpoint) = Find(login.Hub);
        CheckConfirmed(hub, login.ConfirmedOrigins);
        Secret secret = Secret.Read(login.Token, "this login")
            ?? throw new HubException(WiseCodes.LoginNotPossible, $"The token for the hub '{hub.Name}' is empty. {MakeOne(hub)}");
        // No request is known by which the gateway says whose a session is.
        if (context.Protocols.IsSession(hub, secret.Value) && context.Sessions(hub) is IHubSessions sessions)
            return Identity(hub, endpoint, await sessions.StoreAsync(null, secret.Value, cancel).ConfigureAwait(false));
        HubAccount? account = Accounts(hub) is IHubAccounts accounts
            ? await accounts.WhoAmIAsync(secret, cancel).ConfigureAwait(false) : null;
        string[] origins = Origins(hub);
        await ChangeAsync(old => [.. old.Where(c => c.Kind != SecretKind.Token || !origins.Contains(c.Origin)),
            .. origins.Select(o => new StoredCredential(o, SecretKind.Token, account?.Name, secret.Value))],
            cancel).ConfigureAwait(false);
        return new HubIdentity { Hub = hub.Name, Endpoint = endpoint, Account = account, Source = $"the file {_file.Path}" };
    }

    public async Task<HubIdentity> LoginAsync(HubPasswordLogin login, CancellationToken cancel)
    {
        (HubDefinition hub, Uri endpoint) = Find(login.Hub);
        if (context.Sessions(hub) is not IHubSessions sessions)
            throw new HubException(WiseCodes.NoPasswordLogin, $"The hub '{hub.Name}' has no login by user name and password. "
                + $"Log in with a token: wisehub login {hub.Name}. {MakeOne(hub)}");
        CheckConfirmed(hub, login.ConfirmedOrigins);
        if (login.User.Length == 0 || login.Password.Length == 0)
            throw new HubException(WiseCodes.LoginNotPossible, $"The {(login.User.Length == 0 ? "user name" : "password")} for "
                + $"the hub '{hub.Name}' is empty. Nothing was sent.");
        if (context.Offline)
            throw Offline(hub);
        return Identity(hub, endpoint, await sessions.LoginAsync(login.User, login.Password, cancel).ConfigureAwait(false));
    }

    /// <returns>The origins whose secrets are gone.</returns>
    public async Task<IReadOnlyList<string>> LogoutAsync(string? name, CancellationToken cancel)
    {
        string[]? origins = name is null ? null : Origins(Find(name).Hub);
        List<string> gone = [];
        if (_file.Read().Any(IsMeant))
        {
            await ChangeAsync(old =>
            {
                gone.AddRange(old.Where(IsMeant).Select(c => c.Origin).Distinct());
                return [.. old.Where(c => !IsMeant(c))];
            }, cancel).ConfigureAwait(false);
        }
        return gone;

        bool IsMeant(StoredCredential c) => origins is null || origins.Contains(c.Origin);
    }

    public async Task<HubIdentity> WhoAmIAsync(string name, CancellationToken cancel)
    {
        (HubDefinition hub, Uri endpoint) = Find(name);
        HubSession? session = context.Sessions(hub)?.Find();
        IHubAccounts? accounts = context.Accounts(hub);
        if (TokenFor(hub, accounts?.Asked ?? endpoint, endpoint) is not Secret secret)
        {
            return session is null ? throw new HubException(WiseCodes.TokenNeeded,
                $"There is no token for the hub '{hub.Name}' ({TokenSource.Origin(endpoint)}). "
                + $"{context.Tokens.Remedy(hub, endpoint, SecretKind.Token)}")
                : session.Ends <= context.Time.GetUtcNow() ? throw new HubException(WiseCodes.SessionNeeded,
                    $"The session for '{hub.Name}' of {session.Source} has ended at {session.Ends:u}. "
                    + $"Run 'wisehub login {hub.Name} --user {session.User ?? "NAME"}' on a terminal.")
                : Identity(hub, endpoint, session);
        }
        if (context.Offline)
            throw Offline(hub);
        return new HubIdentity
        {
            Hub = hub.Name,
            Endpoint = endpoint,
            Account = accounts is not null ? await accounts.WhoAmIAsync(secret, cancel).ConfigureAwait(false) : null,
            Source = secret.Source,
            Session = session,
        };
    }

    // The request goes to another host of the hub, which a project may have put anywhere: what is kept for the hub's own host
    // goes there only where the user has put both. (A netrc knows github.com and not api.github.com.)
    private Secret? TokenFor(HubDefinition hub, Uri asked, Uri endpoint) =>
        context.Tokens.Find(hub, asked, SecretKind.Token) ?? (hub.IsTrustedEndpoint || Urls.SameOrigin(asked, endpoint)
            ? context.Tokens.Find(hub, endpoint, SecretKind.Token) : null);

    private static HubIdentity Identity(HubDefinition hub, Uri endpoint, HubSession session) => new()
    {
        Hub = hub.Name,
        Endpoint = endpoint,
        Account = session.User is string user ? new HubAccount(user) : null,
        Source = session.Source,
        Session = session,
        IsBySession = true,
    };

    private IHubAccounts? Accounts(HubDefinition hub) => !context.Offline ? context.Accounts(hub) : throw Offline(hub);

    private HubException Offline(HubDefinition hub) =>
        new(WiseCodes.OfflineAndMissing, $"The hub '{hub.Name}' cannot be asked whose a token is, "
            + $"because the network must not be used. Unset {string.Join(" and ", context.Protocols.OfflineNames)}.");

    private async Task ChangeAsync(
        Func<IReadOnlyList<StoredCredential>, IEnumerable<StoredCredential>> change, CancellationToken cancel)
    {
        await _file.ChangeAsync(change, context.Log, context.Time, cancel).ConfigureAwait(false);
        context.Tokens.Forget();
    }

    private (HubDefinition Hub, Uri Endpoint) Find(string name)
    {
        HubDefinition hub = context.Config.Find(name);
        return hub.Endpoint is Uri endpoint && hub.Settings?.NoLogin is null ? (hub, endpoint)
            : throw new HubException(WiseCodes.NoLogin,
                $"The hub '{hub.Name}' has no login: {hub.Settings?.NoLogin ?? "it is a folder. Its files have rights"}.");
    }

    private static string[] Origins(HubDefinition hub) => [.. hub.Origins.Select(TokenSource.Origin).Distinct()];

    private static string MakeOne(HubDefinition hub) =>
        hub.TokenPage is Uri page ? $"Make one at {page.AbsoluteUri}." : "Ask the operator of the hub for one.";

    private static void CheckConfirmed(HubDefinition hub, IReadOnlyList<Uri> confirmed)
    {
        if (!hub.IsMovedByProject || hub.Origins.All(o => confirmed.Any(c => Urls.SameOrigin(c, o))))
            return;
        throw new HubException(WiseCodes.LoginNotPossible,
            $"The project's {HubNames.ConfigFile} moves the hub '{hub.Name}' to {string.Join(", ", Origins(hub))}, "
            + "and nobody confirmed that place, so nothing was sent there. If you mean it, set "
            + $"WISEHUB_ENDPOINT_{HubNames.ForEnvironment(hub.Name)} to it, or log in on a terminal, which asks.");
    }
}
