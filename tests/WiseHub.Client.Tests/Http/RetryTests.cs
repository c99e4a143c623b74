using System.Net;
using System.Net.Sockets;
using System.Text;
using WiseHub.Client.Http;
using WiseHub.Testing;

namespace WiseHub.Client.Tests;

/// <summary>
/// Transient failures are retried, and permanent ones fail at once. The clock skips the pauses and records them.
/// </summary>
public sealed class RetryTests : IAsyncLifetime
{
    private const string NoAnswer = "Check the network, a proxy (HTTPS_PROXY), and the endpoint in wisehub.json; "
        + "a build whose lock file and cache are complete needs no network.";

    // Without their random part: 31.5 s in all.
    private static readonly double[] AllPauses = [0.5, 1, 2, 4, 8, 8, 8];

    private HubBench _bench = null!;

    public async ValueTask InitializeAsync()
    {
        _bench = await HubBench.StartAsync();
        _bench.Repo(("config.json", "{}"));
    }

    public ValueTask DisposeAsync() => _bench.DisposeAsync();

    private IEnumerable<double> Pauses => _bench.Time.Waits.Select(w => w.TotalSeconds);

    private const string Ask = "<hub>/api/models/acme/tiny/revision/main";

    private string Log =>
        string.Join('\n', _bench.Project.Log.Text.Split('\n').Where(l => l.Contains("attempt", StringComparison.Ordinal)));

    [Fact]
    public async Task A_build_succeeds_when_the_hub_fails_for_half_a_minute_and_logs_the_retries()
    {
        _bench.Hub.Faults.On("/revision/", new Fault.Status(503), 7);
        Assert.Equal("config.json={}", RestoreBench.Contents((await _bench.RestoreAsync()).Snapshots[0]));
        Assert.Equal(8, _bench.Hub.Requests.Count("GET", "/api/models/acme/tiny/revision/main"));
        Assert.Equal(AllPauses, Pauses);
        Assert.Equal($"""
            detail: The hub 'huggingface' ({Ask}): it answered 503; trying again in # s (attempt 2, 0 s so far).
            detail: The hub 'huggingface' ({Ask}): it answered 503; trying again in 1 s (attempt 3, 1 s so far).
            info: The hub 'huggingface' ({Ask}): it answered 503; trying again in 2 s (attempt 4, 2 s so far).
            detail: The hub 'huggingface' ({Ask}): it answered 503; trying again in 4 s (attempt 5, 4 s so far).
            info: The hub 'huggingface' ({Ask}): it answered 503; trying again in 8 s (attempt 6, 8 s so far).
            info: The hub 'huggingface' ({Ask}): it answered 503; trying again in 8 s (attempt 7, 16 s so far).
            info: The hub 'huggingface' ({Ask}): it answered 503; trying again in 8 s (attempt 8, 24 s so far).
            """.ReplaceLineEndings("\n"), Log);
    }

    [Fact]
    public async Task Content_downloads_have_the_same_retries()
    {
        _bench.BigRepo(3_000_000);
        _bench.Hub.Faults.On("/content/", new Fault.Status(502), 7, origin: "cdn");
        await _bench.RestoreAsync();
        Assert.Equal(AllPauses, Pauses);
    }

    [Fact]
    public async Task A_hub_that_stays_down_is_an_error_after_all_attempts()
    {
        _bench.Hub.Faults.On("/revision/", new Fault.Status(503), int.MaxValue);
        Assert.Equal($"WISE2001: The hub 'huggingface' gave no usable response at {Ask}: it answered 503. {NoAnswer}",
            await _bench.FailureAsync());
        Assert.Equal(AllPauses, Pauses);
        _bench.AssertNothingCame();
    }

    [Theory]
    [InlineData(400)]
    [InlineData(401)]
    [InlineData(403)]
    [InlineData(404)]
    [InlineData(405)]
    [InlineData(410)]
    [InlineData(422)]
    [InlineData(501)]
    [InlineData(505)]
    [InlineData(507)]
    [InlineData(511)]
    public async Task A_permanent_failure_is_not_retried(int status)
    {
        _bench.Hub.Faults.On("/revision/", new Fault.Status(status), int.MaxValue);
        _bench.Hub.Faults.On("/resolve/", new Fault.Status(status), int.MaxValue);
        Assert.StartsWith("WISE20", await _bench.FailureAsync(), StringComparison.Ordinal);
        // A repo that seems to be missing is looked up by its owner and by its name, for a suggestion.
        string[] suggestion = status is 401 or 404
            ? ["hub GET /api/models?author=acme&limit=100 200", "hub GET /api/models?search=tiny&limit=100 200"] : [];
        Assert.Equal([$"hub GET /api/models/acme/tiny/revision/main {status}", .. suggestion],
            _bench.Hub.Requests.All.Select(r => r.ToString()));
        Assert.StartsWith("WISE20",
            await _bench.FailureAsync(HubBench.Reference() with { Revision = _bench.Hub.FindRepo(HubBench.Id)!.Head() }),
            StringComparison.Ordinal);
        Assert.Equal(1, _bench.Hub.Requests.Count("GET", "/acme/tiny/resolve/"));
        Assert.Empty(Pauses);
    }

    [Theory]
    [InlineData(408)]
    [InlineData(425)]
    [InlineData(429)]
    [InlineData(500)]
    [InlineData(502)]
    [InlineData(503)]
    [InlineData(504)]
    [InlineData(520)]
    [InlineData(529)]
    public async Task A_transient_failure_is_retried(int status)
    {
        _bench.Hub.Faults.On("/revision/", new Fault.Status(status), 4);
        _bench.Hub.Faults.On("/resolve/", new Fault.Status(status), 4);
        await _bench.RestoreAsync();
        Assert.Equal([0.5, 1, 2, 4, 0.5, 1, 2, 4], Pauses);
    }

    [Fact]
    public async Task A_short_Retry_After_does_not_shorten_the_retries()
    {
        _bench.Hub.Faults.On("/revision/", new Fault.Status(503, RetryAfter: "1"), 7);
        await _bench.RestoreAsync();
        Assert.Equal([1, 1, 2, 4, 8, 8, 8], Pauses);
    }

    [Fact]
    public async Task Waits_for_Retry_After_end_at_the_total_timeout_and_the_error_names_the_last()
    {
        _bench.Project.Configure("""
            {"defaultHub":"huggingface","hubs":{"huggingface":{"protocol":"huggingface","stallTimeout":3600,"totalTimeout":61}}}
            """);
        _bench.Hub.Faults.On("/revision/", new Fault.Status(429, RetryAfter: "25"), int.MaxValue);
        Assert.Equal($"WISE2009: The hub 'huggingface' limits the request rate at {Ask} and asks to wait 25 s. "
            + "Try again later. Requests with a token have higher limits, and a warm cache needs "
            + "none.", await _bench.FailureAsync());
        Assert.Equal([25, 25], Pauses);
    }

    [Fact]
    public async Task Jitter_only_lengthens_the_pauses()
    {
        _bench.Hub.Faults.On("/revision/", new Fault.Status(503), 7);
        using HubClient client = _bench.NewClient(o => o with { Jitter = () => 1 });
        await client.RestoreAsync(_bench.Project.Request(HubBench.Reference()));
        Assert.Equal([0.625, 1.25, 2.5, 5, 10, 10, 10], Pauses);
    }

    [Fact]
    public async Task A_restarting_hub_is_retried()
    {
        var free = new TcpListener(IPAddress.Loopback, 0);
        free.Start();
        var place = (IPEndPoint)free.LocalEndpoint;
        free.Stop();
        _bench.Project.SetEnvironment("HF_ENDPOINT", $"http://{place}");
        TcpListener? server = null;
        Task? answer = null;
        _bench.Project.Log.OnLine = line =>
        {
            if (!line.Contains("attempt 6", StringComparison.Ordinal))
                return;
            server = new TcpListener(place);
            server.Start();
            answer = AnswerAsync(server);
        };
        try
        {
            Assert.StartsWith("WISE2002", await _bench.FailureAsync(), StringComparison.Ordinal);
            Assert.Equal(AllPauses[..5], Pauses);
            await answer!;
        }
        finally
        {
            server?.Stop();
        }

        static async Task AnswerAsync(TcpListener listener)
        {
            using TcpClient client = await listener.AcceptTcpClientAsync();
            Assert.NotEqual(0, await client.GetStream().ReadAsync(new byte[4096]));
            await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes("HTTP/1.1 404 Not Found\r\nX-Error-Code: RepoNotFound\r\n"
                + "Content-Length: 0\r\nConnection: close\r\n\r\n"));
            listener.Stop();
        }
    }

    [Fact]
    public void An_unknown_host_gets_few_retries_and_a_DNS_failure_gets_all()
    {
        Assert.Equal((RetryVerdict.Rarely, RetryVerdict.Yes),
            (Validate(SocketError.HostNotFound), Validate(SocketError.TryAgain)));

        static RetryVerdict Validate(SocketError error) => RetryPolicy.Classify(new HttpRequestException(
            HttpRequestError.NameResolutionError, "no", new SocketException((int)error)));
    }

    [Fact]
    public async Task A_download_that_advances_on_each_attempt_is_never_given_up()
    {
        byte[] content = _bench.BigRepo(300_000);
        _bench.Hub.Faults.On("/content/", new Fault.CutAfter(30_000), int.MaxValue, origin: "cdn");
        RestoreResult result = await _bench.RestoreAsync();
        Assert.Equal(RestoreBench.Sha256(content), result.Snapshots[0].Files.Single(f => f.Path == "model.bin").Sha256.Hex);
        Assert.All(Pauses, p => Assert.Equal(0.5, p));
    }

    [Fact]
    public async Task Truncated_responses_of_a_hub_that_ignores_ranges_are_retried()
    {
        byte[] content = _bench.BigRepo(3_000_000);
        // Each time the whole is sent from the start, and never comes further than before.
        _bench.Hub.Faults.On("/content/", new Fault.CutAfter(1_000_000, IgnoresRange: true), 6, origin: "cdn");
        RestoreResult result = await _bench.RestoreAsync();
        Assert.Equal(RestoreBench.Sha256(content), result.Snapshots[0].Files.Single(f => f.Path == "model.bin").Sha256.Hex);
        Assert.Equal([0.5, 1, 2, 4, 8, 8], Pauses);
    }

    [Fact]
    public async Task An_unavailable_mirror_gets_few_retries_because_the_hub_can_serve()
    {
        await using MirrorBench mirror = await MirrorBench.StartAsync();
        await mirror.FillAsync();
        await using HubBench down = await HubBench.StartAsync();
        down.Hub.Faults.On("/", new Fault.Status(503), int.MaxValue);
        mirror.Project.Configure($$"""
            {"defaultHub":"huggingface","hubs":{"huggingface":{"protocol":"huggingface","stallTimeout":3600,"totalTimeout":7200},
             "web":{"protocol":"store","endpoint":"{{down.Hub.Endpoint}}","stallTimeout":3600,"totalTimeout":7200} },
              "mirrors":[{"hub":"web"}]}
            """);
        Assert.Equal(2, (await mirror.Bench.RestoreAsync()).FilesTransferred);
        Assert.Equal(3, down.Hub.Requests.All.Count);
        Assert.Equal([0.5, 1], mirror.Bench.Time.Waits.Select(w => w.TotalSeconds));
    }

    [Fact]
    public async Task Two_unavailable_hubs_are_retried_in_turn_as_long_as_one_would_be()
    {
        string folder = _bench.Project.Temp["served"];
        byte[] content = _bench.BigRepo(50_000);
        await new StoreBuilder(folder).PushAsync("acme/tiny", "main", [("model.bin", content)]);
        _bench.Project.Configure($$"""
            {"defaultHub":"huggingface","hubs":{"huggingface":{"protocol":"huggingface","stallTimeout":3600,"totalTimeout":7200},
             "second":{"protocol":"store","endpoint":"{{new Uri(_bench.Hub.CdnEndpoint, "/nothing")}}","stallTimeout":3600,
              "totalTimeout":7200} } }
            """);
        _bench.Hub.Faults.On("/resolve/", new Fault.Status(503), 3 + 5, origin: "hub");
        _bench.Hub.Faults.On("/nothing", new Fault.Status(503), int.MaxValue, origin: "cdn");
        RepoReference reference =
            HubBench.Reference() with { Hubs = ["huggingface", "second"], Files = new FileSelection(["model.bin"], []) };
        RestoreResult result = await _bench.RestoreAsync(reference);
        Assert.Equal(RestoreBench.Sha256(content), result.Snapshots[0].Files[0].Sha256.Hex);
        // A few tries of the first, a few of the second, then a round of both after each pause.
        Assert.Equal([0.5, 1, 0.5, 1, .. AllPauses[..6]], Pauses);
        Assert.Equal((9, 8),
            (_bench.Hub.Requests.Count("GET", "/acme/tiny/resolve/"), _bench.Hub.Requests.Count("GET", "/nothing")));
    }

    [Fact]
    public async Task A_conflicting_operation_on_the_hub_is_waited_for()
    {
        _bench.Project.SetEnvironment("WISEHUB_TOKEN_HUGGINGFACE", _bench.Hub.Token);
        _bench.Hub.Faults.On("/api/repos/create",
            new Fault.Status(409, Body: """{"error":"Cannot create repo: another conflicting operation is in progress"}"""), 3);
        _bench.Hub.Faults.On("/commit/", new Fault.Status(409, ErrorMessage: "another operation is in progress",
            Body: """{"error":"another operation is in progress"}"""), 3, "POST");
        using HubClient client = _bench.NewClient();
        await client.PushAsync(new PushRequest
        {
            RepoId = "acme/new",
            Hub = "huggingface",
            CreateRepo = true,
            Files = [new PushFile(_bench.Project.Temp.Write("out/a.txt", "a"), "a.txt")]
        });
        Assert.Equal([0.5, 1, 2, 0.5, 1, 2], Pauses);
        Assert.Equal((4, 4), (_bench.Hub.Requests.Count("POST", "/api/repos/create"),
            _bench.Hub.Requests.Count("POST", "/api/models/acme/new/commit/")));
    }
}
