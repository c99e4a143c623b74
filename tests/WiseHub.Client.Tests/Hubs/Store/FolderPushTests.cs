using System.Globalization;
using WiseHub.Testing;

namespace WiseHub.Client.Tests;

/// <summary>Pushes to a folder: copies, clones, concurrent pushes, and leftovers of killed pushes.</summary>
public sealed class FolderPushTests : IDisposable
{
    private readonly RestoreBench _bench = new();

    public void Dispose() => _bench.Dispose();

    private PushRequest Request(params (string Path, string Text)[] files) => new()
    {
        RepoId = "acme/tiny",
        Files = [.. files.Select(f => new PushFile(_bench.Temp.Write("source/" + Guid.NewGuid().ToString("N"), f.Text), f.Path))],
    };

    [Theory]
    [InlineData("xfs", 320)]
    [InlineData("btrfs", 160)]
    public async Task On_a_file_system_with_clones_a_pushed_file_takes_no_space(string kind, int megabytes)
    {
        const int Size = 8 << 20;
        await using SmallDisk? disk = await SmallDisk.LoopAsync(kind, megabytes);
        Assert.SkipWhen(disk is null, SmallDisk.NoLoop);
        byte[] content = RandomBytes.Of(Size, seed: 5);
        await File.WriteAllBytesAsync(disk["model.bin"], content);
        _bench.Configure($$"""{"defaultHub":"local","hubs":{"local":{"protocol":"store","path":"{{disk["hub"]}}"} } }""");
        long before = await disk.UsedAsync();
        using HubClient client = _bench.NewClient();
        PushResult pushed = await client.PushAsync(
            new PushRequest { RepoId = "acme/tiny", Files = [new PushFile(disk["model.bin"], "model.bin")] });
        Assert.InRange(await disk.UsedAsync() - before, -Size, 2 << 20);
        Assert.Equal((1, (long)Size), (pushed.FilesSent, pushed.BytesSent));
        await File.AppendAllTextAsync(disk["model.bin"], "!");
        RestoreResult result = await _bench.RestoreAsync(new RepoReference { RepoId = "acme/tiny" });
        Assert.Equal(RestoreBench.Sha256(content),
            RestoreBench.Sha256(await File.ReadAllBytesAsync(result.Snapshots[0].Files[0].BlobPath)));
    }

    [Fact]
    public async Task Concurrent_pushes_lose_no_file()
    {
        await Parallel.ForAsync(0, 8, new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (i, token) =>
        {
            PushRequest request = Request(($"file{i}", $"content {i}"));
            using HubClient client = _bench.NewClient();
            for (bool isDone = false; !isDone;)
            {
                try
                {
                    isDone = (await client.PushAsync(request, token)).Changed;
                }
                catch (HubException e) when (e.Code == WiseCodes.LostRace)
                {
                    // Somebody else was quicker; ours begins at theirs now.
                }
            }
        });
        RestoreResult result = await _bench.RestoreAsync(new RepoReference { RepoId = "acme/tiny" });
        Assert.Equal(string.Join('\n',
            Enumerable.Range(0, 8).Select(i => string.Create(CultureInfo.InvariantCulture, $"file{i}=content {i}"))),
            RestoreBench.Contents(result.Snapshots[0]));
    }

    [Fact]
    public async Task A_temporary_file_that_is_about_to_become_a_blob_is_not_deleted()
    {
        await _bench.Hub.PushAsync("acme/tiny", ("a", "hello"));
        string about = _bench.Temp.Write($"hub/blobs/.{Guid.NewGuid():N}.tmp", "content");
        File.SetLastWriteTimeUtc(about, new DateTime(2010, 5, 4, 3, 2, 0, DateTimeKind.Utc));
        await _bench.Hub.PushAsync("acme/tiny", ("a", "other"));
        Assert.True(File.Exists(about));
    }

    [Fact]
    public async Task A_file_changed_since_it_was_hashed_is_not_stored()
    {
        PushRequest request = Request(("a", "hello"));
        string source = request.Files[0].SourcePath;
        _bench.Log.OnLine = line =>
        {
            if (line.StartsWith("info: Pushing 1 file", StringComparison.Ordinal))
                File.WriteAllText(source, "other");
        };
        using HubClient client = _bench.NewClient();
        HubException e = await Assert.ThrowsAsync<HubException>(() => client.PushAsync(request));
        Assert.Equal($"WISE5003: {_bench.Log.Hide(source)} changed during the push. Push again when nothing writes to it.",
            _bench.Show(e));
        Assert.Equal("blobs/\nwisehub-store.json 14", TempFolder.Tree(_bench.Hub.Folder));
    }

    [Fact]
    public async Task A_push_removes_leftovers_of_killed_pushes_after_a_day()
    {
        using HubClient client = _bench.NewClient();
        await client.PushAsync(Request(("a", "hello")));
        string[] places = ["hub", "hub/blobs", "hub/models/acme/tiny/refs", "hub/models/acme/tiny/trees"];
        foreach (string place in places)
        {
            string old = _bench.Temp.Write($"{place}/.{Guid.NewGuid():N}.tmp", "half"),
                young = _bench.Temp.Write($"{place}/.{Guid.NewGuid():N}.tmp", "half");
            File.SetLastWriteTimeUtc(old, DateTime.UtcNow.AddHours(-25));
            File.SetLastWriteTimeUtc(young, DateTime.UtcNow.AddHours(-23));
        }
        string others = _bench.Temp.Write("hub/blobs/notes.tmp", "not ours");
        File.SetLastWriteTimeUtc(others, DateTime.UtcNow.AddDays(-9));
        await client.PushAsync(Request(("a", "other")));
        Assert.All(places, p => Assert.Single(Directory.GetFiles(_bench.Temp[p], ".*.tmp")));
        Assert.True(File.Exists(others));
        Assert.Contains("detail: <temp>/hub: removed 4 temporary files of interrupted pushes.", _bench.Log.Text,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_temporary_file_that_is_open_is_not_deleted()
    {
        using HubClient client = _bench.NewClient();
        await client.PushAsync(Request(("a", "hello")));
        string name = $"hub/blobs/.{Guid.NewGuid():N}.tmp";
        using var held = new FileStream(_bench.Temp.Write(name, "half"), FileMode.Open, FileAccess.Write, FileShare.None);
        File.SetLastWriteTimeUtc(held.SafeFileHandle, DateTime.UtcNow.AddDays(-9));
        await client.PushAsync(Request(("a", "other")));
        Assert.True(File.Exists(_bench.Temp[name]));
    }

    [Fact]
    public async Task A_full_disk_under_the_digest_memory_is_a_warning_and_the_push_succeeds()
    {
        await using SmallDisk? disk = await SmallDisk.MountAsync("size=16k");
        Assert.SkipWhen(disk is null, "Only root can mount a small file system.");
        PushRequest request = Request([.. Enumerable.Range(0, 200).Select(i => ($"f{i}", $"content {i}"))]) with
        {
            MemoryFile = disk["memory.json"]
        };
        foreach (PushFile file in request.Files)
            File.SetLastWriteTimeUtc(file.SourcePath, DateTime.UtcNow.AddMinutes(-1));
        using HubClient client = _bench.NewClient();
        Assert.True((await client.PushAsync(request)).Changed);
        Assert.Contains("warning WISE5006: The digests of the pushed files could not be stored in ", _bench.Log.Text,
            StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(disk.Path));
    }
}
