using System.Net;
using System.Text;
using WiseHub.Client.Archives;
using WiseHub.Client.Files;
using WiseHub.Client.Http;
using WiseHub.Client.Hubs.S3;
using WiseHub.Client.Store;
using WiseHub.Client.Transfer;

namespace WiseHub.Client.Hubs.HgLocalization;

/// <summary>The public part of a bucket: a manifest, and an archive for each dataset. Plain GET, no credentials.</summary>
/// <param name="settings">The names of the keys.</param>
/// <param name="bucket">The URLs of the objects.</param>
/// <param name="context">Connections, cache and log of the client. The hub's token is not used.</param>
internal sealed class HgPublicBucket(HgSettings settings, Bucket bucket, IHubContext context)
{
    private readonly HubConnection _connection = context.Connect(settings.Definition);
    private readonly string _cacheFolder = context.Store.ForHub(settings.Definition).Root;

    // The default limit of compression is enough: Arrow files of many equal values reach a tenth of deflate's maximum.
    private static readonly ArchiveRules Rules = new() { SkipLinks = false };

    private string Hub => settings.Definition.Name;

    /// <summary>The URL of an object below the prefix.</summary>
    public Uri AddressOf(string key) => bucket.PublicUrl(key);

    /// <summary>Reads the manifest of the published copies; null if it is missing or not readable.</summary>
    /// <exception cref="HubException">WISE2050, or what the server says.</exception>
    public async Task<HgManifest?> ManifestAsync(RepoType type, CancellationToken cancel)
    {
        Uri uri = AddressOf(settings.Layout.PublicKey(type));
        string kept = Path.Combine(_cacheFolder, "manifests", type.ToPlural());
        (string? etag, byte[] body) = ReadKept(kept, uri);
        // Signed if there are keys, because some servers refuse anonymous requests.
        using HubResponse response = await _connection.SendAsync(new HubRequest(bucket.Url(settings.Layout.PublicKey(type)))
        { IfNoneMatch = etag }, null, HgManifest.MaxBytes, cancel).ConfigureAwait(false);
        switch (response.Status)
        {
            case HttpStatusCode.NotModified when etag is not null:
                return HgManifest.Parse(body, type, Urls.Show(uri));
            // Without permission to list the bucket, S3 answers "forbidden" for a missing object.
            case HttpStatusCode.NotFound or HttpStatusCode.Forbidden:
                return null;
            // Swift answers the same with these.
            case HttpStatusCode.BadRequest or HttpStatusCode.Unauthorized when bucket.IsAnonymous:
                return null;
            case HttpStatusCode.OK:
                HgManifest manifest = HgManifest.Parse(response.Body, type, Urls.Show(uri));
                if (response.Header("ETag") is string tag)
                    Keep(kept, uri, tag, response.Body);
                return manifest;
            default:
                throw await ReadErrorAsync(response, cancel).ConfigureAwait(false);
        }
    }

    /// <summary>Finds a copy. Its archive is downloaded, because the list of its files is at its end.</summary>
    /// <returns>Null if the manifest does not list it.</returns>
    /// <exception cref="HubException">WISE2050, WISE3003, WISE3004, WISE303x, WISE3040, or what the server says.</exception>
    public async Task<HgCopy?> FindAsync(HgCopyName name, IHubRun run, CancellationToken cancel)
    {
        if (await ManifestAsync(name.Type, cancel).ConfigureAwait(false) is not HgManifest manifest
            || manifest.Find(name, settings.Layout) is not HgEntry entry)
            return null;
        Uri list = AddressOf(settings.Layout.PublicKey(name.Type));
        if (entry.Text("s3_bucket") is string named && named != settings.Bucket!.Name)
        {
            context.Log.Warning(WiseCodes.HgManifestOtherBucket,
                HgMessages.OtherBucketInManifest(name, list, Printable(named), settings.Bucket.Name, Hub));
        }
        return name.Type == RepoType.Dataset ? await ArchiveAsync(name, entry, list, run, cancel).ConfigureAwait(false)
            : await CardAsync(name, entry, cancel).ConfigureAwait(false);
    }

    private async Task<HgCopy> ArchiveAsync(
        HgCopyName name, HgEntry entry, Uri list, IHubRun run, CancellationToken cancel)
    {
        if (entry.Text("s3_zip_key") is not { Length: > 0 } key || PathRules.Reject(key) is not null)
            throw HgMessages.EntryWithoutArchive(name, list);
        Uri uri = AddressOf(key);
        string what = Urls.Show(uri);
        (string? etag, long? size) = await LookAsync(name, uri, cancel).ConfigureAwait(false);
        Digest digest = default;
        ArchiveFile archive = await run.Archives.OpenAsync($"{Hub} {what} {etag} {size}", what, Rules, async token =>
        {
            (digest, string path) = await FetchAsync(name, uri, etag, size, run, token).ConfigureAwait(false);
            return path;
        }, cancel).ConfigureAwait(false);
        // An archive that was open already has its digest in its path: blobs/<2>/<62>.
        string mark = digest != default ? digest.Hex
            : Path.GetFileName(Path.GetDirectoryName(archive.Path)) + Path.GetFileName(archive.Path);
        List<HgFile> listing = [.. archive.Entries.Where(e => HgFile.IsContent(e.Path))
            .Select(e => new HgFile(e.Path, e.Size, null, $"{mark} {e.Path}"))];
        IReadOnlyList<HgFile> files = listing;
        string? commit = null;
        if (archive.Find(HgChecksums.FileName) is ArchiveEntry entryOfOurs)
        {
            HgChecksums checksums = HgChecksums.Parse(await ReadEntryAsync(archive, entryOfOurs, cancel).ConfigureAwait(false),
                $"{what} {HgChecksums.FileName}");
            (files, commit) = (checksums.Complete(name, listing, what), checksums.Commit);
        }
        else if (await HgMarkers.LookAsync(name.Type, listing.Select(f => f.Path)
            .ToHashSet(StringComparer.Ordinal), what, ReadAsync).ConfigureAwait(false) == HgPresence.None)
            throw HgMessages.Incomplete(what, (Text)$"it has neither {HgMarkers.Info} nor {HgMarkers.Dict}");
        return new HgCopy(name, what, HgPresence.Whole, files, (path, _) => Task.FromResult(Locate(path)))
        { IsPublic = true, MirroredCommit = commit };

        BlobLocation Locate(string path) => archive.Find(path) is ArchiveEntry found
            ? new BlobLocation
            {
                Hub = Hub,
                Inside = $"'{path}' in {what}",
                Open = _ => Task.FromResult(archive.OpenEntry(found)),
                WasFetched = true
            }
            : throw HgMessages.NotInArchive(name, what, path);

        async Task<byte[]?> ReadAsync(string path) =>
            archive.Find(path) is ArchiveEntry found ? await ReadEntryAsync(archive, found, cancel).ConfigureAwait(false) : null;
    }

    private static async Task<byte[]> ReadEntryAsync(ArchiveFile archive, ArchiveEntry entry, CancellationToken cancel)
    {
        if (entry.Size > HgMarkers.MaxBytes)
            throw HgMessages.Incomplete(archive.What, HgMessages.TooLargeForList(entry.Path, entry.Size));
        using Stream content = archive.OpenEntry(entry);
        byte[] bytes = new byte[entry.Size];
        await content.ReadExactlyAsync(bytes, cancel).ConfigureAwait(false);
        return bytes;
    }

    // The weights of a public model stay private (docs/protocols/hg-localization.md#the-bucket). Card and configuration have
    // keys of their own.
    private async Task<HgCopy?> CardAsync(HgCopyName name, HgEntry entry, CancellationToken cancel)
    {
        var files = new List<HgFile>();
        foreach ((string path, string key) in ((string, string)[])[(HgMarkers.ModelCard, "model_card_url"),
            (HgMarkers.ModelConfig, "model_config_url")])
        {
            // The URL is made from the settings of the hub, because one in the manifest may be of another server.
            if (entry.Text(key) is null)
                continue;
            using HubResponse response = await _connection.SendAsync(
                new HubRequest(FileAddress(name, path)) { IsHead = true }, null, 0, cancel).ConfigureAwait(false);
            if (!response.IsSuccess)
                throw await ReadErrorAsync(response, cancel).ConfigureAwait(false);
            files.Add(new HgFile(path, response.ContentHeaders.ContentLength ?? 0, null, response.Header("ETag") ?? ""));
        }
        return files.Count == 0 ? null : new HgCopy(name, Urls.Show(FileAddress(name, "")), HgPresence.Metadata, files,
            (path, _) => Task.FromResult(new BlobLocation
            {
                Hub = Hub,
                Uri = FileAddress(name, path),
                ReadError = ReadErrorAsync
            }))
        { IsPublic = true };
    }

    private Uri FileAddress(HgCopyName name, string path) => AddressOf($"{name.KeyPrefix(settings.Layout)}/{path}");

    // The ETag tells whether the archive in the cache is current.
    private async Task<(string? ETag, long? Size)> LookAsync(HgCopyName name, Uri uri, CancellationToken cancel)
    {
        using HubResponse response = await _connection.SendAsync(new HubRequest(uri) { IsHead = true }, null, 0,
            cancel).ConfigureAwait(false);
        if (response.Status is HttpStatusCode.NotFound or HttpStatusCode.Forbidden)
            throw HgMessages.ArchiveMissing(name, uri);
        return response.IsSuccess ? (response.Header("ETag"), response.ContentHeaders.ContentLength)
            : throw await ReadErrorAsync(response, cancel).ConfigureAwait(false);
    }

    private async Task<(Digest, string)> FetchAsync(
        HgCopyName name, Uri uri, string? etag, long? size, IHubRun run, CancellationToken cancel)
    {
        string kept = Path.Combine(_cacheFolder, "archives", Path.GetFileName(uri.AbsolutePath));
        (string? known, byte[] body) = ReadKept(kept, uri);
        Digest? digest = etag is not null && etag == known && Digest.TryParse(Encoding.ASCII.GetString(body), out Digest before)
            ? before : null;
        var blob = new WantedBlob((Text)$"{name}, as an archive", size, digest, null,
            [new BlobSource(Hub, _ => Task.FromResult(new BlobLocation { Hub = Hub, Uri = uri, ReadError = ReadErrorAsync }))]);
        (Digest sha256, string path) = await run.FetchAsync(blob, cancel).ConfigureAwait(false);
        if (etag is not null && digest is null)
            Keep(kept, uri, etag, Encoding.ASCII.GetBytes(sha256.Hex));
        return (sha256, path);
    }

    private async Task<HubException> ReadErrorAsync(HubResponse response, CancellationToken cancel)
    {
        S3Error error = await S3Error.ReadAsync(response, cancel).ConfigureAwait(false);
        return error.Explain(settings.Definition, response.Uri, bucket.Access, null, context.Time.GetUtcNow());
    }

    // The first line is the URL, the second the ETag, then comes the body. A damaged file counts as missing.
    private static (string? ETag, byte[] Body) ReadKept(string file, Uri uri)
    {
        try
        {
            byte[] bytes = File.Exists(file) ? ContendedFiles.OfSystem.Read(file) : [];
            int first = Array.IndexOf(bytes, (byte)'\n'), second = first < 0 ? -1 : Array.IndexOf(bytes, (byte)'\n', first + 1);
            return second >= 0 && Encoding.UTF8.GetString(bytes, 0, first) == Urls.Show(uri)
                ? (Encoding.UTF8.GetString(bytes, first + 1, second - first - 1), bytes[(second + 1)..]) : (null, []);
        }
        catch (Exception e) when (IoFailures.IsFileSystem(e))
        {
            throw IoFailures.ToHubException(e, HgMessages.CacheUnreadable(file));
        }
    }

    private static void Keep(string file, Uri uri, string etag, byte[] body)
    {
        try
        {
            AtomicFile.Write(file, [.. Encoding.UTF8.GetBytes($"{Urls.Show(uri)}\n{etag.Replace('\n', ' ')}\n"), .. body]);
        }
        catch (Exception e) when (IoFailures.IsFileSystem(e))
        {
            throw IoFailures.ToHubException(e, HgMessages.CacheNotWritable(file));
        }
    }

    private static string Printable(string text) => string.Concat(text.Take(100).Select(c => char.IsControl(c) ? '\uFFFD' : c));
}
