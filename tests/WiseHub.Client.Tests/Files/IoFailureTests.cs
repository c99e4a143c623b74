using WiseHub.Client.Files;
using WiseHub.Testing;

namespace WiseHub.Client.Tests;

/// <summary>The meaning of the error numbers of each system in exceptions of .NET.</summary>
public sealed class IoFailureTests
{
    private const int Windows = unchecked((int)0x80070000);

    [Theory]
    [InlineData(28, "DiskFull")] // ENOSPC
    [InlineData(122, "DiskFull")] // EDQUOT of Linux
    [InlineData(69, "DiskFull")] // EDQUOT of macOS
    [InlineData(Windows + 39, "DiskFull")] // ERROR_HANDLE_DISK_FULL
    [InlineData(Windows + 112, "DiskFull")] // ERROR_DISK_FULL
    [InlineData(Windows + 1295, "DiskFull")] // ERROR_DISK_QUOTA_EXCEEDED
    [InlineData(30, "Forbidden")] // EROFS
    [InlineData(Windows + 19, "Forbidden")] // ERROR_WRITE_PROTECT
    [InlineData(11, "InUse")] // EAGAIN of Linux
    [InlineData(35, "InUse")] // EAGAIN of macOS
    [InlineData(16, "InUse")] // EBUSY
    [InlineData(26, "InUse")] // ETXTBSY
    [InlineData(Windows + 32, "InUse")] // ERROR_SHARING_VIOLATION
    [InlineData(Windows + 33, "InUse")] // ERROR_LOCK_VIOLATION
    [InlineData(Windows + 303, "InUse")] // ERROR_DELETE_PENDING
    [InlineData(Windows + 1224, "InUse")] // ERROR_USER_MAPPED_FILE
    [InlineData(36, "NameTooLong")] // ENAMETOOLONG of Linux
    [InlineData(63, "NameTooLong")] // ENAMETOOLONG of macOS
    [InlineData(Windows + 206, "NameTooLong")] // ERROR_FILENAME_EXCED_RANGE
    [InlineData(5, "Other")] // EIO
    [InlineData(Windows + 1117, "Other")] // ERROR_IO_DEVICE
    public void Each_error_number_of_the_system_has_one_kind(int code, string kind) =>
        Assert.Equal(kind, IoFailures.KindOf(new IOException("?", code)).ToString());

    [Fact]
    public void Exceptions_of_DotNet_are_mapped_to_kinds()
    {
        Assert.Equal(IoFailureKind.Forbidden, IoFailures.KindOf(new UnauthorizedAccessException()));
        Assert.Equal(IoFailureKind.NameTooLong, IoFailures.KindOf(new PathTooLongException()));
        Assert.Equal(IoFailureKind.Other, IoFailures.KindOf(new FileNotFoundException()));
    }

    [Theory]
    [InlineData(28,
        "WISE3008: x: the disk is full. Free some space, or put the cache elsewhere with WISEHUB_CACHE or WiseCacheDirectory.")]
    [InlineData(30,
        "WISE3007: x: said. Give this user permission, or put the cache elsewhere with WISEHUB_CACHE or WiseCacheDirectory.")]
    [InlineData(Windows + 32, "WISE3070: x: said. Close that program and try again.")]
    [InlineData(36, "WISE3072: x: said. Use folders with shorter names, or put the cache elsewhere with "
        + "WISEHUB_CACHE or WiseCacheDirectory.")]
    [InlineData(5, "WISE3013: x: said. Check the path and its device.")]
    public void Each_kind_of_failure_has_its_code_and_remedy(int code, string message)
    {
        HubException e = IoFailures.ToHubException(new IOException("said.", code), "x");
        Assert.Equal(message, $"{e.Code}: {e.Message}");
    }

    [Fact]
    [Needs(Need.Unix, Because = "Windows calls such a name a wrong one.")]
    public void A_name_that_is_too_long_has_a_kind_of_its_own()
    {
        var e =
            Assert.ThrowsAny<IOException>(() => File.WriteAllText(Path.Combine(Path.GetTempPath(), new string('a', 300)), ""));
        Assert.Equal(IoFailureKind.NameTooLong, IoFailures.KindOf(e));
    }
}
