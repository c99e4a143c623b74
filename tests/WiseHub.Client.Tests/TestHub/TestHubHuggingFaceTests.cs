using System.Net;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using WiseHub.Testing;

namespace WiseHub.Client.Tests;

/// <summary>
/// The test hub answers as Hugging Face's hub does: statuses, headers and JSON of raw HTTP, without a client of ours between.
/// Where a comment names nothing else, the behaviour is the one that <c>tests/test_hf_api.py</c> of
/// https://github.com/huggingface/huggingface_hub asks of the real hub.
/// </summary>
public sealed class TestHubHuggingFaceTests : IAsyncLifetime
{
    private const string Other = "hf_other", Reader = "hf_read", Tester = "hf_test";

    private static readonly string[] LfsOfATest = ["*.bin filter=lfs diff=lfs merge=lfs -text",
        "*.safetensors filter=lfs diff=lfs merge=lfs -text", "*.onnx filter=lfs diff=lfs merge=lfs -text"];

    private readonly HttpClient _http = new(new SocketsHttpHandler { AllowAutoRedirect = false });
    private TestHub _hub = null!;

    public async ValueTask InitializeAsync()
    {
        var options = new TestHubOptions();
        options.Accounts.Add(new TestAccount("other", Other));
        options.PrivateByDefault.Add("acme");
        _hub = await TestHub.StartAsync(options);
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _hub.DisposeAsync();
    }

    [Fact]
    public async Task Creating_a_repo_returns_its_address_and_commits_gitattributes()
    {
        Answer answer = await CreateAsync("m");

        Assert.Equal((200, $"{Endpoint}/tester/m", "tester/m"), (answer.Status, answer["url"], answer["name"]));
        Assert.Equal(["initial commit"], _hub.FindRepo("tester/m")!.History());
        Assert.StartsWith("*.7z filter=lfs diff=lfs merge=lfs -text\n", Text("tester/m", ".gitattributes"),
            StringComparison.Ordinal);
    }

    // test_metadata_update_missing_readme_on_space of tests/test_repocard.py deletes the card of a new space.
    [Fact]
    public async Task A_new_space_has_an_SDK_and_a_card()
    {
        await CreateAsync("s", type: "space");

        Assert.Equal("static", (await GetAsync("/api/spaces/tester/s"))["sdk"]);
        Assert.Equal([".gitattributes", "README.md"], _hub.FindRepo("tester/s", "space")!
            .Find("main")!.Files.Keys.Order(StringComparer.Ordinal));
    }

    // The recorded answer is in tests/cassettes/TestSpaceAPIProduction.test_manage_secrets.yaml there; `hf upload` reads the url.
    [Theory]
    [InlineData("model", "")]
    [InlineData("dataset", "datasets/")]
    [InlineData("space", "spaces/")]
    public async Task Creating_an_existing_repo_is_409_with_its_address(string type, string prefix)
    {
        await CreateAsync("m", type: type);

        Answer answer = await CreateAsync("m", type: type);

        Assert.Equal((409, $"You already created this {type} repo", $"{Endpoint}/{prefix}tester/m"),
            (answer.Status, answer["error"], answer["url"]));
    }

    [Theory]
    [InlineData("other", Tester)]
    [InlineData("tester", Other)]
    [InlineData(null, Reader)]
    public async Task Creating_a_repo_in_a_foreign_namespace_or_with_a_read_token_is_403(
        string? organization, string token)
    {
        Answer answer = await CreateAsync("m", organization, token: token);

        Assert.Equal((403, $"You don't have the rights to create a model under the namespace \"{organization ?? "reader"}\""),
            (answer.Status, answer["error"]));
    }

    [Fact]
    public async Task The_test_organization_creates_private_repos_by_default()
    {
        await CreateAsync("m", "acme");

        Assert.Equal(404, (await GetAsync("/api/models/acme/m", Other)).Status);
        Assert.Equal("true", (await GetAsync("/api/models/acme/m"))["private"]);
    }

    [Theory]
    [InlineData("a--b")]
    [InlineData(".a")]
    [InlineData("a.git")]
    [InlineData("a b")]
    public async Task An_invalid_repo_name_is_400(string name) => Assert.Equal(400, (await CreateAsync(name)).Status);

    [Fact]
    public async Task A_repo_is_moved_to_a_free_name_of_its_owner_and_the_old_name_redirects()
    {
        await CreateAsync("m");
        await CreateAsync("taken");

        Answer taken = await MoveAsync("tester/m", "tester/taken"), foreign = await MoveAsync("tester/m", "other/m"),
            moved = await MoveAsync("tester/m", "tester/n");
        Answer get = await GetAsync("/api/models/tester/m/tree/main?recursive=true"),
            post = await SendAsync("POST", "/api/models/tester/m/preupload/main", Json("""{"files":[]}"""));

        Assert.Equal((409, "A model repository called tester/taken already exists", 403, 200),
            (taken.Status, taken["error"], foreign.Status, moved.Status));
        Assert.Equal((307, "/api/models/tester/n/tree/main?recursive=true"), (get.Status, get.Header("Location")));
        Assert.Equal((307, "/api/models/tester/n/preupload/main"), (post.Status, post.Header("Location")));
    }

    [Fact]
    public async Task Deleting_a_foreign_repo_is_403_and_a_hidden_one_404()
    {
        _hub.CreateRepo("other/open");
        _hub.CreateRepo("other/hidden", isPrivate: true);

        Answer open = await SendAsync("DELETE", "/api/repos/delete", Json("""{"name":"open","organization":"other"}"""));
        Answer hidden = await SendAsync("DELETE", "/api/repos/delete", Json("""{"name":"hidden","organization":"other"}"""));

        Assert.Equal((403, 404, "RepoNotFound"), (open.Status, hidden.Status, hidden.Header("X-Error-Code")));
    }

    [Theory]
    [InlineData("/api/models/acme/m")]
    [InlineData("/api/models/acme/m/tree/main")]
    [InlineData("/api/models?limit=1")]
    [InlineData("/api/whoami-v2")]
    public async Task HEAD_answers_as_GET_without_a_body(string path)
    {
        Repo("acme/m", ("a", "x"));

        Answer get = await GetAsync(path), head = await SendAsync("HEAD", path);

        Assert.Equal((200, get.Body.Length, "application/json; charset=utf-8", ""),
            (head.Status, head.Length, head.Type, head.Body));
    }

    // A client names the hub by its Host header; a hub behind a proxy that passes it on gives addresses that the client can use.
    [Fact]
    public async Task URLs_in_responses_have_the_host_of_the_request()
    {
        Repo("acme/a", ("a", "x"));
        Repo("acme/b", ("a", "x"));

        Answer created = await SendAsync("POST", "/api/repos/create", Json("""{"name":"m"}"""), host: "hub.example:8080");
        Answer listed = await SendAsync("GET", "/api/models?limit=1", host: "hub.example:8080");
        Answer committed = await SendAsync("POST", "/api/models/tester/m/commit/main", Lines(File("a", "x")),
            host: "hub.example:8080");

        Assert.Equal("http://hub.example:8080/tester/m", created["url"]);
        Assert.Equal("<http://hub.example:8080/api/models?limit=1&cursor=1>; rel=\"next\"", listed.Header("Link"));
        Assert.Equal($"http://hub.example:8080/tester/m/commit/{committed["commitOid"]}", committed["commitUrl"]);
    }

    [Fact]
    public async Task Preupload_decides_by_gitattributes_size_and_sample()
    {
        await CreateAsync("m");
        await CommitAsync("tester/m",
            File(".gitattributes", "*.dat filter=lfs diff=lfs merge=lfs -text\n/raw/** filter=lfs\nraw/*.txt -filter\n"));

        Answer answer = await PreuploadAsync("tester/m", "",
            ("a.dat", "text", 4), ("b.bin", "text", 4), ("big.txt", "text", (10 << 20) + 1), ("just.txt", "text", 10 << 20),
            ("nul", "a\0b", 3),
            ("raw/x", "text", 4), ("raw/y.txt", "text", 4), ("sub/raw/x", "text", 4));

        Assert.Equal("a.dat lfs, b.bin regular, big.txt lfs, just.txt regular, nul lfs, raw/x lfs, "
            + "raw/y.txt regular, sub/raw/x regular", Modes(answer));
    }

    // huggingface.js sends them where the same commit changes the file.
    [Fact]
    public async Task Preupload_uses_the_gitattributes_of_the_coming_commit()
    {
        await CreateAsync("m");

        Answer answer = await PreuploadAsync("tester/m", ""","gitAttributes":"*.txt filter=lfs" """,
            ("a.txt", "text", 4), ("a.bin", "text", 4));

        Assert.Equal("a.txt lfs, a.bin regular", Modes(answer));
    }

    [Theory]
    [InlineData("""nested/*""", "nested/a,nested/b.log,nested/deep/c")]
    [InlineData("""*.log""", "a.log,nested/b.log")]
    [InlineData("""/a.log""", "a.log")]
    [InlineData("""nested/""", "nested/a,nested/b.log,nested/deep/c")]
    [InlineData("""*.log\n!b.log""", "a.log")]
    [InlineData("""nested/\n!nested/a""", "nested/a,nested/b.log,nested/deep/c")]
    [InlineData("""**/c""", "nested/deep/c")]
    [InlineData("""nested/**/c""", "nested/deep/c")]
    [InlineData("""# a.log\n\\#x""", "#x")]
    [InlineData("""[ab].log""", "a.log,nested/b.log")]
    [InlineData("""[!a].log""", "nested/b.log")]
    public async Task Preupload_ignores_by_patterns_as_git_does(string patterns, string ignored)
    {
        await CreateAsync("m");
        (string, string, long)[] files =
            [.. new[] { "a.log", "nested/a", "nested/b.log", "nested/deep/c", "#x" }.Select(p => (p, "x", 1L))];

        Answer sent = await PreuploadAsync("tester/m", $",\"gitIgnore\":\"{patterns}\"", files);
        await CommitAsync("tester/m", File(".gitignore",
            patterns.Replace("\\n", "\n", StringComparison.Ordinal).Replace("\\\\", "\\", StringComparison.Ordinal)));
        Answer kept = await PreuploadAsync("tester/m", "", files);

        string[] expected = ignored.Split(',');
        Assert.Equal(expected.Order(), Ignored(sent).Order());
        Assert.Equal(expected.Order(), Ignored(kept).Order());
    }

    [Fact]
    public async Task A_commit_of_LFS_files_adds_missing_rules_to_gitattributes()
    {
        Repo("acme/m", ("a", "x"));
        string oid = await UploadAsync("acme/m", "weights");

        await CommitAsync("acme/m", Lfs("model.bin", oid));
        Assert.Equal("a=x\nmodel.bin=weights", Tree("acme/m"));
        await CommitAsync("acme/m", Lfs("my model.dat", oid), Lfs("other.bin", oid));

        Assert.Equal(string.Join('\n', [.. LfsOfATest, "my[[:space:]]model.dat filter=lfs diff=lfs merge=lfs -text", ""]),
            Text("acme/m", ".gitattributes"));
        Answer again = await PreuploadAsync("acme/m", "", ("my model.dat", "text", 4), ("my_model.dat", "text", 4),
            ("x.onnx", "text", 4));
        Assert.Equal("my model.dat lfs, my_model.dat regular, x.onnx lfs", Modes(again));
    }

    [Fact]
    public async Task An_LFS_object_of_another_repo_must_be_uploaded_again()
    {
        Repo("acme/m", ("a", "x"));
        Repo("acme/n", ("a", "x"));
        string oid = await UploadAsync("acme/m", "weights");

        Answer here = await BatchAsync("acme/m", "upload", oid, 7), there = await BatchAsync("acme/n", "upload", oid, 7),
            read = await BatchAsync("acme/n", "download", oid, 7);
        Answer commit = await CommitAsync("acme/n", Lfs("model.bin", oid));

        Assert.Null(here.Json["objects"]![0]!["actions"]);
        Assert.NotNull(there.Json["objects"]![0]!["actions"]!["upload"]);
        Assert.Equal(404, (int)read.Json["objects"]![0]!["error"]!["code"]!);
        Assert.Equal((400, "Your push was rejected because an LFS pointer pointed to a file that does not exist. "
            + "Offending file: - model.bin"), (commit.Status, commit["error"]));
    }

    // https://github.com/git-lfs/git-lfs/blob/main/docs/api/locking.md: 404 says that there are no locks.
    [Fact]
    public async Task LFS_locks_are_404_and_a_private_repo_asks_for_credentials()
    {
        _hub.CreateRepo("acme/p", isPrivate: true);

        Answer locks = await SendAsync("POST", "/acme/p.git/info/lfs/locks/verify", Json("{}")),
            anonymous = await SendAsync("POST", "/acme/p.git/info/lfs/objects/batch", Json("{}"), token: null);

        Assert.Equal((404, "Not Found", "application/vnd.git-lfs+json"), (locks.Status, locks["message"], locks.Type));
        Assert.Equal((401, "Basic realm=\"Authentication required\""), (anonymous.Status, anonymous.Header("WWW-Authenticate")));
    }

    [Fact]
    public async Task Expanded_items_name_the_commit_that_changed_each_of_them()
    {
        TestRepo repo = Repo("acme/m", ("a", "1"), ("sub/b", "1"));
        string first = repo.Head(), second = repo.Commit(new Dictionary<string, byte[]?> { ["a"] = "2"u8.ToArray() }, "second");
        string third = repo.Commit(new Dictionary<string, byte[]?> { ["sub/c"] = "3"u8.ToArray() }, "third");

        Answer tree = await GetAsync("/api/models/acme/m/tree/main?recursive=true&expand=true"),
            old = await GetAsync($"/api/models/acme/m/tree/{first}?expand=true"),
            plain = await GetAsync("/api/models/acme/m/tree/main"), paths = await SendAsync("POST",
                "/api/models/acme/m/paths-info/main", Json("""{"paths":["a","sub"],"expand":true}"""));

        Assert.Equal([("a", second), ("sub", third), ("sub/b", first), ("sub/c", third)], tree.Json.AsArray().Select(Last));
        Assert.Equal([("a", first), ("sub", first)], old.Json.AsArray().Select(Last));
        Assert.Equal([("a", second), ("sub", third)], paths.Json.AsArray().Select(Last));
        Assert.All(plain.Json.AsArray(), i => Assert.Null(i!["lastCommit"]));
        Assert.Equal("second", (string?)tree.Json[0]!["lastCommit"]!["title"]);

        static (string?, string?) Last(JsonNode? item) => ((string?)item!["path"], (string?)item["lastCommit"]!["id"]);
    }

    [Fact]
    public async Task Expand_returns_the_named_properties_and_rejects_unknown_ones()
    {
        Repo("acme/m", ("a", "1"));

        Answer one = await GetAsync("/api/models/acme/m?expand=private&expand=gated"),
            list = await GetAsync("/api/models?expand=sha"), wrong = await GetAsync("/api/datasets?expand=none");

        Assert.Equal(["_id", "id", "private", "gated"], one.Json.AsObject().Select(p => p.Key));
        Assert.Equal(["_id", "id", "sha"], list.Json[0]!.AsObject().Select(p => p.Key));
        Assert.Equal(400, wrong.Status);
        Assert.StartsWith("\"expand\" must be one of [author, cardData, ", wrong["error"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_list_of_models_is_short_unless_full_is_requested()
    {
        Repo("acme/m", ("a", "1"));

        JsonObject little = (await GetAsync("/api/models")).Json[0]!.AsObject(),
            full = (await GetAsync("/api/models?full=True")).Json[0]!.AsObject();

        Assert.Equal(["_id", "id", "likes", "trendingScore", "private", "downloads", "tags", "createdAt", "modelId"],
            little.Select(p => p.Key));
        Assert.Equal(["_id", "id", "modelId", "sha", "author", "private", "gated", "disabled", "lastModified", "createdAt",
            "downloads", "likes", "trendingScore", "tags", "siblings"], full.Select(p => p.Key));
    }

    [Fact]
    public async Task Branches_are_created_and_deleted_but_main_cannot_be_deleted()
    {
        TestRepo repo = Repo("acme/m", ("a", "1"));

        Answer made = await SendAsync("POST", "/api/models/acme/m/branch/dev%2Fx", Json("{}")),
            again = await SendAsync("POST", "/api/models/acme/m/branch/dev%2Fx"),
            main = await SendAsync("DELETE", "/api/models/acme/m/branch/main"),
            gone = await SendAsync("DELETE", "/api/models/acme/m/branch/dev%2Fx"),
            missing = await SendAsync("DELETE", "/api/models/acme/m/branch/dev%2Fx");

        Assert.Equal((200, 409, "Reference refs/heads/dev/x already exists"), (made.Status, again.Status, again["error"]));
        Assert.Equal((403, "Cannot delete refs/heads/main"), (main.Status, main["error"]));
        Assert.Equal((200, 404, "RevisionNotFound", "Invalid rev id: dev/x"),
            (gone.Status, missing.Status, missing.Header("X-Error-Code"), missing["error"]));
        Assert.Equal("main", string.Join(',', (await GetAsync("/api/models/acme/m/refs")).Json["branches"]!.AsArray()
            .Select(b => (string?)b!["name"])));
        Assert.Equal(["commit"], repo.History());
    }

    // https://git-scm.com/docs/git-check-ref-format
    [Theory]
    [InlineData("invalid tag")]
    [InlineData("a..b")]
    [InlineData("a~1")]
    [InlineData("x.lock")]
    [InlineData("-x")]
    [InlineData("refs/pr/5")]
    [InlineData("a\\b")]
    [InlineData("@")]
    [InlineData(".a")]
    public async Task A_ref_name_that_git_rejects_is_400(string name)
    {
        Repo("acme/m", ("a", "1"));

        Answer branch = await SendAsync("POST", $"/api/models/acme/m/branch/{Uri.EscapeDataString(name)}"),
            tag = await TagAsync("main", name), nowhere = await TagAsync("none", name);

        Assert.Equal((400, $"Invalid reference for a branch: {name}"), (branch.Status, branch["error"]));
        Assert.Equal((400, $"Invalid reference for a tag: {name}"), (tag.Status, tag["error"]));
        Assert.Equal((404, "RevisionNotFound"), (nowhere.Status, nowhere.Header("X-Error-Code")));
    }

    [Fact]
    public async Task A_tag_is_created_once_on_a_short_commit_id_and_is_not_a_branch()
    {
        TestRepo repo = Repo("acme/m", ("a", "1"));

        Answer made = await TagAsync(repo.Head()[..7], "v1"), again = await TagAsync("main", "v1"),
            info = await GetAsync("/api/models/acme/m/revision/v1"),
            notABranch = await SendAsync("DELETE", "/api/models/acme/m/branch/v1"),
            notATag = await SendAsync("DELETE", "/api/models/acme/m/tag/main");

        Assert.Equal((200, 409, repo.Head(), 404, 404),
            (made.Status, again.Status, info["sha"], notABranch.Status, notATag.Status));
    }

    [Theory]
    [InlineData(Tester, "Forbidden: pass `create_pr=1` as a query parameter to create a Pull Request")]
    [InlineData(Reader, "Forbidden: you must use a write token to upload to a repository.")]
    public async Task Preupload_and_commit_without_write_permission_are_403(string token, string said)
    {
        Repo("other/m", ("a", "1"));

        Answer preupload = await SendAsync("POST", "/api/models/other/m/preupload/main", Json("""{"files":[]}"""), token: token),
            commit = await SendAsync("POST", "/api/models/other/m/commit/main", Lines(File("a", "2")), token: token);

        Assert.Equal((403, said, 403, said), (preupload.Status, preupload["error"], commit.Status, commit["error"]));
    }

    [Fact]
    public async Task A_user_without_write_permission_may_open_a_pull_request()
    {
        TestRepo repo = Repo("other/m", ("a", "1"));
        string head = repo.Head();

        Answer proposed = await SendAsync("POST", "/api/models/other/m/commit/main?create_pr=1", Lines(File("a", "2"))),
            more = await SendAsync("POST", "/api/models/other/m/commit/refs%2Fpr%2F1", Lines(File("b", "3")));
        Answer foreign = await SendAsync("POST", "/api/models/other/m/commit/refs%2Fpr%2F1",
            Lines(File("b", "3")), token: Reader);

        Assert.Equal((200, $"{Endpoint}/other/m/discussions/1", 200, 403),
            (proposed.Status, proposed["pullRequestUrl"], more.Status, foreign.Status));
        Assert.Equal((head, 3), (repo.Head(), repo.History("refs/pr/1").Count));
    }

    [Fact]
    public async Task A_pull_request_starts_at_a_branch_or_its_named_parent_and_not_at_a_commit()
    {
        TestRepo repo = Repo("acme/m", ("a", "1"));
        string first = repo.Head();
        repo.Commit(new Dictionary<string, byte[]?> { ["b"] = "2"u8.ToArray() });

        Answer against = await SendAsync("POST", $"/api/models/acme/m/commit/{first}?create_pr=1", Lines(File("c", "3"))),
            missing = await SendAsync("POST", "/api/models/acme/m/commit/none?create_pr=1", Lines(File("c", "3"))),
            from = await SendAsync("POST", "/api/models/acme/m/commit/main?create_pr=1", Lines([File("c", "3")], first[..7]));

        Assert.Equal((404, "RevisionNotFound", 404, "RevisionNotFound"),
            (against.Status, against.Header("X-Error-Code"), missing.Status, missing.Header("X-Error-Code")));
        Assert.Equal((200, "a=1\nc=3"), (from.Status, Tree("acme/m", "refs/pr/1")));
    }

    [Fact]
    public async Task A_commit_needs_an_existing_branch_and_its_current_head_as_parent()
    {
        TestRepo repo = Repo("acme/m", ("a", "1"));
        string first = repo.Head();
        repo.Tag("v1", first);

        Answer tag = await SendAsync("POST", "/api/models/acme/m/commit/v1", Lines(File("b", "2"))),
            none = await SendAsync("POST", "/api/models/acme/m/commit/none", Lines(File("b", "2"))),
            fits = await SendAsync("POST", "/api/models/acme/m/commit/main", Lines([File("b", "2")], first[..7])),
            stale = await SendAsync("POST", "/api/models/acme/m/commit/main", Lines([File("b", "3")], first));

        Assert.Equal((404, 404, 200), (tag.Status, none.Status, fits.Status));
        Assert.Equal((412, "The branch was updated since you opened this page. Please refresh and try again."),
            (stale.Status, stale["error"]));
    }

    [Theory]
    [InlineData("deletedFile", "sub")]
    [InlineData("deletedFile", "sub/")]
    [InlineData("deletedFolder", "sub/")]
    [InlineData("deletedFolder", "sub")]
    public async Task A_folder_is_deleted_by_deletedFile_and_by_deletedFolder(string key, string path)
    {
        Repo("acme/m", ("a", "1"), ("sub/b", "2"), ("sub/deep/c", "3"), ("subway", "4"));

        Answer answer = await CommitAsync("acme/m", $$$"""{"key":"{{{key}}}","value":{"path":"{{{path}}}"}}""");

        Assert.Equal((200, "a=1\nsubway=4"), (answer.Status, Tree("acme/m")));
    }

    [Theory]
    [InlineData("deletedFile")]
    [InlineData("deletedFolder")]
    public async Task Deleting_a_missing_path_is_an_error(string key)
    {
        TestRepo repo = Repo("acme/m", ("a", "1"));

        Answer answer = await CommitAsync("acme/m", $$$"""{"key":"{{{key}}}","value":{"path":"none"}}""");

        Assert.Equal((404, "EntryNotFound", repo.Head(), 1),
            (answer.Status, answer.Header("X-Error-Code"), answer.Header("X-Repo-Commit"), repo.History().Count));
    }

    [Theory]
    [InlineData("..\\\\ddd")]
    [InlineData("../ddd")]
    [InlineData("a/../b")]
    [InlineData(".git/config")]
    [InlineData("a/.cache/b")]
    [InlineData("a//b")]
    [InlineData("")]
    public async Task A_path_that_leaves_the_repo_or_is_reserved_is_422(string path)
    {
        TestRepo repo = Repo("acme/m", ("a", "1"));

        Answer preupload = await SendAsync("POST", "/api/models/acme/m/preupload/main",
            Json($$"""{"files":[{"path":"{{path}}","size":1,"sample":""}]}""")),
            commit = await CommitAsync("acme/m",
                $$$"""{"key":"file","value":{"path":"{{{path}}}","content":"x","encoding":"utf-8"}}""");

        Assert.Equal((422, 422, 1), (preupload.Status, commit.Status, repo.History().Count));
    }

    [Fact]
    public async Task A_regular_file_of_more_than_10_MiB_and_a_file_below_a_file_are_refused()
    {
        TestRepo repo = Repo("acme/m", ("a", "1"));

        Answer large = await CommitAsync("acme/m", File("large", new string('x', (10 << 20) + 1))),
            below = await CommitAsync("acme/m", File("a/b", "2"));

        Assert.Equal((400, 400, 1), (large.Status, below.Status, repo.History().Count));
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("{\"name\":1}")]
    [InlineData("{")]
    [InlineData("")]
    public async Task An_invalid_request_body_is_400(string body) =>
        Assert.Equal(400, (await SendAsync("POST", "/api/repos/create", Json(body))).Status);

    [Fact]
    public async Task A_gated_repo_is_open_to_accepted_users_only()
    {
        TestRepo repo = Repo("acme/m", ("a", "1"));

        Answer set = await SendAsync("PUT", "/api/models/acme/m/settings", Json("""{"gated":"manual"}""")),
            info = await GetAsync("/api/models/acme/m");
        Assert.Equal((200, "manual"), (set.Status, info["gated"]));
        Answer refused = await GetAsync("/api/models/acme/m/auth-check", Other);
        Assert.Equal((403, "GatedRepo"), (refused.Status, refused.Header("X-Error-Code")));
        await SendAsync("POST", "/api/models/acme/m/ask-access", token: Other);
        Assert.Equal(["other"], (await GetAsync("/api/models/acme/m/user-access-request/pending")).Json.AsArray()
            .Select(r => (string?)r!["user"]!["user"]));
        Assert.Equal(403, (await GetAsync($"/acme/m/resolve/{repo.Head()}/a", Other)).Status);
        await SendAsync("POST", "/api/models/acme/m/user-access-request/handle",
            Json("""{"user":"other","status":"accepted"}"""));
        Assert.Equal(307, (await GetAsync($"/acme/m/resolve/{repo.Head()}/a", Other)).Status);
        Answer twice = await SendAsync("POST", "/api/models/acme/m/user-access-request/grant", Json("""{"user":"other"}"""));
        Assert.Equal(400, twice.Status);
        Assert.Equal("false", (await SendAsync("PUT", "/api/models/acme/m/settings", Json("""{"gated":false}""")))["gated"]);
    }

    [Fact]
    public async Task The_settings_API_lists_the_repos_of_a_namespace()
    {
        Repo("tester/m", ("a", "12345"));
        Repo("other/m", ("a", "1"));
        Repo("acme/m", ("a", "1")).IsPrivate = true;

        JsonNode own = (await GetAsync("/api/settings/repositories")).Json,
            ofAcme = (await GetAsync("/api/organizations/acme/settings/repositories")).Json;

        Assert.Equal([("tester/m", "model", "public", 5)], own.AsArray().Select(Read));
        Assert.Equal([("acme/m", "model", "private", 1)], ofAcme.AsArray().Select(Read));
        Assert.Equal(403, (await GetAsync("/api/organizations/other/settings/repositories")).Status);

        static (string?, string?, string?, int) Read(JsonNode? r) =>
            ((string?)r!["id"], (string?)r["type"], (string?)r["visibility"], (int)r["storage"]!);
    }

    [Fact]
    public async Task A_pull_request_is_opened_as_a_draft_and_merged_when_it_is_open()
    {
        Repo("acme/m", ("a", "1"));

        Answer opened = await SendAsync("POST", "/api/models/acme/m/discussions",
            Json("""{"title":" Add b ","description":"d","pullRequest":true}"""));
        Answer early = await SendAsync("POST", "/api/models/acme/m/discussions/1/merge");
        await SendAsync("POST", "/api/models/acme/m/commit/refs%2Fpr%2F1", Lines(File("b", "2")));
        _hub.FindRepo("acme/m")!.Commit(new Dictionary<string, byte[]?> { ["c"] = "3"u8.ToArray() });
        await SendAsync("POST", "/api/models/acme/m/discussions/1/status", Json("""{"status":"open"}"""));
        Answer merged = await SendAsync("POST", "/api/models/acme/m/discussions/1/merge"),
            details = await GetAsync("/api/models/acme/m/discussions/1?diff=1");

        Assert.Equal(("1", 400, 200), (opened["num"], early.Status, merged.Status));
        Assert.Equal(("Add b", "merged", _hub.FindRepo("acme/m")!.Head()),
            (details["title"], details["status"], (string?)details.Json["changes"]!["mergeCommitId"]));
        Assert.Equal("a=1\nb=2\nc=3", Tree("acme/m"));
    }

    [Fact]
    public async Task A_squash_leaves_one_commit_with_all_files()
    {
        TestRepo repo = Repo("acme/m", ("a", "1"));
        repo.Commit(new Dictionary<string, byte[]?> { ["b"] = "2"u8.ToArray() });

        Answer answer = await SendAsync("POST", "/api/models/acme/m/super-squash/main", Json("""{"message":"all"}"""));

        Assert.Equal((200, repo.Head(), "a=1\nb=2"), (answer.Status, answer["commitId"], Tree("acme/m")));
        Assert.Equal(["all"], repo.History());
    }

    [Fact]
    public async Task LFS_files_are_listed_and_removed_from_the_history()
    {
        TestRepo repo = Repo("acme/m", ("a", "1"), ("model.bin", "weights"));
        string oid = Sha256("weights");

        JsonNode listed = (await GetAsync("/api/models/acme/m/lfs-files")).Json;
        await SendAsync("POST", "/api/models/acme/m/lfs-files/batch",
            Json($$$"""{"deletions":{"sha":["{{{oid}}}"],"rewriteHistory":true}}"""));

        Assert.Equal([("model.bin", oid, "refs/heads/main")],
            listed.AsArray().Select(f => ((string?)f!["filename"], (string?)f["oid"], (string?)f["ref"])));
        Assert.Equal(("a=1", "[]"), (Tree("acme/m"), (await GetAsync("/api/models/acme/m/lfs-files")).Body));
        Assert.Equal(["commit"], repo.History());
    }

    // https://docs.gitlab.com/api/rest/: the type has no charset, and either header takes a token.
    [Fact]
    public async Task The_GitLab_API_returns_JSON_without_a_charset_and_accepts_a_bearer_token()
    {
        Repo("acme/m", ("a", "1")).IsPrivate = true;

        Answer seen = await GetAsync("/api/v4/projects/acme%2Fm", _hub.GitToken),
            hidden = await SendAsync("GET", "/api/v4/projects/acme%2Fm", token: null);

        Assert.Equal((200, "application/json", "acme/m"), (seen.Status, seen.Type, seen["path_with_namespace"]));
        Assert.Equal((404, "application/json", "404 Project Not Found"), (hidden.Status, hidden.Type, hidden["message"]));
    }

    private string Endpoint => _hub.Endpoint.GetLeftPart(UriPartial.Authority);

    private TestRepo Repo(string id, params (string Path, string Text)[] files)
    {
        TestRepo repo = _hub.CreateRepo(id);
        repo.Commit(files.ToDictionary(f => f.Path, f => (byte[]?)Encoding.UTF8.GetBytes(f.Text)));
        return repo;
    }

    private string Text(string id, string path, string revision = "main") =>
        Encoding.UTF8.GetString(_hub.FindRepo(id)!.Read(path, revision));

    private string Tree(string id, string revision = "main") => string.Join('\n', _hub.FindRepo(id)!
        .Find(revision)!.Files.Keys.Order(StringComparer.Ordinal).Select(p => $"{p}={Text(id, p, revision)}"));

    private static string Sha256(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));

    private static string File(string path, string text) =>
        new JsonObject
        {
            ["key"] = "file",
            ["value"] = new JsonObject
            {
                ["path"] = path,
                ["content"] = Convert.ToBase64String(Encoding.UTF8.GetBytes(text)),
                ["encoding"] = "base64"
            }
        }.ToJsonString();

    private static string Lfs(string path, string oid) =>
        new JsonObject { ["key"] = "lfsFile", ["value"] = new JsonObject { ["path"] = path, ["algo"] = "sha256", ["oid"] = oid } }
            .ToJsonString();

    private static StringContent Json(string text) => new(text, Encoding.UTF8, "application/json");

    private static StringContent Lines(params string[] lines) => Lines(lines, null);

    private static StringContent Lines(string[] lines, string? parent)
    {
        var header = new JsonObject { ["summary"] = "commit", ["description"] = "" };
        if (parent is not null)
            header["parentCommit"] = parent;
        return new StringContent(string.Join('\n',
            [new JsonObject { ["key"] = "header", ["value"] = header }.ToJsonString(), .. lines]),
            Encoding.UTF8, "application/x-ndjson");
    }

    private Task<Answer> CreateAsync(string name, string? organization = null, string type = "model", string token = Tester) =>
        SendAsync("POST", "/api/repos/create",
            JsonContent.Create(new { name, organization, type, sdk = type == "space" ? "static" : null }), token: token);

    private Task<Answer> MoveAsync(string fromRepo, string toRepo) =>
        SendAsync("POST", "/api/repos/move", JsonContent.Create(new { fromRepo, toRepo, type = "model" }));

    private Task<Answer> TagAsync(string revision, string tag) =>
        SendAsync("POST", $"/api/models/acme/m/tag/{revision}", JsonContent.Create(new { tag }));

    private Task<Answer> CommitAsync(string id, params string[] lines) =>
        SendAsync("POST", $"/api/models/{id}/commit/main", Lines(lines));

    private Task<Answer> PreuploadAsync(string id, string more, params (string Path, string Sample, long Size)[] files)
    {
        IEnumerable<string> items = files.Select(f => $$"""
            {"path":"{{f.Path}}","sample":"{{Convert.ToBase64String(Encoding.UTF8.GetBytes(f.Sample))}}","size":{{f.Size}}}
            """);
        return SendAsync("POST", $"/api/models/{id}/preupload/main",
            Json($$"""{"files":[{{string.Join(',', items)}}]{{more}}}"""));
    }

    private static string Modes(Answer preupload) =>
        string.Join(", ", preupload.Json["files"]!.AsArray().Select(f => $"{f!["path"]} {f["uploadMode"]}"));

    private static IEnumerable<string> Ignored(Answer preupload) =>
        preupload.Json["files"]!.AsArray().Where(f => (bool)f!["shouldIgnore"]!).Select(f => (string)f!["path"]!);

    private Task<Answer> BatchAsync(string id, string operation, string oid, long size) =>
        SendAsync("POST", $"/{id}.git/info/lfs/objects/batch",
            Json($$"""{"operation":"{{operation}}","transfers":["basic"],"objects":[{"oid":"{{oid}}","size":{{size}}}]}"""));

    private async Task<string> UploadAsync(string id, string content)
    {
        string oid = Sha256(content);
        Answer batch = await BatchAsync(id, "upload", oid, content.Length);
        using HttpResponseMessage put = await _http.PutAsync(
            new Uri((string)batch.Json["objects"]![0]!["actions"]!["upload"]!["href"]!), new StringContent(content), Cancel);
        Assert.Equal(HttpStatusCode.OK, put.StatusCode);
        return oid;
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private Task<Answer> GetAsync(string path, string token = Tester) => SendAsync("GET", path, token: token);

    private async Task<Answer> SendAsync(
        string method, string path, HttpContent? body = null, string? token = Tester, string? host = null)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), new Uri(Endpoint + path)) { Content = body };
        if (token is not null)
            request.Headers.Authorization = new("Bearer", token);
        request.Headers.Host = host;
        using HttpResponseMessage response = await _http.SendAsync(request, Cancel);
        Dictionary<string, string> headers = response.Headers.Concat(response.Content.Headers)
            .ToDictionary(h => h.Key, h => string.Join(", ", h.Value), StringComparer.OrdinalIgnoreCase);
        return new Answer((int)response.StatusCode, headers, await response.Content.ReadAsStringAsync(Cancel));
    }

    private sealed record Answer(int Status, Dictionary<string, string> Headers, string Body)
    {
        public JsonNode Json => JsonNode.Parse(Body)!;

        public string? Type => Header("Content-Type");

        public int Length => int.Parse(Header("Content-Length") ?? "-1", System.Globalization.CultureInfo.InvariantCulture);

        public string? this[string key] => Json[key] is JsonNode value
            ? value.GetValueKind() == JsonValueKind.String ? value.GetValue<string>() : value.ToJsonString() : null;

        public string? Header(string name) => Headers.GetValueOrDefault(name);
    }
}
