namespace WiseHub.Client.Hubs;

/// <summary>The sessions of a hub that has logins by user name and password.</summary>
internal interface IHubSessions
{
    /// <summary>Finds the session in use; null for none. Sends no request.</summary>
    /// <exception cref="HubException">WISE1055 to WISE1057, WISE3007 or WISE3013.</exception>
    HubSession? Find();

    /// <summary>Logs in, and stores the session.</summary>
    /// <exception cref="HubException">
    /// WISE2014, WISE2021, WISE2001 or WISE2010; WISE1056, WISE1057, WISE3007, WISE3008 or WISE3013.
    /// </exception>
    Task<HubSession> LoginAsync(string user, string password, CancellationToken cancel);

    /// <summary>Stores a session that the user has.</summary>
    /// <param name="user">The user of the session; null if unknown.</param>
    /// <param name="session">The session.</param>
    /// <param name="cancel">Ends the wait for the file.</param>
    /// <exception cref="HubException">
    /// WISE1055: it cannot be sent; WISE2022: it has ended; WISE1056, WISE1057, WISE3007, WISE3008 or WISE3013.
    /// </exception>
    Task<HubSession> StoreAsync(string? user, string session, CancellationToken cancel);
}
