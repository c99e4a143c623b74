namespace WiseHub.Client.Transfer;

/// <summary>The messages about downloads.</summary>
internal static class TransferMessages
{
    public static HubException SizeDiffers(string what, string place, long announced, long size) => new(WiseCodes.SizeMismatch,
        $"{what}: {place} announces {announced} bytes, but the file has {size}. Nothing was kept. Try again; "
        + $"if it happens again, tell the operator of the hub.");

    public static HubException TooLong(string what, string place, long? size) => new(WiseCodes.SizeMismatch,
        $"{what}: {place} sends more than the {size} bytes that the file has. Nothing was kept. Try again; "
        + $"if it happens again, tell the operator of the hub.");

    public static HubException DigestDiffers(string what, string place, string kind, string expected, string actual) =>
        new(WiseCodes.DigestMismatch,
            $"{what}: {place} gave bytes whose {kind} is {actual}, but it must be {expected}. Nothing was kept. "
            + $"If the hub really replaced the file, run WiseUpdate (wisehub update) and review the change of the lock file.");

    /// <summary>The start of a sentence; the rest names the pointer and the remedy.</summary>
    public static Text PointerInstead(string what, string place) => $"{what}: {place} gave an LFS pointer";

    public static HubException LocalFileUnreadable(string what, string hub, string path, Exception e) =>
        new(WiseCodes.FileNotFound,
            e is FileNotFoundException or DirectoryNotFoundException
                ? Text.Of($"{what}: the hub '{hub}' lists the file but {path} is missing. "
                    + $"Push it again, or restore the hub's folder.")
                : Text.Of($"{what}: the hub '{hub}' lists the file but {path} cannot be read: {e.Message} "
                    + $"Push it again, or restore the hub's folder."), e);

    public static HubException NotUnpacked(string what, string place, string hub, Exception e) => new(WiseCodes.UnexpectedAnswer,
        $"{what}: {place}, which came from the hub '{hub}', cannot be unpacked: {e.Message} Nothing was kept. Try again; "
        + $"if it happens again, tell the operator of the hub.", e);

    public static HubException Stalled(string what, string place, Exception cause) => new(WiseCodes.Stalled,
        $"{what}: {place} stalled: {cause.Message}. Raise WiseStallTimeout (WISEHUB_STALL_TIMEOUT) on a slow "
        + $"line, or name a second hub.", cause)
    { IsTransient = true };

    /// <summary>The start of a sentence; the system's reason follows.</summary>
    public static Text NotWritten(string what, string cache) => $"{what} could not be written to the cache {cache}";

    /// <summary>The reason for the next attempt, at the end of a sentence.</summary>
    public static Text EndedEarly(long position, long? size) => $"the response ended at byte {position} of {size}";

    /// <inheritdoc cref="EndedEarly"/>
    public static Text NoBytesFor(TimeSpan patience) =>
        $"no bytes for {patience.TotalSeconds} s";

    /// <inheritdoc cref="EndedEarly"/>
    public static Text Status(int status) => $"it answered {status}";

    /// <inheritdoc cref="EndedEarly"/>
    public static Text RedirectTargetStatus(Uri target, int status) =>
        $"the address that it redirects to ({Urls.Show(target)}) answered {status}";

    public static Text Resumes(string what, long bytes) => $"{what}: resuming after {bytes} bytes of an earlier run.";

    public static Text FallbackFailed(string what, string problem) => $"{what}: the second way failed as well: {problem}";

    public static Text ContinuesAt(string hub, long position) => $"Continuing with the hub '{hub}' at byte {position}.";

    public static Text FewerConnections(string what, string problem, int limit) =>
        $"{what}: {problem}; at most {limit} at a time from now on.";

    /// <summary>The reason for starting over, within a sentence.</summary>
    public static Text RangeRefused => $"it refuses the requested range";

    /// <inheritdoc cref="RangeRefused"/>
    public static Text OtherBytes => $"it sends other bytes than requested";

    /// <inheritdoc cref="RangeRefused"/>
    public static Text UnknownVersion => $"it does not say whether the file is still the same version";

    /// <inheritdoc cref="RangeRefused"/>
    public static Text OtherVersion => $"it now has another version of the file";

    public static Text StillAfter(string reason, int downloads) => $"{reason}, even after {downloads} downloads from the start";

    public static Text StartsOver(string what, Uri uri, string reason) =>
        $"{what}: {Urls.Show(uri)}: {reason}; starting over.";
}
