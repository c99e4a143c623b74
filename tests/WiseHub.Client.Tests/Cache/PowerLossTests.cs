using WiseHub.Client.Store;

namespace WiseHub.Client.Tests;

/// <summary>Blobs that were not synced under one boot id are verified under the next.</summary>
public sealed class PowerLossTests : IDisposable
{
    private static readonly string[] Texts = ["hello", "world!"];

    private readonly RestoreBench _bench = new();

    private string Unsynced => Path.Combine(_bench.Cache, "unsynced");

    private string Blob(string text) => _bench.BlobPath(RestoreBench.Sha256(text));

    private string[] Lists => Directory.Exists(Unsynced)
        ? [.. Directory.GetFiles(Unsynced).Select(f => Path.GetFileName(f)).Order(StringComparer.Ordinal)] : [];

    private static string ListOf(string boot) => $"{boot}-{Environment.MachineName}";

    private HubClient Client(string boot) => _bench.NewClient(o => o with { BootId = boot });

    private RestoreRequest Request() => _bench.Request(new RepoReference { RepoId = "acme/tiny" });

    private async Task<RestoreResult> RestoreAsync(string boot)
    {
        using HubClient client = Client(boot);
        return client.TryRestoreLocally(Request()) ?? await client.RestoreAsync(Request());
    }

    private bool IsComplete(string boot)
    {
        using HubClient client = Client(boot);
        return client.TryRestoreLocally(Request()) is not null;
    }

    private async Task RestoredAsync(string boot = "a")
    {
        await _bench.Hub.PushAsync("acme/tiny", ("a", Texts[0]), ("b", Texts[1]));
        await RestoreAsync(boot);
        _bench.Log.Clear();
    }

    /// <summary>What a journal that was replayed leaves: name, size and time are right, the bytes are not.</summary>
    private static void Lose(string blob)
    {
        DateTime mtime = File.GetLastWriteTimeUtc(blob);
        File.WriteAllBytes(blob, new byte[new FileInfo(blob).Length]);
        File.SetLastWriteTimeUtc(blob, mtime);
    }

    private void AssertDoubted(int count) => Assert.Contains($"detail: {count} files in the cache <temp>/cache were written "
        + "before this machine last started and not synced; each is hashed again before use.",
        _bench.Log.Text.Split('\n'));

    [Fact]
    public async Task Ingested_blobs_are_listed_as_unsynced_one_digest_per_line()
    {
        await RestoredAsync();
        Assert.Equal([ListOf("a")], Lists);
        Assert.Equal(Texts.Select(RestoreBench.Sha256).Order(StringComparer.Ordinal),
            (await File.ReadAllLinesAsync(Path.Combine(Unsynced, ListOf("a")))).Order(StringComparer.Ordinal));
        Assert.EndsWith("\n", await File.ReadAllTextAsync(Path.Combine(Unsynced, ListOf("a"))), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Blobs_of_the_same_boot_are_trusted()
    {
        await RestoredAsync();
        Assert.True(IsComplete("a"));
        Assert.Equal([ListOf("a")], Lists);
    }

    [Fact]
    public async Task After_a_crash_lost_blobs_are_fetched_again_and_the_next_run_reads_nothing()
    {
        await RestoredAsync();
        Lose(Blob("hello"));

        RestoreResult healed = await RestoreAsync("b");

        Assert.Equal("a=hello\nb=world!", RestoreBench.Contents(healed.Snapshots[0]));
        Assert.Equal((1, 5L), (healed.FilesTransferred, healed.BytesTransferred));
        AssertDoubted(2);
        Assert.Contains("warning WISE3009: acme/tiny: 'a' was changed inside the cache "
            + $"({_bench.Log.Hide(Blob("hello"))}); fetching it again.", _bench.Log.Text.Split('\n'));
        Assert.Equal([ListOf("b")], Lists);
        // It would not be complete for a look without reading if a blob were still in doubt.
        Assert.True(IsComplete("b"));
        // The one that was right was hashed in the second boot; a third has nothing to doubt but what was fetched in the second.
        _bench.Log.Clear();
        Assert.False(IsComplete("c"));
        AssertDoubted(1);
    }

    [Fact]
    public async Task After_a_crash_intact_blobs_are_hashed_once_without_a_hub()
    {
        await RestoredAsync();
        Directory.Delete(_bench.Hub.Folder, recursive: true);

        Assert.False(IsComplete("b"));
        Assert.Equal(0, (await RestoreAsync("b")).FilesTransferred);

        AssertDoubted(2);
        Assert.Equal((true, true), (IsComplete("b"), IsComplete("c")));
    }

    [Fact]
    public async Task A_restore_without_a_local_attempt_also_claims_the_unsynced_list()
    {
        await RestoredAsync();
        Lose(Blob("hello"));
        using HubClient client = Client("b");
        Assert.Equal("a=hello\nb=world!", RestoreBench.Contents((await client.RestoreAsync(Request())).Snapshots[0]));
    }

    [Fact]
    public async Task A_lost_blob_is_found_although_the_unsynced_list_lost_its_line()
    {
        string probe = _bench.Temp.Write("x", "");
        File.SetLastWriteTimeUtc(probe, DateTime.UnixEpoch);
        // Wine derives the one time from the other.
        Assert.SkipUnless(NativeFile.BirthTime(probe) > DateTime.UtcNow.AddHours(-1),
            "This file system does not remember when a file was made.");
        await RestoredAsync();
        File.WriteAllText(Path.Combine(Unsynced, ListOf("a")), "");
        Lose(Blob("hello"));

        Assert.Equal("a=hello\nb=world!", RestoreBench.Contents((await RestoreAsync("b")).Snapshots[0]));
        AssertDoubted(2);
    }

    [Fact]
    public async Task Blobs_older_than_the_unsynced_list_are_trusted()
    {
        await RestoredAsync();
        Directory.Delete(Unsynced, recursive: true);
        await _bench.Hub.PushAsync("acme/tiny", "other", ("c", "more"));
        using (HubClient client = Client("a"))
            await client.RestoreAsync(_bench.Request(new RepoReference { RepoId = "acme/tiny", Revision = "other" }));
        _bench.Log.Clear();

        Assert.True(IsComplete("b"));

        AssertDoubted(1);
        Assert.Equal([], Lists);
    }

    [Fact]
    public async Task An_unsynced_list_locked_by_another_run_is_not_claimed()
    {
        await RestoredAsync();
        using (new FileStream(Path.Combine(Unsynced, ListOf("a")), FileMode.Open, FileAccess.ReadWrite, FileShare.None))
            Assert.True(IsComplete("b"));
        Assert.Equal([ListOf("a")], Lists);
        Assert.False(IsComplete("b"));
        Assert.Equal([], Lists);
    }

    [Fact]
    public async Task A_listed_blob_that_was_never_stored_does_no_harm()
    {
        await RestoredAsync();
        await File.AppendAllTextAsync(Path.Combine(Unsynced, ListOf("a")), RestoreBench.Sha256("never came") + "\n");

        Assert.Equal("a=hello\nb=world!", RestoreBench.Contents((await RestoreAsync("b")).Snapshots[0]));
        Assert.Equal([ListOf("b")], Lists);
    }

    [Fact]
    public async Task A_list_whose_claim_was_interrupted_is_claimed_again()
    {
        await RestoredAsync();
        string list = Path.Combine(Unsynced, ListOf("a")), text = await File.ReadAllTextAsync(list);
        Assert.False(IsComplete("b"));
        // As if the process had ended before the list was deleted.
        await File.WriteAllTextAsync(list, text);

        Assert.False(IsComplete("b"));
        Assert.Equal("a=hello\nb=world!", RestoreBench.Contents((await RestoreAsync("b")).Snapshots[0]));
        Assert.True(IsComplete("b"));
    }

    [Fact]
    public async Task A_truncated_line_of_the_list_does_not_hide_the_next_digest()
    {
        await RestoredAsync();
        string list = Path.Combine(Unsynced, ListOf("a"));
        // A list that is younger than the blobs, so that only its lines count.
        File.Delete(list);
        await File.WriteAllTextAsync(list, "0123\0\0" + RestoreBench.Sha256("hello") + "\nnot a digest\n"
            + RestoreBench.Sha256("world!")[..30]);
        using var store = new SnapshotStore(_bench.Cache, "b", _bench.Log);
        store.Unsynced.ClaimOthers(store.Blobs);
        Assert.Equal((BlobState.Touched, BlobState.Present),
            (store.Blobs.Look(Digest.Parse(RestoreBench.Sha256("hello")), 5),
                store.Blobs.Look(Digest.Parse(RestoreBench.Sha256("world!")), 6)));
    }

    [Fact]
    public async Task Concurrent_runs_have_separate_lists_and_later_runs_take_them_over()
    {
        await RestoredAsync();
        using (var one = new SnapshotStore(_bench.Cache, "a"))
        using (var two = new SnapshotStore(_bench.Cache, "a"))
        using (one.Unsynced.Use())
        using (two.Unsynced.Use())
            Assert.Equal([ListOf("a"), ListOf("a") + ".2"], Lists);
        using (var three = new SnapshotStore(_bench.Cache, "a"))
        using (three.Unsynced.Use())
        {
            three.Unsynced.Note(Digest.Parse(RestoreBench.Sha256("more")));
            Assert.Equal([ListOf("a"), ListOf("a") + ".2"], Lists);
        }
        Assert.Equal(3, (await File.ReadAllLinesAsync(Path.Combine(Unsynced, ListOf("a")))).Length);
    }

    [Fact]
    public async Task A_local_restore_without_unsynced_lists_creates_none()
    {
        await RestoredAsync();
        Directory.Delete(Unsynced, recursive: true);
        Assert.True(IsComplete("b"));
        Assert.False(Directory.Exists(Unsynced));
    }

    [Fact]
    public async Task An_empty_marker_left_by_a_crash_is_written_again()
    {
        await RestoredAsync();
        foreach (string marker in Directory.GetFiles(_bench.Cache, "wisehub-store.json", SearchOption.AllDirectories))
            await File.WriteAllTextAsync(marker, "");
        File.Delete(Blob("hello"));
        Assert.Equal("a=hello\nb=world!", RestoreBench.Contents((await RestoreAsync("b")).Snapshots[0]));
        Assert.Equal("{\"version\":1}\n", await File.ReadAllTextAsync(Path.Combine(_bench.Cache, "wisehub-store.json")));
    }

    [Fact]
    public void The_boot_id_of_this_machine_is_stable_and_has_no_hyphen()
    {
        string id = BootId.Read();
        Assert.Equal(id, BootId.Read());
        Assert.Matches("^[A-Za-z0-9]{8,}$", id);
    }

    public void Dispose() => _bench.Dispose();
}
