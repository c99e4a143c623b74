using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;

namespace WiseHub.Testing;

/// <summary>What can be asked of the hub: files (section 2) and JSON (section 3).</summary>
internal sealed class ReadApi(TestHub hub)
{
    private const int MostPaths = 1000;
    private const int ExpandedPageSize = 50;

    public async Task<bool> TryAnswerAsync(Call call)
    {
        try
        {
            if (call.Parts[0] == "api")
                return await ApiAsync(call);
            return await FileAsync(call);
        }
        catch (RenamedRepo e)
        {
            call.Response.StatusCode = 307;
            call.Response.Headers.Location = e.Target;
            return true;
        }
    }

    private async Task<bool> ApiAsync(Call call)
    {
        string[] parts = call.Parts;
        if (parts is ["api", "whoami-v2"] && call.Method == "GET")
        {
            await WhoAmIAsync(call);
            return true;
        }
        if (parts.Length >= 2 && parts[1] == "resolve-cache")
        {
            await ResolveCacheAsync(call);
            return true;
        }
        if (parts.Length < 2 || Call.TypeOfPlural(parts[1]) is not string type)
            return false;
        if (parts.Length == 2)
        {
            await SearchAsync(call, type);
            return true;
        }
        (TestRepo repo, int next) = call.RepoAt(2, type, p => p is "revision" or "tree" or "paths-info" or "refs" or "commits" or "auth-check");
        string verb = next < parts.Length ? parts[next] : "";
        string rest = next + 1 < parts.Length ? parts[next + 1] : "main";
        switch (call.Method, verb)
        {
            case ("GET", "" or "revision"):
                await call.WriteJsonAsync(Info(repo, Revision(repo, verb.Length == 0 ? "HEAD" : rest, mayBeEmpty: verb.Length == 0), call.Flag("blobs")));
                return true;
            case ("GET", "tree"):
                await TreeAsync(call, repo, Revision(repo, rest), string.Join('/', parts.Skip(next + 2)));
                return true;
            case ("POST", "paths-info"):
                await PathsInfoAsync(call, repo, Revision(repo, rest));
                return true;
            case ("GET", "refs"):
                await call.WriteJsonAsync(Refs(repo, call.Flag("include_prs")));
                return true;
            case ("GET", "commits"):
                await CommitsAsync(call, repo, rest);
                return true;
            case ("GET", "auth-check"):
                RequireFiles(call, repo);
                await call.WriteJsonAsync(new JsonObject());
                return true;
            default:
                return false;
        }
    }

    private static async Task WhoAmIAsync(Call call)
    {
        if (call.User is null)
            throw new ApiError(401, null, "Invalid username or password.");
        await call.WriteJsonAsync(new JsonObject
        {
            ["type"] = "user",
            ["id"] = "0123456789abcdef01234567",
            ["name"] = call.User,
            ["fullname"] = call.User,
            ["email"] = $"{call.User}@example.org",
            ["emailVerified"] = true,
            ["canPay"] = false,
            ["isPro"] = false,
            ["periodEnd"] = null,
            ["avatarUrl"] = "",
            ["orgs"] = new JsonArray(),
            ["auth"] = new JsonObject { ["type"] = "access_token", ["accessToken"] = new JsonObject { ["displayName"] = "test", ["role"] = call.MayWrite ? "write" : "read" } },
        });
    }

    private async Task SearchAsync(Call call, string type)
    {
        string search = call.Request.Query["search"].ToString(), author = call.Request.Query["author"].ToString();
        List<TestRepo> all = [.. hub.ReposOf(type).Where(r => (!r.IsPrivate || call.MayWrite)
            && call.Request.Query["filter"].All(f => r.Labels.Contains(f!)) && r.Id.Contains(search, StringComparison.OrdinalIgnoreCase) && (author.Length == 0 || r.Id.StartsWith(author + "/", StringComparison.OrdinalIgnoreCase)))];
        int limit = call.Number("limit", MostPaths), skip = call.Number("cursor", 0);
        if (skip + limit < all.Count)
            AddNextLink(call, (skip + limit).ToString(CultureInfo.InvariantCulture));
        await call.WriteJsonAsync(new JsonArray([.. all.Skip(skip).Take(limit).Select(r => (JsonNode)Info(r, r.Find("HEAD"), blobs: false))]));
    }

    private static JsonObject Info(TestRepo repo, RepoCommit? commit, bool blobs)
    {
        var siblings = new JsonArray();
        foreach (RepoFile file in (commit?.Files.Values ?? []).OrderBy(f => f.Path, StringComparer.Ordinal))
        {
            var sibling = new JsonObject { ["rfilename"] = file.Path };
            if (blobs)
            {
                sibling["size"] = file.Content.Size;
                sibling["blobId"] = file.BlobId;
                if (file.IsLfs)
                    sibling["lfs"] = new JsonObject { ["sha256"] = file.Content.Sha256, ["size"] = file.Content.Size, ["pointerSize"] = PointerSize(file) };
            }
            siblings.Add(sibling);
        }
        return new JsonObject
        {
            ["_id"] = "0123456789abcdef01234567",
            ["id"] = repo.Id,
            ["modelId"] = repo.Id,
            ["sha"] = commit?.Id,
            ["author"] = repo.Id.Split('/')[0],
            ["private"] = repo.IsPrivate,
            ["gated"] = repo.IsGated ? "auto" : false,
            ["disabled"] = repo.IsDisabled,
            ["lastModified"] = Time(commit?.Time),
            ["createdAt"] = Time(commit?.Time),
            ["downloads"] = 0,
            ["likes"] = 0,
            ["tags"] = new JsonArray([.. repo.Labels.Select(l => (JsonNode)l)]),
            ["usedStorage"] = commit?.Files.Values.Sum(f => f.Content.Size) ?? 0,
            ["siblings"] = siblings,
        };
    }

    private async Task TreeAsync(Call call, TestRepo repo, RepoCommit commit, string folder)
    {
        bool recursive = call.Flag("recursive"), expand = call.Flag("expand");
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
        int size = Math.Min(call.Number("limit", int.MaxValue), expand ? ExpandedPageSize : hub.Options.TreePageSize), skip = call.Number("cursor", 0);
        if (skip + size < items.Count)
            AddNextLink(call, (skip + size).ToString(CultureInfo.InvariantCulture));
        call.Response.Headers["X-Repo-Commit"] = commit.Id;
        await call.WriteJsonAsync(new JsonArray([.. items.Skip(skip).Take(size).Select(i => repo.TreeLie is null ? i : repo.TreeLie(i)).OfType<TreeItem>()
            .Select(i => (JsonNode)Json(i, expand ? commit : null))]));
    }

    private static async Task PathsInfoAsync(Call call, TestRepo repo, RepoCommit commit)
    {
        List<string> paths;
        bool expand;
        if (call.Request.HasFormContentType)
        {
            Microsoft.AspNetCore.Http.IFormCollection form = await call.Request.ReadFormAsync(call.Cancel);
            (paths, expand) = ([.. form["paths"].OfType<string>()], form["expand"].ToString().ToUpperInvariant() is "TRUE");
        }
        else
        {
            JsonNode body = await call.ReadJsonAsync();
            paths = body["paths"] is JsonArray list ? [.. list.Select(p => p!.GetValue<string>())] : [body["paths"]!.GetValue<string>()];
            expand = body["expand"]?.GetValue<bool>() ?? false;
        }
        if (paths.Count > MostPaths)
            throw new ApiError(413, null, $"Too many paths: at most {MostPaths}.");
        var items = new JsonArray();
        foreach (string path in paths.Select(p => p.TrimEnd('/')))
        {
            TreeItem? item = commit.Files.TryGetValue(path, out RepoFile? file) ? Item(file)
                : commit.TreeIds.TryGetValue(path, out string? tree) && path.Length > 0 ? new TreeItem("directory", path, tree, 0, null, null) : null;
            if (item is not null && (repo.TreeLie is null ? item : repo.TreeLie(item)) is TreeItem shown)
                items.Add(Json(shown, expand ? commit : null));
        }
        await call.WriteJsonAsync(items);
    }

    private static JsonObject Refs(TestRepo repo, bool pullRequests)
    {
        static JsonArray List(IEnumerable<KeyValuePair<string, string>> refs, string prefix) =>
            new([.. refs.OrderBy(r => r.Key, StringComparer.Ordinal).Select(r => (JsonNode)new JsonObject { ["name"] = r.Key, ["ref"] = prefix + r.Key, ["targetCommit"] = r.Value })]);
        var json = new JsonObject { ["branches"] = List(repo.Branches, "refs/heads/"), ["converts"] = new JsonArray(), ["tags"] = List(repo.Tags, "refs/tags/") };
        if (pullRequests)
            json["pullRequests"] = List(repo.PullRequests, "");
        return json;
    }

    private static async Task CommitsAsync(Call call, TestRepo repo, string revision)
    {
        Revision(repo, revision);
        repo.Find(revision, out IReadOnlyList<RepoCommit> history);
        int limit = call.Number("limit", 50), page = call.Number("p", 0);
        if ((page + 1) * limit < history.Count)
            call.Response.Headers.Link = $"<{call.HubUrl(call.RawPath)}?limit={limit}&p={page + 1}>; rel=\"next\"";
        call.Response.Headers["X-Total-Count"] = history.Count.ToString(CultureInfo.InvariantCulture);
        await call.WriteJsonAsync(new JsonArray([.. history.Skip(page * limit).Take(limit).Select(c => (JsonNode)new JsonObject
        {
            ["id"] = c.Id,
            ["title"] = c.Title,
            ["message"] = c.Description,
            ["date"] = Time(c.Time),
            ["authors"] = new JsonArray(new JsonObject { ["user"] = "tester" }),
        })]));
    }

    /// <summary><c>/[datasets/]id/resolve|raw/revision/path</c>.</summary>
    private async Task<bool> FileAsync(Call call)
    {
        string? type = Call.TypeOfPlural(call.Parts[0]);
        (TestRepo repo, int next) = call.RepoAt(type is null ? 0 : 1, type ?? "model", p => p is "resolve" or "raw");
        if (call.Method is not ("GET" or "HEAD") || next + 2 >= call.Parts.Length || call.Parts[next] is not ("resolve" or "raw"))
            return false;
        string path = string.Join('/', call.Parts.Skip(next + 2));
        RepoCommit commit = Revision(repo, call.Parts[next + 1]);
        RequireFiles(call, repo);
        RepoFile file = commit.Files.GetValueOrDefault(path)
            ?? throw new ApiError(404, "EntryNotFound", "Entry not found") { Commit = commit.Id };
        call.Response.Headers["X-Repo-Commit"] = commit.Id;
        if (call.Parts[next] == "raw" && file.IsLfs)
            await WriteTextAsync(call, GitObjects.PointerText(file.Content.Sha256, file.Content.Size), file.BlobId);
        else if (call.Parts[next] == "resolve" && file.IsLfs)
            RedirectToCdn(call, repo, commit, file);
        else if (call.Parts[next] == "resolve" && hub.Options.RegularByRedirect)
            RedirectToCache(call, repo, commit, file);
        else
            await ContentAnswer.WriteAsync(call, hub.Contents.PathOf(file.Content.Sha256), file.Etag);
        return true;
    }

    private static async Task WriteTextAsync(Call call, string text, string etag)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        call.Response.Headers.ETag = $"\"{etag}\"";
        call.Response.ContentType = "text/plain; charset=utf-8";
        call.Response.ContentLength = bytes.Length;
        if (!call.IsHead)
            await call.Response.Body.WriteAsync(bytes, call.Cancel);
    }

    private void RedirectToCdn(Call call, TestRepo repo, RepoCommit commit, RepoFile file)
    {
        call.Response.StatusCode = 302;
        call.Response.Headers.Location = LfsApi.SignedUrl(hub, $"content/{file.Content.Sha256}");
        call.Response.Headers["X-Linked-Etag"] = $"\"{file.Content.Sha256}\"";
        call.Response.Headers["X-Linked-Size"] = file.Content.Size.ToString(CultureInfo.InvariantCulture);
        call.Response.Headers.ETag = $"\"{file.BlobId}\"";
        if (!hub.Options.Xet)
            return;
        // Not a real Xet hash: a client that follows the redirect must not look at it.
        string hash = new([.. file.Content.Sha256.Reverse()]);
        call.Response.Headers["X-Xet-Hash"] = hash;
        call.Response.Headers.Link = $"<{call.HubUrl($"/api/{repo.Type}s/{repo.Id}/xet-read-token/{commit.Id}")}>; rel=\"xet-auth\", <{call.HubUrl($"/v1/reconstructions/{hash}")}>; rel=\"xet-reconstruction-info\"";
    }

    private static void RedirectToCache(Call call, TestRepo repo, RepoCommit commit, RepoFile file)
    {
        string escaped = string.Join('/', file.Path.Split('/').Select(Uri.EscapeDataString));
        call.Response.StatusCode = 307;
        call.Response.Headers.Location = $"/api/resolve-cache/{repo.Type}s/{repo.Id}/{commit.Id}/{escaped}?{Uri.EscapeDataString(call.RawPath)}=&etag=%22{file.Etag}%22";
    }

    private async Task ResolveCacheAsync(Call call)
    {
        string type = Call.TypeOfPlural(call.Parts.ElementAtOrDefault(2) ?? "") ?? throw new ApiError(404, null, "Not Found");
        (TestRepo repo, int next) = call.RepoAt(3, type, p => p.Length == 40 && p.All(char.IsAsciiHexDigitLower));
        RequireFiles(call, repo);
        RepoCommit commit = Revision(repo, call.Parts.ElementAtOrDefault(next) ?? "");
        RepoFile file = commit.Files.GetValueOrDefault(string.Join('/', call.Parts.Skip(next + 1)))
            ?? throw new ApiError(404, "EntryNotFound", "Entry not found") { Commit = commit.Id };
        call.Response.Headers["X-Repo-Commit"] = commit.Id;
        await ContentAnswer.WriteAsync(call, hub.Contents.PathOf(file.Content.Sha256), file.Etag);
    }

    private static void RequireFiles(Call call, TestRepo repo)
    {
        if (repo.IsGated && !call.MayWrite)
        {
            throw call.User is null ? new ApiError(401, "GatedRepo", $"Access to {repo.Type} {repo.Id} is restricted. You must have access to it and be authenticated to access it. Please log in.")
                : new ApiError(403, "GatedRepo", $"Access to {repo.Type} {repo.Id} is restricted and you are not in the authorized list.");
        }
    }

    private static RepoCommit Revision(TestRepo repo, string revision) =>
        repo.Find(revision) ?? throw new ApiError(404, "RevisionNotFound", $"Invalid rev id: {revision}");

    private static RepoCommit? Revision(TestRepo repo, string revision, bool mayBeEmpty) =>
        mayBeEmpty ? repo.Find(revision) : Revision(repo, revision);

    private static TreeItem Item(RepoFile file) =>
        new("file", file.Path, file.BlobId, file.Content.Size, file.IsLfs ? file.Content.Sha256 : null, file.IsLfs ? file.Content.Size : null);

    private static JsonObject Json(TreeItem item, RepoCommit? expand)
    {
        var json = new JsonObject { ["type"] = item.Type, ["oid"] = item.Oid, ["size"] = item.Size, ["path"] = item.Path };
        if (item.LfsOid is not null)
            json["lfs"] = new JsonObject { ["oid"] = item.LfsOid, ["size"] = item.LfsSize, ["pointerSize"] = GitObjects.PointerText(item.LfsOid, item.LfsSize ?? 0).Length };
        if (expand is not null)
            json["lastCommit"] = new JsonObject { ["id"] = expand.Id, ["title"] = expand.Title, ["date"] = Time(expand.Time) };
        return json;
    }

    private static int PointerSize(RepoFile file) => GitObjects.PointerText(file.Content.Sha256, file.Content.Size).Length;

    private static void AddNextLink(Call call, string cursor)
    {
        string query = string.Concat(call.RawQuery.TrimStart('?').Split('&', StringSplitOptions.RemoveEmptyEntries).Where(p => !p.StartsWith("cursor=", StringComparison.Ordinal)).Select(p => p + "&"));
        call.Response.Headers.Link = $"<{call.HubUrl(call.RawPath)}?{query}cursor={cursor}>; rel=\"next\"";
    }

    private static string? Time(DateTimeOffset? time) => time?.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ss.fffZ", CultureInfo.InvariantCulture);
}
