using WiseHub.Client.Context;
using WiseHub.Client.Files;
using WiseHub.Client.Mirroring;

namespace WiseHub.Client;

/// <summary>
/// Copies of commits for places without the hub: pushes them to a mirror, and carries them in bundles (docs/air-gap.md); see
/// <see cref="HubClient.Mirrors"/>.
/// </summary>
public sealed class MirrorClient
{
    private readonly ClientContext _context;

    internal MirrorClient(ClientContext context) => _context = context;

    /// <summary>
    /// Copies commits from their hubs to another one, under their own names: first the contents that it lacks, then the file
    /// lists, the names last. Nothing that is there already is written again. Every byte goes through the cache and is verified
    /// there.
    /// </summary>
    /// <exception cref="HubException">WISE1050, WISE1051, WISE2014, WISE3060, WISE3064, or any code of a restore.</exception>
    /// <exception cref="AggregateException">Several of them.</exception>
    /// <exception cref="OperationCanceledException">Cancelled; commits that are complete at the target stay.</exception>
    public Task<MirrorResult> PushAsync(MirrorRequest request, CancellationToken cancel = default) =>
        Task.Run(() => new MirrorPush(_context, cancel).RunAsync(request), cancel);

    /// <summary>
    /// Puts commits into one file, with the contents that the other side lacks. The same commits and have-lists give the same
    /// bytes.
    /// </summary>
    /// <exception cref="HubException">WISE1051, WISE3061, or any code of a restore.</exception>
    /// <exception cref="AggregateException">Several of them.</exception>
    /// <exception cref="OperationCanceledException">Cancelled; what was at the place of the bundle is there still.</exception>
    public Task<MirrorResult> ExportBundleAsync(ExportBundleRequest request, CancellationToken cancel = default) =>
        Task.Run(() => new BundleExport(_context, cancel).RunAsync(request), cancel);

    /// <summary>
    /// Puts a bundle into a hub. Everything in it is verified before a commit of it becomes visible; contents that were verified
    /// by then stay, so that a second try is quicker.
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

    /// <summary>Lists the commits of a folder store, a bucket or a bundle. It reads names and file lists, no contents.</summary>
    /// <param name="hubOrBundle">The name of a hub, or the path of a bundle.</param>
    /// <param name="cancel">Ends the reading.</param>
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
            throw IoFailures.ToHubException(e, $"The bundle {hubOrBundle} cannot be read");
        }
    }, cancel);

    /// <summary>
    /// Whether a text names a bundle and not a hub: it ends in <c>.tar</c>, or is the path of a file. A hub of that name comes
    /// before the file.
    /// </summary>
    /// <exception cref="HubException">WISE1052: it is neither.</exception>
    public bool IsBundle(string hubOrBundle)
    {
        if (hubOrBundle.EndsWith(".tar", StringComparison.OrdinalIgnoreCase))
            return true;
        HubConfig config = _context.Config;
        if (config.Hubs.ContainsKey(hubOrBundle) || UrlReference.IsHub(hubOrBundle))
            return false;
        return File.Exists(hubOrBundle) ? true : throw new HubException(WiseCodes.NeitherBundleNorHub,
            $"'{hubOrBundle}' is neither a bundle, because there is no file {Path.GetFullPath(hubOrBundle)}, nor a hub. "
            + $"Known hubs are {string.Join(", ", config.Hubs.Keys.Order(StringComparer.Ordinal))}.");
    }
}
