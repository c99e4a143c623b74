using System.Security.Cryptography;
using System.Text;
using WiseHub.Client.Store;

namespace WiseHub.Client.Hubs;

/// <summary>Publishes to a folder hub: blobs first, then the tree, the ref last (DESIGN.md section 6), so that a half push is never visible.</summary>
internal sealed class StorePush(StoreHub hub, IHubLog log, TimeProvider time)
{
    public async Task<PushResult> PushAsync(PushRequest request, CancellationToken cancel)
    {
        string root = hub.Folder!;
        try
        {
            // Where the folder is a cache as well, nobody may prune what no tree lists yet.
            using FileLock? share = File.Exists(Path.Combine(root, SnapshotStore.TagName))
                ? await FileLock.ShareAsync(SnapshotStore.StoreLockOf(root), root, log, time, cancel).ConfigureAwait(false) : null;
            StoreMarker.Require(Path.Combine(root, RepoStore.MarkerName), "{\"version\":1}\n", durable: true);
            var repos = new RepoStore(root);
            string? parent = repos.ReadRef(request.RepoType, request.RepoId, request.Revision);
            BlobStore blobs = hub.Blobs();
            var files = new List<TreeEntry>(request.Files.Count);
            foreach (PushFile file in request.Files)
                files.Add(Add(blobs, file, cancel));
            Utf8Ordinal.Sort(files, f => f.Path);
            if (parent is not null && repos.ReadTree(request.RepoType, request.RepoId, parent) is TreeFile old && old.Files.SequenceEqual(files))
            {
                log.Info($"{request.RepoId}: '{hub.Definition.Name}' already has exactly these {files.Count} files at {parent}; no commit.");
                return new PushResult(parent, Changed: false);
            }
            byte[] tree = new TreeFile(null, parent, request.Message, time.GetUtcNow(), files).ToBytes();
            string commit = Convert.ToHexStringLower(SHA256.HashData(tree));
            blobs.SyncNames(files.Select(f => f.Sha256!.Value));
            AtomicFile.Write(repos.TreePath(request.RepoType, request.RepoId, commit), tree, durable: true);
            await MoveRefAsync(repos, request, parent, commit, cancel).ConfigureAwait(false);
            log.Info($"{request.RepoId}: pushed {files.Count} files to '{hub.Definition.Name}' as {commit}.");
            return new PushResult(commit, Changed: true);
        }
        catch (Exception e) when (IoFailures.IsFileSystem(e))
        {
            throw IoFailures.ToHubException(e, $"{request.RepoId} could not be pushed to '{hub.Definition.Name}' ({root})");
        }
    }

    private static TreeEntry Add(BlobStore blobs, PushFile file, CancellationToken cancel)
    {
        var before = new FileInfo(file.SourcePath);
        if (!before.Exists)
            throw new HubException(WiseCodes.InvalidPush, $"{file.SourcePath} is not a file. Correct the list of files to push.");
        (Digest digest, long size) = blobs.Add(file.SourcePath, cancel);
        var after = new FileInfo(file.SourcePath);
        return after.Exists && after.Length == size && after.LastWriteTimeUtc == before.LastWriteTimeUtc ? new TreeEntry(file.PathInRepo, size, null, digest)
            : throw new HubException(WiseCodes.FileChangedDuringPush, $"{file.SourcePath} changed while it was pushed. Push again when nothing writes to it.");
    }

    // Compare-and-swap: under the lock the ref must still be what it was when the push began.
    private async Task MoveRefAsync(RepoStore repos, PushRequest request, string? parent, string commit, CancellationToken cancel)
    {
        string lockPath = Path.Combine(repos.RepoFolder(request.RepoType, request.RepoId), ".push.lock");
        using FileLock held = await FileLock.AcquireAsync(lockPath, request.RepoId, log, time, cancel).ConfigureAwait(false);
        string? current = repos.ReadRef(request.RepoType, request.RepoId, request.Revision);
        if (current != parent)
        {
            throw new HubException(WiseCodes.LostRace,
                $"{request.RepoId}: somebody pushed {current} to '{request.Revision}' while this push, which began at {parent ?? "no commit"}, made {commit}. Look at theirs and push again.");
        }
        AtomicFile.Write(repos.RefPath(request.RepoType, request.RepoId, request.Revision), Encoding.ASCII.GetBytes(commit), durable: true);
    }
}
