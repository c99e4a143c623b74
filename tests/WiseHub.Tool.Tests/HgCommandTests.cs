using WiseHub.Testing;
using WiseHub.Testing.HgBucket;

namespace WiseHub.Tool.Tests;

/// <summary><c>wisehub hg</c>, in both spellings of its commands.</summary>
public sealed class HgCommandTests : IDisposable
{
    private readonly ToolWorkspace _w = new();

    private void Settings(HgBucketServer server, bool withKeys = false)
    {
        // What another user of the library needs no wisehub.json for.
        File.Delete(Path.Combine(_w.Work, "wisehub.json"));
        _w.Write("work/.env", $"HGLOC_S3_BUCKET_NAME=data\nHGLOC_S3_ENDPOINT_URL={server.Endpoint}\n"
            + (withKeys ? "HGLOC_AWS_ACCESS_KEY_ID=KEY\nHGLOC_AWS_SECRET_ACCESS_KEY=SECRET\n" : ""));
    }

    private void PlaceLocally(string tree, params (string Path, string Text)[] files)
    {
        File.Delete(Path.Combine(_w.Work, "wisehub.json"));
        foreach ((string path, string text) in files)
            _w.Write($"work/{tree}/{path}", text);
    }

    [Theory]
    [InlineData("list-local")]
    [InlineData("list-local-datasets")]
    public async Task Local_datasets_are_listed_in_the_columns_of_hg_localization(string command)
    {
        PlaceLocally("datasets_store/acme_glue/mrpc/v1", ("dataset_info.json", "{}"));
        PlaceLocally("datasets_store/squad/default_config/default_revision", ("dataset_dict.json", "{}"));
        Assert.Equal(new ProcessResult(0,
            "Dataset ID  Config          Revision\nacme/glue*  mrpc            v1\n"
            + "squad       default_config  default_revision\n",
            "Ids with a '*' were derived from folder names, where '_' also stands for '/'. They may be wrong.\n"),
            await _w.RunAsync("hg", command));
    }

    [Theory]
    [InlineData("list-s3")]
    [InlineData("list-s3-datasets")]
    public async Task Without_keys_only_published_copies_are_listed_and_a_note_says_so(string command)
    {
        await using HgBucketServer server = await HgBucketServer.StartAsync();
        Settings(server);
        server.Put("public_datasets.json",
            """{"glue---mrpc---v1":{"dataset_id":"glue","config_name":"mrpc","revision":"v1"}}""", isPublic: true);
        Assert.Equal(new ProcessResult(0, "Dataset ID  Config  Revision\nglue        mrpc    v1\n",
            "Only published copies are listed, because no credentials were found (HGLOC_AWS_ACCESS_KEY_ID, "
            + "HGLOC_AWS_SECRET_ACCESS_KEY).\n"), await _w.RunAsync("hg", command));
    }

    [Theory]
    [InlineData("download")]
    [InlineData("download-dataset")]
    public async Task A_published_dataset_is_downloaded_and_its_folder_is_printed(string command)
    {
        await using HgBucketServer server = await HgBucketServer.StartAsync();
        Settings(server);
        server.Put("public_datasets_zip/glue---mrpc---default_revision.zip",
            HgBucketServer.Zip(("dataset_info.json", "{}"), ("a.csv", "1")), isPublic: true);
        server.Put("public_datasets.json", """
            {"glue---mrpc---default_revision":{"dataset_id":"glue","config_name":"mrpc","revision":null,
             "s3_zip_key":"public_datasets_zip/glue---mrpc---default_revision.zip","s3_bucket":"data"}}
            """, isPublic: true);
        ProcessResult result = await _w.RunAsync("hg", command, "glue", "-n", "mrpc", "--trust-remote-code");
        Assert.Equal(0, result.ExitCode);
        Assert.Matches(@"^\$/work/datasets_store/public/by_bucket/data_[0-9a-f]{8}/glue/mrpc/default_revision\n$", result.Output);
        Assert.StartsWith("--trust-remote-code is ignored: the files of the repo are used unchanged, "
            + "and its code is never run.\n", result.Error, StringComparison.Ordinal);
        Assert.Equal("1", File.ReadAllText(result.Output.Trim().Replace("$", _w.Root, StringComparison.Ordinal) + "/a.csv"));
    }

    [Theory]
    [InlineData("sync-local-to-s3")]
    [InlineData("sync-local-dataset-to-s3")]
    public async Task Syncing_without_a_bucket_is_an_error(string command)
    {
        PlaceLocally("datasets_store/glue/default_config/default_revision", ("dataset_info.json", "{}"));
        Assert.Equal(new ProcessResult(1, "", "error WISE1036: No bucket is configured. Set HGLOC_S3_BUCKET_NAME in the "
            + "environment or in a .env file, or give the hub 'hg-localization' a 'bucket' in wisehub.json.\n"),
            await _w.RunAsync("hg", command, "glue"));
    }

    [Theory]
    [InlineData("sync-local-to-s3", "glue", "--make-public")]
    [InlineData("sync-local-dataset-to-s3", "glue", "--make-public")]
    [InlineData("make-public", "glue")]
    [InlineData("make-dataset-public", "glue")]
    [InlineData("download", "glue", "--make-public")]
    public async Task Publishing_without_a_bucket_is_an_error(params string[] arguments)
    {
        PlaceLocally("datasets_store/glue/default_config/default_revision", ("dataset_info.json", "{}"));
        ProcessResult result = await _w.RunAsync(["hg", .. arguments]);
        Assert.Equal((1, "error WISE1036: No bucket is configured. Set HGLOC_S3_BUCKET_NAME in the environment or in a .env "
            + "file, or give the hub 'hg-localization' a 'bucket' in wisehub.json.\n"), (result.ExitCode, result.Error));
    }

    [Fact]
    public async Task Card_and_configuration_of_a_local_model_are_printed()
    {
        PlaceLocally("models_store/acme_bert/default_revision", ("model_card.md", "# card\n"), ("config.json", "{}"));
        Assert.Equal(new ProcessResult(0, "# card\n", ""), await _w.RunAsync("hg", "show-model-card", "acme/bert"));
        Assert.Equal(new ProcessResult(0, "{}\n", ""), await _w.RunAsync("hg", "show-model-config", "acme/bert"));
        Assert.Equal(new ProcessResult(0, "Model ID    Revision\nacme/bert*  default_revision\n", "Ids with a '*' "
            + "were derived from folder names, where '_' also stands for '/'. They may be wrong.\n"),
            await _w.RunAsync("hg", "list-local-models"));
    }

    private const string Weights = "models_store/acme_bert/default_revision";

    private void PlaceModel() => PlaceLocally(Weights, ("config.json", "{}"), ("model.safetensors", "weights"));

    [Fact]
    public async Task Without_a_terminal_a_full_model_is_downloaded_only_with_yes()
    {
        PlaceModel();
        Assert.Equal(new ProcessResult(1, "", "error WISE1054: The whole model 'acme/bert' would be downloaded, "
            + "including its weights, and there is no terminal to ask on. Add --yes to confirm, or omit --full-model.\n"),
            await _w.RunAsync("hg", "download-model", "acme/bert", "--full-model"));
        ProcessResult yes = await _w.RunAsync("hg", "download-model", "acme/bert", "--full-model", "--yes");
        Assert.Equal((0, $"$/work/{Weights}\n"), (yes.ExitCode, yes.Output));
        ProcessResult card = await _w.RunAsync("hg", "download-model", "acme/bert");
        Assert.Equal((0, $"$/work/{Weights}\n"), (card.ExitCode, card.Output));
    }

    [Theory]
    [InlineData("y\n", 0, $"$/work/{Weights}")]
    [InlineData("n\n", 1,
        "error WISE1054: Nothing of 'acme/bert' was downloaded. Without --full-model, only its card and configuration are.")]
    [InlineData("\n", 1,
        "error WISE1054: Nothing of 'acme/bert' was downloaded. Without --full-model, only its card and configuration are.")]
    public async Task On_a_terminal_a_full_model_download_needs_confirmation(string answer, int expected, string last)
    {
        PlaceModel();
        using PseudoTerminal terminal = await PseudoTerminal.StartAsync(_w, "hg download-model acme/bert --full-model");
        string asked = await terminal.WaitForAsync("[y/N] ");
        await terminal.TypeAsync(answer);
        (int code, string screen) = await terminal.EndAsync();
        Assert.Equal("The whole model 'acme/bert' will be downloaded, including its weights. Continue? [y/N] ", asked);
        Assert.Equal((expected, last), (code, screen.TrimEnd().Split('\n')[^1].Trim()));
    }

    [Fact]
    public async Task Requests_to_a_bucket_go_through_the_proxy()
    {
        // To a proxy the whole address is said, and a web server takes that, too.
        await using HgBucketServer server = await HgBucketServer.StartAsync();
        foreach (string name in (string[])["http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY", "no_proxy", "NO_PROXY"])
            _w.Environment[name] = null;
        _w.Environment["http_proxy"] = server.Endpoint.OriginalString;
        _w.Configure("""
            "hg": { "protocol": "hg-localization", "bucket": "data", "endpoint": "http://bucket.example.invalid",
             "pathStyle": true, "retries": 1 }
            """);
        server.Put("public_datasets_zip/glue---mrpc---default_revision.zip",
            HgBucketServer.Zip(("dataset_info.json", "{}")), isPublic: true);
        server.Put("public_datasets.json", """
            {"glue---mrpc---default_revision":{"dataset_id":"glue","config_name":"mrpc","revision":null,
             "s3_zip_key":"public_datasets_zip/glue---mrpc---default_revision.zip","s3_bucket":"data"}}
            """, isPublic: true);
        ProcessResult result = await _w.RunAsync("download", "glue", "--type", "dataset", "--config", "mrpc", "--hub",
            "hg", "--local-dir", "out");
        Assert.Equal((0, "$/work/out\n"), (result.ExitCode, result.Output));
        Assert.All(server.Requests.All, r => Assert.Equal("bucket.example.invalid", r.Headers["Host"]));
    }

    [Fact]
    public async Task The_card_of_a_missing_model_is_an_error()
    {
        File.Delete(Path.Combine(_w.Work, "wisehub.json"));
        ProcessResult result = await _w.RunAsync("hg", "show-model-card", "acme/bert");
        Assert.Equal((1, ""), (result.ExitCode, result.Output));
        Assert.StartsWith("error WISE2002: model acme/bert: the hub 'hg-localization' has no such copy "
            + "($/work/models_store/acme_bert/default_revision).", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_configuration_is_chosen_on_download()
    {
        _w.Configure("""
            "hg": { "protocol": "hg-localization", "path": "../store" }
            """);
        _w.Write("store/glue/mrpc/default_revision/dataset_info.json", "{}");
        ProcessResult result = await _w.RunAsync("download", "glue", "--type", "dataset", "--config", "mrpc", "--hub",
            "hg", "--local-dir", "out");
        Assert.Equal((0, "$/work/out\n"), (result.ExitCode, result.Output));
        Assert.Equal(["dataset_info.json={}"], ToolWorkspace.Contents(Path.Combine(_w.Work, "out")));
    }

    public void Dispose() => _w.Dispose();
}
