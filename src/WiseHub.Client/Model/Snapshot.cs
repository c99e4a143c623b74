namespace WiseHub.Client;

/// <summary>A file of a snapshot: its path in the repo, and its verified content in the store.</summary>
/// <param name="Path">Path in the repo, with <c>/</c>.</param>
/// <param name="Size">Bytes.</param>
/// <param name="Sha256">Digest of the content.</param>
/// <param name="BlobPath">Absolute path of the content in the store; paths with equal content share it.</param>
public sealed record SnapshotFile(string Path, long Size, Digest Sha256, string BlobPath)
{
    /// <summary>Absolute path of the content in the store; paths with equal content share it.</summary>
    // A snapshot of 10,000 files keeps one text of their folder instead of 10,000 paths; it ends with a separator.
    public string BlobPath
    {
        get => System.IO.Path.EndsInDirectorySeparator(field)
            ? System.IO.Path.Join(field, Sha256.Hex.AsSpan(0, 2), Sha256.Hex.AsSpan(2)) : field;
        init;
    } = BlobPath;

    /// <inheritdoc/>
    public bool Equals(SnapshotFile? other) => other is not null && (Path, Size, Sha256) == (other.Path, other.Size, other.Sha256)
        && BlobPath == other.BlobPath;

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Path, Size, Sha256);
}

/// <summary>All selected files of a repo at a commit, present in the store and verified.</summary>
public sealed class Snapshot
{
    /// <summary>The reference.</summary>
    public required RepoReference Reference { get; init; }

    /// <summary>The hubs of the reference with the default applied, as in the lock key.</summary>
    public required string Hub { get; init; }

    /// <summary>The commit; null if an optional reference could not be restored.</summary>
    public required string? Commit { get; init; }

    /// <summary>The selected files in ordinal UTF-8 order.</summary>
    public required IReadOnlyList<SnapshotFile> Files { get; init; }

    /// <summary>A folder of the cache with exactly these files under their names, if requested.</summary>
    public string? Directory { get; internal set; }

    /// <summary>False if an optional reference could not be restored.</summary>
    public bool IsPresent => Commit is not null;
}
