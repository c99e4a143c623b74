using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using WiseHub.Testing;

namespace WiseHub.Tool.Tests;

/// <summary><c>wisehub entries import|load</c> of a repo with code, which runs in a process of its own.</summary>
public sealed class EntryCodeTests : IAsyncLifetime
{
    private readonly ToolWorkspace _workspace = new();
    private string _commit = "";

    public async ValueTask InitializeAsync() => _commit = await PushAsync();

    public ValueTask DisposeAsync()
    {
        _workspace.Dispose();
        return ValueTask.CompletedTask;
    }

    private Task<string> PushAsync(params (string Path, byte[] Content)[] more) => _workspace.PushAsync("acme/m",
        [.. ((string[])["hubconf.dll", "hubconf.xml"]).Select(f => (f, TestEntries.Read(f))),
            ("weights.bin", "w8"u8.ToArray()), .. more]);

    private Task<ProcessResult> ActAsync(string what, string text = "", params string[] options) =>
        LoadAsync(["ActAsync", $"what={what}", $"text={text}", "--trust", .. options]);

    private async Task<ProcessResult> LoadAsync(params string[] arguments) =>
        WithoutProgress(await _workspace.RunAsync(["entries", "load", "acme/m", .. arguments]));

    private static ProcessResult WithoutProgress(ProcessResult result) => result with { Error = WithoutProgress(result.Error) };

    private static string WithoutProgress(string error) =>
        string.Concat(error.Split('\n').Where(l => l.Length > 0 && !l.StartsWith("Fetch", StringComparison.Ordinal))
            .Select(l => l + '\n'));

    private static void AssertFailed(string error, ProcessResult result) =>
        Assert.Equal($"1 error {error}\n", $"{result.ExitCode} {result.Error}");

    [Fact]
    public async Task The_returned_value_is_the_last_line()
    {
        ProcessResult load = await LoadAsync("Tiny", "layers=3", "name=großes", "pretrained=true", "--trust");
        Assert.Equal((0, "großes:3:w8\n"), (load.ExitCode, load.Output));
    }

    [Fact]
    public async Task A_value_is_also_written_as_JSON()
    {
        ProcessResult load = await LoadAsync("Tiny", "layers=3", "--trust", "--json");
        using var json = JsonDocument.Parse(load.Output);
        Assert.Equal(["entry", "commit", "path", "value", "warnings"], json.RootElement.EnumerateObject().Select(p => p.Name));
        Assert.Equal(("Tiny", _commit, "tiny:3:random"), (json.RootElement.GetProperty("entry").GetString(),
            json.RootElement.GetProperty("commit").GetString(), json.RootElement.GetProperty("value").GetString()));
        string weights = Assert.Single(Directory.GetFiles(_workspace.Cache, "weights.bin", SearchOption.AllDirectories));
        Assert.Equal(Path.GetFileName(Path.GetDirectoryName(weights)),
            Path.GetFileName(json.RootElement.GetProperty("path").GetString()));
    }

    [Fact]
    public async Task Importing_lists_the_entries_and_the_assembly()
    {
        string assembly = System.Reflection.AssemblyName.GetAssemblyName(TestEntries.PathOf("hubconf.dll")).FullName;
        ProcessResult import = await _workspace.RunAsync("entries", "import", "acme/m", "--trust");
        Assert.Equal(0, import.ExitCode);
        Assert.StartsWith("ActAsync  Does what only code in a process of its own may do.\nFails  Fails.\n", import.Output,
            StringComparison.Ordinal);
        Assert.EndsWith($"\n{assembly}\n", import.Output, StringComparison.Ordinal);

        import = await _workspace.RunAsync("entries", "import", "acme/m", "--trust", "--json");
        using var json = JsonDocument.Parse(import.Output);
        Assert.Equal(assembly, json.RootElement.GetProperty("assembly").GetString());
        Assert.Equal(["ActAsync", "Fails", "Kinds", "LaterAsync", "Tiny"],
            json.RootElement.GetProperty("entries").EnumerateArray().Select(e => e.GetProperty("name").GetString()));
    }

    [Theory]
    [InlineData("number", "1234.5")]
    [InlineData("enum", "Friday")]
    [InlineData("array", "System.Int32[]")]
    [InlineData("model", "Acme.Models.Model")]
    public async Task Values_are_printed_as_their_text(string what, string text) =>
        Assert.Equal(new ProcessResult(0, text + "\n", ""), await ActAsync(what));

    [Fact]
    public async Task Without_a_value_the_folder_is_printed()
    {
        ProcessResult load = await ActAsync("nothing");
        Assert.Equal(0, load.ExitCode);
        Assert.StartsWith("$/cache/", load.Output, StringComparison.Ordinal);
        using var json = JsonDocument.Parse((await ActAsync("nothing", "", "--json")).Output);
        Assert.Equal(JsonValueKind.Null, json.RootElement.GetProperty("value").ValueKind);
    }

    [Fact]
    public async Task Arguments_are_converted_or_their_error_is_reported()
    {
        Assert.Equal(new ProcessResult(0, "1.5 Friday https://example.org/ 7 a+b\n", ""), await LoadAsync(
            "Kinds", "factor=1.5", "day=friday", "from=https://example.org/", "most=7", "names=a,b", "--trust"));
        AssertFailed("WISE1042: acme/m: 'layers' of the entry 'Tiny' is a Int32, and 'three' cannot be converted to it.",
            await LoadAsync("Tiny", "layers=three", "--trust"));
    }

    [Fact]
    public async Task Without_trust_no_code_is_fetched()
    {
        ProcessResult load = await LoadAsync("Tiny", "layers=1");
        Assert.StartsWith($"error WISE1047: acme/m: hubconf.dll of commit {_commit} is code, ", load.Error,
            StringComparison.Ordinal);
        Assert.Equal(1, load.ExitCode);
        ProcessResult import = WithoutProgress(await _workspace.RunAsync("entries", "import", "acme/m"));
        Assert.Equal((1, load.Error), (import.ExitCode, import.Error));
        Assert.Empty(Directory.GetFiles(_workspace.Cache, "weights.bin", SearchOption.AllDirectories));
        Assert.Empty(Directory.GetFiles(_workspace.Cache, "ran-*", SearchOption.AllDirectories));
    }

    [Fact]
    public async Task The_code_finds_its_own_folder_and_the_working_directory()
    {
        ProcessResult load = await ActAsync("folder");
        Assert.Matches(@"^\$/work\|\$/cache/[^|]+\n$", load.Output);
    }

    [Theory]
    [InlineData("Fails", "OutOfModelsException: no models left")]
    [InlineData("ActAsync", "ArgumentException: nonsense", "what=nonsense")]
    [InlineData("ActAsync", "OutOfModelsException: no models left", "what=unprintable")]
    public async Task An_exception_is_reported_with_type_and_text(string entry, string failure, params string[] arguments) =>
        AssertFailed($"WISE1049: acme/m: the entry '{entry}' failed with {failure}. The error is in the repo's own code; ask its "
            + "owner.", await LoadAsync([entry, .. arguments, "--trust"]));

    [Fact]
    public async Task The_stack_trace_of_an_exception_is_printed_on_request()
    {
        _workspace.Environment["WISEHUB_TRACE"] = "1";
        ProcessResult load = await LoadAsync("Fails", "--trust");
        Assert.Contains("at Acme.Models.HubConf.Fails()", load.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_the_code_prints_goes_to_standard_error_without_control_characters()
    {
        ProcessResult load = await ActAsync("print", "last", "--json");
        Assert.Equal(["err: last", "out: Jürgen 你好 \uFFFD[2J"],
            load.Error.TrimEnd('\n').Split('\n').Order(StringComparer.Ordinal));
        using var json = JsonDocument.Parse(load.Output);
        Assert.Equal("printed", json.RootElement.GetProperty("value").GetString());
    }

    [Fact]
    public async Task The_code_does_not_read_the_standard_input_of_the_tool()
    {
        ProcessResult load = await _workspace.RunWithInputAsync(
            "secret\n", "entries", "load", "acme/m", "ActAsync", "what=input", "--trust");
        Assert.Equal((0, "|\n"), (load.ExitCode, load.Output));
    }

    [Fact]
    public async Task The_code_sees_no_variable_that_may_be_a_secret()
    {
        string[] secrets = ["WISEHUB_TOKEN", "WISEHUB_TOKEN_LOCAL", "HF_TOKEN", "AWS_SECRET_ACCESS_KEY", "HTTPS_PROXY",
            "ANY_NAME", "WISEHUB_CACHE"];
        foreach (string name in secrets)
            _workspace.Environment.TryAdd(name, "s3cret");
        _workspace.Environment["LC_TIME"] = "C";
        string[] variables = (await ActAsync("variables")).Output.TrimEnd('\n').Split(' ');
        Assert.Empty(variables.Intersect(secrets));
        Assert.Contains("LC_TIME", variables);
        Assert.Contains("PATH", variables, StringComparer.OrdinalIgnoreCase);
        Assert.Contains(OperatingSystem.IsWindows() ? "USERPROFILE" : "HOME", variables);
    }

    [Theory]
    [InlineData("0")]
    [InlineData("3")]
    public async Task Code_that_ends_the_process_is_an_error(string exitCode) =>
        AssertFailed("WISE1062: acme/m: the entry 'ActAsync' gave no result, because the repo's own code ended the process, or "
            + $"made it crash (exit code {exitCode}). Its output may say why; ask the owner of the repo.",
            await ActAsync("exit", exitCode));

    [Fact]
    public async Task Code_that_crashes_is_an_error()
    {
        ProcessResult load = await ActAsync("recurse");
        Assert.Contains("error WISE1062: acme/m: the entry 'ActAsync' gave no result, ", load.Error, StringComparison.Ordinal);
        Assert.Contains("Stack overflow", load.Error, StringComparison.Ordinal);
        Assert.Equal((1, ""), (load.ExitCode, load.Output));
    }

    [Fact]
    public async Task A_response_that_is_too_large_is_an_error()
    {
        AssertFailed("WISE1062: acme/m: the entry 'ActAsync' gave no usable result: the response of its process is larger than "
            + "16.8 MB, or damaged. Ask the owner of the repo.", await ActAsync("length", "17000000"));
        ProcessResult load = await ActAsync("length", "9000000");
        Assert.Equal((0, 9_000_001), (load.ExitCode, load.Output.Length));
    }

    // Length and text of a response: none, negative, not JSON, and the code of a failure that the host does not have.
    [Theory]
    [InlineData("FFFFFFFF")]
    [InlineData("03000000616263")]
    [InlineData("1F0000007B22436F6465223A2257495345393939222C224D657373616765223A22227D")]
    public async Task Garbage_in_place_of_a_response_is_an_error(string hex)
    {
        ProcessResult load = await ActAsync("forge", hex);
        Assert.Contains("error WISE1062: acme/m: the entry 'ActAsync' gave no usable result: ", load.Error,
            StringComparison.Ordinal);
        Assert.Equal((1, ""), (load.ExitCode, load.Output));
    }

    [Fact]
    public async Task Code_that_takes_too_long_is_ended() =>
        AssertFailed("WISE1061: acme/m: the entry 'ActAsync' did not end within 2 seconds, so its process was ended with all "
            + "that it started. Give it more time with --time-limit, or ask the owner of the repo.",
            await ActAsync("hang", "", "--time-limit", "2"));

    [Fact]
    public async Task Programs_that_the_code_started_are_ended_with_it()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() || OperatingSystem.IsMacOS(), "The program is called 'sleep'.");
        string file = _workspace.PathOf("sleep");
        ProcessResult load = await ActAsync("start-and-hang", file, "--time-limit", "6");
        Assert.Contains("error WISE1061: ", load.Error, StringComparison.Ordinal);
        await AssertEndsAsync(int.Parse(await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken),
            CultureInfo.InvariantCulture));
    }

    [Fact]
    public async Task A_program_that_the_code_leaves_behind_does_not_hold_the_tool_up()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() || OperatingSystem.IsMacOS(), "The program is called 'sleep'.");
        string file = _workspace.PathOf("sleep");
        var watch = Stopwatch.StartNew();
        ProcessResult load = await ActAsync("start", file);
        using var sleep = Process.GetProcessById(int.Parse(
            await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken), CultureInfo.InvariantCulture));
        sleep.Kill();
        Assert.Equal(new ProcessResult(0, "started\n", ""), load);
        Assert.True(watch.Elapsed < TimeSpan.FromMinutes(1), $"{watch.Elapsed}");
    }

    [Fact]
    public async Task Ctrl_C_ends_the_process_of_the_code()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Signals are sent with 'kill'.");
        string file = _workspace.PathOf("sleep");
        using Process tool = _workspace.StartInterruptible(
            "entries", "load", "acme/m", "ActAsync", "what=start-and-hang", $"text={file}", "--trust");
        Task<string> error = tool.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        int sleep = await StartedAsync(file);
        await ProcessRunner.RunAsync("kill", ["-INT", $"{tool.Id}"], _workspace.Work);
        await tool.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal((130, "error WISE2017: Cancelled. Verified files are kept, and the next run continues from there.\n"),
            (tool.ExitCode, WithoutProgress(await error)));
        await AssertEndsAsync(sleep);
    }

    [Fact]
    public async Task The_process_of_the_code_ends_when_the_tool_is_killed()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "The parent of a process is read from /proc.");
        string file = _workspace.PathOf("sleep");
        using Process tool = _workspace.Start(
            "entries", "load", "acme/m", "ActAsync", "what=start-and-hang", $"text={file}", "--trust");
        int sleep = await StartedAsync(file);
        string stat = await File.ReadAllTextAsync($"/proc/{sleep}/stat", TestContext.Current.CancellationToken);
        int host = int.Parse(stat.Split(") ")[1].Split(' ')[1], CultureInfo.InvariantCulture);
        tool.Kill();
        await AssertEndsAsync(host);
        Process.GetProcessById(sleep).Kill();
    }

    [Fact]
    public async Task A_missing_dependency_is_an_error_before_anything_runs()
    {
        await PushAsync(("hubconf.deps.json", """
            {"targets":{"net10.0":{"P/1.0.0":{"runtime":{"Acme.Tensors.dll":{},"System.Text.Json.dll":{},
             "Spectre.Console.dll":{}}}}}}
            """u8.ToArray()));
        ProcessResult load = await LoadAsync("Tiny", "layers=1", "--trust");
        AssertFailed("WISE1048: acme/m: hubconf.dll needs Acme.Tensors, Spectre.Console, which neither "
            + $"{System.Runtime.InteropServices.RuntimeInformation.FrameworkDescription} nor the repo has. Ask the owner of the "
            + "repo to add them there.", load);
        Assert.Empty(Directory.GetFiles(_workspace.Cache, "ran-*", SearchOption.AllDirectories));
    }

    private static async Task<int> StartedAsync(string file)
    {
        for (int i = 0; i < 600; i++, await Task.Delay(100, TestContext.Current.CancellationToken))
        {
            if (File.Exists(file) && int.TryParse(await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken),
                CultureInfo.InvariantCulture, out int id))
                return id;
        }
        throw new TimeoutException();
    }

    // A process that nothing has waited for is still listed, as a zombie.
    private static async Task AssertEndsAsync(int id)
    {
        for (int i = 0; i < 100; i++, await Task.Delay(100, TestContext.Current.CancellationToken))
        {
            if (!IsRunning(id))
                return;
        }
        Assert.Fail($"process {id} still runs");
    }

    private static bool IsRunning(int id)
    {
        try
        {
            using var process = Process.GetProcessById(id);
            return !process.HasExited && !(OperatingSystem.IsLinux()
                && File.ReadAllText($"/proc/{id}/stat").Split(") ")[1].StartsWith('Z'));
        }
        catch (Exception e) when (e is ArgumentException or IOException)
        {
            return false;
        }
    }
}
