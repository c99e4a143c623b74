using WiseHub.Testing;

namespace WiseHub.Client.Tests;

/// <summary>
/// Write-through: restored files are written to the mirror, and a mirror that cannot be written is a warning.
/// </summary>
public sealed class MirrorWritingTests : IAsyncLifetime
{
    private const string Fetched =
        """
        info: Fetching 2 files, 9 B, from huggingface …
        info: Fetched 2 files, 9 B, in # s; every byte was verified.

        """;

    private MirrorBench _mirror = null!;

    private HubBench Bench => _mirror.Bench;

    private string Folder => _mirror.Project.Temp["mirror"];

    public async ValueTask InitializeAsync()
    {
        _mirror = await MirrorBench.StartAsync();
        Bench.Repo(("config.json", "{}"), ("model.bin", "weights"));
        _mirror.Configure("""[{"hub":"disk","write":true}]""");
    }

    public ValueTask DisposeAsync() => _mirror.DisposeAsync();

    private string ReadRef(string name = "main") => File.ReadAllText(Path.Combine(Folder, "models/acme/tiny/refs", name));

    [Fact]
    public async Task Files_list_and_branch_are_written_to_the_mirror_under_the_commit_of_the_origin()
    {
        string commit = (await Bench.RestoreAsync()).Snapshots[0].Commit!;
        Assert.Equal(Fetched.ReplaceLineEndings("\n")
            + "info: acme/tiny: wrote 2 files, 9 B, of commit # to the mirror 'disk'.", _mirror.Visible);
        Assert.Equal((commit, "{}", "weights"), (ReadRef(), await File.ReadAllTextAsync(_mirror.BlobPath("{}")),
            await File.ReadAllTextAsync(_mirror.BlobPath("weights"))));
        const string Oid = "9e26dfeeb6e641a33dae4961196235bdb965b21b";
        Assert.Equal(
            $$"""
            {"version":1,"commit":"{{commit}}","message":"mirrored from huggingface","files":[
            {"path":"config.json","size":2,"oid":"{{Oid}}","sha256":"{{RestoreBench.Sha256("{}")}}"},
            {"path":"model.bin","size":7,"sha256":"{{RestoreBench.Sha256("weights")}}"}]}

            """.ReplaceLineEndings("\n"),
            await File.ReadAllTextAsync(Path.Combine(Folder, $"models/acme/tiny/trees/{commit}.json")));
    }

    [Fact]
    public async Task Without_the_origin_a_locked_restore_works_from_the_mirror()
    {
        await Bench.RestoreAsync();
        _mirror.Forget();
        _mirror.Project.SetEnvironment("HF_ENDPOINT", "http://127.0.0.1:9");
        Assert.Equal("config.json={}\nmodel.bin=weights", RestoreBench.Contents((await Bench.RestoreAsync()).Snapshots[0]));
        Assert.Equal(Fetched.ReplaceLineEndings("\n").Replace("huggingface", "disk", StringComparison.Ordinal)
            .TrimEnd(), _mirror.Visible);
    }

    [Fact]
    public async Task Only_files_that_the_mirror_lacks_are_written()
    {
        await _mirror.Store.PushAsync("somebody/else", ("x", "weights"));
        await Bench.RestoreAsync();
        Assert.EndsWith("info: acme/tiny: wrote 1 file, 2 B, of commit # to the mirror 'disk'.", _mirror.Visible,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_second_restore_writes_nothing_to_the_mirror()
    {
        await Bench.RestoreAsync();
        string before = TempFolder.Tree(Folder);
        _mirror.Project.Log.Clear();
        await Bench.RestoreAsync(Bench.Project.Request(HubBench.Reference()) with { Update = true });
        Assert.Equal(("", before), (_mirror.Visible, TempFolder.Tree(Folder)));
    }

    [Fact]
    public async Task Two_concurrent_restores_write_to_the_mirror_once()
    {
        await Task.WhenAll(Bench.RestoreAsync(), Bench.RestoreAsync(), Bench.RestoreAsync());
        Assert.Single(_mirror.Visible.Split('\n'), l => l.Contains("wrote", StringComparison.Ordinal));
        Assert.DoesNotContain(".tmp", TempFolder.Tree(Folder), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_damaged_blob_on_the_mirror_is_replaced()
    {
        await Bench.RestoreAsync();
        RestoreBench.Damage(_mirror.BlobPath("weights"), "WEIGHTS");
        await Bench.RestoreAsync(Bench.Project.Request(HubBench.Reference()) with { Update = true });
        Assert.Equal("weights", await File.ReadAllTextAsync(_mirror.BlobPath("weights")));
    }

    [Theory]
    [InlineData("false")]
    [InlineData("0")]
    [InlineData("never")]
    public async Task WISEHUB_MIRROR_WRITE_disables_writing_to_mirrors(string value)
    {
        _mirror.Project.SetEnvironment("WISEHUB_MIRROR_WRITE", value);
        await Bench.RestoreAsync();
        Assert.Equal("", TempFolder.Tree(Folder));
    }

    [Fact]
    public async Task The_MirrorWrite_option_disables_writing_to_mirrors()
    {
        using HubClient client = Bench.NewClient(o => o with { MirrorWrite = false });
        await client.RestoreAsync(Bench.Project.Request(HubBench.Reference()));
        Assert.Equal("", TempFolder.Tree(Folder));
    }

    [Fact]
    public async Task A_mirror_that_cannot_be_written_is_a_warning_and_the_restore_succeeds()
    {
        // Whoever runs the tests, root or not, cannot make a folder below a file.
        _mirror.Project.Temp.Write("own", "a file");
        _mirror.Configure("""[{"hub":"own","write":true}]""");
        Assert.True((await Bench.RestoreAsync()).LockFileChanged);
        string warning = Assert.Single(_mirror.Visible.Split('\n'), l => l.StartsWith("warning", StringComparison.Ordinal));
        Assert.StartsWith("warning WISE2071: acme/tiny was restored, but not written to the mirror 'own': "
            + "acme/tiny could not be written to 'own' (<temp>/own): ", warning, StringComparison.Ordinal);
        Assert.EndsWith("WiseMirrorWrite=false stops such writes.", warning, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_moved_branch_is_moved_on_the_mirror_too()
    {
        string old = (await Bench.RestoreAsync()).Snapshots[0].Commit!;
        string moved = Bench.Repo(("model.bin", "WEIGHTS")).Head();
        await Bench.RestoreAsync(Bench.Project.Request(HubBench.Reference()) with { Update = true });
        Assert.NotEqual(old, moved);
        Assert.Equal(moved, ReadRef());
        Assert.True(File.Exists(Path.Combine(Folder, $"models/acme/tiny/trees/{old}.json")));
    }

    [Fact]
    public async Task A_lock_file_does_not_move_a_branch_back()
    {
        await Bench.RestoreAsync();
        byte[] locked = await File.ReadAllBytesAsync(_mirror.Project.LockFile);
        string moved = Bench.Repo(("model.bin", "WEIGHTS")).Head();
        await Bench.RestoreAsync(Bench.Project.Request(HubBench.Reference()) with { Update = true });
        await File.WriteAllBytesAsync(_mirror.Project.LockFile, locked);
        _mirror.Forget();
        await Bench.RestoreAsync();
        Assert.Equal(moved, ReadRef());
    }

    [Fact]
    public async Task A_locked_restore_writes_the_whole_file_list_to_the_mirror()
    {
        _mirror.Configure("[]");
        FileSelection models = new(["*.bin"], []);
        string commit = (await Bench.RestoreAsync(HubBench.Reference() with { Files = models })).Snapshots[0].Commit!;
        _mirror.Forget();
        _mirror.Configure("""[{"hub":"disk","write":true}]""");
        await Bench.RestoreAsync(Bench.Project.Request(HubBench.Reference() with { Files = models }) with { Locked = true });
        Assert.Equal($"hub GET /acme/tiny/resolve/{commit[..4]}…/model.bin 302\n"
            + $"cdn GET /content/{RestoreBench.Sha256("weights")[..4]}… 200\n"
            + $"hub GET /api/models/acme/tiny/tree/{commit[..4]}…?recursive=true&expand=false 200", _mirror.HubRequests);
        string tree = await File.ReadAllTextAsync(Path.Combine(Folder, $"models/acme/tiny/trees/{commit}.json"));
        Assert.Contains("\"config.json\",\"size\":2,\"oid\":\"9e26dfeeb6e641a33dae4961196235bdb965b21b\"}", tree,
            StringComparison.Ordinal);
        Assert.Equal(commit, ReadRef());
    }

    [Fact]
    public async Task A_branch_with_pushed_commits_is_not_moved()
    {
        string pushed = await _mirror.Store.PushAsync("acme/tiny", ("a", "of the team"));
        await Bench.RestoreAsync();
        Assert.Equal(pushed, ReadRef());
        Assert.Contains(
            $"warning WISE2072: acme/tiny: 'main' on 'disk' stays at {pushed}, which was not mirrored from 'huggingface'. "
            + "The commit # was written under its own name. Two repos of the same name need two mirrors.\n",
            _mirror.Visible, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_contradicting_file_list_on_the_mirror_is_a_warning_and_not_changed()
    {
        string commit = (await Bench.RestoreAsync()).Snapshots[0].Commit!;
        string tree = Path.Combine(Folder, $"models/acme/tiny/trees/{commit}.json");
        string lie = (await File.ReadAllTextAsync(tree)).Replace(RestoreBench.Sha256("weights"), new string('a', 64),
            StringComparison.Ordinal);
        await File.WriteAllTextAsync(tree, lie);
        await Bench.RestoreAsync(Bench.Project.Request(HubBench.Reference()) with { Update = true });
        Assert.Equal(lie, await File.ReadAllTextAsync(tree));
        Assert.Contains("warning WISE2071: acme/tiny was restored, but not written to the mirror 'disk': acme/tiny: "
            + "in the file list of commit # on 'disk', 'model.bin' has the sha256 ", _mirror.Visible, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Offline_a_folder_mirror_provides_the_files()
    {
        await Bench.RestoreAsync();
        _mirror.Forget();
        _mirror.Project.SetEnvironment("WISEHUB_OFFLINE", "1");
        File.Delete(_mirror.Project.LockFile);
        Assert.Equal("config.json={}\nmodel.bin=weights", RestoreBench.Contents((await Bench.RestoreAsync()).Snapshots[0]));
        Assert.Equal("", _mirror.HubRequests);
    }
}
