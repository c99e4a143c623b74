using WiseHub.Client.Context;
using WiseHub.Client.Hubs;

namespace WiseHub.Client.Mirroring;

/// <summary>
/// Finds hubs for copies of commits, by name. A hub that cannot store them, or cannot be reached now, is an error.
/// </summary>
internal sealed class MirrorTargets(ClientContext context)
{
    /// <exception cref="HubException">WISE1002, WISE1050 or WISE2014.</exception>
    public IMirrorTarget Find(string hub) =>
        Reachable(context.MirrorTarget(hub)
            ?? throw MirroringMessages.NotATarget(hub, context.Protocols.MirrorForms));

    /// <inheritdoc cref="Find(string)"/>
    public IBundleTarget FindForBundle(string hub) =>
        Reachable(context.MirrorTarget(hub) as IBundleTarget
            ?? throw MirroringMessages.TakesNoBundle(hub, context.Protocols.BundleForms));

    /// <inheritdoc cref="Find(string)"/>
    public IBundleTarget FindForListing(string hub) =>
        Reachable(context.MirrorTarget(hub) as IBundleTarget
            ?? throw MirroringMessages.NotListable(hub, (Text)$"a bundle, {context.Protocols.BundleForms}"));

    private T Reachable<T>(T target) where T : IMirrorTarget =>
        !context.Offline || target.Definition.IsLocalForWriting ? target
            : throw MirroringMessages.OfflineTarget(target.Definition.Name, context.OfflineReason);
}
