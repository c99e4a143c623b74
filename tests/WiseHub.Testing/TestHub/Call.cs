using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace WiseHub.Testing;

/// <summary>An error answer with the headers that clients read (section 8).</summary>
internal sealed class ApiError(int status, string? code, string? said) : Exception($"{status} {code}: {said}")
{
    public string? RetryAfter { get; init; }

    public string? Commit { get; init; }

    public string? Text { get; init; }

    public JsonObject? Json { get; init; }

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
        response.ContentType = Text is null ? "application/json; charset=utf-8" : "text/plain; charset=utf-8";
        if (response.HttpContext.Request.Method != "HEAD")
            await response.WriteAsync(Text ?? (Json ?? new JsonObject { ["error"] = said ?? "error" }).ToJsonString());
    }
}

/// <summary>A fault asked for the connection to break.</summary>
internal sealed class ConnectionAbortedForTest : Exception;

/// <summary>One request with what handlers need of it.</summary>
internal sealed class Call(TestHub hub, HttpContext context, string origin, string rawTarget, Fault? fault)
{
    private static readonly string[] Plurals = ["models", "datasets", "spaces"];

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
    public string? User { get; private set; }

    public bool MayWrite { get; private set; }

    /// <summary>The path's parts, unescaped one by one: an escaped slash stays inside its part.</summary>
    public string[] Parts { get; } = [.. rawTarget.Split('?')[0].Trim('/').Split('/').Select(Uri.UnescapeDataString)];

    public string RawPath { get; } = rawTarget.Split('?')[0];

    public string RawQuery { get; } = rawTarget.Contains('?', StringComparison.Ordinal) ? rawTarget[rawTarget.IndexOf('?', StringComparison.Ordinal)..] : "";

    public void Authenticate(string[] writeTokens, string readToken)
    {
        string header = Request.Headers.Authorization.ToString();
        if (header.Length == 0)
            return;
        string token = header.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase) ? header[7..]
            // git-lfs sends user and token as basic authentication.
            : header.StartsWith("Basic ", StringComparison.OrdinalIgnoreCase) ? System.Text.Encoding.UTF8.GetString(Convert.FromBase64String(header[6..])).Split(':')[^1] : "";
        (User, MayWrite) = writeTokens.Contains(token) ? ("tester", true) : token == readToken ? ("reader", false)
            : throw new ApiError(401, null, "Invalid credentials in Authorization header");
    }

    public void RequireWrite()
    {
        if (User is null)
            throw new ApiError(401, null, "Invalid username or password.");
        if (!MayWrite)
            throw new ApiError(403, null, "You don't have the rights to do that: the token has the role read.");
    }

    /// <summary>Booleans in any case: older clients send <c>True</c>.</summary>
    public bool Flag(string name) => Request.Query[name].ToString().ToUpperInvariant() is "TRUE" or "1";

    public int Number(string name, int fallback) => int.TryParse(Request.Query[name], CultureInfo.InvariantCulture, out int value) ? value : fallback;

    public static string? TypeOfPlural(string plural) => Plurals.Contains(plural) ? plural[..^1] : null;

    /// <summary>The repo whose id begins at a part, and the index behind it. An id has one part or two; the verb behind it decides.</summary>
    public (TestRepo Repo, int Next) RepoAt(int index, string type, Func<string, bool> isVerb)
    {
        bool single = index + 1 >= Parts.Length || isVerb(Parts[index + 1]);
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
        if (repo is null || (repo.IsPrivate && !MayWrite))
            throw User is null ? new ApiError(401, "RepoNotFound", "Repository not found") : new ApiError(404, "RepoNotFound", "Repository not found");
        if (repo.IsDisabled)
            throw new ApiError(403, null, "Access to this resource is disabled.");
        return repo;
    }

    public async Task<JsonNode> ReadJsonAsync()
    {
        try
        {
            return await JsonNode.ParseAsync(Request.Body, cancellationToken: Cancel) ?? throw new ApiError(400, null, "The body is empty.");
        }
        catch (JsonException e)
        {
            throw new ApiError(400, null, $"The body is not JSON: {e.Message}");
        }
    }

    public async Task WriteJsonAsync(JsonNode json, int status = 200, string type = "application/json; charset=utf-8")
    {
        Response.StatusCode = status;
        Response.ContentType = type;
        byte[] bytes = JsonSerializer.SerializeToUtf8Bytes(json);
        Response.ContentLength = bytes.Length;
        if (!IsHead)
            await Response.Body.WriteAsync(bytes, Cancel);
    }

    /// <summary>An absolute URL of the hub as the client named it.</summary>
    public string HubUrl(string pathAndQuery) => hub.Endpoint.GetLeftPart(UriPartial.Authority) + pathAndQuery;
}

/// <summary>The id is an old one: a relative redirect to the new one.</summary>
internal sealed class RenamedRepo(string target) : Exception
{
    public string Target { get; } = "/" + target;
}
