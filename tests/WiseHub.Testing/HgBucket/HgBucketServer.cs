using System.Collections.Concurrent;
using System.Globalization;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using System.Xml.Linq;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Hosting;

namespace WiseHub.Testing.HgBucket;

/// <summary>
/// The bucket <c>data</c> of an S3 server on loopback, path-style: what hg_localization's fact sheet says of servers, and no
/// more. Who signs is believed (real signatures are for real servers); everybody else reads what is public, and is told
/// "forbidden" of all the rest.
/// </summary>
public sealed class HgBucketServer : IAsyncDisposable
{
    public const string Bucket = "data";

    private static readonly XNamespace S3 = "http://s3.amazonaws.com/doc/2006-03-01/";

    private readonly WebApplication _app;

    private HgBucketServer()
    {
        _app = LoopbackServer.Create();
        _app.Run(AnswerAsync);
    }

    /// <summary>One stored object.</summary>
    public sealed record Stored(byte[] Content, bool IsPublic, string? ContentType)
    {
        // CA5351: it is what S3 calls an object's version.
#pragma warning disable CA5351
        public string ETag { get; } = $"\"{Convert.ToHexStringLower(MD5.HashData(Content))}\"";
#pragma warning restore CA5351
    }

    public ConcurrentDictionary<string, Stored> Objects { get; } = new(StringComparer.Ordinal);

    public RequestLog Requests { get; } = new();

    public Uri Endpoint => new(_app.Urls.First());

    /// <summary>Keys in one page of a listing.</summary>
    public int PageSize { get; set; } = 1000;

    /// <summary>Called with the key of every PUT before its conditions are looked at; here others write in between.</summary>
    public Action<string>? BeforePut { get; set; }

    /// <summary>Says what is wrong with a request, by method and key: 403 with this S3 code.</summary>
    public Func<string, string, string?>? Refuse { get; set; }

    /// <summary>
    /// All objects as <c>key size</c>, with <c>public</c> and the content type where they have them: one a line, sorted.
    /// </summary>
    public string Tree => string.Join('\n', Objects.OrderBy(o => o.Key, StringComparer.Ordinal)
        .Select(o => $"{o.Key} "
            + $"{o.Value.Content.Length}{(o.Value.IsPublic ? " public" : "")}"
            + $"{(o.Value.ContentType is "application/json" ? " json" : "")}"));

    public static async Task<HgBucketServer> StartAsync()
    {
        var server = new HgBucketServer();
        await server._app.StartAsync();
        return server;
    }

    /// <summary>Puts an object there.</summary>
    public void Put(string key, string text, bool isPublic = false) => Put(key, Encoding.UTF8.GetBytes(text), isPublic);

    /// <inheritdoc cref="Put(string, string, bool)"/>
    public void Put(string key, byte[] content, bool isPublic = false) => Objects[key] = new Stored(content, isPublic, null);

    public string Text(string key) => Encoding.UTF8.GetString(Objects[key].Content);

    /// <summary>A zip of texts, as the other tool packs a dataset.</summary>
    public static byte[] Zip(params (string Name, string Text)[] entries)
    {
        using var memory = new MemoryStream();
        using (var zip = new ZipArchive(memory, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach ((string name, string text) in entries)
            {
                using Stream entry = zip.CreateEntry(name).Open();
                entry.Write(Encoding.UTF8.GetBytes(text));
            }
        }
        return memory.ToArray();
    }

    public async ValueTask DisposeAsync() => await _app.DisposeAsync();

    private async Task AnswerAsync(HttpContext context)
    {
        HttpRequest request = context.Request;
        bool isSigned = request.Query.ContainsKey("X-Amz-Signature")
            || request.Headers.Authorization.ToString().StartsWith("AWS4-HMAC-SHA256 ", StringComparison.Ordinal);
        string[] parts = request.Path.Value!.TrimStart('/').Split('/', 2);
        string key = parts.Length == 2 ? parts[1] : "";
        // Before the status, so that an answer's body is what decides.
        using var body = new MemoryStream();
        await request.Body.CopyToAsync(body);
        (int status, byte[] content) = parts[0] != Bucket ? Error(404, "NoSuchBucket")
            : Refuse?.Invoke(request.Method, key) is string code ? Error(403, code)
            : Answer(request, context.Response, key, isSigned, body.ToArray());
        context.Response.StatusCode = status;
        context.Response.Headers.AcceptRanges = "bytes";
        bool hasBody = request.Method != "HEAD" && status is not (204 or 304);
        if (status is not (204 or 304))
            context.Response.ContentLength = content.Length;
        // Whoever has the answer may look at the log.
        Requests.Add(new RequestRecord(isSigned ? "keys" : "anyone", request.Method,
            request.Query.ContainsKey("list-type") ? $"{request.Path}?prefix={request.Query["prefix"]}" : request.Path.Value!,
            request.Headers.ToDictionary(h => h.Key, h => h.Value.ToString(), StringComparer.OrdinalIgnoreCase), status,
            hasBody ? content.Length : 0));
        if (hasBody)
            await context.Response.Body.WriteInBlocksAsync(content);
    }

    private (int, byte[]) Answer(HttpRequest request, HttpResponse response, string key, bool isSigned, byte[] body)
    {
        if (key.Length == 0)
            return isSigned ? (200, List(request)) : Error(403, "AccessDenied");
        if (request.Method is "PUT" or "DELETE" && !isSigned)
            return Error(403, "AccessDenied");
        switch (request.Method)
        {
            case "PUT":
                BeforePut?.Invoke(key);
                lock (Objects)
                {
                    Objects.TryGetValue(key, out Stored? before);
                    if ((request.Headers.IfMatch.Count > 0 && before?.ETag != request.Headers.IfMatch)
                        || (request.Headers.IfNoneMatch == "*" && before is not null))
                        return Error(412, "PreconditionFailed");
                    var stored = new Stored(body, request.Headers["x-amz-acl"] == "public-read", request.ContentType);
                    Objects[key] = stored;
                    response.Headers.ETag = stored.ETag;
                    return (200, []);
                }
            case "DELETE":
                Objects.TryRemove(key, out _);
                return (204, []);
            default:
                if (!Objects.TryGetValue(key, out Stored? found) || !(found.IsPublic || isSigned))
                    return isSigned ? Error(404, "NoSuchKey") : Error(403, "AccessDenied");
                response.Headers.ETag = found.ETag;
                if (request.Headers.IfNoneMatch == found.ETag)
                    return (304, []);
                if (request.GetTypedHeaders().Range?.Ranges.FirstOrDefault() is { From: long from } range)
                {
                    long to = Math.Min(range.To ?? long.MaxValue, found.Content.Length - 1);
                    response.Headers.ContentRange = $"bytes {from}-{to}/{found.Content.Length}";
                    return (206, found.Content[(int)from..((int)to + 1)]);
                }
                return (200, found.Content);
        }
    }

    private byte[] List(HttpRequest request)
    {
        string prefix = request.Query["prefix"].ToString(), after = request.Query["continuation-token"].ToString();
        List<KeyValuePair<string, Stored>> all = [.. Objects.Where(o => o.Key.StartsWith(prefix, StringComparison.Ordinal)
            && string.CompareOrdinal(o.Key, after) > 0).OrderBy(o => o.Key, StringComparer.Ordinal)];
        List<KeyValuePair<string, Stored>> page = [.. all.Take(PageSize)];
        var root = new XElement(S3 + "ListBucketResult", new XElement(S3 + "Name", Bucket), new XElement(S3 + "Prefix", prefix),
            new XElement(S3 + "IsTruncated", page.Count < all.Count ? "true" : "false"),
            page.Select(o => new XElement(S3 + "Contents", new XElement(S3 + "Key", o.Key), new XElement(S3 + "Size",
                o.Value.Content.Length.ToString(CultureInfo.InvariantCulture)), new XElement(S3 + "ETag", o.Value.ETag))));
        if (page.Count < all.Count)
            root.Add(new XElement(S3 + "NextContinuationToken", page[^1].Key));
        return Encoding.UTF8.GetBytes(root.ToString());
    }

    private static (int, byte[]) Error(int status, string code) =>
        (status, Encoding.UTF8.GetBytes(new XElement("Error", new XElement("Code", code),
            new XElement("Message", code + " by a test")).ToString()));
}
