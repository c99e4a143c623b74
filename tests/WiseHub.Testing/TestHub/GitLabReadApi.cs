using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace WiseHub.Testing;

/// <summary>
/// GitLab's REST API as far as docs/protocols/wisemodel.md#lists has it, and the raw proxy before it (#contents). Models and
/// datasets share the path <c>owner/name</c>; codes are under <c>codes/</c>.
/// </summary>
internal sealed class GitLabReadApi(TestHub hub)
{
    // GitLab's API names no charset (https://docs.gitlab.com/api/rest/: responses are application/json).
    private const string Json = "application/json";

    private const int DefaultPageSize = 20, LargestPageSize = 100;

    // What a web server packs by its own.
    private static readonly string[] PackedEndings = [".json", ".md", ".txt"];

    private static ApiError NotFound(string what) => Error(404, $"404 {what} Not Found");

    private static ApiError Error(int status, string message) =>
        new(status, null, null) { ContentType = Json, Json = new JsonObject { ["message"] = message } };

    public async Task<bool> TryAnswerAsync(Call call)
    {
        if (call.Method is not ("GET" or "HEAD"))
            return false;
        switch (call.Parts)
        {
            case ["api", "v4", "user"]:
                await call.WriteJsonAsync(new JsonObject
                {
                    ["id"] = 7,
                    ["username"] = IsTester(call) ? "tester" : throw Error(401, "401 Unauthorized"),
                    ["name"] = "Tester",
                    ["state"] = "active"
                }, type: Json);
                return true;
            case ["api", "v4", "projects", string project, .. string[] rest]:
                await ProjectAsync(call, project, rest);
                return true;
            case ["file-proxy", .. string[] rest]
                when Array.IndexOf(rest, "-") is > 0 and int dash && rest.ElementAtOrDefault(dash + 1) == "raw":
                await ProxyAsync(call, string.Join('/', rest[..dash]), rest[(dash + 2)..]);
                return true;
            case ["users", "sign_in"]:
                call.Response.ContentType = "text/html; charset=utf-8";
                await call.Response.Body.WriteAsync("<!DOCTYPE html><html><body>Sign in</body></html>"u8.ToArray(), call.Cancel);
                return true;
            default:
                return false;
        }
    }

    /// <summary>A repo by GitLab's path.</summary>
    public TestRepo? Find(string path) => path.StartsWith("codes/", StringComparison.Ordinal) ? hub.FindRepo(path[6..], "code")
        : hub.FindRepo(path) ?? hub.FindRepo(path, "dataset");

    private static string PathOf(TestRepo repo) => (repo.Type == "code" ? "codes/" : "") + repo.Id;

    private bool IsTester(Call call)
    {
        string token = call.Request.Headers["PRIVATE-TOKEN"].ToString(), bearer = call.Request.Headers.Authorization.ToString();
        // Either header takes a personal access token (https://docs.gitlab.com/api/rest/authentication/).
        if (token.Length == 0 && bearer.StartsWith("Bearer ", StringComparison.Ordinal))
            token = bearer[7..];
        return token == hub.GitToken || (token.Length == 0 ? false : throw Error(401, "401 Unauthorized"));
    }

    // A number that a project keeps when it is renamed.
    private static int NumberOf(TestRepo repo) =>
        BitConverter.ToUInt16(SHA256.HashData(Encoding.UTF8.GetBytes($"{repo.Type} {repo.CreatedAs}")));

    private async Task ProjectAsync(Call call, string project, string[] rest)
    {
        bool isTester = IsTester(call);
        TestRepo? repo = int.TryParse(project, CultureInfo.InvariantCulture, out int number)
            ? new[] { "model", "dataset", "code" }.SelectMany(hub.ReposOf).FirstOrDefault(r => NumberOf(r) == number)
            : Find(project);
        bool isCode = project.StartsWith("codes/", StringComparison.Ordinal);
        string bare = isCode ? project[6..] : project;
        if (repo is null && (hub.RenamedTo(bare, isCode ? "code" : "model") ?? hub.RenamedTo(bare, "dataset")) is string renamed)
        {
            repo = Find((isCode ? "codes/" : "") + renamed)!;
            call.Response.StatusCode = 301;
            call.Response.Headers.Location = call.HubUrl($"/api/v4/projects/{NumberOf(repo)}"
                + string.Concat(call.RawPath.Split('/')[5..].Select(p => "/" + p)) + call.RawQuery);
            return;
        }
        // GitLab hides what one may not see.
        if (repo is null || (repo.IsPrivate && !isTester))
            throw NotFound("Project");
        if (repo.IsDisabled)
            throw Error(403, "403 Forbidden - Repository access is disabled");
        switch (rest)
        {
            case []:
                var json = new JsonObject
                {
                    ["id"] = NumberOf(repo),
                    ["name"] = repo.Id.Split('/')[^1],
                    ["path_with_namespace"] = PathOf(repo),
                    ["default_branch"] = repo.Branches.Count == 0 ? null : "main",
                };
                if (isTester)
                    json["visibility"] = repo.IsPrivate ? "private" : "public";
                await call.WriteJsonAsync(json, type: Json);
                break;
            case ["repository", "commits", string revision]:
                RepoCommit commit = repo.Find(revision) ?? throw NotFound("Commit");
                await call.WriteJsonAsync(new JsonObject
                {
                    ["id"] = commit.Id,
                    ["short_id"] = commit.Id[..8],
                    ["title"] = commit.Title,
                    ["message"] = commit.Title
                }, type: Json);
                break;
            case ["repository", "branches", string name]:
                RepoCommit head = (repo.Branches.ContainsKey(name) ? repo.Find("refs/heads/" + name) : null)
                    ?? throw NotFound("Branch");
                await call.WriteJsonAsync(
                    new JsonObject { ["name"] = name, ["commit"] = new JsonObject { ["id"] = head.Id, ["title"] = head.Title } },
                    type: Json);
                break;
            case ["repository", "tree"]:
                await TreeAsync(call, repo);
                break;
            case ["repository", "blobs", string oid, "raw"]:
                await GiveAsync(call, repo.FindBlob(oid) ?? throw NotFound("Blob"), content: false);
                break;
            case ["repository", "files", string path, "raw"]:
                RepoCommit at = repo.Find(call.Request.Query["ref"].ToString()) ?? throw NotFound("Commit");
                RepoFile file = at.Files.GetValueOrDefault(path) ?? throw NotFound("File");
                await GiveAsync(call, file, content: !file.IsLfs || (hub.Wisemodel.KnowsLfsParameter && call.Flag("lfs")));
                break;
            default:
                throw NotFound("Page");
        }
    }

    private async Task TreeAsync(Call call, TestRepo repo)
    {
        string revision = call.Request.Query["ref"].ToString();
        RepoCommit commit = repo.Find(revision.Length == 0 ? "HEAD" : revision)
            ?? throw (repo.Branches.Count == 0 ? NotFound("Tree") : NotFound("invalid revision or path"));
        string under = call.Request.Query["path"].ToString();
        bool recursive = call.Flag("recursive");
        List<JsonObject> items = [.. Items(commit, repo).Where(i => IsUnder(under, i["path"]!.GetValue<string>(), recursive))];
        int size = Math.Min(Math.Min(call.Number("per_page", DefaultPageSize), LargestPageSize), hub.Wisemodel.TreePageSize);
        bool keySet = hub.Wisemodel.KeySetPaging && call.Request.Query["pagination"] == "keyset";
        int page = call.Number("page", 1);
        int skip = keySet ? items.FindIndex(i => TokenOf(i) == call.Request.Query["page_token"]) + 1 : (page - 1) * size;
        if (hub.Wisemodel.EndlessPages)
            SayNext(call, "page_token=" + Guid.NewGuid().ToString("N"), null);
        else if (skip + size < items.Count)
            SayNext(call, keySet ? "page_token=" + Uri.EscapeDataString(TokenOf(items[skip + size - 1]))
                : string.Create(CultureInfo.InvariantCulture, $"page={page + 1}"), keySet ? null : page + 1);
        await call.WriteJsonAsync(new JsonArray([.. items.Skip(skip).Take(size)]), type: Json);
    }

    private void SayNext(Call call, string parameter, int? number)
    {
        string query = string.Join('&', call.RawQuery.TrimStart('?').Split('&').Where(p => !p.StartsWith("page=",
            StringComparison.Ordinal) && !p.StartsWith("page_token=", StringComparison.Ordinal)).Append(parameter));
        if (hub.Wisemodel.LinkHeaders)
            call.Response.Headers.Link = $"<{hub.Wisemodel.InternalHost ?? call.HubUrl("")}{call.RawPath}?{query}>; rel=\"next\"";
        if (number is int next)
            call.Response.Headers["X-Next-Page"] = next.ToString(CultureInfo.InvariantCulture);
    }

    private static string TokenOf(JsonObject item) =>
        Convert.ToBase64String(Encoding.UTF8.GetBytes(item["path"]!.GetValue<string>()));

    private static bool IsUnder(string folder, string path, bool recursive)
    {
        string prefix = folder.Length == 0 ? "" : folder.Trim('/') + "/";
        return path.StartsWith(prefix, StringComparison.Ordinal)
            && (recursive || !path[prefix.Length..].Contains('/', StringComparison.Ordinal));
    }

    // No size: that of a file is not in git's tree.
    private static IEnumerable<JsonObject> Items(RepoCommit commit, TestRepo repo)
    {
        IEnumerable<JsonObject> files = commit.Files.Values.Select(f => repo.TreeLie is null
            ? new TreeItem("blob", f.Path, f.BlobId, 0, null, null)
            : repo.TreeLie(new TreeItem("blob", f.Path, f.BlobId, 0, null, null)))
            .OfType<TreeItem>().Select(i => Item(i.Oid, i.Type, i.Path, i.Type == "commit" ? "160000" : "100644"));
        return commit.TreeIds.Where(t => t.Key.Length > 0).Select(t => Item(t.Value, "tree", t.Key, "040000")).Concat(files)
            .OrderBy(i => i["path"]!.GetValue<string>(), StringComparer.Ordinal);
    }

    private static JsonObject Item(string id, string type, string path, string mode) =>
        new() { ["id"] = id, ["name"] = path.Split('/')[^1], ["type"] = type, ["path"] = path, ["mode"] = mode };

    private async Task ProxyAsync(Call call, string project, string[] rest)
    {
        TestRepo? repo = Find(project);
        if (repo is null && hub.RenamedTo(project, "model") is string renamed)
        {
            call.Response.StatusCode = 302;
            call.Response.Headers.Location = $"/file-proxy/{renamed}/-/raw/{string.Join('/', rest.Select(Uri.EscapeDataString))}";
            return;
        }
        if (repo is null || (repo.IsPrivate && !hub.Wisemodel.PrivateRedirectsToLogin))
            throw new ApiError(404, null, null) { Text = "404 page not found" };
        if (repo.IsPrivate)
        {
            call.Response.StatusCode = 302;
            call.Response.Headers.Location = "/users/sign_in";
            return;
        }
        // The revision has as many segments as its name.
        int parts = Enumerable.Range(1, Math.Max(1, rest.Length - 1))
            .FirstOrDefault(n => repo.Find(string.Join('/', rest[..n])) is not null);
        RepoFile file = parts == 0 ? throw new ApiError(404, null, null) { Text = "404 page not found" }
            : repo.Find(string.Join('/', rest[..parts]))!.Files.GetValueOrDefault(string.Join('/', rest[parts..]))
                ?? throw new ApiError(404, null, null) { Text = "404 page not found" };
        await GiveAsync(call, file, content: !hub.Wisemodel.ProxyGivesPointers);
    }

    private async Task GiveAsync(Call call, RepoFile file, bool content)
    {
        StoredContent given = content || !file.IsLfs ? file.Content
            : hub.Contents.Add(Encoding.UTF8.GetBytes(GitObjects.PointerText(file.Content.Sha256, file.Content.Size)));
        bool packs = call.Request.Headers.AcceptEncoding.ToString().Contains("gzip", StringComparison.Ordinal)
            && PackedEndings.Any(e => file.Path.EndsWith(e, StringComparison.Ordinal));
        await ContentAnswer.WriteAsync(packs && call.Fault is null ? call.With(new Fault.Gzip()) : call,
            hub.Contents.PathOf(given.Sha256), given.Sha256);
    }
}
