namespace WiseHub.Client.Tests;

public sealed class RestoreMistakeTests : IDisposable
{
    private readonly RestoreBench _bench = new();

    [Fact]
    public async Task All_mistakes_are_reported_at_once_and_before_anything_is_written()
    {
        Assert.Equal(
            "WISE1002: There is no hub 'nosuch'. The known hubs are github, gitlab, huggingface, local, second, wisemodel. "
            + "Declare others in <temp>/wisehub.json.\n"
            + "WISE1003: 'a/b c' is not a repo id: each part must have 1 to 96 letters, digits, '-', '_' or '.', and start and "
            + "end with a letter, digit or '_'. Write owner/name, or a single name if the hub has such ids (gpt2).\n"
            + "WISE1005: acme/x: 'a..b' is not a revision: git does not allow its dots. Write a branch, a tag or a commit.\n"
            + "WISE1013: The hub 'local' is a store, which has no dataset configurations. Remove Config.\n"
            + "WISE1003: 'tiny' is not a repo id of 'wisemodel': write owner/name.\n"
            + "WISE1013: The hub 'wisemodel' has no dataset configurations. Remove Config, or select files with AllowPatterns.\n"
            + "WISE1018: The hub 'huggingface' has no repos of type code. Use model, dataset or space.\n"
            + "WISE1018: The hub 'wisemodel' has no repos of type space. Use model, dataset or code.",
            await _bench.FailureAsync(
                new RepoReference { RepoId = "acme/tiny", Hubs = ["nosuch"] },
                new RepoReference { RepoId = "a/b c" },
                new RepoReference { RepoId = "acme/x", Revision = "a..b" },
                new RepoReference { RepoId = "acme/x", Config = "zh" },
                new RepoReference { RepoId = "tiny", Hubs = ["wisemodel"] },
                new RepoReference { RepoId = "acme/x", Config = "zh", Hubs = ["wisemodel"] },
                new RepoReference { RepoId = "acme/x", RepoType = RepoType.Code, Hubs = ["huggingface"] },
                new RepoReference { RepoId = "acme/x", RepoType = RepoType.Space, Hubs = ["local", "wisemodel"] }));
        Assert.False(Directory.Exists(_bench.Cache));
    }

    [Fact]
    public void A_local_restore_reports_the_same_mistakes() => Assert.Equal(WiseCodes.UnknownHub,
        Assert.Throws<HubException>(
            () => _bench.TryRestoreLocally(_bench.Request(new RepoReference { RepoId = "acme/tiny", Hubs = ["nosuch"] }))).Code);

    [Theory]
    [InlineData("")]
    [InlineData("/")]
    [InlineData("a/")]
    [InlineData("/a")]
    [InlineData("../a")]
    [InlineData("a/..")]
    [InlineData("-a/b")]
    [InlineData("a/b.")]
    [InlineData("a b/c")]
    [InlineData("a\\b")]
    [InlineData("a..b/c")]
    [InlineData("nul/model")]
    [InlineData("a/con.x")]
    [InlineData("模型/a")]
    [InlineData("_/a")]
    [InlineData("a/b\n")]
    public void A_malformed_id_is_refused(string id) =>
        Assert.Equal([WiseCodes.MalformedRepoId], new RepoReference { RepoId = id }.Validate().Select(e => e.Code));

    [Theory]
    [InlineData("gpt2")]
    [InlineData("BAAI/bge-small-zh-v1.5")]
    [InlineData("a/b_c.d-e")]
    [InlineData("_a/_b_")]
    [InlineData("0/1")]
    public void An_id_of_the_known_hubs_is_accepted(string id) => Assert.Empty(new RepoReference { RepoId = id }.Validate());

    [Fact]
    public void A_part_of_an_id_has_at_most_96_characters() =>
        Assert.Equal((0, 1), (new RepoReference { RepoId = "a/" + new string('b', 96) }.Validate().Count,
            new RepoReference { RepoId = "a/" + new string('b', 97) }.Validate().Count));

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData("a b")]
    [InlineData("a~1")]
    [InlineData("a^")]
    [InlineData("a:b")]
    [InlineData("a?")]
    [InlineData("a*")]
    [InlineData("[a")]
    [InlineData(@"a\b")]
    [InlineData("a\u007f")]
    [InlineData("a..b")]
    [InlineData("../../../etc/passwd")]
    [InlineData("a.")]
    [InlineData("/a")]
    [InlineData("a/")]
    [InlineData("a//b")]
    [InlineData(".a")]
    [InlineData("a/.b")]
    [InlineData("a.lock")]
    [InlineData("a.lock/b")]
    [InlineData("@")]
    [InlineData("a@{1}")]
    [InlineData("-a")]
    [InlineData("nul")]
    public void A_revision_that_git_would_refuse_is_refused(string revision) =>
        Assert.Equal([WiseCodes.MalformedRevision], new RepoReference { RepoId = "a/b", Revision = revision }.Validate()
            .Select(e => e.Code));

    [Theory]
    [InlineData("main")]
    [InlineData("v1.0")]
    [InlineData("refs/pr/1")]
    [InlineData("a@b")]
    [InlineData("5c1f0e4d3b2a19087f6e5d4c3b2a190817263544")]
    [InlineData("feature/模型")]
    public void Other_revisions_are_accepted(string revision) =>
        Assert.Empty(new RepoReference { RepoId = "a/b", Revision = revision }.Validate());

    [Fact]
    public async Task The_error_for_a_folder_that_is_not_a_store_says_so() => Assert.Equal(
        "WISE3005: The hub 'local' is not a store: <temp>/hub/wisehub-store.json is missing. Check its path or endpoint; "
        + "a first push makes a folder a store.",
        await _bench.FailureAsync(new RepoReference { RepoId = "acme/tiny" }));

    [Fact]
    public async Task The_error_for_an_unknown_repo_lists_the_existing_ones()
    {
        await _bench.Hub.PushAsync("acme/tiny", ("a", "x"));
        await _bench.Hub.PushAsync("gpt2", ("a", "x"));
        Assert.Equal("WISE2002: acme/tini: the hub 'local' (<temp>/hub) has no such repo. Did you mean 'acme/tiny'? "
            + "It has _/gpt2, acme/tiny. "
            + "Check the name and RepoType.",
            await _bench.FailureAsync(new RepoReference { RepoId = "acme/tini" }));
        Assert.Equal("WISE2002: dataset acme/tiny: the hub 'local' (<temp>/hub) has no such repo. It has no repo of that type. "
            + "Check the name and RepoType.",
            await _bench.FailureAsync(new RepoReference { RepoId = "acme/tiny", RepoType = RepoType.Dataset }));
    }

    [Fact]
    public async Task The_error_for_an_unknown_revision_names_the_missing_file()
    {
        await _bench.Hub.PushAsync("acme/tiny", ("a", "x"));
        Assert.Equal("WISE2003: acme/tiny: the hub 'local' has no revision 'v9' of it (<temp>/hub/models/acme/tiny/refs/v9 is "
            + "missing). It has main. Check name and revision, or push them.",
            await _bench.FailureAsync(new RepoReference { RepoId = "acme/tiny", Revision = "v9" }));
    }

    [Fact]
    public async Task An_exception_has_its_reference_and_a_help_link()
    {
        var reference = new RepoReference { RepoId = "acme/tiny" };
        var e = await Assert.ThrowsAsync<HubException>(() => _bench.RestoreAsync(reference));
        Assert.Equal((reference, "https://github.com/wisehub/WiseHub.Build/blob/main/docs/diagnostics.md#wise3005"),
            (e.Reference, e.HelpLink));
    }

    [Fact]
    public async Task Two_failing_repos_are_both_reported()
    {
        await _bench.Hub.PushAsync("acme/tiny", ("a", "x"));
        string failure = await _bench.FailureAsync(new RepoReference { RepoId = "acme/one" },
            new RepoReference { RepoId = "acme/two" });
        Assert.Equal(["WISE2002: acme/one", "WISE2002: acme/two"], failure.Split('\n').Select(l => l[..18]));
    }

    [Fact]
    public async Task The_same_reference_given_twice_returns_two_snapshots()
    {
        await _bench.Hub.PushAsync("acme/tiny", ("a", "x"));
        var reference = new RepoReference { RepoId = "acme/tiny" };
        Assert.Equal(2, (await _bench.RestoreAsync(reference, reference)).Snapshots.Count);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(65)]
    public void A_parallelism_out_of_range_is_refused(int value) => Assert.Equal(
        $"WISE1004: MaxParallelDownloads (WiseMaxParallelDownloads) is {value}; it must be 1 to 64.",
        _bench.Show(Assert.Throws<HubException>(() => _bench.NewClient(o => o with { MaxParallelDownloads = value }))));

    [Theory]
    [InlineData(0)]
    [InlineData(9)]
    public void Connections_per_file_out_of_range_are_refused(int value) => Assert.Equal(
        $"WISE1004: ConnectionsPerFile (WiseConnectionsPerFile) is {value}; it must be 1 to 8.",
        _bench.Show(Assert.Throws<HubException>(() => _bench.NewClient(o => o with { ConnectionsPerFile = value }))));

    [Theory]
    [InlineData("0")]
    [InlineData("-1")]
    [InlineData("1.5")]
    [InlineData("soon")]
    [InlineData("86401")]
    public void An_invalid_WISEHUB_STALL_TIMEOUT_is_refused(string value)
    {
        _bench.SetEnvironment("WISEHUB_STALL_TIMEOUT", value);
        Assert.Equal($"WISE1004: WISEHUB_STALL_TIMEOUT is '{value}'; it must be 1 to 86400 seconds.",
            _bench.Show(Assert.Throws<HubException>(() => _bench.NewClient())));
    }

    public void Dispose() => _bench.Dispose();
}
