using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.FileProviders;

namespace WiseHub.Testing;

/// <summary>
/// A web server on loopback that only knows files, as a static server or public bucket does; with a token where one is wanted.
/// </summary>
public sealed class StaticServer : IAsyncDisposable
{
    private readonly WebApplication _app;

    private StaticServer(string folder, string? token, string? contentEncoding, Func<string, string?>? link)
    {
        _app = LoopbackServer.Create();
        _app.Use(async (context, next) =>
        {
            if (contentEncoding is not null)
                context.Response.Headers.ContentEncoding = contentEncoding;
            if (link?.Invoke(context.Request.Path) is string value)
                context.Response.Headers.Link = value;
            Dictionary<string, string> headers = context.Request.Headers.ToDictionary(h => h.Key, h => h.Value.ToString(),
                StringComparer.OrdinalIgnoreCase);
            // Before the answer leaves: whoever has it finds the request in the log.
            context.Response.OnStarting(() =>
            {
                Requests.Add(new RequestRecord("hub", context.Request.Method, context.Request.Path, headers,
                    context.Response.StatusCode, context.Response.ContentLength ?? 0));
                return Task.CompletedTask;
            });
            if (token is not null && context.Request.Headers.Authorization != "Bearer " + token)
                context.Response.StatusCode = context.Request.Headers.Authorization.Count == 0 ? 401 : 403;
            else
                await next(context);
        });
        _app.UseStaticFiles(
            new StaticFileOptions { FileProvider = new PhysicalFileProvider(folder), ServeUnknownFileTypes = true });
    }

    public Uri Endpoint => new(_app.Urls.First());

    public RequestLog Requests { get; } = new();

    /// <summary>Serves a folder on a port of its own.</summary>
    /// <param name="folder">Whose files.</param>
    /// <param name="token">Wanted of every request.</param>
    /// <param name="contentEncoding">Said of every answer, true or not.</param>
    /// <param name="link">The Link header of a path.</param>
    public static async Task<StaticServer> StartAsync(
        string folder, string? token = null, string? contentEncoding = null, Func<string, string?>? link = null)
    {
        var server = new StaticServer(folder, token, contentEncoding, link);
        await server._app.StartAsync();
        return server;
    }

    public async ValueTask DisposeAsync() => await _app.DisposeAsync();
}
