using System.Text;
using WiseHub.Client.Cache;
using WiseHub.Client.Contents;
using WiseHub.Client.Files;
using WiseHub.Client.Store;

namespace WiseHub.Client.Hubs.Store;

/// <summary>Writes to a store that is a folder.</summary>
internal sealed class FolderPush(StoreHub hub, PushRequest request, IHubLog log, TimeProvider time) : IStoreTarget
{
    private readonly string _root = hub.Folder!;
    private readonly RepoStore _repos = new(hub.Folder!);
    private BlobStore? _blobs;
    private FileLock? _share;
    private readonly Lock _beginning = new();
    private bool _hasBegun;

    // Each file is synced; the waits for the device overlap.
    public int Parallelism => request.Workers;

    private string Marker => Path.Combine(_root, RepoStore.MarkerName);

    private BlobStore Blobs => _blobs ??= hub.Blobs();

    public Task LookAsync(CancellationToken cancel)
    {
        hub.RequireOwnPlace(request.RepoType, request.RepoId, request.Revision);
        if (File.Exists(Marker))
            StoreMarker.Parse(ContendedFiles.OfSystem.Read(Marker), Marker);
        return Task.CompletedTask;
    }

    public async Task PrepareAsync(CancellationToken cancel)
    {
        // If the folder is also a cache, the lock keeps a prune from deleting blobs that no file list names yet.
        if (File.Exists(Path.Combine(_root, SnapshotStore.TagName)))
            _share = await FileLock.ShareAsync(SnapshotStore.StoreLockOf(_root), _root, log, time, cancel).ConfigureAwait(false);
        StoreMarker.Require(Marker, StoreMarker.Published, durable: true);
        _blobs = hub.Blobs();
    }

    public Task<string?> ReadRefAsync(CancellationToken cancel) =>
        Task.FromResult(_repos.ReadRef(request.RepoType, request.RepoId, request.Revision));

    public Task<TreeFile?> ReadTreeAsync(string commit, CancellationToken cancel) =>
        Task.FromResult(_repos.ReadTree(request.RepoType, request.RepoId, commit));

    public Task<bool> HasAsync(LocalFile file, CancellationToken cancel) =>
        Task.FromResult(Blobs.Verify(file.Sha256, file.Size, cancel: cancel));

    public Task<(Digest Sha256, long Kept)> AddAsync(LocalFile file, Action<long>? sent, CancellationToken cancel)
    {
        // The other files wait: theirs must not be taken for leftovers.
        lock (_beginning)
        {
            if (!_hasBegun)
                RemoveLeftovers();
            _hasBegun = true;
        }
        return Task.FromResult((Blobs.Add(file.SourcePath, file.Sha256, sent, cancel), 0L));
    }

    public Task WriteTreeAsync(string commit, TreeFile tree, byte[] bytes, CancellationToken cancel)
    {
        Blobs.SyncNames(tree.Files.Select(f => f.Sha256!.Value));
        AtomicFile.Write(_repos.TreePath(request.RepoType, request.RepoId, commit), bytes, durable: true);
        return Task.CompletedTask;
    }

    // Compare-and-swap: under the lock, the ref must still be at the commit of the start of the push.
    public async Task<string?> TryMoveRefAsync(string? parent, string commit, CancellationToken cancel)
    {
        string lockPath = Path.Combine(_repos.RepoFolder(request.RepoType, request.RepoId), ".push.lock");
        using FileLock held = await FileLock.AcquireAsync(lockPath, request.RepoId, log, time, cancel).ConfigureAwait(false);
        // Another process may have created a name that differs only by case since the look.
        hub.RequireOwnPlace(request.RepoType, request.RepoId, request.Revision);
        string? current = _repos.ReadRef(request.RepoType, request.RepoId, request.Revision);
        if (current != parent)
            return current ?? "";
        AtomicFile.Write(_repos.RefPath(request.RepoType, request.RepoId, request.Revision),
            Encoding.ASCII.GetBytes(commit), durable: true);
        return null;
    }

    /// <summary>Removes the temporary files of pushes that were killed.</summary>
    private void RemoveLeftovers()
    {
        int count = 0;
        foreach (FileInfo file in Leftovers.FindTemporary(_root, _repos.RepoFolder(request.RepoType, request.RepoId),
            time.GetUtcNow().UtcDateTime))
        {
            try
            {
                ContendedFiles.OfSystem.Delete(file.FullName);
                count++;
            }
            catch (Exception e) when (IoFailures.IsFileSystem(e))
            {
                log.Detail(StoreHubMessages.LeftoverNotRemoved(file.FullName, e));
            }
        }
        if (count > 0)
            log.Detail(StoreHubMessages.LeftoversRemoved(_root, count));
    }

    public ValueTask DisposeAsync()
    {
        _share?.Dispose();
        return ValueTask.CompletedTask;
    }
}
