using System.Diagnostics;
using System.Reflection;
using System.Text.Json.Nodes;
using WiseHub.Testing;

namespace WiseHub.Client.Tests;

/// <summary>The test hub as a program, as described in <c>docs/test-hub.md</c>.</summary>
[Needs(Need.Sdk)]
public sealed class TestHubHostTests : IDisposable
{
    private const int SigTerm = 15;

    private static readonly string Program = typeof(TestHubHostTests).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
        .Single(a => a.Key == "TestHub").Value!;

    private readonly TempFolder _temp = new();

    public void Dispose() => _temp.Dispose();

    [Fact]
    public async Task The_test_hub_prints_its_endpoint_and_token_and_serves_a_folder()
    {
        _temp.Write("repos/models/acme/tiny/config.json", "{}");
        _temp.Write("repos/models/acme/tiny/sub/model.bin", "weights");
        _temp.Write("repos/datasets/acme/rows/data.csv", "1");
        await using Running hub = await StartAsync("--repos", _temp["repos"], "--log", _temp["log"]);

        Assert.StartsWith("http://127.0.0.1:", hub.Endpoint, StringComparison.Ordinal);
        JsonArray tree = (await hub.GetAsync("/api/models/acme/tiny/tree/main?recursive=true")).AsArray();
        Assert.Equal([(".gitattributes", false), ("config.json", false), ("sub", false), ("sub/model.bin", true)],
            tree.Select(f => ((string)f!["path"]!, f["lfs"] is not null)));
        Assert.Equal("acme/rows", (string?)(await hub.GetAsync("/api/datasets/acme/rows"))["id"]);
        Assert.Equal("tester", (string?)(await hub.GetAsync("/api/whoami-v2"))["name"]);
        Assert.Equal(["hub GET /api/models/acme/tiny/tree/main?recursive=true 200", "hub GET /api/datasets/acme/rows 200",
            "hub GET /api/whoami-v2 200"],
            (await Running.ReadLogAsync(_temp["log"], 3)).Select(l => l[..l.LastIndexOf(' ')]));
    }

    [Fact]
    public async Task Options_set_the_port_and_the_accounts()
    {
        await using Running hub = await StartAsync("--user", "ada", "--token", "t0", "--org", "lab", "--account", "bob=t1",
            "--account", "eve=t2=read", "--json");

        Assert.Equal(("ada", "t0"), ((string?)hub.Told["user"], (string?)hub.Told["token"]));
        Assert.Equal(["lab"], (await hub.GetAsync("/api/whoami-v2"))["orgs"]!.AsArray().Select(o => (string?)o!["name"]));
        Assert.Equal(("bob", "write"), Who(await hub.GetAsync("/api/whoami-v2", "t1")));
        Assert.Equal(("eve", "read"), Who(await hub.GetAsync("/api/whoami-v2", "t2")));

        static (string?, string?) Who(JsonNode json) => ((string?)json["name"], (string?)json["auth"]!["accessToken"]!["role"]);
    }

    [Fact]
    public async Task A_fault_file_makes_requests_fail()
    {
        _temp.Write("faults.json", """
            [
              // The first try only.
              { "path": "whoami", "fault": "status", "code": 503, "retryAfter": "7", "times": 1 },
              { "path": "/api/models", "method": "HEAD", "fault": "status", "code": 418, "times": "always" },
            ]
            """);
        await using Running hub = await StartAsync("--faults", _temp["faults.json"]);

        var statuses = new List<int>();
        foreach (string request in new[]
        {
            "GET /api/whoami-v2",
            "GET /api/whoami-v2",
            "HEAD /api/models",
            "HEAD /api/models",
            "GET /api/models"
        })
            statuses.Add(await hub.StatusAsync(request.Split(' ')[0], request.Split(' ')[1]));
        Assert.Equal([503, 200, 418, 418, 200], statuses);
    }

    [Fact]
    [Needs(Need.Unix, Because = "Windows has no signal that a test could send to one process.")]
    public async Task A_signal_ends_the_process_and_deletes_its_temporary_files()
    {
        await using Running hub = await StartAsync();
        Assert.NotEmpty(Directory.GetDirectories(_temp["tmp"], "wisehub-testhub*"));

        Assert.Equal(0, await hub.EndAsync());
        Assert.Empty(Directory.GetDirectories(_temp["tmp"], "wisehub-testhub*"));
    }

    [Theory]
    [InlineData("", "--host", "0.0.0.0")]
    [InlineData("--account x: write NAME=TOKEN or NAME=TOKEN=read.", "--account", "x")]
    [InlineData("--faults: rule 1 has an unknown fault \"none\".", "--faults", """[{"fault":"none"}]""")]
    [InlineData("--faults: rule 1 needs \"bytes\".", "--faults", """[{"fault":"cutAfter"}]""")]
    [InlineData("--faults: rule 1 has \"code\", which \"gzip\" does not know.", "--faults", """[{"fault":"gzip","code":1}]""")]
    public async Task An_invalid_option_is_an_error_with_exit_code_2(string said, string option, string value)
    {
        if (option == "--faults")
            value = _temp.Write("faults.json", value);
        ProcessResult result = await ProcessRunner.RunAsync("dotnet", [Program, option, value], _temp.Path);

        Assert.Equal(2, result.ExitCode);
        Assert.Contains(said, result.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    [Needs(Need.Unix)]
    public async Task The_curl_example_of_the_page_works()
    {
        Assert.SkipUnless(await ProcessRunner.ExistsAsync("curl"), "'curl' is not installed.");
        await using Running hub = await StartAsync();

        ProcessResult result = await ProcessRunner.RunAsync("sh", ["-e"], _temp.Path, hub.Environment, input: Example("curl"));

        Assert.Equal((0, "hello"), (result.ExitCode, result.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries)[^1]));
    }

    [Fact]
    [Needs(Need.Node)]
    public async Task The_npm_example_of_the_page_works()
    {
        string folder = await HuggingFaceJsTests.InstalledClientAsync();
        await using Running hub = await StartAsync();

        ProcessResult result = await ProcessRunner.RunAsync("node", ["--input-type=module"], folder, hub.Environment,
            input: Example("@huggingface/hub"));

        Assert.True(result.ExitCode == 0, result.Error);
        Assert.Equal("hello", result.Output.Trim());
    }

    // The block of code behind the heading that names a client.
    private static string Example(string heading)
    {
        string page = File.ReadAllText(RepoFiles.At("docs", "test-hub.md")).ReplaceLineEndings("\n");
        string block = page.Split($"### With {heading}\n")[1].Split("```")[1];
        return block[(block.IndexOf('\n', StringComparison.Ordinal) + 1)..];
    }

    private async Task<Running> StartAsync(params string[] arguments)
    {
        Directory.CreateDirectory(_temp["tmp"]);
        var start = new ProcessStartInfo("dotnet")
        { WorkingDirectory = _temp.Path, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (string argument in arguments.Prepend(Program))
            start.ArgumentList.Add(argument);
        (start.Environment["TMPDIR"], start.Environment["TMP"], start.Environment["TEMP"]) =
            (_temp["tmp"], _temp["tmp"], _temp["tmp"]);
        var process = Process.Start(start)!;
        string first = await process.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken)
            ?? throw new InvalidOperationException(
                await process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken));
        JsonNode told = first.StartsWith('{') ? JsonNode.Parse(first)! : new JsonObject
        {
            ["endpoint"] = first["HF_ENDPOINT=".Length..],
            ["token"] =
                (await process.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken))!["HF_TOKEN=".Length..],
        };
        return new Running(process, told);
    }

    private sealed class Running(Process process, JsonNode told) : IAsyncDisposable
    {
        private readonly HttpClient _http = new();

        public JsonNode Told { get; } = told;

        public string Endpoint => (string)Told["endpoint"]!;

        public Dictionary<string, string?> Environment =>
            new() { ["HF_ENDPOINT"] = Endpoint, ["HF_TOKEN"] = (string?)Told["token"] };

        public async Task<JsonNode> GetAsync(string path, string? token = null)
        {
            using HttpResponseMessage response = await SendAsync("GET", path, token);
            response.EnsureSuccessStatusCode();
            return JsonNode.Parse(await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken))!;
        }

        public async Task<int> StatusAsync(string method, string path)
        {
            using HttpResponseMessage response = await SendAsync(method, path, null);
            return (int)response.StatusCode;
        }

        // A line is written once its answer has gone.
        public static async Task<string[]> ReadLogAsync(string file, int lines)
        {
            while (true)
            {
                await using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
                using var reader = new StreamReader(stream);
                string[] read = (await reader.ReadToEndAsync(TestContext.Current.CancellationToken)).Split('\n',
                    StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
                if (read.Length >= lines)
                    return read;
                await Task.Delay(20, TestContext.Current.CancellationToken);
            }
        }

        public async Task<int> EndAsync()
        {
            await ProcessRunner.RunAsync("kill",
                [$"-{SigTerm}", process.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)], Path.GetTempPath());
            await process.WaitForExitAsync(TestContext.Current.CancellationToken);
            return process.ExitCode;
        }

        public async ValueTask DisposeAsync()
        {
            _http.Dispose();
            if (!process.HasExited)
                process.Kill();
            await process.WaitForExitAsync();
            process.Dispose();
        }

        private async Task<HttpResponseMessage> SendAsync(string method, string path, string? token)
        {
            using var request = new HttpRequestMessage(new HttpMethod(method), new Uri(Endpoint + path));
            request.Headers.Authorization = new("Bearer", token ?? (string?)Told["token"]);
            return await _http.SendAsync(request, TestContext.Current.CancellationToken);
        }
    }
}
