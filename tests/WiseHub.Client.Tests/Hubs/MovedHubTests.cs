namespace WiseHub.Client.Tests;

/// <summary>Files known by their git id are not fetched again when the URL of their hub changes.</summary>
public sealed class MovedHubTests : IAsyncLifetime
{
    private HubBench _bench = null!;
    private HubBench _moved = null!;

    public async ValueTask InitializeAsync()
    {
        _bench = await HubBench.StartAsync();
        _moved = await HubBench.StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _bench.DisposeAsync();
        await _moved.DisposeAsync();
    }

    private static Dictionary<string, byte[]?> Files(int count, string text = "content") =>
        Enumerable.Range(0, count).ToDictionary(i => $"f{i:000}.txt",
            i => (byte[]?)System.Text.Encoding.UTF8.GetBytes($"{text} {i}"));

    // The same cache, another address, no lock file: nobody says what the digests are.
    private Task<RestoreResult> RestoreThereAsync(RepoReference? reference = null, bool force = false)
    {
        _bench.Project.SetEnvironment("HF_ENDPOINT", _moved.Hub.Endpoint.OriginalString);
        return _bench.RestoreAsync(
            _bench.Project.Request(reference ?? HubBench.Reference()) with { LockFilePath = null, Force = force });
    }

    private int Contents => _moved.Hub.Requests.All.Count(r => r.Path.Contains("/resolve/", StringComparison.Ordinal));

    [Fact]
    public async Task Unchanged_files_of_a_moved_hub_take_no_requests()
    {
        _bench.Hub.CreateRepo(HubBench.Id).Commit(Files(300));
        await _bench.RestoreAsync();
        string commit = _moved.Hub.CreateRepo(HubBench.Id).Commit(Files(300));
        RestoreResult result = await RestoreThereAsync();
        Assert.Equal((0, 300), (result.FilesTransferred, result.Snapshots[0].Files.Count));
        Assert.Equal("hub GET /api/models/acme/tiny/revision/main 200\nhub GET "
            + $"/api/models/acme/tiny/tree/{commit}?recursive=true&expand=false 200",
            string.Join('\n', _moved.Hub.Requests.All));
    }

    [Fact]
    public async Task Only_new_files_of_a_moved_hub_are_fetched()
    {
        _bench.Hub.CreateRepo(HubBench.Id).Commit(Files(3));
        await _bench.RestoreAsync();
        _moved.Hub.CreateRepo(HubBench.Id).Commit(new Dictionary<string, byte[]?>(Files(3)) { ["new.txt"] = "new"u8.ToArray() });
        Assert.Equal(1, (await RestoreThereAsync()).FilesTransferred);
        Assert.Equal(1, Contents);
    }

    [Fact]
    public async Task A_file_with_an_equal_git_id_at_another_path_or_repo_is_fetched()
    {
        _bench.Hub.CreateRepo(HubBench.Id).Commit(Files(2));
        await _bench.RestoreAsync();
        _moved.Hub.CreateRepo(HubBench.Id).Commit(new Dictionary<string, byte[]?> { ["renamed.txt"] = "content 0"u8.ToArray() });
        _moved.Hub.CreateRepo("acme/other").Commit(Files(2));
        await RestoreThereAsync();
        await RestoreThereAsync(HubBench.Reference("acme/other"));
        Assert.Equal(3, Contents);
    }

    [Fact]
    public async Task A_damaged_cached_file_is_fetched_from_the_moved_hub()
    {
        _bench.Hub.CreateRepo(HubBench.Id).Commit(Files(2));
        RestoreResult first = await _bench.RestoreAsync();
        RestoreBench.Damage(first.Snapshots[0].Files[0].BlobPath, "CONTENT 0");
        _moved.Hub.CreateRepo(HubBench.Id).Commit(Files(2));
        Assert.Equal("f000.txt=content 0\nf001.txt=content 1", RestoreBench.Contents((await RestoreThereAsync()).Snapshots[0]));
        Assert.Equal(1, Contents);
    }

    [Fact]
    public async Task A_forced_restore_fetches_from_the_hub()
    {
        _bench.Hub.CreateRepo(HubBench.Id).Commit(Files(2));
        await _bench.RestoreAsync();
        _moved.Hub.CreateRepo(HubBench.Id).Commit(Files(2));
        await RestoreThereAsync(force: true);
        Assert.Equal(2, Contents);
    }
}
