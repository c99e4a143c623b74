using WiseHub.Testing;

namespace WiseHub.Client.Tests;

/// <summary>Files that Hugging Face's own tools have cached are not downloaded again.</summary>
public sealed class AdoptionTests : IAsyncLifetime
{
    private const string Weights = "the weights", Config = "{\"a\":1}";

    // git hash-object
    private const string ConfigOid = "daa5053ecf5f9a37b2de733d0751cc1ab53ac010";

    private HubBench _bench = null!;

    private RestoreBench Project => _bench.Project;

    private string Cache => Project.Temp["hf/hub"];

    public async ValueTask InitializeAsync()
    {
        _bench = await HubBench.StartAsync();
        Project.SetEnvironment("HF_HOME", Project.Temp["hf"]);
        _bench.Repo(("config.json", Config), ("model.bin", Weights));
    }

    public ValueTask DisposeAsync() => _bench.DisposeAsync();

    private string Put(string name, string text, string repo = "datasets--somebody--else") =>
        Project.Temp.Write($"hf/hub/{repo}/blobs/{name}", text);

    /// <summary>As Hugging Face's tools lay it out: the blob, and a link to it in the snapshot.</summary>
    private void PutConfigSnapshot()
    {
        Put(ConfigOid, Config, "models--acme--tiny");
        string link = Path.Combine(Cache, "models--acme--tiny", "snapshots", _bench.Hub.FindRepo(HubBench.Id)!
            .Head(), "config.json");
        Directory.CreateDirectory(Path.GetDirectoryName(link)!);
        File.CreateSymbolicLink(link, $"../../blobs/{ConfigOid}");
    }

    private string Head => _bench.Hub.FindRepo(HubBench.Id)!.Head()[..4] + "…";

    private string Resolving => "hub GET /api/models/acme/tiny/revision/main 200\nhub GET "
        + $"/api/models/acme/tiny/tree/{Head}?recursive=true&expand=false 200";

    private string ConfigRequests => $"hub GET /acme/tiny/resolve/{Head}/config.json 307\n"
        + $"hub GET /api/resolve-cache/models/acme/tiny/{Head}/config.json?… 200";

    private string WeightsRequests =>
        $"hub GET /acme/tiny/resolve/{Head}/model.bin 302\ncdn GET /content/{RestoreBench.Sha256(Weights)[..4]}… 200";

    private async Task AssertRestoredAsync() =>
        Assert.Equal($"config.json={Config}\nmodel.bin={Weights}",
            RestoreBench.Contents((await _bench.RestoreAsync()).Snapshots[0]));

    [Fact]
    public async Task A_file_in_any_repo_of_the_Hugging_Face_cache_is_found_by_sha256()
    {
        Put(RestoreBench.Sha256(Weights), Weights);
        await AssertRestoredAsync();
        Assert.Equal($"{Resolving}\n{ConfigRequests}", _bench.Requests);
        Assert.Equal(
            """
            info: Found 1 file, 11 B, in the Hugging Face cache <temp>/hf/hub.
            info: Fetching 2 files, 18 B, from huggingface, the Hugging Face cache …
            info: Fetched 2 files, 18 B, in # s; every byte was verified.
            """.ReplaceLineEndings("\n"), Project.Log.Text);
    }

    [Fact]
    public async Task A_file_without_a_stated_sha256_is_found_by_its_git_blob_id()
    {
        Put(ConfigOid, Config);
        await AssertRestoredAsync();
        Assert.Equal($"{Resolving}\n{WeightsRequests}", _bench.Requests);
    }

    [Fact]
    [Needs(Need.SymbolicLinks)]
    public async Task Locked_files_in_the_Hugging_Face_cache_are_restored_offline_without_a_request()
    {
        await AssertRestoredAsync();
        Directory.Delete(Project.Cache, recursive: true);
        _bench.Hub.Requests.Clear();
        Project.Log.Clear();
        Put(RestoreBench.Sha256(Weights), Weights);
        PutConfigSnapshot();
        Project.SetEnvironment("WISEHUB_OFFLINE", "1");

        await AssertRestoredAsync();

        Assert.Equal("", _bench.Requests);
        Assert.Equal(
            """
            info: Found 2 files, 18 B, in the Hugging Face cache <temp>/hf/hub.
            info: Fetching 2 files, 18 B, from the Hugging Face cache …
            info: Fetched 2 files, 18 B, in # s; every byte was verified.
            """.ReplaceLineEndings("\n"), Project.Log.Text);
    }

    [Fact]
    public async Task Offline_only_files_in_neither_cache_are_reported_as_missing()
    {
        await AssertRestoredAsync();
        Directory.Delete(Project.Cache, recursive: true);
        Put(RestoreBench.Sha256(Weights), Weights);
        Project.SetEnvironment("WISEHUB_OFFLINE", "1");
        Assert.Equal("WISE2014: acme/tiny: the network must not be used (WiseOffline, WISEHUB_OFFLINE or HF_HUB_OFFLINE), "
            + $"but the cache lacks 'config.json' ({RestoreBench.Sha256(Config)}, last seen on 'huggingface'). "
            + "Build once online, or put the files into a store hub.", await _bench.FailureAsync());
    }

    [Fact]
    public async Task A_cached_file_that_does_not_match_its_digest_is_fetched_from_the_hub()
    {
        Put(RestoreBench.Sha256(Weights), "THE WEIGHTS");
        await AssertRestoredAsync();
        Assert.Equal($"{Resolving}\n{WeightsRequests}\n{ConfigRequests}", _bench.Requests);
        Assert.Single(Project.Log.Text.Split('\n'), l => l.StartsWith("info: ", StringComparison.Ordinal) && l.Contains(
            $"<temp>/hf/hub/datasets--somebody--else/blobs/{RestoreBench.Sha256(Weights)} gave bytes whose sha256 is "
            + $"{RestoreBench.Sha256("THE WEIGHTS")}", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_truncated_file_is_not_used()
    {
        Put(RestoreBench.Sha256(Weights), "the");
        await AssertRestoredAsync();
        Assert.Equal($"{Resolving}\n{WeightsRequests}\n{ConfigRequests}", _bench.Requests);
        Assert.Equal($"info: <temp>/hf/hub/datasets--somebody--else/blobs/{RestoreBench.Sha256(Weights)} in the Hugging Face "
            + "cache is ignored: it has 3 bytes instead of 11.", Project.Log.Text.Split('\n')[0]);
    }

    [Fact]
    public async Task An_incomplete_download_is_ignored()
    {
        Put(RestoreBench.Sha256(Weights) + ".incomplete", Weights);
        Put(RestoreBench.Sha256(Weights) + ".0123abcd.incomplete", Weights);
        await AssertRestoredAsync();
        Assert.Equal($"{Resolving}\n{WeightsRequests}\n{ConfigRequests}", _bench.Requests);
    }

    [Fact]
    [Needs(Need.SymbolicLinks)]
    public async Task A_link_in_the_Hugging_Face_cache_is_followed()
    {
        string target = Project.Temp.Write("elsewhere/weights", Weights);
        Directory.CreateDirectory(Path.Combine(Cache, "models--a--b/blobs"));
        File.CreateSymbolicLink(Project.Temp["elsewhere/link"], target);
        File.CreateSymbolicLink(Path.Combine(Cache, "models--a--b/blobs", RestoreBench.Sha256(Weights)),
            "../../../../elsewhere/link");
        await AssertRestoredAsync();
        Assert.Equal($"{Resolving}\n{ConfigRequests}", _bench.Requests);
    }

    [Theory]
    [InlineData("ln -s /nowhere/at/all")]
    [InlineData("ln -s /")]
    [InlineData("mkfifo")]
    [Needs(Need.Unix, Because = "There are no pipes in the folders of Windows.")]
    public async Task A_cache_entry_that_is_not_a_file_is_skipped(string command)
    {
        string blob = Path.Combine(Cache, "models--a--b/blobs", RestoreBench.Sha256(Weights));
        Directory.CreateDirectory(Path.GetDirectoryName(blob)!);
        string[] words = command.Split(' ');
        Assert.Equal(0, (await ProcessRunner.RunAsync(words[0], [.. words[1..], blob], "/")).ExitCode);
        await AssertRestoredAsync();
        Assert.Equal($"{Resolving}\n{WeightsRequests}\n{ConfigRequests}", _bench.Requests);
        Assert.DoesNotContain("info: <temp>", Project.Log.Text, StringComparison.Ordinal);
    }

    [Fact]
    [Needs(Need.Unix, Because = "stat is of Unix.")]
    public async Task A_file_in_the_Hugging_Face_cache_is_not_modified()
    {
        string blob = Put(RestoreBench.Sha256(Weights), Weights);
        File.SetAttributes(blob, FileAttributes.ReadOnly);
        string before = await StatAsync();
        RestoreResult result = await _bench.RestoreAsync();
        // inode, links, mode, mtime, ctime
        Assert.Equal(before, await StatAsync());
        string ours = result.Snapshots[0].Files[1].BlobPath;
        Assert.False(new FileInfo(ours).IsReadOnly);
        await File.AppendAllTextAsync(ours, "!");
        Assert.Equal(Weights, await File.ReadAllTextAsync(blob));

        async Task<string> StatAsync() => (await ProcessRunner.RunAsync("stat", ["-c", "%i %h %a %y %z", blob], "/")).Output;
    }

    [Fact]
    public async Task A_forced_restore_fetches_from_the_hub()
    {
        Put(RestoreBench.Sha256(Weights), Weights);
        await _bench.RestoreAsync(Project.Request(HubBench.Reference()) with { Force = true });
        Assert.Equal($"{Resolving}\n{WeightsRequests}\n{ConfigRequests}", _bench.Requests);
    }

    [Fact]
    public async Task A_complete_restore_does_not_look_into_the_Hugging_Face_cache()
    {
        await AssertRestoredAsync();
        var asked = new List<string>();
        using HubClient client = _bench.NewClient(o => o with
        {
            Environment = name =>
            {
                asked.Add(name);
                return o.Environment!(name);
            },
        });
        await client.RestoreAsync(Project.Request(HubBench.Reference()));
        Assert.DoesNotContain("HF_HUB_CACHE", asked);
    }

    [Theory]
    [InlineData("HF_HUB_CACHE", "<temp>/x", "x")]
    [InlineData("HF_HUB_CACHE", "$PLACE/x", "x")]
    [InlineData("HF_HUB_CACHE", "${PLACE}/$unknown", "$unknown")]
    [InlineData("HF_HUB_CACHE", "~/x", "home/x")]
    [InlineData("HUGGINGFACE_HUB_CACHE", "<temp>/x", "x")]
    [InlineData("HF_HOME", "<temp>/x", "x/hub")]
    [InlineData("XDG_CACHE_HOME", "<temp>/x", "x/huggingface/hub")]
    [InlineData("PATH", "", "home/.cache/huggingface/hub")]
    public async Task The_Hugging_Face_cache_is_found_where_its_own_tools_have_it(string variable, string value, string folder)
    {
        Project.SetEnvironment("HF_HOME", "");
        Project.SetEnvironment("HOME", Project.Temp["home"]);
        Project.SetEnvironment("PLACE", Project.Temp.Path);
        Project.SetEnvironment(variable, value.Replace("<temp>", Project.Temp.Path, StringComparison.Ordinal));
        Project.Temp.Write($"{folder}/models--a--b/blobs/{RestoreBench.Sha256(Weights)}", Weights);
        await AssertRestoredAsync();
        Assert.Equal($"info: Found 1 file, 11 B, in the Hugging Face cache <temp>/{folder}.",
            Project.Log.Text.Split('\n')[0]);
    }

    [Fact]
    public async Task HF_HUB_CACHE_overrides_HUGGINGFACE_HUB_CACHE()
    {
        Project.SetEnvironment("HF_HUB_CACHE", Project.Temp["first"]);
        Project.SetEnvironment("HUGGINGFACE_HUB_CACHE", Project.Temp["second"]);
        Put(RestoreBench.Sha256(Weights), Weights);
        Project.Temp.Write($"second/models--a--b/blobs/{RestoreBench.Sha256(Weights)}", Weights);
        await AssertRestoredAsync();
        Assert.Equal($"{Resolving}\n{WeightsRequests}\n{ConfigRequests}", _bench.Requests);
    }
}
