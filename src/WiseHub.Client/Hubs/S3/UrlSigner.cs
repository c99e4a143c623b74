using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace WiseHub.Client.Hubs.S3;

/// <summary>A request whose URL is signed.</summary>
/// <param name="Uri">Without query, escaped as S3 requires: everything but unreserved characters and '/'.</param>
internal sealed record UrlRequest(Uri Uri)
{
    public const string AclHeader = "x-amz-acl", PublicReadAcl = "public-read";

    public HttpMethod Method { get; init; } = HttpMethod.Get;

    /// <summary>
    /// Further parameters, escaped and in the order of their names, which sort after those of the signature.
    /// </summary>
    public string Query { get; init; } = "";

    /// <summary>The request has the header that makes the object public.</summary>
    public bool PublicRead { get; init; }
}

/// <summary>
/// Signature version 4 in the query of a request
/// (https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html). The AWS SDK can do it, too, but loading it
/// takes longer than a small restore, and it uses its own clock.
/// </summary>
internal static class UrlSigner
{
    /// <summary>
    /// Long enough for a slow start and a small clock difference. Each request is signed anew, so a download may take longer.
    /// </summary>
    public static readonly TimeSpan Validity = TimeSpan.FromMinutes(15);

    /// <param name="uri">A URL without query, escaped as S3 requires: everything but unreserved characters and '/'.</param>
    /// <param name="keys">The keys that sign.</param>
    /// <param name="region">Part of the signature.</param>
    /// <param name="now">Start of the validity.</param>
    /// <param name="validity">Length of the validity.</param>
    public static Uri Sign(Uri uri, AccessKeys keys, string region, DateTimeOffset now, TimeSpan validity) =>
        Sign(new UrlRequest(uri), keys, region, now, validity);

    /// <inheritdoc cref="Sign(Uri, AccessKeys, string, DateTimeOffset, TimeSpan)"/>
    public static Uri Sign(UrlRequest request, AccessKeys keys, string region, DateTimeOffset now, TimeSpan validity)
    {
        Uri uri = request.Uri;
        string time = now.UtcDateTime.ToString("yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture), day = time[..8];
        string scope = $"{day}/{region}/s3/aws4_request";
        // The canonical form requires the order of the names.
        string query =
            $"X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential={Uri.EscapeDataString($"{keys.Id}/{scope}")}&X-Amz-Date={time}"
                + $"&X-Amz-Expires={(int)validity.TotalSeconds}"
                + $"{(keys.SessionToken is null ? "" : "&X-Amz-Security-Token=" + Uri.EscapeDataString(keys.SessionToken))}"
                + $"&X-Amz-SignedHeaders=host{(request.PublicRead ? "%3Bx-amz-acl" : "")}"
                + $"{(request.Query.Length > 0 ? "&" + request.Query : "")}";
        string headers = $"host:{uri.Authority}\n" + (request.PublicRead
            ? $"{UrlRequest.AclHeader}:{UrlRequest.PublicReadAcl}\n\nhost;{UrlRequest.AclHeader}" : "\nhost");
        string canonical = $"{request.Method}\n{uri.AbsolutePath}\n{query}\n{headers}\nUNSIGNED-PAYLOAD";
        string toSign =
            $"AWS4-HMAC-SHA256\n{time}\n{scope}\n{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(canonical)))}";
        byte[] key = Encoding.UTF8.GetBytes("AWS4" + keys.Secret);
        foreach (string part in (string[])[day, region, "s3", "aws4_request"])
            key = HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(part));
        string signature = Convert.ToHexStringLower(HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(toSign)));
        return new Uri($"{uri.AbsoluteUri}?{query}&X-Amz-Signature={signature}");
    }
}
