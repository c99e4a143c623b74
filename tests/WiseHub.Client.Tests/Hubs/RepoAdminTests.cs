using WiseHub.Testing;

namespace WiseHub.Client.Tests;

/// <summary>Creating, finding and deleting repos, branches and tags.</summary>
public sealed class RepoAdminTests
{
    [Fact]
    public async Task A_name_without_an_owner_creates_a_repo_of_the_caller_and_returns_its_URL()
    {
        await using HubBench bench = await StartAsync();
        using HubClient client = bench.NewClient();
        CreatedRepo made = await client.Repos.CreateAsync(new CreateRepoRequest { RepoId = "test-model" });
        Assert.Equal(("tester/test-model", $"{bench.Hub.Endpoint}tester/test-model", true),
            (made.RepoId, made.Url!.AbsoluteUri, made.IsNew));
        Assert.Equal("hub POST /api/repos/create 200", bench.Requests);
    }

    [Fact]
    public async Task A_private_dataset_is_created_for_an_organization()
    {
        await using HubBench bench = await StartAsync();
        using HubClient client = bench.NewClient();
        CreatedRepo made = await client.Repos.CreateAsync(
            new CreateRepoRequest { RepoId = "acme/text", RepoType = RepoType.Dataset, Private = true });
        Assert.Equal(($"{bench.Hub.Endpoint}datasets/acme/text", true),
            (made.Url!.AbsoluteUri, bench.Hub.FindRepo("acme/text", "dataset")!.IsPrivate));
    }

    [Fact]
    public async Task A_repo_created_public_instead_of_private_is_an_error()
    {
        await using HubBench bench = await StartAsync();
        bench.Hub.Requests.OnAdded = r => bench.Hub.FindRepo("acme/text")!.IsPrivate = false;
        using HubClient client = bench.NewClient();
        Assert.Equal("WISE2010: acme/text on 'huggingface' was created, but it is public although a private repo was requested. "
            + "Make it private at <hub>/acme/text/settings before you push to it.",
            await FailureAsync(bench,
                () => client.Repos.CreateAsync(new CreateRepoRequest { RepoId = "acme/text", Private = true })));
    }

    [Fact]
    public async Task Creating_an_existing_repo_is_an_error_unless_ExistsIsFine()
    {
        await using HubBench bench = await StartAsync();
        bench.Repo(("a", "a"));
        using HubClient client = bench.NewClient();
        var request = new CreateRepoRequest { RepoId = HubBench.Id };
        Assert.Equal("WISE5028: acme/tiny on 'huggingface' already exists (<hub>/acme/tiny). Choose another name, or delete "
            + "that repo first.",
            await FailureAsync(bench, () => client.Repos.CreateAsync(request)));
        Assert.Equal(new CreatedRepo(HubBench.Id, new Uri(bench.Hub.Endpoint, "/acme/tiny"), false),
            await client.Repos.CreateAsync(request with { ExistsIsFine = true }));
    }

    // A namespace of somebody else's: 403 whether the repo is there or not.
    [Fact]
    public async Task ExistsIsFine_accepts_a_visible_repo_in_a_foreign_namespace()
    {
        await using HubBench bench = await StartAsync();
        bench.Hub.CreateRepo("other/open");
        bench.Hub.CreateRepo("other/hidden", isPrivate: true);
        using HubClient client = bench.NewClient();
        var request = new CreateRepoRequest { RepoId = "other/open", ExistsIsFine = true };
        Assert.Equal(new CreatedRepo("other/open", new Uri(bench.Hub.Endpoint, "/other/open"), false),
            await client.Repos.CreateAsync(request));
        foreach (string id in new[] { "other/hidden", "other/none" })
        {
            Assert.StartsWith($"WISE5007: {id} on 'huggingface' (<hub>/api/repos/create, 403: \"You don't have the rights to "
                + "create a model under the namespace \"other\"\"): ",
                await FailureAsync(bench, () => client.Repos.CreateAsync(request with { RepoId = id })),
                StringComparison.Ordinal);
        }
        Assert.StartsWith("WISE5007", await FailureAsync(bench,
            () => client.Repos.CreateAsync(request with { ExistsIsFine = false })), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_read_only_token_can_neither_create_nor_delete_a_repo()
    {
        await using HubBench bench = await StartAsync();
        bench.Repo(("a", "a"));
        bench.Project.SetEnvironment("HF_TOKEN", "hf_read");
        using HubClient client = bench.NewClient();
        Assert.StartsWith("WISE5007", await FailureAsync(bench,
            () => client.Repos.CreateAsync(new CreateRepoRequest { RepoId = "acme/other" })), StringComparison.Ordinal);
        Assert.StartsWith("WISE5007", await FailureAsync(bench, () => client.Repos.DeleteAsync(HubBench.Reference())),
            StringComparison.Ordinal);
        Assert.NotNull(bench.Hub.FindRepo(HubBench.Id));
    }

    [Fact]
    public async Task A_deleted_repo_is_gone_and_cannot_be_deleted_again()
    {
        await using HubBench bench = await StartAsync();
        bench.Repo(("a", "a"));
        using HubClient client = bench.NewClient();
        await client.Repos.DeleteAsync(HubBench.Reference());
        Assert.Null(bench.Hub.FindRepo(HubBench.Id));
        Assert.StartsWith("WISE2002", await FailureAsync(bench, () => client.Repos.DeleteAsync(HubBench.Reference())),
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task Repos_are_found_by_text_owner_and_tags()
    {
        await using HubBench bench = await StartAsync();
        bench.Hub.CreateRepo("acme/bert-zh").Labels = ["transformers", "zh"];
        bench.Hub.CreateRepo("acme/bert-en").Labels = ["transformers", "en"];
        bench.Hub.CreateRepo("other/bert-zh").Labels = ["zh"];
        using HubClient client = bench.NewClient();
        Assert.Equal("acme/bert-en acme/bert-zh other/bert-zh", await IdsAsync(client, new RepoQuery { Text = "bert" }));
        Assert.Equal("acme/bert-en acme/bert-zh", await IdsAsync(client, new RepoQuery { Author = "acme" }));
        Assert.Equal("acme/bert-zh", await IdsAsync(client, new RepoQuery { Tags = ["zh", "transformers"] }));
        Assert.Equal("", await IdsAsync(client, new RepoQuery { RepoType = RepoType.Dataset }));
        Assert.Equal($"hub GET /api/models?author=acme&{Expanded}&limit=500 200", bench.Requests.Split('\n')[1]);
    }

    // A list says little of each repo unless it is asked to say more, and an unknown property is an error.
    [Theory]
    [InlineData("model", RepoType.Model, 0L, false)]
    [InlineData("dataset", RepoType.Dataset, 0L, false)]
    [InlineData("space", RepoType.Space, null, null)]
    public async Task A_found_repo_is_described(string type, RepoType repoType, long? downloads, bool? gated)
    {
        await using HubBench bench = await StartAsync();
        TestRepo repo = bench.Hub.CreateRepo(HubBench.Id, type);
        repo.Labels = ["zh"];
        string commit = repo.Commit(new Dictionary<string, byte[]?> { ["a"] = "a"u8.ToArray() });
        using HubClient client = bench.NewClient();
        RepoSummary found = Assert.Single(await client.Repos.SearchAsync(new RepoQuery { RepoType = repoType }).ToListAsync());
        Assert.Equal((commit, false, gated, downloads, "zh"),
            (found.Commit, found.Private, found.Gated, found.Downloads, string.Join(' ', found.Tags)));
        Assert.NotNull(found.LastModified);
    }

    [Fact]
    public async Task Repos_are_listed_page_by_page_up_to_the_limit()
    {
        await using HubBench bench = await StartAsync();
        for (int i = 0; i < 1001; i++)
            bench.Hub.CreateRepo($"acme/m{i:0000}");
        using HubClient client = bench.NewClient();
        Assert.Equal(1001, (await IdsAsync(client, new RepoQuery())).Split(' ').Length);
        Assert.Equal(3, bench.Hub.Requests.All.Count);
        bench.Hub.Requests.Clear();
        Assert.Equal("acme/m0000 acme/m0001", await IdsAsync(client, new RepoQuery { Limit = 2 }));
        Assert.Equal($"hub GET /api/models?{Expanded}&limit=2 200", bench.Requests);
        // Who stops looking asks no more.
        bench.Hub.Requests.Clear();
        await foreach (RepoSummary repo in client.Repos.SearchAsync(new RepoQuery()))
        {
            if (repo.RepoId == "acme/m0400")
                break;
        }
        Assert.Single(bench.Hub.Requests.All);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Branches_and_tags_can_be_created_and_deleted_once(bool onFolder)
    {
        await using HubBench bench = await StartAsync();
        if (onFolder)
        {
            bench.Project.Configure("""{"defaultHub":"local","hubs":{"local":{"protocol":"store","path":"hub"}}}""");
            await bench.Project.Hub.PushAsync(HubBench.Id, ("a", "a"));
        }
        else
        {
            bench.Repo(("a", "a"));
        }
        using HubClient there = bench.NewClient();
        RepoReference repo = HubBench.Reference();
        string head = (await there.Repos.ListFilesAsync(repo)).Commit;
        await there.Repos.CreateBranchAsync(repo, "release/1");
        await there.Repos.CreateTagAsync(repo with { Revision = head }, "v1.0", "the first");
        Assert.Equal((head, head), ((await there.Repos.ListFilesAsync(repo with { Revision = "release/1" })).Commit,
            (await there.Repos.ListFilesAsync(repo with { Revision = "v1.0" })).Commit));
        Assert.StartsWith("WISE5028", await FailureAsync(bench, () => there.Repos.CreateBranchAsync(repo, "release/1")),
            StringComparison.Ordinal);
        Assert.StartsWith("WISE5028", await FailureAsync(bench, () => there.Repos.CreateTagAsync(repo, "v1.0")),
            StringComparison.Ordinal);
        await there.Repos.DeleteBranchAsync(repo, "release/1");
        await there.Repos.DeleteTagAsync(repo, "v1.0");
        Assert.StartsWith("WISE2003", await FailureAsync(bench, () => there.Repos.DeleteBranchAsync(repo, "release/1")),
            StringComparison.Ordinal);
        Assert.StartsWith("WISE2003", await FailureAsync(bench, () => there.Repos.DeleteTagAsync(repo, "v1.0")),
            StringComparison.Ordinal);
        Assert.StartsWith("WISE2003", await FailureAsync(bench,
            () => there.Repos.CreateBranchAsync(repo with { Revision = "nosuch" }, "x")), StringComparison.Ordinal);
        // The folder of the deleted branch is no obstacle.
        await there.Repos.CreateBranchAsync(repo, "release");
    }

    [Fact]
    public async Task Repos_of_a_folder_are_listed_and_deleted_and_their_names_are_free_again()
    {
        using var bench = new RestoreBench();
        await bench.Hub.PushAsync("acme/one", ("a", "1"));
        await bench.Hub.PushAsync("acme/two", ("a", "2"));
        using HubClient client = bench.NewClient();
        Assert.Equal("acme/one acme/two", await IdsAsync(client, new RepoQuery { Author = "acme" }));
        Assert.Equal("acme/two", await IdsAsync(client, new RepoQuery { Text = "TWO" }));
        await client.Repos.DeleteAsync(new RepoReference { RepoId = "acme/one" });
        Assert.Equal("acme/two", await IdsAsync(client, new RepoQuery()));
        Assert.StartsWith("WISE2002", await bench.FailureOfAsync(
            () => client.Repos.DeleteAsync(new RepoReference { RepoId = "acme/one" })), StringComparison.Ordinal);
        Assert.True((await client.Repos.CreateAsync(new CreateRepoRequest { RepoId = "acme/one" })).IsNew);
        await bench.Hub.PushAsync("acme/one", ("a", "3"));
        Assert.Equal("a=3",
            RestoreBench.Contents((await bench.RestoreAsync(new RepoReference { RepoId = "acme/one" })).Snapshots[0]));
    }

    [Fact]
    public async Task Unsupported_operations_of_a_store_are_errors()
    {
        using var bench = new RestoreBench();
        await bench.Hub.PushAsync("acme/one", ("a", "1"));
        using HubClient client = bench.NewClient();
        Assert.Equal("WISE5027: The hub 'local' is a store, which has no private repos. The permissions of the folder or bucket "
            + "decide who can read.",
            await bench.FailureOfAsync(
                () => client.Repos.CreateAsync(new CreateRepoRequest { RepoId = "acme/two", Private = true })));
        Assert.Equal("WISE5027: The hub 'local' is a store, which has no tags of repos. Search by text or author.",
            await bench.FailureOfAsync(() => IdsAsync(client, new RepoQuery { Tags = ["zh"] })));
        Assert.Equal("WISE5027: "
            + "WiseHub cannot create, find or delete repos on the hub 'github' (protocol git). Use its own pages or tools, or a "
            + "hub with the protocol store, huggingface or s3.",
            await bench.FailureOfAsync(
                () => client.Repos.DeleteAsync(new RepoReference { RepoId = "acme/one", Hubs = ["github"] })));
    }

    [Theory]
    [InlineData("a b", "main", "WISE1003")]
    [InlineData("acme/one", "a..b", "WISE1005")]
    public async Task Invalid_names_are_errors_before_any_request(string id, string branch, string code)
    {
        await using HubBench bench = await StartAsync();
        using HubClient client = bench.NewClient();
        Assert.StartsWith(code, await FailureAsync(bench,
            () => client.Repos.CreateBranchAsync(new RepoReference { RepoId = id }, branch)), StringComparison.Ordinal);
        Assert.Empty(bench.Hub.Requests.All);
    }

    private static async Task<HubBench> StartAsync()
    {
        HubBench bench = await HubBench.StartAsync();
        bench.Project.SetEnvironment("HF_TOKEN", bench.Hub.Token);
        return bench;
    }

    private const string Expanded = "expand=private&expand=sha&expand=lastModified&expand=tags&expand=gated&expand=downloads";

    private static async Task<string> IdsAsync(HubClient client, RepoQuery query)
    {
        var ids = new List<string>();
        await foreach (RepoSummary repo in client.Repos.SearchAsync(query))
            ids.Add(repo.RepoId);
        return string.Join(' ', ids);
    }

    private static async Task<string> FailureAsync(HubBench bench, Func<Task> work) =>
        await bench.Project.FailureOfAsync(work);
}
