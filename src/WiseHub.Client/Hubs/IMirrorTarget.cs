namespace WiseHub.Client.Hubs;

/// <summary>A hub that commits of other hubs are written to.</summary>
internal interface IMirrorTarget
{
    HubDefinition Definition { get; }

    /// <summary>Finds the whole file list of a commit, where the target has it; else null.</summary>
    /// <exception cref="HubException">WISE2xxx or WISE3xxx: the target cannot be read.</exception>
    Task<IReadOnlyList<TreeEntry>?> FindListAsync(RepoReference reference, string commit, CancellationToken cancel);

    /// <summary>Writes a commit. Nothing that is there already is written again.</summary>
    /// <exception cref="HubException">
    /// WISE3060: the target has this commit with other contents; WISE3064: the commit has no place there; or a code of the
    /// file system or of the bucket.
    /// </exception>
    Task<MirrorOutcome> WriteAsync(MirroredCommit commit, CancellationToken cancel);
}
