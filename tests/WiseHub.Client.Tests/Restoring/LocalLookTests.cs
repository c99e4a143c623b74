using WiseHub.Testing;

namespace WiseHub.Client.Tests;

public sealed class LocalLookTests : IDisposable
{
    private static readonly RepoReference Tiny = new() { RepoId = "acme/tiny" };

    private readonly RestoreBench _bench = new();

    private string Blob(string text = "hello") => _bench.BlobPath(RestoreBench.Sha256(text));

    private async Task RestoredAsync()
    {
        await _bench.Hub.PushAsync("acme/tiny", ("a", "hello"), ("b", "world!"));
        await _bench.RestoreAsync(Tiny);
        _bench.Log.Clear();
    }

    private RestoreResult? Look() => _bench.TryRestoreLocally(_bench.Request(Tiny));

    [Fact]
    public async Task With_everything_cached_a_local_restore_returns_the_same_files()
    {
        await RestoredAsync();
        RestoreResult? result = Look();
        Assert.Equal(("a=hello\nb=world!", 0, 0L, false), (RestoreBench.Contents(result!.Snapshots[0]), result.FilesTransferred,
            result.BytesTransferred, result.LockFileChanged));
        Assert.Equal("", _bench.Log.Text);
    }

    [Fact]
    public async Task A_local_restore_needs_no_hub()
    {
        await RestoredAsync();
        Directory.Delete(_bench.Hub.Folder, recursive: true);
        Assert.NotNull(Look());
    }

    [Fact]
    public async Task A_local_restore_writes_nothing()
    {
        await RestoredAsync();
        string before = TempFolder.Tree(_bench.Temp.Path);
        Look();
        Assert.Equal(before, TempFolder.Tree(_bench.Temp.Path));
    }

    [Fact]
    public void A_local_restore_without_references_returns_no_snapshots() =>
        Assert.Empty(_bench.TryRestoreLocally(_bench.Request())!.Snapshots);

    [Theory]
    [InlineData(0)]
    [InlineData(128)]
    [InlineData(299)]
    public async Task A_local_restore_returns_null_when_one_of_many_files_is_missing(int missing)
    {
        (string Path, string Content)[] files = [.. Enumerable.Range(0, 300).Select(i => ($"{i:000}", $"content {i}"))];
        await _bench.Hub.PushAsync("acme/tiny", files);
        await _bench.RestoreAsync(Tiny);
        Assert.Equal(files.Select(f => f.Path), Look()!.Snapshots[0].Files.Select(f => f.Path));
        File.Delete(Blob(files[missing].Content));
        Assert.Null(Look());
    }

    [Fact]
    public async Task A_local_restore_returns_null_without_a_lock_file()
    {
        await RestoredAsync();
        File.Delete(_bench.LockFile);
        Assert.Null(Look());
    }

    [Fact]
    public async Task A_local_restore_returns_null_without_a_lock_file_entry()
    {
        await RestoredAsync();
        Assert.Null(_bench.TryRestoreLocally(_bench.Request(Tiny, new RepoReference { RepoId = "acme/other" })));
    }

    [Fact]
    public async Task A_local_restore_returns_null_for_another_selection()
    {
        await RestoredAsync();
        Assert.Null(_bench.TryRestoreLocally(
            _bench.Request(new RepoReference { RepoId = "acme/tiny", Files = new FileSelection(["a"], []) })));
    }

    [Fact]
    public async Task A_local_restore_returns_null_when_forced()
    {
        await RestoredAsync();
        Assert.Null(_bench.TryRestoreLocally(_bench.Request(Tiny) with { Force = true }));
    }

    [Fact]
    public async Task A_local_restore_returns_null_when_a_blob_is_missing()
    {
        await RestoredAsync();
        File.Delete(Blob());
        Assert.Null(Look());
    }

    [Fact]
    public async Task A_local_restore_returns_null_when_a_blob_has_another_mtime()
    {
        await RestoredAsync();
        File.SetLastWriteTimeUtc(Blob(), DateTime.UnixEpoch);
        Assert.Null(Look());
    }

    [Fact]
    public async Task A_local_restore_returns_null_when_a_blob_has_another_size()
    {
        await RestoredAsync();
        DateTime mtime = File.GetLastWriteTimeUtc(Blob());
        RestoreBench.Damage(Blob(), "hello and more");
        File.SetLastWriteTimeUtc(Blob(), mtime);
        Assert.Null(Look());
    }

    [Fact]
    public async Task An_intact_blob_with_another_mtime_is_hashed_and_not_transferred()
    {
        await RestoredAsync();
        File.SetLastWriteTimeUtc(Blob(), DateTime.UnixEpoch);
        Directory.Delete(_bench.Hub.Folder, recursive: true);
        Assert.Equal((0, ""), ((await _bench.RestoreAsync(Tiny)).FilesTransferred, _bench.Log.Text));
        Assert.NotNull(Look());
    }

    [Theory]
    [InlineData("HELLO")]
    [InlineData("hello and more")]
    [InlineData("")]
    public async Task A_damaged_blob_is_reported_and_replaced(string damage)
    {
        await RestoredAsync();
        RestoreBench.Damage(Blob(), damage);
        RestoreResult result = await _bench.RestoreAsync(Tiny);
        Assert.Equal(("a=hello\nb=world!", 1), (RestoreBench.Contents(result.Snapshots[0]), result.FilesTransferred));
        string sha256 = RestoreBench.Sha256("hello");
        Assert.Equal(
            "warning WISE3009: acme/tiny: 'a' was changed inside the cache "
            + $"(<temp>/cache/blobs/{sha256[..2]}/{sha256[2..]}); fetching it again.\n"
            + "info: Fetching 1 file, 5 B, from local …\n"
            + "info: Fetched 1 file, 5 B, in # s; every byte was verified.", _bench.Log.Text);
        Assert.NotNull(Look());
    }

    [Fact]
    public async Task A_blob_that_was_replaced_by_a_folder_is_an_error_with_a_code()
    {
        await RestoredAsync();
        File.Delete(Blob());
        Directory.CreateDirectory(Path.Combine(Blob(), "x"));
        Assert.StartsWith("WISE30", await _bench.FailureAsync(Tiny), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_forced_restore_fetches_and_replaces_every_file()
    {
        await RestoredAsync();
        DateTime mtime = File.GetLastWriteTimeUtc(Blob());
        RestoreBench.Damage(Blob(), "HELLO");
        File.SetLastWriteTimeUtc(Blob(), mtime);
        RestoreResult result = await _bench.RestoreAsync(_bench.Request(Tiny) with { Force = true });
        Assert.Equal(("a=hello\nb=world!", 2), (RestoreBench.Contents(result.Snapshots[0]), result.FilesTransferred));
    }

    [Fact]
    public async Task A_failed_forced_restore_keeps_the_existing_files()
    {
        await RestoredAsync();
        Directory.Delete(_bench.Temp["hub/blobs"], recursive: true);
        Assert.StartsWith("WISE2008", await _bench.FailureAsync(_bench.Request(Tiny) with { Force = true }),
            StringComparison.Ordinal);
        Assert.Equal("a=hello\nb=world!", RestoreBench.Contents(Look()!.Snapshots[0]));
    }

    [Fact]
    public async Task Verification_detects_damage_with_unchanged_size_and_mtime()
    {
        await RestoredAsync();
        DateTime mtime = File.GetLastWriteTimeUtc(Blob());
        RestoreBench.Damage(Blob(), "HELLO");
        File.SetLastWriteTimeUtc(Blob(), mtime);
        IReadOnlyList<string> damaged = await FilePlacer.FindDamagedAsync(
            [(Blob(), Digest.Parse(RestoreBench.Sha256("hello"))), (Blob("world!"), Digest.Parse(RestoreBench.Sha256("world!"))),
                (_bench.Temp["nosuch"], Digest.Parse(new string('0', 64)))]);
        Assert.Equal([Blob(), _bench.Temp["nosuch"]], damaged.Order(StringComparer.Ordinal));
    }

    public void Dispose() => _bench.Dispose();
}
