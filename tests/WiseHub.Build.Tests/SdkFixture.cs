using System.Text;
using WiseHub.Testing;

[assembly: AssemblyFixture(typeof(WiseHub.Build.Tests.SdkFixture))]

namespace WiseHub.Build.Tests;

/// <summary>The packages, packed once when the first test with the real SDK needs them.</summary>
public sealed class SdkFixture : IAsyncDisposable
{
    private readonly Lazy<Task<PackageFeed>> _feed = new(PackageFeed.CreateAsync);
    private readonly Lazy<Task<SdkRun>> _release;
    private readonly TempFolder _releaseFolder = new();

    public SdkFixture() => _release = new(async () =>
        await (await FeedAsync()).ReleaseAsync(_releaseFolder["clone"], _releaseFolder["feed"]));

    public Task<PackageFeed> FeedAsync() => _feed.Value;

    /// <summary>The folder of the ready packages, else of those that a release from these sources would have.</summary>
    public async Task<string> ReleaseAsync()
    {
        if (PackageFeed.ReadyPackages is { } ready)
            return ready;
        SdkRun run = await _release.Value;
        Assert.SkipWhen(run.Output.Contains("NU1101", StringComparison.Ordinal)
            || run.Output.Contains("NU1102", StringComparison.Ordinal),
            "The package source does not serve the compiler or a runtime pack: " + run.Output);
        run.Succeeded();
        return _releaseFolder["feed"];
    }

    public async ValueTask DisposeAsync()
    {
        _releaseFolder.Dispose();
        if (_feed.IsValueCreated && _feed.Value.IsCompletedSuccessfully)
            (await _feed.Value).Dispose();
    }

    /// <summary>A new workspace whose hub has <c>acme/tiny</c>: two files, one of them in a folder.</summary>
    public async Task<SdkWorkspace> WorkspaceAsync()
    {
        var workspace = new SdkWorkspace(await FeedAsync());
        await workspace.PushAsync("acme/tiny", Tiny);
        return workspace;
    }

    /// <summary>A server that speaks the Hugging Face protocol and has <c>acme/tiny</c>, the weights in LFS.</summary>
    public static async Task<TestHub> TestHubAsync(bool isPrivate = false)
    {
        TestHub hub = await TestHub.StartAsync();
        hub.CreateRepo("acme/tiny", isPrivate: isPrivate)
            .Commit(Tiny.ToDictionary(f => f.Path, f => (byte[]?)Encoding.UTF8.GetBytes(f.Text)),
                lfs: new HashSet<string> { "weights/a.bin" });
        return hub;
    }

    /// <summary>A new workspace whose default hub <c>team</c> is a server.</summary>
    public async Task<SdkWorkspace> WorkspaceAsync(TestHub hub)
    {
        var workspace = new SdkWorkspace(await FeedAsync());
        workspace.Write("src/wisehub.json", $$"""
            { "defaultHub": "team", "hubs": { "team": { "protocol": "huggingface", "endpoint": "{{hub.Endpoint}}" } } }
            """);
        return workspace;
    }

    public static readonly (string Path, string Text)[] Tiny =
        [("config.json", "{\"size\":1}"), ("weights/a.bin", "first weights")];

    /// <summary>A program that prints what the accessor says of <c>acme/tiny</c>.</summary>
    public const string Program = """
        System.Console.WriteLine(App.WiseModels.Tiny.Exists);
        System.Console.WriteLine(System.IO.Path.GetRelativePath(System.AppContext.BaseDirectory, App.WiseModels.Tiny.Directory));
        System.Console.WriteLine(System.IO.File.ReadAllText(App.WiseModels.Tiny.Files.ConfigJson));
        System.Console.WriteLine(System.IO.File.ReadAllText(App.WiseModels.Tiny.Path("weights/a.bin")));

        """;
}
