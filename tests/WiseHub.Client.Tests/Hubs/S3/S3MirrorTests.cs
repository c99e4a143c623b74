using WiseHub.Testing;
using WiseHub.Testing.S3;

namespace WiseHub.Client.Tests;

/// <summary>A bucket of a real Ceph as a mirror.</summary>
public sealed class S3MirrorTests(CephServer ceph)
{
    private static RepoReference Tiny => new() { RepoId = "acme/tiny", Hubs = ["origin"], Revision = "main" };

    private static void Configure(S3Bench bench, string mirrors, string origin = "\"path\":\"origin\"") =>
        bench.Project.Configure(
            $$"""
        {"hubs":{"origin":{"protocol":"store",{{origin}}},"team":{"protocol":"s3","bucket":"{{bench.BucketName}}","prefix":"hub",
         "endpoint":"{{bench.Endpoint}}","pathStyle":true} },{{mirrors}} }
        """);

    [Fact]
    public async Task A_restored_repo_is_written_to_the_bucket_and_restored_from_it_without_the_origin()
    {
        await using S3Bench bench = await S3Bench.StartAsync(ceph);
        string commit = await new StoreBuilder(bench.Project.Temp["origin"]).PushAsync("acme/tiny", ("config.json", "{}"),
            ("model.bin", "weights"));
        Configure(bench, """ "mirrors":[{"hub":"team","write":true}] """);
        await bench.Project.RestoreAsync(Tiny);
        Assert.EndsWith($"info: acme/tiny: wrote 2 files, 9 B, of commit {commit} to the mirror 'team'.",
            bench.Project.Log.Visible, StringComparison.Ordinal);
        bench.Project.Log.Clear();
        await bench.Project.RestoreAsync(bench.Project.Request(Tiny) with { Update = true });
        Assert.Equal("", bench.Project.Log.Visible);

        Directory.Delete(bench.Project.Cache, recursive: true);
        File.Delete(bench.Project.LockFile);
        Configure(bench, """ "mirrors":[{"hub":"team"}],"mirrorsOnly":true """, "\"endpoint\":\"http://127.0.0.1:9\"");
        RestoreResult result = await bench.Project.RestoreAsync(Tiny);
        Assert.Equal((commit, "config.json={}\nmodel.bin=weights"),
            (result.Snapshots[0].Commit, RestoreBench.Contents(result.Snapshots[0])));
    }

    [Fact]
    public async Task A_folder_is_copied_into_a_bucket()
    {
        await using S3Bench bench = await S3Bench.StartAsync(ceph);
        string commit = await new StoreBuilder(bench.Project.Temp["origin"]).PushAsync("acme/tiny", ("config.json", "{}"),
            ("model.bin", "weights"));
        Configure(bench, """ "mirrors":[] """);
        using HubClient client = bench.Project.NewClient();
        MirrorResult first = await client.Mirrors.PushAsync(new MirrorRequest { References = [Tiny], To = "team" });
        MirrorResult second = await client.Mirrors.PushAsync(new MirrorRequest { References = [Tiny], To = "team" });
        Assert.Equal((commit, 2, 0), (Assert.Single(first.Commits).Commit, first.FilesWritten, second.FilesWritten));
    }

    [Fact]
    public async Task Keys_that_may_not_write_are_a_warning()
    {
        await using S3Bench bench = await S3Bench.StartAsync(ceph);
        await new StoreBuilder(bench.Project.Temp["origin"]).PushAsync("acme/tiny", ("config.json", "{}"));
        Configure(bench, """ "mirrors":[{"hub":"team","write":true}] """);
        bench.UseKeys("nobody", "wrong");
        Assert.True((await bench.Project.RestoreAsync(Tiny)).LockFileChanged);
        Assert.Contains("warning WISE2071: acme/tiny was restored, but not written to the mirror 'team': ",
            bench.Project.Log.Visible, StringComparison.Ordinal);
    }
}
