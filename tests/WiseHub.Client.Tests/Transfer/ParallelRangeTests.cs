using WiseHub.Client.Transfer;
using WiseHub.Testing;

namespace WiseHub.Client.Tests;

/// <summary>One file over several connections. What makes the second one useful is a first one that is slow.</summary>
public sealed class ParallelRangeTests : IAsyncLifetime
{
    private const int Size = (40 << 20) + 12_345;

    private static readonly Fault Slow = new Fault.Stall(PartialBlob.BlockSize + 1, TimeSpan.FromMilliseconds(400));

    private HubBench _bench = null!;
    private byte[] _content = [];

    public async ValueTask InitializeAsync()
    {
        _bench = await HubBench.StartAsync();
        // What a file is does not matter here; judging it would take the first block in a request of its own.
        _bench.UsePolicy("{\"formats\":{\"level\":\"off\"}}");
        _content = _bench.BigRepo(Size);
    }

    public ValueTask DisposeAsync() => _bench.DisposeAsync();

    private string Sha => RestoreBench.Sha256(_content);

    private void Cdn(Fault fault, int times = 1) => _bench.Hub.Faults.On("/content/", fault, times, origin: "cdn");

    private async Task RestoreAsync(int connections = 8)
    {
        using HubClient client = _bench.NewClient(o => o with { ConnectionsPerFile = connections });
        RestoreResult result = await client.RestoreAsync(_bench.Project.Request(HubBench.Reference()), CancellationToken.None);
        await using FileStream blob = File.OpenRead(result.Snapshots[0].Files[0].BlobPath);
        Assert.Equal(Sha, Convert.ToHexStringLower(await System.Security.Cryptography.SHA256.HashDataAsync(blob)));
        Assert.Empty(Directory.GetFileSystemEntries(Path.Combine(_bench.Project.Cache, "partial")));
    }

    private List<RequestRecord> Cdn(int status) =>
        [.. _bench.Hub.Requests.All.Where(r => r.Origin == "cdn" && r.Status == status)];

    /// <summary>Every byte was sent once: the ranges that were answered, put in order, have neither gap nor overlap.</summary>
    private void AssertEachByteOnce()
    {
        List<RequestRecord> all = [.. _bench.Hub.Requests.All.Where(r => r.Origin == "cdn")];
        string shown = string.Join('\n',
            all.Select(r => $"{r.Headers.GetValueOrDefault("Range")} {r.Status} {r.BodyBytes}"));
        long next = 0;
        foreach ((long from, long bytes) in all.Where(r => r.Status == 206)
            .Select(r => (long.Parse(r.Headers["Range"][6..].Split('-')[0], null), r.BodyBytes)).Order())
        {
            Assert.True(next == from, shown);
            next += bytes;
        }
        Assert.True(next == Size, shown);
    }

    [Fact]
    public async Task A_slow_connection_gets_help_and_each_byte_is_sent_once()
    {
        Cdn(Slow);
        await RestoreAsync();
        AssertEachByteOnce();
        Assert.True(Cdn(206).Count >= 5, "pieces of at most 8 MiB");
    }

    [Fact]
    public async Task One_connection_is_one_request()
    {
        Cdn(Slow);
        await RestoreAsync(connections: 1);
        RequestRecord only = Assert.Single(_bench.Hub.Requests.All, r => r.Origin == "cdn");
        Assert.Equal((200, (long)Size, null), (only.Status, only.BodyBytes, only.Headers.GetValueOrDefault("Range")));
    }

    [Fact]
    public async Task A_server_without_ranges_sends_the_whole_once()
    {
        Cdn(new Fault.IgnoreRange(), int.MaxValue);
        await RestoreAsync();
        Assert.Equal((200, (long)Size),
            Assert.Single(_bench.Hub.Requests.All.Where(r => r.Origin == "cdn").Select(r => (r.Status, r.BodyBytes))));
    }

    [Theory]
    [InlineData(429)]
    [InlineData(503)]
    public async Task A_server_that_refuses_the_second_connection_is_left_with_one(int status)
    {
        Cdn(Slow);
        Cdn(new Fault.Status(status));
        await RestoreAsync();
        Assert.Single(Cdn(status));
        AssertEachByteOnce();
        Assert.Contains($"detail: acme/tiny model.bin: it answered {status}; at most 1 at a time from now on.",
            _bench.Project.Log.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Another_range_than_asked_for_is_not_taken_and_the_whole_is_asked_for()
    {
        Cdn(new Fault.WrongRange(1), 1);
        await RestoreAsync();
        RequestRecord whole = Assert.Single(Cdn(200));
        Assert.Equal(Size, whole.BodyBytes);
    }

    [Fact]
    public async Task A_server_that_always_sends_another_range_and_refuses_the_whole_is_given_up()
    {
        Cdn(new Fault.WrongRange(1), 1);
        Cdn(new Fault.Status(404), int.MaxValue);
        string failure = await _bench.FailureAsync();
        Assert.StartsWith("WISE2001: ", failure, StringComparison.Ordinal);
        _bench.AssertNothingCame();
    }

    [Fact]
    public async Task An_address_that_expires_between_two_pieces_is_asked_for_anew()
    {
        Cdn(new Fault.OmitHeaders("X-None"));
        Cdn(new Fault.ExpiredUrl());
        await RestoreAsync(connections: 2);
        AssertEachByteOnce();
        Assert.Equal(2, _bench.Hub.Requests.Count("GET", "/acme/tiny/resolve/"));
    }

    [Fact]
    public async Task Pieces_that_are_cut_go_on_where_they_ended()
    {
        Cdn(Slow);
        Cdn(new Fault.CutAfter(1_234_567), 4);
        await RestoreAsync();
        AssertEachByteOnce();
    }

    [Fact]
    public async Task Wrong_bytes_in_one_piece_are_noticed_and_nothing_is_kept()
    {
        Cdn(Slow);
        Cdn(new Fault.WrongBytes(20 << 20), int.MaxValue);
        Assert.StartsWith("WISE3001: ", await _bench.FailureAsync(), StringComparison.Ordinal);
        _bench.AssertNothingCame();
        _bench.Hub.Faults.Clear();
        await RestoreAsync();
    }
}
