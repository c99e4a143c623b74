using WiseHub.Client.Hubs.S3;

namespace WiseHub.Client.Hubs.HgLocalization;

/// <summary>Folders and buckets of the tool hg_localization (docs/hg-localization.md).</summary>
internal sealed class HgProtocol : HubProtocol
{
    private static readonly IReadOnlyList<string> BucketKeys = [.. BucketProtocol.BucketKeys, "publicAccess"];

    public override string Name => HgSettings.Protocol;

    public override IReadOnlyList<string> Keys { get; } = ["path", .. BucketKeys];

    public override IReadOnlyList<string> ShippedKeys => BucketProtocol.ShippedBucketKeys;

    public override bool AllowsAnyId => true;

    // Like the other tool: variables alone can configure a hub.
    public override HubDefinition? FromEnvironment(Func<string, string?> environment) =>
        HgSettings.AreInEnvironment(environment)
            ? new HubDefinition(HgSettings.ImplicitHub, Name) { Settings = HgFolder.Instance } : null;

    public override HubDefinition Read(HubSection section) => new(section.Name, Name)
    {
        Path = section.Folder("path"),
        Endpoint = section.Endpoint("endpoint"),
        // HGLOC_S3_BUCKET_NAME may name the bucket of the other keys. Without any of the keys, the hub has no bucket.
        Settings = BucketKeys.Any(k => k != "endpoint" && section.Has(k))
            ? BucketProtocol.ReadBucket(section) with { PublicAccess = section.OneOf("publicAccess", PublicAccess.Acl) }
            : HgFolder.Instance,
    };

    public override Func<string, string?> ReadEnvironment(Func<string, string?> environment, string folder) =>
        DotEnv.Under(environment, folder);

    public override IHub Open(HubDefinition hub, IHubContext context) =>
        new HgLocalizationHub(HgSettings.Read(hub, context.Environment, context.ProcessEnvironment, context.Folder), context);

    public override string MirrorForm => "\"protocol\": \"hg-localization\"";

    public override bool CanBeWrittenMirror(HubDefinition hub) => true;

    public override IMirrorTarget? MirrorTarget(IHub hub, IHubContext context) =>
        hub is HgLocalizationHub hg ? new HgMirror(hg, context) : null;

    /// <summary>A hub without a bucket.</summary>
    private sealed record HgFolder : HubSettings
    {
        public static HgFolder Instance { get; } = new();

        public override string? NoLogin => (Text)$"it is a folder. Access is controlled by file permissions";
    }
}
