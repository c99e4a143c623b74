using WiseHub.Client.Hubs.Store;

namespace WiseHub.Client.Hubs;

/// <summary>Where commits of other hubs are written to.</summary>
internal interface IMirrorTarget
{
    HubDefinition Definition { get; }

    /// <summary>The store that it is, which may know whole file lists; null for what is none.</summary>
    StoreHub? Store { get; }

    /// <exception cref="HubException">
    /// WISE3060: what is there under this commit is something else; WISE3064: the commit has no place there; or a code of the
    /// file system or of the bucket.
    /// </exception>
    Task<MirrorOutcome> WriteAsync(MirroredCommit commit, CancellationToken cancel);
}
