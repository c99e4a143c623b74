using WiseHub.Testing;

namespace WiseHub.Client.Tests;

public sealed class HuggingFaceErrorTests : IAsyncLifetime
{
    private const string Ask = "<hub>/api/models/acme/tiny/revision/main";

    private HubBench _bench = null!;

    public async ValueTask InitializeAsync() => _bench = await HubBench.StartAsync();

    public ValueTask DisposeAsync() => _bench.DisposeAsync();

    private void Token(string token) => _bench.Project.SetEnvironment("HF_TOKEN", token);

    private async Task AssertFailsAsync(string expected, RepoReference? reference = null)
    {
        Assert.Equal(expected, await _bench.FailureAsync(reference ?? HubBench.Reference()));
        _bench.AssertNothingCame();
    }

    [Fact]
    public Task A_missing_repo_without_a_token_is_an_error() => AssertFailsAsync(
        $"WISE2005: acme/tiny on 'huggingface' ({Ask}, 401: \"Repository not found\"): the repo does not exist, "
        + "or it is private and no token was sent. Check the name on <hub>/acme/tiny. If it is private, it needs a token. "
        + "Set WISEHUB_TOKEN_HUGGINGFACE to a token with read access, or run 'wisehub login huggingface'. "
        + "Create a token at <hub>/settings/tokens.");

    [Fact]
    public Task A_missing_repo_with_a_token_is_an_error()
    {
        Token("hf_test");
        return AssertFailsAsync(
            $"WISE2002: acme/tiny on 'huggingface' ({Ask}, 404: \"Repository not found\"): there is no such repo. Check the "
            + "name, the hub and RepoType. If it is private, the token of the environment variable HF_TOKEN may lack "
            + "access to it.");
    }

    [Fact]
    public async Task A_private_repo_without_read_permission_is_reported_as_missing()
    {
        _bench.Repo(("a", "x")).IsPrivate = true;
        Token("hf_read");
        Assert.StartsWith("WISE2002: acme/tiny on 'huggingface'", await _bench.FailureAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_token_for_a_private_repo_is_sent_to_the_hub_and_not_to_the_CDN()
    {
        _bench.Repo(("a.bin", "x"), ("b.json", "y")).IsPrivate = true;
        Token("hf_test");
        await _bench.RestoreAsync();
        Assert.Equal("cdn:- hub:Bearer hf_test", string.Join(' ', _bench.Hub.Requests.All.Select(
            r => $"{r.Origin}:{r.Headers.GetValueOrDefault("Authorization", "-")}").Distinct().Order(StringComparer.Ordinal)));
    }

    [Fact]
    public async Task No_token_is_in_the_log_the_lock_file_or_the_cache()
    {
        _bench.Repo(("a.bin", "x"), ("b.json", "y")).IsPrivate = true;
        Token("hf_test");
        _bench.Hub.Faults.On("/content/", new Fault.Status(503), origin: "cdn");
        await _bench.RestoreAsync();
        string everything = _bench.Project.Log.Text + _bench.Project.LockText
            + string.Concat(Directory.GetFiles(_bench.Project.Cache, "*", SearchOption.AllDirectories).Select(File.ReadAllText));
        Assert.DoesNotContain("hf_test", everything, StringComparison.Ordinal);
        Assert.DoesNotContain("Signature=", everything, StringComparison.Ordinal);
    }

    [Fact]
    public Task A_token_that_the_hub_refuses_is_an_error()
    {
        _bench.Repo(("a", "x"));
        Token("hf_old");
        return AssertFailsAsync($"WISE2006: acme/tiny on 'huggingface' ({Ask}, 401: \"Invalid credentials in Authorization "
            + "header\"): the hub refused the token of the environment variable HF_TOKEN. Renew it. "
            + "Set WISEHUB_TOKEN_HUGGINGFACE to a token with read access, or run 'wisehub login huggingface'. "
            + "Create a token at <hub>/settings/tokens.");
    }

    [Fact]
    public Task A_gated_repo_without_a_token_is_an_error()
    {
        TestRepo repo = _bench.Repo(("a", "x"));
        repo.IsGated = true;
        return AssertFailsAsync(
            $"WISE2004: acme/tiny on 'huggingface' (<hub>/acme/tiny/resolve/{repo.Head()}/a, 401: \"Access to model acme/tiny is "
            + "restricted. You must have access to it and be authenticated to access it. Please log in.\"): the repo is gated. "
            + "Accept its conditions on <hub>/acme/tiny, then set WISEHUB_TOKEN_HUGGINGFACE to a token of that account.");
    }

    [Fact]
    public Task A_gated_repo_with_a_token_of_an_account_that_did_not_accept_is_an_error()
    {
        TestRepo repo = _bench.Repo(("a", "x"));
        repo.IsGated = true;
        Token("hf_read");
        return AssertFailsAsync(
            $"WISE2004: acme/tiny on 'huggingface' (<hub>/acme/tiny/resolve/{repo.Head()}/a, 403: \"Access to model acme/tiny is "
            + "restricted and you are not in the authorized list. Visit <hub>/acme/tiny to ask for access.\"): the repo is "
            + "gated. Accept its conditions on <hub>/acme/tiny, then set WISEHUB_TOKEN_HUGGINGFACE to a token of that account.");
    }

    [Fact]
    public Task A_disabled_repo_is_an_error()
    {
        _bench.Repo(("a", "x")).IsDisabled = true;
        return AssertFailsAsync($"WISE2015: acme/tiny on 'huggingface' ({Ask}, 403: \"Access to this resource is disabled.\"): "
            + "the hub has disabled the repo. Ask its operator or use another repo.");
    }

    [Fact]
    public Task An_unknown_revision_is_an_error()
    {
        _bench.Repo(("a", "x"));
        return AssertFailsAsync(
            "WISE2003: acme/tiny on 'huggingface' (<hub>/api/models/acme/tiny/revision/v9, 404: \"Invalid rev id: v9\"): "
            + "there is no revision 'v9'. See the branches and tags on <hub>/acme/tiny.",
            HubBench.Reference() with { Revision = "v9" });
    }

    [Fact]
    public async Task A_mistyped_revision_gets_the_nearest_branch_or_tag_by_one_further_request()
    {
        _bench.Repo(("a", "x"));
        Assert.EndsWith("See the branches and tags on <hub>/acme/tiny. Did you mean 'main'?",
            await _bench.FailureAsync(HubBench.Reference() with { Revision = "mian" }), StringComparison.Ordinal);
        Assert.Equal("hub GET /api/models/acme/tiny/revision/mian 404\nhub GET /api/models/acme/tiny/refs 200", _bench.Requests);
    }

    [Theory]
    [InlineData("acme/tinny")]
    [InlineData("akme/tiny")]
    public async Task A_mistyped_repo_gets_the_nearest_one_of_the_owner_or_of_the_name(string id)
    {
        _bench.Repo(("a", "x"));
        Assert.EndsWith(" Did you mean 'acme/tiny'?",
            await _bench.FailureAsync(new RepoReference { RepoId = id }), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_repo_that_the_hub_lists_is_not_suggested_in_its_own_place()
    {
        _bench.Repo(("a", "x"));
        _bench.Hub.Faults.On("/revision/", new Fault.Status(404), int.MaxValue);
        Assert.DoesNotContain("Did you mean", await _bench.FailureAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_suggestion_is_asked_for_once_and_without_a_pause()
    {
        _bench.Repo(("a", "x"));
        _bench.Hub.Faults.On("/refs", new Fault.Status(503), int.MaxValue);
        Assert.EndsWith("See the branches and tags on <hub>/acme/tiny.",
            await _bench.FailureAsync(HubBench.Reference() with { Revision = "mian" }), StringComparison.Ordinal);
        Assert.Equal((1, 0), (_bench.Hub.Requests.Count("GET", "/api/models/acme/tiny/refs"), _bench.Time.Waits.Count));
    }

    [Fact]
    public async Task A_hub_that_does_not_answer_one_question_about_a_name_is_not_asked_another()
    {
        _bench.Hub.Faults.On("/revision/", new Fault.Status(404), int.MaxValue);
        _bench.Hub.Faults.On("/api/models", new Fault.Status(503), int.MaxValue);
        await _bench.FailureAsync();
        Assert.Equal(
            ["hub GET /api/models/acme/tiny/revision/main 404", "hub GET /api/models?author=acme&limit=100 503"],
            _bench.Hub.Requests.All.Select(r => r.ToString()));
    }

    [Fact]
    public async Task A_suggestion_that_does_not_come_does_not_keep_the_user_waiting()
    {
        _bench.Repo(("a", "x"));
        _bench.Hub.Faults.On("/refs", new Fault.Stall(0, TimeSpan.FromMinutes(5)), int.MaxValue);
        using HubClient client = _bench.NewClient(o => o with
        { Time = TimeProvider.System, StallTimeout = TimeSpan.FromSeconds(3) });
        RestoreRequest request = _bench.Project.Request(HubBench.Reference() with { Revision = "mian" });
        Assert.EndsWith("See the branches and tags on <hub>/acme/tiny.",
            await _bench.Project.FailureOfAsync(() => client.RestoreAsync(request)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_suggestion_that_the_hub_refuses_does_not_replace_the_failure()
    {
        _bench.Repo(("a", "x"));
        _bench.Hub.Faults.On("/refs", new Fault.Status(403));
        Assert.EndsWith("See the branches and tags on <hub>/acme/tiny.",
            await _bench.FailureAsync(HubBench.Reference() with { Revision = "mian" }), StringComparison.Ordinal);
    }

    [Fact]
    public Task An_unknown_commit_is_an_error()
    {
        _bench.Repo(("a", "x"));
        string commit = new('0', 40);
        return AssertFailsAsync(
            $"WISE2003: acme/tiny on 'huggingface' (<hub>/api/models/acme/tiny/tree/{commit}, 404: \"Invalid rev id: "
            + $"{commit}\"): there is no revision '{commit}'. See the branches and tags on <hub>/acme/tiny.",
            HubBench.Reference() with { Revision = commit });
    }

    [Fact]
    public Task An_empty_repo_is_an_error()
    {
        _bench.Hub.CreateRepo(HubBench.Id);
        return AssertFailsAsync("WISE2003: acme/tiny on 'huggingface' has no commit yet. Push files to it first.",
            new RepoReference { RepoId = HubBench.Id });
    }

    [Fact]
    public Task A_listed_file_that_the_hub_does_not_have_is_an_error()
    {
        TestRepo repo = _bench.Repo(("a", "x"));
        repo.TreeLie = item => item with { Path = "b" };
        return AssertFailsAsync($"WISE2008: acme/tiny on 'huggingface' (<hub>/acme/tiny/resolve/{repo.Head()}/b, 404: "
            + $"\"Entry not found\"): there is no file 'b' at {repo.Head()}.");
    }

    [Fact]
    public Task A_token_without_permission_is_an_error()
    {
        _bench.Repo(("a", "x"));
        _bench.Hub.Faults.On("/revision/", new Fault.Status(403, ErrorMessage: "You need the scope read-repos"));
        return AssertFailsAsync($"WISE2016: acme/tiny on 'huggingface' ({Ask}, 403: \"You need the scope read-repos\"): "
            + "access is forbidden. Check the permissions of the token.");
    }

    [Fact]
    public Task A_404_page_that_is_not_from_a_hub_is_an_error()
    {
        _bench.Hub.Faults.On("/revision/", new Fault.Status(404, Body: "<!DOCTYPE html><h1>nginx</h1>"));
        return AssertFailsAsync(
            $"WISE2002: acme/tiny on 'huggingface' ({Ask}, 404): not found. Check the name, the hub, "
            + "RepoType and the hub's endpoint. If it is private, it needs a token. Set WISEHUB_TOKEN_HUGGINGFACE to a token "
            + "with read access, or run 'wisehub login huggingface'. Create a token at <hub>/settings/tokens.");
    }

    [Fact]
    public Task An_unexpected_status_is_an_error()
    {
        _bench.Hub.Faults.On("/revision/", new Fault.Status(418, Body: "short and stout"));
        return AssertFailsAsync($"WISE2010: acme/tiny on 'huggingface' ({Ask}, 418: \"short and stout\"): unexpected response. "
            + "Check the endpoint of the hub.");
    }

    [Fact]
    public async Task A_quoted_server_message_has_one_line_no_token_and_a_length_limit()
    {
        Token("hf_test");
        _bench.Hub.Faults.On("/revision/",
            new Fault.Status(418, Body: """{"error":"you sent hf_test\nerror WISE9999: forged"}"""));
        await AssertFailsAsync($"WISE2010: acme/tiny on 'huggingface' ({Ask}, 418: \"you sent *** error WISE9999: forged\"): "
            + "unexpected response. Check the endpoint of the hub.");
        _bench.Hub.Faults.On("/revision/", new Fault.Status(418, Body: new string('x', 1_000_000)));
        await AssertFailsAsync($"WISE2010: acme/tiny on 'huggingface' ({Ask}, 418: \"{new string('x', 200)}…\"): "
            + "unexpected response. Check the endpoint of the hub.");
        _bench.Hub.Faults.On("/revision/", new Fault.Status(418, Body: """{"error":"\ud800"}"""));
        await AssertFailsAsync($"WISE2010: acme/tiny on 'huggingface' ({Ask}, 418): unexpected response. "
            + "Check the endpoint of the hub.");
    }

    [Fact]
    public async Task A_renamed_repo_is_restored_and_a_warning_names_the_new_name()
    {
        TestRepo repo = _bench.Repo(("a.bin", "x"), ("b.json", "y"));
        _bench.Hub.Rename(HubBench.Id, "acme/new");
        RestoreResult result = await _bench.RestoreAsync();
        Assert.Equal((repo.Head(), "a.bin=x\nb.json=y"),
            (result.Snapshots[0].Commit, RestoreBench.Contents(result.Snapshots[0])));
        Assert.Equal(
            "warning WISE2007: acme/tiny is now called acme/new on 'huggingface'. Update the reference: "
            + "the old name may stop working or name another repo.\n"
            + "info: Fetching 2 files, 2 B, from huggingface …\n"
            + "info: Fetched 2 files, 2 B, in # s; every byte was verified.", _bench.Project.Log.Text);
    }

    [Fact]
    public async Task A_renamed_private_repo_is_restored_with_its_token()
    {
        _bench.Repo(("a.bin", "x"), ("b.json", "y")).IsPrivate = true;
        _bench.Hub.Rename(HubBench.Id, "acme/new");
        Token("hf_test");
        Assert.Equal("a.bin=x\nb.json=y", RestoreBench.Contents((await _bench.RestoreAsync()).Snapshots[0]));
    }

    [Fact]
    public async Task A_repo_id_in_another_case_is_not_reported_as_renamed()
    {
        _bench.Repo(("a", "x"));
        await _bench.RestoreAsync(HubBench.Reference("Acme/Tiny"));
        Assert.DoesNotContain("WISE2007", _bench.Project.Log.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a--b/c")]
    [InlineData("a/b.git")]
    public async Task An_id_that_Hugging_Face_does_not_allow_is_refused_without_a_request(string id)
    {
        await AssertFailsAsync($"WISE1003: '{id}' is not a repo id of 'huggingface': no part may contain '--' or end in '.git'.",
            HubBench.Reference(id));
        Assert.Equal("", _bench.Requests);
    }

    [Fact]
    public async Task The_error_for_a_dataset_configuration_suggests_a_pattern() => await AssertFailsAsync(
        "WISE1013: The hub 'huggingface' has no dataset configurations to restore; its configurations are folders. "
        + "Use AllowPatterns=\"zh/*\".",
        HubBench.Reference() with { RepoType = RepoType.Dataset, Config = "zh" });
}
