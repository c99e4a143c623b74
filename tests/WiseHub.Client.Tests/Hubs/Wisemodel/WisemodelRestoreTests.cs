using System.Text;
using WiseHub.Testing;

namespace WiseHub.Client.Tests;

public sealed class WisemodelRestoreTests : IAsyncLifetime
{
    private const string Attributes = "*.bin filter=lfs diff=lfs merge=lfs -text\n*.onnx filter=lfs diff=lfs merge=lfs -text\n";

    private HubBench _bench = null!;

    public async ValueTask InitializeAsync() => _bench = await HubBench.StartWisemodelAsync();

    public ValueTask DisposeAsync() => _bench.DisposeAsync();

    private static string Short(string hex) => hex[..4] + "…";

    private static string Pointer(string text) =>
        Short(Contents.ContentHash.GitOidOf(Encoding.ASCII.GetBytes("version https://git-lfs.github.com/spec/v1\n"
            + $"oid sha256:{RestoreBench.Sha256(text)}\nsize {text.Length}\n")));

    private static string Blob(string text) => Short(Contents.ContentHash.GitOidOf(Encoding.UTF8.GetBytes(text)));

    [Fact]
    public async Task A_first_restore_sends_each_request_once_and_a_second_none()
    {
        TestRepo repo = _bench.Repo((".gitattributes", Attributes), ("config.json", "{}"), ("onnx/model.bin", "graph"),
            ("README.md", "# a model"));
        RestoreResult result = await _bench.RestoreAsync();
        string c = Short(repo.Head());
        Assert.Equal($".gitattributes={Attributes}\nREADME.md=# a model\nconfig.json={{}}\nonnx/model.bin=graph",
            RestoreBench.Contents(result.Snapshots[0]));
        // The pointer's request is the one beyond the content that a file of LFS may have.
        Assert.Equal(
            $"""
            hub GET /api/v4/projects/acme%2Ftiny/repository/commits/main 200
            hub GET /api/v4/projects/acme%2Ftiny/repository/tree?ref={c}&recursive=true&per_page=100&pagination=keyset 200
            hub GET /api/v4/projects/acme%2Ftiny/repository/blobs/{Blob(Attributes)}/raw 200
            hub GET /api/v4/projects/acme%2Ftiny/repository/blobs/{Pointer("graph")}/raw 200
            cdn GET /file-proxy/acme/tiny/-/raw/{c}/onnx/model.bin 200
            cdn GET /file-proxy/acme/tiny/-/raw/{c}/.gitattributes 200
            cdn GET /file-proxy/acme/tiny/-/raw/{c}/README.md 200
            cdn GET /file-proxy/acme/tiny/-/raw/{c}/config.json 200
            """.ReplaceLineEndings("\n"), _bench.Requests);
        Assert.Equal(
            $"""
            info: Fetching 4 files, 5 B, from wm …
            info: Fetched 4 files, {5 + 2 + 9 + Attributes.Length} B, in # s; every byte was verified.
            """.ReplaceLineEndings("\n"), _bench.Project.Log.Text);

        _bench.Hub.Requests.Clear();
        Assert.NotNull(_bench.Project.TryRestoreLocally(_bench.Project.Request(HubBench.Reference())));
        Assert.Equal(0, (await _bench.RestoreAsync()).FilesTransferred);
        Assert.Equal("", _bench.Requests);
    }

    private async Task<string> RequestsOfAsync(RepoReference reference)
    {
        await _bench.RestoreAsync(reference);
        return _bench.Requests;
    }

    [Fact]
    public async Task Without_a_revision_the_project_API_gives_the_default_branch()
    {
        string c = Short(_bench.Repo(("a", "x")).Head());
        Assert.StartsWith($"""
            hub GET /api/v4/projects/acme%2Ftiny 200
            hub GET /api/v4/projects/acme%2Ftiny/repository/commits/main 200
            hub GET /api/v4/projects/acme%2Ftiny/repository/tree?ref={c}&
            """.ReplaceLineEndings("\n"), await RequestsOfAsync(new RepoReference { RepoId = HubBench.Id }),
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_commit_as_revision_is_not_resolved()
    {
        string commit = _bench.Repo(("a", "x")).Head();
        Assert.Equal(
            "hub GET "
            + $"/api/v4/projects/acme%2Ftiny/repository/tree?ref={Short(commit)}&recursive=true&per_page=100&pagination=keyset "
            + "200\n"
            + $"cdn GET /file-proxy/acme/tiny/-/raw/{Short(commit)}/a 200",
            await RequestsOfAsync(new RepoReference { RepoId = HubBench.Id, Revision = commit }));
    }

    [Theory]
    [InlineData("feature/x", "feature%2Fx")]
    [InlineData("v1.0", "v1.0")]
    [InlineData("100%#1", "100%25%231")]
    [InlineData("分支", "%E5%88%86%E6%94%AF")]
    public async Task A_branch_or_tag_is_escaped_as_one_URL_segment(string revision, string escaped)
    {
        TestRepo repo = _bench.Repo(("a", "x"));
        if (revision[0] == 'v')
            repo.Tag(revision, repo.Head());
        else
            repo.Branch(revision, repo.Head());
        Assert.StartsWith($"hub GET /api/v4/projects/acme%2Ftiny/repository/commits/{escaped} 200\n",
            await RequestsOfAsync(new RepoReference { RepoId = HubBench.Id, Revision = revision }), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true, true, "page_token")]
    [InlineData(false, true, "page=3")]
    [InlineData(false, false, "page=3")]
    public async Task A_file_list_is_read_to_its_last_page_with_either_kind_of_paging(
        bool keySet, bool links, string lastPage)
    {
        (_bench.Hub.Wisemodel.KeySetPaging, _bench.Hub.Wisemodel.LinkHeaders) = (keySet, links);
        _bench.Repo([.. Enumerable.Range(0, 45).Select(i => ($"d{i % 3}/f{i:00}", "same"))]);
        RestoreResult result = await _bench.RestoreAsync();
        Assert.Equal(45, result.Snapshots[0].Files.Count);
        string[] pages =
            [.. _bench.Hub.Requests.All.Where(r => r.Path.Contains("/tree?", StringComparison.Ordinal)).Select(r => r.Path)];
        // 45 files and their 3 folders.
        Assert.Equal(3, pages.Length);
        Assert.Contains(lastPage, pages[2], StringComparison.Ordinal);
    }

    [Fact]
    public async Task File_names_are_escaped_by_path_segment()
    {
        (string, string)[] files =
            [("a b/c#d", "1"), ("100%", "2"), ("q&x=1", "3"), ("模型/权重.txt", "4"), ("a+b=c;d", "5"), ("%2F", "6"), ("e'(!)", "7")];
        _bench.Repo(files);
        RestoreResult result = await _bench.RestoreAsync();
        Assert.Equal("%2F=6\n100%=2\na b/c#d=1\na+b=c;d=5\ne'(!)=7\nq&x=1=3\n模型/权重.txt=4",
            RestoreBench.Contents(result.Snapshots[0]));
    }

    [Fact]
    public async Task A_branch_that_moves_during_a_restore_does_not_mix_two_commits()
    {
        TestRepo repo = _bench.Repo(("a", "old"), ("b", "old"));
        string before = repo.Head();
        repo.TreeLie = item =>
        {
            repo.TreeLie = null;
            _bench.Repo(("a", "new"), ("b", "new"));
            return item;
        };
        RestoreResult result = await _bench.RestoreAsync();
        Assert.Equal((before, "a=old\nb=old"), (result.Snapshots[0].Commit, RestoreBench.Contents(result.Snapshots[0])));
        Assert.NotEqual(before, repo.Head());
    }

    [Fact]
    public async Task Branches_and_repos_with_similar_names_do_not_overwrite_each_other()
    {
        _bench.Repo(("a", "main")).Commit(new Dictionary<string, byte[]?> { ["a"] = "dev"u8.ToArray() }, branch: "dev");
        _bench.Hub.CreateRepo("a_b/c").Commit(new Dictionary<string, byte[]?> { ["a"] = "one"u8.ToArray() });
        _bench.Hub.CreateRepo("a/b_c").Commit(new Dictionary<string, byte[]?> { ["a"] = "two"u8.ToArray() });
        RestoreResult result = await _bench.RestoreAsync(HubBench.Reference(),
            new RepoReference { RepoId = HubBench.Id, Revision = "dev" }, HubBench.Reference("a_b/c"),
            HubBench.Reference("a/b_c"));
        Assert.Equal(["a=main", "a=dev", "a=one", "a=two"], result.Snapshots.Select(RestoreBench.Contents));
    }

    [Fact]
    public async Task Datasets_share_the_API_path_of_models_and_code_repos_have_their_own()
    {
        _bench.Hub.CreateRepo("acme/data", "dataset").Commit(new Dictionary<string, byte[]?> { ["a"] = "data"u8.ToArray() });
        _bench.Hub.CreateRepo("acme/data", "code").Commit(new Dictionary<string, byte[]?> { ["a"] = "code"u8.ToArray() });
        RestoreResult result = await _bench.RestoreAsync(HubBench.Reference("acme/data") with { RepoType = RepoType.Dataset },
            HubBench.Reference("acme/data") with { RepoType = RepoType.Code });
        Assert.Equal(["a=data", "a=code"], result.Snapshots.Select(RestoreBench.Contents));
        Assert.Equal(["/api/v4/projects/acme%2Fdata/repository/commits/main",
            "/api/v4/projects/codes%2Facme%2Fdata/repository/commits/main"],
            _bench.Hub.Requests.All.Select(r => r.Path).Where(p => p.Contains("/commits/", StringComparison.Ordinal))
                .Order(StringComparer.Ordinal));
        Assert.Equal(1, _bench.Hub.Requests.Count("GET", "/file-proxy/codes/acme/data/-/raw/"));
    }

    [Fact]
    public async Task Only_the_pointers_of_selected_files_are_read()
    {
        _bench.Repo((".gitattributes", Attributes), ("a.bin", "one"), ("b.bin", "two"), ("c.txt", "three"));
        await _bench.RestoreAsync(HubBench.Reference() with { Files = new FileSelection(["a.bin", "c.txt"], []) });
        Assert.Equal([Blob(Attributes), Pointer("one")], _bench.Hub.Requests.All.Where(
            r => r.Path.Contains("/blobs/", StringComparison.Ordinal)).Select(r => Short(r.Path.Split('/')[7])));

        // What the first restore learned of the commit is remembered; the rest is asked for when it is wanted.
        _bench.Hub.Requests.Clear();
        await _bench.RestoreAsync(HubBench.Reference() with { Files = new FileSelection(["*.bin"], []) });
        Assert.Equal([Blob(Attributes), Pointer("two")], _bench.Hub.Requests.All.Where(
            r => r.Path.Contains("/blobs/", StringComparison.Ordinal)).Select(r => Short(r.Path.Split('/')[7])));
        Assert.Equal(1, _bench.Hub.Requests.Count("GET", "/file-proxy/"));
        Assert.Equal(3, _bench.Hub.Requests.All.Count);
    }

    [Fact]
    public async Task Files_unchanged_since_another_commit_are_not_fetched_again()
    {
        TestRepo repo = _bench.Repo((".gitattributes", Attributes), ("a.bin", "one"), ("b.txt", "two"));
        await _bench.RestoreAsync();
        _bench.Repo(("c.txt", "three"));
        _bench.Hub.Requests.Clear();
        using HubClient client = _bench.NewClient();
        await client.RestoreAsync(_bench.Project.Request(HubBench.Reference()) with { Update = true });
        Assert.Equal(
            "hub GET /api/v4/projects/acme%2Ftiny/repository/commits/main 200\n"
            + "hub GET "
            + $"/api/v4/projects/acme%2Ftiny/repository/tree?ref={Short(repo.Head())}&recursive=true&per_page=100&"
            + "pagination=keyset 200\n"
            + $"hub GET /api/v4/projects/acme%2Ftiny/repository/blobs/{Blob(Attributes)}/raw 200\n"
            + $"hub GET /api/v4/projects/acme%2Ftiny/repository/blobs/{Pointer("one")}/raw 200\n"
            + $"cdn GET /file-proxy/acme/tiny/-/raw/{Short(repo.Head())}/c.txt 200", _bench.Requests);
    }

    [Theory]
    [InlineData("", "w.bin", true)]
    [InlineData("*.bin -filter\n", "w.bin", false)]
    [InlineData("*.dat filter=lfs\n", "w.dat", true)]
    [InlineData("*.dat filter=lfs\n*.dat !filter\n", "w.dat", false)]
    [InlineData("", "w.txt", false)]
    public async Task Pointers_are_expected_by_gitattributes_or_by_default_by_file_extension(
        string attributes, string path, bool expected)
    {
        _bench.Repo((".gitattributes", attributes), ("plain", "p"))
            .Commit(new Dictionary<string, byte[]?> { [path] = "text"u8.ToArray() }, lfs: new HashSet<string>());
        await _bench.RestoreAsync();
        Assert.Equal(expected ? 2 : 1, _bench.Hub.Requests.All.Count(r => r.Path.Contains("/blobs/", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_large_file_that_is_not_in_LFS_is_restored()
    {
        byte[] content = RandomBytes.Of(3_000_000);
        (_bench.Hub.CreateRepo(HubBench.Id))
            .Commit(new Dictionary<string, byte[]?> { ["w.bin"] = content }, lfs: new HashSet<string>());
        RestoreResult result = await _bench.RestoreAsync();
        Assert.Equal(content,
            await File.ReadAllBytesAsync(result.Snapshots[0].Files[0].BlobPath, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Attributes_of_a_folder_apply_below_it()
    {
        _bench.Repo(("sub/.gitattributes", "/*.weights filter=lfs\n"), ("a.weights", "plain")).Commit(
            new Dictionary<string, byte[]?> { ["sub/b.weights"] = "large"u8.ToArray() },
            lfs: new HashSet<string> { "sub/b.weights" });
        await _bench.RestoreAsync();
        Assert.Equal(1, _bench.Requests.Split(Pointer("large")).Length - 1);
        Assert.Equal(2, _bench.Hub.Requests.All.Count(r => r.Path.Contains("/blobs/", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task An_empty_file_is_restored()
    {
        _bench.Repo(("empty", ""), ("empty.bin", ""));
        RestoreResult result = await _bench.RestoreAsync();
        Assert.Equal("empty=\nempty.bin=", RestoreBench.Contents(result.Snapshots[0]));
    }

    [Fact]
    public async Task A_gzip_response_without_a_length_is_decompressed_and_verified()
    {
        _bench.Repo(("config.json", "{\"a\":1}"));
        _bench.Hub.Faults.On("/file-proxy/", new Fault.Gzip());
        Assert.Equal("config.json={\"a\":1}", RestoreBench.Contents((await _bench.RestoreAsync()).Snapshots[0]));
    }

    [Fact]
    public async Task An_interrupted_download_resumes_and_a_full_response_is_not_appended()
    {
        byte[] content = _bench.BigRepo(3_000_000);
        _bench.Hub.Faults.On("/file-proxy/", new Fault.CutAfter(2_000_000));
        _bench.Hub.Faults.On("/file-proxy/", new Fault.IgnoreRange());
        RestoreResult result = await _bench.RestoreAsync();
        Assert.Equal(RestoreBench.Sha256(content), result.Snapshots[0].Files[0].Sha256.Hex);
        Assert.Equal(content,
            await File.ReadAllBytesAsync(result.Snapshots[0].Files[0].BlobPath, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task An_unsatisfiable_range_restarts_the_download_once()
    {
        byte[] content = _bench.BigRepo(3_000_000);
        _bench.Hub.Faults.On("/file-proxy/", new Fault.CutAfter(2_000_000));
        _bench.Hub.Faults.On("/file-proxy/", new Fault.RangeNotSatisfiable());
        Assert.Equal(RestoreBench.Sha256(content), (await _bench.RestoreAsync()).Snapshots[0].Files[0].Sha256.Hex);
    }

    [Fact]
    public async Task Several_connections_request_different_ranges()
    {
        byte[] content = _bench.BigRepo(40_000_000);
        // So slow that more connections are worth it.
        _bench.Hub.Faults.On("/file-proxy/", new Fault.Throttle(30_000_000), times: int.MaxValue);
        RestoreResult result = await _bench.RestoreAsync();
        Assert.Equal(RestoreBench.Sha256(content), result.Snapshots[0].Files[0].Sha256.Hex);
        string[] ranges = [.. _bench.Hub.Requests.All.Where(r => r.Origin == "cdn").Select(r => r.Headers["Range"])];
        Assert.Equal(ranges.Distinct(), ranges);
    }

    [Fact]
    public async Task A_forced_download_replaces_the_file_and_is_not_appended_to_it()
    {
        byte[] content = _bench.BigRepo(2_000_000);
        for (int i = 0; i < 2; i++)
        {
            using HubClient client = _bench.NewClient();
            RestoreResult result = await client.RestoreAsync(_bench.Project.Request(HubBench.Reference()) with { Force = true });
            Assert.Equal(content,
                await File.ReadAllBytesAsync(result.Snapshots[0].Files[0].BlobPath, TestContext.Current.CancellationToken));
        }
    }

    [Fact]
    public async Task Cached_files_are_copied_into_the_callers_folder()
    {
        _bench.Repo(("a", "x"), ("sub/b", "y"));
        await _bench.RestoreAsync();
        using HubClient client = _bench.NewClient();
        await client.DownloadAsync(
            new DownloadRequest { Reference = HubBench.Reference(), LocalDirectory = _bench.Project.Temp["mine"] });
        Assert.Equal("x y",
            $"{File.ReadAllText(_bench.Project.Temp["mine/a"])} {File.ReadAllText(_bench.Project.Temp["mine/sub/b"])}");
    }

    [Fact]
    public async Task A_submodule_is_skipped_and_logged()
    {
        _bench.Repo(("a", "x"), ("extern", "y")).TreeLie = item => item.Path == "extern" ? item with { Type = "commit" } : item;
        Assert.Equal("a=x", RestoreBench.Contents((await _bench.RestoreAsync()).Snapshots[0]));
        Assert.StartsWith("info: acme/tiny: 'extern' is a submodule, which is left out. Reference its "
            + "repo if you need it.\n", _bench.Project.Log.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_renamed_repo_is_found_with_a_warning()
    {
        _bench.Repo(("a", "x"));
        _bench.Hub.Rename(HubBench.Id, "acme/renamed");
        Assert.Equal("a=x", RestoreBench.Contents((await _bench.RestoreAsync()).Snapshots[0]));
        Assert.StartsWith("WISE2007: acme/tiny is now called acme/renamed on 'wm'. Update the reference: "
            + "the old name may stop working or name another repo.\n",
            _bench.Project.Log.Text.Replace("warning ", "", StringComparison.Ordinal), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_private_repo_is_fetched_from_GitLab_with_a_git_token_sent_only_there()
    {
        TestRepo repo = _bench.Repo((".gitattributes", Attributes), ("a b.bin", "large"), ("sub/c.json", "{}"));
        repo.IsPrivate = true;
        _bench.Project.SetEnvironment("WISEHUB_TOKEN_WM", _bench.Hub.GitToken);
        RestoreResult result = await _bench.RestoreAsync();
        string c = Short(repo.Head());
        Assert.Equal($".gitattributes={Attributes}\na b.bin=large\nsub/c.json={{}}", RestoreBench.Contents(result.Snapshots[0]));
        Assert.Equal(
            $"""
            hub GET /api/v4/projects/acme%2Ftiny/repository/commits/main 200
            hub GET /api/v4/projects/acme%2Ftiny/repository/tree?ref={c}&recursive=true&per_page=100&pagination=keyset 200
            hub GET /api/v4/projects/acme%2Ftiny/repository/blobs/{Blob(Attributes)}/raw 200
            hub GET /api/v4/projects/acme%2Ftiny/repository/blobs/{Pointer("large")}/raw 200
            hub GET /api/v4/projects/acme%2Ftiny 200
            hub GET /api/v4/projects/acme%2Ftiny/repository/files/a%20b.bin/raw?ref={c}&lfs=true 200
            hub GET /api/v4/projects/acme%2Ftiny/repository/files/.gitattributes/raw?ref={c}&lfs=true 200
            hub GET /api/v4/projects/acme%2Ftiny/repository/files/sub%2Fc.json/raw?ref={c}&lfs=true 200
            """.ReplaceLineEndings("\n"), _bench.Requests);
        Assert.All(_bench.Hub.Requests.All, r => Assert.Equal((_bench.Hub.GitToken, false),
            (r.Headers["PRIVATE-TOKEN"], r.Headers.ContainsKey("Authorization"))));
        string everything = _bench.Project.Log.Text + _bench.Project.LockText
            + string.Concat(Directory.GetFiles(_bench.Project.Cache, "*", SearchOption.AllDirectories).Select(File.ReadAllText));
        Assert.DoesNotContain(_bench.Hub.GitToken, everything, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(RepoType.Model, "acme/tiny")]
    [InlineData(RepoType.Code, "codes/acme/tiny")]
    public async Task Files_that_GitLab_gives_only_as_pointers_are_fetched_with_one_LFS_request(
        RepoType type, string project)
    {
        TestRepo repo = _bench.Hub.CreateRepo(HubBench.Id, type.ToText(), isPrivate: true);
        repo.Commit(new Dictionary<string, byte[]?>
        {
            ["a.bin"] = "largest"u8.ToArray(),
            ["b.bin"] = "larger"u8.ToArray(),
            ["c.json"] = "{}"u8.ToArray()
        }, lfs: new HashSet<string> { "a.bin", "b.bin" });
        _bench.Hub.Wisemodel.KnowsLfsParameter = false;
        _bench.Project.SetEnvironment("WISEHUB_TOKEN_WM", _bench.Hub.GitToken);
        RestoreResult result = await _bench.RestoreAsync(HubBench.Reference() with { RepoType = type });

        Assert.Equal("a.bin=largest\nb.bin=larger\nc.json={}", RestoreBench.Contents(result.Snapshots[0]));
        string api = $"hub GET /api/v4/projects/{Uri.EscapeDataString(project)}", c = Short(repo.Head());
        Assert.Equal(
            $"""
            {api}/repository/files/a.bin/raw?ref={c}&lfs=true 200
            hub POST /{project}.git/info/lfs/objects/batch 200
            cdn GET /content/{Short(RestoreBench.Sha256("largest"))} 200
            cdn GET /content/{Short(RestoreBench.Sha256("larger"))} 200
            {api}/repository/files/c.json/raw?ref={c}&lfs=true 200
            """.ReplaceLineEndings("\n"),
            string.Join('\n', _bench.Requests.Split('\n').SkipWhile(r => !r.Contains("/files/", StringComparison.Ordinal))
                .Select(r => System.Text.RegularExpressions.Regex.Replace(r, @"\?Expires\S*", ""))));
        string basic = "Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes("oauth2:" + _bench.Hub.GitToken));
        Assert.Equal(["POST " + basic], _bench.Hub.Requests.All.Where(r => r.Headers.ContainsKey("Authorization"))
            .Select(r => $"{r.Method} {r.Headers["Authorization"]}"));
        Assert.All(_bench.Hub.Requests.All.Where(r => r.Origin == "cdn"),
            r => Assert.False(r.Headers.ContainsKey("PRIVATE-TOKEN")));
        string everything = _bench.Project.Log.Text + _bench.Project.LockText;
        Assert.DoesNotContain(_bench.Hub.GitToken, everything, StringComparison.Ordinal);
    }

    [Fact]
    public async Task No_token_is_sent_to_the_proxy_of_a_public_repo()
    {
        _bench.Repo(("a", "x"));
        _bench.Project.SetEnvironment("WISEHUB_TOKEN_WM", _bench.Hub.GitToken);
        await _bench.RestoreAsync();
        Assert.Equal("cdn:- hub:wm_git", string.Join(' ', _bench.Hub.Requests.All.Select(
            r => $"{r.Origin}:{r.Headers.GetValueOrDefault("PRIVATE-TOKEN", "-")}").Distinct().Order(StringComparer.Ordinal)));
        Assert.All(_bench.Hub.Requests.All, r => Assert.False(r.Headers.ContainsKey("Authorization")));
    }

    [Fact]
    public void The_URL_of_a_file_is_its_proxy_URL()
    {
        using HubClient client = _bench.Project.NewClient();
        Assert.Equal($"{_bench.Hub.CdnEndpoint}file-proxy/codes/acme/tool/-/raw/feature/x/a%20b/%23%3F",
            client.Repos.GetFileUrl(new RepoReference { RepoId = "acme/tool", RepoType = RepoType.Code, Revision = "feature/x" },
                "a b/#?")!.AbsoluteUri);
    }
}
