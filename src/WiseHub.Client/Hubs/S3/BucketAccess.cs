using WiseHub.Client.Credentials;
using WiseHub.Client.Files;
using WiseHub.Client.Hubs.HgLocalization;

namespace WiseHub.Client.Hubs.S3;

/// <summary>The keys and the region of a bucket.</summary>
/// <param name="Region">Part of each signature.</param>
/// <param name="Keys">The current keys (temporary ones are renewed); null = anonymous.</param>
/// <param name="Source">Origin of the keys, for messages.</param>
internal sealed record BucketAccess(string Region, Func<AccessKeys>? Keys, string Source)
{
    private const string DefaultRegion = "us-east-1";

    /// <summary>
    /// Finds the keys, in this order: those of this hub (WISEHUB_TOKEN_&lt;HUB&gt;, a login, netrc), the hub's profile,
    /// AWS_ACCESS_KEY_ID, AWS_PROFILE or the profile <c>default</c>, a container's credentials, an instance role. The instance
    /// role is used only if AWS_EC2_METADATA_DISABLED is <c>false</c>: outside EC2, each build would wait seconds for
    /// 169.254.169.254.
    /// </summary>
    /// <param name="hub">The hub of the bucket.</param>
    /// <param name="environment">Reads an environment variable.</param>
    /// <param name="secretFor">
    /// The secret of this hub, if it may be sent to the endpoint: <c>ID:SECRET[:SESSION]</c>.
    /// </param>
    /// <exception cref="HubException">WISE1004, WISE1030 or WISE1031.</exception>
    public static BucketAccess Find(HubDefinition hub, Func<string, string?> environment, Func<Uri, Secret?> secretFor)
    {
        BucketSettings bucket = hub.Bucket()!;
        string? Value(string name) => environment(name) is string text && !string.IsNullOrWhiteSpace(text) ? text.Trim() : null;
        string? region = bucket.Region ?? Value("AWS_REGION") ?? Value("AWS_DEFAULT_REGION");

        if (secretFor(hub.Endpoint ?? BucketAddress.OfAws(Checked(region, hub))) is Secret own)
        {
            AccessKeys keys = (own.User is string user ? new AccessKeys(user, own.Value, null) : AccessKeys.Parse(own.Value))
                ?? throw S3Messages.MalformedKeys(hub.Name, own.Source);
            return new BucketAccess(Checked(region, hub), () => keys, own.Source);
        }
        if (hub.Protocol == HgSettings.Protocol && Value(HgSettings.KeyVariable) is string itsId
            && Value(HgSettings.SecretVariable) is string itsSecret)
            return new BucketAccess(Checked(region, hub), () => new AccessKeys(itsId, itsSecret, null), HgSettings.KeyVariable);
        if (bucket.Profile is null && Value("AWS_ACCESS_KEY_ID") is string id && Value("AWS_SECRET_ACCESS_KEY") is string secret)
        {
            var keys = new AccessKeys(id, secret, Value("AWS_SESSION_TOKEN"));
            return Trusted(new BucketAccess(Checked(region, hub), () => keys, "AWS_ACCESS_KEY_ID"), hub, Value);
        }
        string? profile = bucket.Profile ?? Value("AWS_PROFILE");
        var files = new AwsFiles(environment);
        // AwsChain loads the AWS SDK, so it is used only if it can find something.
        if (profile is not null || files.Exist || Value("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI") is not null
            || Value("AWS_CONTAINER_CREDENTIALS_FULL_URI") is not null
            || string.Equals(Value("AWS_EC2_METADATA_DISABLED"), "false", StringComparison.OrdinalIgnoreCase))
        {
            (Func<AccessKeys>? keys, string? itsRegion, string source) = AwsChain.Find(hub, profile, files, Value);
            return Trusted(new BucketAccess(Checked(region ?? itsRegion, hub), keys, source), hub, Value);
        }
        return new BucketAccess(Checked(region, hub), null, "none");
    }

    /// <summary>
    /// A signature does not reveal the secret and is valid for one request to one host. A session token is sent in clear, so it
    /// goes only to an endpoint that the user trusts; a file of the project is not enough.
    /// </summary>
    private static BucketAccess Trusted(BucketAccess access, HubDefinition hub, Func<string, string?> value)
    {
        bool isTrusted = hub.IsTrustedEndpoint || IsSame(value("AWS_ENDPOINT_URL_S3")) || IsSame(value("AWS_ENDPOINT_URL"));
        return isTrusted || access.Keys is null ? access : access with
        {
            Keys = () => access.Keys() is { SessionToken: null } keys ? keys
                : throw S3Messages.SessionTokenKept(hub, access.Source),
        };

        bool IsSame(string? url) => url is not null && Urls.ParseEndpoint(url) is Uri uri && Urls.SameOrigin(uri, hub.Endpoint!);
    }

    // The region becomes part of a host name.
    private static string Checked(string? region, HubDefinition hub) => region is null ? DefaultRegion
        : region.Length <= 64 && region.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_') ? region
        : throw S3Messages.InvalidRegion(hub.Name, region);
}

/// <summary>The configuration files of the AWS tools.</summary>
internal sealed class AwsFiles(Func<string, string?> environment)
{
    private string Folder => Path.Combine(UserFolders.Home(environment), ".aws");

    public string Credentials =>
        UserPath.Of("AWS_SHARED_CREDENTIALS_FILE", environment) is string file ? file : Path.Combine(Folder, "credentials");

    public string Config => UserPath.Of("AWS_CONFIG_FILE", environment) is string file ? file
        : Path.Combine(Path.GetDirectoryName(Path.GetFullPath(Credentials))!, "config");

    public bool Exist => File.Exists(Credentials) || File.Exists(Config);
}
