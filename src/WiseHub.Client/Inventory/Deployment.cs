using WiseHub.Client.Files;
using WiseHub.Client.Inventory;

namespace WiseHub.Client;

/// <summary>
/// Compares a deployed program with its lock file: an output folder, a publish folder, or the folder of a container layer. It
/// needs neither an SDK nor a network nor a cache, and reads only the files that may be locked ones.
/// </summary>
public static class Deployment
{
    /// <summary>
    /// Finds the locked files in a folder, wherever the program has them, and compares their contents by sha256.
    /// </summary>
    /// <param name="folder">The folder with the program.</param>
    /// <param name="entries">The locked references that the program uses.</param>
    /// <param name="options">What is permitted; null for nothing.</param>
    /// <param name="cancel">Ends it.</param>
    /// <exception cref="HubException">WISE6053: the folder cannot be read.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public static DeploymentReport Verify(string folder, IReadOnlyList<LockEntry> entries, DeploymentOptions? options = null,
        CancellationToken cancel = default)
    {
        string root = Path.GetFullPath(folder);
        try
        {
            if (!Directory.Exists(root))
                throw InventoryMessages.NotDeployed(root);
            return new DeploymentCheck(DeployedFiles.Read(root), options ?? new DeploymentOptions(), cancel).Run(entries);
        }
        catch (Exception e) when (IoFailures.IsFileSystem(e))
        {
            throw InventoryMessages.DeploymentUnreadable(root, e);
        }
    }
}
