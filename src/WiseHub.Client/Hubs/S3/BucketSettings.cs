namespace WiseHub.Client.Hubs.S3;

/// <summary>A bucket on an S3 server.</summary>
/// <param name="Name">The bucket.</param>
/// <param name="Prefix">What stands before every key, without slashes at its ends; empty for none.</param>
internal sealed record BucketSettings(string Name, string Prefix) : HubSettings
{
    /// <summary>Null = what the AWS SDK finds.</summary>
    public string? Region { get; init; }

    /// <summary>A section of the AWS configuration files; null = what the AWS SDK finds.</summary>
    public string? Profile { get; init; }

    /// <summary>The bucket is part of the path instead of the host.</summary>
    public bool PathStyle { get; init; }

    /// <summary>How bodies are framed and checksummed on upload.</summary>
    public BodyMode BodyMode { get; init; }

    /// <summary>Whether the server does If-Match and If-None-Match on PUT; null = found out.</summary>
    public bool? ConditionalWrites { get; init; }

    /// <summary>How what is published becomes readable for everybody.</summary>
    public PublicAccess PublicAccess { get; init; }

    public override bool IsSamePlace(HubSettings? other) => Equals(other as BucketSettings);

    public override string Identity => $"\n{Name}\n{Prefix}";

    public override bool WritesOverNetwork => true;

    public override string? NoLogin => "it takes AWS credentials. Set them as for the AWS tools";

    /// <summary>What the AWS tools read (docs.aws.amazon.com/sdkref, "AWS_CA_BUNDLE").</summary>
    public override string? CaBundle(Func<string, string?> environment) => UserPath.Of("AWS_CA_BUNDLE", environment);
}

internal static class BucketDefinition
{
    /// <summary>The bucket of a hub that has one.</summary>
    public static BucketSettings? Bucket(this HubDefinition hub) => hub.Settings as BucketSettings;
}

/// <summary>How the body of an S3 upload is framed and checksummed; servers differ in what they take.</summary>
internal enum BodyMode
{
    /// <summary>Found out by asking the server.</summary>
    Auto,
    /// <summary>The AWS SDK's default: chunks, with a checksum in the trailer.</summary>
    Trailer,
    /// <summary>Signed chunks without a trailer.</summary>
    Chunked,
    /// <summary>The whole body hashed and signed.</summary>
    Plain,
}

/// <summary>How published objects become readable for everybody.</summary>
internal enum PublicAccess
{
    /// <summary>By the ACL <c>public-read</c> on each object.</summary>
    Acl,
    /// <summary>By a policy of the bucket, which its owner has set.</summary>
    Policy,
}
