using WiseHub.Testing;
using WiseHub.Testing.HgBucket;

namespace WiseHub.Client.Tests;

/// <summary>Reading what a bucket of hg_localization publishes, without credentials.</summary>
public sealed class HgPublicTests
{
    private const string Zip = "team/public_datasets_zip/glue---mrpc---default_revision.zip", List = "team/public_datasets.json";

    private const string Contents = "data-00000-of-00001.arrow=arrow\ndataset_info.json={}\n"
        + "state.json={\"_data_files\":[{\"filename\":\"data-00000-of-00001.arrow\"}]}";

    [Fact]
    public async Task A_published_dataset_is_read_anonymously_from_manifest_and_archive()
    {
        await using HgBench bench = await HgBench.StartAsync();
        bench.Publish("glue", "mrpc", HgBench.Dataset());
        Assert.Equal(Contents, await bench.RunAsync(HgBench.Reference()));
        Assert.Equal($"anyone GET /data/{List} 200\nanyone HEAD /data/{Zip} 200\nanyone GET /data/{Zip} 200", bench.Asked);
    }

    [Fact]
    public async Task The_lock_file_has_configuration_and_digests_and_saves_every_request()
    {
        await using HgBench bench = await HgBench.StartAsync();
        bench.Publish("glue", "mrpc", HgBench.Dataset());
        await bench.RunAsync(HgBench.Reference());
        Assert.Contains("\"repoType\":\"dataset\",\"repoId\":\"glue\",\"hub\":\"hg\",\"config\":\"mrpc\",\"commit\":\"",
            bench.Restore.LockText, StringComparison.Ordinal);
        Assert.Contains($"{{\"path\":\"data-00000-of-00001.arrow\",\"size\":5,\"sha256\":\"{RestoreBench.Sha256("arrow")}\"}}",
            bench.Restore.LockText, StringComparison.Ordinal);
        bench.Server.Requests.Clear();
        Assert.Equal(Contents, await bench.RunAsync(HgBench.Reference()));
        Assert.Equal("", bench.Asked);
    }

    [Fact]
    public async Task Two_configurations_are_two_references_with_their_own_files()
    {
        await using HgBench bench = await HgBench.StartAsync();
        bench.Publish("glue", "mrpc", HgBench.Dataset("one"));
        string first = bench.Server.Text(List);
        bench.Publish("glue", null, HgBench.Dataset("two"));
        bench.Server.Put(List, first[..^2] + "," + bench.Server.Text(List)[1..], isPublic: true);
        RestoreResult result = await bench.Restore.RestoreAsync(HgBench.Reference(), HgBench.Reference(config: null));
        Assert.Equal(["one", "two"], result.Snapshots.Select(s => File.ReadAllText(s.Files[0].BlobPath)));
    }

    [Fact]
    public async Task An_unchanged_archive_is_not_fetched_again_and_the_manifest_is_checked_by_ETag()
    {
        await using HgBench bench = await HgBench.StartAsync();
        bench.Publish("glue", "mrpc", HgBench.Dataset());
        using (HubClient first = bench.Restore.NewClient())
            await first.DownloadAsync(HgBench.Reference(), cancel: TestContext.Current.CancellationToken);
        bench.Server.Requests.Clear();
        using (HubClient second = bench.Restore.NewClient())
            await second.DownloadAsync(HgBench.Reference(), cancel: TestContext.Current.CancellationToken);
        Assert.Equal($"anyone GET /data/{List} 304\nanyone HEAD /data/{Zip} 200", bench.Asked);
    }

    [Fact]
    public async Task A_new_archive_is_a_new_commit()
    {
        await using HgBench bench = await HgBench.StartAsync();
        bench.Publish("glue", "mrpc", HgBench.Dataset("old"));
        using HubClient client = bench.Restore.NewClient();
        string? before = (await client.DownloadAsync(HgBench.Reference(), cancel: TestContext.Current.CancellationToken)).Commit;
        bench.Publish("glue", "mrpc", HgBench.Dataset("new"));
        using HubClient later = bench.Restore.NewClient();
        Snapshot after = await later.DownloadAsync(HgBench.Reference(), cancel: TestContext.Current.CancellationToken);
        Assert.NotEqual(before, after.Commit);
        Assert.Equal("new", File.ReadAllText(after.Files[0].BlobPath));
    }

    [Fact]
    public async Task A_long_lived_client_sees_a_new_archive()
    {
        await using HgBench bench = await HgBench.StartAsync();
        using HubClient client = bench.Restore.NewClient();
        bench.Publish("glue", "mrpc", HgBench.Dataset("old"));
        await client.DownloadAsync(HgBench.Reference(), cancel: TestContext.Current.CancellationToken);
        bench.Publish("glue", "mrpc", HgBench.Dataset("new"));
        Snapshot after = await client.DownloadAsync(HgBench.Reference(), cancel: TestContext.Current.CancellationToken);
        Assert.Equal("new", File.ReadAllText(after.Files[0].BlobPath));
    }

    [Fact]
    public async Task The_bucket_metadata_file_of_the_publisher_is_not_restored()
    {
        await using HgBench bench = await HgBench.StartAsync();
        bench.Publish("glue", "mrpc", [.. HgBench.Dataset(), (".hg_localization_bucket_metadata.json", "{}"), (".hidden", "x")]);
        Assert.Equal(".hidden=x\n" + Contents, await bench.RunAsync(HgBench.Reference()));
    }

    [Fact]
    public async Task Locked_files_missing_from_the_cache_are_fetched_from_the_archive_again()
    {
        await using HgBench bench = await HgBench.StartAsync();
        bench.Publish("glue", "mrpc", HgBench.Dataset());
        await bench.RunAsync(HgBench.Reference());
        Directory.Delete(bench.Restore.Cache, recursive: true);
        Assert.Equal(Contents, await bench.RunAsync(HgBench.Reference()));
    }

    [Fact]
    public async Task Locked_files_replaced_on_the_server_are_an_error_and_not_kept()
    {
        await using HgBench bench = await HgBench.StartAsync();
        bench.Publish("glue", "mrpc", HgBench.Dataset("old!!"));
        await bench.RunAsync(HgBench.Reference());
        Directory.Delete(bench.Restore.Cache, recursive: true);
        bench.Publish("glue", "mrpc", HgBench.Dataset("other"));
        Assert.StartsWith($"WISE3001: dataset glue data-00000-of-00001.arrow: 'data-00000-of-00001.arrow' in <server>/data/{Zip} "
            + "gave bytes whose sha256 is ", await bench.FailureAsync(HgBench.Reference()), StringComparison.Ordinal);
        Assert.False(File.Exists(bench.Restore.BlobPath(RestoreBench.Sha256("other"))));
    }

    [Fact]
    public async Task Object_keys_are_escaped_in_URLs()
    {
        await using HgBench bench = await HgBench.StartAsync();
        bench.Server.Put("team/zips/gl%75e +#1.zip", HgBucketServer.Zip(HgBench.Dataset()), isPublic: true);
        bench.Server.Put(List, HgBench.Manifest("glue", "mrpc", "zips/gl%75e +#1.zip"), isPublic: true);
        Assert.Equal(Contents, await bench.RunAsync(HgBench.Reference()));
    }

    [Theory]
    [InlineData("../../other/secret.zip")]
    [InlineData("/etc/passwd")]
    [InlineData("")]
    public async Task An_entry_whose_key_leaves_the_bucket_prefix_is_an_error_without_a_request(string key)
    {
        await using HgBench bench = await HgBench.StartAsync();
        bench.Server.Put(List, HgBench.Manifest("glue", "mrpc", key), isPublic: true);
        Assert.Equal($"WISE2050: dataset glue, configuration mrpc: its entry in <server>/data/{List} names no valid archive "
            + "(s3_zip_key). Publish it again.", await bench.FailureAsync(HgBench.Reference()));
        Assert.Equal($"anyone GET /data/{List} 200", bench.Asked);
    }

    [Fact]
    public async Task A_manifest_naming_another_bucket_is_a_warning_and_the_configured_one_is_read()
    {
        await using HgBench bench = await HgBench.StartAsync();
        bench.Publish("glue", "mrpc", HgBench.Dataset());
        bench.Server.Put(List, HgBench.Manifest("glue", "mrpc", Zip["team/".Length..], bucket: "elsewhere"), isPublic: true);
        Assert.Equal(Contents, await bench.RunAsync(HgBench.Reference()));
        Assert.Contains($"warning WISE2053: dataset glue, configuration mrpc: <server>/data/{List} names the bucket "
            + "'elsewhere', but the copy is read from 'data', the bucket of the hub 'hg'. Publish it again "
            + "to correct the manifest.", bench.Log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_corrupted_manifest_is_an_error()
    {
        await using HgBench bench = await HgBench.StartAsync();
        bench.Server.Put(List, "<html>sign in</html>", isPublic: true);
        Assert.StartsWith($"WISE2050: <server>/data/{List} cannot be used: it is not JSON (",
            await bench.FailureAsync(HgBench.Reference()), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_error_for_an_unlisted_copy_names_the_places_and_the_existing_copies()
    {
        await using HgBench bench = await HgBench.StartAsync();
        bench.Publish("glue", "mrpc", HgBench.Dataset());
        Assert.Equal($"WISE2003: dataset glue, configuration cola: the hub 'hg' has no such copy (<server>/data/{List}). "
            + "It has dataset glue, configuration mrpc. Without credentials only published copies are visible; "
            + "set HGLOC_AWS_ACCESS_KEY_ID and HGLOC_AWS_SECRET_ACCESS_KEY, or WISEHUB_TOKEN_HG, to see the others. Id, "
            + "configuration and revision must be spelled as at the upload.",
            await bench.FailureAsync(HgBench.Reference(config: "cola")));
        Assert.StartsWith("WISE2002: dataset squad: the hub 'hg' has no such copy (",
            await bench.FailureAsync(HgBench.Reference("squad", null)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_a_manifest_a_published_dataset_is_not_found()
    {
        await using HgBench bench = await HgBench.StartAsync();
        Assert.StartsWith("WISE2002: dataset glue, configuration mrpc: the hub 'hg' has no such copy (",
            await bench.FailureAsync(HgBench.Reference()), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_listed_archive_that_is_missing_is_an_error()
    {
        await using HgBench bench = await HgBench.StartAsync();
        bench.Publish("glue", "mrpc", HgBench.Dataset());
        bench.Server.Objects.TryRemove(Zip, out _);
        Assert.Equal($"WISE2008: dataset glue, configuration mrpc: the manifest lists this copy, but <server>/data/{Zip} is "
            + "missing or not public. Publish it again.", await bench.FailureAsync(HgBench.Reference()));
    }

    [Fact]
    public async Task An_archive_without_a_marker_file_is_incomplete()
    {
        await using HgBench bench = await HgBench.StartAsync();
        bench.Publish("glue", "mrpc", ("data.arrow", "x"));
        Assert.Equal($"WISE3040: The copy at <server>/data/{Zip} is incomplete: it has neither dataset_info.json nor "
            + "dataset_dict.json. No file was taken from it. Upload it again (wisehub hg sync-local-to-s3), or remove its "
            + "remaining files.", await bench.FailureAsync(HgBench.Reference()));
    }

    [Theory]
    [InlineData("state.json", """{"_data_files":[{"filename":"data-00001-of-00002.arrow"}]}""",
        "'data-00001-of-00002.arrow' is missing")]
    [InlineData("dataset_dict.json", """{"splits":["train"]}""", "'train/dataset_info.json' is missing")]
    [InlineData("state.json", "not json", "'state.json' is not JSON ('o' is an invalid start of a value. Expected 'u'.")]
    public async Task An_archive_that_lacks_a_file_named_by_a_marker_is_incomplete(string path, string text, string reason)
    {
        await using HgBench bench = await HgBench.StartAsync();
        bench.Publish("glue", "mrpc", [.. HgBench.Dataset().Where(f => f.Path != path), (path, text)]);
        string failure = await bench.FailureAsync(HgBench.Reference());
        Assert.StartsWith("WISE3040: ", failure, StringComparison.Ordinal);
        if (text != "not json")
            Assert.Contains($"is incomplete: {reason}. ", failure, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("../evil")]
    [InlineData("/evil")]
    [InlineData("a/../../evil")]
    public async Task An_archive_with_a_hostile_name_is_refused_unless_a_pattern_leaves_it_out(string entry)
    {
        await using HgBench bench = await HgBench.StartAsync();
        bench.Publish("glue", "mrpc", [.. HgBench.Dataset(), (entry, "x")]);
        Assert.StartsWith($"WISE3003: dataset glue: the file name '{entry}' cannot be used: ",
            await bench.FailureAsync(HgBench.Reference()), StringComparison.Ordinal);
        Assert.StartsWith("data-00000-of-00001.arrow=arrow\n",
            await bench.RunAsync(HgBench.Reference() with { Files = new FileSelection([], ["*evil"]) }),
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_truncated_archive_is_refused_as_a_whole()
    {
        await using HgBench bench = await HgBench.StartAsync();
        bench.Publish("glue", "mrpc", HgBench.Dataset());
        bench.Server.Put(Zip, bench.Server.Objects[Zip].Content[..^40], isPublic: true);
        Assert.StartsWith($"WISE3030: <server>/data/{Zip} is not a complete, readable archive: ",
            await bench.FailureAsync(HgBench.Reference()), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_web_page_instead_of_the_archive_is_refused()
    {
        await using HgBench bench = await HgBench.StartAsync();
        bench.Publish("glue", "mrpc", HgBench.Dataset());
        bench.Server.Put(Zip, "<html>sign in</html>", isPublic: true);
        Assert.StartsWith($"WISE3030: <server>/data/{Zip} is not a complete, readable archive: it is a web page.",
            await bench.FailureAsync(HgBench.Reference()), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_archive_bomb_is_refused_before_anything_of_it_is_unpacked()
    {
        await using HgBench bench = await HgBench.StartAsync();
        bench.Publish("glue", "mrpc", [.. HgBench.Dataset(), ("bomb.arrow", "x")]);
        byte[] zip = bench.Server.Objects[Zip].Content;
        // APPNOTE.TXT 4.3.12: in the list at the end, 24 bytes behind its signature, stands how large an entry is unpacked. The
        // last one says 2 GiB.
        int entry = zip.AsSpan().LastIndexOf("PK\u0001\u0002"u8);
        System.Buffers.Binary.BinaryPrimitives.WriteUInt32LittleEndian(zip.AsSpan(entry + 24), 1u << 31);
        bench.Server.Put(Zip, zip, isPublic: true);
        Assert.StartsWith($"WISE3031: <server>/data/{Zip}: its ", await bench.FailureAsync(HgBench.Reference()),
            StringComparison.Ordinal);
        Assert.False(File.Exists(bench.Restore.LockFile));
        Assert.False(File.Exists(bench.Restore.BlobPath(RestoreBench.Sha256("arrow"))));
    }

    [Fact]
    public async Task Unicode_composition_of_a_name_is_kept_and_names_differing_only_in_it_are_refused()
    {
        await using HgBench bench = await HgBench.StartAsync();
        RepoReference texts = HgBench.Reference() with { Files = new FileSelection(["*.txt"], []) };
        bench.Publish("glue", "mrpc", [.. HgBench.Dataset(), ("cafe\u0301.txt", "decomposed")]);
        Assert.Equal("cafe\u0301.txt=decomposed", await bench.RunAsync(texts));
        File.Delete(bench.Restore.LockFile);
        bench.Publish("glue", "mrpc", [.. HgBench.Dataset(), ("cafe\u0301.txt", "decomposed"), ("caf\u00e9.txt", "composed")]);
        Assert.StartsWith("WISE3004: ", await bench.FailureAsync(texts), StringComparison.Ordinal);
        Assert.False(File.Exists(bench.Restore.LockFile));
    }

    [Fact]
    [Needs(Need.Certificates)]
    public async Task A_self_signed_certificate_is_an_error()
    {
        using var bench = new RestoreBench();
        await using FileServer secure = await FileServer.StartAsync(withTls: true);
        bench.Log.Hiding(secure.Url(""), "<tls>");
        bench.Configure(
            "{\"defaultHub\":\"hg\",\"hubs\":{\"hg\":{\"protocol\":\"hg-localization\",\"bucket\":\"data\",\"endpoint\":\""
            + secure.Url("") + "\",\"pathStyle\":true,\"retries\":1}}}");
        Assert.StartsWith("WISE2080: The certificate of <tls> (hub 'hg') is not trusted: ",
            await bench.FailureAsync(HgBench.Reference()), StringComparison.Ordinal);
        Assert.False(File.Exists(bench.LockFile));
    }

    [Fact]
    public async Task Empty_files_are_accepted_and_colliding_names_only_if_not_both_selected()
    {
        await using HgBench bench = await HgBench.StartAsync();
        bench.Publish("glue", "mrpc", [.. HgBench.Dataset(), ("empty", ""), ("README.md", "a"), ("readme.md", "b")]);
        Assert.StartsWith("WISE3004: ", await bench.FailureAsync(HgBench.Reference()), StringComparison.Ordinal);
        Assert.Equal("README.md=a\nempty=",
            await bench.RunAsync(HgBench.Reference() with { Files = new FileSelection(["empty", "README.md"], []) }));
    }

    [Fact]
    public async Task Digests_of_our_checksum_file_are_verified_and_that_file_is_not_restored()
    {
        await using HgBench bench = await HgBench.StartAsync();
        string checksums = $$"""
            {"version":1,"type":"dataset","id":"glue","config":"mrpc","files":[
            {"path":"dataset_info.json","size":2,"sha256":"{{RestoreBench.Sha256("{}")}}"}]}
            """;
        bench.Publish("glue", "mrpc", ("dataset_info.json", "{]"), ("wisehub-checksums.json", checksums));
        Assert.StartsWith("WISE3001: dataset glue dataset_info.json: ", await bench.FailureAsync(HgBench.Reference()),
            StringComparison.Ordinal);
        bench.Publish("glue", "mrpc", ("dataset_info.json", "{}"), ("wisehub-checksums.json", checksums));
        Assert.Equal("dataset_info.json={}", await bench.RunAsync(HgBench.Reference()));
    }

    [Fact]
    public async Task Card_and_configuration_of_a_public_model_can_be_selected()
    {
        await using HgBench bench = await HgBench.StartAsync();
        bench.Server.Put("team/public_models.json", """
            {"acme/bert---default_revision":{"model_id":"acme/bert","revision":null,"s3_bucket":"data",
             "model_card_url":"https://evil.example/card","model_config_url":"https://evil.example/config",
              "s3_prefix":"team/models/acme_bert/default_revision"}}
            """, isPublic: true);
        bench.Server.Put("team/models/acme_bert/default_revision/model_card.md", "# card", isPublic: true);
        bench.Server.Put("team/models/acme_bert/default_revision/config.json", "{}", isPublic: true);
        RepoReference model = HgBench.Reference("acme/bert", null, RepoType.Model);
        Assert.Equal("WISE2052: model acme/bert: <server>/data/team/models/acme_bert/default_revision/ has only config.json and "
            + "model_card.md, but no weights. Select these files by name (AllowPatterns), or upload the whole model (wisehub "
            + "hg download-model --full-model).", await bench.FailureAsync(model));
        Assert.Equal("config.json={}\nmodel_card.md=# card",
            await bench.RunAsync(model with { Files = new FileSelection(["*.json", "*.md"], []) }));
    }
}
