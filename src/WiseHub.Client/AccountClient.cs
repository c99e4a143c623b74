using WiseHub.Client.Accounts;
using WiseHub.Client.Context;
using WiseHub.Client.Credentials;

namespace WiseHub.Client;

/// <summary>
/// This user's tokens and sessions: logs in and out, and shows which token a hub would receive; see
/// <see cref="HubClient.Accounts"/>.
/// </summary>
public sealed class AccountClient
{
    private readonly ClientContext _context;

    internal AccountClient(ClientContext context) => _context = context;

    /// <summary>
    /// Asks the hub for the owner of a token, and stores the token for this user, only for the hub's own origins.
    /// </summary>
    /// <exception cref="HubException">
    /// WISE1002; WISE1055 to WISE1059; WISE2006: the hub refused it; WISE2001 to WISE2012; WISE3007, WISE3008 or WISE3013.
    /// </exception>
    /// <exception cref="OperationCanceledException">Cancelled; nothing was stored.</exception>
    public Task<HubIdentity> LoginAsync(HubLogin login, CancellationToken cancel = default) =>
        Task.Run(() => new Logins(_context).LoginAsync(login, cancel), cancel);

    /// <summary>
    /// Logs in by user name and password, and stores the returned session for this user, only for the hub's own origins. Of the
    /// built-in hubs, only Wisemodel has such logins.
    /// </summary>
    /// <exception cref="HubException">
    /// WISE1002; WISE1053: the hub has no such login; WISE1055 to WISE1059; WISE2021: the hub refused them; WISE2001 to WISE2014;
    /// WISE3007, WISE3008 or WISE3013.
    /// </exception>
    /// <exception cref="OperationCanceledException">Cancelled; nothing was stored.</exception>
    public Task<HubIdentity> LoginAsync(HubPasswordLogin login, CancellationToken cancel = default) =>
        Task.Run(() => new Logins(_context).LoginAsync(login, cancel), cancel);

    /// <summary>
    /// Removes the stored secrets of one hub, or of all hubs if null. Environment variables and files of other tools are not
    /// changed.
    /// </summary>
    /// <returns>The origins whose secrets were removed; empty if none were stored.</returns>
    /// <exception cref="HubException">WISE1002, WISE1056, WISE1057, WISE1059, WISE3007 or WISE3013.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public Task<IReadOnlyList<string>> LogoutAsync(string? hub, CancellationToken cancel = default) =>
        Task.Run(() => new Logins(_context).LogoutAsync(hub, cancel), cancel);

    /// <summary>Asks a hub for the owner of the token in use, and describes the session if there is one.</summary>
    /// <exception cref="HubException">
    /// WISE1002, WISE1059; WISE2005: there is neither a token nor a session; WISE2006: the hub refused it; WISE2001 to WISE2012.
    /// </exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public Task<HubIdentity> WhoAmIAsync(string hub, CancellationToken cancel = default) =>
        Task.Run(() => new Logins(_context).WhoAmIAsync(hub, cancel), cancel);

    /// <summary>The token that a hub would receive, or null.</summary>
    /// <exception cref="HubException">WISE1002.</exception>
    public string? GetToken(string hub) => TokenOf(hub)?.Value;

    /// <summary>A description of the source of the token that a hub would receive, or null; never the token itself.</summary>
    /// <exception cref="HubException">WISE1002; WISE1055 to WISE1057.</exception>
    public string? FindTokenSource(string hub) => TokenOf(hub)?.Source;

    /// <summary>The environment variable for the token of a hub, <c>WISEHUB_TOKEN_&lt;HUB&gt;</c>.</summary>
    /// <exception cref="HubException">WISE1002.</exception>
    public string GetTokenVariable(string hub) => _context.Config.Find(hub).TokenVariable;

    /// <summary>The web page for creating a hub's tokens; null if unknown.</summary>
    /// <exception cref="HubException">WISE1002.</exception>
    public Uri? GetTokenPage(string hub) => _context.Config.Find(hub).TokenPage;

    /// <summary>The session in use for a hub's gateway, or null. Makes no request.</summary>
    /// <exception cref="HubException">WISE1002; WISE1055 to WISE1057.</exception>
    public HubSession? FindSession(string hub) =>
        _context.Sessions(_context.Config.Find(hub))?.Find();

    /// <summary>True for a hub with logins by user name and password. Makes no request.</summary>
    /// <exception cref="HubException">WISE1002.</exception>
    public bool TakesPassword(string hub) => _context.Sessions(_context.Config.Find(hub)) is not null;

    private Secret? TokenOf(string hub) =>
        _context.Config.Find(hub) is { Endpoint: Uri origin } definition
            ? _context.Tokens.Find(definition, origin, SecretKind.Token) : null;
}
