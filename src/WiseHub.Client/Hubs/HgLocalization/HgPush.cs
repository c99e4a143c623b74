using WiseHub.Client.Contents;
using WiseHub.Client.Hubs.S3;

namespace WiseHub.Client.Hubs.HgLocalization;

/// <summary>
/// A push as a copy in the bucket, and where the request does not keep it private, as what everybody reads. The layout has
/// one place for a copy and no commits: files are replaced where they lie, so nothing is sent before the branch was looked at
/// for the second time.
/// </summary>
internal sealed class HgPush(HgSettings settings, Bucket bucket, HgUpload upload, HgPublication publication,
    PushRequest request, IHubLog log) : IPushTarget
{
    /// <summary>A push to a hub of a client.</summary>
    /// <exception cref="HubException">WISE1036: it has no bucket, or there are no credentials for it.</exception>
    public static HgPush Open(HgSettings settings, IHubContext context, PushRequest request)
    {
        Bucket? bucket = settings.Bucket is null ? null : BucketProtocol.Open(context, settings.Definition);
        if (bucket is null or { IsAnonymous: true })
        {
            string why = bucket is null
                ? "it has no bucket. Set HGLOC_S3_BUCKET_NAME, or give it a 'bucket' in wisehub.json"
                : "no credentials for its bucket were found. Set HGLOC_AWS_ACCESS_KEY_ID and HGLOC_AWS_SECRET_ACCESS_KEY";
            throw new HubException(WiseCodes.HgSettingMissing,
                $"{request.RepoId} cannot be pushed to '{settings.Definition.Name}': {why}.");
        }
        var upload = new HgUpload(settings, bucket, bucket.Uploads, context.Log, context.Time);
        var publication = new HgPublication(
            settings, bucket, bucket.Uploads, upload, context.Connect(settings.Definition),
            context.Store.ForHub(settings.Definition).Root);
        return new HgPush(settings, bucket, upload, publication, request, context.Log);
    }

    private readonly HgCopyName _name = new(request.RepoType, request.RepoId, null, request.Revision);
    private readonly HgPrivateBucket _place = new(settings, bucket);
    private PushProgress? _progress;

    public async Task<PushBase> LookAsync(CancellationToken cancel)
    {
        try
        {
            return await _place.FindAsync(_name, cancel).ConfigureAwait(false) is HgCopy copy
                ? new PushBase(copy.Commit, [.. copy.Files.Where(f => !IsMadeOfReadme(f, copy.Files))
                    .Select(f => new TreeEntry(f.Path, f.Size, null, f.Sha256))])
                : PushBase.Empty;
        }
        // What an upload that broke off has left; this one makes it whole.
        catch (HubException e) when (e.Code == WiseCodes.HgCopyIncomplete)
        {
            log.Detail(e.Message);
            return PushBase.Empty;
        }
    }

    public Task<PushBase> PrepareAsync(PushBase seen, CancellationToken cancel) => Task.FromResult(seen);

    public Task SendAsync(PushBase parent, IReadOnlyList<LocalFile> files, PushProgress progress, CancellationToken cancel)
    {
        _progress = progress;
        return Task.CompletedTask;
    }

    public async Task<PushedCommit> CommitAsync(PushBase parent, PushChanges changes, CancellationToken cancel)
    {
        HashSet<string> named = [.. request.Files.Select(f => f.PathInRepo)];
        if (changes.Kept.FirstOrDefault(f => !named.Contains(f.Path)) is TreeEntry other)
        {
            throw new HubException(WiseCodes.HgWholeCopyNeeded, $"{_name}: the bucket's copy also has "
                + $"'{PathRules.Printable(other.Path)}', which this push does not name, and a copy is written as a whole. "
                + "Push all files, or with Prune (WisePushPrune), which removes what is not named.");
        }
        PushBase now = await LookAsync(cancel).ConfigureAwait(false);
        if (now.Commit != parent.Commit)
        {
            throw new HubException(WiseCodes.LostRace,
                $"{request.RepoId}: somebody {(now.Commit is null ? "removed" : $"pushed {now.Commit} to")} '{request.Revision}' "
                + $"on '{settings.Definition.Name}' during this push, which began at {parent.Commit ?? "no commit"}. "
                + "Nothing was sent. Look at theirs and push again.");
        }
        Dictionary<string, string> sources = request.Files.ToDictionary(f => f.PathInRepo, f => f.SourcePath,
            StringComparer.Ordinal);
        (_, long bytes) = await upload.UploadAsync(_name, sources, cancel).ConfigureAwait(false);
        if (!request.Private)
        {
            (_, long published) = await publication.PublishAsync(_name, sources,
                settings.Definition.Name, cancel).ConfigureAwait(false);
            bytes += published;
        }
        foreach (LocalFile file in changes.Sent)
        {
            file.RequireUnchanged();
            _progress?.Done(file);
        }
        _progress?.Sent(bytes);
        List<HgFile> files = [.. changes.Sent.Select(f => new HgFile(f.PathInRepo, f.Size, f.Sha256, "")),
            .. changes.Kept.Select(f => new HgFile(f.Path, f.Size ?? 0, f.Sha256, ""))];
        if (!named.Contains(Card) && files.Find(f => f.Path == HgMarkers.Readme) is HgFile readme)
            files.Add(readme with { Path = Card });
        return new PushedCommit(HgFile.Commit(files));
    }

    private string Card => HgMarkers.CardOf(request.RepoType);

    // The upload makes the other tool's card of the README, so that it is neither in the set nor another's file.
    private bool IsMadeOfReadme(HgFile file, IReadOnlyList<HgFile> all) =>
        file.Path == Card && request.Files.All(f => f.PathInRepo != Card)
            && all.Any(f => f.Path == HgMarkers.Readme && f.Sha256 is not null && f.Sha256 == file.Sha256);

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
