using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using WiseHub.Testing;

namespace WiseHub.Tool.Tests;

/// <summary>Private certificates and proxies, set by the environment of a process.</summary>
public sealed class NetworkTests : IDisposable
{
    private readonly ToolWorkspace _workspace = new();
    private readonly RSA _key = RSA.Create(2048);

    public NetworkTests()
    {
        foreach (string name in (string[])["http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY",
            "no_proxy", "NO_PROXY", "SSL_CERT_FILE", "SSL_CERT_DIR"])
            _workspace.Environment[name] = null;
    }

    public void Dispose()
    {
        _key.Dispose();
        _workspace.Dispose();
    }

    [Fact]
    public async Task A_certificate_of_a_private_authority_is_refused_and_the_named_remedy_works()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "SSL_CERT_FILE is OpenSSL's.");
        await _workspace.PushAsync("acme/m", ("config.json", "{}"));
        using X509Certificate2 certificate = Certificate();
        await using var server = new BareServer(_workspace.PathOf("hub"), certificate);
        Configure($"https://127.0.0.1:{server.Port}");

        ProcessResult refused = await _workspace.RunAsync("download", "acme/m", "--hub", "web");
        Assert.Equal($"error WISE2080: The certificate of https://127.0.0.1:{server.Port} (hub 'web') is not trusted: "
            + "The remote certificate is invalid because of errors in the certificate chain: UntrustedRoot If your own "
            + "certificate authority issued it, add that authority to the system's store, or on Linux set SSL_CERT_FILE to a "
            + "file with all trusted authorities. If the name or the dates in it are wrong, ask the operator of the "
            + "hub.\n", refused.Error);
        Assert.Empty(server.Heads);

        _workspace.Write("ca.pem", certificate.ExportCertificatePem());
        _workspace.Environment["SSL_CERT_FILE"] = _workspace.PathOf("ca.pem");
        ProcessResult trusted = await _workspace.RunAsync("download", "acme/m", "config.json", "--hub",
            "web", "--local-dir", "out");
        Assert.Equal((0, "$/work/out/config.json\n"), (trusted.ExitCode, trusted.Output));
    }

    [Theory]
    [InlineData("http_proxy")]
    [InlineData("all_proxy")]
    public async Task A_proxy_from_the_environment_is_used(string variable)
    {
        await _workspace.PushAsync("acme/m", ("config.json", "{}"));
        await using var proxy = new BareServer(_workspace.PathOf("hub"));
        Configure("http://hub.example.invalid");
        _workspace.Environment[variable] = $"http://ann:proxy-canary@127.0.0.1:{proxy.Port}";

        ProcessResult result = await _workspace.RunAsync("download", "acme/m", "config.json", "--hub",
            "web", "--local-dir", "out");

        Assert.Equal((0, "$/work/out/config.json\n"), (result.ExitCode, result.Output));
        Assert.All(proxy.Heads, h => Assert.StartsWith("GET http://hub.example.invalid/", h, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_new_commit_is_visible_at_once_through_a_caching_proxy()
    {
        Assert.SkipUnless(Squid.IsHere, "squid is not installed (apt-get install squid).");
        await _workspace.PushAsync("acme/m", ("config.json", "first"));
        string name = _workspace.PathOf("hub/models/acme/m/refs/main");
        // What has not changed for years will not change today: by this squid keeps it.
        File.SetLastWriteTimeUtc(name, new DateTime(2020, 1, 1, 0, 0, 0, DateTimeKind.Utc));
        await using StaticServer server = await StaticServer.StartAsync(_workspace.PathOf("hub"));
        await using Squid squid = await Squid.StartAsync();
        Configure(server.Endpoint.OriginalString.TrimEnd('/'));
        _workspace.Environment["http_proxy"] = $"http://127.0.0.1:{squid.Port}";
        using var other = new HttpClient(new SocketsHttpHandler { Proxy = new WebProxy($"http://127.0.0.1:{squid.Port}") });
        var place = new Uri(server.Endpoint, "models/acme/m/refs/main");
        string before = await other.GetStringAsync(place);

        Assert.Equal(0, (await _workspace.RunAsync("download", "acme/m", "--hub", "web", "--local-dir", "one")).ExitCode);
        await _workspace.PushAsync("acme/m", ("config.json", "second"));
        // Whoever does not ask for what is there now, gets the old one.
        Assert.Equal(before, await other.GetStringAsync(place));
        Assert.Equal(0, (await _workspace.RunAsync("download", "acme/m", "--hub", "web", "--local-dir", "two")).ExitCode);

        Assert.Equal(("first", "second"), (File.ReadAllText(_workspace.PathOf("work/one/config.json")),
            File.ReadAllText(_workspace.PathOf("work/two/config.json"))));
        Assert.Contains("TCP_MEM_HIT", squid.Log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Hosts_in_NO_PROXY_are_contacted_directly()
    {
        await _workspace.PushAsync("acme/m", ("config.json", "{}"));
        await using var server = new BareServer(_workspace.PathOf("hub"));
        Configure($"http://127.0.0.1:{server.Port}");
        _workspace.Environment["http_proxy"] = $"http://127.0.0.1:{ClosedPort()}";
        _workspace.Environment["no_proxy"] = "127.0.0.1";

        Assert.Equal(0, (await _workspace.RunAsync("download", "acme/m", "--hub", "web")).ExitCode);
        Assert.All(server.Heads, h => Assert.StartsWith("GET /", h, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("https_proxy", "https", "HTTPS_PROXY")]
    [InlineData("http_proxy", "http", "HTTP_PROXY")]
    public async Task The_error_for_an_unreachable_proxy_names_its_variable_but_not_its_password(
        string variable, string scheme, string shown)
    {
        int port = ClosedPort();
        Configure($"{scheme}://hub.example.invalid");
        _workspace.Environment[variable] = $"http://ann:proxy-canary@127.0.0.1:{port}";
        _workspace.Environment["WISEHUB_TRACE"] = "1";

        ProcessResult result = await _workspace.RunAsync("download", "acme/m", "--hub", "web");

        Assert.StartsWith($"error WISE2081: The hub 'web' at {scheme}://hub.example.invalid/wisehub-store.json is reached "
            + $"through the proxy http://127.0.0.1:{port}/, but the proxy cannot be reached. Correct {shown} (or ALL_PROXY), "
            + "with user and password (http://user:password@host:port) if the proxy requires them, or add hub.example.invalid to "
            + "NO_PROXY.\n",
            result.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("proxy-canary", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_error_for_a_proxy_that_refuses_a_tunnel_shows_its_status()
    {
        Directory.CreateDirectory(_workspace.PathOf("nothing"));
        await using var proxy = new BareServer(_workspace.PathOf("nothing"));
        Configure("https://hub.example.invalid");
        _workspace.Environment["https_proxy"] = $"http://ann:proxy-canary@127.0.0.1:{proxy.Port}";

        ProcessResult result = await _workspace.RunAsync("download", "acme/m", "--hub", "web");

        Assert.Equal("error WISE2081: The hub 'web' at https://hub.example.invalid/wisehub-store.json is reached through the "
            + $"proxy http://127.0.0.1:{proxy.Port}/, but the proxy refused to open a tunnel (404). "
            + "Correct HTTPS_PROXY (or ALL_PROXY), with user and password (http://user:password@host:port) if the proxy requires "
            + "them, or add hub.example.invalid to NO_PROXY.\n", result.Error);
    }

    [Theory]
    [InlineData("http_proxy", "http", "HTTP_PROXY")]
    [InlineData("https_proxy", "https", "HTTPS_PROXY")]
    public async Task A_proxy_that_requires_a_password_is_an_error_without_a_retry(string variable, string scheme, string shown)
    {
        await using RawServer proxy = RawServer.Start("HTTP/1.1 407 Proxy Authentication Required\r\n"
            + "Proxy-Authenticate: Basic realm=\"office\"\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
        _workspace.Configure($$"""
            "web": { "protocol": "store", "endpoint": "{{scheme}}://hub.example.invalid" }
            """);
        _workspace.Environment[variable] = proxy.Url;

        ProcessResult result = await _workspace.RunAsync("download", "acme/m", "--hub", "web");

        Assert.Equal($"error WISE2081: The hub 'web' at {scheme}://hub.example.invalid/wisehub-store.json is reached through "
            + $"the proxy {proxy.Url}, but the proxy requires a user and a password, or refused the given ones (407). "
            + $"Correct {shown} (or ALL_PROXY), with user and password (http://user:password@host:port) if the proxy requires "
            + "them, or add hub.example.invalid to NO_PROXY.\n", result.Error);
    }

    private void Configure(string endpoint) => _workspace.Configure($$"""
        "web": { "protocol": "store", "endpoint": "{{endpoint}}", "retries": 1 }
        """);

    private X509Certificate2 Certificate()
    {
        var request = new CertificateRequest("CN=127.0.0.1", _key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        return request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
    }

    private static int ClosedPort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
