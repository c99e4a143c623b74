namespace WiseHub.Client.Hubs.Store;

/// <summary>Stores in a folder or on a web server (docs/store-layout.md).</summary>
internal sealed class StoreProtocol : HubProtocol
{
    public override string Name => "store";

    public override IReadOnlyList<string> Keys => ["path", "endpoint"];

    public override IReadOnlyList<string> ShippedKeys => ["endpoint"];

    public override HubDefinition Read(HubSection section)
    {
        string? path = section.Folder("path");
        Uri? endpoint = section.Endpoint("endpoint");
        if ((path is null) == (endpoint is null))
            throw section.Wrong(StoreHubMessages.PathOrEndpoint(section.Name));
        return new HubDefinition(section.Name, Name) { Path = path, Endpoint = endpoint };
    }

    public override IHub Open(HubDefinition hub, IHubContext context) =>
        new StoreHub(hub, context.Connect(hub), context.Log, context.Time);

    public override string MirrorForm => "\"protocol\": \"store\" and a \"path\"";

    public override bool TakesBundles => true;

    public override bool ManagesRepos => true;

    public override bool CanBeWrittenMirror(HubDefinition hub) => hub.Path is not null;

    public override IMirrorTarget? MirrorTarget(IHub hub, IHubContext context) => StoreMirror.Of(hub, context);
}
