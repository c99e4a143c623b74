using System.Text.Json.Nodes;
using WiseHub.Client.Files;
using WiseHub.Client.Hubs;
using WiseHub.Client.Hubs.HgLocalization;
using WiseHub.Client.Hubs.S3;
using WiseHub.Client.Store;

namespace WiseHub.Client;

/// <summary>What a bucket has.</summary>
/// <param name="Copies">Sorted by id, configuration, revision.</param>
/// <param name="OnlyPublic">No credentials were found: there may be more.</param>
public sealed record HgListing(IReadOnlyList<HgCopyInfo> Copies, bool OnlyPublic);

/// <summary>A copy on this machine.</summary>
/// <param name="Copy">What it is.</param>
/// <param name="Directory">Absolute path of its folder.</param>
/// <param name="Files">Its files, relative, with <c>/</c>, in ordinal UTF-8 order.</param>
public sealed record HgLocalCopy(HgCopyInfo Copy, string Directory, IReadOnlyList<string> Files)
{
    /// <summary>It was there already; nothing was downloaded or uploaded.</summary>
    public bool WasThere { get; init; }

    /// <summary>It was uploaded into the bucket after it was downloaded.</summary>
    public bool Uploaded { get; init; }
}

/// <summary>What an upload into the bucket did.</summary>
/// <param name="Copy">What it is.</param>
/// <param name="FilesSent">Files that the bucket did not have.</param>
/// <param name="BytesSent">Their bytes.</param>
public sealed record HgSyncResult(HgCopyInfo Copy, int FilesSent, long BytesSent);

/// <summary>
/// What the tool hg_localization does, on its folders and buckets (docs/protocols/hg-localization.md): a local store of datasets
/// and models, and a bucket that sites without Internet read. A reference of a project reads the same places by
/// <see cref="HubClient.RestoreAsync"/>.
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

    /// <summary>The folder of local datasets; null where the hub is a bucket alone.</summary>
    public string? DatasetsStore => _settings.DatasetsStore;

    /// <summary>The folder of local models; null where the hub is a bucket alone.</summary>
    public string? ModelsStore => _settings.ModelsStore;

    /// <summary>
    /// The copies on this machine that came from, or belong to, the configured bucket; without a bucket those
    /// that belong to none.
    /// </summary>
    /// <exception cref="HubException">WISE3007 or WISE3013: a folder cannot be read.</exception>
    public IReadOnlyList<HgCopyInfo> ListLocal(RepoType type) => new HgLocalStore(_settings).List(type);

    /// <summary>
    /// The copies in the bucket: public manifest and, with credentials, private index. Where there is no index, the
    /// keys are looked at.
    /// </summary>
    /// <exception cref="HubException">WISE1036: there is no bucket; WISE2050; or what the server says.</exception>
    public async Task<HgListing> ListS3Async(RepoType type, CancellationToken cancel = default)
    {
        RequireBucket();
        HgSources places = HgSources.Of(_settings, _context);
        if (places.Public is null)
            throw new HubException(WiseCodes.OfflineAndMissing, $"The bucket '{_settings.Bucket!.Name}' cannot be listed: "
                + "the network must not be used (WISEHUB_OFFLINE or HF_HUB_OFFLINE). List the local copies instead.");
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

    /// <summary>A copy from the local store or the bucket, never from a hub.</summary>
    /// <param name="reference">
    /// Id, type, configuration, revision; hubs are not looked at. A model is only its card and configuration where the
    /// selection says so.
    /// </param>
    /// <param name="cancel">Ends it.</param>
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
    /// A copy from the local store, the bucket, or else Hugging Face; what came from there goes into the local
    /// store and the bucket.
    /// </summary>
    /// <param name="reference">Id, type, configuration, revision.</param>
    /// <param name="upload">False keeps it out of the bucket. Without a bucket and credentials nothing is uploaded.</param>
    /// <param name="cancel">Ends it.</param>
    /// <exception cref="HubException">
    /// WISE1013: Hugging Face is asked for a configuration; or any other WISE1xxx to WISE5xxx.
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
            {
                throw new HubException(WiseCodes.ConfigNotSupported, $"{e.Message} Hugging Face has files, not configurations, "
                    + $"so '{reference.Config}' cannot be asked of it: download the whole dataset without --name, "
                    + "or put its files into the local store by hand.", e);
            }
            _context.Log.Info($"{name}: neither the local store nor the bucket has it; asking Hugging Face.");
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
    /// Uploads a copy of the local store into the bucket. What is there is not sent again; another content replaces it.
    /// </summary>
    /// <exception cref="HubException">
    /// WISE1036: no bucket or no credentials; WISE2002: there is no such local copy; WISE2050, WISE2051, WISE2055; or
    /// what the server says.
    /// </exception>
    public Task<HgSyncResult> SyncToS3Async(RepoReference reference, CancellationToken cancel = default) =>
        SyncAsync(reference, isPublic: false, cancel);

    /// <summary>
    /// Uploads a copy of the local store and makes it readable for everybody: a dataset as an archive, of a model card and
    /// configuration; then its entry in the public manifest. An archive of an older content is replaced, and what is public
    /// already is not sent again.
    /// </summary>
    /// <exception cref="HubException">
    /// As <see cref="SyncToS3Async"/>; WISE5050 or WISE5051: the bucket keeps it from everybody; WISE5052: a model without card
    /// and configuration.
    /// </exception>
    public Task<HgSyncResult> PublishAsync(RepoReference reference, CancellationToken cancel = default) =>
        SyncAsync(reference, isPublic: true, cancel);

    private async Task<HgSyncResult> SyncAsync(RepoReference reference, bool isPublic, CancellationToken cancel)
    {
        HgCopyName name = Check(reference);
        Bucket bucket = RequireBucket();
        if (bucket.IsAnonymous)
        {
            throw new HubException(WiseCodes.HgSettingMissing,
                $"{name} cannot be uploaded: no credentials for the bucket '{_settings.Bucket!.Name}' were found. "
                + "Set HGLOC_AWS_ACCESS_KEY_ID and HGLOC_AWS_SECRET_ACCESS_KEY, in the environment or in a .env file.");
        }
        var store = new HgLocalStore(_settings);
        HgCopy local = await store.FindAsync(name, isPublic: false, cancel).ConfigureAwait(false)
            ?? await store.FindAsync(name, isPublic: true, cancel).ConfigureAwait(false)
            ?? throw new HubException(WiseCodes.RepoNotFound, $"{name} is not in the local store "
                + $"({store.FolderOf(name, isPublic: false) ?? "there is none; give the hub a 'path'"}). Download it, "
                + "or put it there with its marker file.");
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
                : throw new HubException(WiseCodes.HgSettingMissing,
                    $"The hub '{hub}' speaks '{named.Protocol}', and not '{HgSettings.Protocol}'. Name one that does.");
        }
        HubDefinition[] all = [.. _context.Definitions.Values.Where(h => h.Protocol == HgSettings.Protocol)];
        return all.Length switch
        {
            0 => new HubDefinition(HgSettings.ImplicitHub, HgSettings.Protocol),
            1 => all[0],
            _ => throw new HubException(WiseCodes.HgSettingMissing, "There is more than one hub of hg_localization: "
                + $"{string.Join(", ", all.Select(h => h.Name).Order(StringComparer.Ordinal))}. Name one (--hub)."),
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
        : throw new HubException(WiseCodes.HgSettingMissing, "There is no bucket. Set HGLOC_S3_BUCKET_NAME in the environment or "
            + $"in a .env file, or give the hub '{_settings.Definition.Name}' a 'bucket' in wisehub.json.");

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

    // Card and configuration have other names on Hugging Face.
    private static RepoReference FromHub(RepoReference reference) => reference with
    {
        Hubs = ["huggingface"],
        Files = reference.RepoType == RepoType.Model && !reference.Files.IsAll
            ? new FileSelection([HgMarkers.Readme, HgMarkers.ModelConfig], []) : reference.Files,
    };

    /// <summary>
    /// Restores a copy and puts it into the local store: into a folder beside it, which gets its name when everything is there.
    /// </summary>
    private async Task<HgLocalCopy> FetchAsync(HgCopyName name, RepoReference from, bool isPublic, CancellationToken cancel)
    {
        string folder = new HgLocalStore(_settings).FolderOf(name, isPublic)
            ?? throw new HubException(WiseCodes.HgSettingMissing, $"The hub '{_settings.Definition.Name}' has no local store. "
                + $"Give it a 'path' in wisehub.json, or use wisehub download --hub {_settings.Definition.Name}.");
        string temporary = Path.Combine(Path.GetDirectoryName(folder)!, TemporaryNames.New());
        try
        {
            DownloadResult result = await _context.DownloadAsync(
                new DownloadRequest { Reference = from, LocalDirectory = temporary }, cancel).ConfigureAwait(false);
            WriteCompanions(name, result.Snapshot, temporary, isPublic);
            if (Directory.Exists(folder))
            {
                throw new HubException(WiseCodes.HgCopyIncomplete, $"{name}: {folder} is there, but it is no whole copy, "
                    + "and it may be somebody's work. Remove or rename it, then try again.");
            }
            ContendedFiles.OfSystem.MoveFolder(temporary, folder);
        }
        catch (Exception e) when (IoFailures.IsFileSystem(e))
        {
            throw IoFailures.ToHubException(e, $"{name} could not be put into {folder}");
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
        // The other tool keeps the card under a name of its own.
        if (snapshot.Hub == "huggingface" && files.TryGetValue(HgMarkers.Readme, out HgChecksums.Entry readme)
            && files.TryAdd(card, readme))
            File.Copy(Path.Combine(folder, HgMarkers.Readme), Path.Combine(folder, card));
        bool isCardOnly = name.Type == RepoType.Model && !files.Keys.Any(f => f.EndsWith(".safetensors", StringComparison.Ordinal)
            || f.EndsWith(".bin", StringComparison.Ordinal));
        if (isCardOnly && files.Remove(HgMarkers.Readme))
            ContendedFiles.OfSystem.Delete(Path.Combine(folder, HgMarkers.Readme));
        // A list of digests says that the copy is whole; card and configuration alone are none.
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

    // Only who uploads can know: who reads the archive sees nothing that it could be compared with.
    private async Task TellIfArchiveIsStaleAsync(HgCopyName name, CancellationToken cancel)
    {
        if (name.Type != RepoType.Dataset || HgSources.Of(_settings, _context).Public is not HgPublicBucket place)
            return;
        string? key;
        try
        {
            key = (await place.ManifestAsync(name.Type, cancel).ConfigureAwait(false))?.Find(name, _settings.Layout)
                ?.Text("s3_zip_key");
        }
        // The upload is done; what strangers read is another matter.
        catch (HubException e)
        {
            _context.Log.Info($"{name}: whether it is published could not be told: {e.Message}");
            return;
        }
        if (key is not null)
        {
            _context.Log.Warning(WiseCodes.HgArchiveStale, $"{name}: it is published, and {Urls.Show(place.AddressOf(key))}, "
                + "which is read without credentials, is now older than what was uploaded. Remove that archive and publish it "
                + "again: hg_localization takes an archive that is there as it is.");
        }
    }

    private async Task<HgSyncResult> UploadAsync(
        Bucket bucket, HgCopyName name, string folder, bool isPublic, CancellationToken cancel)
    {
        using var uploads = new BucketUploads(bucket, bucket.Client, _context.Http(_settings.Definition.Name),
            _context.Log, _context.Time);
        try
        {
            var upload = new HgUpload(_settings, bucket, uploads, _context.Log, _context.Time);
            (int files, long bytes) = await upload.UploadAsync(name, folder, cancel).ConfigureAwait(false);
            _context.Log.Info(files == 0 ? $"{name}: the bucket '{_settings.Bucket!.Name}' has all of it."
                : $"{name}: sent {files} files, {ByteSize.Show(bytes)}, to the bucket '{_settings.Bucket!.Name}'.");
            if (files > 0)
                await TellIfArchiveIsStaleAsync(name, cancel).ConfigureAwait(false);
            if (isPublic)
            {
                (int objects, long sent) = await new HgPublication(_settings, bucket, uploads, upload,
                    _context.Connect(_settings.Definition), _context.Store.ForHub(_settings.Definition).Root)
                    .PublishAsync(name, HgUpload.SourcesOf(name, folder), folder, cancel).ConfigureAwait(false);
                _context.Log.Info(objects == 0 ? $"{name}: everybody can read it already."
                    : $"{name}: everybody can read it now; sent {ByteSize.Show(sent)} for that.");
                (files, bytes) = (files + objects, bytes + sent);
            }
            return new HgSyncResult(Info(name, isPublic), files, bytes);
        }
        catch (Exception e) when (IoFailures.IsFileSystem(e))
        {
            throw IoFailures.ToHubException(e, $"{name} could not be read from {folder}");
        }
    }
}
