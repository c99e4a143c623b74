using WiseHub.Testing;

namespace WiseHub.Client.Tests;

/// <summary>A site with a mirror but no access to hubs: mirrors also resolve revisions, under the name of the origin.</summary>
public sealed class MirrorsOnlyTests : IAsyncLifetime
{
    private const string Both = "config.json={}\nmodel.bin=weights";
    private const string Remedy = " Mirror it from a machine that reaches the hub: run wisehub mirror pull, "
        + "or restore with a mirror that has \"write\": true.";

    private MirrorBench _mirror = null!;
    private Action<string> _asked = _ => { };

    private HubBench Bench => _mirror.Bench;

    public async ValueTask InitializeAsync() => _mirror = await MirrorBench.StartAsync(path =>
    {
        _asked(path);
        return null;
    });

    public ValueTask DisposeAsync() => _mirror.DisposeAsync();

    private const string Why = "(\"mirrorsOnly\" in <temp>/wisehub.json)";

    private async Task<string> FailureAsync(params RepoReference[] references) =>
        MirrorBench.Show(await Bench.FailureAsync(references.Length > 0 ? references : [HubBench.Reference()]));

    [Fact]
    public async Task With_mirrorsOnly_the_origin_is_not_contacted_and_remains_the_hub_of_the_result()
    {
        string commit = await _mirror.FillAsync();
        _mirror.Configure("""[{"hub":"web"}]""", only: true);
        RestoreResult result = await Bench.RestoreAsync();
        Assert.Equal((commit, "huggingface", Both),
            (result.Snapshots[0].Commit, result.Snapshots[0].Hub, RestoreBench.Contents(result.Snapshots[0])));
        Assert.Equal("", _mirror.HubRequests);
        Assert.Equal(MirrorBench.Sorted("GET /wisehub-store.json 200", "GET /models/acme/tiny/refs/main 200",
            $"GET /models/acme/tiny/trees/{commit}.json 200",
            $"GET {MirrorBench.Blob("{}")} 200", $"GET {MirrorBench.Blob("weights")} 200"), _mirror.WebRequests);
        Assert.Contains("\"hub\":\"huggingface\"", _mirror.Project.LockText, StringComparison.Ordinal);
        Assert.Equal(
            """
            info: acme/tiny: the mirror 'web' stands in for 'huggingface', which must not be contacted; taking commit #.
            info: Fetching 2 files, 9 B, from web …
            info: Fetched 2 files, 9 B, in # s; every byte was verified.
            """.ReplaceLineEndings("\n"), _mirror.Visible);
    }

    [Fact]
    public async Task The_lock_file_is_the_same_as_with_the_origin()
    {
        await _mirror.FillAsync();
        await Bench.RestoreAsync();
        string withOrigin = _mirror.Project.LockText;
        _mirror.Forget();
        File.Delete(_mirror.Project.LockFile);
        _mirror.Configure("""[{"hub":"web"}]""", only: true);
        await Bench.RestoreAsync();
        Assert.Equal(withOrigin, _mirror.Project.LockText);
    }

    [Fact]
    public async Task With_mirrorsOnly_the_origin_may_be_unreachable()
    {
        await _mirror.FillAsync();
        _mirror.Project.SetEnvironment("HF_ENDPOINT", "http://127.0.0.1:9");
        _mirror.Configure("""[{"hub":"down"},{"hub":"disk"}]""", only: true);
        Assert.Equal(Both, RestoreBench.Contents((await Bench.RestoreAsync()).Snapshots[0]));
        Assert.DoesNotContain("huggingface'",
            _mirror.Visible.Replace("stands in for 'huggingface'", "", StringComparison.Ordinal), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_default_branch_of_a_mirrored_repo_is_the_ref_HEAD()
    {
        Bench.Repo(("config.json", "{}"), ("model.bin", "weights"));
        _mirror.Configure("""[{"hub":"disk","write":true}]""");
        await Bench.RestoreAsync(HubBench.Reference() with { Revision = null });
        await Bench.RestoreAsync(HubBench.Reference() with { Revision = "main" });
        _mirror.Configure("""[{"hub":"web"}]""", only: true);
        _mirror.Forget();
        File.Delete(_mirror.Project.LockFile);
        Assert.Equal(Both,
            RestoreBench.Contents((await Bench.RestoreAsync(HubBench.Reference() with { Revision = null })).Snapshots[0]));
        Assert.Equal(1, _mirror.Web.Requests.Count("GET", "/models/acme/tiny/refs/HEAD"));
    }

    [Fact]
    public async Task In_a_store_with_pushed_commits_the_default_branch_is_main()
    {
        string commit = await _mirror.Store.PushAsync("acme/tiny", ("a", "hello"));
        _mirror.Configure("""[{"hub":"disk"}]""", only: true);
        Assert.Equal(commit, (await Bench.RestoreAsync(HubBench.Reference() with { Revision = null })).Snapshots[0].Commit);
    }

    [Fact]
    public async Task A_commit_as_revision_needs_no_ref_on_the_mirror()
    {
        string commit = await _mirror.FillAsync();
        _mirror.Configure("""[{"hub":"web"}]""", only: true);
        Assert.Equal(Both,
            RestoreBench.Contents((await Bench.RestoreAsync(HubBench.Reference() with { Revision = commit })).Snapshots[0]));
        Assert.Equal(3, _mirror.Web.Requests.All.Count);
    }

    [Fact]
    public async Task A_revision_unknown_to_all_mirrors_is_an_error_that_quotes_each_mirror()
    {
        await _mirror.FillAsync();
        _mirror.Configure("""[{"hub":"web"},{"hub":"own"}]""", only: true);
        Assert.Equal(
            $"WISE2070: acme/tiny: 'huggingface' must not be contacted {Why}, and no mirror knows the revision 'v9'. "
            + "'web' says: acme/tiny: the hub 'web' has no revision 'v9' of it (<web>/models/acme/tiny/refs/v9 is missing). "
            + "Check name and revision, or push them. 'own' says: The hub 'own' is not a store: <temp>/own/wisehub-store.json is "
            + "missing. Check its path or endpoint; a first push makes a folder a store." + Remedy,
            await FailureAsync(HubBench.Reference() with { Revision = "v9" }));
        Bench.AssertNothingCame();
    }

    [Fact]
    public async Task All_files_missing_from_the_mirrors_are_named_in_one_error()
    {
        await _mirror.FillAsync();
        File.Delete(_mirror.BlobPath("{}"));
        File.Delete(_mirror.BlobPath("weights"));
        _mirror.Configure("""[{"hub":"disk"},{"hub":"down"}]""", only: true);
        Assert.Equal(
            $"WISE2070: acme/tiny: 'huggingface' must not be contacted {Why}, and the cache and the mirrors 'disk', "
            + $"'down' lack 'config.json' ({RestoreBench.Sha256("{}")}, last seen on 'huggingface'), "
            + $"'model.bin' ({RestoreBench.Sha256("weights")}, last seen on 'huggingface')." + Remedy, await FailureAsync());
    }

    [Fact]
    public async Task A_file_missing_from_a_web_mirror_is_reported_as_missing_from_all_mirrors()
    {
        await _mirror.FillAsync();
        File.Delete(_mirror.BlobPath("weights"));
        _mirror.Configure("""[{"hub":"web"}]""", only: true);
        Assert.Equal(
            $"WISE2070: acme/tiny: 'huggingface' must not be contacted {Why}, and no mirror has acme/tiny model.bin "
            + $"({RestoreBench.Sha256("weights")})." + Remedy, await FailureAsync());
        Assert.Equal("", _mirror.HubRequests);
    }

    [Fact]
    public async Task A_part_that_was_never_mirrored_is_an_error()
    {
        Bench.Repo(("config.json", "{}"), ("model.bin", "weights"), ("readme.md", "# hi"));
        _mirror.Configure("""[{"hub":"disk","write":true}]""");
        await Bench.RestoreAsync(HubBench.Reference() with { Files = new FileSelection(["*.bin"], []) });
        File.Delete(_mirror.Project.LockFile);
        _mirror.Forget();
        _mirror.Configure("""[{"hub":"web"}]""", only: true);
        Assert.Equal("model.bin=weights", RestoreBench.Contents(
            (await Bench.RestoreAsync(HubBench.Reference() with { Files = new FileSelection(["*.bin"], []) })).Snapshots[0]));
        string failure = await FailureAsync(HubBench.Reference() with { Files = new FileSelection(["*.md", "*.json"], []) });
        Assert.StartsWith($"WISE2070: acme/tiny: 'huggingface' must not be contacted {Why}, and the cache and the mirror "
            + "'web' lack 'config.json' (", failure, StringComparison.Ordinal);
        Assert.Contains("'readme.md' (", failure, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_branch_that_moves_during_a_restore_does_not_mix_two_commits()
    {
        string old = await _mirror.FillAsync();
        Bench.Repo(("config.json", "{}"), ("model.bin", "WEIGHTS"));
        string moved = (await Bench.RestoreAsync()).Snapshots[0].Commit!;
        string branch = _mirror.Project.Temp["mirror/models/acme/tiny/refs/main"];
        await File.WriteAllTextAsync(branch, old);
        _mirror.Forget();
        File.Delete(_mirror.Project.LockFile);
        _mirror.Configure("""[{"hub":"web"}]""", only: true);
        _asked = path =>
        {
            if (path.Contains("/trees/", StringComparison.Ordinal))
                File.WriteAllText(branch, moved);
        };
        RestoreResult result = await Bench.RestoreAsync();
        Assert.Equal((old, Both), (result.Snapshots[0].Commit, RestoreBench.Contents(result.Snapshots[0])));
    }

    [Fact]
    public async Task With_mirrorsOnly_a_folder_hub_of_the_project_is_still_used()
    {
        await new StoreBuilder(_mirror.Project.Temp["own"]).PushAsync("acme/tiny", ("a", "hello"));
        _mirror.Configure("""[{"hub":"web"}]""", only: true);
        Assert.Equal("a=hello",
            RestoreBench.Contents((await Bench.RestoreAsync(HubBench.Reference() with { Hubs = ["own"] })).Snapshots[0]));
    }

    [Fact]
    public async Task With_mirrorsOnly_a_missing_optional_reference_is_a_warning()
    {
        _mirror.Configure("""[{"hub":"own"}]""", only: true);
        Assert.False((await Bench.RestoreAsync(HubBench.Reference() with { Optional = true })).Snapshots[0].IsPresent);
        Assert.StartsWith("warning WISE2018: acme/tiny is optional and will be missing: acme/tiny: "
            + "'huggingface' must not be contacted", _mirror.Visible, StringComparison.Ordinal);
    }
}
