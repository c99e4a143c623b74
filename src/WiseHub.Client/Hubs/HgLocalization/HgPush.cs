using WiseHub.Client.Contents;
using WiseHub.Client.Hubs.S3;

namespace WiseHub.Client.Hubs.HgLocalization;

/// <summary>
/// Pushes a copy into the bucket and, unless the request is private, publishes it. The layout has no commits and one place for
/// a copy, where files are replaced, so no file is sent before the copy was checked a second time.
/// </summary>
internal sealed class HgPush(HgSettings settings, Bucket bucket, HgUpload upload, HgPublication publication,
    PushRequest request, IHubLog log) : IPushTarget
{
    /// <summary>Opens a push.</summary>
    /// <exception cref="HubException">WISE1036: the hub has no bucket, or there are no credentials for it.</exception>
    public static HgPush Open(HgSettings settings, IHubContext context, PushRequest request)
    {
        Bucket bucket = settings.Bucket is null ? throw HgMessages.NoBucketToPushTo(request.RepoId, settings.Definition.Name)
            : BucketProtocol.Open(context, settings.Definition);
        if (bucket.IsAnonymous)
            throw HgMessages.NoKeysToPush(request.RepoId, settings.Definition.Name);
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
        // The rest of an interrupted upload, which this push completes.
        catch (HubException e) when (e.Code == WiseCodes.HgCopyIncomplete)
        {
            log.Detail(e.Message);
            return PushBase.Empty;
        }
    }

    public Task<PushBase> PrepareAsync(PushBase seen, CancellationToken cancel) => Task.FromResult(seen);

    public bool IsReserved(string path) => false;

    public Task SendAsync(PushBase parent, IReadOnlyList<LocalFile> files, PushProgress progress, CancellationToken cancel)
    {
        _progress = progress;
        return Task.CompletedTask;
    }

    public async Task<PushedCommit> CommitAsync(PushBase parent, PushChanges changes, CancellationToken cancel)
    {
        HashSet<string> named = [.. request.Files.Select(f => f.PathInRepo)];
        if (changes.Kept.FirstOrDefault(f => !named.Contains(f.Path)) is TreeEntry other)
            throw HgMessages.WholeCopyNeeded(_name, other.Path);
        PushBase now = await LookAsync(cancel).ConfigureAwait(false);
        if (now.Commit != parent.Commit)
            throw HgMessages.LostRace(request.RepoId, request.Revision, settings.Definition.Name, parent.Commit, now.Commit);
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

    // The upload creates the other tool's card from README.md, so the card need not be in the push.
    private bool IsMadeOfReadme(HgFile file, IReadOnlyList<HgFile> all) =>
        file.Path == Card && request.Files.All(f => f.PathInRepo != Card)
            && all.Any(f => f.Path == HgMarkers.Readme && f.Sha256 is not null && f.Sha256 == file.Sha256);

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
