namespace WiseHub.Client;

/// <summary>What a download would fetch.</summary>
public sealed class DownloadPlan
{
    /// <summary>The repo, revision and files.</summary>
    public required RepoReference Reference { get; init; }

    /// <summary>The name of the hub that resolved the revision.</summary>
    public required string Hub { get; init; }

    /// <summary>The commit; null for a URL that was never downloaded.</summary>
    public required string? Commit { get; init; }

    /// <summary>The selected files, by path. For a URL, the one file or archive there.</summary>
    public required IReadOnlyList<PlannedFile> Files { get; init; }

    /// <summary>Number of contents to fetch. A content at several paths is fetched once.</summary>
    public int FilesToFetch => ToFetch.Count();

    /// <summary>Bytes of these contents; unknown sizes count as 0.</summary>
    public long BytesToFetch => ToFetch.Sum(f => f.Size ?? 0);

    private IEnumerable<PlannedFile> ToFetch => Files.Where(f => !f.IsInCache).DistinctBy(f => f.Sha256?.Hex ?? f.Path);
}

/// <summary>A file of a <see cref="DownloadPlan"/>.</summary>
/// <param name="Path">Its path in the repo.</param>
/// <param name="Size">Bytes; null if it is known only after the download.</param>
/// <param name="Sha256">The digest; null if it is known only after the download.</param>
/// <param name="IsInCache">True if the cache has the content, so that nothing is fetched for it.</param>
public sealed record PlannedFile(string Path, long? Size, Digest? Sha256, bool IsInCache);
