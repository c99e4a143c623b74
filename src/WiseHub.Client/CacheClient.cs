using WiseHub.Client.Cache;
using WiseHub.Client.Context;
using WiseHub.Client.Store;

namespace WiseHub.Client;

/// <summary>The cache on this machine: lists, verifies and cleans it; see <see cref="HubClient.Cache"/>.</summary>
public sealed class CacheClient
{
    private readonly ClientContext _context;

    internal CacheClient(ClientContext context) => _context = context;

    /// <summary>Absolute path of the cache in use.</summary>
    public string Root => _context.Store.Root;

    /// <summary>Says whether the cache has a content, as far as one look at its file shows. Reads no content.</summary>
    /// <param name="sha256">The digest.</param>
    /// <param name="size">Its bytes.</param>
    public bool Has(Digest sha256, long size) => _context.Store.Blobs.Look(sha256, size) != BlobState.Missing;

    /// <summary>
    /// Reports the contents of the cache: repos, commits, sizes and last uses. Reads file lists and lock files, but no contents.
    /// </summary>
    /// <exception cref="HubException">WISE3005: the folder is not a cache; WISE3007 or WISE3013.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public Task<CacheReport> ListAsync(CancellationToken cancel = default) => Task.Run(() => Keeper.ListAsync(cancel), cancel);

    /// <summary>
    /// Hashes all contents of the cache, on all cores, and reads all file lists. Removes damaged files, so that the next build
    /// downloads them again; files that this user cannot read are reported and stay. If everything is intact, it is synced to the
    /// device, so that a crash leaves no doubt about it.
    /// </summary>
    /// <exception cref="HubException">WISE3005, WISE3007, WISE3008 or WISE3013: the check or the sync failed.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public Task<CacheVerification> VerifyAsync(CancellationToken cancel = default) =>
        Task.Run(() => Keeper.VerifyAsync(cancel), cancel);

    /// <summary>
    /// Removes unreferenced files from the cache, and on request those unused for a long time. Safe while builds run: it waits
    /// for running downloads, and does not remove recently used or downloaded files. Files in outputs stay, hard-linked or not.
    /// </summary>
    /// <exception cref="HubException">WISE3005, WISE3007 or WISE3013.</exception>
    /// <exception cref="OperationCanceledException">Cancelled; files removed before that are gone.</exception>
    public Task<CacheRemoval> PruneAsync(CachePruneRequest? request = null, CancellationToken cancel = default) =>
        Task.Run(() => Keeper.PruneAsync(request ?? new CachePruneRequest(), cancel), cancel);

    /// <summary>Removes a repo or one of its commits from the cache, with the blobs that nothing else refers to.</summary>
    /// <exception cref="HubException">WISE3022: the cache does not have it; WISE3005, WISE3007 or WISE3013.</exception>
    /// <exception cref="OperationCanceledException">Cancelled; files removed before that are gone.</exception>
    public Task<CacheRemoval> RemoveAsync(CacheRemoveRequest request, CancellationToken cancel = default) =>
        Task.Run(() => Keeper.RemoveAsync(request, cancel), cancel);

    private CacheKeeper Keeper => new(_context.Store, _context.Log, _context.Time);
}
