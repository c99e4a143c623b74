using WiseHub.Testing;

namespace WiseHub.Tool.Tests;

public sealed class PackageTests : IDisposable
{
    private readonly ToolWorkspace _workspace = new();

    public void Dispose() => _workspace.Dispose();

    [Fact]
    public async Task The_package_packs_without_a_warning_installs_as_a_tool_and_runs()
    {
        string feed = _workspace.PathOf("feed"), tools = _workspace.PathOf("tools");

        ProcessResult packed = await DotnetAsync("pack", RepoFiles.At("src", "WiseHub.Tool"), "--no-build",
            "-c", ToolWorkspace.Metadata("Configuration"), "-o", feed, "-nologo", "-v:q");
        ProcessResult installed = await DotnetAsync("tool", "install", "WiseHub.Tool", "--tool-path",
            tools, "--add-source", feed);
        ProcessResult version = await ProcessRunner.RunAsync(Path.Combine(tools, "wisehub"), ["--version"], _workspace.Work,
            _workspace.Environment);

        Assert.Equal(new ProcessResult(0, "", ""), packed);
        Assert.Equal((0, ""), (installed.ExitCode, installed.Error));
        Assert.Equal(new ProcessResult(0, $"{typeof(Failures).Assembly.GetName().Version!.ToString(3)}\n", ""), version);
    }

    private Task<ProcessResult> DotnetAsync(params string[] arguments) =>
        ProcessRunner.RunAsync("dotnet", arguments, _workspace.Work, _workspace.Environment);
}
