using System.Text;
using WiseHub.Testing.HgBucket;

namespace WiseHub.Client.Tests;

/// <summary>Importing bundles into a bucket, and listing a bucket.</summary>
public sealed class BucketBundleTests : IAsyncLifetime
{
    private const string Both = "config.json={}\nmodel.bin=weights";

    private readonly RestoreBench _bench = new();
    private HgBucketServer _server = null!;
    private string _commit = "";

    private string Bundle => _bench.Temp["carried.tar"];

    private static RepoReference Tiny => new() { RepoId = "acme/tiny", Hubs = ["local"], Revision = "main" };

    public async ValueTask InitializeAsync()
    {
        _server = await HgBucketServer.StartAsync();
        Configure();
        _bench.SetEnvironment("AWS_ACCESS_KEY_ID", "KEY");
        _bench.SetEnvironment("AWS_SECRET_ACCESS_KEY", "SECRET");
        _bench.Log.Hiding(_server.Endpoint.AbsoluteUri.TrimEnd('/'), "<server>");
        _commit = await _bench.Hub.PushAsync("acme/tiny", ("config.json", "{}"), ("model.bin", "weights"));
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _bench.Dispose();
    }

    private void Configure(string local = "\"path\":\"hub\"", string more = "") => _bench.Configure($$"""
        {"defaultHub":"local","hubs":{"local":{"protocol":"store",{{local}}},
         "web":{"protocol":"store","endpoint":"http://127.0.0.1:9"},
         "team":{"protocol":"s3","bucket":"data","prefix":"hub","endpoint":"{{_server.Endpoint}}","pathStyle":true,
          "conditionalWrites":true,"retries":1} }{{more}} }
        """);

    private async Task<T> WithAsync<T>(Func<HubClient, Task<T>> act, bool offline = false)
    {
        using HubClient client = _bench.NewClient(o => o with { Offline = offline });
        return await act(client);
    }

    private async Task<string> FailureAsync(Func<HubClient, Task> act, bool offline = false) =>
        await _bench.FailureOfAsync(() => WithAsync(async client => { await act(client); return 0; }, offline));

    private Task<MirrorResult> ExportAsync(params string[] have) =>
        WithAsync(client => client.Mirrors.ExportBundleAsync(
            new ExportBundleRequest { References = [Tiny], BundlePath = Bundle, HavePaths = have }));

    private static ImportBundleRequest Import(string bundle) => new() { BundlePath = bundle, To = "team" };

    private Task<MirrorResult> ImportAsync() => WithAsync(client => client.Mirrors.ImportBundleAsync(Import(Bundle)));

    private static string Key(string text) =>
        RestoreBench.Sha256(text) is var sha256 ? $"hub/blobs/{sha256[..2]}/{sha256[2..]}" : "";

    [Fact]
    public async Task An_imported_bundle_is_in_the_bucket_and_restored_from_it_alone()
    {
        MirrorResult exported = await ExportAsync();
        Directory.Delete(_bench.Cache, recursive: true);
        MirrorResult imported = await ImportAsync();
        Assert.Equal((2, 9L), (imported.FilesWritten, imported.BytesWritten));
        Assert.Equal(exported.Commits, imported.Commits);
        Assert.Equal(new[]
        {
            Key("{}"),
            Key("weights"),
            "hub/models/acme/tiny/refs/main",
            $"hub/models/acme/tiny/trees/{_commit}.json",
            "hub/wisehub-store.json"
        }.Order(StringComparer.Ordinal),
            _server.Objects.Keys.Order(StringComparer.Ordinal));
        Directory.Delete(_bench.Cache, recursive: true);
        Configure("\"endpoint\":\"http://127.0.0.1:9\"", """, "mirrors":[{"hub":"team"}],"mirrorsOnly":true""");
        RestoreResult result = await _bench.RestoreAsync(Tiny);
        Assert.Equal((_commit, Both), (result.Snapshots[0].Commit, RestoreBench.Contents(result.Snapshots[0])));
    }

    [Fact]
    public async Task An_import_writes_the_blobs_then_the_file_list_and_the_branch_last()
    {
        await ExportAsync();
        await ImportAsync();
        string[] put = [.. _server.Requests.All.Where(r => r.Method == "PUT").Select(r => r.Path["/data/hub/".Length..]
            .Split('/')[0] is "models" ? r.Path.Split('/')[6] : r.Path["/data/hub/".Length..].Split('/')[0])];
        Assert.Equal(["wisehub-store.json", "blobs", "blobs", "trees", "refs"], put);
    }

    [Fact]
    public async Task A_second_import_writes_nothing()
    {
        await ExportAsync();
        await ImportAsync();
        _server.Requests.Clear();
        MirrorResult again = await ImportAsync();
        Assert.Equal((0, 0L, 0), (again.FilesWritten, again.BytesWritten, _server.Requests.Count("PUT")));
    }

    [Fact]
    public async Task A_damaged_bundle_does_not_change_the_bucket()
    {
        await ExportAsync();
        byte[] whole = await File.ReadAllBytesAsync(Bundle, TestContext.Current.CancellationToken);
        int at = whole.AsSpan().IndexOf("weights"u8);
        whole[at] ^= 1;
        await File.WriteAllBytesAsync(Bundle, whole, TestContext.Current.CancellationToken);
        Assert.StartsWith("WISE3062: The bundle <temp>/carried.tar is damaged: ",
            await FailureAsync(client => client.Mirrors.ImportBundleAsync(Import(Bundle))), StringComparison.Ordinal);
        Assert.Empty(_server.Objects);
    }

    [Fact]
    public async Task Files_omitted_from_a_bundle_must_be_in_the_bucket()
    {
        string list = _bench.Temp.Write("have.txt", RestoreBench.Sha256("weights"));
        await ExportAsync(list);
        Assert.StartsWith("WISE3063: <temp>/carried.tar omits 1 file that 'team' should already have, "
            + $"but 1 of them cannot be found there: {RestoreBench.Sha256("weights")}.",
            await FailureAsync(client => client.Mirrors.ImportBundleAsync(Import(Bundle))), StringComparison.Ordinal);
        Assert.Empty(_server.Objects);
        _server.Put(Key("weights"), "weights");
        MirrorResult imported = await ImportAsync();
        Assert.Equal((1, 2L), (imported.FilesWritten, imported.BytesWritten));
    }

    [Fact]
    public async Task A_bucket_is_listed_and_an_export_omits_its_files()
    {
        await ExportAsync();
        await ImportAsync();
        _server.Objects.TryRemove(Key("{}"), out _);
        _server.PageSize = 2;
        MirrorListing listing = await WithAsync(client => client.Mirrors.ListAsync("team"));
        MirrorCommit commit = Assert.Single(listing.Commits);
        Assert.Equal(("acme/tiny", _commit, "main", 2, 9L, 1),
            (commit.RepoId, commit.Commit, Assert.Single(commit.Revisions), commit.Files, commit.Bytes, commit.Missing));
        Assert.Equal(RestoreBench.Sha256("weights"), Assert.Single(listing.Digests).Hex);
        string list = _bench.Temp.Write("have.txt", string.Join('\n', listing.Digests));
        Assert.Equal((1, 1), await ExportAsync(list) is var e ? (e.FilesWritten, e.FilesLeftOut) : default);
    }

    [Fact]
    public async Task A_small_content_of_a_bucket_is_read_and_verified()
    {
        await ExportAsync();
        await ImportAsync();
        Digest weights = (await WithAsync(client => client.Mirrors.ListAsync("team"))).Digests
            .Single(d => d.Hex == RestoreBench.Sha256("weights"));
        Assert.Equal("weights"u8.ToArray(), await WithAsync(client => client.Mirrors.ReadAsync("team", weights, 7)));
        Assert.Null(await WithAsync(client => client.Mirrors.ReadAsync("team", weights, 6)));
        _server.Put(Key("weights"), "damaged");
        Assert.Equal($"WISE3001: The hub 'team' has a changed file: blobs/{weights.Hex[..2]}/{weights.Hex[2..]} has the sha256 "
            + $"{RestoreBench.Sha256("damaged")}. Restore it from a backup, or push the file again.",
            await FailureAsync(client => client.Mirrors.ReadAsync("team", weights, 7)));
        _server.Objects.TryRemove(Key("weights"), out _);
        Assert.Null(await WithAsync(client => client.Mirrors.ReadAsync("team", weights, 7)));
    }

    [Fact]
    public async Task A_bucket_that_is_not_a_store_is_an_error()
    {
        Assert.Equal("WISE3005: The hub 'team' is not a store: <server>/data/hub/wisehub-store.json is missing. "
            + "Check its bucket and prefix; a first push makes a bucket a store.",
            await FailureAsync(client => client.Mirrors.ListAsync("team")));
    }

    [Fact]
    public async Task Offline_a_bucket_is_an_error_without_a_request()
    {
        await ExportAsync();
        const string Failure = "WISE2014: The hub 'team' is not a folder, and the network must not be used (WiseOffline, "
            + "WISEHUB_OFFLINE or HF_HUB_OFFLINE). Name a folder hub, or work online.";
        Assert.Equal(Failure, await FailureAsync(client => client.Mirrors.ImportBundleAsync(Import(Bundle)), offline: true));
        Assert.Equal(Failure, await FailureAsync(client => client.Mirrors.ListAsync("team"), offline: true));
        Assert.Empty(_server.Requests.All);
    }

    [Fact]
    public async Task Listing_a_web_server_is_an_error() => Assert.Equal(
        "WISE1050: The hub 'web' cannot be listed. Use a bundle, a hub with \"protocol\": \"store\" and a \"path\" "
        + "or \"protocol\": \"s3\".", await FailureAsync(client => client.Mirrors.ListAsync("web")));

    [Fact]
    public async Task A_bundle_is_recognized_by_its_content_and_not_by_its_name()
    {
        await ExportAsync();
        string renamed = _bench.Temp["carried.bundle"];
        File.Move(Bundle, renamed);
        string[] said = await WithAsync(client => Task.FromResult(new[]
        {
            client.Mirrors.IsBundle(renamed),
            client.Mirrors.IsBundle("none.tar"),
            client.Mirrors.IsBundle("team"),
            client.Mirrors.IsBundle("TEAM")
        }.Select(b => b.ToString()).ToArray()));
        Assert.Equal(["True", "True", "False", "False"], said);
        Assert.Equal(_commit, Assert.Single((await WithAsync(client => client.Mirrors.ListAsync(renamed))).Commits).Commit);
        Assert.Equal(2, (await WithAsync(client => client.Mirrors.ImportBundleAsync(Import(renamed)))).FilesWritten);
    }

    [Fact]
    public async Task A_source_that_is_neither_a_file_nor_a_hub_is_an_error()
    {
        string none = _bench.Temp["none.bundle"];
        Assert.Equal("WISE1052: '<temp>/none.bundle' is neither a bundle (there is no file <temp>/none.bundle) nor a hub. The "
            + "known hubs are github, gitlab, huggingface, local, team, web, wisemodel.",
            await FailureAsync(client => client.Mirrors.ListAsync(none)));
    }

    [Fact]
    public async Task A_file_that_is_not_a_bundle_is_an_error()
    {
        string other = _bench.Temp.Write("other.bin", Encoding.ASCII.GetBytes(new string('x', 2000)));
        Assert.StartsWith("WISE3061: <temp>/other.bin is not a bundle: it does not begin with wisehub-bundle.json.",
            await FailureAsync(client => client.Mirrors.ImportBundleAsync(Import(other))), StringComparison.Ordinal);
        Assert.Empty(_server.Objects);
    }
}
