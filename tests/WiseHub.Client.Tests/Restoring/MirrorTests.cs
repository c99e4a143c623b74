using WiseHub.Testing;

namespace WiseHub.Client.Tests;

/// <summary>Files are fetched from mirrors before the origin and checked against the file list of the origin.</summary>
public sealed class MirrorTests : IAsyncLifetime
{
    private const string Fetched = "info: Fetched 2 files, 9 B, in # s; every byte was verified.";
    private const string Both = "config.json={}\nmodel.bin=weights";

    private MirrorBench _mirror = null!;

    private HubBench Bench => _mirror.Bench;

    public async ValueTask InitializeAsync() => _mirror = await MirrorBench.StartAsync();

    public ValueTask DisposeAsync() => _mirror.DisposeAsync();

    private async Task<string> ContentsAsync() => RestoreBench.Contents((await Bench.RestoreAsync()).Snapshots[0]);

    private static string Resolving(string commit) => "hub GET /api/models/acme/tiny/revision/main 200\n"
        + $"hub GET /api/models/acme/tiny/tree/{commit[..4]}…?recursive=true&expand=false 200";

    [Fact]
    public async Task A_complete_mirror_provides_all_files_for_one_extra_request()
    {
        string commit = await _mirror.FillAsync();
        _mirror.Configure("""[{"hub":"web"}]""");
        Assert.Equal(Both, await ContentsAsync());
        Assert.Equal(Resolving(commit), _mirror.HubRequests);
        Assert.Equal(MirrorBench.Sorted($"GET /models/acme/tiny/trees/{commit}.json 200", $"GET {MirrorBench.Blob("{}")} 200",
            $"GET {MirrorBench.Blob("weights")} 200"), _mirror.WebRequests);
        Assert.Equal("info: Fetching 2 files, 9 B, from web …\n" + Fetched, _mirror.Visible);
    }

    [Fact]
    public async Task A_mirror_without_the_commit_is_only_asked_for_large_files()
    {
        byte[] large = Bench.BigRepo(1 << 20);
        string commit = Bench.Repo(("config.json", "{}")).Head();
        _mirror.Configure("""[{"hub":"web"}]""");
        await Bench.RestoreAsync();
        string blob = RestoreBench.Sha256(large);
        Assert.Equal(MirrorBench.Sorted($"GET /models/acme/tiny/trees/{commit}.json 404",
            $"GET /blobs/{blob[..2]}/{blob[2..]} 404"), _mirror.WebRequests);
        Assert.Equal("info: Fetching 2 files, 1.0 MB, from huggingface, web …\ninfo: Fetched 2 files, 1.0 MB, in # s; "
            + "every byte was verified.", _mirror.Visible);
    }

    [Fact]
    public async Task A_large_file_of_another_repo_is_taken_from_the_mirror()
    {
        byte[] large = Bench.BigRepo(1 << 20);
        await _mirror.Store.PushAsync("somebody/else", "main", [("x", large)]);
        _mirror.Configure("""[{"hub":"disk"}]""");
        await Bench.RestoreAsync();
        Assert.Equal(0, Bench.Hub.Requests.Count("GET", "/acme/tiny/resolve/"));
        Assert.StartsWith("info: Fetching 1 file, 1.0 MB, from disk …\n", _mirror.Visible, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_unavailable_mirror_is_skipped_and_logged_once()
    {
        Bench.Repo(("config.json", "{}"), ("model.bin", "weights"));
        Bench.Hub.CreateRepo("acme/other").Commit(new Dictionary<string, byte[]?> { ["b.bin"] = [1, 2, 3] });
        _mirror.Configure("""[{"hub":"down"}]""");
        await Bench.RestoreAsync(HubBench.Reference(), HubBench.Reference("acme/other"));
        string line = Assert.Single(_mirror.Visible.Split('\n'), l => l.Contains("'down'", StringComparison.Ordinal));
        Assert.StartsWith("info: The mirror 'down' is not used: ", line, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_second_mirror_is_used_when_the_first_is_unavailable()
    {
        await _mirror.FillAsync();
        _mirror.Configure("""[{"hub":"down"},{"hub":"disk"}]""");
        Assert.Equal(Both, await ContentsAsync());
        Assert.Equal(2, Bench.Hub.Requests.All.Count);
    }

    [Fact]
    public async Task A_mirror_folder_that_is_not_a_store_yet_is_skipped_silently()
    {
        Bench.Repo(("config.json", "{}"), ("model.bin", "weights"));
        _mirror.Configure("""[{"hub":"own"}]""");
        Assert.Equal(Both, await ContentsAsync());
        Assert.Equal("info: Fetching 2 files, 9 B, from huggingface …\n" + Fetched, _mirror.Visible);
    }

    [Theory]
    [InlineData("model.bin", "weights", "WEIGHTS", "sha256")]
    [InlineData("config.json", "{}", "[]", "git blob id")]
    public async Task Wrong_bytes_from_a_mirror_are_a_warning_and_the_file_comes_from_the_origin(
        string path, string right, string wrong, string kind)
    {
        await _mirror.FillAsync();
        RestoreBench.Damage(_mirror.BlobPath(right), wrong);
        _mirror.Configure("""[{"hub":"web"}]""");
        Assert.Equal(Both, await ContentsAsync());
        string warning = Assert.Single(_mirror.Visible.Split('\n'), l => l.StartsWith("warning", StringComparison.Ordinal));
        Assert.StartsWith($"warning WISE3001: acme/tiny {path}: <web>{MirrorBench.Blob(right)} gave bytes whose {kind} is ",
            warning, StringComparison.Ordinal);
        Assert.EndsWith("Continuing with the hub 'huggingface' at byte 0.", warning, StringComparison.Ordinal);
        Assert.Equal(1, Bench.Hub.Requests.Count("GET", "/acme/tiny/resolve/"));
    }

    [Fact]
    public async Task A_mirror_whose_file_list_contradicts_the_origin_is_skipped_with_a_warning()
    {
        string commit = await _mirror.FillAsync();
        string tree = _mirror.Project.Temp[$"mirror/models/acme/tiny/trees/{commit}.json"], lie = new('a', 64);
        await File.WriteAllTextAsync(tree,
            (await File.ReadAllTextAsync(tree)).Replace(RestoreBench.Sha256("weights"), lie, StringComparison.Ordinal));
        _mirror.Configure("""[{"hub":"web"}]""");
        Assert.Equal(Both, await ContentsAsync());
        Assert.Equal($"GET /models/acme/tiny/trees/{commit}.json 200", _mirror.WebRequests);
        Assert.Equal(
            $"warning WISE3060: acme/tiny: the mirror 'web' lists commit # differently: 'model.bin' has the sha256 {lie}, "
            + $"but {RestoreBench.Sha256("weights")} on 'huggingface'. The mirror is not used for this repo. "
            + "Find out who wrote the commit there, remove it from the mirror, and mirror it again.\n"
            + "info: Fetching 2 files, 9 B, from huggingface …\n" + Fetched, _mirror.Visible);
    }

    [Fact]
    public async Task A_mirror_whose_file_list_is_damaged_is_skipped_with_a_warning()
    {
        string commit = await _mirror.FillAsync();
        _mirror.Project.Temp.Write($"mirror/models/acme/tiny/trees/{commit}.json", "<html>");
        _mirror.Configure("""[{"hub":"web"}]""");
        Assert.Equal(Both, await ContentsAsync());
        Assert.StartsWith("warning WISE2010: acme/tiny: the mirror 'web' is not used for this repo: The hub 'web' gives a web "
            + "page at <web>/models/acme/tiny/trees/#.json instead of JSON. ", _mirror.Visible, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_locked_restore_sends_requests_only_to_the_mirror()
    {
        string commit = await _mirror.FillAsync();
        await Bench.RestoreAsync();
        _mirror.Forget();
        _mirror.Configure("""[{"hub":"web"}]""");
        await Bench.RestoreAsync(Bench.Project.Request(HubBench.Reference()) with { Locked = true });
        Assert.Equal("", _mirror.HubRequests);
        Assert.Equal(MirrorBench.Sorted($"GET /models/acme/tiny/trees/{commit}.json 200", $"GET {MirrorBench.Blob("{}")} 200",
            $"GET {MirrorBench.Blob("weights")} 200"), _mirror.WebRequests);
    }

    [Fact]
    public async Task A_complete_cache_sends_no_request_to_a_mirror()
    {
        await _mirror.FillAsync();
        await Bench.RestoreAsync();
        _mirror.Configure("""[{"hub":"web"}]""");
        Assert.NotNull(_mirror.Project.TryRestoreLocally(Bench.Project.Request(HubBench.Reference())));
        await Bench.RestoreAsync();
        Assert.Equal("", _mirror.WebRequests);
    }

    [Fact]
    public async Task A_mirror_that_is_the_hub_itself_causes_no_extra_request()
    {
        await _mirror.FillAsync();
        _mirror.Configure("""[{"hub":"web"}]""");
        await Bench.RestoreAsync(HubBench.Reference() with { Hubs = ["web"] });
        Assert.Equal(5, _mirror.Web.Requests.All.Count);
    }

    [Fact]
    public async Task A_second_hub_provides_a_file_whose_sha256_the_first_did_not_state()
    {
        string commit = await _mirror.FillAsync();
        _mirror.Configure("[]");
        Bench.Hub.Faults.On("/resolve/", new Fault.Status(404), times: 100);
        Assert.Equal(Both, RestoreBench.Contents(
            (await Bench.RestoreAsync(HubBench.Reference() with { Hubs = ["huggingface", "web"] })).Snapshots[0]));
        Assert.Equal(MirrorBench.Sorted($"GET /models/acme/tiny/trees/{commit}.json 200", $"GET {MirrorBench.Blob("{}")} 200",
            $"GET {MirrorBench.Blob("weights")} 200"), _mirror.WebRequests);
    }

    [Fact]
    public async Task A_file_from_a_second_hub_is_checked_against_the_git_blob_id()
    {
        string commit = await _mirror.FillAsync();
        string tree = _mirror.Project.Temp[$"mirror/models/acme/tiny/trees/{commit}.json"];
        await _mirror.Store.PushAsync("evil/evil", ("x", "[]"));
        await File.WriteAllTextAsync(tree, (await File.ReadAllTextAsync(tree)).Replace(RestoreBench.Sha256("{}"),
            RestoreBench.Sha256("[]"), StringComparison.Ordinal));
        _mirror.Configure("[]");
        Bench.Hub.Faults.On("/resolve/", new Fault.Status(404), times: 100);
        Assert.StartsWith($"WISE3001: acme/tiny config.json: <web>{MirrorBench.Blob("[]")} gave bytes whose git blob id is ",
            await Bench.FailureAsync(HubBench.Reference() with { Hubs = ["huggingface", "web"] }), StringComparison.Ordinal);
    }
}
