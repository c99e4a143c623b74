namespace WiseHub.Client.Hubs.S3;

/// <summary>A request to sign.</summary>
/// <param name="Uri">Without query, escaped as S3 requires: everything but unreserved characters and '/'.</param>
internal sealed record S3Request(Uri Uri)
{
    public HttpMethod Method { get; init; } = HttpMethod.Get;

    /// <summary>
    /// Further parameters, escaped and in the order of their names, which sort after those of the signature.
    /// </summary>
    public string Query { get; init; } = "";

    /// <summary>The URL with its query.</summary>
    public Uri WithQuery => Query.Length == 0 ? Uri : new Uri($"{Uri.AbsoluteUri}?{Query}");
}
