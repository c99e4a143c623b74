using WiseHub.Client.Http;
using WiseHub.Client.Hubs;

namespace WiseHub.Client.Credentials;

/// <summary>Login, logout and who one is. A token is stored only after the hub took it, where the hub can say.</summary>
internal sealed class Logins(HubServices services)
{
    private readonly CredentialFile _file = new(services.Environment);

    public async Task<HubIdentity> LoginAsync(HubLogin login, CancellationToken cancel)
    {
        (HubDefinition hub, Uri endpoint) = Find(login.Hub);
        CheckConfirmed(hub, login.ConfirmedOrigins);
        Secret secret = Secret.Read(login.Token, "this login") ?? throw new HubException(WiseCodes.LoginNotPossible, $"The token for the hub '{hub.Name}' is empty. {MakeOne(hub)}");
        // No question is known by which the gateway says whose a session is.
        if (SessionToken.Is(hub, secret.Value))
            return Identity(hub, endpoint, await new Sessions(services, hub).StoreAsync(null, secret.Value, cancel).ConfigureAwait(false));
        HubAccount? account = Accounts(hub) is IHubAccounts accounts ? await accounts.WhoAmIAsync(secret, cancel).ConfigureAwait(false) : null;
        string[] origins = Origins(hub);
        await ChangeAsync(old => [.. old.Where(c => c.Kind != SecretKind.Token || !origins.Contains(c.Origin)),
            .. origins.Select(o => new StoredCredential(o, SecretKind.Token, account?.Name, secret.Value))], cancel).ConfigureAwait(false);
        return new HubIdentity { Hub = hub.Name, Endpoint = endpoint, Account = account, Source = $"the file {_file.Path}" };
    }

    public async Task<HubIdentity> LoginAsync(HubPasswordLogin login, CancellationToken cancel)
    {
        (HubDefinition hub, Uri endpoint) = Find(login.Hub);
        if (hub.Endpoints is null)
            throw new HubException(WiseCodes.NoPasswordLogin, $"The hub '{hub.Name}' has no login by user name and password. Log in with a token: wisehub login {hub.Name}. {MakeOne(hub)}");
        CheckConfirmed(hub, login.ConfirmedOrigins);
        if (login.User.Length == 0 || login.Password.Length == 0)
            throw new HubException(WiseCodes.LoginNotPossible, $"The {(login.User.Length == 0 ? "user name" : "password")} for the hub '{hub.Name}' is empty. Nothing was sent.");
        if (services.Offline)
            throw Offline(hub);
        return Identity(hub, endpoint, await new Sessions(services, hub).LoginAsync(login.User, login.Password, cancel).ConfigureAwait(false));
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
        HubSession? session = hub.Endpoints is null ? null : new Sessions(services, hub).Find();
        IHubAccounts? accounts = services.Accounts(hub);
        if (TokenFor(hub, accounts?.Asked ?? endpoint, endpoint) is not Secret secret)
        {
            return session is null ? throw new HubException(WiseCodes.TokenNeeded,
                $"There is no token for the hub '{hub.Name}' ({TokenSource.Origin(endpoint)}). {services.Tokens.Remedy(hub, endpoint, SecretKind.Token)}")
                : session.Ends <= services.Time.GetUtcNow() ? throw new HubException(WiseCodes.SessionNeeded,
                    $"The session for '{hub.Name}' of {session.Source} has ended at {session.Ends:u}. Run 'wisehub login {hub.Name} --user {session.User ?? "NAME"}' on a terminal.")
                : Identity(hub, endpoint, session);
        }
        if (services.Offline)
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

    // The question goes to another host of the hub, which a project may have put anywhere: what is kept for the hub's own host goes there
    // only where the user has put both. (A netrc knows github.com and not api.github.com.)
    private Secret? TokenFor(HubDefinition hub, Uri asked, Uri endpoint) =>
        services.Tokens.Find(hub, asked, SecretKind.Token) ?? (hub.IsTrustedEndpoint || HubHttp.SameOrigin(asked, endpoint) ? services.Tokens.Find(hub, endpoint, SecretKind.Token) : null);

    private static HubIdentity Identity(HubDefinition hub, Uri endpoint, HubSession session) => new()
    {
        Hub = hub.Name,
        Endpoint = endpoint,
        Account = session.User is string user ? new HubAccount(user) : null,
        Source = session.Source,
        Session = session,
        IsBySession = true,
    };

    private IHubAccounts? Accounts(HubDefinition hub) => !services.Offline ? services.Accounts(hub) : throw Offline(hub);

    private static HubException Offline(HubDefinition hub) =>
        new(WiseCodes.OfflineAndMissing, $"The hub '{hub.Name}' cannot be asked whose a token is, because the network must not be used. Unset WISEHUB_OFFLINE and HF_HUB_OFFLINE.");

    private async Task ChangeAsync(Func<IReadOnlyList<StoredCredential>, IEnumerable<StoredCredential>> change, CancellationToken cancel)
    {
        await _file.ChangeAsync(change, services.Log, services.Time, cancel).ConfigureAwait(false);
        services.Tokens.Forget();
    }

    private (HubDefinition Hub, Uri Endpoint) Find(string name)
    {
        HubDefinition hub = services.Config.Find(name);
        return hub is { Endpoint: Uri endpoint, Protocol: not ("s3" or "hg-localization") } ? (hub, endpoint)
            : throw new HubException(WiseCodes.NoLogin, $"The hub '{hub.Name}' has no login: {(hub.Bucket is null ? "it is a folder. Its files have rights" : "it takes AWS credentials. Set them as for the AWS tools")}.");
    }

    private static string[] Origins(HubDefinition hub) => [.. hub.Origins.Select(TokenSource.Origin).Distinct()];

    private static string MakeOne(HubDefinition hub) => hub.TokenPage is Uri page ? $"Make one at {page.AbsoluteUri}." : "Ask the operator of the hub for one.";

    private static void CheckConfirmed(HubDefinition hub, IReadOnlyList<Uri> confirmed)
    {
        if (!hub.IsMovedByProject || hub.Origins.All(o => confirmed.Any(c => HubHttp.SameOrigin(c, o))))
            return;
        throw new HubException(WiseCodes.LoginNotPossible,
            $"The project's {HubConfig.FileName} moves the hub '{hub.Name}' to {string.Join(", ", Origins(hub))}, and nobody confirmed that place, so nothing was sent there. If you mean it, "
            + $"set WISEHUB_ENDPOINT_{HubConfig.EnvironmentName(hub.Name)} to it, or log in on a terminal, which asks.");
    }
}
