using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using Microsoft.Win32.SafeHandles;

namespace WiseHub.Client.Files;

/// <summary>
/// Makes copies that share the blocks of their source until one of them changes: on btrfs and XFS with FICLONE, on APFS with
/// clonefile, on ReFS and Dev Drives with duplicated extents. File.Copy clones where it can, but does not report whether it did.
/// </summary>
internal static partial class FileClone
{
    // FICLONE from linux/fs.h: _IOW(0x94, 9, int).
    private const nuint Ficlone = 0x40049409;

    /// <summary>The error of systems without clones: ERROR_NOT_SUPPORTED, EOPNOTSUPP of Linux.</summary>
    public static readonly int NotSupported = OperatingSystem.IsWindows() ? 50 : 95;

    /// <summary>Makes a clone with the mtime of the source.</summary>
    /// <param name="from">The source.</param>
    /// <param name="path">An unused name.</param>
    /// <returns>0, or the system's error code; then no file is left behind.</returns>
    public static int Make(FileInfo from, string path)
    {
        if (OperatingSystem.IsMacOS())
            return MakeMac(from, path);
        return !OperatingSystem.IsLinux() && !OperatingSystem.IsWindows() ? NotSupported
            : MakeOpen(from, path, OperatingSystem.IsWindows() ? CloneWindows
                : (source, clone, _) => Ioctl(clone, Ficlone, source) == 0 ? 0 : Marshal.GetLastPInvokeError());
    }

    private static int MakeOpen(FileInfo from, string path, Func<SafeFileHandle, SafeFileHandle, string, int> share)
    {
        int error;
        using (SafeFileHandle source = File.OpenHandle(from.FullName, FileMode.Open, FileAccess.Read,
            FileShare.ReadWrite | FileShare.Delete))
        using (SafeFileHandle clone = File.OpenHandle(path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.ReadWrite))
        {
            error = share(source, clone, path);
            if (error == 0)
                File.SetLastWriteTimeUtc(clone, from.LastWriteTimeUtc);
        }
        if (error != 0)
            File.Delete(path);
        return error;
    }

    private static int MakeMac(FileInfo from, string path)
    {
        if (CloneFile(from.FullName, path, 0) != 0)
            return Marshal.GetLastPInvokeError();
        File.SetAttributes(path, FileAttributes.Normal);
        File.SetLastWriteTimeUtc(path, from.LastWriteTimeUtc);
        return 0;
    }

    // A range must be less than 4 GiB.
    private const long MostOfRange = 1L << 30;

    [SupportedOSPlatform("windows")]
    private static int CloneWindows(SafeFileHandle source, SafeFileHandle clone, string path)
    {
        long size = RandomAccess.GetLength(source), cluster = WindowsFiles.ClusterSizeForClones(clone, path);
        if (cluster == 0 || cluster > MostOfRange)
            return NotSupported;
        int error = WindowsFiles.CopyIntegrity(source, clone);
        if (error == 0)
            RandomAccess.SetLength(clone, size);
        // The last cluster is shared as a whole, even if the file ends within it.
        long end = (size + cluster - 1) / cluster * cluster;
        for (long at = 0; error == 0 && at < end; at += MostOfRange)
            error = WindowsFiles.CloneRange(source, clone, at, Math.Min(MostOfRange, end - at));
        return error;
    }

    [LibraryImport("libc", EntryPoint = "ioctl", SetLastError = true)]
    private static partial int Ioctl(SafeFileHandle file, nuint request, SafeFileHandle source);

    [LibraryImport("libc", EntryPoint = "clonefile", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int CloneFile(string source, string destination, uint flags);
}
