using System.Net;
using System.Text.Json;
using WiseHub.Client.Http;

namespace WiseHub.Client.Hubs.Wisemodel;

/// <summary>
/// The session of all gateway calls (docs/protocols/wisemodel.md): sends the session token, renews it once if the hub reports
/// that it has ended, and reads the envelope of the responses. Thread-safe.
/// </summary>
/// <param name="definition">The hub.</param>
/// <param name="connection">The connection to the hub.</param>
/// <param name="session">The current session token, if any.</param>
/// <param name="loginAgain">Makes a new session; null if that is not possible.</param>
/// <param name="time">The clock: a session token names its end.</param>
internal sealed class GatewaySession(
    HubDefinition definition, HubConnection connection, string? session, Func<CancellationToken, Task<string>>? loginAgain,
        TimeProvider time)
{
    private const string Ended = "B2002", NotFound = "10003", Good = "0";

    private const int LongestShown = 200;

    private readonly Lock _gate = new();
    private volatile string? _session = session;

    // A failed renewal is kept, too, so that the user is asked only once.
    private (string? Ended, Task<string> New)? _renewal;

    /// <summary>Maximum of bytes of a response.</summary>
    public const int MaxAnswerBytes = 4 << 20;

    /// <summary>Sends one request: with retries, only once, or as an upload.</summary>
    public delegate Task<HubResponse> Sender(HubRequest httpRequest, Credential credential, CancellationToken cancel);

    /// <summary>Sends with retries.</summary>
    public Sender WithRetries => (httpRequest, credential, cancel) =>
        connection.SendAsync(httpRequest, credential, MaxAnswerBytes, cancel);

    /// <summary>Sends a request that must not be repeated.</summary>
    public Sender Once =>
        (httpRequest, credential, cancel) => connection.Http.SendWithoutRetryAsync(httpRequest, credential, MaxAnswerBytes,
            cancel);

    /// <summary>Sends file contents.</summary>
    public Sender AsUpload => (httpRequest, credential, cancel) =>
        connection.Http.UploadAsync(httpRequest, credential, MaxAnswerBytes, cancel);

    /// <summary>Makes sure that there is a session that has not ended.</summary>
    /// <exception cref="HubException">WISE2022: there is none and cannot be one; WISE2021 and others of a login.</exception>
    public async Task RequireAsync(RepoReference reference, CancellationToken cancel)
    {
        // Read once: a session that another call has just renewed must not be renewed again.
        string? current = _session;
        if (current is null || SessionToken.EndOf(current) <= time.GetUtcNow())
            await RenewAsync(reference, current, cancel).ConfigureAwait(false);
    }

    /// <summary>
    /// Sends a request with the session. If the hub reports that the session has ended, renews it and repeats the request once.
    /// </summary>
    /// <param name="reference">The repo, for messages.</param>
    /// <param name="service">The service that receives the session.</param>
    /// <param name="httpRequest">The request.</param>
    /// <param name="send">Sends the request.</param>
    /// <param name="cancel">Ends the wait.</param>
    /// <exception cref="HubException">WISE2002, WISE2022, WISE2023, WISE5037, WISE2001, WISE2009 or WISE2010.</exception>
    public async Task<JsonDocument> CallAsync(
        RepoReference reference, Uri service, HubRequest httpRequest, Sender send, CancellationToken cancel)
    {
        for (bool isNew = false; ; isNew = true)
        {
            await RequireAsync(reference, cancel).ConfigureAwait(false);
            string session = _session!;
            (JsonDocument? response, string code, string message) = await SendAsync(httpRequest,
                Credential.Bearer(service, session), send, cancel).ConfigureAwait(false);
            if (code == Good)
                return response!;
            response?.Dispose();
            message = message.Replace(session, "***", StringComparison.Ordinal);
            string what = WisemodelMessages.GatewayResponse(reference, definition.Name, httpRequest.Uri, code, message);
            if (code != Ended)
                throw code == NotFound ? WisemodelMessages.NotFoundByGateway(what, ProjectPath(reference))
                    : WisemodelMessages.GatewayRefused(what, ProjectPath(reference));
            if (isNew)
                throw WisemodelMessages.NewSessionRefused(definition.Name, what);
            await RenewAsync(reference, session, cancel).ConfigureAwait(false);
        }
    }

    /// <summary>The value that names a repo in every call: the URL of its page.</summary>
    public string ProjectPath(RepoReference reference) =>
        $"{definition.Services().Web.AbsoluteUri.TrimEnd('/')}/{reference.RepoType.ToPlural()}/{reference.RepoId}";

    /// <summary><c>{"code": 0 or "B2002", "message": "…", "data": …}</c>: a number or a string.</summary>
    public static (string Code, string Message)? Envelope(JsonDocument response)
    {
        JsonElement root = response.RootElement;
        string? code = root.ValueKind == JsonValueKind.Object && root.TryGetProperty("code", out JsonElement value)
            ? value.ValueKind == JsonValueKind.Number ? value.GetRawText() : value.ValueKind == JsonValueKind.String
                ? StrictJson.Text(value) : null
            : null;
        if (code is null)
            return null;
        string message = root.TryGetProperty("message", out JsonElement text) && text.ValueKind == JsonValueKind.String
            ? StrictJson.Text(text) ?? "" : "";
        message = string.Concat(message.Select(c => char.IsControl(c) ? ' ' : c));
        return (code, message.Length > LongestShown ? message[..LongestShown] + "…" : message);
    }

    public static JsonElement? Data(JsonDocument response, string key) =>
        response.RootElement.TryGetProperty("data", out JsonElement data)
        && data.ValueKind == JsonValueKind.Object && data.TryGetProperty(key, out JsonElement value)
            ? value : null;

    public HubException Unexpected(Uri uri, string reason) => Unexpected(definition, uri, reason);

    public static HubException Unexpected(HubDefinition definition, Uri uri, string reason) =>
        WisemodelMessages.UnexpectedFromGateway(definition.Name, uri, reason);

    private async Task<(JsonDocument? Response, string Code, string Message)> SendAsync(
        HubRequest httpRequest, Credential credential, Sender send, CancellationToken cancel)
    {
        using HubResponse response = await send(httpRequest, credential, cancel).ConfigureAwait(false);
        if (response.Status == HttpStatusCode.Unauthorized)
            return (null, Ended, "401");
        if (response.Status == HttpStatusCode.RequestEntityTooLarge)
            throw WisemodelMessages.ChunkTooLarge(definition.Name, response.Uri);
        if (!response.IsSuccess)
            throw Unexpected(response.Uri, (Text)$"its status is {(int)response.Status}");
        JsonDocument json = response.Json((_, reason) => Unexpected(httpRequest.Uri, reason));
        if (Envelope(json) is (string code, string message))
            return (json, code, message);
        json.Dispose();
        throw Unexpected(httpRequest.Uri, (Text)$"it has no code");
    }

    // Renews once, even if several calls find at the same time that the session has ended.
    private async Task RenewAsync(RepoReference reference, string? ended, CancellationToken cancel)
    {
        if (loginAgain is null)
            throw ended is null ? WisemodelMessages.LoginNeeded(reference, definition.Name)
                : WisemodelMessages.SessionEnded(reference, definition.Name);
        Task<string> renewal;
        lock (_gate)
        {
            if (_session != ended)
                return;
            if (_renewal is not { } known || known.Ended != ended)
                _renewal = known = (ended, loginAgain(cancel));
            renewal = known.New;
        }
        string renewed = await renewal.ConfigureAwait(false);
        lock (_gate)
        {
            if (_session == ended)
                _session = renewed;
        }
    }
}
