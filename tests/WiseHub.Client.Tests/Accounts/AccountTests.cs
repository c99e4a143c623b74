using System.Text;
using WiseHub.Testing;

namespace WiseHub.Client.Tests;

/// <summary>The account of a token, read from shortened responses of real hosts.</summary>
public sealed class AccountTests : IAsyncLifetime
{
    // docs.github.com/rest/users/users, "Get the authenticated user".
    private const string GitHubUser = """
        {"login":"octocat","id":1,"node_id":"MDQ6VXNlcjE=","avatar_url":"https://github.com/images/error/octocat_happy.gif",
         "gravatar_id":"","url":"https://api.github.com/users/octocat",
        "html_url":"https://github.com/octocat","type":"User","site_admin":false,"name":"monalisa octocat","company":"GitHub",
         "location":"San Francisco","email":"octocat@github.com","hireable":false,
        "public_repos":2,"followers":20,"created_at":"2008-01-14T04:33:35Z",
         "plan":{"name":"Medium","space":400,"private_repos":20,"collaborators":0}}
        """;

    // docs.gitlab.com/api/users, "Get the current user".
    private const string GitLabUser = """
        {"id":1,"username":"john_smith","email":"john@example.com","name":"John Smith","state":"active","locked":false,
         "avatar_url":"http://localhost:3000/uploads/user/avatar/1/index.jpg",
        "web_url":"http://localhost:3000/john_smith","created_at":"2012-05-23T08:00:58Z","bio":"",
         "identities":[{"provider":"github","extern_uid":"2435223452345"}],"can_create_group":true,
        "two_factor_enabled":true,"external":false,"private_profile":false,"namespace_id":1}
        """;

    private readonly RestoreBench _bench = new();
    private FileServer _server = null!;

    public async ValueTask InitializeAsync()
    {
        _server = await FileServer.StartAsync();
        _bench.Log.Hiding(_server.Url(""), "<host>");
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _bench.Dispose();
    }

    private void Serve(string path, string json, int status = 200)
    {
        ServedFile file = _server.Serve(path, Encoding.UTF8.GetBytes(json));
        (file.ContentType, file.Status) = ("application/json", status);
    }

    /// <summary>The user's own word is where the hub is; its token is there, too.</summary>
    private async Task<HubIdentity> WhoAsync(string hub)
    {
        string name = hub.ToUpperInvariant();
        _bench.SetEnvironment("WISEHUB_ENDPOINT_" + name, _server.Url(""));
        _bench.SetEnvironment("WISEHUB_TOKEN_" + name, "t0ken");
        using HubClient client = _bench.NewClient();
        return await client.Accounts.WhoAmIAsync(hub, TestContext.Current.CancellationToken);
    }

    [Theory]
    // A GitHub of one's own has its API below a path (docs.github.com/enterprise-server/rest).
    [InlineData("github", "/api/v3/user", GitHubUser, "octocat", "monalisa octocat", "Authorization: Bearer t0ken")]
    [InlineData("gitlab", "/api/v4/user", GitLabUser, "john_smith", "John Smith", "PRIVATE-TOKEN: t0ken")]
    [InlineData("wisemodel", "/api/v4/user", GitLabUser, "john_smith", "John Smith", "PRIVATE-TOKEN: t0ken")]
    public async Task WhoAmI_asks_the_host_for_the_account_of_the_token(
        string hub, string path, string answer, string name, string fullName, string header)
    {
        Serve(path, answer);
        HubIdentity identity = await WhoAsync(hub);
        Assert.Equal((hub, name, fullName, $"the environment variable WISEHUB_TOKEN_{hub.ToUpperInvariant()}"),
            (identity.Hub, identity.Account?.Name, identity.Account?.FullName, identity.Source));
        Assert.Equal($"GET {path} {header} 200", _server.Requests);
    }

    // A person need not have said a name.
    [Fact]
    public async Task An_account_without_a_display_name_is_accepted()
    {
        Serve("/api/v3/user", """{"login":"octocat","id":1,"name":null}""");
        HubIdentity identity = await WhoAsync("github");
        Assert.Equal(("octocat", null), (identity.Account?.Name, identity.Account?.FullName));
    }

    [Theory]
    [InlineData("github", "/api/v3/user",
        """{"message":"Bad credentials","documentation_url":"https://docs.github.com/rest","status":"401"}""", "Bad credentials")]
    [InlineData("gitlab", "/api/v4/user", """{"message":"401 Unauthorized"}""", "401 Unauthorized")]
    [InlineData("wisemodel", "/api/v4/user", """{"message":"401 Unauthorized"}""", "401 Unauthorized")]
    public async Task The_error_for_a_refused_token_quotes_the_host(string hub, string path, string answer, string said)
    {
        Serve(path, answer, 401);
        string failure = await _bench.FailureOfAsync(() => WhoAsync(hub));
        Assert.StartsWith($"WISE2006: The hub '{hub}' answered 401 at <host>{path} (\"{said}\"): it refused the token of the "
            + $"environment variable WISEHUB_TOKEN_{hub.ToUpperInvariant()}. ", failure, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"id":1}""")]
    [InlineData("[]")]
    [InlineData("<!DOCTYPE html>")]
    public async Task A_response_without_an_account_name_is_an_error(string answer)
    {
        Serve("/api/v4/user", answer);
        Assert.Equal("WISE2010: The hub 'gitlab' answered <host>/api/v4/user without naming an account. "
            + "Check the endpoint of the hub.",
            await _bench.FailureOfAsync(() => WhoAsync("gitlab")));
    }
}
