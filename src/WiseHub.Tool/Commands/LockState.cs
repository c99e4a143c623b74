namespace WiseHub.Tool.Commands;

/// <summary>How the commit of a lock file relates to that of the hub.</summary>
internal enum LockState
{
    Current,
    Outdated,
    NotLocked,

    /// <summary>It is a URL, whose commit is the digest of the content. Only a download tells it.</summary>
    NotChecked,
}
