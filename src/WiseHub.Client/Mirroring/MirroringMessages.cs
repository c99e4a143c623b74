using System.Formats.Tar;

namespace WiseHub.Client.Mirroring;

/// <summary>The messages about bundles and mirror commands.</summary>
internal static class MirroringMessages
{
    public static HubException NotATarget(string hub, string suitable) => new(WiseCodes.MirrorNotWritable,
        $"The hub '{hub}' cannot be written as a mirror. Use {suitable}.");

    public static HubException TakesNoBundle(string hub, string suitable) => new(WiseCodes.MirrorNotWritable,
        $"A bundle cannot be imported into the hub '{hub}'. Use {suitable}.");

    public static HubException NotListable(string hub, string suitable) => new(WiseCodes.MirrorNotWritable,
        $"The hub '{hub}' cannot be listed. Use {suitable}.");

    public static HubException OfflineTarget(string hub, string reason) => new(WiseCodes.OfflineAndMissing,
        $"The hub '{hub}' is not a folder, and the network must not be used ({reason}). Name a folder hub, or work online.");

    /// <summary>The start of a sentence; the system's reason follows.</summary>
    public static Text HaveListUnreadable(string path) => $"{path}, the list of files at the destination, cannot be read";

    public static HubException NotAHaveList(string path) => new(WiseCodes.NotABundle,
        $"{path} is neither a bundle nor a text with sha256 digests. Make it with wisehub mirror ls --digests.");

    public static HubException BlobChanged(string blob) => new(WiseCodes.DigestMismatch,
        $"{blob} was changed inside the cache. Run wisehub cache verify, and try again.");

    /// <inheritdoc cref="HaveListUnreadable"/>
    public static Text NotWritten(string bundle) => $"The bundle {bundle} could not be written";

    /// <inheritdoc cref="HaveListUnreadable"/>
    public static Text NotImported(string bundle, string hub, string folder) =>
        $"The bundle {bundle} could not be imported into '{hub}' ({folder})";

    public static HubException NotABundle(string path) => new(WiseCodes.NotABundle,
        $"{path} is not a bundle: it does not begin with {BundleManifest.Name}. "
        + $"Make one with wisehub mirror pull --to {Path.GetFileName(path)}.");

    public static HubException BundleTooNew(string bundle, long? version) => new(WiseCodes.NotABundle,
        $"{bundle} is a bundle of version {version}; this WiseHub reads version 1. Update WiseHub.");

    /// <summary>The last sentence of a message about a malformed manifest.</summary>
    public static Text MakeAgain => $"Make the bundle again with wisehub mirror pull.";

    /// <summary>A problem in the manifest; its reader adds file, position and a remedy.</summary>
    public static Text VersionMalformed => $"'version' is missing or not 1.";

    /// <inheritdoc cref="VersionMalformed"/>
    public static Text FileMalformed => $"a file needs 'path', 'size' and 'sha256'.";

    /// <inheritdoc cref="VersionMalformed"/>
    public static Text PathTwice => $"the path is listed twice.";

    /// <inheritdoc cref="VersionMalformed"/>
    public static Text TextTooLong(long most) => $"a file list or ref may have at most {most} bytes.";

    /// <inheritdoc cref="VersionMalformed"/>
    public static Text NotAStorePath => $"a store has no file with this path.";

    public static HubException NoOrigin(string bundle, string tree) => new(WiseCodes.NotABundle,
        $"{bundle}: {tree} does not say which hub it was mirrored from. Make the bundle with wisehub mirror pull.");

    public static HubException RefWithoutCommit(string bundle) => new(WiseCodes.NotABundle,
        $"{bundle} has a ref to a commit that is not in the bundle. Make the bundle with wisehub mirror pull.");

    public static HubException OtherEntry(string bundle, TarEntry entry, string expected) =>
        Foreign(bundle, entry, (Text)$"instead of {expected}");

    public static HubException EntryAfterEnd(string bundle, TarEntry entry) =>
        Foreign(bundle, entry, (Text)$"after its last file");

    private static HubException Foreign(string bundle, TarEntry entry, string where) => new(WiseCodes.NotABundle,
        $"{bundle} has the "
            + $"{(entry.EntryType is TarEntryType.SymbolicLink or TarEntryType.HardLink ? (Text)$"link" : (Text)$"entry")} "
        + $"'{PathRules.Printable(entry.Name)}' {where}. No commit was imported. WiseHub never writes this: "
        + $"find out where the bundle comes from.");

    public static HubException EndsAfter(string bundle, string last, string missing) =>
        Damaged(bundle, (Text)$"it ends after {last}, and {missing} is missing");

    public static HubException EndsWithin(string bundle, string entry, Exception? cause = null) =>
        Damaged(bundle, (Text)$"it ends within {entry}", cause);

    public static HubException Unreadable(string bundle, string last, Exception cause) =>
        Damaged(bundle, (Text)$"it cannot be read after {last}: {cause.Message}", cause);

    /// <summary>A place in a bundle, as in "after …".</summary>
    public static Text Beginning => $"its beginning";

    public static HubException OtherSize(string bundle, BundleFile expected, long size) =>
        Damaged(bundle, (Text)$"{expected.Path} has {size} bytes, but must have {expected.Size}");

    public static HubException OtherDigest(string bundle, BundleFile expected, Digest actual) =>
        Damaged(bundle, (Text)$"{expected.Path} has the sha256 {actual.Hex}, but must have {expected.Sha256.Hex}");

    private static HubException Damaged(string bundle, string problem, Exception? cause = null) => new(WiseCodes.BundleDamaged,
        $"The bundle {bundle} is damaged: {problem}. No commit was imported. Copy it again from its source, or make it again.",
        cause);

    public static HubException NeedsMore(string bundle, int omitted, string hub, Digest[] lacking) =>
        new(WiseCodes.BundleNeedsMore,
            $"{bundle} omits {FileCount.Show(omitted)} that '{hub}' should already have, but {lacking.Length} of them cannot be "
            + $"found there: {string.Join(", ", lacking.Take(10).Select(d => d.Hex))}. No commit was imported. "
            + $"Import the earlier bundle first, or make this one with the current list of the hub's files "
            + $"(wisehub mirror ls --digests).");
}
