using System.Globalization;
using WiseHub.Testing;
using WiseHub.Testing.HgBucket;

namespace WiseHub.Client.Tests;

/// <summary>
/// What a restore says that it transferred is what came, also what a hub fetched to find out what there is, and each byte once.
/// </summary>
public sealed class TransferCountTests : IAsyncLifetime
{
    private readonly RestoreBench _bench = new();
    private readonly byte[] _zip = HgBucketServer.Zip(("config.json", "{}"), ("sub/model.bin", "weights"));
    private FileServer _server = null!;

    public async ValueTask InitializeAsync()
    {
        _server = await FileServer.StartAsync();
        _server.Serve("/model.bin", "weights"u8.ToArray()).Etag = "\"1\"";
        _server.Serve("/other.bin", "other weights"u8.ToArray());
        _server.Serve("/model.zip", _zip).Etag = "\"2\"";
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _bench.Dispose();
    }

    private RepoReference Reference(string path, bool unpack = false)
    {
        using HubClient client = _bench.NewClient();
        return client.ParseReference(_server.Url(path), unpack);
    }

    private static (int, long) Count(RestoreResult result) => (result.FilesTransferred, result.BytesTransferred);

    [Fact]
    public async Task A_file_by_its_url_counts_once_and_not_when_it_is_there()
    {
        RestoreRequest request = _bench.Request(Reference("/model.bin"));
        Assert.Equal((1, 7L), Count(await _bench.RestoreAsync(request)));
        Assert.Equal((0, 0L), Count(await _bench.RestoreAsync(request)));
        Assert.Equal((0, 0L), Count(await _bench.RestoreAsync(request with { Update = true })));
        Directory.Delete(_bench.Cache, recursive: true);
        Assert.Equal((1, 7L), Count(await _bench.RestoreAsync(request with { Locked = true })));
    }

    [Fact]
    public async Task Forced_it_counts_again_and_once()
    {
        RestoreRequest request = _bench.Request(Reference("/model.bin"));
        await _bench.RestoreAsync(request);
        _server["/model.bin"].Etag = "\"3\"";
        _server.Forget();
        Assert.Equal((1, 7L), Count(await _bench.RestoreAsync(request with { Force = true, Update = true })));
        Assert.Single(_server.Requests.Split('\n'), r => r.EndsWith("200", StringComparison.Ordinal));
    }

    [Fact]
    public async Task An_archive_counts_as_it_came_and_its_files_not_again()
    {
        RepoReference archive = Reference("/model.zip", unpack: true);
        Assert.Equal((1, _zip.Length),
            Count(await _bench.RestoreAsync(archive with { Files = new FileSelection(["*.json"], []) })));
        Assert.Equal((0, 0L), Count(await _bench.RestoreAsync(archive)));
        Directory.Delete(_bench.Cache, recursive: true);
        Assert.Equal((1, _zip.Length), Count(await _bench.RestoreAsync(_bench.Request(archive) with { Locked = true })));
    }

    [Fact]
    public async Task Beside_it_files_of_other_hubs_count_as_ever()
    {
        await _bench.Hub.PushAsync("acme/tiny", ("a", "hello"));
        Assert.Equal((3, 5L + 7 + _zip.Length), Count(await _bench.RestoreAsync(new RepoReference { RepoId = "acme/tiny" },
            Reference("/model.bin"), Reference("/model.zip", unpack: true))));
    }

    [Fact]
    public async Task Each_of_two_restores_at_once_counts_its_own()
    {
        var both = new TaskCompletionSource();
        int asked = 0;
        _server.Before = _ =>
        {
            if (Interlocked.Increment(ref asked) == 2)
                both.SetResult();
            return both.Task.WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);
        };
        using HubClient client = _bench.NewClient();
        RestoreResult[] results = await Task.WhenAll(((string[])["/model.bin", "/other.bin"]).Select(path =>
            client.RestoreAsync(new RestoreRequest { References = [Reference(path)] }, TestContext.Current.CancellationToken)));
        Assert.Equal([(1, 7L), (1, 13L)], results.Select(Count));
    }

    [Fact]
    public async Task Progress_ends_with_all_of_it()
    {
        await _bench.RestoreAsync(Reference("/model.bin"), Reference("/other.bin"));
        Assert.Contains((20L, 20L, 2, 2), _bench.Log.Reports.Select(r => (r.BytesDone, r.BytesTotal, r.FilesDone, r.FilesTotal)));
    }

    [Fact]
    public async Task The_log_tells_what_came()
    {
        _bench.Log.Hiding(_server.Url(""), "<web>");
        await _bench.RestoreAsync(Reference("/model.zip", unpack: true));
        Assert.Equal(
            $"info: Fetched <web>/model.zip, {ByteSize.Show(_zip.Length)}, in # s.\n"
            + "info: <web>/model.zip: no Sha256 is set, so the downloaded content is trusted from now on. "
            + $"To require it, set Sha256=\"{RestoreBench.Sha256(_zip)}\".\n"
            + "info: Fetching 2 files, 9 B, from archive …\n"
            + "info: Fetched 2 files, 9 B, in # s; every byte was verified.", _bench.Log.Visible);
    }

    [Fact]
    [Needs(Need.Git)]
    public async Task Packs_and_archives_of_a_git_host_count_as_they_came()
    {
        await using GitBench bench = await GitBench.StartAsync();
        // Small files come in the pack of the first request, large ones in an archive.
        string large = string.Concat(Enumerable.Range(0, 1000).Select(i => i.ToString(CultureInfo.InvariantCulture)));
        await (await bench.Host.CreateRepoAsync(GitBench.Id)).CommitAsync("main", ("a", "1"), ("b", large));

        RestoreResult result = await bench.RestoreAsync();

        RequestRecord[] brought = [.. bench.Host.Requests.All.Where(r =>
            r.Path.EndsWith("/git-upload-pack", StringComparison.Ordinal)
            || r.Path.Contains("/archive/", StringComparison.Ordinal))];
        Assert.Equal(["GET", "POST"], brought.Select(r => r.Method).Order(StringComparer.Ordinal));
        Assert.Equal(2, result.FilesTransferred);
        // The lines in which git's protocol wraps a pack are no content.
        long came = brought.Sum(r => r.BodyBytes);
        Assert.InRange(result.BytesTransferred, came - 128, came);
    }

    [Fact]
    public async Task An_archive_of_a_public_dataset_counts_as_it_came()
    {
        await using HgBench bench = await HgBench.StartAsync();
        bench.Publish("glue", "mrpc", HgBench.Dataset());
        RestoreResult result = await bench.Restore.RestoreAsync(HgBench.Reference());
        Assert.Equal((1, bench.Server.Objects["team/public_datasets_zip/glue---mrpc---default_revision.zip"].Content.Length),
            Count(result));
    }
}
