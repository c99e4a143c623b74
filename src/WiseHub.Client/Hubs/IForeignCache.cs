namespace WiseHub.Client.Hubs;

/// <summary>
/// The cache of another tool. Its files are verified like downloads before use, and never changed.
/// </summary>
internal interface IForeignCache
{
    /// <summary>The name for messages.</summary>
    string Name { get; }

    /// <summary>The folder of the cache.</summary>
    string Root { get; }

    /// <summary>Finds the path of a file that may have the content; null for none.</summary>
    /// <param name="key">The repo that has the file.</param>
    /// <param name="commit">The commit.</param>
    /// <param name="file">The file.</param>
    /// <param name="hubs">The hubs that the repo may come from.</param>
    string? Find(LockKey key, string commit, TreeEntry file, IEnumerable<HubDefinition> hubs);
}
