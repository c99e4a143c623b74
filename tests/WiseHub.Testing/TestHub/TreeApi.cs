using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace WiseHub.Testing;

/// <summary>Lists of files and of commits.</summary>
internal sealed class TreeApi(TestHub hub) : IRepoApi
{
    private const int MostPaths = 1000;
    private const int ExpandedPageSize = 50;

    public async Task<bool> TryAnswerAsync(Call call, TestRepo repo, string verb, string[] rest)
    {
        switch (call.Verb, verb, rest)
        {
            case ("GET", "tree", [string revision, .. string[] folder]):
                await TreeAsync(call, repo, Revision(repo, revision), string.Join('/', folder));
                return true;
            case ("POST", "paths-info", [string revision]):
                await PathsInfoAsync(call, repo, Revision(repo, revision));
                return true;
            case ("GET", "commits", [string revision]):
                await CommitsAsync(call, repo, revision);
                return true;
            default:
                return false;
        }
    }

    public static RepoCommit Revision(TestRepo repo, string revision) =>
        repo.Find(revision) ?? throw ApiError.NoRevision(revision);

    private async Task TreeAsync(Call call, TestRepo repo, RepoCommit commit, string folder)
    {
        bool recursive = call.Flag("recursive"), expand = call.Flag("expand");
        folder = folder.TrimEnd('/');
        string prefix = folder.Length == 0 ? "" : folder + "/";
        var items = new List<TreeItem>();
        foreach (RepoFile file in commit.Files.Values.Where(f => f.Path.StartsWith(prefix, StringComparison.Ordinal)))
        {
            string[] below = file.Path[prefix.Length..].Split('/');
            for (int depth = 1; depth < below.Length && (recursive || depth == 1); depth++)
            {
                string path = prefix + string.Join('/', below[..depth]);
                if (!items.Exists(i => i.Path == path))
                    items.Add(new TreeItem("directory", path, commit.TreeIds.GetValueOrDefault(path, ""), 0, null, null));
            }
            if (recursive || below.Length == 1)
                items.Add(Item(file));
        }
        if (folder.Length > 0 && items.Count == 0)
            throw new ApiError(404, "EntryNotFound", $"{folder} does not exist on \"{commit.Id}\"") { Commit = commit.Id };
        items.Sort((a, b) => string.CompareOrdinal(a.Path, b.Path));
        int size = Math.Min(call.Number("limit", int.MaxValue), expand ? ExpandedPageSize : hub.Options.TreePageSize),
            skip = call.Number("cursor", 0);
        if (skip + size < items.Count)
            call.AddNextLink((skip + size).ToString(CultureInfo.InvariantCulture));
        call.Response.Headers["X-Repo-Commit"] = commit.Id;
        await call.WriteJsonAsync(Json(repo, commit, items.Skip(skip).Take(size), expand));
    }

    private static async Task PathsInfoAsync(Call call, TestRepo repo, RepoCommit commit)
    {
        List<string> paths;
        bool expand;
        if (call.Request.HasFormContentType)
        {
            IFormCollection form = await call.Request.ReadFormAsync(call.Cancel);
            (paths, expand) = ([.. form["paths"].OfType<string>()], form["expand"].ToString().ToUpperInvariant() is "TRUE");
        }
        else
        {
            JsonNode body = await call.ReadJsonAsync();
            paths = body["paths"] is JsonArray list
                ? [.. list.OfType<JsonValue>().Select(p => p.ToString())] : [body.Text("paths")];
            expand = body.FlagOrNull("expand") ?? false;
        }
        if (paths.Count > MostPaths)
            throw new ApiError(413, null, $"Too many paths: at most {MostPaths}.");
        IEnumerable<TreeItem> items = paths.Select(p => p.TrimEnd('/')).Distinct()
            .Select(path => commit.Files.TryGetValue(path, out RepoFile? file) ? Item(file)
                : path.Length > 0 && commit.TreeIds.TryGetValue(path, out string? tree)
                    ? new TreeItem("directory", path, tree, 0, null, null) : null).OfType<TreeItem>();
        await call.WriteJsonAsync(Json(repo, commit, items, expand));
    }

    private static async Task CommitsAsync(Call call, TestRepo repo, string revision)
    {
        Revision(repo, revision);
        repo.Find(revision, out IReadOnlyList<RepoCommit> history);
        int limit = Math.Clamp(call.Number("limit", 50), 1, 1000), page = call.Number("p", 0);
        bool formatted = call.Request.Query["expand"].Concat(call.Request.Query["expand[]"]).Contains("formatted");
        if ((page + 1) * limit < history.Count)
            call.AddNextLink((page + 1).ToString(CultureInfo.InvariantCulture), parameter: "p");
        call.Response.Headers["X-Total-Count"] = history.Count.ToString(CultureInfo.InvariantCulture);
        await call.WriteJsonAsync(new JsonArray([.. history.Skip(page * limit).Take(limit).Select(c =>
        {
            var json = new JsonObject
            {
                ["id"] = c.Id,
                ["title"] = c.Title,
                ["message"] = c.Description,
                ["date"] = InfoApi.Time(c.Time),
                ["authors"] = new JsonArray(new JsonObject { ["user"] = c.Author }),
            };
            if (formatted)
                json["formatted"] = new JsonObject
                {
                    ["title"] = $"<p>{System.Net.WebUtility.HtmlEncode(c.Title)}</p>",
                    ["message"] = System.Net.WebUtility.HtmlEncode(c.Description)
                };
            return (JsonNode)json;
        })]));
    }

    private static TreeItem Item(RepoFile file) =>
        new("file", file.Path, file.BlobId, file.Content.Size, file.IsLfs ? file.Content.Sha256 : null,
            file.IsLfs ? file.Content.Size : null);

    private static JsonArray Json(TestRepo repo, RepoCommit commit, IEnumerable<TreeItem> items, bool expand)
    {
        List<TreeItem> shown = [.. items.Select(i => repo.TreeLie is null ? i : repo.TreeLie(i)).OfType<TreeItem>()];
        IReadOnlyDictionary<string, RepoCommit> last = expand ? repo.LastCommits(commit, shown.Select(i => i.Path))
            : new Dictionary<string, RepoCommit>();
        return new JsonArray([.. shown.Select(item =>
        {
            var json = new JsonObject { ["type"] = item.Type, ["oid"] = item.Oid, ["size"] = item.Size, ["path"] = item.Path };
            if (item.LfsOid is not null)
                json["lfs"] = new JsonObject
                {
                    ["oid"] = item.LfsOid,
                    ["size"] = item.LfsSize,
                    ["pointerSize"] = GitObjects.PointerText(item.LfsOid, item.LfsSize ?? 0).Length
                };
            if (last.TryGetValue(item.Path, out RepoCommit? changed))
                json["lastCommit"] =
                    new JsonObject { ["id"] = changed.Id, ["title"] = changed.Title, ["date"] = InfoApi.Time(changed.Time) };
            return (JsonNode)json;
        })]);
    }
}
