using WiseHub.Client.Credentials;

namespace WiseHub.Client.Hubs;

/// <summary>Looks up the account of a token. Not every hub can: a static web server has no accounts.</summary>
internal interface IHubAccounts
{
    /// <summary>The URL that the token is sent to.</summary>
    Uri Asked { get; }

    /// <exception cref="HubException">WISE2006: the hub refused the token; WISE2001 to WISE2012.</exception>
    Task<HubAccount> WhoAmIAsync(Secret secret, CancellationToken cancel);
}
