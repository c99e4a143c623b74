using System.Text.Json.Nodes;

namespace WiseHub.Testing;

/// <summary>Branches and tags.</summary>
internal sealed class RefsApi : IRepoApi
{
    public async Task<bool> TryAnswerAsync(Call call, TestRepo repo, string verb, string[] rest)
    {
        switch (call.Verb, verb, rest)
        {
            case ("GET", "refs", []):
                await call.WriteJsonAsync(Refs(repo, call.Flag("include_prs")));
                return true;
            case ("POST", "branch", [string name]):
                await CreateBranchAsync(call, repo, name);
                return true;
            case ("DELETE", "branch", [string name]):
                DeleteBranch(call, repo, name);
                await call.WriteTextAsync("OK");
                return true;
            // The POST's URL holds the revision, the DELETE's the tag.
            case ("POST", "tag", [string revision]):
                await CreateTagAsync(call, repo, revision);
                return true;
            case ("DELETE", "tag", [string name]):
                call.RequireOwner(repo);
                if (!repo.Locked(() => repo.Tags.Remove(name)))
                    throw ApiError.NoRevision(name);
                await call.WriteTextAsync("OK");
                return true;
            case ("POST", "super-squash", [string name]):
                string message = (await call.ReadJsonAsync()).TextOrNull("message") ?? $"Super-squash branch '{name}'";
                RepoCommit squashed = repo.Squash(name, message, call.RequireOwner(repo).Name) ?? throw ApiError.NoRevision(name);
                await call.WriteJsonAsync(new JsonObject { ["commitId"] = squashed.Id });
                return true;
            default:
                return false;
        }
    }

    private static JsonObject Refs(TestRepo repo, bool pullRequests)
    {
        static JsonArray List(IEnumerable<KeyValuePair<string, string>> refs, string prefix) =>
            new([.. refs.OrderBy(r => r.Key, StringComparer.Ordinal).Select(
                r => (JsonNode)new JsonObject { ["name"] = r.Key, ["ref"] = prefix + r.Key, ["targetCommit"] = r.Value })]);
        var json = new JsonObject
        {
            ["branches"] = List(repo.Branches, "refs/heads/"),
            ["converts"] = new JsonArray(),
            ["tags"] = List(repo.Tags, "refs/tags/")
        };
        if (pullRequests)
            json["pullRequests"] = List(repo.PullRequests, "");
        return json;
    }

    private static async Task CreateBranchAsync(Call call, TestRepo repo, string name)
    {
        TestAccount account = call.RequireOwner(repo);
        JsonNode body = await call.ReadJsonAsync(orEmpty: true);
        if (!RefNames.IsValid(name))
            throw new ApiError(400, null, $"Invalid reference for a branch: {name}");
        bool overwrite = body.FlagOrNull("overwrite") ?? false, empty = body.FlagOrNull("emptyBranch") ?? false;
        string start = body.TextOrNull("startingPoint") ?? "HEAD";
        repo.Locked(() =>
        {
            if (repo.Branches.ContainsKey(name) && !overwrite)
                throw new ApiError(409, null, $"Reference refs/heads/{name} already exists");
            if (empty)
                repo.EmptyBranch(name, account.Name);
            else
                repo.Branch(name, (repo.Find(start) ?? throw ApiError.NoRevision(start)).Id);
            return true;
        });
        await call.WriteTextAsync("OK");
    }

    private static void DeleteBranch(Call call, TestRepo repo, string name)
    {
        call.RequireOwner(repo);
        if (name == "main")
            throw new ApiError(403, null, "Cannot delete refs/heads/main");
        if (!repo.Locked(() => repo.Branches.Remove(name)))
            throw ApiError.NoRevision(name);
    }

    private static async Task CreateTagAsync(Call call, TestRepo repo, string revision)
    {
        call.RequireOwner(repo);
        string tag = (await call.ReadJsonAsync()).Text("tag");
        RepoCommit commit = repo.Find(revision) ?? throw ApiError.NoRevision(revision);
        if (!RefNames.IsValid(tag))
            throw new ApiError(400, null, $"Invalid reference for a tag: {tag}");
        if (!repo.Locked(() => repo.Tags.TryAdd(tag, commit.Id)))
            throw new ApiError(409, null, $"Tag reference exists already: refs/tags/{tag}");
        await call.WriteTextAsync("OK");
    }
}
