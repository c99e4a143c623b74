using System.Diagnostics;
using System.Globalization;
using WiseHub.Testing;
using WiseHub.Testing.S3;

namespace WiseHub.Tool.Tests;

/// <summary>What a push to a bucket reads and needs, as the kernel counts it for the whole process.</summary>
public sealed class PushCostTests : IDisposable
{
    private const long Mebibyte = 1 << 20;

    private readonly ToolWorkspace _workspace = new();

    public void Dispose() => _workspace.Dispose();

    [Fact]
    public async Task A_large_file_is_read_twice_and_memory_does_not_depend_on_its_size()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "only Linux has /proc");
        const long Small = 1000, Size = 96 * Mebibyte;
        (long read, long memory) small = await PushAsync(Small), large = await PushAsync(Size);
        // Once for its digest, which names the object, and once while it is sent.
        Assert.InRange(large.read - small.read, 2 * (Size - Small), (2 * Size) + Mebibyte);
        Assert.InRange(large.memory, 0, small.memory + (Size / 4));
    }

    /// <returns>Bytes read by the process and the peak of its memory, when it moves the branch.</returns>
    private async Task<(long Read, long Memory)> PushAsync(long size)
    {
        await using S3Fake fake = await S3Fake.StartAsync();
        _workspace.Configure($$"""
            "team": { "protocol": "s3", "bucket": "models", "endpoint": "{{fake.Endpoint}}", "pathStyle": true,
             "conditionalWrites": true }
            """);
        _workspace.Environment["AWS_ACCESS_KEY_ID"] = "FAKEKEY";
        _workspace.Environment["AWS_SECRET_ACCESS_KEY"] = "FAKESECRET";
        await File.WriteAllBytesAsync(_workspace.PathOf("model.bin"), RandomBytes.Of((int)size, seed: 18));
        var started = new TaskCompletionSource<int>(TaskCreationOptions.RunContinuationsAsynchronously);
        var counted = new TaskCompletionSource<(long, long)>(TaskCreationOptions.RunContinuationsAsynchronously);
        fake.Instead = async context =>
        {
            if (context.Request.Method == "PUT" && context.Request.Path.Value!.EndsWith("/refs/main", StringComparison.Ordinal))
            {
                int id = await started.Task;
                counted.TrySetResult((Number($"/proc/{id}/io", "rchar:"), Number($"/proc/{id}/status", "VmHWM:") * 1024));
            }
            return false;
        };
        using Process process =
            _workspace.Start("upload", _workspace.PathOf("model.bin"), "acme/tiny", "--hub", "team", "--force");
        started.SetResult(process.Id);
        (long, long) cost = await counted.Task.WaitAsync(TimeSpan.FromMinutes(2));
        await process.WaitForExitAsync();
        return cost;
    }

    private static long Number(string file, string name) => long.Parse(
        File.ReadLines(file).First(l => l.StartsWith(name, StringComparison.Ordinal))[name.Length..].Replace("kB", "",
            StringComparison.Ordinal).Trim(), CultureInfo.InvariantCulture);
}
