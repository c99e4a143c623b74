using Microsoft.Win32.SafeHandles;
using WiseHub.Client.Files;
using WiseHub.Client.Store;

namespace WiseHub.Client.Hubs.HuggingFace;

/// <summary>
/// The cache of Hugging Face's own tools on this machine: <c>models--owner--name/blobs/&lt;etag&gt;</c>, where the etag is the
/// sha256 of an LFS file and the git id of any other (docs/protocols/huggingface.md#the-cache-of-its-tools). Read-only: mode and
/// mtime of its files belong to those tools, so no file is linked.
/// </summary>
internal sealed class HuggingFaceCache : IForeignCache
{
    private readonly Dictionary<string, string> _blobs = new(StringComparer.Ordinal);
    private readonly HashSet<string> _repos = new(StringComparer.Ordinal);
    private readonly IHubLog _log;

    /// <summary>Lists the cache once, and remembers its blobs of the wanted files.</summary>
    public HuggingFaceCache(Func<string, string?> environment, IHubLog log, IEnumerable<TreeEntry> wanted)
    {
        (_log, Root) = (log, HuggingFaceFolders.HubCache(environment));
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (TreeEntry file in wanted)
        {
            if (file.Sha256 is Digest sha256)
                names.Add(sha256.Hex);
            if (file.Oid is not null)
                names.Add(file.Oid);
        }
        List(names);
    }

    public string Name => (Text)$"the Hugging Face cache";

    public string Root { get; }

    /// <summary>
    /// Finds a file by its digest, in any repo; otherwise by its path in the snapshot of its commit, because a lock file has no
    /// git ids. The size is right; the caller verifies the bytes.
    /// </summary>
    /// <returns>A readable file, or null.</returns>
    public string? Find(LockKey key, string commit, TreeEntry file, IEnumerable<HubDefinition> hubs)
    {
        if ((file.Sha256 is Digest sha256 && _blobs.TryGetValue(sha256.Hex, out string? path))
            || (file.Oid is not null && _blobs.TryGetValue(file.Oid, out path)))
            return Usable(path, file.Size);
        // Without a digest or a git id, the bytes could not be verified.
        if (file is { Sha256: null, Oid: null })
            return null;
        string repo = $"{key.RepoType.ToPlural()}--{key.RepoId.Replace("/", "--", StringComparison.Ordinal)}";
        if (!_repos.Contains(repo))
            return null;
        path = Path.Combine(Root, repo, "snapshots", commit, file.Path.Replace('/', Path.DirectorySeparatorChar));
        return File.Exists(path) ? Usable(path, file.Size) : null;
    }

    private void List(HashSet<string> names)
    {
        try
        {
            if (!Directory.Exists(Root))
                return;
            foreach (string repo in Directory.EnumerateDirectories(Root, "*--*"))
            {
                _repos.Add(Path.GetFileName(repo));
                string blobs = Path.Combine(repo, "blobs");
                if (!Directory.Exists(blobs))
                    continue;
                foreach (string blob in Directory.EnumerateFiles(blobs))
                {
                    if (names.Contains(Path.GetFileName(blob)))
                        _blobs.TryAdd(Path.GetFileName(blob), blob);
                }
            }
        }
        catch (Exception e) when (IoFailures.IsFileSystem(e))
        {
            _log.Detail((Text)$"{Root} was not searched completely: {e.Message}");
        }
    }

    private string? Usable(string path, long? size)
    {
        try
        {
            string file = File.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName ?? path;
            if (!FileIdentity.IsRegular(file))
            {
                _log.Detail((Text)$"{path} in {Name} is not a regular file.");
                return null;
            }
            using SafeFileHandle handle = File.OpenHandle(file, FileMode.Open, FileAccess.Read,
                FileShare.ReadWrite | FileShare.Delete);
            long length = RandomAccess.GetLength(handle);
            if (size is null || length == size)
                return file;
            _log.Info(HuggingFaceMessages.WrongSizeInCache(path, Name, length, size));
            return null;
        }
        catch (Exception e) when (IoFailures.IsFileSystem(e))
        {
            _log.Detail((Text)$"{path} in {Name} cannot be read: {e.Message}");
            return null;
        }
    }
}
