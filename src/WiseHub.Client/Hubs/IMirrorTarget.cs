namespace WiseHub.Client.Hubs;

/// <summary>A hub to which commits of other hubs are written.</summary>
internal interface IMirrorTarget
{
    HubDefinition Definition { get; }

    /// <summary>Finds the complete file list of a commit; null if the target does not have it.</summary>
    /// <exception cref="HubException">WISE2xxx or WISE3xxx: the target cannot be read.</exception>
    Task<IReadOnlyList<TreeEntry>?> FindListAsync(RepoReference reference, string commit, CancellationToken cancel);

    /// <summary>Writes a commit, except the parts that exist already.</summary>
    /// <exception cref="HubException">
    /// WISE3060: the target has this commit with different contents; WISE3064: the target cannot hold it; or a code of the
    /// file system or of the bucket.
    /// </exception>
    Task<MirrorOutcome> WriteAsync(MirroredCommit commit, CancellationToken cancel);
}
