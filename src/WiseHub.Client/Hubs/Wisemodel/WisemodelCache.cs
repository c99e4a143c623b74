using Microsoft.Win32.SafeHandles;
using WiseHub.Client.Contents;
using WiseHub.Client.Files;
using WiseHub.Client.Store;

namespace WiseHub.Client.Hubs.Wisemodel;

/// <summary>
/// The cache of Wisemodel's own tool on this machine: <c>~/.cache/wisemodel/{owner}_{name}/&lt;path&gt;</c>, with the type in
/// front if git cloned it (docs/protocols/wisemodel.md#contents). The folder names neither type nor branch, so a file there is
/// only a candidate: size and digest decide. Read-only.
/// </summary>
internal sealed class WisemodelCache(Func<string, string?> environment, IHubLog log) : IForeignCache
{
    public string Name => (Text)$"the Wisemodel cache";

    public string Root { get; } = Path.Combine(UserFolders.Home(environment), ".cache", "wisemodel");

    /// <returns>A file of the right size, or of the right git id if no sha256 is known; null for none.</returns>
    public string? Find(LockKey key, string commit, TreeEntry file, IEnumerable<HubDefinition> hubs)
    {
        // Its folders name only owner and repo, so repos of other hubs are not searched there.
        if (!hubs.Any(h => h.Settings is WisemodelSettings))
            return null;
        // Without a digest or a git id, the bytes could not be verified.
        if (file is { Sha256: null, Oid: null } || key.RepoId.Split('/') is not [string owner, string name])
            return null;
        foreach (string folder in (ReadOnlySpan<string>)[$"{owner}_{name}", $"{key.RepoType.ToPlural()}_{owner}_{name}"])
        {
            string path = Path.Combine(Root, folder, file.Path.Replace('/', Path.DirectorySeparatorChar));
            if (IsUsable(path, file))
                return path;
        }
        return null;
    }

    private bool IsUsable(string path, TreeEntry file)
    {
        try
        {
            if (!File.Exists(path) || !FileIdentity.IsRegular(path))
                return false;
            using SafeFileHandle handle = File.OpenHandle(path, FileMode.Open, FileAccess.Read,
                FileShare.ReadWrite | FileShare.Delete);
            long length = RandomAccess.GetLength(handle);
            return file.Sha256 is not null ? file.Size == length : GitOidOf(handle, length) == file.Oid;
        }
        catch (Exception e) when (IoFailures.IsFileSystem(e))
        {
            log.Detail((Text)$"{path} in {Name} cannot be read: {e.Message}");
            return false;
        }
    }

    private static string GitOidOf(SafeFileHandle handle, long length)
    {
        using var hash = new ContentHash(length);
        byte[] buffer = new byte[81920];
        int read;
        for (long at = 0; (read = RandomAccess.Read(handle, buffer, at)) > 0; at += read)
            hash.Append(buffer.AsSpan(0, read));
        return hash.Finish().GitOid!;
    }
}
