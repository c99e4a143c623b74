using WiseHub.Testing;

namespace WiseHub.Client.Tests;

public sealed class LockMergeTests : IDisposable
{
    private readonly RestoreBench _bench = new();

    private static readonly RepoReference Other = new() { RepoId = "acme/other" };

    private static RepoReference Tiny(params string[] allow) =>
        new() { RepoId = "acme/tiny", Files = new FileSelection(allow, []) };

    private Task<string> PushAsync(string text = "hello") =>
        _bench.Hub.PushAsync("acme/tiny", ("a", text), ("b", "b of " + text));

    private LockEntry Entry(string id = "acme/tiny") => LockFile.Read(_bench.LockFile)!.Entries.Single(e => e.Key.RepoId == id);

    [Fact]
    public async Task A_moved_branch_stays_at_its_locked_commit()
    {
        string first = await PushAsync();
        await _bench.RestoreAsync(Tiny());
        await PushAsync("moved");
        RestoreResult result = await _bench.RestoreAsync(Tiny());
        Assert.Equal((first, false, 0), (result.Snapshots[0].Commit, result.LockFileChanged, result.FilesTransferred));
    }

    [Fact]
    public async Task Changed_patterns_keep_the_commit_and_extend_the_files()
    {
        string first = await PushAsync();
        await _bench.RestoreAsync(Tiny("a"));
        await PushAsync("moved");
        RestoreResult result = await _bench.RestoreAsync(Tiny("b"));
        Assert.Equal(("b=b of hello", 1, true),
            (RestoreBench.Contents(result.Snapshots[0]), result.FilesTransferred, result.LockFileChanged));
        LockEntry entry = Entry();
        Assert.Equal((first, "a b", "a b"),
            (entry.Commit, string.Join(' ', entry.Selections), string.Join(' ', entry.Files.Select(f => f.Path))));
    }

    [Fact]
    public async Task It_works_when_the_cache_with_the_file_list_is_gone()
    {
        await PushAsync();
        await _bench.RestoreAsync(Tiny("a"));
        await PushAsync("moved");
        Directory.Delete(_bench.Cache, recursive: true);
        Assert.Equal("b=b of hello", RestoreBench.Contents((await _bench.RestoreAsync(Tiny("b"))).Snapshots[0]));
    }

    [Fact]
    public async Task Update_moves_to_where_the_branch_is_now_and_forgets_old_selections()
    {
        await PushAsync();
        await _bench.RestoreAsync(Tiny("a"));
        await _bench.RestoreAsync(Tiny("b"));
        string second = await PushAsync("moved");
        RestoreResult result = await _bench.RestoreAsync(_bench.Request(Tiny("b")) with { Update = true });
        LockEntry entry = Entry();
        Assert.Equal(("b=b of moved", true, second, "b", "b"),
            (RestoreBench.Contents(result.Snapshots[0]), result.LockFileChanged, entry.Commit, string.Join(' ', entry.Selections),
                string.Join(' ', entry.Files.Select(f => f.Path))));
    }

    [Fact]
    public async Task Update_is_never_answered_locally()
    {
        await PushAsync();
        await _bench.RestoreAsync(Tiny());
        Assert.Null(_bench.TryRestoreLocally(_bench.Request(Tiny()) with { Update = true }));
    }

    [Fact]
    public async Task A_restore_never_removes_an_entry()
    {
        await PushAsync();
        await _bench.Hub.PushAsync("acme/other", ("a", "x"));
        await _bench.RestoreAsync(Tiny(), Other);
        string before = _bench.LockText;
        await _bench.RestoreAsync(Tiny());
        await _bench.RestoreAsync(_bench.Request(Tiny()) with { Update = true });
        Assert.Equal(before, _bench.LockText);
    }

    [Fact]
    public async Task An_update_that_sees_everything_removes_what_is_unused()
    {
        await PushAsync();
        await _bench.Hub.PushAsync("acme/other", ("a", "x"));
        await _bench.RestoreAsync(Tiny(), Other);
        await _bench.RestoreAsync(_bench.Request(Other) with { Update = true, RemoveUnused = true });
        Assert.Equal(["acme/other"], LockFile.Read(_bench.LockFile)!.Entries.Select(e => e.Key.RepoId));
    }

    [Fact]
    public async Task An_update_that_does_not_see_everything_keeps_what_it_does_not_use_and_says_so()
    {
        string first = await PushAsync();
        await _bench.Hub.PushAsync("acme/other", ("a", "x"));
        await _bench.RestoreAsync(Tiny(), Other);
        await PushAsync("moved");
        _bench.Log.Clear();
        await _bench.RestoreAsync(_bench.Request(Other) with { Update = true });
        Assert.Equal("info: <temp>/wise.lock.json keeps entries that are not used here: model acme/tiny from local at the "
            + $"default branch, commit {first}. Another configuration, target framework, runtime or project may use them. "
            + "'wisehub update --remove-unused' removes those that none of them uses.", _bench.Log.Text);
        Assert.Equal(first, (await _bench.RestoreAsync(Tiny(), Other)).Snapshots[0].Commit);
    }

    [Fact]
    public async Task What_is_removed_is_named_with_its_commit()
    {
        string commit = await PushAsync();
        await _bench.RestoreAsync(Tiny());
        _bench.Log.Clear();
        await _bench.RestoreAsync(_bench.Request() with { Update = true, RemoveUnused = true });
        Assert.Equal("info: Removed from <temp>/wise.lock.json, because nothing uses it: model acme/tiny from local at the "
            + $"default branch, commit {commit}.", _bench.Log.Text);
    }

    [Theory]
    [InlineData("local", "local;second")]
    [InlineData("local;second", "local")]
    public async Task Other_hubs_behind_the_first_one_do_not_move_the_commit(string before, string after)
    {
        string first = await PushAsync();
        await _bench.RestoreAsync(Tiny() with { Hubs = before.Split(';') });
        await PushAsync("moved");
        _bench.Log.Clear();
        RestoreResult result = await _bench.RestoreAsync(Tiny() with { Hubs = after.Split(';') });
        Assert.Equal((first, true), (result.Snapshots[0].Commit, result.LockFileChanged));
        Assert.Equal($"info: acme/tiny: its hubs changed from '{before}' in the lock file to '{after}'; "
            + $"it stays at commit {first}.", _bench.Log.Text);
        Assert.NotNull(_bench.TryRestoreLocally(_bench.Request(Tiny() with { Hubs = after.Split(';') })));
    }

    [Fact]
    public async Task A_reference_that_was_changed_is_resolved_and_the_commits_that_the_lock_file_has_are_told()
    {
        string first = await PushAsync();
        await _bench.RestoreAsync(Tiny());
        string second = await PushAsync("moved");
        _bench.Log.Clear();
        RestoreResult result = await _bench.RestoreAsync(Tiny() with { Revision = "main" });
        Assert.Equal(second, result.Snapshots[0].Commit);
        Assert.StartsWith("info: model acme/tiny from local at main: <temp>/wise.lock.json had no entry for it; "
            + $"resolved to commit {second}. Similar entries: model acme/tiny from local at the default branch, "
            + $"commit {first}.\n", _bench.Log.Text, StringComparison.Ordinal);
        Assert.Equal([first, second], LockFile.Read(_bench.LockFile)!.Entries.Select(e => e.Commit));
    }

    [Fact]
    public async Task A_default_hub_that_was_changed_is_told_as_well()
    {
        string first = await PushAsync(), other = await _bench.Second.PushAsync("acme/tiny", ("a", "of the second"));
        await _bench.RestoreAsync(Tiny());
        _bench.Configure("""
            {"defaultHub":"second","hubs":{"local":{"protocol":"store","path":"hub"},
             "second":{"protocol":"store","path":"second"}}}
            """);
        _bench.Log.Clear();
        await _bench.RestoreAsync(Tiny());
        Assert.StartsWith("info: model acme/tiny from second at the default branch: <temp>/wise.lock.json had no entry for it; "
            + $"resolved to commit {other}. Similar entries: model acme/tiny from local at the default "
            + $"branch, commit {first}.\n", _bench.Log.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task In_locked_mode_changed_hubs_are_an_error()
    {
        await PushAsync();
        await _bench.RestoreAsync(Tiny());
        Assert.StartsWith("WISE4003: model acme/tiny from local;second at the default branch: ",
            await _bench.FailureAsync(_bench.Request(Tiny() with { Hubs = ["local", "second"] }) with { Locked = true }),
            StringComparison.Ordinal);
    }

    private static string Folder(RestoreBench bench, string name) => Directory.CreateDirectory(bench.Temp[name]).FullName;

    [Fact]
    public async Task Of_several_projects_that_share_a_lock_file_the_entries_go_that_none_uses()
    {
        await PushAsync();
        await _bench.Hub.PushAsync("acme/other", ("a", "x"));
        await _bench.Hub.PushAsync("acme/third", ("a", "x"));
        await _bench.RestoreAsync(Tiny(), Other, new RepoReference { RepoId = "acme/third" });
        string folder = Folder(_bench, "use");
        using HubClient client = _bench.NewClient();
        client.NoteLockUse(folder, _bench.Temp["A/A.csproj"], _bench.LockFile, [Tiny()]);
        client.NoteLockUse(folder, _bench.Temp["B/B.csproj"], _bench.LockFile, [Tiny("a"), Other]);
        _bench.Log.Clear();

        await client.RemoveUnusedAsync(folder);

        Assert.Equal(["acme/other", "acme/tiny"], LockFile.Read(_bench.LockFile)!.Entries.Select(e => e.Key.RepoId));
        Assert.StartsWith("info: Removed from <temp>/wise.lock.json, because nothing uses it: model acme/third from local at "
            + "the default branch, commit ", _bench.Log.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("",
        "only <temp>/A/A.csproj was checked. It is in another folder, so other projects may use the lock file")]
    [InlineData("B.csproj", "the project <temp>/B.csproj beside it was not checked")]
    public async Task Nothing_is_removed_where_others_may_use_the_lock_file(string beside, string why)
    {
        await PushAsync();
        await _bench.RestoreAsync(Tiny());
        if (beside.Length > 0)
            _bench.Temp.Write(beside, "<Project />");
        string folder = Folder(_bench, "use"), before = _bench.LockText;
        using HubClient client = _bench.NewClient();
        client.NoteLockUse(folder, _bench.Temp["A/A.csproj"], _bench.LockFile, []);

        var e = await Assert.ThrowsAsync<HubException>(() => client.RemoveUnusedAsync(folder));

        Assert.Equal(($"WISE4010: Nothing was removed from <temp>/wise.lock.json: {why}. Name a solution with "
            + "all projects that use it.", before), (_bench.Show(e), _bench.LockText));
    }

    [Fact]
    public async Task The_last_reference_can_be_removed()
    {
        await PushAsync();
        await _bench.RestoreAsync(Tiny());
        await _bench.RestoreAsync(_bench.Request() with { Update = true, RemoveUnused = true });
        Assert.Equal("{\"version\":1,\"references\":[]}\n", _bench.LockText);
    }

    [Fact]
    public async Task Two_builds_that_add_different_references_at_once_both_arrive()
    {
        for (int i = 0; i < 8; i++)
            await _bench.Hub.PushAsync($"acme/r{i}", ("a", $"text {i}"));
        await Task.WhenAll(Enumerable.Range(0, 8).Select(i => _bench.RestoreAsync(new RepoReference { RepoId = $"acme/r{i}" })));
        Assert.Equal(Enumerable.Range(0, 8).Select(i => $"acme/r{i}"),
            LockFile.Read(_bench.LockFile)!.Entries.Select(e => e.Key.RepoId));
    }

    [Fact]
    public async Task Without_a_lock_file_path_none_is_written_and_the_branch_is_followed()
    {
        await PushAsync();
        RestoreRequest request = _bench.Request(Tiny()) with { LockFilePath = null };
        await _bench.RestoreAsync(request);
        string second = await PushAsync("moved");
        Assert.Equal((second, false), ((await _bench.RestoreAsync(request)).Snapshots[0].Commit, File.Exists(_bench.LockFile)));
    }

    [Fact]
    public async Task A_rollback_of_the_lock_file_brings_the_old_files_without_a_transfer()
    {
        await PushAsync();
        await _bench.RestoreAsync(Tiny());
        string old = _bench.LockText;
        await PushAsync("moved");
        await _bench.RestoreAsync(_bench.Request(Tiny()) with { Update = true });
        await File.WriteAllTextAsync(_bench.LockFile, old);
        Assert.Equal("a=hello\nb=b of hello",
            RestoreBench.Contents(_bench.TryRestoreLocally(_bench.Request(Tiny()))!.Snapshots[0]));
    }

    [Fact]
    public async Task The_lock_file_does_not_depend_on_the_order_of_references_or_on_the_machine()
    {
        await PushAsync();
        await _bench.Hub.PushAsync("acme/other", ("a", "x"));
        await _bench.RestoreAsync(Other, Tiny("b"), Tiny("a"));
        using var elsewhere = new RestoreBench();
        var copy = new StoreBuilder(elsewhere.Hub.Folder);
        await copy.PushAsync("acme/tiny", ("b", "b of hello"), ("a", "hello"));
        await copy.PushAsync("acme/other", ("a", "x"));
        await elsewhere.RestoreAsync(Tiny("a"), Tiny("b"), Other);
        Assert.Equal(_bench.LockText, elsewhere.LockText);
    }

    public void Dispose() => _bench.Dispose();
}
