namespace WiseHub.Client.Tests;

public sealed class LockedModeTests : IDisposable
{
    private readonly RestoreBench _bench = new();

    private static RepoReference Tiny(params string[] allow) =>
        new() { RepoId = "acme/tiny", Files = new FileSelection(allow, []) };

    private RestoreRequest Locked(params RepoReference[] references) => _bench.Request(references) with { Locked = true };

    private Task<string> PushAsync(string text = "hello") =>
        _bench.Hub.PushAsync("acme/tiny", ("a", text), ("b", "b of " + text));

    [Fact]
    public async Task Without_a_lock_file_the_error_gives_the_command_that_creates_it()
    {
        await PushAsync();
        Assert.Equal("WISE4005: Locked mode is on, but there is no <temp>/wise.lock.json. Build once with "
            + "-p:WiseLockedMode=false and commit the file.",
            await _bench.FailureAsync(Locked(Tiny())));
    }

    [Fact]
    public async Task A_project_without_references_needs_no_lock_file() =>
        Assert.Empty((await _bench.RestoreAsync(Locked())).Snapshots);

    [Fact]
    public async Task The_error_names_a_reference_without_a_lock_file_entry()
    {
        await PushAsync();
        await _bench.RestoreAsync(Tiny());
        string before = _bench.LockText;
        Assert.Equal(
            "WISE4003: model acme/tiny from local at v1: <temp>/wise.lock.json has no entry for it, and locked mode is on. "
            + "Build once with -p:WiseLockedMode=false and commit the lock file.",
            await _bench.FailureAsync(Locked(Tiny() with { Revision = "v1" })));
        Assert.Equal(before, _bench.LockText);
    }

    [Fact]
    public async Task The_error_for_changed_patterns_names_the_old_and_the_new_ones()
    {
        await PushAsync();
        await _bench.RestoreAsync(Tiny("a"));
        Assert.Equal(
            "WISE4004: model acme/tiny from local at the default branch: the lock file was made for a, but the project now "
            + "selects b, and locked mode is on. Build once with -p:WiseLockedMode=false and commit the lock file.",
            await _bench.FailureAsync(Locked(Tiny("b"))));
    }

    [Fact]
    public async Task Update_in_locked_mode_is_an_error()
    {
        await PushAsync();
        await _bench.RestoreAsync(Tiny());
        Assert.Equal(
            "WISE1017: WiseUpdate would rewrite the lock file, but locked mode is on. Run it on a developer's machine, "
            + "with WiseLockedMode=false, and commit the lock file.",
            await _bench.FailureAsync(Locked(Tiny()) with { Update = true }));
    }

    [Fact]
    public async Task The_locked_commit_is_restored_into_an_empty_cache_and_the_lock_file_not_written()
    {
        await PushAsync();
        await _bench.RestoreAsync(Tiny());
        await PushAsync("moved");
        Directory.Delete(_bench.Cache, recursive: true);
        DateTime written = File.GetLastWriteTimeUtc(_bench.LockFile);
        RestoreResult result = await _bench.RestoreAsync(Locked(Tiny()));
        Assert.Equal(("a=hello\nb=b of hello", false, written),
            (RestoreBench.Contents(result.Snapshots[0]), result.LockFileChanged, File.GetLastWriteTimeUtc(_bench.LockFile)));
    }

    [Fact]
    public async Task An_unused_entry_is_accepted()
    {
        await PushAsync();
        await _bench.Hub.PushAsync("acme/other", ("a", "x"));
        await _bench.RestoreAsync(Tiny(), new RepoReference { RepoId = "acme/other" });
        Assert.Single((await _bench.RestoreAsync(Locked(Tiny()))).Snapshots);
    }

    [Fact]
    public async Task An_unreadable_lock_file_is_an_error_and_is_not_changed()
    {
        await PushAsync();
        await File.WriteAllTextAsync(_bench.LockFile, "<<<<<<< HEAD");
        Assert.StartsWith("WISE4001: <temp>/wise.lock.json(1,1) is not valid JSON", await _bench.FailureAsync(Tiny()),
            StringComparison.Ordinal);
        Assert.Equal(("<<<<<<< HEAD", WiseCodes.LockUnreadable),
            (_bench.LockText, Assert.Throws<HubException>(() => _bench.TryRestoreLocally(_bench.Request(Tiny()))).Code));
    }

    [Fact]
    public async Task A_build_that_may_not_resolve_revisions_still_downloads_locked_files()
    {
        await PushAsync();
        RestoreRequest request = _bench.Request(Tiny()) with { MayResolve = false };
        Assert.Equal(
            "WISE4007: model acme/tiny from local at the default branch: <temp>/wise.lock.json has no entry for it, "
            + "and a --no-build publish resolves nothing. Build once without --no-build.",
            await _bench.FailureAsync(request));
        await _bench.RestoreAsync(Tiny());
        Directory.Delete(_bench.Cache, recursive: true);
        Assert.Equal(2, (await _bench.RestoreAsync(request)).FilesTransferred);
    }

    public void Dispose() => _bench.Dispose();
}
