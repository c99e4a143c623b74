using System.Runtime.InteropServices;

namespace WiseHub.Client.Store;

/// <summary>
/// Linux's statx(2), for facts that .NET does not report. Unlike stat, it has one layout of 256 bytes on every architecture
/// (linux/stat.h).
/// </summary>
[StructLayout(LayoutKind.Explicit, Size = 256)]
internal partial struct Statx
{
    /// <summary>Requested fields, as in STATX_*.</summary>
    public const uint WantType = 1, WantLinks = 4, WantModifiedTime = 0x40, WantChangeTime = 0x80, WantInode = 0x100,
        WantSize = 0x200, WantBirthTime = 0x800, WantMount = 0x1000;

    // fcntl.h
    private const int CurrentFolder = -100, DoNotFollow = 0x100;

    // linux/stat.h
    private const ushort TypeMask = 0xF000, RegularFile = 0x8000;

    [FieldOffset(0)] public uint Mask;
    [FieldOffset(16)] public uint Links;
    [FieldOffset(28)] public ushort Mode;
    [FieldOffset(32)] public ulong Inode;
    [FieldOffset(40)] public ulong Size;
    [FieldOffset(80)] public Moment BirthTime;
    [FieldOffset(96)] public Moment ChangeTime;
    [FieldOffset(112)] public Moment ModifiedTime;
    [FieldOffset(136)] public uint DeviceMajor;
    [FieldOffset(140)] public uint DeviceMinor;
    [FieldOffset(144)] public ulong Mount;

    public readonly bool IsRegular => (Mode & TypeMask) == RegularFile;

    /// <summary>
    /// The requested fields; null where the path does not exist, or the C library is too old for this call (.NET supports such
    /// systems).
    /// </summary>
    public static Statx? Of(string path, uint wanted, bool followLinks = true) =>
        Look(path, wanted, followLinks, out Statx found) == 0 ? found : null;

    /// <summary>Looks at a path.</summary>
    /// <returns>0, or the errno: <see cref="NoEntry"/> where the path does not exist.</returns>
    public static int Look(string path, uint wanted, bool followLinks, out Statx found)
    {
        try
        {
            return Call(CurrentFolder, path, followLinks ? 0 : DoNotFollow, wanted, out found) == 0 ? 0
                : Marshal.GetLastPInvokeError();
        }
        catch (EntryPointNotFoundException)
        {
            found = default;
            return NotThere;
        }
    }

    /// <summary>ENOENT.</summary>
    public const int NoEntry = 2;

    // ENOSYS
    private const int NotThere = 38;

    [LibraryImport("libc", EntryPoint = "statx", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Call(int folder, string path, int flags, uint mask, out Statx found);

    /// <summary>struct statx_timestamp.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 16)]
    public struct Moment
    {
        [FieldOffset(0)] public long Seconds;
        [FieldOffset(8)] public uint Nanoseconds;

        public readonly DateTime ToDateTime() => DateTime.UnixEpoch.AddSeconds(Seconds).AddTicks(Nanoseconds / 100);
    }
}
