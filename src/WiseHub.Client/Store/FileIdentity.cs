using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace WiseHub.Client.Store;

/// <summary>Facts about a path that .NET does not report: its volume, and whether two names are one file.</summary>
internal static partial class FileIdentity
{
    /// <summary>
    /// Names the volume of an existing folder. Two mounts of one file system count as two volumes, because hard links cannot
    /// cross them; so do two subvolumes of btrfs.
    /// </summary>
    /// <returns>Equal texts for folders of one volume. If the system gives no answer, the folder itself.</returns>
    public static string VolumeOf(string folder)
    {
        if (OperatingSystem.IsLinux())
            return Statx.Of(folder, Statx.WantMount) is Statx found
                ? $"{found.DeviceMajor}:{found.DeviceMinor}/{found.Mount}" : folder;
        if (OperatingSystem.IsMacOS())
            return Look(folder, out MacStatistics mac)
                ? mac.Device.ToString(System.Globalization.CultureInfo.InvariantCulture) : folder;
        // The longest path on Windows; the name of a volume is short.
        char[] name = new char[OperatingSystem.IsWindows() ? 32768 : 0];
        return name.Length > 0 && GetVolumePathNameW(folder, name, name.Length)
            ? new string(name, 0, Array.IndexOf(name, '\0')) : folder;
    }

    /// <summary>True when two paths are hard links of one file. A symbolic link counts as a file of its own.</summary>
    public static bool IsHardLinkOf(string path, string other)
    {
        (ulong Volume, ulong File)? first = OfLinked(path);
        return first is not null && first == OfLinked(other);
    }

    /// <summary>False for a pipe or a device, because opening one could block forever. Follows symbolic links.</summary>
    public static bool IsRegular(string path) =>
        OperatingSystem.IsLinux() ? Statx.Of(path, Statx.WantType) is { IsRegular: true }
        : OperatingSystem.IsMacOS() ? Follow(path, out MacStatistics mac) && (mac.Mode & TypeMask) == RegularFile
        : File.Exists(path);

    /// <summary>
    /// On macOS, the time of the last change of a file's bytes, names or attributes; null where the file does not exist.
    /// </summary>
    public static DateTime? MacChangeTime(string path) =>
        Look(path, out MacStatistics mac) ? DateTime.UnixEpoch.AddSeconds(mac.ChangedSeconds)
            .AddTicks(mac.ChangedNanoseconds / 100) : null;

    // S_IFMT and S_IFREG of sys/stat.h.
    private const ushort TypeMask = 0xF000, RegularFile = 0x8000;

    // Null for a file with a single name: the usual case, which needs no second look.
    private static (ulong Volume, ulong File)? OfLinked(string path)
    {
        if (OperatingSystem.IsLinux())
        {
            return Statx.Of(path, Statx.WantLinks | Statx.WantInode, followLinks: false) is Statx { Links: > 1 } found
                ? (((ulong)found.DeviceMajor << 32) | found.DeviceMinor, found.Inode) : null;
        }
        if (OperatingSystem.IsMacOS())
            return Look(path, out MacStatistics mac) && mac.Links > 1 ? ((ulong)(uint)mac.Device, mac.Inode) : null;
        if (!OperatingSystem.IsWindows() || !File.Exists(path))
            return null;
        using SafeFileHandle handle = File.OpenHandle(path, FileMode.Open, FileAccess.Read,
            FileShare.ReadWrite | FileShare.Delete);
        return GetFileInformationByHandle(handle, out WindowsInformation windows) && windows.Links > 1
            ? (windows.Volume, ((ulong)windows.IndexHigh << 32) | windows.IndexLow) : null;
    }

    // sys/stat.h with 64-bit inodes, 144 bytes.
    [StructLayout(LayoutKind.Explicit, Size = 256)]
    private struct MacStatistics
    {
        [FieldOffset(0)] public int Device;
        [FieldOffset(4)] public ushort Mode;
        [FieldOffset(6)] public ushort Links;
        [FieldOffset(8)] public ulong Inode;
        [FieldOffset(64)] public long ChangedSeconds;
        [FieldOffset(72)] public long ChangedNanoseconds;
    }

    // BY_HANDLE_FILE_INFORMATION
    [StructLayout(LayoutKind.Explicit, Size = 52)]
    private struct WindowsInformation
    {
        [FieldOffset(28)] public uint Volume;
        [FieldOffset(40)] public uint Links;
        [FieldOffset(44)] public uint IndexHigh;
        [FieldOffset(48)] public uint IndexLow;
    }

    // On Intel, the plain name is still the old layout.
    private static bool Look(string path, out MacStatistics found) =>
        (RuntimeInformation.ProcessArchitecture == Architecture.X64 ? LstatIntel(path, out found) : Lstat(path, out found)) == 0;

    private static bool Follow(string path, out MacStatistics found) =>
        (RuntimeInformation.ProcessArchitecture == Architecture.X64 ? StatIntel(path, out found) : Stat(path, out found)) == 0;

    [LibraryImport("libc", EntryPoint = "stat", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Stat(string path, out MacStatistics found);

    [LibraryImport("libc", EntryPoint = "stat$INODE64", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int StatIntel(string path, out MacStatistics found);

    [LibraryImport("libc", EntryPoint = "lstat", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Lstat(string path, out MacStatistics found);

    [LibraryImport("libc", EntryPoint = "lstat$INODE64", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int LstatIntel(string path, out MacStatistics found);

    [LibraryImport("kernel32", EntryPoint = "GetVolumePathNameW", StringMarshalling = StringMarshalling.Utf16)]
    [return: MarshalAs(UnmanagedType.Bool)]
    private static partial bool GetVolumePathNameW(string path, [Out] char[] volume, int length);

    [LibraryImport("kernel32", EntryPoint = "GetFileInformationByHandle")]
    [return: MarshalAs(UnmanagedType.Bool)]
    private static partial bool GetFileInformationByHandle(SafeFileHandle file, out WindowsInformation found);
}
