using WiseHub.Benchmarks.Hub;
using WiseHub.Benchmarks.Reporting;

namespace WiseHub.Benchmarks.Measures;

/// <summary>One part of the report.</summary>
/// <param name="Name">For the command line.</param>
/// <param name="About">What it measures.</param>
/// <param name="Needs">The repos that must be on the hub before the hub starts.</param>
/// <param name="RunAsync">Runs the measure.</param>
internal sealed record Measure(
    string Name, string About, Func<Repos, IEnumerable<HubRepo>> Needs, Func<Bench, CancellationToken, Task<Section>> RunAsync)
{
    public static IReadOnlyList<Measure> All { get; } =
    [
        new("start", "the start of the tool, and the size of its package", _ => [], ToolStart.RunAsync),
        new("large", "one file of 1 GiB, cold", r => [r.Large], Downloads.LargeAsync),
        new("many", "1,000 files of 1 to 64 KiB, cold", r => [r.Many], Downloads.ManyAsync),
        new("slow", "the same, each request behind 20 ms", r => [r.Many], Downloads.SlowAsync),
        new("ten", "10,000 files beside 1,000", r => [r.Many, r.TenTimesMany], Downloads.TenTimesManyAsync),
        new("mixed", "eight files of 64 MiB and forty small ones, cold", r => [r.Mixed], Downloads.MixedAsync),
        new("noop", "1,000 files, already present", r => [r.Many], Downloads.NoOpAsync),
        new("changed", "a new commit that changes 1 of 1,000 files", r => [r.Many, r.Changed], Downloads.ChangedAsync),
        new("syscalls", "system calls of a cold download for each small file", r => [r.Many, r.Few], SystemCalls.RunAsync),
        new("contention", "8 processes that download the same 1 GiB and 1,000 files", r => [r.LargeAndMany],
            Downloads.ContentionAsync),
        new("memory", "peak memory by file size", r => r.Series, Downloads.MemoryAsync),
        new("hubs", "one file of 256 MiB through each hub, beside curl", r => [r.Hub], HubsBesideCurl.RunAsync),
        new("placement", "1 GiB and 1,000 files put into bin by a build", r => [r.Large, r.Many], Placement.RunAsync),
        new("push", "1 GiB and 1,000 files pushed to a test hub", _ => [],
            async (bench, cancel) => await Pushes.RunAsync(bench, await HubPlace.StartAsync(), cancel)),
        new("push-s3", "the same to a bucket of Ceph", _ => [],
            async (bench, cancel) => await Pushes.RunAsync(bench, await BucketPlace.StartAsync(), cancel)),
        new("build", "no-op builds with 1,000 files, and with 100 references and 10,000 files",
            r => [r.Many, .. r.References], NoOpBuild.RunAsync),
    ];
}
