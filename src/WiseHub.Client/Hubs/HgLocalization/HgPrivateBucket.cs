using WiseHub.Client.Hubs.S3;

namespace WiseHub.Client.Hubs.HgLocalization;

/// <summary>The part of a bucket that needs credentials.</summary>
internal sealed class HgPrivateBucket(HgSettings settings, Bucket bucket)
{
    private HgLayout Layout => settings.Layout;

    /// <summary>Finds a copy; null without a marker.</summary>
    /// <exception cref="HubException">WISE2050, WISE2051, WISE3040, or an error of the server.</exception>
    public async Task<HgCopy?> FindAsync(HgCopyName name, CancellationToken cancel)
    {
        string prefix = name.KeyPrefix(Layout) + "/", where = WhereOf(name);
        IReadOnlyDictionary<string, BucketObject> objects = await ListAsync(name, cancel).ConfigureAwait(false);
        List<HgFile> listing =
            [.. objects.Values.Where(o => HgFile.IsContent(o.Key)).Select(o => new HgFile(o.Key, o.Size, null, o.ETag))];
        IReadOnlyList<HgFile> files = listing;
        HgPresence presence = HgPresence.Whole;
        string? commit = null;
        if (objects.ContainsKey(HgChecksums.FileName))
        {
            byte[] bytes = await ReadAsync(HgChecksums.FileName).ConfigureAwait(false)
                ?? throw HgMessages.Incomplete(where, (Text)$"'{HgChecksums.FileName}' was deleted meanwhile");
            HgChecksums checksums = HgChecksums.Parse(bytes, where + HgChecksums.FileName);
            (files, commit) = (checksums.Complete(name, listing, where), checksums.Commit);
        }
        else
        {
            presence = await HgMarkers.LookAsync(name.Type,
                listing.Select(f => f.Path).ToHashSet(StringComparer.Ordinal), where, ReadAsync).ConfigureAwait(false);
            if (presence == HgPresence.None)
                return null;
            // Without our checksum file, only the index names the copy in this folder.
            if (await IndexAsync(name.Type, cancel).ConfigureAwait(false) is (HgManifest index, _)
                && index.Find(name, Layout) is null && index.FindFolder(name, Layout) is HgEntry other)
                throw HgMessages.OfAnother(name, other.Name, where);
        }
        return new HgCopy(name, where, presence, files, (path, _) => Task.FromResult(bucket.Locate(prefix + path)))
        { MirroredCommit = commit };

        async Task<byte[]?> ReadAsync(string path) =>
            objects.ContainsKey(path)
                ? (await bucket.GetAsync(prefix + path, HgChecksums.MaxBytes, cancel).ConfigureAwait(false))?.Content : null;
    }

    /// <summary>The objects in the folder of a copy, by their path in it.</summary>
    public async Task<IReadOnlyDictionary<string, BucketObject>> ListAsync(HgCopyName name, CancellationToken cancel)
    {
        string prefix = name.KeyPrefix(Layout) + "/";
        var objects = new Dictionary<string, BucketObject>(StringComparer.Ordinal);
        // Some tools create an object for a folder, whose key ends in '/'.
        await foreach (BucketObject found in bucket.Client.ListAsync(prefix, cancel).ConfigureAwait(false))
        {
            if (!found.Key.EndsWith('/') && found.Key.StartsWith(prefix, StringComparison.Ordinal))
                objects[found.Key[prefix.Length..]] = found with { Key = found.Key[prefix.Length..] };
        }
        return objects;
    }

    /// <summary>The checksum file of a copy; null if there is none.</summary>
    /// <exception cref="HubException">WISE3040, or an error of the server.</exception>
    public async Task<HgChecksums?> ChecksumsAsync(HgCopyName name, CancellationToken cancel)
    {
        string key = $"{name.KeyPrefix(Layout)}/{HgChecksums.FileName}";
        return await bucket.GetAsync(key, HgChecksums.MaxBytes, cancel).ConfigureAwait(false) is (byte[] bytes, _)
            ? HgChecksums.Parse(bytes, Urls.Show(bucket.PublicUrl(key))) : null;
    }

    /// <summary>The private index with its ETag; null if there is none.</summary>
    /// <exception cref="HubException">WISE2050, or an error of the server.</exception>
    public async Task<(HgManifest Index, string? ETag)?> IndexAsync(RepoType type, CancellationToken cancel)
    {
        string key = Layout.PrivateKey(type);
        return await bucket.GetAsync(key, HgManifest.MaxBytes, cancel).ConfigureAwait(false) is var (content, etag)
            ? (HgManifest.Parse(content, type, Urls.Show(bucket.PublicUrl(key))), etag) : null;
    }

    /// <summary>
    /// Finds copies by their markers, for a bucket without an index. Lists every key of the bucket, and guesses the ids.
    /// </summary>
    public async Task<IReadOnlyList<HgCopyInfo>> ScanAsync(RepoType type, CancellationToken cancel)
    {
        var found = new HashSet<HgCopyInfo>();
        int levels = type == RepoType.Dataset ? 3 : 2;
        await foreach (BucketObject item in bucket.Client.ListAsync(
            type == RepoType.Dataset ? "" : "models/", cancel).ConfigureAwait(false))
        {
            string[] parts = item.Key.Split('/');
            if (type == RepoType.Model)
                parts = parts[1..];
            bool isMarker = parts.Length == levels + 1
                && (type == RepoType.Dataset ? parts[^1] is HgMarkers.Info or HgMarkers.Dict or HgChecksums.FileName
                    && Layout.RejectFolder(parts[0]) is null
                    : parts[^1] is HgMarkers.ModelConfig or HgMarkers.ModelCard or HgChecksums.FileName);
            if (isMarker)
                found.Add(HgCopyInfo.FromFolders(type, parts[..levels], Layout, isPublic: false));
        }
        return HgCopyInfo.Sorted(found);
    }

    public string WhereOf(HgCopyName name) => Urls.Show(bucket.PublicUrl(name.KeyPrefix(Layout) + "/"));
}
