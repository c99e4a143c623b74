using WiseHub.Client.Store;
using WiseHub.Testing;

namespace WiseHub.Client.Tests;

/// <summary>The link ladder on the file systems that people have.</summary>
public sealed class FileSystemTests : IDisposable
{
    private const string NeedsRoot = "Only root can mount a small file system.";
    private const int Size = 8 << 20;

    private readonly TempFolder _temp = new();
    private readonly RecordingLog _log = new();
    private readonly FilePlacer _placer;

    public FileSystemTests()
    {
        _log.Hiding(_temp.Path, "<temp>");
        _placer = new FilePlacer(_log);
    }

    private static string Blob(string root, byte[] content)
    {
        Digest digest = Digest.Parse(RestoreBench.Sha256(content));
        var blobs = new BlobStore(Path.Combine(root, "blobs"));
        string temporary = Path.Combine(root, "new");
        File.WriteAllBytes(temporary, content);
        blobs.Ingest(temporary, digest);
        return blobs.PathOf(digest);
    }

    private static byte[] Bytes(int size, int seed) => RandomBytes.Of(size, seed);

    private string Placed() => string.Join(' ', _placer.Placed.OrderBy(p => p.Key).Select(p => $"{p.Key}={p.Value}"));

    private static async Task<SmallDisk> LoopAsync(string kind, int megabytes)
    {
        SmallDisk? disk = await SmallDisk.LoopAsync(kind, megabytes);
        Assert.SkipWhen(disk is null, SmallDisk.NoLoop);
        return disk;
    }

    [Theory]
    [InlineData("xfs", 320, LinkMode.Auto)]
    [InlineData("xfs", 320, LinkMode.Clone)]
    [InlineData("btrfs", 160, LinkMode.Auto)]
    [InlineData("btrfs", 160, LinkMode.Clone)]
    public async Task Where_the_file_system_can_clone_no_byte_is_copied_and_an_edit_leaves_the_blob_alone(
        string kind, int megabytes, LinkMode mode)
    {
        await using SmallDisk disk = await LoopAsync(kind, megabytes);
        byte[] content = Bytes(Size, 1);
        string blob = Blob(disk.Path, content);
        _placer.Place(Blob(disk.Path, Bytes(Size, 2)), disk["out/a"], mode);
        long before = await disk.UsedAsync();

        // Once in an empty place and once over what stood there.
        _placer.Place(blob, disk["out/a"], mode);
        _placer.Place(blob, disk["out/b"], mode);

        Assert.InRange(await disk.UsedAsync() - before, -Size, 1 << 20);
        Assert.Equal(("Clone=3", 0L, 3L * Size, ""), (Placed(), _placer.BytesCopied, _placer.BytesShared, _log.Text));
        Assert.Equal((File.GetLastWriteTimeUtc(blob), false),
            (File.GetLastWriteTimeUtc(disk["out/a"]), _placer.Place(blob, disk["out/a"], mode)));
        await File.AppendAllTextAsync(disk["out/a"], "!");
        Assert.Equal(RestoreBench.Sha256(content), RestoreBench.Sha256(await File.ReadAllBytesAsync(blob)));
        Assert.Equal(RestoreBench.Sha256(content), RestoreBench.Sha256(await File.ReadAllBytesAsync(disk["out/b"])));
        Assert.Equal($"a {Size + 1}\nb {Size}", TempFolder.Tree(disk["out"]));
    }

    [Fact]
    public async Task On_ext4_auto_is_a_hard_link_and_clone_is_a_copy()
    {
        await using SmallDisk disk = await LoopAsync("ext4", 64);
        _log.Hiding(disk.Path, "<disk>");
        string blob = Blob(disk.Path, Bytes(1000, 1));
        _placer.Place(blob, disk["out/a"], LinkMode.Auto);
        _placer.Place(blob, disk["out/b"], LinkMode.Clone);
        _placer.Place(blob, disk["out/c"], LinkMode.Auto);
        _placer.Report(disk["out"]);
        Assert.Equal(
            $"detail: Not supported by the file system: no clones from <disk>/blobs/{Folder(blob)} to <disk>/out "
            + "(Operation not supported).\n"
            + "detail: Placed 3 files in <disk>/out: 2 hard-linked (2.0 kB not copied), 1 copied (1.0 kB).", _log.Text);
    }

    [Fact]
    public async Task In_memory_auto_is_a_hard_link()
    {
        await using SmallDisk? disk = await SmallDisk.MountAsync("size=4m");
        Assert.SkipWhen(disk is null, NeedsRoot);
        _placer.Place(Blob(disk.Path, Bytes(1000, 1)), disk["a"], LinkMode.Auto);
        Assert.Equal("Hardlink=1", Placed());
    }

    [Fact]
    public async Task What_one_output_refuses_is_still_tried_for_another_one()
    {
        await using SmallDisk? far = await SmallDisk.MountAsync("size=4m");
        Assert.SkipWhen(far is null, NeedsRoot);
        _log.Hiding(far.Path, "<far>");
        string blob = Blob(_temp.Path, Bytes(1000, 1));
        _placer.Place(blob, far["x/a"], LinkMode.Hardlink);
        _placer.Place(blob, far["y/b"], LinkMode.Hardlink);
        _placer.Place(blob, _temp["near/c"], LinkMode.Hardlink);
        Assert.Equal(("Hardlink=1 Copy=2",
            $"detail: Different file systems or mounts: no hard links from <temp>/blobs/{Folder(blob)} "
            + "to <far>/x (Invalid cross-device link)."), (Placed(), _log.Text));
    }

    // Containers see two folders of one disk so: Linux links across no two mounts, though the device is one.
    [Fact]
    public async Task Two_mounts_of_one_file_system_are_two_volumes()
    {
        await using SmallDisk? disk = await SmallDisk.MountAsync("size=4m");
        Assert.SkipWhen(disk is null, NeedsRoot);
        string blob = Blob(disk.Path, Bytes(1000, 1));
        Directory.CreateDirectory(disk["inside"]);
        string bound = Directory.CreateDirectory(_temp["bound"]).FullName;
        Assert.Equal(0, (await ProcessRunner.RunAsync("mount", ["--bind", disk["inside"], bound], "/")).ExitCode);
        try
        {
            _placer.Place(blob, Path.Combine(bound, "a"), LinkMode.Hardlink);
            _placer.Place(blob, disk["inside/b"], LinkMode.Hardlink);
        }
        finally
        {
            await ProcessRunner.RunAsync("umount", [bound], "/");
        }
        Assert.Equal("Hardlink=1 Copy=1", Placed());
    }

    [Fact]
    public async Task A_full_output_is_an_error_with_a_code_and_what_stood_there_is_still_whole()
    {
        await using SmallDisk? disk = await SmallDisk.MountAsync("size=2m");
        Assert.SkipWhen(disk is null, NeedsRoot);
        _log.Hiding(disk.Path, "<disk>");
        await File.WriteAllTextAsync(disk["a"], "the older model");
        string blob = Blob(_temp.Path, Bytes(4 << 20, 1));

        var e = Assert.Throws<HubException>(() => _placer.Place(blob, disk["a"], LinkMode.Auto));

        Assert.Equal("WISE3008: <disk>/a could not be placed: the disk is full. "
            + "Free some space there. A file that was there before is unchanged.", $"{e.Code}: {_log.Hide(e.Message)}");
        Assert.Equal(("the older model", "a 15"), (await File.ReadAllTextAsync(disk["a"]), TempFolder.Tree(disk.Path)));
    }

    [Theory]
    [InlineData(LinkMode.Auto)]
    [InlineData(LinkMode.Copy)]
    public async Task A_read_only_output_is_an_error_with_a_code(LinkMode mode)
    {
        await using SmallDisk? disk = await SmallDisk.MountAsync("size=2m");
        Assert.SkipWhen(disk is null, NeedsRoot);
        _log.Hiding(disk.Path, "<disk>");
        await File.WriteAllTextAsync(disk["a"], "the older model");
        await disk.RemountAsync("ro");

        var e = Assert.Throws<HubException>(() => _placer.Place(Blob(_temp.Path, Bytes(100, 1)), disk["a"], mode));

        Assert.StartsWith("WISE3007: <disk>/a could not be placed: ", $"{e.Code}: {_log.Hide(e.Message)}",
            StringComparison.Ordinal);
        Assert.EndsWith(" Give this user write permission there, or choose another folder.", e.Message,
            StringComparison.Ordinal);
        Assert.Equal("the older model", await File.ReadAllTextAsync(disk["a"]));
    }

    [Fact]
    public async Task A_file_that_has_all_the_names_it_can_have_is_copied_and_the_next_one_is_linked()
    {
        await using SmallDisk disk = await LoopAsync("ext4", 64);
        string blob = Blob(disk.Path, Bytes(10, 1)), other = Blob(disk.Path, Bytes(10, 2));
        for (int i = 0; _placer.Placed.GetValueOrDefault(LinkMode.Copy) == 0 && i < 70_000; i++)
            _placer.Place(blob, disk[$"out/{i}"], LinkMode.Hardlink);
        _placer.Place(other, disk["out/other"], LinkMode.Hardlink);
        // ext4 gives a file 65,000 names, and the blob's own is one of them.
        Assert.Equal("Hardlink=65000 Copy=1", Placed());
    }

    private static string Folder(string blob) => Path.GetFileName(Path.GetDirectoryName(blob)!);

    public void Dispose() => _temp.Dispose();
}
