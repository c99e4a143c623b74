using System.Diagnostics;
using System.Globalization;
using WiseHub.Client;
using WiseHub.Testing;

namespace WiseHub.Benchmarks;

/// <summary>The highest resident memory of a process that restores one file over HTTP, less that of a process that only starts.</summary>
internal static class PeakMemory
{
    private static readonly int[] SizesMiB = [1, 64, 512];

    public static IEnumerable<(int SizeMiB, double PeakMiB)> Measure(string folder)
    {
        double idle = Child(folder, "idle");
        foreach (int size in SizesMiB)
            yield return (size, Child(folder, size.ToString(CultureInfo.InvariantCulture)) - idle);
    }

    /// <summary>The process beside it that serves the file.</summary>
    public static async Task ServeAsync(string folder, int sizeMiB)
    {
        string file = Path.Combine(folder, $"{sizeMiB}.bin");
        await using (FileStream content = File.Create(file))
        {
            byte[] block = new byte[1 << 20];
            for (int i = 0; i < sizeMiB; i++)
            {
                Random.Shared.NextBytes(block);
                await content.WriteAsync(block);
            }
        }
        await using TestHub hub = await TestHub.StartAsync();
        hub.CreateRepo("bench/one").CommitFile("model.safetensors", file, lfs: true);
        File.Delete(file);
        Console.WriteLine(hub.Endpoint.GetLeftPart(UriPartial.Authority));
        await Console.In.ReadToEndAsync();
    }

    /// <summary>The process that is measured.</summary>
    public static async Task RestoreAsync(string folder, string endpoint)
    {
        if (endpoint != "idle")
        {
            using var client = new HubClient(new HubClientOptions
            {
                CacheDirectory = Path.Combine(folder, $"cache-{Guid.NewGuid():N}"),
                Environment = name => name == "WISEHUB_ENDPOINT_HUGGINGFACE" ? endpoint : null,
            });
            await client.DownloadAsync(new RepoReference { RepoId = "bench/one", Hubs = ["huggingface"] });
        }
        using var self = Process.GetCurrentProcess();
        Console.WriteLine(self.PeakWorkingSet64.ToString(CultureInfo.InvariantCulture));
    }

    private static double Child(string folder, string size)
    {
        string me = Environment.ProcessPath!, dll = typeof(PeakMemory).Assembly.Location;
        string[] prefix = Path.GetFileNameWithoutExtension(me) == "dotnet" ? [dll] : [];
        Process? server = null;
        string endpoint = size;
        if (size != "idle")
        {
            var start = new ProcessStartInfo(me) { RedirectStandardInput = true, RedirectStandardOutput = true };
            foreach (string argument in (string[])[.. prefix, "--serve", folder, size])
                start.ArgumentList.Add(argument);
            server = Process.Start(start)!;
            endpoint = server.StandardOutput.ReadLine()!;
        }
        try
        {
            return long.Parse(Programs.Run(me, folder, [.. prefix, "--restore", folder, endpoint]), CultureInfo.InvariantCulture) / 1048576.0;
        }
        finally
        {
            server?.StandardInput.Close();
            server?.WaitForExit();
            server?.Dispose();
        }
    }
}
