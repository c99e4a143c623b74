namespace WiseHub.Client.Store;

/// <summary>What tells a file from what it was, without reading it.</summary>
/// <param name="Size">Bytes.</param>
/// <param name="Modified">Ticks (100 ns) of the mtime in UTC.</param>
/// <param name="Inode">Its number on its volume; 0 where the system does not say.</param>
internal readonly record struct FileStamp(long Size, long Modified, ulong Inode)
{
    // A write within one tick of the file system's clock does not change the mtime: 10 ms where it runs by the kernel's
    // slowest, 2 s on FAT.
    private static readonly long FineTick = TimeSpan.FromMilliseconds(50).Ticks, CoarseTick = TimeSpan.FromSeconds(2).Ticks;

    /// <summary>Null when there is no such file, or it is none that has an end, as a pipe.</summary>
    public static FileStamp? Of(string path)
    {
        if (OperatingSystem.IsLinux()
            && Statx.Of(path, Statx.WantType | Statx.WantModifiedTime | Statx.WantInode | Statx.WantSize) is Statx found)
            return found.IsRegular ? new FileStamp((long)found.Size, found.ModifiedTime.ToDateTime().Ticks, found.Inode) : null;
        var file = new FileInfo(path);
        return file.Exists && FileIdentity.IsRegular(path) ? new FileStamp(file.Length, file.LastWriteTimeUtc.Ticks, 0) : null;
    }

    /// <summary>
    /// Whether a change after a moment would show: a file that was written in the same tick of the clock may be written again
    /// with the same mtime (git calls such entries racily clean).
    /// </summary>
    public bool WouldShowChangesAfter(DateTimeOffset moment) =>
        moment.UtcTicks - Modified > (Modified % TimeSpan.TicksPerSecond == 0 ? CoarseTick : FineTick);
}
