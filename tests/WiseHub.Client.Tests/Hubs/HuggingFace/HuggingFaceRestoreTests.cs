using System.Text;
using WiseHub.Testing;

namespace WiseHub.Client.Tests;

public sealed class HuggingFaceRestoreTests : IAsyncLifetime
{
    private HubBench _bench = null!;

    public async ValueTask InitializeAsync() => _bench = await HubBench.StartAsync();

    public ValueTask DisposeAsync() => _bench.DisposeAsync();

    private static string Short(string hex) => hex[..4] + "…";

    [Fact]
    public async Task A_first_restore_requests_revision_tree_and_each_file_once_and_a_second_nothing()
    {
        TestRepo repo = _bench.Repo(("config.json", "{}"), ("onnx/model.bin", "graph"), ("README.md", "# a model"));
        RestoreResult result = await _bench.RestoreAsync();
        string c = Short(repo.Head()), sha256 = Short(RestoreBench.Sha256("graph"));
        Assert.Equal("README.md=# a model\nconfig.json={}\nonnx/model.bin=graph", RestoreBench.Contents(result.Snapshots[0]));
        Assert.Equal(
            $"""
            hub GET /api/models/acme/tiny/revision/main 200
            hub GET /api/models/acme/tiny/tree/{c}?recursive=true&expand=false 200
            hub GET /acme/tiny/resolve/{c}/README.md 307
            hub GET /api/resolve-cache/models/acme/tiny/{c}/README.md?… 200
            hub GET /acme/tiny/resolve/{c}/onnx/model.bin 302
            cdn GET /content/{sha256} 200
            hub GET /acme/tiny/resolve/{c}/config.json 307
            hub GET /api/resolve-cache/models/acme/tiny/{c}/config.json?… 200
            """.ReplaceLineEndings("\n"), _bench.Requests);
        Assert.Equal(
            """
            info: Fetching 3 files, 16 B, from huggingface …
            info: Fetched 3 files, 16 B, in # s; every byte was verified.
            """.ReplaceLineEndings("\n"), _bench.Project.Log.Text);

        _bench.Hub.Requests.Clear();
        Assert.NotNull(_bench.Project.TryRestoreLocally(_bench.Project.Request(HubBench.Reference())));
        Assert.Equal(0, (await _bench.RestoreAsync()).FilesTransferred);
        Assert.Equal("", _bench.Requests);
    }

    [Fact]
    public async Task The_user_agent_has_product_runtime_and_program()
    {
        _bench.Repo(("config.json", "{}"));
        _bench.Project.SetEnvironment("HF_HUB_USER_AGENT_ORIGIN", "somewhere");
        using HubClient client = _bench.NewClient(o => o with { Product = "my-app/1.2" });
        await client.RestoreAsync(_bench.Project.Request(HubBench.Reference()));
        Assert.All(_bench.Hub.Requests.All, r => Assert.Equal(
            $"WiseHub.Client/1.0.0; dotnet/{Environment.Version}; my-app/1.2; origin/somewhere", r.Headers["User-Agent"]));
    }

    [Fact]
    public async Task Files_are_requested_uncompressed_and_API_responses_may_be_compressed()
    {
        _bench.Repo(("config.json", "{}"));
        await _bench.RestoreAsync();
        Assert.All(_bench.Hub.Requests.All, r => Assert.Equal(
            r.Path.Contains("resolve", StringComparison.Ordinal) ? "identity" : "gzip", r.Headers["Accept-Encoding"]));
    }

    [Fact]
    public async Task Without_a_revision_the_default_branch_is_requested()
    {
        TestRepo repo = _bench.Repo(("config.json", "{}"));
        RestoreResult result = await _bench.RestoreAsync(new RepoReference { RepoId = HubBench.Id });
        Assert.Equal((repo.Head(), "hub GET /api/models/acme/tiny 200"),
            (result.Snapshots[0].Commit, _bench.Requests.Split('\n')[0]));
    }

    [Fact]
    public async Task A_commit_as_revision_is_not_resolved()
    {
        TestRepo repo = _bench.Repo(("config.json", "{}"));
        await _bench.RestoreAsync(HubBench.Reference() with { Revision = repo.Head() });
        Assert.Equal($"hub GET /api/models/acme/tiny/tree/{Short(repo.Head())}?recursive=true&expand=false 200",
            _bench.Requests.Split('\n')[0]);
    }

    [Fact]
    public async Task A_locked_commit_is_neither_resolved_nor_listed()
    {
        TestRepo repo = _bench.Repo(("model.bin", "weights"));
        await _bench.RestoreAsync();
        Directory.Delete(_bench.Project.Cache, recursive: true);
        _bench.Hub.Requests.Clear();
        await _bench.RestoreAsync(_bench.Project.Request(HubBench.Reference()) with { Locked = true });
        Assert.Equal($"hub GET /acme/tiny/resolve/{Short(repo.Head())}/model.bin 302\n"
            + $"cdn GET /content/{Short(RestoreBench.Sha256("weights"))} 200", _bench.Requests);
    }

    [Theory]
    [InlineData(10, 1)]
    [InlineData(11, 2)]
    [InlineData(25, 3)]
    public async Task A_file_list_is_read_page_by_page(int files, int pages)
    {
        await using HubBench bench = await HubBench.StartAsync(new TestHubOptions { TreePageSize = 10 });
        bench.Repo([.. Enumerable.Range(0, files).Select(i => ($"f{i:00}", $"text {i}"))]);
        RestoreResult result = await bench.RestoreAsync();
        Assert.Equal((files, pages, files), (result.Snapshots[0].Files.Count, bench.Hub.Requests.Count("GET",
            "/api/models/acme/tiny/tree/"), bench.Hub.Requests.Count("GET", "/acme/tiny/resolve/")));
        Assert.Equal(0, bench.Hub.Requests.Count("HEAD"));
    }

    [Fact]
    public async Task An_unchanged_file_is_not_fetched_again_for_another_commit()
    {
        _bench.Repo(("config.json", "{}"), ("model.bin", "weights"), ("README.md", "old"));
        await _bench.RestoreAsync();
        TestRepo repo = _bench.Repo(("README.md", "new"));
        _bench.Hub.Requests.Clear();
        RestoreResult result = await _bench.RestoreAsync(_bench.Project.Request(HubBench.Reference()) with { Update = true });
        Assert.Equal("README.md=new\nconfig.json={}\nmodel.bin=weights", RestoreBench.Contents(result.Snapshots[0]));
        Assert.Equal((1, 1), (result.FilesTransferred, _bench.Hub.Requests.Count("GET", "/acme/tiny/resolve/")));
        Assert.Equal($"/acme/tiny/resolve/{repo.Head()}/README.md", _bench.Hub.Requests.All[2].Path);
    }

    [Fact]
    public async Task A_file_already_cached_for_another_repo_is_not_fetched()
    {
        _bench.Repo(("model.bin", "weights"));
        _bench.Hub.CreateRepo("acme/copy").Commit(new Dictionary<string, byte[]?> { ["copy.bin"] = "weights"u8.ToArray() });
        await _bench.RestoreAsync();
        _bench.Hub.Requests.Clear();
        Assert.Equal("copy.bin=weights",
            RestoreBench.Contents((await _bench.RestoreAsync(HubBench.Reference("acme/copy"))).Snapshots[0]));
        Assert.Equal((0, 2), (_bench.Hub.Requests.Count("GET", "/acme/copy/resolve/"), _bench.Hub.Requests.All.Count));
    }

    [Fact]
    public async Task Two_paths_with_the_same_content_are_downloaded_once()
    {
        _bench.Repo(("a.bin", "weights"), ("b/c.bin", "weights"), ("x.json", "{}"), ("y.json", "{}"));
        RestoreResult result = await _bench.RestoreAsync();
        Assert.Equal((4, 2, 2),
            (result.Snapshots[0].Files.Count, result.FilesTransferred, _bench.Hub.Requests.Count("GET", "/acme/tiny/resolve/")));
    }

    [Theory]
    [InlineData(RepoType.Model, "model", "/api/models/gpt2/revision/main", "/gpt2/resolve/")]
    [InlineData(RepoType.Dataset, "dataset", "/api/datasets/gpt2/revision/main", "/datasets/gpt2/resolve/")]
    [InlineData(RepoType.Space, "space", "/api/spaces/gpt2/revision/main", "/spaces/gpt2/resolve/")]
    public async Task Each_repo_type_has_its_own_URLs_and_ids_may_lack_an_owner(
        RepoType type, string name, string api, string resolve)
    {
        _bench.Hub.CreateRepo("gpt2", name).Commit(
            new Dictionary<string, byte[]?> { ["config.json"] = "{}"u8.ToArray(), ["model.bin"] = "weights"u8.ToArray() });
        RestoreResult result = await _bench.RestoreAsync(HubBench.Reference("gpt2") with { RepoType = type });
        Assert.Equal("config.json={}\nmodel.bin=weights", RestoreBench.Contents(result.Snapshots[0]));
        Assert.Equal((1, 2), (_bench.Hub.Requests.Count("GET", api), _bench.Hub.Requests.Count("GET", resolve)));
    }

    [Theory]
    [InlineData("sub folder/a#b%41+ü 模型.txt")]
    [InlineData("a&b=c;d,e'f(g)!~$@.bin")]
    [InlineData("tree/resolve/main.json")]
    public async Task File_names_are_escaped_by_path_segment(string path)
    {
        _bench.Repo((path, "text"));
        Assert.Equal($"{path}=text", RestoreBench.Contents((await _bench.RestoreAsync()).Snapshots[0]));
    }

    [Fact]
    public async Task A_revision_with_slashes_is_escaped_as_one_segment()
    {
        TestRepo repo = _bench.Repo(("a", "text"));
        repo.Branch("feature/x", repo.Head());
        await _bench.RestoreAsync(HubBench.Reference() with { Revision = "feature/x" });
        Assert.Equal("hub GET /api/models/acme/tiny/revision/feature%2Fx 200", _bench.Requests.Split('\n')[0]);
    }

    [Fact]
    public async Task Files_in_xet_storage_are_fetched_by_the_plain_redirect()
    {
        await using HubBench bench = await HubBench.StartAsync(new TestHubOptions { Xet = true });
        byte[] content = bench.BigRepo(100_000);
        RestoreResult result = await bench.RestoreAsync();
        Assert.Equal(content, await File.ReadAllBytesAsync(result.Snapshots[0].Files[0].BlobPath));
    }

    [Fact]
    public async Task Regular_files_may_be_served_without_a_redirect()
    {
        await using HubBench bench = await HubBench.StartAsync(new TestHubOptions { RegularByRedirect = false });
        bench.Repo(("config.json", "{}"), ("empty", ""));
        Assert.Equal("config.json={}\nempty=", RestoreBench.Contents((await bench.RestoreAsync()).Snapshots[0]));
        Assert.Equal(4, bench.Hub.Requests.All.Count);
    }

    [Fact]
    public async Task The_lock_file_has_sha256_even_if_the_hub_states_only_a_git_blob_id()
    {
        TestRepo repo = _bench.Repo(("config.json", "{}"));
        await _bench.RestoreAsync();
        Assert.Equal(
            "{\"version\":1,\"references\":[\n"
            + $$"""{"repoType":"model","repoId":"acme/tiny","hub":"huggingface","revision":"main","commit":"{{repo.Head()}}","""
            + "\"selections\":[{}],\"files\":[\n"
            + $$"""{"path":"config.json","size":2,"sha256":"{{RestoreBench.Sha256("{}")}}"}]}]}""" + "\n",
            _bench.Project.LockText);
    }

    [Fact]
    public async Task Several_concurrent_clients_download_once()
    {
        _bench.Repo(("config.json", "{}"), ("model.bin", "weights"));
        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => _bench.RestoreAsync(HubBench.Reference())));
        Assert.Equal((1, 1, 2), (_bench.Hub.Requests.Count("GET", "/api/models/acme/tiny/revision/"),
            _bench.Hub.Requests.Count("GET", "/api/models/acme/tiny/tree/"),
            _bench.Hub.Requests.Count("GET", "/acme/tiny/resolve/")));
    }

    [Fact]
    public async Task A_hundred_files_are_downloaded_in_parallel()
    {
        _bench.Repo(
            [.. Enumerable.Range(0, 100).Select(i => ($"dir{i % 7}/f{i:000}{(i % 2 == 0 ? ".bin" : ".json")}", $"text {i}"))]);
        using HubClient client = _bench.NewClient(o => o with { MaxParallelDownloads = 8 });
        RestoreResult result = await client.RestoreAsync(_bench.Project.Request(HubBench.Reference()));
        Assert.All(result.Snapshots[0].Files, f => Assert.Equal(
            $"text {int.Parse(Path.GetFileNameWithoutExtension(f.Path)[1..], System.Globalization.CultureInfo.InvariantCulture)}",
            Encoding.UTF8.GetString(File.ReadAllBytes(f.BlobPath))));
        Assert.Equal(100, result.FilesTransferred);
    }
}
