using WiseHub.Client.Hubs.Store;

namespace WiseHub.Client.Hubs.S3;

/// <summary>Stores in a bucket of an S3 server (docs/s3.md).</summary>
internal sealed class BucketProtocol : HubProtocol
{
    /// <summary>The keys of a bucket in wisehub.json.</summary>
    public static readonly IReadOnlyList<string> BucketKeys =
        ["bucket", "prefix", "endpoint", "region", "profile", "pathStyle", "conditionalWrites"];

    public override string Name => "s3";

    public override IReadOnlyList<string> Keys => BucketKeys;

    /// <summary>The keys of a bucket that a program ships.</summary>
    public static readonly IReadOnlyList<string> ShippedBucketKeys = ["bucket", "prefix", "endpoint", "region", "pathStyle"];

    public override IReadOnlyList<string> ShippedKeys => ShippedBucketKeys;

    public override HubDefinition Read(HubSection section)
    {
        if (section.Text("bucket") is null)
            throw section.Wrong(S3Messages.NoBucket(section.Name));
        return new HubDefinition(section.Name, Name) { Endpoint = section.Endpoint("endpoint"), Settings = ReadBucket(section) };
    }

    /// <summary>The bucket of a section; its name is empty if the section has none.</summary>
    public static BucketSettings ReadBucket(HubSection section) =>
        new(section.Text("bucket") ?? "", (section.Text("prefix") ?? "").Trim('/'))
        {
            Region = section.Text("region"),
            Profile = section.Text("profile"),
            PathStyle = section.Boolean("pathStyle") ?? false,
            ConditionalWrites = section.BooleanOrAuto("conditionalWrites"),
        };

    /// <summary>The bucket of a hub: one instance for all uses, because it remembers what its server supports.</summary>
    public static Bucket Open(IHubContext context, HubDefinition hub) =>
        context.Shared(hub.Name, () => new Bucket(hub, context.Connect(hub), context.Environment, context.Log, context.Time));

    public override IHub Open(HubDefinition hub, IHubContext context) =>
        new StoreHub(hub, context.Connect(hub), context.Log, context.Time, Open(context, hub));

    public override string MirrorForm => "\"protocol\": \"s3\"";

    public override bool TakesBundles => true;

    public override bool ManagesRepos => true;

    public override bool CanBeWrittenMirror(HubDefinition hub) => true;

    public override IMirrorTarget? MirrorTarget(IHub hub, IHubContext context) => StoreMirror.Of(hub, context);
}
