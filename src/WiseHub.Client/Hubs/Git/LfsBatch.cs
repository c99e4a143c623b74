using System.Globalization;
using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using WiseHub.Client.Http;

namespace WiseHub.Client.Hubs.Git;

/// <summary>Where an LFS server is, and what it wants to be shown.</summary>
/// <param name="Root">What <c>/objects/batch</c> is put behind.</param>
/// <param name="Credential">Null for none.</param>
internal sealed record LfsServer(Uri Root, Credential? Credential);

/// <summary>What an LFS server says can be done with a content, and where.</summary>
/// <param name="Uri">The place.</param>
/// <param name="Credential">What the place wants to be shown.</param>
/// <param name="Until">When this ends; null where the server does not say.</param>
/// <param name="Header">Everything that the server gave with it, also what is no header.</param>
internal sealed record LfsAction(
    Uri Uri, Credential? Credential, DateTimeOffset? Until, IReadOnlyList<KeyValuePair<string, string>> Header)
{
    // An action that ends this soon may have ended when the content's turn comes.
    private static readonly TimeSpan Margin = TimeSpan.FromSeconds(60);

    // Set by the connection and the range; a server must not.
    private static readonly string[] OwnHeaders =
        ["Host", "Range", "Accept-Encoding", "Connection", "Transfer-Encoding", "Expect", "Upgrade", "TE", "Trailer"];

    public bool IsOver(DateTimeOffset now) => Until < now + Margin;

    /// <summary>Null where the server names no such action.</summary>
    /// <exception cref="HubException">WISE2011: it names a place that must not be asked.</exception>
    public static LfsAction? Read(JsonElement item, string name, LfsResponse batch, TimeProvider time)
    {
        if (!item.TryGetProperty("actions", out JsonElement actions) || actions.ValueKind != JsonValueKind.Object
            || !actions.TryGetProperty(name, out JsonElement action) || StrictJson.Text(action, "href") is not string href)
        {
            return null;
        }
        Uri uri = batch.Place(href);
        List<KeyValuePair<string, string>> given = action.TryGetProperty("header", out JsonElement header)
            && header.ValueKind == JsonValueKind.Object
            ? [.. header.EnumerateObject().Where(h => h.Value.ValueKind == JsonValueKind.String && StrictJson.Name(h) is not null
                && StrictJson.Text(h.Value) is not null)
                .Select(h => KeyValuePair.Create(h.Name, h.Value.GetString()!))] : [];
        return new LfsAction(uri, batch.CredentialFor(uri, given), End(action, time), given);
    }

    /// <summary>Those of the server's headers that may be sent, and are none of a body.</summary>
    public static IReadOnlyList<KeyValuePair<string, string>> Sendable(IEnumerable<KeyValuePair<string, string>> given) =>
        [.. given.Where(h => !OwnHeaders.Contains(h.Key, StringComparer.OrdinalIgnoreCase)
            && !h.Key.StartsWith("Content-", StringComparison.OrdinalIgnoreCase))];

    private static DateTimeOffset? End(JsonElement action, TimeProvider time)
    {
        if (action.TryGetProperty("expires_in", out JsonElement seconds) && seconds.ValueKind == JsonValueKind.Number
            && seconds.TryGetInt64(out long s) && s is > 0 and < int.MaxValue)
            return time.GetUtcNow().AddSeconds(s);
        // The first year is how some servers write "never".
        return StrictJson.Text(action, "expires_at") is string at && DateTimeOffset.TryParse(at, CultureInfo.InvariantCulture,
            DateTimeStyles.AssumeUniversal, out DateTimeOffset until) && until.Year > 1 ? until : null;
    }
}

/// <summary>A response to a batch.</summary>
/// <param name="Server">Who was asked.</param>
/// <param name="Asked">Where the response came from.</param>
/// <param name="Transfer">How contents go there; null = basic.</param>
/// <param name="Objects">What it says of contents, by their sha256 in hexadecimal.</param>
internal sealed record LfsResponse(LfsServer Server, Uri Asked, string? Transfer, IReadOnlyDictionary<string,
    JsonElement> Objects)
{
    /// <summary>Changes an address, where a server that stands for another gives that one's addresses.</summary>
    public Func<Uri, Uri>? Rewrite { get; init; }

    /// <exception cref="HubException">WISE2011: it must not be asked.</exception>
    public Uri Place(string href)
    {
        if (Uri.TryCreate(href, UriKind.Absolute, out Uri? uri) && Rewrite is not null)
            uri = Rewrite(uri);
        uri = uri is null ? null : HubHttp.KeepTls(Asked, uri);
        return uri is not null && HubHttp.MayFollow(Asked, uri) ? uri : throw new HubException(WiseCodes.RedirectRefused,
            $"the LFS server ({Urls.Show(Asked)}) names a place that must not be "
            + $"asked{(uri is null ? "" : $" ({Urls.Show(uri)})")}. Only http(s) is, and never http after https. "
            + "Ask the operator of the hub.");
    }

    /// <summary>
    /// What a place wants to be shown: what the server gave for it; without that a place on the server itself is
    /// asked like the server.
    /// </summary>
    public Credential? CredentialFor(Uri uri, IEnumerable<KeyValuePair<string, string>> given) =>
        LfsAction.Sendable(given) is { Count: > 0 } headers ? Credential.Given(uri, headers)
            : Server.Credential is not null && Urls.SameOrigin(Server.Credential.Origin, uri) ? Server.Credential : null;
}

/// <summary>
/// Asks an LFS server about many contents at once (https://github.com/git-lfs/git-lfs/blob/main/docs/api/batch.md).
/// </summary>
/// <param name="repo">Repo and hub, for messages.</param>
/// <param name="http">How it is asked.</param>
/// <param name="server">Finds the server; asked once for each batch, because what it gives may expire.</param>
/// <param name="explain">Turns a response that is an error into one with a code.</param>
internal sealed class LfsBatch(string repo, HubHttp http, Func<CancellationToken, Task<LfsServer>> server,
    Func<HubResponse, CancellationToken, Task<HubException>> explain)
{
    /// <summary>What git-lfs itself asks at once, and servers allow.</summary>
    public const int Most = 100;

    public const string MediaType = "application/vnd.git-lfs+json";

    // Of a content in 10,000 parts, the most that S3 has, the addresses alone are some 5 MB.
    private const int MostAnswerBytes = 64 << 20;

    public Func<Uri, Uri>? Rewrite { get; init; }

    /// <exception cref="HubException">WISE2031: it has no LFS that we understand; or what explains its response.</exception>
    public async Task<LfsResponse> SendAsync(string operation, string[] transfers, string? refName,
        IEnumerable<(Digest Sha256, long Size)> objects, CancellationToken cancel)
    {
        LfsServer place = await server(cancel).ConfigureAwait(false);
        var uri = new Uri(place.Root.AbsoluteUri.TrimEnd('/') + "/objects/batch");
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
            place.Credential, MostAnswerBytes, cancel).ConfigureAwait(false);
        if (!response.IsSuccess)
        {
            throw response.Status is HttpStatusCode.NotFound or HttpStatusCode.NotImplemented or HttpStatusCode.MethodNotAllowed
                ? Unusable(uri, $"it answered {(int)response.Status}, so that it has no LFS, or hides the repo")
                : await explain(response, cancel).ConfigureAwait(false);
        }
        using JsonDocument json = response.Json(Unusable);
        JsonElement root = json.RootElement;
        if (root.ValueKind != JsonValueKind.Object || !root.TryGetProperty("objects", out JsonElement items)
            || items.ValueKind != JsonValueKind.Array)
            throw Unusable(response.Uri, "it has no list of objects");
        string? transfer = StrictJson.Text(root, "transfer");
        if (transfer is not null && !transfers.Contains(transfer))
            throw Unusable(response.Uri, $"it wants the transfer '{Shown(transfer)}', but only "
                + $"{string.Join(" and ", transfers.Select(t => $"'{t}'"))} {(transfers.Length == 1 ? "was" : "were")} offered");
        var found = new Dictionary<string, JsonElement>(StringComparer.Ordinal);
        foreach (JsonElement item in items.EnumerateArray())
        {
            if (StrictJson.Text(item, "oid") is string oid)
                found[oid] = item.Clone();
        }
        return new LfsResponse(place, response.Uri, transfer, found) { Rewrite = Rewrite };
    }

    /// <summary>The error of one object: its number, and what the server says; null where there is none.</summary>
    public static (int Code, string Said)? ErrorOf(JsonElement item)
    {
        if (!item.TryGetProperty("error", out JsonElement error) || error.ValueKind != JsonValueKind.Object)
            return null;
        int code = error.TryGetProperty("code", out JsonElement number) && number.ValueKind == JsonValueKind.Number
            && number.TryGetInt32(out int status)
            ? status : 0;
        return (code, StrictJson.Text(error, "message") is string said ? $": \"{Shown(said)}\"" : "");
    }

    public HubException Unusable(Uri uri, string reason) => new(WiseCodes.LfsUnusable,
        $"{repo}: the LFS server at {Urls
            .Show(uri)} gave no usable response: {reason}. Check that the host has LFS for this repo, "
        + "and the token where it is private.");

    private static string Shown(string text) => string.Concat(text.Take(200).Select(c => char.IsControl(c) ? ' ' : c));
}
