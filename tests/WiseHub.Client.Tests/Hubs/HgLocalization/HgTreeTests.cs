using WiseHub.Testing;

namespace WiseHub.Client.Tests;

/// <summary>Reading private copies in a bucket, and local copies.</summary>
public sealed class HgTreeTests
{
    private const string Tree = "glue/mrpc/default_revision", Contents = "data-00000-of-00001.arrow=arrow\ndataset_info.json={}\n"
        + "state.json={\"_data_files\":[{\"filename\":\"data-00000-of-00001.arrow\"}]}";

    [Fact]
    public async Task A_private_copy_is_listed_and_each_file_takes_one_request()
    {
        await using HgBench bench = await HgBench.StartAsync(withKeys: true);
        bench.PutTree(Tree, HgBench.Dataset());
        Assert.Equal(Contents, await bench.RunAsync(HgBench.Reference()));
        string[] asked = [.. bench.Server.Requests.All.Select(r => r.ToString())];
        Assert.Equal([$"keys GET /data/?prefix=team/{Tree}/ 200", $"keys GET /data/team/{Tree}/state.json 200",
            "keys GET /data/team/private_datasets_index.json 404"], asked[..3]);
        Assert.Equal([$"keys GET /data/team/{Tree}/data-00000-of-00001.arrow 200",
            $"keys GET /data/team/{Tree}/dataset_info.json 200", $"keys GET /data/team/{Tree}/state.json 200"],
            asked[3..].Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_bucket_listing_of_several_pages_is_read_completely()
    {
        await using HgBench bench = await HgBench.StartAsync(withKeys: true);
        bench.PutTree(Tree, [.. HgBench.Dataset(), ("more/a", "1"), ("more/b", "2")]);
        bench.Server.PageSize = 2;
        Assert.Equal("data-00000-of-00001.arrow=arrow\ndataset_info.json={}\nmore/a=1\nmore/b=2\n" + Contents.Split('\n')[2],
            await bench.RunAsync(HgBench.Reference()));
    }

    [Fact]
    public async Task The_private_copy_is_preferred_and_the_public_archive_is_the_fallback()
    {
        await using HgBench bench = await HgBench.StartAsync(withKeys: true);
        bench.Publish("glue", "mrpc", HgBench.Dataset("public"));
        Assert.StartsWith("data-00000-of-00001.arrow=public", await bench.RunAsync(HgBench.Reference()),
            StringComparison.Ordinal);
        bench.PutTree(Tree, HgBench.Dataset("private"));
        File.Delete(bench.Restore.LockFile);
        Assert.StartsWith("data-00000-of-00001.arrow=private", await bench.RunAsync(HgBench.Reference()),
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task Two_keys_that_differ_only_in_Unicode_composition_are_refused()
    {
        await using HgBench bench = await HgBench.StartAsync(withKeys: true);
        bench.PutTree("glue/mrpc/default_revision", [.. HgBench.Dataset(), ("cafe\u0301.txt", "decomposed")]);
        RepoReference texts = HgBench.Reference() with { Files = new FileSelection(["*.txt"], []) };
        Assert.Equal("cafe\u0301.txt=decomposed", await bench.RunAsync(texts));
        File.Delete(bench.Restore.LockFile);
        bench.PutTree("glue/mrpc/default_revision", ("caf\u00e9.txt", "composed"));
        Assert.StartsWith("WISE3004: ", await bench.FailureAsync(texts), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_changed_object_is_a_new_commit()
    {
        await using HgBench bench = await HgBench.StartAsync(withKeys: true);
        bench.PutTree(Tree, HgBench.Dataset("old"));
        using HubClient client = bench.Restore.NewClient();
        Snapshot before = await client.DownloadAsync(HgBench.Reference(), cancel: TestContext.Current.CancellationToken);
        bench.PutTree(Tree, HgBench.Dataset("new"));
        Snapshot after = await client.DownloadAsync(HgBench.Reference(), cancel: TestContext.Current.CancellationToken);
        Assert.NotEqual(before.Commit, after.Commit);
        Assert.Equal("new", File.ReadAllText(after.Files[0].BlobPath));
    }

    [Fact]
    public async Task A_private_copy_without_a_marker_file_does_not_exist()
    {
        await using HgBench bench = await HgBench.StartAsync(withKeys: true);
        bench.PutTree(Tree, ("data.arrow", "x"));
        Assert.Equal($"WISE2002: dataset glue, configuration mrpc: the hub 'hg' has no such copy (<server>/data/team/{Tree}/, "
            + "<server>/data/team/public_datasets.json). Id, configuration and revision must be spelled as at "
            + "the upload.", await bench.FailureAsync(HgBench.Reference()));
    }

    [Fact]
    public async Task A_private_copy_that_lacks_a_file_named_in_its_state_is_incomplete()
    {
        await using HgBench bench = await HgBench.StartAsync(withKeys: true);
        bench.PutTree(Tree, HgBench.Dataset()[1..]);
        Assert.StartsWith($"WISE3040: The copy at <server>/data/team/{Tree}/ is incomplete: 'data-00000-of-00001.arrow' is "
            + "missing. ",
            await bench.FailureAsync(HgBench.Reference()), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_folder_that_belongs_to_another_id_in_the_index_is_refused()
    {
        await using HgBench bench = await HgBench.StartAsync(withKeys: true);
        bench.PutTree("a_b/default_config/default_revision", HgBench.Dataset());
        bench.Server.Put("team/private_datasets_index.json",
            """{"a_b---default_config---default_revision":{"dataset_id":"a_b","config_name":null,"revision":null}}""");
        Assert.Equal("WISE2051: dataset a/b: <server>/data/team/a_b/default_config/default_revision/ holds dataset a_b. Both "
            + "names have the same folder, because hg_localization writes '_' for '/'. Rename one of the two, or give it its "
            + "own configuration or revision.", await bench.FailureAsync(HgBench.Reference("a/b", null)));
        Assert.Equal(Contents, await bench.RunAsync(HgBench.Reference("a_b", null)));
    }

    [Theory]
    [InlineData("pytorch_model.bin")]
    [InlineData("model.safetensors")]
    [InlineData("model-00001-of-00002.safetensors")]
    public async Task A_model_with_its_configuration_and_any_weights_is_complete(string weights)
    {
        await using HgBench bench = await HgBench.StartAsync(withKeys: true);
        bench.PutTree("models/acme_bert/v1", ("config.json", "{}"), (weights, TinyWeights.Safetensors));
        Assert.Equal($"config.json={{}}\n{weights}={TinyWeights.Safetensors}", await bench.RunAsync(
            HgBench.Reference("acme/bert", null, RepoType.Model, "v1")));
    }

    [Fact]
    public async Task A_model_that_lacks_a_shard_is_incomplete()
    {
        await using HgBench bench = await HgBench.StartAsync(withKeys: true);
        (string, string)[] files = [("config.json", "{}"), ("model-00001-of-00002.safetensors", TinyWeights.Safetensors),
            ("model.safetensors.index.json",
                """{"weight_map":{"a":"model-00001-of-00002.safetensors","b":"model-00002-of-00002.safetensors"}}""")];
        bench.PutTree("models/acme_bert/default_revision", files);
        RepoReference model = HgBench.Reference("acme/bert", null, RepoType.Model);
        Assert.StartsWith("WISE3040: The copy at <server>/data/team/models/acme_bert/default_revision/ is incomplete: "
            + "'model.safetensors.index.json' names 'model-00002-of-00002.safetensors', which is missing. ",
            await bench.FailureAsync(model), StringComparison.Ordinal);
        bench.PutTree("models/acme_bert/default_revision", ("model-00002-of-00002.safetensors", TinyWeights.Safetensors));
        Assert.StartsWith($"config.json={{}}\nmodel-00001-of-00002.safetensors={TinyWeights.Safetensors}\n"
            + $"model-00002-of-00002.safetensors={TinyWeights.Safetensors}\n",
            await bench.RunAsync(model), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("InvalidAccessKeyId", "WISE2043")]
    [InlineData("SignatureDoesNotMatch", "WISE2043")]
    [InlineData("RequestTimeTooSkewed", "WISE2042")]
    [InlineData("AccessDenied", "WISE2016")]
    public async Task Wrong_keys_are_an_error_although_a_public_archive_exists(string said, string code)
    {
        await using HgBench bench = await HgBench.StartAsync(withKeys: true);
        bench.Publish("glue", "mrpc", HgBench.Dataset());
        bench.Server.Refuse = (_, key) => key.Length == 0 ? said : null;
        string failure = await bench.FailureAsync(HgBench.Reference());
        Assert.StartsWith($"{code}: The hub 'hg' answered 403 at <server>/data/", failure, StringComparison.Ordinal);
        Assert.DoesNotContain("SECRET", failure, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_local_copy_is_preferred_and_takes_no_request()
    {
        await using HgBench bench = await HgBench.StartAsync(path: "store", withKeys: true);
        foreach ((string path, string text) in HgBench.Dataset())
            bench.Temp.Write($"store/by_bucket/data_{Mark(bench)}/{Tree}/{path}", text);
        bench.Temp.Write($"store/by_bucket/data_{Mark(bench)}/{Tree}/.hg_localization_bucket_metadata.json", "{}");
        Assert.Equal(Contents, await bench.RunAsync(HgBench.Reference()));
        Assert.Equal("", bench.Asked);
    }

    [Fact]
    public async Task A_local_copy_that_does_not_match_the_lock_file_is_skipped()
    {
        await using HgBench bench = await HgBench.StartAsync(path: "store", withKeys: true);
        bench.PutTree(Tree, HgBench.Dataset("right"));
        await bench.RunAsync(HgBench.Reference());
        Directory.Delete(bench.Restore.Cache, recursive: true);
        foreach ((string path, string text) in HgBench.Dataset("other"))
            bench.Temp.Write($"store/by_bucket/data_{Mark(bench)}/{Tree}/{path}", text);
        Assert.StartsWith("data-00000-of-00001.arrow=right", await bench.RunAsync(HgBench.Reference()), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_manually_placed_folder_with_a_marker_file_is_a_copy()
    {
        using var bench = new RestoreBench();
        bench.Configure("""{"hubs":{"hg":{"protocol":"hg-localization","path":"store"}}}""");
        bench.Temp.Write("store/mine/default_config/default_revision/dataset_info.json", "{}");
        bench.Temp.Write("store/mine/default_config/default_revision/rows.csv", "a,b");
        bench.Temp.Write("store/models/acme_bert/default_revision/config.json", "{}");
        bench.Temp.Write("store/models/acme_bert/default_revision/pytorch_model.bin", "w");
        RestoreResult result = await bench.RestoreAsync(HgBench.Reference("mine", null) with { Hubs = ["hg"] },
            HgBench.Reference("acme/bert", null, RepoType.Model) with { Hubs = ["hg"], Waive = ["pickle"] });
        Assert.Equal(["dataset_info.json={}\nrows.csv=a,b", "config.json={}\npytorch_model.bin=w"],
            result.Snapshots.Select(RestoreBench.Contents));
    }

    [Fact]
    public async Task Offline_a_local_copy_is_used_and_no_request_is_sent()
    {
        await using HgBench bench = await HgBench.StartAsync(path: "store", withKeys: true);
        bench.Restore.SetEnvironment("WISEHUB_OFFLINE", "1");
        foreach ((string path, string text) in HgBench.Dataset())
            bench.Temp.Write($"store/by_bucket/data_{Mark(bench)}/{Tree}/{path}", text);
        Assert.Equal(Contents, await bench.RunAsync(HgBench.Reference()));
        Assert.StartsWith("WISE2002: dataset squad: the hub 'hg' has no such copy (",
            await bench.FailureAsync(HgBench.Reference("squad", null)), StringComparison.Ordinal);
        Assert.Equal("", bench.Asked);
    }

    [Fact]
    public async Task Offline_each_configuration_is_restored_as_last_seen()
    {
        await using HgBench bench = await HgBench.StartAsync(withKeys: true);
        bench.PutTree(Tree, HgBench.Dataset("one"));
        bench.PutTree("glue/co.la/default_revision", HgBench.Dataset("two"));
        using (HubClient online = bench.Restore.NewClient())
        {
            await online.DownloadAsync(HgBench.Reference(), cancel: TestContext.Current.CancellationToken);
            await online.DownloadAsync(HgBench.Reference(config: "co.la"), cancel: TestContext.Current.CancellationToken);
        }
        bench.Server.Requests.Clear();
        using HubClient offline = bench.Restore.NewClient(o => o with { Offline = true });
        Assert.StartsWith("data-00000-of-00001.arrow=one\n", RestoreBench.Contents(await offline.DownloadAsync(
            HgBench.Reference(), cancel: TestContext.Current.CancellationToken)), StringComparison.Ordinal);
        Assert.StartsWith("data-00000-of-00001.arrow=two\n", RestoreBench.Contents(await offline.DownloadAsync(
            HgBench.Reference(config: "co.la"), cancel: TestContext.Current.CancellationToken)), StringComparison.Ordinal);
        Assert.Equal("", bench.Asked);
    }

    [Fact]
    public async Task Another_selection_of_a_locked_copy_lists_it_again_and_fails_if_it_changed()
    {
        await using HgBench bench = await HgBench.StartAsync(withKeys: true);
        bench.PutTree("glue/mrpc/v1", HgBench.Dataset());
        RepoReference some = HgBench.Reference(revision: "v1") with { Files = new FileSelection(["*.json"], []) };
        await bench.RunAsync(some);
        Directory.Delete(bench.Restore.Cache, recursive: true);
        RepoReference all = HgBench.Reference(revision: "v1");
        Assert.Equal(Contents, await bench.RunAsync(all));
        File.WriteAllText(bench.Restore.LockFile,
            bench.Restore.LockText.Replace("{\"allow\":[\"*.json\"]},{}", "{\"allow\":[\"*.json\"]}", StringComparison.Ordinal));
        Directory.Delete(bench.Restore.Cache, recursive: true);
        bench.PutTree("glue/mrpc/v1", ("data-00000-of-00001.arrow", "other"));
        Assert.StartsWith("WISE2054: dataset glue, configuration mrpc, revision v1: <server>/data/team/glue/mrpc/v1/ is now at ",
            await bench.FailureAsync(HgBench.Reference(revision: "v1") with { Files = new FileSelection(["*.arrow"], []) }),
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task Variables_alone_define_the_hub_hg_localization()
    {
        await using HgBench bench = await HgBench.StartAsync();
        bench.Publish("glue", "mrpc", HgBench.Dataset());
        bench.Restore.Configure("{}");
        bench.Temp.Write(".env",
            $"HGLOC_S3_BUCKET_NAME=data\nHGLOC_S3_DATA_PREFIX=team/\nHGLOC_S3_ENDPOINT_URL={bench.Server.Endpoint}\n");
        Assert.Equal(Contents, await bench.RunAsync(HgBench.Reference() with { Hubs = ["hg-localization"] }));
    }

    [Fact]
    public async Task A_model_configuration_and_unsupported_types_are_errors_before_any_request()
    {
        await using HgBench bench = await HgBench.StartAsync();
        Assert.Equal("WISE1013: acme/bert: a model has no configurations; on the hub 'hg' only datasets "
            + "have them. Remove Config.", await bench.FailureAsync(HgBench.Reference("acme/bert", "x", RepoType.Model)));
        Assert.Equal("WISE1018: space acme/bert: the hub 'hg' (hg_localization) has only models and datasets. "
            + "Correct RepoType or Hub.", await bench.FailureAsync(HgBench.Reference("acme/bert", null, RepoType.Space)));
        Assert.StartsWith("WISE1035: dataset glue, configuration ..: ", await bench.FailureAsync(HgBench.Reference(config: "..")),
            StringComparison.Ordinal);
        Assert.Equal("", bench.Asked);
    }

    // CA5351: the other tool's name for a folder.
#pragma warning disable CA5351
    private static string Mark(HgBench bench) =>
        Convert.ToHexStringLower(System.Security.Cryptography.MD5
            .HashData(System.Text.Encoding.UTF8.GetBytes(bench.Server.Endpoint.AbsoluteUri.TrimEnd('/'))))[..8];
#pragma warning restore CA5351
}
