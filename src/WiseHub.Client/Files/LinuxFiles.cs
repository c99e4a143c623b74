using System.Runtime.InteropServices;

namespace WiseHub.Client.Files;

/// <summary>
/// Linux's own calls for small files, of which a snapshot may have thousands. .NET takes 14 calls to create, write, stamp and
/// rename a file, because it also locks the file, truncates it and looks at it several times; these are five.
/// </summary>
/// <remarks>
/// Truncating is the most expensive of them: ext4 then writes the file to the device when it is closed (mount option
/// auto_da_alloc, https://www.kernel.org/doc/html/latest/admin-guide/ext4.html).
/// </remarks>
internal static partial class LinuxFiles
{
    // asm-generic/fcntl.h, the same on x64 and arm64.
    private const int WriteOnly = 1, Create = 0x40, Exclusive = 0x80, CloseOnExec = 0x80000;

    // rw-rw-rw-, from which the umask takes.
    private const int Mode = 0x1B6;

    private const int Interrupted = 4;

    // UTIME_OMIT of sys/stat.h.
    private const long KeepTime = (1L << 30) - 2;

    /// <summary>True where these calls exist. On other systems the methods do nothing and return false.</summary>
    // The layout of struct timespec below is that of 64 bits.
    public static bool AreAvailable { get; } = OperatingSystem.IsLinux() && Environment.Is64BitProcess;

    /// <summary>Creates a file, writes it, and sets its time of last write.</summary>
    /// <param name="path">Must not exist.</param>
    /// <param name="content">The bytes.</param>
    /// <param name="time">The time of last write; null keeps that of now.</param>
    /// <param name="isStamped">False if the file system refuses to set a time.</param>
    /// <returns>False if the file cannot be created; .NET's call then says why.</returns>
    /// <exception cref="IOException">The device or the quota refused the bytes. HResult is the errno.</exception>
    public static bool TryCreate(string path, ReadOnlySpan<byte> content, DateTime? time, out bool isStamped)
    {
        isStamped = false;
        int file = AreAvailable ? Open(path, WriteOnly | Create | Exclusive | CloseOnExec, Mode) : -1;
        if (file < 0)
            return false;
        try
        {
            while (!content.IsEmpty)
            {
                nint written = Write(file, content, content.Length);
                if (written < 0 && Marshal.GetLastPInvokeError() is int error and not Interrupted)
                    throw new IOException($"{Marshal.GetPInvokeErrorMessage(error)} : '{path}'", error);
                content = content[(int)Math.Max(0, written)..];
            }
            if (time is DateTime stamp)
            {
                long ticks = (stamp - DateTime.UnixEpoch).Ticks,
                    seconds = (long)Math.Floor(ticks / (double)TimeSpan.TicksPerSecond);
                isStamped = SetTimes(file,
                    [new Moment(0, KeepTime), new Moment(seconds, (ticks - (seconds * TimeSpan.TicksPerSecond)) * 100)]) == 0;
            }
        }
        finally
        {
            // An error of close is one of a network file system that reports a write late. The digest of the file is checked
            // again when its size or time is not right.
            _ = Close(file);
        }
        return true;
    }

    /// <summary>Renames a file and replaces an existing one.</summary>
    /// <returns>False if it failed; .NET's call then says why.</returns>
    public static bool TryRename(string from, string to) => AreAvailable && Rename(from, to) == 0;

    // struct timespec
    private readonly record struct Moment(long Seconds, long Nanoseconds);

    // Its third argument is variadic in C, which makes no difference on Linux, but does on macOS for arm64.
    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags, int mode);

    [LibraryImport("libc", EntryPoint = "write", SetLastError = true)]
    private static partial nint Write(int file, ReadOnlySpan<byte> bytes, nint count);

    [LibraryImport("libc", EntryPoint = "futimens")]
    private static partial int SetTimes(int file, ReadOnlySpan<Moment> accessAndWrite);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int Close(int file);

    [LibraryImport("libc", EntryPoint = "rename", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Rename(string from, string to);
}
