using WiseHub.Client.Archives;
using WiseHub.Client.Transfer;

namespace WiseHub.Client.Hubs.HgLocalization;

/// <summary>What a client lends to a hub of this protocol.</summary>
internal sealed record HgTools
{
    public required IHubLog Log { get; init; }

    public required TimeProvider Time { get; init; }

    /// <summary>No socket may be opened: only local copies are looked at.</summary>
    public required bool Offline { get; init; }

    /// <summary>The hub's own folder of the cache.</summary>
    public required string CacheFolder { get; init; }

    public required OpenArchives Shelf { get; init; }

    /// <summary>Brings an archive into the cache.</summary>
    public required Func<WantedBlob, CancellationToken, Task<(Digest Sha256, string Path)>> FetchAsync { get; init; }
}
