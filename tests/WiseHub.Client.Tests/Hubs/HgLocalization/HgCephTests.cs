using WiseHub.Testing.S3;

namespace WiseHub.Client.Tests;

/// <summary>
/// hg_localization's layout in a bucket of a real S3 server: signatures, ETags and conditions are the server's own.
/// </summary>
public sealed class HgCephTests(CephServer ceph, SwiftServer swift)
{
    private const string Tree = "acme_glue/mrpc/default_revision";

    private static readonly RepoReference Glue = HgBench.Reference("acme/glue") with { Hubs = ["hg"] };

    private static void Configure(S3Bench bench) => bench.Project.Configure(
        $$"""
        {"hubs":{"hg":{"protocol":"hg-localization","path":"store","bucket":"{{bench.BucketName}}","prefix":"team data",
         "endpoint":"{{bench.Endpoint}}","pathStyle":true} } }
        """);

    private static async Task<HgSyncResult> SyncAsync(S3Bench bench, string data)
    {
        using HubClient client = bench.Project.NewClient();
        string store = client.HgLocalization("hg").DatasetsStore!;
        string root = Path.Combine(store, "by_bucket");
        Directory.CreateDirectory(root);
        // The folder has a mark of the endpoint in its name, which a failed look tells.
        HubException missing = await Assert.ThrowsAsync<HubException>(
            () => client.HgLocalization("hg").SyncToS3Async(HgBench.Reference("nobody/none")));
        string folder = missing.Message.Split('(')[1].Split(')')[0].Replace("nobody_none", "acme_glue", StringComparison.Ordinal);
        Directory.CreateDirectory(folder);
        foreach ((string path, string text) in HgBench.Dataset(data))
            await File.WriteAllTextAsync(Path.Combine(folder, path), text);
        return await client.HgLocalization("hg").SyncToS3Async(Glue);
    }

    [Fact]
    public async Task A_copy_uploaded_to_Ceph_is_restored_and_replaced_by_another_upload() =>
        await RoundTripAsync(await S3Bench.StartAsync(ceph));

    [Fact]
    public async Task A_copy_uploaded_to_Swift_is_restored_and_replaced_by_another_upload() =>
        await RoundTripAsync(await S3Bench.StartAsync(swift));

    private static async Task RoundTripAsync(S3Bench bench)
    {
        await using S3Bench disposed = bench;
        Configure(bench);
        Assert.Equal(3, (await SyncAsync(bench, "first")).FilesSent);
        Assert.Equal(0, (await SyncAsync(bench, "first")).FilesSent);
        // The marker is sent again, because it is away while files change.
        Assert.Equal(2, (await SyncAsync(bench, "second")).FilesSent);
        Directory.Delete(bench.Project.Temp["store"], recursive: true);
        RestoreResult result = await bench.Project.RestoreAsync(Glue);
        Assert.StartsWith("data-00000-of-00001.arrow=second\ndataset_info.json={}\n", RestoreBench.Contents(result.Snapshots[0]),
            StringComparison.Ordinal);
        using HubClient client = bench.Project.NewClient();
        HgListing listing = await client.HgLocalization("hg").ListS3Async(RepoType.Dataset);
        Assert.Equal(
            [new HgCopyInfo(RepoType.Dataset, "acme/glue", "mrpc", null, IsPublic: false, IdIsGuessed: false)], listing.Copies);
    }

    [Fact]
    public async Task Concurrent_uploads_lose_no_entry_of_the_index()
    {
        await using S3Bench bench = await S3Bench.StartAsync(ceph);
        Configure(bench);
        await SyncAsync(bench, "first");
        string first = Directory.GetDirectories(bench.Project.Temp["store/by_bucket"])[0];
        string[] names = ["a", "b", "c", "d"];
        foreach (string name in names)
            bench.Project.Temp.Write(Path.GetRelativePath(bench.Project.Temp.Path,
                Path.Combine(first, name, "default_config", "default_revision", "dataset_info.json")), "{}");
        await Task.WhenAll(names.Select(async name =>
        {
            using HubClient client = bench.Project.NewClient();
            await client.HgLocalization("hg").SyncToS3Async(HgBench.Reference(name, null));
        }));
        using HubClient reader = bench.Project.NewClient();
        HgListing listing = await reader.HgLocalization("hg").ListS3Async(RepoType.Dataset);
        Assert.Equal(["a", "acme/glue", "b", "c", "d"], listing.Copies.Select(c => c.Id));
    }
}
