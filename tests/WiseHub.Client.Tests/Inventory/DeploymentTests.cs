using System.Text;
using WiseHub.Testing;

namespace WiseHub.Client.Tests.Inventory;

/// <summary>The comparison of a deployed program with its lock file.</summary>
public sealed class DeploymentTests : IDisposable
{
    private readonly TempFolder _temp = new();

    public void Dispose() => _temp.Dispose();

    private static LockEntry Entry(string id, params (string Path, string Text)[] files) => new(
        new LockKey(RepoType.Model, id, "team", null, null), BillBench.Commit, [FileSelection.All],
        [.. files.Select(f => new LockedFile(f.Path, Encoding.UTF8.GetByteCount(f.Text), BillBench.DigestOf(f.Text)))]);

    private static readonly LockEntry Tiny = Entry("acme/tiny", ("config.json", "{}"), ("onnx/model.onnx", "weights"));

    private static readonly LockEntry Other = Entry("acme/other", ("config.json", "{ }"), ("LICENSE", "MIT"));

    private void Deploy(string folder, params (string Path, string Text)[] files)
    {
        foreach ((string path, string text) in files)
            _temp.Write($"app/{folder}{path}", text);
    }

    private void DeployTiny(string folder = "models/tiny/") =>
        Deploy(folder, ("config.json", "{}"), ("onnx/model.onnx", "weights"));

    private string Verify(DeploymentOptions? options = null, params LockEntry[] entries)
    {
        DeploymentReport report = Deployment.Verify(_temp["app"], entries, options, TestContext.Current.CancellationToken);
        return string.Join('\n', report.Models.Select(m => $"{m.Entry.Key.RepoId}: {m.Files} files, {m.Size} B in "
            + $"[{string.Join(", ", m.Folders)}]{m.Manifest}").Concat(report.Problems.Select(p => $"{p.Code}: {Hidden(p)}")));
    }

    private string Hidden(HubException e) =>
        e.Message.Replace(_temp.Path, "<temp>", StringComparison.Ordinal).Replace('\\', '/');

    [Theory]
    [InlineData("models/tiny/", "models/tiny")]
    [InlineData("layer/usr/share/app/models/tiny/", "layer/usr/share/app/models/tiny")]
    [InlineData("", "")]
    public void Locked_files_are_found_wherever_the_program_has_them(string folder, string shown)
    {
        Deploy("", ("App.dll", "program"));
        DeployTiny(folder);
        Assert.Equal($"acme/tiny: 2 files, 9 B in [{shown}]", Verify(null, Tiny));
    }

    [Fact]
    public void A_changed_file_is_an_error_with_both_digests()
    {
        DeployTiny();
        Deploy("models/tiny/", ("onnx/model.onnx", "WEIGHTS"));
        Assert.Equal($"acme/tiny: 1 files, 2 B in [models/tiny]\nWISE6050: model acme/tiny from team at the default branch: "
            + "'models/tiny/onnx/model.onnx' in <temp>/app is not the locked file: its sha256 is "
            + $"{BillBench.DigestOf("WEIGHTS").Hex}, and that in the lock file is {BillBench.DigestOf("weights").Hex}. "
            + "Do not run the program. Deploy it again.",
            Verify(null, Tiny));
    }

    // Without a right file, only the names tell that this is the model.
    [Fact]
    public void A_model_of_which_every_file_is_changed_is_an_error()
    {
        Deploy("models/tiny/", ("config.json", "[]"), ("onnx/model.onnx", "WEIGHTS"));
        Assert.Equal(2, Verify(null, Tiny).Split("WISE6050").Length - 1);
    }

    [Fact]
    public void A_changed_copy_is_an_error_even_if_another_copy_is_right()
    {
        DeployTiny("a/");
        Deploy("b/", ("config.json", "{}"), ("onnx/model.onnx", "WEIGHTS"));
        Assert.Contains("WISE6050: model acme/tiny from team at the default branch: 'b/onnx/model.onnx'", Verify(null, Tiny),
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_missing_file_is_an_error_unless_it_is_permitted()
    {
        Deploy("models/tiny/", ("config.json", "{}"));
        Assert.Equal("acme/tiny: 1 files, 2 B in [models/tiny]\nWISE6051: model acme/tiny from team at the default branch: "
            + "files are missing in <temp>/app/models/tiny: onnx/model.onnx. Deploy the program again. If it uses only a part of "
            + "the lock file, permit missing files (--ignore-missing).", Verify(null, Tiny));
        Assert.Equal("acme/tiny: 1 files, 2 B in [models/tiny]", Verify(new DeploymentOptions { MayLackFiles = true }, Tiny));
    }

    [Fact]
    public void A_missing_model_is_an_error_unless_it_is_permitted()
    {
        DeployTiny();
        Assert.Equal("acme/tiny: 2 files, 9 B in [models/tiny]\nWISE6051: model acme/other from team at the default branch: "
            + "<temp>/app has none of its files (config.json, LICENSE). Deploy the program again. If it uses only a part of the "
            + "lock file, permit missing files (--ignore-missing).", Verify(null, Tiny, Other));
        Assert.Equal("acme/tiny: 2 files, 9 B in [models/tiny]",
            Verify(new DeploymentOptions { MayLackFiles = true }, Tiny, Other));
    }

    [Fact]
    public void Models_with_the_same_names_in_different_folders_are_told_apart()
    {
        DeployTiny();
        Deploy("models/other/", ("config.json", "{ }"), ("LICENSE", "MIT"));
        // Equal by chance, and not the folder of the model.
        Deploy("", ("LICENSE", "MIT"));
        Assert.Equal("acme/tiny: 2 files, 9 B in [models/tiny]\nacme/other: 2 files, 6 B in [models/other]",
            Verify(null, Tiny, Other));
    }

    [Fact]
    public void A_file_under_another_name_counts()
    {
        DeployTiny();
        File.Move(_temp["app/models/tiny/config.json"], _temp["app/models/tiny/tiny.json"]);
        Assert.Equal("acme/tiny: 1 files, 7 B in [models/tiny]", Verify(null, Tiny));
    }

    [Fact]
    public void A_file_that_is_not_locked_is_an_error_only_in_the_folder_of_a_model()
    {
        DeployTiny();
        Deploy("", ("App.dll", "program"), ("models/notes.txt", "mine"), ("models/tiny/onnx/adapter.bin", "evil"));
        const string Right = "acme/tiny: 2 files, 9 B in [models/tiny]";
        Assert.Equal(Right + "\nWISE6052: Folders of models in <temp>/app have files that are not in the lock file: "
            + "models/tiny/onnx/adapter.bin. Remove them, or permit those of the program (--ignore).", Verify(null, Tiny));
        Assert.Equal(Right, Verify(new DeploymentOptions { Ignore = ["models/tiny/*.bin"] }, Tiny));
    }

    [Fact]
    public void Of_a_model_that_is_fetched_at_run_time_the_manifest_is_compared()
    {
        _temp.Write("wisehub.json",
            "{\"hubs\":{\"team\":{\"protocol\":\"huggingface\",\"endpoint\":\"https://hub.example\"}}}");
        using var client = new HubClient(new HubClientOptions
        { ConfigFile = _temp["wisehub.json"], CacheDirectory = _temp["cache"], Environment = TestEnvironment.Empty });
        void Ship(LockEntry entry) => _temp.Write("app/models/tiny.wise.json",
            RunTimeManifest.Create(client.Config, entry, FileSelection.All).ToBytes());

        Ship(Tiny);
        Assert.Equal("acme/tiny: 0 files, 0 B in []models/tiny.wise.json", Verify(null, Tiny));
        Ship(Entry("acme/tiny", ("config.json", "{}"), ("onnx/model.onnx", "WEIGHTS")));
        Assert.Equal("acme/tiny: 0 files, 0 B in []models/tiny.wise.json\n"
            + "WISE6050: model acme/tiny from team at the default branch: the manifest 'models/tiny.wise.json' in <temp>/app "
            + "names a 'onnx/model.onnx' that is not in the lock file, or has another sha256 there. Build and deploy the program "
            + "again, with this lock file.", Verify(null, Tiny));
    }

    [Fact]
    public void A_damaged_manifest_is_an_error()
    {
        DeployTiny();
        Deploy("", ("models/other.wise.json", "{"));
        Assert.Contains("WISE1105: ", Verify(null, Tiny), StringComparison.Ordinal);
    }

    [Fact]
    public void Links_to_files_are_read_and_links_to_folders_are_not()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "links need a privilege");
        _temp.Write("store/blob", "weights");
        Deploy("models/tiny/", ("config.json", "{}"));
        Directory.CreateDirectory(_temp["app/models/tiny/onnx"]);
        File.CreateSymbolicLink(_temp["app/models/tiny/onnx/model.onnx"], _temp["store/blob"]);
        Directory.CreateSymbolicLink(_temp["app/models/loop"], _temp["app"]);
        Assert.Equal("acme/tiny: 2 files, 9 B in [models/tiny]", Verify(null, Tiny));
    }

    [Fact]
    public void A_missing_folder_is_an_error() => Assert.Equal(
        "WISE6053: <temp>/app does not exist or is not a folder. Name the folder with the deployed program.",
        Assert.Throws<HubException>(() => Verify(null, Tiny)) is var e ? $"{e.Code}: {Hidden(e)}" : "");

    [Fact]
    public void Only_files_that_may_be_locked_ones_are_read()
    {
        DeployTiny();
        string other = _temp.Write("app/large.bin", "not of a size that is locked");
        using FileStream held = new(other, FileMode.Open, FileAccess.Read, FileShare.None);
        Assert.Equal("acme/tiny: 2 files, 9 B in [models/tiny]", Verify(null, Tiny));
    }
}
