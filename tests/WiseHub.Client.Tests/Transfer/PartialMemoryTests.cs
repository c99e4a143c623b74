using WiseHub.Client.Store;
using WiseHub.Client.Transfer;
using WiseHub.Testing;

namespace WiseHub.Client.Tests;

public sealed class PartialMemoryTests : IDisposable
{
    private readonly TempFolder _temp = new();
    private readonly SnapshotStore _store;
    private readonly byte[] _content = RandomBytes.Of(5000);
    private readonly Digest _digest;

    public PartialMemoryTests()
    {
        _store = new SnapshotStore(_temp["cache"], bootId: "boot");
        _digest = Digest.Parse(RestoreBench.Sha256(_content));
        Directory.CreateDirectory(_store.PartialFolder);
    }

    public void Dispose()
    {
        _store.Dispose();
        _temp.Dispose();
    }

    private async Task<PartialBlob> OpenAsync(long? size, Digest? sha256) => await PartialBlob.OpenAsync(_store,
        new WantedBlob("acme/tiny a", size, sha256, null, []), SilentLog.Instance, TimeProvider.System,
        TestContext.Current.CancellationToken);

    private IEnumerable<string> Files() => Directory.EnumerateFiles(_store.PartialFolder).Select(f => Path.GetFileName(f)!);

    [Theory]
    [InlineData(0)]
    [InlineData(PartialBlob.BlockSize - 1)]
    public async Task A_small_blob_is_no_file_before_it_is_verified(int size)
    {
        using PartialBlob partial = await OpenAsync(size, null);
        partial.Write(0, new byte[size]);
        Assert.Equal([], Files());
    }

    [Theory]
    [InlineData(PartialBlob.BlockSize)]
    [InlineData(null)]
    public async Task A_large_blob_and_one_of_unknown_size_are_files_from_the_start(int? size)
    {
        using PartialBlob partial = await OpenAsync(size, null);
        Assert.Single(Files());
    }

    [Fact]
    public async Task A_verified_small_blob_is_in_the_store_with_its_time()
    {
        using PartialBlob partial = await OpenAsync(_content.Length, _digest);
        partial.Write(0, _content);
        partial.MoveInto(_store.Blobs, _digest, _content.Length);
        Assert.Equal(BlobState.Present, _store.Blobs.Look(_digest, _content.Length));
        Assert.Equal(_content, await File.ReadAllBytesAsync(
            _store.Blobs.PathOf(_digest), TestContext.Current.CancellationToken));
        Assert.Equal([], Files());
    }

    [Fact]
    public async Task Bytes_of_another_attempt_are_replaced()
    {
        using PartialBlob partial = await OpenAsync(_content.Length, _digest);
        partial.Write(0, RandomBytes.Of(9000, seed: 1));
        partial.Forget();
        partial.Write(0, _content);
        partial.ReadAll(_content.Length, bytes => Assert.Equal(_content, bytes));
        partial.MoveInto(_store.Blobs, _digest, _content.Length);
        Assert.True(_store.Blobs.Verify(_digest, _content.Length, always: true, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task On_a_full_disk_a_small_blob_is_an_error_and_leaves_nothing()
    {
        await using SmallDisk? disk = await SmallDisk.MountAsync("size=64k");
        Assert.SkipWhen(disk is null, "A file system cannot be mounted here.");
        using var store = new SnapshotStore(disk["cache"], bootId: "boot");
        Directory.CreateDirectory(store.PartialFolder);
        byte[] content = RandomBytes.Of(500_000);
        var blob = new WantedBlob("acme/tiny a", content.Length, null, null, []);
        using PartialBlob partial = await PartialBlob.OpenAsync(
            store, blob, SilentLog.Instance, TimeProvider.System, TestContext.Current.CancellationToken);
        partial.Write(0, content);
        HubException full = Assert.Throws<HubException>(
            () => partial.MoveInto(store.Blobs, Digest.Parse(RestoreBench.Sha256(content)), content.Length));
        Assert.Equal(WiseCodes.DiskFull, full.Code);
        Assert.Equal([], Directory.EnumerateFiles(store.PartialFolder));
    }
}
