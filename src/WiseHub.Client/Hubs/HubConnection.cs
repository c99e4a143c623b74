using WiseHub.Client.Credentials;
using WiseHub.Client.Http;

namespace WiseHub.Client.Hubs;

/// <summary>
/// The connections and the secrets of one hub. Both are made at the first use, because a build that has every file needs
/// neither.
/// </summary>
internal sealed class HubConnection(HubDefinition hub, Func<HubHttp> http, TokenSource tokens)
{
    /// <summary>
    /// The token for the hub's endpoint, sent as a bearer. A user name and password, as in netrc, are sent as Basic.
    /// </summary>
    public Credential? Credential => hub.Endpoint is not Uri origin || Find(origin, SecretKind.Token) is not Secret secret ? null
        : hub.Settings is { PasswordsAreTokens: true } ? Credential.Bearer(origin, secret.Value)
        : secret.User is string user ? Credential.Basic(origin, user, secret.Value)
        // No bearer token has a colon (RFC 6750 section 2.1); a web server with passwords has no other kind of token.
        : secret.Value.Split(':', 2) is [string given, string password] ? Credential.Basic(origin, given, password)
        : Credential.Bearer(origin, secret.Value);

    /// <summary>
    /// Finds the secret that may be sent to an origin, or null. The hub chooses how to send it, by a factory of
    /// <see cref="Http.Credential"/>.
    /// </summary>
    /// <inheritdoc cref="TokenSource.Find"/>
    public Secret? Find(Uri origin, SecretKind kind) => tokens.Find(hub, origin, kind);

    /// <inheritdoc cref="TokenSource.Remedy"/>
    public string Remedy(Uri origin, SecretKind kind, bool writes = false) => tokens.Remedy(hub, origin, kind, writes);

    /// <summary>The advice on setting the token of the endpoint.</summary>
    public string TokenRemedy => Remedy(hub.Endpoint!, SecretKind.Token);

    /// <summary>The token of the endpoint and its source, for messages.</summary>
    public string TokenInUse =>
        Find(hub.Endpoint!, SecretKind.Token) is Secret found ? (Text)$"the token of {found.Source}" : (Text)$"the token";

    /// <summary>The connections, for uploads and streams.</summary>
    public HubHttp Http => http();

    /// <summary>Sends a GET for a small response, with the hub's own token.</summary>
    /// <inheritdoc cref="HubHttp.SendAsync"/>
    public Task<HubResponse> SendAsync(Uri uri, int limit, CancellationToken cancel) =>
        SendAsync(new HubRequest(uri), Credential, limit, cancel);

    /// <inheritdoc cref="HubHttp.OpenAsync"/>
    public Task<HubResponse> OpenAsync(Uri uri, ContentRequest content, CancellationToken cancel) =>
        http().OpenAsync(uri, Credential, content, cancel);

    /// <inheritdoc cref="HubHttp.SendAsync"/>
    public Task<HubResponse> SendAsync(HubRequest request, Credential? credential, int limit, CancellationToken cancel) =>
        http().SendAsync(request, credential, limit, cancel);
}
