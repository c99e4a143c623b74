using WiseHub.Testing;

namespace WiseHub.Client.Tests;

/// <summary>
/// A hub that speaks the Hugging Face protocol, and a folder store <c>mirror</c> before it, which a web server
/// <c>web</c> serves, too.
/// </summary>
internal sealed class MirrorBench : IAsyncDisposable
{
    private MirrorBench(HubBench bench, StaticServer web)
    {
        (Bench, Web) = (bench, web);
        Project.Log.Hiding(web.Endpoint.GetLeftPart(UriPartial.Authority), "<web>");
    }

    public HubBench Bench { get; }

    public RestoreBench Project => Bench.Project;

    public StaticServer Web { get; }

    public StoreBuilder Store => new(Project.Temp["mirror"]);

    /// <summary>What the web server was asked, sorted, because files come side by side.</summary>
    public string WebRequests =>
        string.Join('\n', Web.Requests.All.Select(r => $"{r.Method} {r.Path} {r.Status}").Order(StringComparer.Ordinal));

    public string HubRequests => Bench.Requests;

    /// <summary>The log with commits as <c>#</c>: those of a test hub depend on the clock.</summary>
    public string Visible => Show(Project.Log.Visible);

    public static string Show(string text) => System.Text.RegularExpressions.Regex.Replace(text, @"\b[0-9a-f]{40}\b", "#");

    /// <param name="link">Called with every path that the web server is asked for.</param>
    public static async Task<MirrorBench> StartAsync(Func<string, string?>? link = null)
    {
        HubBench bench = await HubBench.StartAsync();
        Directory.CreateDirectory(bench.Project.Temp["mirror"]);
        return new MirrorBench(bench, await StaticServer.StartAsync(bench.Project.Temp["mirror"], link: link));
    }

    /// <param name="mirrors">The value of <c>mirrors</c>.</param>
    /// <param name="only">The value of <c>mirrorsOnly</c>.</param>
    public void Configure(string mirrors, bool only = false) => Project.Configure($$"""
        {"defaultHub":"huggingface",
         "hubs":{"huggingface":{"protocol":"huggingface","stallTimeout":3600,"totalTimeout":7200},
          "disk":{"protocol":"store","path":"mirror"},"web":{"protocol":"store","endpoint":"{{Web.Endpoint}}","stallTimeout":3600,
           "totalTimeout":7200},
                 "own":{"protocol":"store","path":"own"},"down":{"protocol":"store","endpoint":"http://127.0.0.1:9",
                  "retries":1} },
         "mirrors":{{mirrors}},"mirrorsOnly":{{(only ? "true" : "false")}} }
        """);

    /// <summary>
    /// Writes a repo with a regular file and one kept as LFS to the hub and, by a restore, to the mirror; then forgets
    /// everything on this side.
    /// </summary>
    public async Task<string> FillAsync(string model = "weights")
    {
        Bench.Repo(("config.json", "{}"), ("model.bin", model));
        Configure("""[{"hub":"disk","write":true}]""");
        string commit = (await Bench.RestoreAsync()).Snapshots[0].Commit!;
        File.Delete(Project.LockFile);
        Forget();
        return commit;
    }

    /// <summary>A new machine: an empty cache, and nothing asked or said yet.</summary>
    public void Forget()
    {
        Directory.Delete(Project.Cache, recursive: true);
        Bench.Hub.Requests.Clear();
        Web.Requests.Clear();
        Project.Log.Clear();
    }

    public string BlobPath(string text) =>
        RestoreBench.Sha256(text) is var sha256 ? Project.Temp[$"mirror/blobs/{sha256[..2]}/{sha256[2..]}"] : "";

    public static string Blob(string text) =>
        RestoreBench.Sha256(text) is var sha256 ? $"/blobs/{sha256[..2]}/{sha256[2..]}" : "";

    /// <summary>Lines in the order in which a sorted log has them.</summary>
    public static string Sorted(params string[] lines) => string.Join('\n', lines.Order(StringComparer.Ordinal));

    public async ValueTask DisposeAsync()
    {
        await Web.DisposeAsync();
        await Bench.DisposeAsync();
    }
}
