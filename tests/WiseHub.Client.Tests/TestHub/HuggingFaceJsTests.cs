using WiseHub.Testing;

namespace WiseHub.Client.Tests;

/// <summary>
/// Ring 4: the test hub is judged by Hugging Face's own JavaScript client, so that it is right and does not
/// merely agree with ours.
/// </summary>
public sealed class HuggingFaceJsTests
{
    [Fact]
    public async Task Every_call_of_the_javascript_client_works_on_the_test_hub()
    {
        string folder = await InstalledClientAsync();
        await using TestHub hub = await TestHub.StartAsync();

        ProcessResult result = await ProcessRunner.RunAsync("node",
            ["drive.mjs", hub.Endpoint.GetLeftPart(UriPartial.Authority)], folder);

        string[] checks = [.. result.Output.Split('\n')
            .Where(l => l.StartsWith("ok ", StringComparison.Ordinal) || l.StartsWith("FAIL", StringComparison.Ordinal))];
        Assert.True(result.ExitCode == 0, result.Output + result.Error);
        Assert.Equal(29, checks.Length);
    }

    [Fact]
    public async Task Our_client_reads_what_the_javascript_client_wrote()
    {
        string folder = await InstalledClientAsync();
        await using TestHub hub = await TestHub.StartAsync();
        string work = Directory.CreateTempSubdirectory("wisehub-js").FullName;
        try
        {
            ProcessResult wrote = await ProcessRunner.RunAsync("node",
                ["write.mjs", hub.Endpoint.GetLeftPart(UriPartial.Authority)], folder);
            Assert.True(wrote.ExitCode == 0, wrote.Output + wrote.Error);
            using var client = new HubClient(new HubClientOptions
            {
                CacheDirectory = Path.Combine(work, "cache"),
                Environment = TestEnvironment.With(("WISEHUB_ENDPOINT_HUGGINGFACE", hub.Endpoint.AbsoluteUri)),
            });

            Snapshot snapshot =
                await client.DownloadAsync(new RepoReference { RepoId = "tester/written", Hubs = ["huggingface"] });

            Assert.Equal([".gitattributes", "a b/模型.bin", "config.json"], snapshot.Files.Select(f => f.Path));
            Assert.Equal("""{"written":"by js"}""",
                await File.ReadAllTextAsync(Path.Combine(snapshot.Directory!, "config.json")));
            Assert.Equal(Enumerable.Repeat((byte)7, 2_000_000),
                await File.ReadAllBytesAsync(Path.Combine(snapshot.Directory!, "a b", "模型.bin")));
        }
        finally
        {
            Directory.Delete(work, recursive: true);
        }
    }

    internal static async Task<string> InstalledClientAsync()
    {
        Assert.SkipUnless(await ProcessRunner.ExistsAsync("npm") && await ProcessRunner.ExistsAsync("node"),
            "Node.js and npm are not installed.");
        string folder = RepoFiles.At("tests", "hf-js");
        await InstallOnce.WaitAsync();
        try
        {
            if (!Directory.Exists(Path.Combine(folder, "node_modules", "@huggingface", "hub")))
            {
                ProcessResult install = await ProcessRunner.RunAsync("npm",
                    ["ci", "--silent", "--no-audit", "--no-fund"], folder);
                Assert.SkipUnless(install.ExitCode == 0, $"npm could not install the client: {install.Error}");
            }
        }
        finally
        {
            InstallOnce.Release();
        }
        return folder;
    }

    private static readonly SemaphoreSlim InstallOnce = new(1);
}
