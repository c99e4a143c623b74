using WiseHub.Client.Context;
using WiseHub.Client.Hubs.Wisemodel;

namespace WiseHub.Client.Tests;

/// <summary>Wisemodel's two secrets: the git token, and the session of a login with user name and password.</summary>
public sealed class WisemodelLoginTests : IAsyncLifetime
{
    private HubBench _bench = null!;

    public async ValueTask InitializeAsync() => _bench = await HubBench.StartWisemodelAsync();

    public ValueTask DisposeAsync() => _bench.DisposeAsync();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private string StoredFile => _bench.Project.CredentialFile;

    private string Origin => _bench.Hub.Endpoint.GetLeftPart(UriPartial.Authority);

    private string Cdn => _bench.Hub.CdnEndpoint.GetLeftPart(UriPartial.Authority);

    /// <summary>The stored secrets, each as <c>kind:user@origin</c>.</summary>
    private string Stored()
    {
        using var json = System.Text.Json.JsonDocument.Parse(File.ReadAllText(StoredFile));
        return string.Join(' ', json.RootElement.GetProperty("credentials").EnumerateArray()
            .Select(c => $"{c.GetProperty("kind")}:"
                + $"{(c.TryGetProperty("user", out System.Text.Json.JsonElement user) ? user : "?")}@{c.GetProperty("origin")}"))
            .Replace(Origin, "<hub>", StringComparison.Ordinal).Replace(Cdn, "<cdn>", StringComparison.Ordinal);
    }

    private string Calls => string.Join(' ', _bench.Hub.Requests.All.Select(r => r.Path.Split('/')[^1]));

    private async Task<HubIdentity> LoginAsync(string? password = null, Func<HubClientOptions, HubClientOptions>? change = null)
    {
        using HubClient client = _bench.NewClient(change);
        return await client.Accounts.LoginAsync(new HubPasswordLogin("wm", "tester", password ?? _bench.Hub.Password), Cancel);
    }

    private Task<string> FailureAsync(Func<HubClient, Task> work) =>
        _bench.Project.FailureOfAsync(work);

    /// <summary>What a push does with the session: a question to the gateway.</summary>
    private async Task<IReadOnlyList<string>> BranchesAsync(Func<PasswordPrompt, CancellationToken, Task<string?>>? ask = null)
    {
        using var services = new ClientContext(_bench.Project.Options with { AskPassword = ask, Time = _bench.Time });
        HubDefinition wm = services.Config.Find("wm");
        return await new WisemodelGateway(wm, new Sessions(services, wm).Open()).BranchesAsync(HubBench.Reference(), Cancel);
    }

    [Fact]
    public async Task A_login_stores_the_session_for_this_user_only_and_not_the_password()
    {
        DateTimeOffset before = DateTimeOffset.UtcNow;
        HubIdentity identity = await LoginAsync();

        Assert.Equal(("wm", "tester", "tester", "the file " + StoredFile),
            (identity.Hub, identity.Account?.Name, identity.Session?.User, identity.Session!.Source));
        Assert.InRange(identity.Session.Ends!.Value, before.AddDays(7).AddSeconds(-1), DateTimeOffset.UtcNow.AddDays(7));
        Assert.Equal("login", Calls);
        Assert.Equal("session:tester@<hub>", Stored());
        Assert.DoesNotContain(_bench.Hub.Password, File.ReadAllText(StoredFile) + _bench.Project.Log.Text,
            StringComparison.Ordinal);
        if (!OperatingSystem.IsWindows())
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(StoredFile));
    }

    [Fact]
    public async Task The_stored_session_is_used_by_later_calls()
    {
        _bench.Repo(("a", "1"));
        await LoginAsync();
        _bench.Hub.Requests.Clear();
        Assert.Equal(["main"], await BranchesAsync());
        Assert.Equal("branchlist", Calls);
    }

    [Fact]
    public async Task An_expired_session_is_renewed_once_with_a_prompted_password_and_stored()
    {
        _bench.Repo(("a", "1"));
        await LoginAsync();
        string first = File.ReadAllText(StoredFile);
        _bench.Hub.Requests.Clear();
        _bench.Hub.Wisemodel.EndedSessions = 1;
        List<PasswordPrompt> asked = [];

        Assert.Equal(["main"], await BranchesAsync((question, _) =>
        {
            asked.Add(question);
            return Task.FromResult<string?>(_bench.Hub.Password);
        }));

        Assert.Equal([new PasswordPrompt("wm", _bench.Hub.Endpoint, "tester")], asked);
        Assert.Equal("branchlist login branchlist", Calls);
        Assert.NotEqual(first, File.ReadAllText(StoredFile));
        _bench.Hub.Requests.Clear();
        await BranchesAsync();
        Assert.Equal("branchlist", Calls);
    }

    [Fact]
    public async Task The_error_without_a_password_says_how_to_log_in()
    {
        _bench.Repo(("a", "1"));
        await LoginAsync();
        _bench.Hub.Wisemodel.EndedSessions = 2;
        Assert.Equal("WISE2022: The session of 'tester' for 'wm' has ended, and no password was given. Run 'wisehub login wm "
            + "--user tester' on a terminal.",
            await _bench.Project.FailureOfAsync(() => BranchesAsync((_, _) => Task.FromResult<string?>(null))));
        Assert.Equal("WISE2022: acme/tiny on 'wm': the session has ended. Run 'wisehub login wm --user NAME' on a terminal.",
            await _bench.Project.FailureOfAsync(() => BranchesAsync()));
    }

    [Fact]
    public async Task No_password_is_requested_for_another_host_than_that_of_the_login()
    {
        _bench.Repo(("a", "1"));
        await LoginAsync();
        _bench.Project.Configure(File.ReadAllText(_bench.Project.Temp["wisehub.json"])
            .Replace($"\"web\":\"{_bench.Hub.Endpoint}\"", $"\"web\":\"{_bench.Hub.CdnEndpoint}\"", StringComparison.Ordinal));
        _bench.Hub.Wisemodel.EndedSessions = 1;
        bool isAsked = false;
        await Assert.ThrowsAsync<HubException>(() => BranchesAsync((_, _) =>
        {
            isAsked = true;
            return Task.FromResult<string?>("secret");
        }));
        Assert.False(isAsked);
        Assert.DoesNotContain(_bench.Hub.Requests.All, r => r.Origin == "cdn");
    }

    [Fact]
    public async Task A_wrong_password_is_not_repeated_and_nothing_is_stored()
    {
        Assert.Equal("WISE2021: 'wm' refused the login of 'tester' (<hub>/gateway/user/api/v1/login, code 10001: \"wrong "
            + "password ***\"). Check the user name and the password. To read private repos, a git token (<hub>/my-token) is "
            + "enough.",
            await FailureAsync(c => c.Accounts.LoginAsync(new HubPasswordLogin("wm", "tester", "hunter2"), Cancel)));
        Assert.False(File.Exists(StoredFile));
    }

    [Theory]
    [InlineData("", "x", "user name")]
    [InlineData("ann", "", "password")]
    public async Task An_empty_name_or_password_is_not_sent(string user, string password, string what)
    {
        Assert.Equal($"WISE1058: The {what} for the hub 'wm' is empty. Nothing was sent.",
            await FailureAsync(c => c.Accounts.LoginAsync(new HubPasswordLogin("wm", user, password), Cancel)));
        Assert.Equal("", Calls);
    }

    [Fact]
    public async Task Other_hubs_have_no_login_by_password() =>
        Assert.Equal("WISE1053: The hub 'huggingface' has no login by user name and password. Log in with a token: "
            + "wisehub login huggingface. Create a token at https://huggingface.co/settings/tokens.",
            await FailureAsync(c => c.Accounts.LoginAsync(new HubPasswordLogin("huggingface", "ann", "secret"), Cancel)));

    [Fact]
    public async Task Offline_nothing_is_sent()
    {
        _bench.Project.SetEnvironment("WISEHUB_OFFLINE", "1");
        Assert.StartsWith("WISE2014: ",
            await FailureAsync(c => c.Accounts.LoginAsync(new HubPasswordLogin("wm", "tester", "secret"), Cancel)),
            StringComparison.Ordinal);
        Assert.Equal("", Calls);
    }

    [Fact]
    public async Task A_git_token_and_a_session_are_stored_shown_and_removed_together()
    {
        using HubClient client = _bench.NewClient();
        HubIdentity git = await client.Accounts.LoginAsync(new HubLogin("wm", _bench.Hub.GitToken), Cancel);
        Assert.Equal(("tester", "Tester", null), (git.Account?.Name, git.Account?.FullName, git.Session));
        await client.Accounts.LoginAsync(new HubPasswordLogin("wm", "tester", _bench.Hub.Password), Cancel);
        Assert.Equal("token:tester@<hub> session:tester@<hub> token:tester@<cdn>",
            string.Join(' ', Stored().Split(' ').OrderBy(s => s.EndsWith("<cdn>", StringComparison.Ordinal))));

        HubIdentity who = await client.Accounts.WhoAmIAsync("wm", Cancel);
        Assert.Equal(("tester", "tester", true),
            (who.Account?.Name, who.Session?.User, who.Session?.Ends > DateTimeOffset.UtcNow));
        Assert.Equal(new[] { Origin, Cdn }.Order(StringComparer.Ordinal), (await client.Accounts.LogoutAsync("wm", Cancel))
            .Order(StringComparer.Ordinal));
        Assert.Equal((null, null), (client.Accounts.GetToken("wm"), client.Accounts.FindSession("wm")));
    }

    [Fact]
    public async Task With_only_a_session_WhoAmI_returns_its_user_without_a_request()
    {
        await LoginAsync();
        _bench.Hub.Requests.Clear();
        using HubClient client = _bench.NewClient();
        HubIdentity who = await client.Accounts.WhoAmIAsync("wm", Cancel);
        Assert.Equal(("tester", who.Session!.Source, "tester"), (who.Account?.Name, who.Source, who.Session.User));
        Assert.Equal("", Calls);
    }

    [Fact]
    public async Task WhoAmI_with_an_expired_session_is_an_error()
    {
        _bench.Hub.Wisemodel.SessionLifetime = TimeSpan.FromHours(1);
        await LoginAsync();
        using HubClient client = _bench.Project.NewClient(o => o with { Time = new LaterTime(TimeSpan.FromHours(2)) });
        Assert.Matches($"^WISE2022: The session for 'wm' from the file {_bench.Project.Log.Hide(StoredFile)} expired at [0-9: "
            + "-]+Z. Run 'wisehub login wm --user tester' on a terminal.$",
            await _bench.Project.FailureOfAsync(() => client.Accounts.WhoAmIAsync("wm", Cancel)));
    }

    [Fact]
    public async Task A_session_given_as_a_token_is_stored_as_a_session()
    {
        await LoginAsync();
        using HubClient client = _bench.NewClient();
        string session;
        using (var json = System.Text.Json.JsonDocument.Parse(File.ReadAllText(StoredFile)))
            session = json.RootElement.GetProperty("credentials")[0].GetProperty("secret").GetString()!;
        await client.Accounts.LogoutAsync("wm", Cancel);
        _bench.Hub.Requests.Clear();

        HubIdentity identity = await client.Accounts.LoginAsync(new HubLogin("wm", session + "\n"), Cancel);
        Assert.Equal((null, null, true), (identity.Account, identity.Session?.User, identity.Session?.Ends is not null));
        Assert.Equal("session:?@<hub>", Stored());
        Assert.Null(client.Accounts.GetToken("wm"));

        await client.Accounts.LogoutAsync("wm", Cancel);
        _bench.Project.SetEnvironment("WISEHUB_TOKEN_WM", session);
        using HubClient other = _bench.NewClient();
        Assert.Equal((null, "the environment variable WISEHUB_TOKEN_WM"),
            (other.Accounts.GetToken("wm"), other.Accounts.FindSession("wm")?.Source));
        _bench.Project.SetEnvironment("WISEHUB_TOKEN_WM", "");
        using HubClient given = _bench.NewClient(o => o with { Tokens = new Dictionary<string, string> { ["wm"] = session } });
        Assert.Equal((null, "HubClientOptions.Tokens"),
            (given.Accounts.GetToken("wm"), given.Accounts.FindSession("wm")?.Source));
        Assert.Equal("", Calls);
    }

    [Fact]
    public async Task An_expired_session_is_not_stored()
    {
        _bench.Hub.Wisemodel.SessionLifetime = TimeSpan.FromMinutes(-1);
        Assert.StartsWith("WISE2022: The session for 'wm' ended at ",
            await FailureAsync(c => c.Accounts.LoginAsync(new HubPasswordLogin("wm", "tester", _bench.Hub.Password), Cancel)),
            StringComparison.Ordinal);
        Assert.False(File.Exists(StoredFile));
    }

    [Fact]
    public async Task Nothing_is_sent_to_a_redirected_service_until_all_servers_are_confirmed()
    {
        _bench.Project.Configure("{\"hubs\":{\"wisemodel\":{\"protocol\":\"wisemodel\",\"endpoints\":{\"gitlab\":\""
            + _bench.Hub.Endpoint + "\"}}}}");
        using HubClient client = _bench.NewClient();
        Uri web = client.Config.Find("wisemodel").Endpoint!;
        foreach (Func<Task> login in (Func<Task>[])[() =>
            client.Accounts.LoginAsync(new HubLogin("wisemodel", "secret") { ConfirmedOrigins = [web] }, Cancel),
            () => client.Accounts.LoginAsync(
                new HubPasswordLogin("wisemodel", "tester", "secret") { ConfirmedOrigins = [web] }, Cancel)])
        {
            Assert.Equal("WISE1058: The project's wisehub.json redirects the hub 'wisemodel' to https://www.wisemodel.cn, "
                + "https://wisemodel.cn, https://uploadfile.wisemodel.cn, https://download.wisemodel.cn, <hub>. "
                + "You have not confirmed that server, so nothing was sent to it. If you trust it, set "
                + "WISEHUB_ENDPOINT_WISEMODEL to it, or log in on a terminal, which asks you.",
                await _bench.Project.FailureOfAsync(login));
        }
        Assert.Equal("", Calls);
    }

    [Theory]
    [InlineData("wisemodel")]
    [InlineData("other")]
    public async Task WhoAmI_does_not_send_the_token_of_the_web_host_to_a_server_named_by_a_project(string name)
    {
        _bench.Project.WriteCredentials(
            """{"version":1,"credentials":[{"origin":"https://www.wisemodel.cn","kind":"token","secret":"canary"}]}""");
        _bench.Project.Configure("{\"hubs\":{\"" + name + "\":{\"protocol\":\"wisemodel\",\"endpoints\":{\"gitlab\":\""
            + _bench.Hub.Endpoint + "\"}}}}");
        Assert.StartsWith("WISE2005: ", await FailureAsync(c => c.Accounts.WhoAmIAsync(name, Cancel)), StringComparison.Ordinal);
        Assert.Equal("", Calls);
    }
}
