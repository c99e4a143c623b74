using WiseHub.Client.Store;

namespace WiseHub.Client.Tests;

public sealed class OfflineTests : IDisposable
{
    private const string Remedy = " Build once online, or put the files into a store hub.";
    private const string Reason = "the network must not be used (WiseOffline, WISEHUB_OFFLINE or HF_HUB_OFFLINE), but ";

    private readonly RestoreBench _bench = new();

    // Port 9 of loopback: whoever asked it in spite of being offline would get another error.
    public OfflineTests()
    {
        _bench.Configure("""
            {"defaultHub":"hf","hubs":{"hf":{"protocol":"huggingface","endpoint":"http://127.0.0.1:9"},
             "local":{"protocol":"store","path":"hub"}}}
            """);
        _bench.SetEnvironment("WISEHUB_OFFLINE", "1");
    }

    private static RepoReference Tiny(params string[] hubs) => new() { RepoId = "acme/tiny", Revision = "main", Hubs = hubs };

    private RepoStore CacheOfHf()
    {
        using HubClient client = _bench.NewClient();
        using var store = new SnapshotStore(_bench.Cache);
        return store.ForHub(client.Config.Find("hf"));
    }

    private static readonly string Commit = new('c', 40);

    private void Lock() => File.WriteAllBytes(_bench.LockFile, LockFile.Empty.With(
        [new LockEntry(new LockKey(RepoType.Model, "acme/tiny", "hf", "main", null), Commit, [FileSelection.All],
            [new LockedFile("a", 5, Digest.Parse(RestoreBench.Sha256("hello"))),
                new LockedFile("b", 6, Digest.Parse(RestoreBench.Sha256("world!")))])]).ToBytes());

    private void PutIntoCache(string text)
    {
        string temporary = _bench.Temp.Write("blob", text);
        using var store = new SnapshotStore(_bench.Cache);
        store.Blobs.Ingest(temporary, Digest.Parse(RestoreBench.Sha256(text)));
    }

    [Theory]
    [InlineData("WISEHUB_OFFLINE")]
    [InlineData("HF_HUB_OFFLINE")]
    public async Task Each_offline_variable_disables_the_network(string variable)
    {
        _bench.SetEnvironment("WISEHUB_OFFLINE", "0");
        _bench.SetEnvironment(variable, "TRUE");
        Assert.Equal($"WISE2014: acme/tiny: {Reason}'main' was never resolved on 'hf' from this machine.{Remedy}",
            await _bench.FailureAsync(Tiny()));
    }

    [Fact]
    public async Task The_Offline_option_disables_the_network()
    {
        _bench.SetEnvironment("WISEHUB_OFFLINE", "no");
        using HubClient client = _bench.NewClient(o => o with { Offline = true });
        Assert.Equal(WiseCodes.OfflineAndMissing,
            (await Assert.ThrowsAsync<HubException>(() => client.RestoreAsync(_bench.Request(Tiny())))).Code);
    }

    [Fact]
    public async Task Offline_every_missing_file_is_named_with_its_digest_and_hub()
    {
        Lock();
        Assert.Equal(
            $"WISE2014: acme/tiny: {Reason}the cache lacks 'a' ({RestoreBench.Sha256("hello")}, last seen on 'hf'), "
            + $"'b' ({RestoreBench.Sha256("world!")}, last seen on 'hf').{Remedy}",
            await _bench.FailureAsync(Tiny()));
    }

    [Fact]
    public async Task Offline_only_missing_files_are_named()
    {
        Lock();
        PutIntoCache("hello");
        Assert.Equal($"WISE2014: acme/tiny: {Reason}the cache lacks 'b' ({RestoreBench.Sha256("world!")}, "
            + $"last seen on 'hf').{Remedy}", await _bench.FailureAsync(Tiny()));
    }

    [Fact]
    public async Task A_file_changed_in_the_cache_is_named_with_its_path_and_no_fetch_is_logged()
    {
        Lock();
        PutIntoCache("hello");
        PutIntoCache("world!");
        string sha256 = RestoreBench.Sha256("hello");
        RestoreBench.Damage(_bench.BlobPath(sha256), "edited");
        Assert.Equal($"WISE2014: acme/tiny: {Reason}the cache lacks 'a' ({sha256}, last seen on 'hf'; "
            + $"<temp>/cache/blobs/{sha256[..2]}/{sha256[2..]} was changed).{Remedy}", await _bench.FailureAsync(Tiny()));
        Assert.Equal("", _bench.Log.Text);
    }

    [Fact]
    public async Task Offline_a_complete_cache_is_enough()
    {
        Lock();
        PutIntoCache("hello");
        PutIntoCache("world!");
        Assert.Equal("a=hello\nb=world!", RestoreBench.Contents((await _bench.RestoreAsync(Tiny())).Snapshots[0]));
        Assert.NotNull(_bench.TryRestoreLocally(_bench.Request(Tiny())));
    }

    [Fact]
    public async Task Offline_without_a_lock_file_a_branch_is_at_its_last_seen_commit()
    {
        PutIntoCache("hello");
        CacheOfHf().WriteRef(RepoType.Model, "acme/tiny", "main", Commit);
        CacheOfHf().WriteTree(RepoType.Model, "acme/tiny", Commit,
            new TreeFile(Commit, null, null, null, [new TreeEntry("a", 5, null, Digest.Parse(RestoreBench.Sha256("hello")))]));
        Assert.Equal("a=hello", RestoreBench.Contents((await _bench.RestoreAsync(Tiny())).Snapshots[0]));
        Assert.Equal($"info: acme/tiny: offline, taking 'main' at {Commit} as last seen.", _bench.Log.Text);
    }

    [Fact]
    public async Task Offline_the_error_for_a_missing_file_list_names_its_commit()
    {
        Assert.Equal($"WISE2014: acme/tiny: {Reason}the file list of commit {Commit} is not in the cache <temp>/cache.{Remedy}",
            await _bench.FailureAsync(Tiny() with { Revision = Commit }));
    }

    [Fact]
    public async Task Offline_a_folder_hub_can_be_used()
    {
        await _bench.Hub.PushAsync("acme/tiny", ("a", "hello"));
        Assert.Equal("a=hello", RestoreBench.Contents((await _bench.RestoreAsync(Tiny("local"))).Snapshots[0]));
    }

    [Fact]
    public async Task Offline_a_folder_hub_provides_the_files_of_a_locked_commit()
    {
        await _bench.Hub.PushAsync("anybody/anything", ("x", "hello"), ("y", "world!"));
        File.WriteAllBytes(_bench.LockFile, LockFile.Empty.With(
            [new LockEntry(new LockKey(RepoType.Model, "acme/tiny", "hf;local", "main", null), Commit, [FileSelection.All],
                [new LockedFile("a", 5, Digest.Parse(RestoreBench.Sha256("hello")))])]).ToBytes());
        Assert.Equal("a=hello", RestoreBench.Contents((await _bench.RestoreAsync(Tiny("hf", "local"))).Snapshots[0]));
    }

    [Fact]
    public async Task Offline_a_missing_optional_reference_is_a_warning()
    {
        Lock();
        RestoreResult result = await _bench.RestoreAsync(Tiny() with { Optional = true });
        Assert.False(result.Snapshots[0].IsPresent);
        Assert.StartsWith("warning WISE2018: acme/tiny is optional and will be missing: acme/tiny: the network must not be used",
            _bench.Log.Text, StringComparison.Ordinal);
    }

    public void Dispose() => _bench.Dispose();
}
