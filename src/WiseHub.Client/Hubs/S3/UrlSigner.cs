namespace WiseHub.Client.Hubs.S3;

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
        Sign(new S3Request(uri), keys, region, now, validity);

    /// <inheritdoc cref="Sign(Uri, AccessKeys, string, DateTimeOffset, TimeSpan)"/>
    public static Uri Sign(S3Request request, AccessKeys keys, string region, DateTimeOffset now, TimeSpan validity)
    {
        Uri uri = request.Uri;
        var signature = new Signature(keys, region, now);
        // The canonical form requires the order of the names.
        string query = $"X-Amz-Algorithm={Signature.Algorithm}"
            + $"&X-Amz-Credential={Uri.EscapeDataString($"{keys.Id}/{signature.Scope}")}&X-Amz-Date={signature.Time}"
            + $"&X-Amz-Expires={(int)validity.TotalSeconds}"
            + $"{(keys.SessionToken is null ? "" : "&X-Amz-Security-Token=" + Uri.EscapeDataString(keys.SessionToken))}"
            + $"&X-Amz-SignedHeaders=host{(request.Query.Length > 0 ? "&" + request.Query : "")}";
        return new Uri($"{uri.AbsoluteUri}?{query}&X-Amz-Signature="
            + signature.Of($"{request.Method}\n{uri.AbsolutePath}\n{query}\nhost:{uri.Authority}\n\nhost\nUNSIGNED-PAYLOAD"));
    }
}
