using System.Text.RegularExpressions;
using WiseHub.Testing;

namespace WiseHub.Client.Tests;

/// <summary>
/// A bucket of hg_localization as a mirror: it holds a complete copy of a commit under the names of the reference.
/// </summary>
public sealed class HgMirrorTests : IAsyncLifetime
{
    private const string All = "README.md=# hi\nconfig.json={}\nmodel.bin=weights", Tree = "team/models/acme_tiny/main";

    private const string Writes = """[{"hub":"hg","write":true}]""";

    private HgBench _bench = null!;

    private RestoreBench Project => _bench.Restore;

    private static RepoReference Tiny => new() { RepoId = "acme/tiny", Hubs = ["origin"], Revision = "main" };

    public async ValueTask InitializeAsync()
    {
        _bench = await HgBench.StartAsync(withKeys: true);
        Configure(Writes);
    }

    public ValueTask DisposeAsync() => _bench.DisposeAsync();

    private void Configure(string mirrors, bool only = false, string origin = "\"path\":\"origin\"", string local = "") =>
        Project.Configure($$"""
        {"hubs":{"origin":{"protocol":"store",{{origin}}},"data":{{Hg("data", "")}},
         "hg":{{Hg("team", local)}} },"mirrors":{{mirrors}},"mirrorsOnly":{{(only ? "true" : "false")}} }
        """);

    private string Hg(string prefix, string local) => $$"""
        {"protocol":"hg-localization",{{local}}"bucket":"data","prefix":"{{prefix}}","endpoint":"{{_bench.Server.Endpoint}}",
         "pathStyle":true,"conditionalWrites":true,"retries":1}
        """;

    private Task<string> PushAsync(string model = "weights") =>
        new StoreBuilder(_bench.Temp["origin"]).PushAsync("acme/tiny", ("README.md", "# hi"),
            ("config.json", "{}"), ("model.bin", model));

    private Task<RestoreResult> UpdateAsync(params RepoReference[] references) =>
        Project.RestoreAsync(Project.Request(references.Length > 0 ? references : [Tiny]) with { Update = true });

    private void Forget()
    {
        Directory.Delete(Project.Cache, recursive: true);
        _bench.Server.Requests.Clear();
        Project.Log.Clear();
    }

    private static string Checksums(string commit, string model = "weights") => $$"""
        {"version":1,"type":"model","id":"acme/tiny","revision":"main","origin":"origin","commit":"{{commit}}","files":[
        {"path":"README.md","size":4,"sha256":"{{RestoreBench.Sha256("# hi")}}"},
        {"path":"config.json","size":2,"sha256":"{{RestoreBench.Sha256("{}")}}"},
        {"path":"model.bin","size":{{model.Length}},"sha256":"{{RestoreBench.Sha256(model)}}"}]}

        """.ReplaceLineEndings("\n");

    [Fact]
    public async Task A_restored_repo_is_written_as_a_copy_with_card_checksums_and_index()
    {
        string commit = await PushAsync();
        await Project.RestoreAsync(Tiny);
        Assert.EndsWith($"info: acme/tiny: wrote 4 files, 17 B, of commit {commit} to the mirror 'hg'.", Project.Log.Visible,
            StringComparison.Ordinal);
        Assert.Equal(Checksums(commit), _bench.Server.Text($"{Tree}/wisehub-checksums.json"));
        Assert.Equal($"""
            {Tree}/README.md 4
            {Tree}/config.json 2
            {Tree}/model.bin 7
            {Tree}/model_card.md 4
            {Tree}/wisehub-checksums.json {Checksums(commit).Length} json
            team/private_models_index.json {_bench.Server.Text("team/private_models_index.json").Length} json
            """.ReplaceLineEndings("\n"), _bench.Server.Tree);
        Assert.Contains("\"is_full_model\": true", _bench.Server.Text("team/private_models_index.json"),
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_mirror_alone_gives_the_commit_and_the_files_of_the_origin()
    {
        string commit = await PushAsync();
        await Project.RestoreAsync(Tiny);
        string locked = Project.LockText;
        Forget();
        File.Delete(Project.LockFile);
        Configure("""[{"hub":"hg"}]""", only: true, origin: "\"endpoint\":\"http://127.0.0.1:9\"");
        RestoreResult result = await Project.RestoreAsync(Tiny);
        Assert.Equal((commit, All, locked),
            (result.Snapshots[0].Commit, RestoreBench.Contents(result.Snapshots[0]), Project.LockText));
    }

    [Fact]
    public async Task A_repo_without_a_revision_is_mirrored_as_default_revision()
    {
        await PushAsync();
        await Project.RestoreAsync(Tiny with { Revision = null });
        Assert.Contains("team/models/acme_tiny/default_revision/config.json", _bench.Server.Objects.Keys);
        Forget();
        File.Delete(Project.LockFile);
        Configure("""[{"hub":"hg"}]""", only: true, origin: "\"endpoint\":\"http://127.0.0.1:9\"");
        Assert.Equal(All, RestoreBench.Contents((await Project.RestoreAsync(Tiny with { Revision = null })).Snapshots[0]));
    }

    [Fact]
    public async Task Files_are_fetched_from_the_mirror_before_the_origin()
    {
        await PushAsync();
        await Project.RestoreAsync(Tiny);
        Forget();
        Assert.Equal(All, RestoreBench.Contents((await Project.RestoreAsync(Tiny)).Snapshots[0]));
        Assert.StartsWith("info: Fetching 3 files, 13 B, from hg …\ninfo: Fetched 3 files, 13 B, in # s; "
            + "every byte was verified.", Project.Log.Visible, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_second_restore_writes_nothing_to_the_mirror()
    {
        await PushAsync();
        await Project.RestoreAsync(Tiny);
        _bench.Server.Requests.Clear();
        Project.Log.Clear();
        await UpdateAsync();
        Assert.Equal(("", 0, 0),
            (Project.Log.Visible, _bench.Server.Requests.Count("PUT"), _bench.Server.Requests.Count("DELETE")));
    }

    [Fact]
    public async Task A_moved_branch_replaces_the_copy_and_the_old_commit_comes_from_the_origin()
    {
        await PushAsync();
        await Project.RestoreAsync(Tiny);
        byte[] locked = await File.ReadAllBytesAsync(Project.LockFile, TestContext.Current.CancellationToken);
        string moved = await PushAsync("WEIGHTS!");
        await UpdateAsync();
        Assert.Equal((Checksums(moved, "WEIGHTS!"), "WEIGHTS!"),
            (_bench.Server.Text($"{Tree}/wisehub-checksums.json"), _bench.Server.Text($"{Tree}/model.bin")));

        await File.WriteAllBytesAsync(Project.LockFile, locked, TestContext.Current.CancellationToken);
        Forget();
        Assert.Equal(All, RestoreBench.Contents((await Project.RestoreAsync(Tiny)).Snapshots[0]));
        Assert.Equal("info: Fetching 3 files, 13 B, from origin …\ninfo: Fetched 3 files, 13 B, in # s; every byte was verified.",
            Project.Log.Visible);
        Assert.Equal(Checksums(moved, "WEIGHTS!"), _bench.Server.Text($"{Tree}/wisehub-checksums.json"));
    }

    [Fact]
    public async Task A_copy_made_by_another_tool_is_kept_with_a_warning()
    {
        _bench.PutTree("models/acme_tiny/main", ("config.json", "{\"theirs\":1}"), ("pytorch_model.bin", "theirs"));
        string before = _bench.Server.Tree, commit = await PushAsync();
        await Project.RestoreAsync(Tiny);
        Assert.Equal(before, _bench.Server.Tree);
        Assert.EndsWith($"warning WISE2072: model acme/tiny, revision main: the copy at <server>/data/{Tree}/ was not mirrored "
            + $"from 'origin', so it was kept, and commit {commit} was not written. Remove that copy if it is no longer needed, "
            + "or mirror to another bucket or prefix.", Project.Log.Visible, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Files_of_an_interrupted_upload_are_replaced()
    {
        _bench.PutTree("models/acme_tiny/main", ("model.bin", "half"), ("gone", "x"));
        string commit = await PushAsync();
        await Project.RestoreAsync(Tiny);
        Assert.Equal(Checksums(commit), _bench.Server.Text($"{Tree}/wisehub-checksums.json"));
        Assert.DoesNotContain($"{Tree}/gone", _bench.Server.Objects.Keys);
    }

    [Fact]
    public async Task A_partial_restore_is_not_written_to_the_mirror()
    {
        string commit = await PushAsync();
        await Project.RestoreAsync(Tiny with { Files = new FileSelection(["*.json"], []) });
        Assert.EndsWith("warning WISE2071: acme/tiny was restored, but not written to the mirror 'hg': acme/tiny: 'hg' "
            + $"(hg_localization) cannot hold commit {commit}: a copy needs all 3 files, and 'README.md' is not in the cache. "
            + "Mirror all files of the repo, or name a mirror that is a store. (WISE3064) "
            + "WiseMirrorWrite=false stops such writes.", Project.Log.Visible, StringComparison.Ordinal);
        Assert.Empty(_bench.Server.Objects);
    }

    [Fact]
    public async Task With_mirror_writing_disabled_nothing_is_written()
    {
        await PushAsync();
        using HubClient client = Project.NewClient(o => o with { MirrorWrite = false });
        await client.RestoreAsync(Project.Request(Tiny), TestContext.Current.CancellationToken);
        Assert.Empty(_bench.Server.Objects);
        Assert.Equal(0, _bench.Server.Requests.Count("PUT"));
    }

    [Fact]
    public async Task Offline_the_bucket_is_not_written_even_if_the_hub_has_a_folder()
    {
        await PushAsync();
        Configure(Writes, local: "\"path\":\"store\",");
        using HubClient client = Project.NewClient(o => o with { Offline = true });
        await client.RestoreAsync(Project.Request(Tiny), TestContext.Current.CancellationToken);
        Assert.Equal("", _bench.Asked);
        Assert.DoesNotContain("warning", Project.Log.Visible, StringComparison.Ordinal);
        var e = await Assert.ThrowsAsync<HubException>(() => client.Mirrors.PushAsync(
            new MirrorRequest { References = [Tiny], To = "hg" }, TestContext.Current.CancellationToken));
        Assert.Equal("WISE2014", e.Code);
    }

    [Fact]
    public async Task Mirroring_without_keys_is_a_warning()
    {
        await PushAsync();
        Project.SetEnvironment("HGLOC_AWS_ACCESS_KEY_ID", "");
        await Project.RestoreAsync(Tiny);
        Assert.Contains("warning WISE2071: acme/tiny was restored, but not written to the mirror 'hg': "
            + "acme/tiny cannot be mirrored to 'hg': no credentials for its bucket were found. Set HGLOC_AWS_ACCESS_KEY_ID and "
            + "HGLOC_AWS_SECRET_ACCESS_KEY. (WISE1036)", Project.Log.Visible, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_mirror_push_copies_a_repo_to_the_bucket_once()
    {
        string commit = await PushAsync();
        Configure("[]");
        using HubClient client = Project.NewClient();
        MirrorResult first = await client.Mirrors.PushAsync(new MirrorRequest { References = [Tiny], To = "hg" },
            TestContext.Current.CancellationToken);
        MirrorResult second = await client.Mirrors.PushAsync(new MirrorRequest { References = [Tiny], To = "hg" },
            TestContext.Current.CancellationToken);
        Assert.Equal((4, 17L, commit, 0),
            (first.FilesWritten, first.BytesWritten, Assert.Single(first.Commits).Commit, second.FilesWritten));
        Assert.Equal(Checksums(commit), _bench.Server.Text($"{Tree}/wisehub-checksums.json"));
    }

    [Fact]
    public async Task Each_configuration_has_its_own_copy()
    {
        foreach (string config in (string[])["mrpc", "default_config"])
        {
            foreach ((string path, string text) in HgBench.Dataset("arrow of " + config))
                _bench.Server.Put($"data/glue/{config}/default_revision/{path}", text);
        }
        RepoReference[] both =
            [.. ((string?[])["mrpc", null]).Select(c => HgBench.Reference(config: c) with { Hubs = ["data"] })];
        RestoreResult first = await Project.RestoreAsync(both);
        Assert.DoesNotContain("warning", Project.Log.Visible, StringComparison.Ordinal);
        Forget();
        File.Delete(Project.LockFile);
        foreach (string key in _bench.Server.Objects.Keys.Where(k => k.StartsWith("data/", StringComparison.Ordinal)))
            _bench.Server.Objects.TryRemove(key, out _);
        Configure("""[{"hub":"hg"}]""", only: true);
        RestoreResult second = await Project.RestoreAsync(both);
        Assert.Equal(first.Snapshots.Select(s => s.Commit), second.Snapshots.Select(s => s.Commit));
        Assert.Equal(["arrow of mrpc", "arrow of default_config"],
            second.Snapshots.Select(s => File.ReadAllText(s.Files[0].BlobPath)));
    }

    [Fact]
    public async Task The_file_of_a_URL_is_not_written_to_the_mirror()
    {
        await using FileServer server = await FileServer.StartAsync();
        server.Serve("/model.bin", "weights"u8.ToArray());
        using HubClient client = Project.NewClient();
        await client.RestoreAsync(Project.Request(client.ParseReference(server.Url("/model.bin"))),
            TestContext.Current.CancellationToken);
        Assert.Matches(
            new Regex("warning WISE2071: .*: the content of a URL has no id there\\. .*\\(WISE3064\\)"), Project.Log.Visible);
        Assert.Empty(_bench.Server.Objects);
    }

    [Fact]
    public async Task A_listed_file_that_changed_in_the_bucket_is_rejected_with_a_warning()
    {
        await PushAsync();
        await Project.RestoreAsync(Tiny);
        _bench.Server.Put($"{Tree}/model.bin", "WEIGHTS");
        Forget();
        Assert.Equal(All, RestoreBench.Contents((await Project.RestoreAsync(Tiny)).Snapshots[0]));
        Assert.Contains("warning WISE3001: ", Project.Log.Visible, StringComparison.Ordinal);
    }
}
