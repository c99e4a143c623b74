using WiseHub.Testing;

namespace WiseHub.Client.Tests;

public sealed class CacheTroubleTests : IDisposable
{
    private const string NeedsRoot = "Only root can mount a small file system.";
    private const string Elsewhere = "put the cache elsewhere with WISEHUB_CACHE or WiseCacheDirectory.";

    private static readonly RepoReference Tiny = new() { RepoId = "acme/tiny" };

    private readonly RestoreBench _bench = new();

    private Task<string> FailureAsync(string cache, RestoreRequest? request = null) =>
        _bench.FailureOfAsync(client => client.RestoreAsync(request ?? _bench.Request(Tiny)),
            o => o with { CacheDirectory = cache });

    [Fact]
    public async Task A_cache_below_a_file_is_an_error_with_a_code()
    {
        await _bench.Hub.PushAsync("acme/tiny", ("a", "hello"));
        _bench.Temp.Write("file", "x");
        string failure = await FailureAsync(_bench.Temp["file/cache"]);
        Assert.StartsWith("WISE3013: The cache <temp>/file/cache is not writable: ", failure, StringComparison.Ordinal);
        Assert.EndsWith("Check the path and its device.", failure, StringComparison.Ordinal);
        Assert.False(File.Exists(_bench.LockFile));
    }

    [Fact]
    public async Task A_local_restore_from_an_unusable_cache_returns_null()
    {
        await _bench.Hub.PushAsync("acme/tiny", ("a", "hello"));
        await _bench.RestoreAsync(Tiny);
        _bench.Temp.Write("file", "x");
        using HubClient client = _bench.NewClient(o => o with { CacheDirectory = _bench.Temp["file/cache"] });
        Assert.Null(client.TryRestoreLocally(_bench.Request(Tiny)));
    }

    [Fact]
    [Needs(Need.Unix, Because = "Mode bits are of Unix.")]
    public async Task A_cache_that_is_not_writable_is_an_error_with_a_code()
    {
        await _bench.Hub.PushAsync("acme/tiny", ("a", "hello"));
        // Root may write wherever mode bits forbid it, but not to a file system that is mounted read-only.
        await using SmallDisk? disk = await SmallDisk.MountAsync("ro");
        Assert.SkipWhen(disk is null && Environment.IsPrivilegedProcess, NeedsRoot);
        string folder = disk?.Path ?? Directory.CreateDirectory(_bench.Temp["forbidden"]).FullName;
        if (disk is null && !OperatingSystem.IsWindows())
            File.SetUnixFileMode(folder, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        string failure = await FailureAsync(Path.Combine(folder, "cache"));
        Assert.StartsWith($"WISE3007: The cache {_bench.Log.Hide(folder)}/cache is not writable: ", failure,
            StringComparison.Ordinal);
        Assert.EndsWith("Give this user permission, or " + Elsewhere, failure, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_complete_cache_on_a_read_only_disk_can_be_read()
    {
        await using SmallDisk? disk = await SmallDisk.MountAsync("size=4m");
        Assert.SkipWhen(disk is null, NeedsRoot);
        await _bench.Hub.PushAsync("acme/tiny", ("a", "hello"));
        using HubClient client = _bench.NewClient(o => o with { CacheDirectory = disk.Path });
        await client.RestoreAsync(_bench.Request(Tiny));
        await disk.RemountAsync("ro");
        Assert.Equal("a=hello", RestoreBench.Contents(client.TryRestoreLocally(_bench.Request(Tiny))!.Snapshots[0]));
    }

    [Fact]
    public async Task The_error_names_a_lock_file_that_cannot_be_written()
    {
        await _bench.Hub.PushAsync("acme/tiny", ("a", "hello"));
        _bench.Temp.Write("file", "x");
        string failure = await FailureAsync(_bench.Cache,
            _bench.Request(Tiny) with { LockFilePath = _bench.Temp["file/wise.lock.json"] });
        Assert.StartsWith("WISE", failure, StringComparison.Ordinal);
        Assert.Contains("<temp>/file/wise.lock.json", failure, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1, 3 << 20)]
    [InlineData(400, 8 << 10)]
    public async Task A_full_disk_is_an_error_and_the_next_restore_with_room_succeeds(int files, int size)
    {
        await using SmallDisk? disk = await SmallDisk.MountAsync("size=2m");
        Assert.SkipWhen(disk is null, NeedsRoot);
        var random = new Random(files);
        List<(string Path, byte[] Content)> contents = [.. Enumerable.Range(0, files).Select(i => ($"f{i:000}", new byte[size]))];
        contents.ForEach(f => random.NextBytes(f.Content));
        await _bench.Hub.PushAsync("acme/tiny", "main", contents);

        string failure = await FailureAsync(disk.Path);
        Assert.StartsWith("WISE3008: acme/tiny f", failure, StringComparison.Ordinal);
        Assert.EndsWith(": the disk is full. Free some space, or " + Elsewhere, failure, StringComparison.Ordinal);
        Assert.False(File.Exists(_bench.LockFile));
        // Whatever has the name of a blob is that blob.
        foreach (string blob in Directory.Exists(Path.Combine(disk.Path, "blobs"))
            ? Directory.GetFiles(Path.Combine(disk.Path, "blobs"), "*", SearchOption.AllDirectories) : [])
            Assert.Equal(Path.GetFileName(Path.GetDirectoryName(blob)) + Path.GetFileName(blob),
                RestoreBench.Sha256(await File.ReadAllBytesAsync(blob)));

        await disk.RemountAsync("size=16m");
        using HubClient client = _bench.NewClient(o => o with { CacheDirectory = disk.Path });
        RestoreResult result = await client.RestoreAsync(_bench.Request(Tiny));
        Assert.Equal(contents.Select(f => RestoreBench.Sha256(f.Content)),
            result.Snapshots[0].Files.Select(f => RestoreBench.Sha256(File.ReadAllBytes(f.BlobPath))));
        Assert.Equal("partial/", string.Join('\n', TempFolder.Tree(disk.Path).Split('\n')
            .Where(l => l.StartsWith("partial", StringComparison.Ordinal))));
    }

    [Theory]
    [InlineData("WISEHUB_CACHE", "mine", "mine")]
    [InlineData("XDG_CACHE_HOME", "xdg", "xdg/wisehub")]
    [InlineData("HOME", "home", "home/.cache/wisehub")]
    public void Environment_variables_set_the_cache_folder(string variable, string value, string expected)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows() && variable == "XDG_CACHE_HOME",
            "Windows has a folder of its own for caches.");
        _bench.SetEnvironment("HOME", _bench.Temp["nobody"]);
        _bench.SetEnvironment(variable, _bench.Temp[value]);
        using HubClient client = _bench.NewClient(o => o with { CacheDirectory = null });
        Assert.Equal(_bench.Temp[expected], client.Cache.Root);
    }

    [Fact]
    [Needs(Need.Unix, Because = "Windows has a folder of its own for caches.")]
    public void A_relative_XDG_CACHE_HOME_is_ignored()
    {
        _bench.SetEnvironment("XDG_CACHE_HOME", "relative");
        _bench.SetEnvironment("HOME", _bench.Temp["home"]);
        using HubClient client = _bench.NewClient(o => o with { CacheDirectory = null });
        Assert.Equal(_bench.Temp["home/.cache/wisehub"], client.Cache.Root);
    }

    public void Dispose() => _bench.Dispose();
}
