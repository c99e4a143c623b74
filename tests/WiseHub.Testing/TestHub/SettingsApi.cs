using System.Text.Json;
using System.Text.Json.Nodes;

namespace WiseHub.Testing;

/// <summary>Settings of a repo, likes, and who may see a gated one (https://huggingface.co/docs/hub/models-gated).</summary>
internal sealed class SettingsApi(TestHub hub) : IRepoApi
{
    public async Task<bool> TryAnswerAsync(Call call, TestRepo repo, string verb, string[] rest)
    {
        switch (call.Verb, verb, rest)
        {
            case ("PUT", "settings", []):
                await SettingsAsync(call, repo);
                return true;
            case ("GET", "auth-check", [] or ["write"]):
                if (rest.Length > 0)
                    call.RequireOwner(repo);
                RequireFiles(call, repo);
                await call.WriteTextAsync("OK");
                return true;
            case ("POST", "like", []):
                repo.Likes[call.RequireUser().Name] = hub.Options.Time.GetUtcNow();
                await call.WriteTextAsync("OK");
                return true;
            case ("DELETE", "like", []):
                repo.Likes.TryRemove(call.RequireUser().Name, out _);
                await call.WriteTextAsync("OK");
                return true;
            case ("GET", "likers", []):
                await call.WriteJsonAsync(new JsonArray(
                    [.. repo.Likes.Keys.Order(StringComparer.Ordinal).Select(u => (JsonNode)User(u))]));
                return true;
            case ("POST", "ask-access", []):
                await AskAsync(call, repo);
                return true;
            case ("GET", "user-access-request", [("pending" or "accepted" or "rejected") and string status]):
                call.RequireOwner(repo);
                await call.WriteJsonAsync(new JsonArray(
                    [.. repo.AccessRequests.Where(r => r.Value.Status == status).OrderBy(r => r.Key, StringComparer.Ordinal)
                        .Select(r => (JsonNode)Json(r.Key, r.Value))]));
                return true;
            case ("POST", "user-access-request", ["grant" or "handle"]):
                await HandleAsync(call, repo, isGrant: rest[0] == "grant");
                return true;
            default:
                return false;
        }
    }

    /// <summary>The files of a gated repo are for its owners and for those who were let in.</summary>
    public static void RequireFiles(Call call, TestRepo repo)
    {
        if (!repo.IsGated || call.IsMember(repo) || (call.User is string user
            && repo.AccessRequests.TryGetValue(user, out AccessRequest? request) && request.Status == "accepted"))
            return;
        throw call.User is null
            ? new ApiError(401, "GatedRepo", $"Access to {repo.Type} {repo.Id} is restricted. You must have access to it and be "
                + "authenticated to access it. Please log in.")
            : new ApiError(403, "GatedRepo", $"Access to {repo.Type} {repo.Id} is restricted and you are not in the authorized "
                + $"list. Visit {call.PageOf(repo)} to ask for access.");
    }

    private static async Task SettingsAsync(Call call, TestRepo repo)
    {
        call.RequireOwner(repo);
        JsonNode body = await call.ReadJsonAsync();
        bool? isPrivate = body.TextOrNull("visibility") is string visibility
            ? visibility is "private" or "public" ? visibility == "private"
                : throw new ApiError(400, null, "\"visibility\" must be one of [private, public]")
            : body.FlagOrNull("private");
        if (body["gated"] is JsonNode gated)
        {
            repo.Gated = gated.GetValueKind() == JsonValueKind.False ? null
                : gated.GetValueKind() == JsonValueKind.String && gated.GetValue<string>() is ("auto" or "manual") and string how
                    ? how
                : throw new ApiError(400, null, "\"gated\" must be one of [auto, manual, false]");
        }
        repo.IsPrivate = isPrivate ?? repo.IsPrivate;
        await call.WriteJsonAsync(new JsonObject { ["private"] = repo.IsPrivate, ["gated"] = InfoApi.GatedOf(repo) });
    }

    private async Task AskAsync(Call call, TestRepo repo)
    {
        string user = call.RequireUser().Name;
        if (!repo.IsGated)
            throw new ApiError(400, null, "This repo is not gated");
        repo.AccessRequests.TryAdd(user,
            new AccessRequest(repo.Gated == "auto" ? "accepted" : "pending", hub.Options.Time.GetUtcNow()));
        await call.WriteTextAsync("OK");
    }

    private async Task HandleAsync(Call call, TestRepo repo, bool isGrant)
    {
        call.RequireOwner(repo);
        JsonNode body = await call.ReadJsonAsync();
        string user = body.Text("user"), status = isGrant ? "accepted" : body.Text("status");
        if (status is not ("accepted" or "rejected" or "pending"))
            throw new ApiError(400, null, "\"status\" must be one of [accepted, rejected, pending]");
        if (!hub.Options.Accounts.Any(a => a.Name.Equals(user, StringComparison.OrdinalIgnoreCase)))
            throw new ApiError(404, null, "User does not exist on the Hub");
        AccessRequest? before = repo.AccessRequests.GetValueOrDefault(user);
        if (isGrant && before is not null)
            throw new ApiError(400, null, "User already has access to the repo");
        if (!isGrant && before is null)
            throw new ApiError(404, null, "No access request found for this user");
        if (before?.Status == status)
            throw new ApiError(404, null, $"The access request is {status} already");
        var request = new AccessRequest(status, hub.Options.Time.GetUtcNow());
        repo.AccessRequests[user] = request;
        await call.WriteJsonAsync(Json(user, request));
    }

    private static JsonObject Json(string user, AccessRequest request) =>
        new() { ["user"] = User(user), ["status"] = request.Status, ["timestamp"] = InfoApi.Time(request.Time) };

    private static JsonObject User(string name) =>
        new() { ["user"] = name, ["fullname"] = name, ["type"] = "user", ["avatarUrl"] = "" };
}
