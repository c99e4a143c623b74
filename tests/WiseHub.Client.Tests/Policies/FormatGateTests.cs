using System.Text;
using WiseHub.Testing;

namespace WiseHub.Client.Tests;

/// <summary>What happens to a file that runs code, on its way into a build.</summary>
public sealed class FormatGateTests : IAsyncLifetime
{
    // A pickle of protocol 2 that calls os.system.
    private static readonly byte[] Pickle = [0x80, 2, .. "cos\nsystem\nX\u0002\0\0\0lsq\0\u0085R."u8];

    private readonly RestoreBench _bench = new();

    private string _commit = "";

    public async ValueTask InitializeAsync() => _commit = await PushAsync(Pickle);

    public ValueTask DisposeAsync()
    {
        _bench.Dispose();
        return ValueTask.CompletedTask;
    }

    private Task<string> PushAsync(byte[] weights) => _bench.Hub.PushAsync("acme/tiny", "main",
        [("config.json", Encoding.UTF8.GetBytes("{}")), ("weights.bin", weights)]);

    private static RepoReference Reference(params string[] waive) => new() { RepoId = "acme/tiny", Waive = waive };

    private void Level(string level) => _bench.Configure(
        "{\"defaultHub\":\"local\",\"hubs\":{\"local\":{\"protocol\":\"store\",\"path\":\"hub\"}},"
            + $"\"policy\":{{\"formats\":{{\"level\":\"{level}\"}}}}}}");

    [Fact]
    public async Task A_pickle_is_refused_without_any_configuration()
    {
        string failure = await _bench.FailureAsync(Reference());
        Assert.StartsWith("WISE6010: acme/tiny: 'weights.bin' (Python pickle) can run code when it is loaded or started, so it "
            + "is not used. ", failure, StringComparison.Ordinal);
        Assert.EndsWith(" set Waive=\"pickle\" at the reference; the lock file then records its digest. It imports os.system.",
            failure, StringComparison.Ordinal);
        Assert.False(File.Exists(_bench.LockFile));
        Assert.DoesNotContain(RestoreBench.Sha256(Pickle)[2..], TempFolder.Tree(_bench.Cache), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_pickle_that_the_cache_has_already_is_refused_too()
    {
        Level("off");
        await _bench.RestoreAsync(Reference());
        Level("standard");
        Assert.StartsWith("WISE6010", await _bench.FailureAsync(Reference()), StringComparison.Ordinal);
        Assert.StartsWith("WISE6010", await _bench.FailureAsync(_bench.Request(Reference()) with { LookFirst = true }),
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_a_lock_file_and_a_policy_a_download_takes_what_it_is_asked_for()
    {
        using HubClient client = _bench.NewClient();
        await client.DownloadAsync(Reference(), cancel: TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task A_file_that_patterns_leave_out_does_not_matter() =>
        await _bench.RestoreAsync(Reference() with { Files = new FileSelection(["*.json"], []) });

    [Fact]
    public async Task A_waiver_is_recorded_with_the_digest_that_it_covers()
    {
        await _bench.RestoreAsync(Reference("pickle"));
        Assert.Contains($"\"sha256\":\"{RestoreBench.Sha256(Pickle)}\",\"waived\":\"pickle\"}}", _bench.LockText,
            StringComparison.Ordinal);
        await _bench.RestoreAsync(_bench.Request(Reference("pickle")) with { Locked = true });
    }

    [Fact]
    public async Task A_waiver_does_not_cover_other_bytes()
    {
        await _bench.RestoreAsync(Reference("pickle"));
        string before = _bench.LockText;
        await PushAsync([.. Pickle, .. Pickle]);
        RestoreRequest update = _bench.Request(Reference("pickle")) with { Update = true };
        Assert.Equal("WISE6012: acme/tiny: Waive=\"pickle\" does not cover the present content of 'weights.bin': "
            + "<temp>/wise.lock.json records the waiver for other bytes, or not at all. Review the new file. If you trust it, "
            + "update "
            + "with -p:WiseRenewWaivers=true, and commit the lock file.", await _bench.FailureAsync(update));
        Assert.Equal(before, _bench.LockText);
        await _bench.RestoreAsync(update with { RenewWaivers = true });
        Assert.Contains(RestoreBench.Sha256([.. Pickle, .. Pickle]), _bench.LockText, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_waiver_that_the_lock_file_does_not_record_does_not_count_in_locked_mode()
    {
        Level("off");
        await _bench.RestoreAsync(Reference());
        Level("standard");
        Assert.StartsWith("WISE6012", await _bench.FailureAsync(_bench.Request(Reference("pickle")) with { Locked = true }),
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_waiver_that_no_file_needs_is_an_error()
    {
        await PushAsync("just text"u8.ToArray());
        Assert.Equal(
            "WISE6013: acme/tiny: Waive has 'keras', but no selected file needs it. Remove it, so that it cannot cover a "
            + "file that comes later.", await _bench.FailureAsync(Reference("keras")));
    }

    [Fact]
    public async Task An_unknown_kind_is_an_error() => Assert.Equal(
        "WISE1004: acme/tiny: Waive has 'pickles', which is not a kind "
        + "of content. Did you mean 'pickle'? The kinds are pickle, keras, savedmodel, program, script, unknown.",
        await _bench.FailureAsync(Reference("pickles")));

    [Fact]
    public async Task The_strict_level_takes_only_known_data()
    {
        await PushAsync([0xFF, 0xFE, 0xFD, 1, 2, 3]);
        await _bench.RestoreAsync(Reference());
        Level("strict");
        Assert.StartsWith(
            "WISE6011: acme/tiny: 'weights.bin' (unknown format) is not known to be data, ",
            await _bench.FailureAsync(Reference()), StringComparison.Ordinal);
        await _bench.RestoreAsync(Reference("unknown"));
    }

    [Fact]
    public async Task The_users_own_level_makes_that_of_the_project_stricter_and_never_weaker()
    {
        _bench.Temp.Write("home/.config/wisehub/wisehub.json", "{\"policy\":{\"formats\":{\"level\":\"standard\"}}}");
        Level("off");
        Assert.StartsWith("WISE6010", await _bench.FailureAsync(Reference()), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_list_of_formats_refuses_all_others()
    {
        await PushAsync("text"u8.ToArray());
        _bench.Configure("{\"defaultHub\":\"local\",\"hubs\":{\"local\":{\"protocol\":\"store\",\"path\":\"hub\"}},"
            + "\"policy\":{\"formats\":{\"allow\":[\"json\"]}}}");
        Assert.StartsWith(
            "WISE6004: acme/tiny: 'weights.bin' (text) has the format 'text', and the policy in ",
            await _bench.FailureAsync(Reference()), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_safetensors_file_with_a_tail_is_refused()
    {
        await _bench.Hub.PushAsync("acme/tiny", "main",
            [("a.safetensors", [2, 0, 0, 0, 0, 0, 0, 0, .. "{}tail"u8])]);
        Assert.StartsWith("WISE6020: acme/tiny: 'a.safetensors' has a wrong header: ", await _bench.FailureAsync(Reference()),
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_index_without_one_of_its_parts_is_refused_if_another_part_is_selected()
    {
        byte[] part = [2, 0, 0, 0, 0, 0, 0, 0, .. "{}"u8];
        await _bench.Hub.PushAsync("acme/tiny", "main",
        [
            ("m-1.safetensors", part), ("m-2.safetensors", part),
            ("m.safetensors.index.json", "{\"weight_map\":{\"a\":\"m-1.safetensors\",\"b\":\"m-2.safetensors\"}}"u8.ToArray()),
        ]);
        Assert.Equal(
            "WISE6021: acme/tiny: 'm.safetensors.index.json' needs 'm-2.safetensors', which the patterns leave out. Add it "
            + "to AllowPatterns.", await _bench.FailureAsync(
                Reference() with { Files = new FileSelection(["*.json", "m-1.*"], []) }));
        await _bench.RestoreAsync(Reference() with { Files = new FileSelection(["*.json"], []) });
    }

    [Fact]
    public async Task Code_of_another_repo_is_a_warning()
    {
        await _bench.Hub.PushAsync("acme/tiny", ("config.json", "{\"auto_map\":{\"AutoModel\":\"evil/repo--m.Model\"}}"));
        await _bench.RestoreAsync(Reference());
        Assert.Contains("warning WISE6016: acme/tiny: 'config.json' names code of another repo ('evil/repo--", _bench.Log.Text,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_mirror_gets_what_the_lock_file_has()
    {
        await _bench.RestoreAsync(Reference("pickle"));
        using HubClient client = _bench.NewClient();
        await client.Mirrors.PushAsync(new MirrorRequest { To = "second", LockFilePath = _bench.LockFile },
            TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task Of_a_large_pickle_less_than_a_megabyte_is_requested()
    {
        await using HubBench bench = await HubBench.StartAsync();
        bench.Hub.CreateRepo(HubBench.Id).Commit(
            new Dictionary<string, byte[]?> { ["weights.bin"] = [.. Pickle, .. new byte[40 << 20]] });
        Assert.StartsWith("WISE6010", await bench.FailureAsync(), StringComparison.Ordinal);
        Assert.Equal(["bytes=0-131071"], RangesOf(bench));
        bench.AssertNothingCame();
    }

    // The smallest is the last one to be downloaded, and the only one that is refused.
    [Fact]
    public async Task Of_several_large_files_only_first_bytes_come_if_one_is_refused()
    {
        await using HubBench bench = await HubBench.StartAsync();
        var files = new Dictionary<string, byte[]?>();
        for (int i = 0; i < 12; i++)
            files[$"m-{i:00}.bin"] = new byte[(30 - i) << 20];
        files["z.bin"] = [.. Pickle, .. new byte[17 << 20]];
        bench.Hub.CreateRepo(HubBench.Id).Commit(files);
        using HubClient client = bench.NewClient(o => o with { MaxParallelDownloads = 2 });
        HubException refused = await Assert.ThrowsAsync<HubException>(
            () => client.RestoreAsync(bench.Project.Request(HubBench.Reference()), TestContext.Current.CancellationToken));
        Assert.Equal(WiseCodes.RunsCode, refused.Code);
        Assert.Equal(["bytes=0-131071"], RangesOf(bench));
        bench.AssertNothingCame();
    }

    [Fact]
    public async Task Looking_at_several_large_files_first_costs_no_request()
    {
        await using HubBench bench = await HubBench.StartAsync();
        bench.Hub.CreateRepo(HubBench.Id).Commit(new Dictionary<string, byte[]?>
        { ["a.bin"] = new byte[17 << 20], ["b.bin"] = RandomBytes.Of(20 << 20, 1), ["c.bin"] = RandomBytes.Of(33 << 20, 2) });
        int[] counts = [await RequestsOfAsync(bench, "off"), await RequestsOfAsync(bench, "standard")];
        Assert.Equal(counts[0], counts[1]);
    }

    [Theory]
    [InlineData(17)]
    [InlineData(20)]
    [InlineData(24)]
    [InlineData(33)]
    [InlineData(64)]
    public async Task Judging_a_large_file_costs_no_request(int blocks)
    {
        await using HubBench bench = await HubBench.StartAsync();
        bench.BigRepo(blocks << 20);
        int[] counts = [await RequestsOfAsync(bench, "off"), await RequestsOfAsync(bench, "standard")];
        Assert.Equal(counts[0], counts[1]);
    }

    private static async Task<int> RequestsOfAsync(HubBench bench, string level)
    {
        bench.UsePolicy($"{{\"formats\":{{\"level\":\"{level}\"}}}}");
        int before = bench.Hub.Requests.All.Count;
        // With two connections, pieces have the same size whatever the speed is.
        using HubClient client = bench.NewClient(o => o with { ConnectionsPerFile = 2 });
        await client.RestoreAsync(bench.Project.Request(HubBench.Reference()), TestContext.Current.CancellationToken);
        Directory.Delete(bench.Project.Cache, recursive: true);
        File.Delete(bench.Project.LockFile);
        return bench.Hub.Requests.All.Count - before;
    }

    private static IEnumerable<string> RangesOf(HubBench bench) =>
        bench.Hub.Requests.All.Select(r => r.Headers.GetValueOrDefault("Range")).OfType<string>().Distinct();
}
