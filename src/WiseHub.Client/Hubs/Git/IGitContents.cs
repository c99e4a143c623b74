namespace WiseHub.Client.Hubs.Git;

/// <summary>
/// The files of one commit, as git stores them; nothing that <c>.gitattributes</c> or a host's settings make of them.
/// </summary>
internal interface IGitContents : IDisposable
{
    /// <summary>Files, sorted by path.</summary>
    IReadOnlyList<GitEntry> Files { get; }

    /// <summary>Symbolic links.</summary>
    IReadOnlyList<string> Links { get; }

    /// <summary>Folders that are other repos.</summary>
    IReadOnlyList<string> Submodules { get; }

    /// <summary>
    /// False when what they lie in is gone: it is a blob of the cache like any other, and somebody may have pruned it.
    /// </summary>
    bool IsThere { get; }

    /// <summary>A host fetched what they lie in, where it was counted.</summary>
    bool WereFetched { get; }

    /// <summary>Bytes of a file; null as long as it is not on this machine.</summary>
    long? SizeOf(GitEntry file);

    /// <summary>Brings files to this machine; all that will be wanted together, because they come together.</summary>
    /// <exception cref="HubException">The host does not give them.</exception>
    Task PrepareAsync(IReadOnlyCollection<GitEntry> wanted, CancellationToken cancel);

    /// <summary>Opens a file that is on this machine.</summary>
    Task<Stream> OpenAsync(GitEntry file, CancellationToken cancel);

    /// <summary>Where a file lies, for messages.</summary>
    string PlaceOf(GitEntry file);
}
