using System.Buffers;

namespace WiseHub.Client.Hubs.S3;

/// <summary>Where a bucket is, and the URLs of what is in it.</summary>
internal sealed class BucketAddress
{
    private static readonly SearchValues<char> HostCharacters = SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789-.");

    private readonly string _base;

    public BucketAddress(BucketSettings bucket, Uri? endpoint, string region)
    {
        Endpoint = endpoint ?? OfAws(region);
        // The certificate of *.s3.example.org is not one for a.b.s3.example.org, and no bucket is part of an IP address.
        PathStyle = bucket.PathStyle || Endpoint.HostNameType is not UriHostNameType.Dns
            || bucket.Name.AsSpan().IndexOfAnyExcept(HostCharacters) >= 0
            || (Endpoint.Scheme == Uri.UriSchemeHttps && bucket.Name.Contains('.', StringComparison.Ordinal));
        string path = Endpoint.AbsolutePath.TrimEnd('/');
        _base = PathStyle ? $"{Endpoint.Scheme}://{Endpoint.Authority}{path}/{Uri.EscapeDataString(bucket.Name)}/"
            : $"{Endpoint.Scheme}://{bucket.Name}.{Endpoint.Authority}{path}/";
    }

    public Uri Endpoint { get; }

    /// <summary>Amazon's own S3.</summary>
    public static Uri OfAws(string region) =>
        new($"https://s3.{region}.{(region.StartsWith("cn-", StringComparison.Ordinal) ? "amazonaws.com.cn" : "amazonaws.com")}");

    /// <summary>The bucket is part of the path, not of the host.</summary>
    public bool PathStyle { get; }

    /// <summary>The address of an object, escaped; no request.</summary>
    /// <param name="key">The whole key, with the prefix.</param>
    /// <exception cref="HubException">WISE2010: a key that no URL can hold.</exception>
    public Uri Of(string key)
    {
        string[] segments = key.Split('/');
        // Dots in a path are resolved by whoever sees the URL; and where the key comes from a server, it may be meant to.
        if (segments.Any(s => s is "." or ".."))
            throw new HubException(WiseCodes.UnexpectedAnswer, $"The object '{key}' of {_base} has '.' or '..' as a part of its "
                + "name, which no URL can hold. Ask whoever made it to rename it.");
        return new Uri(_base + string.Join('/', segments.Select(Uri.EscapeDataString)));
    }
}
