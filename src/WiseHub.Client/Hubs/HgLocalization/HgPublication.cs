using System.IO.Compression;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using WiseHub.Client.Files;
using WiseHub.Client.Http;
using WiseHub.Client.Hubs.S3;
using WiseHub.Client.Store;

namespace WiseHub.Client.Hubs.HgLocalization;

/// <summary>
/// Makes a copy readable for everybody (docs/protocols/hg-localization.md#the-bucket): of a dataset an archive, of a model card
/// and configuration, and then the entry in the public manifest, so that nobody reads of something that is not there. An archive
/// of an older content is replaced.
/// </summary>
internal sealed class HgPublication(
    HgSettings settings, Bucket bucket, BucketUploads uploads, HgUpload upload, HubConnection connection, string temporaryFolder)
{
    // The least a zip can say: the same files are the same archive, whenever it is made.
    private static readonly DateTimeOffset NoTime = new(1980, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private bool ByAcl => settings.Bucket!.PublicAccess == PublicAccess.Acl;

    /// <param name="name">The copy.</param>
    /// <param name="sources">Path → file, of all its files.</param>
    /// <param name="where">Where it comes from, for messages.</param>
    /// <param name="cancel">Ends it.</param>
    /// <returns>How many objects were sent, and their bytes.</returns>
    /// <exception cref="HubException">WISE2050, WISE2051, WISE2055, WISE5050 to WISE5052, or what the server says.</exception>
    public async Task<(int Objects, long Bytes)> PublishAsync(
        HgCopyName name, IReadOnlyDictionary<string, string> sources, string where, CancellationToken cancel)
    {
        string manifest = settings.Layout.PublicKey(name.Type);
        if (await bucket.GetAsync(manifest, HgManifest.MaxBytes, cancel).ConfigureAwait(false) is (byte[] bytes, _)
            && HgManifest.Parse(bytes, name.Type, Urls.Show(bucket.PublicUrl(manifest)))
                .FindFolder(name, settings.Layout) is HgEntry entry && !entry.Name.IsSame(name))
        {
            throw HgProblems.OfAnother(name, entry.Name, Urls.Show(bucket.PublicUrl(manifest)));
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

    // The other tool's archives also say where the bucket is; ours have the list of digests instead.
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

    // The weights of a model stay where only credentials read them.
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
            : throw new HubException(WiseCodes.HgNothingToPublish, $"{name}: {where} has neither {HgMarkers.ModelCard} nor "
                + $"{HgMarkers.ModelConfig}, and of a model nothing else is published. Add one of them.");
    }

    /// <returns>The bytes that were sent; 0 where everybody can read this content already.</returns>
    private async Task<long> PutAsync(HgCopyName name, string key, string path, string contentType, CancellationToken cancel)
    {
        FileHashes hashes = FileHashes.Of(path, cancel);
        if (await SeenByAllAsync(key, cancel).ConfigureAwait(false) is (true, string etag) && etag.Trim('"') == hashes.ETag)
            return 0;
        try
        {
            await uploads.UploadAsync(key, path, hashes,
                new PutOptions { ContentType = contentType, PublicRead = ByAcl }, cancel).ConfigureAwait(false);
        }
        // The words of AWS where a bucket has ACLs turned off, which is the default since 2023.
        catch (HubException e) when (e.Message.Contains("AccessControlListNotSupported", StringComparison.Ordinal))
        {
            throw new HubException(WiseCodes.HgAclRefused, $"{e.Message} This bucket has no ACLs: give it a policy by which "
                + $"everybody may read {bucket.Prefix}{settings.Layout.ZipFolder}/*, the manifests, and cards and configurations "
                + "of models, and write \"publicAccess\": \"policy\" for the hub in wisehub.json.", e);
        }
        await RequirePublicAsync(name, key, cancel).ConfigureAwait(false);
        return hashes.Size;
    }

    private async Task RequirePublicAsync(HgCopyName name, string key, CancellationToken cancel)
    {
        if (!(await SeenByAllAsync(key, cancel).ConfigureAwait(false)).IsSeen)
        {
            throw new HubException(WiseCodes.HgNotPublic,
                $"{name}: {Urls.Show(bucket.PublicUrl(key))} is in the bucket, but without credentials it cannot be read. "
                    + (ByAcl ? "The server ignores ACLs: give the bucket a policy by which everybody may read it, "
                        + "and write \"publicAccess\": \"policy\" for the hub in wisehub.json."
                        : "Give the bucket a policy by which everybody may read it."));
        }
    }

    private async Task<(bool IsSeen, string ETag)> SeenByAllAsync(string key, CancellationToken cancel)
    {
        using HubResponse response =
            await connection.SendAsync(new HubRequest(bucket.PublicUrl(key)) { IsHead = true }, null, 0,
                cancel).ConfigureAwait(false);
        return (response.IsSuccess, response.Header("ETag") ?? "");
    }
}
