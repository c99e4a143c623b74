namespace WiseHub.Client;

/// <summary>The contents of this machine's cache.</summary>
public sealed class CacheReport
{
    /// <summary>Absolute path of the cache.</summary>
    public required string Root { get; init; }

    /// <summary>The repos, by hub, type and id.</summary>
    public required IReadOnlyList<CachedRepo> Repos { get; init; }

    /// <summary>Number of blobs, each counted once even if several repos share it.</summary>
    public required int Files { get; init; }

    /// <summary>Bytes of these blobs.</summary>
    public required long Size { get; init; }

    /// <summary>Number of blobs that no cached commit and no registered lock file lists.</summary>
    public required int UnusedFiles { get; init; }

    /// <summary>Bytes of the unused blobs.</summary>
    public required long UnusedSize { get; init; }

    /// <summary>Bytes of interrupted downloads.</summary>
    public required long PartialSize { get; init; }
}

/// <summary>A repo in the cache.</summary>
/// <param name="Hub">Name of the hub. Hubs of different projects with the same name and different endpoints are combined.</param>
/// <param name="RepoType">Kind of repo.</param>
/// <param name="RepoId">The id.</param>
/// <param name="Commits">Its commits, the most recently used first.</param>
/// <param name="Files">Number of cached blobs of all its commits, each counted once.</param>
/// <param name="Size">Bytes of these blobs.</param>
/// <param name="LastUsed">The last use of any of its commits, to the hour.</param>
public sealed record CachedRepo(string Hub, RepoType RepoType, string RepoId, IReadOnlyList<CachedCommit> Commits, int Files,
    long Size, DateTimeOffset LastUsed);

/// <summary>A commit in the cache.</summary>
/// <param name="Commit">The id.</param>
/// <param name="Revisions">Branches and tags that pointed to this commit when the hub was last asked.</param>
/// <param name="LockFiles">Registered lock files with this commit.</param>
/// <param name="Files">Number of its cached blobs.</param>
/// <param name="Size">Bytes of these blobs.</param>
/// <param name="LastUsed">Its last use, to the hour.</param>
public sealed record CachedCommit(string Commit, IReadOnlyList<string> Revisions, IReadOnlyList<string> LockFiles, int Files,
    long Size, DateTimeOffset LastUsed);

/// <summary>The result of <see cref="CacheClient.VerifyAsync"/>.</summary>
public sealed class CacheVerification
{
    /// <summary>Absolute path of the cache.</summary>
    public required string Root { get; init; }

    /// <summary>Number of hashed blobs.</summary>
    public required int Files { get; init; }

    /// <summary>Bytes of these blobs.</summary>
    public required long Size { get; init; }

    /// <summary>The damaged files, which were removed if possible; empty if everything is intact.</summary>
    public required IReadOnlyList<CacheProblem> Problems { get; init; }
}

/// <summary>A problem found in the cache.</summary>
/// <param name="Path">The file.</param>
/// <param name="Message">The problem, the action taken, and the users of the file.</param>
public sealed record CacheProblem(string Path, string Message);

/// <summary>Options for pruning the cache.</summary>
public sealed record CachePruneRequest
{
    /// <summary>
    /// Also removes items unused for this long; null = only unreferenced ones. Items used within the last two hours always stay.
    /// </summary>
    public TimeSpan? OlderThan { get; init; }

    /// <summary>
    /// Also removes the least recently used items until the blobs have at most this many bytes; null = no limit.
    /// </summary>
    public long? MaxSize { get; init; }

    /// <summary>Reports what would be removed, and removes nothing.</summary>
    public bool DryRun { get; init; }
}

/// <summary>Identifies a repo to remove from the cache.</summary>
public sealed record CacheRemoveRequest
{
    /// <summary>The id.</summary>
    public required string RepoId { get; init; }

    /// <summary>Name of the hub; null = all hubs.</summary>
    public string? Hub { get; init; }

    /// <summary>Kind of repo; null = all kinds.</summary>
    public RepoType? RepoType { get; init; }

    /// <summary>Branch, tag or commit; null = all commits.</summary>
    public string? Revision { get; init; }

    /// <summary>Reports what would be removed, and removes nothing.</summary>
    public bool DryRun { get; init; }
}

/// <summary>The removed items of the cache, or those that would be removed.</summary>
public sealed class CacheRemoval
{
    /// <summary>Absolute path of the cache.</summary>
    public required string Root { get; init; }

    /// <summary>True when nothing was removed and the result only lists what would be.</summary>
    public required bool DryRun { get; init; }

    /// <summary>Commits with their file lists and folders. Their blobs are only removed if nothing else refers to them.</summary>
    public IReadOnlyList<RemovedCommit> Commits { get; init; } = [];

    /// <summary>Lock files that no longer protect their blobs: they were deleted or not used.</summary>
    public IReadOnlyList<RemovedLockFile> LockFiles { get; init; } = [];

    /// <summary>Number of blobs.</summary>
    public int Files { get; init; }

    /// <summary>Bytes of these blobs.</summary>
    public long Size { get; init; }

    /// <summary>Interrupted downloads, temporary files and empty folders older than a day.</summary>
    public int Leftovers { get; init; }

    /// <summary>Bytes of these leftovers.</summary>
    public long LeftoverSize { get; init; }

    /// <summary>Bytes of the remaining blobs.</summary>
    public long SizeLeft { get; init; }

    /// <summary>Registered lock files that list blobs of the removed commits; these blobs stay.</summary>
    public IReadOnlyList<string> KeptBy { get; init; } = [];
}

/// <summary>A removed commit.</summary>
/// <param name="Hub">Name of the hub.</param>
/// <param name="RepoType">Kind of repo.</param>
/// <param name="RepoId">The id of the repo.</param>
/// <param name="Commit">The id of the commit.</param>
/// <param name="LastUsed">Its last use, to the hour.</param>
public sealed record RemovedCommit(string Hub, RepoType RepoType, string RepoId, string Commit, DateTimeOffset LastUsed);

/// <summary>A lock file that no longer protects its blobs.</summary>
/// <param name="Path">The lock file; it is not changed.</param>
/// <param name="Exists">False if it was deleted.</param>
/// <param name="LastUsed">Its last use, to the hour.</param>
public sealed record RemovedLockFile(string Path, bool Exists, DateTimeOffset LastUsed);
