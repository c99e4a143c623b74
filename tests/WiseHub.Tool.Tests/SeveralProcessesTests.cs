using System.Diagnostics;
using System.Security.Cryptography;
using WiseHub.Testing;

namespace WiseHub.Tool.Tests;

public sealed class SeveralProcessesTests : IDisposable
{
    private readonly ToolWorkspace _workspace = new();

    public void Dispose() => _workspace.Dispose();

    [Fact]
    public async Task Eight_processes_that_download_the_same_repo_fetch_each_file_once()
    {
        var files = new Dictionary<string, byte[]?>();
        for (int i = 0; i < 40; i++)
            files[$"small/{i}.bin"] = RandomNumberGenerator.GetBytes(1000 + i);
        files["model.bin"] = RandomNumberGenerator.GetBytes(20 << 20);
        await using TestHub hub = await TestHub.StartAsync();
        hub.CreateRepo("acme/net").Commit(files);
        _workspace.Configure(hub);

        Process[] processes = [.. Enumerable.Range(0, 8)
            .Select(i => _workspace.Start("download", "acme/net", "--hub", "net", "--local-dir", $"out{i}"))];
        foreach (Process process in processes)
        {
            using (process)
            {
                Task<string> error = process.StandardError.ReadToEndAsync();
                await process.StandardOutput.ReadToEndAsync();
                await process.WaitForExitAsync();
                Assert.True(process.ExitCode == 0, await error);
            }
        }

        Assert.Equal(files.Count, hub.Requests.Count("GET", "/acme/net/resolve/"));
        Assert.Equal(files.Values.Sum(f => f!.LongLength),
            hub.Requests.All.Where(r => r.Path.Contains("/resolve/", StringComparison.Ordinal) || r.Origin == "cdn")
                .Where(r => r.Status < 300).Sum(r => r.BodyBytes));
        for (int i = 0; i < 8; i++)
        {
            Assert.All(files, f => Assert.Equal(f.Value, File.ReadAllBytes(Path.Combine(_workspace.Work, $"out{i}", f.Key))));
        }
    }
}
