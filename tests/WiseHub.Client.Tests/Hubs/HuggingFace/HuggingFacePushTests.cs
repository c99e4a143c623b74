using System.Text;
using System.Text.RegularExpressions;
using WiseHub.Testing;

namespace WiseHub.Client.Tests;

/// <summary>Pushes to a hub that speaks Hugging Face's protocol (docs/protocols/huggingface.md#uploads).</summary>
public sealed partial class HuggingFacePushTests
{
    private const string Id = HubBench.Id;

    [Fact]
    public async Task A_push_sends_preupload_LFS_uploads_and_one_commit_with_its_parent()
    {
        await using HubBench bench = await StartAsync();
        string parent = bench.Repo(("old.txt", "old")).Head();
        PushResult pushed = await PushAsync(bench,
            Request(bench, ("config.json", "{}"), ("model.bin", "weights"), ("sub/model 2.bin", "weights"), ("empty.bin", "")));
        Assert.Equal((bench.Hub.FindRepo(Id)!.Head(), true, 3, 9L),
            (pushed.Commit, pushed.Changed, pushed.FilesSent, pushed.BytesSent));
        Assert.Equal($"{bench.Hub.Endpoint}{Id}/commit/{pushed.Commit}", pushed.Url!.AbsoluteUri);
        Assert.Equal(
            """
            hub GET /api/models/acme/tiny/revision/main 200
            hub GET /api/models/acme/tiny/tree/<commit>?recursive=true&expand=false 200
            hub POST /api/models/acme/tiny/preupload/main 200
            hub POST /acme/tiny.git/info/lfs/objects/batch 200
            cdn PUT /content/<sha256> 200
            hub POST /lfs-verify/acme%2Ftiny 200
            hub POST /api/models/acme/tiny/commit/main 200
            """.ReplaceLineEndings("\n"), Requests(bench));
        Assert.Equal("info: Pushing 4 files, 16 B, of acme/tiny to 'huggingface' …\ninfo: acme/tiny: "
            + $"pushed to 'huggingface' as {pushed.Commit}: 4 new; sent 9 B in # s.", bench.Project.Log.Visible);
        Assert.NotEqual(parent, pushed.Commit);
        Assert.Equal("config.json={}\nempty.bin=\nmodel.bin=weights\nold.txt=old\nsub/model 2.bin=weights",
            await ReadAsync(bench));
    }

    [Theory]
    [InlineData(false, "A.txt a.txt a:b con.txt x.bin")]
    [InlineData(true, "x.bin")]
    public async Task Invalid_names_in_the_repo_do_not_block_a_push_and_can_be_pruned(bool prune, string after)
    {
        await using HubBench bench = await StartAsync();
        bench.Repo(("A.txt", "1"), ("a.txt", "2"), ("a:b", "3"), ("con.txt", "4"));
        await PushAsync(bench, Request(bench, ("x.bin", "new")) with { Prune = prune });
        using HubClient client = bench.NewClient();
        RepoListing listing = await client.Repos.ListFilesAsync(new RepoReference { RepoId = Id });
        Assert.Equal(after, string.Join(' ', listing.Files.Select(f => f.Path)));
    }

    [Fact]
    public async Task The_token_is_sent_to_the_hub_and_not_to_the_storage()
    {
        await using HubBench bench = await StartAsync();
        bench.Repo(("a", "a"));
        await PushAsync(bench, Request(bench, ("model.bin", "weights")));
        Assert.All(bench.Hub.Requests.All,
            r => Assert.Equal(r.Origin == "hub" ? "Bearer hf_test" : null, r.Headers.GetValueOrDefault("Authorization")));
        RequestRecord commit = bench.Hub.Requests.All[^1];
        Assert.Equal(("application/x-ndjson", true),
            (commit.Headers["Content-Type"], long.Parse(commit.Headers["Content-Length"], null) > 0));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_large_file_is_uploaded_in_numbered_parts(bool outOfOrder)
    {
        await using HubBench bench =
            await StartAsync(new TestHubOptions { MultipartThreshold = 1000, PartSize = 100, PartsOutOfOrder = outOfOrder });
        bench.Repo(("a", "a"));
        byte[] content = RandomBytes.Of(1150);
        PushResult pushed = await PushAsync(bench, Request(bench, ("model.bin", content)));
        Assert.Equal(1150, pushed.BytesSent);
        Assert.Equal(12, bench.Hub.Requests.All.Count(r => r.Path.StartsWith("/part/", StringComparison.Ordinal)));
        Assert.Equal(content, bench.Hub.FindRepo(Id)!.Read("model.bin"));
        Assert.Equal(
            """
            hub POST /acme/tiny.git/info/lfs/objects/batch 200
            cdn POST /complete/<upload>/<sha256> 200
            hub POST /lfs-verify/acme%2Ftiny 200
            hub POST /api/models/acme/tiny/commit/main 200
            """.ReplaceLineEndings("\n"),
            string.Join('\n', Requests(bench).Split('\n').Skip(3).Where(l => !l.Contains("/part/", StringComparison.Ordinal))));
    }

    [Fact]
    public async Task Pushing_unchanged_files_takes_three_requests_and_makes_no_commit()
    {
        await using HubBench bench = await StartAsync();
        bench.Repo(("a", "a"));
        PushRequest request = Request(bench,
            [.. Enumerable.Range(0, 1000).Select(i => ($"data/{i:0000}.{(i % 2 == 0 ? "bin" : "json")}", $"content {i}"))]) with
        { MemoryFile = bench.Project.Temp["obj/push.json"] };
        PushResult first = await PushAsync(bench, request);
        bench.Hub.Requests.Clear();
        bench.Project.Log.Clear();
        PushResult second = await PushAsync(bench, request with { Message = "again" });
        Assert.Equal((first.Commit, false, 0, 0L), (second.Commit, second.Changed, second.FilesSent, second.BytesSent));
        Assert.Equal(
            """
            hub GET /api/models/acme/tiny/revision/main 200
            hub GET /api/models/acme/tiny/tree/<commit>?recursive=true&expand=false 200
            hub GET /api/models/acme/tiny/tree/<commit>?recursive=true&expand=false&cursor=1000 200
            """.ReplaceLineEndings("\n"), Requests(bench));
        Assert.Equal($"info: acme/tiny: 'huggingface' already has exactly these 1000 files at {first.Commit}; no commit.",
            bench.Project.Log.Visible);
    }

    [Fact]
    public async Task Only_the_changed_one_of_a_thousand_files_is_sent()
    {
        await using HubBench bench = await StartAsync();
        bench.Repo(("a", "a"));
        PushRequest request = Request(bench, [.. Enumerable.Range(0, 1000).Select(i => ($"{i:0000}.bin", $"content {i}"))]) with
        {
            MemoryFile = bench.Project.Temp["obj/push.json"]
        };
        await PushAsync(bench, request);
        File.WriteAllText(request.Files[500].SourcePath, "changed");
        bench.Hub.Requests.Clear();
        PushResult second = await PushAsync(bench, request);
        Assert.Equal((1, 7L, 1), (second.FilesSent, second.BytesSent, second.Count(PushAction.Change)));
        Assert.Equal("cdn PUT /content/<sha256> 200",
            Assert.Single(Requests(bench).Split('\n'), l => l.StartsWith("cdn", StringComparison.Ordinal)));
        Assert.Equal("changed", Encoding.UTF8.GetString(bench.Hub.FindRepo(Id)!.Read("0500.bin")));
    }

    [Fact]
    public async Task A_push_after_an_interrupted_one_sends_only_missing_files()
    {
        await using HubBench bench = await StartAsync(new TestHubOptions { MultipartThreshold = 1000, PartSize = 500 });
        bench.Repo(("a", "a"));
        PushRequest request =
            Request(bench, ("1.bin", RandomBytes.Of(2000)), ("2.bin", RandomBytes.Of(900)), ("3.bin", RandomBytes.Of(2001)))
                with
            { Workers = 1 };
        FaultRule fault = bench.Hub.Faults.On("/5?Expires", new Fault.Status(500), int.MaxValue, "PUT");
        Assert.StartsWith("WISE2001: The hub 'huggingface' gave no usable response at <cdn>/part/",
            await FailureAsync(bench, request), StringComparison.Ordinal);
        Assert.True(fault.Left > 0);
        Assert.Equal("a=a", await ReadAsync(bench));
        bench.Hub.Faults.Clear();
        bench.Hub.Requests.Clear();
        PushResult pushed = await PushAsync(bench, request);
        // The parts of a content have addresses of one upload, so that of 3.bin all go again; the others are there.
        Assert.Equal((1, 2001L), (pushed.FilesSent, pushed.BytesSent));
        Assert.Equal(5, bench.Hub.Requests.All.Count(r => r.Origin == "cdn" && r.Method == "PUT"));
        Assert.Single(bench.Hub.FindRepo(Id)!.History(), c => c == "upload files");
    }

    [Theory]
    [InlineData("/content/", "PUT")]
    [InlineData("/preupload/", "POST")]
    [InlineData("/objects/batch", "POST")]
    [InlineData("/lfs-verify/", "POST")]
    [InlineData("/commit/", "POST")]
    public async Task A_push_waits_for_Retry_After_and_retries(string path, string method)
    {
        await using HubBench bench = await StartAsync();
        bench.Repo(("a", "a"));
        bench.Hub.Faults.On(path, new Fault.Status(429, "7"), 1, method);
        bench.Hub.Faults.On(path, new Fault.Status(503, "9"), 1, method);
        PushResult pushed = await PushAsync(bench, Request(bench, ("model.bin", "weights"), ("b", "b")));
        Assert.Equal("a=a\nb=b\nmodel.bin=weights", await ReadAsync(bench));
        Assert.Equal([TimeSpan.FromSeconds(7), TimeSpan.FromSeconds(9)], bench.Time.Waits);
        Assert.Single(bench.Hub.FindRepo(Id)!.History(), c => c == "upload files");
        Assert.True(pushed.Changed);
    }

    [Fact]
    public async Task Only_a_failed_part_is_sent_again()
    {
        await using HubBench bench = await StartAsync(new TestHubOptions { MultipartThreshold = 1000, PartSize = 500 });
        bench.Repo(("a", "a"));
        bench.Hub.Faults.On("/2?Expires", new Fault.Status(500), 1, "PUT");
        PushResult pushed = await PushAsync(bench, Request(bench, ("model.bin", RandomBytes.Of(2000))));
        Assert.Equal(5, bench.Hub.Requests.All.Count(r => r.Path.StartsWith("/part/", StringComparison.Ordinal)));
        Assert.Equal(2500, pushed.BytesSent);
    }

    [Theory]
    [InlineData(900)]
    [InlineData(2000)]
    public async Task An_expired_upload_URL_is_requested_again(int size)
    {
        await using HubBench bench = await StartAsync(new TestHubOptions { MultipartThreshold = 1000, PartSize = 500 });
        bench.Repo(("a", "a"));
        byte[] content = RandomBytes.Of(size);
        bench.Hub.Faults.On(size < 1000 ? "/content/" : "/4?Expires", new Fault.ExpiredUrl(), 1, "PUT");
        await PushAsync(bench, Request(bench, ("model.bin", content)));
        Assert.Equal(content, bench.Hub.FindRepo(Id)!.Read("model.bin"));
        Assert.Equal(2, bench.Hub.Requests.Count("POST", "/acme/tiny.git/info/lfs/objects/batch"));
        Assert.Contains("detail: acme/tiny on 'huggingface': the URL for 'model.bin' has expired; requesting another "
            + "one.", bench.Project.Log.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_storage_that_keeps_refusing_a_file_is_an_error()
    {
        await using HubBench bench = await StartAsync();
        bench.Repo(("a", "a"));
        bench.Hub.Faults.On("/content/",
            new Fault.Status(403, Body: "<Error><Code>AccessDenied</Code></Error>"), int.MaxValue, "PUT");
        string failure = await FailureAsync(bench, Request(bench, ("model.bin", "weights")));
        Assert.Equal("WISE5020: acme/tiny on 'huggingface': the hub refuses 'model.bin' (7 B): <cdn>/content/<sha256> answered "
            + "403: \"<Error><Code>AccessDenied</Code></Error>\". No commit was made. Check the permissions and the storage "
            + "quota of the account, then push again: uploaded files are not sent again.", Hidden(failure));
        Assert.Equal(3, bench.Hub.Requests.All.Count(r => r.Origin == "cdn"));
    }

    [Fact]
    public async Task A_storage_that_acknowledges_a_file_without_storing_it_is_detected()
    {
        await using HubBench bench = await StartAsync();
        bench.Repo(("a", "a"));
        bench.Hub.Faults.On("/content/", new Fault.Status(200), int.MaxValue, "PUT");
        string failure = await FailureAsync(bench, Request(bench, ("model.bin", "weights")));
        Assert.Equal(
            "WISE5026: acme/tiny on 'huggingface': 'model.bin': the hub did not store the 7 bytes with sha256 <sha256> that "
            + "were sent (<hub>/lfs-verify/acme%2Ftiny answered 404: \"The object <sha256> is missing or has another size.\"). "
            + "No commit was made. Push again. If it happens again, tell the operator of the hub.", Hidden(failure));
        Assert.Equal("a=a", await ReadAsync(bench));
    }

    [Fact]
    public async Task A_read_only_token_is_an_error_before_any_file_is_sent()
    {
        await using HubBench bench = await StartAsync();
        bench.Repo(("a", "a"));
        bench.Project.SetEnvironment("HF_TOKEN", "hf_read");
        string failure = await FailureAsync(bench, Request(bench, ("model.bin", "weights")));
        Assert.StartsWith("WISE5007: acme/tiny on 'huggingface' (<hub>/api/models/acme/tiny/preupload/main, 403: \"Forbidden: "
            + "you must use a write token to upload to a repository.\"): the token of the environment variable HF_TOKEN has no "
            + "write access there. Use a token with write access, of an account that can write to the repo. ", failure,
            StringComparison.Ordinal);
        Assert.Contains("<hub>/settings/tokens", failure, StringComparison.Ordinal);
        Assert.DoesNotContain(bench.Hub.Requests.All, r => r.Origin == "cdn");
    }

    [Fact]
    public async Task The_error_for_a_push_without_a_token_asks_for_one()
    {
        await using HubBench bench = await StartAsync();
        bench.Repo(("a", "a"));
        bench.Project.SetEnvironment("HF_TOKEN", "");
        Assert.StartsWith("WISE2005: acme/tiny on 'huggingface' (<hub>/api/models/acme/tiny/preupload/main, 401: "
            + "\"Invalid username or password.\"): writing requires a token with write access.",
            await FailureAsync(bench, Request(bench, ("b", "b"))), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_push_that_loses_a_race_fails_naming_both_commits_and_changes_nothing()
    {
        await using HubBench bench = await StartAsync();
        string first = bench.Repo(("a", "first")).Head(), theirs = "";
        bench.Project.Log.OnLine = line =>
        {
            if (line.StartsWith("info: Pushing", StringComparison.Ordinal))
                theirs = bench.Repo(("a", "theirs")).Head();
        };
        string failure = await FailureAsync(bench, Request(bench, ("a", "ours")));
        Assert.Equal($"WISE5002: acme/tiny: another push moved 'main' on 'huggingface' to {theirs} while this push, which began "
            + $"at {first}, was running. No file of this push is visible. Review that commit and push again.", failure);
        Assert.Equal("a=theirs", await ReadAsync(bench));
    }

    [Fact]
    public async Task A_commit_with_a_lost_response_is_found_and_not_repeated()
    {
        await using HubBench bench = await StartAsync();
        bench.Repo(("a", "a"), ("old", "old"));
        bench.Hub.Faults.On("/commit/", new Fault.CutAfter(1), 1, "POST");
        PushResult pushed = await PushAsync(bench, Request(bench, ("a", "b"), ("model.bin", "weights")) with { Prune = true });
        Assert.Equal(("a=b\nmodel.bin=weights", bench.Hub.FindRepo(Id)!.Head()), (await ReadAsync(bench), pushed.Commit));
        Assert.Equal(["upload files", "commit"], bench.Hub.FindRepo(Id)!.History());
        Assert.Single(bench.Hub.Requests.All, r => r.Path.Contains("/commit/", StringComparison.Ordinal));
        Assert.Contains($"detail: acme/tiny on 'huggingface': the response to a commit was lost, but {pushed.Commit} on 'main' "
            + "is that commit.", bench.Project.Log.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_commit_with_a_lost_response_is_found_below_a_later_push()
    {
        await using HubBench bench = await StartAsync();
        TestRepo repo = bench.Repo(("a", "a"));
        bench.Hub.Faults.On("/commit/", new Fault.CutAfter(1), 1, "POST");
        repo.OnCommitted = () => repo.Commit(new Dictionary<string, byte[]?> { ["a"] = "theirs"u8.ToArray() }, "theirs");
        PushResult pushed = await PushAsync(bench, Request(bench, ("a", "ours")));
        Assert.Equal(["theirs", "upload files", "commit"], repo.History());
        Assert.Equal("ours", Encoding.UTF8.GetString(repo.Read("a", pushed.Commit)));
    }

    [Fact]
    public async Task A_commit_that_the_hub_did_not_make_is_sent_again()
    {
        await using HubBench bench = await StartAsync();
        bench.Repo(("a", "a"));
        bench.Hub.Faults.On("/commit/", new Fault.Status(500), 2, "POST");
        await PushAsync(bench, Request(bench, ("a", "b")));
        Assert.Equal(["upload files", "commit"], bench.Hub.FindRepo(Id)!.History());
        Assert.Equal(3, bench.Hub.Requests.All.Count(r => r.Path.Contains("/commit/", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_pull_request_with_a_lost_response_is_not_repeated()
    {
        await using HubBench bench = await StartAsync();
        bench.Repo(("a", "a"));
        bench.Hub.Faults.On("/commit/", new Fault.CutAfter(1), 1, "POST");
        string failure = await FailureAsync(bench, Request(bench, ("a", "b")) with { CreatePullRequest = true });
        Assert.StartsWith("WISE5021: acme/tiny on 'huggingface': it is not known whether the commit to 'main' was made: The hub "
            + "'huggingface' gave no usable response at <hub>/api/models/acme/tiny/commit/main: ",
            failure, StringComparison.Ordinal);
        Assert.EndsWith(" Look at <hub>/acme/tiny/discussions first: pushing again may open a second pull request.", failure,
            StringComparison.Ordinal);
        Assert.Equal(("upload files,commit", ""), (string.Join(',', bench.Hub.FindRepo(Id)!.History("refs/pr/1")),
            string.Join(',', bench.Hub.FindRepo(Id)!.History("refs/pr/2"))));
    }

    [Fact]
    public async Task A_pull_request_leaves_the_branch_alone_and_reports_its_url()
    {
        await using HubBench bench = await StartAsync();
        string head = bench.Repo(("a", "a")).Head();
        PushResult pushed = await PushAsync(bench,
            Request(bench, ("model.bin", "weights")) with { CreatePullRequest = true, Message = "add weights\n\nof last night" });
        Assert.Equal((head, $"{bench.Hub.Endpoint}acme/tiny/discussions/1"),
            (bench.Hub.FindRepo(Id)!.Head(), pushed.PullRequestUrl!.AbsoluteUri));
        Assert.Equal("weights", Encoding.UTF8.GetString(bench.Hub.FindRepo(Id)!.Read("model.bin", "refs/pr/1")));
        Assert.Contains("hub POST /api/models/acme/tiny/preupload/main?create_pr=1 200", Requests(bench),
            StringComparison.Ordinal);
        Assert.EndsWith($"as {pushed.Commit}, proposed at <hub>/acme/tiny/discussions/1: 1 new; sent 7 B in # s.",
            bench.Project.Log.Visible, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_missing_repo_is_created_only_on_request()
    {
        await using HubBench bench = await StartAsync();
        PushRequest request = Request(bench, ("model.bin", "weights")) with { Private = true };
        string failure = await FailureAsync(bench, request);
        Assert.StartsWith("WISE5005: acme/tiny on 'huggingface' (<hub>/api/models/acme/tiny/revision/main, 404: "
            + "\"Repository not found\"): there is no such repo.", failure, StringComparison.Ordinal);
        Assert.EndsWith("To create it with the push, set CreateRepo (WisePushCreateRepo, wisehub upload --create).", failure,
            StringComparison.Ordinal);
        PushResult pushed = await PushAsync(bench, request with { CreateRepo = true, Prune = true });
        TestRepo repo = bench.Hub.FindRepo(Id)!;
        Assert.Equal((true, pushed.Commit), (repo.IsPrivate, repo.Head()));
        Assert.StartsWith("info: acme/tiny: created the private repo <hub>/acme/tiny.\n", bench.Project.Log.Visible,
            StringComparison.Ordinal);
        // The hub's own file is not pruned.
        Assert.NotEmpty(repo.Read(".gitattributes"));
    }

    [Fact]
    public async Task A_name_without_an_owner_is_in_the_callers_namespace()
    {
        await using HubBench bench = await StartAsync();
        PushResult pushed = await PushAsync(bench, Request(bench, ("a", "a")) with { RepoId = "tiny", CreateRepo = true });
        Assert.Equal(pushed.Commit, bench.Hub.FindRepo("tester/tiny")!.Head());
    }

    [Fact]
    public async Task A_missing_branch_is_created_from_the_default_branch()
    {
        await using HubBench bench = await StartAsync();
        TestRepo repo = bench.Repo(("a", "a"));
        string main = repo.Head();
        PushResult pushed = await PushAsync(bench, Request(bench, ("b", "b")) with { Revision = "release/1.x" });
        Assert.Equal((pushed.Commit, main, "a"),
            (repo.Head("release/1.x"), repo.Head(), Encoding.UTF8.GetString(repo.Read("a", "release/1.x"))));
        Assert.StartsWith("info: acme/tiny: created the branch 'release/1.x' on 'huggingface' from the default branch, at "
            + $"{main}.\n", bench.Project.Log.Visible, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_dry_run_returns_the_plan_and_changes_nothing()
    {
        await using HubBench bench = await StartAsync();
        bench.Repo(("a", "a"), ("old", "old"));
        PushResult plan = await PushAsync(bench,
            Request(bench, ("a", "b"), ("model.bin", "weights")) with { DryRun = true, Prune = true });
        Assert.Equal("a Change 1\nmodel.bin Add 7\nold Delete 3",
            string.Join('\n', plan.Steps.Select(s => $"{s.PathInRepo} {s.Action} {s.Size}")));
        Assert.All(bench.Hub.Requests.All, r => Assert.Equal("GET", r.Method));
    }

    [Fact]
    public async Task A_warning_names_a_file_that_the_repos_gitignore_excludes()
    {
        await using HubBench bench = await StartAsync();
        bench.Repo(("a", "a"));
        PushResult pushed = await PushAsync(bench, Request(bench, (".gitignore", "b.log\n"), ("b.log", "text"), ("c", "c")));
        Assert.Contains("warning WISE5025: acme/tiny: 'b.log' is left out, because the repo's .gitignore matches it. Change "
            + ".gitignore, or leave the path out of the push.", bench.Project.Log.Text, StringComparison.Ordinal);
        Assert.Equal(".gitignore Add,c Add", string.Join(',', pushed.Steps.Select(s => $"{s.PathInRepo} {s.Action}")));
        Assert.Equal(".gitignore=b.log\n\na=a\nc=c", await ReadAsync(bench));
    }

    [Theory]
    [InlineData("/preupload/", "/preupload/main")]
    [InlineData("/objects/batch", "/objects/batch")]
    public async Task A_file_that_changes_during_its_upload_is_an_error_and_nothing_is_committed(string when, string last)
    {
        await using HubBench bench = await StartAsync();
        bench.Repo(("a", "a"));
        PushRequest request = Request(bench, ("b.txt", "regular"), ("model.bin", "weights"));
        string source = request.Files[when == "/preupload/" ? 0 : 1].SourcePath;
        bench.Hub.Requests.OnAdded = r =>
        {
            if (r.Path.Contains(when, StringComparison.Ordinal))
                File.WriteAllText(source, "changed");
        };
        Assert.Equal($"WISE5003: {bench.Project.Log.Hide(source)} changed during the push. Push again "
            + "when nothing writes to it.", await FailureAsync(bench, request));
        Assert.Equal("a=a", await ReadAsync(bench));
        Assert.DoesNotContain(bench.Hub.Requests.All, r => r.Path.Contains("/commit/", StringComparison.Ordinal));
        Assert.Contains(bench.Hub.Requests.All, r => r.Path.EndsWith(last, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(413)]
    [InlineData(504)]
    public async Task A_commit_that_is_too_large_for_the_hub_is_split_and_this_is_logged(int status)
    {
        await using HubBench bench = await StartAsync();
        bench.Repo(("a", "a"));
        bench.Hub.Faults.On("/commit/", new Fault.Status(status), 1, "POST");
        PushResult pushed = await PushAsync(bench, Request(bench, ("b", "b"), ("c", "c"), ("d", "d")));
        Assert.Equal(["upload files (part 2)", "upload files", "commit"], bench.Hub.FindRepo(Id)!.History());
        Assert.Equal((pushed.Commit, "a=a\nb=b\nc=c\nd=d"), (bench.Hub.FindRepo(Id)!.Head(), await ReadAsync(bench)));
        Assert.Contains("info: acme/tiny on 'huggingface': 3 changes are too large for one commit on this hub (it answered "
            + $"{status}); they become two commits.", bench.Project.Log.Visible, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_failed_push_of_several_commits_names_the_done_ones_and_can_be_continued()
    {
        await using HubBench bench = await StartAsync();
        bench.Repo(("a", "a"));
        bench.Hub.Faults.On("/commit/", new Fault.Status(413), 1, "POST");
        bench.Hub.Requests.OnAdded = r =>
        {
            if (r.Path.Contains("/commit/", StringComparison.Ordinal) && r.Status == 200)
                bench.Hub.Faults.On("/commit/", new Fault.Status(409, ErrorMessage: "busy"), 1, "POST");
        };
        PushRequest request = Request(bench, ("b", "b"), ("c", "c"));
        string failure = await FailureAsync(bench, request), head = bench.Hub.FindRepo(Id)!.Head();
        Assert.Equal("WISE5022: acme/tiny on 'huggingface' (<hub>/api/models/acme/tiny/commit/main, 409: \"busy\"): the hub "
            + "refused the request because of another change. Push again. Before that, 1 commit of this push was made, up to "
            + $"{head} on 'main'. Push again to continue from there.", failure);
        (bench.Hub.Requests.OnAdded, string before) = (null, await ReadAsync(bench));
        bench.Hub.Faults.Clear();
        PushResult second = await PushAsync(bench, request);
        Assert.Equal(("a=a\nb=b", 1, "a=a\nb=b\nc=c"), (before, second.Count(PushAction.Add), await ReadAsync(bench)));
    }

    [Fact]
    public async Task A_conflict_with_another_operation_is_not_a_lost_race()
    {
        await using HubBench bench = await StartAsync();
        bench.Repo(("a", "a"));
        bench.Hub.Faults.On("/commit/",
            new Fault.Status(409, ErrorMessage: "another operation is in progress"), int.MaxValue, "POST");
        Assert.Equal("WISE5022: acme/tiny on 'huggingface' (<hub>/api/models/acme/tiny/commit/main, 409: "
            + "\"another operation is in progress\"): the hub refused the request because of another change. Push again.",
            await FailureAsync(bench, Request(bench, ("b", "b"))));
    }

    [Fact]
    public async Task A_dataset_is_pushed_to_the_addresses_of_datasets()
    {
        await using HubBench bench = await StartAsync();
        PushResult pushed = await PushAsync(bench,
            Request(bench, ("train.bin", "rows")) with { RepoType = RepoType.Dataset, CreateRepo = true });
        TestRepo repo = bench.Hub.FindRepo(Id, "dataset")!;
        Assert.Equal((repo.Head(), "rows"), (pushed.Commit, Encoding.UTF8.GetString(repo.Read("train.bin"))));
        Assert.Equal(1, bench.Hub.Requests.Count("POST", "/datasets/acme/tiny.git/info/lfs/objects/batch"));
        Assert.StartsWith("WISE1018", await FailureAsync(bench, Request(bench, ("a", "a")) with { RepoType = RepoType.Code }),
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task Pushing_to_a_commit_is_an_error()
    {
        await using HubBench bench = await StartAsync();
        string head = bench.Repo(("a", "a")).Head();
        Assert.Equal($"WISE5004: acme/tiny: '{head}' is a commit, which never changes. Push to a branch.",
            await FailureAsync(bench, Request(bench, ("a", "b")) with { Revision = head }));
    }

    [Fact]
    public async Task A_card_with_errors_is_refused_before_any_upload()
    {
        await using HubBench bench = await StartAsync();
        bench.Repo(("a", "a"));
        Assert.Equal("WISE5023: acme/tiny: the hub 'huggingface' refuses the front matter of <temp>/source/README.md: bad "
            + "indentation of a mapping entry: license: mit: no Correct it; no file was sent.",
            await FailureAsync(bench,
                Request(bench, ("README.md", "---\nlicense: mit: no\n---\n# Tiny\n"), ("model.bin", "weights"))));
        Assert.DoesNotContain(bench.Hub.Requests.All,
            r => r.Origin == "cdn" || r.Path.Contains("preupload", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_warning_about_a_card_is_shown_and_the_push_continues()
    {
        await using HubBench bench = await StartAsync();
        bench.Repo(("a", "a"));
        await PushAsync(bench, Request(bench, ("README.md", "# Tiny"), ("docs/README.md", "# Docs")));
        Assert.Contains("warning WISE5024: <temp>/source/README.md: the hub 'huggingface' warns about the front matter: empty "
            + "or missing yaml metadata in repo card\n", bench.Project.Log.Text, StringComparison.Ordinal);
        Assert.Equal("a=a", (await ReadAsync(bench)).Split('\n')[1]);
        Assert.Equal(1, bench.Hub.Requests.Count("POST", "/api/validate-yaml"));
    }

    [Fact]
    public async Task A_push_to_a_server_without_card_validation_succeeds()
    {
        await using HubBench bench = await StartAsync();
        bench.Repo(("a", "a"));
        bench.Hub.Faults.On("/api/validate-yaml", new Fault.Status(404));
        await PushAsync(bench, Request(bench, ("README.md", "# Tiny")));
        Assert.Contains("detail: <hub>/api/validate-yaml answered 404: the front matter of README.md was not "
            + "checked before the push.", bench.Project.Log.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_push_of_over_five_gigabytes_logs_what_git_needs_for_it()
    {
        await using HubBench bench = await StartAsync();
        bench.Repo(("a", "a"));
        PushRequest request = Request(bench, ("huge.bin", "")) with { MemoryFile = bench.Project.Temp["obj/push.json"] };
        using (FileStream sparse = File.OpenWrite(request.Files[0].SourcePath))
            sparse.SetLength(5_000_000_001);
        File.SetLastWriteTimeUtc(request.Files[0].SourcePath, new DateTime(2020, 1, 1, 0, 0, 0, DateTimeKind.Utc));
        Store.FileStamp stamp = Store.FileStamp.Of(request.Files[0].SourcePath)!.Value;
        // Remembered, so that nobody reads five gigabytes of zeros.
        bench.Project.Temp.Write("obj/push.json", $$"""
            {"version":1,"files":[{"path":"{{request.Files[0].SourcePath}}","size":{{stamp.Size}},"time":{{stamp.Modified}},
             "inode":"{{stamp.Inode}}","sha256":"{{new string('5', 64)}}"}]}
            """);
        bench.Hub.Faults.On("/objects/batch", new Fault.Status(403), int.MaxValue);
        Assert.StartsWith("WISE5007", await FailureAsync(bench, request), StringComparison.Ordinal);
        Assert.Contains("info: acme/tiny: 'huge.bin' has 5.0 GB. This push sends it in parts. To push files over 5.0 GB with "
            + "git itself, run 'wisehub lfs enable-largefiles' in the clone first.",
            bench.Project.Log.Visible, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Npm_s_client_reads_back_exactly_what_was_pushed()
    {
        string folder = await HuggingFaceJsTests.InstalledClientAsync();
        await using HubBench bench = await StartAsync();
        (string, byte[])[] files = [("config.json", "{\"a\":\"ü\"}"u8.ToArray()), ("a b/模型.bin", RandomBytes.Of(2_500_001)),
            ("small.bin", RandomBytes.Of(10)),
            ("text/long.txt", Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("line\n", 100_000))))];
        PushResult pushed = await PushAsync(bench, Request(bench, files) with { RepoId = "tester/pushed", CreateRepo = true });
        ProcessResult read = await ProcessRunner.RunAsync("node",
            ["read.mjs", bench.Hub.Endpoint.GetLeftPart(UriPartial.Authority), "tester/pushed", pushed.Commit], folder);
        Assert.True(read.ExitCode == 0, read.Output + read.Error);
        Assert.Equal(string.Join('\n',
            files.Select(f => $"{f.Item1} {f.Item2.Length} {RestoreBench.Sha256(f.Item2)}").Order(StringComparer.Ordinal)),
            string.Join('\n', read.Output.Trim().Split('\n')
                .Where(l => !l.StartsWith(".gitattributes ", StringComparison.Ordinal)).Order(StringComparer.Ordinal)));
    }

    private static async Task<HubBench> StartAsync(TestHubOptions? options = null)
    {
        HubBench bench = await HubBench.StartAsync(options);
        bench.Project.SetEnvironment("HF_TOKEN", bench.Hub.Token);
        return bench;
    }

    private static PushRequest Request(HubBench bench, params (string Path, string Text)[] files) =>
        Request(bench, [.. files.Select(f => (f.Path, Encoding.UTF8.GetBytes(f.Text)))]);

    private static PushRequest Request(HubBench bench, params (string Path, byte[] Content)[] files) => new()
    {
        RepoId = Id,
        Files = [.. files.Select(f => new PushFile(bench.Project.Temp.Write("source/" + f.Path, f.Content), f.Path))],
    };

    private static async Task<PushResult> PushAsync(HubBench bench, PushRequest request)
    {
        using HubClient client = bench.NewClient();
        return await client.PushAsync(request);
    }

    private static async Task<string> FailureAsync(HubBench bench, PushRequest request) =>
        await bench.Project.FailureOfAsync(() => PushAsync(bench, request));

    /// <summary>The files of the branch, as our own client reads them.</summary>
    private static async Task<string> ReadAsync(HubBench bench)
    {
        using HubClient client = bench.NewClient();
        return RestoreBench.Contents(await client.DownloadAsync(HubBench.Reference()));
    }

    private static string Requests(HubBench bench) => Hidden(string.Join('\n', bench.Hub.Requests.All));

    private static string Hidden(string text) =>
        Hexadecimal().Replace(text, m => m.Length switch { 64 => "<sha256>", 40 => "<commit>", _ => "<upload>" });

    [GeneratedRegex("[0-9a-f]{64}|[0-9a-f]{40}|[0-9a-f]{32}")]
    private static partial Regex Hexadecimal();
}
