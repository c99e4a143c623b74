using WiseHub.Testing;

namespace WiseHub.Client.Tests;

/// <summary>Commits copied on request from hub to hub.</summary>
public sealed class MirrorCopyTests : IAsyncLifetime
{
    private MirrorBench _mirror = null!;

    private HubBench Bench => _mirror.Bench;

    public async ValueTask InitializeAsync()
    {
        _mirror = await MirrorBench.StartAsync();
        Bench.Repo(("config.json", "{}"), ("model.bin", "weights"));
        _mirror.Configure("[]");
    }

    public ValueTask DisposeAsync() => _mirror.DisposeAsync();

    private async Task<MirrorResult> MirrorAsync(MirrorRequest request)
    {
        using HubClient client = Bench.NewClient();
        return await client.Mirrors.PushAsync(request);
    }

    private static MirrorRequest Request(params RepoReference[] references) => new() { References = references, To = "own" };

    private async Task<string> FailureAsync(MirrorRequest request) =>
        MirrorBench.Show(await _mirror.Project.FailureOfAsync(() => MirrorAsync(request)));

    [Fact]
    public async Task A_repo_is_copied_under_its_commit_and_name()
    {
        MirrorResult result = await MirrorAsync(Request(HubBench.Reference()));
        Assert.Equal((2, 9L), (result.FilesWritten, result.BytesWritten));
        Assert.Equal(new MirroredRevision(RepoType.Model, "acme/tiny", "huggingface", "main", Bench.Hub.FindRepo("acme/tiny")!
            .Head()), Assert.Single(result.Commits));
        using HubClient client = Bench.NewClient();
        MirrorListing listing = await client.Mirrors.ListAsync("own");
        MirrorCommit commit = Assert.Single(listing.Commits);
        Assert.Equal((result.Commits[0].Commit, "main", 2, 9L, 0, 2),
            (commit.Commit, Assert.Single(commit.Revisions), commit.Files, commit.Bytes, commit.Missing, listing.Digests.Count));
    }

    [Fact]
    public async Task A_second_copy_writes_nothing()
    {
        await MirrorAsync(Request(HubBench.Reference()));
        MirrorResult again = await MirrorAsync(Request(HubBench.Reference()));
        Assert.Equal((0, 0L), (again.FilesWritten, again.BytesWritten));
    }

    [Fact]
    public async Task A_partial_copy_has_the_whole_file_list_and_counts_missing_files()
    {
        await MirrorAsync(Request(HubBench.Reference() with { Files = new FileSelection(["*.bin"], []) }));
        using HubClient client = Bench.NewClient();
        MirrorCommit commit = Assert.Single((await client.Mirrors.ListAsync("own")).Commits);
        Assert.Equal((2, 1), (commit.Files, commit.Missing));
    }

    [Fact]
    public async Task The_files_of_a_lock_file_are_copied_without_resolving_revisions()
    {
        await Bench.RestoreAsync(HubBench.Reference(),
            HubBench.Reference() with { Files = new FileSelection(["*.json"], []), Revision = null });
        string locked = Bench.Hub.FindRepo("acme/tiny")!.Head();
        Bench.Repo(("model.bin", "WEIGHTS"));
        _mirror.Forget();
        MirrorResult result = await MirrorAsync(new MirrorRequest { LockFilePath = _mirror.Project.LockFile, To = "own" });
        Assert.Equal(2, result.FilesWritten);
        Assert.Equal(["HEAD " + locked, "main " + locked], result.Commits.Select(c => $"{c.Revision} {c.Commit}")
            .Order(StringComparer.Ordinal));
        Assert.Equal(0, Bench.Hub.Requests.Count("GET", "/api/models/acme/tiny/revision/"));
    }

    [Fact]
    public async Task A_commit_of_a_store_keeps_its_digest_as_name()
    {
        string pushed = await _mirror.Store.PushAsync("acme/own", ("a", "hello"));
        await MirrorAsync(Request(new RepoReference { RepoId = "acme/own", Hubs = ["disk"] }));
        Assert.Equal(pushed, (await Bench.RestoreAsync(
            new RepoReference { RepoId = "acme/own", Hubs = ["own"], Revision = pushed })).Snapshots[0].Commit);
    }

    [Fact]
    public async Task A_mirror_copy_does_not_write_to_other_mirrors()
    {
        _mirror.Configure("""[{"hub":"disk","write":true}]""");
        await MirrorAsync(Request(HubBench.Reference()));
        Assert.Equal("", TempFolder.Tree(_mirror.Project.Temp["mirror"]));
    }

    [Theory]
    [InlineData("web", "WISE1050: The hub 'web' cannot be written as a mirror. Use a hub with \"protocol\": "
        + "\"store\" and a \"path\", \"protocol\": \"s3\" or \"protocol\": \"hg-localization\".")]
    [InlineData("none", "WISE1002: There is no hub 'none'.")]
    public async Task A_target_that_is_not_writable_is_an_error_before_any_request(string to, string message)
    {
        Assert.StartsWith(message, await FailureAsync(Request(HubBench.Reference()) with { To = to }), StringComparison.Ordinal);
        Assert.Equal("", _mirror.HubRequests);
    }

    [Fact]
    public async Task Nothing_to_mirror_is_an_error()
    {
        Assert.Equal("WISE1051: There is nothing to mirror. Name repos, or a lock file that lists some.",
            await FailureAsync(Request()));
        Assert.Equal("WISE1051: There is no lock file <temp>/none.json. Name a lock file or repos.",
            await FailureAsync(Request() with { LockFilePath = _mirror.Project.Temp["none.json"] }));
    }
}
