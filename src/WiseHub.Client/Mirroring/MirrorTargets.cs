using WiseHub.Client.Context;
using WiseHub.Client.Hubs;

namespace WiseHub.Client.Mirroring;

/// <summary>
/// Finds the hubs that take copies of commits, by name. A hub that cannot take them, or cannot be reached now, is an error.
/// </summary>
internal sealed class MirrorTargets(ClientContext context)
{
    /// <exception cref="HubException">WISE1002, WISE1050 or WISE2014.</exception>
    public IMirrorTarget Find(string hub) =>
        Reachable(context.MirrorTarget(hub)
            ?? throw Unsuitable($"The hub '{hub}' cannot be mirrored to", context.Protocols.MirrorForms));

    /// <inheritdoc cref="Find(string)"/>
    public IBundleTarget FindForBundle(string hub) =>
        Find(hub, $"A bundle cannot be put into the hub '{hub}'", context.Protocols.BundleForms);

    /// <inheritdoc cref="Find(string)"/>
    public IBundleTarget FindForListing(string hub) =>
        Find(hub, $"The hub '{hub}' cannot be listed", $"a bundle, {context.Protocols.BundleForms}");

    private IBundleTarget Find(string hub, string problem, string suitable) =>
        Reachable(context.MirrorTarget(hub) as IBundleTarget ?? throw Unsuitable(problem, suitable));

    private static HubException Unsuitable(string problem, string suitable) =>
        new(WiseCodes.MirrorNotWritable, $"{problem}. What works: {suitable}.");

    private T Reachable<T>(T target) where T : IMirrorTarget =>
        !context.Offline || target.Definition.IsLocalForWriting ? target
            : throw new HubException(WiseCodes.OfflineAndMissing,
                $"The hub '{target.Definition.Name}' is not a folder, and the network must not be used "
                + $"({context.OfflineReason}). Name a folder hub, or do it online.");
}
