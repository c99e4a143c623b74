using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace WiseHub.Testing;

/// <summary>An error answer with the headers that clients read (docs/protocols/huggingface.md#errors).</summary>
internal sealed class ApiError(int status, string? code, string? said) : Exception($"{status} {code}: {said}")
{
    public string? RetryAfter { get; init; }

    public string? Commit { get; init; }

    public string? Text { get; init; }

    public JsonObject? Json { get; init; }

    public string ContentType { get; init; } = Call.Json;

    public static ApiError NoRevision(string revision) => new(404, "RevisionNotFound", $"Invalid rev id: {revision}");

    public async Task WriteAsync(HttpResponse response)
    {
        response.StatusCode = status;
        if (code is not null)
            response.Headers["X-Error-Code"] = code;
        if (said is not null)
            response.Headers["X-Error-Message"] = said;
        if (RetryAfter is not null)
            response.Headers.RetryAfter = RetryAfter;
        if (Commit is not null)
            response.Headers["X-Repo-Commit"] = Commit;
        // What git asks before it looks for credentials (RFC 9110 section 11.6.1).
        if (status == 401 && response.HttpContext.Request.Path.Value!.Contains(".git/", StringComparison.Ordinal))
            response.Headers.WWWAuthenticate = "Basic realm=\"Authentication required\"";
        response.ContentType = Text is null ? ContentType : "text/plain; charset=utf-8";
        if (response.HttpContext.Request.Method != "HEAD")
            await response.WriteAsync(Text ?? (Json ?? new JsonObject { ["error"] = said ?? "error" }).ToJsonString());
    }
}

/// <summary>A fault asked for the connection to break.</summary>
internal sealed class ConnectionAbortedForTest : Exception;

/// <summary>One request with what handlers need of it.</summary>
internal sealed class Call(TestHub hub, HttpContext context, string origin, string rawTarget, Fault? fault)
{
    /// <summary>How the hub names JSON; GitLab names it without a charset.</summary>
    public const string Json = "application/json; charset=utf-8";

    private static readonly string[] Plurals = ["models", "datasets", "spaces"];

    // What can stand behind an id in an address; an id has one part or two.
    private static readonly HashSet<string> Verbs = new(StringComparer.Ordinal)
    {
        "revision", "tree", "paths-info", "refs", "commits", "auth-check", "resolve", "raw", "preupload", "commit", "branch",
        "tag", "settings", "super-squash", "discussions", "like", "likers", "lfs-files", "user-access-request", "ask-access",
        "xet-read-token", "xet-write-token",
    };

    public HttpRequest Request => context.Request;

    public HttpResponse Response => context.Response;

    public CancellationToken Cancel => context.RequestAborted;

    public string Origin { get; } = origin;

    public Fault? Fault { get; } = fault;

    /// <summary>The same with a fault.</summary>
    public Call With(Fault other) => new(hub, context, Origin, rawTarget, other);

    public string Method => Request.Method;

    public bool IsHead => Method == "HEAD";

    /// <summary>Null for anonymous.</summary>
    public TestAccount? Account { get; private set; }

    public string? User => Account?.Name;

    /// <summary>The method, with HEAD as the GET that it stands for.</summary>
    public string Verb => IsHead ? "GET" : Method;

    /// <summary>The path's parts, unescaped one by one: an escaped slash stays inside its part.</summary>
    public string[] Parts { get; } = [.. rawTarget.Split('?')[0].Trim('/').Split('/').Select(Uri.UnescapeDataString)];

    public string RawPath { get; } = rawTarget.Split('?')[0];

    public string RawQuery { get; } = rawTarget.Contains('?', StringComparison.Ordinal)
        ? rawTarget[rawTarget.IndexOf('?', StringComparison.Ordinal)..] : "";

    /// <param name="accounts">Whom the hub knows.</param>
    /// <param name="gitToken">A second token of the first account, or null.</param>
    public void Authenticate(IReadOnlyList<TestAccount> accounts, string? gitToken)
    {
        string header = Request.Headers.Authorization.ToString();
        if (header.Length == 0)
            return;
        string token = header.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase) ? header[7..]
            // git-lfs sends user and token as basic authentication.
            : header.StartsWith("Basic ", StringComparison.OrdinalIgnoreCase) ? Basic(header[6..]) : "";
        Account = accounts.FirstOrDefault(a => a.Token == token) ?? (token == gitToken ? accounts[0] : null)
            ?? throw new ApiError(401, null, "Invalid credentials in Authorization header");
    }

    private static string Basic(string base64)
    {
        Span<byte> bytes = new byte[base64.Length];
        return Convert.TryFromBase64String(base64, bytes, out int count) ? System.Text.Encoding.UTF8.GetString(bytes[..count])
            .Split(':')[^1] : "";
    }

    /// <summary>Whether the user is the repo's owner or a member of that organization.</summary>
    public bool IsMember(TestRepo repo) => Account?.IsMemberOf(repo.Namespace) == true;

    /// <summary>The account, which must be there and have a token that may write.</summary>
    /// <param name="refused">What is said to a token that may only read.</param>
    public TestAccount RequireWrite(string refused)
    {
        TestAccount account = RequireUser();
        return account.MayWrite ? account : throw new ApiError(403, null, refused);
    }

    public TestAccount RequireUser() => Account ?? throw new ApiError(401, null, "Invalid username or password.");

    /// <summary>The account, which must be able to change the repo.</summary>
    public TestAccount RequireOwner(TestRepo repo)
    {
        string refused = $"You don't have the required permissions to perform this action on the {repo.Type} \"{repo.Id}\".";
        TestAccount account = RequireWrite(refused);
        return account.IsMemberOf(repo.Namespace) ? account : throw new ApiError(403, null, refused);
    }

    /// <summary>Booleans in any case: older clients send <c>True</c>.</summary>
    public bool Flag(string name) => Request.Query[name].ToString().ToUpperInvariant() is "TRUE" or "1";

    public int Number(string name, int fallback) =>
        int.TryParse(Request.Query[name], CultureInfo.InvariantCulture, out int value) ? value : fallback;

    public static string? TypeOfPlural(string plural) => Plurals.Contains(plural) ? plural[..^1] : null;

    /// <summary>
    /// The repo whose id begins at a part, and the index behind it. The verb behind it decides whether it has one part or two.
    /// </summary>
    public (TestRepo Repo, int Next) RepoAt(int index, string type, Func<string, bool>? isVerb = null)
    {
        bool single = index + 1 >= Parts.Length || (isVerb ?? Verbs.Contains)(Parts[index + 1]);
        // "owner/tree" is a repo too: two parts count when there is one of that name.
        if (single && index + 1 < Parts.Length && hub.FindRepo($"{Parts[index]}/{Parts[index + 1]}", type) is not null)
            single = false;
        string id = single ? Parts[index] : $"{Parts[index]}/{Parts[index + 1]}";
        int next = index + (single ? 1 : 2);
        if (hub.RenamedTo(id, type) is string renamed && hub.FindRepo(id, type) is null)
            throw new RenamedRepo(string.Join('/', RawPath.Trim('/').Split('/')[..index]) + (index > 0 ? "/" : "") + renamed
                + string.Concat(RawPath.Trim('/').Split('/')[next..].Select(p => "/" + p)) + RawQuery);
        return (Visible(hub.FindRepo(id, type)), next);
    }

    /// <summary>The hub hides private repos: 401 to anonymous, 404 to others.</summary>
    public TestRepo Visible(TestRepo? repo)
    {
        if (repo is null || (repo.IsPrivate && !IsMember(repo)))
            throw User is null ? new ApiError(401, "RepoNotFound", "Repository not found")
                : new ApiError(404, "RepoNotFound", "Repository not found");
        if (repo.IsDisabled)
            throw new ApiError(403, null, "Access to this resource is disabled.");
        return repo;
    }

    /// <param name="orEmpty">No body at all counts as an object without members.</param>
    public async Task<JsonNode> ReadJsonAsync(bool orEmpty = false)
    {
        if (orEmpty && Request.ContentLength is null or 0)
            return new JsonObject();
        try
        {
            return await JsonNode.ParseAsync(Request.Body, cancellationToken: Cancel)
                ?? throw new ApiError(400, null, "The body is empty.");
        }
        catch (JsonException e)
        {
            throw new ApiError(400, null, $"The body is not JSON: {e.Message}");
        }
    }

    public async Task WriteJsonAsync(JsonNode json, int status = 200, string type = Json)
    {
        Response.StatusCode = status;
        Response.ContentType = type;
        byte[] bytes = JsonSerializer.SerializeToUtf8Bytes(json);
        Response.ContentLength = bytes.Length;
        if (!IsHead)
            await Response.Body.WriteAsync(bytes, Cancel);
    }

    public async Task WriteTextAsync(string text)
    {
        byte[] bytes = System.Text.Encoding.UTF8.GetBytes(text);
        Response.ContentType = "text/plain; charset=utf-8";
        Response.ContentLength = bytes.Length;
        if (!IsHead)
            await Response.Body.WriteAsync(bytes, Cancel);
    }

    /// <summary>Names the next page: the same address with another cursor.</summary>
    public void AddNextLink(string cursor, string parameter = "cursor")
    {
        string query = string.Concat(RawQuery.TrimStart('?').Split('&', StringSplitOptions.RemoveEmptyEntries)
            .Where(p => !p.StartsWith(parameter + "=", StringComparison.Ordinal)).Select(p => p + "&"));
        Response.Headers.Link = $"<{HubUrl(RawPath)}?{query}{parameter}={cursor}>; rel=\"next\"";
    }

    /// <summary>An absolute URL of the hub as the client named it in its <c>Host</c> header.</summary>
    public string HubUrl(string pathAndQuery) =>
        (Request.Host.HasValue ? $"{Request.Scheme}://{Request.Host}" : hub.Endpoint.GetLeftPart(UriPartial.Authority))
        + pathAndQuery;

    /// <summary>The page of a repo.</summary>
    public string PageOf(TestRepo repo, string rest = "") =>
        HubUrl($"/{(repo.Type == "model" ? "" : repo.Type + "s/")}{repo.Id}{rest}");
}

/// <summary>
/// Reads JSON that a client sent: what is missing or of another kind is the client's mistake, and answered with 400.
/// </summary>
internal static class Body
{
    public static string Text(this JsonNode body, string key) => body.TextOrNull(key) ?? throw Wrong(key, "a string");

    public static string? TextOrNull(this JsonNode body, string key) => Member(body, key) switch
    {
        null => null,
        JsonValue value when value.TryGetValue(out string? text) => text,
        _ => throw Wrong(key, "a string"),
    };

    public static bool? FlagOrNull(this JsonNode body, string key) => Member(body, key) switch
    {
        null => null,
        JsonValue value when value.TryGetValue(out bool flag) => flag,
        _ => throw Wrong(key, "a boolean"),
    };

    public static long Number(this JsonNode body, string key) =>
        Member(body, key) is JsonValue value && value.TryGetValue(out long number) ? number : throw Wrong(key, "a number");

    public static JsonArray List(this JsonNode body, string key) =>
        Member(body, key) as JsonArray ?? throw Wrong(key, "an array");

    private static JsonNode? Member(JsonNode body, string key) =>
        body is JsonObject ? body[key] : throw new ApiError(400, null, "The body is not a JSON object.");

    private static ApiError Wrong(string key, string kind) => new(400, null, $"\"{key}\" must be {kind}");
}

/// <summary>The id is an old one: a relative redirect to the new one.</summary>
internal sealed class RenamedRepo(string target) : Exception
{
    public string Target { get; } = "/" + target;
}
