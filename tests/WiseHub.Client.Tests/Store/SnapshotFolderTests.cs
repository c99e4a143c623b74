using WiseHub.Client.Store;
using WiseHub.Testing;

namespace WiseHub.Client.Tests;

/// <summary>The names of snapshot folders come from the patterns, and no text for people is in them.</summary>
public sealed class SnapshotFolderTests : IDisposable
{
    private readonly RestoreBench _bench = new();

    public void Dispose() => _bench.Dispose();

    private async Task<Snapshot> DownloadAsync(params string[] allow)
    {
        using HubClient client = _bench.NewClient();
        return await client.DownloadAsync(
            new RepoReference { RepoId = "acme/tiny", Files = new FileSelection(allow, []) },
            cancel: TestContext.Current.CancellationToken);
    }

    // These names are on the disks of users. A change makes every such snapshot anew.
    [Theory]
    [InlineData("", "", "")]
    [InlineData("a", "", "-fea450845b0a5d4f")]
    [InlineData("b;a", "c", "-456a9401e8a631b3")]
    public void The_name_ends_in_a_hash_of_the_patterns(string allow, string ignore, string ending)
    {
        string commit = new('c', 40);
        var reference = new RepoReference
        { RepoId = "acme/tiny", Files = new FileSelection(allow.Split(';'), ignore.Split(';')) };
        string folder = SnapshotStore.SnapshotFolder(new RepoStore(_bench.Temp.Path), reference, commit);
        Assert.Equal((commit + ending, commit),
            (Path.GetFileName(folder), SnapshotStore.CommitOfSnapshot(Path.GetFileName(folder))));
    }

    [Fact]
    public async Task Selections_whose_texts_are_equal_have_folders_of_their_own()
    {
        await _bench.Hub.PushAsync("acme/tiny", ("a", "1"), ("b", "2"), ("a;b", "3"));
        Snapshot two = await DownloadAsync("a", "b"), one = await DownloadAsync("a;b");
        Assert.Equal(two.Reference.Files.ToString(), one.Reference.Files.ToString());
        Assert.Equal(("a 1\nb 1", "a;b 1"), (TempFolder.Tree(two.Directory!), TempFolder.Tree(one.Directory!)));
    }

    [Fact]
    public async Task A_cache_of_an_earlier_version_goes_on_working_and_keeps_its_folders()
    {
        (string commit, _) = await PushAsync();
        Snapshot now = await DownloadAsync("a");
        string old = Path.Combine(Path.GetDirectoryName(now.Directory)!, $"{commit}-ca978112");
        Directory.Move(now.Directory!, old);
        using HubClient offline = _bench.NewClient(o => o with { Offline = true });
        Snapshot again = await offline.DownloadAsync(now.Reference, cancel: TestContext.Current.CancellationToken);
        Assert.Equal((now.Directory, "a 5", "a 5"),
            (again.Directory, TempFolder.Tree(again.Directory!), TempFolder.Tree(old)));
    }

    [Fact]
    public async Task Removing_a_commit_removes_the_folders_of_both_forms()
    {
        (string commit, _) = await PushAsync();
        Snapshot now = await DownloadAsync("a");
        string snapshots = Path.GetDirectoryName(now.Directory)!;
        Directory.CreateDirectory(Path.Combine(snapshots, $"{commit}-ca978112"));
        File.WriteAllText(Path.Combine(snapshots, $"{commit}-ca978112", "a"), "hello");
        using HubClient client = _bench.NewClient();
        await client.Cache.RemoveAsync(new CacheRemoveRequest { RepoId = "acme/tiny" }, TestContext.Current.CancellationToken);
        Assert.False(Directory.Exists(snapshots));
    }

    private async Task<(string Commit, string Path)> PushAsync()
    {
        await _bench.Hub.PushAsync("acme/tiny", ("a", "hello"));
        Snapshot all = await DownloadAsync();
        return (all.Commit!, all.Directory!);
    }
}
