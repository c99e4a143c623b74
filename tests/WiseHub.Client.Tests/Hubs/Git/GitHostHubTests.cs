using System.Text;
using System.Text.Json.Nodes;
using WiseHub.Testing;

namespace WiseHub.Client.Tests;

/// <summary>
/// Git hosts over https: refs with one request, the file list by the git protocol, all large files in one archive, LFS files
/// from the LFS server.
/// </summary>
[Needs(Need.Git)]
public sealed class GitHostHubTests
{
    // Larger than what comes with the file list.
    private static readonly string Large = new('1', 2000);

    [Theory]
    [InlineData("github", "hub GET /acme/tiny/archive/#.zip 200")]
    [InlineData("gitlab", "hub GET /acme/tiny/archive/#.zip 404\nhub GET /acme/tiny/-/archive/#/tiny-#.zip 200")]
    [InlineData("cgit", "hub GET /acme/tiny/archive/#.zip 404\nhub GET /acme/tiny/-/archive/#/tiny-#.zip 404\n"
        + "hub GET /acme/tiny.git/snapshot/tiny-#.zip 200")]
    public async Task A_commit_is_fetched_as_one_archive_from_the_URL_of_this_kind_of_host(string form, string archive)
    {
        await using GitBench bench = await GitBench.StartAsync(new GitHostOptions { ArchiveForm = form });
        GitRepo repo = await bench.Host.CreateRepoAsync(GitBench.Id);
        string commit = await repo.CommitAsync("main", ("config.json", "{}"), ("sub/a b.txt", Large), ("empty", ""));

        Assert.Equal($"config.json={{}}\nempty=\nsub/a b.txt={Large}", await bench.ContentsAsync());

        Assert.Equal("hub GET /acme/tiny.git/info/refs?service=git-upload-pack 200\nhub POST /acme/tiny.git/git-upload-pack 200\n"
            + archive.Replace("#", commit[..4] + "…", StringComparison.Ordinal), bench.Requests);
        Assert.Contains($"\"commit\":\"{commit}\"", bench.Project.LockText, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("gitlab", "/group/sub/tiny/-/archive/#/tiny-#.zip")]
    [InlineData("configured", "/group/sub/tiny/-/archive/#/tiny-#.zip")]
    public async Task A_repo_in_a_subgroup_keeps_its_full_name_in_lock_file_cache_and_mirror(string form, string archive)
    {
        await using GitBench bench = await GitBench.StartAsync(new GitHostOptions { ArchiveForm = "gitlab" },
            more: form == "configured" ? ",\"archive\":\"/{owner}/{name}/-/archive/{commit}/{name}-{commit}.zip\"" : null);
        string commit = await (await bench.Host.CreateRepoAsync("group/sub/tiny")).CommitAsync("main", ("a", Large));
        await (await bench.Host.CreateRepoAsync("sub/tiny")).CommitAsync("main", ("a", "2"));

        Assert.Equal("a=" + Large, await bench.ContentsAsync(GitBench.Reference(id: "group/sub/tiny")));
        Assert.Equal("a=2", await bench.ContentsAsync(GitBench.Reference(id: "sub/tiny")));

        Assert.Contains(archive.Replace("#", commit[..4] + "…", StringComparison.Ordinal), bench.Requests,
            StringComparison.Ordinal);
        Assert.Contains("\"repoId\":\"group/sub/tiny\",\"hub\":\"git\"", bench.Project.LockText, StringComparison.Ordinal);
        Assert.Equal(["group@sub", "sub"],
            Directory.GetDirectories(Directory.GetDirectories(Path.Combine(bench.Project.Cache, "hubs"))[0] + "/models")
                .Select(Path.GetFileName).Order(StringComparer.Ordinal));
        using HubClient client = bench.NewClient();
        Assert.Equal(["group/sub/tiny", "sub/tiny"], (await client.Cache.ListAsync(TestContext.Current.CancellationToken)).Repos
            .Select(r => r.RepoId).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_mirror_stores_a_repo_of_a_subgroup_and_serves_it_without_the_host()
    {
        await using GitBench bench = await GitBench.StartAsync(new GitHostOptions { ArchiveForm = "gitlab" });
        await (await bench.Host.CreateRepoAsync("group/sub/tiny")).CommitAsync("main", ("a", "1"));
        RepoReference reference = GitBench.Reference("main", "group/sub/tiny");
        bench.Project.Configure(File.ReadAllText(bench.Project.Temp["wisehub.json"]).Replace("\"hubs\":{",
            "\"hubs\":{\"copy\":{\"protocol\":\"store\",\"path\":\"copy\"},", StringComparison.Ordinal));
        using (HubClient client = bench.NewClient())
        {
            await client.Mirrors.PushAsync(new MirrorRequest { References = [reference], To = "copy" },
                TestContext.Current.CancellationToken);
            Assert.Equal(["group/sub/tiny"],
                (await client.Mirrors.ListAsync("copy", TestContext.Current.CancellationToken)).Commits.Select(c => c.RepoId));
        }
        bench.Host.Requests.Clear();

        Assert.Equal("a=1", RestoreBench.Contents((await bench.RestoreAsync(reference with { Hubs = ["copy"] })).Snapshots[0]));

        Assert.Equal("", bench.Requests);
    }

    [Theory]
    [InlineData("huggingface")]
    [InlineData("wisemodel")]
    [InlineData("github")]
    public void The_error_of_a_hub_without_subgroups_says_so(string hub)
    {
        using var project = new RestoreBench();
        using HubClient client = project.NewClient();
        Assert.Equal($"WISE1003: 'group/sub/name' is not a repo id of '{hub}': it has more than one '/', "
            + "and the hub has no subgroups. Write owner/name.",
            project.Show(Assert.Single(client.FindMistakes([new RepoReference { RepoId = "group/sub/name", Hubs = [hub] }]))));
    }

    [Fact]
    public async Task The_archive_URL_form_of_a_host_is_found_once()
    {
        await using GitBench bench = await GitBench.StartAsync(new GitHostOptions { ArchiveForm = "cgit" });
        GitRepo repo = await bench.Host.CreateRepoAsync(GitBench.Id);
        await repo.CommitAsync("main", ("a", Large));
        await repo.CommitAsync("dev", ("a", Large + "2"));
        await bench.RestoreAsync(GitBench.Reference("main"));
        bench.Host.Requests.Clear();

        Assert.Equal($"a={Large}2", await bench.ContentsAsync(GitBench.Reference("dev")));

        Assert.Equal(["GET 200", "POST 200", "GET 200"], bench.Host.Requests.All.Select(r => $"{r.Method} {r.Status}"));
    }

    [Fact]
    public async Task The_address_of_archives_may_be_configured()
    {
        await using GitBench bench = await GitBench.StartAsync(new GitHostOptions { ArchiveForm = "gitlab" },
            more: ",\"archive\":\"/{owner}/{name}/-/archive/{commit}/{name}-{commit}.zip\"");
        await (await bench.Host.CreateRepoAsync(GitBench.Id)).CommitAsync("main", ("a", Large));

        Assert.Equal("a=" + Large, await bench.ContentsAsync());

        Assert.Equal(["GET 200", "POST 200", "GET 200"], bench.Host.Requests.All.Select(r => $"{r.Method} {r.Status}"));
    }

    [Fact]
    public async Task A_second_selection_of_a_commit_needs_no_request()
    {
        await using GitBench bench = await GitBench.StartAsync();
        string commit = await (await bench.Host.CreateRepoAsync(GitBench.Id))
            .CommitAsync("main", ("a", "1"), ("b", "2"), ("c", Large));
        await bench.RestoreAsync(GitBench.Reference(commit) with { Files = new FileSelection(["a"], []) });
        bench.Host.Requests.Clear();

        Assert.Equal("b=2", await bench.ContentsAsync(GitBench.Reference(commit) with { Files = new FileSelection(["b"], []) }));

        Assert.Equal("", bench.Requests);
    }

    [Fact]
    public async Task Missing_locked_files_are_fetched_without_resolving_the_branch()
    {
        await using GitBench bench = await GitBench.StartAsync();
        GitRepo repo = await bench.Host.CreateRepoAsync(GitBench.Id);
        string locked = await repo.CommitAsync("main", ("a", "1"));
        await repo.CommitLfsAsync("main", ("model.bin", RandomBytes.Of(5000)));
        await bench.RestoreAsync(GitBench.Reference("main"));
        await repo.CommitAsync("main", ("a", "2"));
        Directory.Delete(bench.Project.Cache, recursive: true);
        bench.Host.Requests.Clear();

        Assert.StartsWith("a=1\nmodel.bin=", await bench.ContentsAsync(GitBench.Reference("main")), StringComparison.Ordinal);

        Assert.DoesNotContain("info/refs", bench.Requests, StringComparison.Ordinal);
        Assert.NotEqual("", locked);
    }

    [Theory]
    [InlineData(null, "branch", "tip")]
    [InlineData("main", "branch", "tip")]
    [InlineData("feature/x", "branch", "slash")]
    [InlineData("v1", "lightweight tag", "first")]
    [InlineData("v2", "annotated tag", "first")]
    [InlineData("refs/tags/v2", "full name", "first")]
    [InlineData("refs/pull/1/head", "pull request", "first")]
    public async Task Branches_tags_and_full_names_are_resolved(string? revision, string kind, string expected)
    {
        await using GitBench bench = await GitBench.StartAsync();
        GitRepo repo = await bench.Host.CreateRepoAsync(GitBench.Id);
        await repo.CommitAsync("main", ("a", "first"));
        await GitRepo.GitAsync(repo.WorkFolder, "tag", "v1");
        await GitRepo.GitAsync(repo.WorkFolder, "tag", "--annotate", "--message=two", "v2");
        await GitRepo.GitAsync(repo.WorkFolder, "push", "--quiet", "origin", "v1", "v2", "HEAD:refs/pull/1/head");
        await repo.CommitAsync("main", ("a", "tip"));
        await repo.CommitAsync("feature/x", ("a", "slash"));

        Assert.Equal($"{kind}: a={expected}", $"{kind}: {await bench.ContentsAsync(GitBench.Reference(revision))}");
    }

    [Theory]
    [InlineData("trunk", "trunk")]
    [InlineData("gone", "main")]
    public async Task The_default_branch_is_HEAD_of_the_host_or_else_main(string head, string expected)
    {
        await using GitBench bench = await GitBench.StartAsync();
        GitRepo repo = await bench.Host.CreateRepoAsync(GitBench.Id);
        await repo.CommitAsync("main", ("a", "main"));
        await repo.CommitAsync("trunk", ("a", "trunk"));
        await GitRepo.GitAsync(repo.BareFolder, "symbolic-ref", "HEAD", "refs/heads/" + head);

        Assert.Equal($"a={expected}", await bench.ContentsAsync());
    }

    [Fact]
    public async Task Errors_for_an_unknown_revision_or_repo_say_what_is_wrong()
    {
        await using GitBench bench = await GitBench.StartAsync();
        await (await bench.Host.CreateRepoAsync(GitBench.Id)).CommitAsync("main", ("a", "1"));
        await bench.Host.CreateRepoAsync("acme/empty");

        Assert.Equal("WISE2003: acme/tiny on 'git' has no branch or tag 'nope'. Check <host>/acme/tiny; "
            + "a commit needs all of its 40 characters.", await bench.FailureAsync(GitBench.Reference("nope")));
        Assert.Equal("WISE2003: acme/empty on 'git' has no commit yet. Push files to it first.",
            await bench.FailureAsync(GitBench.Reference(id: "acme/empty")));
        Assert.Equal("WISE2002: acme/none on 'git' (<host>/acme/none.git/info/refs, 404): there is no such repo. "
            + "Check the name and the hub's endpoint. If it is private, it needs a token. Set WISEHUB_TOKEN_GIT to a token with "
            + "read access, or run 'wisehub login git'.",
            await bench.FailureAsync(GitBench.Reference(id: "acme/none")));
        Assert.Equal("WISE1003: 'acme/tiny.git' is not a repo id of 'git': omit '.git'.",
            await bench.FailureAsync(GitBench.Reference(id: "acme/tiny.git")));
        Assert.Equal("WISE1013: The hub 'git' is a git host, which has no dataset configurations. Use AllowPatterns=\"en/*\".",
            await bench.FailureAsync(GitBench.Reference() with { Config = "en" }));
        Assert.False(File.Exists(bench.Project.LockFile));
    }

    [Fact]
    public async Task A_web_page_instead_of_refs_is_an_error()
    {
        await using GitBench bench = await GitBench.StartAsync();
        bench.Host.Faults.On("info/refs", new Fault.Status(200, Body: "<!DOCTYPE html><html></html>"));

        Assert.Equal("WISE2010: The hub 'git' answered <host>/acme/tiny.git/info/refs in an unexpected way: it is not a "
            + "response of a git server. Check that its endpoint is a git host with smart HTTP.", await bench.FailureAsync());
    }

    [Fact]
    public async Task A_renamed_repo_is_followed_and_reported()
    {
        var options = new GitHostOptions();
        options.Renamed["/acme/old"] = "/acme/tiny";
        await using GitBench bench = await GitBench.StartAsync(options);
        await (await bench.Host.CreateRepoAsync(GitBench.Id)).CommitAsync("main", ("a", "1"));

        Assert.Equal("a=1", await bench.ContentsAsync(GitBench.Reference(id: "acme/old")));

        Assert.Contains("acme/old is now called acme/tiny on 'git'. Update the reference: the old name may stop working or "
            + "name another repo.", bench.Project.Log.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("secret-token", "oauth2", "secret-token")]
    [InlineData("me:secret-token", "me", "secret-token")]
    public async Task A_private_repo_is_read_with_a_token_that_is_never_written_or_logged(
        string variable, string user, string password)
    {
        await using GitBench bench = await GitBench.StartAsync(new GitHostOptions { Login = (user, password) });
        await (await bench.Host.CreateRepoAsync(GitBench.Id)).CommitLfsAsync("main", ("model.bin", RandomBytes.Of(3000)));
        Assert.Equal("WISE2005: acme/tiny on 'git' (<host>/acme/tiny.git/info/refs, 401: \"Repository not found.\"): "
            + "the repo does not exist, or it is private and no token was sent. If it is private, it needs a token. "
            + "Set WISEHUB_TOKEN_GIT to a token with read access, or run 'wisehub login git'.",
            await bench.FailureAsync());
        bench.Project.SetEnvironment("WISEHUB_TOKEN_GIT", "wrong");
        Assert.StartsWith("WISE2006: ", await bench.FailureAsync(), StringComparison.Ordinal);
        bench.Project.SetEnvironment("WISEHUB_TOKEN_GIT", variable);

        await bench.RestoreAsync();

        Assert.DoesNotContain("secret-token", bench.Project.Log.Text + bench.Project.LockText
            + string.Join('\n', Directory.EnumerateFiles(bench.Project.Cache, "*", SearchOption.AllDirectories)
                .Where(f => new FileInfo(f).Length < 10_000).Select(f => Encoding.UTF8.GetString(File.ReadAllBytes(f)))),
            StringComparison.Ordinal);
        // The LFS contents are elsewhere, with a header of their own and without ours.
        Assert.All(bench.Host.Requests.All.Where(r => r.Origin == "cdn"),
            r => Assert.False(r.Headers.ContainsKey("Authorization")));
    }

    [Fact]
    public async Task LFS_files_are_fetched_with_one_batch_request()
    {
        await using GitBench bench = await GitBench.StartAsync();
        GitRepo repo = await bench.Host.CreateRepoAsync(GitBench.Id);
        byte[] big = RandomBytes.Of(100_000), small = RandomBytes.Of(5_000, 2);
        await repo.CommitAsync("main", ("a", "1"));
        await repo.CommitLfsAsync("main", ("big.bin", big), ("small.bin", small), ("same.bin", small));

        RestoreResult result = await bench.RestoreAsync();

        Assert.Equal(["a", "big.bin", "same.bin", "small.bin"], result.Snapshots[0].Files.Select(f => f.Path));
        Assert.Equal(RestoreBench.Sha256(big), result.Snapshots[0].Files[1].Sha256.Hex);
        Assert.Equal(["hub GET", "hub POST", "hub POST", "cdn GET", "cdn GET"],
            bench.Host.Requests.All.Select(r => $"{r.Origin} {r.Method}"));
    }

    [Fact]
    public async Task One_LFS_batch_request_covers_a_hundred_files()
    {
        await using GitBench bench = await GitBench.StartAsync();
        GitRepo repo = await bench.Host.CreateRepoAsync(GitBench.Id);
        await repo.CommitLfsAsync("main", [.. Enumerable.Range(0, 130).Select(i => ($"{i}.bin", RandomBytes.Of(200 + i, i)))]);

        await bench.RestoreAsync();

        Assert.Equal(2, bench.Host.Requests.Count("POST", "/acme/tiny.git/info/lfs/"));
        Assert.Equal(130, bench.Host.Requests.All.Count(r => r.Origin == "cdn"));
    }

    [Fact]
    public async Task An_expired_LFS_batch_response_is_requested_again()
    {
        // It ends before the next content's turn, or the clock of this machine is ahead.
        await using GitBench bench = await GitBench.StartAsync(new GitHostOptions { LfsLifetime = TimeSpan.FromSeconds(-5) });
        await (await bench.Host.CreateRepoAsync(GitBench.Id))
            .CommitLfsAsync("main", ("1", RandomBytes.Of(300, 1)), ("2", RandomBytes.Of(300, 2)));

        await bench.RestoreAsync();

        Assert.Equal(2, bench.Host.Requests.Count("POST", "/acme/tiny.git/info/lfs/"));
    }

    [Fact]
    public async Task A_file_missing_from_the_LFS_server_is_an_error_with_a_remedy()
    {
        await using GitBench bench = await GitBench.StartAsync();
        await (await bench.Host.CreateRepoAsync(GitBench.Id)).CommitLfsAsync("main", ("model.bin", RandomBytes.Of(300)));
        bench.Host.LoseLfs();

        Assert.Equal("WISE2030: acme/tiny on 'git': 'model.bin': the LFS server (<host>/acme/tiny.git/info/lfs/objects/batch) "
            + "answered 404: \"Object does not exist\". The repo has the pointer, but the server does not give its content: ask "
            + "the owner of the repo to push it (git lfs push --all).", await bench.FailureAsync());
        Assert.False(File.Exists(bench.Project.LockFile));
    }

    [Theory]
    [InlineData("transfer", "\"tus\"", "WISE2031", "it chose the transfer 'tus', but only 'basic' was offered")]
    [InlineData("objects", "{}", "WISE2031", "it has no list of objects")]
    [InlineData("objects", "[]", "WISE2031", "the response of the LFS server does not mention the object")]
    public async Task An_invalid_LFS_batch_response_is_an_error(
        string key, string value, string code, string reason)
    {
        await using GitBench bench =
            await GitBench.StartAsync(new GitHostOptions { ChangeLfsAnswer = answer => answer[key] = JsonNode.Parse(value) });
        await (await bench.Host.CreateRepoAsync(GitBench.Id)).CommitLfsAsync("main", ("model.bin", RandomBytes.Of(300)));

        string failure = await bench.FailureAsync();

        Assert.StartsWith(code, failure, StringComparison.Ordinal);
        Assert.Contains(reason, failure, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("file:///etc/passwd")]
    [InlineData("ftp://example.org/a")]
    [InlineData("/relative")]
    public async Task An_LFS_download_URL_that_is_not_http_or_https_is_refused(string href)
    {
        await using GitBench bench = await GitBench.StartAsync(
            new GitHostOptions { ChangeLfsAnswer = answer => answer["objects"]![0]!["actions"]!["download"]!["href"] = href });
        await (await bench.Host.CreateRepoAsync(GitBench.Id)).CommitLfsAsync("main", ("model.bin", RandomBytes.Of(300)));

        Assert.StartsWith("WISE2011: ", await bench.FailureAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_host_without_LFS_is_an_error_for_LFS_files()
    {
        await using GitBench bench = await GitBench.StartAsync();
        await (await bench.Host.CreateRepoAsync(GitBench.Id)).CommitLfsAsync("main", ("model.bin", RandomBytes.Of(300)));
        bench.Host.Faults.On("objects/batch", new Fault.Status(404));

        Assert.Equal("WISE2031: acme/tiny on 'git': the LFS server at <host>/acme/tiny.git/info/lfs/objects/batch gave no "
            + "usable response: it answered 404, so it has no LFS or hides the repo. Check that the host has LFS for this repo, "
            + "and the token if the repo is private.", await bench.FailureAsync());
    }

    [Fact]
    public async Task An_LFS_file_that_does_not_match_its_pointer_is_an_error()
    {
        await using GitBench bench = await GitBench.StartAsync();
        await (await bench.Host.CreateRepoAsync(GitBench.Id)).CommitLfsAsync("main", ("model.bin", RandomBytes.Of(300)));
        bench.Host.DamageLfs();

        Assert.StartsWith("WISE3001: acme/tiny model.bin: <lfs>/", await bench.FailureAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_truncated_LFS_download_resumes_and_transfers_no_byte_twice()
    {
        await using GitBench bench = await GitBench.StartAsync();
        byte[] content = RandomBytes.Of(3_000_000);
        await (await bench.Host.CreateRepoAsync(GitBench.Id)).CommitLfsAsync("main", ("model.bin", content));
        bench.Host.Faults.On("/", new Fault.CutAfter(2_000_000), origin: "cdn");

        await bench.RestoreAsync();

        Assert.Equal(2, bench.Host.Requests.All.Count(r => r.Origin == "cdn"));
        Assert.InRange(bench.Host.Requests.All.Where(r => r.Origin == "cdn").Sum(r => r.BodyBytes), content.Length,
            content.Length + 100_000);
    }

    [Fact]
    public async Task Links_and_submodules_are_skipped_and_reported()
    {
        await using GitBench bench = await GitBench.StartAsync();
        GitRepo repo = await bench.Host.CreateRepoAsync(GitBench.Id);
        string commit = await repo.CommitAsync("main", ("a", "1"),
            (".gitmodules", "[submodule \"x\"]\n\tpath = vendor/x\n\turl = https://example.org/x.git\n"));
        File.CreateSymbolicLink(Path.Combine(repo.WorkFolder, "link"), "/etc/passwd");
        await GitRepo.GitAsync(repo.WorkFolder, "update-index", "--add", "--cacheinfo", $"160000,{commit},vendor/x");
        await GitRepo.GitAsync(repo.WorkFolder, "add", "link");
        await GitRepo.GitAsync(repo.WorkFolder, "commit", "--quiet", "--message=links");
        await GitRepo.GitAsync(repo.WorkFolder, "push", "--quiet", "origin", "HEAD:refs/heads/main");

        foreach (string transport in (string[])["", ",\"transport\":\"git\""])
        {
            bench.Configure(transport);
            using HubClient client =
                bench.NewClient(o => o with { CacheDirectory = bench.Project.Temp["cache" + transport.Length] });
            bench.Project.Log.Clear();

            RestoreResult result = await client.RestoreAsync(new RestoreRequest { References = [GitBench.Reference()] },
                TestContext.Current.CancellationToken);

            Assert.Equal([".gitmodules", "a"], result.Snapshots[0].Files.Select(f => f.Path));
            Assert.Contains("WISE3033: acme/tiny: 'link' is a symbolic link, which is left out", bench.Project.Log.Text,
                StringComparison.Ordinal);
            Assert.Contains("acme/tiny has submodules ('vendor/x'), which are left out. Reference their repos separately.",
                bench.Project.Log.Text, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Files_from_an_archive_of_another_commit_are_rejected_and_fetched_by_git()
    {
        byte[]? first = null;
        await using GitBench bench = await GitBench.StartAsync(new GitHostOptions { ChangeArchive = zip => first ??= zip });
        GitRepo repo = await bench.Host.CreateRepoAsync(GitBench.Id);
        await repo.CommitAsync("main", ("a", Large));
        await bench.RestoreAsync(GitBench.Reference("main"));
        await repo.CommitAsync("dev", ("a", Large + "2"));

        Assert.Equal($"a={Large}2", await bench.ContentsAsync(GitBench.Reference("dev")));

        Assert.Contains("acme/tiny: the archive lacks 1 of 1 files as git stores them", bench.Project.Log.Text,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_branch_that_moves_during_a_restore_gives_the_files_of_one_commit()
    {
        GitRepo? repo = null;
        await using GitBench bench = await GitBench.StartAsync(new GitHostOptions
        {
            ChangeArchive = zip =>
            {
                repo!.CommitAsync("main", ("a", "2"), ("b", "2")).GetAwaiter().GetResult();
                return zip;
            },
        });
        repo = await bench.Host.CreateRepoAsync(GitBench.Id);
        await repo.CommitAsync("main", ("a", Large), ("b", Large + "b"));

        Assert.Equal($"a={Large}\nb={Large}b", await bench.ContentsAsync());
    }

    [Fact]
    public async Task From_a_host_without_archives_large_files_are_fetched_by_the_git_protocol()
    {
        await using GitBench bench = await GitBench.StartAsync(new GitHostOptions { ArchiveForm = null });
        await (await bench.Host.CreateRepoAsync(GitBench.Id)).CommitAsync("main", ("a", Large));

        Assert.Equal("a=" + Large, await bench.ContentsAsync());

        Assert.Equal(["GET 200", "POST 200", "GET 404", "GET 404", "GET 404", "POST 200"],
            bench.Host.Requests.All.Select(r => $"{r.Method} {r.Status}"));
    }

    [Fact]
    public async Task The_errors_for_unusable_and_colliding_names_suggest_a_pattern()
    {
        await using GitBench bench = await GitBench.StartAsync();
        await (await bench.Host.CreateRepoAsync(GitBench.Id))
            .CommitAsync("main", ("caf\u00e9", "1"), ("cafe\u0301", "2"), ("aux.txt", "3"), ("b", "4"));

        Assert.Equal("WISE3003: acme/tiny: the file name 'aux.txt' cannot be used: 'aux.txt' is a device name on Windows. "
            + "Leave the file out with IgnorePatterns, or ask the owner of the repo to rename it.", await bench.FailureAsync());
        Assert.StartsWith("WISE3004: ",
            await bench.FailureAsync(GitBench.Reference() with { Files = new FileSelection([], ["aux*"]) }),
            StringComparison.Ordinal);
        Assert.Equal("b=4",
            await bench.ContentsAsync(GitBench.Reference() with { Files = new FileSelection([], ["aux*", "caf*"]) }));
    }

    [Fact]
    public async Task Restoring_an_empty_commit_is_an_error()
    {
        await using GitBench bench = await GitBench.StartAsync();
        await (await bench.Host.CreateRepoAsync(GitBench.Id)).CommitAllAsync("main");

        Assert.Equal("WISE1015: acme/tiny: no file of commit #… is selected by all files; the repo has no files. "
            + "Patterns are case-sensitive, match the whole path, and * crosses '/'.",
            System.Text.RegularExpressions.Regex.Replace(await bench.FailureAsync(), "commit [0-9a-f]{4}", "commit #"));
    }

    [Theory]
    [InlineData("http://-oProxyCommand=touch")]
    [InlineData("http://a..b")]
    [InlineData("http://exa_mple-")]
    public async Task An_invalid_host_name_is_an_error_before_a_socket_is_opened(string endpoint)
    {
        using var project = new RestoreBench();
        project.Configure($$"""{"defaultHub":"git","hubs":{"git":{"protocol":"git","endpoint":"{{endpoint}}"} } }""");

        string failure = await project.FailureAsync(GitBench.Reference());

        Assert.Matches("^WISE(1025|1008): ", failure);
    }
}
