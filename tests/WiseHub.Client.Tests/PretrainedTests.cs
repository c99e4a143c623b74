using System.Security.Cryptography;
using System.Text;
using WiseHub.Testing;

namespace WiseHub.Client.Tests;

public sealed class PretrainedTests : IAsyncLifetime
{
    private readonly RestoreBench _bench = new();
    private FileServer _server = null!;

    private string Folder => _bench.Temp["weights"];

    private string Url => _server.Url("/w/net.pkl");

    private string Name => $"{Hash(Url)[..6]}_net.pkl";

    public async ValueTask InitializeAsync()
    {
        _server = await FileServer.StartAsync();
        _server.Serve("/w/net.pkl", "weights"u8.ToArray()).Etag = "\"1\"";
        _bench.Log.Hiding(_server.Url(""), "<web>");
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _bench.Dispose();
    }

    private static string Hash(string url) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(url)));

    private async Task<string> FetchAsync(string? url = null, Digest? sha256 = null, bool force = false)
    {
        using HubClient client = _bench.NewClient();
        return await Pretrained.FetchAsync(client, url ?? Url,
            new PretrainedOptions { Folder = Folder, Sha256 = sha256, Force = force }, TestContext.Current.CancellationToken);
    }

    [Fact]
    public void The_name_prefix_is_the_hash_that_megengine_computes() =>
        Assert.Equal("e4e97b", Hash("https://data.megengine.org.cn/research/basecls/models/effnet/effnet_b0/effnet_b0.pkl")[..6]);

    [Fact]
    public async Task A_file_is_fetched_once_with_a_note_beside_it()
    {
        string path = await FetchAsync();
        Assert.Equal((Path.Combine(Folder, Name), "weights"),
            (path, await File.ReadAllTextAsync(path, TestContext.Current.CancellationToken)));
        Assert.Equal($"{{\"version\":1,\"url\":\"{Url}\",\"size\":7,\"sha256\":\"{RestoreBench.Sha256("weights")}\"}}\n",
            await File.ReadAllTextAsync(path + ".url.json", TestContext.Current.CancellationToken));
        Assert.Equal(path, await FetchAsync());
        Assert.Equal("GET /w/net.pkl 200", _server.Requests);
    }

    [Fact]
    public async Task The_default_folder_is_in_the_cache()
    {
        using HubClient client = _bench.NewClient();
        Assert.Equal(Path.Combine(_bench.Cache, "pretrained", Name),
            await Pretrained.FetchAsync(client, Url, cancel: TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_file_changed_after_its_download_is_fetched_again()
    {
        string path = await FetchAsync();
        await File.WriteAllTextAsync(path, "WEIGHTS", TestContext.Current.CancellationToken);
        await FetchAsync();
        Assert.Equal("weights", await File.ReadAllTextAsync(path, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task An_existing_file_without_a_note_is_fetched_again()
    {
        Directory.CreateDirectory(Folder);
        await File.WriteAllTextAsync(Path.Combine(Folder, Name), "planted", TestContext.Current.CancellationToken);
        Assert.Equal("weights", await File.ReadAllTextAsync(await FetchAsync(), TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Two_urls_with_the_same_six_digits_do_not_share_a_file()
    {
        string path = await FetchAsync();
        string note = await File.ReadAllTextAsync(path + ".url.json", TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(path + ".url.json", note.Replace(Url, "https://example.org/other/net.pkl",
            StringComparison.Ordinal), TestContext.Current.CancellationToken);
        string second = await FetchAsync();
        Assert.Equal(Path.Combine(Folder, $"{Hash(Url)}_net.pkl"), second);
        Assert.Equal(second, await FetchAsync());
    }

    [Fact]
    public async Task A_wrong_digest_leaves_no_file()
    {
        var wrong = Digest.Parse(RestoreBench.Sha256("x"));
        Assert.Equal("WISE3012", (await Assert.ThrowsAsync<HubException>(() => FetchAsync(sha256: wrong))).Code);
        Assert.DoesNotContain("net.pkl", TempFolder.Tree(Folder), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_download_that_fails_leaves_no_file()
    {
        _server["/w/net.pkl"].Status = 404;
        Assert.Equal("WISE2008", (await Assert.ThrowsAsync<HubException>(() => FetchAsync())).Code);
        Assert.Equal("", TempFolder.Tree(Folder));
    }

    [Fact]
    public async Task Force_fetches_the_file_again()
    {
        await FetchAsync();
        (_server["/w/net.pkl"].Content, _server["/w/net.pkl"].Etag) = ("weight2"u8.ToArray(), "\"2\"");
        Assert.Equal("weights", await File.ReadAllTextAsync(await FetchAsync(), TestContext.Current.CancellationToken));
        Assert.Equal("weight2",
            await File.ReadAllTextAsync(await FetchAsync(force: true), TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Weights_of_megengine_with_the_required_digest_are_used()
    {
        _bench.SetEnvironment("MGE_HOME", _bench.Temp["mge"]);
        _bench.Temp.Write($"mge/serialized/{Name}", "weights");
        await FetchAsync(sha256: Digest.Parse(RestoreBench.Sha256("weights")));
        Assert.Equal("", _server.Requests);
    }

    [Fact]
    public async Task Weights_of_megengine_are_not_used_without_the_right_digest()
    {
        _bench.SetEnvironment("MGE_HOME", _bench.Temp["mge"]);
        _bench.Temp.Write($"mge/serialized/{Name}", "planted");
        Assert.Equal("weights", await File.ReadAllTextAsync(await FetchAsync(), TestContext.Current.CancellationToken));
        File.Delete(Path.Combine(Folder, Name));
        Assert.Equal("weights", await File.ReadAllTextAsync(
            await FetchAsync(sha256: Digest.Parse(RestoreBench.Sha256("weights"))), TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_wrapped_builder_loads_weights_only_when_asked()
    {
        using HubClient client = _bench.NewClient();
        PretrainedBuild<string> build = Pretrained.Wrap(client, () => "model", Url,
            (path, model) => $"{model} with {File.ReadAllText(path)}", new PretrainedOptions { Folder = Folder });
        Assert.Equal("model", await build(cancel: TestContext.Current.CancellationToken));
        Assert.Equal("", _server.Requests);
        Assert.Equal("model with weights", await build(pretrained: true, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_signature_in_the_url_is_refused() =>
        Assert.Equal("WISE1011", (await Assert.ThrowsAsync<HubException>(() => FetchAsync(Url + "?sig=abc"))).Code);
}
