using System.Security.Cryptography;
using WiseHub.Client.Store;

namespace WiseHub.Client.Hubs;

/// <summary>Publishes to a store: blobs first, then the tree, the ref last (DESIGN.md section 6), so that a half push is never visible.</summary>
internal sealed class StorePush(StoreHub hub, IHubLog log, TimeProvider time)
{
    private string Name => hub.Definition.Name;

    public async Task<PushResult> PushAsync(PushRequest request, CancellationToken cancel)
    {
        try
        {
            IPushTarget target = hub.Bucket is S3.Bucket bucket ? new S3.BucketPush(bucket, request, log) : new FolderPush(hub, request, log, time);
            await using (target.ConfigureAwait(false))
                return await PushAsync(request, target, cancel).ConfigureAwait(false);
        }
        catch (Exception e) when (IoFailures.IsFileSystem(e))
        {
            throw IoFailures.ToHubException(e, $"{request.RepoId} could not be pushed to '{Name}'{(hub.Folder is null ? "" : $" ({hub.Folder})")}");
        }
    }

    private async Task<PushResult> PushAsync(PushRequest request, IPushTarget target, CancellationToken cancel)
    {
        await target.PrepareAsync(cancel).ConfigureAwait(false);
        string? parent = await target.ReadRefAsync(cancel).ConfigureAwait(false);
        var files = new TreeEntry[request.Files.Count];
        await Parallel.ForAsync(0, files.Length, new ParallelOptions { MaxDegreeOfParallelism = target.Parallelism, CancellationToken = cancel },
            async (i, token) => files[i] = await AddAsync(target, request.Files[i], token).ConfigureAwait(false)).ConfigureAwait(false);
        Array.Sort(files, (a, b) => Utf8Ordinal.Instance.Compare(a.Path, b.Path));
        if (parent is not null && await target.ReadTreeAsync(parent, cancel).ConfigureAwait(false) is TreeFile old && old.Files.SequenceEqual(files))
        {
            log.Info($"{request.RepoId}: '{Name}' already has exactly these {files.Length} files at {parent}; no commit.");
            return new PushResult(parent, Changed: false);
        }
        var tree = new TreeFile(null, parent, request.Message, time.GetUtcNow(), files);
        byte[] bytes = tree.ToBytes();
        string commit = Convert.ToHexStringLower(SHA256.HashData(bytes));
        await target.WriteTreeAsync(commit, tree, bytes, cancel).ConfigureAwait(false);
        if (await target.TryMoveRefAsync(parent, commit, cancel).ConfigureAwait(false) is string theirs)
        {
            throw new HubException(WiseCodes.LostRace, $"{request.RepoId}: somebody {(theirs.Length > 0 ? $"pushed {theirs} to" : "deleted")} '{request.Revision}' while this push, "
                + $"which began at {parent ?? "no commit"}, made {commit}. Look at theirs and push again.");
        }
        log.Info($"{request.RepoId}: pushed {files.Length} files to '{Name}' as {commit}.");
        return new PushResult(commit, Changed: true);
    }

    private static async Task<TreeEntry> AddAsync(IPushTarget target, PushFile file, CancellationToken cancel)
    {
        var before = new FileInfo(file.SourcePath);
        if (!before.Exists)
            throw new HubException(WiseCodes.InvalidPush, $"{file.SourcePath} is not a file. Correct the list of files to push.");
        (Digest digest, long size) = await target.AddAsync(file.SourcePath, cancel).ConfigureAwait(false);
        var after = new FileInfo(file.SourcePath);
        return after.Exists && after.Length == size && after.LastWriteTimeUtc == before.LastWriteTimeUtc ? new TreeEntry(file.PathInRepo, size, null, digest)
            : throw new HubException(WiseCodes.FileChangedDuringPush, $"{file.SourcePath} changed while it was pushed. Push again when nothing writes to it.");
    }
}
