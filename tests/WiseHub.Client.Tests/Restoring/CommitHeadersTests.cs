using WiseHub.Client.Store;
using WiseHub.Testing;

namespace WiseHub.Client.Tests;

/// <summary>The facts of weights: who keeps them, and that they are not requested again.</summary>
public sealed class CommitHeadersTests : IAsyncLifetime
{
    private const string Weights = "model.safetensors";

    private HubBench _bench = null!;

    public async ValueTask InitializeAsync() => _bench = await HubBench.StartAsync();

    public ValueTask DisposeAsync() => _bench.DisposeAsync();

    // Its weights make it larger than what is read of it on a hub, and its name and types are behind them.
    private static byte[] LargeOnnx => HeaderSamples.Model(new ProtobufBytes()
        .Message(5, HeaderSamples.Tensor(1, 9 << 18).Raw(9, new byte[9 << 20]))).Bytes;

    private string Push(params (string Path, byte[] Content)[] files)
    {
        TestRepo repo = _bench.Hub.CreateRepo(HubBench.Id);
        repo.Commit(files.ToDictionary(f => f.Path, f => (byte[]?)f.Content));
        return repo.Head();
    }

    private async Task<IReadOnlyDictionary<string, HeaderFacts>> ReadAsync(
        Func<HubClientOptions, HubClientOptions>? change = null)
    {
        using HubClient client = _bench.NewClient(change);
        RepoListing listing = await client.Repos.ListFilesAsync(HubBench.Reference());
        _bench.Hub.Requests.Clear();
        return await client.Repos.ReadHeadersAsync(HubBench.Reference(), listing.Commit, listing.Files);
    }

    /// <summary>The kept files, in all commits.</summary>
    private string[] Kept => Directory.Exists(_bench.Project.Cache)
        ? Directory.GetFiles(_bench.Project.Cache, "*.headers", SearchOption.AllDirectories) : [];

    private void RemoveContents() => Directory.Delete(Path.Combine(_bench.Project.Cache, "blobs"), recursive: true);

    [Fact]
    public async Task A_restore_keeps_the_facts_of_the_headers_that_it_checked()
    {
        string commit = Push((Weights, HeaderSamples.TwoTensors), ("m.gguf", HeaderSamples.Llama),
            ("config.json", "{}"u8.ToArray()));
        await _bench.RestoreAsync();
        Assert.Equal($"{commit}.headers", Path.GetFileName(Kept.Single()));
        Assert.Equal(["m.gguf", Weights], HeadersFile.Parse(await File.ReadAllBytesAsync(Kept[0]), "").Keys);
    }

    [Fact]
    public async Task After_a_restore_nothing_is_requested()
    {
        Push((Weights, HeaderSamples.TwoTensors));
        await _bench.RestoreAsync();
        RemoveContents();
        Assert.Equal(9, (await ReadAsync())[Weights].Parameters);
        Assert.Equal("", _bench.Requests);
    }

    [Fact]
    public async Task What_was_requested_once_is_kept()
    {
        Push((Weights, HeaderSamples.TwoTensors));
        await ReadAsync();
        Assert.NotEqual("", _bench.Requests);
        Assert.Equal(9, (await ReadAsync())[Weights].Parameters);
        Assert.Equal("", _bench.Requests);
    }

    [Fact]
    public async Task Facts_of_more_files_join_those_that_are_kept()
    {
        string commit = Push((Weights, HeaderSamples.TwoTensors), ("m.gguf", HeaderSamples.Llama));
        using HubClient client = _bench.NewClient();
        RepoListing listing = await client.Repos.ListFilesAsync(HubBench.Reference());
        foreach (TreeEntry file in listing.Files)
            await client.Repos.ReadHeadersAsync(HubBench.Reference(), commit, [file]);
        Assert.Equal(["m.gguf", Weights], HeadersFile.Parse(await File.ReadAllBytesAsync(Kept.Single()), "").Keys);
    }

    [Fact]
    public async Task Offline_what_is_kept_is_told()
    {
        string commit = Push((Weights, HeaderSamples.TwoTensors));
        await ReadAsync();
        using HubClient offline = _bench.NewClient(o => o with { Offline = true });
        Assert.Equal(9, (await offline.Repos.ReadHeadersAsync(
            HubBench.Reference(), commit, [new TreeEntry(Weights, null, null, null)]))[Weights].Parameters);
    }

    [Fact]
    public async Task Offline_what_is_not_kept_is_an_error()
    {
        using HubClient offline = _bench.NewClient(o => o with { Offline = true });
        Assert.Equal(WiseCodes.OfflineAndMissing, (await Assert.ThrowsAsync<HubException>(() => offline.Repos.ReadHeadersAsync(
            HubBench.Reference(), new string('c', 40), [new TreeEntry(Weights, null, null, null)]))).Code);
    }

    [Fact]
    public async Task A_content_in_the_cache_is_read_whole_and_without_a_request()
    {
        Push(("m.onnx", LargeOnnx));
        using (HubClient client = _bench.NewClient())
            await client.DownloadAsync(HubBench.Reference());
        HeaderFacts facts = (await ReadAsync())["m.onnx"];
        Assert.Equal((true, 9L << 18, "FLOAT", ""), (facts.IsComplete, facts.Parameters, facts.Types[0].Type, _bench.Requests));
    }

    [Fact]
    public async Task Of_a_large_ONNX_model_on_a_hub_the_beginning_is_told_and_not_kept()
    {
        Push(("m.onnx", LargeOnnx));
        HeaderFacts facts = (await ReadAsync())["m.onnx"];
        Assert.Equal((false, null, "pytorch 2.1"), (facts.IsComplete, facts.Parameters, facts.Producer));
        Assert.Empty(Kept);
    }

    [Fact]
    public async Task A_false_header_in_the_cache_is_told_as_one_on_a_hub()
    {
        Push((Weights, [.. HeaderSamples.TwoTensors, 0]));
        using (HubClient client = _bench.NewClient())
            await client.DownloadAsync(HubBench.Reference());
        Assert.Equal(9, (await ReadAsync())[Weights].Parameters);
    }

    [Fact]
    public async Task A_file_whose_name_tells_no_format_is_left_out()
    {
        Push(("model.bin", HeaderSamples.Llama));
        await _bench.RestoreAsync();
        Assert.Empty(await ReadAsync());
        Assert.Empty(Kept);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{\"version\":1,\"files\":[{\"path\":\"model.safe")]
    [InlineData("{\"version\":2,\"files\":[]}")]
    public async Task A_damaged_file_is_replaced(string damaged)
    {
        Push((Weights, HeaderSamples.TwoTensors));
        await ReadAsync();
        byte[] before = await File.ReadAllBytesAsync(Kept.Single());
        await File.WriteAllTextAsync(Kept[0], damaged);
        Assert.Equal(9, (await ReadAsync())[Weights].Parameters);
        Assert.Equal(before, await File.ReadAllBytesAsync(Kept.Single()));
        Assert.Contains(
            "The headers are read again, and the file is replaced.", _bench.Project.Log.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_restore_replaces_facts_that_are_not_those_of_the_verified_bytes()
    {
        Push((Weights, HeaderSamples.TwoTensors));
        await ReadAsync();
        byte[] before = await File.ReadAllBytesAsync(Kept.Single());
        await File.WriteAllBytesAsync(Kept[0], HeadersFile.ToBytes(
            [KeyValuePair.Create(Weights, new HeaderFacts { Format = HeaderFacts.Safetensors, Parameters = 1 })]));
        await _bench.RestoreAsync();
        Assert.Equal(before, await File.ReadAllBytesAsync(Kept.Single()));
    }

    [Fact]
    public async Task A_restore_that_learns_nothing_does_not_write()
    {
        Push((Weights, HeaderSamples.TwoTensors));
        await _bench.RestoreAsync();
        File.SetLastWriteTimeUtc(Kept.Single(), DateTime.UnixEpoch);
        Directory.Delete(Path.Combine(_bench.Project.Cache, "gates"), recursive: true);
        await _bench.RestoreAsync();
        Assert.Equal(DateTime.UnixEpoch, File.GetLastWriteTimeUtc(Kept.Single()));
    }

    [Fact]
    public async Task A_build_without_changes_does_not_look_for_facts()
    {
        Push((Weights, HeaderSamples.TwoTensors));
        await _bench.RestoreAsync();
        File.Delete(Kept.Single());
        await _bench.RestoreAsync(_bench.Project.Request(HubBench.Reference()) with { LookFirst = true });
        Assert.Empty(Kept);
    }

    [Fact]
    public async Task Where_there_can_be_no_cache_the_facts_are_told_all_the_same()
    {
        Push((Weights, HeaderSamples.TwoTensors));
        _bench.Project.Temp.Write("file", "x");
        string nowhere = _bench.Project.Temp["file/cache"];
        Assert.Equal(9, (await ReadAsync(o => o with { CacheDirectory = nowhere }))[Weights].Parameters);
        Assert.Contains("acme/tiny: the headers of commit ", _bench.Project.Log.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_read_only_cache_is_read_and_keeps_nothing_more()
    {
        await using SmallDisk? disk = await SmallDisk.MountAsync("size=4m");
        Assert.SkipWhen(disk is null, "Only root mounts a disk.");
        string commit = Push((Weights, HeaderSamples.TwoTensors), ("m.gguf", HeaderSamples.Llama));
        using HubClient client = _bench.NewClient(o => o with { CacheDirectory = disk.Path });
        TreeEntry[] files = [new(Weights, null, null, null), new("m.gguf", null, null, null)];
        await client.Repos.ReadHeadersAsync(HubBench.Reference(), commit, files[..1]);
        await disk.RemountAsync("ro");
        string before = TempFolder.Tree(disk.Path);
        IReadOnlyDictionary<string, HeaderFacts> facts =
            await client.Repos.ReadHeadersAsync(HubBench.Reference(), commit, files);
        Assert.Equal((9, 519, before), (facts[Weights].Parameters, facts["m.gguf"].Parameters, TempFolder.Tree(disk.Path)));
    }

    [Theory]
    [InlineData("main")]
    [InlineData("../../x")]
    public async Task What_is_no_commit_is_refused(string commit)
    {
        using HubClient client = _bench.NewClient();
        await Assert.ThrowsAsync<ArgumentException>(() => client.Repos.ReadHeadersAsync(HubBench.Reference(), commit, []));
    }
}
