namespace WiseHub.Tool.Commands;

/// <summary>How the commit of a lock file relates to that of the hub.</summary>
internal enum LockState
{
    Current,
    Outdated,
    NotLocked,

    /// <summary>The hub was not asked, because the revision is a commit or the hub cannot be reached.</summary>
    NotChecked,
}
