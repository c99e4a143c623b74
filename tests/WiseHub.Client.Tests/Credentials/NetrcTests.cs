using WiseHub.Client.Context;
using WiseHub.Client.Credentials;

namespace WiseHub.Client.Tests;

public sealed class NetrcTests : IDisposable
{
    private readonly RestoreBench _bench = new();

    [Theory]
    [InlineData("machine h login ann password secret", "ann:secret")]
    [InlineData("machine h\n\tlogin ann\r\n\tpassword secret\r\n", "ann:secret")]
    [InlineData("machine h password secret login ann account x", "ann:secret")]
    [InlineData("machine h password secret", ":secret")]
    [InlineData("machine H login ann password secret", "ann:secret")]
    [InlineData("machine h login ann", null)]
    [InlineData("machine h login ann password", null)]
    [InlineData("machine h login ann password \"\"", null)]
    [InlineData("machine other login a password b\nmachine h login ann password secret", "ann:secret")]
    [InlineData("machine h login ann\nmachine h login bob password secret", "bob:secret")]
    [InlineData("machine h login ann password first\nmachine h login bob password second", "ann:first")]
    [InlineData("machine sub.h login ann password secret", null)]
    [InlineData("machine h.example login ann password secret", null)]
    [InlineData("default login ann password secret", null)]
    [InlineData("machine h login ann password secret default login x password y", "ann:secret")]
    [InlineData("# machine h login no password no\nmachine h login ann password secret # mine", "ann:secret")]
    [InlineData("machine h login ann password se#cret", "ann:se#cret")]
    [InlineData("machine h login \"a nn\" password \"se\\\"cr\\\\et\"", "a nn:se\"cr\\et")]
    [InlineData("machine h login ann password \"open", "ann:open")]
    [InlineData("macdef init\nmachine h login no password no\n\nmachine h login ann password secret", "ann:secret")]
    [InlineData("machine x login y password z macdef init\n  cd /\n", null)]
    [InlineData("macdef init", null)]
    [InlineData("machine", null)]
    [InlineData("machine h port 80 login ann password secret", "ann:secret")]
    [InlineData("", null)]
    public void Entries_are_read_as_curl_reads_them(string text, string? expected)
    {
        (string? User, string Password)? found = Netrc.Find(text, "h");
        Assert.Equal(expected, found is { } entry ? $"{entry.User}:{entry.Password}" : null);
    }

    [Fact]
    public void An_IPv6_host_stands_there_without_brackets()
    {
        _bench.SetEnvironment("WISEHUB_ENDPOINT_HUGGINGFACE", "http://[::1]:8080");
        _bench.Temp.Write("home/.netrc", "machine ::1 login ann password secret");
        Assert.Equal("secret", Find("huggingface")?.Value);
    }

    [Fact]
    public void NETRC_names_another_file()
    {
        _bench.Temp.Write("home/.netrc", "machine huggingface.co login ann password home");
        _bench.Temp.Write("other", "machine huggingface.co login ann password named");
        _bench.SetEnvironment("NETRC", _bench.Temp["other"]);
        Assert.Equal("named", Find("huggingface")?.Value);
    }

    [Fact]
    public void It_goes_to_trusted_places_only_and_after_what_is_said_for_the_hub()
    {
        _bench.Configure("""
            {"hubs":{"web":{"protocol":"store","endpoint":"https://models.example.org"},
             "huggingface":{"protocol":"huggingface","endpoint":"https://moved.example.org"}}}
            """);
        _bench.Temp.Write("home/.netrc", "machine models.example.org login ann password secret machine moved.example.org login "
            + "ann password secret machine github.com login ann password secret");
        Assert.Equal((null, null, "a secret from the file <temp>/home/.netrc"),
            (Find("web"), Find("huggingface"), _bench.Log.Hide(Find("github")!.ToString())));
        _bench.SetEnvironment("WISEHUB_ENDPOINT_WEB", "https://models.example.org");
        Assert.Equal(("ann", "secret"), (Find("web")?.User, Find("web")?.Value));
        _bench.SetEnvironment("WISEHUB_TOKEN_WEB", "own");
        Assert.Equal((null, "own"), (Find("web")?.User, Find("web")?.Value));
    }

    public void Dispose() => _bench.Dispose();

    private Secret? Find(string hub)
    {
        using var services = new ClientContext(_bench.Options);
        HubDefinition definition = services.Config.Find(hub);
        return services.Tokens.Find(definition, definition.Endpoint!, SecretKind.Token);
    }
}
