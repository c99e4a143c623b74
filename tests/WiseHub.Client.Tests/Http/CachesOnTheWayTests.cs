using WiseHub.Testing;

namespace WiseHub.Client.Tests;

/// <summary>Caches, proxies and login pages between the client and a hub.</summary>
public sealed class CachesOnTheWayTests : IDisposable
{
    private readonly RestoreBench _bench = new();

    public void Dispose() => _bench.Dispose();

    private static string Asked(RequestLog log) =>
        string.Join('\n', log.All.Select(r => $"{(r.Headers.GetValueOrDefault("Cache-Control") ?? "-")} "
            + $"{System.Text.RegularExpressions.Regex.Replace(r.Path.Split('?')[0], "[0-9a-f]{38,64}", "#")}")
            .Order(StringComparer.Ordinal));

    private async Task<StaticServer> ServeAsync(string? token = null)
    {
        StaticServer server = await StaticServer.StartAsync(_bench.Hub.Folder, token);
        _bench.Log.Hiding(server.Endpoint.GetLeftPart(UriPartial.Authority), "<web>");
        _bench.Configure($$"""{"defaultHub":"web","hubs":{"web":{"protocol":"store","endpoint":"{{server.Endpoint}}"} } }""");
        return server;
    }

    private static RepoReference Tiny(string? revision = null) => new() { RepoId = "acme/tiny", Revision = revision };

    [Fact]
    public async Task Only_the_revision_request_to_a_hub_bypasses_HTTP_caches()
    {
        await using HubBench bench = await HubBench.StartAsync();
        bench.Repo(("config.json", "{}"), ("model.bin", "weights"));
        await bench.RestoreAsync();
        Assert.Equal("""
            - /acme/tiny/resolve/#/config.json
            - /acme/tiny/resolve/#/model.bin
            - /api/models/acme/tiny/tree/#
            - /api/resolve-cache/models/acme/tiny/#/config.json
            - /content/#
            no-cache /api/models/acme/tiny/revision/main
            """.ReplaceLineEndings("\n"), Asked(bench.Hub.Requests));
    }

    [Fact]
    public async Task Only_the_requests_for_marker_and_ref_of_a_store_bypass_HTTP_caches()
    {
        await _bench.Hub.PushAsync("acme/tiny", ("config.json", "{}"));
        await using StaticServer server = await ServeAsync();
        await _bench.RestoreAsync(Tiny());
        Assert.Equal("""
            - /blobs/44/#
            - /models/acme/tiny/trees/#.json
            no-cache /models/acme/tiny/refs/main
            no-cache /wisehub-store.json
            """.ReplaceLineEndings("\n"), Asked(server.Requests));
    }

    [Fact]
    public async Task Requests_for_a_URL_bypass_HTTP_caches()
    {
        _bench.Temp.Write("files/model.bin", "weights");
        await using StaticServer server = await StaticServer.StartAsync(_bench.Temp["files"]);
        await _bench.RestoreAsync(
            new RepoReference { RepoId = new Uri(server.Endpoint, "/model.bin").AbsoluteUri, Hubs = ["url"] });
        Assert.All(server.Requests.All, r => Assert.Equal("no-cache", r.Headers["Cache-Control"]));
    }

    [Fact]
    public async Task User_and_password_of_a_store_are_sent_as_basic_authentication()
    {
        await _bench.Hub.PushAsync("acme/tiny", ("config.json", "{}"));
        await using StaticServer server = await ServeAsync();
        _bench.SetEnvironment("WISEHUB_TOKEN_WEB", "ann:pass:word");
        await _bench.RestoreAsync(Tiny());
        Assert.All(server.Requests.All,
            r => Assert.Equal("Basic " + Convert.ToBase64String("ann:pass:word"u8), r.Headers["Authorization"]));
        Assert.DoesNotContain("pass:word", _bench.Log.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_error_for_a_folder_of_revisions_lists_the_revisions_below_it()
    {
        string commit = await _bench.Hub.PushAsync("acme/tiny", ("config.json", "{}"));
        _bench.Temp.Write("hub/models/acme/tiny/refs/release/1.0", commit);
        _bench.Temp.Write("hub/models/acme/tiny/refs/release/2.0", commit);
        Assert.Equal("WISE2003: The hub 'local' has a folder at <temp>/hub/models/acme/tiny/refs/release, "
            + "but no revision of that name. Name a revision below it: 'release/1.0', 'release/2.0'.",
            await _bench.FailureAsync(Tiny("release")));
    }

    [Fact]
    public async Task A_redirect_to_a_folder_list_is_reported_as_a_folder_of_revisions()
    {
        await using HubBench bench = await HubBench.StartAsync();
        bench.Project.Configure($$"""
            {"defaultHub":"web","hubs":{"web":{"protocol":"store","endpoint":"{{bench.Hub.Endpoint}}","stallTimeout":3600,
             "totalTimeout":7200} } }
            """);
        bench.Hub.Faults.On("/wisehub-store.json", new Fault.Status(200, Body: """{"version":1}"""));
        bench.Hub.Faults.On("/refs/release/", new Fault.Status(403));
        bench.Hub.Faults.On("/refs/release",
            new Fault.RedirectTo(new Uri(bench.Hub.Endpoint, "/models/acme/tiny/refs/release/"), 301));
        Assert.Equal("WISE2003: The hub 'web' has a folder at <hub>/models/acme/tiny/refs/release, but no revision of that name. "
            + "Name a revision below it.",
            await bench.FailureAsync(Tiny("release")));
    }

    [Fact]
    public async Task A_web_page_instead_of_a_ref_is_an_error_that_says_so()
    {
        await _bench.Hub.PushAsync("acme/tiny", ("config.json", "{}"));
        _bench.Temp.Write("hub/models/acme/tiny/refs/main", "\n<!DOCTYPE html><title>Log in</title>");
        await using StaticServer server = await ServeAsync();
        Assert.Equal("WISE2010: The hub 'web' gives a web page at <web>/models/acme/tiny/refs/main instead of a commit. "
            + "It may be a login page, a page of a proxy, or the server's list of a folder. Check the endpoint of the hub, "
            + "the name of the revision, and whether a token is needed.", await _bench.FailureAsync(Tiny()));
    }

    [Fact]
    public async Task A_web_page_instead_of_the_store_marker_is_an_error_that_says_so()
    {
        await _bench.Hub.PushAsync("acme/tiny", ("config.json", "{}"));
        _bench.Temp.Write("hub/wisehub-store.json", "<html><body>Welcome to the hotel</body></html>");
        await using StaticServer server = await ServeAsync();
        Assert.StartsWith("WISE2010: The hub 'web' gives a web page at <web>/wisehub-store.json instead of JSON. ",
            await _bench.FailureAsync(Tiny()), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_web_page_instead_of_an_API_response_is_an_error_that_says_so()
    {
        await using HubBench bench = await HubBench.StartAsync();
        bench.Repo(("config.json", "{}"));
        bench.Hub.Faults.On("/revision/", new Fault.Status(200, Body: "<!doctype html><title>Log in</title>"));
        Assert.Equal("WISE2010: The hub 'huggingface' answered <hub>/api/models/acme/tiny/revision/main in an unexpected way: it "
            + "is a web page, such as a login or proxy page, and not JSON. Check that its endpoint is a Hugging Face hub.",
            await bench.FailureAsync());
    }

    [Fact]
    public async Task The_cache_handles_a_branch_that_became_a_folder_of_branches_and_back()
    {
        await _bench.Hub.PushAsync("acme/tiny", "v1", [("a", "1"u8.ToArray())]);
        await _bench.RestoreAsync(_bench.Request(Tiny("v1")) with { LockFilePath = null });
        File.Delete(_bench.Temp["hub/models/acme/tiny/refs/v1"]);
        await _bench.Hub.PushAsync("acme/tiny", "v1/a", [("a", "2"u8.ToArray())]);
        Assert.Equal("a=2", RestoreBench.Contents(
            (await _bench.RestoreAsync(_bench.Request(Tiny("v1/a")) with { LockFilePath = null })).Snapshots[0]));
        Directory.Delete(_bench.Temp["hub/models/acme/tiny/refs/v1"], recursive: true);
        await _bench.Hub.PushAsync("acme/tiny", "v1", [("a", "3"u8.ToArray())]);
        Assert.Equal("a=3", RestoreBench.Contents(
            (await _bench.RestoreAsync(_bench.Request(Tiny("v1")) with { LockFilePath = null })).Snapshots[0]));
    }

    [Fact]
    public async Task The_error_for_a_locked_commit_lost_by_the_hub_has_cause_and_remedy()
    {
        await using HubBench bench = await HubBench.StartAsync();
        bench.Repo(("config.json", "{}"));
        string commit = (await bench.RestoreAsync()).Snapshots[0].Commit!;
        Directory.Delete(bench.Project.Cache, recursive: true);
        bench.Hub.Faults.On("/resolve/",
            new Fault.Status(404, ErrorCode: "RevisionNotFound", ErrorMessage: "Invalid rev id"), int.MaxValue);
        Assert.Equal($"WISE2084: acme/tiny: the hub no longer has commit {commit} of the lock file: "
            + "the history was squashed or force-pushed, or the repo was deleted and created again. The hub said: "
            + $"acme/tiny on 'huggingface' (<hub>/acme/tiny/resolve/{commit}/config.json, 404: \"Invalid rev id\"): "
            + $"there is no revision '{commit}'. See the branches and tags on <hub>/acme/tiny. To move to the current "
            + "commit, run WiseUpdate (wisehub update) and review the change of the lock file. To keep the locked commit, "
            + "push it to a mirror from a machine whose cache has it (wisehub mirror push).",
            await bench.FailureAsync());
    }

    [Fact]
    public async Task A_lost_locked_commit_is_also_an_error_when_only_its_file_list_is_requested()
    {
        await using HubBench bench = await HubBench.StartAsync();
        bench.Repo(("config.json", "{}"), ("model.bin", "weights"));
        RepoReference some = HubBench.Reference() with { Files = new FileSelection(["*.json"], []) };
        await bench.RestoreAsync(some);
        Directory.Delete(bench.Project.Cache, recursive: true);
        bench.Hub.Faults.On("/tree/",
            new Fault.Status(404, ErrorCode: "RevisionNotFound", ErrorMessage: "Invalid rev id"), int.MaxValue);
        Assert.StartsWith("WISE2084: acme/tiny: the hub no longer has commit ", await bench.FailureAsync(HubBench.Reference()),
            StringComparison.Ordinal);
    }
}
