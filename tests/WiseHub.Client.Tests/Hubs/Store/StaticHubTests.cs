using WiseHub.Client.Transfer;
using WiseHub.Testing;

namespace WiseHub.Client.Tests;

public sealed class StaticHubTests : IAsyncLifetime
{
    private static readonly RepoReference Tiny = new() { RepoId = "acme/tiny" };

    private readonly RestoreBench _bench = new();
    private StaticServer _server = null!;
    private string _commit = "";

    public async ValueTask InitializeAsync()
    {
        _commit = await _bench.Hub.PushAsync("acme/tiny", ("config.json", "{}"), ("sub/model.bin", "weights"));
        await ServeAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _bench.Dispose();
    }

    private async Task ServeAsync(string? token = null)
    {
        if (_server is not null)
            await _server.DisposeAsync();
        _server = await StaticServer.StartAsync(_bench.Hub.Folder, token);
        _bench.Log.Hiding(_server.Endpoint.GetLeftPart(UriPartial.Authority), "<web>");
        _bench.Configure($$"""{"defaultHub":"web","hubs":{"web":{"protocol":"store","endpoint":"{{_server.Endpoint}}"} } }""");
    }

    private string Requests =>
        string.Join('\n', _server.Requests.All.Select(r => $"{r.Method} {r.Path} {r.Status}").Order(StringComparer.Ordinal));

    private static string Blob(string text) =>
        RestoreBench.Sha256(text) is var sha256 ? $"/blobs/{sha256[..2]}/{sha256[2..]}" : "";

    [Fact]
    public async Task A_folder_hub_can_be_served_by_a_static_web_server()
    {
        RestoreResult result = await _bench.RestoreAsync(Tiny);
        Assert.Equal((_commit, "config.json={}\nsub/model.bin=weights"),
            (result.Snapshots[0].Commit, RestoreBench.Contents(result.Snapshots[0])));
        Assert.Equal(string.Join('\n', new[]
        {
            "GET /wisehub-store.json 200", "GET /models/acme/tiny/refs/main 200",
            $"GET /models/acme/tiny/trees/{_commit}.json 200", $"GET {Blob("{}")} 200", $"GET {Blob("weights")} 200",
        }.Order(StringComparer.Ordinal)), Requests);
    }

    [Fact]
    public async Task A_second_restore_sends_no_request()
    {
        await _bench.RestoreAsync(Tiny);
        _server.Requests.Clear();
        Assert.NotNull(_bench.TryRestoreLocally(_bench.Request(Tiny)));
        await _bench.RestoreAsync(Tiny);
        Assert.Equal("", Requests);
    }

    [Fact]
    public async Task A_locked_restore_requests_only_blobs()
    {
        await _bench.RestoreAsync(Tiny);
        Directory.Delete(_bench.Cache, recursive: true);
        _server.Requests.Clear();
        await _bench.RestoreAsync(_bench.Request(Tiny) with { Locked = true });
        Assert.Equal(string.Join('\n',
            new[] { $"GET {Blob("{}")} 200", $"GET {Blob("weights")} 200" }.Order(StringComparer.Ordinal)), Requests);
    }

    [Fact]
    public async Task A_store_may_be_below_a_path_of_the_server()
    {
        await using StaticServer parent = await StaticServer.StartAsync(_bench.Temp.Path);
        _bench.Configure($$"""{"defaultHub":"web","hubs":{"web":{"protocol":"store","endpoint":"{{parent.Endpoint}}hub/"} } }""");
        Assert.Equal("config.json={}\nsub/model.bin=weights",
            RestoreBench.Contents((await _bench.RestoreAsync(Tiny)).Snapshots[0]));
    }

    [Fact]
    public async Task A_commit_as_revision_is_found()
    {
        RestoreResult result = await _bench.RestoreAsync(Tiny with { Revision = _commit });
        Assert.Equal(_commit, result.Snapshots[0].Commit);
    }

    [Fact]
    public async Task An_unknown_revision_is_an_error() => Assert.Equal(
        "WISE2003: acme/tiny: the hub 'web' has no revision 'v9' of it (<web>/models/acme/tiny/refs/v9 is missing). "
        + "Check name and revision, or push them.",
        await _bench.FailureAsync(Tiny with { Revision = "v9" }));

    [Fact]
    public async Task A_server_without_a_store_is_an_error()
    {
        File.Delete(_bench.Temp["hub/wisehub-store.json"]);
        Assert.Equal("WISE3005: The hub 'web' is not a store: <web>/wisehub-store.json is missing. Check its path or endpoint; "
            + "a first push makes a folder a store.", await _bench.FailureAsync(Tiny));
    }

    [Fact]
    public async Task A_store_of_a_newer_version_is_an_error()
    {
        _bench.Temp.Write("hub/wisehub-store.json", """{"version":2}""");
        Assert.Equal("WISE3005: <web>/wisehub-store.json has version 2; this WiseHub reads version 1. "
            + "Update the WiseHub.Build package.", await _bench.FailureAsync(Tiny));
    }

    [Fact]
    public async Task A_web_page_instead_of_the_marker_is_an_error()
    {
        _bench.Temp.Write("hub/wisehub-store.json", "<html>Welcome</html>");
        Assert.StartsWith("WISE2010: The hub 'web' gives a web page at <web>/wisehub-store.json "
            + "instead of JSON. It may be a login page, ", await _bench.FailureAsync(Tiny), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_missing_blob_is_an_error()
    {
        File.Delete(_bench.Hub.Folder + Blob("weights"));
        Assert.Equal($"WISE2008: The hub 'web' answered 404 at <web>{Blob("weights")}: a blob that the hub lists "
            + "is missing. Push it again.", await _bench.FailureAsync(Tiny));
    }

    [Fact]
    public async Task A_blob_with_wrong_bytes_is_an_error()
    {
        await File.WriteAllTextAsync(_bench.Hub.Folder + Blob("weights"), "WEIGHTS");
        Assert.Equal(
            $"WISE3001: acme/tiny sub/model.bin: <web>{Blob("weights")} gave bytes whose sha256 is "
            + $"{RestoreBench.Sha256("WEIGHTS")}, but it must be {RestoreBench.Sha256("weights")}. Nothing was kept. "
            + "If the hub really replaced the file, run WiseUpdate (wisehub update) and review the change of the lock file.",
            await _bench.FailureAsync(Tiny));
    }

    [Fact]
    public async Task A_server_that_requires_a_token_needs_the_token_of_its_hub()
    {
        await ServeAsync("secret");
        Assert.Equal("WISE2005: The hub 'web' answered 401 at <web>/wisehub-store.json. Set WISEHUB_TOKEN_WEB to a token with "
            + "read access, or run 'wisehub login web'.", await _bench.FailureAsync(Tiny));
        _bench.SetEnvironment("HF_TOKEN", "secret");
        Assert.StartsWith("WISE2005", await _bench.FailureAsync(Tiny), StringComparison.Ordinal);
        _bench.SetEnvironment("WISEHUB_TOKEN_WEB", "wrong");
        Assert.Equal("WISE2016: The hub 'web' answered 403 at <web>/wisehub-store.json. Check the permissions of the token of "
            + "the environment variable WISEHUB_TOKEN_WEB, and those of the files on the server.",
            await _bench.FailureAsync(Tiny));
        _bench.SetEnvironment("WISEHUB_TOKEN_WEB", "secret");
        Assert.Equal("config.json={}\nsub/model.bin=weights",
            RestoreBench.Contents((await _bench.RestoreAsync(Tiny)).Snapshots[0]));
    }

    [Fact]
    public async Task An_interrupted_download_from_a_static_server_resumes()
    {
        byte[] content = RandomBytes.Of(2_000_000, seed: 2);
        await _bench.Hub.PushAsync("acme/big", "main", [("big.bin", content)]);
        string sha256 = RestoreBench.Sha256(content);
        string partial = _bench.Temp.Write("cache/partial/" + sha256, content[..PartialBlob.BlockSize]);
        using (Checkpoint checkpoint = Checkpoint.Open(partial + ".blocks", content.Length, PartialBlob.BlockSize))
            checkpoint.Mark(0, Checkpoint.HashOf(content.AsSpan(0, PartialBlob.BlockSize)));
        RestoreResult result = await _bench.RestoreAsync(new RepoReference { RepoId = "acme/big" });
        Assert.Equal(sha256, RestoreBench.Sha256(await File.ReadAllBytesAsync(result.Snapshots[0].Files[0].BlobPath)));
        RequestRecord last = Assert.Single(_server.Requests.All, r => r.Path.StartsWith("/blobs/", StringComparison.Ordinal));
        Assert.Equal(($"bytes={PartialBlob.BlockSize}-", 206, content.Length - (long)PartialBlob.BlockSize),
            (last.Headers["Range"], last.Status, last.BodyBytes));
    }
}
