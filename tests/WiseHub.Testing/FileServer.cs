using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Hosting;

namespace WiseHub.Testing;

/// <summary>One file as a <see cref="FileServer"/> gives it.</summary>
public sealed class ServedFile(byte[] content)
{
    public byte[] Content { get; set; } = content;

    public string? Etag { get; set; }

    public DateTimeOffset? LastModified { get; set; }

    public string ContentType { get; set; } = "application/octet-stream";

    public string? ContentEncoding { get; set; }

    public string? ContentDisposition { get; set; }

    /// <summary>Where to instead.</summary>
    public string? RedirectTo { get; set; }

    public int Status { get; set; } = 200;

    /// <summary>After so many bytes the connection is broken off, so many times.</summary>
    public int CutAfter { get; set; }

    public int Cuts { get; set; }

    /// <summary>Neither length nor chunks: the end is the end of the connection.</summary>
    public bool WithoutLength { get; set; }

    /// <summary>Ranges are not understood.</summary>
    public bool OnlyWhole { get; set; }
}

/// <summary>
/// Files at any path of a loopback server, with ranges, conditional requests and the faults of a <see cref="ServedFile"/>. Keeps
/// a list of requests.
/// </summary>
public sealed class FileServer : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly Dictionary<string, ServedFile> _files = new(StringComparer.Ordinal);
    private readonly List<string> _requests = [];

    private FileServer(bool withTls)
    {
        _app = LoopbackServer.Create(listen: listen =>
        {
            if (withTls)
                listen.UseHttps(SelfSigned());
        });
        _app.Run(AnswerAsync);
    }

    public Uri Endpoint => new(_app.Urls.First());

    /// <summary>Method, path, what of Range, conditions and tokens was sent, and the status: one a line, in order.</summary>
    public string Requests
    {
        get
        {
            lock (_requests)
                return string.Join('\n', _requests);
        }
    }

    /// <summary>Called with the path of each request before it is answered.</summary>
    public Func<string, Task> Before { get; set; } = _ => Task.CompletedTask;

    public ServedFile this[string path] => _files[path];

    public static async Task<FileServer> StartAsync(bool withTls = false)
    {
        var server = new FileServer(withTls);
        await server._app.StartAsync();
        return server;
    }

    public ServedFile Serve(string path, byte[] content) => _files[path] = new ServedFile(content);

    public string Url(string path) => Endpoint.GetLeftPart(UriPartial.Authority) + path;

    public void Forget()
    {
        lock (_requests)
            _requests.Clear();
    }

    public async ValueTask DisposeAsync() => await _app.DisposeAsync();

    private async Task AnswerAsync(HttpContext context)
    {
        HttpRequest request = context.Request;
        HttpResponse response = context.Response;
        await Before(request.Path.Value!);
        string line = $"{request.Method} {request.Path}{request.QueryString}";
        foreach (string header in (string[])["Range", "If-None-Match", "If-Modified-Since", "Authorization", "PRIVATE-TOKEN"])
            line += request.Headers.TryGetValue(header, out var value) ? $" {header}: {value}" : "";
        if (!_files.TryGetValue(request.Path.Value!, out ServedFile? file))
        {
            Note(line, response.StatusCode = 404);
            return;
        }
        if (file.RedirectTo is not null)
        {
            response.Headers.Location = file.RedirectTo;
            Note(line, response.StatusCode = 302);
            return;
        }
        response.Headers.ETag = file.Etag;
        response.Headers.LastModified = file.LastModified?.ToString("R");
        response.ContentType = file.ContentType;
        response.Headers.ContentEncoding = file.ContentEncoding;
        response.Headers.ContentDisposition = file.ContentDisposition;
        if ((file.Etag is not null && request.Headers.IfNoneMatch == file.Etag)
            || (file.LastModified is not null && request.Headers.IfModifiedSince == file.LastModified?.ToString("R")))
        {
            Note(line, response.StatusCode = 304);
            return;
        }
        response.StatusCode = file.Status;
        ReadOnlyMemory<byte> body = file.Content;
        if (!file.OnlyWhole && request.GetTypedHeaders().Range?.Ranges.FirstOrDefault() is { From: long from } range)
        {
            long to = Math.Min(range.To ?? long.MaxValue, file.Content.Length - 1);
            response.StatusCode = 206;
            response.Headers.ContentRange = $"bytes {from}-{to}/{file.Content.Length}";
            body = body[(int)from..(int)(to + 1)];
        }
        Note(line, response.StatusCode);
        if (file.WithoutLength)
        {
            // Kestrel closes the connection at the end of an answer that says so and has no length, when it may not use chunks.
            response.Headers.Connection = "close";
            response.Headers.TransferEncoding = "identity";
        }
        else
        {
            response.ContentLength = body.Length;
        }
        if (file.CutAfter > 0 && file.Cuts-- > 0)
        {
            await response.Body.WriteInBlocksAsync(body[..Math.Min(file.CutAfter, body.Length)], context.RequestAborted);
            // Less than was announced: Kestrel sends it and closes the connection.
            return;
        }
        await response.Body.WriteInBlocksAsync(body, context.RequestAborted);
    }

    private void Note(string line, int status)
    {
        lock (_requests)
            _requests.Add($"{line} {status}");
    }

    /// <summary>A certificate that nobody trusts.</summary>
    internal static X509Certificate2 SelfSigned()
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        using X509Certificate2 certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1),
            DateTimeOffset.UtcNow.AddDays(1));
        return X509CertificateLoader.LoadPkcs12(certificate.Export(X509ContentType.Pfx), null);
    }
}
