using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using WiseHub.Testing;

namespace WiseHub.Build.Tests;

/// <summary>
/// A folder behind a loopback web server that only answers GET, without ranges: the minimum that a store needs.
/// </summary>
internal sealed class BareFolderServer : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ConcurrentQueue<string> _requests = [];

    private BareFolderServer(string folder)
    {
        _app = LoopbackServer.Create();
        _app.Run(async context =>
        {
            string path = context.Request.Path.Value!;
            _requests.Enqueue(path);
            if (File.Exists(folder + path))
                await context.Response.SendFileAsync(folder + path);
            else
                context.Response.StatusCode = StatusCodes.Status404NotFound;
        });
    }

    public string Url => _app.Urls.Single();

    public IReadOnlyCollection<string> Requests => _requests;

    public static async Task<BareFolderServer> StartAsync(string folder)
    {
        var server = new BareFolderServer(folder);
        await server._app.StartAsync();
        return server;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();
}
