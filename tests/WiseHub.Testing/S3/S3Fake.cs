using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Hosting;

namespace WiseHub.Testing.S3;

/// <summary>
/// Objects by path on loopback, whole or in parts, for what no real server does on request: it stores bodies as they come,
/// framing included, checks their digests but no signature, and answers what a test says. Anything else is for a real server.
/// </summary>
public sealed partial class S3Fake : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ConcurrentDictionary<string, string> _etags = new(StringComparer.Ordinal);
    private int _uploads;

    private S3Fake()
    {
        _app = LoopbackServer.Create();
        _app.Run(AnswerAsync);
    }

    public Uri Endpoint => new(_app.Urls.First());

    public ConcurrentDictionary<string, byte[]> Objects { get; } = new(StringComparer.Ordinal);

    /// <summary>Method, path and query of each request, in order.</summary>
    public ConcurrentQueue<string> Requests { get; } = new();

    /// <summary>The same without what signs them, and without bucket and prefix.</summary>
    public IReadOnlyList<string> Asked(string prefix) => [.. Requests.Select(r => Signature().Replace(r, "")
        .Replace("?&", "?", StringComparison.Ordinal).TrimEnd('?').Replace(prefix, "", StringComparison.Ordinal))];

    /// <summary>Uploads in parts that nobody has ended, by their ids.</summary>
    public ConcurrentDictionary<string, OpenUpload> Uploads { get; } = new(StringComparer.Ordinal);

    /// <summary>An upload in parts.</summary>
    public sealed record OpenUpload(string Path, DateTimeOffset Begun)
    {
        public ConcurrentDictionary<int, byte[]> Parts { get; } = new();
    }

    /// <summary>Answers a request itself, or leaves it by returning false.</summary>
    public Func<HttpContext, Task<bool>> Instead { get; set; } = _ => Task.FromResult(false);

    /// <summary>Says something else than the answer to the end of an upload in parts, which is done by then.</summary>
    public Func<HttpContext, Task<bool>> InsteadOfEnd { get; set; } = _ => Task.FromResult(false);

    /// <summary>Told, whenever a part is stored, how many its upload has.</summary>
    public Action<int>? OnPart { get; set; }

    /// <summary>The end of an upload in parts is answered with an empty ETag, as by Ceph 16.</summary>
    public bool EndsWithoutETag { get; set; }

    /// <summary>What is stored of a body.</summary>
    public Func<byte[], byte[]> Store { get; set; } = body => body;

    /// <summary>The ETag of a content.</summary>
#pragma warning disable CA5351 // What S3 has.
    public Func<byte[], string> ETag { get; set; } = content => $"\"{Convert.ToHexStringLower(MD5.HashData(content))}\"";
#pragma warning restore CA5351

    public static async Task<S3Fake> StartAsync()
    {
        var fake = new S3Fake();
        await fake._app.StartAsync();
        return fake;
    }

    public static async Task ErrorAsync(HttpContext context, int status, string code, string message = "")
    {
        ArgumentNullException.ThrowIfNull(context);
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/xml";
        await context.Response.WriteAsync($"<?xml version=\"1.0\"?><Error><Code>{code}</Code>"
            + $"<Message>{message}</Message></Error>");
    }

    public async ValueTask DisposeAsync() => await _app.DisposeAsync();

    private async Task AnswerAsync(HttpContext context)
    {
        Requests.Enqueue($"{context.Request.Method} {context.Request.Path}{context.Request.QueryString}");
        if (await Instead(context))
            return;
        string path = context.Request.Path;
        IQueryCollection query = context.Request.Query;
        if (query.ContainsKey("uploads") || query.ContainsKey("uploadId"))
        {
            await AnswerPartsAsync(context, path, query);
            return;
        }
        switch (context.Request.Method)
        {
            case "PUT":
                if (await BodyAsync(context) is byte[] body)
                    context.Response.Headers.ETag = _etags[path] = ETag(Objects[path] = Store(body));
                break;
            case "DELETE":
                Objects.TryRemove(path, out _);
                context.Response.StatusCode = 204;
                break;
            default:
                if (Objects.TryGetValue(path, out byte[]? content))
                {
                    if (_etags.TryGetValue(path, out string? etag))
                        context.Response.Headers.ETag = etag;
                    await Results.File(new MemoryStream(content), "application/octet-stream", enableRangeProcessing: true)
                        .ExecuteAsync(context);
                }
                else if (context.Request.Method == "HEAD")
                    context.Response.StatusCode = 404;
                else
                    await ErrorAsync(context, 404, "NoSuchKey");
                break;
        }
    }

    /// <returns>Null if the body has other digests than the request says; that is answered.</returns>
    private static async Task<byte[]?> BodyAsync(HttpContext context)
    {
        using var memory = new MemoryStream();
        await context.Request.Body.CopyToAsync(memory);
        byte[] body = memory.ToArray();
        string? sha256 = context.Request.Headers["x-amz-content-sha256"], md5 = context.Request.Headers.ContentMD5;
#pragma warning disable CA5351 // What S3 has.
        if (md5 is not null && md5 != Convert.ToBase64String(MD5.HashData(body)))
            await ErrorAsync(context, 400, "BadDigest");
#pragma warning restore CA5351
        else if (sha256 is not null && sha256 != Convert.ToHexStringLower(SHA256.HashData(body)))
            await ErrorAsync(context, 400, "XAmzContentSHA256Mismatch");
        else
            return body;
        return null;
    }

    private async Task AnswerPartsAsync(HttpContext context, string path, IQueryCollection query)
    {
        static string Xml(string root, string inner) => $"<?xml version=\"1.0\" encoding=\"UTF-8\"?><{root} "
            + $"xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">{inner}</{root}>";
        string? id = query["uploadId"];
        switch (context.Request.Method)
        {
            case "POST" when id is null:
                string begun = $"upload{Interlocked.Increment(ref _uploads)}";
                Uploads[begun] = new OpenUpload(path, DateTimeOffset.UtcNow);
                await context.Response.WriteAsync(Xml("InitiateMultipartUploadResult", $"<UploadId>{begun}</UploadId>"));
                break;
            case "GET" when id is null:
                // /bucket, or below it a key.
                string bucket = path.TrimEnd('/');
                await context.Response.WriteAsync(Xml("ListMultipartUploadsResult", "<IsTruncated>false</IsTruncated>"
                    + string.Concat(Uploads
                        .Where(u => u.Value.Path.StartsWith($"{bucket}/{query["prefix"]}", StringComparison.Ordinal))
                        .Select(u => $"<Upload><Key>{u.Value.Path[(bucket.Length + 1)..]}</Key>"
                            + $"<UploadId>{u.Key}</UploadId><Initiated>"
                            + u.Value.Begun.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture)
                            + "</Initiated></Upload>"))));
                break;
            case string when !Uploads.TryGetValue(id!, out OpenUpload? found) || found.Path != path:
                await ErrorAsync(context, 404, "NoSuchUpload");
                break;
            case "PUT":
                if (await BodyAsync(context) is byte[] body)
                {
                    context.Response.Headers.ETag = ETag(Uploads[id!].Parts[int.Parse(query["partNumber"]!,
                        CultureInfo.InvariantCulture)] = Store(body));
                    OnPart?.Invoke(Uploads[id!].Parts.Count);
                }
                break;
            case "GET":
                await context.Response.WriteAsync(Xml("ListPartsResult", "<IsTruncated>false</IsTruncated>"
                    + string.Concat(Uploads[id!].Parts.OrderBy(p => p.Key)
                        .Select(p => $"<Part><PartNumber>{p.Key}</PartNumber><Size>{p.Value.Length}</Size>"
                            + $"<ETag>{ETag(p.Value)}</ETag></Part>"))));
                break;
            case "DELETE":
                Uploads.TryRemove(id!, out _);
                context.Response.StatusCode = 204;
                break;
            default:
                Uploads.TryRemove(id!, out OpenUpload? ended);
                byte[][] parts = [.. ended!.Parts.OrderBy(p => p.Key).Select(p => p.Value)];
#pragma warning disable CA5351 // What S3 has.
                _etags[path] =
                    $"\"{Convert.ToHexStringLower(MD5.HashData([.. parts.SelectMany(MD5.HashData)]))}-{parts.Length}\"";
#pragma warning restore CA5351
                Objects[path] = [.. parts.SelectMany(p => p)];
                if (!await InsteadOfEnd(context))
                    await context.Response.WriteAsync(Xml("CompleteMultipartUploadResult",
                        $"<ETag>{(EndsWithoutETag ? "" : _etags[path])}</ETag>"));
                break;
        }
    }

    [GeneratedRegex("&?X-Amz-[A-Za-z-]+=[^&\n]*")]
    private static partial Regex Signature();
}
