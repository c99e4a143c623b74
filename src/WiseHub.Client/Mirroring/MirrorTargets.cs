using WiseHub.Client.Context;
using WiseHub.Client.Hubs;
using WiseHub.Client.Hubs.Store;

namespace WiseHub.Client.Mirroring;

/// <summary>
/// The hubs that take copies of commits, by name. A hub that cannot take them, or cannot be reached now, is an error.
/// </summary>
internal sealed class MirrorTargets(ClientContext context)
{
    private const string Stores = "a hub with \"protocol\": \"store\" and a \"path\", or one with \"protocol\": \"s3\"";

    /// <exception cref="HubException">WISE1002, WISE1050 or WISE2014.</exception>
    public IMirrorTarget Find(string hub)
    {
        IMirrorTarget target = context.MirrorTarget(hub)
            ?? throw Unsuitable($"The hub '{hub}' cannot be mirrored to", $"{Stores} or \"hg-localization\"");
        CheckReached(target.Definition);
        return target;
    }

    /// <inheritdoc cref="Find"/>
    public StoreHub FindForBundle(string hub) => FindStore(hub, $"A bundle cannot be put into the hub '{hub}'", Stores);

    /// <inheritdoc cref="Find"/>
    public StoreHub FindForListing(string hub) => FindStore(hub, $"The hub '{hub}' cannot be listed", $"a bundle, {Stores}");

    private StoreHub FindStore(string hub, string problem, string suitable)
    {
        if (context.Hub(hub) is not StoreHub store || (store.Folder is null && store.Bucket is null))
            throw Unsuitable(problem, suitable);
        CheckReached(store.Definition);
        return store;
    }

    private static HubException Unsuitable(string problem, string suitable) =>
        new(WiseCodes.MirrorNotWritable, $"{problem}. What works: {suitable}.");

    private void CheckReached(HubDefinition hub)
    {
        if (context.Offline && !hub.IsLocalForWriting)
        {
            throw new HubException(WiseCodes.OfflineAndMissing,
                $"The hub '{hub.Name}' is not a folder, and the network must not be used "
                + $"({context.OfflineReason}). Name a folder hub, or do it online.");
        }
    }
}
