using WiseHub.Client.Cache;
using WiseHub.Client.Context;

namespace WiseHub.Client;

/// <summary>The cache on this machine: lists, verifies and cleans it; see <see cref="HubClient.Cache"/>.</summary>
public sealed class CacheClient
{
    private readonly ClientContext _context;

    internal CacheClient(ClientContext context) => _context = context;

    /// <summary>Absolute path of the cache in use.</summary>
    public string Root => _context.Store.Root;

    /// <summary>
    /// Reports what the cache holds: repos, commits, sizes, and when they were last used. It reads file lists and lock files, no
    /// contents.
    /// </summary>
    /// <exception cref="HubException">WISE3005: the folder holds something else; WISE3007 or WISE3013.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public Task<CacheReport> ListAsync(CancellationToken cancel = default) => Task.Run(() => Keeper.ListAsync(cancel), cancel);

    /// <summary>
    /// Hashes every content of the cache, on all cores, and reads every file list. It removes what is wrong, so that the next
    /// build fetches it again; what this user may not read is reported and left alone. When everything is right, all of it is
    /// synced to the device and need not be doubted after a crash.
    /// </summary>
    /// <exception cref="HubException">
    /// WISE3005, WISE3007, WISE3008 or WISE3013: it could not be done, or not be synced.
    /// </exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public Task<CacheVerification> VerifyAsync(CancellationToken cancel = default) =>
        Task.Run(() => Keeper.VerifyAsync(cancel), cancel);

    /// <summary>
    /// Removes from the cache what nothing refers to, and on request what was not used for long. It is safe while builds run: it
    /// waits for those that fetch, and leaves alone what was used or fetched just now. It does not touch files in outputs,
    /// hard-linked or not.
    /// </summary>
    /// <exception cref="HubException">WISE3005, WISE3007 or WISE3013.</exception>
    /// <exception cref="OperationCanceledException">Cancelled; what was removed by then is removed.</exception>
    public Task<CacheRemoval> PruneAsync(CachePruneRequest? request = null, CancellationToken cancel = default) =>
        Task.Run(() => Keeper.PruneAsync(request ?? new CachePruneRequest(), cancel), cancel);

    /// <summary>Removes a repo or a commit of it from the cache, with the contents that nothing else refers to.</summary>
    /// <exception cref="HubException">WISE3022: the cache does not have it; WISE3005, WISE3007 or WISE3013.</exception>
    /// <exception cref="OperationCanceledException">Cancelled; what was removed by then is removed.</exception>
    public Task<CacheRemoval> RemoveAsync(CacheRemoveRequest request, CancellationToken cancel = default) =>
        Task.Run(() => Keeper.RemoveAsync(request, cancel), cancel);

    private CacheKeeper Keeper => new(_context.Store, _context.Log, _context.Time);
}
