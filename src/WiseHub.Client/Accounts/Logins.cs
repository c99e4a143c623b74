using WiseHub.Client.Context;
using WiseHub.Client.Credentials;
using WiseHub.Client.Hubs;

namespace WiseHub.Client.Accounts;

/// <summary>Login, logout and account information. If the hub can check a token, it is stored only after that.</summary>
internal sealed class Logins(ClientContext context)
{
    private readonly CredentialFile _file = new(context.Environment);

    public async Task<HubIdentity> LoginAsync(HubLogin login, CancellationToken cancel)
    {
        (HubDefinition hub, Uri endpoint) = Find(login.Hub);
        CheckConfirmed(hub, login.ConfirmedOrigins);
        Secret secret = Secret.Read(login.Token, AccountMessages.ThisLogin) ?? throw AccountMessages.EmptyToken(hub);
        // The gateway has no known request for the owner of a session.
        if (context.Protocols.IsSession(hub, secret.Value) && context.Sessions(hub) is IHubSessions sessions)
            return Identity(hub, endpoint, await sessions.StoreAsync(null, secret.Value, cancel).ConfigureAwait(false));
        HubAccount? account = Accounts(hub) is IHubAccounts accounts
            ? await accounts.WhoAmIAsync(secret, cancel).ConfigureAwait(false) : null;
        string[] origins = Origins(hub);
        await ChangeAsync(old => [.. old.Where(c => c.Kind != SecretKind.Token || !origins.Contains(c.Origin)),
            .. origins.Select(o => new StoredCredential(o, SecretKind.Token, account?.Name, secret.Value))],
            cancel).ConfigureAwait(false);
        return new HubIdentity
        { Hub = hub.Name, Endpoint = endpoint, Account = account, Source = (Text)$"the file {_file.Path}" };
    }

    public async Task<HubIdentity> LoginAsync(HubPasswordLogin login, CancellationToken cancel)
    {
        (HubDefinition hub, Uri endpoint) = Find(login.Hub);
        if (context.Sessions(hub) is not IHubSessions sessions)
            throw AccountMessages.NoPasswordLogin(hub);
        CheckConfirmed(hub, login.ConfirmedOrigins);
        if (login.User.Length == 0 || login.Password.Length == 0)
            throw AccountMessages.EmptyLogin(hub, hasUser: login.User.Length > 0);
        if (context.Offline)
            throw Offline(hub);
        return Identity(hub, endpoint, await sessions.LoginAsync(login.User, login.Password, cancel).ConfigureAwait(false));
    }

    /// <returns>The origins whose secrets were removed.</returns>
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
            return session is null
                ? throw AccountMessages.NoToken(hub, TokenSource.Origin(endpoint),
                    context.Tokens.Remedy(hub, endpoint, SecretKind.Token))
                : session.Ends <= context.Time.GetUtcNow() ? throw AccountMessages.SessionExpired(hub, session)
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

    // The request goes to another host of the hub, which a project may have set to any server. The token of the hub's own host is
    // only sent there if the user configured both. (A netrc knows github.com and not api.github.com.)
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

    private HubException Offline(HubDefinition hub) => AccountMessages.Offline(hub, context.Protocols.OfflineNames);

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
            : throw AccountMessages.NoLogin(hub, hub.Settings?.NoLogin);
    }

    private static string[] Origins(HubDefinition hub) => [.. hub.Origins.Select(TokenSource.Origin).Distinct()];

    private static void CheckConfirmed(HubDefinition hub, IReadOnlyList<Uri> confirmed)
    {
        if (!hub.IsMovedByProject || hub.Origins.All(o => confirmed.Any(c => Urls.SameOrigin(c, o))))
            return;
        throw AccountMessages.NotConfirmed(hub, Origins(hub));
    }
}
