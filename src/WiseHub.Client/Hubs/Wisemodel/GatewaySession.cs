using System.Globalization;
using System.Net;
using System.Text.Json;
using WiseHub.Client.Http;

namespace WiseHub.Client.Hubs.Wisemodel;

/// <summary>
/// What all calls of Wisemodel's gateway have in common (docs/protocols/wisemodel.md): the session token, which is
/// made anew once where the hub says that it has ended, and the envelope of the responses. Safe for several calls at once.
/// </summary>
/// <param name="definition">Where it is.</param>
/// <param name="connection">How it is reached.</param>
/// <param name="session">The session token that is there, if any.</param>
/// <param name="loginAgain">Makes a new session; null where nobody can.</param>
/// <param name="time">What time it is: a session says itself when it ends.</param>
internal sealed class GatewaySession(
    HubDefinition definition, HubConnection connection, string? session, Func<CancellationToken, Task<string>>? loginAgain,
        TimeProvider time)
{
    private const string Ended = "B2002", NotFound = "10003", Good = "0";

    private const int LongestShown = 200;

    private readonly Lock _gate = new();
    private volatile string? _session = session;

    // A failed one too: a person is asked once.
    private (string? Ended, Task<string> New)? _renewal;

    /// <summary>Most bytes of a response.</summary>
    public const int MaxAnswerBytes = 4 << 20;

    /// <summary>How one call is sent: with retries, only once, or as a content.</summary>
    public delegate Task<HubResponse> Way(HubRequest httpRequest, Credential credential, CancellationToken cancel);

    /// <summary>With the retries of a request.</summary>
    public Way Asking => (httpRequest, credential, cancel) =>
        connection.SendAsync(httpRequest, credential, MaxAnswerBytes, cancel);

    /// <summary>For what must not be done twice.</summary>
    public Way AskingOnce =>
        (httpRequest, credential, cancel) => connection.Http.SendWithoutRetryAsync(httpRequest, credential, MaxAnswerBytes,
            cancel);

    /// <summary>For contents.</summary>
    public Way Uploading => (httpRequest, credential, cancel) =>
        connection.Http.UploadAsync(httpRequest, credential, MaxAnswerBytes, cancel);

    /// <summary>There is a session that has not ended, or one was made.</summary>
    /// <exception cref="HubException">WISE2022: neither; WISE2021 and others of a login.</exception>
    public async Task RequireAsync(RepoReference reference, CancellationToken cancel)
    {
        if (_session is not string current || SessionToken.EndOf(current) <= time.GetUtcNow())
            await RenewAsync(reference, _session, cancel).ConfigureAwait(false);
    }

    /// <summary>
    /// Asks with the session; where the hub says that it has ended, it is made anew once, and the call repeated once.
    /// </summary>
    /// <param name="reference">The repo, for messages and for what 10003 means.</param>
    /// <param name="service">The service that gets the session.</param>
    /// <param name="httpRequest">What to ask.</param>
    /// <param name="way">How.</param>
    /// <param name="cancel">Ends the wait.</param>
    /// <exception cref="HubException">WISE2002, WISE2022, WISE2023, WISE5037, WISE2001, WISE2009 or WISE2010.</exception>
    public async Task<JsonDocument> CallAsync(
        RepoReference reference, Uri service, HubRequest httpRequest, Way way, CancellationToken cancel)
    {
        for (bool isNew = false; ; isNew = true)
        {
            await RequireAsync(reference, cancel).ConfigureAwait(false);
            string session = _session!;
            (JsonDocument? response, string code, string message) = await SendAsync(httpRequest,
                Credential.Bearer(service, session), way, cancel).ConfigureAwait(false);
            if (code == Good)
                return response!;
            response?.Dispose();
            message = message.Replace(session, "***", StringComparison.Ordinal);
            string where = $"{reference} on '{definition.Name}' ({Urls.Show(httpRequest.Uri)}, code {code}: \"{message}\")";
            if (code != Ended)
            {
                throw code == NotFound
                    ? new HubException(WiseCodes.RepoNotFound,
                        $"{where}: there is no such repo, branch or folder. Look at {ProjectPath(reference)}.")
                    : new HubException(WiseCodes.GatewayRefused, $"{where}: the hub refused the request. "
                        + $"Look at {ProjectPath(reference)}, and at the rights of your account.");
            }
            if (isNew)
                throw NotLoggedIn($"{where}: the hub does not take the session, though it is new.");
            await RenewAsync(reference, session, cancel).ConfigureAwait(false);
        }
    }

    /// <summary>The value that names a repo in every call: the address of its page.</summary>
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

    public static HubException Unexpected(HubDefinition definition, Uri uri, string reason) => new(WiseCodes.UnexpectedAnswer,
        $"The gateway of '{definition.Name}' answered {Urls.Show(uri)} in an unexpected way: {reason}. Check its endpoint "
        + $"\"{(uri.AbsolutePath.Contains("/fileupload/", StringComparison.Ordinal) ? "upload" : "gateway")}\".");

    private async Task<(JsonDocument? Answer, string Code, string Message)> SendAsync(
        HubRequest httpRequest, Credential credential, Way way, CancellationToken cancel)
    {
        using HubResponse response = await way(httpRequest, credential, cancel).ConfigureAwait(false);
        if (response.Status == HttpStatusCode.Unauthorized)
            return (null, Ended, "401");
        if (response.Status == HttpStatusCode.RequestEntityTooLarge)
        {
            throw new HubException(WiseCodes.ChunkTooLarge,
                $"'{definition.Name}' takes no piece of this size (413 at {Urls.Show(response.Uri)}). "
                + $"Push with a smaller ChunkSize (--chunk-size, or \"uploadChunkSize\" of the hub in {HubNames.ConfigFile}).");
        }
        if (!response.IsSuccess)
            throw Unexpected(response.Uri, $"it is {((int)response.Status).ToString(CultureInfo.InvariantCulture)}");
        JsonDocument json = response.Json((_, reason) => Unexpected(httpRequest.Uri, reason));
        if (Envelope(json) is (string code, string message))
            return (json, code, message);
        json.Dispose();
        throw Unexpected(httpRequest.Uri, "it has no code");
    }

    // However many calls learn at the same time that theirs has ended.
    private async Task RenewAsync(RepoReference reference, string? ended, CancellationToken cancel)
    {
        if (loginAgain is null)
            throw NotLoggedIn($"{reference} on '{definition.Name}': "
                + $"{(ended is null ? "this needs a login" : "the session has ended")}.");
        Task<string> renewal;
        lock (_gate)
        {
            if (_session != ended)
                return;
            if (_renewal is not { } known || known.Ended != ended)
                _renewal = known = (ended, loginAgain(cancel));
            renewal = known.New;
        }
        string made = await renewal.ConfigureAwait(false);
        lock (_gate)
        {
            if (_session == ended)
                _session = made;
        }
    }

    private HubException NotLoggedIn(string what) =>
        new(WiseCodes.SessionNeeded, $"{what} Run 'wisehub login {definition.Name} --user NAME' on a terminal.");
}
