namespace WiseHub.Client.Hubs;

/// <summary>A content on this machine, verified when it came.</summary>
internal sealed record MirroredContent(Digest Sha256, long Size, string Path);

/// <summary>
/// A commit of one hub, the origin, that another one is to have under the same name: the whole file list, in which what is not
/// among the contents need not state a digest, and the contents that there are.
/// </summary>
internal sealed record MirroredCommit(RepoType RepoType, string RepoId, string Commit, string Origin,
    IReadOnlyList<TreeEntry> Files, IReadOnlyList<MirroredContent> Contents)
{
    /// <summary>The beginning of <see cref="Message"/>. It stands in file lists on disk, so it never changes.</summary>
    public const string MessagePrefix = "mirrored from ";

    /// <summary>The name it has; null for none but its own.</summary>
    public string? Revision { get; init; }

    /// <summary>The name is moved from an older commit; else it is only given where there is none.</summary>
    public bool MovesRevision { get; init; }

    /// <summary>The reference that it was restored for; null for one that came in a bundle.</summary>
    public RepoReference? Reference { get; init; }

    /// <summary>
    /// Stands in the file list, so that nobody moves the names of another hub's repo, or of one that people push to.
    /// </summary>
    public string Message => MessagePrefix + Origin;

    /// <summary>False for the content of a URL, which has no place in a store but its digest.</summary>
    public bool HasName => !UrlReference.IsUrl(RepoId);

    public MirroredRevision Show() => new(RepoType, RepoId, Origin, Revision, Commit);
}

/// <summary>What a write to a mirror did.</summary>
internal sealed record MirrorOutcome(int Files, long Bytes, bool IsNewCommit, bool IsNewRevision)
{
    public bool HasChanged => Files > 0 || IsNewCommit || IsNewRevision;
}
