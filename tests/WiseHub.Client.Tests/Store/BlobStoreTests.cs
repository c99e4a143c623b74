using WiseHub.Client.Store;
using WiseHub.Testing;

namespace WiseHub.Client.Tests;

public sealed class BlobStoreTests : IDisposable
{
    private static readonly Digest None = Digest.Parse(new string('0', 64)), Last = Digest.Parse(new string('f', 64));

    private readonly TempFolder _temp = new();
    private readonly byte[] _content = RandomBytes.Of(200_000);
    private readonly Digest _digest;
    private readonly BlobStore _store;

    public BlobStoreTests()
    {
        _digest = Digest.Parse(RestoreBench.Sha256(_content));
        _store = new BlobStore(_temp["blobs"]);
    }

    public void Dispose() => _temp.Dispose();

    private string Blob => _store.PathOf(_digest);

    private void Add() => _store.Add(new MemoryStream(_content), _digest, TestContext.Current.CancellationToken);

    private static CancellationToken Cancelled => new(canceled: true);

    [Fact]
    public void The_time_of_a_blob_lies_in_the_17_years_after_2000()
    {
        Assert.Equal(new DateTime(2000, 1, 1, 0, 0, 0, DateTimeKind.Utc), BlobStore.MtimeOf(None));
        Assert.Equal(new DateTime(2017, 1, 4, 18, 48, 30, DateTimeKind.Utc), BlobStore.MtimeOf(Last));
    }

    [Fact]
    public void Only_a_time_of_that_range_is_one_of_a_blob()
    {
        DateTime first = BlobStore.MtimeOf(None), last = BlobStore.MtimeOf(Last);
        Assert.Equal((true, true, false, false), (BlobStore.IsMtimeOfBlob(first), BlobStore.IsMtimeOfBlob(last),
            BlobStore.IsMtimeOfBlob(first.AddTicks(-1)), BlobStore.IsMtimeOfBlob(last.AddSeconds(2))));
    }

    [Fact]
    public void A_path_in_the_store_is_made_of_the_digest_and_read_back()
    {
        string path = BlobStore.RelativePath(Last);
        Assert.Equal("blobs/ff/" + new string('f', 62), path);
        Assert.Equal(Last, BlobStore.DigestOf(path));
    }

    [Theory]
    [InlineData("blobs/ff/{62}")]
    [InlineData("blobs/f/{63}")]
    [InlineData("blobs/FF/{62}")]
    [InlineData("other/ff/{62}")]
    [InlineData("blobs/{64}")]
    public void Any_other_path_has_no_digest(string form)
    {
        string path = form.Replace("{62}", form.Contains("blobs/ff", StringComparison.Ordinal)
            ? new string('f', 61) : new string('f', 62), StringComparison.Ordinal)
            .Replace("{63}", new string('f', 63), StringComparison.Ordinal)
            .Replace("{64}", new string('f', 64), StringComparison.Ordinal);
        Assert.Null(BlobStore.DigestOf(path));
    }

    [Fact]
    public void A_stream_is_stored_once_with_its_digest_and_size()
    {
        Assert.Equal((_digest, _content.LongLength),
            _store.Add(new MemoryStream(_content), only: null, TestContext.Current.CancellationToken));
        Assert.Equal(_content, File.ReadAllBytes(Blob));
        Assert.Equal(BlobStore.MtimeOf(_digest), File.GetLastWriteTimeUtc(Blob));
        Add();
        Assert.Equal($"{_digest.Hex[..2]}/{_digest.Hex[2..]} 200000", TempFolder.Tree(_temp["blobs"]));
    }

    [Fact]
    public void A_stream_with_another_digest_is_not_kept()
    {
        Assert.Equal(_digest, _store.Add(new MemoryStream(_content), Last, TestContext.Current.CancellationToken).Digest);
        Assert.Equal("", TempFolder.Tree(_temp["blobs"]).TrimEnd('/'));
    }

    [Fact]
    public void A_copied_file_reports_every_byte_that_it_read()
    {
        string file = _temp.Write("file", _content);
        long read = 0;
        Assert.Equal(_digest, _store.Add(file, _digest, n => read += n, TestContext.Current.CancellationToken));
        Assert.Equal((200_000, true), (read, _store.Verify(_digest, 200_000)));
        // The second goes the way that the first one found.
        File.Delete(Blob);
        Assert.Equal(_digest, _store.Add(file, _digest, n => read += n, TestContext.Current.CancellationToken));
        Assert.Equal((400_000, true), (read, _store.Verify(_digest, 200_000)));
    }

    [Fact]
    public void A_cancelled_copy_leaves_nothing()
    {
        string file = _temp.Write("file", _content);
        Assert.ThrowsAny<OperationCanceledException>(() => _store.Add(file, _digest, null, Cancelled));
        Assert.ThrowsAny<OperationCanceledException>(() => _store.Add(new MemoryStream(_content), null, Cancelled));
        Assert.Equal("", TempFolder.Tree(_temp["blobs"]).TrimEnd('/'));
    }

    [Fact]
    public async Task A_file_that_a_callback_writes_is_stored()
    {
        (Digest digest, long size) = await _store.AddAsync(path => File.WriteAllBytesAsync(path, _content),
            TestContext.Current.CancellationToken);
        Assert.Equal((_digest, 200_000), (digest, size));
        Assert.Equal($"{_digest.Hex[..2]}/{_digest.Hex[2..]} 200000", TempFolder.Tree(_temp["blobs"]));
    }

    [Fact]
    public async Task A_callback_that_fails_leaves_no_file()
    {
        await Assert.ThrowsAsync<InvalidDataException>(() => _store.AddAsync(async path =>
        {
            await File.WriteAllTextAsync(path, "half");
            throw new InvalidDataException();
        }, TestContext.Current.CancellationToken));
        Assert.Equal("", TempFolder.Tree(_temp["blobs"]).TrimEnd('/'));
    }

    [Fact]
    public void A_blob_is_missing_present_or_touched()
    {
        Assert.Equal(BlobState.Missing, _store.Look(_digest, 200_000));
        Add();
        Assert.Equal(BlobState.Present, _store.Look(_digest, 200_000));
        Assert.Equal(BlobState.Touched, _store.Look(_digest, 200_001));
        File.SetLastWriteTimeUtc(Blob, DateTime.UtcNow);
        Assert.Equal(BlobState.Touched, _store.Look(_digest, 200_000));
    }

    [Fact]
    public void A_touched_blob_with_the_right_bytes_is_marked_as_verified_again()
    {
        Add();
        File.SetLastWriteTimeUtc(Blob, DateTime.UtcNow);
        Assert.True(_store.Verify(_digest, 200_000));
        Assert.Equal(BlobState.Present, _store.Look(_digest, 200_000));
    }

    [Fact]
    public void A_blob_that_looks_right_is_hashed_only_on_request()
    {
        Add();
        byte[] other = RandomBytes.Of(200_000, seed: 2);
        File.WriteAllBytes(Blob, other);
        File.SetLastWriteTimeUtc(Blob, BlobStore.MtimeOf(_digest));
        Assert.True(_store.Verify(_digest, 200_000));
        Assert.False(_store.Verify(_digest, 200_000, always: true));
        Assert.Equal(other, File.ReadAllBytes(Blob));
    }

    [Fact]
    public void A_verification_can_be_cancelled()
    {
        Add();
        Assert.ThrowsAny<OperationCanceledException>(() => _store.Verify(_digest, 200_000, always: true, Cancelled));
        Assert.ThrowsAny<OperationCanceledException>(() => _store.VerifyContent(_digest, null, Cancelled));
    }

    [Fact]
    public void The_verification_of_a_content_reports_the_bytes_read_and_marks_the_blob()
    {
        Add();
        File.SetLastWriteTimeUtc(Blob, DateTime.UtcNow);
        long read = 0;
        Assert.True(_store.VerifyContent(_digest, n => read += n, TestContext.Current.CancellationToken));
        Assert.Equal((200_000, BlobState.Present), (read, _store.Look(_digest, 200_000)));
        File.AppendAllText(Blob, "x");
        Assert.False(_store.VerifyContent(_digest, null, TestContext.Current.CancellationToken));
    }

    [Fact]
    public void A_doubted_blob_looks_touched_once()
    {
        Assert.False(_store.Doubt(new FileInfo(Blob), _digest));
        Add();
        Assert.True(_store.Doubt(new FileInfo(Blob), _digest));
        Assert.Equal(BlobState.Touched, _store.Look(_digest, 200_000));
        Assert.False(BlobStore.IsMtimeOfBlob(File.GetLastWriteTimeUtc(Blob)));
        Assert.False(_store.Doubt(new FileInfo(Blob), _digest));
    }

    [Fact]
    public void A_damaged_blob_is_doubted_in_its_hard_links_when_it_is_removed()
    {
        Add();
        string link = _temp["link"];
        new FilePlacer(new RecordingLog()).Place(Blob, link, LinkMode.Hardlink);
        _store.Remove(_digest, isWrong: true);
        Assert.Equal((false, false), (File.Exists(Blob), BlobStore.IsMtimeOfBlob(File.GetLastWriteTimeUtc(link))));
    }

    [Fact]
    public void A_removed_blob_keeps_the_time_of_its_hard_links()
    {
        Add();
        string link = _temp["link"];
        new FilePlacer(new RecordingLog()).Place(Blob, link, LinkMode.Hardlink);
        _store.Remove(_digest);
        Assert.Equal((false, BlobStore.MtimeOf(_digest)), (File.Exists(Blob), File.GetLastWriteTimeUtc(link)));
    }

    [Fact]
    public void Only_files_with_the_name_of_a_blob_are_listed()
    {
        Assert.Empty(_store.All());
        Add();
        _temp.Write("blobs/x", "x");
        _temp.Write("blobs/ab/short", "x");
        _temp.Write("blobs/abc/" + new string('a', 61), "x");
        _temp.Write("blobs/AB/" + new string('a', 62), "x");
        Assert.Equal([(_digest, Blob)], _store.All().Select(b => (b.Digest, b.File.FullName)));
    }

    [Fact]
    [Needs(Need.SymbolicLinks)]
    public void A_folder_of_the_store_that_is_a_link_is_not_listed()
    {
        Add();
        _temp.Write("other/" + new string('a', 62), "x");
        Directory.CreateSymbolicLink(_temp["blobs/ab"], _temp["other"]);
        Assert.Equal([_digest], _store.All().Select(b => b.Digest));
    }

    [Fact]
    public void Where_times_cannot_be_set_a_blob_is_touched_in_a_published_store_and_recorded_in_a_cache()
    {
        int calls = 0;
        void Refuse(string path, DateTime time)
        {
            calls++;
            throw new UnauthorizedAccessException();
        }
        var published = new BlobStore(_temp["published/blobs"], setTime: Refuse);
        published.Add(new MemoryStream(_content), null, TestContext.Current.CancellationToken);
        Assert.Equal((BlobState.Touched, 1), (published.Look(_digest, 200_000), calls));
        Assert.Equal("", TempFolder.Tree(_temp["published/times"]));

        using var unsynced = new UnsyncedBlobs(_temp["cache"], bootId: null, new RecordingLog());
        var cache = new BlobStore(_temp["cache/blobs"], unsynced, setTime: Refuse);
        cache.Add(new MemoryStream(_content), null, TestContext.Current.CancellationToken);
        Assert.Equal(BlobState.Present, cache.Look(_digest, 200_000));
        Assert.StartsWith($"{_digest.Hex[..2]}/", TempFolder.Tree(_temp["cache/times"]), StringComparison.Ordinal);
        cache.Remove(_digest);
        Assert.Equal("", TempFolder.Tree(_temp["cache/times"]).Split('/')[^1]);
    }

    [Fact]
    public void A_file_system_that_stores_another_time_is_asked_only_once()
    {
        int calls = 0;
        var store = new BlobStore(_temp["other/blobs"], setTime: (_, _) => calls++);
        foreach (int seed in (int[])[1, 2, 3])
            store.Add(new MemoryStream(RandomBytes.Of(100, seed)), null, TestContext.Current.CancellationToken);
        Assert.Equal(1, calls);
    }

    [Fact]
    public void A_time_that_cannot_be_set_because_the_file_is_gone_is_a_failure()
    {
        var store = new BlobStore(_temp["gone/blobs"], setTime: (path, _) => throw new FileNotFoundException(null, path));
        Assert.Throws<FileNotFoundException>(
            () => store.Add(new MemoryStream(_content), null, TestContext.Current.CancellationToken));
    }

    [Fact]
    public void Bytes_that_are_ingested_are_a_blob_like_any_other()
    {
        _store.Ingest(_temp["new"], _content, _digest);
        Assert.Equal((BlobState.Present, BlobStore.MtimeOf(_digest)),
            (_store.Look(_digest, _content.Length), File.GetLastWriteTimeUtc(Blob)));
        Assert.Equal(_content, File.ReadAllBytes(Blob));
        Assert.False(File.Exists(_temp["new"]));
    }

    [Fact]
    public void A_damaged_blob_is_replaced_by_ingested_bytes()
    {
        Add();
        File.WriteAllText(Blob, "damaged");
        _store.Ingest(_temp["new"], _content, _digest);
        Assert.Equal(_content, File.ReadAllBytes(Blob));
    }

    [Fact]
    public void A_folder_of_blobs_that_another_process_removed_is_made_again()
    {
        Add();
        Directory.Delete(Path.GetDirectoryName(Blob)!, recursive: true);
        _store.Ingest(_temp["new"], _content, _digest);
        Assert.Equal(BlobState.Present, _store.Look(_digest, _content.Length));
    }

    [Fact]
    public void Where_times_cannot_be_set_ingested_bytes_are_recorded_in_a_cache()
    {
        using var unsynced = new UnsyncedBlobs(_temp["cache"], bootId: null, new RecordingLog());
        var cache = new BlobStore(_temp["cache/blobs"], unsynced, setTime: (_, _) => throw new UnauthorizedAccessException());
        cache.Ingest(_temp["new"], _content, _digest);
        Assert.Equal(BlobState.Present, cache.Look(_digest, _content.Length));
        Assert.StartsWith($"{_digest.Hex[..2]}/", TempFolder.Tree(_temp["cache/times"]), StringComparison.Ordinal);
    }

    [Fact]
    public void A_blob_in_place_of_which_there_is_a_folder_is_touched()
    {
        Directory.CreateDirectory(Blob);
        Assert.Equal(BlobState.Touched, _store.Look(_digest, 200_000));
    }
}
