using System.Text;
using System.Text.Json.Nodes;

namespace WiseHub.Testing;

/// <summary>
/// What belongs to an account: who it is, its repos, making, deleting and moving them. The requests are those of
/// <c>hf_api.py</c> in https://github.com/huggingface/huggingface_hub; texts of errors are those that its tests, its recorded
/// traffic and its users report.
/// </summary>
internal sealed class AccountApi(TestHub hub)
{
    private const string UserId = "0123456789abcdef01234567";

    public async Task<bool> TryAnswerAsync(Call call)
    {
        switch (call.Verb, call.Parts)
        {
            case ("GET", ["api", "whoami-v2"]):
                await WhoAmIAsync(call);
                return true;
            case ("GET", ["api", "settings", "repositories"]):
                await ListAsync(call, call.RequireUser().Name);
                return true;
            case ("GET", ["api", "organizations", string organization, "settings", "repositories"]):
                await ListAsync(call, call.RequireUser().IsMemberOf(organization) ? organization
                    : throw new ApiError(403, null, "You are not a member of this organization."));
                return true;
            case ("GET", ["api", "users", string user, "likes"]):
                await LikesAsync(call, user);
                return true;
            case ("POST", ["api", "repos", "create"]):
                await CreateAsync(call);
                return true;
            case ("DELETE", ["api", "repos", "delete"]):
                await DeleteAsync(call);
                return true;
            case ("POST", ["api", "repos", "move"]):
                await MoveAsync(call);
                return true;
            case ("POST", ["api", "validate-yaml"]):
                await ValidateAsync(call);
                return true;
            default:
                return false;
        }
    }

    private static async Task WhoAmIAsync(Call call)
    {
        TestAccount account = call.RequireUser();
        await call.WriteJsonAsync(new JsonObject
        {
            ["type"] = "user",
            ["id"] = UserId,
            ["name"] = account.Name,
            ["fullname"] = account.Name,
            ["email"] = $"{account.Name}@example.org",
            ["emailVerified"] = true,
            ["canPay"] = false,
            ["isPro"] = false,
            ["periodEnd"] = null,
            ["avatarUrl"] = "",
            ["orgs"] = new JsonArray([.. account.Organizations.Select(o => (JsonNode)new JsonObject
            {
                ["type"] = "org",
                ["id"] = UserId,
                ["name"] = o,
                ["fullname"] = o,
                ["isEnterprise"] = false,
                ["roleInOrg"] = "admin",
            })]),
            ["auth"] = new JsonObject
            {
                ["type"] = "access_token",
                ["accessToken"] = new JsonObject { ["displayName"] = "test", ["role"] = account.MayWrite ? "write" : "read" },
            },
        });
    }

    private async Task ListAsync(Call call, string ns)
    {
        List<TestRepo> repos = [.. new[] { "model", "dataset", "space" }.SelectMany(hub.ReposOf)
            .Where(r => r.Namespace.Equals(ns, StringComparison.OrdinalIgnoreCase))];
        long all = repos.Sum(Storage);
        await call.WriteJsonAsync(new JsonArray([.. repos.Select(r => (JsonNode)new JsonObject
        {
            ["id"] = r.Id,
            ["type"] = r.Type,
            ["updatedAt"] = InfoApi.Time(r.Find("HEAD")?.Time ?? r.CreatedAt),
            ["visibility"] = r.IsPrivate ? "private" : "public",
            ["storage"] = Storage(r),
            ["storagePercent"] = all == 0 ? 0 : (double)Storage(r) / all,
        })]));

        static long Storage(TestRepo repo) => repo.Find("HEAD")?.Files.Values.Sum(f => f.Content.Size) ?? 0;
    }

    private async Task LikesAsync(Call call, string user) => await call.WriteJsonAsync(new JsonArray(
        [.. new[] { "model", "dataset", "space" }.SelectMany(hub.ReposOf)
            .Where(r => r.Likes.ContainsKey(user) && (!r.IsPrivate || call.IsMember(r)))
            .Select(r => (JsonNode)new JsonObject
            {
                ["createdAt"] = InfoApi.Time(r.Likes[user]),
                ["repo"] = new JsonObject { ["name"] = r.Id, ["type"] = r.Type },
            })]));

    // Of a card without front matter the hub says this; a colon inside a plain value is no YAML.
    private static async Task ValidateAsync(Call call)
    {
        string content = (await call.ReadJsonAsync()).Text("content").ReplaceLineEndings("\n").TrimStart();
        string[] matter = content.StartsWith("---\n", StringComparison.Ordinal) ? content[4..].Split("\n---")[0].Split('\n') : [];
        string? error = matter.FirstOrDefault(l => l.Split(": ").Length > 2) is string wrong
            ? $"bad indentation of a mapping entry: {wrong}"
            // A card of a model may name its results, each of which has a task and metrics
            // (https://huggingface.co/docs/hub/model-cards).
            : matter.Any(l => l.StartsWith("model-index:", StringComparison.Ordinal))
                && !matter.Any(l => l.Contains("results:", StringComparison.Ordinal))
                ? "\"model-index[0].results\" is required" : null;
        if (error is not null)
        {
            await call.WriteJsonAsync(new JsonObject { ["errors"] = new JsonArray(new JsonObject { ["message"] = error }) }, 400);
            return;
        }
        var warnings = new JsonArray();
        if (matter.Length == 0)
            warnings.Add(new JsonObject { ["message"] = "empty or missing yaml metadata in repo card" });
        await call.WriteJsonAsync(new JsonObject { ["errors"] = new JsonArray(), ["warnings"] = warnings });
    }

    private async Task CreateAsync(Call call)
    {
        TestAccount account = call.RequireUser();
        JsonNode body = await call.ReadJsonAsync();
        string type = Type(body), name = body.Text("name");
        string owner = body.TextOrNull("organization")
            ?? (name.Contains('/', StringComparison.Ordinal) ? name.Split('/')[0] : account.Name);
        if (!account.MayWrite || !account.IsMemberOf(owner))
            throw new ApiError(403, null, $"You don't have the rights to create a {type} under the namespace \"{owner}\"");
        string id = $"{owner}/{name.Split('/')[^1]}";
        RequireName(name.Split('/')[^1]);
        if (type == "space" && body.TextOrNull("sdk") is not ("gradio" or "streamlit" or "docker" or "static"))
            throw new ApiError(400, null, "\"sdk\" must be one of [gradio, docker, static, streamlit]");
        TestRepo? repo = hub.TryCreateRepo(id, type);
        string url = call.PageOf(repo ?? hub.FindRepo(id, type)!);
        if (repo is null)
        {
            string said = $"You already created this {type} repo";
            throw new ApiError(409, null, said) { Json = new JsonObject { ["error"] = said, ["url"] = url } };
        }
        repo.IsPrivate = body.TextOrNull("visibility") is string visibility ? visibility == "private"
            : body.FlagOrNull("private") ?? hub.Options.PrivateByDefault.Contains(owner, StringComparer.OrdinalIgnoreCase);
        repo.Sdk = type == "space" ? body.TextOrNull("sdk") : null;
        var files =
            new Dictionary<string, byte[]?> { [GitAttributes.FileName] = Encoding.UTF8.GetBytes(GitAttributes.Initial(type)) };
        // The card of a space configures it (https://huggingface.co/docs/hub/spaces-config-reference), so a new one has a card.
        if (repo.Sdk is not null)
            files["README.md"] = Encoding.UTF8.GetBytes($"---\ntitle: {id.Split('/')[1]}\nsdk: {repo.Sdk}\npinned: false\n---\n");
        repo.Commit(files, "initial commit");
        await call.WriteJsonAsync(new JsonObject { ["url"] = url, ["name"] = id, ["id"] = UserId });
    }

    private async Task DeleteAsync(Call call)
    {
        TestAccount account = call.RequireUser();
        JsonNode body = await call.ReadJsonAsync();
        string name = body.Text("name"), type = Type(body);
        string id = name.Contains('/', StringComparison.Ordinal) ? name
            : $"{body.TextOrNull("organization") ?? account.Name}/{name}";
        call.RequireOwner(call.Visible(hub.FindRepo(id, type)));
        hub.DeleteRepo(id, type);
        await call.WriteTextAsync("OK");
    }

    private async Task MoveAsync(Call call)
    {
        JsonNode body = await call.ReadJsonAsync();
        string from = body.Text("fromRepo"), to = body.Text("toRepo"), type = Type(body);
        TestAccount account = call.RequireOwner(call.Visible(hub.FindRepo(from, type)));
        string owner = to.Split('/')[0];
        if (to.Split('/').Length != 2)
            throw new ApiError(400, null, "\"toRepo\" must be namespace/name");
        if (!account.IsMemberOf(owner))
            throw new ApiError(403, null, $"You don't have the rights to create a {type} under the namespace \"{owner}\"");
        RequireName(to.Split('/')[1]);
        if (hub.FindRepo(to, type) is not null)
            throw new ApiError(409, null, $"A {type} repository called {to} already exists");
        hub.Rename(from, to, type);
        await call.WriteTextAsync("OK");
    }

    private static string Type(JsonNode body) => body.TextOrNull("type") ?? "model";

    // https://github.com/huggingface/huggingface_hub/blob/main/src/huggingface_hub/utils/_validators.py
    private static void RequireName(string name)
    {
        bool isFine = name.Length is > 0 and <= 96 && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '.' or '-')
            && name[0] is not ('.' or '-') && name[^1] is not ('.' or '-') && !name.Contains("--", StringComparison.Ordinal)
            && !name.Contains("..", StringComparison.Ordinal) && !name.EndsWith(".git", StringComparison.Ordinal);
        if (!isFine)
            throw new ApiError(400, null, "Repo name must use alphanumeric chars or '-', '_', '.', '--' and '..' are forbidden, "
                + "'-' and '.' cannot start or end the name, max length is 96");
    }
}
