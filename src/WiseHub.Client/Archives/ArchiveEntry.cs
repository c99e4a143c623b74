namespace WiseHub.Client.Archives;

/// <summary>What an entry of an archive is.</summary>
internal enum ArchiveEntryKind
{
    /// <summary>A file with a content.</summary>
    File,
    /// <summary>A symbolic link.</summary>
    SymbolicLink,
    /// <summary>A second name of another entry.</summary>
    HardLink,
    /// <summary>A device, a pipe, a sparse file.</summary>
    Other,
}

/// <summary>One entry of an archive; folders are none.</summary>
/// <param name="Path">Relative, with <c>/</c>.</param>
/// <param name="Size">Unpacked bytes, as the archive's own list states them; reading checks it.</param>
/// <param name="Kind">What it is.</param>
/// <param name="Index">Where the archive's reader finds it.</param>
internal sealed record ArchiveEntry(string Path, long Size, ArchiveEntryKind Kind, int Index);

/// <summary>What an archive may be.</summary>
internal sealed record ArchiveRules
{
    /// <summary>
    /// Most entries, folders included. Ten times the files of the largest repos that hubs list; an index of so many
    /// takes some 300 MB.
    /// </summary>
    public int MostEntries { get; init; } = 1_000_000;

    /// <summary>Most unpacked bytes: no model has a terabyte yet, and no disk here would hold it.</summary>
    public long MostBytes { get; init; } = 1L << 40;

    /// <summary>
    /// Most unpacked bytes for one packed; judged above <see cref="RatioFrom"/>. Text packs to a tenth, deflate's limit is 1,032.
    /// </summary>
    public int MostRatio { get; init; } = 200;

    /// <summary>An archive that unpacks to fewer bytes is no bomb, whatever its ratio.</summary>
    public long RatioFrom { get; init; } = 1L << 30;

    /// <summary>
    /// Links and devices are left out, and stand in <see cref="ArchiveFile.Skipped"/>; otherwise they are an error.
    /// </summary>
    public bool SkipLinks { get; init; }
}
