using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;

namespace WiseHub.Build.Tests;

/// <summary>
/// A folder behind a web server on the loopback device that only answers GET, without ranges: the least that a store needs.
/// </summary>
internal sealed class StaticServer : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ConcurrentQueue<string> _requests = [];

    private StaticServer(string folder)
    {
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        _app = builder.Build();
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

    public static async Task<StaticServer> StartAsync(string folder)
    {
        var server = new StaticServer(folder);
        await server._app.StartAsync();
        return server;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();
}
