using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace WiseHub.Testing;

/// <summary>The web servers of tests: on loopback, without logs, and stopped without waiting for requests.</summary>
public static class LoopbackServer
{
    /// <summary>Makes a server that is not started yet. A body may be of any size and may come at any speed.</summary>
    /// <param name="ports">One listener each; 0 = a free port. None given = one free port.</param>
    /// <param name="listen">Changes each listener, for example to use TLS.</param>
    public static WebApplication Create(IReadOnlyList<int>? ports = null, Action<ListenOptions>? listen = null)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Limits.MaxRequestBodySize = null;
            kestrel.Limits.MinResponseDataRate = null;
            kestrel.Limits.MinRequestBodyDataRate = null;
            kestrel.AddServerHeader = false;
            foreach (int port in ports ?? [0])
                kestrel.Listen(IPAddress.Loopback, port, listen ?? (_ => { }));
        });
        builder.Services.Configure<HostOptions>(o => o.ShutdownTimeout = TimeSpan.Zero);
        return builder.Build();
    }

    /// <summary>Starts a server that answers every request in one way.</summary>
    /// <param name="answer">The answer.</param>
    public static async Task<WebApplication> StartAsync(RequestDelegate answer)
    {
        WebApplication server = Create();
        server.Run(answer);
        await server.StartAsync();
        return server;
    }
}
