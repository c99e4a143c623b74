using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;

namespace WiseHub.Build.Tests;

/// <summary>A server on the loopback device that answers GET and remembers what it was asked.</summary>
internal sealed class LoopbackHub : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ConcurrentQueue<string> _requests = [];

    private LoopbackHub(Func<string, byte[]?> answer, string? token)
    {
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        _app = builder.Build();
        _app.Run(async context =>
        {
            _requests.Enqueue(context.Request.Path + context.Request.QueryString);
            if (token is not null && context.Request.Headers.Authorization != $"Bearer {token}")
                context.Response.StatusCode = StatusCodes.Status401Unauthorized;
            else if (answer(context.Request.Path.Value!) is byte[] content)
            {
                context.Response.ContentLength = content.Length;
                await context.Response.Body.WriteAsync(content);
            }
            else
                context.Response.StatusCode = StatusCodes.Status404NotFound;
        });
    }

    public string Url => _app.Urls.Single();

    /// <summary>Path and query of every request, sorted: downloads run in parallel.</summary>
    public IReadOnlyList<string> Requests => [.. _requests.Order(StringComparer.Ordinal)];

    /// <summary>A folder as a static web server shows it.</summary>
    public static Task<LoopbackHub> OfFolderAsync(string folder) => StartAsync(path => File.Exists(folder + path) ? File.ReadAllBytes(folder + path) : null, null);

    /// <summary>The reading side of the Hugging Face protocol for one model with one commit.</summary>
    public static Task<LoopbackHub> OfHuggingFaceAsync(string repoId, string commit, IReadOnlyDictionary<string, string> files, string? token = null)
    {
        string resolve = $"/{repoId}/resolve/{commit}/";
        byte[] tree = JsonSerializer.SerializeToUtf8Bytes(files.Select(f => new { type = "file", path = f.Key, size = Encoding.UTF8.GetByteCount(f.Value), oid = GitOid(f.Value) }));
        return StartAsync(path =>
            path == $"/api/models/{repoId}" || path == $"/api/models/{repoId}/revision/main" ? JsonSerializer.SerializeToUtf8Bytes(new { id = repoId, sha = commit })
            : path == $"/api/models/{repoId}/tree/{commit}" ? tree
            : path.StartsWith(resolve, StringComparison.Ordinal) && files.TryGetValue(path[resolve.Length..], out string? text) ? Encoding.UTF8.GetBytes(text)
            : null, token);
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private static async Task<LoopbackHub> StartAsync(Func<string, byte[]?> answer, string? token)
    {
        var hub = new LoopbackHub(answer, token);
        await hub._app.StartAsync();
        return hub;
    }

    // CA5350: git names its blobs by SHA-1.
#pragma warning disable CA5350
    private static string GitOid(string text) =>
        Convert.ToHexStringLower(SHA1.HashData(Encoding.UTF8.GetBytes($"blob {Encoding.UTF8.GetByteCount(text)}\0{text}")));
#pragma warning restore CA5350
}
