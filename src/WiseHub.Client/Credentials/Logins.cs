using WiseHub.Client.Http;
using WiseHub.Client.Hubs;

namespace WiseHub.Client.Credentials;

/// <summary>Login, logout and who one is. A token is stored only after the hub took it, where the hub can say.</summary>
internal sealed class Logins(HubServices services)
{
    private readonly CredentialFile _file = new(UserFolders.Configuration(services.Environment));

    public async Task<HubIdentity> LoginAsync(HubLogin login, CancellationToken cancel)
    {
        (HubDefinition hub, Uri endpoint) = Find(login.Hub);
        if (hub.IsMovedByProject && !(login.ConfirmedEndpoint is Uri confirmed && HubHttp.SameOrigin(confirmed, endpoint)))
            throw NotConfirmed(hub, endpoint);
        Secret secret = Secret.Read(login.Token, "this login") ?? throw new HubException(WiseCodes.LoginNotPossible, $"The token for the hub '{hub.Name}' is empty. {MakeOne(hub)}");
        HubAccount? account = Accounts(hub) is IHubAccounts accounts ? await accounts.WhoAmIAsync(secret, cancel).ConfigureAwait(false) : null;
        string[] origins = Origins(hub);
        await ChangeAsync(old => [.. old.Where(c => c.Kind != SecretKind.Token || !origins.Contains(c.Origin)),
            .. origins.Select(o => new StoredCredential(o, SecretKind.Token, account?.Name, secret.Value))], cancel).ConfigureAwait(false);
        return new HubIdentity { Hub = hub.Name, Endpoint = endpoint, Account = account, Source = $"the file {_file.Path}" };
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
        Secret secret = services.Tokens.Find(hub, endpoint, SecretKind.Token) ?? throw new HubException(WiseCodes.TokenNeeded,
            $"There is no token for the hub '{hub.Name}' ({TokenSource.Origin(endpoint)}). {services.Tokens.Remedy(hub, endpoint, SecretKind.Token)}");
        return new HubIdentity
        {
            Hub = hub.Name,
            Endpoint = endpoint,
            Account = Accounts(hub) is IHubAccounts accounts ? await accounts.WhoAmIAsync(secret, cancel).ConfigureAwait(false) : null,
            Source = secret.Source,
        };
    }

    private IHubAccounts? Accounts(HubDefinition hub) => !services.Offline ? services.Accounts(hub)
        : throw new HubException(WiseCodes.OfflineAndMissing, $"The hub '{hub.Name}' cannot be asked whose a token is, because the network must not be used. Unset WISEHUB_OFFLINE and HF_HUB_OFFLINE.");

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

    private static HubException NotConfirmed(HubDefinition hub, Uri endpoint) => new(WiseCodes.LoginNotPossible,
        $"The project's {HubConfig.FileName} moves the hub '{hub.Name}' to {TokenSource.Origin(endpoint)}, and nobody confirmed that place, so nothing was sent there. If you mean it, "
        + $"set WISEHUB_ENDPOINT_{HubConfig.EnvironmentName(hub.Name)} to it, or log in on a terminal, which asks.");
}
