using System.Text;
using WiseHub.Client.Context;
using WiseHub.Client.Hubs.S3;
using WiseHub.Testing;

namespace WiseHub.Client.Tests;

/// <summary>Listing, loading, downloading and uploading with HgLocalizationClient.</summary>
public sealed class HgStoreTests
{
    private const string Tree = "acme_glue/mrpc/default_revision";

    private static readonly RepoReference Glue = HgBench.Reference("acme/glue");

    private static string State => HgBench.Dataset()[2].Text;

    private static string Show(IEnumerable<HgCopyInfo> copies) =>
        string.Join('\n', copies.Select(c => $"{c.Type.ToText()} {c.Id} {c.Config ?? "-"} "
            + $"{c.Revision ?? "-"}{(c.IsPublic ? " public" : "")}{(c.IdIsGuessed ? " guessed" : "")}"));

    private static void Place(HgBench bench, string tree, params (string Path, string Text)[] files)
    {
        foreach ((string path, string text) in files)
            bench.Temp.Write($"{LocalRoot(bench)}/{tree}/{path}", text);
    }

    private static string LocalRoot(HgBench bench)
    {
        using HubClient client = bench.Restore.NewClient();
        return Directory.Exists(bench.Temp["store/by_bucket"])
            ? Path.GetRelativePath(bench.Temp.Path, Directory.GetDirectories(bench.Temp["store/by_bucket"])[0])
            : "store/by_bucket/data_" + EndpointMark(bench);
    }

    // CA5351: the other tool's name for a folder.
#pragma warning disable CA5351
    private static string EndpointMark(HgBench bench) =>
        Convert.ToHexStringLower(System.Security.Cryptography.MD5
            .HashData(Encoding.UTF8.GetBytes(bench.Server.Endpoint.AbsoluteUri.TrimEnd('/'))))[..8];
#pragma warning restore CA5351

    private static string Checksums(string id, params (string Path, string Text)[] files) =>
        $"{{\"version\":1,\"type\":\"dataset\",\"id\":\"{id}\",\"config\":\"mrpc\",\"files\":[\n"
        + string.Join(",\n",
            files.Select(f => $"{{\"path\":\"{f.Path}\",\"size\":{f.Text.Length},\"sha256\":\"{RestoreBench.Sha256(f.Text)}\"}}"))
        + "]}\n";

    [Fact]
    public async Task An_upload_writes_the_files_the_checksums_and_the_index()
    {
        await using HgBench bench = await HgBench.StartAsync(path: "store", withKeys: true);
        Place(bench, Tree,
            [.. HgBench.Dataset(), ("dataset_card.md", "# glue"), (".hg_localization_bucket_metadata.json", "{}")]);
        HgSyncResult sent = await bench.WithAsync(hg => hg.SyncToS3Async(Glue, TestContext.Current.CancellationToken));
        Assert.Equal((4, 5L + 2 + 6 + State.Length), (sent.FilesSent, sent.BytesSent));
        (string, string)[] files = [("data-00000-of-00001.arrow", "arrow"), ("dataset_card.md", "# glue"),
            ("dataset_info.json", "{}"), ("state.json", State)];
        Assert.Equal($"""
            team/{Tree}/data-00000-of-00001.arrow 5
            team/{Tree}/dataset_card.md 6
            team/{Tree}/dataset_info.json 2
            team/{Tree}/state.json {State.Length}
            team/{Tree}/wisehub-checksums.json {Checksums("acme/glue", files).Length} json
            team/private_datasets_index.json {bench.Server.Text("team/private_datasets_index.json").Length} json
            """.ReplaceLineEndings("\n"), bench.Server.Tree);
        Assert.Equal(Checksums("acme/glue", files), bench.Server.Text($"team/{Tree}/wisehub-checksums.json"));
        string written = System.Text.RegularExpressions.Regex.Replace(bench.Server.Text("team/private_datasets_index.json"),
            @"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d", "<time>");
        Assert.Equal("""
            {
              "acme/glue---mrpc---default_revision": {
                "dataset_id": "acme/glue",
                "config_name": "mrpc",
                "revision": null,
                "s3_prefix": "team/acme_glue/mrpc/default_revision",
                "s3_bucket": "data",
                "has_card": true,
                "last_updated": "<time>"
              }
            }
            """.ReplaceLineEndings("\n"), written);
    }

    [Fact]
    public async Task The_marker_is_uploaded_after_the_files_then_the_checksums_then_the_index()
    {
        await using HgBench bench = await HgBench.StartAsync(path: "store", withKeys: true);
        Place(bench, Tree, HgBench.Dataset());
        await bench.WithAsync(hg => hg.SyncToS3Async(Glue, TestContext.Current.CancellationToken));
        Assert.Equal(["dataset_info.json", "wisehub-checksums.json", "private_datasets_index.json"],
            bench.Server.Requests.All.Where(r => r.Method == "PUT")
                .Select(r => r.Path[(r.Path.LastIndexOf('/') + 1)..]).TakeLast(3));
    }

    [Fact]
    public async Task An_unchanged_copy_is_not_uploaded_again()
    {
        await using HgBench bench = await HgBench.StartAsync(path: "store", withKeys: true);
        Place(bench, Tree, HgBench.Dataset());
        await bench.WithAsync(hg => hg.SyncToS3Async(Glue, TestContext.Current.CancellationToken));
        bench.Server.Requests.Clear();
        HgSyncResult again = await bench.WithAsync(hg => hg.SyncToS3Async(Glue, TestContext.Current.CancellationToken));
        Assert.Equal((0, 0L), (again.FilesSent, again.BytesSent));
        Assert.Equal(0, bench.Server.Requests.Count("PUT") + bench.Server.Requests.Count("DELETE"));
    }

    [Fact]
    public async Task A_changed_copy_replaces_the_old_one_and_has_no_marker_meanwhile()
    {
        await using HgBench bench = await HgBench.StartAsync(path: "store", withKeys: true);
        Place(bench, Tree, [.. HgBench.Dataset("old"), ("gone", "x")]);
        await bench.WithAsync(hg => hg.SyncToS3Async(Glue, TestContext.Current.CancellationToken));
        File.Delete(bench.Temp[$"{LocalRoot(bench)}/{Tree}/gone"]);
        Place(bench, Tree, ("data-00000-of-00001.arrow", "new"));
        var seen = new List<string>();
        bench.Server.BeforePut = key =>
        {
            if (key.EndsWith(".arrow", StringComparison.Ordinal))
                seen.AddRange(bench.Server.Objects.Keys.Where(k => k.Contains(Tree, StringComparison.Ordinal))
                    .Order(StringComparer.Ordinal).Select(k => k[(k.LastIndexOf('/') + 1)..]));
        };
        Assert.Equal(2, (await bench.WithAsync(hg => hg.SyncToS3Async(Glue, TestContext.Current.CancellationToken))).FilesSent);
        Assert.Equal(["data-00000-of-00001.arrow", "gone", "state.json"], seen);
        Assert.Equal(["data-00000-of-00001.arrow", "dataset_info.json", "state.json", "wisehub-checksums.json"],
            bench.Server.Objects.Keys.Where(k => k.Contains(Tree, StringComparison.Ordinal))
                .Select(k => k[(k.LastIndexOf('/') + 1)..]).Order(StringComparer.Ordinal));
        Assert.Equal("new", bench.Server.Text($"team/{Tree}/data-00000-of-00001.arrow"));
    }

    [Theory]
    [InlineData("acl")]
    [InlineData("policy")]
    public async Task An_upload_is_private_with_either_kind_of_public_access(string publicAccess)
    {
        await using HgBench bench = await HgBench.StartAsync(path: "store", withKeys: true);
        bench.Restore.Configure(File.ReadAllText(bench.Temp["wisehub.json"]).Replace("\"pathStyle\"",
            $"\"publicAccess\":\"{publicAccess}\",\"pathStyle\"", StringComparison.Ordinal));
        Place(bench, Tree, HgBench.Dataset());
        await bench.WithAsync(hg => hg.SyncToS3Async(Glue, TestContext.Current.CancellationToken));
        Assert.Equal(5, bench.Server.Objects.Count);
        Assert.DoesNotContain("public", bench.Server.Tree, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_public_object_has_the_ACL_and_its_content_type()
    {
        await using HgBench bench = await HgBench.StartAsync(path: "store", withKeys: true);
        using var services = new ClientContext(bench.Restore.Options);
        Bucket bucket = BucketProtocol.Open(services, services.Config.Find("hg"));
        using var uploads = new BucketUploads(bucket, services.Http("hg"), bench.Restore.Log, TimeProvider.System);
        bench.Temp.Write("file", "content");
        await uploads.PutAsync("a.json", "{}"u8.ToArray(), new PutOptions { PublicRead = true, ContentType = "application/json" },
            TestContext.Current.CancellationToken);
        await uploads.UploadAsync("b", bench.Temp["file"], FileHashes.Of(bench.Temp["file"],
            TestContext.Current.CancellationToken), new PutOptions { PublicRead = true }, TestContext.Current.CancellationToken);
        await uploads.PutAsync("c", "x"u8.ToArray(), new PutOptions(), TestContext.Current.CancellationToken);
        Assert.Equal("team/a.json 2 public json\nteam/b 7 public\nteam/c 1", bench.Server.Tree);
    }

    [Fact]
    public async Task Uploading_changed_files_warns_that_the_published_archive_is_outdated()
    {
        await using HgBench bench = await HgBench.StartAsync(path: "store", withKeys: true);
        Place(bench, Tree, HgBench.Dataset());
        bench.Publish("acme/glue", "mrpc", HgBench.Dataset("old"));
        string told = "warning WISE2073: dataset acme/glue, configuration mrpc: the published archive "
            + "<server>/data/team/public_datasets_zip/acme_glue---mrpc---default_revision.zip is now older than the uploaded "
            + "copy. Remove that archive and publish the copy again: hg_localization itself never replaces an existing archive.";
        await bench.WithAsync(hg => hg.SyncToS3Async(Glue, TestContext.Current.CancellationToken));
        Assert.Single(bench.Log.Split('\n'), l => l == told);
        await bench.WithAsync(hg => hg.SyncToS3Async(Glue, TestContext.Current.CancellationToken));
        Assert.Single(bench.Log.Split('\n'), l => l == told);
    }

    [Fact]
    public async Task An_unreadable_public_manifest_does_not_fail_an_upload()
    {
        await using HgBench bench = await HgBench.StartAsync(path: "store", withKeys: true);
        Place(bench, Tree, HgBench.Dataset());
        bench.Server.Put("team/public_datasets.json", "<html>", isPublic: true);
        Assert.Equal(3, (await bench.WithAsync(hg => hg.SyncToS3Async(Glue, TestContext.Current.CancellationToken))).FilesSent);
        Assert.Contains("info: dataset acme/glue, configuration mrpc: it is not known whether this copy is published: "
            + "<server>/data/team/public_datasets.json cannot be used: it is not JSON (", bench.Log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_interrupted_upload_leaves_no_copy_that_looks_complete()
    {
        await using HgBench bench = await HgBench.StartAsync(path: "store", withKeys: true);
        Place(bench, Tree, HgBench.Dataset());
        bench.Server.Refuse =
            (method, key) => method == "PUT" && key.EndsWith("state.json", StringComparison.Ordinal) ? "AccessDenied" : null;
        Assert.StartsWith($"WISE2016: The hub 'hg' answered 403 at <server>/data/team/{Tree}/state.json",
            await bench.FailureAsync(hg => hg.SyncToS3Async(Glue, TestContext.Current.CancellationToken)),
            StringComparison.Ordinal);
        Assert.DoesNotContain(bench.Server.Objects.Keys, k => k.EndsWith("dataset_info.json", StringComparison.Ordinal)
            || k.EndsWith("checksums.json", StringComparison.Ordinal) || k.EndsWith("index.json", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Concurrent_writes_of_the_index_lose_no_entry()
    {
        await using HgBench bench = await HgBench.StartAsync(path: "store", withKeys: true);
        Place(bench, Tree, HgBench.Dataset());
        int others = 0;
        bench.Server.BeforePut = key =>
        {
            if (key == "team/private_datasets_index.json" && others < 2)
                bench.Server.Put(key, $$$"""
                    {"other{{{++others}}}---default_config---default_revision":{"dataset_id":"other{{{others}}}",
                     "config_name":null,"revision":null,"theirs":1}}
                    """);
        };
        await bench.WithAsync(hg => hg.SyncToS3Async(Glue, TestContext.Current.CancellationToken));
        string index = bench.Server.Text("team/private_datasets_index.json");
        Assert.StartsWith("{\n  \"other2---default_config---default_revision\": {\n    \"dataset_id\": \"other2\",\n"
            + "    \"config_name\": null,\n    \"revision\": null,\n    \"theirs\": 1\n  },\n"
            + "  \"acme/glue---mrpc---default_revision\": {", index, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_index_that_keeps_changing_is_an_error_after_all_attempts()
    {
        await using HgBench bench = await HgBench.StartAsync(path: "store", withKeys: true);
        Place(bench, Tree, HgBench.Dataset());
        int others = 0;
        bench.Server.BeforePut = key =>
        {
            if (key == "team/private_datasets_index.json")
                bench.Server.Put(key, $$$"""{"o---default_config---default_revision":{"dataset_id":"o","n":{{{++others}}}}}""");
        };
        using var client = bench.Restore.NewClient(o => o with { Time = new SkippingTime() });
        HubException e = await Assert.ThrowsAsync<HubException>(
            () => client.HgLocalization("hg").SyncToS3Async(Glue, TestContext.Current.CancellationToken));
        Assert.Equal("WISE2055: dataset acme/glue, configuration mrpc: the files are in the bucket, but another program changed "
            + "<server>/data/team/private_datasets_index.json during each of the 8 attempts to write it. Run the command again; "
            + "uploaded files are not sent twice.", bench.Restore.Show(e));
    }

    [Fact]
    public async Task A_corrupted_index_is_not_replaced()
    {
        await using HgBench bench = await HgBench.StartAsync(path: "store", withKeys: true);
        Place(bench, Tree, HgBench.Dataset());
        bench.Server.Put("team/private_datasets_index.json", "{ \"cut");
        Assert.StartsWith("WISE2050: <server>/data/team/private_datasets_index.json cannot be used: ",
            await bench.FailureAsync(hg => hg.SyncToS3Async(Glue, TestContext.Current.CancellationToken)),
            StringComparison.Ordinal);
        Assert.Equal("{ \"cut", bench.Server.Text("team/private_datasets_index.json"));
    }

    [Fact]
    public async Task The_copy_of_another_id_in_the_same_folder_is_not_overwritten()
    {
        await using HgBench bench = await HgBench.StartAsync(path: "store", withKeys: true);
        Place(bench, Tree, HgBench.Dataset());
        await bench.WithAsync(hg => hg.SyncToS3Async(Glue, TestContext.Current.CancellationToken));
        Assert.StartsWith("WISE2051: dataset acme_glue, configuration mrpc: <server>/data/team/acme_glue/mrpc/default_revision/ "
            + "holds dataset acme/glue, configuration mrpc. ",
            await bench.FailureAsync(hg => hg.SyncToS3Async(HgBench.Reference("acme_glue"),
                TestContext.Current.CancellationToken)), StringComparison.Ordinal);
        bench.Server.Objects.TryRemove("team/private_datasets_index.json", out _);
        Assert.StartsWith("WISE2051: ", await bench.FailureAsync(hg => hg.SyncToS3Async(HgBench.Reference("acme_glue"),
            TestContext.Current.CancellationToken)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_uploaded_copy_is_verified_by_its_checksums()
    {
        await using HgBench bench = await HgBench.StartAsync(path: "store", withKeys: true);
        Place(bench, Tree, HgBench.Dataset());
        await bench.WithAsync(hg => hg.SyncToS3Async(Glue, TestContext.Current.CancellationToken));
        Directory.Delete(bench.Temp["store"], recursive: true);
        bench.Server.Requests.Clear();
        await bench.RunAsync(Glue);
        Assert.Equal(5, bench.Server.Requests.All.Count);
        bench.Server.Put($"team/{Tree}/data-00000-of-00001.arrow", "arroW");
        Directory.Delete(bench.Restore.Cache, recursive: true);
        File.Delete(bench.Restore.LockFile);
        Assert.StartsWith("WISE3001: dataset acme/glue data-00000-of-00001.arrow: ", await bench.FailureAsync(Glue),
            StringComparison.Ordinal);
        bench.Server.Put($"team/{Tree}/data-00000-of-00001.arrow", "longer");
        Assert.StartsWith($"WISE3040: The copy at <server>/data/team/{Tree}/ is incomplete: 'data-00000-of-00001.arrow' has 6 "
            + "bytes, but wisehub-checksums.json says 5. ", await bench.FailureAsync(Glue), StringComparison.Ordinal);
        bench.Server.Objects.TryRemove($"team/{Tree}/data-00000-of-00001.arrow", out _);
        Assert.StartsWith($"WISE3040: The copy at <server>/data/team/{Tree}/ is incomplete: wisehub-checksums.json lists "
            + "'data-00000-of-00001.arrow', which is missing. ", await bench.FailureAsync(Glue), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_sync_without_a_copy_a_bucket_or_keys_is_an_error()
    {
        await using HgBench bench = await HgBench.StartAsync(path: "store");
        Assert.Equal("WISE1036: dataset acme/glue, configuration mrpc cannot be uploaded: no credentials for the bucket 'data' "
            + "were found. Set HGLOC_AWS_ACCESS_KEY_ID and HGLOC_AWS_SECRET_ACCESS_KEY in the environment or in a .env file.",
            await bench.FailureAsync(hg => hg.SyncToS3Async(Glue)));
        bench.Restore.SetEnvironment("HGLOC_AWS_ACCESS_KEY_ID", "KEY");
        bench.Restore.SetEnvironment("HGLOC_AWS_SECRET_ACCESS_KEY", "SECRET");
        Assert.StartsWith("WISE2002: dataset acme/glue, configuration mrpc is not in the local store "
            + "(<temp>/store/by_bucket/data_", await bench.FailureAsync(hg => hg.SyncToS3Async(Glue)), StringComparison.Ordinal);
        bench.Restore.Configure("{}");
        Assert.Equal("WISE1036: No bucket is configured. Set HGLOC_S3_BUCKET_NAME in the environment or in a .env file, or give "
            + "the hub 'hg-localization' a 'bucket' in wisehub.json.",
            await bench.FailureAsync(hg => hg.SyncToS3Async(Glue), hub: null));
        Assert.Equal("", bench.Asked);
    }

    [Fact]
    public async Task A_published_dataset_is_loaded_into_the_public_folder_of_the_local_store()
    {
        await using HgBench bench = await HgBench.StartAsync(path: "store");
        bench.Publish("acme/glue", "mrpc", HgBench.Dataset());
        HgLocalCopy copy = await bench.WithAsync(hg => hg.LoadAsync(Glue, TestContext.Current.CancellationToken));
        string folder = $"store/public/by_bucket/data_{EndpointMark(bench)}/{Tree}";
        Assert.Equal((bench.Temp[folder], false, "data-00000-of-00001.arrow dataset_info.json state.json"),
            (copy.Directory, copy.WasThere, string.Join(' ', copy.Files)));
        string metadata = System.Text.RegularExpressions.Regex.Replace(File.ReadAllText(bench.Temp[folder
            + "/.hg_localization_bucket_metadata.json"]), @"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d", "<time>");
        Assert.Equal($$"""
            {
              "s3_bucket_name": "data",
              "s3_endpoint_url": "{{bench.Server.Endpoint.AbsoluteUri.TrimEnd('/')}}",
              "s3_data_prefix": "team",
              "cached_timestamp": "<time>",
              "is_public": true
            }
            """.ReplaceLineEndings("\n"), metadata);
        Assert.Equal($"{Tree}/.hg_localization_bucket_metadata.json {metadata.Length + 13}\n{Tree}/data-00000-of-00001.arrow 5\n"
            + $"{Tree}/dataset_info.json 2\n{Tree}/state.json {State.Length}\n"
            + $"{Tree}/wisehub-checksums.json {Checksums("acme/glue", [.. HgBench.Dataset()]).Length}",
            TempFolder.Tree(bench.Temp[$"store/public/by_bucket/data_{EndpointMark(bench)}"]));
        bench.Server.Requests.Clear();
        Assert.True((await bench.WithAsync(hg => hg.LoadAsync(Glue, TestContext.Current.CancellationToken))).WasThere);
        Assert.Equal("", bench.Asked);
        Assert.Equal("dataset acme/glue mrpc - public",
            Show(await bench.WithAsync(hg => Task.FromResult(hg.ListLocal(RepoType.Dataset)))));
    }

    [Fact]
    public async Task Loading_a_missing_copy_sends_no_request_to_Hugging_Face_and_writes_nothing()
    {
        await using HgBench bench = await HgBench.StartAsync(path: "store");
        bench.Restore.SetEnvironment("HF_ENDPOINT", bench.Server.Endpoint.AbsoluteUri);
        Assert.StartsWith("WISE2002: dataset acme/glue, configuration mrpc: the hub 'hg' has no such copy (<temp>/store/",
            await bench.FailureAsync(hg => hg.LoadAsync(Glue)), StringComparison.Ordinal);
        Assert.Equal(
            "anyone GET /data/team/public_datasets.json 403\nanyone GET /data/team/public_datasets.json 403", bench.Asked);
        Assert.Equal("", TempFolder.Tree(bench.Temp["store"]));
    }

    [Fact]
    public async Task Loading_does_not_touch_a_folder_that_is_not_a_complete_copy()
    {
        await using HgBench bench = await HgBench.StartAsync(path: "store", withKeys: true);
        bench.PutTree(Tree, HgBench.Dataset());
        Place(bench, Tree, ("notes.txt", "mine"));
        Assert.StartsWith("WISE3040: dataset acme/glue, configuration mrpc: <temp>/store/by_bucket/data_",
            await bench.FailureAsync(hg => hg.LoadAsync(Glue)), StringComparison.Ordinal);
        Assert.Equal($"{Tree}/notes.txt 4", TempFolder.Tree(bench.Temp[LocalRoot(bench)]));
    }

    [Fact]
    public async Task A_bucket_list_joins_manifest_and_index_and_says_if_it_is_only_the_public_part()
    {
        await using HgBench bench = await HgBench.StartAsync();
        bench.Publish("acme/glue", "mrpc", HgBench.Dataset());
        bench.Server.Put("team/private_datasets_index.json", """
            {"acme/glue---mrpc---default_revision":{"dataset_id":"acme/glue","config_name":"mrpc","revision":null},
             "a_b---default_config---v1":{"dataset_id":"a_b","config_name":null,"revision":"v1"}}
            """);
        HgListing seen = await bench.WithAsync(hg => hg.ListS3Async(RepoType.Dataset, TestContext.Current.CancellationToken));
        Assert.Equal(("dataset acme/glue mrpc - public", true), (Show(seen.Copies), seen.OnlyPublic));
        bench.Restore.SetEnvironment("HGLOC_AWS_ACCESS_KEY_ID", "KEY");
        bench.Restore.SetEnvironment("HGLOC_AWS_SECRET_ACCESS_KEY", "SECRET");
        HgListing all = await bench.WithAsync(hg => hg.ListS3Async(RepoType.Dataset, TestContext.Current.CancellationToken));
        Assert.Equal(("dataset a_b - v1\ndataset acme/glue mrpc - public", false), (Show(all.Copies), all.OnlyPublic));
    }

    [Fact]
    public async Task Without_an_index_copies_are_listed_from_the_keys_with_guessed_ids()
    {
        await using HgBench bench = await HgBench.StartAsync(withKeys: true);
        bench.PutTree(Tree, HgBench.Dataset());
        bench.PutTree("squad/default_config/v1", HgBench.Dataset());
        bench.PutTree("models/acme_bert/default_revision", ("config.json", "{}"), ("sub/x/config.json", "{}"));
        bench.PutTree("public_datasets_zip", ("x---y---z.zip", "zip"));
        Assert.Equal("dataset acme/glue mrpc - guessed\ndataset squad - v1",
            Show((await bench.WithAsync(hg => hg.ListS3Async(RepoType.Dataset, TestContext.Current.CancellationToken))).Copies));
        Assert.Equal("model acme/bert - - guessed",
            Show((await bench.WithAsync(hg => hg.ListS3Async(RepoType.Model, TestContext.Current.CancellationToken))).Copies));
    }

    [Fact]
    public async Task A_model_from_Hugging_Face_is_stored_and_uploaded_under_hg_localization_names()
    {
        await using TestHub hugging = await TestHub.StartAsync();
        hugging.CreateRepo("acme/bert").Commit(new Dictionary<string, byte[]?>
        {
            ["README.md"] = "# card"u8.ToArray(),
            ["config.json"] = "{}"u8.ToArray(),
            ["model.safetensors"] = "w"u8.ToArray()
        });
        await using HgBench bench = await HgBench.StartAsync(path: "store", withKeys: true);
        bench.Restore.SetEnvironment("HF_ENDPOINT", hugging.Endpoint.AbsoluteUri);
        RepoReference model = HgBench.Reference("acme/bert", null, RepoType.Model);
        HgLocalCopy card = await bench.WithAsync(
            hg => hg.DownloadAsync(model with { Files = new FileSelection(["model_card.md", "config.json"], []) }, upload: false,
                TestContext.Current.CancellationToken));
        Assert.Equal(("config.json model_card.md", false), (string.Join(' ', card.Files), card.Uploaded));
        Directory.Delete(bench.Temp["store"], recursive: true);
        HgLocalCopy whole = await bench.WithAsync(hg => hg.DownloadAsync(model, cancel: TestContext.Current.CancellationToken));
        Assert.Equal(("README.md config.json model.safetensors model_card.md", true),
            (string.Join(' ', whole.Files), whole.Uploaded));
        Assert.Contains("\"is_full_model\": true", bench.Server.Text("team/private_models_index.json"), StringComparison.Ordinal);
        Assert.Contains("team/models/acme_bert/default_revision/model.safetensors 1", bench.Server.Tree,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task Downloading_a_configuration_from_Hugging_Face_is_an_error()
    {
        await using HgBench bench = await HgBench.StartAsync(path: "store");
        Assert.Contains("Hugging Face has files, not configurations, so 'mrpc' cannot be requested there. ",
            await bench.FailureAsync(hg => hg.DownloadAsync(Glue)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_any_setting_the_store_is_in_the_working_folder()
    {
        await using HgBench bench = await HgBench.StartAsync();
        bench.Restore.Configure("{}");
        bench.Temp.Write("datasets_store/mine/default_config/default_revision/dataset_info.json", "{}");
        bench.Temp.Write("datasets_store/public/a_b/x/y/dataset_dict.json", "{}");
        Assert.Equal("dataset a/b x y public guessed\ndataset mine - -",
            Show(await bench.WithAsync(hg => Task.FromResult(hg.ListLocal(RepoType.Dataset)), hub: null)));
        Assert.Equal(bench.Temp["datasets_store/mine/default_config/default_revision"],
            (await bench.WithAsync(hg => hg.LoadAsync(HgBench.Reference("mine", null)), hub: null)).Directory);
    }
}
