using System.Collections.Concurrent;
using WiseHub.Client.Files;
using WiseHub.Client.Hubs.S3;
using WiseHub.Client.Store;

namespace WiseHub.Client.Hubs.Store;

/// <summary>Lists the commits and contents of a store in a folder or a bucket.</summary>
internal sealed class StoreLister(StoreHub hub)
{
    private const int ParallelRequests = 8;

    // The limit for the file list of a hub.
    private const int MostTextBytes = 1 << 30;

    /// <exception cref="HubException">WISE3005, WISE3006, or a code of the file system or of the bucket.</exception>
    public Task<MirrorListing> ListAsync(CancellationToken cancel) =>
        hub.Bucket is Bucket bucket ? OfBucketAsync(bucket, cancel) : Task.FromResult(OfFolder(cancel));

    private async Task<MirrorListing> OfBucketAsync(Bucket bucket, CancellationToken cancel)
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
            new ParallelOptions { MaxDegreeOfParallelism = ParallelRequests, CancellationToken = cancel }, async (path, token) =>
            {
                // Null: removed since the listing.
                if (await bucket.GetAsync(path, MostTextBytes, token).ConfigureAwait(false) is (byte[] content, _))
                    texts[path] = content;
            }).ConfigureAwait(false);
        return StoreListing.Of(texts.Keys, path => texts[path], there, cancel);
    }

    private MirrorListing OfFolder(CancellationToken cancel)
    {
        try
        {
            Dictionary<string, Digest> there = hub.Blobs().All().Select(b => b.Digest)
                .ToDictionary(d => d.Hex, StringComparer.Ordinal);
            IEnumerable<string> paths = Directory.EnumerateFiles(hub.Folder!, "*",
                new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.ReparsePoint })
                .Select(f => Path.GetRelativePath(hub.Folder!, f).Replace('\\', '/'));
            return StoreListing.Of(paths, path => ContendedFiles.OfSystem.Read(Path.Combine(hub.Folder!,
                path.Replace('/', Path.DirectorySeparatorChar))), there, cancel);
        }
        catch (Exception e) when (IoFailures.IsFileSystem(e))
        {
            throw IoFailures.ToHubException(e, StoreHubMessages.NotListable(hub.Definition));
        }
    }
}
