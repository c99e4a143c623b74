namespace WiseHub.Client;

/// <summary>One file of a snapshot: where it stands in the repo, and its verified content in the store.</summary>
/// <param name="Path">Path in the repo, with <c>/</c>.</param>
/// <param name="Size">Bytes.</param>
/// <param name="Sha256">Digest of the content.</param>
/// <param name="BlobPath">Absolute path of the content in the store; several paths with one content share it.</param>
public sealed record SnapshotFile(string Path, long Size, Digest Sha256, string BlobPath);

/// <summary>All selected files of a repo at a commit, present in the store and verified.</summary>
public sealed class Snapshot
{
    /// <summary>What was asked for.</summary>
    public required RepoReference Reference { get; init; }

    /// <summary>The hub list of the reference as resolved against the default: the part of the lock key.</summary>
    public required string Hub { get; init; }

    /// <summary>The commit; null when an optional reference could not be restored.</summary>
    public required string? Commit { get; init; }

    /// <summary>The selected files in ordinal UTF-8 order.</summary>
    public required IReadOnlyList<SnapshotFile> Files { get; init; }

    /// <summary>A folder of the cache that holds exactly these files under their names, where one was asked for.</summary>
    public string? Directory { get; internal set; }

    /// <summary>False when an optional reference could not be restored.</summary>
    public bool IsPresent => Commit is not null;
}
