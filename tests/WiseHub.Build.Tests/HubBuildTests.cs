using System.Text;
using System.Text.RegularExpressions;
using WiseHub.Testing;

namespace WiseHub.Build.Tests;

/// <summary>Builds against a server that speaks the Hugging Face protocol, counted by the server.</summary>
public sealed partial class HubBuildTests(SdkFixture sdk)
{
    private static readonly string[] OneDownload =
    [
        "hub GET /api/models/acme/tiny/revision/main",
        "hub GET /api/models/acme/tiny/tree/#",
        "hub GET /acme/tiny/resolve/#/config.json",
        "hub GET /acme/tiny/resolve/#/weights/a.bin",
        "cdn GET",
    ];

    // What was asked for, without what follows a redirect on the hub itself, and without the order in which files were fetched.
    private static IEnumerable<string> Asked(TestHub hub) =>
        hub.Requests.All.Where(r => !r.Path.Contains("/resolve-cache/", StringComparison.Ordinal))
            .Select(r => r.Origin == "cdn" ? "cdn GET" : Commit().Replace($"hub {r.Method} {r.Path.Split('?')[0]}", "#"));

    [Fact]
    public async Task A_parallel_build_of_projects_and_target_frameworks_downloads_once()
    {
        await using TestHub hub = await SdkFixture.TestHubAsync();
        using SdkWorkspace w = await sdk.WorkspaceAsync(hub);
        w.Write("A", new ProjectBuilder().Property("TargetFrameworks", "netstandard2.0;net10.0").UseWiseHub()
            .Model("acme/tiny", ("Revision", "main")));
        w.Write("B", ProjectBuilder.Library().Model("acme/tiny", ("Revision", "main")));
        w.Write("C", ProjectBuilder.Library().Model("acme/tiny", ("Revision", "main")));
        w.Write("src/All.slnx",
            """<Solution><Project Path="A/A.csproj" /><Project Path="B/B.csproj" /><Project Path="C/C.csproj" /></Solution>""");

        (await w.DotnetAsync("", "build All.slnx -m:4")).Succeeded();

        // Each project has a lock file of its own and so resolves once; lists and contents are asked for once in all.
        Assert.Equal(OneDownload.Order(StringComparer.Ordinal), Asked(hub).Distinct().Order(StringComparer.Ordinal));
        Assert.Equal(OneDownload.Length - 1, Asked(hub).Count(r => !r.EndsWith("/revision/main", StringComparison.Ordinal)));
        Assert.InRange(Asked(hub).Count(r => r.EndsWith("/revision/main", StringComparison.Ordinal)), 1, 3);
        foreach (string output in (string[])["A/bin/Debug/net10.0", "A/bin/Debug/netstandard2.0", "B/bin/Debug/net10.0",
            "C/bin/Debug/net10.0"])
            Assert.Equal(["config.json", "weights/a.bin"], w.Tree($"src/{output}/models/tiny"));

        hub.Requests.Clear();
        (await w.DotnetAsync("", "build All.slnx --no-restore -m:4")).Succeeded();
        Assert.Empty(hub.Requests.All);
    }

    [Fact]
    public async Task A_build_succeeds_when_the_hub_fails_for_some_seconds_and_logs_the_retries()
    {
        await using TestHub hub = await SdkFixture.TestHubAsync();
        // Time is the subject: pauses of at least 0.5, 1 and 2 s.
        hub.Faults.On("/revision/", new Fault.Status(503), 3);
        using SdkWorkspace w = await sdk.WorkspaceAsync(hub);
        w.Write("App", ProjectBuilder.App().Model("acme/tiny", ("Revision", "main")));
        w.Write("src/App/Program.cs", "return;\n");

        var clock = System.Diagnostics.Stopwatch.StartNew();
        SdkRun run = (await w.DotnetAsync("App", "build", "m")).Succeeded();

        Assert.True(clock.Elapsed.TotalSeconds >= 3.5);
        Assert.Contains("it answered 503; trying again in ", run.Output, StringComparison.Ordinal);
        Assert.Equal(4, Asked(hub).Count(r => r.EndsWith("/revision/main", StringComparison.Ordinal)));
        Assert.Equal(["config.json", "weights/a.bin"], w.Tree("src/App/bin/Debug/net10.0/models/tiny"));
    }

    [Fact]
    public async Task A_token_sent_to_a_hub_is_not_in_the_binary_log()
    {
        await using TestHub hub = await SdkFixture.TestHubAsync(isPrivate: true);
        using SdkWorkspace w = await sdk.WorkspaceAsync(hub);
        w.Write("App", ProjectBuilder.App().Model("acme/tiny"));
        w.Write("src/App/Program.cs", "return;\n");
        w.Environment["WISEHUB_TOKEN_TEAM"] = hub.Token;
        string log = w.PathOf("token.binlog");

        SdkRun run = (await w.DotnetAsync("App", $"build -bl:{log}", "diag")).Succeeded();

        Assert.Contains(hub.Requests.All,
            r => r.Headers.TryGetValue("Authorization", out string? sent) && sent == "Bearer " + hub.Token);
        Assert.DoesNotContain(hub.Requests.All, r => r.Origin == "cdn" && r.Headers.ContainsKey("Authorization"));
        Assert.False(BinaryLog.Contains(log, hub.Token));
        Assert.DoesNotContain(hub.Token, run.Output, StringComparison.Ordinal);
        // The same search finds what is there: an item, and text of a project file that the log carries.
        Assert.True(BinaryLog.Contains(log, "acme/tiny"));
        Assert.True(BinaryLog.Contains(log, "An old SDK would only report that a task could not be loaded"));
    }

    [Fact]
    public async Task Each_refusal_of_a_hub_is_one_error_with_its_own_code_at_the_item()
    {
        await using TestHub hub = await SdkFixture.TestHubAsync();
        hub.CreateRepo("acme/private", isPrivate: true).Commit(File("a", "a"));
        hub.CreateRepo("acme/gated", gated: true).Commit(File("a", "a"));
        hub.CreateRepo("acme/hostile").Commit(File("a", "a"));
        hub.FindRepo("acme/hostile")!.TreeLie = item => item with { Path = "../../a" };
        using SdkWorkspace w = await sdk.WorkspaceAsync(hub);
        w.Write("src/App/Program.cs", "return;\n");
        w.Write("App", ProjectBuilder.App());
        (await w.DotnetAsync("App", "restore")).Succeeded();

        foreach ((string repo, string code) in new[]
        {
            ("acme/private", "WISE2005"),
            ("acme/gated", "WISE2004"),
            ("acme/hostile", "WISE3003"),
            ("acme/none", "WISE2005")
        })
        {
            w.Write("App", ProjectBuilder.App().Model(repo));
            string log = w.Log((await w.DotnetAsync("App", "build --no-restore")).Failed());
            Assert.StartsWith($"$/src/App/App.csproj(5,15): error {code}: ", log, StringComparison.Ordinal);
            Assert.Equal(1, log.Count(c => c == '\n'));
            Assert.Empty(w.Tree("src/App/bin"));
            Assert.False(System.IO.File.Exists(w.PathOf("src/App/wise.lock.json")));
        }
    }

    [Fact]
    public async Task A_renamed_repo_is_a_warning_that_can_be_silenced()
    {
        await using TestHub hub = await SdkFixture.TestHubAsync();
        hub.Rename("acme/tiny", "acme/small");
        using SdkWorkspace w = await sdk.WorkspaceAsync(hub);
        w.Write("App", ProjectBuilder.App().Model("acme/tiny"));
        w.Write("src/App/Program.cs", "return;\n");

        string warning = w.Log((await w.DotnetAsync("App", "build")).Succeeded());
        Assert.StartsWith("$/src/App/App.csproj(5,15): warning WISE2007: ", warning, StringComparison.Ordinal);
        Assert.Equal(1, warning.Count(c => c == '\n'));

        w.Delete("src/App/wise.lock.json");
        w.Delete("cache");
        Assert.Equal("", w.Log((await w.DotnetAsync("App", "build --no-restore -p:NoWarn=WISE2007")).Succeeded()));
    }

    private static Dictionary<string, byte[]?> File(string path, string text) => new() { [path] = Encoding.UTF8.GetBytes(text) };

    [GeneratedRegex("[0-9a-f]{40}")]
    private static partial Regex Commit();
}
