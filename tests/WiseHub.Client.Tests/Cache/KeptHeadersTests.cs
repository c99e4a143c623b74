using WiseHub.Client.Store;

namespace WiseHub.Client.Tests;

/// <summary>The facts of headers in a cache are no trees to whoever lists trees, and are removed with their commit.</summary>
public sealed class KeptHeadersTests : IDisposable
{
    private static readonly TimeSpan Day = TimeSpan.FromDays(1);

    private static readonly RepoReference Tiny = new() { RepoId = "acme/tiny" };

    private readonly RestoreBench _bench = new();

    public void Dispose() => _bench.Dispose();

    private HubClient Client(TimeSpan later = default) =>
        _bench.NewClient(o => o with { Time = new LaterTime(later), BootId = "a" });

    private Task<string> PushAsync() =>
        _bench.Hub.PushAsync("acme/tiny", "main", [("model.safetensors", HeaderSamples.TwoTensors)]);

    /// <summary>Looks at the weights of a commit, and takes none of its files.</summary>
    private async Task LookAsync()
    {
        using HubClient client = Client();
        RepoListing listing = await client.Repos.ListFilesAsync(Tiny);
        await client.Repos.ReadHeadersAsync(Tiny, listing.Commit, listing.Files);
    }

    private async Task<CacheRemoval> PruneAsync(TimeSpan later, CachePruneRequest? request = null)
    {
        using HubClient client = Client(later);
        return await client.Cache.PruneAsync(request);
    }

    private async Task<CacheReport> ListAsync()
    {
        using HubClient client = Client();
        return await client.Cache.ListAsync();
    }

    /// <summary>The extensions of the files of the hub: its marker, trees and facts.</summary>
    private string Files => string.Join(' ',
        Directory.GetFiles(Path.Combine(_bench.Cache, "hubs"), "*", SearchOption.AllDirectories)
            .Select(Path.GetExtension).Where(e => e is ".headers" or ".json").Order(StringComparer.Ordinal));

    private RepoStore Store()
    {
        using HubClient client = Client();
        using var store = new SnapshotStore(_bench.Cache);
        return store.ForHub(client.Config.Find("local"));
    }

    [Fact]
    public async Task Prune_removes_them_with_their_tree()
    {
        await PushAsync();
        await _bench.RestoreAsync(Tiny);
        Assert.Equal(".headers .json .json", Files);
        CacheRemoval removal = await PruneAsync(100 * Day, new CachePruneRequest { OlderThan = Day });
        // What is left is the marker of the store.
        Assert.Equal((1, ".json"), (removal.Commits.Count, Files));
        Assert.False(Directory.Exists(Store().RepoFolder(Tiny)));
    }

    [Fact]
    public async Task Rm_removes_them_with_their_tree()
    {
        await PushAsync();
        await _bench.RestoreAsync(Tiny);
        using HubClient client = Client(Day);
        await client.Cache.RemoveAsync(new CacheRemoveRequest { RepoId = "acme/tiny" });
        Assert.Equal(".json", Files);
    }

    [Fact]
    public async Task Prune_keeps_them_while_a_lock_file_names_their_commit()
    {
        await PushAsync();
        await _bench.RestoreAsync(Tiny);
        File.Delete(Store().TreePath(RepoType.Model, "acme/tiny", (await ListAsync()).Repos[0].Commits[0].Commit));
        await PruneAsync(100 * Day);
        Assert.Equal(".headers .json", Files);
    }

    [Fact]
    public async Task Prune_removes_those_of_a_commit_that_was_only_looked_at()
    {
        await PushAsync();
        await LookAsync();
        Assert.Equal(".headers .json", Files);
        await PruneAsync(default);
        Assert.Equal(".headers .json", Files);
        await PruneAsync(Day);
        Assert.Equal(".json", Files);
    }

    [Fact]
    public async Task A_commit_that_was_only_looked_at_is_not_listed()
    {
        await PushAsync();
        await LookAsync();
        Assert.Empty((await ListAsync()).Repos);
    }

    [Fact]
    public async Task Rm_does_not_find_a_commit_that_was_only_looked_at()
    {
        await PushAsync();
        await LookAsync();
        using HubClient client = Client();
        Assert.Equal("WISE3022: The cache has no files of acme/tiny. 'wisehub cache ls' lists its repos.",
            await _bench.FailureOfAsync(() => client.Cache.RemoveAsync(new CacheRemoveRequest { RepoId = "acme/tiny" })));
    }

    [Fact]
    public async Task Verify_finds_no_problem_in_them()
    {
        await PushAsync();
        await _bench.RestoreAsync(Tiny);
        using HubClient client = Client();
        Assert.Empty((await client.Cache.VerifyAsync()).Problems);
        Assert.Equal(".headers .json .json", Files);
    }

    [Fact]
    public async Task Digests_of_other_commits_are_found_beside_newer_facts()
    {
        await PushAsync();
        RepoStore store = Store();
        string tree = new('a', 40);
        var file = new TreeEntry("a", 5, new string('1', 40), Digest.Parse(RestoreBench.Sha256("hello")));
        store.WriteTree(RepoType.Model, "acme/tiny", tree, new TreeFile(tree, null, null, null, [file]));
        File.SetLastWriteTimeUtc(store.TreePath(RepoType.Model, "acme/tiny", tree), DateTime.UnixEpoch);
        foreach (char commit in "bcdef")
            store.WriteHeaders(RepoType.Model, "acme/tiny", new string(commit, 40), HeadersFile.ToBytes([]));
        Assert.Equal([file], store.FilesOfOtherCommits(RepoType.Model, "acme/tiny"));
    }

    [Fact]
    public void They_are_no_part_of_a_published_store() =>
        Assert.Null(StorePath.Parse($"models/acme/tiny/trees/{new string('a', 40)}.headers"));
}
