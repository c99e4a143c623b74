using System.IO.Compression;
using System.Text;
using WiseHub.Testing;

namespace WiseHub.Client.Tests;

/// <summary>The objects that <c>--make-public</c> writes, and reading them without credentials.</summary>
public sealed class HgPublishTests
{
    private const string Zip = "team/public_datasets_zip/acme_glue---mrpc---default_revision.zip",
        Manifest = "team/public_datasets.json";

    private static readonly RepoReference Glue = HgBench.Reference("acme/glue");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private static async Task<HgBench> StartAsync(params (string Path, string Text)[] files)
    {
        HgBench bench = await HgBench.StartAsync(path: "store", withKeys: true);
        Place(bench, RepoType.Dataset, "acme_glue/mrpc/default_revision",
            files.Length > 0 ? files : [.. HgBench.Dataset(), (".hg_localization_bucket_metadata.json", "{}")]);
        return bench;
    }

    private static void Place(HgBench bench, RepoType type, string tree, params (string Path, string Text)[] files)
    {
        using HubClient client = bench.Restore.NewClient();
        HgLocalizationClient hg = client.HgLocalization("hg");
        string mark = Convert.ToHexStringLower(Md5(Encoding.UTF8.GetBytes(bench.Server.Endpoint.AbsoluteUri.TrimEnd('/'))))[..8];
        foreach ((string path, string text) in files)
        {
            string file = Path.Combine((type == RepoType.Dataset ? hg.DatasetsStore : hg.ModelsStore)!, "by_bucket",
                "data_" + mark, tree, path);
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            File.WriteAllText(file, text);
        }
    }

    // CA5351: the other tool's name for a folder.
#pragma warning disable CA5351
    private static byte[] Md5(byte[] bytes) => System.Security.Cryptography.MD5.HashData(bytes);
#pragma warning restore CA5351

    private static Task<HgSyncResult> PublishAsync(HgBench bench, RepoReference? reference = null) =>
        bench.WithAsync(hg => hg.PublishAsync(reference ?? Glue, Cancel));

    private static string Puts(HgBench bench) => string.Join(' ', bench.Server.Requests.All.Where(r => r.Method == "PUT")
        .Select(r => r.Path[(r.Path.LastIndexOf('/') + 1)..]));

    private static string Entries(HgBench bench)
    {
        using var zip = new ZipArchive(new MemoryStream(bench.Server.Objects[Zip].Content));
        return string.Join('\n', zip.Entries.Select(e => e.FullName));
    }

    [Fact]
    public async Task Publishing_a_dataset_writes_a_public_archive_and_then_its_public_entry()
    {
        await using HgBench bench = await StartAsync();
        HgSyncResult result = await PublishAsync(bench);
        Assert.True(result.Copy.IsPublic);
        Assert.Equal("acme_glue---mrpc---default_revision.zip public_datasets.json",
            string.Join(' ', Puts(bench).Split(' ').TakeLast(2)));
        Assert.Equal((true, true, "application/json"), (bench.Server.Objects[Zip].IsPublic,
            bench.Server.Objects[Manifest].IsPublic, bench.Server.Objects[Manifest].ContentType));
        Assert.Equal(HgBench.Manifest("acme/glue", "mrpc", Zip[5..]).ReplaceLineEndings("\n"), bench.Server.Text(Manifest));
        // Bucket and endpoint are nobody's business; the list of digests is there.
        Assert.Equal("data-00000-of-00001.arrow\ndataset_info.json\nstate.json\nwisehub-checksums.json", Entries(bench));
    }

    [Fact]
    public async Task A_published_dataset_is_read_without_credentials()
    {
        await using HgBench bench = await StartAsync();
        await PublishAsync(bench);
        bench.Restore.SetEnvironment("HGLOC_AWS_ACCESS_KEY_ID", "");
        bench.Restore.SetEnvironment("HGLOC_AWS_SECRET_ACCESS_KEY", "");
        Directory.Delete(bench.Temp["store"], recursive: true);
        Assert.Equal($"data-00000-of-00001.arrow=arrow\ndataset_info.json={{}}\nstate.json={HgBench.Dataset()[2].Text}",
            await bench.RunAsync(Glue));
    }

    [Fact]
    public async Task A_dataset_that_is_already_public_is_not_sent_again()
    {
        await using HgBench bench = await StartAsync();
        await PublishAsync(bench);
        bench.Server.Requests.Clear();
        HgSyncResult again = await PublishAsync(bench);
        Assert.Equal(("", 0), (Puts(bench), again.FilesSent));
    }

    [Fact]
    public async Task A_stale_archive_is_replaced()
    {
        await using HgBench bench = await StartAsync();
        await PublishAsync(bench);
        byte[] before = bench.Server.Objects[Zip].Content;
        Place(bench, RepoType.Dataset, "acme_glue/mrpc/default_revision", ("data-00000-of-00001.arrow", "newer"));
        await PublishAsync(bench);
        Assert.NotEqual(before, bench.Server.Objects[Zip].Content);
        using var zip = new ZipArchive(new MemoryStream(bench.Server.Objects[Zip].Content));
        using var reader = new StreamReader(zip.GetEntry("data-00000-of-00001.arrow")!.Open());
        Assert.Equal("newer", await reader.ReadToEndAsync(Cancel));
    }

    [Fact]
    public async Task A_publish_that_fails_at_the_archive_writes_no_entry_and_can_be_repeated()
    {
        await using HgBench bench = await StartAsync();
        bench.Server.Refuse = (method, key) => method == "PUT" && key == Zip ? "AccessDenied" : null;
        Assert.StartsWith("WISE2016: ", await bench.FailureAsync(hg => hg.PublishAsync(Glue, Cancel)), StringComparison.Ordinal);
        Assert.False(bench.Server.Objects.ContainsKey(Manifest));
        bench.Server.Refuse = null;
        bench.Server.Requests.Clear();
        await PublishAsync(bench);
        Assert.Equal("acme_glue---mrpc---default_revision.zip public_datasets.json", Puts(bench));
    }

    [Fact]
    public async Task Publishing_keeps_entries_of_others_even_if_written_concurrently()
    {
        await using HgBench bench = await StartAsync();
        bench.Server.Put(Manifest, HgBench.Manifest("other", null, "public_datasets_zip/other.zip"), isPublic: true);
        bool isFirst = true;
        bench.Server.BeforePut = key =>
        {
            if (key == Manifest && isFirst)
            {
                isFirst = false;
                bench.Server.Put(Manifest, HgBench.Manifest("third", null, "public_datasets_zip/third.zip"), isPublic: true);
            }
        };
        await PublishAsync(bench);
        Assert.Contains("\"third---default_config---default_revision\"", bench.Server.Text(Manifest), StringComparison.Ordinal);
        Assert.Contains("\"acme/glue---mrpc---default_revision\"", bench.Server.Text(Manifest), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_damaged_manifest_is_never_replaced()
    {
        await using HgBench bench = await StartAsync();
        bench.Server.Put(Manifest, "{", isPublic: true);
        Assert.StartsWith("WISE2050: ", await bench.FailureAsync(hg => hg.PublishAsync(Glue, Cancel)), StringComparison.Ordinal);
        Assert.Equal("{", bench.Server.Text(Manifest));
    }

    [Fact]
    public async Task The_archive_of_another_id_with_the_same_folder_is_not_replaced()
    {
        await using HgBench bench = await StartAsync();
        bench.Server.Put(Manifest, HgBench.Manifest("acme_glue", "mrpc", Zip[5..]), isPublic: true);
        Assert.StartsWith("WISE2051: ", await bench.FailureAsync(hg => hg.PublishAsync(Glue, Cancel)), StringComparison.Ordinal);
        Assert.False(bench.Server.Objects.ContainsKey(Zip));
    }

    [Fact]
    public async Task Publishing_a_model_makes_card_and_configuration_public_but_not_the_weights()
    {
        await using HgBench bench = await StartAsync();
        Place(bench, RepoType.Model, "acme_m/v1", ("config.json", "{}"), ("model_card.md", "# m"),
            ("model.safetensors", TinyWeights.Safetensors));
        await PublishAsync(bench, HgBench.Reference("acme/m", config: null, type: RepoType.Model, revision: "v1"));
        string at = $"{bench.Server.Endpoint}data/team/models/acme_m/v1";
        Assert.Equal(
            $$"""
            {
              "acme/m---v1": {
                "model_id": "acme/m",
                "revision": "v1",
                "s3_bucket": "data",
                "model_card_url": "{{at}}/model_card.md",
                "model_config_url": "{{at}}/config.json",
                "s3_prefix": "team/models/acme_m/v1"
              }
            }
            """.ReplaceLineEndings("\n"), bench.Server.Text("team/public_models.json"));
        Assert.Equal("config.json model_card.md", string.Join(' ',
            bench.Server.Objects.Where(o => o.Value.IsPublic && o.Key.Contains("acme_m", StringComparison.Ordinal))
                .Select(o => o.Key[(o.Key.LastIndexOf('/') + 1)..]).Order(StringComparer.Ordinal)));
        bench.Server.Requests.Clear();
        await PublishAsync(bench, HgBench.Reference("acme/m", config: null, type: RepoType.Model, revision: "v1"));
        Assert.Equal("", Puts(bench));
    }

    [Fact]
    public async Task A_published_archive_that_is_not_publicly_readable_is_an_error()
    {
        await using HgBench bench = await StartAsync();
        string config = bench.Temp["wisehub.json"];
        File.WriteAllText(config,
            File.ReadAllText(config).Replace("\"bucket\"", "\"publicAccess\":\"policy\",\"bucket\"", StringComparison.Ordinal));
        Assert.Equal($"WISE5051: dataset acme/glue, configuration mrpc: <server>/data/{Zip} is in the bucket, but cannot be "
            + "read without credentials. Give the bucket a policy that allows public reads of this object.",
            await bench.FailureAsync(hg => hg.PublishAsync(Glue, Cancel)));
        Assert.False(bench.Server.Objects.ContainsKey(Manifest));
    }

    [Fact]
    public async Task The_error_for_a_bucket_without_ACLs_names_the_setting()
    {
        await using HgBench bench = await StartAsync();
        bench.Server.Refuse = (method, key) => method == "PUT" && key == Zip ? "AccessControlListNotSupported" : null;
        string failure = await bench.FailureAsync(hg => hg.PublishAsync(Glue, Cancel));
        Assert.StartsWith("WISE5050: ", failure, StringComparison.Ordinal);
        Assert.EndsWith("set \"publicAccess\": \"policy\" for the hub in wisehub.json.", failure, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Publishing_a_model_without_card_and_configuration_is_an_error()
    {
        await using HgBench bench = await StartAsync();
        Place(bench, RepoType.Model, "acme_m/v1", ("model.safetensors", TinyWeights.Safetensors));
        Assert.Matches("^WISE(2002|5052): ", await bench.FailureAsync(
            hg => hg.PublishAsync(HgBench.Reference("acme/m", config: null, type: RepoType.Model, revision: "v1"), Cancel)));
    }

    private static async Task<PushResult> PushAsync(
        HgBench bench, Func<PushRequest, PushRequest>? change = null, params (string Path, string Text)[] files)
    {
        (string Path, string Text)[] set = files.Length > 0 ? files : HgBench.Dataset();
        var request = new PushRequest
        {
            RepoId = "acme/set",
            RepoType = RepoType.Dataset,
            Hub = "hg",
            Files = [.. set.Select(f => new PushFile(bench.Temp.Write("pushed/" + f.Path, f.Text), f.Path))],
        };
        using HubClient client = bench.Restore.NewClient();
        return await client.PushAsync(change is null ? request : change(request), Cancel);
    }

    [Fact]
    public async Task A_push_publishes_the_copy_and_its_commit_is_the_restored_one()
    {
        await using HgBench bench = await HgBench.StartAsync(withKeys: true);
        PushResult pushed = await PushAsync(bench);
        Assert.Equal("team/public_datasets.json team/public_datasets_zip/acme_set---default_config---main.zip",
            string.Join(' ', bench.Server.Objects.Where(o => o.Value.IsPublic).Select(o => o.Key).Order(StringComparer.Ordinal)));
        RestoreResult read = await bench.Restore.RestoreAsync(HgBench.Reference("acme/set", config: null, revision: "main"));
        Assert.Equal(pushed.Commit, read.Snapshots[0].Commit);
    }

    [Fact]
    public async Task A_private_push_makes_nothing_public_and_writes_nothing_if_unchanged()
    {
        await using HgBench bench = await HgBench.StartAsync(withKeys: true);
        PushResult first = await PushAsync(bench, r => r with { Private = true });
        Assert.DoesNotContain(bench.Server.Objects.Values, o => o.IsPublic);
        bench.Server.Requests.Clear();
        PushResult second = await PushAsync(bench, r => r with { Private = true });
        Assert.Equal((false, first.Commit, ""), (second.Changed, second.Commit, Puts(bench)));
        Assert.InRange(bench.Server.Requests.All.Count, 1, 3);
    }

    [Fact]
    public async Task A_partial_push_is_an_error_and_with_prune_deletes_the_other_files()
    {
        await using HgBench bench = await HgBench.StartAsync(withKeys: true);
        await PushAsync(bench, null, [.. HgBench.Dataset(), ("more", "1")]);
        HubException e = await Assert.ThrowsAsync<HubException>(() => PushAsync(bench, null, HgBench.Dataset("newer")));
        Assert.Equal("WISE5053", e.Code);
        PushResult pruned = await PushAsync(bench, r => r with { Prune = true }, HgBench.Dataset("newer"));
        Assert.Equal(1, pruned.Count(PushAction.Delete));
        Assert.DoesNotContain(bench.Server.Objects.Keys, k => k.EndsWith("/more", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_pushed_README_becomes_the_model_card_and_a_second_push_writes_nothing()
    {
        await using HgBench bench = await HgBench.StartAsync(withKeys: true);
        (string, string)[] files =
            [("README.md", "# card"), ("config.json", "{}"), ("model.safetensors", TinyWeights.Safetensors)];
        Task<PushResult> PushModelAsync() =>
            PushAsync(bench, r => r with { RepoType = RepoType.Model, RepoId = "acme/m" }, files);

        PushResult pushed = await PushModelAsync();

        Assert.Equal(("# card", true), (bench.Server.Text("team/models/acme_m/main/model_card.md"),
            bench.Server.Objects["team/models/acme_m/main/model_card.md"].IsPublic));
        Assert.Contains("\"model_card_url\": \"http", bench.Server.Text("team/public_models.json"), StringComparison.Ordinal);
        Assert.Contains("\"has_card\": true", bench.Server.Text("team/private_models_index.json"), StringComparison.Ordinal);
        RestoreResult read =
            await bench.Restore.RestoreAsync(HgBench.Reference("acme/m", config: null, type: RepoType.Model, revision: "main"));
        Assert.Equal((pushed.Commit,
            $"README.md=# card\nconfig.json={{}}\nmodel.safetensors={TinyWeights.Safetensors}\nmodel_card.md=# card"),
            (read.Snapshots[0].Commit, RestoreBench.Contents(read.Snapshots[0])));
        bench.Server.Requests.Clear();
        PushResult second = await PushModelAsync();
        Assert.Equal((false, pushed.Commit, ""), (second.Changed, second.Commit, Puts(bench)));
        // It follows its README, and goes with it.
        files[0] = ("README.md", "# newer");
        await PushModelAsync();
        Assert.Equal("# newer", bench.Server.Text("team/models/acme_m/main/model_card.md"));
        await PushAsync(bench, r => r with { RepoType = RepoType.Model, RepoId = "acme/m", Prune = true }, files[1..]);
        Assert.DoesNotContain(bench.Server.Objects.Keys, k => k.EndsWith("/model_card.md", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_pushed_model_card_is_not_replaced_by_the_README()
    {
        await using HgBench bench = await HgBench.StartAsync(withKeys: true);

        await PushAsync(bench, r => r with { RepoType = RepoType.Model, RepoId = "acme/m" }, ("README.md", "# read me"),
            ("model_card.md", "# card"), ("config.json", "{}"), ("model.safetensors", TinyWeights.Safetensors));

        Assert.Equal("# card", bench.Server.Text("team/models/acme_m/main/model_card.md"));
    }
}
