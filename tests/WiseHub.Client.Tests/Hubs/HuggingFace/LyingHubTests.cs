using System.Text.RegularExpressions;
using WiseHub.Testing;

namespace WiseHub.Client.Tests;

public sealed class LyingHubTests : IAsyncLifetime
{
    private const string NotAHub = " Check that its endpoint is a Hugging Face hub.";

    private HubBench _bench = null!;

    public async ValueTask InitializeAsync() => _bench = await HubBench.StartAsync();

    public ValueTask DisposeAsync() => _bench.DisposeAsync();

    private TestRepo Repo(Func<TreeItem, TreeItem?>? lie = null)
    {
        TestRepo repo = _bench.Repo(("config.json", "{}"), ("model.bin", "weights"));
        repo.TreeLie = lie;
        return repo;
    }

    private async Task AssertFailsAsync(string expected)
    {
        Assert.Equal(expected, await _bench.FailureAsync());
        _bench.AssertNothingCame();
    }

    private string ResolveOf(string path) => $"<hub>/acme/tiny/resolve/{_bench.Hub.FindRepo(HubBench.Id)!.Head()}/{path}";

    private string Tree => $"<hub>/api/models/acme/tiny/tree/{_bench.Hub.FindRepo(HubBench.Id)!.Head()}";

    [Theory]
    [InlineData("../../evil", "it has the part '..'")]
    [InlineData("/etc/evil", "it is absolute")]
    [InlineData("C:/evil", "it has the character ':', which Windows does not allow")]
    [InlineData(@"..\evil", "it has a backslash")]
    [InlineData(@"\\host\share", "it has a backslash")]
    [InlineData("a/NUL.json", "'NUL.json' is a device name on Windows")]
    [InlineData("com³", "'com³' is a device name on Windows")]
    [InlineData("a./b", "'a.' ends in a dot or space, which Windows drops")]
    [InlineData("a//b", "it has an empty part")]
    [InlineData(".git/hooks/post-checkout", "'.git' is a folder of git, which may run programs in it")]
    [InlineData("a/Git~1/config", "'Git~1' is a folder of git, which may run programs in it")]
    public async Task Hostile_names_are_refused_before_any_file_is_requested(string name, string reason)
    {
        Repo(item => item.Path == "config.json" ? item with { Path = name } : item);
        await AssertFailsAsync($"WISE3003: acme/tiny: the file name '{name}' cannot be used: {reason}. "
            + "Leave the file out with IgnorePatterns, or ask the owner of the repo to rename it.");
        Assert.Equal(0, _bench.Hub.Requests.Count("GET", "/acme/tiny/resolve/"));
        Assert.Equal("model.bin=weights", RestoreBench.Contents(
            (await _bench.RestoreAsync(HubBench.Reference() with { Files = new FileSelection(["*.bin"], []) })).Snapshots[0]));
    }

    [Fact]
    public async Task A_name_with_a_control_character_cannot_forge_a_line_of_the_log()
    {
        Repo(item => item.Path == "config.json" ? item with { Path = "a\nerror WISE9999: forged" } : item);
        await AssertFailsAsync("WISE3003: acme/tiny: the file name 'a\ufffderror WISE9999: forged' cannot be used: "
            + "it has a control character. Leave the file out with IgnorePatterns, or ask the owner of the repo to rename it.");
    }

    [Fact]
    public async Task A_name_that_is_too_long_is_refused_and_truncated_in_the_message()
    {
        Repo(item => item.Path == "config.json" ? item with { Path = new string('a', 5000) } : item);
        await AssertFailsAsync(
            $"WISE3003: acme/tiny: the file name '{new string('a', 200)}' cannot be used: it is longer than 1024 bytes. "
            + "Leave the file out with IgnorePatterns, or ask the owner of the repo to rename it.");
    }

    [Theory]
    [InlineData("MODEL.bin", "'MODEL.bin' and 'model.bin' are the same name")]
    [InlineData("model.bin/x", "'model.bin' and 'model.bin/x' are the same name")]
    public async Task Colliding_names_are_refused(string name, string problem)
    {
        Repo(item => item.Path == "config.json" ? item with { Path = name } : item);
        await AssertFailsAsync($"WISE3004: acme/tiny: {problem} on systems that ignore case, or one is a folder and the other a "
            + "file. Leave one out with IgnorePatterns.");
    }

    [Fact]
    public async Task A_list_with_a_duplicate_path_is_an_error()
    {
        Repo(item => item with { Path = "a" });
        await AssertFailsAsync($"WISE2010: The hub 'huggingface' answered {Tree} in an unexpected way: "
            + $"it lists 'a' twice.{NotAHub}");
    }

    [Theory]
    [InlineData("config.json", 3, 2)]
    [InlineData("config.json", 1, 2)]
    [InlineData("model.bin", 8, 7)]
    public async Task A_wrong_size_in_the_list_is_an_error(string path, int claimed, int real)
    {
        Repo(item => item.Path == path ? item with { Size = claimed, LfsSize = item.LfsSize is null ? null : claimed } : item);
        await AssertFailsAsync($"WISE3002: acme/tiny {path}: {ResolveOf(path)} announces {real} bytes, "
            + $"but the file has {claimed}. Nothing was kept. Try again; if it happens again, tell the operator of "
            + "the hub.", path);
    }

    private async Task AssertFailsAsync(string expected, string only)
    {
        Assert.Equal(expected, await _bench.FailureAsync(HubBench.Reference() with { Files = new FileSelection([only], []) }));
        _bench.AssertNothingCame();
    }

    [Fact]
    public async Task A_download_that_exceeds_the_listed_size_is_stopped()
    {
        Repo(item => item.Path == "model.bin" ? item with { LfsSize = 5 } : item);
        _bench.Hub.Faults.On("/content/", new Fault.OmitHeaders("Content-Length"), int.MaxValue);
        await AssertFailsAsync(
            $"WISE3002: acme/tiny model.bin: {ResolveOf("model.bin")} sends more than the 5 bytes that the file has. "
            + "Nothing was kept. Try again; if it happens again, tell the operator of the hub.", "model.bin");
    }

    [Fact]
    public async Task A_wrong_sha256_in_the_list_is_an_error()
    {
        string wrong = new('0', 64);
        Repo(item => item.Path == "model.bin" ? item with { LfsOid = wrong } : item);
        await AssertFailsAsync(
            $"WISE3001: acme/tiny model.bin: {ResolveOf("model.bin")} gave bytes whose sha256 is "
            + $"{RestoreBench.Sha256("weights")}, but it must be {wrong}. Nothing was kept. If the hub really replaced the file, "
            + "run WiseUpdate (wisehub update) and review the change of the lock file.", "model.bin");
    }

    [Fact]
    public async Task A_wrong_git_blob_id_in_the_list_is_an_error()
    {
        string wrong = new('0', 40);
        Repo(item => item.Path == "config.json" ? item with { Oid = wrong } : item);
        await AssertFailsAsync(
            $"WISE3001: acme/tiny config.json: {ResolveOf("config.json")} gave bytes whose git blob id is "
            + $"9e26dfeeb6e641a33dae4961196235bdb965b21b, but it must be {wrong}. Nothing was kept. If the hub really replaced "
            + "the file, run WiseUpdate (wisehub update) and review the change of the lock file.", "config.json");
    }

    [Theory]
    [InlineData("hello", "it is not JSON ('h' is an invalid start of a value. LineNumber: 0 | BytePositionInLine: 0.)")]
    [InlineData("", "it is not JSON (The input does not contain any JSON tokens. Expected the input to start with a valid JSON "
        + "token, when isFinalBlock is true. LineNumber: 0 | BytePositionInLine: 0.)")]
    [InlineData("{}", "it is not a list of files")]
    [InlineData("null", "it is not a list of files")]
    [InlineData("[7]", "the entry '' has no path or size")]
    [InlineData("[{}]", "the entry '' has no path or size")]
    [InlineData("""[{"path":"a"}]""", "the entry 'a' has no path or size")]
    [InlineData("""[{"path":7,"size":1}]""", "the entry '' has no path or size")]
    [InlineData("""[{"path":"a","size":"1"}]""", "the entry 'a' has no path or size")]
    [InlineData("""[{"path":"a","size":-1}]""", "the entry 'a' has no path or size")]
    [InlineData("""[{"path":"a","size":1.5}]""", "the entry 'a' has no path or size")]
    [InlineData("""[{"path":"\ud800","size":1}]""", "the entry '' has no path or size")]
    [InlineData("""[{"path":"a","size":1}]""", "the entry 'a' has no git blob id")]
    [InlineData("""[{"path":"a","size":1,"oid":"../../../x"}]""", "the entry 'a' has no git blob id")]
    [InlineData("""[{"path":"a","size":1,"oid":"#","lfs":{"oid":"x","size":1}}]""", "the LFS entry 'a' has no sha256 or size")]
    [InlineData("""[{"path":"a","size":1,"oid":"#","lfs":{"oid":"##","size":"1"}}]""", "the LFS entry 'a' has no sha256 or size")]
    public async Task An_invalid_file_list_is_an_error(string body, string problem)
    {
        Repo();
        body = body.Replace("##", new string('0', 64), StringComparison.Ordinal).Replace("#", new string('0', 40),
            StringComparison.Ordinal);
        _bench.Hub.Faults.On("/tree/", new Fault.Status(200, Body: body));
        await AssertFailsAsync($"WISE2010: The hub 'huggingface' answered {Tree} in an unexpected way: {problem}.{NotAHub}");
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("""{"sha":7}""")]
    [InlineData("""{"sha":"main"}""")]
    [InlineData("""{"sha":"\ud800"}""")]
    [InlineData("""{"sha":"../../../../x"}""")]
    [InlineData("""{"id":7}""")]
    [InlineData("<html>")]
    public async Task An_invalid_revision_response_is_an_error(string body)
    {
        Repo();
        _bench.Hub.Faults.On("/revision/", new Fault.Status(200, Body: body));
        Assert.Matches("^WISE20(03|10): ", await _bench.FailureAsync());
        _bench.AssertNothingCame();
    }

    [Fact]
    public async Task A_commit_id_of_64_characters_is_invalid_on_this_hub()
    {
        Repo();
        _bench.Hub.Faults.On("/revision/", new Fault.Status(200, Body: $$"""{"sha":"{{new string('a', 64)}}"}"""));
        Assert.Equal("WISE2010: The hub 'huggingface' answered <hub>/api/models/acme/tiny/revision/main in an unexpected way: "
            + $"it names no commit.{NotAHub}", await _bench.FailureAsync());
    }

    [Fact]
    public async Task A_truncated_file_list_is_requested_again()
    {
        Repo();
        _bench.Hub.Faults.On("/tree/", new Fault.CutAfter(20));
        Assert.Equal("config.json={}\nmodel.bin=weights", RestoreBench.Contents((await _bench.RestoreAsync()).Snapshots[0]));
        Assert.Equal(2, _bench.Hub.Requests.Count("GET", "/api/models/acme/tiny/tree/"));
    }

    [Fact]
    public async Task A_file_list_that_stalls_is_requested_again()
    {
        Repo();
        _bench.Hub.Faults.On("/tree/", new Fault.Stall(20, TimeSpan.FromMinutes(10)));
        // Time is the subject: the real clock.
        using HubClient client =
            _bench.NewClient(o => o with { Time = TimeProvider.System, StallTimeout = TimeSpan.FromMilliseconds(300) });
        RestoreResult result = await client.RestoreAsync(_bench.Project.Request(HubBench.Reference()));
        Assert.Equal("config.json={}\nmodel.bin=weights", RestoreBench.Contents(result.Snapshots[0]));
    }

    [Fact]
    public async Task A_hub_that_always_stalls_is_an_error_at_the_total_timeout()
    {
        Repo();
        _bench.Hub.Faults.On("/tree/", new Fault.Stall(20, TimeSpan.FromMinutes(10)), int.MaxValue);
        _bench.Project.Configure(
            """{"defaultHub":"huggingface","hubs":{"huggingface":{"protocol":"huggingface","totalTimeout":1,"retries":100}}}""");
        using HubClient client =
            _bench.NewClient(o => o with { Time = TimeProvider.System, StallTimeout = TimeSpan.FromMilliseconds(200) });
        var e = await Assert.ThrowsAsync<HubException>(() => client.RestoreAsync(_bench.Project.Request(HubBench.Reference())));
        // On a busy machine, the last attempt may end before the headers arrive.
        Assert.Matches($"^WISE2001: The hub 'huggingface' gave no usable response at {Regex.Escape(Tree)}: "
            + @"no (bytes for|response within) 0\.2 s\. ", _bench.Project.Show(e));
    }

    [Fact]
    public async Task A_response_falsely_marked_as_gzip_is_an_error()
    {
        Repo();
        await using StaticServer server = await StaticServer.StartAsync(_bench.Project.Temp.Path, contentEncoding: "gzip");
        _bench.Project.Temp.Write("api/models/acme/tiny/revision/main", "this is not packed");
        _bench.Project.SetEnvironment("HF_ENDPOINT", server.Endpoint.OriginalString);
        Assert.StartsWith("WISE2001: The hub 'huggingface' gave no usable response at ", await _bench.FailureAsync(),
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task Transient_failures_and_a_short_Retry_After_are_retried()
    {
        Repo();
        _bench.Hub.Faults.On("/revision/", new Fault.Status(503));
        _bench.Hub.Faults.On("/tree/", new Fault.Status(429, RetryAfter: "9"));
        Assert.Equal(2, (await _bench.RestoreAsync()).FilesTransferred);
        Assert.Equal(9, _bench.Time.Waits.Last().TotalSeconds);
    }

    [Fact]
    public async Task A_long_Retry_After_is_an_error_without_waiting()
    {
        Repo();
        _bench.Hub.Faults.On("/revision/", new Fault.Status(429, RetryAfter: "300"), int.MaxValue);
        await AssertFailsAsync("WISE2009: The hub 'huggingface' limits the request rate at "
            + "<hub>/api/models/acme/tiny/revision/main and asks to wait 300 s. Try again later. Requests with a token have "
            + "higher limits, and a warm cache needs none.");
        Assert.Single(_bench.Hub.Requests.All);
    }

    [Fact]
    public async Task A_rate_limit_that_does_not_end_is_an_error_after_all_attempts()
    {
        Repo();
        _bench.Hub.Faults.On("/revision/", new Fault.Status(429), int.MaxValue);
        await AssertFailsAsync("WISE2009: The hub 'huggingface' limits the request rate at "
            + "<hub>/api/models/acme/tiny/revision/main. Try again later. Requests with a token have higher limits, and a warm "
            + "cache needs none.");
        Assert.Equal(8, _bench.Hub.Requests.All.Count);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(5)]
    public async Task The_number_of_attempts_comes_from_the_configuration(int tries)
    {
        Repo();
        _bench.Project.Configure($$"""
            {"defaultHub":"huggingface","hubs":{"huggingface":{"retries":{{tries}},"protocol":"huggingface","stallTimeout":3600,
             "totalTimeout":7200} } }
            """);
        _bench.Hub.Faults.On("/revision/", new Fault.Status(502), int.MaxValue);
        await AssertFailsAsync("WISE2001: The hub 'huggingface' gave no usable response at "
            + "<hub>/api/models/acme/tiny/revision/main: it answered 502. Check the network, a proxy (HTTPS_PROXY), "
            + "and the endpoint in wisehub.json; a build whose lock file and cache are complete needs no network.");
        Assert.Equal(tries, _bench.Hub.Requests.All.Count);
    }

    [Fact]
    public async Task A_refused_connection_is_an_error()
    {
        // A port that was free a moment ago.
        using var listener = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        listener.Start();
        string address = listener.LocalEndpoint.ToString()!;
        listener.Stop();
        _bench.Project.SetEnvironment("HF_ENDPOINT", $"http://{address}");
        string refused = new System.Net.Sockets.SocketException((int)System.Net.Sockets.SocketError.ConnectionRefused).Message;
        Assert.Equal(
            $"WISE2001: The hub 'huggingface' gave no usable response at http://{address}/api/models/acme/tiny/revision/main: "
            + $"{refused} ({address}) ({refused}). Check the network, a proxy (HTTPS_PROXY), and the endpoint in wisehub.json; "
            + "a build whose lock file and cache are complete needs no network.", await _bench.FailureAsync());
    }

    [Fact]
    public async Task A_next_page_link_that_points_to_itself_is_an_error()
    {
        await using StaticServer server = await StaticServer.StartAsync(_bench.Project.Temp.Path,
            link: path => path.Contains("/tree/", StringComparison.Ordinal) ? "<?again>; rel=\"next\"" : null);
        string commit = new('a', 40);
        _bench.Project.Temp.Write("api/models/acme/tiny/revision/main", $$"""{"sha":"{{commit}}"}""");
        _bench.Project.Temp.Write($"api/models/acme/tiny/tree/{commit}",
            $$"""[{"type":"file","path":"a","size":1,"oid":"{{commit}}"}]""");
        _bench.Project.SetEnvironment("HF_ENDPOINT", server.Endpoint.OriginalString);
        Assert.Contains("it lists 'a' twice", await _bench.FailureAsync(), StringComparison.Ordinal);
        Assert.Equal(3, server.Requests.All.Count);
    }

    [Theory]
    [InlineData("http://evil.example.org/x?a=1,2;b")]
    [InlineData("https://hub.internal:8443/inside/api/models/acme/tiny/tree/x?a=1,2;b#part")]
    public async Task A_next_page_link_to_another_host_is_requested_from_the_hub(string named)
    {
        // Once: the second page has no further one.
        int pages = 0;
        await using StaticServer server = await StaticServer.StartAsync(_bench.Project.Temp.Path,
            link: path => path.Contains("/tree/", StringComparison.Ordinal) && pages++ == 0
                ? $"<{named}>; foo=bar; rel=\"next\"" : null);
        string commit = new('a', 40);
        _bench.Project.Temp.Write("api/models/acme/tiny/revision/main", $$"""{"sha":"{{commit}}"}""");
        _bench.Project.Temp.Write($"api/models/acme/tiny/tree/{commit}", "[]");
        _bench.Project.SetEnvironment("HF_ENDPOINT", server.Endpoint.OriginalString);
        Assert.StartsWith("WISE1", await _bench.FailureAsync(), StringComparison.Ordinal);
        Assert.Equal(3, server.Requests.All.Count);
        Assert.Equal($"/api/models/acme/tiny/tree/{commit}", server.Requests.All[2].Path);
    }

    [Fact]
    public async Task A_next_page_without_a_query_on_another_host_is_an_error()
    {
        await using StaticServer server = await StaticServer.StartAsync(_bench.Project.Temp.Path,
            link: path => path.Contains("/tree/", StringComparison.Ordinal) ? "<http://evil.example.org/x>; rel=\"next\"" : null);
        string commit = new('a', 40);
        _bench.Project.Temp.Write("api/models/acme/tiny/revision/main", $$"""{"sha":"{{commit}}"}""");
        _bench.Project.Temp.Write($"api/models/acme/tiny/tree/{commit}", "[]");
        _bench.Project.SetEnvironment("HF_ENDPOINT", server.Endpoint.OriginalString);
        Assert.Contains("the link to the next page has no query", await _bench.FailureAsync(), StringComparison.Ordinal);
    }
}
