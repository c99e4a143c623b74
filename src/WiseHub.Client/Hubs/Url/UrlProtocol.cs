namespace WiseHub.Client.Hubs.Url;

/// <summary>Single files by their URL.</summary>
internal sealed class UrlProtocol : HubProtocol
{
    public override string Name => UrlReference.Hub;

    public override HubDefinition? Reserved(string name) =>
        name.Equals(Name, StringComparison.OrdinalIgnoreCase) ? new HubDefinition(Name, Name) : null;

    public override IHub Open(HubDefinition hub, IHubContext context) =>
        new UrlHub(hub, UrlContent.Of(hub, context), context.Store);
}

/// <summary>The files of archives by their URL.</summary>
internal sealed class UrlArchiveProtocol : HubProtocol
{
    public override string Name => UrlReference.ArchiveHub;

    public override HubDefinition? Reserved(string name) =>
        name.Equals(Name, StringComparison.OrdinalIgnoreCase) ? new HubDefinition(Name, Name) : null;

    public override IHub Open(HubDefinition hub, IHubContext context) =>
        new UrlArchiveHub(hub, UrlContent.Of(hub, context), context.Store);
}
