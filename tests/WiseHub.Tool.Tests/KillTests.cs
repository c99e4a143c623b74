using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using WiseHub.Testing;

namespace WiseHub.Tool.Tests;

/// <summary>
/// kill -9 at random instants of a download at 40 MB/s. Ten of them here, in 32 MiB;
/// <c>WISEHUB_SOAK_KILLS=200 dotnet test tests/WiseHub.Tool.Tests --filter KillTests</c> is the whole, in 256 MiB.
/// </summary>
public sealed class KillTests : IDisposable
{
    private readonly ToolWorkspace _workspace = new();

    public void Dispose() => _workspace.Dispose();

    [Fact]
    public async Task A_killed_download_resumes_without_refetching_and_gives_the_right_bytes()
    {
        bool whole = int.TryParse(Environment.GetEnvironmentVariable("WISEHUB_SOAK_KILLS"),
            CultureInfo.InvariantCulture, out int kills);
        kills = whole ? kills : 10;
        byte[] content = RandomBytes.Of((whole ? 256 : 32) << 20, seed: 7);
        await using TestHub hub = await TestHub.StartAsync();
        hub.CreateRepo("acme/big").Commit(new Dictionary<string, byte[]?> { ["model.bin"] = content });
        hub.Faults.On("/content/", new Fault.Throttle(40_000_000), int.MaxValue, origin: "cdn");
        _workspace.Configure(hub);
        string expected = Convert.ToHexStringLower(SHA256.HashData(content)),
            blob = Path.Combine(_workspace.Cache, "blobs", expected[..2], expected[2..]);
        var random = new Random();

        int finished = 0;
        for (int kill = 0; kill < kills;)
        {
            using Process process = Start();
            using var patience = new CancellationTokenSource(random.Next(100, 900));
            try
            {
                await process.WaitForExitAsync(patience.Token);
                AssertArrived();
                File.Delete(blob);
                finished++;
            }
            catch (OperationCanceledException)
            {
                process.Kill();
                await process.WaitForExitAsync(CancellationToken.None);
                kill++;
                // Killed between the arrival of the file and the removal of its leftovers, which no later download would touch.
                if (File.Exists(blob))
                {
                    File.Delete(blob);
                    finished++;
                }
            }
        }
        using (Process last = Start())
            await last.WaitForExitAsync(CancellationToken.None);
        AssertArrived();
        long sent = hub.Requests.All.Where(r => r.Origin == "cdn").Sum(r => r.BodyBytes);
        TestContext.Current.TestOutputHelper?.WriteLine($"{kills} kills, {finished + 1} downloads of {content.Length} "
            + $"bytes, {sent} bytes sent");
        Assert.InRange(sent, 0, ((finished + 1) * 1.1 * content.Length) + (kills * (8L << 20)));

        Process Start() => _workspace.Start("download", "acme/big", "--hub", "net");

        void AssertArrived()
        {
            using FileStream file = File.OpenRead(blob);
            Assert.Equal(expected, Convert.ToHexStringLower(SHA256.HashData(file)));
            Assert.Empty(Directory.GetFileSystemEntries(Path.Combine(_workspace.Cache, "partial")));
        }
    }
}
