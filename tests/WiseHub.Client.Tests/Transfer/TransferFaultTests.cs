using System.Buffers.Binary;
using System.Security.Cryptography;
using Microsoft.Win32.SafeHandles;
using WiseHub.Client.Transfer;
using WiseHub.Testing;

namespace WiseHub.Client.Tests;

public sealed class TransferFaultTests : IAsyncLifetime
{
    private const int Size = 3_000_000, Block = 1 << 20;

    private HubBench _bench = null!;
    private byte[] _content = [];

    private string Sha => RestoreBench.Sha256(_content);

    public async ValueTask InitializeAsync()
    {
        _bench = await HubBench.StartAsync();
        _content = _bench.BigRepo(Size);
    }

    public ValueTask DisposeAsync() => _bench.DisposeAsync();

    private string Partial => Path.Combine(_bench.Project.Cache, "partial", Sha);

    private async Task CancelAfterTwoBlocksAsync()
    {
        Cdn(new Fault.Stall((2 * Block) + 50_000, TimeSpan.FromMinutes(10)));
        using var cancel = new CancellationTokenSource();
        Task<RestoreResult> first = _bench.RestoreAsync(_bench.Project.Request(HubBench.Reference()), cancel.Token);
        var checkpoint = new FileInfo(Partial + ".blocks");
        // A header and a hash of 16 bytes for each block.
        while (!first.IsCompleted && !(checkpoint.Exists && checkpoint.Length == 512 + 32))
        {
            await Task.Yield();
            checkpoint.Refresh();
        }
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
    }

    private void Cdn(Fault fault, int times = 1) => _bench.Hub.Faults.On("/content/", fault, times, origin: "cdn");

    private async Task AssertArrivesAsync()
    {
        RestoreResult result = await _bench.RestoreAsync();
        Assert.Equal(Sha, RestoreBench.Sha256(await File.ReadAllBytesAsync(result.Snapshots[0].Files[0].BlobPath)));
        Assert.Empty(Directory.GetFileSystemEntries(Path.Combine(_bench.Project.Cache, "partial")));
    }

    /// <summary>
    /// What the CDN was asked and how much it sent, sorted: the server notes a broken answer after the client has seen it break.
    /// </summary>
    private async Task AssertCdnAsync(params string[] expected)
    {
        string[] Asked() => [.. _bench.Hub.Requests.All.Where(r => r.Origin == "cdn").Select(
            r => $"{r.Headers.GetValueOrDefault("Range", "all")} → {r.Status} {r.BodyBytes}").Order(StringComparer.Ordinal)];
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(10));
        while (Asked().Length < expected.Length && !patience.IsCancellationRequested)
            await Task.Yield();
        Assert.Equal(expected.Order(StringComparer.Ordinal), Asked());
    }

    private string Resolve => $"<hub>/acme/tiny/resolve/{_bench.Hub.FindRepo(HubBench.Id)!.Head()}/model.bin";

    private async Task AssertFailsAsync(string expected)
    {
        Assert.Equal(expected, await _bench.FailureAsync());
        _bench.AssertNothingCame();
        _bench.Hub.Faults.Clear();
        await AssertArrivesAsync();
    }

    [Fact]
    public async Task After_a_cut_it_goes_on_where_it_ended_at_an_address_asked_for_anew()
    {
        Cdn(new Fault.CutAfter(1_000_000));
        await AssertArrivesAsync();
        await AssertCdnAsync("all → 200 1000000", $"bytes=1000000- → 206 {Size - 1_000_000}");
        Assert.Equal(2, _bench.Hub.Requests.Count("GET", "/acme/tiny/resolve/"));
    }

    [Fact]
    public async Task Cuts_do_not_add_up_as_long_as_there_is_progress()
    {
        Cdn(new Fault.CutAfter(500_000), 5);
        await AssertArrivesAsync();
        await AssertCdnAsync("all → 200 500000", "bytes=500000- → 206 500000", "bytes=1000000- → 206 500000",
            "bytes=1500000- → 206 500000", "bytes=2000000- → 206 500000", "bytes=2500000- → 206 500000");
    }

    [Fact]
    public async Task A_hub_that_never_gives_a_byte_is_given_up()
    {
        Cdn(new Fault.CutAfter(0), int.MaxValue);
        string failure = await _bench.FailureAsync();
        Assert.StartsWith($"WISE2001: The hub 'huggingface' gave no usable response at {Resolve}: ", failure,
            StringComparison.Ordinal);
        await AssertCdnAsync([.. Enumerable.Repeat("all → 200 0", 8)]);
        _bench.AssertNothingCame();
    }

    [Fact]
    public async Task A_stall_is_noticed_and_it_goes_on_where_it_ended()
    {
        Cdn(new Fault.Stall(1_500_000, TimeSpan.FromMinutes(10)));
        // Time is the subject: the real clock.
        using HubClient client =
            _bench.NewClient(o => o with { Time = TimeProvider.System, StallTimeout = TimeSpan.FromMilliseconds(300) });
        await client.RestoreAsync(_bench.Project.Request(HubBench.Reference()));
        await AssertCdnAsync("all → 200 1500000", $"bytes=1500000- → 206 {Size - 1_500_000}");
        Assert.Equal("detail: The hub 'huggingface' (acme/tiny model.bin): no bytes for 0.3 s, at byte 1500000; "
            + "trying again in # s (attempt 2, 0 s so far).", _bench.Project.Log.Text.Split('\n')[1]);
    }

    [Fact]
    public async Task A_hub_that_always_falls_silent_is_given_up_with_what_to_change()
    {
        Cdn(new Fault.Stall(0, TimeSpan.FromMinutes(10)), int.MaxValue);
        _bench.Project.Configure(
            """{"defaultHub":"huggingface","hubs":{"huggingface":{"protocol":"huggingface","retries":1}}}""");
        using HubClient client =
            _bench.NewClient(o => o with { Time = TimeProvider.System, StallTimeout = TimeSpan.FromMilliseconds(200) });
        var e = await Assert.ThrowsAsync<HubException>(() => client.RestoreAsync(_bench.Project.Request(HubBench.Reference())));
        Assert.Equal($"WISE2012: acme/tiny model.bin: {Resolve} stalled: no bytes for 0.2 s. Raise WiseStallTimeout "
            + "(WISEHUB_STALL_TIMEOUT) on a slow line, or name a second hub.", _bench.Project.Show(e));
    }

    [Fact]
    public async Task A_hub_that_gives_a_few_bytes_and_falls_silent_each_time_is_given_up_too()
    {
        Cdn(new Fault.Stall(20_000, TimeSpan.FromMinutes(10)), int.MaxValue);
        _bench.Project.Configure(
            """{"defaultHub":"huggingface","hubs":{"huggingface":{"protocol":"huggingface","totalTimeout":50}}}""");
        using HubClient client =
            _bench.NewClient(o => o with { Time = new FasterTime(60), StallTimeout = TimeSpan.FromSeconds(12) });
        var e = await Assert.ThrowsAsync<HubException>(() => client.RestoreAsync(_bench.Project.Request(HubBench.Reference())));
        Assert.Equal($"WISE2012: acme/tiny model.bin: {Resolve} stalled: no bytes for 12 s. Raise WiseStallTimeout "
            + "(WISEHUB_STALL_TIMEOUT) on a slow line, or name a second hub.", _bench.Project.Show(e));
        await AssertCdnAsync("all → 200 20000", "bytes=20000- → 206 20000", "bytes=40000- → 206 20000");
    }

    [Fact]
    public async Task A_server_that_sends_no_headers_is_given_up_too()
    {
        _bench.Hub.Faults.On("/resolve/", new Fault.Delay(TimeSpan.FromMinutes(10)), int.MaxValue);
        _bench.Project.Configure(
            """{"defaultHub":"huggingface","hubs":{"huggingface":{"protocol":"huggingface","retries":1}}}""");
        using HubClient client =
            _bench.NewClient(o => o with { Time = TimeProvider.System, StallTimeout = TimeSpan.FromMilliseconds(200) });
        var e = await Assert.ThrowsAsync<HubException>(() => client.RestoreAsync(_bench.Project.Request(HubBench.Reference())));
        Assert.Equal($"WISE2012: acme/tiny model.bin: {Resolve} stalled: no response within 0.2 s. "
            + "Raise WiseStallTimeout (WISEHUB_STALL_TIMEOUT) on a slow line, or name a second hub.", _bench.Project.Show(e));
    }

    [Fact]
    public async Task A_short_wait_that_the_server_asks_for_is_waited()
    {
        Cdn(new Fault.Status(429, RetryAfter: "7"));
        await AssertArrivesAsync();
        Assert.Equal([TimeSpan.FromSeconds(7)], _bench.Time.Waits);
    }

    [Fact]
    public async Task A_date_is_a_wait_too()
    {
        Cdn(new Fault.Status(503, RetryAfter: (_bench.Time.GetUtcNow() + TimeSpan.FromSeconds(20)).ToString("R")));
        await AssertArrivesAsync();
        Assert.InRange(Assert.Single(_bench.Time.Waits).TotalSeconds, 15, 20);
    }

    [Theory]
    [InlineData(429)]
    [InlineData(503)]
    public Task A_long_wait_is_an_error_that_names_it(int status)
    {
        Cdn(new Fault.Status(status, RetryAfter: "31"));
        return AssertFailsAsync($"WISE2009: The hub 'huggingface' limits the request rate at <cdn>/content/{Sha} and asks to "
            + "wait 31 s. Try again later. Requests with a token have higher limits, and a warm cache needs none.");
    }

    [Theory]
    [InlineData(408)]
    [InlineData(500)]
    [InlineData(502)]
    [InlineData(503)]
    [InlineData(504)]
    public async Task A_passing_failure_of_the_server_is_tried_again(int status)
    {
        Cdn(new Fault.Status(status), 2);
        await AssertArrivesAsync();
        await AssertCdnAsync($"all → {status} 17", $"all → {status} 17", $"all → 200 {Size}");
        Assert.Equal([TimeSpan.FromMilliseconds(500), TimeSpan.FromMilliseconds(1000)], _bench.Time.Waits);
    }

    [Fact]
    public Task A_lasting_one_is_an_error()
    {
        Cdn(new Fault.Status(502), int.MaxValue);
        return AssertFailsAsync(
            $"WISE2001: The hub 'huggingface' gave no usable response at {Resolve}: it answered 502. Check the network, "
            + "a proxy (HTTPS_PROXY), and the endpoint in wisehub.json; a build whose lock file and cache are "
            + "complete needs no network.");
    }

    [Fact]
    public async Task The_whole_in_place_of_a_range_starts_over()
    {
        Cdn(new Fault.CutAfter(1_000_000));
        Cdn(new Fault.IgnoreRange());
        await AssertArrivesAsync();
        await AssertCdnAsync("all → 200 1000000", $"bytes=1000000- → 200 {Size}");
    }

    [Fact]
    public async Task A_range_that_cannot_be_had_starts_over()
    {
        Cdn(new Fault.CutAfter(1_000_000));
        Cdn(new Fault.RangeNotSatisfiable());
        await AssertArrivesAsync();
        await AssertCdnAsync("all → 200 1000000", "bytes=1000000- → 416 33", $"all → 200 {Size}");
    }

    [Fact]
    public async Task Another_range_than_was_asked_for_starts_over()
    {
        Cdn(new Fault.CutAfter(1_000_000));
        Cdn(new Fault.WrongRange(-5));
        await AssertArrivesAsync();
        Assert.Contains(_bench.Hub.Requests.All,
            r => r.Origin == "cdn" && !r.Headers.ContainsKey("Range") && r.BodyBytes == Size);
    }

    [Fact]
    public async Task Bytes_packed_without_being_asked_for_are_unpacked()
    {
        Cdn(new Fault.Gzip());
        await AssertArrivesAsync();
    }

    [Fact]
    public async Task Packed_bytes_to_a_range_start_over()
    {
        Cdn(new Fault.CutAfter(1_000_000));
        Cdn(new Fault.Gzip());
        await AssertArrivesAsync();
    }

    [Fact]
    public async Task An_address_that_has_expired_is_asked_for_anew()
    {
        Cdn(new Fault.CutAfter(1_000_000));
        Cdn(new Fault.ExpiredUrl());
        await AssertArrivesAsync();
        await AssertCdnAsync("all → 200 1000000", "bytes=1000000- → 403 78", $"bytes=1000000- → 206 {Size - 1_000_000}");
        Assert.Equal(3, _bench.Hub.Requests.Count("GET", "/acme/tiny/resolve/"));
    }

    [Fact]
    public Task An_address_that_always_has_expired_is_an_error()
    {
        Cdn(new Fault.ExpiredUrl(), int.MaxValue);
        return AssertFailsAsync(
            $"WISE2001: The hub 'huggingface' gave no usable response at {Resolve}: the address that it redirects to "
            + $"(<cdn>/content/{Sha}) answered 403. Check the network, a proxy (HTTPS_PROXY), and the endpoint in wisehub.json; "
            + "a build whose lock file and cache are complete needs no network.");
    }

    [Fact]
    public async Task Wrong_bytes_are_an_error_and_nothing_is_kept()
    {
        Cdn(new Fault.WrongBytes(2_000_000), int.MaxValue);
        byte[] wrong = [.. _content];
        wrong[2_000_000] ^= 0xff;
        await AssertFailsAsync(
            $"WISE3001: acme/tiny model.bin: {Resolve} gave bytes whose sha256 is {RestoreBench.Sha256(wrong)}, "
            + $"but it must be {Sha}. Nothing was kept. If the hub really replaced the file, run WiseUpdate (wisehub update) and "
            + "review the change of the lock file.");
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(5)]
    public Task A_wrong_length_is_an_error_before_a_byte_is_taken(int delta)
    {
        Cdn(new Fault.WrongLength(delta), int.MaxValue);
        return AssertFailsAsync($"WISE3002: acme/tiny model.bin: {Resolve} announces {Size + delta} bytes, "
            + $"but the file has {Size}. Nothing was kept. Try again; if it happens again, tell the operator of the hub.");
    }

    [Fact]
    public async Task A_body_without_an_announced_length_is_taken()
    {
        Cdn(new Fault.OmitHeaders("Content-Length"));
        await AssertArrivesAsync();
    }

    [Fact]
    public async Task Cancelled_in_the_middle_the_next_run_goes_on_where_it_was()
    {
        await CancelAfterTwoBlocksAsync();
        _bench.AssertNothingCame();

        await AssertArrivesAsync();
        Assert.Contains(_bench.Hub.Requests.All, r => r.Origin == "cdn"
            && r.Headers.GetValueOrDefault("Range") == $"bytes={2 * Block}-" && r.BodyBytes == Size - (2 * Block));
        Assert.Contains($"detail: acme/tiny model.bin: resuming after {2 * Block} bytes of an earlier run.",
            _bench.Project.Log.Text, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(Path.GetDirectoryName(Partial)!));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(Block + 17)]
    public async Task Of_what_was_kept_only_the_damaged_block_is_fetched_again(int at)
    {
        await CancelAfterTwoBlocksAsync();
        using (SafeFileHandle partial = File.OpenHandle(Partial, FileMode.Open, FileAccess.ReadWrite))
            RandomAccess.Write(partial, [(byte)~_content[at]], at);

        await AssertArrivesAsync();
        int first = at / Block * Block;
        await AssertCdnAsync($"all → 200 {(2 * Block) + 50_000}", $"bytes={2 * Block}- → 206 {Size - (2 * Block)}",
            $"bytes={first}-{first + Block - 1} → 206 {Block}");
    }

    [Fact]
    public async Task What_was_kept_under_a_damaged_checkpoint_is_thrown_away()
    {
        await CancelAfterTwoBlocksAsync();
        byte[] blocks = await File.ReadAllBytesAsync(Partial + ".blocks");
        blocks[3] ^= 1;
        await File.WriteAllBytesAsync(Partial + ".blocks", blocks);
        await AssertArrivesAsync();
        Assert.Equal(Size, _bench.Hub.Requests.All.Last(r => r.Origin == "cdn").BodyBytes);
    }

    [Fact]
    public async Task What_was_kept_is_not_believed_when_checkpoint_and_bytes_agree_on_something_else()
    {
        await CancelAfterTwoBlocksAsync();
        byte[] wrong = RandomNumberGenerator.GetBytes(Block);
        using (SafeFileHandle partial = File.OpenHandle(Partial, FileMode.Open, FileAccess.ReadWrite))
            RandomAccess.Write(partial, wrong, 0);
        byte[] hash = new byte[16];
        BinaryPrimitives.WriteUInt128LittleEndian(hash, Checkpoint.HashOf(wrong));
        using (SafeFileHandle blocks = File.OpenHandle(Partial + ".blocks", FileMode.Open, FileAccess.ReadWrite))
            RandomAccess.Write(blocks, hash, 512);
        await AssertArrivesAsync();
        Assert.Equal(Size, _bench.Hub.Requests.All.Last(r => r.Origin == "cdn").BodyBytes);
    }

    [Fact]
    public async Task What_was_kept_and_is_longer_than_the_file_is_thrown_away()
    {
        _bench.Project.Temp.Write("cache/partial/" + Sha, new byte[Size + 1]);
        await AssertArrivesAsync();
    }

    [Fact]
    public async Task What_another_version_of_the_tool_left_is_thrown_away()
    {
        _bench.Project.Temp.Write("cache/partial/" + Sha, _content);
        await AssertArrivesAsync();
        Assert.Equal(Size, _bench.Hub.Requests.All.Last(r => r.Origin == "cdn").BodyBytes);
    }

    [Fact]
    public async Task After_a_failing_first_hub_the_second_goes_on_at_the_same_byte()
    {
        await using HubBench other = await HubBench.StartAsync();
        other.BigRepo(Size);
        _bench.Project.Configure("""
            {"defaultHub":"huggingface","hubs":{"huggingface":{"protocol":"huggingface","stallTimeout":3600,"totalTimeout":7200},
                                                "mirror":{"protocol":"store","path":"mirror"}}}
            """);
        await new StoreBuilder(_bench.Project.Temp["mirror"]).PushAsync("any/thing", "main", [("x", _content)]);
        Cdn(new Fault.CutAfter(1_000_000));
        Cdn(new Fault.Status(502), int.MaxValue);
        RestoreResult result = await _bench.RestoreAsync(HubBench.Reference() with { Hubs = ["huggingface", "mirror"] });
        Assert.Equal(Sha, RestoreBench.Sha256(await File.ReadAllBytesAsync(result.Snapshots[0].Files[0].BlobPath)));
        Assert.Contains("Continuing with the hub 'mirror' at byte 1000000.", _bench.Project.Log.Visible,
            StringComparison.Ordinal);
        Assert.Contains("acme/tiny model.bin: 1.0 MB from 'huggingface', 2.0 MB from 'mirror'.", _bench.Project.Log.Visible,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_hub_that_is_down_is_tried_for_one_file_and_then_asked_last()
    {
        (string Path, byte[] Content)[] files =
            [.. Enumerable.Range(0, 5).Select(i => ($"{i}.bin", System.Text.Encoding.UTF8.GetBytes($"content {i}")))];
        // In LFS, so that their sha256 is known before they are: the mirror knows them by that.
        _bench.Hub.FindRepo(HubBench.Id)!
            .Commit(files.ToDictionary(f => f.Path, f => (byte[]?)f.Content), lfs: files.Select(f => f.Path).ToHashSet());
        _bench.Project.Configure("""
            {"defaultHub":"huggingface","hubs":{"huggingface":{"protocol":"huggingface","stallTimeout":3600,"totalTimeout":7200},
                                                "mirror":{"protocol":"store","path":"mirror"}}}
            """);
        await new StoreBuilder(_bench.Project.Temp["mirror"]).PushAsync("any/thing", "main",
            [("x", _content), .. files]);
        _bench.Hub.Faults.On("/resolve/", new Fault.Status(502), int.MaxValue);
        await _bench.RestoreAsync(HubBench.Reference() with { Hubs = ["huggingface", "mirror"] });
        // Three tries of the first file.
        Assert.Equal(3, _bench.Hub.Requests.Count("GET", "/acme/tiny/resolve/"));
    }

    [Fact]
    public async Task Progress_is_told_and_ends_at_the_whole()
    {
        await _bench.RestoreAsync();
        TransferProgress last = _bench.Project.Log.Reports.Last();
        Assert.Equal((Size, Size, 1, 1), ((int)last.BytesDone, (int)last.BytesTotal, last.FilesDone, last.FilesTotal));
    }
}
