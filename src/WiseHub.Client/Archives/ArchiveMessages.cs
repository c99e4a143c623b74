namespace WiseHub.Client.Archives;

/// <summary>
/// The messages about archives. An archive is described in the words of its hub, for example as a URL without its query.
/// </summary>
internal static class ArchiveMessages
{
    public static HubException TwoEntries(string archive, string entry) => new(WiseCodes.CollidingFileNames,
        $"{archive} has two entries '{entry}', and it is unclear which one is meant. "
        + $"Ask its author for an archive without duplicates.");

    /// <summary>The start of a sentence; the system's reason follows.</summary>
    public static Text NotReadFromCache(string archive, string path) =>
        $"{archive} could not be read from the cache file {path}";

    public static HubException Unreadable(string archive, string reason, Exception? cause) => new(WiseCodes.ArchiveUnreadable,
        $"{archive} is not a complete, readable archive: {reason.TrimEnd('.')}. None of its files were kept. Try again; "
        + $"if the error stays, tell its author, or take the files from another hub.", cause);

    /// <summary>A reason for <see cref="Unreadable"/>.</summary>
    public static Text WebPage => $"it is a web page";

    /// <summary>A reason for <see cref="Unreadable"/>.</summary>
    public static Text Empty => $"it is empty";

    /// <summary>A reason for <see cref="Unreadable"/>.</summary>
    public static Text UnknownFormat => $"it is not a .zip, .tar or .tar.gz file";

    /// <summary>A reason for <see cref="Unreadable"/>.</summary>
    public static Text EndMissing => $"its end is missing";

    /// <summary>A reason for <see cref="Unreadable"/>.</summary>
    public static Text EndOutside => $"its end record points outside the file";

    /// <summary>A reason for <see cref="Unreadable"/>.</summary>
    public static Text EndsWithin(string entry) => $"it ends within '{entry}'";

    /// <summary>A reason for <see cref="Unreadable"/>.</summary>
    public static Text Encrypted(string entry) => $"'{entry}' is encrypted";

    /// <summary>A reason for <see cref="Unreadable"/>.</summary>
    public static Text EntryTooLong(ArchiveEntry entry) =>
        $"'{entry.Path}' is longer than the {entry.Size} bytes in the archive's file list";

    /// <summary>A reason for <see cref="Unreadable"/>.</summary>
    public static Text EntryTooShort(ArchiveEntry entry, long bytes) =>
        $"'{entry.Path}' ends after {bytes} of the {entry.Size} bytes in the archive's file list";

    /// <summary>A reason for <see cref="Unreadable"/>.</summary>
    public static Text WrongChecksum(ArchiveEntry entry) => $"the checksum of '{entry.Path}' is wrong";

    public static HubException Bomb(string archive, string reason) => new(WiseCodes.ArchiveTooLarge,
        $"{archive}: {reason}, which looks like a decompression bomb; none of its files were kept. If you trust it, "
        + $"unpack it yourself and push the files into a store.");

    /// <summary>A reason for <see cref="Bomb"/>.</summary>
    public static Text TooManyEntries(long most) => $"it has more than {most} entries";

    /// <summary>A reason for <see cref="Bomb"/>.</summary>
    public static Text TooManyBytes(long most) => $"it unpacks to more than {ByteSize.Show(most)}";

    /// <summary>A reason for <see cref="Bomb"/>.</summary>
    public static Text RatioTooHigh(long packed, int most) =>
        $"its {ByteSize.Show(packed)} unpack to more than {most} times that size";

    /// <summary>A reason for <see cref="Bomb"/>.</summary>
    public static Text ImpossibleSizes => $"it claims impossible sizes";

    public static HubException EntryRefused(string archive, string entry, bool isLink) => new(WiseCodes.ArchiveEntryRefused,
        $"{archive}: the entry '{entry}' is {(isLink ? (Text)$"a link" : (Text)$"a device, a pipe or a sparse file")}, which is "
        + $"never unpacked. Ask its author for an archive of regular files.");
}
