namespace WiseHub.Client;

/// <summary>The commits to mirror: those of repos, of a lock file, or both.</summary>
public abstract record MirrorSelection
{
    /// <summary>References as for a restore. Their revisions are resolved now, and become names at the target.</summary>
    public IReadOnlyList<RepoReference> References { get; init; } = [];

    /// <summary>
    /// Absolute path of a <c>wise.lock.json</c>, whose commits and files are mirrored without resolving; null = none.
    /// </summary>
    public string? LockFilePath { get; init; }
}

/// <summary>A request to copy commits from one hub to another, under their own names.</summary>
public sealed record MirrorRequest : MirrorSelection
{
    /// <summary>The target hub: a store with a folder, or a bucket of a store or of hg_localization.</summary>
    public required string To { get; init; }
}

/// <summary>A request to put commits into a single file, for a place without a hub (docs/air-gap.md).</summary>
public sealed record ExportBundleRequest : MirrorSelection
{
    /// <summary>The path of the bundle; an existing file is replaced when the bundle is complete.</summary>
    public required string BundlePath { get; init; }

    /// <summary>
    /// Files that list contents to omit because the other side has them: earlier bundles, or any text with sha256 digests, such
    /// as the output of <c>wisehub mirror ls --digests</c> or a lock file.
    /// </summary>
    public IReadOnlyList<string> HavePaths { get; init; } = [];
}

/// <summary>A request to put a bundle into a hub.</summary>
public sealed record ImportBundleRequest
{
    /// <summary>The bundle.</summary>
    public required string BundlePath { get; init; }

    /// <summary>The target hub: a store with a folder, or a bucket.</summary>
    public required string To { get; init; }
}

/// <summary>A mirrored commit.</summary>
/// <param name="RepoType">Kind of repo.</param>
/// <param name="RepoId">The id.</param>
/// <param name="Hub">The hub it comes from.</param>
/// <param name="Revision">Its name at the target; <c>HEAD</c> is the default branch.</param>
/// <param name="Commit">The commit.</param>
public sealed record MirroredRevision(RepoType RepoType, string RepoId, string Hub, string? Revision, string Commit);

/// <summary>The result of mirroring.</summary>
public sealed class MirrorResult
{
    /// <summary>The commits, in the order of the request.</summary>
    public required IReadOnlyList<MirroredRevision> Commits { get; init; }

    /// <summary>Contents missing at the target, which were written.</summary>
    public required int FilesWritten { get; init; }

    /// <summary>Their bytes.</summary>
    public required long BytesWritten { get; init; }

    /// <summary>Contents omitted from a bundle because the other side has them.</summary>
    public int FilesLeftOut { get; init; }
}

/// <summary>A commit of a store or bundle.</summary>
/// <param name="RepoType">Kind of repo.</param>
/// <param name="RepoId">The id.</param>
/// <param name="Commit">The commit.</param>
/// <param name="Revisions">Its names there, sorted.</param>
/// <param name="Files">Number of files in its list.</param>
/// <param name="Bytes">Sum of the known sizes.</param>
/// <param name="Missing">Number of files without their content.</param>
public sealed record MirrorCommit(
    RepoType RepoType, string RepoId, string Commit, IReadOnlyList<string> Revisions, int Files, long Bytes, int Missing)
{
    /// <summary>The message of its push; null if the store does not know one.</summary>
    public string? Message { get; init; }

    /// <summary>The time of its push; null if the store does not know it.</summary>
    public DateTimeOffset? Time { get; init; }

    /// <summary>Its file list, in the order of the store. The paths are those of the store, unchecked.</summary>
    public IReadOnlyList<TreeEntry> Entries { get; init; } = [];
}

/// <summary>The contents of a store or bundle.</summary>
public sealed class MirrorListing
{
    /// <summary>The commits, by repo and commit id.</summary>
    public required IReadOnlyList<MirrorCommit> Commits { get; init; }

    /// <summary>Digests of the available contents, sorted.</summary>
    public required IReadOnlyList<Digest> Digests { get; init; }
}
