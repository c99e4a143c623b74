using System.Runtime.Versioning;
using WiseHub.Client.Files;
using WiseHub.Testing;

namespace WiseHub.Client.Tests;

[Needs(Need.Linux)]
[UnsupportedOSPlatform("windows")]
public sealed class LinuxFilesTests : IDisposable
{
    private static readonly DateTime Time = new(2003, 2, 1, 4, 5, 6, DateTimeKind.Utc);

    private readonly TempFolder _temp = new();

    public void Dispose() => _temp.Dispose();

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(3_000_000)]
    public void A_created_file_has_the_bytes_and_the_time(int size)
    {
        byte[] content = RandomBytes.Of(size, seed: 1);
        Assert.True(LinuxFiles.TryCreate(_temp["a"], content, Time, out bool isStamped));
        Assert.Equal((true, Time), (isStamped, File.GetLastWriteTimeUtc(_temp["a"])));
        Assert.Equal(content, File.ReadAllBytes(_temp["a"]));
    }

    [Fact]
    public void A_time_before_1970_with_a_fraction_is_kept()
    {
        DateTime time = new DateTime(1969, 12, 31, 23, 59, 58, DateTimeKind.Utc).AddTicks(2_500_000);
        Assert.True(LinuxFiles.TryCreate(_temp["a"], [], time, out _));
        Assert.Equal(time, File.GetLastWriteTimeUtc(_temp["a"]));
    }

    [Fact]
    public void Without_a_time_a_file_has_that_of_now()
    {
        Assert.True(LinuxFiles.TryCreate(_temp["a"], "x"u8, null, out bool isStamped));
        Assert.False(isStamped);
        Assert.InRange(File.GetLastWriteTimeUtc(_temp["a"]), DateTime.UtcNow.AddMinutes(-1), DateTime.UtcNow.AddMinutes(1));
    }

    [Fact]
    public void A_created_file_has_the_permissions_of_one_made_by_dotnet()
    {
        LinuxFiles.TryCreate(_temp["a"], [], null, out _);
        Assert.Equal(File.GetUnixFileMode(_temp.Write("b", "")), File.GetUnixFileMode(_temp["a"]));
    }

    [Fact]
    public void An_existing_file_is_not_written()
    {
        Assert.False(LinuxFiles.TryCreate(_temp.Write("a", "old"), "new"u8, Time, out _));
        Assert.Equal("old", File.ReadAllText(_temp["a"]));
    }

    [Fact]
    public void A_link_to_nowhere_is_not_followed()
    {
        File.CreateSymbolicLink(_temp["a"], _temp["b"]);
        Assert.False(LinuxFiles.TryCreate(_temp["a"], "new"u8, Time, out _));
        Assert.False(File.Exists(_temp["b"]));
    }

    [Fact]
    public void A_file_in_a_missing_folder_is_not_created() =>
        Assert.False(LinuxFiles.TryCreate(_temp["missing/a"], "new"u8, Time, out _));

    [Fact]
    public async Task A_full_disk_is_a_failure_with_its_errno()
    {
        await using SmallDisk? disk = await SmallDisk.MountAsync("size=64k");
        Assert.SkipWhen(disk is null, "A file system cannot be mounted here.");
        IOException full = Assert.Throws<IOException>(
            () => LinuxFiles.TryCreate(disk["a"], RandomBytes.Of(1 << 20), null, out _));
        Assert.True(IoFailures.IsDiskFull(full), full.ToString());
    }

    [Fact]
    public void A_rename_replaces_a_file()
    {
        Assert.True(LinuxFiles.TryRename(_temp.Write("a", "new"), _temp.Write("b", "old")));
        Assert.Equal((false, "new"), (File.Exists(_temp["a"]), File.ReadAllText(_temp["b"])));
    }

    [Fact]
    public void A_missing_file_is_not_renamed() => Assert.False(LinuxFiles.TryRename(_temp["a"], _temp["b"]));
}
