using WiseHub.Client.Context;
using WiseHub.Client.Files;
using WiseHub.Client.Mirroring;

namespace WiseHub.Client;

/// <summary>
/// Copies commits to places without their hub: pushes them to a mirror, or carries them in bundles (docs/air-gap.md); see
/// <see cref="HubClient.Mirrors"/>.
/// </summary>
public sealed class MirrorClient
{
    private readonly ClientContext _context;

    internal MirrorClient(ClientContext context) => _context = context;

    /// <summary>
    /// Copies commits from their hubs to another hub, under their own names: first the missing contents, then the file lists, and
    /// the names last. Existing contents are not written again. Every byte goes through the cache and is verified there.
    /// </summary>
    /// <exception cref="HubException">WISE1050, WISE1051, WISE2014, WISE3060, WISE3064, or any code of a restore.</exception>
    /// <exception cref="AggregateException">Several of them.</exception>
    /// <exception cref="OperationCanceledException">Cancelled; commits that are already complete at the target stay.</exception>
    public Task<MirrorResult> PushAsync(MirrorRequest request, CancellationToken cancel = default) =>
        Task.Run(() => new MirrorPush(_context, cancel).RunAsync(request), cancel);

    /// <summary>
    /// Puts commits into a single file, with the contents that the other side lacks. Equal commits and have-lists give equal
    /// bytes.
    /// </summary>
    /// <exception cref="HubException">WISE1051, WISE3061, or any code of a restore.</exception>
    /// <exception cref="AggregateException">Several of them.</exception>
    /// <exception cref="OperationCanceledException">Cancelled; an existing bundle at that path is unchanged.</exception>
    public Task<MirrorResult> ExportBundleAsync(ExportBundleRequest request, CancellationToken cancel = default) =>
        Task.Run(() => new BundleExport(_context, cancel).RunAsync(request), cancel);

    /// <summary>
    /// Puts a bundle into a hub. Everything in it is verified before any of its commits becomes visible. Verified contents stay,
    /// so that a second try is faster.
    /// </summary>
    /// <exception cref="HubException">
    /// WISE1050, WISE2014, WISE3060 to WISE3063, a code of the file system, and for a bucket WISE103x, WISE2xxx and WISE501x.
    /// </exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public Task<MirrorResult> ImportBundleAsync(ImportBundleRequest request, CancellationToken cancel = default) => Task.Run(() =>
    {
        var import = new BundleImport(_context, new MirrorTargets(_context).FindForBundle(request.To), cancel);
        return import.RunAsync(Path.GetFullPath(request.BundlePath));
    }, cancel);

    /// <summary>Lists the commits of a folder store, a bucket or a bundle. Reads names and file lists, but no contents.</summary>
    /// <param name="hubOrBundle">The name of a hub, or the path of a bundle.</param>
    /// <param name="cancel">Stops reading.</param>
    /// <exception cref="HubException">
    /// WISE1050, WISE1052, WISE2014, WISE3005, WISE3006, WISE3061, WISE3062, a code of the file system, and for a bucket WISE103x
    /// and WISE2xxx.
    /// </exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public Task<MirrorListing> ListAsync(string hubOrBundle, CancellationToken cancel = default) => Task.Run(async () =>
    {
        if (!IsBundle(hubOrBundle))
        {
            var targets = new MirrorTargets(_context);
            return await targets.FindForListing(hubOrBundle).ListAsync(cancel).ConfigureAwait(false);
        }
        try
        {
            return BundleListing.Read(Path.GetFullPath(hubOrBundle), cancel);
        }
        catch (Exception e) when (IoFailures.IsFileSystem(e))
        {
            throw IoFailures.ToHubException(e, ClientMessages.BundleNotReadable(hubOrBundle));
        }
    }, cancel);

    /// <summary>
    /// Reads a small content of a folder store or a bucket into memory, such as the card of a commit, and verifies it. Writes
    /// nothing to the cache.
    /// </summary>
    /// <param name="hub">The name of the hub.</param>
    /// <param name="digest">The content, from a listing.</param>
    /// <param name="limit">The most bytes that are read.</param>
    /// <param name="cancel">Stops reading.</param>
    /// <returns>The bytes; null if the hub does not have the content, or it has more than <paramref name="limit"/>.</returns>
    /// <exception cref="HubException">
    /// WISE1002, WISE1050, WISE2014, WISE3001, WISE3005, a code of the file system, and for a bucket WISE103x and WISE2xxx.
    /// </exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public Task<byte[]?> ReadAsync(string hub, Digest digest, int limit, CancellationToken cancel = default) =>
        Task.Run(() => new MirrorTargets(_context).FindForListing(hub).ReadAsync(digest, limit, cancel), cancel);

    /// <summary>
    /// True if a text names a bundle, not a hub: it ends in <c>.tar</c>, or is the path of a file. A hub with that name takes
    /// precedence over a file.
    /// </summary>
    /// <exception cref="HubException">WISE1052: it is neither a bundle nor a hub.</exception>
    public bool IsBundle(string hubOrBundle)
    {
        if (hubOrBundle.EndsWith(".tar", StringComparison.OrdinalIgnoreCase))
            return true;
        HubConfig config = _context.Config;
        if (config.Hubs.ContainsKey(hubOrBundle) || UrlReference.IsHub(hubOrBundle))
            return false;
        return File.Exists(hubOrBundle) ? true
            : throw ClientMessages.NeitherBundleNorHub(hubOrBundle, config.Hubs.Keys.Order(StringComparer.Ordinal));
    }
}
