using System.Globalization;
using System.Text.Json.Nodes;

namespace WiseHub.Testing;

/// <summary>
/// Discussions and pull requests, as <c>community.py</c> of https://github.com/huggingface/huggingface_hub reads them.
/// </summary>
internal sealed class DiscussionApi(TestHub hub) : IRepoApi
{
    private const int PageSize = 50, ShortestTitle = 3;

    public async Task<bool> TryAnswerAsync(Call call, TestRepo repo, string verb, string[] rest)
    {
        if (verb != "discussions")
            return false;
        DateTimeOffset now = hub.Options.Time.GetUtcNow();
        switch (call.Verb, rest)
        {
            case ("GET", []):
                await ListAsync(call, repo);
                return true;
            case ("POST", []):
                await OpenAsync(call, repo);
                return true;
            case ("GET", [string number]):
                await call.WriteJsonAsync(Details(call, repo, Find(repo, number)));
                return true;
            case ("POST", [string number, "comment"]):
                string comment = (await call.ReadJsonAsync()).Text("comment");
                await call.WriteJsonAsync(
                    new JsonObject { ["newMessage"] = Find(repo, number).Comment(call.RequireUser().Name, comment, now) });
                return true;
            case ("POST", [string number, "comment", string id, ("edit" or "hide") and string what]):
                string? text = what == "edit" ? (await call.ReadJsonAsync()).Text("content") : null;
                JsonObject edited = Find(repo, number).Edit(id, text, call.RequireUser().Name, now)
                    ?? throw new ApiError(404, null, "Comment not found");
                await call.WriteJsonAsync(new JsonObject { ["updatedComment"] = edited });
                return true;
            case ("POST", [string number, "title"]):
                string title = RequireTitle((await call.ReadJsonAsync()).Text("title"));
                Discussion renamed = Find(repo, number);
                await call.WriteJsonAsync(
                    new JsonObject { ["newTitle"] = renamed.Rename(RequireAuthor(call, repo, renamed), title, now) });
                return true;
            case ("POST", [string number, "status"]):
                await ChangeStatusAsync(call, repo, Find(repo, number));
                return true;
            case ("POST", [string number, "merge"]):
                await MergeAsync(call, repo, Find(repo, number));
                return true;
            default:
                return false;
        }
    }

    private static Discussion Find(TestRepo repo, string number) =>
        int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out int n) && n > 0 && n <= repo.Discussions.Count
            ? repo.Discussions[n - 1]
            : throw new ApiError(404, null, "Discussion not found");

    private static string RequireTitle(string title) =>
        title.Trim().Length >= ShortestTitle ? title.Trim()
        : throw new ApiError(400, null, $"\"title\" length must be at least {ShortestTitle} characters long");

    private static string RequireAuthor(Call call, TestRepo repo, Discussion discussion)
    {
        string user = call.RequireUser().Name;
        return user == discussion.Author || call.IsMember(repo) ? user
            : throw new ApiError(403, null, "Only its author or the owner of the repo may do that.");
    }

    private static async Task ListAsync(Call call, TestRepo repo)
    {
        string type = call.Request.Query["type"].ToString(), status = call.Request.Query["status"].ToString(),
            author = call.Request.Query["author"].ToString();
        List<Discussion> found =
            [.. repo.Discussions.Where(d => (type is "" or "all" || d.IsPullRequest == (type == "pull_request"))
                // A draft is open, and a merged one closed.
                && (status is "" or "all" || (d.Status is "open" or "draft") == (status == "open"))
                && (author.Length == 0 || d.Author == author)).Reverse()];
        int start = call.Number("p", 0) * PageSize;
        await call.WriteJsonAsync(new JsonObject
        {
            ["discussions"] = new JsonArray([.. found.Skip(start).Take(PageSize).Select(d => (JsonNode)Summary(repo, d))]),
            ["count"] = found.Count,
            ["start"] = start,
            ["numClosedDiscussions"] = repo.Discussions.Count(d => d.Status is "closed" or "merged"),
        });
    }

    private static async Task OpenAsync(Call call, TestRepo repo)
    {
        TestAccount account = call.RequireWrite("Forbidden: you must use a write token.");
        JsonNode body = await call.ReadJsonAsync();
        bool isPullRequest = body.FlagOrNull("pullRequest") ?? false;
        Discussion opened = repo.Discuss(RequireTitle(body.Text("title")), body.Text("description"), account.Name, isPullRequest,
            isPullRequest ? "draft" : "open");
        await call.WriteJsonAsync(new JsonObject
        {
            ["num"] = opened.Number,
            ["url"] = call.PageOf(repo, $"/discussions/{opened.Number}"),
            ["pullRequest"] = isPullRequest,
        });
    }

    private async Task ChangeStatusAsync(Call call, TestRepo repo, Discussion discussion)
    {
        string user = RequireAuthor(call, repo, discussion), status = (await call.ReadJsonAsync()).Text("status");
        if (status is not ("open" or "closed"))
            throw new ApiError(400, null, "\"status\" must be one of [open, closed]");
        if (discussion.Status == "merged" || discussion.Status == status)
            throw new ApiError(400, null, $"The discussion is {discussion.Status} already");
        await call.WriteJsonAsync(
            new JsonObject { ["newStatus"] = discussion.ChangeStatus(user, status, hub.Options.Time.GetUtcNow()) });
    }

    private async Task MergeAsync(Call call, TestRepo repo, Discussion discussion)
    {
        TestAccount account = call.RequireOwner(repo);
        if (!discussion.IsPullRequest || discussion.Status != "open")
            throw new ApiError(400, null, $"Only an open pull request can be merged, and this one is {discussion.Status}");
        discussion.MergeCommit = repo.Merge(discussion, account.Name).Id;
        discussion.ChangeStatus(account.Name, "merged", hub.Options.Time.GetUtcNow());
        await call.WriteTextAsync("OK");
    }

    private static JsonObject Summary(TestRepo repo, Discussion discussion) => new()
    {
        ["num"] = discussion.Number,
        ["title"] = discussion.Title,
        ["author"] = new JsonObject { ["name"] = discussion.Author, ["type"] = "user" },
        ["createdAt"] = InfoApi.Time(discussion.CreatedAt),
        ["status"] = discussion.Status,
        ["isPullRequest"] = discussion.IsPullRequest,
        ["repo"] = new JsonObject { ["name"] = repo.Id, ["type"] = repo.Type },
        ["repoOwner"] = new JsonObject { ["name"] = repo.Namespace },
    };

    private static JsonObject Details(Call call, TestRepo repo, Discussion discussion)
    {
        JsonObject json = Summary(repo, discussion);
        json["events"] = discussion.Events();
        if (!discussion.IsPullRequest)
            return json;
        json["filesWithConflicts"] = new JsonArray();
        json["changes"] = new JsonObject { ["base"] = "refs/heads/" + discussion.Branch };
        if (discussion.MergeCommit is not null)
            json["changes"]!["mergeCommitId"] = discussion.MergeCommit;
        if (call.Flag("diff"))
            json["diff"] = "";
        return json;
    }
}
