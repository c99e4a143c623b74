namespace WiseHub.Client.Hubs.S3;

/// <summary>A bucket on an S3 server.</summary>
/// <param name="Name">The bucket.</param>
/// <param name="Prefix">The prefix of every key, without slashes at its ends; empty for none.</param>
internal sealed record BucketSettings(string Name, string Prefix) : HubSettings
{
    /// <summary>Null = as the AWS SDK finds it.</summary>
    public string? Region { get; init; }

    /// <summary>A section of the AWS configuration files; null = as the AWS SDK finds it.</summary>
    public string? Profile { get; init; }

    /// <summary>The bucket is part of the path instead of the host.</summary>
    public bool PathStyle { get; init; }

    /// <summary>Support of If-Match and If-None-Match on PUT; null = probed.</summary>
    public bool? ConditionalWrites { get; init; }

    /// <inheritdoc cref="S3.PublicAccess"/>
    public PublicAccess PublicAccess { get; init; }

    public override bool IsSamePlace(HubSettings? other) => Equals(other as BucketSettings);

    public override string Identity => $"\n{Name}\n{Prefix}";

    public override bool WritesOverNetwork => true;

    public override string? NoLogin => (Text)$"it uses AWS credentials. Set them as for the AWS tools";

    /// <summary>The variable of the AWS tools (docs.aws.amazon.com/sdkref, "AWS_CA_BUNDLE").</summary>
    public override string? CaBundle(Func<string, string?> environment) => UserPath.Of("AWS_CA_BUNDLE", environment);
}

internal static class BucketDefinition
{
    /// <summary>The bucket of a hub; null if it has none.</summary>
    public static BucketSettings? Bucket(this HubDefinition hub) => hub.Settings as BucketSettings;
}

/// <summary>The means by which published objects become readable without credentials.</summary>
internal enum PublicAccess
{
    /// <summary>The ACL <c>public-read</c> on each object.</summary>
    Acl,
    /// <summary>A policy of the bucket, set by its owner.</summary>
    Policy,
}
