using System.IO.MemoryMappedFiles;
using System.Runtime.Versioning;
using WiseHub.Client.Files;
using WiseHub.Client.Store;
using WiseHub.Testing;

namespace WiseHub.Client.Tests;

/// <summary>Files in use that Windows itself refuses to change.</summary>
[Needs(Need.Windows)]
[SupportedOSPlatform("windows")]
public sealed class WindowsFilesTests : IDisposable
{
    private const FileShare ShareAll = FileShare.ReadWrite | FileShare.Delete;

    private readonly TempFolder _temp = new();
    private readonly List<double> _pauses = [];
    private readonly ContendedFiles _files;
    private Action? _onPause;

    public WindowsFilesTests()
    {
        _files = new ContendedFiles(SystemFileCalls.Instance, pause =>
        {
            _pauses.Add(pause.TotalMilliseconds);
            _onPause?.Invoke();
        });
    }

    private (string From, string To) NewAndOld() => (_temp.Write("new", "new"), _temp.Write("old", "old"));

    private static FileStream Open(string path, FileShare share) => new(path, FileMode.Open, FileAccess.Read, share);

    private Digest Blob(BlobStore blobs, string text)
    {
        Digest digest = Digest.Parse(RestoreBench.Sha256(text));
        blobs.Ingest(_temp.Write("a", text), digest);
        return digest;
    }

    [Fact]
    public void A_file_open_with_shared_deletion_is_replaced_and_its_reader_keeps_the_old_one()
    {
        (string from, string to) = NewAndOld();
        using var reader = new StreamReader(Open(to, ShareAll));
        // What the system is asked for when the call of .NET was refused.
        Assert.SkipWhen(WindowsFiles.ReplaceOpen(_temp.Write("probe", "old"), to) != 0,
            "This Windows, or this file system, has no POSIX renames.");
        _files.Replace(from, to);
        Assert.Equal(("new", "old", 0), (File.ReadAllText(to), reader.ReadToEnd(), _pauses.Count));
    }

    [Fact]
    public void A_file_open_with_shared_deletion_is_replaced_when_its_reader_closes_it()
    {
        (string from, string to) = NewAndOld();
        using FileStream reader = Open(to, ShareAll);
        _onPause = reader.Dispose;
        _files.Replace(from, to);
        Assert.Equal(("old 3", "new"), (TempFolder.Tree(_temp.Path), File.ReadAllText(to)));
    }

    [Fact]
    public void A_file_open_without_shared_deletion_is_replaced_when_its_reader_closes_it()
    {
        (string from, string to) = NewAndOld();
        FileStream reader = Open(to, FileShare.Read);
        _onPause = () =>
        {
            if (_pauses.Count == 2)
                reader.Dispose();
        };
        _files.Replace(from, to);
        Assert.Equal(("old 3", "new", 2), (TempFolder.Tree(_temp.Path), File.ReadAllText(to), _pauses.Count));
    }

    [Fact]
    public void A_file_that_stays_open_without_shared_deletion_is_an_error()
    {
        (string from, string to) = NewAndOld();
        using FileStream reader = Open(to, FileShare.Read);
        var e = Assert.Throws<FileInUseException>(() => _files.Replace(from, to));
        Assert.StartsWith($"{to} is in use by ", e.Message, StringComparison.Ordinal);
        Assert.Equal(("new 3\nold 3", 9), (TempFolder.Tree(_temp.Path), _pauses.Count));
    }

    [Fact]
    public void A_memory_mapped_model_is_replaced_and_the_running_program_keeps_the_old_one()
    {
        (string from, string to) = NewAndOld();
        using (FileStream file = Open(to, ShareAll))
        using (MemoryMappedFile mapped = MemoryMappedFile.CreateFromFile(file, null, 0, MemoryMappedFileAccess.Read,
            HandleInheritability.None, leaveOpen: true))
        using (MemoryMappedViewAccessor view = mapped.CreateViewAccessor(0, 0, MemoryMappedFileAccess.Read))
        {
            _files.Replace(from, to, asideFolder: _temp.Path);
            Assert.Equal(("new", (byte)'o'), (File.ReadAllText(to), view.ReadByte(0)));
        }
        FilePlacer placer = new FilePlacer();
        placer.Place(_temp.Write("blob/x", "the newest"), to, LinkMode.Copy);
        Assert.Equal("blob/x 10\nold 10", TempFolder.Tree(_temp.Path));
    }

    [Fact]
    public void A_read_only_file_is_replaced_and_deleted()
    {
        (string from, string to) = NewAndOld();
        File.SetAttributes(to, FileAttributes.ReadOnly);
        _files.Replace(from, to);
        Assert.Equal("new", File.ReadAllText(to));
        File.SetAttributes(to, FileAttributes.ReadOnly);
        _files.Delete(to);
        Assert.Equal(("", 0), (TempFolder.Tree(_temp.Path), _pauses.Count));
    }

    [Fact]
    public void A_folder_with_read_only_files_is_deleted()
    {
        File.SetAttributes(_temp.Write("f/g/a", "a"), FileAttributes.ReadOnly);
        _files.DeleteFolder(_temp["f"]);
        Assert.Equal(("", 0), (TempFolder.Tree(_temp.Path), _pauses.Count));
    }

    [Fact]
    public void A_file_in_use_is_deleted_when_its_reader_closes_it()
    {
        string path = _temp.Write("a", "a");
        FileStream reader = Open(path, FileShare.Read);
        _onPause = reader.Dispose;
        _files.Delete(path);
        Assert.Equal(("", 1), (TempFolder.Tree(_temp.Path), _pauses.Count));
    }

    [Fact]
    public void A_folder_is_renamed_when_its_open_files_are_closed()
    {
        using FileStream reader = Open(_temp.Write("from/a", "a"), FileShare.Read);
        _onPause = reader.Dispose;
        _files.MoveFolder(_temp["from"], _temp["to"]);
        reader.Dispose();
        Assert.Equal("to/a 1", TempFolder.Tree(_temp.Path));
    }

    [Fact]
    public void An_intact_blob_in_use_through_a_hard_link_is_not_replaced()
    {
        var blobs = new BlobStore(_temp["blobs"], files: _files);
        Digest digest = Blob(blobs, "hello");
        new FilePlacer().Place(blobs.PathOf(digest), _temp["bin/model"], LinkMode.Hardlink);
        using FileStream program = Open(_temp["bin/model"], FileShare.Read);
        Blob(blobs, "hello");
        Assert.Equal($"bin/model 5\n{BlobStore.RelativePath(digest)} 5", TempFolder.Tree(_temp.Path));
    }

    [Fact]
    public void The_error_names_a_blob_in_use_through_a_hard_link_that_cannot_be_removed()
    {
        var blobs = new BlobStore(_temp["blobs"], files: _files);
        Digest digest = Blob(blobs, "hello");
        new FilePlacer().Place(blobs.PathOf(digest), _temp["bin/model"], LinkMode.Hardlink);
        using (FileStream program = Open(_temp["bin/model"], FileShare.Read))
            Assert.StartsWith($"{blobs.PathOf(digest)} is in use by ",
                Assert.Throws<FileInUseException>(() => blobs.Remove(digest)).Message, StringComparison.Ordinal);
        blobs.Remove(digest);
        Assert.Equal($"bin/model 5\nblobs/{digest.Hex[..2]}/", TempFolder.Tree(_temp.Path));
    }

    [Fact]
    public async Task Concurrent_readers_and_writers_never_fail_and_never_see_a_partial_file()
    {
        string path = _temp.Write("ref", new string('a', 40));
        using var stop = new CancellationTokenSource();
        Task[] readers = [.. Enumerable.Range(0, 3).Select(_ => Task.Run(() =>
        {
            while (!stop.IsCancellationRequested)
            {
                string text = ContendedFiles.OfSystem.ReadText(path);
                Assert.Equal(new string(text[0], 40), text);
                Thread.Sleep(5);
            }
        }))];
        await Task.WhenAll(Enumerable.Range(0, 2).Select(w => Task.Run(() =>
        {
            for (int i = 0; i < 100; i++)
                AtomicFile.Write(path, System.Text.Encoding.ASCII.GetBytes(new string((char)('b' + w), 40)));
        })));
        await stop.CancelAsync();
        await Task.WhenAll(readers);
        Assert.Equal("ref 40", TempFolder.Tree(_temp.Path));
    }

    public void Dispose() => _temp.Dispose();
}
