using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace WiseHub.Testing.S3;

/// <summary>
/// Objects by path on loopback, for what no real server does on request: it stores bodies as they come, framing included, checks no signature,
/// and answers what a test says. Anything else is for a real server.
/// </summary>
public sealed class S3Fake : IAsyncDisposable
{
    private readonly WebApplication _app;

    private S3Fake()
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        builder.Services.Configure<HostOptions>(o => o.ShutdownTimeout = TimeSpan.Zero);
        _app = builder.Build();
        _app.Run(AnswerAsync);
    }

    public Uri Endpoint => new(_app.Urls.First());

    public ConcurrentDictionary<string, byte[]> Objects { get; } = new(StringComparer.Ordinal);

    /// <summary>Method, path and query of each request, in order.</summary>
    public ConcurrentQueue<string> Requests { get; } = new();

    /// <summary>Answers a request itself, or leaves it by returning false.</summary>
    public Func<HttpContext, Task<bool>> Instead { get; set; } = _ => Task.FromResult(false);

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
        await context.Response.WriteAsync($"<?xml version=\"1.0\"?><Error><Code>{code}</Code><Message>{message}</Message></Error>");
    }

    public async ValueTask DisposeAsync() => await _app.DisposeAsync();

    private async Task AnswerAsync(HttpContext context)
    {
        Requests.Enqueue($"{context.Request.Method} {context.Request.Path}{context.Request.QueryString}");
        if (await Instead(context))
            return;
        string path = context.Request.Path;
        switch (context.Request.Method)
        {
            case "PUT":
                using (var body = new MemoryStream())
                {
                    await context.Request.Body.CopyToAsync(body);
                    context.Response.Headers.ETag = ETag(Objects[path] = Store(body.ToArray()));
                }
                break;
            case "DELETE":
                Objects.TryRemove(path, out _);
                context.Response.StatusCode = 204;
                break;
            default:
                if (Objects.TryGetValue(path, out byte[]? content))
                    await Results.File(content, "application/octet-stream", enableRangeProcessing: true).ExecuteAsync(context);
                else if (context.Request.Method == "HEAD")
                    context.Response.StatusCode = 404;
                else
                    await ErrorAsync(context, 404, "NoSuchKey");
                break;
        }
    }
}
