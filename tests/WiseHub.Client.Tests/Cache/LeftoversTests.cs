using WiseHub.Client.Cache;
using WiseHub.Client.Files;
using WiseHub.Client.Store;
using WiseHub.Testing;

namespace WiseHub.Client.Tests;

public sealed class LeftoversTests : IDisposable
{
    private readonly TempFolder _temp = new();

    public void Dispose() => _temp.Dispose();

    private List<string> Find() =>
        [.. Leftovers.FindTemporary(_temp.Path, _temp["repo"], DateTime.UtcNow).Select(f => f.Name)];

    [Fact]
    public void A_temporary_file_older_than_a_day_is_a_leftover()
    {
        string name = TemporaryNames.New();
        File.SetLastWriteTimeUtc(_temp.Write("blobs/" + name, "x"), DateTime.UtcNow.AddDays(-2));
        _temp.Write("blobs/" + TemporaryNames.New(), "new");
        Assert.Equal([name], Find());
    }

    [Fact]
    public void A_name_that_is_gone_has_no_age() => Assert.False(Leftovers.IsOld(FileFacts.Of(_temp["gone"]), DateTime.UtcNow));
}
