using System.Text;
using WiseHub.Testing;

namespace WiseHub.Client.Tests;

/// <summary>Pushes to git hosts with the real git on both sides, checked with the real git-lfs.</summary>
[Needs(Need.Git)]
public sealed class GitPushTests
{
    private const string Ask = "hub GET /acme/tiny.git/info/refs?service=git-upload-pack 200\n"
        + "hub POST /acme/tiny.git/git-upload-pack 200\nhub POST /acme/tiny.git/git-upload-pack 200";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private static PushRequest Request(GitBench bench, params (string Path, byte[] Content)[] files) => new()
    {
        RepoId = GitBench.Id,
        Message = "Second\n\nwith a body",
        Files = [.. files.Select(f => new PushFile(bench.Project.Temp.Write("source/" + f.Path, f.Content), f.Path))],
    };

    private static PushRequest Request(GitBench bench, params (string Path, string Text)[] files) =>
        Request(bench, [.. files.Select(f => (f.Path, Encoding.UTF8.GetBytes(f.Text)))]);

    private static async Task<PushResult> PushAsync(GitBench bench, PushRequest request, CancellationToken cancel = default)
    {
        using HubClient client = bench.NewClient();
        return await client.PushAsync(request, cancel);
    }

    private static async Task<string> FailureAsync(GitBench bench, PushRequest request) =>
        await bench.Project.FailureOfAsync(() => PushAsync(bench, request));

    private static async Task<GitRepo> RepoAsync(GitBench bench)
    {
        GitRepo repo = await bench.Host.CreateRepoAsync(GitBench.Id);
        await repo.CommitAsync("main", ("a", "1"), ("sub/b", "2"), ("big.txt", new string('x', 20_000)));
        bench.Host.Requests.Clear();
        return repo;
    }

    // As somebody gets it who has git and git-lfs and none of our tools.
    private static async Task<string> CloneAsync(GitBench bench, string url, string branch = "main")
    {
        string[] filters = await ProcessRunner.ExistsAsync("git-lfs") ? ["-c", "filter.lfs.smudge=git-lfs smudge -- %f",
            "-c", "filter.lfs.process=git-lfs filter-process", "-c", "filter.lfs.required=true"]
            : [];
        string folder = bench.Project.Temp["clone-" + Guid.NewGuid().ToString("N")];
        var environment = new Dictionary<string, string?>(GitRepo.Environment) { ["GIT_LFS_SKIP_SMUDGE"] = null };
        ProcessResult clone = await ProcessRunner.RunAsync("git",
            [.. filters, "clone", "--quiet", "--branch", branch, url, folder], bench.Project.Temp.Path, environment);
        Assert.True(clone.ExitCode == 0, clone.Error);
        ProcessResult status = await ProcessRunner.RunAsync("git", [.. filters, "status", "--porcelain"], folder, environment);
        Assert.Equal("", status.Output);
        return string.Join('\n', Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories)
            .Select(f => Path.GetRelativePath(folder, f).Replace('\\', '/'))
            .Where(f => !f.StartsWith(".git/", StringComparison.Ordinal)).Order(StringComparer.Ordinal)
            .Select(f => $"{f} {RestoreBench.Sha256(File.ReadAllBytes(Path.Combine(folder, f)))[..8]}"));
    }

    [Theory]
    [InlineData(false, "A.txt a.txt a:b con.txt sub /b x.bin")]
    [InlineData(true, "x.bin")]
    public async Task Invalid_names_in_the_repo_do_not_block_a_push_and_can_be_pruned(bool prune, string after)
    {
        await using GitBench bench = await GitBench.StartAsync();
        GitRepo repo = await bench.Host.CreateRepoAsync(GitBench.Id);
        await repo.CommitAsync("main", ("A.txt", "1"), ("a.txt", "2"), ("a:b", "3"), ("con.txt", "4"), ("sub /b", "5"));
        await PushAsync(bench, Request(bench, ("x.bin", "new")) with { Prune = prune });
        using HubClient client = bench.NewClient();
        RepoListing listing = await client.Repos.ListFilesAsync(new RepoReference { RepoId = GitBench.Id });
        Assert.Equal(after, string.Join(' ', listing.Files.Select(f => f.Path)));
    }

    private static string Line(string path, byte[] content) => $"{path} {RestoreBench.Sha256(content)[..8]}";

    private static string Line(string path, string text) => Line(path, Encoding.UTF8.GetBytes(text));

    private static void SetExecutable(string file)
    {
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    [Theory]
    [InlineData("")]
    [InlineData(",\"transport\":\"git\"")]
    public async Task A_push_adds_one_commit_to_the_branch_with_either_transport(string more)
    {
        await using GitBench bench = await GitBench.StartAsync(more: more);
        GitRepo repo = await RepoAsync(bench);
        string before = (await GitRepo.GitAsync(repo.BareFolder, "rev-parse", "main")).Trim();

        PushResult result = await PushAsync(bench, Request(bench, ("a", "changed"), ("sub/b", "2"), ("ü/new file", "new")));

        Assert.Equal(string.Join('\n', Line("a", "changed"), Line("big.txt", new string('x', 20_000)), Line("sub/b", "2"),
            Line("ü/new file", "new")), await CloneAsync(bench, repo.BareFolder));
        Assert.Equal($"{result.Commit} {before} tester <tester@example.org> Second\n\nwith a body",
            (await GitRepo.GitAsync(repo.BareFolder, "log", "-1", "--format=%H %P %an <%ae> %B", "main")).Trim());
        Assert.Equal("a Change, sub/b Keep, ü/new file Add",
            string.Join(", ", result.Steps.Select(s => $"{s.PathInRepo} {s.Action}")));
        Assert.Equal((true, 2, $"{bench.Host.Endpoint}acme/tiny/commit/{result.Commit}"),
            (result.Changed, result.FilesSent, result.Url?.AbsoluteUri));
        // What stays is neither fetched nor sent.
        Assert.Equal($"{Ask}\nhub GET /acme/tiny.git/info/refs?service=git-receive-pack 200\n"
            + "hub POST /acme/tiny.git/git-receive-pack 200", bench.Requests);
        Assert.InRange(bench.Host.Requests.BytesSent, 1, 10_000);
    }

    [Fact]
    public async Task Pushing_unchanged_files_takes_three_requests_and_makes_no_commit()
    {
        await using GitBench bench = await GitBench.StartAsync();
        GitRepo repo = await RepoAsync(bench);
        byte[] content = RandomBytes.Of(200_000);
        await repo.CommitLfsAsync("main", ("model.bin", content));
        string before = (await GitRepo.GitAsync(repo.BareFolder, "rev-parse", "main")).Trim();

        PushResult result = await PushAsync(bench, Request(bench, ("a", "1"u8.ToArray()), ("model.bin", content),
            ("big.txt", Encoding.ASCII.GetBytes(new string('x', 20_000)))));

        Assert.Equal((false, before), (result.Changed, result.Commit));
        Assert.Equal(Ask, bench.Requests);
    }

    [Fact]
    [Needs(Need.GitLfs)]
    public async Task Large_and_binary_files_go_to_LFS_and_git_lfs_checks_them_out()
    {
        await using GitBench bench = await GitBench.StartAsync();
        GitRepo repo = await RepoAsync(bench);
        (string, byte[])[] files = [("weights [1] é.bin", RandomBytes.Of(1_100_000)), ("named.dat", RandomBytes.Of(300, 2)),
            ("text.txt", Encoding.ASCII.GetBytes(new string('t', 1_200_000))),
            ("small.bin", RandomBytes.Of(1000, 3)), ("sub/.gitattributes", "*.dat filter=lfs -text\n"u8.ToArray()),
            ("sub/deep.dat", RandomBytes.Of(500, 4)), ("sub/empty.dat", [])];
        await repo.CommitAsync("main", (".gitattributes", "*.dat filter=lfs diff=lfs merge=lfs -text"));
        bench.Host.Requests.Clear();

        PushResult result = await PushAsync(bench, Request(bench, files));

        (string Path, byte[] Content)[] all = [(".gitattributes", Encoding.UTF8.GetBytes("*.dat filter=lfs diff=lfs merge=lfs "
            + "-text\n\"/weights \\\\[1] é.bin\" filter=lfs diff=lfs merge=lfs -text\n")),
            ("a", "1"u8.ToArray()), ("big.txt", Encoding.ASCII.GetBytes(new string('x', 20_000))), files[1], files[3], files[4],
            files[5], files[6], ("sub/b", "2"u8.ToArray()), files[2], files[0]];
        Assert.Equal(string.Join('\n', all.OrderBy(f => f.Path, StringComparer.Ordinal).Select(f => Line(f.Path, f.Content))),
            await CloneAsync(bench, $"{bench.Host.Endpoint}acme/tiny.git"));
        int[] large = [0, 1, 5];
        Assert.Equal(large.Select(i => RestoreBench.Sha256(files[i].Item2)).Order(StringComparer.Ordinal),
            bench.Host.LfsContents);
        Assert.Equal((7, files.Sum(f => (long)f.Item2.Length)), (result.FilesSent, result.BytesSent));
        Assert.False((await PushAsync(bench, Request(bench, files))).Changed);
    }

    [Fact]
    public async Task Pushed_attributes_may_keep_a_file_out_of_LFS_and_missing_rules_are_added()
    {
        await using GitBench bench = await GitBench.StartAsync();
        GitRepo repo = await RepoAsync(bench);
        PushRequest request = Request(bench, (".gitattributes", "*.plain -filter"u8.ToArray()),
            ("a.plain", RandomBytes.Of(1_100_000)),
            ("b.bin", RandomBytes.Of(1_100_000, 2)));

        await PushAsync(bench, request);

        Assert.Equal("*.plain -filter\n/b.bin filter=lfs diff=lfs merge=lfs -text\n",
            await GitRepo.GitAsync(repo.BareFolder, "cat-file", "blob", "main:.gitattributes"));
        Assert.Equal("1100000", (await GitRepo.GitAsync(repo.BareFolder, "cat-file", "-s", "main:a.plain")).Trim());
        Assert.Single(bench.Host.LfsContents);
        // What the set does not say of a file that stays, is not taken from it.
        string commit = (await GitRepo.GitAsync(repo.BareFolder, "rev-parse", "main")).Trim();
        PushResult again = await PushAsync(bench, request);
        Assert.Equal((false, commit), (again.Changed, again.Commit));
        await PushAsync(bench, Request(bench, (".gitattributes", "*.plain -filter\n*.txt text\n")));
        Assert.Equal("*.plain -filter\n*.txt text\n/b.bin filter=lfs diff=lfs merge=lfs -text\n",
            await GitRepo.GitAsync(repo.BareFolder, "cat-file", "blob", "main:.gitattributes"));
        await PushAsync(bench, Request(bench, (".gitattributes", "*.plain -filter\n")) with { Prune = true });
        Assert.Equal("*.plain -filter\n", await GitRepo.GitAsync(repo.BareFolder, "cat-file", "blob", "main:.gitattributes"));
    }

    [Fact]
    public async Task The_first_commit_of_an_empty_repo_has_no_parent()
    {
        await using GitBench bench = await GitBench.StartAsync();
        GitRepo repo = await bench.Host.CreateRepoAsync(GitBench.Id);

        PushResult result = await PushAsync(bench, Request(bench, ("a", "1"), ("b/c", "2")));

        Assert.Equal("100644 1 a\n100644 1 b/c", await repo.TreeAsync());
        Assert.Equal(result.Commit, (await GitRepo.GitAsync(repo.BareFolder, "log", "--format=%H%P", "main")).Trim());
    }

    [Fact]
    public async Task A_new_branch_starts_at_the_default_branch_of_the_host()
    {
        await using GitBench bench = await GitBench.StartAsync();
        GitRepo repo = await RepoAsync(bench);

        PushResult result = await PushAsync(bench, Request(bench, ("a", "other")) with { Revision = "release/1" });
        PushResult same = await PushAsync(bench, Request(bench, ("a", "1")) with { Revision = "same" });

        Assert.Equal("100644 5 a\n100644 20000 big.txt\n100644 1 sub/b", await repo.TreeAsync("release/1"));
        Assert.Equal("a Change", string.Join(", ", result.Steps.Select(s => $"{s.PathInRepo} {s.Action}")));
        string main = (await GitRepo.GitAsync(repo.BareFolder, "rev-parse", "main")).Trim();
        Assert.Equal(main, (await GitRepo.GitAsync(repo.BareFolder, "rev-parse", "release/1^")).Trim());
        Assert.Equal((main, main), (same.Commit, (await GitRepo.GitAsync(repo.BareFolder, "rev-parse", "same")).Trim()));
    }

    [Fact]
    [Needs(Need.Unix, Because = "Links and modes are made by the file system.")]
    public async Task Prune_deletes_files_not_pushed_but_keeps_attributes_submodules_and_modes()
    {
        await using GitBench bench = await GitBench.StartAsync();
        GitRepo repo = await RepoAsync(bench);
        File.WriteAllText(Path.Combine(repo.WorkFolder, "run"), "#!/bin/sh\n");
        SetExecutable(Path.Combine(repo.WorkFolder, "run"));
        File.CreateSymbolicLink(Path.Combine(repo.WorkFolder, "link"), "a");
        await repo.CommitAsync("main", (".gitattributes", "*.x -text\n"),
            (".gitmodules", "[submodule \"m\"]\n\tpath = m\n\turl = https://example.org/m\n"));
        await GitRepo.GitAsync(repo.WorkFolder, "update-index", "--add", "--cacheinfo", $"160000,{new string('1', 40)},m");
        await GitRepo.GitAsync(repo.WorkFolder, "commit", "--quiet", "--message=submodule");
        await GitRepo.GitAsync(repo.WorkFolder, "push", "--quiet", "origin", "HEAD:refs/heads/main");

        PushResult result = await PushAsync(bench,
            Request(bench, ("a", "1"), ("run", "#!/bin/sh\nexit\n")) with { Prune = true });

        Assert.Equal("100644 10 .gitattributes\n100644 55 .gitmodules\n100644 1 a\n160000 - m\n100755 15 run",
            string.Join('\n', (await repo.TreeAsync()).Split('\n')
                .Select(l => string.Join(' ', l.Split(' ', StringSplitOptions.RemoveEmptyEntries)))));
        Assert.Equal("a Keep, big.txt Delete, link Delete, run Change, sub/b Delete",
            string.Join(", ", result.Steps.Select(s => $"{s.PathInRepo} {s.Action}")));
    }

    [Fact]
    public async Task A_folder_may_become_a_file_and_a_file_a_folder()
    {
        await using GitBench bench = await GitBench.StartAsync();
        GitRepo repo = await RepoAsync(bench);

        await PushAsync(bench, Request(bench, ("a/x", "1"), ("sub", "2")) with { Prune = true });

        Assert.Equal("100644 1 a/x\n100644 1 sub", await repo.TreeAsync());
    }

    [Theory]
    [InlineData("hub GET /acme/tiny.git/info/refs?service=git-receive-pack")]
    [InlineData("hub POST /acme/tiny.git/git-receive-pack")]
    public async Task A_push_that_loses_a_race_fails_naming_both_commits_and_changes_nothing(string moment)
    {
        string theirs = "";
        GitRepo? repo = null;
        var options = new GitHostOptions();
        await using GitBench bench = await GitBench.StartAsync(options);
        repo = await RepoAsync(bench);
        string before = (await GitRepo.GitAsync(repo.BareFolder, "rev-parse", "main")).Trim();
        options.Before = async request =>
        {
            if (request == moment && theirs.Length == 0)
                theirs = await repo.CommitAsync("main", ("a", "theirs"));
        };

        string failure = await FailureAsync(bench, Request(bench, ("a", "ours")));

        Assert.Matches($"^WISE5002: acme/tiny: 'main' on 'git' moved to {theirs} while this push, which began at {before}, made "
            + $"[0-9a-f]{{40}}\\. Review the other change and push again\\.$", failure);
        Assert.Equal(theirs, (await GitRepo.GitAsync(repo.BareFolder, "rev-parse", "main")).Trim());
    }

    [Fact]
    public async Task A_branch_reset_during_the_push_is_a_lost_race_although_git_would_fast_forward()
    {
        var options = new GitHostOptions();
        await using GitBench bench = await GitBench.StartAsync(options);
        GitRepo repo = await RepoAsync(bench);
        string first = (await GitRepo.GitAsync(repo.BareFolder, "rev-parse", "main")).Trim();
        await repo.CommitAsync("main", ("a", "regretted"));
        options.Before = async request =>
        {
            if (request.EndsWith("service=git-receive-pack", StringComparison.Ordinal))
                await GitRepo.GitAsync(repo.BareFolder, "update-ref", "refs/heads/main", first);
        };

        Assert.StartsWith($"WISE5002: acme/tiny: 'main' on 'git' moved to {first} while this push",
            await FailureAsync(bench, Request(bench, ("b", "ours"))), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_push_whose_response_is_lost_after_the_host_took_the_commit_succeeds()
    {
        await using GitBench bench = await GitBench.StartAsync();
        GitRepo repo = await RepoAsync(bench);
        bench.Host.Faults.On("/git-receive-pack", new Fault.CutAfter(3), method: "POST");

        PushResult result = await PushAsync(bench, Request(bench, ("a", "ours")));

        Assert.Equal(result.Commit, (await GitRepo.GitAsync(repo.BareFolder, "rev-parse", "main")).Trim());
    }

    [Fact]
    public async Task After_a_failure_in_the_middle_the_next_push_sends_only_what_is_missing()
    {
        await using GitBench bench = await GitBench.StartAsync();
        GitRepo repo = await RepoAsync(bench);
        byte[][] contents = [RandomBytes.Of(1_100_000, 1), RandomBytes.Of(1_200_000, 2)];
        PushRequest request = Request(bench, ("1.bin", contents[0]), ("2.bin", contents[1])) with { Workers = 1 };
        FaultRule broken = bench.Host.Faults.On(RestoreBench.Sha256(contents[1]), new Fault.Status(403), int.MaxValue, "PUT");
        await Assert.ThrowsAsync<HubException>(() => PushAsync(bench, request));
        Assert.Equal("100644 1 a\n100644 20000 big.txt\n100644 1 sub/b", await repo.TreeAsync());
        Assert.True(broken.Left > 0);
        bench.Host.Faults.Clear();
        bench.Host.Requests.Clear();

        await PushAsync(bench, request);

        Assert.Equal([$"cdn PUT /{RestoreBench.Sha256(contents[1])} 200"], bench.Host.Requests.All.Where(r => r.Method == "PUT")
            .Select(r => r.ToString()));
    }

    [Fact]
    public async Task A_token_appears_in_no_process_list_file_or_log()
    {
        var options = new GitHostOptions { Login = ("oauth2", "secret-token") };
        await using GitBench bench = await GitBench.StartAsync(options);
        GitRepo repo = await RepoAsync(bench);
        bench.Project.SetEnvironment("WISEHUB_TOKEN_GIT", "secret-token");
        string[] secrets = ["secret-token", Convert.ToBase64String("oauth2:secret-token"u8)];
        var found = new List<string>();
        bool looked = false;
        options.Before = request =>
        {
            if (request != "hub POST /acme/tiny.git/git-receive-pack")
                return Task.CompletedTask;
            looked = true;
            if (OperatingSystem.IsLinux())
                found.AddRange(Directory.EnumerateDirectories("/proc").Where(p => char.IsAsciiDigit(Path.GetFileName(p)[0]))
                    .Select(p => Text(Path.Combine(p, "cmdline"))).Where(t => secrets.Any(t.Contains)));
            foreach (string folder in Directory.EnumerateDirectories(Path.GetTempPath(), "wisehub-git-*"))
                found.AddRange(Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories)
                    .Where(f => secrets.Any(Text(f).Contains)));
            return Task.CompletedTask;
        };

        await PushAsync(bench, Request(bench, ("a", "2"u8.ToArray()), ("model.bin", RandomBytes.Of(1_100_000))));

        Assert.True(looked);
        Assert.Empty(found);
        Assert.All(secrets, s => Assert.DoesNotContain(s, bench.Project.Log.Text, StringComparison.Ordinal));
        Assert.All(bench.Host.Requests.All, r => Assert.DoesNotContain("secret-token", r.Path, StringComparison.Ordinal));

        // Other tests' processes and folders come and go.
        static string Text(string file)
        {
            try
            {
                return File.ReadAllText(file);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                return "";
            }
        }
    }

    [Fact]
    public async Task The_error_for_missing_write_permission_quotes_the_host()
    {
        var options = new GitHostOptions { ReadOnly = true };
        await using GitBench bench = await GitBench.StartAsync(options);
        GitRepo repo = await RepoAsync(bench);

        Assert.Equal("WISE5007: acme/tiny on 'git' (<host>/acme/tiny.git): you have read access to the repo, but no write "
            + "access: You are not allowed to push code to this project. Set WISEHUB_TOKEN_GIT to a token with write access, or "
            + "run 'wisehub login git'.", await FailureAsync(bench, Request(bench, ("a", "2"))));
        Assert.StartsWith("WISE5007: ", await FailureAsync(bench, Request(bench, ("b", RandomBytes.Of(1_100_000)))),
            StringComparison.Ordinal);

        options.ReadOnly = false;
        repo.SetHook("pre-receive", "echo 'GL-HOOK-ERR: main is protected'; exit 1");
        Assert.Equal("WISE5040: acme/tiny on 'git' (<host>/acme/tiny.git): the host refused the push to 'main': GL-HOOK-ERR: "
            + "main is protected (pre-receive hook declined). Push to a branch that is not protected (WisePushRevision), or ask "
            + "the owner of the repo about its rules.", await FailureAsync(bench, Request(bench, ("a", "2"))));
    }

    [Fact]
    public async Task A_missing_repo_is_an_error_or_is_created_on_request()
    {
        var options = new GitHostOptions { Login = ("oauth2", "secret-token") };
        await using GitBench bench = await GitBench.StartAsync(options);
        bench.Project.SetEnvironment("WISEHUB_TOKEN_GIT", "secret-token");
        Assert.StartsWith("WISE5005: acme/tiny on 'git' (<host>/acme/tiny.git): git reports: ",
            await FailureAsync(bench, Request(bench, ("a", "1"))), StringComparison.Ordinal);
        Assert.Equal("WISE5041: acme/tiny does not exist on 'git'. WiseHub creates repos on GitHub, GitLab, Gitea and Forgejo, "
            + "but <host>/ is none of these. Create it on the pages of the host, and push again.",
            await FailureAsync(bench, Request(bench, ("a", "1")) with { CreateRepo = true }));
        foreach ((string api, string id) in ((string, string)[])[("gitea", "acme/one"), ("gitea", "team/one"),
            ("gitlab", "acme/two"), ("gitlab", "team/two")])
        {
            options.Api = api;
            PushResult result = await PushAsync(bench, Request(bench, ("a", "1")) with { RepoId = id, CreateRepo = true });
            Assert.Equal(result.Commit,
                (await GitRepo.GitAsync(Path.Combine(bench.Host.ReposFolder, id + ".git"), "rev-parse", "main")).Trim());
        }
    }

    [Fact]
    public async Task The_error_for_a_host_without_LFS_says_how_to_keep_a_file_out_of_LFS()
    {
        await using GitBench bench = await GitBench.StartAsync(new GitHostOptions { NoLfs = true });
        await RepoAsync(bench);

        string failure = await FailureAsync(bench, Request(bench, ("b.bin", RandomBytes.Of(1_100_000))));

        Assert.StartsWith("WISE2031: ", failure, StringComparison.Ordinal);
        Assert.EndsWith("To keep a file in git itself, give it '-filter' in .gitattributes.", failure, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("refs/tags/v1", false, "WISE5004: acme/tiny: 'refs/tags/v1' is not a branch")]
    [InlineData("1111111111111111111111111111111111111111", false,
        "WISE5004: acme/tiny: '1111111111111111111111111111111111111111' is not a branch")]
    [InlineData("main", true, "WISE5004: acme/tiny: 'git' is a git host, where pull requests are opened on its pages.")]
    public async Task Operations_that_git_hosts_cannot_do_are_refused_before_any_request(
        string revision, bool pullRequest, string expected)
    {
        await using GitBench bench = await GitBench.StartAsync();

        Assert.StartsWith(expected, await FailureAsync(bench,
            Request(bench, ("a", "2")) with { Revision = revision, CreatePullRequest = pullRequest }), StringComparison.Ordinal);

        Assert.Equal("", bench.Requests);
    }

    [Fact]
    public async Task Pushing_links_or_pointers_is_refused()
    {
        await using GitBench bench = await GitBench.StartAsync();
        await RepoAsync(bench);
        PushRequest request = Request(bench, ("a", "2"));
        string link = bench.Project.Temp["source/link"];
        File.CreateSymbolicLink(link, "a");

        Assert.StartsWith("WISE5004: <temp>/source/link is a symbolic link",
            await FailureAsync(bench, request with { Files = [new PushFile(link, "link")] }), StringComparison.Ordinal);
        Assert.StartsWith("WISE5004: <temp>/source/p is an LFS pointer to 1000 bytes of content",
            await FailureAsync(bench, Request(bench, ("p", bench.Host.AddLfs(RandomBytes.Of(1000))))), StringComparison.Ordinal);
    }

    [Fact]
    [Needs(Need.Unix, Because = "Hooks are shell scripts.")]
    public async Task Filters_and_hooks_in_the_git_configuration_are_not_run()
    {
        await using GitBench bench = await GitBench.StartAsync();
        GitRepo repo = await RepoAsync(bench);
        string marker = bench.Project.Temp["ran"];
        foreach (string hook in (string[])["pre-push", "pre-commit", "reference-transaction", "commit-msg"])
            SetExecutable(bench.Project.Temp.Write("hooks/" + hook, $"#!/bin/sh\ntouch {marker}\n"));
        bench.Project.SetEnvironment("GIT_CONFIG_GLOBAL", bench.Project.Temp.Write("config",
            $"[core]\n\thooksPath = {bench.Project.Temp["hooks"]}\n\tautocrlf = true\n[filter \"x\"]\n\tclean = touch {marker}\n"
            + "\trequired = true\n[commit]\n\tgpgSign = true\n[push]\n\tgpgSign = true\n"));

        await PushAsync(bench, Request(bench, (".gitattributes", "* filter=x text=auto\n"), ("crlf.txt", "a\r\nb\r\n")));

        Assert.Equal("100644 21 .gitattributes\n100644 1 a\n100644 20000 big.txt\n100644 6 crlf.txt\n100644 1 sub/b",
            string.Join('\n', (await repo.TreeAsync()).Split('\n')
                .Select(l => string.Join(' ', l.Split(' ', StringSplitOptions.RemoveEmptyEntries)))));
        Assert.False(File.Exists(marker));
    }

    [Fact]
    public async Task A_dry_run_returns_the_plan_and_writes_nothing()
    {
        await using GitBench bench = await GitBench.StartAsync();
        GitRepo repo = await RepoAsync(bench);
        string[] before = [.. Directory.EnumerateFiles(repo.BareFolder, "*", SearchOption.AllDirectories)];

        PushResult result = await PushAsync(bench, Request(bench, ("a", "2")) with { DryRun = true, Revision = "other" });

        Assert.Equal("a Change", string.Join(", ", result.Steps.Select(s => $"{s.PathInRepo} {s.Action}")));
        Assert.Equal(before, Directory.EnumerateFiles(repo.BareFolder, "*", SearchOption.AllDirectories));
    }

    [Fact]
    public async Task Over_ssh_commits_are_pushed_by_git_and_LFS_files_to_the_server_that_ssh_names()
    {
        (SshServer? server, string? missing) = await SshServer.TryStartAsync();
        Assert.SkipWhen(server is null, missing ?? "");
        await using SshServer ssh = server;
        await using GitBench bench = await GitBench.StartAsync(new GitHostOptions { Login = ("lfs", "pass") });
        GitRepo repo = await bench.Host.CreateRepoAsync(GitBench.Id);
        await repo.CommitAsync("main", ("a", "1"));
        string bare = Path.Combine(ssh.ReposFolder, "acme/tiny.git");
        Directory.CreateDirectory(Path.GetDirectoryName(bare)!);
        await GitRepo.GitAsync(ssh.ReposFolder, "clone", "--quiet", "--bare", repo.BareFolder, "acme/tiny.git");
        bench.Project.Configure($$"""
            {"defaultHub":"git","hubs":{"git":{"protocol":"git","endpoint":"{{ssh.Endpoint}}","transport":"ssh",
             "stallTimeout":3600,"totalTimeout":7200} } }
            """);
        bench.Project.SetEnvironment("GIT_SSH_COMMAND", ssh.SshCommand);
        ssh.LfsResponse = $$"""
            {"href":"{{bench.Host.Endpoint}}acme/tiny.git/info/lfs","header":{"Authorization":"Basic bGZzOnBhc3M="},
             "expires_in":600}
            """;
        bench.Host.Requests.Clear();
        byte[] content = RandomBytes.Of(1_100_000);

        PushResult result = await PushAsync(bench, Request(bench, ("a", "2"u8.ToArray()), ("model.bin", content)));

        Assert.Equal(result.Commit, (await GitRepo.GitAsync(bare, "rev-parse", "main")).Trim());
        Assert.Equal([RestoreBench.Sha256(content)], bench.Host.LfsContents);
        Assert.Equal(["hub POST", "cdn PUT", "cdn POST"], bench.Host.Requests.All.Select(r => $"{r.Origin} {r.Method}"));
        Assert.Equal("git-lfs-authenticate 'acme/tiny.git' upload", (await File.ReadAllTextAsync(ssh.LfsAsked, Cancel))
            .Replace(ssh.ReposFolder + "/", "", StringComparison.Ordinal).Trim());
    }

    [Fact]
    public async Task Cgit_behind_nginx_accepts_pushes()
    {
        (CgitServer? server, string? missing) = await CgitServer.TryStartAsync();
        Assert.SkipWhen(server is null, missing ?? "");
        await using CgitServer cgit = server;
        await using GitBench bench = await GitBench.StartAsync();
        string bare = Path.Combine(cgit.ReposFolder, "acme/tiny.git");
        Directory.CreateDirectory(bare);
        await GitRepo.GitAsync(bare, "init", "--quiet", "--bare", "--initial-branch=main");
        bench.Project.Configure($$"""
            {"defaultHub":"git","hubs":{"git":{"protocol":"git","endpoint":"{{cgit.Endpoint.OriginalString}}","stallTimeout":3600,
             "totalTimeout":7200} } }
            """);
        (string, byte[])[] files = [("a", "1"u8.ToArray()),
            ("more than a post buffer", Encoding.ASCII.GetBytes(Convert.ToBase64String(RandomBytes.Of(2_000_000))))];

        await PushAsync(bench, Request(bench, files));

        Assert.Equal(string.Join('\n', files.Select(f => Line(f.Item1, f.Item2))),
            await CloneAsync(bench, $"{cgit.Endpoint}acme/tiny.git"));
    }

    [Fact]
    public async Task With_UseGit_Wisemodel_is_pushed_to_and_read_by_git()
    {
        await using GitBench bench = await GitBench.StartAsync(new GitHostOptions { Login = ("oauth2", "git-token") });
        GitRepo repo = await bench.Host.CreateRepoAsync("codes/acme/tool");
        bench.Project.Configure($$"""
            {"defaultHub":"wm","hubs":{"wm":{"protocol":"wisemodel",
             "endpoint":"{{bench.Host.Endpoint.GetLeftPart(UriPartial.Authority)}}","stallTimeout":3600,"totalTimeout":7200} } }
            """);
        bench.Project.SetEnvironment("WISEHUB_TOKEN_WM", "git-token");
        byte[] content = RandomBytes.Of(1_100_000);
        using HubClient client = bench.NewClient(o => o with { UseGit = true });

        PushResult result = await client.PushAsync(Request(bench, ("a", "1"u8.ToArray()),
            ("b.bin", content)) with
        { RepoId = "acme/tool", RepoType = RepoType.Code }, Cancel);
        Snapshot snapshot = await client.DownloadAsync(
            new RepoReference { RepoId = "acme/tool", RepoType = RepoType.Code, Revision = "main" }, cancel: Cancel);

        Assert.Equal((result.Commit, (Uri?)null),
            ((await GitRepo.GitAsync(repo.BareFolder, "rev-parse", "main")).Trim(), result.Url));
        Assert.Equal([".gitattributes", "a", "b.bin"], snapshot.Files.Select(f => f.Path));
        Assert.Equal((result.Commit, RestoreBench.Sha256(content)), (snapshot.Commit, snapshot.Files[2].Sha256.Hex));
        Assert.DoesNotContain("git-token", bench.Project.Log.Text, StringComparison.Ordinal);
    }
}
