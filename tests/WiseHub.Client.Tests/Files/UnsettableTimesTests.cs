using WiseHub.Client.Store;
using WiseHub.Testing;

namespace WiseHub.Client.Tests;

/// <summary>A cache on a file system that refuses to set the time of a blob, or stores another one.</summary>
public sealed class UnsettableTimesTests : IDisposable
{
    private static readonly Digest Hello = Digest.Parse(RestoreBench.Sha256("hello"));

    private readonly TempFolder _temp = new();
    private readonly UnsyncedBlobs _unsynced;
    private int _asked;

    public UnsettableTimesTests() => _unsynced = new UnsyncedBlobs(_temp.Path, "boot", SilentLog.Instance);

    public void Dispose()
    {
        _unsynced.Dispose();
        _temp.Dispose();
    }

    private BlobStore Store(Action<string, DateTime> setTime) => new(_temp["blobs"], _unsynced, setTime: (path, time) =>
    {
        _asked++;
        setTime(path, time);
    });

    public static TheoryData<string> Kinds => ["EPERM", "ENOTSUP", "ignored"];

    private BlobStore Store(string kind) => Store(kind switch
    {
        "EPERM" => (_, _) => throw new UnauthorizedAccessException("Operation not permitted"),
        "ENOTSUP" => (_, _) => throw new IOException("Operation not supported"),
        _ => (_, _) => { }
        ,
    });

    private string Blob => Path.Combine(_temp["blobs"], Hello.Hex[..2], Hello.Hex[2..]);

    private static void Add(BlobStore store) => store.Add(new MemoryStream("hello"u8.ToArray()), null, CancellationToken.None);

    [Theory]
    [MemberData(nameof(Kinds))]
    public void An_unchanged_blob_is_recognized_without_reading_it(string kind)
    {
        Add(Store(kind));
        BlobStore later = Store(kind);
        // Not one byte of it is read: it cannot be.
        using FileStream held = File.Open(Blob, FileMode.Open, FileAccess.ReadWrite, FileShare.None);
        Assert.Equal(BlobState.Present, later.Look(Hello, 5));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_changed_blob_is_detected_and_replaced(string kind)
    {
        BlobStore store = Store(kind);
        Add(store);
        File.WriteAllText(Blob, "HELLO");
        File.SetLastWriteTimeUtc(Blob, DateTime.UtcNow.AddMinutes(1));
        Assert.Equal(BlobState.Touched, store.Look(Hello, 5));
        Assert.False(store.Verify(Hello, 5));
        Add(store);
        Assert.Equal((BlobState.Present, "hello"), (store.Look(Hello, 5), File.ReadAllText(Blob)));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_touched_blob_with_the_right_content_is_hashed_once(string kind)
    {
        BlobStore store = Store(kind);
        Add(store);
        File.SetLastWriteTimeUtc(Blob, DateTime.UtcNow.AddMinutes(1));
        Assert.Equal(BlobState.Touched, store.Look(Hello, 5));
        Assert.True(store.Verify(Hello, 5));
        Assert.Equal(BlobState.Present, store.Look(Hello, 5));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_doubted_blob_is_hashed_again_and_removing_a_blob_removes_its_time(string kind)
    {
        BlobStore store = Store(kind);
        Add(store);
        Assert.True(store.Doubt(new FileInfo(Blob), Hello));
        Assert.Equal(BlobState.Touched, store.Look(Hello, 5));
        Assert.True(store.Verify(Hello, 5));
        store.Remove(Hello);
        Assert.Empty(Directory.GetFiles(_temp["times"], "*", SearchOption.AllDirectories));
    }

    [Fact]
    public void No_recorded_times_are_written_where_file_times_can_be_set()
    {
        Add(Store(File.SetLastWriteTimeUtc));
        Assert.Equal((1, false), (_asked, Directory.Exists(_temp["times"])));
    }

    [Fact]
    public void A_published_store_accepts_blobs_and_records_no_times()
    {
        var store = new BlobStore(_temp["blobs"],
            setTime: (_, _) => throw new UnauthorizedAccessException("Operation not permitted"));
        Add(store);
        Assert.Equal(("hello", false), (File.ReadAllText(Blob), Directory.Exists(_temp["times"])));
    }
}
