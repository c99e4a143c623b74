namespace WiseHub.Client.Store;

/// <summary>The kinds of names in a folder.</summary>
internal enum FileKind
{
    /// <summary>Nothing has that name.</summary>
    Missing,
    /// <summary>A regular file.</summary>
    File,
    /// <summary>A folder, a link, a pipe or a device.</summary>
    Other,
}

/// <summary>
/// What a look at a name tells, without following a link. On Linux it is one system call; .NET's FileInfo takes two.
/// </summary>
/// <param name="Kind">Whether it is a file.</param>
/// <param name="Size">Bytes of a file.</param>
/// <param name="Modified">The mtime of a file, in UTC.</param>
internal readonly record struct FileFacts(FileKind Kind, long Size, DateTime Modified)
{
    public static FileFacts Of(string path)
    {
        const uint Wanted = Statx.WantType | Statx.WantModifiedTime | Statx.WantSize;
        if (OperatingSystem.IsLinux())
        {
            switch (Statx.Look(path, Wanted, followLinks: false, out Statx found))
            {
                case 0:
                    return found.IsRegular ? new FileFacts(FileKind.File, (long)found.Size, found.ModifiedTime.ToDateTime())
                        : new FileFacts(FileKind.Other, 0, default);
                case Statx.NoEntry:
                    return default;
            }
        }
        var file = new FileInfo(path);
        // All bits set: nothing exists there.
        if (file.Attributes == (FileAttributes)(-1))
            return default;
        // On Windows, deduplicated and cloud files are reparse points, too; they have no link target.
        return file.Attributes.HasFlag(FileAttributes.Directory) || file.LinkTarget is not null
            ? new FileFacts(FileKind.Other, 0, default) : new FileFacts(FileKind.File, file.Length, file.LastWriteTimeUtc);
    }
}
