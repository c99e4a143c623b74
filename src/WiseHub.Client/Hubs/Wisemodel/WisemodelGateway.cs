using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using WiseHub.Client.Http;

namespace WiseHub.Client.Hubs.Wisemodel;

/// <summary>
/// Wisemodel's own gateway (docs/protocols/wisemodel.md): login by user name and password, and requests that need a session.
/// Downloads do not use it.
/// </summary>
internal sealed class WisemodelGateway(HubDefinition definition, GatewaySession session)
{
    // The page size of the hub's own client.
    private const int PageSize = 500;

    private const int MaxPages = 10_000;

    /// <summary>Exchanges a user name and a password for a session token.</summary>
    /// <exception cref="HubException">WISE2021: the hub refuses them; WISE2001 or WISE2010.</exception>
    public static async Task<string> LoginAsync(
        HubDefinition definition, HubConnection connection, string user, string password, CancellationToken cancel)
    {
        // Unlike the other calls it goes to the web host (docs/protocols/wisemodel.md#services).
        var uri = new Uri(Web(definition) + "/gateway/user/api/v1/login");
        var body = new JsonObject { ["username"] = user, ["password"] = password, ["way"] = "normal" };
        using HubResponse said = await connection.SendAsync(HubRequest(uri, body, "application/json"), null,
            GatewaySession.MaxAnswerBytes, cancel).ConfigureAwait(false);
        if (!said.IsSuccess)
            throw GatewaySession.Unexpected(definition, uri,
                (Text)$"its status is {((int)said.Status).ToString(CultureInfo.InvariantCulture)}");
        using JsonDocument response = said.Json((_, reason) => GatewaySession.Unexpected(definition, uri, reason));
        (string code, string message) = GatewaySession.Envelope(response)
            ?? throw GatewaySession.Unexpected(definition, uri, (Text)$"it has no code");
        if (code != "0")
            throw WisemodelMessages.LoginRefused(definition.Name, user, uri, code,
                message.Replace(password, "***", StringComparison.Ordinal), Web(definition));
        return GatewaySession.Data(response, "token") is { ValueKind: JsonValueKind.String } token
            && StrictJson.Text(token) is { Length: > 0 } text
            ? text
            : throw GatewaySession.Unexpected(definition, uri, (Text)$"it names no token");
    }

    /// <summary>The branches of a repo.</summary>
    /// <exception cref="HubException">WISE2002, WISE2022, WISE2023, WISE2001 or WISE2010.</exception>
    public async Task<IReadOnlyList<string>> BranchesAsync(RepoReference reference, CancellationToken cancel)
    {
        Uri uri = At(definition, "project/api/v1/branchlist");
        using JsonDocument response = await CallAsync(reference, uri,
            new JsonObject { ["project_path"] = session.ProjectPath(reference) }, cancel).ConfigureAwait(false);
        return Names(response, uri, "branch");
    }

    /// <summary>The names of the files and folders in one folder of a branch.</summary>
    /// <inheritdoc cref="BranchesAsync"/>
    public async Task<IReadOnlyList<string>> FilesAsync(
        RepoReference reference, string branch, string folder, CancellationToken cancel)
    {
        Uri uri = At(definition, "project/api/v1/listfiles");
        var names = new List<string>();
        for (int page = 1; page <= MaxPages; page++)
        {
            var body = new JsonObject
            {
                ["project_path"] = session.ProjectPath(reference),
                ["path"] = folder,
                ["branch"] = branch,
                ["baseReq"] = new JsonObject { ["page"] = page, ["pageSize"] = PageSize },
            };
            using JsonDocument response = await CallAsync(reference, uri, body, cancel).ConfigureAwait(false);
            List<string> found = Names(response, uri, "name");
            // A short page need not be the last. A server without pagination sends the first page again.
            if (found.Count == 0 || names.Contains(found[0]))
                return names;
            names.AddRange(found);
        }
        throw WisemodelMessages.TooManyPages(reference, definition.Name, MaxPages);
    }

    // The hub's own client sends no Content-Type here.
    private Task<JsonDocument> CallAsync(RepoReference reference, Uri uri, JsonObject body, CancellationToken cancel) =>
        session.CallAsync(reference, definition.Services().Gateway, HubRequest(uri, body, null), session.WithRetries, cancel);

    private static string Web(HubDefinition definition) => definition.Services().Web.AbsoluteUri.TrimEnd('/');

    private static Uri At(HubDefinition definition, string path) =>
        new($"{definition.Services().Gateway.AbsoluteUri.TrimEnd('/')}/gateway/{path}");

    private static HubRequest HubRequest(Uri uri, JsonObject body, string? mediaType)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(body.ToJsonString());
        return new HubRequest(uri)
        {
            Body = () =>
            {
                var content = new ByteArrayContent(bytes);
                content.Headers.ContentType = mediaType is null ? null : new MediaTypeHeaderValue(mediaType);
                return content;
            },
        };
    }

    private List<string> Names(JsonDocument response, Uri uri, string key)
    {
        var names = new List<string>();
        // An empty list may be null.
        if (GatewaySession.Data(response, "list") is not { ValueKind: JsonValueKind.Array } list)
            return names;
        foreach (JsonElement item in list.EnumerateArray())
        {
            names.Add(item.ValueKind == JsonValueKind.Object && item.TryGetProperty(key, out JsonElement name)
                && name.ValueKind == JsonValueKind.String && StrictJson.Text(name) is string text
                ? text : throw GatewaySession.Unexpected(definition, uri, (Text)$"an entry has no {key}"));
        }
        return names;
    }
}
