using System.Buffers;

namespace WiseHub.Client.Hubs.S3;

/// <summary>The endpoint of a bucket and the URLs of its objects.</summary>
internal sealed class BucketAddress
{
    private static readonly SearchValues<char> HostCharacters = SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789-.");

    private readonly string _base;

    public BucketAddress(BucketSettings bucket, Uri? endpoint, string region)
    {
        Endpoint = endpoint ?? OfAws(region);
        // A certificate for *.s3.example.org does not cover a.b.s3.example.org, and an IP address has no subdomains.
        PathStyle = bucket.PathStyle || Endpoint.HostNameType is not UriHostNameType.Dns
            || bucket.Name.AsSpan().IndexOfAnyExcept(HostCharacters) >= 0
            || (Endpoint.Scheme == Uri.UriSchemeHttps && bucket.Name.Contains('.', StringComparison.Ordinal));
        string path = Endpoint.AbsolutePath.TrimEnd('/');
        _base = PathStyle ? $"{Endpoint.Scheme}://{Endpoint.Authority}{path}/{Uri.EscapeDataString(bucket.Name)}/"
            : $"{Endpoint.Scheme}://{bucket.Name}.{Endpoint.Authority}{path}/";
    }

    public Uri Endpoint { get; }

    /// <summary>The endpoint of Amazon's own S3.</summary>
    public static Uri OfAws(string region) =>
        new($"https://s3.{region}.{(region.StartsWith("cn-", StringComparison.Ordinal) ? "amazonaws.com.cn" : "amazonaws.com")}");

    /// <summary>The bucket is part of the path, not of the host.</summary>
    public bool PathStyle { get; }

    /// <summary>The escaped URL of an object.</summary>
    /// <param name="key">The whole key, with the prefix.</param>
    /// <exception cref="HubException">WISE2010: a key that no URL can hold.</exception>
    public Uri Of(string key)
    {
        string[] segments = key.Split('/');
        // Clients, proxies and servers resolve dot segments, and a malicious server may choose a key for that.
        if (segments.Any(s => s is "." or ".."))
            throw S3Messages.KeyNotForUrls(_base, key);
        return new Uri(_base + string.Join('/', segments.Select(Uri.EscapeDataString)));
    }
}
