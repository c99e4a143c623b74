using WiseHub.Client.Archives;
using WiseHub.Client.Transfer;

namespace WiseHub.Client.Hubs;

/// <summary>
/// One run of a client, such as a restore, as hubs see it: it downloads what they need before they can respond, counts these
/// bytes, and keeps archives open until it ends.
/// </summary>
internal interface IHubRun : IDisposable
{
    /// <summary>The archives that are open in this run.</summary>
    OpenArchives Archives { get; }

    /// <summary>
    /// Says whether this run has downloaded or verified a content for a hub, so a forced download need not repeat it.
    /// </summary>
    bool IsPresent(Digest digest);

    /// <summary>
    /// Downloads a content into the cache, with progress, resume and limits. Nothing refers to it there, so a prune removes it
    /// after its grace period.
    /// </summary>
    /// <returns>Digest and path.</returns>
    /// <exception cref="HubException">WISE2xxx or WISE3xxx of the last source tried.</exception>
    Task<(Digest Sha256, string Path)> FetchAsync(WantedBlob blob, CancellationToken cancel);

    /// <summary>
    /// Adds to the cache a content that a hub receives by a protocol of its own. It is counted and shown like a download of
    /// <see cref="FetchAsync"/>.
    /// </summary>
    /// <param name="what">The content, for messages.</param>
    /// <param name="receive">Writes to the given path, and reports the number of bytes of each piece.</param>
    /// <param name="cancel">Ends it.</param>
    /// <returns>Digest and path.</returns>
    Task<(Digest Sha256, string Path)> ReceiveAsync(
        string what, Func<string, Action<long>, Task> receive, CancellationToken cancel);
}
