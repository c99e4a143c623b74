using System.Diagnostics;
using System.Security.Cryptography;
using WiseHub.Client;
using WiseHub.Testing;
using WiseHub.Testing.S3;

namespace WiseHub.Tool.Tests;

/// <summary>kill -9 during a push to a store, followed by the same push.</summary>
public sealed class PushKillTests : IDisposable
{
    private const int Part = 16 << 20;

    private readonly ToolWorkspace _workspace = new();

    public void Dispose() => _workspace.Dispose();

    /// <summary>A commit of the hub <c>local</c> with one large file, which is copied to other stores.</summary>
    private async Task<(string Sha256, string Commit)> LargeAsync()
    {
        byte[] content = RandomBytes.Of((4 * Part) + 9, seed: 17);
        await File.WriteAllBytesAsync(_workspace.PathOf("model.bin"), content);
        using var client = new HubClient(new HubClientOptions
        {
            ConfigFile = _workspace.PathOf("work/wisehub.json"),
            CacheDirectory = _workspace.Cache,
            Environment = TestEnvironment.Empty
        });
        PushResult pushed = await client.PushAsync(new PushRequest
        {
            Hub = "local",
            RepoId = "acme/tiny",
            Files = [new PushFile(_workspace.PathOf("model.bin"), "model.bin")]
        });
        return (Convert.ToHexStringLower(SHA256.HashData(content)), pushed.Commit);
    }

    private static async Task KillAsync(Process process)
    {
        process.Kill();
        await process.WaitForExitAsync();
        process.Dispose();
    }

    [Fact]
    public async Task Parts_in_a_bucket_are_not_sent_again_after_the_process_was_killed()
    {
        await using S3Fake fake = await S3Fake.StartAsync();
        _workspace.Configure($$"""
            "team": { "protocol": "s3", "bucket": "models", "endpoint": "{{fake.Endpoint}}", "pathStyle": true,
             "conditionalWrites": false }
            """);
        _workspace.Environment["AWS_ACCESS_KEY_ID"] = "FAKEKEY";
        _workspace.Environment["AWS_SECRET_ACCESS_KEY"] = "FAKESECRET";
        (string sha256, _) = await LargeAsync();
        string key = $"/models/blobs/{sha256[..2]}/{sha256[2..]}";
        var reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var killed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        fake.OnPart = count =>
        {
            if (count == 3)
                reached.TrySetResult();
        };
        fake.Instead = async context =>
        {
            if (context.Request.Query["partNumber"].ToString() is not ("4" or "5") || killed.Task.IsCompleted)
                return false;
            await killed.Task;
            context.Abort();
            return true;
        };
        string[] push = ["mirror", "push", "acme/tiny", "--from", "local", "--to", "team"];
        Process process = _workspace.Start(push);
        await reached.Task.WaitAsync(TimeSpan.FromMinutes(2));
        await KillAsync(process);
        killed.SetResult();
        fake.Requests.Clear();

        ProcessResult again = await _workspace.RunAsync(push);
        Assert.True(again.ExitCode == 0, again.Error);
        Assert.Equal(["PUT ?partNumber=4&uploadId=upload1", "PUT ?partNumber=5&uploadId=upload1"], fake.Asked(key)
            .Where(r => r.Contains("partNumber", StringComparison.Ordinal)).Order(StringComparer.Ordinal));
        Assert.Equal((sha256, 0), (Convert.ToHexStringLower(SHA256.HashData(fake.Objects[key])), fake.Uploads.Count));
        Assert.Single(fake.Objects.Keys, k => k.Contains("/trees/", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_killed_push_to_a_folder_leaves_a_temporary_file_that_a_later_one_removes()
    {
        _workspace.Configure(""" "inside": { "protocol": "store", "path": "../inside" } """);
        (string sha256, _) = await LargeAsync();
        string[] push = ["mirror", "push", "acme/tiny", "--from", "local", "--to", "inside"];
        string inside = _workspace.PathOf("inside"), blobs = Path.Combine(inside, "blobs");
        string? left = null;
        while (left is null)
        {
            Process process = _workspace.Start(push);
            // As soon as the copy has begun. One that ended before it was killed is undone.
            while (!process.HasExited && left is null)
                left = Directory.Exists(blobs) ? Directory.EnumerateFiles(blobs, ".*.tmp").FirstOrDefault() : null;
            await KillAsync(process);
            if (!File.Exists(left))
                left = null;
            if (left is null)
                Directory.Delete(inside, recursive: true);
        }
        Assert.False(Directory.Exists(Path.Combine(inside, "models")));
        File.SetLastWriteTimeUtc(left, DateTime.UtcNow.AddDays(-2));

        ProcessResult again = await _workspace.RunAsync(push);
        Assert.True(again.ExitCode == 0, again.Error);
        Assert.False(File.Exists(left));
        Assert.Equal([Path.Combine(blobs, sha256[..2], sha256[2..])],
            Directory.EnumerateFiles(blobs, "*", SearchOption.AllDirectories));
    }
}
