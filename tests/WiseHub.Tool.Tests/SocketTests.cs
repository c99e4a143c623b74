using WiseHub.Testing;

namespace WiseHub.Tool.Tests;

/// <summary>
/// Offline, and with a folder mirror alone, no network socket is opened; strace counts them.
/// </summary>
public sealed class SocketTests : IAsyncLifetime
{
    private readonly ToolWorkspace _workspace = new();
    private TestHub _hub = null!;

    public async ValueTask InitializeAsync()
    {
        _hub = await TestHub.StartAsync();
        _hub.CreateRepo("acme/net").Commit(
            new Dictionary<string, byte[]?> { ["config.json"] = "{}"u8.ToArray(), ["model.bin"] = "weights"u8.ToArray() });
        Configure("\"mirrors\": [ { \"hub\": \"disk\", \"write\": true } ]");
        // What is looked for below is there where the network is used, so that an empty answer means something.
        Assert.NotEqual(0, await SocketsOfAsync(0, "download", "acme/net"));
        Directory.Delete(_workspace.Cache, recursive: true);
    }

    public async ValueTask DisposeAsync()
    {
        await _hub.DisposeAsync();
        _workspace.Dispose();
    }

    private void Configure(string more) => _workspace.Write("work/wisehub.json", $$"""
        { "defaultHub": "net", "hubs": { "net": { "protocol": "huggingface",
         "endpoint": "{{_hub.Endpoint.AbsoluteUri.TrimEnd('/')}}" },
          "web": { "protocol": "store", "endpoint": "http://127.0.0.1:9" }, "disk": { "protocol": "store", "path": "../disk" } },
           {{more}} }
        """);

    private async Task<int> SocketsOfAsync(int exitCode, params string[] arguments)
    {
        Assert.SkipUnless(File.Exists("/usr/bin/strace"), "strace is not installed.");
        string trace = _workspace.PathOf("trace");
        ProcessResult result = await ProcessRunner.RunAsync("strace", ["-f", "-e", "trace=socket", "-o", trace,
            .. ToolProgram.Command, .. arguments], _workspace.Work, _workspace.Environment);
        Assert.SkipWhen(result.Error.Contains("PTRACE", StringComparison.OrdinalIgnoreCase),
            "strace is not allowed here: " + result.Error);
        Assert.True(result.ExitCode == exitCode, result.Error);
        return File.ReadLines(trace).Count(l => l.Contains("socket(AF_INET", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Offline_a_download_from_a_folder_mirror_opens_no_socket() =>
        Assert.Equal(0, await SocketsOfAsync(0, "download", "acme/net", "--offline"));

    [Fact]
    public async Task Offline_a_failing_download_opens_no_socket()
    {
        Configure("\"mirrors\": [ { \"hub\": \"web\" } ]");
        Assert.Equal(0, await SocketsOfAsync(1, "download", "acme/net", "--offline"));
    }

    [Fact]
    public async Task With_mirrorsOnly_a_download_from_a_folder_mirror_opens_no_socket()
    {
        Configure("\"mirrors\": [ { \"hub\": \"disk\" } ], \"mirrorsOnly\": true");
        Assert.Equal(0, await SocketsOfAsync(0, "download", "acme/net"));
    }
}
