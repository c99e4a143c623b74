namespace WiseHub.Client.Tests;

/// <summary>What a policy lets into a build.</summary>
public sealed class PolicyTests : IAsyncLifetime
{
    private const string Hub = "\"hubs\":{\"local\":{\"protocol\":\"store\",\"path\":\"hub\"},"
        + "\"second\":{\"protocol\":\"store\",\"path\":\"second\"}}";

    private readonly RestoreBench _bench = new();

    public async ValueTask InitializeAsync() =>
        await _bench.Hub.PushAsync("acme/tiny", ("README.md", "---\nlicense: mit\n---\n"), ("a.bin", "0123456789"));

    public ValueTask DisposeAsync()
    {
        _bench.Dispose();
        return ValueTask.CompletedTask;
    }

    private static RepoReference Reference(string? revision = null) => new() { RepoId = "acme/tiny", Revision = revision };

    private void Policy(string policy) => _bench.Configure($"{{\"defaultHub\":\"local\",{Hub},\"policy\":{policy}}}");

    private async Task<string> FailureAsync(string policy, RepoReference? reference = null)
    {
        Policy(policy);
        string failure = await _bench.FailureAsync(reference ?? Reference());
        Assert.False(File.Exists(_bench.LockFile));
        return failure;
    }

    private async Task AssertAllowedAsync(string policy)
    {
        Policy(policy);
        await _bench.RestoreAsync(Reference());
    }

    [Fact]
    public async Task A_hub_that_is_not_listed_is_refused_before_a_request() => Assert.Equal(
        "WISE6001: acme/tiny: the policy in <temp>/wisehub.json does not allow the hub 'local' (\"hubs\": second). Take the "
        + "files from an allowed hub, or have the policy changed.", await FailureAsync("{\"hubs\":[\"second\"]}"));

    [Fact]
    public async Task A_repo_that_no_pattern_matches_is_refused() => Assert.Equal(
        "WISE6002: acme/tiny: the policy in <temp>/wisehub.json does not allow this repo (\"repos\": google/*). Reference an "
        + "allowed repo, or have the policy changed.", await FailureAsync("{\"repos\":[\"google/*\"]}"));

    [Theory]
    [InlineData("{\"hubs\":[\"LOCAL\"]}")]
    [InlineData("{\"repos\":[\"Acme/*\"]}")]
    [InlineData("{\"licenses\":{\"allow\":[\"MIT\"]}}")]
    [InlineData("{\"licenses\":{\"deny\":[\"cc-by-nc*\"]}}")]
    [InlineData("{\"maxFileSize\":\"1 kB\",\"maxReferenceSize\":31}")]
    public Task What_a_policy_allows_enters(string policy) => AssertAllowedAsync(policy);

    [Fact]
    public async Task A_license_that_is_not_allowed_is_refused() => Assert.Equal(
        "WISE6003: acme/tiny: the policy in <temp>/wisehub.json does not allow the license 'mit' (\"licenses\"). Use another "
        + "model, or have the license added to \"allow\".", await FailureAsync("{\"licenses\":{\"allow\":[\"apache-2.0\"]}}"));

    [Fact]
    public async Task A_denied_license_is_refused() => Assert.StartsWith("WISE6003", await FailureAsync(
        "{\"licenses\":{\"deny\":[\"m?t\"]}}"), StringComparison.Ordinal);

    [Fact]
    public async Task A_missing_license_is_refused_if_only_listed_ones_are_allowed()
    {
        var reference = Reference() with { Files = new FileSelection(["*.bin"], []) };
        Assert.StartsWith("WISE6003: acme/tiny: neither the hub nor the card states a license", await FailureAsync(
            "{\"licenses\":{\"allow\":[\"mit\"]}}", reference), StringComparison.Ordinal);
        Policy("{\"licenses\":{\"allow\":[\"mit\"],\"unstated\":\"allow\"}}");
        await _bench.RestoreAsync(reference);
    }

    [Fact]
    public async Task A_file_that_is_too_large_is_refused() => Assert.Equal(
        "WISE6005: acme/tiny: 'README.md' has 21 B, and the policy in <temp>/wisehub.json allows 20 B for a file "
        + "(\"maxFileSize\"). Leave it out with a pattern, or have the policy "
        + "changed.", await FailureAsync("{\"maxFileSize\":20}"));

    [Fact]
    public async Task A_reference_that_is_too_large_is_refused() => Assert.StartsWith(
        "WISE6005: acme/tiny: the selected files have 31 B", await FailureAsync("{\"maxReferenceSize\":\"30 B\"}"),
        StringComparison.Ordinal);

    // The fuzz test found the last two.
    [Theory]
    [InlineData("{\"hub\":[]}")]
    [InlineData("{\"maxFileSize\":\"5 bananas\"}")]
    [InlineData("{\"maxFileSize\":\"99999999999999999999 TB\"}")]
    [InlineData("{\"\":1}")]
    public async Task A_policy_that_is_not_understood_is_an_error_at_its_place(string policy) =>
        Assert.StartsWith("WISE1008: <temp>/wisehub.json(1,", await FailureAsync(policy), StringComparison.Ordinal);

    [Theory]
    [InlineData(null, "not stated")]
    [InlineData("main", "'main'")]
    public async Task A_revision_that_is_no_commit_is_refused_if_commits_are_required(string? revision, string shown) =>
        Assert.Equal(
        $"WISE6006: acme/tiny: the policy in <temp>/wisehub.json requires a commit (\"pinned\": true), but the revision is "
        + $"{shown}. "
        + "Set Revision to a commit; 'wisehub add' does so.", await FailureAsync("{\"pinned\":true}", Reference(revision)));

    [Fact]
    public async Task A_commit_is_pinned()
    {
        string commit = await _bench.Hub.PushAsync("acme/tiny", ("a", "x"));
        Policy("{\"pinned\":true}");
        await _bench.RestoreAsync(Reference(commit));
    }

    [Fact]
    public async Task All_violations_are_told_at_once() => Assert.Equal(["WISE6001", "WISE6002", "WISE6006"],
        (await FailureAsync("{\"hubs\":[\"second\"],\"repos\":[\"google/*\"],\"pinned\":true}")).Split('\n')
            .Select(l => l[..8]));

    [Fact]
    public async Task A_policy_that_warns_lets_the_model_in_and_says_it_in_each_build()
    {
        Policy("{\"mode\":\"warn\",\"repos\":[\"google/*\"],\"licenses\":{\"deny\":[\"mit\"]}}");
        await _bench.RestoreAsync(Reference());
        await _bench.RestoreAsync(_bench.Request(Reference()) with { LookFirst = true });
        Assert.Equal(["WISE6002", "WISE6003", "WISE6002", "WISE6003"], _bench.Log.Text.Split('\n')
            .Where(l => l.StartsWith("warning ", StringComparison.Ordinal)).Select(l => l[8..16]));
    }

    [Fact]
    public async Task The_users_own_policy_is_applied_beside_that_of_the_project()
    {
        _bench.Temp.Write("home/.config/wisehub/wisehub.json", "{\"policy\":{\"repos\":[\"google/*\"]}}");
        Assert.Contains("WISE6002", await FailureAsync("{\"repos\":[\"acme/*\"]}"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_build_that_has_passed_is_not_checked_again()
    {
        await _bench.RestoreAsync(Reference());
        Assert.NotNull(_bench.TryRestoreLocally(_bench.Request(Reference())));
        Policy("{\"licenses\":{\"deny\":[\"gpl*\"]}}");
        Assert.Null(_bench.TryRestoreLocally(_bench.Request(Reference())));
        await _bench.RestoreAsync(Reference());
        Assert.NotNull(_bench.TryRestoreLocally(_bench.Request(Reference())));
    }

    [Fact]
    public async Task A_policy_that_comes_after_the_lock_file_counts_for_locked_builds()
    {
        await _bench.RestoreAsync(Reference());
        Policy("{\"licenses\":{\"allow\":[\"apache-2.0\"]}}");
        Assert.StartsWith("WISE6003", await _bench.FailureAsync(_bench.Request(Reference()) with { Locked = true }),
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_optional_model_that_a_policy_refuses_is_an_error_too() => Assert.StartsWith("WISE6003",
        await FailureAsync("{\"licenses\":{\"deny\":[\"mit\"]}}", Reference() with { Optional = true }),
        StringComparison.Ordinal);
}
