using System.IO.Compression;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using WiseHub.Client.Files;
using WiseHub.Client.Http;
using WiseHub.Client.Hubs.S3;
using WiseHub.Client.Store;

namespace WiseHub.Client.Hubs.HgLocalization;

/// <summary>
/// Publishes a copy (docs/protocols/hg-localization.md#the-bucket): a dataset as an archive, a model's card and configuration.
/// The entry in the public manifest comes last, so that it names only objects that exist. An outdated archive is replaced.
/// </summary>
internal sealed class HgPublication(
    HgSettings settings, Bucket bucket, BucketUploads uploads, HgUpload upload, HubConnection connection, string temporaryFolder)
{
    // The earliest time of a zip entry: with it, the same files always give the same archive.
    private static readonly DateTimeOffset NoTime = new(1980, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private bool ByAcl => settings.Bucket!.PublicAccess == PublicAccess.Acl;

    /// <param name="name">The copy.</param>
    /// <param name="sources">All its files, by path.</param>
    /// <param name="where">Its origin, for messages.</param>
    /// <param name="cancel">Cancels the work.</param>
    /// <returns>The number of objects sent, and their bytes.</returns>
    /// <exception cref="HubException">WISE2050, WISE2051, WISE2055, WISE5050 to WISE5052, or an error of the server.</exception>
    public async Task<(int Objects, long Bytes)> PublishAsync(
        HgCopyName name, IReadOnlyDictionary<string, string> sources, string where, CancellationToken cancel)
    {
        string manifest = settings.Layout.PublicKey(name.Type);
        if (await bucket.GetAsync(manifest, HgManifest.MaxBytes, cancel).ConfigureAwait(false) is (byte[] bytes, _)
            && HgManifest.Parse(bytes, name.Type, Urls.Show(bucket.PublicUrl(manifest)))
                .FindFolder(name, settings.Layout) is HgEntry entry && !entry.Name.IsSame(name))
        {
            throw HgMessages.OfAnother(name, entry.Name, Urls.Show(bucket.PublicUrl(manifest)));
        }
        sources = HgUpload.WithCard(name.Type, sources);
        (int objects, long sent, JsonObject values) = name.Type == RepoType.Dataset
            ? await PublishArchiveAsync(name, sources, cancel).ConfigureAwait(false)
            : await PublishCardAsync(name, sources, where, cancel).ConfigureAwait(false);
        await upload.SetEntryAsync(name, manifest,
            new PutOptions { ContentType = "application/json", PublicRead = ByAcl }, values, cancel).ConfigureAwait(false);
        await RequirePublicAsync(name, manifest, cancel).ConfigureAwait(false);
        return (objects, sent);
    }

    private async Task<(int, long, JsonObject)> PublishArchiveAsync(
        HgCopyName name, IReadOnlyDictionary<string, string> sources, CancellationToken cancel)
    {
        string key = name.ZipKey(settings.Layout), archive = Path.Combine(temporaryFolder, TemporaryNames.New());
        Directory.CreateDirectory(temporaryFolder);
        try
        {
            await PackAsync(name, sources, archive, cancel).ConfigureAwait(false);
            long sent = await PutAsync(name, key, archive, "application/zip", cancel).ConfigureAwait(false);
            return (sent > 0 ? 1 : 0, sent, new JsonObject
            {
                ["dataset_id"] = name.Id,
                ["config_name"] = HgUpload.OrNull(name.Config),
                ["revision"] = HgUpload.OrNull(name.Revision),
                ["s3_zip_key"] = key,
                ["s3_bucket"] = settings.Bucket!.Name,
            });
        }
        finally
        {
            ContendedFiles.OfSystem.Discard(archive);
        }
    }

    // The other tool's archives also name the bucket; ours have the checksum file instead.
    private static async Task PackAsync(
        HgCopyName name, IReadOnlyDictionary<string, string> sources, string archive, CancellationToken cancel)
    {
        var files = new Dictionary<string, HgChecksums.Entry>(StringComparer.Ordinal);
        var zip = new ZipArchive(new FileStream(archive, FileMode.CreateNew), ZipArchiveMode.Create);
        await using (zip.ConfigureAwait(false))
        {
            foreach ((string path, string source) in sources.OrderBy(s => s.Key, Utf8Ordinal.Instance))
            {
                using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
                long size = 0;
                ZipArchiveEntry entry = zip.CreateEntry(path);
                entry.LastWriteTime = NoTime;
                Stream into = await entry.OpenAsync(cancel).ConfigureAwait(false);
                await using (into.ConfigureAwait(false))
                {
                    FileBytes.ReadAll(source, bytes =>
                    {
                        hash.AppendData(bytes.Span);
                        size += bytes.Length;
                        into.Write(bytes.Span);
                    }, cancel);
                }
                files[path] = new HgChecksums.Entry(size, Digest.FromBytes(hash.GetHashAndReset()));
            }
            ZipArchiveEntry list = zip.CreateEntry(HgChecksums.FileName);
            list.LastWriteTime = NoTime;
            Stream listed = await list.OpenAsync(cancel).ConfigureAwait(false);
            await using (listed.ConfigureAwait(false))
                await listed.WriteAsync(new HgChecksums(name, files).ToBytes(), cancel).ConfigureAwait(false);
        }
    }

    // The weights of a model are not published.
    private async Task<(int, long, JsonObject)> PublishCardAsync(
        HgCopyName name, IReadOnlyDictionary<string, string> sources, string where, CancellationToken cancel)
    {
        (string Path, string Type, string Key)[] shown = [(HgMarkers.ModelCard, "text/markdown", "model_card_url"),
            (HgMarkers.ModelConfig, "application/json", "model_config_url")];
        string prefix = name.KeyPrefix(settings.Layout);
        var values = new JsonObject
        {
            ["model_id"] = name.Id,
            ["revision"] = HgUpload.OrNull(name.Revision),
            ["s3_bucket"] = settings.Bucket!.Name
        };
        int objects = 0;
        long bytes = 0;
        foreach ((string path, string type, string key) in shown)
        {
            values[key] = sources.ContainsKey(path) ? bucket.PublicUrl($"{prefix}/{path}").AbsoluteUri : null;
            if (!sources.TryGetValue(path, out string? source))
                continue;
            long sent = await PutAsync(name, $"{prefix}/{path}", source, type, cancel).ConfigureAwait(false);
            (objects, bytes) = (objects + (sent > 0 ? 1 : 0), bytes + sent);
        }
        values["s3_prefix"] = bucket.Prefix + prefix;
        return shown.Any(s => values[s.Key] is not null) ? (objects, bytes, values)
            : throw HgMessages.NothingToPublish(name, where);
    }

    /// <returns>The bytes sent; 0 if this content is already public.</returns>
    private async Task<long> PutAsync(HgCopyName name, string key, string path, string contentType, CancellationToken cancel)
    {
        FileHashes hashes = FileHashes.Of(path, cancel);
        if (await HeadAsAnonymousAsync(key, cancel).ConfigureAwait(false) is (true, string etag)
            && etag.Trim('"') == hashes.ETag)
            return 0;
        try
        {
            await uploads.UploadAsync(key, path, hashes,
                new PutOptions { ContentType = contentType, PublicRead = ByAcl }, cancel).ConfigureAwait(false);
        }
        // AWS's error code if a bucket has ACLs disabled, which is the default since 2023.
        catch (HubException e) when (e.Message.Contains("AccessControlListNotSupported", StringComparison.Ordinal))
        {
            throw HgMessages.AclRefused(bucket.Prefix + settings.Layout.ZipFolder, e);
        }
        await RequirePublicAsync(name, key, cancel).ConfigureAwait(false);
        return hashes.Size;
    }

    private async Task RequirePublicAsync(HgCopyName name, string key, CancellationToken cancel)
    {
        if (!(await HeadAsAnonymousAsync(key, cancel).ConfigureAwait(false)).IsPublic)
            throw HgMessages.NotPublic(name, bucket.PublicUrl(key), ByAcl);
    }

    private async Task<(bool IsPublic, string ETag)> HeadAsAnonymousAsync(string key, CancellationToken cancel)
    {
        using HubResponse response =
            await connection.SendAsync(new HubRequest(bucket.PublicUrl(key)) { IsHead = true }, null, 0,
                cancel).ConfigureAwait(false);
        return (response.IsSuccess, response.Header("ETag") ?? "");
    }
}
