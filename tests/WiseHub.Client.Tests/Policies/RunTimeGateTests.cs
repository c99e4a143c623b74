namespace WiseHub.Client.Tests;

/// <summary>Contents that only the program that fetches them can judge.</summary>
public sealed class RunTimeGateTests
{
    // A pickle of protocol 0, which is text.
    private static readonly (string, string) Pickle = ("weights.bin", "cos\nsystem\n(S'ls'\ntR.");

    /// <summary>Locks the model without a download, as a build with Fetch="AtRunTime" does, and ships its manifest.</summary>
    private static async Task<ProgramBench> StartAsync(string policy, params string[] waive)
    {
        ProgramBench bench = await ProgramBench.StartAsync(("config.json", "{}"));
        bench.Build.Repo(Pickle);
        File.Delete(bench.Build.Project.LockFile);
        bench.Build.Project.Configure("{\"defaultHub\":\"team\",\"hubs\":{\"team\":{\"protocol\":\"huggingface\","
            + $"\"endpoint\":\"{bench.Hub.Endpoint.OriginalString}\"}}}}{policy}}}");
        RepoReference reference = HubBench.Reference() with { Waive = waive };
        using HubClient client = bench.Build.NewClient(o => o with { Time = TimeProvider.System, Retries = 2 });
        RestoreResult result = await client.RestoreAsync(bench.Build.Project.Request(reference) with
        {
            LockOnly = new HashSet<RepoReference> { reference },
        });
        LockEntry entry = result.LockFile!.Entries.Single();
        bench.Ship(RunTimeManifest.Create(client.Config, entry, reference.Files, waive).ToBytes());
        return bench;
    }

    [Fact]
    public async Task A_program_refuses_a_file_that_runs_code()
    {
        await using ProgramBench bench = await StartAsync("");
        Assert.StartsWith("WISE6010: acme/tiny: 'weights.bin' (", await bench.FailureAsync(), StringComparison.Ordinal);
        Assert.Null(bench.TryFind());
    }

    [Fact]
    public async Task The_waiver_of_the_reference_is_in_the_manifest()
    {
        await using ProgramBench bench = await StartAsync("", "pickle");
        Assert.Equal(await bench.EnsureAsync(), bench.TryFind());
    }

    [Fact]
    public async Task The_level_of_the_project_is_in_the_manifest()
    {
        await using ProgramBench bench = await StartAsync(",\"policy\":{\"formats\":{\"level\":\"off\"}}");
        Assert.Equal(await bench.EnsureAsync(), bench.TryFind());
    }
}
