namespace WiseHub.Client;

/// <summary>A reference of a project, and the lock file entry that it uses.</summary>
/// <param name="Project">Absolute path of the project.</param>
/// <param name="LockFile">Absolute path of the lock file.</param>
/// <param name="ConfigFile">Absolute path of the <c>wisehub.json</c> of the project; null if it has none.</param>
/// <param name="Alias">The name of the folder and of the class.</param>
/// <param name="Key">The key of the entry.</param>
/// <param name="Reference">
/// The repo, its hubs, its revision and the selection of files. What concerns neither is not recorded.
/// </param>
public sealed record UsedReference(
    string Project, string LockFile, string? ConfigFile, string Alias, LockKey Key, RepoReference Reference);
