using WiseHub.Client.Hubs.HgLocalization;
using WiseHub.Client.Hubs.S3;
using WiseHub.Testing;

namespace WiseHub.Client.Tests;

/// <summary>Names, keys and folders, as specified in docs/protocols/hg-localization.md#names.</summary>
public sealed class HgNamesTests
{
    private static readonly HgLayout Layout = new();

    [Theory]
    [InlineData("a/b", "a_b")]
    [InlineData("a\\b:c*d?e\"f<g>h|i j", "a_b_c_d_e_f_g_h_i_j")]
    [InlineData("it's-1.0", "it's-1.0")]
    [InlineData("", "")]
    public void Ten_special_characters_are_replaced_by_underscores(string text, string folder) =>
        Assert.Equal(folder, HgCopyName.Safe(text));

    [Fact]
    public void The_path_has_id_configuration_and_revision_and_no_configuration_for_a_model()
    {
        var dataset = new HgCopyName(RepoType.Dataset, "acme/glue", "mr pc", "v1/2");
        var model = new HgCopyName(RepoType.Model, "acme/bert", null, null);
        Assert.Equal(("acme_glue/mr_pc/v1_2", "acme_glue/mr_pc/v1_2", "acme/glue---mr pc---v1/2",
            "public_datasets_zip/acme_glue---mr_pc---v1_2.zip"),
            (dataset.Folder(Layout), dataset.KeyPrefix(Layout), dataset.EntryKey(Layout), dataset.ZipKey(Layout)));
        Assert.Equal(("acme_bert/default_revision", "models/acme_bert/default_revision", "acme/bert---default_revision"),
            (model.Folder(Layout), model.KeyPrefix(Layout), model.EntryKey(Layout)));
    }

    [Fact]
    public void A_missing_or_empty_configuration_is_the_default_one() =>
        Assert.Equal("glue/default_config/default_revision", new HgCopyName(RepoType.Dataset, "glue", "", null).Folder(Layout));

    [Theory]
    [InlineData("glue", "..", null, "WISE1035: dataset glue, configuration ..: the configuration '..' cannot be used on an "
        + "hg_localization hub: it has the part '..'. Give the copy another name.")]
    [InlineData("glue", null, "..", "WISE1035: dataset glue, revision ..: the revision '..' cannot be used on an hg_localization "
        + "hub: it has the part '..'. Give the copy another name.")]
    [InlineData("glue", "a\nb", null, "WISE1035: dataset glue, configuration a\uFFFDb: the configuration 'a\uFFFDb' cannot be "
        + "used on an hg_localization hub: it has a control character. Give the copy another name.")]
    [InlineData("models", null, null, "WISE1035: dataset models: the id 'models' cannot be used on an hg_localization hub: its "
        + "folder 'models' is reserved for another tree. Give the copy another name.")]
    [InlineData("public_datasets_zip", null, null,
        "WISE1035: dataset public_datasets_zip: the id 'public_datasets_zip' cannot be used on an hg_localization hub: its "
        + "folder 'public_datasets_zip' is reserved for another tree. Give the copy another name.")]
    [InlineData("by_bucket", null, null, "WISE1035: dataset by_bucket: the id 'by_bucket' cannot be used on an hg_localization "
        + "hub: its folder 'by_bucket' is reserved for another tree. Give the copy another name.")]
    [InlineData("public", null, null, "WISE1035: dataset public: the id 'public' cannot be used on an hg_localization hub: its "
        + "folder 'public' is reserved for another tree. Give the copy another name.")]
    public void A_name_that_leaves_the_tree_or_collides_with_another_tree_is_refused(
        string id, string? config, string? revision, string expected)
    {
        HubException e = Assert.Throws<HubException>(() => new HgCopyName(RepoType.Dataset, id, config, revision).Check(Layout));
        Assert.Equal(expected, $"{e.Code}: {e.Message}");
    }

    [Fact]
    public void Two_ids_with_the_same_folder_are_different_copies()
    {
        var one = new HgCopyName(RepoType.Dataset, "a/b", null, null);
        var other = new HgCopyName(RepoType.Dataset, "a_b", null, null);
        Assert.Equal(one.Folder(Layout), other.Folder(Layout));
        Assert.False(one.IsSame(other));
        Assert.True(one.IsSame(one with { Config = "", Revision = "" }));
    }

    [Theory]
    [InlineData("glue", "glue")]
    [InlineData("acme_glue", "acme/glue")]
    [InlineData("microsoft_DialoGPT_medium", "microsoft_DialoGPT/medium")]
    public void An_id_is_guessed_from_a_folder_as_hg_localization_does(string folder, string id) =>
        Assert.Equal(id, HgCopyName.Guess(folder));

    [Fact]
    public void The_folder_of_a_bucket_contains_a_mark_of_the_endpoint_as_written()
    {
        using var temp = new TempFolder();
        var environment = new Dictionary<string, string>
        {
            ["HGLOC_S3_BUCKET_NAME"] = "my bucket",
            ["HGLOC_S3_ENDPOINT_URL"] = "https://oss-cn-beijing.aliyuncs.com",
            ["HGLOC_S3_DATA_PREFIX"] = "/team/data/",
            ["HGLOC_DATASETS_STORE_PATH"] = "sets",
        };
        HgSettings settings = HgSettings.Read(new HubDefinition("hg", HgSettings.Protocol), environment.GetValueOrDefault,
            environment.GetValueOrDefault, temp.Path);
        Assert.Equal(temp["sets/by_bucket/my_bucket_0e1642c7"], settings.LocalRoot(RepoType.Dataset, isPublic: false));
        Assert.Equal(temp["sets/public/by_bucket/my_bucket_0e1642c7"], settings.LocalRoot(RepoType.Dataset, isPublic: true));
        Assert.Equal(temp["models_store/by_bucket/my_bucket_0e1642c7"], settings.LocalRoot(RepoType.Model, isPublic: false));
        Assert.Equal(("my bucket", "team/data"), (settings.Bucket!.Name, settings.Bucket.Prefix));
    }

    [Fact]
    public void Without_a_bucket_copies_are_directly_in_the_store_folder()
    {
        using var temp = new TempFolder();
        HgSettings settings = HgSettings.Read(new HubDefinition("hg", HgSettings.Protocol) { Path = temp["hub"] },
            _ => null, _ => null, temp.Path);
        Assert.Equal((temp["hub"], temp["hub/public"], temp["hub/models"]), (settings.LocalRoot(RepoType.Dataset, false),
            settings.LocalRoot(RepoType.Dataset, true), settings.LocalRoot(RepoType.Model, false)));
    }

    [Fact]
    public void The_environment_overrides_a_dot_env_file_which_sets_only_HGLOC_variables()
    {
        using var temp = new TempFolder();
        temp.Write(".env", "# ours\nexport HGLOC_S3_BUCKET_NAME=\"from file\"\nHGLOC_S3_DATA_PREFIX = a/b # a comment\n"
            + "WISEHUB_OFFLINE=1\nHGLOC_AWS_SECRET_ACCESS_KEY='x#y'\n");
        Func<string, string?> environment = DotEnv.Under(name => name == "HGLOC_S3_DATA_PREFIX" ? "process" : null, temp.Path);
        Assert.Equal(("from file", "process", "x#y", null), (environment("HGLOC_S3_BUCKET_NAME"),
            environment("HGLOC_S3_DATA_PREFIX"), environment("HGLOC_AWS_SECRET_ACCESS_KEY"), environment("WISEHUB_OFFLINE")));
    }

    [Theory]
    [InlineData("HGLOC_AWS_SECRET_ACCESS_KEY")]
    [InlineData("HGLOC_AWS_SECRET_ACCESS_KEY='secret")]
    public void The_error_for_an_invalid_dot_env_line_has_its_place_but_not_its_text(string line)
    {
        using var temp = new TempFolder();
        temp.Write(".env", "\n" + line + "\n");
        HubException e = Assert.Throws<HubException>(() => DotEnv.Under(_ => null, temp.Path)("HGLOC_S3_BUCKET_NAME"));
        Assert.Equal($"WISE1038: {temp[".env"]}(2,1): this is not NAME=value, or a quotation mark is missing. Correct the line.",
            $"{e.Code}: {e.Message}");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void An_endpoint_is_trusted_only_from_the_process_environment(bool ofProcess)
    {
        Dictionary<string, string> variables =
            new() { ["HGLOC_S3_BUCKET_NAME"] = "data", ["HGLOC_S3_ENDPOINT_URL"] = "http://127.0.0.1:9" };
        HgSettings settings = HgSettings.Read(new HubDefinition("hg", HgSettings.Protocol), variables.GetValueOrDefault,
            ofProcess ? variables.GetValueOrDefault : _ => null, "/work");
        Assert.Equal(ofProcess, settings.Definition.IsTrustedEndpoint);
    }

    [Fact]
    public void A_hub_without_bucket_and_folder_is_an_error_except_for_local_use()
    {
        var definition = new HubDefinition("team", HgSettings.Protocol);
        HubException e = Assert.Throws<HubException>(() => HgSettings.Read(definition, _ => null, _ => null, "/work"));
        Assert.Equal("WISE1036: The hub 'team' has no bucket and no folder. Give it a 'bucket' or a 'path' in wisehub.json, or "
            + "set HGLOC_S3_BUCKET_NAME or HGLOC_DATASETS_STORE_PATH in the environment or in a .env file.",
            $"{e.Code}: {e.Message}");
        HgSettings local = HgSettings.Read(definition, _ => null, _ => null, "/work", mayBeLocalOnly: true);
        Assert.Equal((Path.Combine("/work", "datasets_store"), Path.Combine("/work", "models_store"), null),
            (local.DatasetsStore, local.ModelsStore, local.Bucket));
    }

    [Theory]
    [InlineData("my data", "my_data")]
    [InlineData("org/sub/name", "org_sub_name")]
    [InlineData("\u6570\u636e\u96c6", "\u6570\u636e\u96c6")]
    [InlineData("a:b*c", "a_b_c")]
    [InlineData(".hidden", ".hidden")]
    [InlineData("-x-", "-x-")]
    [InlineData("it's (1)", "it's_(1)")]
    [InlineData("50%@home", "50%@home")]
    public async Task Every_id_that_hg_localization_accepts_can_be_restored_and_is_cached(string id, string folder)
    {
        await using HgBench bench = await HgBench.StartAsync(withKeys: true);
        bench.PutTree(folder + "/mrpc/default_revision", HgBench.Dataset());

        string read = await bench.RunAsync(HgBench.Reference(id));

        Assert.StartsWith("data-00000-of-00001.arrow=arrow\n", read, StringComparison.Ordinal);
        using HubClient client = bench.Restore.NewClient();
        Assert.Equal([id], (await client.Cache.ListAsync(TestContext.Current.CancellationToken)).Repos.Select(r => r.RepoId));
        bench.Server.Requests.Clear();
        Assert.Equal(read, await bench.RunAsync(HgBench.Reference(id)));
        Assert.Equal("", bench.Asked);
    }

    [Theory]
    [InlineData("a\nb", "it has a control character")]
    [InlineData(" a", "it must have 1 to 255 characters, and no space at either end")]
    public async Task An_id_that_is_not_a_name_is_refused(string id, string reason)
    {
        await using HgBench bench = await HgBench.StartAsync(withKeys: true);
        Assert.Contains($"is not a repo id: {reason}.", await bench.FailureAsync(HgBench.Reference(id)),
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task Other_hubs_keep_their_stricter_rules_for_ids()
    {
        await using HgBench bench = await HgBench.StartAsync(withKeys: true);
        Assert.StartsWith("WISE1003: 'my data' is not a repo id: ",
            await bench.FailureAsync(new RepoReference { RepoId = "my data", Hubs = ["huggingface"] }), StringComparison.Ordinal);
    }

    [Fact]
    public void A_hub_declared_with_only_a_bucket_uses_the_local_stores_of_the_variables()
    {
        using var temp = new TempFolder();
        var variables = new Dictionary<string, string>
        {
            ["HGLOC_DATASETS_STORE_PATH"] = "sets",
            ["HGLOC_MODELS_STORE_PATH"] = temp["elsewhere"],
            // As the other tool was told, which makes names of folders from it.
            ["HGLOC_S3_ENDPOINT_URL"] = "https://oss-cn-beijing.aliyuncs.com",
        };
        var definition = new HubDefinition("team", HgSettings.Protocol)
        { Settings = new BucketSettings("data", "team"), Endpoint = new Uri("https://oss-cn-beijing.aliyuncs.com/") };

        HgSettings settings = HgSettings.Read(definition, variables.GetValueOrDefault, variables.GetValueOrDefault, temp.Path);

        Assert.Equal((temp["sets/by_bucket/data_0e1642c7"], temp["elsewhere/by_bucket/data_0e1642c7"]),
            (settings.LocalRoot(RepoType.Dataset, false), settings.LocalRoot(RepoType.Model, false)));
        Assert.Equal("data", settings.Bucket!.Name);
        HgSettings own = HgSettings.Read(definition with { Path = temp["own"] }, variables.GetValueOrDefault,
            variables.GetValueOrDefault, temp.Path);
        Assert.Equal((temp["own"], temp["own/models"]), (own.DatasetsStore, own.ModelsStore));
    }

    [Fact]
    public async Task A_local_copy_in_a_folder_from_a_variable_is_read_offline()
    {
        await using HgBench bench = await HgBench.StartAsync();
        bench.Restore.SetEnvironment("HGLOC_DATASETS_STORE_PATH", bench.Temp["mine"]);
        string root;
        using (HubClient client = bench.Restore.NewClient())
            root = client.HgLocalization("hg").DatasetsStore!;
        string mark = Directory.CreateDirectory(root).FullName;
        HgSettings settings = HgSettings.Read(new HubDefinition("hg", HgSettings.Protocol)
        { Settings = new BucketSettings("data", "team"), Endpoint = bench.Server.Endpoint },
            name => name == "HGLOC_DATASETS_STORE_PATH" ? mark : null, _ => null, bench.Temp.Path);
        foreach ((string path, string text) in HgBench.Dataset())
        {
            string file = Path.Combine(settings.LocalRoot(RepoType.Dataset, isPublic: false)!,
                "glue/mrpc/default_revision", path);
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            await File.WriteAllTextAsync(file, text, TestContext.Current.CancellationToken);
        }

        using HubClient offline = bench.Restore.NewClient(o => o with { Offline = true });
        RestoreResult result = await offline.RestoreAsync(bench.Restore.Request(HgBench.Reference()),
            TestContext.Current.CancellationToken);

        Assert.StartsWith("data-00000-of-00001.arrow=arrow\n", RestoreBench.Contents(result.Snapshots[0]),
            StringComparison.Ordinal);
        Assert.Equal("", bench.Asked);
    }
}
