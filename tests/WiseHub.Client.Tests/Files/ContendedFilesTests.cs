using WiseHub.Client.Files;
using WiseHub.Client.Store;
using WiseHub.Testing;

namespace WiseHub.Client.Tests;

/// <summary>Files that another program has open, as on Windows, simulated on every system.</summary>
public sealed class ContendedFilesTests : IDisposable
{
    private readonly TempFolder _temp = new();
    private readonly RefusingFiles _files = new();

    private string Calls => string.Join(", ", _files.Calls);

    private string Pauses => string.Join(' ', _files.Pauses);

    private string Seen(string path) => File.ReadAllText(_temp[path]);

    private (string From, string To) NewAndOld() => (_temp.Write("new", "new"), _temp.Write("old", "old"));

    [Fact]
    public void A_replacement_that_succeeds_at_once_takes_one_call()
    {
        (string from, string to) = NewAndOld();
        _files.Files.Replace(from, to);
        Assert.Equal(("move", "", "old 3", "new"), (Calls, Pauses, TempFolder.Tree(_temp.Path), Seen("old")));
    }

    [Fact]
    public void A_temporary_file_deleted_by_another_program_is_written_again()
    {
        _files.TemporariesTaken = 4;
        AtomicFile.Write(_temp["a"], "text"u8, files: _files.Files);
        Assert.Equal(("move, move, move, move, move", "", "a 4", "text"),
            (Calls, Pauses, TempFolder.Tree(_temp.Path), Seen("a")));
    }

    [Fact]
    public void Losing_five_temporary_files_in_a_row_is_an_error()
    {
        _files.TemporariesTaken = 100;
        Assert.Throws<FileNotFoundException>(() => AtomicFile.Write(_temp["a"], "text"u8, files: _files.Files));
        Assert.Equal("move, move, move, move, move, try to delete", Calls);
    }

    [Fact]
    public void A_refused_replacement_is_retried_with_growing_pauses()
    {
        (string from, string to) = NewAndOld();
        _files.Refusals = 3;
        _files.Files.Replace(from, to);
        Assert.Equal(("10 20 40", "old 3", "new"), (Pauses, TempFolder.Tree(_temp.Path), Seen("old")));
    }

    [Fact]
    public void A_file_in_use_for_five_seconds_is_an_error_naming_file_and_program()
    {
        (string from, string to) = NewAndOld();
        (_files.Refusals, _files.User) = (100, "app.exe (process 4711)");
        var e = Assert.Throws<FileInUseException>(() => _files.Files.Replace(from, to));
        Assert.Equal(($"{to} is in use by app.exe (process 4711).", "10 20 40 80 160 320 640 1280 2560"), (e.Message, Pauses));
        Assert.Equal(("new 3\nold 3", "old"), (TempFolder.Tree(_temp.Path), Seen("old")));
    }

    [Fact]
    public void A_file_open_with_shared_deletion_is_replaced_at_once()
    {
        (string from, string to) = NewAndOld();
        (_files.Refusals, _files.ReplacesOpen) = (100, true);
        _files.Files.Replace(from, to);
        Assert.Equal(("move, replace open", "", "old 3", "new"), (Calls, Pauses, TempFolder.Tree(_temp.Path), Seen("old")));
    }

    [Fact]
    public void A_file_in_use_is_renamed_aside_and_replaced()
    {
        (string from, string to) = NewAndOld();
        (_files.Refusals, _files.RenamesOpen) = (100, true);
        _files.Files.Replace(from, to, asideFolder: _temp.Path);
        string aside = Assert.Single(Directory.GetFiles(_temp.Path), f => f != to);
        Assert.Equal(("10 20 40", true, "old", "new"),
            (Pauses, TemporaryNames.IsAside(Path.GetFileName(aside)), File.ReadAllText(aside), Seen("old")));
    }

    [Fact]
    public void Without_a_folder_for_it_a_file_in_use_is_never_renamed_aside()
    {
        (string from, string to) = NewAndOld();
        (_files.Refusals, _files.RenamesOpen) = (100, true);
        Assert.Throws<FileInUseException>(() => _files.Files.Replace(from, to));
        Assert.DoesNotContain("rename", _files.Calls);
    }

    [Fact]
    public void A_file_that_is_renamed_aside_can_go_to_another_folder()
    {
        (string from, string to) = NewAndOld();
        (_files.Refusals, _files.RenamesOpen) = (100, true);
        Directory.CreateDirectory(_temp["asides"]);
        _files.Files.Replace(from, to, _temp["asides"]);
        Assert.Equal(("old", "new"), (File.ReadAllText(Assert.Single(Directory.GetFiles(_temp["asides"]))), Seen("old")));
    }

    [Fact]
    public void A_read_only_file_is_replaced()
    {
        (string from, string to) = NewAndOld();
        (_files.Refusals, _files.Reason) = (1, RefusalReason.ReadOnly);
        _files.Files.Replace(from, to);
        Assert.Equal(("move, clear read-only, move", "", "new"), (Calls, Pauses, Seen("old")));
    }

    [Fact]
    public void Missing_permission_fails_without_a_retry()
    {
        (string from, string to) = NewAndOld();
        (_files.Refusals, _files.Reason) = (100, RefusalReason.Other);
        Assert.IsNotType<FileInUseException>(Assert.ThrowsAny<IOException>(() => _files.Files.Replace(from, to)));
        Assert.Equal(("move", ""), (Calls, Pauses));
    }

    [Fact]
    public void A_refusal_that_may_be_missing_permission_is_retried_for_under_a_second()
    {
        (_files.Refusals, _files.Reason) = (100, RefusalReason.PerhapsInUse);
        Assert.IsNotType<FileInUseException>(Assert.ThrowsAny<IOException>(() => _files.Files.Delete(_temp.Write("a", "a"))));
        Assert.Equal("10 20 40 80 160 320", Pauses);
    }

    [Fact]
    public void A_missing_file_fails_without_a_retry()
    {
        Assert.Throws<FileNotFoundException>(() => _files.Files.OpenRead(_temp["a"]));
        Assert.Throws<FileNotFoundException>(() => _files.Files.Replace(_temp["a"], _temp["b"]));
        Assert.Equal("", Pauses);
    }

    [Fact]
    public void Many_files_in_use_wait_no_longer_than_one()
    {
        _files.Refusals = 100;
        ContendedFiles files = _files.FilesThatWaitOnce;
        foreach (string name in (string[])["a", "b", "c"])
            Assert.Throws<FileInUseException>(() => files.Delete(_temp.Write(name, name)));
        Assert.Equal("10 20 40 80 160 320 640 1280 2560", Pauses);
    }

    [Fact]
    public void A_refused_read_is_retried()
    {
        _files.Refusals = 2;
        Assert.Equal("hello", _files.Files.ReadText(_temp.Write("a", "hello")));
        Assert.Equal("10 20", Pauses);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(100_000)]
    public void A_file_is_read_completely(int size)
    {
        byte[] content = RandomBytes.Of(size);
        Assert.Equal(content, ContendedFiles.OfSystem.Read(_temp.Write("a", content)));
    }

    [Fact]
    public void An_intact_blob_in_use_need_not_be_replaced()
    {
        Digest digest = Digest.Parse(RestoreBench.Sha256("hello"));
        var blobs = new BlobStore(_temp["blobs"], files: _files.Files);
        blobs.Ingest(_temp.Write("a", "hello"), digest);
        _files.Refusals = 100;
        blobs.Ingest(_temp.Write("b", "hello"), digest);
        Assert.Equal(($"{BlobStore.RelativePath(digest)} 5", "10 20 40"), (TempFolder.Tree(_temp.Path), Pauses));
    }

    [Fact]
    public void A_damaged_blob_in_use_is_an_error()
    {
        Digest digest = Digest.Parse(RestoreBench.Sha256("hello"));
        var blobs = new BlobStore(_temp["blobs"], files: _files.Files);
        blobs.Ingest(_temp.Write("a", "hello"), digest);
        File.WriteAllText(blobs.PathOf(digest), "HELLO");
        _files.Refusals = 100;
        var e = Assert.Throws<FileInUseException>(() => blobs.Ingest(_temp.Write("b", "hello"), digest));
        Assert.Equal($"{blobs.PathOf(digest)} is in use by another program.", e.Message);
    }

    [Fact]
    public void The_error_for_a_placed_file_in_use_does_not_mention_permissions()
    {
        string blob = _temp.Write("blob", "newer"), to = _temp.Write(Path.Combine("bin", "model.onnx"), "old");
        (_files.Refusals, _files.User) = (100, "app.exe (process 4711)");
        var e =
            Assert.Throws<HubException>(() => new FilePlacer(new RecordingLog(), _files.Files).Place(blob, to, LinkMode.Copy));
        Assert.Equal($"WISE3070: {to} could not be placed: {to} is in use by app.exe (process 4711). "
            + "Close that program and try again.", $"{e.Code}: {e.Message}");
        Assert.Equal(("old", "model.onnx 3"), (File.ReadAllText(to), TempFolder.Tree(_temp["bin"])));
    }

    public void Dispose() => _temp.Dispose();
}
