using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using WiseHub.Client.Hubs.Git;
using WiseHub.Testing;
using WiseHub.Testing.HgBucket;

namespace WiseHub.Client.Tests;

/// <summary>
/// A secret that is right and works: after a restore, a download, a bundle and a write to a mirror it is in no line of the log
/// and in no file, and while another program fetches with it, it is in nobody's command line.
/// </summary>
public sealed class SecretTraceTests : IAsyncDisposable
{
    private const string Canary = "canary/5e+cret.of-the_hub", Session = "session/canary+91c2==";

    private readonly List<IAsyncDisposable> _owned = [];
    private RestoreBench _bench = null!;

    public async ValueTask DisposeAsync()
    {
        foreach (IAsyncDisposable owned in Enumerable.Reverse(_owned))
            await owned.DisposeAsync();
    }

    [Theory]
    [InlineData("huggingface")]
    [InlineData("wm")]
    [InlineData("git")]
    [InlineData("git", true)]
    [InlineData("team")]
    [InlineData("hg")]
    [InlineData("web")]
    [InlineData("netrc")]
    public async Task A_secret_that_was_used_is_nowhere_afterwards(string hub, bool useGit = false)
    {
        Assert.SkipUnless(hub != "git" || Need.IsHere(Need.Git), Need.WhyMissing(Need.Git) ?? "");
        (string[] secrets, Func<string> sent) = hub switch
        {
            "huggingface" or "wm" => await HubAsync(hub),
            "git" => await GitAsync(),
            "team" => await BucketAsync(),
            "hg" => await HgAsync(),
            _ => await WebAsync(hub),
        };
        var reference = new RepoReference { RepoId = "acme/tiny", Hubs = [hub], Revision = hub == "hg" ? null : "main" };

        foreach (string cache in (string[])["cache", "second"])
        {
            using HubClient client = _bench.NewClient(o => o with { UseGit = useGit, CacheDirectory = _bench.Temp[cache] });
            RestoreResult result = await client.RestoreAsync(_bench.Request(reference), TestContext.Current.CancellationToken);
            Assert.Equal("config.json={}\nmodel.bin=weights", RestoreBench.Contents(result.Snapshots[0]));
            await client.DownloadAsync(new DownloadRequest { Reference = reference, LocalDirectory = _bench.Temp["out"] },
                TestContext.Current.CancellationToken);
            await client.Mirrors.ExportBundleAsync(
                new ExportBundleRequest { References = [reference], BundlePath = _bench.Temp["carried.tar"] },
                TestContext.Current.CancellationToken);
        }

        // A test that sends nothing could not fail; nor one that writes nothing.
        Assert.Contains(secrets[^1], sent(), StringComparison.Ordinal);
        Assert.True(File.Exists(_bench.Temp["mirror/wisehub-store.json"]));
        AssertAreNowhere(secrets, _bench.Log.Text, "the log");
        foreach (string file in Directory.EnumerateFiles(_bench.Temp.Path, "*", SearchOption.AllDirectories)
            .Where(f => Path.GetFileName(f) != ".netrc"))
            AssertAreNowhere(secrets,
                $"{file}\n{Encoding.Latin1.GetString(await File.ReadAllBytesAsync(file, TestContext.Current.CancellationToken))}",
                "a file");
    }

    [Fact]
    [Needs(Need.Linux, Need.Git)]
    public async Task While_git_fetches_no_command_line_has_the_secret_and_no_program_has_more_than_it_needs()
    {
        var found = new ConcurrentQueue<string>();
        var seen = new ConcurrentDictionary<string, bool>();
        await GitAsync(() => Look(found, seen));
        using HubClient client = _bench.NewClient(o => o with { UseGit = true });
        await client.RestoreAsync(_bench.Request(new RepoReference { RepoId = "acme/tiny", Hubs = ["git"], Revision = "main" }),
            TestContext.Current.CancellationToken);
        Assert.Empty(found);
        Assert.Contains(seen.Keys, program => program.Contains("git-remote-http", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("WISEHUB_TOKEN_SECRET_TRACE_TESTS")]
    [InlineData("wisehub_token_secret_trace_tests")]
    public void Git_does_not_inherit_tokens(string variable)
    {
        // A name that no other test has.
        Environment.SetEnvironmentVariable(variable, Canary);
        try
        {
            ProcessStartInfo start = new GitTool(TestEnvironment.With(("PATH", Environment.GetEnvironmentVariable("PATH")!)))
                .Describe(Environment.ProcessPath!, ["fetch"], new GitRun());
            Assert.DoesNotContain(start.Environment, e => e.Value?.Contains(Canary, StringComparison.Ordinal) == true);
            Assert.Contains("PATH", start.Environment.Keys);
        }
        finally
        {
            Environment.SetEnvironmentVariable(variable, null);
        }
    }

    private void Configure(string hub, string settings) => _bench.Configure(
        $$"""
        {"hubs":{"{{hub}}":{ {{settings}},"stallTimeout":3600,"totalTimeout":7200},"disk":{"protocol":"store","path":"mirror"} },
         "mirrors":[{"hub":"disk","write":true}]}
        """);

    private static string Authorizations(RequestLog log) => string.Join('\n', log.All.SelectMany(
        r => ((string[])["Authorization", "PRIVATE-TOKEN", "X-Amz-Security-Token"]).Select(h => r.Headers.GetValueOrDefault(h)))
        .Select(v => v is null ? "" : v.StartsWith("Basic ", StringComparison.Ordinal)
            ? Encoding.UTF8.GetString(Convert.FromBase64String(v["Basic ".Length..])) : v));

    private async Task<(string[], Func<string>)> HubAsync(string hub)
    {
        HubBench bench = hub == "wm" ? await HubBench.StartWisemodelAsync() : await HubBench.StartAsync();
        _owned.Add(bench);
        _bench = bench.Project;
        bench.Repo(("config.json", "{}"), ("model.bin", "weights"));
        string url = bench.Hub.Endpoint.OriginalString, token = hub == "wm" ? bench.Hub.GitToken : bench.Hub.Token;
        Configure(hub, hub == "wm" ? $$"""
            "protocol":"wisemodel","endpoints":{"web":"{{url}}","gateway":"{{url}}","upload":"{{url}}","raw":"{{url}}",
             "gitlab":"{{url}}","git":"{{url}}"}
            """ : "\"protocol\":\"huggingface\"");
        _bench.SetEnvironment("WISEHUB_TOKEN_" + hub.ToUpperInvariant(), token);
        return ([token], () => Authorizations(bench.Hub.Requests));
    }

    private async Task<(string[], Func<string>)> GitAsync(Action? before = null)
    {
        GitBench bench = await GitBench.StartAsync(new GitHostOptions { Login = ("oauth2", Canary), BeforeAnswer = before });
        _owned.Add(bench);
        _bench = bench.Project;
        GitRepo repo = await bench.Host.CreateRepoAsync("acme/tiny");
        await repo.CommitAsync("main", ("config.json", "{}"));
        await repo.CommitLfsAsync("main", ("model.bin", "weights"u8.ToArray()));
        Configure("git", $"\"protocol\":\"git\",\"endpoint\":\"{bench.Host.Endpoint.GetLeftPart(UriPartial.Authority)}\"");
        _bench.SetEnvironment("WISEHUB_TOKEN_GIT", Canary);
        return ([Canary], () => Authorizations(bench.Host.Requests));
    }

    private async Task<(string[], Func<string>)> BucketAsync()
    {
        HgBucketServer server = await StartBucketAsync("team", "s3");
        using HubClient client = _bench.NewClient();
        await client.PushAsync(new PushRequest
        {
            Hub = "team",
            RepoId = "acme/tiny",
            Files = [.. ((string, string)[])[("config.json", "{}"), ("model.bin", "weights")] is var files
                ? files.Select(f => new PushFile(_bench.Temp.Write("source/" + f.Item1, f.Item2), f.Item1)) : []],
        });
        return ([Canary, Session], () => Authorizations(server.Requests));
    }

    private async Task<(string[], Func<string>)> HgAsync()
    {
        HgBucketServer server = await StartBucketAsync("hg", "hg-localization");
        server.Put("hub/models/acme_tiny/default_revision/config.json", "{}");
        server.Put("hub/models/acme_tiny/default_revision/model.bin", "weights");
        return ([Canary, Session], () => Authorizations(server.Requests));
    }

    private async Task<HgBucketServer> StartBucketAsync(string hub, string protocol)
    {
        HgBucketServer server = await HgBucketServer.StartAsync();
        _owned.Add(server);
        Own();
        Configure(hub, $"\"protocol\":\"{protocol}\",\"bucket\":\"data\",\"prefix\":\"hub\",\"endpoint\":\"{server.Endpoint}\","
            + "\"pathStyle\":true,\"conditionalWrites\":true");
        _bench.SetEnvironment("WISEHUB_TOKEN_" + hub.ToUpperInvariant(), $"KEYID:{Canary}:{Session}");
        return server;
    }

    private async Task<(string[], Func<string>)> WebAsync(string hub)
    {
        Own();
        await new StoreBuilder(_bench.Temp["served"]).PushAsync("acme/tiny", ("config.json", "{}"),
            ("model.bin", "weights"));
        StaticServer server = await StaticServer.StartAsync(_bench.Temp["served"], token: hub == "web" ? Canary : null);
        _owned.Add(server);
        Configure(hub, $"\"protocol\":\"store\",\"endpoint\":\"{server.Endpoint}\"");
        if (hub == "web")
            _bench.SetEnvironment("WISEHUB_TOKEN_WEB", Canary);
        else
        {
            _bench.Temp.Write("home/.netrc", $"machine 127.0.0.1 login ann password {Canary}\n");
            _bench.SetEnvironment("WISEHUB_ENDPOINT_NETRC", server.Endpoint.OriginalString);
        }
        return ([Canary], () => Authorizations(server.Requests));
    }

    private void Own()
    {
        _bench = new RestoreBench();
        _owned.Add(new Disposing(_bench));
    }

    /// <summary>Every command line of the machine, and the environment of the programs that this process started.</summary>
    private static void Look(ConcurrentQueue<string> found, ConcurrentDictionary<string, bool> seen)
    {
        var parents = new Dictionary<int, int>();
        foreach (string folder in Directory.EnumerateDirectories("/proc")
            .Where(f => int.TryParse(Path.GetFileName(f), CultureInfo.InvariantCulture, out _)))
        {
            string stat = Read(folder, "stat"), line = Read(folder, "cmdline").Replace('\0', ' ');
            if (stat.Length == 0)
                continue;
            // pid (name) state ppid …, and the name may have anything in it.
            parents[int.Parse(Path.GetFileName(folder), CultureInfo.InvariantCulture)] =
                int.Parse(stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[1], CultureInfo.InvariantCulture);
            if (Forms(Canary).Any(f => line.Contains(f, StringComparison.OrdinalIgnoreCase)))
                found.Enqueue(line);
        }
        foreach (int pid in parents.Keys.Where(p => p != Environment.ProcessId && IsOurs(p)))
        {
            seen[Read($"/proc/{pid}", "cmdline").Replace('\0', ' ')] = true;
            foreach (string variable in Read($"/proc/{pid}", "environ").Split('\0')
                .Where(v => Forms(Canary).Any(f => v.Contains(f, StringComparison.OrdinalIgnoreCase))))
            {
                // By which git gets its header; only this user can read it.
                if (!variable.StartsWith("GIT_CONFIG_VALUE_1=Authorization: Basic ", StringComparison.Ordinal)
                    && !variable.StartsWith("GIT_CONFIG_PARAMETERS=", StringComparison.Ordinal))
                    found.Enqueue(variable);
            }
        }

        bool IsOurs(int pid)
        {
            for (int depth = 0; depth < 32 && pid > 1; depth++)
            {
                if (pid == Environment.ProcessId)
                    return true;
                if (!parents.TryGetValue(pid, out pid))
                    return false;
            }
            return false;
        }
    }

    // Programs end while we look, and those of others are closed to us.
    private static string Read(string folder, string file)
    {
        try
        {
            return File.ReadAllText(Path.Combine(folder, file));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }

    private static string[] Forms(string secret) => [secret, Uri.EscapeDataString(secret), Base64(secret),
        Base64("ann:" + secret), Base64("oauth2:" + secret), Base64("Bearer " + secret)];

    private static void AssertAreNowhere(string[] secrets, string text, string where)
    {
        foreach (string form in secrets.SelectMany(Forms))
            Assert.False(text.Contains(form, StringComparison.OrdinalIgnoreCase), $"'{form}' is in {where}:\n{text}");
    }

    private static string Base64(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text)).TrimEnd('=');

    private sealed class Disposing(IDisposable what) : IAsyncDisposable
    {
        public ValueTask DisposeAsync()
        {
            what.Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
