namespace WiseHub.Client.Store;

/// <summary>Properties of a file that show a change without reading it.</summary>
/// <param name="Size">Bytes.</param>
/// <param name="Modified">Ticks (100 ns) of the mtime in UTC.</param>
/// <param name="Inode">The file's number on its volume; 0 where the system does not report one.</param>
internal readonly record struct FileStamp(long Size, long Modified, ulong Inode)
{
    // A write within one tick of the file system's clock leaves the mtime unchanged. A tick is 10 ms on the slowest kernel clock,
    // and 2 s on FAT.
    private static readonly long FineTick = TimeSpan.FromMilliseconds(50).Ticks, CoarseTick = TimeSpan.FromSeconds(2).Ticks;

    /// <summary>Null when the file does not exist or is not a regular file, such as a pipe.</summary>
    public static FileStamp? Of(string path)
    {
        if (OperatingSystem.IsLinux()
            && Statx.Of(path, Statx.WantType | Statx.WantModifiedTime | Statx.WantInode | Statx.WantSize) is Statx found)
            return found.IsRegular ? new FileStamp((long)found.Size, found.ModifiedTime.ToDateTime().Ticks, found.Inode) : null;
        var file = new FileInfo(path);
        return file.Exists && FileIdentity.IsRegular(path) ? new FileStamp(file.Length, file.LastWriteTimeUtc.Ticks, 0) : null;
    }

    /// <summary>
    /// True when a change after the given moment would show. A file written twice in the same tick of the clock may keep its
    /// mtime (git calls such entries racily clean).
    /// </summary>
    public bool WouldShowChangesAfter(DateTimeOffset moment) =>
        moment.UtcTicks - Modified > (Modified % TimeSpan.TicksPerSecond == 0 ? CoarseTick : FineTick);
}
