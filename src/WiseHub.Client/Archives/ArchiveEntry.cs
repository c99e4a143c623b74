namespace WiseHub.Client.Archives;

/// <summary>The kinds of archive entries.</summary>
internal enum ArchiveEntryKind
{
    /// <summary>A regular file.</summary>
    File,
    /// <summary>A symbolic link.</summary>
    SymbolicLink,
    /// <summary>A hard link to another entry.</summary>
    HardLink,
    /// <summary>A device, a pipe, a sparse file.</summary>
    Other,
}

/// <summary>An archive entry other than a folder.</summary>
/// <param name="Path">Relative, with <c>/</c>.</param>
/// <param name="Size">Unpacked size in the archive's file list; reading checks it.</param>
/// <param name="Kind">Its kind.</param>
/// <param name="Index">The entry's position for the archive's reader.</param>
internal sealed record ArchiveEntry(string Path, long Size, ArchiveEntryKind Kind, int Index);

/// <summary>Limits of an acceptable archive.</summary>
internal sealed record ArchiveRules
{
    /// <summary>
    /// Maximum number of entries, folders included: ten times the files of the largest repos on hubs. An index of that many takes
    /// about 300 MB.
    /// </summary>
    public int MostEntries { get; init; } = 1_000_000;

    /// <summary>Maximum unpacked size: no model has a terabyte yet, and few disks could hold it.</summary>
    public long MostBytes { get; init; } = 1L << 40;

    /// <summary>
    /// Maximum compression ratio, checked above <see cref="RatioFrom"/>. Text compresses to a tenth; the limit of deflate is
    /// 1,032.
    /// </summary>
    public int MostRatio { get; init; } = 200;

    /// <summary>An archive with a smaller unpacked size is never a decompression bomb, whatever its ratio.</summary>
    public long RatioFrom { get; init; } = 1L << 30;

    /// <summary>
    /// Skips links and devices, and lists them in <see cref="ArchiveFile.Skipped"/>; otherwise they are an error.
    /// </summary>
    public bool SkipLinks { get; init; }
}
