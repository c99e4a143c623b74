using System.Text;
using WiseHub.Client.Contents;
using WiseHub.Client.Hubs.Store;
using WiseHub.Client.Store;

namespace WiseHub.Client.Hubs.S3;

/// <summary>
/// Pushes to a bucket. A blob that is there with the right size and ETag is not sent again; a conditional write moves the ref.
/// </summary>
internal sealed class BucketPush(Bucket bucket, PushRequest request, IHubLog log) : IStoreTarget
{
    private const int MostSmallBytes = 4096, MostTreeBytes = 1 << 30;

    private static readonly PutOptions Json = new() { ContentType = "application/json" },
        Text = new() { ContentType = "text/plain" };

    private readonly SemaphoreSlim _slots = new(request.Workers);
    private readonly string _repo = RepoStore.RelativePath(request.RepoType, request.RepoId);
    private readonly SemaphoreSlim _beginning = new(1);
    private bool _hasBegun;
    private string? _refETag;
    private bool _isStore;

    public int Parallelism => request.Workers;

    private string RefKey => $"{_repo}/refs/{request.Revision}";

    public async Task LookAsync(CancellationToken cancel)
    {
        if (bucket.IsAnonymous)
            throw S3Messages.KeysNeededToPush(bucket.Hub);
        if (await bucket.GetAsync(RepoStore.MarkerName, MostSmallBytes, cancel).ConfigureAwait(false) is not (byte[] marker, _))
            return;
        StoreMarker.Parse(marker, Urls.Show(bucket.PublicUrl(RepoStore.MarkerName)));
        _isStore = true;
    }

    public async Task PrepareAsync(CancellationToken cancel)
    {
        if (!_isStore)
            await bucket.Uploads.PutAsync(RepoStore.MarkerName,
                Encoding.UTF8.GetBytes(StoreMarker.Published), Json, cancel).ConfigureAwait(false);
    }

    public async Task<string?> ReadRefAsync(CancellationToken cancel)
    {
        if (await bucket.GetAsync(RefKey, MostSmallBytes, cancel).ConfigureAwait(false) is not (byte[] content, var etag))
        {
            _refETag = null;
            return null;
        }
        _refETag = etag;
        string commit = Encoding.UTF8.GetString(content).Trim();
        return CommitId.IsCommit(commit) ? commit : throw S3Messages.RefNotACommit(bucket.PublicUrl(RefKey));
    }

    public async Task<TreeFile?> ReadTreeAsync(string commit, CancellationToken cancel)
    {
        string key = TreeKey(commit), where = Urls.Show(bucket.PublicUrl(key));
        if (await bucket.GetAsync(key, MostTreeBytes, cancel).ConfigureAwait(false) is not (byte[] bytes, _))
            return null;
        TreeFile tree = TreeFile.Parse(bytes, where);
        TreeFile.CheckIdentity(bytes, tree, commit, where);
        return tree;
    }

    public async Task<bool> HasAsync(LocalFile file, CancellationToken cancel)
    {
        // There are no blobs where there was no store: it was marked before the first of them was written.
        if (!_isStore
            || await bucket.HeadAsync(BlobStore.RelativePath(file.Sha256), cancel).ConfigureAwait(false) is not BucketObject there
            || there.Size != file.Size)
            return false;
        // An ETag of the same form that differs belongs to other bytes, or to other part sizes: then the blob is sent again.
        string ours = file.Fact(PushMemory.ETag, () => FileHashes.Of(file.SourcePath, cancel).ETag), its = there.ETag.Trim('"');
        return its.Length != ours.Length || its == ours;
    }

    public async Task<(Digest Sha256, long Kept)> AddAsync(LocalFile file, Action<long>? sent, CancellationToken cancel)
    {
        await BeginAsync(cancel).ConfigureAwait(false);
        FileUploaded done = await bucket.Uploads.UploadAsync(new FileUpload(BlobStore.RelativePath(file.Sha256), file.SourcePath,
            file.Size, file.Sha256)
        {
            Slots = _slots,
            PartsAtOnce = request.Workers,
            Sent = sent,
            RequireUnchanged = file.RequireUnchanged,
            IsHashedAgain = file.IsRemembered,
            StartsOver = request.Force,
        }, cancel).ConfigureAwait(false);
        if (done.Sha256 == file.Sha256)
            file.Note(PushMemory.ETag, done.ETag);
        return (done.Sha256, done.Kept);
    }

    public async Task WriteTreeAsync(string commit, TreeFile tree, byte[] bytes, CancellationToken cancel) =>
        await bucket.Uploads.PutAsync(TreeKey(commit), bytes, Json, cancel).ConfigureAwait(false);

    public async Task<string?> TryMoveRefAsync(string? parent, string commit, CancellationToken cancel)
    {
        byte[] content = Encoding.ASCII.GetBytes(commit);
        if ((parent is null || _refETag is not null) && await bucket.Uploads.HasConditionsAsync(cancel).ConfigureAwait(false))
            return await MoveRefByConditionAsync(content, parent, commit, cancel).ConfigureAwait(false);
        log.Info(S3Messages.NoConditionalWrites(request.RepoId, bucket.Hub.Name));
        string? current = await ReadRefAsync(cancel).ConfigureAwait(false);
        if (current != parent)
            return current ?? "";
        await bucket.Uploads.PutAsync(RefKey, content, Text, cancel).ConfigureAwait(false);
        return null;
    }

    private async Task<string?> MoveRefByConditionAsync(byte[] content, string? parent, string commit, CancellationToken cancel)
    {
        // Ceph 16 compares with the ETag without its quotes, so it rejects the right one.
        PutOptions[] conditions = parent is null ? [Text with { OnlyNew = true }]
            : [Text with { IfMatch = _refETag }, Text with { IfMatch = _refETag!.Trim('"') }];
        foreach (PutOptions condition in conditions)
        {
            if (await bucket.Uploads.PutAsync(RefKey, content, condition, cancel).ConfigureAwait(false) is not null)
                return null;
            string? now = await ReadRefAsync(cancel).ConfigureAwait(false);
            // An earlier attempt may have succeeded although its response was lost.
            if (now == commit)
                return null;
            if (now != parent)
                return now ?? "";
        }
        throw S3Messages.ConditionMisread(bucket.Hub.Name, bucket.PublicUrl(RefKey));
    }

    private async Task BeginAsync(CancellationToken cancel)
    {
        await _beginning.WaitAsync(cancel).ConfigureAwait(false);
        try
        {
            if (_hasBegun)
                return;
            // Check that the ref can be moved before gigabytes are uploaded.
            await bucket.Uploads.HasConditionsAsync(cancel).ConfigureAwait(false);
            await bucket.Uploads.AbortOldAsync(BlobStore.Folder,
                key => BlobStore.DigestOf(key) is not null, cancel).ConfigureAwait(false);
            _hasBegun = true;
        }
        finally
        {
            _beginning.Release();
        }
    }

    public ValueTask DisposeAsync()
    {
        _beginning.Dispose();
        _slots.Dispose();
        return ValueTask.CompletedTask;
    }

    private string TreeKey(string commit) => $"{_repo}/trees/{commit}.json";
}
