using WiseHub.Testing;
using WiseHub.Testing.HgBucket;

namespace WiseHub.Client.Tests;

/// <summary>
/// A project with the hub <c>hg</c>: a bucket with a prefix on its own server, and optionally a local store.
/// </summary>
internal sealed class HgBench : IAsyncDisposable
{
    private HgBench(HgBucketServer server) => Server = server;

    public HgBucketServer Server { get; }

    public RestoreBench Restore { get; } = new();

    public TempFolder Temp => Restore.Temp;

    public static async Task<HgBench> StartAsync(string? path = null, bool withKeys = false)
    {
        var bench = new HgBench(await HgBucketServer.StartAsync());
        string local = path is null ? "" : $"\"path\":\"{path}\",";
        bench.Restore.Configure($$$$"""
            {"defaultHub":"hg","hubs":{"hg":{"protocol":"hg-localization",{{{{local}}}}"bucket":"data","prefix":"team",
             "endpoint":"{{{{bench.Server.Endpoint}}}}",
            "pathStyle":true,"conditionalWrites":true,"retries":1,"connectTimeout":300,"stallTimeout":300,
             "totalTimeout":600}}}
            """);
        if (withKeys)
        {
            bench.Restore.SetEnvironment("HGLOC_AWS_ACCESS_KEY_ID", "KEY");
            bench.Restore.SetEnvironment("HGLOC_AWS_SECRET_ACCESS_KEY", "SECRET");
        }
        bench.Restore.Log.Hiding(bench.Server.Endpoint.AbsoluteUri.TrimEnd('/'), "<server>");
        return bench;
    }

    /// <summary>A dataset as save_to_disk of the datasets library writes it.</summary>
    public static (string Path, string Text)[] Dataset(string data = "arrow") =>
    [
        ("data-00000-of-00001.arrow", data),
        ("dataset_info.json", "{}"),
        ("state.json", """{"_data_files":[{"filename":"data-00000-of-00001.arrow"}]}"""),
    ];

    /// <summary>Publishes an archive and its entry in the manifest, as the other tool does.</summary>
    public void Publish(string id, string? config, params (string, string)[] entries)
    {
        string key = $"public_datasets_zip/{id.Replace('/', '_')}---{config ?? "default_config"}---default_revision.zip";
        Server.Put("team/" + key, HgBucketServer.Zip(entries), isPublic: true);
        Server.Put("team/public_datasets.json", Manifest(id, config, key), isPublic: true);
    }

    public static string Manifest(string id, string? config, string key, string bucket = "data") => $$"""
        {
          "{{id}}---{{config ?? "default_config"}}---default_revision": {
            "dataset_id": "{{id}}",
            "config_name": {{(config is null ? "null" : $"\"{config}\"")}},
            "revision": null,
            "s3_zip_key": "{{key}}",
            "s3_bucket": "{{bucket}}"
          }
        }
        """;

    public void PutTree(string prefix, params (string Path, string Text)[] files)
    {
        foreach ((string path, string text) in files)
            Server.Put($"team/{prefix}/{path}", text);
    }

    public static RepoReference Reference(
        string id = "glue", string? config = "mrpc", RepoType type = RepoType.Dataset, string? revision = null) =>
        new() { RepoId = id, Config = config, RepoType = type, Revision = revision };

    public string Asked => string.Join('\n', Server.Requests.All);

    public string Log => Restore.Log.Text;

    /// <summary>What a restore gives, as <c>path=content</c> lines, or its failure.</summary>
    public async Task<string> RunAsync(RepoReference reference) =>
        RestoreBench.Contents((await Restore.RestoreAsync(reference)).Snapshots[0]);

    public Task<string> FailureAsync(RepoReference reference) => Restore.FailureAsync(reference);

    public async Task<T> WithAsync<T>(Func<HgLocalizationClient, Task<T>> act, string? hub = "hg")
    {
        using HubClient client = Restore.NewClient();
        return await act(client.HgLocalization(hub));
    }

    public async Task<string> FailureAsync(Func<HgLocalizationClient, Task> act, string? hub = "hg") =>
        await Restore.FailureOfAsync(() => WithAsync(async hg => { await act(hg); return 0; }, hub));

    public async ValueTask DisposeAsync()
    {
        await Server.DisposeAsync();
        Restore.Dispose();
    }
}
