using WiseHub.Client.Files;
using WiseHub.Client.Store;
using WiseHub.Testing;

namespace WiseHub.Client.Tests;

/// <summary>Files that another program has open, as Windows has them, on every system.</summary>
public sealed class ContendedFilesTests : IDisposable
{
    private readonly TempFolder _temp = new();
    private readonly RefusingFiles _files = new();

    private string Calls => string.Join(", ", _files.Calls);

    private string Pauses => string.Join(' ', _files.Pauses);

    private string Seen(string path) => File.ReadAllText(_temp[path]);

    private (string From, string To) NewAndOld() => (_temp.Write("new", "new"), _temp.Write("old", "old"));

    [Fact]
    public void What_is_not_refused_costs_one_call()
    {
        (string from, string to) = NewAndOld();
        _files.Files.Replace(from, to);
        Assert.Equal(("move", "", "old 3", "new"), (Calls, Pauses, TempFolder.Tree(_temp.Path), Seen("old")));
    }

    [Fact]
    public void A_temporary_file_that_somebody_took_for_a_leftover_is_written_again()
    {
        _files.TemporariesTaken = 4;
        AtomicFile.Write(_temp["a"], "text"u8, files: _files.Files);
        Assert.Equal(("move, move, move, move, move", "", "a 4", "text"),
            (Calls, Pauses, TempFolder.Tree(_temp.Path), Seen("a")));
    }

    [Fact]
    public void Where_every_temporary_file_is_taken_that_is_an_error()
    {
        _files.TemporariesTaken = 100;
        Assert.Throws<FileNotFoundException>(() => AtomicFile.Write(_temp["a"], "text"u8, files: _files.Files));
        Assert.Equal("move, move, move, move, move, try to delete", Calls);
    }

    [Fact]
    public void A_refused_replacement_is_tried_again_with_growing_pauses()
    {
        (string from, string to) = NewAndOld();
        _files.Refusals = 3;
        _files.Files.Replace(from, to);
        Assert.Equal(("10 20 40", "old 3", "new"), (Pauses, TempFolder.Tree(_temp.Path), Seen("old")));
    }

    [Fact]
    public void What_stays_in_use_for_five_seconds_is_an_error_that_names_the_file_and_the_program()
    {
        (string from, string to) = NewAndOld();
        (_files.Refusals, _files.User) = (100, "app.exe (process 4711)");
        var e = Assert.Throws<FileInUseException>(() => _files.Files.Replace(from, to));
        Assert.Equal(($"{to} is in use by app.exe (process 4711).", "10 20 40 80 160 320 640 1280 2560"), (e.Message, Pauses));
        Assert.Equal(("new 3\nold 3", "old"), (TempFolder.Tree(_temp.Path), Seen("old")));
    }

    [Fact]
    public void A_file_whose_readers_share_its_deletion_is_replaced_at_once()
    {
        (string from, string to) = NewAndOld();
        (_files.Refusals, _files.ReplacesOpen) = (100, true);
        _files.Files.Replace(from, to);
        Assert.Equal(("move, replace open", "", "old 3", "new"), (Calls, Pauses, TempFolder.Tree(_temp.Path), Seen("old")));
    }

    [Fact]
    public void A_file_that_a_running_program_maps_is_renamed_aside()
    {
        (string from, string to) = NewAndOld();
        (_files.Refusals, _files.RenamesOpen) = (100, true);
        _files.Files.Replace(from, to, asideFolder: _temp.Path);
        string aside = Assert.Single(Directory.GetFiles(_temp.Path), f => f != to);
        Assert.Equal(("10 20 40", true, "old", "new"),
            (Pauses, TemporaryNames.IsAside(Path.GetFileName(aside)), File.ReadAllText(aside), Seen("old")));
    }

    [Fact]
    public void A_file_whose_name_others_look_up_is_never_renamed_aside()
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
    public void Missing_rights_are_told_at_once()
    {
        (string from, string to) = NewAndOld();
        (_files.Refusals, _files.Reason) = (100, RefusalReason.Other);
        Assert.IsNotType<FileInUseException>(Assert.ThrowsAny<IOException>(() => _files.Files.Replace(from, to)));
        Assert.Equal(("move", ""), (Calls, Pauses));
    }

    [Fact]
    public void What_may_be_missing_rights_is_tried_for_less_than_a_second_and_then_told_in_the_words_of_the_system()
    {
        (_files.Refusals, _files.Reason) = (100, RefusalReason.PerhapsInUse);
        Assert.IsNotType<FileInUseException>(Assert.ThrowsAny<IOException>(() => _files.Files.Delete(_temp.Write("a", "a"))));
        Assert.Equal("10 20 40 80 160 320", Pauses);
    }

    [Fact]
    public void A_missing_file_is_no_file_in_use()
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
    public void A_refused_reader_tries_again()
    {
        _files.Refusals = 2;
        Assert.Equal("hello", _files.Files.ReadText(_temp.Write("a", "hello")));
        Assert.Equal("10 20", Pauses);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(100_000)]
    public void A_file_is_read_to_its_end(int size)
    {
        byte[] content = new byte[size];
        new Random(1).NextBytes(content);
        Assert.Equal(content, ContendedFiles.OfSystem.Read(_temp.Write("a", content)));
    }

    [Fact]
    public void A_blob_that_cannot_be_replaced_because_a_program_uses_it_and_that_is_right_is_as_good_as_a_new_one()
    {
        Digest digest = Digest.Parse(RestoreBench.Sha256("hello"));
        var blobs = new BlobStore(_temp["blobs"], files: _files.Files);
        blobs.Ingest(_temp.Write("a", "hello"), digest);
        _files.Refusals = 100;
        blobs.Ingest(_temp.Write("b", "hello"), digest);
        Assert.Equal(($"{BlobStore.RelativePath(digest)} 5", "10 20 40"), (TempFolder.Tree(_temp.Path), Pauses));
    }

    [Fact]
    public void A_wrong_blob_that_a_program_uses_is_an_error()
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
    public void A_placed_file_in_use_is_an_error_that_does_not_speak_of_rights()
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
