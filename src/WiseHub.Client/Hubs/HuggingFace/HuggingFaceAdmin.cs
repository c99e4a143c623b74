using System.Globalization;
using System.Net;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Nodes;
using WiseHub.Client.Credentials;
using WiseHub.Client.Http;

namespace WiseHub.Client.Hubs.HuggingFace;

/// <summary>Creates, finds and deletes repos, branches and tags (docs/protocols/huggingface.md).</summary>
internal sealed class HuggingFaceAdmin(HuggingFaceHub hub, HubConnection connection) : IRepoAdmin
{
    private const int MostAnswerBytes = 64 << 20;

    // The page size of a search without a smaller limit; that of the hub's own clients.
    private const int PageSize = 500;

    private const int MostPages = 10_000;

    // A list has these only on request. For spaces, requesting "gated" or "downloads" is an error.
    private static readonly string[] SpaceProperties = ["private", "sha", "lastModified", "tags"];
    private static readonly string[] Properties = [.. SpaceProperties, "gated", "downloads"];

    /// <summary>The account of the token.</summary>
    /// <exception cref="HubException">WISE2005: no token is set; WISE2006: the hub refused it.</exception>
    public Task<HubAccount> WhoAmIAsync(CancellationToken cancel) =>
        connection.Find(hub.Definition.Endpoint!, SecretKind.Token) is Secret secret
            ? HuggingFaceProtocol.AccountsOf(hub.Definition, connection)!.WhoAmIAsync(secret, cancel)
            : throw HuggingFaceMessages.OwnerUnknown(hub.Definition.Name, connection.TokenRemedy);

    public async Task<CreatedRepo> CreateRepoAsync(CreateRepoRequest request, CancellationToken cancel)
    {
        string[] parts = request.RepoId.Split('/');
        var repo = new RepoReference { RepoId = request.RepoId, RepoType = request.RepoType };
        var body = new JsonObject
        {
            ["name"] = parts[^1],
            ["organization"] = parts.Length > 1 ? parts[0] : null,
            ["type"] = request.RepoType.ToText()
        };
        if (request.Private)
            body["visibility"] = "private";
        if (request.RepoType == RepoType.Space)
            body["sdk"] = request.SpaceSdk;
        var httpRequest = HubRequest.WithJson(hub.At("/api/repos/create"), body);
        using HubResponse response = await connection.SendAsync(httpRequest, connection.Credential, MostAnswerBytes,
            cancel).ConfigureAwait(false);
        if (response.Status == HttpStatusCode.Conflict)
        {
            string id = parts.Length > 1 ? request.RepoId
                : $"{(await WhoAmIAsync(cancel).ConfigureAwait(false)).Name}/{request.RepoId}";
            return request.ExistsIsFine ? new CreatedRepo(id, hub.Page(repo with { RepoId = id }), false)
                : throw HuggingFaceMessages.RepoExists(repo, hub.Definition.Name, hub.Page(repo with { RepoId = id }));
        }
        if (!response.IsSuccess)
        {
            // Without permission to create repos in the namespace, the hub answers so even if the repo exists.
            if (request.ExistsIsFine && parts.Length > 1
                && response.Status is HttpStatusCode.Unauthorized or HttpStatusCode.PaymentRequired or HttpStatusCode.Forbidden
                && await FindAsync(repo, cancel).ConfigureAwait(false) is RepoSummary there)
            {
                return new CreatedRepo(there.RepoId, there.Url, false);
            }
            throw await hub.ReadErrorAsync(repo, null, response, cancel, writing: true).ConfigureAwait(false);
        }
        using JsonDocument json = response.Json(hub.Unexpected);
        repo = repo with { RepoId = StrictJson.Text(json.RootElement, "name") ?? request.RepoId };
        if (request.Private)
            await RequirePrivateAsync(repo, cancel).ConfigureAwait(false);
        return new CreatedRepo(repo.RepoId, hub.Page(repo), true);
    }

    public async Task DeleteRepoAsync(RepoReference repo, CancellationToken cancel)
    {
        string[] parts = repo.RepoId.Split('/');
        var body = new JsonObject
        {
            ["name"] = parts[^1],
            ["organization"] = parts.Length > 1 ? parts[0] : null,
            ["type"] = repo.RepoType.ToText()
        };
        await WriteAsync(repo, HubRequest.WithJson(hub.At("/api/repos/delete"), body) with { Method = HttpMethod.Delete }, null,
            cancel).ConfigureAwait(false);
    }

    public async Task<RepoSummary> GetRepoAsync(RepoReference repo, CancellationToken cancel)
    {
        Uri uri = hub.Api(repo, "");
        using HubResponse response = await hub.SendAsync(repo, new HubRequest(uri), writing: false, cancel).ConfigureAwait(false);
        using JsonDocument json = response.Json(hub.Unexpected);
        return Read(json.RootElement, repo.RepoType, uri);
    }

    /// <summary>The repo; null if it does not exist or the token may not see it.</summary>
    private async Task<RepoSummary?> FindAsync(RepoReference repo, CancellationToken cancel)
    {
        try
        {
            return await GetRepoAsync(repo, cancel).ConfigureAwait(false);
        }
        catch (HubException e) when (e.Code is WiseCodes.RepoNotFound or WiseCodes.TokenNeeded or WiseCodes.TokenRefused)
        {
            return null;
        }
    }

    public async IAsyncEnumerable<RepoSummary> SearchAsync(RepoQuery query, [EnumeratorCancellation] CancellationToken cancel)
    {
        string[] filters = [.. new (string Key, string? Value)[] { ("search", query.Text), ("author", query.Author) }
            .Concat(query.Tags.Select(t => ("filter", (string?)t)))
            .Concat((query.RepoType == RepoType.Space ? SpaceProperties : Properties).Select(p => ("expand", (string?)p)))
            .Append(("limit", Math.Min(query.Limit ?? PageSize, PageSize).ToString(CultureInfo.InvariantCulture)))
            .Where(f => !string.IsNullOrEmpty(f.Item2)).Select(f => $"{f.Item1}={Uri.EscapeDataString(f.Item2!)}")];
        Uri? page = hub.At($"/api/{query.RepoType.ToPlural()}?{string.Join('&', filters)}");
        int left = query.Limit ?? int.MaxValue;
        for (int count = 0; page is not null && left > 0; count++)
        {
            if (count == MostPages)
                throw HuggingFaceMessages.TooManyRepoPages(hub.Definition.Name, MostPages);
            using HubResponse response = await connection.SendAsync(page, MostAnswerBytes, cancel).ConfigureAwait(false);
            if (!response.IsSuccess)
                throw await ReadSearchErrorAsync(response, cancel).ConfigureAwait(false);
            using JsonDocument json = response.Json(hub.Unexpected);
            if (json.RootElement.ValueKind != JsonValueKind.Array)
                throw hub.Unexpected(page, (Text)$"it is not a list of repos");
            foreach (JsonElement item in json.RootElement.EnumerateArray().Take(left))
            {
                left--;
                yield return Read(item, query.RepoType, page);
            }
            page = hub.NextPage(page, response.Header("Link"));
        }
    }

    public Task CreateBranchAsync(RepoReference repo, string branch, CancellationToken cancel)
    {
        var body = new JsonObject();
        if (repo.Revision is not null)
            body["startingPoint"] = repo.Revision;
        return WriteAsync(repo, HubRequest.WithJson(hub.Api(repo, "/branch/" + Uri.EscapeDataString(branch)), body),
            (Text)$"the branch '{branch}'", cancel);
    }

    public Task DeleteBranchAsync(RepoReference repo, string branch, CancellationToken cancel) =>
        WriteAsync(repo with { Revision = branch },
            new HubRequest(hub.Api(repo, "/branch/" + Uri.EscapeDataString(branch))) { Method = HttpMethod.Delete }, null,
                cancel);

    public Task CreateTagAsync(RepoReference repo, string tag, string? message, CancellationToken cancel)
    {
        var body = new JsonObject { ["tag"] = tag };
        if (message is not null)
            body["message"] = message;
        // The URL names the revision to tag, not the tag.
        return WriteAsync(repo, HubRequest.WithJson(hub.Api(repo, "/tag/" + Uri.EscapeDataString(repo.Revision ?? "main")), body),
            (Text)$"the tag '{tag}'", cancel);
    }

    public Task DeleteTagAsync(RepoReference repo, string tag, CancellationToken cancel) =>
        WriteAsync(repo with { Revision = tag },
            new HubRequest(hub.Api(repo, "/tag/" + Uri.EscapeDataString(tag))) { Method = HttpMethod.Delete }, null, cancel);

    /// <param name="repo">The repo.</param>
    /// <param name="httpRequest">The request.</param>
    /// <param name="created">The branch or tag to create, for messages.</param>
    /// <param name="cancel">Cancels the request.</param>
    private async Task WriteAsync(RepoReference repo, HubRequest httpRequest, string? created, CancellationToken cancel)
    {
        using HubResponse response = await connection.SendAsync(httpRequest, connection.Credential, MostAnswerBytes,
            cancel).ConfigureAwait(false);
        if (response.IsSuccess)
            return;
        throw response.Status == HttpStatusCode.Conflict && created is not null
            ? HuggingFaceMessages.RefExists(repo, hub.Definition.Name, created)
            : await hub.ReadErrorAsync(repo, null, response, cancel, writing: true).ConfigureAwait(false);
    }

    // A server that does not know "visibility" silently creates a public repo.
    private async Task RequirePrivateAsync(RepoReference repo, CancellationToken cancel)
    {
        if ((await GetRepoAsync(repo, cancel).ConfigureAwait(false)).Private == false)
            throw HuggingFaceMessages.CreatedPublic(repo, hub.Definition.Name, hub.Page(repo, "/settings"));
    }

    private async Task<HubException> ReadSearchErrorAsync(HubResponse response, CancellationToken cancel)
    {
        string said = await response.ErrorDetailAsync(cancel).ConfigureAwait(false);
        return HuggingFaceMessages.SearchRefused(hub.Definition.Name, connection, response.Uri, response.Status, said);
    }

    private RepoSummary Read(JsonElement item, RepoType type, Uri page)
    {
        string id = StrictJson.Text(item, "id") ?? throw hub.Unexpected(page, (Text)$"it names a repo without an id");
        var repo = new RepoReference { RepoId = id, RepoType = type };
        // The id is shown and used in later requests, so it must be a valid one.
        if (repo.Validate().Count > 0)
            throw hub.Unexpected(page, (Text)$"it names a repo with an invalid id");
        return new RepoSummary(id, type)
        {
            Commit = StrictJson.Text(item, "sha") is string sha && CommitId.IsGitId(sha) ? sha : null,
            Private = Flag(item, "private"),
            // false, or the way in which access is granted.
            Gated = item.TryGetProperty("gated", out JsonElement gated) ? gated.ValueKind != JsonValueKind.False : null,
            LastModified = StrictJson.Text(item, "lastModified") is string at && DateTimeOffset.TryParse(at,
                CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset modified)
                ? modified : null,
            Downloads = item.TryGetProperty("downloads", out JsonElement downloads) && downloads.ValueKind == JsonValueKind.Number
                && downloads.TryGetInt64(out long count)
                ? count : null,
            Tags = item.TryGetProperty("tags", out JsonElement tags) && tags.ValueKind == JsonValueKind.Array
                ? [.. tags.EnumerateArray().Where(t => t.ValueKind == JsonValueKind.String).Select(StrictJson.Text)
                    .OfType<string>()]
                : [],
            Url = hub.Page(repo),
        };
    }

    private static bool? Flag(JsonElement item, string key) => item.ValueKind == JsonValueKind.Object
        && item.TryGetProperty(key, out JsonElement value) && value.ValueKind is JsonValueKind.True or JsonValueKind.False
        ? value.GetBoolean() : null;
}
