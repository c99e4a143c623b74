using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;
using WiseHub.Testing;

namespace WiseHub.Tool.Tests;

public sealed class DownloadTests : IDisposable
{
    private const string Snapshots = "$/cache/hubs/local-HASH/models/acme/m/snapshots";

    private readonly ToolWorkspace _workspace = new();

    public void Dispose() => _workspace.Dispose();

    [Fact]
    public async Task The_last_line_is_the_folder_that_holds_the_files()
    {
        string commit = await PushAsync();

        ProcessResult result = await _workspace.RunAsync("download", "acme/m");

        Assert.Equal(new ProcessResult(0, $"{Snapshots}/{commit}\n",
            "Fetching 4 files, 11 B, from local …\nFetched 4 files, 11 B, in N; every byte was verified.\n"), result);
        Assert.Equal(["a1.txt=two", "a[1].txt=one", "config.json={}", "onnx/m.onnx=mmm"],
            ToolWorkspace.Contents(Absolute(result)));
    }

    [Fact]
    public async Task A_second_download_fetches_and_logs_nothing()
    {
        string commit = await PushAsync();
        await _workspace.RunAsync("download", "acme/m");

        Assert.Equal(new ProcessResult(0, $"{Snapshots}/{commit}\n", ""), await _workspace.RunAsync("download", "acme/m"));
    }

    [Fact]
    public async Task A_download_follows_a_moved_branch()
    {
        string first = await PushAsync();
        ProcessResult before = await _workspace.RunAsync("download", "acme/m");
        string second = await _workspace.PushAsync("acme/m", ("config.json", "{2}"));
        ProcessResult after = await _workspace.RunAsync("download", "acme/m");
        ProcessResult pinned = await _workspace.RunAsync("download", "acme/m", "--revision", first);

        Assert.Equal(($"{Snapshots}/{first}\n", $"{Snapshots}/{second}\n", $"{Snapshots}/{first}\n"),
            (before.Output, after.Output, pinned.Output));
        Assert.Equal(["config.json={2}"], ToolWorkspace.Contents(Absolute(after)));
    }

    [Fact]
    public async Task Downloading_one_path_prints_the_path_of_the_file()
    {
        await PushAsync();

        ProcessResult result = await _workspace.RunAsync("download", "acme/m", "onnx/m.onnx");

        Assert.Equal((0, "Fetching 1 file, 3 B, from local …\nFetched 1 file, 3 B, in N; every byte was verified.\n"),
            (result.ExitCode, result.Error));
        Assert.EndsWith("/onnx/m.onnx\n", result.Output, StringComparison.Ordinal);
        Assert.Equal("mmm", await File.ReadAllTextAsync(Absolute(result)));
    }

    [Fact]
    public async Task Downloading_several_paths_prints_a_folder_with_only_these_files()
    {
        await PushAsync();

        ProcessResult result = await _workspace.RunAsync("download", "acme/m", "onnx/m.onnx", "config.json");

        Assert.Equal(["config.json={}", "onnx/m.onnx=mmm"], ToolWorkspace.Contents(Absolute(result)));
    }

    [Fact]
    public async Task A_path_argument_is_a_name_and_not_a_pattern()
    {
        await PushAsync();

        ProcessResult result = await _workspace.RunAsync("download", "acme/m", "a[1].txt", "--local-dir", "out");

        Assert.Equal((0, "$/work/out/a[1].txt\n"), (result.ExitCode, result.Output));
        Assert.Equal(["a[1].txt=one"], ToolWorkspace.Contents(_workspace.PathOf("work/out")));
    }

    [Fact]
    public async Task A_missing_path_is_an_error_even_next_to_an_existing_one()
    {
        string commit = await PushAsync();

        ProcessResult result = await _workspace.RunAsync("download", "acme/m", "config.json", "onnx", "Config.json");

        Assert.Equal(new ProcessResult(1, "",
            $"error WISE1015: acme/m: commit {commit} has no file 'onnx' and no file 'Config.json', or an ignore pattern "
            + "excludes it; it has 4 files, for example a1.txt, a[1].txt, config.json, onnx/m.onnx. Paths are case-sensitive and "
            + "relative to the top of the repo; select a folder with a pattern such as 'folder/*'.\n"), result);
    }

    [Fact]
    public async Task After_two_dashes_a_path_may_start_with_a_dash()
    {
        await _workspace.PushAsync("acme/m", ("-x.txt", "x"));

        ProcessResult result = await _workspace.RunAsync("download", "--local-dir", "out", "--", "acme/m", "-x.txt");

        Assert.Equal((0, "$/work/out/-x.txt\n"), (result.ExitCode, result.Output));
    }

    [Fact]
    public async Task Patterns_may_be_repeated_and_separated_by_semicolons()
    {
        await PushAsync();

        ProcessResult result = await _workspace.RunAsync("download", "acme/m", "--include", "*.txt;*.json", "--include",
            "onnx/*", "--exclude", "a1*");

        Assert.Equal(["a[1].txt=one", "config.json={}", "onnx/m.onnx=mmm"], ToolWorkspace.Contents(Absolute(result)));
    }

    [Fact]
    public async Task A_local_folder_gets_changed_files_and_keeps_files_that_are_not_in_the_repo()
    {
        await PushAsync();
        _workspace.Write("work/out/config.json", "old text");
        _workspace.Write("work/out/mine.txt", "mine");

        ProcessResult result = await _workspace.RunAsync("download", "acme/m", "--local-dir", "out");

        Assert.Equal((0, "$/work/out\n"), (result.ExitCode, result.Output));
        Assert.Equal(["a1.txt=two", "a[1].txt=one", "config.json={}", "mine.txt=mine", "onnx/m.onnx=mmm"],
            ToolWorkspace.Contents(_workspace.PathOf("work/out")));
    }

    [Fact]
    public async Task Editing_a_file_in_a_local_folder_does_not_change_the_cache()
    {
        await PushAsync();
        await _workspace.RunAsync("download", "acme/m", "--local-dir", "out");
        await File.AppendAllTextAsync(_workspace.PathOf("work/out/config.json"), "edited");

        await _workspace.RunAsync("download", "acme/m", "config.json", "--local-dir", "other");

        Assert.Equal(["config.json={}"], ToolWorkspace.Contents(_workspace.PathOf("work/other")));
    }

    [Fact]
    public async Task The_error_for_a_folder_in_place_of_a_file_names_it()
    {
        await PushAsync();
        _workspace.Write("work/out/config.json/inside.txt", "mine");

        ProcessResult result = await _workspace.RunAsync("download", "acme/m", "config.json", "--local-dir", "out");

        Assert.Equal((1, ""), (result.ExitCode, result.Output));
        Assert.Equal("error WISE3011: $/work/out/config.json could not be placed: A folder of that name exists. "
            + "Remove what blocks the path.", result.Error.TrimEnd().Split('\n')[^1]);
        Assert.Equal(["config.json/inside.txt=mine"], ToolWorkspace.Contents(_workspace.PathOf("work/out")));
    }

    [Fact]
    public async Task With_json_standard_output_contains_only_one_object()
    {
        string commit = await PushAsync();

        ProcessResult result = await _workspace.RunAsync("download", "acme/m", "config.json", "--revision", "main",
            "--local-dir", "out", "--json");

        Assert.Equal(new ProcessResult(0, $$"""
            {
              "path": "$/work/out/config.json",
              "repoId": "acme/m",
              "repoType": "model",
              "hub": "local",
              "revision": "main",
              "commit": "{{commit}}",
              "files": [
                {
                  "path": "config.json",
                  "size": 2,
                  "sha256": "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"
                }
              ],
              "filesTransferred": 1,
              "bytesTransferred": 2,
              "warnings": []
            }

            """, ""), result);
    }

    [Fact]
    public async Task JSON_output_counts_files_fetched_from_a_URL()
    {
        await using FileServer server = await FileServer.StartAsync();
        server.Serve("/m.bin", "weights"u8.ToArray());

        ProcessResult result = await _workspace.RunAsync("download", server.Url("/m.bin"), "--json");

        using JsonDocument json = JsonDocument.Parse(result.Output);
        Assert.Equal((1, 7), (json.RootElement.GetProperty("filesTransferred")
            .GetInt32(), json.RootElement.GetProperty("bytesTransferred").GetInt32()));
    }

    [Fact]
    public async Task With_json_a_failure_is_one_object_and_also_a_line_on_standard_error()
    {
        ProcessResult result = await _workspace.RunAsync("download", "acme/m", "--hub", "nope", "--json");

        const string Message = "There is no hub 'nope'. The known hubs are github, gitlab, huggingface, local, wisemodel. "
            + "Declare others in $/work/wisehub.json.";
        Assert.Equal((1, $"error WISE1002: {Message}\n"), (result.ExitCode, result.Error));
        using JsonDocument json = JsonDocument.Parse(result.Output);
        Assert.Equal($$"""{"errors":[{"code":"WISE1002","message":"{{Message}}"}]}""",
            JsonSerializer.Serialize(json.RootElement, Plain));
    }

    [Fact]
    public async Task JSON_output_contains_the_warnings()
    {
        await PushAsync();
        await using TestHub hub = await HubAsync();
        hub.Rename("acme/net", "acme/renamed");

        ProcessResult result = await _workspace.RunAsync("download", "acme/net", "config.json", "--hub", "net", "--json");

        Assert.Equal((0, ""), (result.ExitCode, result.Error));
        using JsonDocument json = JsonDocument.Parse(result.Output);
        Assert.Equal(["WISE2007"], json.RootElement.GetProperty("warnings").EnumerateArray()
            .Select(w => w.GetProperty("code").GetString()));
    }

    [Fact]
    public async Task Force_transfers_again()
    {
        await PushAsync();
        await _workspace.RunAsync("download", "acme/m");

        ProcessResult result = await _workspace.RunAsync("download", "acme/m", "--force", "--json");

        using JsonDocument json = JsonDocument.Parse(result.Output);
        Assert.Equal((4, 11), (json.RootElement.GetProperty("filesTransferred")
            .GetInt32(), json.RootElement.GetProperty("bytesTransferred").GetInt32()));
    }

    [Fact]
    public async Task The_URL_of_a_file_page_downloads_that_file()
    {
        await using TestHub hub = await HubAsync();

        ProcessResult result = await _workspace.RunAsync("download",
            $"{hub.Endpoint}acme/net/blob/main/sub/w.bin", "--local-dir", "out");

        Assert.Equal(new ProcessResult(0, "$/work/out/sub/w.bin\n",
            "Fetching 1 file, 6 B, from net …\nFetched 1 file, 6 B, in N; every byte was verified.\n"), result);
        Assert.Equal(["sub/w.bin=weight"], ToolWorkspace.Contents(_workspace.PathOf("work/out")));
    }

    [Fact]
    public async Task The_URL_of_a_folder_page_downloads_its_files()
    {
        await using TestHub hub = await HubAsync();

        await _workspace.RunAsync("download", $"{hub.Endpoint}acme/net/tree/main/sub", "--local-dir", "out");

        Assert.Equal(["sub/w.bin=weight"], ToolWorkspace.Contents(_workspace.PathOf("work/out")));
    }

    [Fact]
    public async Task Different_revisions_in_the_URL_and_the_option_are_an_error()
    {
        await using TestHub hub = await HubAsync();

        Assert.Equal(new ProcessResult(1, "",
            "error WISE1004: The URL names the revision 'main', but --revision is 'v2'. Omit one of them.\n"),
            await _workspace.RunAsync("download", $"{hub.Endpoint}acme/net/tree/main", "--revision", "v2"));
    }

    [Theory]
    [InlineData("https://hub.invalid/acme/",
        "WISE1011: 'https://hub.invalid/acme/' names a folder. Write the https URL of a file, without user and query.")]
    [InlineData("https://hub.invalid/acme/m?token=hidden",
        "WISE1011: 'https://hub.invalid/acme/m' has a signature or token in its query, which is a secret, expires, "
        + "and would appear in the lock file and the log. Write the URL without it.")]
    [InlineData("https://user:hidden@hub.invalid/acme/m",
        "WISE1011: 'https://hub.invalid/acme/m' has a user in its URL, which may be a secret and would appear in the log. "
        + "Write the URL without it.")]
    [InlineData("ftp://user:hidden@hub.invalid/acme/m",
        "WISE1011: 'ftp://…' is not an http(s) URL. Write owner/name, or the https URL of a file.")]
    public async Task The_error_for_an_unusable_URL_does_not_repeat_a_secret(string url, string error)
    {
        Assert.Equal(new ProcessResult(1, "", $"error {error}\n"), await _workspace.RunAsync("download", url));
    }

    [Fact]
    public async Task All_mistakes_in_a_reference_are_reported()
    {
        Assert.Equal(new ProcessResult(1, "",
            "error WISE1003: 'a/b c' is not a repo id: each part must have 1 to 96 letters, digits, '-', '_' or '.', and start "
            + "and end with a letter, digit or '_'. Write owner/name, or a single name if the hub has such ids (gpt2).\n"
            + "error WISE1005: a/b c: 'x..y' is not a revision: git does not allow its dots. Write a branch, a tag or a "
            + "commit.\n"),
            await _workspace.RunAsync("download", "a/b c", "--revision", "x..y"));
    }

    [Fact]
    public async Task The_configuration_is_searched_from_the_working_directory_upward()
    {
        string commit = await PushAsync();
        string below = Directory.CreateDirectory(_workspace.PathOf("work/deep/er")).FullName;

        ProcessResult result = await _workspace.RunInAsync(below, "download", "acme/m");

        Assert.Equal((0, $"{Snapshots}/{commit}\n"), (result.ExitCode, result.Output));
    }

    [Fact]
    public async Task A_mistake_in_the_configuration_is_reported_with_line_and_column()
    {
        _workspace.Write("work/wisehub.json", "{\n  \"hubz\": {} }");

        ProcessResult result = await _workspace.RunAsync("download", "acme/m");

        Assert.Equal((1, ""), (result.ExitCode, result.Output));
        Assert.StartsWith("error WISE1008: $/work/wisehub.json(2,3): 'hubz' is not a known key", result.Error,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task Offline_a_download_that_lacks_files_fails_without_a_request()
    {
        await using TestHub hub = await HubAsync();

        ProcessResult result = await _workspace.RunAsync("download", "acme/net", "--hub", "net", "--offline");

        Assert.Equal((1, "", 0), (result.ExitCode, result.Output, hub.Requests.All.Count));
        Assert.StartsWith("error WISE2014: acme/net: the network must not be used (", result.Error, StringComparison.Ordinal);
        Assert.Single(result.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    [Fact]
    public async Task Offline_a_download_uses_the_cache_as_last_seen()
    {
        await using TestHub hub = await HubAsync();
        ProcessResult online = await _workspace.RunAsync("download", "acme/net", "--hub", "net");
        hub.Requests.Clear();

        ProcessResult offline = await _workspace.RunAsync("download", "acme/net", "--hub", "net", "--offline");

        Assert.Equal(new ProcessResult(0, online.Output,
            $"acme/net: offline, taking 'HEAD' at {hub.FindRepo("acme/net")!.Head()} as last seen.\n"), offline);
        Assert.Empty(hub.Requests.All);
    }

    [Fact]
    public async Task A_token_from_the_environment_gives_access_to_a_private_repo_and_is_never_shown()
    {
        await using TestHub hub = await HubAsync(isPrivate: true);
        ProcessResult without = await _workspace.RunAsync("download", "acme/net", "--hub", "net");
        _workspace.Environment["WISEHUB_TOKEN_NET"] = hub.Token;
        ProcessResult with = await _workspace.RunAsync("download", "acme/net", "--hub", "net");

        Assert.Equal((1, 0), (without.ExitCode, with.ExitCode));
        Assert.StartsWith("error WISE2005: ", without.Error, StringComparison.Ordinal);
        Assert.DoesNotContain(hub.Token, with.Output + with.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_timeout_option_overrides_the_configuration()
    {
        await using TestHub hub = await HubAsync(settings: """, "retries": 1, "stallTimeout": 600 """);
        hub.Faults.On("/", new Fault.Stall(3, TimeSpan.FromMinutes(10)), int.MaxValue, origin: "cdn");

        ProcessResult result = await _workspace.RunAsync("download", "acme/net", "sub/w.bin", "--hub", "net", "--timeout", "1");

        Assert.Equal((1, ""), (result.ExitCode, result.Output));
        Assert.StartsWith("error WISE2012: ", result.Error.TrimEnd().Split('\n')[^1], StringComparison.Ordinal);
        Assert.Contains("no bytes for 1 s", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Ctrl_C_exits_with_130_and_the_next_run_resumes()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no kill that sends Ctrl+C to one process.");
        await using TestHub hub = await HubAsync(settings: """, "stallTimeout": 600 """);
        hub.Faults.On("/", new Fault.Stall(3, TimeSpan.FromMinutes(10)), origin: "cdn");
        using Process process = _workspace.StartInterruptible("download", "acme/net", "--hub", "net", "--local-dir", "out");
        var errors = new StringBuilder();
        // Said before the first byte is asked for; the stalled answer keeps the process there.
        errors.Append(await process.StandardError.ReadLineAsync()).Append('\n');

        await ProcessRunner.RunAsync("kill", ["-INT", process.Id.ToString(CultureInfo.InvariantCulture)], _workspace.Root);
        errors.Append(await process.StandardError.ReadToEndAsync());
        string output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();

        Assert.Equal((130, "", "Fetching 2 files, 9 B, from net …\nerror WISE2017: Cancelled. Verified files are kept, "
            + "and the next run continues from there.\n"),
            (process.ExitCode, output, errors.ToString()));
        Assert.False(Directory.Exists(_workspace.PathOf("work/out")));
        hub.Faults.Clear();
        Assert.Equal((0, "$/work/out\n"), await ExitAndOutputAsync("download", "acme/net", "--hub", "net", "--local-dir", "out"));
    }

    [Fact]
    public async Task A_dataset_is_downloaded_with_its_repo_type()
    {
        await using TestHub hub = await HubAsync();
        hub.CreateRepo("acme/data", "dataset").Commit(new Dictionary<string, byte[]?> { ["rows.csv"] = "1,2"u8.ToArray() });

        Assert.Equal((0, "$/work/out\n"),
            await ExitAndOutputAsync("download", "acme/data", "--hub", "net", "--type", "dataset", "--local-dir", "out"));
        Assert.Equal(["rows.csv=1,2"], ToolWorkspace.Contents(_workspace.PathOf("work/out")));
    }

    private static readonly JsonSerializerOptions Plain =
        new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private Task<string> PushAsync() =>
        _workspace.PushAsync("acme/m", ("config.json", "{}"), ("onnx/m.onnx", "mmm"), ("a[1].txt", "one"), ("a1.txt", "two"));

    private async Task<TestHub> HubAsync(bool isPrivate = false, string settings = "")
    {
        TestHub hub = await TestHub.StartAsync();
        hub.CreateRepo("acme/net", isPrivate: isPrivate).Commit(
            new Dictionary<string, byte[]?> { ["config.json"] = "{1}"u8.ToArray(), ["sub/w.bin"] = "weight"u8.ToArray() });
        _workspace.Configure(hub, settings);
        return hub;
    }

    private async Task<(int ExitCode, string Output)> ExitAndOutputAsync(params string[] arguments)
    {
        ProcessResult result = await _workspace.RunAsync(arguments);
        return (result.ExitCode, result.Output);
    }

    /// <summary>The printed path, as it is on this machine.</summary>
    private string Absolute(ProcessResult result)
    {
        string line = result.Output.TrimEnd('\n').Split('\n')[^1].Replace("$", _workspace.Root, StringComparison.Ordinal);
        string hubs = Path.Combine(_workspace.Cache, "hubs");
        return Directory.Exists(hubs) ? line.Replace("local-HASH",
            Path.GetFileName(Directory.GetDirectories(hubs, "local-*").Single()), StringComparison.Ordinal)
            : line;
    }
}
