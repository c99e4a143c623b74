using WiseHub.Testing;

namespace WiseHub.Client.Tests;

public sealed class LockMergeTests : IDisposable
{
    private readonly RestoreBench _bench = new();

    private static readonly RepoReference Other = new() { RepoId = "acme/other" };

    private static RepoReference Tiny(params string[] allow) => new() { RepoId = "acme/tiny", Files = new FileSelection(allow, []) };

    private Task<string> PushAsync(string text = "hello") => _bench.Hub.PushAsync("acme/tiny", ("a", text), ("b", "b of " + text));

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
        Assert.Equal(("b=b of hello", 1, true), (RestoreBench.Contents(result.Snapshots[0]), result.FilesTransferred, result.LockFileChanged));
        LockEntry entry = Entry();
        Assert.Equal((first, "a b", "a b"), (entry.Commit, string.Join(' ', entry.Selections), string.Join(' ', entry.Files.Select(f => f.Path))));
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
            (RestoreBench.Contents(result.Snapshots[0]), result.LockFileChanged, entry.Commit, string.Join(' ', entry.Selections), string.Join(' ', entry.Files.Select(f => f.Path))));
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
        Assert.Equal(Enumerable.Range(0, 8).Select(i => $"acme/r{i}"), LockFile.Read(_bench.LockFile)!.Entries.Select(e => e.Key.RepoId));
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
        Assert.Equal("a=hello\nb=b of hello", RestoreBench.Contents(_bench.TryRestoreLocally(_bench.Request(Tiny()))!.Snapshots[0]));
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
