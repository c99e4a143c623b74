namespace WiseHub.Client.Hubs.HgLocalization;

/// <summary>The messages of hg_localization: settings, copies, uploads and publications.</summary>
internal static class HgMessages
{
    private static Text SetKeys => $"Set HGLOC_AWS_ACCESS_KEY_ID and HGLOC_AWS_SECRET_ACCESS_KEY";

    // Settings and names.

    // WISE1035
    public static HubException NameUnusable(HgCopyName name, string what, string text, string reason) => new(
        WiseCodes.HgNameUnusable, $"{name}: the {what} '{text}' cannot be used on an hg_localization hub: {reason}. "
            + $"Give the copy another name.");

    // WISE1018
    public static HubException TypeNotSupported(RepoReference reference, string hub) => new(WiseCodes.RepoTypeNotSupported,
        $"{reference}: the hub '{hub}' (hg_localization) has only models and datasets. Correct RepoType or Hub.")
    { Reference = reference };

    // WISE1013
    public static HubException ModelWithConfiguration(RepoReference reference, string hub) => new(WiseCodes.ConfigNotSupported,
        $"{reference}: a model has no configurations; on the hub '{hub}' only datasets have them. Remove Config.")
    { Reference = reference };

    // WISE1036
    public static HubException OtherProtocol(string hub, string protocol) => new(WiseCodes.HgSettingMissing,
        $"The hub '{hub}' has the protocol '{protocol}', not '{HgSettings.Protocol}'. Name a hub of that protocol.");

    public static HubException SeveralHubs(IEnumerable<string> hubs) => new(WiseCodes.HgSettingMissing,
        $"There are several hubs of hg_localization: {string.Join(", ", hubs.Order(StringComparer.Ordinal))}. "
        + $"Name one (--hub).");

    public static HubException NoPlace(string hub, string bucketVariable, string datasetsVariable) => new(
        WiseCodes.HgSettingMissing, $"The hub '{hub}' has no bucket and no folder. Give it a 'bucket' or a 'path' in "
            + $"{HubNames.ConfigFile}, or set {bucketVariable} or {datasetsVariable} in the environment or in a "
            + $"{DotEnv.FileName} file.");

    public static HubException NoBucket(string hub) => new(WiseCodes.HgSettingMissing,
        $"No bucket is configured. Set HGLOC_S3_BUCKET_NAME in the environment or in a {DotEnv.FileName} file, "
        + $"or give the hub '{hub}' a 'bucket' in {HubNames.ConfigFile}.");

    public static HubException NoLocalStore(string hub) => new(WiseCodes.HgSettingMissing,
        $"The hub '{hub}' has no local store. Give it a 'path' in {HubNames.ConfigFile}, "
        + $"or use wisehub download --hub {hub}.");

    public static HubException InvalidEndpoint() => new(WiseCodes.HgSettingMissing,
        $"The variable HGLOC_S3_ENDPOINT_URL is not an http(s) URL without user, query and fragment. Correct or remove it.");

    public static HubException NoKeysToUpload(HgCopyName name, string bucket) => new(WiseCodes.HgSettingMissing,
        $"{name} cannot be uploaded: no credentials for the bucket '{bucket}' were found. {SetKeys} in the environment or in a "
        + $"{DotEnv.FileName} file.");

    public static HubException NoBucketToPushTo(string repo, string hub) => new(WiseCodes.HgSettingMissing,
        $"{repo} cannot be pushed to '{hub}': it has no bucket. Set HGLOC_S3_BUCKET_NAME, or give it a 'bucket' in "
        + $"{HubNames.ConfigFile}.");

    public static HubException NoKeysToPush(string repo, string hub) => new(WiseCodes.HgSettingMissing,
        $"{repo} cannot be pushed to '{hub}': no credentials for its bucket were found. {SetKeys}.");

    // WISE1038
    public static HubException EnvFileUnreadable(string path, Exception cause) => new(WiseCodes.EnvFileUnreadable,
        $"{path} cannot be read: {cause.Message} Correct the file or its permissions, "
        + $"or set the HGLOC_* variables in the environment.", cause)
    { File = path };

    /// <summary>The line may hold a secret, so it is not repeated.</summary>
    public static HubException MalformedEnvLine(string path, int line) => new(WiseCodes.EnvFileUnreadable,
        $"{path}({line},1): this is not NAME=value, or a quotation mark is missing. Correct the line.")
    { File = path, Line = line, Column = 1 };

    // Finding copies.

    // WISE2014
    public static HubException OfflineListing(string bucket) => new(WiseCodes.OfflineAndMissing,
        $"The bucket '{bucket}' cannot be listed, because the network is disabled (WISEHUB_OFFLINE or HF_HUB_OFFLINE). "
        + $"List the local copies instead.");

    // WISE1013
    public static HubException ConfigNotOnHuggingFace(string config, HubException cause) => new(WiseCodes.ConfigNotSupported,
        $"{cause.Message} Hugging Face has files, not configurations, so '{config}' cannot be requested there. Download the "
        + $"whole dataset without --name, or put its files into the local store yourself.", cause);

    // WISE2003, WISE2002
    /// <param name="name">The copy.</param>
    /// <param name="hub">The hub.</param>
    /// <param name="places">The places that were searched.</param>
    /// <param name="others">The other copies that were found.</param>
    /// <param name="unseen">The reason why there may be more copies, from below; empty for none.</param>
    public static HubException NotFound(HgCopyName name, HubDefinition hub, IEnumerable<string> places,
        IReadOnlyCollection<HgCopyInfo> others, string unseen) => new(
        others.Any(o => o.Id == name.Id) ? WiseCodes.RevisionNotFound : WiseCodes.RepoNotFound,
        $"{name}: the hub '{hub.Name}' has no such copy ({string.Join(", ", places)})."
        + $"{(others.Count == 0 ? "" : (Text)$" It has {string.Join("; ", others.Take(10).Select(o => o.Name))}.")}"
        + $"{(unseen.Length == 0 ? "" : $" {unseen}")}"
        + $" Id, configuration and revision must be spelled as at the upload.");

    public static Text BucketNotAsked => $"The bucket was not asked, because the network is disabled.";

    public static Text OnlyPublicVisible(string? tokenVariable) => $"Without credentials only published copies are visible; "
        + $"set HGLOC_AWS_ACCESS_KEY_ID and HGLOC_AWS_SECRET_ACCESS_KEY, or {tokenVariable}, to see the others.";

    // WISE2008
    public static HubException FileNotInCopies(
        RepoReference reference, string hub, string where, string path, Digest? sha256) => new(WiseCodes.FileNotFound,
        $"{reference} on '{hub}': no copy ({where}) has '{path}'{(sha256 is null ? "" : (Text)$" with the sha256 {sha256}")}. "
        + $"If it was changed on purpose, run WiseUpdate (wisehub update).");

    public static HubException NotInArchive(HgCopyName name, string archive, string path) => new(WiseCodes.FileNotFound,
        $"{name}: {archive} has no '{path}'.");

    public static HubException ArchiveMissing(HgCopyName name, Uri archive) => new(WiseCodes.FileNotFound,
        $"{name}: the manifest lists this copy, but {Urls.Show(archive)} is missing or not public. Publish it again.");

    // WISE2002
    public static HubException NotInLocalStore(HgCopyName name, string? folder) => new(WiseCodes.RepoNotFound,
        $"{name} is not in the local store ({folder ?? (Text)$"there is none; give the hub a 'path'"}). Download it, "
        + $"or put it there with its marker file.");

    // WISE2050
    public static HubException ManifestUnreadable(string where, string reason, Exception? cause) => new(
        WiseCodes.HgManifestUnreadable, $"{where} cannot be used: {reason}. It lists everything that can be found in the bucket, "
            + $"so it is not replaced. Restore it from a backup, or delete it and upload every copy again "
            + $"(wisehub hg sync-local-to-s3).", cause);

    public static HubException EntryWithoutArchive(HgCopyName name, Uri manifest) => new(WiseCodes.HgManifestUnreadable,
        $"{name}: its entry in {Urls.Show(manifest)} names no valid archive (s3_zip_key). Publish it again.");

    // WISE2052
    public static HubException OnlyCard(HgCopyName name, string where, IEnumerable<string> files) => new(WiseCodes.HgOnlyCard,
        $"{name}: {where} has only {string.Join((Text)$" and ", files.Order(StringComparer.Ordinal))}, but no weights. Select "
        + $"these files by name (AllowPatterns), or upload the whole model (wisehub hg download-model --full-model).");

    // WISE2053
    public static Text OtherBucketInManifest(HgCopyName name, Uri manifest, string named, string bucket, string hub) =>
        $"{name}: {Urls.Show(manifest)} names the bucket '{named}', but the copy is read from '{bucket}', the bucket of the hub "
        + $"'{hub}'. Publish it again to correct the manifest.";

    // WISE2054
    public static HubException Changed(HgCopy copy, string commit) => new(WiseCodes.HgChanged,
        $"{copy.Name}: {copy.Where} is now at {copy.Commit}, but {commit} is wanted, and this hub keeps no older commits. "
        + $"Run WiseUpdate (wisehub update), and review the change in the lock file.");

    // WISE2051
    public static HubException OfAnother(HgCopyName wanted, HgCopyName there, string where) => new(WiseCodes.HgCopyOfAnother,
        $"{wanted}: {where} holds {there}. Both names have the same folder, because hg_localization writes '_' for '/'. "
        + $"Rename one of the two, or give it its own configuration or revision.");

    // WISE3040
    public static HubException Incomplete(string where, string reason) => new(WiseCodes.HgCopyIncomplete,
        $"The copy at {where} is incomplete: {reason}. No file was taken from it. Upload it again "
        + $"(wisehub hg sync-local-to-s3), or remove its remaining files.");

    public static Text TooLargeForList(string path, long size) => $"'{path}' has {size} bytes, too many for a list of files";

    public static Text CacheUnreadable(string path) => $"The cache cannot be read at {path}";

    public static Text CacheNotWritable(string path) => $"The cache cannot be written at {path}";

    public static HubException FolderInTheWay(HgCopyName name, string folder) => new(WiseCodes.HgCopyIncomplete,
        $"{name}: {folder} exists, but is not a complete copy, and may hold your own files. "
        + $"Remove or rename it, then try again.");

    public static Text TryingHuggingFace(HgCopyName name) =>
        $"{name}: neither the local store nor the bucket has it; trying Hugging Face.";

    // Uploads.

    // WISE3003
    public static HubException FileNameNotUploadable(HgCopyName name, string path, string folder, string reason) => new(
        WiseCodes.HostileFileName, $"{name}: the file '{path}' of {folder} cannot be uploaded: {reason}. Rename it.");

    // WISE5002
    public static HubException LostRace(string repo, string revision, string hub, string? began, string? now) => new(
        WiseCodes.LostRace, $"{repo}: '{revision}' on '{hub}' {(now is null ? (Text)$"was deleted" : (Text)$"moved to {now}")} "
            + $"during this "
            + $"push, which began at {began ?? (Text)$"no commit"}. No file was sent. Review the other change and push again.");

    // WISE5053
    public static HubException WholeCopyNeeded(HgCopyName name, string path) => new(WiseCodes.HgWholeCopyNeeded,
        $"{name}: the copy in the bucket also has '{PathRules.Printable(path)}', which this push does not name. A copy is "
        + $"written as a whole. Push all files, or push with Prune (WisePushPrune), which removes the files that are not named.");

    // WISE2055
    public static HubException IndexContested(HgCopyName name, Uri index, int attempts) => new(WiseCodes.HgIndexContested,
        $"{name}: the files are in the bucket, but another program changed {Urls.Show(index)} during each of the {attempts} "
        + $"attempts to write it. Run the command again; uploaded files are not sent twice.");

    public static Text WrittenWithoutCondition(Uri index) =>
        $"{Urls.Show(index)} was written unconditionally, because the server has no conditional writes. "
        + $"Only one program at a time may write to this bucket.";

    // WISE3064. The reason is one of those below.
    public static HubException HasNoPlace(MirroredCommit commit, string hub, string reason) => new(WiseCodes.MirrorHasNoPlace,
        $"{commit.RepoId}: '{hub}' (hg_localization) cannot hold commit {commit.Commit}: {reason}. "
        + $"Mirror all files of the repo, or name a mirror that is a store.");

    public static Text UrlHasNoId => $"the content of a URL has no id there";

    public static Text ReservedName(string path) => $"'{path}' is a reserved file name there";

    public static Text PartOfCommit(string path, int files) =>
        $"a copy needs all {files} files, and '{path}' is not in the cache";

    // WISE1036
    public static HubException CannotMirror(string repo, string hub, string reason) => new(WiseCodes.HgSettingMissing,
        $"{repo} cannot be mirrored to '{hub}': {reason}.");

    public static Text NoBucketToMirrorTo => $"it has no bucket, and local folders are not written to";

    public static Text NoKeysToMirror => $"no credentials for its bucket were found. {SetKeys}";

    public static Text NotMirrored(string repo, string hub) => $"{repo} could not be written to '{hub}'";

    // WISE2072
    public static Text OtherCopyKept(HgCopyName name, string where, string origin, string commit) =>
        $"{name}: the copy at {where} was not mirrored from '{origin}', so it was kept, and commit {commit} was not written. "
        + $"Remove that copy if it is no longer needed, or mirror to another bucket or prefix.";

    // WISE2073
    public static Text ArchiveStale(HgCopyName name, Uri archive) =>
        $"{name}: the published archive {Urls.Show(archive)} is now older than the uploaded copy. Remove that archive and "
        + $"publish the copy again: hg_localization itself never replaces an existing archive.";

    public static Text PublicationUnknown(HgCopyName name, string reason) =>
        $"{name}: it is not known whether this copy is published: {reason}";

    public static Text Uploaded(HgCopyName name, string bucket, int files, long bytes) => files == 0
        ? (Text)$"{name}: the bucket '{bucket}' already has all files."
        : (Text)$"{name}: sent {FileCount.Show(files)}, {ByteSize.Show(bytes)}, to the bucket '{bucket}'.";

    // Publications.

    public static Text Published(HgCopyName name, int objects, long bytes) => objects == 0
        ? (Text)$"{name}: this copy is already public."
        : (Text)$"{name}: this copy is now public; sent {ByteSize.Show(bytes)} for that.";

    // WISE5050
    public static HubException AclRefused(string readable, HubException cause) => new(WiseCodes.HgAclRefused,
        $"{cause.Message} This bucket does not support ACLs. Give it a policy that allows public reads of {readable}/*, the "
        + $"manifests, and the cards and configurations of models, and set \"publicAccess\": \"policy\" for the hub in "
        + $"{HubNames.ConfigFile}.", cause);

    // WISE5051
    public static HubException NotPublic(HgCopyName name, Uri url, bool byAcl) => new(WiseCodes.HgNotPublic,
        $"{name}: {Urls.Show(url)} is in the bucket, but cannot be read without credentials. {GivePolicy(byAcl)}");

    private static Text GivePolicy(bool byAcl) => byAcl
        ? Text.Of($"The server ignores ACLs. Give the bucket a policy that allows public reads of this object, "
            + $"and set \"publicAccess\": \"policy\" for the hub in {HubNames.ConfigFile}.")
        : Text.Of($"Give the bucket a policy that allows public reads of this object.");

    // WISE5052
    public static HubException NothingToPublish(HgCopyName name, string where) => new(WiseCodes.HgNothingToPublish,
        $"{name}: {where} has neither {HgMarkers.ModelCard} nor {HgMarkers.ModelConfig}, the only files of a model that are "
        + $"published. Add one of them.");
}
