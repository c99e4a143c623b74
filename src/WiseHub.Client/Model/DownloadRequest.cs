namespace WiseHub.Client;

/// <summary>A repo to download without a project.</summary>
public sealed record DownloadRequest
{
    /// <summary>The repo, revision and files.</summary>
    public required RepoReference Reference { get; init; }

    /// <summary>Downloads existing files again; they are replaced after verification.</summary>
    public bool Force { get; init; }

    /// <summary>
    /// The target folder, filled by clone or copy; null = a folder of the cache. Existing files with other content are replaced;
    /// files that do not belong to the repo stay.
    /// </summary>
    public string? LocalDirectory { get; init; }
}

/// <summary>The result of a download.</summary>
public sealed class DownloadResult
{
    /// <summary>The files and their verified contents.</summary>
    public required Snapshot Snapshot { get; init; }

    /// <summary>Absolute path of the folder with the files, or of the file if a single one was requested by its path.</summary>
    public required string Path { get; init; }

    /// <summary>
    /// Files downloaded or copied into the store. An archive counts as one file, and its unpacked files do not count.
    /// </summary>
    public required int FilesTransferred { get; init; }

    /// <summary>
    /// Bytes of these files. The traffic of the git program is unknown, so the sizes of the files are counted there.
    /// </summary>
    public required long BytesTransferred { get; init; }
}
