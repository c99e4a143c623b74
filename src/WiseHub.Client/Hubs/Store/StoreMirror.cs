using System.Security.Cryptography;
using WiseHub.Client.Contents;
using WiseHub.Client.Files;
using WiseHub.Client.Hubs.S3;
using WiseHub.Client.Store;

namespace WiseHub.Client.Hubs.Store;

/// <summary>
/// Writes commits of other hubs to a store: first the missing contents, then the file list, and the ref last.
/// </summary>
internal sealed class StoreMirror(StoreHub hub, IHubLog log) : IBundleTarget
{
    /// <summary>The mirror in a store; null for a store on a web server, which is read-only.</summary>
    public static StoreMirror? Of(IHub hub, IHubContext context) =>
        hub is StoreHub store && (store.Folder is not null || store.Bucket is not null)
            ? new StoreMirror(store, context.Log) : null;

    private BlobStore? _blobs;

    // The marker of a folder is read once. It exists only after the first write.
    private BlobStore Blobs => _blobs ??= hub.Blobs();

    public HubDefinition Definition => hub.Definition;

    public string? Folder => hub.Folder;

    public BlobStore? LocalContents() => hub.Folder is null ? null : Blobs;

    public async Task<bool> HasAsync(Digest digest, CancellationToken cancel) =>
        hub.Bucket is Bucket bucket
            ? await bucket.HeadAsync(BlobStore.RelativePath(digest), cancel).ConfigureAwait(false) is not null
            : new FileInfo(Blobs.PathOf(digest)) is { Exists: true } blob && Blobs.Verify(digest, blob.Length, cancel: cancel);

    public async Task<byte[]?> ReadAsync(Digest digest, int limit, CancellationToken cancel)
    {
        string path = BlobStore.RelativePath(digest);
        byte[]? content;
        if (hub.Bucket is Bucket bucket)
        {
            if (await bucket.HeadAsync(path, cancel).ConfigureAwait(false) is not BucketObject there || there.Size > limit)
                return null;
            content = (await bucket.GetAsync(path, limit, cancel).ConfigureAwait(false))?.Content;
        }
        else
        {
            content = ReadFile(path = Blobs.PathOf(digest), limit);
        }
        if (content is not null && Digest.FromBytes(SHA256.HashData(content)) is Digest actual && actual != digest)
            throw StoreHubMessages.ContentChanged(hub.Definition.Name, path, actual);
        return content;
    }

    private byte[]? ReadFile(string path, int limit)
    {
        try
        {
            return new FileInfo(path) is { Exists: true } file && file.Length <= limit
                ? ContendedFiles.OfSystem.Read(path) : null;
        }
        catch (Exception e) when (IoFailures.IsFileSystem(e))
        {
            throw IoFailures.ToHubException(e, StoreHubMessages.Unreadable(hub.Definition.Name, path));
        }
    }

    public Task<MirrorListing> ListAsync(CancellationToken cancel) => new StoreLister(hub).ListAsync(cancel);

    public async Task<IReadOnlyList<TreeEntry>?> FindListAsync(
        RepoReference reference, string commit, CancellationToken cancel)
    {
        try
        {
            return await hub.ListAsync(reference, commit, cancel).ConfigureAwait(false);
        }
        catch (HubException e) when (e.Code == WiseCodes.RevisionNotFound)
        {
            return null;
        }
    }

    /// <exception cref="HubException">
    /// WISE3060: the store has this commit with different contents; a code of the file system or of the bucket.
    /// </exception>
    public async Task<MirrorOutcome> WriteAsync(MirroredCommit commit, CancellationToken cancel)
    {
        try
        {
            IStoreTarget target = At(commit);
            await using (target.ConfigureAwait(false))
                return await WriteAsync(commit, target, cancel).ConfigureAwait(false);
        }
        catch (Exception e) when (IoFailures.IsFileSystem(e))
        {
            throw IoFailures.ToHubException(e, StoreHubMessages.NotMirrored(commit.RepoId, hub.Definition));
        }
    }

    /// <summary>Writes contents before the commits that list them.</summary>
    /// <exception cref="HubException">A code of the file system or of the bucket.</exception>
    public async Task<MirrorOutcome> WriteAsync(IReadOnlyList<MirroredContent> contents, CancellationToken cancel)
    {
        IStoreTarget target = At(commit: null);
        await using (target.ConfigureAwait(false))
        {
            await target.LookAsync(cancel).ConfigureAwait(false);
            await target.PrepareAsync(cancel).ConfigureAwait(false);
            (int files, long bytes) = await AddAsync(contents, StoreHubMessages.MirroredContents, target, cancel)
                .ConfigureAwait(false);
            return new MirrorOutcome(files, bytes, IsNewCommit: false, IsNewRevision: false);
        }
    }

    private IStoreTarget At(MirroredCommit? commit)
    {
        var place = new PushRequest
        {
            RepoType = commit?.RepoType ?? RepoType.Model,
            RepoId = commit?.RepoId ?? "",
            Revision = commit?.Revision ?? "",
            Message = commit?.Message ?? "",
            Files = []
        };
        return hub.OpenStore(place);
    }

    private async Task<MirrorOutcome> WriteAsync(MirroredCommit commit, IStoreTarget target, CancellationToken cancel)
    {
        await target.LookAsync(cancel).ConfigureAwait(false);
        await target.PrepareAsync(cancel).ConfigureAwait(false);
        // Merged before anything is written, so that a contradiction leaves nothing behind.
        TreeFile? tree = commit.HasName
            ? Merge(await target.ReadTreeAsync(commit.Commit, cancel).ConfigureAwait(false), commit) : null;
        (int files, long bytes) = await AddAsync(commit.Contents, commit.RepoId, target, cancel).ConfigureAwait(false);
        if (files > 0 && hub.Folder is not null)
            Blobs.SyncNames(commit.Contents.Select(c => c.Sha256));
        if (!commit.HasName)
            return new MirrorOutcome(files, bytes, IsNewCommit: false, IsNewRevision: false);
        if (tree is not null)
        {
            // The contents of this commit are durable by now; the other files of the list are not part of this write.
            await target.WriteTreeAsync(commit.Commit, tree with { Files = [] }, tree.ToBytes(), cancel).ConfigureAwait(false);
        }
        return new MirrorOutcome(files, bytes, tree is not null,
            await MoveRefAsync(commit, target, cancel).ConfigureAwait(false));
    }

    private static async Task<(int Files, long Bytes)> AddAsync(
        IReadOnlyList<MirroredContent> contents, string what, IStoreTarget target, CancellationToken cancel)
    {
        int files = 0;
        long bytes = 0;
        await Parallel.ForEachAsync(contents.DistinctBy(c => c.Sha256.Hex),
            new ParallelOptions { MaxDegreeOfParallelism = target.Parallelism, CancellationToken = cancel },
            async (content, token) =>
            {
                LocalFile file = LocalFile.Known(content.Path, content.Sha256);
                if (await target.HasAsync(file, token).ConfigureAwait(false))
                    return;
                // The file is hashed again as it is written, so that a failing disk does not spread damage.
                (Digest added, _) = await target.AddAsync(file, sent: null, token).ConfigureAwait(false);
                if (added != content.Sha256)
                    throw StoreHubMessages.CacheDamaged(what, content.Path, added, content.Sha256);
                Interlocked.Increment(ref files);
                Interlocked.Add(ref bytes, file.Size);
            }).ConfigureAwait(false);
        return (files, bytes);
    }

    /// <summary>Merges the file list in the store with the one of the commit.</summary>
    /// <returns>Null if the store has the result already.</returns>
    private TreeFile? Merge(TreeFile? there, MirroredCommit commit)
    {
        Dictionary<string, TreeEntry> old = there?.Files.ToDictionary(f => f.Path, StringComparer.Ordinal) ?? [];
        var merged = new List<TreeEntry>(commit.Files.Count);
        foreach (TreeEntry file in commit.Files)
        {
            TreeEntry? known = old.GetValueOrDefault(file.Path);
            if (known is not null && TreeEntryDifference.Find(file, known) is string difference)
            {
                throw StoreHubMessages.MirrorDisagrees(commit, hub.Definition.Name, file.Path, difference,
                    $"{RepoStore.RelativePath(commit.RepoType, commit.RepoId)}/trees/{commit.Commit}.json");
            }
            merged.Add(file with
            {
                Size = file.Size ?? known?.Size,
                Oid = file.Oid ?? known?.Oid,
                Sha256 = file.Sha256 ?? known?.Sha256
            });
        }
        Utf8Ordinal.Sort(merged, f => f.Path);
        return there is not null && there.Files.SequenceEqual(merged) ? null
            : new TreeFile(commit.Commit, null, commit.Message, null, merged);
    }

    private async Task<bool> MoveRefAsync(MirroredCommit commit, IStoreTarget target, CancellationToken cancel)
    {
        if (commit.Revision is not string revision || CommitId.IsCommit(revision))
            return false;
        string? current = await target.ReadRefAsync(cancel).ConfigureAwait(false);
        if (current == commit.Commit || (current is not null && !commit.MovesRevision))
            return false;
        if (current is not null && (await target.ReadTreeAsync(current, cancel).ConfigureAwait(false))?.Message != commit.Message)
        {
            log.Warning(WiseCodes.MirrorRefKept,
                StoreHubMessages.MirrorRefKept(commit, hub.Definition.Name, revision, current));
            return false;
        }
        // If another writer was faster, it mirrored the same commit.
        return await target.TryMoveRefAsync(current, commit.Commit, cancel).ConfigureAwait(false) is null;
    }
}
