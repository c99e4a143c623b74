namespace WiseHub.Client;

/// <summary>What is to be mirrored: repos, or what a lock file lists, or both.</summary>
public abstract record MirrorSelection
{
    /// <summary>Repos as a restore takes them. Their revisions are asked for now, and become names at the target.</summary>
    public IReadOnlyList<RepoReference> References { get; init; } = [];

    /// <summary>
    /// Absolute path of a <c>wise.lock.json</c>: the commits and files that it lists, and nothing is resolved. Null = none.
    /// </summary>
    public string? LockFilePath { get; init; }
}

/// <summary>Commits that are copied from one hub to another, under their own names.</summary>
public sealed record MirrorRequest : MirrorSelection
{
    /// <summary>The hub that is written to: a store with a folder, or a bucket of a store or of hg_localization.</summary>
    public required string To { get; init; }
}

/// <summary>Commits that are put into one file, to be carried where no hub is (docs/air-gap.md).</summary>
public sealed record ExportBundleRequest : MirrorSelection
{
    /// <summary>Where the bundle is made; replaced when it is complete.</summary>
    public required string BundlePath { get; init; }

    /// <summary>
    /// Files that say what the other side has, and what is therefore left out: earlier bundles, or any text in which sha256
    /// digests stand, such as what <c>wisehub mirror ls --digests</c> prints, or a lock file.
    /// </summary>
    public IReadOnlyList<string> HavePaths { get; init; } = [];
}

/// <summary>A bundle that is put into a hub.</summary>
public sealed record ImportBundleRequest
{
    /// <summary>The bundle.</summary>
    public required string BundlePath { get; init; }

    /// <summary>The hub that is written to: a store with a folder, or a bucket.</summary>
    public required string To { get; init; }
}

/// <summary>A commit at its new place.</summary>
/// <param name="RepoType">Kind of repo.</param>
/// <param name="RepoId">The id.</param>
/// <param name="Hub">The hub whose commit it is.</param>
/// <param name="Revision">The name it got there; <c>HEAD</c> stands for the default branch.</param>
/// <param name="Commit">The commit.</param>
public sealed record MirroredRevision(RepoType RepoType, string RepoId, string Hub, string? Revision, string Commit);

/// <summary>What mirroring did.</summary>
public sealed class MirrorResult
{
    /// <summary>The commits, in the order of the request.</summary>
    public required IReadOnlyList<MirroredRevision> Commits { get; init; }

    /// <summary>Contents that the target did not have.</summary>
    public required int FilesWritten { get; init; }

    /// <summary>Their bytes.</summary>
    public required long BytesWritten { get; init; }

    /// <summary>Contents that were left out of a bundle, because the other side has them.</summary>
    public int FilesLeftOut { get; init; }
}

/// <summary>A commit of a store or bundle.</summary>
/// <param name="RepoType">Kind of repo.</param>
/// <param name="RepoId">The id.</param>
/// <param name="Commit">The commit.</param>
/// <param name="Revisions">Its names there, sorted.</param>
/// <param name="Files">How many files it lists.</param>
/// <param name="Bytes">Their sizes, as far as they are known.</param>
/// <param name="Missing">Files whose content is not there.</param>
public sealed record MirrorCommit(
    RepoType RepoType, string RepoId, string Commit, IReadOnlyList<string> Revisions, int Files, long Bytes, int Missing);

/// <summary>What a store or bundle has.</summary>
public sealed class MirrorListing
{
    /// <summary>By repo and commit.</summary>
    public required IReadOnlyList<MirrorCommit> Commits { get; init; }

    /// <summary>The contents that are there, sorted.</summary>
    public required IReadOnlyList<Digest> Digests { get; init; }
}
