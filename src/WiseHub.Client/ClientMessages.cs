namespace WiseHub.Client;

/// <summary>The messages of the client's parts: repos, mirrors and pretrained weights.</summary>
internal static class ClientMessages
{
    public static HubException InvalidLimit(int limit) => new(WiseCodes.InvalidValue,
        $"Limit is {limit}; it must be at least 1.");

    public static HubException InvalidName(string name, string reason) => new(WiseCodes.MalformedRevision,
        $"'{name}' cannot be the name of a branch or tag: {reason}.");

    public static HubException NotOneFile(RepoReference reference, int files) => new(WiseCodes.UnusableUrl,
        $"{reference} has {files} files, but weights are a single file. Write the URL of the file.");

    public static HubException NeitherBundleNorHub(string text, IEnumerable<string> hubs) => new(WiseCodes.NeitherBundleNorHub,
        $"'{text}' is neither a bundle (there is no file {Path.GetFullPath(text)}) nor a hub. "
        + $"The known hubs are {string.Join(", ", hubs)}.");

    public static HubException Offline(HubDefinition hub, string? reason) => new(WiseCodes.OfflineAndMissing,
        $"The hub '{hub.Name}' cannot be reached, because network access is disabled ({reason}).");

    public static HubException UnusableFileName(string reason) => new(WiseCodes.HostileFileName,
        $"The last part of the URL cannot be used as a file name: {reason}. Download the file yourself.");

    /// <param name="hub">The hub.</param>
    /// <param name="others">The protocols that manage repos, as a list in words.</param>
    public static HubException NoRepoAdmin(HubDefinition hub, string others) => new(WiseCodes.NoRepoAdmin,
        $"WiseHub cannot create, find or delete repos on the hub '{hub.Name}' (protocol {hub.Protocol}). Use its own pages or "
        + $"tools, or a hub with the protocol {others}.");

    /// <summary>The start of a sentence; the system's reason follows.</summary>
    public static Text NotWritten(string path) => $"{path} could not be written";

    /// <inheritdoc cref="NotWritten"/>
    public static Text BundleNotReadable(string bundle) => $"The bundle {bundle} cannot be read";

    /// <inheritdoc cref="NotWritten"/>
    public static Text RepoNotDeleted(RepoReference repo) => $"{repo} cannot be deleted";

    /// <inheritdoc cref="NotWritten"/>
    public static Text BranchNotCreated(RepoReference repo, string branch) =>
        $"{repo}: the branch '{branch}' cannot be created";

    /// <inheritdoc cref="NotWritten"/>
    public static Text BranchNotDeleted(RepoReference repo, string branch) =>
        $"{repo}: the branch '{branch}' cannot be deleted";

    /// <inheritdoc cref="NotWritten"/>
    public static Text TagNotCreated(RepoReference repo, string tag) =>
        $"{repo}: the tag '{tag}' cannot be created";

    /// <inheritdoc cref="NotWritten"/>
    public static Text TagNotDeleted(RepoReference repo, string tag) =>
        $"{repo}: the tag '{tag}' cannot be deleted";
}
