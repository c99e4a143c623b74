using System.Diagnostics;
using System.Text.RegularExpressions;
using WiseHub.Testing;

namespace WiseHub.Client.Tests;

/// <summary>
/// A push to a device whose fsync fails. strace makes the system call fail, in a separate process.
/// </summary>
public sealed partial class FailingDeviceTests : IDisposable
{
    private const string FolderVariable = "WISE_TEST_FOLDER";

    private readonly TempFolder _temp = new();

    [Fact(Explicit = true)]
    public async Task Push()
    {
        string folder = Environment.GetEnvironmentVariable(FolderVariable)
            ?? throw new UnreachableException("It is run by the other tests.");
        Exception? failure = await Record.ExceptionAsync(
            () => new StoreBuilder(Path.Combine(folder, "hub")).PushAsync("acme/tiny", ("a", "hello")));
        await File.WriteAllTextAsync(Path.Combine(folder, "result"),
            failure is HubException e ? $"{e.Code}: {e.Message}" : $"{failure}");
    }

    private async Task<string> PushAsync(string error, string? where)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "strace is of Linux.");
        try
        {
            // Resolved once at its start.
            string[] only = where is null ? [] : ["-P", Directory.CreateDirectory(_temp[where]).FullName];
            ProcessResult result = await ProcessRunner.RunAsync("strace",
                ["-f", "-o", "/dev/null", "-e", "trace=fsync", .. only, "-e", $"inject=fsync:error={error}",
                    "dotnet", typeof(FailingDeviceTests).Assembly.Location, "-explicit", "only", "-method",
                    $"{typeof(FailingDeviceTests).FullName}.{nameof(Push)}"],
                _temp.Path, new Dictionary<string, string?> { [FolderVariable] = _temp.Path });
            Assert.SkipWhen(result.Error.Contains("PTRACE", StringComparison.OrdinalIgnoreCase),
                $"strace may not trace here: {result.Error}");
            Assert.True(File.Exists(_temp["result"]), $"{result.ExitCode} {result.Output} {result.Error}");
        }
        catch (System.ComponentModel.Win32Exception)
        {
            Assert.Skip("There is no strace (apt-get install strace).");
        }
        return TemporaryName().Replace(
            (await File.ReadAllTextAsync(_temp["result"])).Replace(_temp.Path, "<temp>", StringComparison.Ordinal), ".#.tmp");
    }

    [Theory]
    [InlineData("EIO", null, "WISE3013: acme/tiny could not be pushed to 'built' (<temp>/hub): Input/output error : "
        + "'<temp>/hub/.#.tmp' Check the path and its device.")]
    [InlineData("EIO", "hub/blobs", "WISE3013: acme/tiny could not be pushed to 'built' (<temp>/hub): Input/output error : "
        + "'<temp>/hub/blobs' Check the path and its device.")]
    [InlineData("ENOSPC", "hub/blobs/2c", "WISE3008: acme/tiny could not be pushed to 'built' (<temp>/hub): the disk is full. "
        + "Free some space, or put the cache elsewhere with WISEHUB_CACHE or WiseCacheDirectory.")]
    [InlineData("EDQUOT", "hub/models/acme/tiny/trees", "WISE3008: acme/tiny could not be pushed to 'built' (<temp>/hub): "
        + "the disk is full. Free some space, or put the cache elsewhere with WISEHUB_CACHE or WiseCacheDirectory.")]
    public async Task An_fsync_error_fails_the_push_before_the_ref_moves(string error, string? where, string failure)
    {
        Assert.Equal(failure, await PushAsync(error, where));
        Assert.False(Directory.Exists(_temp["hub/models/acme/tiny/refs"]));
        Assert.Equal([], Directory.EnumerateFiles(_temp.Path, ".*.tmp", SearchOption.AllDirectories));
    }

    [Fact]
    public async Task The_folder_of_the_ref_is_synced_as_well() => Assert.Equal(
        "WISE3013: acme/tiny could not be pushed to 'built' (<temp>/hub): Input/output error : "
        + "'<temp>/hub/models/acme/tiny/refs' Check the path and its device.",
        await PushAsync("EIO", "hub/models/acme/tiny/refs"));

    [Fact]
    public async Task A_file_system_that_cannot_sync_folders_does_not_fail_the_push() =>
        Assert.Equal("", await PushAsync("EINVAL", "hub/models/acme/tiny/refs"));

    public void Dispose() => _temp.Dispose();

    [GeneratedRegex(@"\.[0-9a-f]{32}\.tmp")]
    private static partial Regex TemporaryName();
}
