namespace WiseHub.Client.Tests;

/// <summary>
/// Configurations of a dataset have separate commits even on a store mirror, which knows no configurations.
/// </summary>
public sealed class MirrorConfigTests
{
    private static void Configure(HgBench bench, string mirrors, bool only = false) => bench.Restore.Configure($$"""
        {"defaultHub":"hg","hubs":{"hg":{"protocol":"hg-localization","bucket":"data","prefix":"team",
         "endpoint":"{{bench.Server.Endpoint}}","pathStyle":true,"retries":1},
         "disk":{"protocol":"store","path":"mirror"},"other":{"protocol":"store","path":"other"} },"mirrors":{{mirrors}},
          "mirrorsOnly":{{(only ? "true" : "false")}} }
        """);

    private static async Task<HgBench> StartAsync(string mirrors)
    {
        HgBench bench = await HgBench.StartAsync(withKeys: true);
        foreach (string config in (string[])["mrpc", "en/US.v1", "default_config"])
            bench.PutTree($"glue/{config.Replace('/', '_')}/default_revision", HgBench.Dataset("arrow of " + config));
        Configure(bench, mirrors);
        return bench;
    }

    private static readonly string?[] Configs = ["mrpc", "en/US.v1", null];

    private static RepoReference[] All => [.. Configs.Select(c => HgBench.Reference(config: c))];

    private static void Forget(HgBench bench)
    {
        Directory.Delete(bench.Restore.Cache, recursive: true);
        File.Delete(bench.Restore.LockFile);
        bench.Server.Requests.Clear();
        bench.Server.Objects.Clear();
    }

    private static async Task AssertEachHasItsOwnAsync(HgBench bench, IReadOnlyList<Snapshot> before)
    {
        RestoreResult after = await bench.Restore.RestoreAsync(All);
        Assert.Equal(before.Select(s => s.Commit), after.Snapshots.Select(s => s.Commit));
        Assert.Equal(3, after.Snapshots.Select(s => s.Commit).Distinct().Count());
        Assert.Equal(["arrow of mrpc", "arrow of en/US.v1", "arrow of default_config"],
            after.Snapshots.Select(s => File.ReadAllText(s.Files[0].BlobPath)));
        Assert.Equal("", bench.Asked);
    }

    [Fact]
    public async Task Each_configuration_written_to_a_mirror_is_restored_from_it_alone()
    {
        await using HgBench bench = await StartAsync("""[{"hub":"disk","write":true}]""");
        RestoreResult first = await bench.Restore.RestoreAsync(All);
        Assert.DoesNotContain("warning", bench.Log, StringComparison.Ordinal);
        Assert.Equal(["@config/en%2FUS%2Ev1/HEAD", "@config/mrpc/HEAD", "HEAD"],
            Directory.EnumerateFiles(bench.Temp["mirror/datasets/_/glue/refs"], "*", SearchOption.AllDirectories)
                .Select(f => Path.GetRelativePath(bench.Temp["mirror/datasets/_/glue/refs"], f).Replace('\\', '/'))
                .Order(StringComparer.Ordinal));
        Forget(bench);
        Configure(bench, """[{"hub":"disk"}]""", only: true);
        await AssertEachHasItsOwnAsync(bench, first.Snapshots);
    }

    [Fact]
    public async Task A_mirror_provides_the_files_of_a_locked_configuration()
    {
        await using HgBench bench = await StartAsync("""[{"hub":"disk","write":true}]""");
        await bench.Restore.RestoreAsync(All);
        byte[] locked = await File.ReadAllBytesAsync(bench.Restore.LockFile, TestContext.Current.CancellationToken);
        Forget(bench);
        await File.WriteAllBytesAsync(bench.Restore.LockFile, locked, TestContext.Current.CancellationToken);
        RestoreResult result = await bench.Restore.RestoreAsync(All);
        Assert.Equal("arrow of mrpc",
            await File.ReadAllTextAsync(result.Snapshots[0].Files[0].BlobPath, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_bundle_carries_each_configuration_under_its_own_name()
    {
        await using HgBench bench = await StartAsync("[]");
        RestoreResult first = await bench.Restore.RestoreAsync(All);
        using (HubClient client = bench.Restore.NewClient())
        {
            await client.Mirrors.ExportBundleAsync(
                new ExportBundleRequest { References = All, BundlePath = bench.Temp["carried.tar"] },
                TestContext.Current.CancellationToken);
            MirrorResult imported = await client.Mirrors.ImportBundleAsync(
                new ImportBundleRequest { BundlePath = bench.Temp["carried.tar"], To = "other" },
                TestContext.Current.CancellationToken);
            Assert.Equal(["@config/en%2FUS%2Ev1/HEAD", "@config/mrpc/HEAD", "HEAD"], imported.Commits.Select(c => c.Revision)
                .Order(StringComparer.Ordinal));
        }
        Forget(bench);
        Configure(bench, """[{"hub":"other"}]""", only: true);
        await AssertEachHasItsOwnAsync(bench, first.Snapshots);
    }

    [Fact]
    public async Task A_configuration_missing_from_the_mirror_is_an_error()
    {
        await using HgBench bench = await StartAsync("""[{"hub":"disk","write":true}]""");
        await bench.Restore.RestoreAsync(HgBench.Reference(config: null));
        Forget(bench);
        Configure(bench, """[{"hub":"disk"}]""", only: true);
        Assert.StartsWith("WISE2070: dataset glue: 'hg' must not be contacted (\"mirrorsOnly\" in <temp>/wisehub.json), "
            + "and no mirror knows the default branch of the configuration 'mrpc'. 'disk' says: ",
            await bench.FailureAsync(HgBench.Reference()), StringComparison.Ordinal);
    }
}
