using WiseHub.Client.Store;
using WiseHub.Testing;

namespace WiseHub.Client.Tests;

public sealed class UnsyncedBlobsTests : IDisposable
{
    private readonly TempFolder _temp = new();
    private readonly UnsyncedBlobs _unsynced;

    public UnsyncedBlobsTests() => _unsynced = new UnsyncedBlobs(_temp.Path, bootId: "boot", new RecordingLog());

    public void Dispose()
    {
        _unsynced.Dispose();
        _temp.Dispose();
    }

    private static Digest[] Digests(int count) =>
        [.. Enumerable.Range(0, count).Select(i => Digest.Parse(RestoreBench.Sha256($"{i}")))];

    private string[] Lines() => File.ReadAllLines(Assert.Single(Directory.GetFiles(_temp["unsynced"])));

    [Fact]
    public void Blobs_that_are_listed_in_advance_are_listed_once()
    {
        Digest[] digests = Digests(100);
        using (_unsynced.Use())
        {
            _unsynced.NoteAll(digests);
            foreach (Digest digest in digests)
                _unsynced.Note(digest);
        }
        Assert.Equal(digests.Select(d => d.Hex), Lines());
    }

    [Theory]
    [InlineData(1)]
    [InlineData(64)]
    [InlineData(100)]
    public void Blobs_that_were_not_listed_in_advance_are_listed_at_the_end_of_the_run(int count)
    {
        Digest[] digests = Digests(count);
        using (_unsynced.Use())
        {
            foreach (Digest digest in digests)
                _unsynced.Note(digest);
        }
        Assert.Equal(digests.Select(d => d.Hex), Lines());
    }

    [Fact]
    public void A_blob_that_is_ingested_again_in_a_later_run_is_listed_again()
    {
        Digest[] digests = Digests(2);
        foreach (int _ in (int[])[1, 2])
        {
            using (_unsynced.Use())
            {
                _unsynced.NoteAll(digests);
                _unsynced.Note(digests[0]);
            }
        }
        Assert.Equal([.. digests.Select(d => d.Hex), .. digests.Select(d => d.Hex)], Lines());
    }

    [Fact]
    public void Lists_that_are_held_for_a_sync_have_all_blobs_so_far()
    {
        Digest[] digests = Digests(3);
        using IDisposable use = _unsynced.Use();
        foreach (Digest digest in digests)
            _unsynced.Note(digest);
        using UnsyncedBlobs.HeldLists held = _unsynced.HoldOwn();
        Assert.Equal(digests, held.Digests);
    }
}
