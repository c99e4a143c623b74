using System.Text.Json.Nodes;

namespace WiseHub.Testing;

/// <summary>The LFS files of a repo as its owner sees them: a list, removal for good, and copies for other repos.</summary>
internal sealed class LfsFileApi(TestHub hub) : IRepoApi
{
    private const int MostDeletions = 1000, MostCopies = 500;

    public async Task<bool> TryAnswerAsync(Call call, TestRepo repo, string verb, string[] rest)
    {
        switch (call.Verb, verb, rest)
        {
            case ("GET", "lfs-files", []):
                call.RequireOwner(repo);
                await call.WriteJsonAsync(new JsonArray([.. repo.LfsFiles().Select(f => (JsonNode)new JsonObject
                {
                    ["fileOid"] = f.File.Content.Sha256,
                    ["oid"] = f.File.Content.Sha256,
                    ["filename"] = f.File.Path,
                    ["pushedAt"] = InfoApi.Time(f.Time),
                    ["ref"] = f.Reference,
                    ["size"] = f.File.Content.Size,
                })]));
                return true;
            case ("POST", "lfs-files", ["batch"]):
                call.RequireOwner(repo);
                JsonNode deletions = (await call.ReadJsonAsync())["deletions"]
                    ?? throw new ApiError(400, null, "\"deletions\" is required");
                HashSet<string> objects = [.. deletions.List("sha").OfType<JsonValue>().Select(s => s.ToString())];
                if (objects.Count > MostDeletions)
                    throw new ApiError(400, null, $"\"sha\" must contain less than or equal to {MostDeletions} items");
                if (deletions.FlagOrNull("rewriteHistory") != false)
                    repo.PurgeLfs(objects);
                await call.WriteTextAsync("OK");
                return true;
            case ("POST", "lfs-files", ["duplicate"]):
                await DuplicateAsync(call, repo);
                return true;
            default:
                return false;
        }
    }

    private async Task DuplicateAsync(Call call, TestRepo repo)
    {
        SettingsApi.RequireFiles(call, repo);
        JsonNode body = await call.ReadJsonAsync();
        JsonNode target = body["target"] ?? throw new ApiError(400, null, "\"target\" is required");
        TestRepo to = call.Visible(hub.FindRepo(target.Text("name"), target.TextOrNull("type") ?? "model"));
        call.RequireOwner(to);
        JsonArray files = body.List("files"), failed = [];
        if (files.Count > MostCopies)
            throw new ApiError(400, null, $"\"files\" must contain less than or equal to {MostCopies} items");
        foreach (JsonNode? file in files)
        {
            string sha256 = file!.Text("sha256");
            if (repo.LfsObjects.ContainsKey(sha256))
                to.LfsObjects[sha256] = true;
            else
                failed.Add(file!.DeepClone());
        }
        await call.WriteJsonAsync(new JsonObject { ["failed"] = failed });
    }
}
