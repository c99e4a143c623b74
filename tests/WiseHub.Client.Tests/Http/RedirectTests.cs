using WiseHub.Client.Http;
using WiseHub.Testing;

namespace WiseHub.Client.Tests;

public sealed class RedirectTests : IAsyncLifetime
{
    private HubBench _bench = null!;

    public async ValueTask InitializeAsync() => _bench = await HubBench.StartAsync();

    public ValueTask DisposeAsync() => _bench.DisposeAsync();

    [Theory]
    [InlineData("http://a/", "http://b/", true)]
    [InlineData("http://a/", "https://b/", true)]
    [InlineData("https://a/", "https://b/", true)]
    [InlineData("https://a/", "http://a/", false)]
    [InlineData("https://a/", "http://127.0.0.1/", false)]
    [InlineData("http://a/", "ftp://b/", false)]
    [InlineData("http://a/", "file:///etc/passwd", false)]
    [InlineData("https://a/", "javascript:alert(1)", false)]
    [InlineData("https://a/", "https://user:secret@b/", false)]
    public void Only_redirects_to_http_or_https_without_a_downgrade_are_followed(string from, string to, bool expected) =>
        Assert.Equal(expected, HubHttp.MayFollow(new Uri(from), new Uri(to)));

    [Theory]
    [InlineData("https://a/x", "http://a/y?z", "https://a/y?z")]
    [InlineData("https://a/x", "http://a:8080/y", "https://a/y")]
    [InlineData("https://a:8443/x", "http://A/y", "https://a:8443/y")]
    [InlineData("https://a/x", "http://b/y", "http://b/y")]
    [InlineData("http://a/x", "http://a:8080/y", "http://a:8080/y")]
    [InlineData("https://a/x", "https://a:444/y", "https://a:444/y")]
    public void A_redirect_to_http_on_the_same_host_keeps_https(
        string asked, string named, string meant) =>
        Assert.Equal(new Uri(meant), HubHttp.KeepTls(new Uri(asked), new Uri(named)));

    [Theory]
    [InlineData("http://a/x", "https://a/y", true)]
    [InlineData("http://a:80/x", "https://a:443/y", true)]
    [InlineData("http://a:8080/x", "https://a/y", false)]
    [InlineData("http://a/x", "https://a:8443/y", false)]
    [InlineData("http://a/x", "https://b/y", false)]
    [InlineData("https://a/x", "http://a/y", false)]
    public void A_token_is_sent_after_a_redirect_from_http_to_https_on_one_host(string origin, string next, bool expected) =>
        Assert.Equal(expected, HubHttp.IsSamePlace(new Uri(origin), new Uri(next)));

    [Theory]
    [InlineData("https://a/x", "https://a/y", true)]
    [InlineData("https://a/", "https://A:443/", true)]
    [InlineData("https://a/", "http://a/", false)]
    [InlineData("https://a/", "https://a:444/", false)]
    [InlineData("https://a/", "https://a.b/", false)]
    [InlineData("https://a/", "https://b.a/", false)]
    public void Two_URLs_have_one_origin_if_scheme_host_and_port_match(string one, string other, bool expected) =>
        Assert.Equal(expected, Urls.SameOrigin(new Uri(one), new Uri(other)));

    [Theory]
    [InlineData("ftp://example.org/x?Signature=secret", "ftp:…")]
    [InlineData("file:///etc/passwd", "file:…")]
    [InlineData("http://user:secret@example.org/x?a=b#c", "http://example.org/x")]
    [InlineData("//example.org:99999/x", "//example.org:99999/x")]
    public async Task A_redirect_to_another_scheme_or_an_invalid_address_is_refused(string target, string shown)
    {
        TestRepo repo = _bench.Repo(("model.bin", "weights"));
        _bench.Hub.Faults.On("/resolve/", new Fault.RedirectTo(new Uri(target, UriKind.RelativeOrAbsolute)), times: int.MaxValue);
        Assert.Equal(
            $"WISE2011: <hub>/acme/tiny/resolve/{repo.Head()}/model.bin redirects to {shown}. Only redirects to http(s) are "
            + "followed, and never from https to http. Ask the operator of the hub.",
            await _bench.FailureAsync());
        _bench.AssertNothingCame();
    }

    [Fact]
    public async Task A_redirect_loop_ends_after_10_redirects()
    {
        _bench.Repo(("model.bin", "weights"));
        _bench.Hub.Faults.On("/revision/",
            new Fault.RedirectTo(new Uri("/api/models/acme/tiny/revision/main", UriKind.Relative)), times: int.MaxValue);
        Assert.Equal("WISE2011: <hub>/api/models/acme/tiny/revision/main redirects more than 10 times. "
            + "Check the endpoint of the hub.", await _bench.FailureAsync());
        Assert.Equal(11, _bench.Hub.Requests.All.Count);
    }

    [Theory]
    [InlineData(301)]
    [InlineData(302)]
    [InlineData(303)]
    [InlineData(307)]
    [InlineData(308)]
    public async Task Every_redirect_status_is_followed_and_the_token_is_not_sent_to_another_host(int status)
    {
        await using TestHub other = await TestHub.StartAsync();
        TestRepo repo = other.CreateRepo(HubBench.Id);
        _bench.Repo(("config.json", "{}"));
        repo.Commit(new Dictionary<string, byte[]?> { ["config.json"] = "{}"u8.ToArray() });
        _bench.Project.SetEnvironment("HF_TOKEN", _bench.Hub.Token);
        _bench.Hub.Faults.On("/resolve/",
            new Fault.RedirectTo(new Uri(other.Endpoint, $"/acme/tiny/resolve/{repo.Head()}/config.json"), status));
        Assert.Equal("config.json={}", RestoreBench.Contents((await _bench.RestoreAsync()).Snapshots[0]));
        Assert.All(other.Requests.All, r => Assert.False(r.Headers.ContainsKey("Authorization")));
        Assert.Equal(2, other.Requests.All.Count);
    }

    [Fact]
    public async Task A_redirect_without_an_address_is_an_error()
    {
        _bench.Repo(("config.json", "{}"));
        _bench.Hub.Faults.On("/revision/", new Fault.Status(302));
        Assert.StartsWith("WISE2010: acme/tiny on 'huggingface' (<hub>/api/models/acme/tiny/revision/main, 302",
            await _bench.FailureAsync(), StringComparison.Ordinal);
    }
}
