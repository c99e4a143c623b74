namespace WiseHub.Client.LockFiles;

/// <summary>The messages about reading and changing a lock file.</summary>
internal static class LockFileMessages
{
    /// <summary>The last sentences of a message about a malformed lock file.</summary>
    public static Text RestoreIt => $"Restore it from version control. Delete it only as a last resort: "
        + $"the next build then resolves every revision again, and may get other commits.";

    /// <summary>The last sentence of a message about one side of a merge conflict.</summary>
    public static Text MergedWrongly => $"A side of its merge conflict is not a lock file, so it cannot be merged. Take the "
        + $"file of one side from version control, and build: the build adds what it lacks.";

    /// <summary>A problem in the lock file; its reader adds file, position and a remedy.</summary>
    public static Text InvalidRepoType => $"'repoType' must be model, dataset, code or space.";

    /// <inheritdoc cref="InvalidRepoType"/>
    public static Text EntryTwice(LockKey key) => $"{key} is listed twice.";

    /// <inheritdoc cref="InvalidRepoType"/>
    public static Text NotACommit(string text) => $"'{text}' is not a commit.";

    /// <inheritdoc cref="InvalidRepoType"/>
    public static Text SameFile(string first, string second) => $"'{first}' and '{second}' are the same file on some systems.";

    /// <inheritdoc cref="InvalidRepoType"/>
    public static Text UnusablePath(string path, string reason) => $"the path '{path}' cannot be used: {reason}.";

    /// <inheritdoc cref="InvalidRepoType"/>
    public static Text MalformedDigest(string path) => $"the sha256 of '{path}' is not 64 hexadecimal characters.";

    /// <inheritdoc cref="InvalidRepoType"/>
    public static Text SizeMissing(string path) => $"'{path}' has no size.";

    public static HubException Unreadable(string file, Exception e, bool isInUse) => new(WiseCodes.LockUnreadable,
        $"{file} cannot be read: {e.Message} "
        + $"{(isInUse ? (Text)$"Close that program and try again." : (Text)$"Check its permissions.")}", e)
    { File = file };

    public static HubException TooNew(string file, long found, int known) => new(WiseCodes.LockTooNew,
        $"{file} has version {found}; this WiseHub reads version {known}. Update the WiseHub.Build package.")
    { File = file };

    public static HubException MergeConflict(string file, int line, Exception e) => new(WiseCodes.LockConflict,
        $"{file}({line},1) has merge conflict markers. Run 'wisehub lock merge', which merges the entries of both sides.", e)
    { File = file, Line = line, Column = 1 };

    public static Text Removed(string file, LockEntry entry) =>
        $"Removed from {file}, because nothing uses it: {entry.Key}, commit {entry.Commit}.";
}
