namespace WiseHub.Client.Files;

/// <summary>The causes of file system failures, each with its own remedy.</summary>
internal enum IoFailureKind
{
    /// <summary>Any other cause: the device, the network, an existing name.</summary>
    Other,
    /// <summary>The disk or the user's quota is full.</summary>
    DiskFull,
    /// <summary>The user lacks permission, or the medium is read-only.</summary>
    Forbidden,
    /// <summary>Another program has the file open.</summary>
    InUse,
    /// <summary>The path or a name in it exceeds the system's limit.</summary>
    NameTooLong,
}

/// <summary>Turns failures of the file system into errors with a code.</summary>
internal static class IoFailures
{
    // HResult is errno, or 0x80070000 + the Win32 code. The numbers of different systems do not conflict.
    private const int Windows = unchecked((int)0x80070000);

    // FileStream cannot reserve the preallocation size.
    private const int PreallocationFailed = unchecked((int)0x80131620);

    /// <summary>
    /// True for failures reported by the file system. Other exceptions, including a missing DLL, are bugs and must not be caught.
    /// </summary>
    public static bool IsFileSystem(Exception e) => e is UnauthorizedAccessException
        || (e is IOException and not FileLoadException && !(e is FileNotFoundException missing
            && missing.FileName?.Contains(", Version=", StringComparison.Ordinal) == true));

    /// <summary>The cause of a failure.</summary>
    public static IoFailureKind KindOf(Exception e) => e switch
    {
        FileInUseException => IoFailureKind.InUse,
        // EACCES, EPERM; ERROR_ACCESS_DENIED.
        UnauthorizedAccessException => IoFailureKind.Forbidden,
        PathTooLongException => IoFailureKind.NameTooLong,
        IOException { HResult: PreallocationFailed }
            when e.Message.Contains("disk was full", StringComparison.OrdinalIgnoreCase) => IoFailureKind.DiskFull,
        IOException => KindOf(e.HResult),
        _ => IoFailureKind.Other,
    };

    private static IoFailureKind KindOf(int code) => code switch
    {
        // ENOSPC; EDQUOT of Linux and macOS; ERROR_HANDLE_DISK_FULL, ERROR_DISK_FULL, ERROR_DISK_QUOTA_EXCEEDED.
        28 or 122 or 69 or (Windows + 39) or (Windows + 112) or (Windows + 1295) => IoFailureKind.DiskFull,
        // EROFS; ERROR_WRITE_PROTECT.
        30 or (Windows + 19) => IoFailureKind.Forbidden,
        // EAGAIN of Linux and macOS, which .NET uses for its own locks; EBUSY; ETXTBSY.
        11 or 35 or 16 or 26 => IoFailureKind.InUse,
        // ENAMETOOLONG of Linux and macOS; ERROR_BUFFER_OVERFLOW, ERROR_FILENAME_EXCED_RANGE.
        36 or 63 or (Windows + 111) or (Windows + 206) => IoFailureKind.NameTooLong,
        _ => (code & ~0xFFFF) == Windows && IsInUse(code & 0xFFFF) ? IoFailureKind.InUse : IoFailureKind.Other,
    };

    /// <summary>True for a Win32 code that means that another program has the file open.</summary>
    public static bool IsInUse(int code) =>
        // ERROR_SHARING_VIOLATION, ERROR_LOCK_VIOLATION, ERROR_DELETE_PENDING, ERROR_USER_MAPPED_FILE.
        code is 32 or 33 or 303 or 1224;

    public static bool IsDiskFull(Exception e) => KindOf(e) == IoFailureKind.DiskFull;

    public static bool IsForbidden(Exception e) => KindOf(e) == IoFailureKind.Forbidden;

    /// <summary>Makes the error for a failure in the cache or on the way there.</summary>
    public static HubException ToHubException(Exception e, string failure) => KindOf(e) switch
    {
        IoFailureKind.DiskFull => FileMessages.DiskFull(failure, e),
        IoFailureKind.Forbidden => FileMessages.NoPermission(failure, e),
        IoFailureKind.InUse => InUse(e, failure),
        IoFailureKind.NameTooLong => FileMessages.PathTooLong(failure, e),
        _ => FileMessages.LocalFailure(failure, e),
    };

    /// <summary>Makes the error for a file that another program has open.</summary>
    public static HubException InUse(Exception e, string failure) => FileMessages.InUse(failure, e);
}
