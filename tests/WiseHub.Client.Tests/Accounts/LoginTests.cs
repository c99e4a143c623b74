namespace WiseHub.Client.Tests;

public sealed class LoginTests : IAsyncLifetime
{
    private HubBench _bench = null!;

    public async ValueTask InitializeAsync() => _bench = await HubBench.StartAsync();

    private string StoredFile => _bench.Project.CredentialFile;

    private string Stored => File.ReadAllText(StoredFile).Replace(Origin, "<hub>");

    private string Origin => _bench.Hub.Endpoint.GetLeftPart(UriPartial.Authority);

    private async Task<HubIdentity> LoginAsync(string token, string hub = "huggingface")
    {
        using HubClient client = _bench.NewClient();
        return await client.Accounts.LoginAsync(new HubLogin(hub, token));
    }

    private Task<string> FailureAsync(Func<HubClient, Task> work) =>
        _bench.Project.FailureOfAsync(work);

    [Fact]
    public async Task A_token_is_verified_and_stored_for_this_user_only()
    {
        HubIdentity identity = await LoginAsync(" hf_test\n");

        Assert.Equal(("huggingface", "tester", "the file " + StoredFile),
            (identity.Hub, identity.Account?.Name, identity.Source));
        Assert.Equal("hub GET /api/whoami-v2 200", _bench.Requests.Split(" Bearer")[0].Trim());
        Assert.Equal("""
            {
              "version": 1,
              "credentials": [
                {
                  "origin": "<hub>",
                  "kind": "token",
                  "user": "tester",
                  "secret": "hf_test"
                }
              ]
            }

            """, Stored);
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(StoredFile));
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute,
                File.GetUnixFileMode(Path.GetDirectoryName(StoredFile)!));
        }
        Assert.Equal("credentials.json credentials.json.lock", string.Join(' ', Directory.GetFileSystemEntries(
            Path.GetDirectoryName(StoredFile)!).Select(Path.GetFileName).Order(StringComparer.Ordinal)));
    }

    [Fact]
    public async Task A_client_uses_the_token_after_login_and_forgets_it_at_logout()
    {
        _bench.Repo(("a", "1")).IsPrivate = true;
        using HubClient client = _bench.NewClient();
        Assert.Null(client.Accounts.GetToken("huggingface"));
        await client.Accounts.LoginAsync(new HubLogin("huggingface", "hf_test"));
        await client.RestoreAsync(_bench.Project.Request(HubBench.Reference()));
        Assert.Equal([Origin], await client.Accounts.LogoutAsync("huggingface"));
        Assert.Null(client.Accounts.GetToken("huggingface"));
        Assert.Empty(await client.Accounts.LogoutAsync("huggingface"));
    }

    [Fact]
    public async Task A_token_that_the_hub_refuses_is_not_stored()
    {
        string failure = await FailureAsync(c => c.Accounts.LoginAsync(new HubLogin("huggingface", "hf_wrong")));
        Assert.Equal("WISE2006: The hub 'huggingface' answered 401 at <hub>/api/whoami-v2 (\"Invalid credentials in "
            + "Authorization header\"): it refused the token of this login. Create a new one at <hub>/settings/tokens.", failure);
        Assert.False(File.Exists(StoredFile));
    }

    [Theory]
    [InlineData("")]
    [InlineData(" \n")]
    public async Task An_empty_token_is_an_error(string token) =>
        Assert.Equal("WISE1058: The token for the hub 'huggingface' is empty. Create a token at <hub>/settings/tokens.",
            await FailureAsync(c => c.Accounts.LoginAsync(new HubLogin("huggingface", token))));

    [Fact]
    public async Task Nothing_is_sent_to_a_redirected_hub_until_the_user_confirms_the_server()
    {
        _bench.Project.SetEnvironment("HF_ENDPOINT", "");
        _bench.Project.Configure(
            "{\"hubs\":{\"huggingface\":{\"protocol\":\"huggingface\",\"stallTimeout\":3600,\"totalTimeout\":7200,\"endpoint\":\""
            + Origin + "\"}}}");
        Assert.Equal("WISE1058: The project's wisehub.json redirects the hub 'huggingface' to <hub>. "
            + "You have not confirmed that server, so nothing was sent to it. If you trust it, set WISEHUB_ENDPOINT_HUGGINGFACE "
            + "to it, or log in on a terminal, which asks you.",
            await FailureAsync(c => c.Accounts.LoginAsync(new HubLogin("huggingface", "hf_test"))));
        Assert.Equal("", _bench.Requests);

        using HubClient client = _bench.NewClient();
        await client.Accounts.LoginAsync(new HubLogin("huggingface", "hf_test") { ConfirmedOrigins = [_bench.Hub.Endpoint] });
        Assert.Equal("hf_test", client.Accounts.GetToken("huggingface"));
    }

    [Theory]
    [InlineData("folder", "WISE1059: The hub 'folder' has no login: it is a folder. Access is controlled by file permissions.")]
    [InlineData("bucket", "WISE1059: The hub 'bucket' has no login: it uses AWS credentials. Set them as for the AWS tools.")]
    [InlineData("nope", "WISE1002: There is no hub 'nope'. The known hubs are bucket, folder, github, gitlab, huggingface, "
        + "wisemodel. Declare others in <temp>/wisehub.json.")]
    public async Task Login_logout_and_whoami_fail_for_a_hub_without_a_login(string hub, string expected)
    {
        _bench.Project.Configure("""
            {"hubs":{"folder":{"protocol":"store","path":"hub"},"bucket":{"protocol":"s3","bucket":"b",
             "endpoint":"http://127.0.0.1:9"}}}
            """);
        Assert.Equal(expected, await FailureAsync(c => c.Accounts.LoginAsync(new HubLogin(hub, "t"))));
        Assert.Equal(expected, await FailureAsync(c => c.Accounts.LogoutAsync(hub)));
        Assert.Equal(expected, await FailureAsync(c => c.Accounts.WhoAmIAsync(hub)));
    }

    [Fact]
    public async Task The_token_of_a_web_server_is_stored_without_looking_up_its_account()
    {
        _bench.Project.Configure("""{"hubs":{"web":{"protocol":"store","endpoint":"https://models.example.org/hub"}}}""");
        HubIdentity identity = await LoginAsync("t", "web");
        Assert.Null(identity.Account);
        Assert.Contains("\"origin\": \"https://models.example.org\",\n      \"kind\": \"token\",\n      \"secret\": \"t\"",
            Stored, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_login_replaces_the_one_at_the_same_hub_and_keeps_those_at_others()
    {
        _bench.Project.Configure("""
            {"hubs":{"huggingface":{"protocol":"huggingface","stallTimeout":3600,"totalTimeout":7200},
             "web":{"protocol":"store","endpoint":"https://models.example.org/hub"}}}
            """);
        await LoginAsync("t", "web");
        await LoginAsync("hf_test");
        await LoginAsync("hf_read");
        Assert.Equal("<hub>:reader:hf_read https://models.example.org::t", Entries());
        using HubClient client = _bench.NewClient();
        await client.Accounts.LogoutAsync("web");
        Assert.Equal("<hub>:reader:hf_read", Entries());
        Assert.Equal([Origin], await client.Accounts.LogoutAsync(null));
        Assert.Equal("", Entries());
    }

    [Fact]
    public async Task Concurrent_logins_are_all_stored()
    {
        _bench.Project.Configure("{\"hubs\":{" + string.Join(',', Enumerable.Range(0, 8)
            .Select(i => $"\"w{i}\":{{\"protocol\":\"store\",\"endpoint\":\"https://w{i}.example.org\"}}")) + "}}");
        await Task.WhenAll(Enumerable.Range(0, 8).Select(i => LoginAsync("t" + i, "w" + i)));
        Assert.Equal(string.Join(' ', Enumerable.Range(0, 8).Select(i => $"https://w{i}.example.org::t{i}")), Entries());
    }

    [Fact]
    public async Task A_damaged_credentials_file_is_not_overwritten()
    {
        await LoginAsync("hf_test");
        File.WriteAllText(StoredFile, "{ damaged");
        Assert.StartsWith("WISE1057", await FailureAsync(c => c.Accounts.LoginAsync(new HubLogin("huggingface", "hf_read"))),
            StringComparison.Ordinal);
        Assert.StartsWith("WISE1057", await FailureAsync(c => c.Accounts.LogoutAsync("huggingface")), StringComparison.Ordinal);
        Assert.Equal("{ damaged", File.ReadAllText(StoredFile));
    }

    [Fact]
    public async Task WhoAmI_returns_the_account_and_the_source_of_the_token()
    {
        _bench.Project.SetEnvironment("HF_TOKEN", "hf_read");
        using HubClient client = _bench.NewClient();
        HubIdentity identity = await client.Accounts.WhoAmIAsync("huggingface");
        Assert.Equal(("reader", "the environment variable HF_TOKEN"), (identity.Account?.Name, identity.Source));
    }

    [Fact]
    public async Task WhoAmI_without_a_token_is_an_error()
    {
        Assert.Equal("WISE2005: There is no token for the hub 'huggingface' (<hub>). Set WISEHUB_TOKEN_HUGGINGFACE to a token "
            + "with read access, or run 'wisehub login huggingface'. Create a token at <hub>/settings/tokens.",
            await FailureAsync(c => c.Accounts.WhoAmIAsync("huggingface")));
    }

    [Fact]
    public async Task Login_offline_is_an_error_and_stores_nothing()
    {
        _bench.Project.SetEnvironment("WISEHUB_OFFLINE", "1");
        Assert.Equal("WISE2014: The hub 'huggingface' cannot be asked for the owner of a token, because network access is "
            + "disabled. Unset WISEHUB_OFFLINE and HF_HUB_OFFLINE.",
            await FailureAsync(c => c.Accounts.LoginAsync(new HubLogin("huggingface", "hf_test"))));
        Assert.False(File.Exists(StoredFile));
    }

    public ValueTask DisposeAsync() => _bench.DisposeAsync();

    private string Entries()
    {
        using var json = System.Text.Json.JsonDocument.Parse(Stored);
        return string.Join(' ', json.RootElement.GetProperty("credentials").EnumerateArray().Select(c =>
            $"{c.GetProperty("origin")}:{(c.TryGetProperty("user", out System.Text.Json.JsonElement user) ? user : "")}:"
            + $"{c.GetProperty("secret")}"));
    }
}
