using Microsoft.Win32.SafeHandles;
using WiseHub.Client.Contents;
using WiseHub.Client.Files;
using WiseHub.Client.Store;

namespace WiseHub.Client.Hubs.Wisemodel;

/// <summary>
/// Files that Wisemodel's own tool left on this machine: <c>~/.cache/wisemodel/{owner}_{name}/&lt;path&gt;</c>, or with the type
/// before it where git brought them (docs/protocols/wisemodel.md#contents). The folder says neither type nor branch, so that a
/// file there is only a candidate: size and digest decide. They are only ever read.
/// </summary>
internal sealed class WisemodelCache(Func<string, string?> environment, IHubLog log) : IForeignCache
{
    public string Name => "the Wisemodel cache";

    public string Root { get; } = Path.Combine(UserFolders.Home(environment), ".cache", "wisemodel");

    /// <returns>A file of the right size, or where only the git id is known, of that; null where there is none.</returns>
    public string? Find(LockKey key, string commit, TreeEntry file, IEnumerable<HubDefinition> hubs)
    {
        // Its folders say only owner and name, so other hubs' repos of that name are not looked for.
        if (!hubs.Any(h => h.Settings is WisemodelSettings))
            return null;
        // Whatever comes from there must have something to be verified by.
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
            log.Detail($"{path} in {Name} cannot be read: {e.Message}");
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
