using WiseHub.Testing.S3;

namespace WiseHub.Client.Tests;

/// <summary>The store layout on a bucket of a real Ceph.</summary>
public sealed class S3PushTests(CephServer ceph)
{
    private static string Blob(string text) => RestoreBench.Sha256(text) is var sha256 ? $"blobs/{sha256[..2]}/{sha256[2..]}" : "";

    [Fact]
    public async Task What_was_pushed_is_restored_with_a_lock_file_and_nothing_else_is_in_the_bucket()
    {
        await using S3Bench bench = await S3Bench.StartAsync(ceph);
        PushResult pushed = await bench.PushAsync(bench.Request(("config.json", "{}"), ("sub/model.bin", "weights"), ("copy.bin", "weights"), ("empty", "")));
        RestoreResult result = await bench.Project.RestoreAsync(S3Bench.Tiny);
        Assert.Equal("config.json={}\ncopy.bin=weights\nempty=\nsub/model.bin=weights", RestoreBench.Contents(result.Snapshots[0]));
        Assert.Contains(pushed.Commit, bench.Project.LockText, StringComparison.Ordinal);
        Assert.Equal(string.Join('\n', new[]
        {
            $"{Blob("{}")} 2", $"{Blob("weights")} 7", $"{Blob("")} 0", "models/acme/tiny/refs/main 64", $"models/acme/tiny/trees/{pushed.Commit}.json 508", "wisehub-store.json 14",
        }.Order(StringComparer.Ordinal)), await bench.TreeAsync());
    }
}
