using WiseHub.Client.Credentials;

namespace WiseHub.Client.Hubs;

/// <summary>A hub that can say whose token something is. Not every hub can: a static web server has no accounts.</summary>
internal interface IHubAccounts
{
    /// <summary>Where the token is sent.</summary>
    Uri Asked { get; }

    /// <exception cref="HubException">WISE2006: the hub refused the token; WISE2001 to WISE2012.</exception>
    Task<HubAccount> WhoAmIAsync(Secret secret, CancellationToken cancel);
}
