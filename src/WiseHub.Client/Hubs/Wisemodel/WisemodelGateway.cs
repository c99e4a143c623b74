using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using WiseHub.Client.Credentials;
using WiseHub.Client.Http;

namespace WiseHub.Client.Hubs.Wisemodel;

/// <summary>
/// Wisemodel's own gateway (protocols/wisemodel.md sections 2 to 4): login by user name and password, and what a session may ask. Downloads
/// need none of it.
/// </summary>
/// <param name="definition">Where it is.</param>
/// <param name="wire">How it is reached.</param>
/// <param name="session">The session token that is there, if any.</param>
/// <param name="loginAgain">Makes a new session where the hub says that this one has ended; null where nobody can.</param>
/// <param name="time">What time it is: a session says itself when it ends.</param>
internal sealed class WisemodelGateway(HubDefinition definition, HubWire wire, string? session, Func<CancellationToken, Task<string>>? loginAgain, TimeProvider time)
{
    private const string SessionEnded = "B2002", NotFound = "10003", Good = "0";

    // The size of page that the hub's own client asks for.
    private const int PageSize = 500;

    private const int MaxPages = 10_000, MaxAnswerBytes = 4 << 20, LongestShown = 200;

    private readonly Lock _gate = new();
    private string? _session = session;

    // A failed one too: a person is asked once.
    private (string? Ended, Task<string> New)? _renewal;

    /// <summary>A user name and a password → a session token.</summary>
    /// <exception cref="HubException">WISE2021: the hub refuses them; WISE2001 or WISE2010.</exception>
    public static async Task<string> LoginAsync(HubDefinition definition, HubWire wire, string user, string password, CancellationToken cancel)
    {
        // Unlike the other calls it goes to the web host (section 1).
        var uri = new Uri(Web(definition) + "/gateway/user/api/v1/login");
        var body = new JsonObject { ["username"] = user, ["password"] = password, ["way"] = "normal" };
        using JsonDocument answer = await AskAsync(definition, wire, uri, body, "application/json", null, cancel).ConfigureAwait(false);
        (string code, string message) = Envelope(answer, uri, definition);
        if (code != Good)
        {
            throw new HubException(WiseCodes.LoginRefused,
                $"'{definition.Name}' refused the login of '{user}' ({HubHttp.Show(uri)}, code {code}: \"{message.Replace(password, "***", StringComparison.Ordinal)}\"). Check user name and password; "
                + $"a git token ({Web(definition)}/my-token) is enough to read private repos.");
        }
        return Data(answer, "token") is { ValueKind: JsonValueKind.String } token && StrictJson.Text(token) is { Length: > 0 } text ? text
            : throw Unexpected(definition, uri, "it names no token");
    }

    /// <summary>The branches of a repo.</summary>
    /// <exception cref="HubException">WISE2002, WISE2022, WISE2023, WISE2001 or WISE2010.</exception>
    public async Task<IReadOnlyList<string>> BranchesAsync(RepoReference reference, CancellationToken cancel)
    {
        Uri uri = At(definition, "project/api/v1/branchlist");
        using JsonDocument answer = await CallAsync(reference, uri, new JsonObject { ["project_path"] = ProjectPath(reference) }, cancel).ConfigureAwait(false);
        return Names(answer, uri, "branch");
    }

    /// <summary>The names of one folder of a branch, files and folders alike.</summary>
    /// <inheritdoc cref="BranchesAsync"/>
    public async Task<IReadOnlyList<string>> FilesAsync(RepoReference reference, string branch, string folder, CancellationToken cancel)
    {
        Uri uri = At(definition, "project/api/v1/listfiles");
        var names = new List<string>();
        for (int page = 1; page <= MaxPages; page++)
        {
            var body = new JsonObject
            {
                ["project_path"] = ProjectPath(reference),
                ["path"] = folder,
                ["branch"] = branch,
                ["baseReq"] = new JsonObject { ["page"] = page, ["pageSize"] = PageSize },
            };
            using JsonDocument answer = await CallAsync(reference, uri, body, cancel).ConfigureAwait(false);
            List<string> found = Names(answer, uri, "name");
            // A short page may be what the server calls a full one; a server that knows no pages gives the first one again.
            if (found.Count == 0 || names.Contains(found[0]))
                return names;
            names.AddRange(found);
        }
        throw new HubException(WiseCodes.TooManyPages, $"{reference} on '{definition.Name}' lists more than {MaxPages} pages of files. Ask the operator of the hub.");
    }

    /// <summary>Asks with the session; one that has ended is made anew once, and the call repeated once.</summary>
    private async Task<JsonDocument> CallAsync(RepoReference reference, Uri uri, JsonObject body, CancellationToken cancel)
    {
        bool isNew = false;
        string? session = _session;
        if (session is null || SessionToken.EndOf(session) <= time.GetUtcNow())
            (session, isNew) = (await RenewAsync(session, reference, cancel).ConfigureAwait(false), true);
        while (true)
        {
            // The hub's own client sends no Content-Type here.
            JsonDocument answer = await AskAsync(definition, wire, uri, body, null, Credential.Bearer(definition.Endpoints!.Gateway, session), cancel).ConfigureAwait(false);
            (string code, string message) = Envelope(answer, uri, definition);
            if (code == Good)
                return answer;
            answer.Dispose();
            message = message.Replace(session, "***", StringComparison.Ordinal);
            if (code == SessionEnded && !isNew)
            {
                (session, isNew) = (await RenewAsync(session, reference, cancel).ConfigureAwait(false), true);
                continue;
            }
            string where = $"{reference} on '{definition.Name}' ({HubHttp.Show(uri)}, code {code}: \"{message}\")";
            throw code switch
            {
                SessionEnded => NotLoggedIn($"{where}: the hub does not take the session, though it is new."),
                NotFound => new HubException(WiseCodes.RepoNotFound, $"{where}: there is no such repo, branch or folder. Look at {ProjectPath(reference)}."),
                _ => new HubException(WiseCodes.GatewayRefused, $"{where}: the hub refused the request. Look at {ProjectPath(reference)}, and at the rights of your account."),
            };
        }
    }

    /// <summary>Makes a new session once, however many calls learn at the same time that theirs has ended.</summary>
    private async Task<string> RenewAsync(string? ended, RepoReference reference, CancellationToken cancel)
    {
        if (loginAgain is null)
            throw NotLoggedIn($"{reference} on '{definition.Name}': {(ended is null ? "this needs a login" : "the session has ended")}.");
        Task<string> renewal;
        lock (_gate)
        {
            if (_renewal is not { } known || known.Ended != ended)
                _renewal = known = (ended, loginAgain(cancel));
            renewal = known.New;
        }
        return _session = await renewal.ConfigureAwait(false);
    }

    private HubException NotLoggedIn(string what) => new(WiseCodes.SessionNeeded, $"{what} Run 'wisehub login {definition.Name} --user NAME' on a terminal.");

    private string ProjectPath(RepoReference reference) => $"{Web(definition)}/{reference.RepoType.ToPlural()}/{reference.RepoId}";

    private static string Web(HubDefinition definition) => definition.Endpoints!.Web.AbsoluteUri.TrimEnd('/');

    private static Uri At(HubDefinition definition, string path) => new($"{definition.Endpoints!.Gateway.AbsoluteUri.TrimEnd('/')}/gateway/{path}");

    private static async Task<JsonDocument> AskAsync(HubDefinition definition, HubWire wire, Uri uri, JsonObject body, string? mediaType, Credential? credential, CancellationToken cancel)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(body.ToJsonString());
        var question = new Question(uri)
        {
            Body = () =>
            {
                var content = new ByteArrayContent(bytes);
                content.Headers.ContentType = mediaType is null ? null : new MediaTypeHeaderValue(mediaType);
                return content;
            },
        };
        using HubAnswer answer = await wire.AskAsync(question, credential, MaxAnswerBytes, cancel).ConfigureAwait(false);
        if (!answer.IsSuccess)
        {
            throw new HubException(WiseCodes.UnexpectedAnswer,
                $"The gateway of '{definition.Name}' answered {HubHttp.Show(answer.Uri)} with {((int)answer.Status).ToString(CultureInfo.InvariantCulture)}. Check its endpoint \"gateway\".");
        }
        return answer.Json((_, reason) => Unexpected(definition, uri, reason));
    }

    // {"code": 0 or "B2002", "message": "…", "data": …}: a number or a string.
    private static (string Code, string Message) Envelope(JsonDocument answer, Uri uri, HubDefinition definition)
    {
        JsonElement root = answer.RootElement;
        string? code = root.ValueKind == JsonValueKind.Object && root.TryGetProperty("code", out JsonElement value)
            ? value.ValueKind == JsonValueKind.Number ? value.GetRawText() : value.ValueKind == JsonValueKind.String ? StrictJson.Text(value) : null : null;
        if (code is null)
            throw Unexpected(definition, uri, "it has no code");
        string message = root.TryGetProperty("message", out JsonElement text) && text.ValueKind == JsonValueKind.String ? StrictJson.Text(text) ?? "" : "";
        message = string.Concat(message.Select(c => char.IsControl(c) ? ' ' : c));
        return (code, message.Length > LongestShown ? message[..LongestShown] + "…" : message);
    }

    private static JsonElement? Data(JsonDocument answer, string key) =>
        answer.RootElement.TryGetProperty("data", out JsonElement data) && data.ValueKind == JsonValueKind.Object && data.TryGetProperty(key, out JsonElement value) ? value : null;

    private List<string> Names(JsonDocument answer, Uri uri, string key)
    {
        var names = new List<string>();
        // An empty list may be null.
        if (Data(answer, "list") is not { ValueKind: JsonValueKind.Array } list)
            return names;
        foreach (JsonElement item in list.EnumerateArray())
        {
            names.Add(item.ValueKind == JsonValueKind.Object && item.TryGetProperty(key, out JsonElement name) && name.ValueKind == JsonValueKind.String && StrictJson.Text(name) is string text
                ? text : throw Unexpected(definition, uri, $"an entry has no {key}"));
        }
        return names;
    }

    private static HubException Unexpected(HubDefinition definition, Uri uri, string reason) => new(WiseCodes.UnexpectedAnswer,
        $"The gateway of '{definition.Name}' answered {HubHttp.Show(uri)} in an unexpected way: {reason}. Check its endpoint \"gateway\".");
}
