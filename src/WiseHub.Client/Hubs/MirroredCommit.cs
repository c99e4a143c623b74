namespace WiseHub.Client.Hubs;

/// <summary>A content on this machine, verified when it was downloaded.</summary>
internal sealed record MirroredContent(Digest Sha256, long Size, string Path);

/// <summary>
/// A commit of one hub, the origin, to be written to another hub under the same name. It has the complete file list and the
/// contents on this machine; other files of the list need not state a digest.
/// </summary>
internal sealed record MirroredCommit(RepoType RepoType, string RepoId, string Commit, string Origin,
    IReadOnlyList<TreeEntry> Files, IReadOnlyList<MirroredContent> Contents)
{
    /// <summary>The beginning of <see cref="Message"/>. It stands in file lists on disk, so it never changes.</summary>
    public const string MessagePrefix = "mirrored from ";

    /// <summary>The branch or tag of the commit; null for none.</summary>
    public string? Revision { get; init; }

    /// <summary>An existing revision is moved from an older commit; else it is only created if it is missing.</summary>
    public bool MovesRevision { get; init; }

    /// <summary>The reference of the restore; null for a commit of a bundle.</summary>
    public RepoReference? Reference { get; init; }

    /// <summary>
    /// The message in the file list. By it, a mirror does not move revisions of another hub's repo, or of a repo with pushes.
    /// </summary>
    public string Message => MessagePrefix + Origin;

    /// <summary>False for the content of a URL, which a store keeps by its digest only.</summary>
    public bool HasName => !UrlReference.IsUrl(RepoId);

    public MirroredRevision Show() => new(RepoType, RepoId, Origin, Revision, Commit);
}

/// <summary>The result of a write to a mirror.</summary>
internal sealed record MirrorOutcome(int Files, long Bytes, bool IsNewCommit, bool IsNewRevision)
{
    public bool HasChanged => Files > 0 || IsNewCommit || IsNewRevision;
}
