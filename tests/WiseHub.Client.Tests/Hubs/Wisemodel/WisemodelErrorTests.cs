using WiseHub.Testing;

namespace WiseHub.Client.Tests;

public sealed class WisemodelErrorTests : IAsyncLifetime
{
    private const string Api = "<hub>/api/v4/projects/acme%2Ftiny";

    private const string Remedy = "Set WISEHUB_TOKEN_WM to a token with read access, or run 'wisehub login wm'. "
        + "Create a token at <hub>/my-token.";

    private const string TakeToken = "It may be private. " + Remedy;

    private HubBench _bench = null!;

    public async ValueTask InitializeAsync() => _bench = await HubBench.StartWisemodelAsync();

    public ValueTask DisposeAsync() => _bench.DisposeAsync();

    private void Token(string token) => _bench.Project.SetEnvironment("WISEHUB_TOKEN_WM", token);

    private async Task AssertFailsAsync(string expected, RepoReference? reference = null)
    {
        Assert.Equal(expected, await _bench.FailureAsync(reference ?? HubBench.Reference()));
        _bench.AssertNothingCame();
    }

    [Fact]
    public Task A_missing_repo_is_an_error() => AssertFailsAsync(
        $"WISE2002: acme/tiny on 'wm' ({Api}/repository/commits/main, 404: \"404 Project Not Found\"): the repo does not exist. "
        + $"Check its name, RepoType and the hub on <hub>/models/acme/tiny. {TakeToken}");

    [Fact]
    public Task A_private_repo_without_a_token_looks_like_a_missing_one()
    {
        _bench.Repo(("a", "x")).IsPrivate = true;
        return A_missing_repo_is_an_error();
    }

    [Fact]
    public async Task A_missing_repo_with_a_token_is_an_error()
    {
        Token(_bench.Hub.GitToken);
        await AssertFailsAsync($"WISE2002: acme/tiny on 'wm' ({Api}/repository/commits/main, 404: \"404 Project Not Found\"): "
            + "the repo does not exist. Check its name, RepoType and the hub on <hub>/models/acme/tiny. The git token in use "
            + "may not read it. " + Remedy);
    }

    [Fact]
    public Task A_refused_token_is_an_error()
    {
        _bench.Repo(("a", "x"));
        Token("old");
        return AssertFailsAsync($"WISE2006: acme/tiny on 'wm' ({Api}/repository/commits/main, 401: \"401 Unauthorized\"): the "
            + "hub refused the git token. A public repo needs none. " + Remedy);
    }

    [Fact]
    public Task A_missing_branch_is_an_error()
    {
        _bench.Repo(("a", "x"));
        return AssertFailsAsync($"WISE2003: acme/tiny on 'wm' ({Api}/repository/commits/v9, 404: \"404 Commit Not Found\"): the "
            + "revision 'v9' does not exist. See the branches and tags on <hub>/models/acme/tiny.",
            new RepoReference { RepoId = HubBench.Id, Revision = "v9" });
    }

    [Fact]
    public Task A_missing_commit_is_an_error()
    {
        _bench.Repo(("a", "x"));
        string none = new('a', 40);
        return AssertFailsAsync($"WISE2003: acme/tiny on 'wm' ({Api}/repository/tree, 404: \"404 invalid revision or path Not "
            + $"Found\"): the revision '{none}' does not exist. See the branches and tags on <hub>/models/acme/tiny.",
            new RepoReference { RepoId = HubBench.Id, Revision = none });
    }

    [Fact]
    public Task An_empty_repo_is_an_error()
    {
        _bench.Hub.CreateRepo(HubBench.Id);
        return AssertFailsAsync("WISE2003: acme/tiny on 'wm' has no commit yet. Push files to it first.",
            new RepoReference { RepoId = HubBench.Id });
    }

    [Fact]
    public Task A_branch_of_an_empty_repo_is_an_error()
    {
        _bench.Hub.CreateRepo(HubBench.Id);
        return AssertFailsAsync($"WISE2003: acme/tiny on 'wm' ({Api}/repository/commits/main, 404: \"404 Commit Not Found\"): "
            + "the revision 'main' does not exist. See the branches and tags on <hub>/models/acme/tiny.");
    }

    [Fact]
    public Task A_repo_disabled_by_the_hub_is_an_error()
    {
        _bench.Repo(("a", "x")).IsDisabled = true;
        return AssertFailsAsync($"WISE2016: acme/tiny on 'wm' ({Api}/repository/commits/main, 403: "
            + $"\"403 Forbidden - Repository access is disabled\"): access is forbidden. {TakeToken}");
    }

    [Fact]
    public Task A_web_page_instead_of_JSON_is_an_error()
    {
        _bench.Repo(("a", "x"));
        _bench.Hub.Faults.On("/commits/", new Fault.Status(200, Body: "<html>maintenance</html>"));
        return AssertFailsAsync($"WISE2010: The hub 'wm' answered {Api}/repository/commits/main in an unexpected way: "
            + "it is a web page, such as a login or proxy page, and not JSON. Check that its endpoint "
            + "\"gitlab\" is a GitLab server.");
    }

    [Theory]
    [InlineData("[]", "it names no commit")]
    [InlineData("{\"id\":\"main\"}", "it names no commit")]
    [InlineData("{\"id\":7}", "it names no commit")]
    public Task A_response_without_a_commit_is_an_error(string json, string reason)
    {
        _bench.Repo(("a", "x"));
        _bench.Hub.Faults.On("/commits/", new Fault.Status(200, Body: json));
        return AssertFailsAsync($"WISE2010: The hub 'wm' answered {Api}/repository/commits/main in an unexpected way: {reason}. "
            + "Check that its endpoint \"gitlab\" is a GitLab server.");
    }

    [Theory]
    [InlineData("{}", "it is not a list of files")]
    [InlineData("[{\"type\":\"blob\",\"id\":\"x\",\"path\":\"a\"}]", "the entry 'a' has no path or git id")]
    [InlineData("[{\"type\":\"blob\",\"id\":\"0123456789012345678901234567890123456789\"}]",
        "the entry '' has no path or git id")]
    [InlineData("[{\"type\":\"link\",\"id\":\"0123456789012345678901234567890123456789\",\"path\":\"a\"}]",
        "the entry 'a' is of type 'link'")]
    [InlineData("[{\"type\":\"blob\",\"id\":\"0123456789012345678901234567890123456789\",\"path\":\"a\"},{\"type\":\"blob\","
        + "\"id\":\"0123456789012345678901234567890123456789\",\"path\":\"a\"}]", "it lists 'a' twice")]
    public Task An_invalid_file_list_is_an_error(string json, string reason)
    {
        _bench.Repo(("a", "x"));
        _bench.Hub.Faults.On("/tree?", new Fault.Status(200, Body: json));
        return AssertFailsAsync($"WISE2010: The hub 'wm' answered {Api}/repository/tree in an unexpected way: {reason}. "
            + "Check that its endpoint \"gitlab\" is a GitLab server.");
    }

    [Fact]
    public async Task A_file_list_with_endless_pages_is_an_error()
    {
        _bench.Repo([.. Enumerable.Range(0, 30).Select(i => ($"f{i:00}", "x"))]);
        // The tree of a page says nothing of files, so that no path comes twice.
        _bench.Hub.FindRepo(HubBench.Id)!.TreeLie = _ => null;
        _bench.Hub.Wisemodel.EndlessPages = true;
        await AssertFailsAsync("WISE2013: acme/tiny on 'wm' lists more than 10000 pages of files. Tell the operator of the hub.");
    }

    [Theory]
    [InlineData("../evil")]
    [InlineData("/etc/passwd")]
    [InlineData("C:\\evil")]
    [InlineData("a\\..\\..\\evil")]
    public async Task A_file_name_that_leaves_the_folder_is_refused(string path)
    {
        _bench.Repo(("a", "x")).TreeLie = item => item with { Path = path };
        Assert.StartsWith("WISE3003: ", await _bench.FailureAsync(), StringComparison.Ordinal);
        _bench.AssertNothingCame();
    }

    [Theory]
    [InlineData("A.json", "a.json")]
    [InlineData("\u00e9.txt", "e\u0301.txt")]
    public async Task Names_that_collide_on_some_systems_are_refused(string one, string other)
    {
        _bench.Repo((one, "1"), (other, "2"));
        Assert.StartsWith("WISE3004: ", await _bench.FailureAsync(), StringComparison.Ordinal);
        _bench.AssertNothingCame();
    }

    [Fact]
    public Task A_file_missing_from_the_proxy_is_an_error()
    {
        TestRepo repo = _bench.Repo(("a", "x"));
        _bench.Hub.Faults.On("/file-proxy/", new Fault.Status(404, Body: "404 page not found"), times: int.MaxValue);
        return AssertFailsAsync($"WISE2008: acme/tiny on 'wm' (<cdn>/file-proxy/acme/tiny/-/raw/{repo.Head()}/a, 404: \"404 "
            + $"page not found\"): the file 'a' is not available at {repo.Head()}. See <hub>/models/acme/tiny. {TakeToken}");
    }

    [Fact]
    public async Task The_login_page_of_a_repo_that_became_private_is_an_error()
    {
        TestRepo repo = _bench.Repo(("a.json", "x"));
        repo.TreeLie = item =>
        {
            repo.IsPrivate = true;
            return item;
        };
        await AssertFailsAsync("WISE2010: acme/tiny on 'wm': <cdn>/users/sign_in gave a web page instead of "
            + $"'a.json'. {TakeToken} Otherwise check the endpoints of the hub.");
    }

    [Theory]
    [InlineData("model.bin", true)]
    // The ending says nothing and there are no attributes: the proxy gives a content whose git id nobody told.
    [InlineData("model.weights", false)]
    public async Task A_pointer_instead_of_the_file_is_an_error(string path, bool isRecognised)
    {
        byte[] content = "weights"u8.ToArray();
        TestRepo repo = _bench.Hub.CreateRepo(HubBench.Id);
        repo.Commit(new Dictionary<string, byte[]?> { [path] = content }, lfs: new HashSet<string> { path });
        _bench.Hub.Wisemodel.ProxyGivesPointers = true;
        string place = $"<cdn>/file-proxy/acme/tiny/-/raw/{repo.Head()}/{path}";
        string gave = isRecognised ? "gave as many bytes as the LFS pointer of the file has" : "gave an LFS pointer";
        await AssertFailsAsync($"WISE2020: acme/tiny {path}: {place} {gave} (sha256 {RestoreBench.Sha256(content)}, "
            + "7 bytes) instead of the content. Nothing was kept. Check that the file was uploaded to LFS (git lfs push), "
            + "or name another hub that has it; or exclude it with a pattern (IgnorePatterns in a build, --exclude in the "
            + "tool).");
    }

    [Fact]
    public async Task A_pointer_from_a_GitLab_without_the_lfs_parameter_is_an_error()
    {
        // Neither its ending nor attributes say that it is an LFS file.
        TestRepo repo = _bench.Hub.CreateRepo(HubBench.Id, isPrivate: true);
        repo.Commit(new Dictionary<string, byte[]?> { ["a.weights"] = "weights"u8.ToArray() },
            lfs: new HashSet<string> { "a.weights" });
        _bench.Hub.Wisemodel.KnowsLfsParameter = false;
        Token(_bench.Hub.GitToken);
        Assert.StartsWith("WISE2020: acme/tiny a.weights: "
            + "<hub>/api/v4/projects/acme%2Ftiny/repository/files/a.weights/raw gave an LFS pointer",
            await _bench.FailureAsync(), StringComparison.Ordinal);
        _bench.AssertNothingCame();
    }

    [Fact]
    public async Task If_the_LFS_server_fails_too_the_first_failure_is_reported()
    {
        _bench.Repo(("a.bin", "weights")).IsPrivate = true;
        _bench.Hub.Wisemodel.KnowsLfsParameter = false;
        _bench.Hub.Faults.On("/info/lfs/", new Fault.Status(404, Body: "404 page not found"), times: int.MaxValue);
        Token(_bench.Hub.GitToken);
        Assert.StartsWith("WISE2020: acme/tiny a.bin: <hub>/api/v4/projects/acme%2Ftiny/repository/files/a.bin/raw gave as many "
            + "bytes as the LFS pointer of the file has",
            await _bench.FailureAsync(), StringComparison.Ordinal);
        Assert.Contains("info: acme/tiny a.bin: the second way failed as well: acme/tiny on 'wm': the LFS server at "
            + "<hub>/acme/tiny.git/info/lfs/objects/batch gave no usable response: it answered 404, so it has no LFS or hides "
            + "the repo. ", _bench.Project.Log.Text, StringComparison.Ordinal);
        _bench.AssertNothingCame();
    }

    [Fact]
    public async Task A_pointer_that_does_not_match_the_file_list_is_an_error()
    {
        _bench.Repo(("a.bin", "one"));
        _bench.Hub.Faults.On("/blobs/", new Fault.Status(200,
            Body: $"version https://git-lfs.github.com/spec/v1\noid sha256:{RestoreBench.Sha256("evil")}\nsize 4\n"));
        Assert.StartsWith("WISE2010: acme/tiny on 'wm': the LFS pointer of 'a.bin' has the git id ", await _bench.FailureAsync(),
            StringComparison.Ordinal);
        _bench.AssertNothingCame();
    }

    [Theory]
    [InlineData("a.json", "git blob id")]
    [InlineData("a.bin", "sha256")]
    public async Task Wrong_bytes_from_the_proxy_are_an_error_and_not_kept(string path, string kind)
    {
        _bench.Repo((path, "right"));
        _bench.Hub.Faults.On("/file-proxy/", new Fault.WrongBytes(2), times: int.MaxValue);
        string failure = await _bench.FailureAsync();
        Assert.StartsWith($"WISE3001: acme/tiny {path}: <cdn>/file-proxy/", failure, StringComparison.Ordinal);
        Assert.Contains($"gave bytes whose {kind} is ", failure, StringComparison.Ordinal);
        _bench.AssertNothingCame();
    }

    [Fact]
    public async Task A_file_that_cannot_be_fetched_fails_the_restore()
    {
        _bench.Repo(("a", "x"), ("b", "y"));
        _bench.Hub.Faults.On("/b", new Fault.Status(503), times: int.MaxValue, origin: "cdn");
        Assert.StartsWith("WISE2001: The hub 'wm' gave no usable response at <cdn>/file-proxy/", await _bench.FailureAsync(),
            StringComparison.Ordinal);
        Assert.False(File.Exists(_bench.Project.LockFile));
    }

    [Fact]
    public async Task An_error_page_of_a_proxy_is_not_kept_as_a_file()
    {
        _bench.Repo(("a.json", "{}"));
        _bench.Hub.Faults.On("/file-proxy/", new Fault.Status(502, Body: "<html>bad gateway</html>"));
        Assert.Equal("a.json={}", RestoreBench.Contents((await _bench.RestoreAsync()).Snapshots[0]));
    }
}
