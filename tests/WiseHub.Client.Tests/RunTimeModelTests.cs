using System.Globalization;
using System.Text;
using System.Text.Json;
using WiseHub.Testing;

namespace WiseHub.Client.Tests;

/// <summary>Models that a program fetches at run time.</summary>
public sealed class RunTimeModelTests
{
    private static readonly (string, string)[] Two = [("config.json", "{}"), ("sub/weights.bin", "weights")];

    // The requests of a fetch: contents only, by the locked commit.
    private static string Requested(ProgramBench bench) =>
        string.Join('\n', bench.Build.Requests.Split('\n').Order(StringComparer.Ordinal));

    [Fact]
    public async Task A_program_gets_a_folder_with_the_files_of_its_manifest()
    {
        await using ProgramBench bench = await ProgramBench.StartAsync(Two);
        string folder = await bench.EnsureAsync();
        Assert.Equal("config.json={}\nsub/weights.bin=weights", ProgramBench.Files(folder));
        Assert.True(Path.IsPathFullyQualified(folder));
        Assert.Equal(folder, bench.TryFind());
    }

    [Fact]
    public async Task A_fetch_requests_only_contents_of_the_locked_commit()
    {
        await using ProgramBench bench = await ProgramBench.StartAsync(Two);
        bench.Build.Repo(("config.json", "{\"newer\":1}"));
        string folder = await bench.EnsureAsync();
        Assert.Equal("config.json={}\nsub/weights.bin=weights", ProgramBench.Files(folder));
        string commit = bench.Manifest.Entry.Commit[..4] + "…";
        Assert.All(Requested(bench).Split('\n').Where(r => r.StartsWith("hub ", StringComparison.Ordinal)),
            r => Assert.Matches($"^hub GET /(acme/tiny/resolve|api/resolve-cache/models/acme/tiny)/{commit}/", r));
    }

    [Fact]
    public async Task When_everything_is_there_nothing_is_requested_or_written()
    {
        await using ProgramBench bench = await ProgramBench.StartAsync(Two);
        string first = await bench.EnsureAsync();
        bench.Hub.Requests.Clear();
        string before = TempFolder.Tree(bench.App.Path);
        Assert.Equal((first, first), (await bench.EnsureAsync(), bench.TryFind()));
        Assert.Equal(("", before), (bench.Build.Requests, TempFolder.Tree(bench.App.Path)));
    }

    [Fact]
    public async Task A_complete_cache_needs_no_configuration_of_the_hub()
    {
        await using ProgramBench bench = await ProgramBench.StartAsync(Two);
        string first = await bench.EnsureAsync();
        bench.App.Write("program/wisehub.json", "broken");
        Assert.Equal(first, await bench.EnsureAsync());
    }

    [Fact]
    public async Task Files_that_a_build_has_cached_are_not_fetched_again()
    {
        await using ProgramBench bench = await ProgramBench.StartAsync(Two);
        string folder = await bench.EnsureAsync(o => o with { CacheDirectory = bench.Build.Project.Cache });
        Assert.Equal(("config.json={}\nsub/weights.bin=weights", ""), (ProgramBench.Files(folder), bench.Build.Requests));
    }

    [Fact]
    public async Task A_file_that_was_deleted_or_changed_comes_back()
    {
        await using ProgramBench bench = await ProgramBench.StartAsync(Two);
        string folder = await bench.EnsureAsync();
        File.Delete(Path.Combine(folder, "config.json"));
        RestoreBench.Damage(Path.Combine(folder, "sub", "weights.bin"), "WEIGHTS");
        Assert.Null(bench.TryFind());
        Assert.Equal("config.json={}\nsub/weights.bin=weights", ProgramBench.Files(await bench.EnsureAsync()));
    }

    [Fact]
    public async Task Programs_with_other_selections_of_one_commit_have_their_own_folders()
    {
        await using ProgramBench bench = await ProgramBench.StartAsync(Two);
        string all = await bench.EnsureAsync();
        await bench.PublishAsync(HubBench.Reference() with { Files = new FileSelection(["*.json"], []) });
        string some = await bench.EnsureAsync();
        Assert.Equal(("config.json={}", "config.json={}\nsub/weights.bin=weights"),
            (ProgramBench.Files(some), ProgramBench.Files(all)));
    }

    [Fact]
    public async Task An_edited_manifest_is_refused_before_anything_else()
    {
        await using ProgramBench bench = await ProgramBench.StartAsync(Two);
        string expected = bench.Model.ManifestSha256;
        byte[] edited = [.. bench.Manifest.ToBytes(), (byte)'\n'];
        File.WriteAllBytes(bench.ManifestPath, edited);
        bench.SetEnvironment("WISEHUB_MODEL_TINY", bench.App["nowhere"]);
        string failure = "WISE1106: tiny: the manifest <app>/program/wise-models/tiny.json is not the one this program was "
            + "built "
            + $"with: its sha256 is {RestoreBench.Sha256(edited)}, not {expected}. Publish the program again, and copy all of "
            + "its "
            + "files. To use other files, name their folder with WISEHUB_MODEL_TINY.";
        Assert.Equal((failure, ""), (await bench.FailureAsync(), bench.Build.Requests));
        Assert.Equal(WiseCodes.ManifestEdited, Assert.Throws<HubException>(() => bench.TryFind()).Code);
        Assert.False(Directory.Exists(bench.Cache));
    }

    [Fact]
    public async Task A_missing_manifest_is_an_error()
    {
        await using ProgramBench bench = await ProgramBench.StartAsync(Two);
        File.Delete(bench.ManifestPath);
        Assert.Equal("WISE1105: tiny: the manifest <app>/program/wise-models/tiny.json cannot be read: it does not exist. It "
            + "belongs "
            + "beside the program; publish the program again, and copy all of its files.", await bench.FailureAsync());
    }

    [Theory]
    [InlineData("""[]""",
        "<m>(1,1) is not a JSON object. Build and publish the program again, with one version of WiseHub.")]
    [InlineData("""{"version":2,"config":{},"references":[]}""",
        "<m> has version 2; this WiseHub.Client reads version 1. Use the WiseHub.Client of the version of the WiseHub.Build that "
            + "built the program.")]
    [InlineData("""{"version":1,"config":{},"references":[]}""",
        "<m> has 0 references; a manifest has one. Build and publish the program again, with one version of WiseHub.")]
    [InlineData("""{"version":1,"version":1,"config":{},"references":[]}""",
        "<m>(1,14): 'version' occurs twice. Build and publish the program again, with one version of WiseHub.")]
    [InlineData("""{"version":1,"secret":{},"references":[]}""",
        "<m>(1,14): 'secret' is not a known key. The keys are version, references, config. Build and publish the program "
            + "again, with one version of WiseHub.")]
    [InlineData("""
        {"version":1,"config":{},"references":[{"repoType":"model","repoId":"a/b","hub":"team",
        "commit":"0123456789012345678901234567890123456789","selections":[{}],"files":[
        {"path":"../x","size":1,"sha256":"0123456789012345678901234567890123456789012345678901234567890123"}]}]}
        """,
        "<m>(3,1): the path '../x' cannot be used: it has the part '..'. Build and publish the program again, with one "
            + "version of "
            + "WiseHub.")]
    public async Task A_malformed_manifest_is_an_error_with_its_place(string manifest, string message)
    {
        await using ProgramBench bench = await ProgramBench.StartAsync(Two);
        bench.Ship(manifest);
        Assert.Equal("WISE1105: " + message.Replace("<m>", "<app>/program/wise-models/tiny.json", StringComparison.Ordinal),
            await bench.FailureAsync());
    }

    [Fact]
    public async Task A_manifest_must_not_name_a_folder_as_a_hub()
    {
        await using ProgramBench bench = await ProgramBench.StartAsync(Two);
        bench.Ship(Encoding.UTF8.GetString(bench.Manifest.ToBytes()).Replace("\"endpoint\"", "\"path\"", StringComparison.Ordinal)
            .Replace("\"huggingface\"", "\"store\"", StringComparison.Ordinal));
        Assert.StartsWith("WISE1105: <app>/program/wise-models/tiny.json(1,", await bench.FailureAsync(),
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_that_is_too_large_for_a_manifest_is_not_read()
    {
        await using ProgramBench bench = await ProgramBench.StartAsync(Two);
        using (FileStream file = File.OpenWrite(bench.ManifestPath))
            file.SetLength((64 << 20) + 1);
        Assert.Equal("WISE1105: tiny: the manifest <app>/program/wise-models/tiny.json has 67.1 MB; a manifest has at most "
            + "67.1 MB. "
            + "Publish the program again.", await bench.FailureAsync());
    }

    [Fact]
    public async Task A_folder_in_a_variable_is_used_instead_and_nothing_is_fetched()
    {
        await using ProgramBench bench = await ProgramBench.StartAsync(Two);
        bench.App.Write("own/config.json", "[]");
        bench.App.Write("own/sub/weights.bin", "WEIGHTS");
        bench.SetEnvironment("WISEHUB_MODEL_TINY", bench.App["own"]);
        Assert.Equal((bench.App["own"], bench.App["own"], ""),
            (await bench.EnsureAsync(), bench.TryFind(), bench.Build.Requests));
        Assert.False(Directory.Exists(bench.Cache));
    }

    [Fact]
    public async Task The_variable_of_a_model_has_its_alias_in_upper_case_without_other_characters()
    {
        await using ProgramBench bench = await ProgramBench.StartAsync(("a", "x"));
        bench.App.Write("own/a", "y");
        bench.SetEnvironment("WISEHUB_MODEL_BGE_SMALL_V1_5", bench.App["own"]);
        var model = new RunTimeModel("bge-small.v1-5", ProgramBench.ManifestName, bench.Model.ManifestSha256);
        Assert.Equal(bench.App["own"], model.TryFind(bench.Options));
    }

    [Fact]
    public async Task A_folder_in_the_options_comes_before_the_variable_and_that_before_the_application_context()
    {
        await using ProgramBench bench = await ProgramBench.StartAsync(("a", "x"));
        foreach (string name in (string[])["one", "two", "three"])
            bench.App.Write($"program/{name}/a", "y");
        var model = new RunTimeModel("precedence", ProgramBench.ManifestName, bench.Model.ManifestSha256);
        AppContext.SetData("WiseHub.Model.precedence", "three");
        Assert.Equal(bench.App["program/three"], model.TryFind(bench.Options));
        bench.SetEnvironment("WISEHUB_MODEL_PRECEDENCE", bench.App["program/two"]);
        Assert.Equal(bench.App["program/two"], model.TryFind(bench.Options));
        Assert.Equal(bench.App["program/one"], model.TryFind(bench.Options with { Folder = "one" }));
    }

    [Fact]
    public async Task A_folder_that_is_used_instead_must_have_all_files_with_their_sizes()
    {
        await using ProgramBench bench = await ProgramBench.StartAsync([.. Two, ("more", "x")]);
        bench.SetEnvironment("WISEHUB_MODEL_TINY", bench.App["own"]);
        Assert.Equal("WISE1107: tiny: WISEHUB_MODEL_TINY names the folder <app>/own, which does not exist. Put the files of "
            + "the model "
            + "there, or remove WISEHUB_MODEL_TINY to fetch them.", await bench.FailureAsync());
        bench.App.Write("own/config.json", "{ }");
        bench.App.Write("own/more", "y");
        Assert.Equal("WISE1107: tiny: WISEHUB_MODEL_TINY names the folder <app>/own, in which 'config.json' has 3 bytes "
            + "instead of 2, "
            + "'sub/weights.bin' is missing. Put the files of the model there, or remove WISEHUB_MODEL_TINY to fetch them.",
            await bench.FailureAsync());
    }

    [Fact]
    [Needs(Need.SymbolicLinks)]
    public async Task A_folder_that_is_used_instead_may_have_links()
    {
        await using ProgramBench bench = await ProgramBench.StartAsync(("a", "x"));
        bench.App.Write("blobs/1", "y");
        Directory.CreateDirectory(bench.App["own"]);
        File.CreateSymbolicLink(bench.App["own/a"], Path.Combine("..", "blobs", "1"));
        Assert.Equal(bench.App["own"], await bench.EnsureAsync(o => o with { Folder = bench.App["own"] }));
    }

    [Fact]
    public async Task Offline_a_lack_names_the_missing_files()
    {
        await using ProgramBench bench = await ProgramBench.StartAsync(Two);
        string failure = "WISE2014: tiny: the network must not be used (RunTimeOptions.Offline, WISEHUB_OFFLINE or "
            + "HF_HUB_OFFLINE), but "
            + "the cache <app>/cache lacks 'config.json' (2 B), 'sub/weights.bin' (7 B). Start the program once with network, "
            + "copy a "
            + "filled cache to this machine, or name a folder with the files with WISEHUB_MODEL_TINY.";
        Assert.Equal(failure, await bench.FailureAsync(o => o with { Offline = true }));
        bench.SetEnvironment("WISEHUB_OFFLINE", "1");
        Assert.Equal((failure, ""), (await bench.FailureAsync(), bench.Build.Requests));
        Assert.Null(bench.TryFind());
    }

    [Fact]
    public async Task Offline_a_complete_cache_is_enough()
    {
        await using ProgramBench bench = await ProgramBench.StartAsync(Two);
        string folder = await bench.EnsureAsync();
        Assert.Equal(folder, await bench.EnsureAsync(o => o with { Offline = true }));
    }

    [Fact]
    public async Task When_the_hub_is_down_the_failure_names_the_missing_files()
    {
        await using ProgramBench bench = await ProgramBench.StartAsync(Two);
        bench.Hub.Faults.On("weights.bin", new Fault.Status(503), times: 100);
        string failure = await bench.FailureAsync();
        Assert.StartsWith("WISE2001: ", failure, StringComparison.Ordinal);
        Assert.EndsWith(" tiny: the cache <app>/cache lacks 'sub/weights.bin' (7 B).", failure, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_cancelled_fetch_is_resumed()
    {
        const int Size = 8 << 20;
        await using ProgramBench bench = await ProgramBench.StartBigAsync(Size);
        using var cancel = new CancellationTokenSource();
        bench.Hub.Faults.On("", new Fault.Throttle(1 << 20), times: 100);
        var progress = new Progress(p =>
        {
            if (p.BytesDone > 2 << 20)
                cancel.Cancel();
        });
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => bench.Model.EnsureAsync(progress, bench.Options, cancel.Token));
        bench.Hub.Faults.Clear();
        // The hub may still be recording requests of the first fetch, so those of the second have a name.
        string folder = await bench.Model.EnsureAsync(
            options: bench.Options with { Product = "Again" }, cancel: TestContext.Current.CancellationToken);
        Assert.Equal(Size, new FileInfo(Path.Combine(folder, "model.bin")).Length);
        Assert.InRange(bench.Hub.Requests.All.Where(r => r.Headers["User-Agent"].Contains("Again", StringComparison.Ordinal))
            .Sum(r => r.BodyBytes), 1, Size - (1 << 20));
    }

    [Fact]
    public async Task Progress_ends_with_all_files()
    {
        await using ProgramBench bench = await ProgramBench.StartAsync(Two);
        var seen = new List<TransferProgress>();
        await bench.Model.EnsureAsync(new Progress(seen.Add), bench.Options, TestContext.Current.CancellationToken);
        Assert.Equal((9L, 9L, 2, 2), (seen[^1].BytesDone, seen[^1].BytesTotal, seen[^1].FilesDone, seen[^1].FilesTotal));
    }

    [Fact]
    public async Task A_wisehub_json_beside_the_program_overrides_the_manifest()
    {
        await using ProgramBench bench = await ProgramBench.StartAsync(Two);
        bench.Ship(Encoding.UTF8.GetString(bench.Manifest.ToBytes()).Replace(
            bench.Hub.Endpoint.OriginalString, "http://127.0.0.1:1", StringComparison.Ordinal));
        bench.App.Write("wisehub.json", Config(bench.Hub));
        Assert.Equal("config.json={}\nsub/weights.bin=weights", ProgramBench.Files(await bench.EnsureAsync()));
    }

    [Fact]
    public async Task WISEHUB_CONFIG_comes_before_a_wisehub_json_beside_the_program()
    {
        await using ProgramBench bench = await ProgramBench.StartAsync(Two);
        bench.App.Write("program/wisehub.json", "{}");
        bench.SetEnvironment("WISEHUB_CONFIG", bench.App.Write("other/wisehub.json",
            """{"hubs":{"team":{"protocol":"huggingface","endpoint":"http://127.0.0.1:1"}}}"""));
        Assert.StartsWith("WISE2001: ", await bench.FailureAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task WISEHUB_CONFIG_must_be_an_absolute_path()
    {
        await using ProgramBench bench = await ProgramBench.StartAsync(Two);
        bench.SetEnvironment("WISEHUB_CONFIG", "wisehub.json");
        Assert.StartsWith("WISE1070: The environment variable WISEHUB_CONFIG is 'wisehub.json', a relative path.",
            await bench.FailureAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_users_own_configuration_overrides_the_manifest()
    {
        await using ProgramBench bench = await ProgramBench.StartAsync(Two);
        bench.App.Write("home/.config/wisehub/wisehub.json",
            """{"hubs":{"team":{"protocol":"huggingface","endpoint":"http://127.0.0.1:1"}}}""");
        Assert.StartsWith("WISE2001: ", await bench.FailureAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_hub_in_a_folder_must_be_declared_on_the_machine_of_the_program()
    {
        await using ProgramBench bench = await ProgramBench.StartAsync(Two);
        await new StoreBuilder(bench.Build.Project.Temp["hub"]).PushAsync("acme/tiny", ("a", "hello"));
        bench.Build.Project.Configure("""{"defaultHub":"local","hubs":{"local":{"protocol":"store","path":"hub"}}}""");
        await bench.PublishAsync();
        Assert.Equal("WISE1002: tiny: the hub 'local' is a folder or was configured by the environment when the program was "
            + "built, so "
            + "the program does not know where it is. Declare it in a wisehub.json in <app>/program or above, or in the file "
            + "that "
            + "WISEHUB_CONFIG names.", await bench.FailureAsync());
        bench.App.Write("program/wisehub.json", $$$"""
            {"hubs":{"local":{"protocol":"store","path":"{{{JsonEncodedText.Encode(bench.Build.Project.Temp["hub"])}}}"} } }
            """);
        Assert.Equal("a=hello", ProgramBench.Files(await bench.EnsureAsync()));
    }

    [Fact]
    public async Task A_token_of_the_hubs_name_is_sent_to_the_hub_of_the_manifest()
    {
        await using ProgramBench bench = await ProgramBench.StartAsync(Two);
        bench.SetEnvironment("WISEHUB_TOKEN_TEAM", bench.Hub.Token);
        await bench.EnsureAsync();
        Assert.Contains(bench.Hub.Requests.All,
            r => r.Headers.Any(h => h.Value.Contains(bench.Hub.Token, StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("HF_TOKEN", "team")]
    [InlineData("HF_TOKEN", "huggingface")]
    [InlineData("WISEHUB_TOKEN_HUGGINGFACE", "huggingface")]
    public async Task A_manifest_gets_no_token_that_the_user_has_for_another_server(string variable, string name)
    {
        await using ProgramBench bench = await ProgramBench.StartAsync(Two);
        bench.Ship(Renamed(Encoding.UTF8.GetString(bench.Manifest.ToBytes()), name));
        bench.SetEnvironment(variable, bench.Hub.Token);
        await bench.EnsureAsync();
        Assert.NotEmpty(bench.Hub.Requests.All);
        Assert.DoesNotContain(bench.Hub.Requests.All,
            r => r.Headers.Any(h => h.Value.Contains(bench.Hub.Token, StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_manifest_does_not_make_another_file_more_trusted()
    {
        // The manifest moves the name first; then the project's file must still count as one that moves it.
        await using ProgramBench bench = await ProgramBench.StartAsync(Two);
        bench.Ship(Renamed(Encoding.UTF8.GetString(bench.Manifest.ToBytes()), "huggingface"));
        bench.App.Write("program/wisehub.json", Renamed(Config(bench.Hub), "huggingface"));
        bench.SetEnvironment("WISEHUB_TOKEN_HUGGINGFACE", bench.Hub.Token);
        await bench.EnsureAsync();
        Assert.DoesNotContain(bench.Hub.Requests.All,
            r => r.Headers.Any(h => h.Value.Contains(bench.Hub.Token, StringComparison.Ordinal)));
    }

    [Fact]
    [Needs(Need.Root)]
    public async Task A_read_only_cache_with_everything_is_enough()
    {
        await using ProgramBench bench = await ProgramBench.StartAsync(Two);
        await using SmallDisk? disk = await SmallDisk.MountAsync("size=16m");
        Assert.SkipWhen(disk is null, "No mounts here.");
        string folder = await bench.EnsureAsync(o => o with { CacheDirectory = disk["cache"] });
        // As after an hour: then the use would be recorded.
        foreach (string mark in Directory.GetFiles(disk["cache/roots"]))
            File.SetLastWriteTimeUtc(mark, DateTime.UtcNow.AddHours(-2));
        await disk.RemountAsync("ro");
        RunTimeOptions options = bench.Options with { CacheDirectory = disk["cache"] };
        Assert.Equal((folder, folder), (bench.Model.TryFind(options), await bench.Model.EnsureAsync(null, options)));
    }

    [Fact]
    [Needs(Need.Root)]
    public async Task A_read_only_cache_that_lacks_files_is_an_error_with_a_remedy()
    {
        await using ProgramBench bench = await ProgramBench.StartAsync(Two);
        await using SmallDisk? disk = await SmallDisk.MountAsync("size=16m");
        Assert.SkipWhen(disk is null, "No mounts here.");
        bench.Log.Hiding(disk.Path, "<disk>");
        string folder = await bench.EnsureAsync(o => o with { CacheDirectory = disk["cache"] });
        File.Delete(Path.Combine(folder, "config.json"));
        File.Delete(Path.Combine(disk["cache"], "blobs", RestoreBench.Sha256("{}")[..2], RestoreBench.Sha256("{}")[2..]));
        await disk.RemountAsync("ro");
        Assert.Equal("WISE1108: tiny: the cache <disk>/cache cannot be written, and it lacks 'config.json' (2 B). Set "
            + "WISEHUB_CACHE to a "
            + "folder that can be written, such as a volume, or fill the cache before it becomes read-only: run the program, "
            + "or name "
            + "a folder with the files with WISEHUB_MODEL_TINY.",
            await bench.FailureAsync(o => o with { CacheDirectory = disk["cache"] }));
        // Without any part of a cache.
        Assert.StartsWith("WISE1108: tiny: the cache <disk>/none cannot be written, and it lacks 'config.json' (2 B), "
            + "'sub/weights.bin' "
            + "(7 B).", await bench.FailureAsync(o => o with { CacheDirectory = disk["none"] }), StringComparison.Ordinal);
    }

    [Fact]
    [Needs(Need.Sdk)]
    public async Task Ten_processes_that_start_at_once_fetch_each_file_once()
    {
        await using ProgramBench bench = await ProgramBench.StartAsync(
            [.. Enumerable.Range(0, 20).Select(
                i => (string.Create(CultureInfo.InvariantCulture, $"{i:00}.txt"), $"content {i}"))]);
        ProcessResult[] results = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => bench.RunAsync("ensure")));
        Assert.All(results, r => Assert.Equal((0, ""), (r.ExitCode, r.Error)));
        string folder = Assert.Single(results.Select(r => r.Output.Trim()).Distinct());
        Assert.Equal(20, Directory.GetFiles(folder).Length);
        Assert.Equal(20, bench.Hub.Requests.All.Count(r => r.Path.Contains(".txt", StringComparison.Ordinal)
            && r.Path.Contains("/resolve/", StringComparison.Ordinal)));
    }

    [Fact]
    [Needs(Need.Strace)]
    public async Task A_file_that_is_there_takes_one_look()
    {
        (int few, int many) = (await CallsAsync(20), await CallsAsync(220));
        Assert.InRange((many - few) / 200.0, 0.9, 1.1);

        static async Task<int> CallsAsync(int files)
        {
            await using ProgramBench bench = await ProgramBench.StartAsync([.. Enumerable.Range(0, files).Select(
                i => (string.Create(CultureInfo.InvariantCulture, $"d{i % 4}/{i}.txt"), $"content {i}"))]);
            await bench.RunAsync("ensure");
            string trace = bench.App["trace"];
            ProcessResult result = await bench.RunAsync("find", "strace", "-f", "-qq", "-e", "trace=%file,%desc", "-o", trace);
            Assert.True(result.ExitCode == 0 && result.Output.Trim().Length > 0, result.Error);
            return File.ReadLines(trace).Count(l => l.Contains("/cache/", StringComparison.Ordinal));
        }
    }

    [Fact]
    public async Task A_prune_keeps_what_a_manifest_lists()
    {
        await using ProgramBench bench = await ProgramBench.StartAsync(Two);
        string folder = await bench.EnsureAsync();
        using var client = new HubClient(new HubClientOptions
        {
            CacheDirectory = bench.Cache,
            Environment = TestEnvironment.Empty,
            Time = new LaterTime(TimeSpan.FromDays(1)),
            Log = bench.Log,
        });
        bench.Log.Clear();
        CacheRemoval removed = await client.Cache.PruneAsync(cancel: TestContext.Current.CancellationToken);
        Assert.Equal((0, 0, ""), (removed.Files, removed.Commits.Count, bench.Log.Visible));
        Assert.Equal(folder, bench.TryFind());
    }

    [Fact]
    public void A_model_needs_an_alias_a_manifest_and_a_digest()
    {
        Assert.Throws<ArgumentException>(() => new RunTimeModel("", "m.json", new string('0', 64)));
        Assert.Throws<ArgumentException>(() => new RunTimeModel("a", "", new string('0', 64)));
        Assert.Throws<ArgumentException>(() => new RunTimeModel("a", "m.json", "0"));
        Assert.Equal(("a", "m.json", new string('0', 64), "a"), (new RunTimeModel("a", "m.json", new string('0', 64)) is var model
            ? (model.Alias, model.Manifest, model.ManifestSha256, model.ToString()) : default));
    }

    // The hub "team" with another name.
    private static string Renamed(string json, string name) =>
        json.Replace("\"team\"", $"\"{name}\"", StringComparison.Ordinal);

    private static string Config(TestHub hub) =>
        $$$"""{"hubs":{"team":{"protocol":"huggingface","endpoint":"{{{hub.Endpoint.OriginalString}}}"} } }""";

    private sealed class Progress(Action<TransferProgress> report) : IProgress<TransferProgress>
    {
        public void Report(TransferProgress value) => report(value);
    }
}
