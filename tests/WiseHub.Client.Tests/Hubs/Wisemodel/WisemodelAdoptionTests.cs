namespace WiseHub.Client.Tests;

/// <summary>Files that Wisemodel's own tool has cached are not downloaded again.</summary>
public sealed class WisemodelAdoptionTests : IAsyncLifetime
{
    private const string Weights = "the weights", Config = "{\"a\":1}";

    private HubBench _bench = null!;

    public async ValueTask InitializeAsync()
    {
        _bench = await HubBench.StartWisemodelAsync();
        _bench.Repo(("sub/config.json", Config), ("model.bin", Weights));
    }

    public ValueTask DisposeAsync() => _bench.DisposeAsync();

    private string Put(string path, string text, string folder = "acme_tiny") =>
        _bench.Project.Temp.Write($"nobody/.cache/wisemodel/{folder}/{path}", text);

    private async Task<string> DownloadsAsync()
    {
        Assert.Equal($"model.bin={Weights}\nsub/config.json={Config}",
            RestoreBench.Contents((await _bench.RestoreAsync()).Snapshots[0]));
        return string.Join(' ', _bench.Hub.Requests.All.Where(r => r.Origin == "cdn").Select(r => r.Path.Split('/')[^1]));
    }

    [Theory]
    [InlineData("acme_tiny")]
    [InlineData("models_acme_tiny")]
    public async Task Files_in_the_cache_of_the_wisemodel_tool_are_not_downloaded(string folder)
    {
        string weights = Put("model.bin", Weights, folder);
        Put("sub/config.json", Config, folder);
        Assert.Equal("", await DownloadsAsync());
        Assert.Equal(
            """
            info: Found 2 files, 11 B, in the Wisemodel cache <temp>/nobody/.cache/wisemodel.
            info: Fetching 2 files, 11 B, from the Wisemodel cache …
            info: Fetched 2 files, 18 B, in # s; every byte was verified.
            """.ReplaceLineEndings("\n"), _bench.Project.Log.Text);
        // Copied or cloned: what is done to the one does nothing to the other.
        File.WriteAllText(weights, "changed");
        Assert.Equal(Weights, File.ReadAllText(_bench.Project.BlobPath(RestoreBench.Sha256(Weights))));
    }

    [Fact]
    public async Task A_file_of_another_commit_is_not_used()
    {
        Put("model.bin", "other text!");
        Put("sub/config.json", "{\"a\":2}");
        Assert.Equal("model.bin config.json", await DownloadsAsync());
        // It is the project's concern no more than any other file on the machine.
        Assert.DoesNotContain("warning", _bench.Project.Log.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Truncated_files_and_parts_of_a_download_are_not_used()
    {
        Put("model.bin", Weights[..4]);
        Put("model.bin.incomplete", Weights);
        Put("sub/config.json.part1", Config);
        Assert.Equal("model.bin config.json", await DownloadsAsync());
    }

    [Fact]
    public async Task A_forced_restore_fetches_from_the_hub()
    {
        Put("model.bin", Weights);
        using HubClient client = _bench.NewClient();
        await client.RestoreAsync(_bench.Project.Request(HubBench.Reference()) with { Force = true });
        Assert.Equal(2, _bench.Hub.Requests.All.Count(r => r.Origin == "cdn"));
    }

    [Fact]
    public async Task Adopted_files_are_found_offline()
    {
        Put("model.bin", Weights);
        Put("sub/config.json", Config);
        await _bench.RestoreAsync();
        Directory.Delete(Path.Combine(_bench.Project.Cache, "blobs"), recursive: true);
        using HubClient client = _bench.NewClient(o => o with { Offline = true });
        _bench.Hub.Requests.Clear();
        await client.RestoreAsync(_bench.Project.Request(
            HubBench.Reference()) with
        { References = [HubBench.Reference() with { Files = new FileSelection(["model.bin"], []) }], LockFilePath = null });
        Assert.Equal("", _bench.Requests);
    }
}
