using WiseHub.Client.Hubs.Git;
using WiseHub.Client.Hubs.HgLocalization;
using WiseHub.Client.Hubs.HuggingFace;
using WiseHub.Client.Hubs.S3;
using WiseHub.Client.Hubs.Store;
using WiseHub.Client.Hubs.Url;
using WiseHub.Client.Hubs.Wisemodel;

namespace WiseHub.Client.Hubs;

/// <summary>The one list of protocols. A new one is a folder here and a line below.</summary>
internal static class Protocols
{
    /// <summary>The protocols, in the order in which messages name them.</summary>
    public static HubProtocols All { get; } = new(
    [
        new StoreProtocol(),
        new HuggingFaceProtocol(),
        new WisemodelProtocol(),
        new GitProtocol(),
        new BucketProtocol(),
        new HgProtocol(),
        new UrlProtocol(),
        new UrlArchiveProtocol(),
    ]);
}
