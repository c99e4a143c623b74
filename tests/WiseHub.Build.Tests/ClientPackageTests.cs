using WiseHub.Testing;

namespace WiseHub.Build.Tests;

/// <summary>The library used by a program through its package alone.</summary>
public sealed class ClientPackageTests(SdkFixture sdk)
{
    private const int Block = 1 << 20, Size = 3_000_000;

    [Fact]
    public async Task A_program_with_only_the_client_package_resumes_a_killed_download()
    {
        byte[] content = RandomBytes.Of(Size, seed: 5);
        await using TestHub hub = await TestHub.StartAsync();
        hub.CreateRepo("acme/big").Commit(new Dictionary<string, byte[]?> { ["model.bin"] = content });
        hub.Faults.On("/content/", new Fault.Stall((2 * Block) + 1000, TimeSpan.FromMinutes(5)), origin: "cdn");
        using SdkWorkspace w = await sdk.WorkspaceAsync();
        w.Environment["HF_ENDPOINT"] = hub.Endpoint.OriginalString;
        w.Write("App", new ProjectBuilder().Property("OutputType", "Exe").Property("ImplicitUsings", "enable")
            .Item("PackageReference", "WiseHub.Client"));
        w.Write("src/App/Program.cs", """
            using System.Diagnostics;
            using WiseHub.Client;

            if (args is ["die", string partial])
                _ = Task.Run(() => DieAfterTwoBlocks(partial));
            using var client = new HubClient(new HubClientOptions());
            var request = new DownloadRequest { Reference = new RepoReference { RepoId = "acme/big", Hubs = ["huggingface"] } };
            Console.WriteLine((await client.DownloadAsync(request)).BytesTransferred);

            static void DieAfterTwoBlocks(string partial)
            {
                while (!Directory.Exists(partial)
                    || !Directory.GetFiles(partial, "*.blocks").Any(f => new FileInfo(f).Length >= 512 + 32))
                    Thread.Yield();
                Process.GetCurrentProcess().Kill();
            }
            """);
        (await w.DotnetAsync("App", "build")).Succeeded();
        string app = w.PathOf("src/App/bin/Debug/net10.0/App.dll");

        (await w.RunAsync("App", "dotnet", app, "die", Path.Combine(w.Cache, "partial"))).Failed();
        SdkRun second = (await w.RunAsync("App", "dotnet", app)).Succeeded();

        Assert.Equal($"{Size}\n", second.Output);
        RequestRecord rest = Assert.Single(hub.Requests.All, r => r.Origin == "cdn" && r.Status == 206);
        Assert.Equal(($"bytes={2 * Block}-", (long)Size - (2 * Block)), (rest.Headers["Range"], rest.BodyBytes));
    }
}
