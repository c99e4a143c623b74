namespace WiseHub.Client.Store;

/// <summary>The messages about the store and about placing its files.</summary>
internal static class StoreMessages
{
    public static HubException StoreTooNew(string marker, long version) => new(WiseCodes.NotAStore,
        $"{marker} has version {version}; this WiseHub reads version 1. Update the WiseHub.Build package.");

    /// <summary>The last sentence of a message about a malformed marker.</summary>
    public static Text PointAtStore => $"Point the hub at a folder or server with a store.";

    public static HubException DamagedRef(string path) => new(WiseCodes.DamagedStore,
        $"{path} does not contain a commit. In a cache, delete the file; in a published store, push again.");

    public static HubException TreeOfAnotherCommit(string file, string commit) => new(WiseCodes.DamagedStore,
        $"{file} is not the file list of commit {commit}: its content belongs to another commit. "
        + $"Restore it from a backup or push again.");

    /// <summary>The last sentence of a message about a malformed file list.</summary>
    public static Text RestoreTree => $"In a cache, delete the file; in a published store, restore it.";

    /// <summary>The last sentence of a message about malformed facts of headers.</summary>
    public static Text ReadsHeadersAgain => $"The headers are read again, and the file is replaced.";

    /// <summary>A problem in a JSON file; its reader adds file, position and a remedy.</summary>
    public static Text PathTwice => $"the path is listed twice.";

    /// <inheritdoc cref="PathTwice"/>
    public static Text NotASha256(string text) => $"'{text}' is not a sha256.";

    /// <inheritdoc cref="PathTwice"/>
    public static Text NotAGitId => $"'oid' is not a git id of 40 lower-case hexadecimal characters.";

    /// <inheritdoc cref="PathTwice"/>
    public static Text NotATime(string text) => $"'{text}' is not a time.";

    /// <inheritdoc cref="PathTwice"/>
    public static Text FactsMalformed => $"'sha256', 'size', 'time' or 'inode' is missing or malformed.";

    /// <summary>The start of a sentence; the system's reason follows.</summary>
    public static Text CacheNotWritable(string root) => $"The cache {root} is not writable";

    /// <summary>The start of a sentence; the system's reason follows.</summary>
    public static Text NotPlaced(string destination) => $"{destination} could not be placed";

    public static HubException NoPermission(string destination, Exception e) => new(WiseCodes.NoPermission,
        $"{NotPlaced(destination)}: {e.Message} Give this user write permission there, or choose another folder.", e);

    public static HubException DiskFull(string destination, Exception e) => new(WiseCodes.DiskFull,
        $"{NotPlaced(destination)}: the disk is full. Free some space there. A file that was there before is unchanged.", e);

    public static HubException BlobGone(string destination, string blob, Exception e) => new(WiseCodes.PlacementFailed,
        $"{NotPlaced(destination)}: {blob} has just been deleted from the cache. "
        + $"Run the command again, and do not delete files from a cache in use.", e);

    public static HubException PlacementFailed(string destination, Exception e) => new(WiseCodes.PlacementFailed,
        $"{NotPlaced(destination)}: {e.Message} Remove what blocks the path.", e);

    public static HubException PathTooLong(string destination, Exception e) => new(WiseCodes.PathTooLong,
        $"{NotPlaced(destination)}: {e.Message} Choose an output folder or a TargetPath with a shorter name.", e);

    public static Text PublishRecordNotWritten(string record, Exception e) =>
        $"The record of published files {record} could not be written: {e.Message} The next publish copies the models again.";

    /// <summary>The last sentence of a message about a malformed record of published files.</summary>
    public static Text PublishRecordRewritten => $"This publish writes a new one.";

    public static Text WaitingForLock(string what) => $"Waiting for another process that is working on {what} …";
}
