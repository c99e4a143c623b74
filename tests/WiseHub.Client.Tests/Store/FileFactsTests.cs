using WiseHub.Client.Store;
using WiseHub.Testing;

namespace WiseHub.Client.Tests;

public sealed class FileFactsTests : IDisposable
{
    private readonly TempFolder _temp = new();

    public void Dispose() => _temp.Dispose();

    [Fact]
    public void A_file_has_its_size_and_time()
    {
        DateTime time = new(2001, 2, 3, 4, 5, 6, DateTimeKind.Utc);
        File.SetLastWriteTimeUtc(_temp.Write("a", "abc"), time);
        Assert.Equal(new FileFacts(FileKind.File, 3, time), FileFacts.Of(_temp["a"]));
    }

    [Theory]
    [InlineData("missing")]
    [InlineData("missing/deeper")]
    public void A_name_that_nothing_has_is_missing(string name) => Assert.Equal(default, FileFacts.Of(_temp[name]));

    [Fact]
    public void A_name_below_a_file_is_missing()
    {
        _temp.Write("a", "abc");
        Assert.Equal(FileKind.Missing, FileFacts.Of(_temp["a/b"]).Kind);
    }

    [Fact]
    public void A_folder_is_no_file()
    {
        Directory.CreateDirectory(_temp["a"]);
        Assert.Equal(FileKind.Other, FileFacts.Of(_temp["a"]).Kind);
    }

    [Fact]
    [Needs(Need.SymbolicLinks)]
    public void A_link_is_not_followed()
    {
        File.CreateSymbolicLink(_temp["a"], _temp.Write("b", "abc"));
        Assert.Equal(FileKind.Other, FileFacts.Of(_temp["a"]).Kind);
    }
}
