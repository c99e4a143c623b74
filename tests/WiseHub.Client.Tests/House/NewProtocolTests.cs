using WiseHub.Client.Hubs;

namespace WiseHub.Client.Tests.House;

/// <summary>A new protocol is added by one class in the list of protocols.</summary>
public sealed class NewProtocolTests : IDisposable
{
    private readonly RestoreBench _bench = new();

    public NewProtocolTests() =>
        _bench.Configure("""{"defaultHub":"mine","hubs":{"mine":{"protocol":"files","path":"mine"}}}""");

    public void Dispose() => _bench.Dispose();

    private HubClient Client(bool knows = true) =>
        _bench.NewClient(o => o with
        {
            Protocols = knows ? new HubProtocols([.. Protocols.All.All, new TextFilesProtocol()]) : Protocols.All,
        });

    [Fact]
    public async Task A_repo_is_restored_from_a_hub_of_the_new_protocol()
    {
        _bench.Temp.Write("mine/models/acme/tiny/sub/a.txt", "hello");
        using HubClient client = Client();
        RestoreResult result = await client.RestoreAsync(
            _bench.Request(new RepoReference { RepoId = "acme/tiny" }), TestContext.Current.CancellationToken);
        SnapshotFile file = Assert.Single(result.Snapshots[0].Files);
        Assert.Equal(("sub/a.txt", "hello"), (file.Path, File.ReadAllText(file.BlobPath)));
    }

    [Fact]
    public async Task Files_are_pushed_to_a_hub_of_the_new_protocol()
    {
        using HubClient client = Client();
        PushResult pushed = await client.PushAsync(
            new PushRequest { RepoId = "acme/tiny", Files = [PushFile.FromBytes("hello"u8.ToArray(), "a.txt")] },
            TestContext.Current.CancellationToken);
        Assert.Equal("hello", File.ReadAllText(_bench.Temp["mine/models/acme/tiny/a.txt"]));
        PushResult again = await client.PushAsync(
            new PushRequest { RepoId = "acme/tiny", Files = [PushFile.FromBytes("hello"u8.ToArray(), "a.txt")] },
            TestContext.Current.CancellationToken);
        Assert.Equal((pushed.Commit, true, false), (again.Commit, pushed.Changed, again.Changed));
    }

    [Fact]
    public void A_key_unknown_to_the_new_protocol_is_an_error()
    {
        _bench.Configure("""{"hubs":{"mine":{"protocol":"files","path":"mine","endpoint":"http://127.0.0.1:9"}}}""");
        HubException e = Assert.Throws<HubException>(() => Client().Dispose());
        Assert.Contains("'endpoint'", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_protocol_that_is_not_in_the_list_is_unknown()
    {
        HubException e = Assert.Throws<HubException>(() => Client(knows: false).Dispose());
        Assert.Contains(
            "'files' is not a known protocol. The protocols are store, huggingface, wisemodel, git, s3, hg-localization.",
            e.Message, StringComparison.Ordinal);
    }
}
