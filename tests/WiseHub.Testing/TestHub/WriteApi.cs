using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace WiseHub.Testing;

/// <summary>Repo admin (section 4), preupload (6.1) and commit (6.3).</summary>
internal sealed class WriteApi(TestHub hub)
{
    private const int MostPreuploadFiles = 256;

    private static readonly string[] Verbs = ["preupload", "commit", "branch", "tag", "settings"];

    public async Task<bool> TryAnswerAsync(Call call)
    {
        string[] parts = call.Parts;
        switch (call.Method, parts)
        {
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
        }
        if (call.Method == "GET" || parts.Length < 4 || parts[0] != "api" || Call.TypeOfPlural(parts[1]) is not string type)
            return false;
        (TestRepo repo, int next) = call.RepoAt(2, type, Verbs.Contains);
        string verb = parts.ElementAtOrDefault(next) ?? "", name = parts.ElementAtOrDefault(next + 1) ?? "main";
        if (!Verbs.Contains(verb))
            return false;
        call.RequireWrite();
        await (verb switch
        {
            "preupload" => PreuploadAsync(call, repo, name),
            "commit" => CommitAsync(call, repo, name),
            "branch" => BranchAsync(call, repo, name),
            "tag" => TagAsync(call, repo, name),
            _ => SettingsAsync(call, repo),
        });
        return true;
    }

    // Of a card without front matter the hub says this; a colon inside a plain value is no YAML.
    private static async Task ValidateAsync(Call call)
    {
        string content = (await call.ReadJsonAsync())["content"]!.GetValue<string>().ReplaceLineEndings("\n");
        string[] matter = content.StartsWith("---\n", StringComparison.Ordinal) ? content[4..].Split("\n---")[0].Split('\n') : [];
        if (matter.FirstOrDefault(l => l.Split(": ").Length > 2) is string wrong)
        {
            await call.WriteJsonAsync(new JsonObject { ["errors"] = new JsonArray(new JsonObject { ["message"] = $"bad indentation of a mapping entry: {wrong}" }) }, 400);
            return;
        }
        var warnings = new JsonArray();
        if (matter.Length == 0)
            warnings.Add(new JsonObject { ["message"] = "empty or missing yaml metadata in repo card" });
        await call.WriteJsonAsync(new JsonObject { ["warnings"] = warnings });
    }

    private async Task CreateAsync(Call call)
    {
        call.RequireWrite();
        JsonNode body = await call.ReadJsonAsync();
        string type = body["type"]?.GetValue<string>() ?? "model";
        string id = $"{body["organization"]?.GetValue<string>() ?? call.User}/{body["name"]!.GetValue<string>().Split('/')[^1]}";
        TestRepo repo = hub.TryCreateRepo(id, type) ?? throw new ApiError(409, null, "You already created this repo");
        repo.IsPrivate = body["visibility"]?.GetValue<string>() == "private" || (body["private"]?.GetValue<bool>() ?? false);
        repo.Commit(new Dictionary<string, byte[]?> { [".gitattributes"] = Encoding.UTF8.GetBytes("*.bin filter=lfs diff=lfs merge=lfs -text\n*.safetensors filter=lfs diff=lfs merge=lfs -text\n*.onnx filter=lfs diff=lfs merge=lfs -text\n") },
            "initial commit");
        await call.WriteJsonAsync(new JsonObject { ["url"] = call.HubUrl($"/{(type == "model" ? "" : type + "s/")}{id}"), ["name"] = id, ["id"] = "0123456789abcdef01234567" });
    }

    private async Task DeleteAsync(Call call)
    {
        call.RequireWrite();
        JsonNode body = await call.ReadJsonAsync();
        string name = body["name"]!.GetValue<string>();
        string id = name.Contains('/', StringComparison.Ordinal) ? name : $"{body["organization"]?.GetValue<string>() ?? call.User}/{name}";
        if (!hub.DeleteRepo(id, body["type"]?.GetValue<string>() ?? "model"))
            throw new ApiError(404, "RepoNotFound", "Repository not found");
        await call.WriteJsonAsync(new JsonObject());
    }

    private async Task MoveAsync(Call call)
    {
        call.RequireWrite();
        JsonNode body = await call.ReadJsonAsync();
        string from = body["fromRepo"]!.GetValue<string>(), to = body["toRepo"]!.GetValue<string>(), type = body["type"]?.GetValue<string>() ?? "model";
        call.Visible(hub.FindRepo(from, type));
        if (hub.FindRepo(to, type) is not null)
            throw new ApiError(409, null, "The target exists.");
        hub.Rename(from, to, type);
        await call.WriteJsonAsync(new JsonObject());
    }

    private static async Task SettingsAsync(Call call, TestRepo repo)
    {
        JsonNode body = await call.ReadJsonAsync();
        if (body["visibility"] is JsonNode visibility)
            repo.IsPrivate = visibility.GetValue<string>() == "private";
        if (body["private"] is JsonNode isPrivate)
            repo.IsPrivate = isPrivate.GetValue<bool>();
        if (body["gated"] is JsonNode gated)
            repo.IsGated = gated.GetValueKind() == JsonValueKind.String;
        await call.WriteJsonAsync(new JsonObject());
    }

    private static async Task BranchAsync(Call call, TestRepo repo, string name)
    {
        if (call.Method == "DELETE")
        {
            if (!repo.Branches.Remove(name))
                throw new ApiError(404, "RevisionNotFound", $"Invalid rev id: {name}");
        }
        else
        {
            JsonNode? body = call.Request.ContentLength is null or 0 ? null : await call.ReadJsonAsync();
            if (repo.Branches.ContainsKey(name))
                throw new ApiError(409, null, $"Reference already exists: refs/heads/{name}");
            string start = body?["startingPoint"]?.GetValue<string>() ?? "main";
            repo.Branch(name, (repo.Find(start) ?? throw new ApiError(404, "RevisionNotFound", $"Invalid rev id: {start}")).Id);
        }
        await call.WriteJsonAsync(new JsonObject());
    }

    // The POST's URL holds the revision, the DELETE's the tag.
    private static async Task TagAsync(Call call, TestRepo repo, string name)
    {
        if (call.Method == "DELETE")
        {
            if (!repo.Tags.Remove(name))
                throw new ApiError(404, "RevisionNotFound", $"Invalid rev id: {name}");
        }
        else
        {
            string tag = (await call.ReadJsonAsync())["tag"]!.GetValue<string>();
            if (repo.Tags.ContainsKey(tag))
                throw new ApiError(409, null, $"Reference already exists: refs/tags/{tag}");
            repo.Tag(tag, (repo.Find(name) ?? throw new ApiError(404, "RevisionNotFound", $"Invalid rev id: {name}")).Id);
        }
        await call.WriteJsonAsync(new JsonObject());
    }

    private static async Task PreuploadAsync(Call call, TestRepo repo, string revision)
    {
        JsonNode body = await call.ReadJsonAsync();
        JsonArray files = body["files"]!.AsArray();
        if (files.Count > MostPreuploadFiles)
            throw new ApiError(400, null, $"At most {MostPreuploadFiles} files.");
        RepoCommit head = repo.Find(revision) ?? throw new ApiError(404, "RevisionNotFound", $"Invalid rev id: {revision}");
        string[] ignored = [.. (body["gitIgnore"]?.GetValue<string>() ?? "").Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)];
        var answers = new JsonArray();
        foreach (JsonNode? file in files)
        {
            string path = CheckPath(file!["path"]!.GetValue<string>());
            long size = file["size"]!.GetValue<long>();
            byte[] sample = Convert.FromBase64String(file["sample"]?.GetValue<string>() ?? "");
            bool lfs = TestRepo.IsLfsByRule(path, size) || sample.Contains((byte)0);
            var answer = new JsonObject { ["path"] = path, ["uploadMode"] = lfs && size > 0 ? "lfs" : "regular", ["shouldIgnore"] = ignored.Contains(path) };
            if (head.Files.TryGetValue(path, out RepoFile? known))
                answer["oid"] = known.Etag;
            answers.Add(answer);
        }
        await call.WriteJsonAsync(new JsonObject { ["files"] = answers, ["commitOid"] = head.Id });
    }

    private async Task CommitAsync(Call call, TestRepo repo, string branch)
    {
        var changes = new List<(string Path, RepoFile? File)>();
        JsonNode? header = null;
        using var reader = new StreamReader(call.Request.Body, Encoding.UTF8);
        RepoCommit? head = repo.Find(branch);
        while (await reader.ReadLineAsync(call.Cancel) is string line)
        {
            if (line.Length == 0)
                continue;
            JsonNode entry = ParseLine(line);
            string key = entry["key"]?.GetValue<string>() ?? throw new ApiError(400, null, "A line has no key.");
            JsonNode value = entry["value"] ?? throw new ApiError(400, null, "A line has no value.");
            if ((header is null) != (key == "header"))
                throw new ApiError(400, null, "The first line, and no other, must be the header.");
            if (key == "header")
                header = value;
            else
                changes.AddRange(Read(key, value, head));
        }
        string summary = header?["summary"]?.GetValue<string>() ?? "";
        if (summary.Length == 0)
            throw new ApiError(400, null, "The summary must not be empty.");
        if (changes.Count == 0)
            throw new ApiError(400, null, "Expected a file, lfsFile or deletedFile line.");
        bool createPullRequest = call.Flag("create_pr");
        RepoCommit commit = repo.TryCommit(branch, header!["parentCommit"]?.GetValue<string>(), createPullRequest, changes, summary, header["description"]?.GetValue<string>() ?? "", out string? pullRequest)
            ?? throw new ApiError(412, null, "The branch head is not the parent commit: somebody else has pushed since.");
        var answer = new JsonObject { ["success"] = true, ["commitOid"] = commit.Id, ["commitUrl"] = call.HubUrl($"/{repo.Id}/commit/{commit.Id}"), ["hookOutput"] = "" };
        if (pullRequest is not null)
            answer["pullRequestUrl"] = call.HubUrl($"/{repo.Id}/discussions/{pullRequest.Split('/')[^1]}");
        await call.WriteJsonAsync(answer);
    }

    private IEnumerable<(string, RepoFile?)> Read(string key, JsonNode value, RepoCommit? head)
    {
        string path = CheckPath(value["path"]!.GetValue<string>());
        switch (key)
        {
            case "file":
                string content = value["content"]!.GetValue<string>();
                byte[] bytes = value["encoding"]?.GetValue<string>() == "base64" ? Convert.FromBase64String(content) : Encoding.UTF8.GetBytes(content);
                yield return (path, new RepoFile(path, hub.Contents.Add(bytes), IsLfs: false));
                break;
            case "lfsFile":
                string oid = value["oid"]!.GetValue<string>();
                if (value["algo"]?.GetValue<string>() != "sha256" || !hub.Contents.Has(oid))
                    throw new ApiError(400, null, $"The LFS object {oid} was not uploaded.");
                yield return (path, new RepoFile(path, new StoredContent(oid, "", hub.Contents.SizeOf(oid)), IsLfs: true));
                break;
            case "deletedFile":
                if (head?.Files.ContainsKey(path) != true)
                    throw new ApiError(404, "EntryNotFound", $"{path} does not exist") { Commit = head?.Id };
                yield return (path, null);
                break;
            case "deletedFolder":
                foreach (string file in head?.Files.Keys.Where(f => f.StartsWith(path.TrimEnd('/') + "/", StringComparison.Ordinal)) ?? [])
                    yield return (file, null);
                break;
            default:
                throw new ApiError(400, null, $"Unknown key {key}.");
        }
    }

    private static JsonNode ParseLine(string line)
    {
        try
        {
            return JsonNode.Parse(line)!;
        }
        catch (JsonException e)
        {
            throw new ApiError(400, null, $"A line is not JSON: {e.Message}");
        }
    }

    private static string CheckPath(string path)
    {
        string clean = path.StartsWith("./", StringComparison.Ordinal) ? path[2..] : path.TrimStart('/');
        return clean.Length == 0 || clean.Split('/').Any(p => p is ".git" or ".cache" or "." or "..")
            ? throw new ApiError(400, null, $"The path {path} is not allowed.") : clean;
    }
}
