using WiseHub.Benchmarks.Hub;
using WiseHub.Benchmarks.Reporting;

namespace WiseHub.Benchmarks.Measures;

/// <summary>The start of the tool, beside a program that only ends; and the size of the tool's package.</summary>
internal static class ToolStart
{
    private const string Version = "wisehub --version", Nothing = "/bin/true";

    public static async Task<Section> RunAsync(Bench bench, CancellationToken cancel)
    {
        // Nothing is fetched.
        var repo = new HubRepo("bench/none", "", []);
        IReadOnlyList<Row> rows = await new Contest(bench, HubServer.Plain) { HasFreshFolders = false }.RunAsync(
        [
            new Contender(Version, Kind.Ours, repo, _ => [bench.Tool.Version]),
            new Contender(Nothing, Kind.Limit, repo, _ => [new Command(Nothing)])
            {
                Prepare = (_, _) => Task.FromResult(File.Exists(Nothing) ? null : $"there is no {Nothing}")
            },
        ], cancel);
        FileInfo? package = bench.Packages.NativePackage;
        return new Section("The start of the tool", rows,
        [
            Section.Milliseconds(Version, rows, Version, 15, 10),
            new Goal($"native tool package{(package is null ? "" : $", {package.Name}")}",
                package is null ? null : new Samples([package.Length / 1e6]), 12, 9, "MB") { IsForNativeTool = true },
        ], []);
    }
}
