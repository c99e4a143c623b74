using WiseHub.Client.Contents;
using WiseHub.Client.Files;
using WiseHub.Client.Hubs.S3;
using WiseHub.Client.Store;

namespace WiseHub.Client.Hubs.Store;

/// <summary>
/// Writes commits of other hubs to a store: what it lacks of the contents first, then the file list, the ref last.
/// </summary>
internal sealed class StoreMirror(StoreHub hub, IHubLog log) : IBundleTarget
{
    /// <summary>The mirror in a store; null where the store is only read.</summary>
    public static StoreMirror? Of(IHub hub, IHubContext context) =>
        hub is StoreHub store && (store.Folder is not null || store.Bucket is not null)
            ? new StoreMirror(store, context.Log) : null;

    public HubDefinition Definition => hub.Definition;

    public string? Folder => hub.Folder;

    public BlobStore? LocalContents() => hub.LocalContents();

    public async Task<bool> HasAsync(Digest digest, CancellationToken cancel) =>
        hub.Bucket is Bucket bucket
            ? await bucket.HeadAsync(BlobStore.RelativePath(digest), cancel).ConfigureAwait(false) is not null
            : hub.Blobs() is BlobStore blobs && new FileInfo(blobs.PathOf(digest)) is { Exists: true } blob
                && blobs.Verify(digest, blob.Length, cancel: cancel);

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
    /// WISE3060: the store knows the commit with other contents; a code of the file system or of the bucket.
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
            throw IoFailures.ToHubException(e, $"{commit.RepoId} could not be written to "
                + $"'{hub.Definition.Name}'{(hub.Folder is null ? "" : $" ({hub.Folder})")}");
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
            (int files, long bytes) = await AddAsync(contents, "What is mirrored", target, cancel).ConfigureAwait(false);
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
        // First of all: what contradicts the store must leave nothing there.
        TreeFile? tree = commit.HasName
            ? Merge(await target.ReadTreeAsync(commit.Commit, cancel).ConfigureAwait(false), commit) : null;
        (int files, long bytes) = await AddAsync(commit.Contents, commit.RepoId, target, cancel).ConfigureAwait(false);
        if (files > 0 && hub.Folder is not null)
            hub.Blobs().SyncNames(commit.Contents.Select(c => c.Sha256));
        if (!commit.HasName)
            return new MirrorOutcome(files, bytes, IsNewCommit: false, IsNewRevision: false);
        if (tree is not null)
        {
            // What we brought is there for good by now; the rest of the list is another's.
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
                // Hashed again on its way: a disk that is failing must not spread.
                (Digest added, _) = await target.AddAsync(file, sent: null, token).ConfigureAwait(false);
                if (added != content.Sha256)
                {
                    throw new HubException(WiseCodes.DigestMismatch,
                        $"{what}: {content.Path} has the sha256 {added.Hex}, but it must be {content.Sha256.Hex}. "
                        + "Run wisehub cache verify, and try again.");
                }
                Interlocked.Increment(ref files);
                Interlocked.Add(ref bytes, file.Size);
            }).ConfigureAwait(false);
        return (files, bytes);
    }

    /// <summary>The file list that the store should have: what it has, and what we know more.</summary>
    /// <returns>Null when it has that already.</returns>
    private TreeFile? Merge(TreeFile? there, MirroredCommit commit)
    {
        Dictionary<string, TreeEntry> old = there?.Files.ToDictionary(f => f.Path, StringComparer.Ordinal) ?? [];
        var merged = new List<TreeEntry>(commit.Files.Count);
        foreach (TreeEntry file in commit.Files)
        {
            TreeEntry? known = old.GetValueOrDefault(file.Path);
            if (known is not null && TreeEntryDifference.Find(file, known) is string difference)
            {
                throw new HubException(WiseCodes.MirrorDisagrees,
                    $"{commit.RepoId}: '{hub.Definition.Name}' says of commit {commit.Commit} that '{file.Path}' has "
                    + $"{difference} on '{commit.Origin}'. Nothing was written. Find out who wrote "
                    + $"{RepoStore.RelativePath(commit.RepoType, commit.RepoId)}/trees/{commit.Commit}.json there, "
                    + "remove it, and mirror it again.");
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
                $"{commit.RepoId}: '{revision}' on '{hub.Definition.Name}' is {current}, which was not mirrored from "
                + $"'{commit.Origin}', and stays so; the commit {commit.Commit} is there under its own name. "
                + "Two repos of one name need two mirrors.");
            return false;
        }
        // Whoever was quicker mirrored it as well.
        return await target.TryMoveRefAsync(current, commit.Commit, cancel).ConfigureAwait(false) is null;
    }
}
