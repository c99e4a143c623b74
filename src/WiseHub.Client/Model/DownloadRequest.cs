namespace WiseHub.Client;

/// <summary>One repo to download, for people and programs that have no project.</summary>
public sealed record DownloadRequest
{
    /// <summary>What is asked for.</summary>
    public required RepoReference Reference { get; init; }

    /// <summary>Download again what is already there; it is replaced only after verification.</summary>
    public bool Force { get; init; }

    /// <summary>
    /// Where the files are put, by clone or copy; null = a folder of the cache. Files there that differ are replaced; files that
    /// do not belong to the repo are left alone.
    /// </summary>
    public string? LocalDirectory { get; init; }
}

/// <summary>What a download did.</summary>
public sealed class DownloadResult
{
    /// <summary>The files and their verified contents.</summary>
    public required Snapshot Snapshot { get; init; }

    /// <summary>Absolute path of the folder with the files, or of the file where exactly one was asked for by its path.</summary>
    public required string Path { get; init; }

    /// <summary>
    /// Files that were downloaded or copied into the store. An archive is one file, and what is unpacked from it none.
    /// </summary>
    public required int FilesTransferred { get; init; }

    /// <summary>Bytes of these files. What git itself fetches is not known; there the files count.</summary>
    public required long BytesTransferred { get; init; }
}
