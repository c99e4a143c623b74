using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace WiseHub.Client.Files;

/// <summary>File operations of Windows that .NET does not offer. Methods return 0 or the Win32 error code.</summary>
[SupportedOSPlatform("windows")]
internal static partial class WindowsFiles
{
    // winnt.h
    private const uint DeleteAccess = 0x00010000, Synchronize = 0x00100000, ReadAttributes = 0x80;

    // FILE_SHARE_READ, _WRITE and _DELETE; OPEN_EXISTING; FILE_FLAG_BACKUP_SEMANTICS (folders, too) and
    // FILE_FLAG_OPEN_REPARSE_POINT.
    private const uint ShareAll = 7, OpenExisting = 3, ThingItself = 0x02000000 | 0x00200000;

    // minwinbase.h: FileBasicInfo, FileRenameInfoEx.
    private const int BasicInfo = 0, RenameInfoEx = 22;

    // FILE_RENAME_REPLACE_IF_EXISTS, FILE_RENAME_POSIX_SEMANTICS, FILE_RENAME_IGNORE_READONLY_ATTRIBUTE.
    private const int RenameFlags = 1 | 2 | 0x40;

    /// <summary>
    /// Renames a file over one that other programs have open, as POSIX does: they keep the old file, and the name refers to the
    /// new one at once. Works on NTFS since Windows 10 1709, if all openers share deletion and none has mapped the file.
    /// </summary>
    public static int ReplaceOpen(string from, string to)
    {
        using SafeFileHandle file = Open(from, DeleteAccess | Synchronize, out int error);
        if (error != 0)
            return error;
        // FILE_RENAME_INFO: flags, the handle of a folder, the length of the name in bytes, the name.
        byte[] name = Encoding.Unicode.GetBytes(Long(to));
        int lengthAt = 2 * nint.Size;
        byte[] info = new byte[lengthAt + sizeof(int) + name.Length + sizeof(char)];
        BinaryPrimitives.WriteInt32LittleEndian(info, RenameFlags);
        BinaryPrimitives.WriteInt32LittleEndian(info.AsSpan(lengthAt), name.Length);
        name.CopyTo(info, lengthAt + sizeof(int));
        return SetFileInformationByHandle(file, RenameInfoEx, info, info.Length) ? 0 : Marshal.GetLastPInvokeError();
    }

    /// <summary>Checks whether this user may delete a file now, without deleting it.</summary>
    public static int OpenToDelete(string path)
    {
        using SafeFileHandle file = Open(path, DeleteAccess, out int error);
        return error;
    }

    /// <summary>
    /// The time of the last change of a file's bytes, name or attributes. It cannot be set. Unlike the creation time, NTFS does
    /// not copy it from an earlier file of the same name.
    /// </summary>
    public static DateTime? ChangeTime(string path)
    {
        using SafeFileHandle file = Open(path, ReadAttributes, out int error);
        // FILE_BASIC_INFO: creation, last access, last write, change, then the attributes.
        byte[] info = new byte[40];
        return error == 0 && GetFileInformationByHandleEx(file, BasicInfo, info, info.Length)
            ? DateTime.FromFileTimeUtc(BinaryPrimitives.ReadInt64LittleEndian(info.AsSpan(24))) : null;
    }

    /// <summary>
    /// Marks a file so that unwritten parts take no space and read as zeros. Without it, NTFS writes zeros up to the first byte
    /// written far beyond the end.
    /// </summary>
    public static int SetSparse(SafeFileHandle file, bool isSparse)
    {
        // FILE_SET_SPARSE_BUFFER
        byte[] set = [isSparse ? (byte)1 : (byte)0];
        return DeviceIoControl(file, FsctlSetSparse, set, set.Length, null, 0, out _, 0) ? 0 : Marshal.GetLastPInvokeError();
    }

    /// <summary>The cluster size of a file's volume; 0 where it has no clones (ReFS has, and so do Dev Drives).</summary>
    public static int ClusterSizeForClones(SafeFileHandle file, string path)
    {
        if (!GetVolumeInformationByHandleW(file, 0, 0, 0, 0, out uint flags, 0, 0) || (flags & SupportsBlockReferences) == 0)
            return 0;
        return GetDiskFreeSpaceW(Long(Path.GetDirectoryName(path)! + Path.DirectorySeparatorChar), out uint sectors,
            out uint bytes, out _, out _)
            ? (int)(sectors * bytes) : 0;
    }

    /// <summary>
    /// Makes a range of a file share the clusters of another file. Both ends are at cluster boundaries, within the file's size
    /// rounded up to a cluster.
    /// </summary>
    public static int CloneRange(SafeFileHandle source, SafeFileHandle target, long offset, long length)
    {
        // DUPLICATE_EXTENTS_DATA: a handle, then three numbers of 8 bytes each.
        byte[] range = new byte[32];
        bool isHeld = false;
        source.DangerousAddRef(ref isHeld);
        try
        {
            BinaryPrimitives.WriteInt64LittleEndian(range, source.DangerousGetHandle());
            BinaryPrimitives.WriteInt64LittleEndian(range.AsSpan(8), offset);
            BinaryPrimitives.WriteInt64LittleEndian(range.AsSpan(16), offset);
            BinaryPrimitives.WriteInt64LittleEndian(range.AsSpan(24), length);
            return DeviceIoControl(target, FsctlDuplicateExtents, range, range.Length, null, 0, out _, 0) ? 0
                : Marshal.GetLastPInvokeError();
        }
        finally
        {
            source.DangerousRelease();
        }
    }

    /// <summary>
    /// Gives a file the integrity setting of another one, because ReFS only clones between files with the same setting.
    /// </summary>
    public static int CopyIntegrity(SafeFileHandle source, SafeFileHandle target)
    {
        // FSCTL_GET_INTEGRITY_INFORMATION_BUFFER: algorithm, reserved, flags, two sizes. The buffer for setting starts with the
        // same fields and has 8 bytes.
        byte[] known = new byte[16];
        if (!DeviceIoControl(source, FsctlGetIntegrity, null, 0, known, known.Length, out _, 0))
            return Marshal.GetLastPInvokeError();
        return DeviceIoControl(target, FsctlSetIntegrity, known, 8, null, 0, out _, 0) ? 0 : Marshal.GetLastPInvokeError();
    }

    /// <summary>Adds the prefix for paths of 260 characters or more, as .NET does for its own calls.</summary>
    public static string Long(string path) => path.Length < 260 || path.StartsWith(@"\\?\", StringComparison.Ordinal) ? path
        : path.StartsWith(@"\\", StringComparison.Ordinal) ? string.Concat(@"\\?\UNC\", path.AsSpan(2)) : @"\\?\" + path;

    // winioctl.h
    private const uint FsctlSetSparse = 0x900C4, FsctlDuplicateExtents = 0x98344, FsctlGetIntegrity = 0x9027C,
        FsctlSetIntegrity = 0x9C280;

    // FILE_SUPPORTS_BLOCK_REFCOUNTING of winnt.h.
    private const uint SupportsBlockReferences = 0x08000000;

    private static SafeFileHandle Open(string path, uint access, out int error)
    {
        SafeFileHandle file = CreateFileW(Long(path), access, ShareAll, 0, OpenExisting, ThingItself, 0);
        error = file.IsInvalid ? Marshal.GetLastPInvokeError() : 0;
        return file;
    }

    [LibraryImport("kernel32", EntryPoint = "CreateFileW", SetLastError = true, StringMarshalling = StringMarshalling.Utf16)]
    private static partial SafeFileHandle CreateFileW(
        string path, uint access, uint share, nint security, uint disposition, uint flags, nint template);

    [LibraryImport("kernel32", EntryPoint = "DeviceIoControl", SetLastError = true)]
    [return: MarshalAs(UnmanagedType.Bool)]
    private static partial bool DeviceIoControl(SafeFileHandle file, uint code, [In] byte[]? input, int inputLength,
        [Out] byte[]? output, int outputLength, out int returned, nint overlapped);

    [LibraryImport("kernel32", EntryPoint = "GetVolumeInformationByHandleW", SetLastError = true)]
    [return: MarshalAs(UnmanagedType.Bool)]
    private static partial bool GetVolumeInformationByHandleW(SafeFileHandle file, nint name, uint nameLength, nint serial,
        nint longestName, out uint flags, nint system, uint systemLength);

    [LibraryImport("kernel32", EntryPoint = "GetDiskFreeSpaceW", SetLastError = true,
        StringMarshalling = StringMarshalling.Utf16)]
    [return: MarshalAs(UnmanagedType.Bool)]
    private static partial bool GetDiskFreeSpaceW(
        string folder, out uint sectorsOfCluster, out uint bytesOfSector, out uint free, out uint all);

    [LibraryImport("kernel32", EntryPoint = "SetFileInformationByHandle", SetLastError = true)]
    [return: MarshalAs(UnmanagedType.Bool)]
    private static partial bool SetFileInformationByHandle(SafeFileHandle file, int kind, [In] byte[] info, int length);

    [LibraryImport("kernel32", EntryPoint = "GetFileInformationByHandleEx", SetLastError = true)]
    [return: MarshalAs(UnmanagedType.Bool)]
    private static partial bool GetFileInformationByHandleEx(SafeFileHandle file, int kind, [Out] byte[] info, int length);
}
