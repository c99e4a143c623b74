namespace WiseHub.Client;

/// <summary>How a file comes from the store to where it is used.</summary>
public enum LinkMode
{
    /// <summary>Clone where the file system can, else hard link, else copy.</summary>
    Auto,
    /// <summary>Copy-on-write clone, else copy.</summary>
    Clone,
    /// <summary>Hard link, else copy.</summary>
    Hardlink,
    /// <summary>Symbolic link, else copy. Never chosen by itself.</summary>
    Symlink,
    /// <summary>A copy.</summary>
    Copy,
}
