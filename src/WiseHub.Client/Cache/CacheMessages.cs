using WiseHub.Client.Store;

namespace WiseHub.Client.Cache;

/// <summary>The messages about listing, verifying and cleaning a cache.</summary>
internal static class CacheMessages
{
    public static HubException NotACache(string root) => new(WiseCodes.NotAStore,
        $"{root} is not a WiseHub cache: a cache contains {RepoStore.MarkerName} and {SnapshotStore.TagName}. "
        + $"Nothing was changed. Set WISEHUB_CACHE or WiseCacheDirectory to the cache folder. "
        + $"If this folder is the cache, the next build completes it.");

    /// <summary>The start of a sentence; the system's reason follows.</summary>
    /// <param name="root">The cache.</param>
    /// <param name="action">A participle: listed, verified, pruned or changed.</param>
    public static Text CouldNotBe(string root, Text action) => $"The cache {root} could not be {action}";

    /// <summary>The start of a sentence; the system's reason follows.</summary>
    public static Text PartlyRemoved(string root, int left) =>
        $"Not everything could be removed from the cache {root} ({left} left)";

    /// <summary>A line of <c>wisehub cache verify</c>.</summary>
    public static Text WrongBytes(string path) => $"{path} does not match its digest.";

    /// <inheritdoc cref="WrongBytes"/>
    public static Text NotReadableByUser(string path, Exception e) =>
        $"{path} cannot be read by this user, so it was not verified: {e.Message}";

    /// <inheritdoc cref="WrongBytes"/>
    public static Text NotReadable(string path, Exception e) => $"{path} cannot be read: {e.Message}";

    /// <summary>The action on a damaged file, the second sentence of a line of <c>wisehub cache verify</c>.</summary>
    public static Text BlobRemoved => $"It was removed; the next build that needs it downloads it again.";

    /// <inheritdoc cref="BlobRemoved"/>
    public static Text TreeRemoved => $"It was removed; the next build that needs it requests it from the hub.";

    /// <inheritdoc cref="BlobRemoved"/>
    public static Text NotRemoved(Exception e) => $"It could not be removed: {e.Message}";

    /// <inheritdoc cref="BlobRemoved"/>
    public static Text KeptForOwner => $"It was not removed; verify as its owner.";

    /// <inheritdoc cref="BlobRemoved"/>
    public static Text KeptAsPublished =>
        $"It was not removed, because a store published in this folder lists it: push its file again.";

    /// <inheritdoc cref="BlobRemoved"/>
    public static Text KeptInPublishedStore => $"It was not removed, because it belongs to a published store.";

    /// <summary>The users of a wrong blob, the last sentence of a line of <c>wisehub cache verify</c>.</summary>
    public static Text UsedBy(IReadOnlyList<string> files) =>
        files.Count == 0 ? (Text)$"Nothing refers to it." : (Text)$"It is {string.Join((Text)$" and ", files)}.";

    /// <summary>A file for <see cref="UsedBy"/>.</summary>
    public static Text FileOf(string path, string repoId, string hub, string commit) =>
        $"'{path}' of {repoId} ({hub}, {commit})";

    public static HubException NotInCache(CacheRemoveRequest request) => new(WiseCodes.NotInCache,
        $"The cache has no files of {Shown(request)}. 'wisehub cache ls' lists its repos.");

    public static HubException OnlyInLockFile(CacheRemoveRequest request, string lockFile) => new(WiseCodes.NotInCache,
        $"The cache has no file list of {Shown(request)}; it keeps the contents because {lockFile} lists them. "
        + $"Remove the reference and that entry, then run 'wisehub cache prune'.");

    public static Text LockFileUnclear(HubException problem) => $"{problem.Message} All sha256 digests in it count as used.";

    private static string Shown(CacheRemoveRequest request) =>
        $"{request.RepoId}{(request.Revision is null ? "" : (Text)$" at '{request.Revision}'")}"
            + $"{(request.Hub is null ? "" : (Text)$" from '{request.Hub}'")}";
}
