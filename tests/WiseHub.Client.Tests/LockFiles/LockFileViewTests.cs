using System.Text;
using WiseHub.Client.Restoring;
using WiseHub.Testing;

namespace WiseHub.Client.Tests;

/// <summary>One restore reads the lock file once, unless somebody else writes it meanwhile.</summary>
public sealed class LockFileViewTests : IDisposable
{
    private readonly TempFolder _temp = new();
    private readonly LockFileView _view;

    public LockFileViewTests() => _view = new LockFileView(FilePath, TimeProvider.System, null);

    private string FilePath => _temp["wise.lock.json"];

    public void Dispose() => _temp.Dispose();

    // Both texts have the same length.
    private static LockFile With(char name)
    {
        var key = new LockKey(RepoType.Model, $"acme/{name}", "local", null, null);
        return LockFile.Empty.With([new LockEntry(key, new string('a', 40), [FileSelection.All], [])]);
    }

    private void Write(char name, TimeSpan age)
    {
        File.WriteAllBytes(FilePath, With(name).ToBytes());
        File.SetLastWriteTimeUtc(FilePath, DateTime.UtcNow.Date - age);
    }

    private static string? NameIn(LockFile? file) => file?.Entries[0].Key.RepoId;

    [Fact]
    public void A_file_that_nobody_wrote_is_not_read_again()
    {
        Write('a', TimeSpan.FromHours(1));
        LockFile? first = _view.Read();
        // Only its times tell that it is another file.
        Write('b', TimeSpan.FromHours(1));

        Assert.Same(first, _view.Read());
        Assert.Equal("acme/a", NameIn(first));
    }

    [Fact]
    public void A_file_that_somebody_wrote_is_read_again()
    {
        Write('a', TimeSpan.FromHours(2));
        Assert.Equal("acme/a", NameIn(_view.Read()));
        Write('b', TimeSpan.FromHours(1));

        Assert.Equal("acme/b", NameIn(_view.Read()));
        Assert.Equal(File.ReadAllText(FilePath), Encoding.UTF8.GetString(_view.Bytes!));
    }

    [Fact]
    public void A_file_so_young_that_its_time_may_stay_the_same_is_read_again()
    {
        DateTime now = DateTime.UtcNow;
        File.WriteAllBytes(FilePath, With('a').ToBytes());
        File.SetLastWriteTimeUtc(FilePath, now);
        Assert.Equal("acme/a", NameIn(_view.Read()));
        File.WriteAllBytes(FilePath, With('b').ToBytes());
        File.SetLastWriteTimeUtc(FilePath, now);

        Assert.Equal("acme/b", NameIn(_view.Read()));
    }

    [Fact]
    public void A_file_that_goes_is_gone_and_one_that_comes_is_seen()
    {
        Assert.Null(_view.Read());
        Write('a', TimeSpan.FromHours(1));
        Assert.Equal("acme/a", NameIn(_view.Read()));
        File.Delete(FilePath);

        Assert.Null(_view.Read());
        Assert.Null(_view.Bytes);
    }

    [Fact]
    public void What_was_written_here_is_known_without_a_read()
    {
        _view.Write(With('a'), With('a').ToBytes());

        Assert.Equal(("acme/a", true), (NameIn(_view.Content), With('a').ToBytes().AsSpan().SequenceEqual(_view.Bytes)));
        Assert.Equal("acme/a", NameIn(_view.Read()));
    }
}
