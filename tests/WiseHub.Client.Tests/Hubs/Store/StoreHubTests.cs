using System.Text;
using WiseHub.Testing;

namespace WiseHub.Client.Tests;

public sealed class StoreHubTests : IDisposable
{
    private static readonly string Hello = RestoreBench.Sha256("hello"), World = RestoreBench.Sha256("world!");

    private readonly RestoreBench _bench = new();

    private static string Blob(string sha256) => $"blobs/{sha256[..2]}/{sha256[2..]}";

    private static string Sorted(params string[] lines) => string.Join('\n', lines.Order(StringComparer.Ordinal));

    [Fact]
    public async Task A_push_creates_a_store_with_blobs_a_tree_and_a_ref()
    {
        string commit = await _bench.Hub.PushAsync("acme/tiny", ("sub/world.txt", "world!"), ("hello.txt", "hello"),
            ("again.txt", "hello"));
        Assert.Equal(
            Sorted($"{Blob(Hello)} 5", $"{Blob(World)} 6", "models/acme/tiny/.push.lock 0", "models/acme/tiny/refs/main 64",
                $"models/acme/tiny/trees/{commit}.json 406", "wisehub-store.json 14"),
            TempFolder.Tree(_bench.Hub.Folder));
        Assert.Equal("{\"version\":1}\n", File.ReadAllText(_bench.Temp["hub/wisehub-store.json"]));
        Assert.Equal(commit, File.ReadAllText(_bench.Temp["hub/models/acme/tiny/refs/main"]));
    }

    [Fact]
    public async Task The_commit_is_the_sha256_of_its_tree_file()
    {
        string commit = await _bench.Hub.PushAsync("acme/tiny", ("b", "world!"), ("a", "hello"));
        byte[] tree = File.ReadAllBytes(_bench.Temp[$"hub/models/acme/tiny/trees/{commit}.json"]);
        Assert.Equal(commit, RestoreBench.Sha256(tree));
        Assert.Equal(
            $$"""
            {"version":1,"message":"made by a test","time":"2026-11-20T10:00:00Z","files":[
            {"path":"a","size":5,"sha256":"{{Hello}}"},
            {"path":"b","size":6,"sha256":"{{World}}"}]}

            """.ReplaceLineEndings("\n"), Encoding.UTF8.GetString(tree));
    }

    [Fact]
    public async Task A_second_commit_names_its_parent_and_the_first_stays()
    {
        string first = await _bench.Hub.PushAsync("acme/tiny", ("a", "hello"));
        string second = await _bench.Hub.PushAsync("acme/tiny", ("a", "world!"));
        Assert.Contains($"\"parent\":\"{first}\"", File.ReadAllText(_bench.Temp[$"hub/models/acme/tiny/trees/{second}.json"]),
            StringComparison.Ordinal);
        RestoreResult result = await _bench.RestoreAsync(new RepoReference { RepoId = "acme/tiny", Revision = first },
            new RepoReference { RepoId = "acme/tiny" });
        Assert.Equal(["a=hello", "a=world!"], result.Snapshots.Select(RestoreBench.Contents));
    }

    [Fact]
    public async Task A_push_is_restored_into_the_cache()
    {
        string commit = await _bench.Hub.PushAsync("acme/tiny", ("sub/world.txt", "world!"), ("hello.txt", "hello"),
            ("again.txt", "hello"));
        RestoreResult result = await _bench.RestoreAsync(new RepoReference { RepoId = "acme/tiny" });
        Assert.Equal("again.txt=hello\nhello.txt=hello\nsub/world.txt=world!", RestoreBench.Contents(result.Snapshots[0]));
        Assert.Equal((commit, "local", true, 2, 11L, true),
            (result.Snapshots[0].Commit, result.Snapshots[0].Hub, result.Snapshots[0].IsPresent,
                result.FilesTransferred, result.BytesTransferred, result.LockFileChanged));
        Assert.Equal(
            Sorted($"{Blob(Hello)} 5", $"{Blob(World)} 6", "CACHEDIR.TAG 118", "gates/# 0",
                "hubs/local-#/models/acme/tiny/refs/HEAD 64",
                $"hubs/local-#/models/acme/tiny/trees/{commit}.json 425",
                "hubs/local-#/wisehub-store.json 36", "locks/# 0", "locks/# 0", "locks/store 0", "partial/", "roots/#",
                "unsynced/# 130", "wisehub-store.json 14"), _bench.CacheTree);
        Assert.Equal(
            $$"""
            {"version":1,"references":[
            {"repoType":"model","repoId":"acme/tiny","hub":"local","commit":"{{commit}}","selections":[{}],"files":[
            {"path":"again.txt","size":5,"sha256":"{{Hello}}"},
            {"path":"hello.txt","size":5,"sha256":"{{Hello}}"},
            {"path":"sub/world.txt","size":6,"sha256":"{{World}}"}]}]}

            """.ReplaceLineEndings("\n"), _bench.LockText);
        Assert.Equal(
            """
            info: Fetching 2 files, 11 B, from local …
            info: Fetched 2 files, 11 B, in # s; every byte was verified.
            """.ReplaceLineEndings("\n"), _bench.Log.Text);
    }

    [Fact]
    public async Task Blobs_have_the_mtime_of_their_digest_in_store_and_cache()
    {
        await _bench.Hub.PushAsync("acme/tiny", ("a", "hello"));
        await _bench.RestoreAsync(new RepoReference { RepoId = "acme/tiny" });
        DateTime expected = Store.BlobStore.MtimeOf(Digest.Parse(Hello));
        Assert.Equal((expected, expected),
            (File.GetLastWriteTimeUtc(_bench.BlobPath(Hello)), File.GetLastWriteTimeUtc(_bench.Temp["hub/" + Blob(Hello)])));
    }

    [Theory]
    [InlineData(RepoType.Dataset, "acme/data", "datasets/acme/data")]
    [InlineData(RepoType.Code, "acme/code", "codes/acme/code")]
    [InlineData(RepoType.Space, "acme/demo", "spaces/acme/demo")]
    [InlineData(RepoType.Model, "gpt2", "models/_/gpt2")]
    public async Task Each_repo_type_and_an_id_without_an_owner_has_its_own_folder(RepoType type, string id, string folder)
    {
        string commit = await _bench.Hub.PushAsync(id, "main", [("a", "hello"u8.ToArray())], type);
        Assert.Equal(commit, File.ReadAllText(_bench.Temp[$"hub/{folder}/refs/main"]));
        RestoreResult result = await _bench.RestoreAsync(new RepoReference { RepoId = id, RepoType = type });
        Assert.Equal("a=hello", RestoreBench.Contents(result.Snapshots[0]));
    }

    [Fact]
    public async Task A_revision_with_slashes_is_a_subfolder()
    {
        string commit = await _bench.Hub.PushAsync("acme/tiny", "refs/pr/1", ("a", "hello"));
        RestoreResult result = await _bench.RestoreAsync(new RepoReference { RepoId = "acme/tiny", Revision = "refs/pr/1" });
        Assert.Equal(commit, result.Snapshots[0].Commit);
    }

    [Fact]
    public async Task An_empty_file_is_restored()
    {
        await _bench.Hub.PushAsync("acme/tiny", ("empty", ""));
        RestoreResult result = await _bench.RestoreAsync(new RepoReference { RepoId = "acme/tiny" });
        Assert.Equal("empty=", RestoreBench.Contents(result.Snapshots[0]));
        Assert.NotNull(_bench.TryRestoreLocally(_bench.Request(new RepoReference { RepoId = "acme/tiny" })));
    }

    [Fact]
    public async Task A_file_of_many_buffers_is_pushed_and_restored_completely()
    {
        byte[] content = RandomBytes.Of((5 << 20) + 17);
        await _bench.Hub.PushAsync("acme/tiny", "main", [("big.bin", content)]);
        RestoreResult result = await _bench.RestoreAsync(new RepoReference { RepoId = "acme/tiny" });
        Assert.Equal(RestoreBench.Sha256(content), RestoreBench.Sha256(File.ReadAllBytes(result.Snapshots[0].Files[0].BlobPath)));
    }

    [Fact]
    public async Task Download_makes_a_folder_with_the_files_and_follows_a_moved_branch()
    {
        await _bench.Hub.PushAsync("acme/tiny", ("sub/a", "hello"));
        using HubClient client = _bench.NewClient();
        Snapshot first = await client.DownloadAsync(new RepoReference { RepoId = "acme/tiny" });
        await _bench.Hub.PushAsync("acme/tiny", ("sub/a", "world!"));
        Snapshot second = await client.DownloadAsync(new RepoReference { RepoId = "acme/tiny" });
        Assert.Equal(("sub/a 5", "sub/a 6"), (TempFolder.Tree(first.Directory!), TempFolder.Tree(second.Directory!)));
        Assert.Equal($"snapshots/{second.Commit}", Path.GetRelativePath(
            Path.GetDirectoryName(Path.GetDirectoryName(second.Directory))!, second.Directory!).Replace('\\', '/'));
    }

    [Fact]
    public async Task Two_selections_of_one_commit_have_separate_folders()
    {
        await _bench.Hub.PushAsync("acme/tiny", ("a", "hello"), ("b", "world!"));
        using HubClient client = _bench.NewClient();
        Snapshot a = await client.DownloadAsync(new RepoReference { RepoId = "acme/tiny", Files = new FileSelection(["a"], []) });
        Snapshot b = await client.DownloadAsync(new RepoReference { RepoId = "acme/tiny", Files = new FileSelection(["b"], []) });
        Assert.Equal(("a 5", "b 6"), (TempFolder.Tree(a.Directory!), TempFolder.Tree(b.Directory!)));
    }

    public void Dispose() => _bench.Dispose();
}
