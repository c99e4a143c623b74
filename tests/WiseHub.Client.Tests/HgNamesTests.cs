using WiseHub.Client.Hubs.HgLocalization;
using WiseHub.Testing;

namespace WiseHub.Client.Tests;

/// <summary>Names, keys and folders, as protocols/hg-localization.md sections 2 to 4 have them.</summary>
public sealed class HgNamesTests
{
    private static readonly HgLayout Layout = new();

    [Theory]
    [InlineData("a/b", "a_b")]
    [InlineData("a\\b:c*d?e\"f<g>h|i j", "a_b_c_d_e_f_g_h_i_j")]
    [InlineData("it's-1.0", "it's-1.0")]
    [InlineData("", "")]
    public void Each_of_ten_characters_becomes_an_underscore(string text, string folder) => Assert.Equal(folder, HgCopyName.Safe(text));

    [Fact]
    public void A_dataset_lies_below_id_configuration_and_revision_and_a_model_has_no_configuration()
    {
        var dataset = new HgCopyName(RepoType.Dataset, "acme/glue", "mr pc", "v1/2");
        var model = new HgCopyName(RepoType.Model, "acme/bert", null, null);
        Assert.Equal(("acme_glue/mr_pc/v1_2", "acme_glue/mr_pc/v1_2", "acme/glue---mr pc---v1/2", "public_datasets_zip/acme_glue---mr_pc---v1_2.zip"),
            (dataset.Folder(Layout), dataset.KeyPrefix(Layout), dataset.EntryKey(Layout), dataset.ZipKey(Layout)));
        Assert.Equal(("acme_bert/default_revision", "models/acme_bert/default_revision", "acme/bert---default_revision"), (model.Folder(Layout), model.KeyPrefix(Layout), model.EntryKey(Layout)));
    }

    [Fact]
    public void No_configuration_and_an_empty_one_are_the_default() =>
        Assert.Equal("glue/default_config/default_revision", new HgCopyName(RepoType.Dataset, "glue", "", null).Folder(Layout));

    [Theory]
    [InlineData("glue", "..", null, "WISE1035: dataset glue, configuration ..: the configuration '..' cannot be used on an hg_localization hub: it has the part '..'. Give the copy another name.")]
    [InlineData("glue", null, "..", "WISE1035: dataset glue, revision ..: the revision '..' cannot be used on an hg_localization hub: it has the part '..'. Give the copy another name.")]
    [InlineData("glue", "a\nb", null, "WISE1035: dataset glue, configuration a\uFFFDb: the configuration 'a\uFFFDb' cannot be used on an hg_localization hub: it has a control character. Give the copy another name.")]
    [InlineData("models", null, null, "WISE1035: dataset models: the id 'models' cannot be used on an hg_localization hub: its folder 'models' is that of another tree. Give the copy another name.")]
    [InlineData("public_datasets_zip", null, null, "WISE1035: dataset public_datasets_zip: the id 'public_datasets_zip' cannot be used on an hg_localization hub: its folder 'public_datasets_zip' is that of another tree. Give the copy another name.")]
    [InlineData("by_bucket", null, null, "WISE1035: dataset by_bucket: the id 'by_bucket' cannot be used on an hg_localization hub: its folder 'by_bucket' is that of another tree. Give the copy another name.")]
    [InlineData("public", null, null, "WISE1035: dataset public: the id 'public' cannot be used on an hg_localization hub: its folder 'public' is that of another tree. Give the copy another name.")]
    public void A_name_that_leaves_the_tree_or_lies_in_another_one_is_refused(string id, string? config, string? revision, string expected)
    {
        HubException e = Assert.Throws<HubException>(() => new HgCopyName(RepoType.Dataset, id, config, revision).Check(Layout));
        Assert.Equal(expected, $"{e.Code}: {e.Message}");
    }

    [Fact]
    public void Two_ids_with_one_folder_are_not_the_same_copy()
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
    public void An_id_is_guessed_as_the_other_tool_does(string folder, string id) => Assert.Equal(id, HgCopyName.Guess(folder));

    [Fact]
    public void The_folder_of_a_bucket_has_a_mark_of_the_endpoint_as_it_was_written()
    {
        using var temp = new TempFolder();
        var environment = new Dictionary<string, string>
        {
            ["HGLOC_S3_BUCKET_NAME"] = "my bucket",
            ["HGLOC_S3_ENDPOINT_URL"] = "https://oss-cn-beijing.aliyuncs.com",
            ["HGLOC_S3_DATA_PREFIX"] = "/team/data/",
            ["HGLOC_DATASETS_STORE_PATH"] = "sets",
        };
        HgSettings settings = HgSettings.Read(new HubDefinition("hg", HgSettings.Protocol), environment.GetValueOrDefault, environment.GetValueOrDefault, temp.Path);
        Assert.Equal(temp["sets/by_bucket/my_bucket_0e1642c7"], settings.LocalRoot(RepoType.Dataset, isPublic: false));
        Assert.Equal(temp["sets/public/by_bucket/my_bucket_0e1642c7"], settings.LocalRoot(RepoType.Dataset, isPublic: true));
        Assert.Equal(temp["models_store/by_bucket/my_bucket_0e1642c7"], settings.LocalRoot(RepoType.Model, isPublic: false));
        Assert.Equal(("my bucket", "team/data"), (settings.Bucket!.Name, settings.Bucket.Prefix));
    }

    [Fact]
    public void Without_a_bucket_copies_lie_directly_in_the_store()
    {
        using var temp = new TempFolder();
        HgSettings settings = HgSettings.Read(new HubDefinition("hg", HgSettings.Protocol) { Path = temp["hub"] }, _ => null, _ => null, temp.Path);
        Assert.Equal((temp["hub"], temp["hub/public"], temp["hub/models"]), (settings.LocalRoot(RepoType.Dataset, false), settings.LocalRoot(RepoType.Dataset, true), settings.LocalRoot(RepoType.Model, false)));
    }

    [Fact]
    public void A_dot_env_file_stands_behind_the_environment_and_sets_nothing_else()
    {
        using var temp = new TempFolder();
        temp.Write(".env", "# ours\nexport HGLOC_S3_BUCKET_NAME=\"from file\"\nHGLOC_S3_DATA_PREFIX = a/b # a comment\nWISEHUB_OFFLINE=1\nHGLOC_AWS_SECRET_ACCESS_KEY='x#y'\n");
        Func<string, string?> environment = DotEnv.Under(name => name == "HGLOC_S3_DATA_PREFIX" ? "process" : null, temp.Path);
        Assert.Equal(("from file", "process", "x#y", null), (environment("HGLOC_S3_BUCKET_NAME"), environment("HGLOC_S3_DATA_PREFIX"), environment("HGLOC_AWS_SECRET_ACCESS_KEY"), environment("WISEHUB_OFFLINE")));
    }

    [Theory]
    [InlineData("HGLOC_AWS_SECRET_ACCESS_KEY")]
    [InlineData("HGLOC_AWS_SECRET_ACCESS_KEY='secret")]
    public void A_dot_env_line_that_makes_no_sense_is_named_and_not_repeated(string line)
    {
        using var temp = new TempFolder();
        temp.Write(".env", "\n" + line + "\n");
        HubException e = Assert.Throws<HubException>(() => DotEnv.Under(_ => null, temp.Path)("HGLOC_S3_BUCKET_NAME"));
        Assert.Equal($"WISE1038: {temp[".env"]}(2,1): this is not NAME=value, or a quotation mark is missing. Correct the line.", $"{e.Code}: {e.Message}");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void An_endpoint_is_the_users_own_word_only_where_the_process_says_it(bool ofProcess)
    {
        Dictionary<string, string> variables = new() { ["HGLOC_S3_BUCKET_NAME"] = "data", ["HGLOC_S3_ENDPOINT_URL"] = "http://127.0.0.1:9" };
        HgSettings settings = HgSettings.Read(new HubDefinition("hg", HgSettings.Protocol), variables.GetValueOrDefault, ofProcess ? variables.GetValueOrDefault : _ => null, "/work");
        Assert.Equal(ofProcess, settings.Definition.IsTrustedEndpoint);
    }

    [Fact]
    public void A_hub_that_names_no_place_is_an_error_and_the_spellings_of_the_other_tool_use_the_working_folder()
    {
        var definition = new HubDefinition("team", HgSettings.Protocol);
        HubException e = Assert.Throws<HubException>(() => HgSettings.Read(definition, _ => null, _ => null, "/work"));
        Assert.Equal("WISE1036: The hub 'team' names no place. Give it a 'bucket' or a 'path' in wisehub.json, or set HGLOC_S3_BUCKET_NAME or HGLOC_DATASETS_STORE_PATH in the environment or in a .env file.", $"{e.Code}: {e.Message}");
        HgSettings local = HgSettings.Read(definition, _ => null, _ => null, "/work", mayBeLocalOnly: true);
        Assert.Equal((Path.Combine("/work", "datasets_store"), Path.Combine("/work", "models_store"), null), (local.DatasetsStore, local.ModelsStore, local.Bucket));
    }
}
