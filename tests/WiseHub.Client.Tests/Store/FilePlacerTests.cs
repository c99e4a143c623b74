using System.Runtime.Versioning;
using WiseHub.Client.Store;
using WiseHub.Testing;

namespace WiseHub.Client.Tests;

public sealed class FilePlacerTests : IDisposable
{
    private readonly TempFolder _temp = new();
    private readonly RecordingLog _log = new();
    private readonly string _blob;

    public FilePlacerTests()
    {
        _log.Hiding(_temp.Path, "<temp>");
        _blob = Blob("hello");
    }

    private string Blob(string text)
    {
        Digest digest = Digest.Parse(RestoreBench.Sha256(text));
        var blobs = new BlobStore(_temp["store/blobs"]);
        blobs.Ingest(_temp.Write("new", text), digest);
        return blobs.PathOf(digest);
    }

    private static string Placed(FilePlacer placer) =>
        string.Join(' ', placer.Placed.OrderBy(p => p.Key).Select(p => $"{p.Key}={p.Value}"));

    private static string Look(string path) => $"{File.ReadAllText(path)} {File.GetLastWriteTimeUtc(path):s}";

    [Fact]
    public void A_hard_link_is_the_same_file()
    {
        FilePlacer placer = new FilePlacer(_log);
        Assert.True(placer.Place(_blob, _temp["out/deep/a"], LinkMode.Hardlink));
        File.AppendAllText(_temp["out/deep/a"], "!");
        Assert.Equal(("hello!", "Hardlink=1", 0L, ""), (File.ReadAllText(_blob), Placed(placer), placer.BytesCopied, _log.Text));
    }

    [Theory]
    [InlineData(LinkMode.Copy)]
    [InlineData(LinkMode.Clone)]
    public void A_copy_or_clone_is_another_file_with_the_same_mtime(LinkMode mode)
    {
        FilePlacer placer = new FilePlacer(_log);
        placer.Place(_blob, _temp["a"], mode);
        Assert.Equal(Look(_blob), Look(_temp["a"]));
        File.AppendAllText(_temp["a"], "!");
        Assert.Equal("hello", File.ReadAllText(_blob));
    }

    [Fact]
    [Needs(Need.SymbolicLinks)]
    public void A_symbolic_link_points_at_the_blob()
    {
        FilePlacer placer = new FilePlacer(_log);
        placer.Place(_blob, _temp["a"], LinkMode.Symlink);
        Assert.Equal((_blob, "Symlink=1"), (new FileInfo(_temp["a"]).LinkTarget, Placed(placer)));
    }

    [Theory]
    [InlineData(LinkMode.Auto)]
    [InlineData(LinkMode.Hardlink)]
    [InlineData(LinkMode.Copy)]
    public void A_file_that_appears_in_a_new_folder_is_not_lost(LinkMode mode)
    {
        FilePlacer placer = new FilePlacer(_log) { MayReplace = _ => false };
        Assert.True(placer.Place(_blob, _temp["new/a"], mode));
        _temp.Write("new/b", "a person's");
        Assert.False(placer.Place(_blob, _temp["new/b"], mode));
        Assert.Equal("a person's", File.ReadAllText(_temp["new/b"]));
    }

    [Fact]
    public void A_folder_that_appears_in_a_new_folder_is_an_error()
    {
        FilePlacer placer = new FilePlacer(_log);
        placer.Place(_blob, _temp["new/a"], LinkMode.Auto);
        Directory.CreateDirectory(_temp["new/b"]);
        Assert.StartsWith("WISE3", Assert.Throws<HubException>(
            () => placer.Place(_blob, _temp["new/b"], LinkMode.Auto)).Code, StringComparison.Ordinal);
    }

    [Fact]
    [Needs(Need.Unix)]
    [UnsupportedOSPlatform("windows")]
    public void A_read_only_blob_is_linked_in_the_cache_and_copied_elsewhere()
    {
        FilePlacer placer = new FilePlacer(_log);
        File.SetUnixFileMode(_blob, UnixFileMode.UserRead);
        var file = new SnapshotFile("a", 5, Digest.Parse(RestoreBench.Sha256("hello")), _blob);
        Assert.True(placer.PlaceInCache(file, _temp["snapshot/a"], LinkMode.Hardlink));
        Assert.True(placer.Place(_blob, _temp["bin/a"], LinkMode.Hardlink));
        Assert.Equal("Hardlink=1 Copy=1", Placed(placer));
    }

    [Theory]
    [InlineData(LinkMode.Auto)]
    [InlineData(LinkMode.Hardlink)]
    [InlineData(LinkMode.Symlink)]
    [InlineData(LinkMode.Clone)]
    [InlineData(LinkMode.Copy)]
    public void What_is_placed_is_not_placed_again(LinkMode mode)
    {
        Assert.SkipUnless(mode != LinkMode.Symlink || Need.IsHere(Need.SymbolicLinks), Need.WhyMissing(Need.SymbolicLinks) ?? "");
        FilePlacer placer = new FilePlacer(_log);
        Assert.Equal((true, false), (placer.Place(_blob, _temp["a"], mode), placer.Place(_blob, _temp["a"], mode)));
    }

    [Fact]
    [Needs(Need.SymbolicLinks)]
    public void A_link_that_points_at_another_blob_is_replaced()
    {
        // Of the same size: a link is judged by what it leads to.
        string other = Blob("world");
        FilePlacer placer = new FilePlacer(_log);
        placer.Place(_blob, _temp["a"], LinkMode.Symlink);
        Assert.True(placer.Place(other, _temp["a"], LinkMode.Symlink));
        Assert.Equal(("world", other), (File.ReadAllText(_temp["a"]), new FileInfo(_temp["a"]).LinkTarget));
    }

    [Fact]
    public void A_symbolic_link_is_replaced_when_another_way_is_wanted()
    {
        FilePlacer placer = new FilePlacer(_log);
        placer.Place(_blob, _temp["a"], LinkMode.Symlink);
        Assert.True(placer.Place(_blob, _temp["a"], LinkMode.Copy));
        Assert.Null(new FileInfo(_temp["a"]).LinkTarget);
    }

    [Fact]
    public void Across_file_systems_a_hard_link_becomes_a_copy_and_that_is_said_once()
    {
        Assert.SkipUnless(Directory.Exists("/dev/shm") && OperatingSystem.IsLinux(),
            "There is no second file system to link across.");
        using var memory = new TempFolder("/dev/shm");
        _log.Hiding(memory.Path, "<memory>");
        FilePlacer placer = new FilePlacer(_log);
        placer.Place(_blob, memory["a"], LinkMode.Hardlink);
        placer.Place(Blob("world!"), memory["b"], LinkMode.Hardlink);
        string sha256 = RestoreBench.Sha256("hello");
        Assert.Equal(("Copy=2", 11L, Look(_blob)), (Placed(placer), placer.BytesCopied, Look(memory["a"])));
        Assert.Equal($"detail: Different file systems or mounts: no hard links from <temp>/store/blobs/{sha256[..2]} to <memory> "
            + "(Invalid cross-device link).", _log.Text);
    }

    [Fact]
    public void Auto_ends_in_a_copy_where_nothing_else_is_possible()
    {
        Assert.SkipUnless(Directory.Exists("/dev/shm") && OperatingSystem.IsLinux(),
            "There is no second file system to link across.");
        using var memory = new TempFolder("/dev/shm");
        FilePlacer placer = new FilePlacer(_log);
        placer.Place(_blob, memory["a"], LinkMode.Auto);
        Assert.Equal("Copy=1", Placed(placer));
    }

    [Theory]
    [InlineData(LinkMode.Auto)]
    [InlineData(LinkMode.Copy)]
    public void A_read_only_destination_is_replaced_and_the_new_one_is_writable(LinkMode mode)
    {
        File.SetAttributes(_temp.Write("a", "old"), FileAttributes.ReadOnly);
        new FilePlacer(_log).Place(_blob, _temp["a"], mode);
        Assert.Equal(("hello", false), (File.ReadAllText(_temp["a"]), new FileInfo(_temp["a"]).IsReadOnly));
    }

    [Theory]
    [InlineData(LinkMode.Auto)]
    [InlineData(LinkMode.Copy)]
    public void What_stood_there_is_unlinked_and_not_written_through(LinkMode mode)
    {
        string blob = Blob("the old model");
        FilePlacer placer = new FilePlacer(_log);
        placer.Place(blob, _temp["a"], LinkMode.Hardlink);
        placer.Place(_blob, _temp["a"], mode);
        Assert.Equal(("the old model", "hello"), (File.ReadAllText(blob), File.ReadAllText(_temp["a"])));
    }

    [Theory]
    [InlineData("target")]
    [InlineData("nosuch")]
    public void A_foreign_link_at_the_destination_is_replaced_and_its_target_is_left_alone(string target)
    {
        _temp.Write("target", "precious");
        File.CreateSymbolicLink(_temp["a"], _temp[target]);
        new FilePlacer(_log).Place(_blob, _temp["a"], LinkMode.Copy);
        Assert.Equal(("precious", "hello", null),
            (File.ReadAllText(_temp["target"]), File.ReadAllText(_temp["a"]), new FileInfo(_temp["a"]).LinkTarget));
    }

    [Fact]
    public void A_folder_in_the_way_is_an_error_that_names_it()
    {
        _temp.Write("a/precious", "x");
        var e = Assert.Throws<HubException>(() => new FilePlacer(_log).Place(_blob, _temp["a"], LinkMode.Copy));
        Assert.Equal(WiseCodes.PlacementFailed, e.Code);
        Assert.Equal($"{_temp["a"]} could not be placed: A folder of that name exists. Remove what blocks the path.", e.Message);
    }

    [Fact]
    public void A_file_where_a_folder_must_be_is_an_error_with_a_code()
    {
        _temp.Write("a", "x");
        Assert.Equal(WiseCodes.PlacementFailed,
            Assert.Throws<HubException>(() => new FilePlacer(_log).Place(_blob, _temp["a/b"], LinkMode.Copy)).Code);
    }

    [Fact]
    public void A_blob_that_is_gone_is_an_error_and_what_stood_there_stays()
    {
        _temp.Write("a", "old");
        File.Delete(_blob);
        var e = Assert.Throws<HubException>(() => new FilePlacer(_log).Place(_blob, _temp["a"], LinkMode.Copy));
        Assert.Equal((WiseCodes.PlacementFailed, $"{_temp["a"]} could not be placed: {_blob} "
            + "has just been deleted from the cache. Run the command again, and do not delete files from a cache in use."),
            (e.Code, e.Message));
        Assert.Equal("old", File.ReadAllText(_temp["a"]));
    }

    [Theory]
    [InlineData(LinkMode.Copy)]
    [InlineData(LinkMode.Clone)]
    public void A_hard_link_of_an_earlier_build_becomes_a_file_of_its_own_when_copies_are_wanted(LinkMode mode)
    {
        new FilePlacer(_log).Place(_blob, _temp["a"], LinkMode.Hardlink);
        FilePlacer placer = new FilePlacer(_log);
        Assert.True(placer.Place(_blob, _temp["a"], mode));
        File.AppendAllText(_temp["a"], "!");
        Assert.Equal("hello", File.ReadAllText(_blob));
    }

    [Fact]
    public void A_read_only_blob_is_copied_and_the_copy_is_writable()
    {
        File.SetAttributes(_blob, FileAttributes.ReadOnly);
        FilePlacer placer = new FilePlacer(_log);
        foreach (LinkMode mode in Enum.GetValues<LinkMode>().Where(m => m != LinkMode.Symlink))
        {
            placer.Place(_blob, _temp[$"{mode}"], mode);
            Assert.Equal(("hello", false), (File.ReadAllText(_temp[$"{mode}"]), new FileInfo(_temp[$"{mode}"]).IsReadOnly));
        }
        File.SetAttributes(_blob, FileAttributes.Normal);
    }

    [Theory]
    [InlineData(LinkMode.Copy)]
    [InlineData(LinkMode.Auto)]
    [InlineData(LinkMode.Symlink)]
    public void A_path_of_more_than_260_characters_is_a_path(LinkMode mode)
    {
        Assert.SkipUnless(mode != LinkMode.Symlink || Need.IsHere(Need.SymbolicLinks), Need.WhyMissing(Need.SymbolicLinks) ?? "");
        string path = _temp[string.Join('/', Enumerable.Repeat(new string('d', 60), 8)) + "/" + new string('f', 200)];
        new FilePlacer(_log).Place(_blob, path, mode);
        new FilePlacer(_log).Place(Blob("world"), path, mode);
        Assert.Equal("world", File.ReadAllText(path));
        Assert.Single(Directory.GetFileSystemEntries(Path.GetDirectoryName(path)!));
    }

    [Fact]
    public void The_report_says_what_was_done_and_what_it_saved()
    {
        FilePlacer placer = new FilePlacer(_log);
        placer.Place(_blob, _temp["a"], LinkMode.Hardlink);
        placer.Place(_blob, _temp["b"], LinkMode.Symlink);
        placer.Place(Blob("world!"), _temp["c"], LinkMode.Copy);
        placer.Report("the output");
        Assert.Equal("detail: Placed 3 files in the output: 1 hard-linked, 1 linked symbolically (10 B not "
            + "copied), 1 copied (6 B).", _log.Text);
    }

    [Fact]
    public void Where_nothing_had_to_be_done_nothing_is_reported()
    {
        new FilePlacer(_log).Place(_blob, _temp["a"], LinkMode.Copy);
        FilePlacer placer = new FilePlacer(_log);
        placer.Place(_blob, _temp["a"], LinkMode.Copy);
        placer.Report("the output");
        Assert.Equal("", _log.Text);
    }

    [Fact]
    public async Task Editing_a_placed_hard_link_is_noticed_and_healed()
    {
        using var bench = new RestoreBench();
        await bench.Hub.PushAsync("acme/tiny", ("a", "hello"));
        var reference = new RepoReference { RepoId = "acme/tiny" };
        RestoreRequest request = bench.Request(reference) with
        {
            Materialise = new HashSet<RepoReference> { reference },
            LinkMode = LinkMode.Hardlink
        };
        string placed = Path.Combine((await bench.RestoreAsync(request)).Snapshots[0].Directory!, "a");
        File.AppendAllText(placed, " edited");
        Assert.Null(bench.TryRestoreLocally(request));
        RestoreResult healed = await bench.RestoreAsync(request);
        Assert.Equal(("hello", "a=hello", 1),
            (File.ReadAllText(placed), RestoreBench.Contents(healed.Snapshots[0]), healed.FilesTransferred));
    }

    [Theory]
    [InlineData("/c/blobs/2c/f24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824", true)]
    [InlineData("blobs/2c/f24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824", true)]
    [InlineData("/c/blob/2c/f24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824", false)]
    [InlineData("/c/blobs/2C/f24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824", false)]
    [InlineData("/c/blobs/2c/g24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824", false)]
    [InlineData("/c/blobs/2c/f24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b982", false)]
    [InlineData("/c/blobs/2cf/f24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824", false)]
    [InlineData("/c/blobs/2c/x/f24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824", false)]
    [InlineData("f24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824", false)]
    [InlineData("", false)]
    [InlineData("/", false)]
    public void A_path_is_that_of_a_blob_or_not(string path, bool expected) => Assert.Equal(expected, FilePlacer.IsBlob(path));

    public void Dispose() => _temp.Dispose();
}
