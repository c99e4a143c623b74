namespace WiseHub.Client.Hubs;

/// <summary>
/// The cache of another tool. Its files are hashed like everything else before they are used, and only ever read.
/// </summary>
internal interface IForeignCache
{
    /// <summary>What it is called in messages.</summary>
    string Name { get; }

    /// <summary>Its folder.</summary>
    string Root { get; }

    /// <summary>The path of a file that may have the content; null for none.</summary>
    /// <param name="key">The repo that has the file.</param>
    /// <param name="commit">The commit.</param>
    /// <param name="file">The file.</param>
    /// <param name="hubs">The hubs that the repo may come from.</param>
    string? Find(LockKey key, string commit, TreeEntry file, IEnumerable<HubDefinition> hubs);
}
