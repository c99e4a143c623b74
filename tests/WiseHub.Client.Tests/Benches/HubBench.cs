using System.Text;
using System.Text.RegularExpressions;
using WiseHub.Testing;

namespace WiseHub.Client.Tests;

/// <summary>A project whose default hub is a <see cref="TestHub"/>, and a clock that skips waits.</summary>
internal sealed partial class HubBench : IAsyncDisposable
{
    public const string Id = "acme/tiny";

    private HubBench(TestHub hub, string protocol, SkippingTime? time = null)
    {
        Hub = hub;
        Time = time ?? new SkippingTime();
        Project.Log.Hiding(hub.Endpoint.GetLeftPart(UriPartial.Authority), "<hub>")
            .Hiding(hub.CdnEndpoint.GetLeftPart(UriPartial.Authority), "<cdn>");
        if (protocol == "wisemodel")
        {
            // The services are apart, as those of the public hub are.
            Project.Configure($$$"""
                {"defaultHub":"wm","hubs":{"wm":{"protocol":"wisemodel",
                 "endpoints":{"web":"{{{hub.Endpoint}}}","gateway":"{{{hub.Endpoint}}}",
                "upload":"{{{hub.Endpoint}}}","raw":"{{{hub.CdnEndpoint}}}","gitlab":"{{{hub.Endpoint}}}",
                 "git":"{{{hub.Endpoint}}}"},{{{Patience}}} } } }
                """);
        }
        else
        {
            ConfigureHuggingFace("");
            Project.SetEnvironment("HF_ENDPOINT", hub.Endpoint.OriginalString);
        }
        Project.SetEnvironment("HOME", Project.Temp["nobody"]);
    }

    // The limits are out of the clock's reach: what is skipped are waits between tries.
    private const string Patience = "\"stallTimeout\":3600,\"totalTimeout\":7200";

    public RestoreBench Project { get; } = new();

    public TestHub Hub { get; }

    public SkippingTime Time { get; }

    /// <summary>
    /// Requests in order, with commits and digests shortened to their first four characters, without the query of a
    /// relative redirect.
    /// </summary>
    public string Requests => string.Join('\n', Hub.Requests.All.Select(
        r => RedirectQuery().Replace(Hexadecimal().Replace(r.ToString(), m => m.Value[..4] + "…"), "?…")));

    public static async Task<HubBench> StartAsync(TestHubOptions? options = null) =>
        new(await TestHub.StartAsync(options), "huggingface");

    /// <summary>The default hub <c>wm</c> speaks Wisemodel; its proxy is the test hub's second origin.</summary>
    public static async Task<HubBench> StartWisemodelAsync() => new(await TestHub.StartAsync(), "wisemodel");

    /// <summary>The same, with a hub whose clock is the client's: what it does later is later for both.</summary>
    public static async Task<HubBench> StartWisemodelInStepAsync()
    {
        var time = new SkippingTime();
        return new HubBench(await TestHub.StartAsync(new TestHubOptions { Time = time }), "wisemodel", time);
    }

    /// <summary>Adds a policy to the configuration of the hub <c>huggingface</c>.</summary>
    public void UsePolicy(string policy) => ConfigureHuggingFace($",\"policy\":{policy}");

    private void ConfigureHuggingFace(string more) => Project.Configure("{\"defaultHub\":\"huggingface\",\"hubs\":"
        + $"{{\"huggingface\":{{\"protocol\":\"huggingface\",{Patience}}}}}{more}}}");

    public TestRepo Repo(params (string Path, string Text)[] files)
    {
        TestRepo repo = Hub.FindRepo(Id) ?? Hub.CreateRepo(Id);
        repo.Commit(files.ToDictionary(f => f.Path, f => (byte[]?)Encoding.UTF8.GetBytes(f.Text)));
        return repo;
    }

    /// <summary>A repo with one file of random bytes, kept as LFS.</summary>
    public byte[] BigRepo(int size, string path = "model.bin")
    {
        byte[] content = RandomBytes.Of(size, seed: size);
        (Hub.FindRepo(Id) ?? Hub.CreateRepo(Id)).Commit(new Dictionary<string, byte[]?> { [path] = content });
        return content;
    }

    public static RepoReference Reference(string id = Id) => new() { RepoId = id, Revision = "main" };

    /// <summary>One download at a time, so that the order of requests is always the same.</summary>
    public HubClient NewClient(Func<HubClientOptions, HubClientOptions>? change = null)
    {
        return Project.NewClient(o =>
        {
            o = o with { Time = Time, MaxParallelDownloads = 1, Retries = null };
            return change is null ? o : change(o);
        });
    }

    public Task<RestoreResult> RestoreAsync(params RepoReference[] references) =>
        RestoreAsync(Project.Request(references.Length > 0 ? references : [Reference()]));

    public async Task<RestoreResult> RestoreAsync(RestoreRequest request, CancellationToken cancel = default)
    {
        using HubClient client = NewClient();
        return await client.RestoreAsync(request, cancel);
    }

    public async Task<string> FailureAsync(params RepoReference[] references) =>
        await Project.FailureOfAsync(() => RestoreAsync(references));

    /// <summary>Whatever failed: no lock file, no blob, no file that somebody could take for one.</summary>
    public void AssertNothingCame()
    {
        Assert.False(File.Exists(Project.LockFile));
        Assert.Equal("", TempFolder.Tree(Path.Combine(Project.Cache, "blobs")));
    }

    public async ValueTask DisposeAsync()
    {
        await Hub.DisposeAsync();
        Project.Dispose();
    }

    [GeneratedRegex("[0-9a-f]{64}|[0-9a-f]{40}")]
    private static partial Regex Hexadecimal();

    [GeneratedRegex(@"(?<=resolve-cache\S*)\?\S*")]
    private static partial Regex RedirectQuery();
}
