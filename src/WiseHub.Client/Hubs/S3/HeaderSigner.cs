namespace WiseHub.Client.Hubs.S3;

/// <summary>
/// Signature version 4 in the headers of a request, with the sha256 of its body
/// (https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html): the server rejects a body with other bytes.
/// A session token does not become part of a URL, which proxies and servers write into their logs.
/// </summary>
internal static class HeaderSigner
{
    /// <param name="request">The request.</param>
    /// <param name="headers">Its headers that are signed, with names in lower case.</param>
    /// <param name="body">The digest of the body.</param>
    /// <param name="signature">Keys, region and time.</param>
    /// <returns>The headers to add.</returns>
    public static IReadOnlyList<KeyValuePair<string, string>> Sign(
        S3Request request, IEnumerable<KeyValuePair<string, string>> headers, Digest body, Signature signature)
    {
        List<KeyValuePair<string, string>> added =
            [new("x-amz-content-sha256", body.Hex), new("x-amz-date", signature.Time)];
        if (signature.Keys.SessionToken is string token)
            added.Add(new("x-amz-security-token", token));
        KeyValuePair<string, string>[] signed = [.. headers.Concat(added).Append(new("host", request.Uri.Authority))
            .OrderBy(h => h.Key, StringComparer.Ordinal)];
        string names = string.Join(';', signed.Select(h => h.Key));
        string its = signature.Of($"{request.Method}\n{request.Uri.AbsolutePath}\n{request.Query}\n"
            + $"{string.Concat(signed.Select(h => $"{h.Key}:{h.Value}\n"))}\n{names}\n{body.Hex}");
        added.Add(new("Authorization", $"{Signature.Algorithm} Credential={signature.Keys.Id}/{signature.Scope}, "
            + $"SignedHeaders={names}, Signature={its}"));
        return added;
    }
}
