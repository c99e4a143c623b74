using WiseHub.Client.Accounts;
using WiseHub.Client.Context;
using WiseHub.Client.Credentials;

namespace WiseHub.Client;

/// <summary>
/// Tokens and sessions of this user: logs in and out, and says which token a hub would get; see <see cref="HubClient.Accounts"/>.
/// </summary>
public sealed class AccountClient
{
    private readonly ClientContext _context;

    internal AccountClient(ClientContext context) => _context = context;

    /// <summary>
    /// Asks the hub who a token belongs to, and stores the token for this user and for exactly the hub's own origins.
    /// </summary>
    /// <exception cref="HubException">
    /// WISE1002; WISE1055 to WISE1059; WISE2006: the hub refused it; WISE2001 to WISE2012; WISE3007, WISE3008 or WISE3013.
    /// </exception>
    /// <exception cref="OperationCanceledException">Cancelled; nothing was stored.</exception>
    public Task<HubIdentity> LoginAsync(HubLogin login, CancellationToken cancel = default) =>
        Task.Run(() => new Logins(_context).LoginAsync(login, cancel), cancel);

    /// <summary>
    /// Logs in by user name and password, and stores the session that the hub returns for this user and for exactly the hub's own
    /// origins. Of the built-in hubs only Wisemodel has such a login.
    /// </summary>
    /// <exception cref="HubException">
    /// WISE1002; WISE1053: the hub has no such login; WISE1055 to WISE1059; WISE2021: the hub refused them; WISE2001 to WISE2014;
    /// WISE3007, WISE3008 or WISE3013.
    /// </exception>
    /// <exception cref="OperationCanceledException">Cancelled; nothing was stored.</exception>
    public Task<HubIdentity> LoginAsync(HubPasswordLogin login, CancellationToken cancel = default) =>
        Task.Run(() => new Logins(_context).LoginAsync(login, cancel), cancel);

    /// <summary>
    /// Removes what logins stored for one hub, or with null for all. It leaves the environment and files of other tools alone.
    /// </summary>
    /// <returns>The origins whose tokens are gone; empty when none was stored.</returns>
    /// <exception cref="HubException">WISE1002, WISE1056, WISE1057, WISE1059, WISE3007 or WISE3013.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public Task<IReadOnlyList<string>> LogoutAsync(string? hub, CancellationToken cancel = default) =>
        Task.Run(() => new Logins(_context).LogoutAsync(hub, cancel), cancel);

    /// <summary>Asks a hub who the token in use belongs to, and names the session if there is one.</summary>
    /// <exception cref="HubException">
    /// WISE1002, WISE1059; WISE2005: there is neither token nor session; WISE2006: the hub refused it; WISE2001 to WISE2012.
    /// </exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public Task<HubIdentity> WhoAmIAsync(string hub, CancellationToken cancel = default) =>
        Task.Run(() => new Logins(_context).WhoAmIAsync(hub, cancel), cancel);

    /// <summary>The token that would be sent to a hub, or null.</summary>
    /// <exception cref="HubException">WISE1002.</exception>
    public string? GetToken(string hub) => TokenOf(hub)?.Value;

    /// <summary>The place that holds the token which would be sent to a hub, in words, or null; never the token.</summary>
    /// <exception cref="HubException">WISE1002; WISE1055 to WISE1057.</exception>
    public string? FindTokenSource(string hub) => TokenOf(hub)?.Source;

    /// <summary>The environment variable for the token of a hub, <c>WISEHUB_TOKEN_&lt;HUB&gt;</c>.</summary>
    /// <exception cref="HubException">WISE1002.</exception>
    public string GetTokenVariable(string hub) => _context.Config.Find(hub).TokenVariable;

    /// <summary>The page where people make tokens for a hub; null where it is not known.</summary>
    /// <exception cref="HubException">WISE1002.</exception>
    public Uri? GetTokenPage(string hub) => _context.Config.Find(hub).TokenPage;

    /// <summary>The session of a hub's gateway that is in use; null where there is none. It makes no request.</summary>
    /// <exception cref="HubException">WISE1002; WISE1055 to WISE1057.</exception>
    public HubSession? FindSession(string hub) =>
        _context.Sessions(_context.Config.Find(hub))?.Find();

    /// <summary>Whether a hub has logins by user name and password, for its own sessions. No request.</summary>
    /// <exception cref="HubException">WISE1002.</exception>
    public bool TakesPassword(string hub) => _context.Sessions(_context.Config.Find(hub)) is not null;

    private Secret? TokenOf(string hub) =>
        _context.Config.Find(hub) is { Endpoint: Uri origin } definition
            ? _context.Tokens.Find(definition, origin, SecretKind.Token) : null;
}
