using WiseHub.Testing;

namespace WiseHub.Tool.Tests;

public sealed class VerbosityTests : IDisposable
{
    private readonly ToolWorkspace _workspace = new();

    public void Dispose() => _workspace.Dispose();

    [Fact]
    public async Task Quiet_prints_only_the_result()
    {
        string commit = await _workspace.PushAsync("acme/m", ("a.txt", "a"));

        ProcessResult loud = await _workspace.RunAsync("download", "acme/m");
        Directory.Delete(_workspace.Cache, recursive: true);
        ProcessResult quiet = await _workspace.RunAsync("download", "acme/m", "--quiet");
        ProcessResult before = await _workspace.RunAsync("--quiet", "download", "acme/m");

        Assert.Equal((0, ""), (quiet.ExitCode, quiet.Error));
        Assert.NotEqual("", loud.Error);
        Assert.Equal((loud.Output, quiet), (quiet.Output, before));
        Assert.Contains(commit, quiet.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Quiet_prints_errors() =>
        Assert.Equal(new ProcessResult(1, "", "error WISE1002: There is no hub 'nope'. The known hubs are github, gitlab, "
            + "huggingface, local, wisemodel. Declare others in $/work/wisehub.json.\n"),
            await _workspace.RunAsync("download", "acme/m", "--hub", "nope", "--quiet"));

    [Fact]
    public async Task Quiet_prints_the_plan_of_an_upload_which_is_its_result()
    {
        _workspace.Write("work/m/a.txt", "a");

        ProcessResult loud = await _workspace.RunAsync("upload", "m", "acme/m", "--dry-run");

        Assert.Equal(loud, await _workspace.RunAsync("upload", "m", "acme/m", "--dry-run", "--quiet"));
        Assert.NotEqual("", loud.Output);
    }

    [Fact]
    public async Task Verbose_prints_what_the_library_calls_details()
    {
        await using TestHub hub = await TestHub.StartAsync();
        hub.CreateRepo("acme/m").Commit(new Dictionary<string, byte[]?> { ["config.json"] = "{1}"u8.ToArray() });
        _workspace.Configure(hub);

        ProcessResult verbose = await _workspace.RunAsync("download", "acme/m", "--hub", "net", "--verbose");
        Directory.Delete(_workspace.Cache, recursive: true);
        ProcessResult usual = await _workspace.RunAsync("download", "acme/m", "--hub", "net");
        Directory.Delete(_workspace.Cache, recursive: true);
        _workspace.Environment["WISEHUB_TRACE"] = "1";
        ProcessResult traced = await _workspace.RunAsync("download", "acme/m", "--hub", "net");

        Assert.Equal((usual.Output, verbose.Output), (verbose.Output, traced.Output));
        Assert.NotEqual(usual.Error, verbose.Error);
        Assert.Equal(traced.Error.Split('\n').Length, verbose.Error.Split('\n').Length);
    }
}
