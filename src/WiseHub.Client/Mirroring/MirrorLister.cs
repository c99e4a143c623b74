using System.Collections.Concurrent;
using WiseHub.Client.Files;
using WiseHub.Client.Hubs.S3;
using WiseHub.Client.Hubs.Store;
using WiseHub.Client.Store;

namespace WiseHub.Client.Mirroring;

/// <summary>What a store or a bundle has: reads names and file lists, no contents.</summary>
internal static class MirrorLister
{
    // Requests that wait for a server.
    private const int ReadAtOnce = 8;

    // As of a file list that a hub serves.
    private const int MostTextBytes = 1 << 30;

    /// <exception cref="HubException">WISE3005, WISE3006, or a code of the file system or of the bucket.</exception>
    public static Task<MirrorListing> OfStoreAsync(StoreHub hub, CancellationToken cancel) =>
        hub.Bucket is Bucket bucket ? OfBucketAsync(hub, bucket, cancel) : Task.FromResult(OfFolder(hub, cancel));

    private static async Task<MirrorListing> OfBucketAsync(StoreHub hub, Bucket bucket, CancellationToken cancel)
    {
        await hub.RequireStoreAsync(cancel).ConfigureAwait(false);
        var there = new Dictionary<string, Digest>(StringComparer.Ordinal);
        var paths = new List<string>();
        await foreach (BucketObject found in bucket.Client.ListAsync("", cancel).ConfigureAwait(false))
        {
            if (found.Key.Split('/') is ["blobs", string first, string rest] && Digest.TryParse(first + rest, out Digest digest)
                && BlobStore.RelativePath(digest) == found.Key)
                there[digest.Hex] = digest;
            else if (StorePath.Parse(found.Key) is not null)
                paths.Add(found.Key);
        }
        var texts = new ConcurrentDictionary<string, byte[]>(StringComparer.Ordinal);
        await Parallel.ForEachAsync(paths,
            new ParallelOptions { MaxDegreeOfParallelism = ReadAtOnce, CancellationToken = cancel }, async (path, token) =>
            {
                // Null: removed since it was listed.
                if (await bucket.GetAsync(path, MostTextBytes, token).ConfigureAwait(false) is (byte[] content, _))
                    texts[path] = content;
            }).ConfigureAwait(false);
        return List(texts.Keys, path => texts[path], there, cancel);
    }

    private static MirrorListing OfFolder(StoreHub hub, CancellationToken cancel)
    {
        try
        {
            Dictionary<string, Digest> there = hub.Blobs().All().Select(b => b.Digest)
                .ToDictionary(d => d.Hex, StringComparer.Ordinal);
            IEnumerable<string> paths = Directory.EnumerateFiles(hub.Folder!, "*",
                new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.ReparsePoint })
                .Select(f => Path.GetRelativePath(hub.Folder!, f).Replace('\\', '/'));
            return List(paths, path => ContendedFiles.OfSystem.Read(Path.Combine(hub.Folder!,
                path.Replace('/', Path.DirectorySeparatorChar))), there, cancel);
        }
        catch (Exception e) when (IoFailures.IsFileSystem(e))
        {
            throw IoFailures.ToHubException(e, $"The store '{hub.Definition.Name}' ({hub.Folder}) cannot be listed");
        }
    }

    /// <exception cref="HubException">WISE3061 or WISE3062.</exception>
    public static MirrorListing OfBundle(string bundle, CancellationToken cancel)
    {
        using var file = new FileStream(ContendedFiles.OfSystem.OpenRead(bundle), FileAccess.Read);
        using var tar = new System.Formats.Tar.TarReader(file);
        BundleManifest manifest = BundleReader.ReadManifest(tar, bundle);
        var texts = new Dictionary<string, byte[]>(StringComparer.Ordinal);
        string last = BundleManifest.Name;
        while (BundleReader.Next(tar, bundle, last) is { } entry)
        {
            cancel.ThrowIfCancellationRequested();
            if (StorePath.Parse(last = entry.Name) is not null
                && manifest.Files.Any(f => f.Path == entry.Name && f.Size == entry.Length))
                texts[entry.Name] = BundleReader.ReadAll(entry, bundle);
        }
        Dictionary<string, Digest> there = manifest.Files.Where(f => f.IsBlob).Select(f => f.Sha256)
            .ToDictionary(d => d.Hex, StringComparer.Ordinal);
        return List(texts.Keys, path => texts[path], there, cancel);
    }

    private static MirrorListing List(
        IEnumerable<string> paths, Func<string, byte[]> read, Dictionary<string, Digest> there, CancellationToken cancel)
    {
        List<StorePath> found = [.. paths.Select(StorePath.Parse).OfType<StorePath>()];
        ILookup<(RepoType, string, string), string> names = found.Where(p => !p.IsTree)
            .ToLookup(p => (p.RepoType, p.RepoId, System.Text.Encoding.ASCII.GetString(read(p.ToString())).Trim()), p => p.Name);
        var commits = new List<MirrorCommit>();
        foreach (StorePath path in found.Where(p => p.IsTree).OrderBy(p => p.ToString(), StringComparer.Ordinal))
        {
            cancel.ThrowIfCancellationRequested();
            IReadOnlyList<TreeEntry> files = TreeFile.Parse(read(path.ToString()), path.ToString()).Files;
            commits.Add(new MirrorCommit(path.RepoType, path.RepoId, path.Name,
                [.. names[(path.RepoType, path.RepoId, path.Name)].Order(StringComparer.Ordinal)],
                files.Count, files.Sum(f => f.Size ?? 0),
                files.Count(f => f.Sha256 is not Digest digest || !there.ContainsKey(digest.Hex))));
        }
        return new MirrorListing { Commits = commits, Digests = [.. there.Values.OrderBy(d => d.Hex, StringComparer.Ordinal)] };
    }
}
