namespace WiseHub.Client.Files;

/// <summary>What a failure of the file system comes from, and so what helps against it.</summary>
internal enum IoFailureKind
{
    /// <summary>Anything else: the device, the network, a name that is taken.</summary>
    Other,
    /// <summary>No room is left, or none of the user's quota.</summary>
    DiskFull,
    /// <summary>This user may not, or the medium is read-only.</summary>
    Forbidden,
    /// <summary>Another program has the file open.</summary>
    InUse,
    /// <summary>The path or a name in it is longer than the system allows.</summary>
    NameTooLong,
}

/// <summary>Turns what the file system says into errors with a code.</summary>
internal static class IoFailures
{
    // .NET puts errno and 0x80070000 + the Win32 code into HResult. No number of one system means something else on another one.
    private const int Windows = unchecked((int)0x80070000);

    // FileStream with a preallocation size that does not fit.
    private const int PreallocationFailed = unchecked((int)0x80131620);

    /// <summary>
    /// True for the failures that the file system reports; anything else is a mistake of ours and must not be caught, nor a
    /// DLL that is missing.
    /// </summary>
    public static bool IsFileSystem(Exception e) => e is UnauthorizedAccessException
        || (e is IOException and not FileLoadException && !(e is FileNotFoundException missing
            && missing.FileName?.Contains(", Version=", StringComparison.Ordinal) == true));

    /// <summary>What a failure comes from.</summary>
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
        // EAGAIN of Linux and macOS, which .NET gives for its own locks; EBUSY; ETXTBSY.
        11 or 35 or 16 or 26 => IoFailureKind.InUse,
        // ENAMETOOLONG of Linux and macOS; ERROR_BUFFER_OVERFLOW, ERROR_FILENAME_EXCED_RANGE.
        36 or 63 or (Windows + 111) or (Windows + 206) => IoFailureKind.NameTooLong,
        _ => (code & ~0xFFFF) == Windows && IsInUse(code & 0xFFFF) ? IoFailureKind.InUse : IoFailureKind.Other,
    };

    /// <summary>Whether a Win32 code says that somebody else has the file.</summary>
    public static bool IsInUse(int code) =>
        // ERROR_SHARING_VIOLATION, ERROR_LOCK_VIOLATION, ERROR_DELETE_PENDING, ERROR_USER_MAPPED_FILE.
        code is 32 or 33 or 303 or 1224;

    public static bool IsDiskFull(Exception e) => KindOf(e) == IoFailureKind.DiskFull;

    public static bool IsForbidden(Exception e) => KindOf(e) == IoFailureKind.Forbidden;

    /// <summary>An error with a code for something of the cache, or on the way there.</summary>
    public static HubException ToHubException(Exception e, string what)
    {
        const string Elsewhere = "put the cache elsewhere with WISEHUB_CACHE or WiseCacheDirectory.";
        return KindOf(e) switch
        {
            IoFailureKind.DiskFull =>
                new HubException(WiseCodes.DiskFull, $"{what}: the disk is full. Free space, or {Elsewhere}", e),
            IoFailureKind.Forbidden =>
                new HubException(WiseCodes.NoPermission, $"{what}: {e.Message} Give this user the right, or {Elsewhere}", e),
            IoFailureKind.InUse => InUse(e, what),
            IoFailureKind.NameTooLong =>
                new HubException(WiseCodes.PathTooLong, $"{what}: {e.Message} Use folders with shorter names, or {Elsewhere}", e),
            _ => new HubException(WiseCodes.LocalFailure, $"{what}: {e.Message} Check that path and the device behind it.", e),
        };
    }

    /// <summary>The error for a file that another program has open.</summary>
    public static HubException InUse(Exception e, string what) =>
        new(WiseCodes.FileInUse, $"{what}: {e.Message} Close the program that uses the file, and run this again.", e);
}
