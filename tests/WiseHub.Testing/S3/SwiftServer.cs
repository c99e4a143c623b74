namespace WiseHub.Testing.S3;

/// <summary>OpenStack Swift's S3 front: strict about signatures, takes only plain bodies, has no conditional writes.</summary>
public sealed class SwiftServer() : S3Server("swift.sh", ports: 5, "swift-proxy-server", "swift-account-server",
    "swift-container-server", "swift-object-server", "memcached", "curl", "setsid")
{
    public const string AccessKey = "test:tester", SecretKey = "testing";
}
