using WiseHub.Client.Context;
using WiseHub.Client.Store;
using WiseHub.Testing;

namespace WiseHub.Client.Tests;

public sealed class ConcurrencyTests : IDisposable
{
    private static readonly RepoReference Tiny = new() { RepoId = "acme/tiny" };

    private readonly RestoreBench _bench = new();

    private Task<string> PushAsync() => _bench.Hub.PushAsync("acme/tiny", ("a", "hello"), ("b", "world!"), ("c", "more"));

    [Fact]
    public async Task Several_clients_fetch_the_same_snapshot_once()
    {
        await PushAsync();
        RestoreResult[] results = await Task.WhenAll(Enumerable.Range(0, 6)
            .Select(_ => _bench.RestoreAsync(new RepoReference { RepoId = "acme/tiny" })));
        Assert.Equal((3, 1), (results.Sum(r => r.FilesTransferred), results.Count(r => r.LockFileChanged)));
        Assert.All(results, r => Assert.Equal("a=hello\nb=world!\nc=more", RestoreBench.Contents(r.Snapshots[0])));
        Assert.Equal(
            """
            info: Fetching 3 files, 15 B, from local …
            info: Fetched 3 files, 15 B, in # s; every byte was verified.
            """.ReplaceLineEndings("\n"), _bench.Log.Text);
    }

    [Fact]
    public async Task One_client_can_be_used_by_several_threads()
    {
        await PushAsync();
        using HubClient client = _bench.NewClient();
        RestoreResult[] results = await Task.WhenAll(Enumerable.Range(0, 6)
            .Select(_ => client.RestoreAsync(_bench.Request(new RepoReference { RepoId = "acme/tiny" }))));
        Assert.Equal(3, results.Sum(r => r.FilesTransferred));
    }

    [Fact]
    public async Task Two_clients_that_restore_two_repos_in_opposite_order_do_not_deadlock()
    {
        await PushAsync();
        await _bench.Hub.PushAsync("acme/other", ("a", "x"));
        await Task.WhenAll(Enumerable.Range(0, 6).Select(i =>
        {
            RepoReference one = new() { RepoId = "acme/tiny" }, other = new() { RepoId = "acme/other" };
            return i % 2 == 0 ? _bench.RestoreAsync(one, other) : _bench.RestoreAsync(other, one);
        })).WaitAsync(TimeSpan.FromMinutes(1));
    }

    [Fact]
    public async Task Waiting_for_another_process_is_logged_and_can_be_cancelled()
    {
        await PushAsync();
        await _bench.RestoreAsync(Tiny);
        _bench.Log.Clear();
        List<FileStream> held = [.. Directory.GetFiles(Path.Combine(_bench.Cache, "locks"))
            .Select(l => new FileStream(l, FileMode.Open, FileAccess.ReadWrite, FileShare.None))];
        using var cancel = new CancellationTokenSource();
        _bench.Log.OnLine = line => cancel.Cancel();
        using (HubClient client = _bench.NewClient(o => o with { Time = new SkippingTime() }))
            await Assert.ThrowsAnyAsync<OperationCanceledException>(
                () => client.RestoreAsync(_bench.Request(Tiny) with { Update = true }, cancel.Token));
        Assert.Equal("info: Waiting for another process that is working on <temp>/wise.lock.json …", _bench.Log.Text);
        held.ForEach(h => h.Dispose());
        _bench.Log.OnLine = null;
        Assert.Single((await _bench.RestoreAsync(Tiny)).Snapshots);
    }

    [Fact]
    public async Task Builds_that_share_a_lock_file_and_a_repo_resolve_a_branch_once()
    {
        await using HubBench bench = await HubBench.StartAsync();
        bench.Repo(("a", "hello"));
        RestoreBench project = bench.Project;
        // Another project of the solution has fetched the repo, and still holds it.
        using (HubClient other = bench.NewClient())
            await other.RestoreAsync(project.Request(HubBench.Reference()) with { LockFilePath = project.Temp["other.json"] });
        using var services = new ClientContext(new HubClientOptions
        {
            ConfigFile = project.Temp["wisehub.json"],
            CacheDirectory = project.Cache,
            Environment = TestEnvironment.With(("HF_ENDPOINT", bench.Hub.Endpoint.OriginalString)),
        });
        RepoStore repo = services.Store.ForHub(services.Config.Find("huggingface"));
        using FileLock? held = FileLock.TryShare(services.Store.LockPath("repo " + repo.RepoFolder(HubBench.Reference())));
        Assert.True(held?.IsHeld);
        bench.Hub.Requests.Clear();

        await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => bench.RestoreAsync())).WaitAsync(TimeSpan.FromMinutes(1));

        Assert.Equal("hub GET /api/models/acme/tiny/revision/main 200", bench.Requests);
    }

    [Fact]
    public async Task A_lock_left_by_a_dead_process_does_not_block()
    {
        await PushAsync();
        await _bench.RestoreAsync(Tiny);
        File.Delete(_bench.LockFile);
        Assert.NotEmpty(Directory.GetFiles(Path.Combine(_bench.Cache, "locks")));
        Assert.True((await _bench.RestoreAsync(Tiny)).LockFileChanged);
    }

    [Fact]
    public async Task A_cancelled_restore_leaves_no_partial_file_and_the_next_one_succeeds()
    {
        await PushAsync();
        using var cancel = new CancellationTokenSource();
        _bench.Log.OnLine = line => cancel.Cancel();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _bench.RestoreAsync(_bench.Request(Tiny), cancel.Token));
        Assert.Equal((false, false), (File.Exists(_bench.LockFile), Directory.Exists(Path.Combine(_bench.Cache, "blobs"))));
        Assert.Empty(Directory.GetFileSystemEntries(Path.Combine(_bench.Cache, "partial")));
        _bench.Log.OnLine = null;
        Assert.Equal("a=hello\nb=world!\nc=more", RestoreBench.Contents((await _bench.RestoreAsync(Tiny)).Snapshots[0]));
    }

    [Fact]
    public async Task A_restore_cancelled_before_it_began_writes_nothing()
    {
        await PushAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => _bench.RestoreAsync(_bench.Request(Tiny), new CancellationToken(canceled: true)));
        Assert.False(Directory.Exists(_bench.Cache));
    }

    public void Dispose() => _bench.Dispose();
}
