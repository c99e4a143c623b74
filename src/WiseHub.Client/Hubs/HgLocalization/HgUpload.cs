using System.Text.Json.Nodes;
using WiseHub.Client.Hubs.S3;

namespace WiseHub.Client.Hubs.HgLocalization;

/// <summary>
/// Writes a copy into the bucket so that a reader never takes a part for the whole: first removes the old markers, then writes
/// the files, the markers, our checksum file, and last the index, by compare-and-swap.
/// </summary>
internal sealed class HgUpload(HgSettings settings, Bucket bucket, BucketUploads uploads, IHubLog log, TimeProvider time)
{
    // Each attempt waits longer than the last; 8 attempts take some 6 s, after which another program must be writing constantly.
    private const int IndexTries = 8;

    private const int FilesAtOnce = 4;

    private readonly HgPrivateBucket _place = new(settings, bucket);

    /// <returns>The number of files sent, and their bytes.</returns>
    /// <exception cref="HubException">WISE2050, WISE2051, WISE2055, WISE3003, or an error of the server.</exception>
    public Task<(int Files, long Bytes)> UploadAsync(HgCopyName name, string folder, CancellationToken cancel) =>
        UploadAsync(name, SourcesOf(name, folder), cancel);

    /// <summary>The content files of a folder, by path.</summary>
    /// <exception cref="HubException">WISE3003.</exception>
    public static Dictionary<string, string> SourcesOf(HgCopyName name, string folder)
    {
        var sources = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (FileInfo file in HgLocalStore.Content(folder))
        {
            string path = HgLocalStore.Relative(folder, file);
            if (PathRules.Reject(path) is Text reason)
                throw HgMessages.FileNameNotUploadable(name, path, folder, reason);
            sources[path] = file.FullName;
        }
        return sources;
    }

    /// <inheritdoc cref="UploadAsync(HgCopyName, string, CancellationToken)"/>
    public async Task<(int Files, long Bytes)> UploadAsync(
        HgCopyName name, Dictionary<string, string> sources, CancellationToken cancel)
    {
        await RefuseOtherAsync(name, cancel).ConfigureAwait(false);
        return await WriteAsync(name, WithCard(name.Type, sources), await _place.ListAsync(name, cancel).ConfigureAwait(false),
            hashes => new HgChecksums(name, hashes), cancel).ConfigureAwait(false);
    }

    /// <summary>
    /// Writes the commit of another hub as a copy. It replaces an older commit of the same hub, but no other copy.
    /// </summary>
    /// <param name="name">The name of the copy.</param>
    /// <param name="commit">The commit.</param>
    /// <param name="sources">All its files, by path.</param>
    /// <param name="cancel">Cancels the work.</param>
    /// <returns>The number of files sent, their bytes, and true if the copy has another commit now.</returns>
    /// <exception cref="HubException">As of <see cref="UploadAsync(HgCopyName, string, CancellationToken)"/>.</exception>
    public async Task<(int Files, long Bytes, bool IsNew)> MirrorAsync(
        HgCopyName name, MirroredCommit commit, IReadOnlyDictionary<string, string> sources, CancellationToken cancel)
    {
        HgChecksums? before = await RefuseOtherAsync(name, cancel).ConfigureAwait(false);
        IReadOnlyDictionary<string, BucketObject> there = await _place.ListAsync(name, cancel).ConfigureAwait(false);
        // Files without a marker are the rest of an interrupted upload.
        if (before is null ? there.Keys.Any(k => HgMarkers.IsMarker(name.Type, k)) : before.Origin != commit.Origin)
        {
            log.Warning(WiseCodes.MirrorRefKept,
                HgMessages.OtherCopyKept(name, _place.WhereOf(name), commit.Origin, commit.Commit));
            return (0, 0, false);
        }
        if (before is not null && before.Commit != commit.Commit && !commit.MovesRevision)
            return (0, 0, false);
        Dictionary<string, string> all = WithCard(name.Type, sources);
        (int files, long bytes) = await WriteAsync(name, all, there,
            hashes => new HgChecksums(name, hashes.Where(h => sources.ContainsKey(h.Key)).ToDictionary(StringComparer.Ordinal))
            {
                Origin = commit.Origin,
                Commit = commit.Commit,
            }, cancel).ConfigureAwait(false);
        return (files, bytes, before?.Commit != commit.Commit);
    }

    /// <summary>The files of a copy, with the card also under the name that the other tool uses.</summary>
    public static Dictionary<string, string> WithCard(RepoType type, IReadOnlyDictionary<string, string> sources)
    {
        var all = new Dictionary<string, string>(sources, StringComparer.Ordinal);
        if (sources.TryGetValue(HgMarkers.Readme, out string? readme))
            all.TryAdd(HgMarkers.CardOf(type), readme);
        return all;
    }

    private async Task<(int Files, long Bytes)> WriteAsync(
        HgCopyName name, Dictionary<string, string> sources, IReadOnlyDictionary<string, BucketObject> there,
        Func<Dictionary<string, HgChecksums.Entry>, HgChecksums> list, CancellationToken cancel)
    {
        var files = sources.ToDictionary(s => s.Key, s => (Source: s.Value, Hashes: FileHashes.Of(s.Value, cancel)),
            StringComparer.Ordinal);
        byte[] checksums = list(files.ToDictionary(f => f.Key,
            f => new HgChecksums.Entry(f.Value.Hashes.Size, f.Value.Hashes.Sha256), StringComparer.Ordinal)).ToBytes();
        List<string> changed =
            [.. files.Where(f => !IsThere(there, f.Key, f.Value.Hashes)).Select(f => f.Key).Order(StringComparer.Ordinal)];
        List<string> gone = [.. there.Keys.Where(k => !files.ContainsKey(k) && k != HgChecksums.FileName)];
        if (changed.Count > 0 || gone.Count > 0 || !IsThere(there, HgChecksums.FileName, FileHashes.Of(checksums)))
        {
            string prefix = name.KeyPrefix(settings.Layout) + "/";
            if (changed.Count > 0 || gone.Count > 0)
            {
                foreach (string sign in there.Keys.Where(k => k == HgChecksums.FileName || HgMarkers.IsMarker(name.Type, k)))
                {
                    await bucket.Writer.DeleteAsync(prefix + sign, cancel).ConfigureAwait(false);
                    if (files.ContainsKey(sign) && !changed.Contains(sign))
                        changed.Add(sign);
                }
            }
            await Parallel.ForEachAsync(changed.Where(c => !HgMarkers.IsMarker(name.Type, c)),
                new ParallelOptions { MaxDegreeOfParallelism = FilesAtOnce, CancellationToken = cancel },
                async (path, token) => await uploads.UploadAsync(prefix + path, files[path].Source, files[path].Hashes,
                    new PutOptions(), token).ConfigureAwait(false)).ConfigureAwait(false);
            foreach (string path in gone.Where(g => !HgMarkers.IsMarker(name.Type, g)))
                await bucket.Writer.DeleteAsync(prefix + path, cancel).ConfigureAwait(false);
            foreach (string path in changed.Where(c => HgMarkers.IsMarker(name.Type, c)))
                await uploads.UploadAsync(prefix + path, files[path].Source, files[path].Hashes,
                    new PutOptions(), cancel).ConfigureAwait(false);
            await uploads.PutAsync(prefix + HgChecksums.FileName, checksums,
                new PutOptions { ContentType = "application/json" }, cancel).ConfigureAwait(false);
        }
        await SetEntryAsync(name, settings.Layout.PrivateKey(name.Type), new PutOptions { ContentType = "application/json" },
            IndexEntry(name, files.Keys), cancel).ConfigureAwait(false);
        return (changed.Count, changed.Sum(c => files[c].Hashes.Size));
    }

    /// <returns>The existing checksum file; null if there is none.</returns>
    private async Task<HgChecksums?> RefuseOtherAsync(HgCopyName name, CancellationToken cancel)
    {
        string where = _place.WhereOf(name);
        if (await _place.IndexAsync(name.Type, cancel).ConfigureAwait(false) is (HgManifest index, _)
            && index.FindFolder(name, settings.Layout) is HgEntry entry && !entry.Name.IsSame(name))
            throw HgMessages.OfAnother(name, entry.Name, where);
        HgChecksums? checksums = await _place.ChecksumsAsync(name, cancel).ConfigureAwait(false);
        return checksums is null || checksums.Name.IsSame(name) ? checksums
            : throw HgMessages.OfAnother(name, checksums.Name, where);
    }

    // An ETag that is neither the MD5 of the content nor of its parts proves nothing: the file is sent again.
    private static bool IsThere(IReadOnlyDictionary<string, BucketObject> there, string path, FileHashes hashes) =>
        there.TryGetValue(path, out BucketObject? found) && found.Size == hashes.Size && found.ETag.Trim('"') == hashes.ETag;

    private JsonObject IndexEntry(HgCopyName name, IReadOnlyCollection<string> files)
    {
        string prefix = bucket.Prefix + name.KeyPrefix(settings.Layout);
        string now = time.GetUtcNow().UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ss",
            System.Globalization.CultureInfo.InvariantCulture);
        return name.Type == RepoType.Dataset
            ? new JsonObject
            {
                ["dataset_id"] = name.Id,
                ["config_name"] = OrNull(name.Config),
                ["revision"] = OrNull(name.Revision),
                ["s3_prefix"] = prefix,
                ["s3_bucket"] = settings.Bucket!.Name,
                ["has_card"] = files.Contains(HgMarkers.DatasetCard),
                ["last_updated"] = now,
            }
            : new JsonObject
            {
                ["model_id"] = name.Id,
                ["revision"] = OrNull(name.Revision),
                ["s3_prefix"] = prefix,
                ["s3_bucket"] = settings.Bucket!.Name,
                ["has_card"] = files.Contains(HgMarkers.ModelCard),
                ["has_config"] = files.Contains(HgMarkers.ModelConfig),
                ["has_tokenizer"] = files.Any(f => f.StartsWith("tokenizer", StringComparison.Ordinal)),
                ["is_full_model"] = files.Any(f => f.EndsWith(".safetensors", StringComparison.Ordinal)
                    || f.EndsWith(".bin", StringComparison.Ordinal)),
                ["last_updated"] = now,
            };
    }

    /// <summary>Adds an entry to a document that others write, too, by compare-and-swap.</summary>
    public async Task SetEntryAsync(HgCopyName name, string key, PutOptions options, JsonObject values, CancellationToken cancel)
    {
        bool conditions = await uploads.HasConditionsAsync(cancel).ConfigureAwait(false);
        Uri where = bucket.PublicUrl(key);
        for (int tries = 1; ; tries++)
        {
            (byte[] Content, string? ETag)? before = await bucket.GetAsync(key,
                HgManifest.MaxBytes, cancel).ConfigureAwait(false);
            HgManifest document = before is var (content, etag) ? HgManifest.Parse(content, name.Type, Urls.Show(where))
                : HgManifest.Empty(name.Type);
            if (document.Find(name, settings.Layout) is HgEntry known && IsSame(known.Values, values))
                return;
            document.Set(name, settings.Layout, (JsonObject)values.DeepClone());
            // Ceph accepts an ETag only without its quotes.
            PutOptions[] attempts = !conditions ? [options] : before is null ? [options with { OnlyNew = true }]
                : before.Value.ETag is not string version ? [options]
                : [options with { IfMatch = version }, options with { IfMatch = version.Trim('"') }];
            foreach (PutOptions attempt in attempts)
            {
                if (await uploads.PutAsync(key, document.ToBytes(), attempt, cancel).ConfigureAwait(false) is null)
                    continue;
                if (!conditions)
                    log.Info(HgMessages.WrittenWithoutCondition(where));
                return;
            }
            if (tries == IndexTries)
                throw HgMessages.IndexContested(name, where, tries);
            await Task.Delay(
                TimeSpan.FromMilliseconds(Random.Shared.Next(20 << tries, 40 << tries)), time, cancel).ConfigureAwait(false);
        }
    }

    public static string? OrNull(string? text) => string.IsNullOrEmpty(text) ? null : text;

    // In an unchanged entry, only the time differs.
    private static bool IsSame(JsonObject before, JsonObject after) =>
        before.Count == after.Count && after.All(a => a.Key == "last_updated" || JsonNode.DeepEquals(before[a.Key], a.Value));
}
