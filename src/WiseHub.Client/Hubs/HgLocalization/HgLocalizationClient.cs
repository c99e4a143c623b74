using System.Text.Json.Nodes;
using WiseHub.Client.Files;
using WiseHub.Client.Hubs;
using WiseHub.Client.Hubs.HgLocalization;
using WiseHub.Client.Hubs.S3;
using WiseHub.Client.Store;

namespace WiseHub.Client;

/// <summary>The copies in a bucket.</summary>
/// <param name="Copies">Sorted by id, configuration, revision.</param>
/// <param name="OnlyPublic">No credentials were found, so private copies are not listed.</param>
public sealed record HgListing(IReadOnlyList<HgCopyInfo> Copies, bool OnlyPublic);

/// <summary>A copy on this machine.</summary>
/// <param name="Copy">Its name.</param>
/// <param name="Directory">Absolute path of its folder.</param>
/// <param name="Files">Its files, relative, with <c>/</c>, in ordinal UTF-8 order.</param>
public sealed record HgLocalCopy(HgCopyInfo Copy, string Directory, IReadOnlyList<string> Files)
{
    /// <summary>The copy already existed; nothing was downloaded or uploaded.</summary>
    public bool WasThere { get; init; }

    /// <summary>The copy was downloaded and then uploaded into the bucket.</summary>
    public bool Uploaded { get; init; }
}

/// <summary>The result of an upload into the bucket.</summary>
/// <param name="Copy">The copy.</param>
/// <param name="FilesSent">Files that the bucket did not have.</param>
/// <param name="BytesSent">Their bytes.</param>
public sealed record HgSyncResult(HgCopyInfo Copy, int FilesSent, long BytesSent);

/// <summary>
/// The operations of the tool hg_localization on its folders and buckets (docs/protocols/hg-localization.md): a local store of
/// datasets and models, and a bucket for sites without Internet access. <see cref="HubClient.RestoreAsync"/> reads the same
/// places for the references of a project.
/// </summary>
public sealed class HgLocalizationClient
{
    private readonly IHubContext _context;
    private readonly HgSettings _settings;

    internal HgLocalizationClient(IHubContext context, string? hub)
    {
        _context = context;
        _settings = HgSettings.Read(DefinitionOf(hub), context.Environment, context.ProcessEnvironment, context.Folder,
            mayBeLocalOnly: hub is null);
    }

    /// <summary>The folder of local datasets; null for a hub with only a bucket.</summary>
    public string? DatasetsStore => _settings.DatasetsStore;

    /// <summary>The folder of local models; null for a hub with only a bucket.</summary>
    public string? ModelsStore => _settings.ModelsStore;

    /// <summary>
    /// The copies on this machine of the configured bucket; without a bucket, the copies of no bucket.
    /// </summary>
    /// <exception cref="HubException">WISE3007 or WISE3013: a folder cannot be read.</exception>
    public IReadOnlyList<HgCopyInfo> ListLocal(RepoType type) => new HgLocalStore(_settings).List(type);

    /// <summary>
    /// The copies in the bucket, from the public manifest and, with credentials, the private index. Without an index, the keys
    /// of the bucket are listed.
    /// </summary>
    /// <exception cref="HubException">WISE1036: there is no bucket; WISE2050; or an error of the server.</exception>
    public async Task<HgListing> ListS3Async(RepoType type, CancellationToken cancel = default)
    {
        RequireBucket();
        HgSources places = HgSources.Of(_settings, _context);
        if (places.Public is null)
            throw HgMessages.OfflineListing(_settings.Bucket!.Name);
        var copies = new List<HgCopyInfo>();
        if (await places.Public.ManifestAsync(type, cancel).ConfigureAwait(false) is HgManifest published)
            copies.AddRange(published.Entries.Select(e => Info(e.Name, isPublic: true)));
        if (places.Private is not null)
        {
            copies.AddRange(await places.Private.IndexAsync(type, cancel).ConfigureAwait(false) is (HgManifest index, _)
                ? index.Entries.Select(e => Info(e.Name, isPublic: false))
                : await places.Private.ScanAsync(type, cancel).ConfigureAwait(false));
        }
        return new HgListing([.. HgCopyInfo.Sorted(copies).DistinctBy(c => c.Name.EntryKey(_settings.Layout))],
            OnlyPublic: places.Private is null);
    }

    /// <summary>Loads a copy from the local store or the bucket, never from another hub.</summary>
    /// <param name="reference">
    /// Id, type, configuration, revision; the hubs are ignored. To load only the card and configuration of a model, select these
    /// files.
    /// </param>
    /// <param name="cancel">Cancels the work.</param>
    /// <exception cref="HubException">WISE2002 or WISE2003: no place has it; or any other WISE1xxx to WISE3xxx.</exception>
    public async Task<HgLocalCopy> LoadAsync(RepoReference reference, CancellationToken cancel = default)
    {
        HgCopyName name = Check(reference);
        if (await LocalAsync(name, reference, cancel).ConfigureAwait(false) is HgLocalCopy local)
            return local;
        if (_settings.Bucket is null || _context.Offline)
            throw await HgSources.Of(_settings, _context).NotFoundAsync(name, cancel).ConfigureAwait(false);
        Bucket bucket = BucketProtocol.Open(_context, _settings.Definition);
        return await FetchAsync(name, reference with { Hubs = [_settings.Definition.Name] },
            bucket.IsAnonymous, cancel).ConfigureAwait(false);
    }

    /// <summary>
    /// Loads a copy from the local store, the bucket, or else Hugging Face. A copy from Hugging Face is put into the local store
    /// and the bucket.
    /// </summary>
    /// <param name="reference">Id, type, configuration, revision.</param>
    /// <param name="upload">False = do not upload. Without a bucket and credentials, nothing is uploaded.</param>
    /// <param name="cancel">Cancels the work.</param>
    /// <exception cref="HubException">
    /// WISE1013: Hugging Face has no configurations; or any other WISE1xxx to WISE5xxx.
    /// </exception>
    public async Task<HgLocalCopy> DownloadAsync(RepoReference reference, bool upload = true, CancellationToken cancel = default)
    {
        HgCopyName name = Check(reference);
        try
        {
            return await LoadAsync(reference, cancel).ConfigureAwait(false);
        }
        catch (HubException e) when (e.Code is WiseCodes.RepoNotFound or WiseCodes.RevisionNotFound or WiseCodes.HgOnlyCard)
        {
            if (reference.Config is not null)
                throw HgMessages.ConfigNotOnHuggingFace(reference.Config, e);
            _context.Log.Info(HgMessages.TryingHuggingFace(name));
        }
        HgLocalCopy copy = await FetchAsync(name, FromHub(reference), isPublic: false, cancel).ConfigureAwait(false);
        if (!upload || _settings.Bucket is null)
            return copy;
        Bucket bucket = BucketProtocol.Open(_context, _settings.Definition);
        if (bucket.IsAnonymous)
            return copy;
        await UploadAsync(bucket, name, copy.Directory, isPublic: false, cancel).ConfigureAwait(false);
        return copy with { Uploaded = true };
    }

    /// <summary>
    /// Uploads a copy of the local store into the bucket. Files that are there are not sent again; changed files are replaced.
    /// </summary>
    /// <exception cref="HubException">
    /// WISE1036: no bucket or no credentials; WISE2002: there is no such local copy; WISE2050, WISE2051, WISE2055; or an error of
    /// the server.
    /// </exception>
    public Task<HgSyncResult> SyncToS3Async(RepoReference reference, CancellationToken cancel = default) =>
        SyncAsync(reference, isPublic: false, cancel);

    /// <summary>
    /// Uploads a copy of the local store and publishes it: a dataset as an archive, a model's card and configuration; then its
    /// entry in the public manifest. An outdated archive is replaced; files that are already public are not sent again.
    /// </summary>
    /// <exception cref="HubException">
    /// As <see cref="SyncToS3Async"/>; WISE5050 or WISE5051: the bucket does not allow public reads; WISE5052: a model without
    /// card and configuration.
    /// </exception>
    public Task<HgSyncResult> PublishAsync(RepoReference reference, CancellationToken cancel = default) =>
        SyncAsync(reference, isPublic: true, cancel);

    private async Task<HgSyncResult> SyncAsync(RepoReference reference, bool isPublic, CancellationToken cancel)
    {
        HgCopyName name = Check(reference);
        Bucket bucket = RequireBucket();
        if (bucket.IsAnonymous)
            throw HgMessages.NoKeysToUpload(name, _settings.Bucket!.Name);
        var store = new HgLocalStore(_settings);
        HgCopy local = await store.FindAsync(name, isPublic: false, cancel).ConfigureAwait(false)
            ?? await store.FindAsync(name, isPublic: true, cancel).ConfigureAwait(false)
            ?? throw HgMessages.NotInLocalStore(name, store.FolderOf(name, isPublic: false));
        return await UploadAsync(bucket, name, local.Folder!, isPublic, cancel).ConfigureAwait(false);
    }

    private static HgCopyInfo Info(HgCopyName name, bool isPublic) =>
        new(name.Type, name.Id, name.Config, name.Revision, isPublic, IdIsGuessed: false);

    private static HgLocalCopy Local(HgCopy copy) =>
        new(Info(copy.Name, copy.IsPublic), copy.Folder!, [.. copy.Files.Select(f => f.Path).Order(Utf8Ordinal.Instance)])
        { WasThere = true };

    private HubDefinition DefinitionOf(string? hub)
    {
        if (hub is not null)
        {
            HubDefinition named = _context.Find(hub);
            return named.Protocol == HgSettings.Protocol ? named
                : throw HgMessages.OtherProtocol(hub, named.Protocol);
        }
        HubDefinition[] all = [.. _context.Definitions.Values.Where(h => h.Protocol == HgSettings.Protocol)];
        return all.Length switch
        {
            0 => new HubDefinition(HgSettings.ImplicitHub, HgSettings.Protocol),
            1 => all[0],
            _ => throw HgMessages.SeveralHubs(all.Select(h => h.Name)),
        };
    }

    private HgCopyName Check(RepoReference reference)
    {
        if (reference.Validate(anyId: true) is [HubException mistake, ..])
            throw mistake;
        new HgLocalizationHub(_settings, _context).Check(reference);
        return HgCopyName.Of(reference);
    }

    private Bucket RequireBucket() => _settings.Bucket is not null ? BucketProtocol.Open(_context, _settings.Definition)
        : throw HgMessages.NoBucket(_settings.Definition.Name);

    private async Task<HgLocalCopy?> LocalAsync(HgCopyName name, RepoReference reference, CancellationToken cancel)
    {
        var store = new HgLocalStore(_settings);
        foreach (bool isPublic in (bool[])[true, false])
        {
            if (await store.FindAsync(name, isPublic, cancel).ConfigureAwait(false) is HgCopy copy
                && (copy.Presence == HgPresence.Whole
                    || (!reference.Files.IsAll && copy.Files.Any(f => reference.Files.Matches(f.Path)))))
            {
                return Local(copy);
            }
        }
        return null;
    }

    // On Hugging Face, the card has another name.
    private static RepoReference FromHub(RepoReference reference) => reference with
    {
        Hubs = ["huggingface"],
        Files = reference.RepoType == RepoType.Model && !reference.Files.IsAll
            ? new FileSelection([HgMarkers.Readme, HgMarkers.ModelConfig], []) : reference.Files,
    };

    /// <summary>
    /// Restores a copy into a temporary folder of the local store, which is renamed when it is complete.
    /// </summary>
    private async Task<HgLocalCopy> FetchAsync(HgCopyName name, RepoReference from, bool isPublic, CancellationToken cancel)
    {
        string folder = new HgLocalStore(_settings).FolderOf(name, isPublic)
            ?? throw HgMessages.NoLocalStore(_settings.Definition.Name);
        string temporary = Path.Combine(Path.GetDirectoryName(folder)!, TemporaryNames.New());
        try
        {
            DownloadResult result = await _context.DownloadAsync(
                new DownloadRequest { Reference = from, LocalDirectory = temporary }, cancel).ConfigureAwait(false);
            WriteCompanions(name, result.Snapshot, temporary, isPublic);
            if (Directory.Exists(folder))
                throw HgMessages.FolderInTheWay(name, folder);
            ContendedFiles.OfSystem.MoveFolder(temporary, folder);
        }
        catch (Exception e) when (IoFailures.IsFileSystem(e))
        {
            throw IoFailures.ToHubException(e, (Text)$"{name} could not be put into {folder}");
        }
        finally
        {
            if (Directory.Exists(temporary))
                ContendedFiles.OfSystem.DeleteFolder(temporary);
        }
        return Local((await new HgLocalStore(_settings).FindAsync(name, isPublic, cancel).ConfigureAwait(false))!) with
        {
            WasThere = false
        };
    }

    private void WriteCompanions(HgCopyName name, Snapshot snapshot, string folder, bool isPublic)
    {
        Dictionary<string, HgChecksums.Entry> files = snapshot.Files.ToDictionary(f => f.Path,
            f => new HgChecksums.Entry(f.Size, f.Sha256), StringComparer.Ordinal);
        string card = HgMarkers.CardOf(name.Type);
        // The other tool has another name for the card.
        if (snapshot.Hub == "huggingface" && files.TryGetValue(HgMarkers.Readme, out HgChecksums.Entry readme)
            && files.TryAdd(card, readme))
            File.Copy(Path.Combine(folder, HgMarkers.Readme), Path.Combine(folder, card));
        bool isCardOnly = name.Type == RepoType.Model && !files.Keys.Any(f => f.EndsWith(".safetensors", StringComparison.Ordinal)
            || f.EndsWith(".bin", StringComparison.Ordinal));
        if (isCardOnly && files.Remove(HgMarkers.Readme))
            ContendedFiles.OfSystem.Delete(Path.Combine(folder, HgMarkers.Readme));
        // The checksum file marks a complete copy; card and configuration alone are not one.
        if (!isCardOnly)
            AtomicFile.Write(Path.Combine(folder, HgChecksums.FileName), new HgChecksums(name, files).ToBytes());
        if (_settings.Bucket is not BucketSettings bucket)
            return;
        var metadata = new JsonObject
        {
            ["s3_bucket_name"] = bucket.Name,
            ["s3_endpoint_url"] = _settings.EndpointText,
            ["s3_data_prefix"] = bucket.Prefix,
            ["cached_timestamp"] = _context.Time.GetUtcNow().UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ss",
                System.Globalization.CultureInfo.InvariantCulture),
            ["is_public"] = isPublic,
        };
        if (name.Type == RepoType.Model)
            metadata["type"] = "model";
        AtomicFile.Write(Path.Combine(folder, HgFile.BucketMetadata), PythonJson.Write(metadata));
    }

    // Only the upload can detect it: a reader of the archive has nothing to compare it with.
    private async Task WarnIfArchiveIsStaleAsync(HgCopyName name, CancellationToken cancel)
    {
        if (name.Type != RepoType.Dataset || HgSources.Of(_settings, _context).Public is not HgPublicBucket place)
            return;
        string? key;
        try
        {
            key = (await place.ManifestAsync(name.Type, cancel).ConfigureAwait(false))?.Find(name, _settings.Layout)
                ?.Text("s3_zip_key");
        }
        // The upload itself is complete.
        catch (HubException e)
        {
            _context.Log.Info(HgMessages.PublicationUnknown(name, e.Message));
            return;
        }
        if (key is not null)
            _context.Log.Warning(WiseCodes.HgArchiveStale, HgMessages.ArchiveStale(name, place.AddressOf(key)));
    }

    private async Task<HgSyncResult> UploadAsync(
        Bucket bucket, HgCopyName name, string folder, bool isPublic, CancellationToken cancel)
    {
        using var uploads = new BucketUploads(bucket, _context.Http(_settings.Definition.Name), _context.Log, _context.Time);
        try
        {
            var upload = new HgUpload(_settings, bucket, uploads, _context.Log, _context.Time);
            (int files, long bytes) = await upload.UploadAsync(name, folder, cancel).ConfigureAwait(false);
            _context.Log.Info(HgMessages.Uploaded(name, _settings.Bucket!.Name, files, bytes));
            if (files > 0)
                await WarnIfArchiveIsStaleAsync(name, cancel).ConfigureAwait(false);
            if (isPublic)
            {
                (int objects, long sent) = await new HgPublication(_settings, bucket, uploads, upload,
                    _context.Connect(_settings.Definition), _context.Store.ForHub(_settings.Definition).Root)
                    .PublishAsync(name, HgUpload.SourcesOf(name, folder), folder, cancel).ConfigureAwait(false);
                _context.Log.Info(HgMessages.Published(name, objects, sent));
                (files, bytes) = (files + objects, bytes + sent);
            }
            return new HgSyncResult(Info(name, isPublic), files, bytes);
        }
        catch (Exception e) when (IoFailures.IsFileSystem(e))
        {
            throw IoFailures.ToHubException(e, (Text)$"{name} could not be read from {folder}");
        }
    }
}
