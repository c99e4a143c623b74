using System.Collections.Concurrent;
using System.Security.Cryptography;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using WiseHub.Client;
using WiseHub.Testing;

namespace WiseHub.Extensions.Hosting.Tests;

/// <summary>A host with models of a store hub in a folder, which can be taken away.</summary>
internal sealed class HostBench : IDisposable, ILoggerProvider
{
    private readonly ConcurrentQueue<string> _log = new();

    public TempFolder Temp { get; } = new();

    public string Cache => Temp["cache"];

    /// <summary>What the host and the library logged at level information and above.</summary>
    public string Log => string.Join('\n', _log).Replace(Temp.Path, "<temp>", StringComparison.Ordinal).Replace('\\', '/');

    /// <summary>Puts a model with one file on the hub, and makes what a build generates for it.</summary>
    public async Task<RunTimeModel> ModelAsync(string alias, string text)
    {
        await new StoreBuilder(Temp["hub"]).PushAsync("acme/" + alias, ("a", text));
        Temp.Write("program/wisehub.json", $$$"""
            {"hubs":{"local":{"protocol":"store","path":"../hub"} } }
            """);
        using var build = new HubClient(new HubClientOptions
        {
            ConfigFile = Temp["program/wisehub.json"],
            CacheDirectory = Temp["build"],
            Environment = TestEnvironment.Empty,
        });
        RestoreResult result = await build.RestoreAsync(new RestoreRequest
        {
            References = [new RepoReference { RepoId = "acme/" + alias, Hubs = ["local"], Revision = "main" }],
        });
        byte[] manifest = RunTimeManifest.Create(build.Config, result.Snapshots[0]).ToBytes();
        Temp.Write($"program/{alias}.json", manifest);
        return new RunTimeModel(alias, alias + ".json", Convert.ToHexStringLower(SHA256.HashData(manifest)));
    }

    /// <summary>Takes the hub away, or brings it back.</summary>
    public void MoveHub(bool away) => Directory.Move(Temp[away ? "hub" : "away"], Temp[away ? "away" : "hub"]);

    public IHost Host(Action<WiseModelsOptions>? configure, (string Key, string Value)[] settings, params RunTimeModel[] models)
    {
        HostApplicationBuilder builder = Microsoft.Extensions.Hosting.Host.CreateEmptyApplicationBuilder(null);
        builder.Configuration.AddInMemoryCollection(settings.Select(s => KeyValuePair.Create(s.Key, (string?)s.Value)));
        builder.Logging.AddProvider(this);
        builder.Services.AddWiseModels(o =>
        {
            o.FirstPause = TimeSpan.FromMilliseconds(20);
            o.LongestPause = TimeSpan.FromMilliseconds(40);
            o.Fetch = new RunTimeOptions
            {
                ApplicationDirectory = Temp["program"],
                CacheDirectory = Cache,
                Environment = TestEnvironment.Empty,
            };
            configure?.Invoke(o);
        }, models);
        builder.Services.AddHealthChecks().AddWiseModels();
        return builder.Build();
    }

    public static async Task<string> HealthAsync(IHost host)
    {
        HealthReport report = await host.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync();
        HealthReportEntry entry = report.Entries[WiseModelsExtensions.HealthCheckName];
        return $"{entry.Status}: {entry.Description} {string.Join(", ", entry.Data.Select(d => $"{d.Key}={d.Value}"))}";
    }

    public void Dispose() => Temp.Dispose();

    ILogger ILoggerProvider.CreateLogger(string categoryName) => new Lines(_log, categoryName);

    private sealed class Lines(ConcurrentQueue<string> lines, string category) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception,
            Func<TState, Exception?, string> formatter)
        {
            if (logLevel >= LogLevel.Information && category.StartsWith("WiseHub.", StringComparison.Ordinal))
                lines.Enqueue($"{logLevel}: {formatter(state, exception)}");
        }
    }
}
