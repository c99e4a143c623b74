using WiseHub.Testing;

namespace WiseHub.Client.Tests;

/// <summary>Between us and a hub are caches, proxies and login pages.</summary>
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
    public async Task A_hub_is_asked_for_what_is_there_now_and_for_what_never_changes_any_cache_may_answer()
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
    public async Task Of_a_store_only_marker_and_ref_change()
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
    public async Task The_content_of_a_URL_is_what_is_there_now()
    {
        _bench.Temp.Write("files/model.bin", "weights");
        await using StaticServer server = await StaticServer.StartAsync(_bench.Temp["files"]);
        await _bench.RestoreAsync(
            new RepoReference { RepoId = new Uri(server.Endpoint, "/model.bin").AbsoluteUri, Hubs = ["url"] });
        Assert.All(server.Requests.All, r => Assert.Equal("no-cache", r.Headers["Cache-Control"]));
    }

    [Fact]
    public async Task User_and_password_as_the_token_of_a_store_are_sent_as_such()
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
    public async Task A_revision_that_is_a_folder_of_revisions_is_told_as_that()
    {
        string commit = await _bench.Hub.PushAsync("acme/tiny", ("config.json", "{}"));
        _bench.Temp.Write("hub/models/acme/tiny/refs/release/1.0", commit);
        _bench.Temp.Write("hub/models/acme/tiny/refs/release/2.0", commit);
        Assert.Equal("WISE2003: The hub 'local' has a folder at <temp>/hub/models/acme/tiny/refs/release, "
            + "but no revision of that name. Name a revision below it: 'release/1.0', 'release/2.0'.",
            await _bench.FailureAsync(Tiny("release")));
    }

    [Fact]
    public async Task A_server_that_leads_to_the_list_of_a_folder_is_told_as_that()
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
    public async Task A_page_in_the_place_of_a_revision_is_told_as_that()
    {
        await _bench.Hub.PushAsync("acme/tiny", ("config.json", "{}"));
        _bench.Temp.Write("hub/models/acme/tiny/refs/main", "\n<!DOCTYPE html><title>Log in</title>");
        await using StaticServer server = await ServeAsync();
        Assert.Equal("WISE2010: The hub 'web' gives a web page at <web>/models/acme/tiny/refs/main instead of a commit. "
            + "It may be a login page, a page of a proxy, or the server's list of a folder. Check the endpoint of the hub, "
            + "the name of the revision, and whether a token is needed.", await _bench.FailureAsync(Tiny()));
    }

    [Fact]
    public async Task A_page_in_the_place_of_the_marker_is_told_as_that()
    {
        await _bench.Hub.PushAsync("acme/tiny", ("config.json", "{}"));
        _bench.Temp.Write("hub/wisehub-store.json", "<html><body>Welcome to the hotel</body></html>");
        await using StaticServer server = await ServeAsync();
        Assert.StartsWith("WISE2010: The hub 'web' gives a web page at <web>/wisehub-store.json instead of JSON. ",
            await _bench.FailureAsync(Tiny()), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_page_in_the_place_of_an_API_is_told_as_that()
    {
        await using HubBench bench = await HubBench.StartAsync();
        bench.Repo(("config.json", "{}"));
        bench.Hub.Faults.On("/revision/", new Fault.Status(200, Body: "<!doctype html><title>Log in</title>"));
        Assert.Equal("WISE2010: The hub 'huggingface' answered <hub>/api/models/acme/tiny/revision/main in an unexpected way: it "
            + "is a web page, such as a login or proxy page, and not JSON. Check that its endpoint is a Hugging Face hub.",
            await bench.FailureAsync());
    }

    [Fact]
    public async Task A_branch_in_the_place_of_a_folder_of_branches_and_back_is_remembered()
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
    public async Task A_locked_commit_that_the_hub_does_not_have_any_more_is_told_with_cause_and_remedy()
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
    public async Task So_it_is_where_the_file_list_is_asked_for_again()
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
