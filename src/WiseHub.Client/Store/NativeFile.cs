using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using WiseHub.Client.Files;

namespace WiseHub.Client.Store;

/// <summary>
/// Facts about files that .NET does not report: whether a sync succeeded, and on Linux when a file was made and last changed.
/// </summary>
internal static partial class NativeFile
{
    // errno of Linux and macOS alike.
    private const int Eintr = 4, Einval = 22;
    private const int EnotsupLinux = 95, EnotsupMac = 45;

    // O_RDONLY is 0; O_CLOEXEC of asm-generic/fcntl.h (x64, arm64) and of macOS's sys/fcntl.h.
    private const int CloexecLinux = 0x80000, CloexecMac = 0x1000000;

    // macOS: fsync leaves the bytes in the drive's buffer (see fsync(2)). F_FULLFSYNC ignores its third argument.
    private const int FullFsync = 51;

    /// <summary>
    /// Syncs a file's bytes to the device. On Unix, .NET's Flush(true) ignores errors of fsync (tried on .NET 10 with EIO,
    /// ENOSPC, EDQUOT).
    /// </summary>
    /// <exception cref="IOException">The device or the quota refused the bytes.</exception>
    public static void Sync(FileStream file)
    {
        if (OperatingSystem.IsWindows())
            file.Flush(flushToDisk: true);
        else
            Sync(file.SafeFileHandle, file.Name);
    }

    /// <inheritdoc cref="Sync(FileStream)"/>
    public static void SyncFile(string path)
    {
        // FlushFileBuffers needs a handle with write access; fsync does not.
        using var file = new FileStream(path, FileMode.Open, OperatingSystem.IsWindows() ? FileAccess.ReadWrite : FileAccess.Read,
            FileShare.ReadWrite | FileShare.Delete, bufferSize: 1);
        Sync(file);
    }

    /// <summary>Syncs the names in a folder to the device. Windows has no such call: NTFS writes names in its journal.</summary>
    /// <exception cref="IOException">The device reported an error.</exception>
    public static void SyncFolder(string path)
    {
        if (OperatingSystem.IsWindows())
            return;
        using SafeFileHandle folder = OpenFolder(path);
        // Some network and user-space file systems cannot sync a folder, and report so.
        Sync(folder, path, Einval, EnotsupLinux, EnotsupMac);
    }

    /// <summary>Syncs a whole file system to the device.</summary>
    /// <returns>False where the system has no such call.</returns>
    /// <exception cref="IOException">Linux 5.8 and later: some data could not be written.</exception>
    public static bool SyncFileSystem(string folder)
    {
        if (!OperatingSystem.IsLinux())
            return false;
        using SafeFileHandle handle = OpenFolder(folder);
        return Syncfs(handle) == 0 ? true : throw Failure(Marshal.GetLastPInvokeError(), folder);
    }

    /// <summary>The time a file was made, or null where that is unknown.</summary>
    public static DateTime? BirthTime(string path)
    {
        if (!OperatingSystem.IsLinux())
            return File.GetCreationTimeUtc(path);
        return Statx.Of(path, Statx.WantBirthTime) is Statx found && (found.Mask & Statx.WantBirthTime) != 0
            ? found.BirthTime.ToDateTime() : null;
    }

    /// <summary>
    /// The time of the last change of a file's bytes, names, links or attributes. Nothing can set it, so it shows when a blob was
    /// ingested or linked. Where it is unavailable, the time of the last change of names in the folder.
    /// </summary>
    public static DateTime ChangeTime(string path)
    {
        if (OperatingSystem.IsLinux() && Statx.Of(path, Statx.WantChangeTime) is Statx found
            && (found.Mask & Statx.WantChangeTime) != 0)
            return found.ChangeTime.ToDateTime();
        if (OperatingSystem.IsWindows() && WindowsFiles.ChangeTime(path) is DateTime onWindows)
            return onWindows;
        if (OperatingSystem.IsMacOS() && FileIdentity.MacChangeTime(path) is DateTime onMac)
            return onMac;
        DateTime born = File.GetCreationTimeUtc(path), folder = File.GetLastWriteTimeUtc(Path.GetDirectoryName(path)!);
        return born > folder ? born : folder;
    }

    private static void Sync(SafeFileHandle handle, string path, params ReadOnlySpan<int> accepted)
    {
        if (OperatingSystem.IsMacOS() && Fcntl(handle, FullFsync) == 0)
            return;
        while (Fsync(handle) != 0)
        {
            int error = Marshal.GetLastPInvokeError();
            if (accepted.Contains(error))
                return;
            if (error != Eintr)
                throw Failure(error, path);
        }
    }

    // .NET cannot open folders.
    private static SafeFileHandle OpenFolder(string path)
    {
        SafeFileHandle handle = Open(path, OperatingSystem.IsMacOS() ? CloexecMac : CloexecLinux);
        if (!handle.IsInvalid)
            return handle;
        int error = Marshal.GetLastPInvokeError();
        handle.Dispose();
        throw Failure(error, path);
    }

    // HResult is the errno, as in .NET's own file system exceptions.
    private static IOException Failure(int error, string path) =>
        new($"{Marshal.GetPInvokeErrorMessage(error)} : '{path}'", error);

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial SafeFileHandle Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int Fsync(SafeFileHandle file);

    [LibraryImport("libc", EntryPoint = "syncfs", SetLastError = true)]
    private static partial int Syncfs(SafeFileHandle file);

    [LibraryImport("libc", EntryPoint = "fcntl", SetLastError = true)]
    private static partial int Fcntl(SafeFileHandle file, int command);
}
