using System.Security.Cryptography;
using WiseHub.Client.Http;

namespace WiseHub.Client.Hubs.S3;

/// <summary>The headers of an upload.</summary>
internal sealed record PutOptions
{
    public string ContentType { get; init; } = "application/octet-stream";

    /// <summary>Makes the object public (the ACL <c>public-read</c>).</summary>
    public bool PublicRead { get; init; }

    /// <summary>Replaces only this version; an ETag with its quotes.</summary>
    public string? IfMatch { get; init; }

    /// <summary>Writes only if the object does not exist.</summary>
    public bool OnlyNew { get; init; }

    /// <summary>The write depends on the object's state.</summary>
    public bool HasCondition => OnlyNew || IfMatch is not null;
}

/// <summary>A PUT of an object, or of a part of one.</summary>
/// <param name="Key">Relative to the hub's prefix.</param>
/// <param name="Body">Makes the body of each try.</param>
internal sealed record ObjectPut(string Key, Func<HttpContent> Body)
{
    /// <summary>The digest of the body. Null = unknown before it is sent; then the URL is signed, without the body.</summary>
    public Digest? Sha256 { get; init; }

    /// <summary>
    /// A second digest, for buckets that require it (https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObject.html).
    /// </summary>
    public byte[]? Md5 { get; init; }

    /// <summary>The headers of the object; null for a part.</summary>
    public PutOptions? Options { get; init; }

    /// <summary>Number and upload id of a part, escaped.</summary>
    public string Query { get; init; } = "";

    /// <summary>Receives the number of bytes sent; a negative number takes a failed attempt back.</summary>
    public Action<long>? Sent { get; init; }
}

/// <summary>
/// Writes and deletes objects over our own HTTP, with its retries and timeouts. No signed request goes to another URL. All keys
/// are relative to the hub's prefix.
/// </summary>
internal sealed class ObjectWriter(Bucket bucket, HubHttp http)
{
    private const int MostAnswerBytes = 1 << 16;

    private static readonly Digest OfNothing = Digest.FromBytes(SHA256.HashData([]));

    /// <summary>Header names are in lower case, as signatures require.</summary>
    private const string ContentType = "content-type", ContentMd5 = "content-md5";

    /// <summary>Sends a PUT.</summary>
    /// <returns>The ETag; empty if the server sends none.</returns>
    /// <exception cref="S3Exception">The server refused it.</exception>
    /// <exception cref="HubException">WISE10xx for keys, WISE2xxx for the server.</exception>
    public async Task<string> PutAsync(ObjectPut put, CancellationToken cancel)
    {
        Dictionary<string, string> headers = [], contentHeaders = [];
        if (put.Options is PutOptions options)
        {
            contentHeaders[ContentType] = options.ContentType;
            if (options.PublicRead)
                headers["x-amz-acl"] = "public-read";
            if (options.IfMatch is not null)
                headers["if-match"] = options.IfMatch;
            if (options.OnlyNew)
                headers["if-none-match"] = "*";
        }
        if (put.Md5 is not null)
            contentHeaders[ContentMd5] = Convert.ToBase64String(put.Md5);
        var request = new S3Request(bucket.PublicUrl(put.Key)) { Method = HttpMethod.Put, Query = put.Query };
        using HubResponse response = await SendAsync(put.Key, new HubRequest(request.WithQuery)
        {
            Method = HttpMethod.Put,
            KeepsRedirect = true,
            Headers = [.. headers],
            Sign = put.Sha256 is null ? () => bucket.Url(request) : null,
            SignHeaders = put.Sha256 is Digest sha256
                ? () => bucket.SignedHeaders(request, headers.Concat(contentHeaders), sha256) : null,
            Sent = put.Sent,
            Body = () =>
            {
                HttpContent body = put.Body();
                foreach ((string name, string value) in contentHeaders)
                    body.Headers.TryAddWithoutValidation(name, value);
                return body;
            },
        }, cancel).ConfigureAwait(false);
        return response.IsSuccess ? response.Header("ETag") ?? ""
            : throw new S3Exception(await S3Error.ReadAsync(response, cancel).ConfigureAwait(false));
    }

    /// <summary>Deletes an object; a missing one is no error.</summary>
    /// <exception cref="HubException">WISE10xx for keys, WISE2xxx for the server, WISE5014.</exception>
    public async Task DeleteAsync(string key, CancellationToken cancel)
    {
        var request = new S3Request(bucket.PublicUrl(key)) { Method = HttpMethod.Delete };
        using HubResponse response = await SendAsync(key, new HubRequest(request.Uri)
        {
            Method = HttpMethod.Delete,
            KeepsRedirect = true,
            SignHeaders = () => bucket.SignedHeaders(request, [], OfNothing),
        }, cancel).ConfigureAwait(false);
        if (response.IsSuccess)
            return;
        S3Error error = await S3Error.ReadAsync(response, cancel).ConfigureAwait(false);
        if (!error.IsMissingKey)
            throw bucket.Explain(error, key, writes: true);
    }

    private async Task<HubResponse> SendAsync(string key, HubRequest request, CancellationToken cancel)
    {
        try
        {
            return await http.UploadAsync(request, null, MostAnswerBytes, cancel).ConfigureAwait(false);
        }
        catch (HubException e) when (e is { Code: WiseCodes.HubUnreachable, InnerException: TimeoutException })
        {
            throw S3Messages.Stalled(bucket.Hub.Name, bucket.PublicUrl(key), e.InnerException.Message, e);
        }
    }
}
