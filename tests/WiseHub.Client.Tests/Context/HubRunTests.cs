using WiseHub.Client.Context;
using WiseHub.Client.Hubs;
using WiseHub.Client.Tests.House;
using WiseHub.Client.Transfer;

namespace WiseHub.Client.Tests;

/// <summary>A run opens each commit once and closes it, and all runs of a client share its memory for downloads.</summary>
public sealed class HubRunTests : IDisposable
{
    private readonly RestoreBench _bench = new();

    public HubRunTests() =>
        _bench.Configure("""{"defaultHub":"mine","hubs":{"mine":{"protocol":"files","path":"mine"}}}""");

    public void Dispose() => _bench.Dispose();

    /// <summary>Writes down what its hubs open and close.</summary>
    private sealed class WatchedProtocol : HubProtocol
    {
        private readonly TextFilesProtocol _files = new();

        public List<string> Calls { get; } = [];

        public override string Name => _files.Name;

        public override IReadOnlyList<string> Keys => _files.Keys;

        public override HubDefinition Read(HubSection section) => _files.Read(section);

        public override IHub Open(HubDefinition hub, IHubContext context) => new WatchedHub(_files.Open(hub, context), Calls);
    }

    private sealed class WatchedHub(IHub hub, List<string> calls) : IHub
    {
        public HubDefinition Definition => hub.Definition;

        public void Check(RepoReference reference)
        {
            calls.Add("check");
            hub.Check(reference);
        }

        public async Task<IHubCommit> ResolveAsync(RepoReference reference, IHubRun run, CancellationToken cancel)
        {
            calls.Add("resolve");
            return Open(reference, (await hub.ResolveAsync(reference, run, cancel)).Id, run);
        }

        public IHubCommit Open(RepoReference reference, string commit, IHubRun run)
        {
            calls.Add($"open {reference.Files}");
            return new WatchedCommit(hub.Open(reference, commit, run), calls);
        }

        public Uri? PageUrl(RepoReference reference) => null;

        public Uri? FileUrl(RepoReference reference, string path) => null;
    }

    private sealed class WatchedCommit(IHubCommit commit, List<string> calls) : IHubCommit
    {
        public string Id => commit.Id;

        public Task<IReadOnlyList<TreeEntry>> ListAsync(CancellationToken cancel)
        {
            calls.Add("list");
            return commit.ListAsync(cancel);
        }

        public Task<IReadOnlyList<TreeEntry>> DescribeAsync(
            IReadOnlyList<TreeEntry> tree, IReadOnlyList<TreeEntry> wanted, CancellationToken cancel) =>
            commit.DescribeAsync(tree, wanted, cancel);

        public IReadOnlyList<BlobSource> Locate(TreeEntry file)
        {
            lock (calls)
                calls.Add($"locate {file.Path}");
            return commit.Locate(file);
        }

        public void Dispose()
        {
            calls.Add("close");
            commit.Dispose();
        }
    }

    private HubClient Client(WatchedProtocol protocol) =>
        _bench.NewClient(o => o with { Protocols = new HubProtocols([.. Protocols.All.All, protocol]) });

    [Fact]
    public async Task A_restore_opens_a_commit_once_and_closes_it()
    {
        _bench.Temp.Write("mine/models/acme/tiny/a.txt", "a");
        _bench.Temp.Write("mine/models/acme/tiny/b.txt", "b");
        var protocol = new WatchedProtocol();
        using HubClient client = Client(protocol);
        await client.RestoreAsync(
            _bench.Request(new RepoReference { RepoId = "acme/tiny" }), TestContext.Current.CancellationToken);
        // Files are located in parallel.
        Assert.Equal(["check", "resolve", "open all files", "list", "locate a.txt", "locate b.txt", "close"],
            [.. protocol.Calls[..4], .. protocol.Calls[4..^1].Order(StringComparer.Ordinal), protocol.Calls[^1]]);
    }

    [Fact]
    public async Task References_are_validated_once_with_and_without_a_lock_file()
    {
        _bench.Temp.Write("mine/models/acme/tiny/a.txt", "a");
        var protocol = new WatchedProtocol();
        using HubClient client = Client(protocol);
        RestoreRequest request = _bench.Request(new RepoReference { RepoId = "acme/tiny" }) with { LookFirst = true };
        await client.RestoreAsync(request, TestContext.Current.CancellationToken);
        Assert.Equal(1, protocol.Calls.Count(c => c == "check"));
        protocol.Calls.Clear();
        await client.RestoreAsync(request, TestContext.Current.CancellationToken);
        Assert.Equal(["check"], protocol.Calls);
    }

    [Fact]
    public async Task A_failed_restore_closes_the_commit_that_it_opened()
    {
        _bench.Temp.Write("mine/models/acme/tiny/a.txt", "a");
        var protocol = new WatchedProtocol();
        using HubClient client = Client(protocol);
        var reference = new RepoReference { RepoId = "acme/tiny", Files = new FileSelection(["missing.txt"], []) };
        await Assert.ThrowsAsync<HubException>(
            () => client.RestoreAsync(_bench.Request(reference), TestContext.Current.CancellationToken));
        Assert.Equal(["check", "resolve", $"open {reference.Files}", "list", "close"], protocol.Calls);
    }

    [Fact]
    public async Task Listing_files_closes_the_commit()
    {
        _bench.Temp.Write("mine/models/acme/tiny/a.txt", "a");
        var protocol = new WatchedProtocol();
        using HubClient client = Client(protocol);
        await client.Repos.ListFilesAsync(new RepoReference { RepoId = "acme/tiny" }, TestContext.Current.CancellationToken);
        Assert.Equal(["check", "resolve", "open all files", "list", "close"], protocol.Calls);
    }

    [Fact]
    public async Task Runs_of_one_client_share_the_download_memory_limit()
    {
        using HubClient client = Client(new WatchedProtocol());
        var context = (ClientContext)((IHubClient)client).Context;
        context.Store.Prepare(context.Store.ForHub(context.Config.Find("mine")));
        using HubRun first = context.BeginRun(), second = context.BeginRun();
        string file = _bench.Temp.Write("content", "hello");
        var place = new BlobLocation { Hub = "mine", LocalPath = file };
        int shares = 0;
        await first.FetchAsync(Wanted("first", async token =>
        {
            await second.FetchAsync(Wanted("second", _ =>
            {
                shares = context.TransferWindow.BlocksEach;
                return Task.FromResult(place);
            }), token);
            return place;
        }), TestContext.Current.CancellationToken);
        Assert.Equal((TransferWindow.MostBlocks / 2, TransferWindow.MostBlocks), (shares, context.TransferWindow.BlocksEach));

        static WantedBlob Wanted(string what, Func<CancellationToken, Task<BlobLocation>> locate) =>
            new(what, null, null, null, [new BlobSource("mine", locate)]);
    }
}
