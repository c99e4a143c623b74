using System.Text;
using WiseHub.Testing;

namespace WiseHub.Client.Tests;

/// <summary>
/// Every kind of hub that sends a token, against a server that gives back whatever it is sent: the token is in no line of the
/// log, in no exception down to its innermost, and in no file, in whatever form.
/// </summary>
public sealed class RedactionTests : IDisposable
{
    // Every form of it differs from the others: '/' and '+' are escaped in URLs.
    private const string Canary = "canary/5e+cret.of-the_hub";

    // The third part of access keys, which goes to the server as it is; the second part never does.
    private const string Session = "session/canary+91c2==";

    private readonly RestoreBench _bench = new();

    public static TheoryData<string, EchoAnswer, int> Answers()
    {
        var data = new TheoryData<string, EchoAnswer, int>();
        foreach (string hub in (string[])["huggingface", "wisemodel", "github", "gitlab", "use-git", "web", "netrc", "s3", "hg"])
        {
            foreach (int status in (int[])[400, 401, 403, 404, 429, 500])
            {
                data.Add(hub, EchoAnswer.Json, status);
                data.Add(hub, EchoAnswer.Text, status);
            }
            foreach (int status in hub is "s3" or "hg" ? (int[])[200, 301, 400, 403, 404, 500, 501] : [])
                data.Add(hub, EchoAnswer.Xml, status);
            data.Add(hub, EchoAnswer.Json, 200);
            data.Add(hub, EchoAnswer.Garbage, 200);
            data.Add(hub, EchoAnswer.BrokenOff, 200);
            data.Add(hub, EchoAnswer.RedirectElsewhere, 302);
            data.Add(hub, EchoAnswer.RedirectElsewhere, 307);
            data.Add(hub, EchoAnswer.RedirectRefused, 302);
        }
        return data;
    }

    [Theory]
    [MemberData(nameof(Answers))]
    public async Task A_token_that_a_server_gives_back_is_nowhere(string hub, EchoAnswer answer, int status)
    {
        await using EchoServer server = await EchoServer.StartAsync(answer, status);
        Arrange(hub, server.Url);
        var reference = new RepoReference { RepoId = "acme/tiny", Hubs = [hub], Revision = "main" };
        List<Exception> failures = [];
        if (hub == "use-git")
        {
            Assert.SkipUnless(Need.IsHere(Need.Git), Need.WhyMissing(Need.Git) ?? "");
            _bench.UsePrograms();
        }
        using HubClient client = _bench.NewClient(o => o with { Time = new SkippingTime(), UseGit = hub == "use-git" });

        failures.Add(await Assert.ThrowsAnyAsync<Exception>(() => client.RestoreAsync(_bench.Request(reference))));
        failures.Add(await Assert.ThrowsAnyAsync<Exception>(() => client.DownloadAsync(reference)));
        try
        {
            // A web server has no accounts, so that this says nothing wrong there.
            await client.Accounts.WhoAmIAsync(hub);
        }
        catch (HubException e)
        {
            failures.Add(e);
        }

        if (hub is "s3" or "hg")
        {
            await _bench.Hub.PushAsync("acme/own", ("config.json", "{}"));
            failures.Add(await Assert.ThrowsAnyAsync<Exception>(() => client.Mirrors.PushAsync(
                new MirrorRequest { References = [new RepoReference { RepoId = "acme/own", Hubs = ["own"] }], To = hub })));
        }

        // A test that sends nothing could not fail.
        Assert.True(server.Secrets > 0, "No secret was sent.");
        AssertIsNowhere(_bench.Log.Text, "the log");
        foreach (Exception failure in failures)
            AssertIsNowhere(failure.ToString(), "an exception");
        foreach (string file in Directory.EnumerateFiles(_bench.Temp.Path, "*", SearchOption.AllDirectories)
            .Where(f => Path.GetFileName(f) != ".netrc"))
            AssertIsNowhere($"{file}\n"
                + $"{Encoding.Latin1.GetString(await File.ReadAllBytesAsync(file, TestContext.Current.CancellationToken))}",
                "a file");
    }

    [Theory]
    [InlineData("Bearer canary/5e+cret.of-the_hub")]
    [InlineData("canary%2F5e%2Bcret.of-the_hub")]
    [InlineData("canary%2f5e%2bcret.of-the_hub")]
    [InlineData("YW5uOmNhbmFyeS81ZStjcmV0Lm9mLXRoZV9odWI=")]
    [InlineData("ann:canary/5e+cret.of-the_hub")]
    public void Every_form_of_a_secret_is_hidden(string form)
    {
        var origin = new Uri("https://hub.example.org");
        string basic = Http.Credential.Basic(origin, "ann", Canary).Hide($"<{form}>"),
            bearer = Http.Credential.Bearer(origin, Canary).Hide($"<{form}>");
        AssertIsNowhere(form.StartsWith("YW5u", StringComparison.Ordinal) ? basic : bearer, "the text");
        Assert.Contains("***", basic, StringComparison.Ordinal);
    }

    public void Dispose() => _bench.Dispose();

    private void Arrange(string hub, string url)
    {
        // Limits out of the reach of a clock that skips waits.
        string place = hub switch
        {
            "github" => "\"git\",\"endpoint\":\"https://github.com\"",
            "gitlab" => "\"git\",\"endpoint\":\"https://gitlab.com\"",
            "use-git" => "\"git\",\"endpoint\":\"https://git.example.org\"",
            "s3" or "hg" => $"\"{(hub == "s3" ? hub : "hg-localization")}\",\"bucket\":\"data\",\"endpoint\":\"https://"
                + "s3.example.org\",\"pathStyle\":true,\"retries\":1",
            "web" or "netrc" => "\"store\",\"endpoint\":\"https://web.example.org\"",
            _ => $"\"{hub}\"",
        };
        _bench.Configure("{\"hubs\":{\"" + hub + "\":{\"protocol\":" + place
            + ",\"stallTimeout\":3600,\"totalTimeout\":7200},\"own\":{\"protocol\":\"store\",\"path\":\"hub\"}}}");
        string name = hub.ToUpperInvariant().Replace('-', '_');
        _bench.SetEnvironment("WISEHUB_ENDPOINT_" + name, url);
        if (hub == "netrc")
            _bench.Temp.Write("home/.netrc", $"machine 127.0.0.1 login ann password {Canary}\n");
        else
            _bench.SetEnvironment("WISEHUB_TOKEN_" + name, hub is "s3" or "hg" ? $"KEYID:{Canary}:{Session}" : Canary);
    }

    private static void AssertIsNowhere(string text, string where)
    {
        string[] forms = [Canary, Uri.EscapeDataString(Canary), Base64(Canary), Base64("ann:" + Canary),
            Base64("oauth2:" + Canary), Base64("Bearer " + Canary),
            Session, Uri.EscapeDataString(Session), Base64(Session)];
        foreach (string form in forms)
            Assert.False(text.Contains(form, StringComparison.OrdinalIgnoreCase), $"'{form}' is in {where}:\n{text}");
    }

    private static string Base64(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text)).TrimEnd('=');
}
