using System.Globalization;
using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using WiseHub.Client.Http;

namespace WiseHub.Client.Hubs.Git;

/// <summary>An LFS server.</summary>
/// <param name="Root">The base URL, below which is <c>/objects/batch</c>.</param>
/// <param name="Credential">Null for none.</param>
internal sealed record LfsServer(Uri Root, Credential? Credential);

/// <summary>An action of an LFS server for one object: a download, an upload or a verification.</summary>
/// <param name="Uri">The URL of the request.</param>
/// <param name="Credential">The credential of the request.</param>
/// <param name="Until">The end of its validity; null if the server names none.</param>
/// <param name="Header">All of the server's <c>header</c>, which may have entries that are no headers.</param>
internal sealed record LfsAction(
    Uri Uri, Credential? Credential, DateTimeOffset? Until, IReadOnlyList<KeyValuePair<string, string>> Header)
{
    // An action with less time left may expire before the file's turn comes.
    private static readonly TimeSpan Margin = TimeSpan.FromSeconds(60);

    // Set by the connection and the range; a server must not set them.
    private static readonly string[] OwnHeaders =
        ["Host", "Range", "Accept-Encoding", "Connection", "Transfer-Encoding", "Expect", "Upgrade", "TE", "Trailer"];

    public bool IsOver(DateTimeOffset now) => Until < now + Margin;

    /// <summary>Reads an action; null if the server names none of this kind.</summary>
    /// <exception cref="HubException">WISE2011: its URL is not allowed.</exception>
    public static LfsAction? Read(JsonElement item, string name, LfsResponse batch, TimeProvider time)
    {
        if (!item.TryGetProperty("actions", out JsonElement actions) || actions.ValueKind != JsonValueKind.Object
            || !actions.TryGetProperty(name, out JsonElement action) || StrictJson.Text(action, "href") is not string href)
        {
            return null;
        }
        Uri uri = batch.UrlOf(href);
        List<KeyValuePair<string, string>> given = action.TryGetProperty("header", out JsonElement header)
            && header.ValueKind == JsonValueKind.Object
            ? [.. header.EnumerateObject().Where(h => h.Value.ValueKind == JsonValueKind.String && StrictJson.Name(h) is not null
                && StrictJson.Text(h.Value) is not null)
                .Select(h => KeyValuePair.Create(h.Name, h.Value.GetString()!))] : [];
        return new LfsAction(uri, batch.CredentialFor(uri, given), End(action, time), given);
    }

    /// <summary>The server's headers that may be sent, without those of a body.</summary>
    public static IReadOnlyList<KeyValuePair<string, string>> Sendable(IEnumerable<KeyValuePair<string, string>> given) =>
        [.. given.Where(h => !OwnHeaders.Contains(h.Key, StringComparer.OrdinalIgnoreCase)
            && !h.Key.StartsWith("Content-", StringComparison.OrdinalIgnoreCase))];

    private static DateTimeOffset? End(JsonElement action, TimeProvider time)
    {
        if (action.TryGetProperty("expires_in", out JsonElement seconds) && seconds.ValueKind == JsonValueKind.Number
            && seconds.TryGetInt64(out long s) && s is > 0 and < int.MaxValue)
            return time.GetUtcNow().AddSeconds(s);
        // Some servers write "never" as the year 1.
        return StrictJson.Text(action, "expires_at") is string at && DateTimeOffset.TryParse(at, CultureInfo.InvariantCulture,
            DateTimeStyles.AssumeUniversal, out DateTimeOffset until) && until.Year > 1 ? until : null;
    }
}

/// <summary>A response to a batch request.</summary>
/// <param name="Server">The server.</param>
/// <param name="Asked">The URL of the response.</param>
/// <param name="Transfer">The transfer that the server chose; null = basic.</param>
/// <param name="Objects">The objects, by their sha256 in hexadecimal.</param>
internal sealed record LfsResponse(LfsServer Server, Uri Asked, string? Transfer, IReadOnlyDictionary<string,
    JsonElement> Objects)
{
    /// <summary>Changes URLs of a mirror that names those of the original server.</summary>
    public Func<Uri, Uri>? Rewrite { get; init; }

    /// <exception cref="HubException">WISE2011: the URL is not allowed.</exception>
    public Uri UrlOf(string href)
    {
        if (Uri.TryCreate(href, UriKind.Absolute, out Uri? uri) && Rewrite is not null)
            uri = Rewrite(uri);
        uri = uri is null ? null : HubHttp.KeepTls(Asked, uri);
        return uri is not null && HubHttp.MayFollow(Asked, uri) ? uri : throw GitMessages.LfsUrlRefused(Asked, uri);
    }

    /// <summary>
    /// The credential for a URL: the headers that the server gave for it; without them, a URL on the server itself gets the
    /// server's credential.
    /// </summary>
    public Credential? CredentialFor(Uri uri, IEnumerable<KeyValuePair<string, string>> given) =>
        LfsAction.Sendable(given) is { Count: > 0 } headers ? Credential.Given(uri, headers)
            : Server.Credential is not null && Urls.SameOrigin(Server.Credential.Origin, uri) ? Server.Credential : null;
}

/// <summary>
/// Sends batch requests to an LFS server (https://github.com/git-lfs/git-lfs/blob/main/docs/api/batch.md).
/// </summary>
/// <param name="repo">Repo and hub, for messages.</param>
/// <param name="http">Sends the requests.</param>
/// <param name="server">Finds the server; called for each batch, because its credential may expire.</param>
/// <param name="explain">Turns an error response into an error with a code.</param>
internal sealed class LfsBatch(string repo, HubHttp http, Func<CancellationToken, Task<LfsServer>> server,
    Func<HubResponse, CancellationToken, Task<HubException>> explain)
{
    /// <summary>The batch size of git-lfs, which servers allow.</summary>
    public const int Most = 100;

    public const string MediaType = "application/vnd.git-lfs+json";

    // The URLs of 10,000 parts, the limit of S3, are some 5 MB for one object.
    private const int MostAnswerBytes = 64 << 20;

    public Func<Uri, Uri>? Rewrite { get; init; }

    /// <exception cref="HubException">WISE2031: there is no usable LFS; or the explained error response.</exception>
    public async Task<LfsResponse> SendAsync(string operation, string[] transfers, string? refName,
        IEnumerable<(Digest Sha256, long Size)> objects, CancellationToken cancel)
    {
        LfsServer lfs = await server(cancel).ConfigureAwait(false);
        var uri = new Uri(lfs.Root.AbsoluteUri.TrimEnd('/') + "/objects/batch");
        var body = new JsonObject
        {
            ["operation"] = operation,
            ["transfers"] = new JsonArray([.. transfers.Select(t => (JsonNode)t)]),
            ["hash_algo"] = "sha256",
            ["objects"] =
                new JsonArray([.. objects.Select(o => (JsonNode)new JsonObject { ["oid"] = o.Sha256.Hex, ["size"] = o.Size })]),
        };
        if (refName is not null)
            body["ref"] = new JsonObject { ["name"] = refName };
        using HubResponse response = await http.SendAsync(HubRequest.WithJson(uri, body, MediaType) with { Accept = MediaType },
            lfs.Credential, MostAnswerBytes, cancel).ConfigureAwait(false);
        if (!response.IsSuccess)
        {
            throw response.Status is HttpStatusCode.NotFound or HttpStatusCode.NotImplemented or HttpStatusCode.MethodNotAllowed
                ? Unusable(uri, GitMessages.NoLfs(response.Status))
                : await explain(response, cancel).ConfigureAwait(false);
        }
        using JsonDocument json = response.Json(Unusable);
        JsonElement root = json.RootElement;
        if (root.ValueKind != JsonValueKind.Object || !root.TryGetProperty("objects", out JsonElement items)
            || items.ValueKind != JsonValueKind.Array)
            throw Unusable(response.Uri, (Text)$"it has no list of objects");
        string? transfer = StrictJson.Text(root, "transfer");
        if (transfer is not null && !transfers.Contains(transfer))
            throw Unusable(response.Uri, GitMessages.OtherTransfer(Shown(transfer), transfers));
        var found = new Dictionary<string, JsonElement>(StringComparer.Ordinal);
        foreach (JsonElement item in items.EnumerateArray())
        {
            if (StrictJson.Text(item, "oid") is string oid)
                found[oid] = item.Clone();
        }
        return new LfsResponse(lfs, response.Uri, transfer, found) { Rewrite = Rewrite };
    }

    /// <summary>The error of one object: its code, and the server's message; null for none.</summary>
    public static (int Code, string Said)? ErrorOf(JsonElement item)
    {
        if (!item.TryGetProperty("error", out JsonElement error) || error.ValueKind != JsonValueKind.Object)
            return null;
        int code = error.TryGetProperty("code", out JsonElement number) && number.ValueKind == JsonValueKind.Number
            && number.TryGetInt32(out int status)
            ? status : 0;
        return (code, StrictJson.Text(error, "message") is string said ? $": \"{Shown(said)}\"" : "");
    }

    public HubException Unusable(Uri uri, string reason) => GitMessages.LfsUnusable(repo, uri, reason);

    private static string Shown(string text) => string.Concat(text.Take(200).Select(c => char.IsControl(c) ? ' ' : c));
}
