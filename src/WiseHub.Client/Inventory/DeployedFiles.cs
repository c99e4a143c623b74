using System.Collections.Concurrent;
using WiseHub.Client.Store;

namespace WiseHub.Client.Inventory;

/// <summary>The files of a deployed program. Each is hashed at most once, and only when its content matters.</summary>
internal sealed class DeployedFiles
{
    private readonly Dictionary<string, long> _sizes;
    private readonly ConcurrentDictionary<string, Digest> _digests = new(StringComparer.Ordinal);

    private DeployedFiles(string root, Dictionary<string, long> sizes)
    {
        (Root, _sizes) = (root, sizes);
        ByName = sizes.Keys.ToLookup(p => p[(p.LastIndexOf('/') + 1)..], StringComparer.Ordinal);
        BySize = sizes.ToLookup(f => f.Value, f => f.Key);
    }

    /// <summary>The absolute path of the folder.</summary>
    public string Root { get; }

    /// <summary>The relative paths of all files, with <c>/</c>.</summary>
    public IEnumerable<string> Paths => _sizes.Keys;

    /// <summary>The paths by the last part of their names.</summary>
    public ILookup<string, string> ByName { get; }

    /// <summary>The paths by the sizes of the files.</summary>
    public ILookup<long, string> BySize { get; }

    /// <exception cref="IOException">The folder cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">The same.</exception>
    public static DeployedFiles Read(string root) => new(root, ProgramFolder.NamesIn(root)
        .ToDictionary(n => n, n => FileStamp.Of(Path.Combine(root, n))?.Size ?? -1, StringComparer.Ordinal));

    /// <summary>Says whether a file has a size.</summary>
    public bool HasSize(string path, long size) => _sizes.TryGetValue(path, out long found) && found == size;

    /// <summary>Says whether a file has a content. A file of another size is not read.</summary>
    public bool Has(string path, long size, Digest sha256, CancellationToken cancel) =>
        HasSize(path, size) && DigestOf(path, cancel) == sha256;

    /// <summary>Says whether there is a file of a path.</summary>
    public bool Contains(string path) => _sizes.ContainsKey(path);

    /// <summary>The digest of a file.</summary>
    public Digest DigestOf(string path, CancellationToken cancel) =>
        _digests.GetOrAdd(path, p => BlobStore.HashFile(Path.Combine(Root, p), cancel));
}
