namespace WiseHub.Client;

/// <summary>What the cache of this machine holds.</summary>
public sealed class CacheReport
{
    /// <summary>Absolute path of the cache.</summary>
    public required string Root { get; init; }

    /// <summary>The repos, by hub, type and id.</summary>
    public required IReadOnlyList<CachedRepo> Repos { get; init; }

    /// <summary>Contents in the cache, each counted once however many repos share it.</summary>
    public required int Files { get; init; }

    /// <summary>Bytes of these contents.</summary>
    public required long Size { get; init; }

    /// <summary>Contents that no commit of the cache and no registered lock file lists.</summary>
    public required int UnusedFiles { get; init; }

    /// <summary>Bytes of these contents.</summary>
    public required long UnusedSize { get; init; }

    /// <summary>Bytes of downloads that broke off.</summary>
    public required long PartialSize { get; init; }
}

/// <summary>One repo in the cache.</summary>
/// <param name="Hub">Name of the hub. Hubs of one name and different addresses, as projects may have, stand together.</param>
/// <param name="RepoType">Kind of repo.</param>
/// <param name="RepoId">The id.</param>
/// <param name="Commits">Its commits, the last used first.</param>
/// <param name="Files">Contents of all its commits that are in the cache, each counted once.</param>
/// <param name="Size">Bytes of these contents.</param>
/// <param name="LastUsed">When one of the commits was last used, to the hour.</param>
public sealed record CachedRepo(string Hub, RepoType RepoType, string RepoId, IReadOnlyList<CachedCommit> Commits, int Files,
    long Size, DateTimeOffset LastUsed);

/// <summary>One commit in the cache.</summary>
/// <param name="Commit">The id.</param>
/// <param name="Revisions">Branches and tags that were at this commit when the hub was last asked.</param>
/// <param name="LockFiles">Registered lock files that name the commit.</param>
/// <param name="Files">Its contents that are in the cache.</param>
/// <param name="Size">Bytes of these contents.</param>
/// <param name="LastUsed">When it was last used, to the hour.</param>
public sealed record CachedCommit(string Commit, IReadOnlyList<string> Revisions, IReadOnlyList<string> LockFiles, int Files,
    long Size, DateTimeOffset LastUsed);

/// <summary>What <see cref="CacheClient.VerifyAsync"/> found.</summary>
public sealed class CacheVerification
{
    /// <summary>Absolute path of the cache.</summary>
    public required string Root { get; init; }

    /// <summary>Contents that were hashed.</summary>
    public required int Files { get; init; }

    /// <summary>Bytes of these contents.</summary>
    public required long Size { get; init; }

    /// <summary>What was wrong and is now removed; empty when everything is right.</summary>
    public required IReadOnlyList<CacheProblem> Problems { get; init; }
}

/// <summary>One thing that was wrong.</summary>
/// <param name="Path">The file.</param>
/// <param name="Message">What was wrong, what was done, and what needs the file.</param>
public sealed record CacheProblem(string Path, string Message);

/// <summary>What to remove from the cache.</summary>
public sealed record CachePruneRequest
{
    /// <summary>
    /// Also what was not used for so long; null = only what nothing refers to. What was used within the last two hours
    /// stays in any case.
    /// </summary>
    public TimeSpan? OlderThan { get; init; }

    /// <summary>Also what was not used for longest, until the contents have at most so many bytes; null = no limit.</summary>
    public long? MaxSize { get; init; }

    /// <summary>Only say what would be removed.</summary>
    public bool DryRun { get; init; }
}

/// <summary>Which repo to remove from the cache.</summary>
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

    /// <summary>Only say what would be removed.</summary>
    public bool DryRun { get; init; }
}

/// <summary>What was removed from the cache, or would be.</summary>
public sealed class CacheRemoval
{
    /// <summary>Absolute path of the cache.</summary>
    public required string Root { get; init; }

    /// <summary>True when nothing was removed and this only says what would be.</summary>
    public required bool DryRun { get; init; }

    /// <summary>Commits with their file lists and folders. Their contents go only where nothing else refers to them.</summary>
    public IReadOnlyList<RemovedCommit> Commits { get; init; } = [];

    /// <summary>Lock files that no longer keep what they list: they are gone, or were not used.</summary>
    public IReadOnlyList<RemovedLockFile> LockFiles { get; init; } = [];

    /// <summary>Contents.</summary>
    public int Files { get; init; }

    /// <summary>Bytes of these contents.</summary>
    public long Size { get; init; }

    /// <summary>Downloads that broke off, temporary files and empty folders of more than a day ago.</summary>
    public int Leftovers { get; init; }

    /// <summary>Bytes of these.</summary>
    public long LeftoverSize { get; init; }

    /// <summary>Bytes of the contents that stay.</summary>
    public long SizeLeft { get; init; }

    /// <summary>Registered lock files that list contents of the removed commits, which therefore stay.</summary>
    public IReadOnlyList<string> KeptBy { get; init; } = [];
}

/// <summary>A commit that was removed.</summary>
/// <param name="Hub">Name of the hub.</param>
/// <param name="RepoType">Kind of repo.</param>
/// <param name="RepoId">The id of the repo.</param>
/// <param name="Commit">The id of the commit.</param>
/// <param name="LastUsed">When it was last used, to the hour.</param>
public sealed record RemovedCommit(string Hub, RepoType RepoType, string RepoId, string Commit, DateTimeOffset LastUsed);

/// <summary>A lock file that no longer keeps what it lists.</summary>
/// <param name="Path">The lock file; it is not touched.</param>
/// <param name="Exists">False when it is gone.</param>
/// <param name="LastUsed">When it was last used, to the hour.</param>
public sealed record RemovedLockFile(string Path, bool Exists, DateTimeOffset LastUsed);
