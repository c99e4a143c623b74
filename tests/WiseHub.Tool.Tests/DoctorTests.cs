using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Builder;
using WiseHub.Testing;

namespace WiseHub.Tool.Tests;

/// <summary><c>wisehub doctor</c>: its report, its exit code, and that no secret is in it.</summary>
public sealed partial class DoctorTests : IDisposable
{
    private readonly ToolWorkspace _workspace = new();

    public DoctorTests()
    {
        foreach (string name in (string[])["http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY",
            "no_proxy", "NO_PROXY"])
            _workspace.Environment[name] = null;
        Directory.CreateDirectory(_workspace.PathOf("hub"));
    }

    public void Dispose() => _workspace.Dispose();

    [Fact]
    public async Task Offline_the_report_has_a_line_for_each_check()
    {
        ProcessResult result = await _workspace.RunAsync("doctor", "--offline");

        Assert.Equal((0, ""), (result.ExitCode, result.Error));
        Assert.Equal("""
            ok    wisehub             1.0.0, KIND
            ok    .NET SDK            VERSION (DOTNET)
            ok    cache               $/cache (WISEHUB_CACHE); the first download creates it
            ok    links               LINKS
            ok    disk space          SPACE
            ok    configuration       $/work/wisehub.json; the default hub is 'local'
            ok    hub github          https://github.com, from built in; not asked (--offline)
            ok    token, github       none (WISEHUB_TOKEN_GITHUB is not set)
            ok    hub gitlab          https://gitlab.com, from built in; not asked (--offline)
            ok    token, gitlab       none (WISEHUB_TOKEN_GITLAB is not set)
            ok    hub huggingface     https://huggingface.co, from built in; not asked (--offline)
            ok    token, huggingface  none (WISEHUB_TOKEN_HUGGINGFACE is not set)
            ok    hub local           $/hub, from $/work/wisehub.json
            ok    hub wisemodel       https://www.wisemodel.cn, from built in; not asked (--offline)
            ok    token, wisemodel    none (WISEHUB_TOKEN_WISEMODEL is not set)

            """.ReplaceLineEndings("\n"), Hide(result.Output));
        Assert.Equal(["hub", "work"], Directory.GetFileSystemEntries(_workspace.Root).Select(Path.GetFileName)
            .Where(n => n is not ("home" or "local")).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_hub_that_answers_is_ok_and_a_wrong_clock_is_a_warning()
    {
        await using WebApplication server = await LoopbackServer.StartAsync(context =>
        {
            context.Response.Headers.Date = DateTimeOffset.UtcNow.AddHours(-2).ToString("R");
            context.Response.StatusCode = 401;
            return Task.CompletedTask;
        });
        Configure(server.Urls.First());

        ProcessResult result = await _workspace.RunAsync("doctor");

        Assert.Matches($@"ok    hub net  +{Regex.Escape(server.Urls.First())}, from \$/work/wisehub.json; answered 401 in N\n"
            + @"warn  clock, net  +this machine's clock is 120 minutes ahead\n +Synchronise the clock",
            Seconds().Replace(result.Output, "in N"));
    }

    [Fact]
    public async Task A_configured_hub_that_is_not_reached_and_a_folder_that_is_missing_fail()
    {
        Directory.Delete(_workspace.PathOf("hub"));
        Configure("http://127.0.0.1:9");

        ProcessResult result = await _workspace.RunAsync("doctor");

        Assert.Equal((1, ""), (result.ExitCode, result.Error));
        Assert.Matches(@"fail  hub net  +http://127.0.0.1:9, from \$/work/wisehub.json: WISE2001: ", result.Output);
        Assert.Matches(@"fail  hub local  +\$/hub, from \$/work/wisehub.json; this folder does not exist\n +Create the folder",
            result.Output);
    }

    [Fact]
    public async Task A_damaged_configuration_is_a_failed_check()
    {
        _workspace.Write("work/wisehub.json", "{ nonsense");

        ProcessResult result = await _workspace.RunAsync("doctor", "--offline");

        Assert.Equal((1, ""), (result.ExitCode, result.Error));
        Assert.Contains("fail  configuration  WISE1008: ", result.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Models_that_only_one_hub_has_are_named_until_there_is_a_mirror()
    {
        _workspace.Write("work/wise.lock.json", Lock);
        string alone = await SingleHomedAsync();
        _workspace.Write("work/wisehub.json", """
            { "defaultHub": "local", "hubs": { "local": { "protocol": "store", "path": "../hub" },
             "team": { "protocol": "store", "path": "../hub" } }, "mirrors": [ { "hub": "team" } ] }
            """);

        Assert.Equal(("warn only 'local' has acme/m", "ok each model of the lock file has a second hub or a mirror"),
            (alone, await SingleHomedAsync()));
    }

    [Fact]
    public async Task A_missing_lock_file_that_was_named_fails()
    {
        ProcessResult result = await _workspace.RunAsync("doctor", "--offline", "--lock", "no.json");

        Assert.Equal(1, result.ExitCode);
        Assert.Matches(@"fail  lock file  +\$/work/no.json does not exist\n", result.Output);
    }

    [Fact]
    public async Task As_json_it_is_one_object()
    {
        ProcessResult result = await _workspace.RunAsync("doctor", "--offline", "--json");

        Assert.Equal((0, ""), (result.ExitCode, result.Error));
        Assert.StartsWith("{\n  \"checks\": [\n    {\n      \"name\": \"wisehub\",\n      \"result\": \"ok\",\n"
            + "      \"message\": \"1.0.0, ",
            result.Output, StringComparison.Ordinal);
        Assert.EndsWith("\n  ],\n  \"warnings\": 0,\n  \"failures\": 0\n}\n", result.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("doctor")]
    [InlineData("doctor", "--json", "--verbose")]
    public async Task No_secret_is_in_the_report(params string[] arguments)
    {
        Configure("http://127.0.0.1:9");
        _workspace.Environment["WISEHUB_TOKEN_NET"] = "canary-env";
        _workspace.Environment["HF_TOKEN"] = "canary-hf";
        _workspace.Environment["WISEHUB_ENDPOINT_GITLAB"] = "https://ann:canary-url@127.0.0.1:9/";
        ProcessResult refused = await _workspace.RunAsync(arguments);
        _workspace.Environment["WISEHUB_ENDPOINT_GITLAB"] = null;
        _workspace.Write("home/.netrc", "machine github.com login ann password canary-netrc");
        _workspace.Environment["http_proxy"] = "http://ann:canary-proxy@127.0.0.1:9";
        _workspace.Environment["HTTPS_PROXY"] = "ann:canary-bare@127.0.0.1:9";
        _workspace.Environment["ALL_PROXY"] = "http://ann:canary broken@";
        // A token that is stored for the user.
        string stored = _workspace.PathOf(OperatingSystem.IsWindows() ? "local/wisehub-login/credentials.json"
            : "config/wisehub/credentials.json");
        _workspace.Write(Path.GetRelativePath(_workspace.Root, stored).Replace('\\', '/'), """
            {"version":1,"credentials":[{"origin":"https://gitlab.com","kind":"token","secret":"canary-file"}]}
            """);
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(stored, UnixFileMode.UserRead | UnixFileMode.UserWrite);
            File.SetUnixFileMode(Path.GetDirectoryName(stored)!,
                UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
        ProcessResult result = await _workspace.RunAsync(arguments);

        Assert.DoesNotContain("canary", refused.Output + refused.Error + result.Output + result.Error, StringComparison.Ordinal);
        Assert.Contains("WISEHUB_TOKEN_NET", result.Output, StringComparison.Ordinal);
        Assert.Contains("http_proxy is http://127.0.0.1:9", result.Output, StringComparison.Ordinal);
        Assert.Contains("HTTPS_PROXY is http://127.0.0.1:9", result.Output, StringComparison.Ordinal);
        Assert.Contains("ALL_PROXY is set, but is not a URL", result.Output, StringComparison.Ordinal);
    }

    private const string Lock = """
        {"version":1,"references":[
        {"repoType":"model","repoId":"acme/m","hub":"local",
        "commit":"1e265f4cf08b0c1fa9d03dd442022141390cae7a4b1bc05bf2c471de5f16acdb","selections":[{}],"files":[
        {"path":"a.txt","size":1713,"sha256":"baa94001d64cb0a0868b4db6ff1dcdbd4a3268bc90afd00c06e2bad88afb9314"}]}]}

        """;

    private async Task<string> SingleHomedAsync()
    {
        ProcessResult result = await _workspace.RunAsync("doctor", "--offline");
        Match line = SingleHomed().Match(result.Output);
        return line.Success ? $"{line.Groups[1].Value} {line.Groups[2].Value}" : result.Output;
    }

    private void Configure(string endpoint) =>
        _workspace.Configure($$"""
            "net": { "protocol": "huggingface", "endpoint": "{{endpoint}}" }
            """);

    private static string Hide(string report) => Space().Replace(Links().Replace(Sdk().Replace(
        Kind().Replace(report, "1.0.0, KIND"), "$1VERSION (DOTNET)"), "$1LINKS"), "$1SPACE");

    [GeneratedRegex(@"1\.0\.0, (native|managed), [^\n]+")]
    private static partial Regex Kind();

    [GeneratedRegex(@"(\.NET SDK +)10\.\S+ \([^\n]+\)")]
    private static partial Regex Sdk();

    [GeneratedRegex(@"(links +)clones: (?:yes|no), hard links: yes, symbolic links: yes")]
    private static partial Regex Links();

    [GeneratedRegex(@"(disk space +)[\d.]+ [GT]B free at [^\n]+")]
    private static partial Regex Space();

    [GeneratedRegex(@"in \d+\.\d s|in N")]
    private static partial Regex Seconds();

    [GeneratedRegex(@"(ok|warn) +single-homed +([^\n]+)")]
    private static partial Regex SingleHomed();
}
