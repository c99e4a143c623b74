using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using WiseHub.Client.Credentials;
using WiseHub.Client.Http;
using WiseHub.Client.Hubs;
using WiseHub.Client.Hubs.Wisemodel;
using WiseHub.Testing;

namespace WiseHub.Client.Tests;

public sealed class WisemodelGatewayTests : IAsyncLifetime
{
    private readonly SettableTime _time = new();
    private TestHub _hub = null!;
    private HubHttp _http = null!;
    private HubDefinition _definition = null!;

    public async ValueTask InitializeAsync()
    {
        _hub = await TestHub.StartAsync(new TestHubOptions { Time = _time });
        _definition = new HubDefinition("wm", "wisemodel")
        { Endpoint = _hub.Endpoint, Settings = new WisemodelSettings { Endpoints = WisemodelEndpoints.At(_hub.Endpoint) } };
        _http = new HubHttp("wm", new HttpSettings { Tries = 1 }, "test",
            new RetryPolicy(SilentLog.Instance, TimeProvider.System));
        _hub.CreateRepo("acme/tiny").Commit(new Dictionary<string, byte[]?> { ["a"] = [1], ["sub/b"] = [2] });
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _hub.DisposeAsync();
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private static RepoReference Repo(string id = "acme/tiny", RepoType type = RepoType.Model) =>
        new() { RepoId = id, RepoType = type };

    private HubConnection Wire => new(_definition, () => _http,
        new TokenSource(TestEnvironment.Empty, new Dictionary<string, string>(), Protocols.All, SilentLog.Instance));

    private Task<string> LoginAsync(string? password = null) =>
        WisemodelGateway.LoginAsync(_definition, Wire, "tester", password ?? _hub.Password, Cancel);

    private WisemodelGateway Gateway(string? session, bool mayLogIn = true) =>
        new(_definition, new GatewaySession(_definition, Wire, session, mayLogIn ? _ => LoginAsync() : null, _time));

    private string Calls => string.Join(' ', _hub.Requests.All.Select(r => r.Path.Split('/')[^1]));

    private async Task<string> FailureAsync(Func<Task> call)
    {
        HubException e = await Assert.ThrowsAsync<HubException>(call);
        return $"{e.Code}: {e.Message}".Replace(_hub.Endpoint.GetLeftPart(UriPartial.Authority), "<hub>",
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_login_returns_a_session_with_an_expiry_time(bool codesAreText)
    {
        _hub.Wisemodel.CodesAreText = codesAreText;
        Assert.Equal(_time.GetUtcNow() + TimeSpan.FromDays(7), SessionToken.EndOf(await LoginAsync()));
        Assert.Equal("application/json", _hub.Requests.All[0].Headers["Content-Type"]);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task The_error_for_a_wrong_password_does_not_repeat_it(bool codesAreText)
    {
        _hub.Wisemodel.CodesAreText = codesAreText;
        // The test hub repeats the password in its message.
        Assert.Equal("WISE2021: 'wm' refused the login of 'tester' (<hub>/gateway/user/api/v1/login, code 10001: \"wrong "
            + "password ***\"). Check the user name and the password. To read private repos, a git token (<hub>/my-token) is "
            + "enough.",
            await FailureAsync(() => LoginAsync("hunter2")));
    }

    [Theory]
    [InlineData("")]
    [InlineData("no-jwt")]
    [InlineData("a.b.c")]
    [InlineData("a.e30.c")]
    [InlineData("a.eyJleHAiOiJ4In0.c")]
    [InlineData("a.eyJleHAiOjFlOTl9.c")]
    public void A_session_that_is_not_a_JWT_has_no_expiry_time(string session) => Assert.Null(SessionToken.EndOf(session));

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Branches_and_files_are_listed(bool codesAreText)
    {
        _hub.Wisemodel.CodesAreText = codesAreText;
        _hub.FindRepo("acme/tiny")!.Branch("feature/x", _hub.FindRepo("acme/tiny")!.Head());
        WisemodelGateway gateway = Gateway(await LoginAsync(), mayLogIn: false);
        Assert.Equal(["feature/x", "main"], await gateway.BranchesAsync(Repo(), Cancel));
        Assert.Equal(["a", "sub"], await gateway.FilesAsync(Repo(), "main", "", Cancel));
        Assert.Equal(["b"], await gateway.FilesAsync(Repo(), "feature/x", "sub", Cancel));
    }

    [Fact]
    public async Task A_folder_of_several_pages_is_listed_completely()
    {
        _hub.CreateRepo("acme/many").Commit(Enumerable.Range(0, 1203).ToDictionary(i => $"f{i:0000}", _ => (byte[]?)[1]));
        IReadOnlyList<string> names = await Gateway(await LoginAsync()).FilesAsync(Repo("acme/many"), "main", "", Cancel);
        Assert.Equal(Enumerable.Range(0, 1203).Select(i => $"f{i:0000}"), names);
    }

    [Fact]
    public async Task Files_of_a_dataset_are_listed()
    {
        _hub.CreateRepo("acme/data", "dataset").Commit(new Dictionary<string, byte[]?> { ["d"] = [1] });
        Assert.Equal(["d"],
            await Gateway(await LoginAsync()).FilesAsync(Repo("acme/data", RepoType.Dataset), "main", "", Cancel));
    }

    [Fact]
    public async Task An_expired_session_is_renewed_once_and_the_call_repeated_once()
    {
        WisemodelGateway gateway = Gateway(await LoginAsync());
        foreach (Func<Task> call in new Func<Task>[]
        {
            () => gateway.BranchesAsync(Repo(), Cancel),
            () => gateway.FilesAsync(Repo(), "main", "", Cancel)
        })
        {
            _hub.Requests.Clear();
            _hub.Wisemodel.EndedSessions = 1;
            await call();
            Assert.Matches("^(branchlist login branchlist|listfiles login listfiles listfiles)$", Calls);
        }
    }

    [Fact]
    public async Task Concurrent_calls_with_an_expired_session_log_in_once()
    {
        string ended = await LoginAsync();
        _hub.Requests.Clear();
        _time.Now += TimeSpan.FromDays(8);
        WisemodelGateway gateway = Gateway(ended);
        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => gateway.BranchesAsync(Repo(), Cancel)));
        Assert.Equal((1, 8), (_hub.Requests.All.Count(r => r.Path.EndsWith("/login", StringComparison.Ordinal)),
            _hub.Requests.All.Count(r => r.Path.EndsWith("/branchlist", StringComparison.Ordinal))));
    }

    [Fact]
    public async Task A_new_session_that_is_refused_is_an_error_without_a_loop()
    {
        WisemodelGateway gateway = Gateway(await LoginAsync());
        _hub.Requests.Clear();
        _hub.Wisemodel.EndedSessions = int.MaxValue;
        Assert.Equal("WISE2022: acme/tiny on 'wm' (<hub>/gateway/project/api/v1/branchlist, code B2002: \"token is expired "
            + "***\"): the hub refuses the session, although it is new. Run 'wisehub login wm --user NAME' on a terminal.",
            await FailureAsync(() => gateway.BranchesAsync(Repo(), Cancel)));
        Assert.Equal("branchlist login branchlist", Calls);
    }

    [Fact]
    public async Task A_session_past_its_expiry_time_is_not_tried()
    {
        WisemodelGateway gateway = Gateway(await LoginAsync());
        _time.Now += TimeSpan.FromDays(8);
        _hub.Requests.Clear();
        await gateway.BranchesAsync(Repo(), Cancel);
        Assert.Equal("login branchlist", Calls);
    }

    [Fact]
    public async Task The_error_without_a_valid_session_asks_for_a_login()
    {
        Assert.Equal("WISE2022: acme/tiny on 'wm': this requires a login. Run 'wisehub login wm --user NAME' on a terminal.",
            await FailureAsync(() => Gateway(null, mayLogIn: false).BranchesAsync(Repo(), Cancel)));
        string session = await LoginAsync();
        _hub.Wisemodel.EndedSessions = 1;
        Assert.Equal("WISE2022: acme/tiny on 'wm': the session has ended. Run 'wisehub login wm --user NAME' on a terminal.",
            await FailureAsync(() => Gateway(session, mayLogIn: false).BranchesAsync(Repo(), Cancel)));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_missing_repo_and_a_missing_folder_are_errors(bool codesAreText)
    {
        _hub.Wisemodel.CodesAreText = codesAreText;
        WisemodelGateway gateway = Gateway(await LoginAsync());
        Assert.Equal("WISE2002: acme/none on 'wm' (<hub>/gateway/project/api/v1/branchlist, code 10003: \"project not found\"): "
            + "the repo, branch or folder does not exist. Check <hub>/models/acme/none.",
            await FailureAsync(() => gateway.BranchesAsync(Repo("acme/none"), Cancel)));
        Assert.StartsWith("WISE2002: ", await FailureAsync(() => gateway.FilesAsync(Repo(), "main", "none", Cancel)),
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("<html>", "it is a web page, such as a login or proxy page, and not JSON")]
    [InlineData("[]", "it has no code")]
    [InlineData("{\"code\":null}", "it has no code")]
    [InlineData("{\"code\":0,\"data\":{\"list\":[{}]}}", "an entry has no branch")]
    public async Task An_invalid_response_is_an_error(string body, string reason)
    {
        string session = await LoginAsync();
        _hub.Faults.On("branchlist", new Fault.Status(200, Body: body));
        Assert.Equal("WISE2010: The gateway of 'wm' answered <hub>/gateway/project/api/v1/branchlist in an unexpected way: "
            + $"{reason}. Check its endpoint \"gateway\".",
            await FailureAsync(() => Gateway(session).BranchesAsync(Repo(), Cancel)));
    }

    [Fact]
    public async Task Another_error_code_of_the_gateway_is_reported()
    {
        string session = await LoginAsync();
        _hub.Faults.On("branchlist", new Fault.Status(200, Body: "{\"code\":\"10009\",\"message\":\"no permission\"}"));
        Assert.Equal("WISE2023: acme/tiny on 'wm' (<hub>/gateway/project/api/v1/branchlist, code 10009: \"no permission\"): the "
            + "hub refused the request. Check <hub>/models/acme/tiny and the permissions of your account.",
            await FailureAsync(() => Gateway(session).BranchesAsync(Repo(), Cancel)));
    }

    [Fact]
    [Needs(Need.Localhost)]
    public async Task The_password_goes_to_the_web_host_and_the_session_to_the_gateway()
    {
        _definition = _definition with
        {
            Settings = new WisemodelSettings
            {
                Endpoints = _definition.Services() with { Gateway = new UriBuilder(_hub.Endpoint) { Host = "localhost" }.Uri }
            }
        };
        await Gateway(await LoginAsync()).BranchesAsync(Repo(), Cancel);
        Assert.Equal(["login 127.0.0.1 -", "branchlist localhost Bearer"],
            _hub.Requests.All.Select(r => $"{r.Path.Split('/')[^1]} {r.Headers["Host"].Split(':')[0]} "
                + $"{r.Headers.GetValueOrDefault("Authorization", "-").Split(' ')[0]}"));
    }

    [Fact]
    public async Task A_redirect_of_a_login_to_another_server_is_not_followed()
    {
        _hub.Faults.On("/login", new Fault.RedirectTo(_hub.CdnEndpoint, 307));
        Assert.StartsWith("WISE2011: ", await FailureAsync(() => LoginAsync()), StringComparison.Ordinal);
        Assert.DoesNotContain(_hub.Requests.All, r => r.Origin == "cdn");
    }

    // The upload is used by publishing; here it is checked that the test hub does it as docs/protocols/wisemodel.md#uploads says.
    [Fact]
    public async Task The_test_hub_accepts_an_upload_in_chunks_and_commits_it_later()
    {
        string session = await LoginAsync();
        using var client = new HttpClient { BaseAddress = _hub.Endpoint };
        client.DefaultRequestHeaders.Authorization = new("Bearer", session);
        byte[] content = "0123456789"u8.ToArray();
        // CA5351: the protocol names contents by their MD5.
#pragma warning disable CA5351
        string md5 = Convert.ToHexStringLower(MD5.HashData(content)), path = $"{_hub.Endpoint}models/acme/tiny";
#pragma warning restore CA5351
        Dictionary<string, string> form =
            new() { ["fileName"] = "w.txt", ["fileMd5"] = md5, ["dir"] = "", ["project_path"] = path };
        Assert.Equal("""{"chunks":[],"resultCode":-1}""", await PostAsync(client, "check", new FormUrlEncodedContent(form)));
        for (int chunk = 0; chunk < 2; chunk++)
        {
            using var piece = new MultipartFormDataContent
            {
                { new StringContent(md5), "\"md5\"" },
                { new StringContent(""), "\"dir\"" },
                { new StringContent(chunk.ToString(CultureInfo.InvariantCulture)), "\"chunk\"" },
                { new ByteArrayContent(content, chunk * 5, 5), "\"file\"", "\"w.txt\"" },
            };
            Assert.Equal("null", await PostAsync(client, "upload", piece));
        }
        Assert.Equal("""{"chunks":["0","1"],"resultCode":2}""",
            await PostAsync(client, "check", new FormUrlEncodedContent(form)));
        string merged = JsonDocument.Parse(await PostAsync(client, "merge", new FormUrlEncodedContent(form))).RootElement
            .GetProperty("filepath").GetString()!;
        Assert.Matches("^/var/www/space/[0-9]{8}/[0-9]+_data_[0-9a-f]{32}/w[.]txt$", merged);
        string add = JsonSerializer.Serialize(new
        {
            project_path = path,
            branch = "main",
            files = new[] { merged },
            commit = "add",
            wangpan_url = "",
            git_folder = "sub"
        });
        Assert.Contains("in the background", await PostAsync(client, "addfiles",
            new StringContent(add, Encoding.UTF8, "application/json")), StringComparison.Ordinal);
        WisemodelGateway gateway = Gateway(session);
        Assert.Equal(["b"], await gateway.FilesAsync(Repo(), "main", "sub", Cancel));
        _time.Now += TimeSpan.FromSeconds(5);
        Assert.Equal(["b", "w.txt"], await gateway.FilesAsync(Repo(), "main", "sub", Cancel));
        Assert.Equal("0123456789", Encoding.ASCII.GetString(_hub.FindRepo("acme/tiny")!.Read("sub/w.txt")));
    }

    private static async Task<string> PostAsync(HttpClient client, string verb, HttpContent content)
    {
        using (content)
        {
            using HttpResponseMessage answer =
                await client.PostAsync(new Uri($"gateway/fileupload/api/v1/{verb}", UriKind.Relative), content, Cancel);
            using JsonDocument json = JsonDocument.Parse(await answer.Content.ReadAsStringAsync(Cancel));
            Assert.Equal(0, json.RootElement.GetProperty("code").GetInt32());
            return json.RootElement.GetProperty("data").GetRawText();
        }
    }

    private sealed class SettableTime : TimeProvider
    {
        public DateTimeOffset Now { get; set; } = new(2026, 11, 21, 10, 0, 0, TimeSpan.Zero);

        public override DateTimeOffset GetUtcNow() => Now;
    }
}
