namespace WiseHub.Client.Hubs.Git;

/// <summary>
/// The files of one commit as git stores them, unchanged by <c>.gitattributes</c> or settings of the host.
/// </summary>
internal interface IGitContents : IDisposable
{
    /// <summary>Files, sorted by path.</summary>
    IReadOnlyList<GitEntry> Files { get; }

    /// <summary>Symbolic links.</summary>
    IReadOnlyList<string> Links { get; }

    /// <summary>Folders that stand for other repos.</summary>
    IReadOnlyList<string> Submodules { get; }

    /// <summary>
    /// False if the packs or the archive are gone. They are blobs of the cache, which a prune may remove.
    /// </summary>
    bool IsThere { get; }

    /// <summary>True if the contents were downloaded, and counted, before they are opened.</summary>
    bool WereFetched { get; }

    /// <summary>The size of a file; null if its content is not on this machine yet.</summary>
    long? SizeOf(GitEntry file);

    /// <summary>Downloads files, in as few requests as possible; so name all that will be wanted.</summary>
    /// <exception cref="HubException">The host does not provide them.</exception>
    Task PrepareAsync(IReadOnlyCollection<GitEntry> wanted, CancellationToken cancel);

    /// <summary>Opens a file that is on this machine.</summary>
    Task<Stream> OpenAsync(GitEntry file, CancellationToken cancel);

    /// <summary>The place of a file, for messages.</summary>
    string PlaceOf(GitEntry file);
}
