namespace WiseHub.Client;

/// <summary>The ways to place a file of the store.</summary>
public enum LinkMode
{
    /// <summary>Clone if the file system can, else hard link, else copy.</summary>
    Auto,
    /// <summary>Copy-on-write clone, else copy.</summary>
    Clone,
    /// <summary>Hard link, else copy.</summary>
    Hardlink,
    /// <summary>Symbolic link, else copy. Never chosen automatically.</summary>
    Symlink,
    /// <summary>A copy.</summary>
    Copy,
}
