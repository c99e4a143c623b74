using System.Xml.Linq;
using WiseHub.Testing;

namespace WiseHub.Tool.Tests;

/// <summary>Full benchmarks are run manually; here they run with small sizes and write their page.</summary>
public sealed class BenchmarkTests : IDisposable
{
    private static readonly string Program = RepoFiles.At("tests", "WiseHub.Benchmarks", "bin",
        ToolWorkspace.Metadata("Configuration"), "net10.0", "WiseHub.Benchmarks.dll");

    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_quick_benchmark_run_writes_a_page_with_our_figures_and_a_plot()
    {
        Assert.SkipUnless(await ProcessRunner.ExistsAsync("nginx"), "nginx is not installed.");

        // Without measures that install a peer from a registry.
        ProcessResult run = await RunAsync("--quick", "--no-pack", "--only", "start,ten,syscalls,contention,hubs,build",
            "--report", _folder["report"], "--work", _folder.Path);

        Assert.True(run.ExitCode == 0, run.Output + run.Error);
        string[] page = await File.ReadAllLinesAsync(_folder["report/benchmarks.md"]);
        Assert.Equal(
        [
            "## The start of the tool", "## 300 files of 1–64 KiB, cold",
            "## System calls for each of 30 files of 1–64 KiB, cold",
            "## 8 processes fetch the same 8 MiB and 30 files of 1–64 KiB into one cache",
            "## One file of 4 MiB through each hub", "## No-op builds: time in our tasks",
        ], page.Where(l => l.StartsWith("## ", StringComparison.Ordinal)));
        Assert.Contains("| | wall | wisehub is | user | system | peak RSS, MiB | requests | bytes |", page);
        // A line without figures has the reason after its name.
        Assert.Equal([],
            page.Where(l => l.StartsWith("| **", StringComparison.Ordinal) && l.Contains("**:", StringComparison.Ordinal)));
        Assert.Contains(page,
            l => l.StartsWith("| requests of no-op builds | 0 requests |  | 0 requests |  |", StringComparison.Ordinal));
        // The last build is a managed program.
        Assert.Contains("| wisehub --version | 15 ms | 10 ms | not measured: the tool is not native |  |", page);
        XElement plot = XDocument.Load(_folder["report/benchmarks.svg"]).Root!;
        Assert.Equal(1 + 2 + 2 + 8 + 4, plot.Elements().Count(e => e.Attribute("class")?.Value == "ours"));
        // The folder of contents and caches is gone.
        Assert.Equal(["report"], Directory.EnumerateFileSystemEntries(_folder.Path).Select(f => Path.GetFileName(f)!));
    }

    [Fact]
    public async Task The_error_for_an_unknown_measure_names_it_and_nothing_runs()
    {
        ProcessResult run = await RunAsync("--only", "nonesuch");

        Assert.Equal((2, ""), (run.ExitCode, run.Output));
        Assert.StartsWith("There is no measure 'nonesuch'; --list names them.\n", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Results_of_a_quick_run_do_not_go_into_the_documentation()
    {
        ProcessResult run = await RunAsync("--quick", "--docs");

        Assert.Equal((2, ""), (run.ExitCode, run.Output));
        Assert.StartsWith("--docs needs real figures, not those of --quick.\n", run.Error, StringComparison.Ordinal);
    }

    private Task<ProcessResult> RunAsync(params string[] arguments) =>
        ProcessRunner.RunAsync("dotnet", [Program, .. arguments], _folder.Path);
}
