namespace WiseHub.Client;

/// <summary>Turns what the file system says into errors with a code.</summary>
internal static class IoFailures
{
    // errno values of Linux and macOS, and the Win32 codes, as .NET puts them into HResult.
    private const int Enospc = 28, ErofsErrno = 30, EdquotLinux = 122, EdquotMac = 69;
    private const int WindowsDiskFull = unchecked((int)0x80070070), WindowsHandleDiskFull = unchecked((int)0x80070027);
    // FileStream with a preallocation size that does not fit (SERVERS.md section 5).
    private const int PreallocationFailed = unchecked((int)0x80131620);

    /// <summary>True for the failures that the file system reports; anything else is a mistake of ours and must not be caught, nor a DLL that is missing.</summary>
    public static bool IsFileSystem(Exception e) => e is UnauthorizedAccessException
        || (e is IOException and not FileLoadException && !(e is FileNotFoundException missing && missing.FileName?.Contains(", Version=", StringComparison.Ordinal) == true));

    public static bool IsDiskFull(Exception e) => e is IOException && (e.HResult is Enospc or EdquotLinux or EdquotMac or WindowsDiskFull or WindowsHandleDiskFull
        || (e.HResult == PreallocationFailed && e.Message.Contains("disk was full", StringComparison.OrdinalIgnoreCase)));

    public static bool IsForbidden(Exception e) => e is UnauthorizedAccessException || e.HResult == ErofsErrno;

    public static HubException ToHubException(Exception e, string what)
    {
        if (IsDiskFull(e))
            return new HubException(WiseCodes.DiskFull, $"{what}: the disk is full. Free space, or put the cache elsewhere with WISEHUB_CACHE or WiseCacheDirectory.", e);
        if (IsForbidden(e))
        {
            return new HubException(WiseCodes.NoPermission,
                $"{what}: {e.Message} Give this user the right, or put the cache elsewhere with WISEHUB_CACHE or WiseCacheDirectory.", e);
        }
        return new HubException(WiseCodes.LocalFailure, $"{what}: {e.Message} Check that path and the device behind it.", e);
    }
}
