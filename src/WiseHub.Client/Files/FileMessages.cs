namespace WiseHub.Client.Files;

/// <summary>
/// The messages about files, folders and programs of this machine. <c>failure</c> is the start of a sentence, such as
/// "The cache X is not writable".
/// </summary>
internal static class FileMessages
{
    private static Text MoveCache => $"put the cache elsewhere with WISEHUB_CACHE or WiseCacheDirectory.";

    public static HubException RelativePath(string variable, string path) => new(WiseCodes.UnusablePath,
        $"The environment variable {variable} is '{path}', a relative path. Programs that read it run in different folders, so "
        + $"each would use a different one. Set an absolute path, or one that starts with ~/.");

    /// <param name="what">The path with its source.</param>
    public static HubException HomeOfAnotherUser(string what) => new(WiseCodes.UnusablePath,
        $"{what} starts with '~' and a name, but only '~/', the home folder of this user, is supported. "
        + $"Write the absolute path, or './~…' for a file of that name.");

    /// <summary>A path for <see cref="HomeOfAnotherUser"/>.</summary>
    public static Text PathAsWritten(string path) => $"The path '{path}'";

    /// <inheritdoc cref="PathAsWritten"/>
    public static Text PathInVariable(string variable, string path) =>
        $"The path '{path}' in the environment variable {variable}";

    public static HubException NoPermission(string failure, Exception e) => new(WiseCodes.NoPermission,
        $"{failure}: {e.Message} Give this user permission, or {MoveCache}", e);

    public static HubException DiskFull(string failure, Exception e) => new(WiseCodes.DiskFull,
        $"{failure}: the disk is full. Free some space, or {MoveCache}", e);

    public static HubException LocalFailure(string failure, Exception e) => new(WiseCodes.LocalFailure,
        $"{failure}: {e.Message} Check the path and its device.", e);

    public static HubException ObeyedByTools(
        RepoReference reference, string workingFolder, string target, IReadOnlyList<string> paths, string exclude)
    {
        string[] names = [.. paths.Select(p => $"'{PathRules.Printable(p)}'")];
        return new HubException(WiseCodes.ObeyedByTools,
            $"{reference}: the repo has files that tools in {workingFolder} would act on: {NameList.Some(names)}. "
            + $"Nothing was written to {target}. Exclude these files with {exclude}, choose a folder outside, or, "
            + $"for a file that you trust, give its full path.")
        { Reference = reference, Details = NameList.All(names) };
    }

    public static HubException InUse(string failure, Exception e) => new(WiseCodes.FileInUse,
        $"{failure}: {e.Message} Close that program and try again.", e);

    /// <summary>The text of an exception of the file system, in the style of the system's own ones.</summary>
    public static Text UsedBy(string path, string? programs) => $"{path} is in use by {programs ?? (Text)$"another program"}.";

    public static HubException PathTooLong(string failure, Exception e) => new(WiseCodes.PathTooLong,
        $"{failure}: {e.Message} Use folders with shorter names, or {MoveCache}", e);
}
