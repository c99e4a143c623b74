namespace WiseHub.Client.Tests;

public sealed class SeveralHubsTests : IDisposable
{
    private readonly RestoreBench _bench = new();

    private static RepoReference Tiny(bool fallback = false, bool optional = false) =>
        new() { RepoId = "acme/tiny", Hubs = ["local", "second"], Fallback = fallback, Optional = optional };

    private string HubBlob(string hub, string text)
    {
        string sha256 = RestoreBench.Sha256(text);
        return _bench.Temp[$"{hub}/blobs/{sha256[..2]}/{sha256[2..]}"];
    }

    [Fact]
    public async Task The_first_hub_resolves_the_revision()
    {
        string first = await _bench.Hub.PushAsync("acme/tiny", ("a", "of the first"));
        await _bench.Second.PushAsync("acme/tiny", ("a", "of the second"));
        RestoreResult result = await _bench.RestoreAsync(Tiny());
        Assert.Equal((first, "local;second", "a=of the first"),
            (result.Snapshots[0].Commit, result.Snapshots[0].Hub, RestoreBench.Contents(result.Snapshots[0])));
    }

    [Fact]
    public async Task Files_that_the_first_hub_lacks_come_from_the_second()
    {
        await _bench.Hub.PushAsync("acme/tiny", ("a", "hello"), ("b", "world!"));
        await _bench.Second.PushAsync("somebody/else", ("x", "world!"));
        File.Delete(HubBlob("hub", "world!"));
        RestoreResult result = await _bench.RestoreAsync(Tiny());
        Assert.Equal("a=hello\nb=world!", RestoreBench.Contents(result.Snapshots[0]));
        string blob = RestoreBench.Sha256("world!");
        Assert.Equal(
            "info: Fetching 2 files, 11 B, from local …\n"
            + $"info: acme/tiny b: the hub 'local' lists the file but <temp>/hub/blobs/{blob[..2]}/{blob[2..]} is missing. "
            + "Push it again, or restore the hub's folder. Continuing with the hub 'second' at byte 0.\n"
            + "info: Fetched 2 files, 11 B, in # s; every byte was verified.", _bench.Log.Text);
    }

    [Fact]
    public async Task Wrong_bytes_from_the_first_hub_are_a_warning_and_the_second_hub_is_used()
    {
        await _bench.Hub.PushAsync("acme/tiny", ("a", "hello"));
        await _bench.Second.PushAsync("acme/tiny", ("a", "hello"));
        RestoreBench.Damage(HubBlob("hub", "hello"), "HELLO");
        Assert.Equal("a=hello", RestoreBench.Contents((await _bench.RestoreAsync(Tiny())).Snapshots[0]));
        string blob = RestoreBench.Sha256("hello");
        Assert.Equal(
            "info: Fetching 1 file, 5 B, from local …\n"
            + $"warning WISE3001: acme/tiny a: <temp>/hub/blobs/{blob[..2]}/{blob[2..]} gave bytes whose sha256 is "
            + $"{RestoreBench.Sha256("HELLO")}, but it must be {blob}. Nothing was kept. If the hub really replaced the file, "
            + "run WiseUpdate (wisehub update) and review the change of the lock file. Continuing with the "
            + "hub 'second' at byte 0.\n"
            + "info: Fetched 1 file, 5 B, in # s; every byte was verified.", _bench.Log.Text);
    }

    [Fact]
    public async Task A_file_that_no_hub_has_is_an_error()
    {
        await _bench.Hub.PushAsync("acme/tiny", ("a", "hello"));
        await _bench.Second.PushAsync("acme/other", ("a", "x"));
        File.Delete(HubBlob("hub", "hello"));
        Assert.StartsWith("WISE2008: acme/tiny a: the hub 'second' lists the file but", await _bench.FailureAsync(Tiny()),
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_error_for_a_repo_missing_from_the_first_hub_names_the_other_hubs()
    {
        await _bench.Hub.PushAsync("acme/other", ("a", "x"));
        await _bench.Second.PushAsync("acme/tiny", ("a", "of the second"));
        Assert.Equal(
            "WISE2002: acme/tiny: the hub 'local' (<temp>/hub) has no such repo. It has acme/other. Check the name and RepoType. "
            + "The other hubs (second) only provide file contents; Fallback=\"true\" lets them resolve revisions, too.",
            await _bench.FailureAsync(Tiny()));
    }

    [Fact]
    public async Task With_fallback_the_second_hub_resolves_the_revision_with_a_warning()
    {
        await _bench.Hub.PushAsync("acme/other", ("a", "x"));
        string commit = await _bench.Second.PushAsync("acme/tiny", ("a", "of the second"));
        RestoreResult result = await _bench.RestoreAsync(Tiny(fallback: true));
        Assert.Equal((commit, "a=of the second"), (result.Snapshots[0].Commit, RestoreBench.Contents(result.Snapshots[0])));
        Assert.Equal(
            "warning WISE2002: acme/tiny: the hub 'local' (<temp>/hub) has no such repo. It has acme/other. "
            + "Check the name and RepoType. Fallback is allowed: taking acme/tiny from 'second'.\n"
            + "info: Fetching 1 file, 13 B, from second …\n"
            + "info: Fetched 1 file, 13 B, in # s; every byte was verified.", _bench.Log.Text);
    }

    [Fact]
    public async Task A_commit_of_the_fallback_hub_is_locked_and_restored_into_an_empty_cache()
    {
        await _bench.Hub.PushAsync("acme/other", ("a", "x"));
        await _bench.Second.PushAsync("acme/tiny", ("a", "of the second"));
        await _bench.RestoreAsync(Tiny(fallback: true));
        Directory.Delete(_bench.Cache, recursive: true);
        RestoreResult result = await _bench.RestoreAsync(_bench.Request(Tiny(fallback: true)) with { Locked = true });
        Assert.Equal("a=of the second", RestoreBench.Contents(result.Snapshots[0]));
    }

    [Fact]
    public async Task With_fallback_a_commit_that_only_the_second_hub_has_is_found()
    {
        await _bench.Hub.PushAsync("acme/tiny", ("a", "of the first"));
        string commit = await _bench.Second.PushAsync("acme/tiny", ("a", "of the second"));
        Assert.Equal("a=of the second",
            RestoreBench.Contents((await _bench.RestoreAsync(Tiny(fallback: true) with { Revision = commit })).Snapshots[0]));
    }

    [Fact]
    public async Task With_fallback_a_damaged_file_list_on_the_first_hub_leads_to_the_second()
    {
        string commit = await _bench.Hub.PushAsync("acme/tiny", ("a", "of the first"));
        await File.WriteAllTextAsync(_bench.Temp[$"hub/models/acme/tiny/trees/{commit}.json"], "{");
        await _bench.Second.PushAsync("acme/tiny", ("a", "of the second"));
        Assert.StartsWith("WISE3006", await _bench.FailureAsync(Tiny()), StringComparison.Ordinal);
        Assert.Equal("a=of the second", RestoreBench.Contents((await _bench.RestoreAsync(Tiny(fallback: true))).Snapshots[0]));
    }

    [Fact]
    public async Task When_all_hubs_fail_the_last_failure_is_reported()
    {
        await _bench.Hub.PushAsync("acme/other", ("a", "x"));
        Assert.Equal("WISE3005: The hub 'second' is not a store: <temp>/second/wisehub-store.json is missing. "
            + "Check its path or endpoint; a first push makes a folder a store.",
            await _bench.FailureAsync(Tiny(fallback: true)));
    }

    [Fact]
    public async Task The_order_of_hubs_is_part_of_the_lock_file_key()
    {
        await _bench.Hub.PushAsync("acme/tiny", ("a", "of the first"));
        await _bench.Second.PushAsync("acme/tiny", ("a", "of the second"));
        RestoreResult result = await _bench.RestoreAsync(Tiny(), Tiny() with { Hubs = ["second", "local"] });
        Assert.Equal(["a=of the first", "a=of the second"], result.Snapshots.Select(RestoreBench.Contents));
    }

    [Fact]
    public async Task A_failing_optional_reference_is_a_warning_and_not_present()
    {
        await _bench.Hub.PushAsync("acme/other", ("a", "x"));
        RestoreResult result = await _bench.RestoreAsync(new RepoReference { RepoId = "acme/tiny", Optional = true },
            new RepoReference { RepoId = "acme/other" });
        Assert.Equal([(false, null, 0), (true, result.Snapshots[1].Commit, 1)],
            result.Snapshots.Select(s => (s.IsPresent, s.Commit, s.Files.Count)));
        Assert.Equal(
            "warning WISE2018: acme/tiny is optional and will be missing: acme/tiny: the hub 'local' (<temp>/hub) has no such "
            + "repo. It has acme/other. Check the name and RepoType. (WISE2002)\n"
            + "info: Fetching 1 file, 1 B, from local …\n"
            + "info: Fetched 1 file, 1 B, in # s; every byte was verified.", _bench.Log.Text);
        Assert.Equal(["acme/other"], LockFile.Read(_bench.LockFile)!.Entries.Select(e => e.Key.RepoId));
    }

    [Fact]
    public async Task An_optional_reference_with_missing_files_does_not_fail_the_others()
    {
        await _bench.Hub.PushAsync("acme/tiny", ("a", "hello"), ("b", "world!"));
        await _bench.Hub.PushAsync("acme/other", ("a", "x"));
        File.Delete(HubBlob("hub", "hello"));
        RestoreResult result = await _bench.RestoreAsync(new RepoReference { RepoId = "acme/tiny", Optional = true },
            new RepoReference { RepoId = "acme/other" });
        Assert.Equal([false, true], result.Snapshots.Select(s => s.IsPresent));
        Assert.Equal((2, 7L), (result.FilesTransferred, result.BytesTransferred));
    }

    [Fact]
    public async Task A_file_shared_by_two_references_comes_from_either_hub()
    {
        await _bench.Hub.PushAsync("acme/tiny", ("a", "hello"));
        await _bench.Second.PushAsync("acme/other", ("b", "hello"));
        File.Delete(HubBlob("hub", "hello"));
        RestoreResult result = await _bench.RestoreAsync(new RepoReference { RepoId = "acme/tiny", Optional = true },
            new RepoReference { RepoId = "acme/other", Hubs = ["second"] });
        Assert.Equal(["a=hello", "b=hello"], result.Snapshots.Select(RestoreBench.Contents));
    }

    [Fact]
    public async Task A_reference_given_as_optional_and_as_required_is_required()
    {
        await _bench.Hub.PushAsync("acme/other", ("a", "x"));
        Assert.StartsWith("WISE2002", await _bench.FailureAsync(new RepoReference { RepoId = "acme/tiny", Optional = true },
            new RepoReference { RepoId = "acme/tiny" }), StringComparison.Ordinal);
    }

    public void Dispose() => _bench.Dispose();
}
