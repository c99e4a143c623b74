using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace WiseHub.Testing;

/// <summary>
/// Preupload and commit, as <c>_commit_api.py</c> of https://github.com/huggingface/huggingface_hub and <c>commit.ts</c> of
/// https://github.com/huggingface/huggingface.js use them.
/// </summary>
internal sealed class CommitApi(TestHub hub) : IRepoApi
{
    private const int MostPreuploadFiles = 256;

    public async Task<bool> TryAnswerAsync(Call call, TestRepo repo, string verb, string[] rest)
    {
        switch (call.Verb, verb, rest)
        {
            case ("POST", "preupload", [string revision]):
                await PreuploadAsync(call, repo, revision);
                return true;
            case ("POST", "commit", [string revision]):
                await CommitAsync(call, repo, revision);
                return true;
            default:
                return false;
        }
    }

    /// <summary>The account, which may write to the repo, or propose something to it.</summary>
    public static TestAccount RequireUpload(Call call, TestRepo repo, bool createsPullRequest)
    {
        TestAccount account = call.RequireWrite("Forbidden: you must use a write token to upload to a repository.");
        return createsPullRequest || account.IsMemberOf(repo.Namespace) ? account
            : throw new ApiError(403, null, "Forbidden: pass `create_pr=1` as a query parameter to create a Pull Request");
    }

    // A pull request is its author's to extend.
    private static bool IsProposal(Call call, TestRepo repo, string revision) =>
        call.Flag("create_pr") || repo.Discussions.Any(d => d.IsPullRequest && d.Reference == revision && d.Author == call.User);

    private static async Task PreuploadAsync(Call call, TestRepo repo, string revision)
    {
        RequireUpload(call, repo, IsProposal(call, repo, revision));
        JsonNode body = await call.ReadJsonAsync();
        JsonArray files = body.List("files");
        if (files.Count > MostPreuploadFiles)
            throw new ApiError(400, null, $"\"files\" must contain less than or equal to {MostPreuploadFiles} items");
        RepoCommit head = repo.Find(revision) ?? throw ApiError.NoRevision(revision);
        // What the same commit is to change of them goes before what the repo has.
        var ignored = new GitIgnore(body.TextOrNull("gitIgnore") ?? repo.TextOf(head.Files, ".gitignore"));
        var attributes = new GitAttributes(body.TextOrNull("gitAttributes") ?? repo.Attributes(head.Files));
        var answers = new JsonArray();
        foreach (JsonNode? file in files)
        {
            string path = CheckPath(file!.Text("path"));
            bool lfs = attributes.IsLfs(path) || file!.Number("size") > TestRepo.LargestRegular
                || IsBinary(Base64(file!.TextOrNull("sample") ?? ""));
            var answer = new JsonObject
            {
                ["path"] = file!.Text("path"),
                ["uploadMode"] = lfs ? "lfs" : "regular",
                ["shouldIgnore"] = ignored.Ignores(path)
            };
            if (head.Files.TryGetValue(path, out RepoFile? known))
                answer["oid"] = known.Etag;
            answers.Add(answer);
        }
        await call.WriteJsonAsync(new JsonObject { ["files"] = answers, ["commitOid"] = head.Id });
    }

    private async Task CommitAsync(Call call, TestRepo repo, string revision)
    {
        TestAccount account = RequireUpload(call, repo, IsProposal(call, repo, revision));
        var changes = new List<RepoChange>();
        JsonNode? header = null;
        using var reader = new StreamReader(call.Request.Body, Encoding.UTF8);
        while (await reader.ReadLineAsync(call.Cancel) is string line)
        {
            if (line.Length == 0)
                continue;
            JsonNode entry = ParseLine(line);
            string key = entry.Text("key");
            JsonNode value = entry["value"] ?? throw new ApiError(400, null, "\"value\" is required");
            if ((header is null) != (key == "header"))
                throw new ApiError(400, null, "The first line, and no other, must have the key `header`.");
            if (key == "header")
                header = value;
            else
                changes.Add(Read(key, value, repo));
        }
        string summary = header?.TextOrNull("summary") ?? "";
        if (summary.Length == 0)
            throw new ApiError(400, null, "\"summary\" is not allowed to be empty");
        if (changes.Count == 0)
            throw new ApiError(400, null, "Add a line with the key `lfsFile`, `file` or `deletedFile`");
        var place = new CommitPlace(revision, header!.TextOrNull("parentCommit"), call.Flag("create_pr"), account.Name);
        RepoCommit commit = repo.Commit(place, changes, summary, header!.TextOrNull("description") ?? "", out int? pullRequest);
        var answer = new JsonObject
        {
            ["success"] = true,
            ["commitOid"] = commit.Id,
            ["commitUrl"] = call.PageOf(repo, $"/commit/{commit.Id}"),
            ["hookOutput"] = ""
        };
        if (pullRequest is not null)
            answer["pullRequestUrl"] = call.PageOf(repo, $"/discussions/{pullRequest}");
        await call.WriteJsonAsync(answer);
    }

    private RepoChange Read(string key, JsonNode value, TestRepo repo)
    {
        string path = CheckPath(value.Text("path"));
        switch (key)
        {
            case "file":
                string content = value.Text("content");
                byte[] bytes = value.TextOrNull("encoding") == "base64" ? Base64(content) : Encoding.UTF8.GetBytes(content);
                if (bytes.Length > TestRepo.LargestRegular)
                {
                    throw new ApiError(400, null, "Your push was rejected because it contains files larger than 10 MiB. "
                        + $"Please use https://git-lfs.github.com/ to store larger files. Offending files: - {path}");
                }
                return new RepoChange(path, new RepoFile(path, hub.Contents.Add(bytes), IsLfs: false));
            case "lfsFile":
                string oid = value.Text("oid");
                if (value.TextOrNull("algo") is not "sha256")
                    throw new ApiError(400, null, "\"algo\" must be [sha256]");
                if (!repo.LfsObjects.ContainsKey(oid))
                {
                    throw new ApiError(400, null, "Your push was rejected because an LFS pointer pointed to a file that does not "
                        + $"exist. Offending file: - {path}");
                }
                return new RepoChange(path,
                    new RepoFile(path, new StoredContent(oid, "", hub.Contents.SizeOf(oid)), IsLfs: true));
            case "deletedFile" or "deletedFolder":
                return new RepoChange(path, null);
            default:
                throw new ApiError(400, null, "\"key\" must be one of [header, file, lfsFile, deletedFile, deletedFolder]");
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

    private static byte[] Base64(string text)
    {
        byte[] bytes = new byte[text.Length];
        return Convert.TryFromBase64String(text, bytes, out int count) ? bytes[..count]
            : throw new ApiError(400, null, "A content is not base64.");
    }

    // A character that the end of the sample cuts is no sign.
    private static bool IsBinary(byte[] sample)
    {
        if (sample.Contains((byte)0))
            return true;
        try
        {
            new UTF8Encoding(false, throwOnInvalidBytes: true).GetDecoder().GetCharCount(sample, flush: false);
            return false;
        }
        catch (DecoderFallbackException)
        {
            return true;
        }
    }

    // A leading slash and ./ are no part of the name. 422 is the status that huggingface_hub's
    // test_create_file_with_relative_path asks for.
    private static string CheckPath(string path)
    {
        string clean = path.StartsWith("./", StringComparison.Ordinal) ? path[2..] : path.TrimStart('/');
        string[] parts = clean.TrimEnd('/').Split('/');
        return parts.Any(p => p is "" or ".git" or ".cache" or "." or "..") || clean.Contains('\\', StringComparison.Ordinal)
            ? throw new ApiError(422, null, $"Invalid path: {path}") : clean.TrimEnd('/');
    }
}
