using System.Diagnostics;
using WiseHub.Client.Http;
using WiseHub.Client.Hubs.Git;
using WiseHub.Testing;

namespace WiseHub.Client.Tests;

/// <summary>Git hosts through the installed git, over http and ssh, checked with real servers and the real git-lfs.</summary>
[Needs(Need.Git)]
public sealed class GitTransportTests
{
    private const string ByGit = ",\"transport\":\"git\"";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(null, "tip")]
    [InlineData("feature/x", "slash")]
    [InlineData("v2", "first")]
    [InlineData("refs/pull/1/head", "first")]
    public async Task A_commit_is_fetched_with_the_installed_git(string? revision, string expected)
    {
        await using GitBench bench = await GitBench.StartAsync(more: ByGit);
        GitRepo repo = await bench.Host.CreateRepoAsync(GitBench.Id);
        await repo.CommitAsync("main", ("a", "first"), ("sub/\u00fc b", ""));
        await GitRepo.GitAsync(repo.WorkFolder, "tag", "--annotate", "--message=two", "v2");
        await GitRepo.GitAsync(repo.WorkFolder, "push", "--quiet", "origin", "v2", "HEAD:refs/pull/1/head");
        await repo.CommitAsync("main", ("a", "tip"));
        await repo.CommitAsync("feature/x", ("a", "slash"));

        Assert.Equal($"a={expected}\nsub/\u00fc b=", await bench.ContentsAsync(GitBench.Reference(revision)));

        Assert.DoesNotContain("archive", bench.Requests, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_commit_on_no_branch_is_fetched_without_history()
    {
        await using GitBench bench = await GitBench.StartAsync(more: ByGit);
        GitRepo repo = await bench.Host.CreateRepoAsync(GitBench.Id);
        string old = await repo.CommitAsync("main", ("big", RandomBytes.Of(1_000_000)));
        await repo.CommitAsync("main", ("big", RandomBytes.Of(1_000_000, 2)));

        await bench.RestoreAsync(GitBench.Reference(old));

        Assert.InRange(bench.Host.Requests.BytesSent, 1_000_000, 1_100_000);
    }

    [Fact]
    public async Task The_tool_fetches_a_repo_by_git_on_request_with_the_same_result()
    {
        await using GitBench bench = await GitBench.StartAsync();
        GitRepo repo = await bench.Host.CreateRepoAsync(GitBench.Id);
        await repo.CommitAsync("main", ("a", "1"), ("b/c", "2"));
        await repo.CommitLfsAsync("main", ("model.bin", RandomBytes.Of(100_000)));
        RestoreResult byArchive = await bench.RestoreAsync();
        using HubClient client = bench.NewClient(o => o with { UseGit = true, CacheDirectory = bench.Project.Temp["second"] });

        Snapshot byGit = await client.DownloadAsync(GitBench.Reference(), cancel: Cancel);

        Assert.Equal(byArchive.Snapshots[0].Files.Select(f => (f.Path, f.Size, f.Sha256)),
            byGit.Files.Select(f => (f.Path, f.Size, f.Sha256)));
    }

    [Fact]
    public async Task Use_git_with_another_hub_is_an_error()
    {
        using var project = new RestoreBench();
        using HubClient client = project.NewClient(o => o with { UseGit = true });

        var e = await Assert.ThrowsAsync<HubException>(
            () => client.DownloadAsync(new RepoReference { RepoId = "acme/tiny" }, cancel: Cancel));

        Assert.Equal(("WISE1027", "--use-git needs a hub that the local git can read, but the hub 'local' has the protocol "
            + "'store'. Omit --use-git, or name a hub with \"protocol\": \"wisemodel\" or \"git\"."), (e.Code, e.Message));
    }

    [Fact]
    public async Task A_private_repo_is_read_with_a_token_that_git_does_not_reveal()
    {
        await using GitBench bench =
            await GitBench.StartAsync(new GitHostOptions { Login = ("oauth2", "secret-token") }, more: ByGit);
        await (await bench.Host.CreateRepoAsync(GitBench.Id)).CommitAsync("main", ("a", "1"));
        Assert.StartsWith("WISE2005: acme/tiny on 'git' (<host>/acme/tiny.git): git reports: ", await bench.FailureAsync(),
            StringComparison.Ordinal);
        bench.Project.SetEnvironment("WISEHUB_TOKEN_GIT", "wrong");
        Assert.StartsWith("WISE2006: ", await bench.FailureAsync(), StringComparison.Ordinal);
        bench.Project.SetEnvironment("WISEHUB_TOKEN_GIT", "secret-token");

        Assert.Equal("a=1", await bench.ContentsAsync());

        Assert.DoesNotContain("secret-token", bench.Project.Log.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_token_is_passed_to_git_in_the_environment_and_not_in_arguments()
    {
        var git = new GitTool(TestEnvironment.Empty);

        ProcessStartInfo start = git.Describe(Environment.ProcessPath!, ["fetch"], new GitRun
        {
            Url = "https://git.example.org:8443/x/acme/tiny.git",
            Credential = Credential.Basic(new Uri("https://git.example.org:8443/x"), "oauth2", "secret-token"),
        });

        Assert.Equal(["fetch"], start.ArgumentList);
        // The empty one ends what the user's own configuration lists.
        Assert.Equal(["2", "http.https://git.example.org:8443/x/acme/tiny.git.extraHeader=",
            "http.https://git.example.org:8443/x/acme/tiny.git.extraHeader=Authorization: Basic b2F1dGgyOnNlY3JldC10b2tlbg=="],
            [start.Environment["GIT_CONFIG_COUNT"]!, .. Enumerable.Range(0, 2)
                .Select(i => $"{start.Environment[$"GIT_CONFIG_KEY_{i}"]}={start.Environment[$"GIT_CONFIG_VALUE_{i}"]}")]);
        Assert.Equal("0", start.Environment["GIT_TERMINAL_PROMPT"]);
    }

    [Fact]
    public async Task Errors_of_the_git_transport_quote_git()
    {
        await using GitBench bench = await GitBench.StartAsync(more: ByGit);
        await (await bench.Host.CreateRepoAsync(GitBench.Id)).CommitAsync("main", ("a", "1"));
        await bench.Host.CreateRepoAsync("acme/empty");

        Assert.StartsWith("WISE2002: acme/none on 'git' (<host>/acme/none.git): git reports: ",
            await bench.FailureAsync(GitBench.Reference(id: "acme/none")), StringComparison.Ordinal);
        Assert.StartsWith("WISE2003: acme/tiny on 'git' has no branch or tag 'nope'.",
            await bench.FailureAsync(GitBench.Reference("nope")), StringComparison.Ordinal);
        Assert.StartsWith("WISE2003: acme/empty on 'git' has no commit yet.",
            await bench.FailureAsync(GitBench.Reference(id: "acme/empty")), StringComparison.Ordinal);
        Assert.Matches("^WISE2003: acme/tiny on 'git' \\(<host>/\\) has no commit 1111… \\(\".*\"\\)\\. If it existed before, "
            + "the history was rewritten \\(squashed or force-pushed\\)",
            await bench.FailureAsync(GitBench.Reference(new string('1', 40))));
        bench.Project.Configure("""
            {"defaultHub":"git","hubs":{"git":{"protocol":"git","endpoint":"http://127.0.0.1:1","transport":"git",
             "stallTimeout":3600,"totalTimeout":7200} } }
            """);
        Assert.StartsWith("WISE2001: ", await bench.FailureAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Hooks_and_other_protocols_in_the_git_configuration_are_not_run()
    {
        await using GitBench bench = await GitBench.StartAsync(more: ByGit);
        await (await bench.Host.CreateRepoAsync(GitBench.Id)).CommitAsync("main", ("a", "1"));
        string marker = bench.Project.Temp["ran"];
        foreach (string hook in (string[])["reference-transaction", "post-checkout", "post-merge"])
        {
            string file = bench.Project.Temp.Write("hooks/" + hook, $"#!/bin/sh\ntouch {marker}\n");
            if (!OperatingSystem.IsWindows())
                File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        }
        bench.Project.SetEnvironment("GIT_CONFIG_GLOBAL",
            bench.Project.Temp.Write("config", $"[core]\n\thooksPath = {bench.Project.Temp["hooks"]}\n"));
        Assert.Equal("a=1", await bench.ContentsAsync());

        Directory.Delete(bench.Project.Cache, recursive: true);
        bench.Project.SetEnvironment("GIT_CONFIG_GLOBAL",
            bench.Project.Temp.Write("config", $"[url \"ext::sh -c touch% {marker}% \"]\n\tinsteadOf = {bench.Host.Endpoint}\n"));
        Assert.StartsWith("WISE2032: ", await bench.FailureAsync(GitBench.Reference("main")), StringComparison.Ordinal);

        Assert.False(File.Exists(marker));
    }

    [Fact]
    public async Task No_temporary_files_are_left()
    {
        string[] before = Directory.GetDirectories(Path.GetTempPath(), "wisehub-git-*");
        var git = new GitTool(TestEnvironment.With(name => name == "PATH" ? Environment.GetEnvironmentVariable(name)
            : GitRepo.Environment.GetValueOrDefault(name)));
        await using GitBench bench = await GitBench.StartAsync();
        string commit = await (await bench.Host.CreateRepoAsync(GitBench.Id)).CommitAsync("main", ("a", "1"));
        string made;
        using (GitRepository repository = await GitRepository.FetchAsync(git, $"{bench.Host.Endpoint}acme/tiny.git", commit, null,
            TimeSpan.FromSeconds(15), Cancel))
        {
            made = repository.Folder;
            using Stream one = await repository.OpenAsync(repository.Files[0], Cancel);
            Assert.True(Directory.Exists(made));
        }

        Assert.False(Directory.Exists(made));
        Assert.DoesNotContain(made, before);
    }

    [Fact]
    [Needs(Need.GitLfs)]
    public async Task Pointers_made_by_git_lfs_are_restored_to_the_files_that_it_checks_out()
    {
        await using GitBench bench = await GitBench.StartAsync();
        GitRepo repo = await bench.Host.CreateRepoAsync(GitBench.Id);
        string[] filters = ["-c", "filter.lfs.clean=git-lfs clean -- %f", "-c", "filter.lfs.smudge=git-lfs smudge -- %f",
            "-c", "filter.lfs.process=git-lfs filter-process", "-c", "filter.lfs.required=true"];
        byte[] content = RandomBytes.Of(300_000);
        await File.WriteAllTextAsync(Path.Combine(repo.WorkFolder, ".gitattributes"),
            "*.bin filter=lfs diff=lfs merge=lfs -text\n", Cancel);
        await File.WriteAllBytesAsync(Path.Combine(repo.WorkFolder, "model.bin"), content, Cancel);
        await GitRepo.GitAsync(repo.WorkFolder, [.. filters, "add", "--all"]);
        await GitRepo.GitAsync(repo.WorkFolder, [.. filters, "commit", "--quiet", "--message=lfs"]);
        await GitRepo.GitAsync(repo.WorkFolder, "push", "--quiet", "origin", "HEAD:refs/heads/main");
        bench.Host.AddLfs(content);
        var environment = new Dictionary<string, string?>(GitRepo.Environment) { ["GIT_LFS_SKIP_SMUDGE"] = null };
        ProcessResult clone = await ProcessRunner.RunAsync("git", [.. filters, "clone", "--quiet",
            $"{bench.Host.Endpoint}acme/tiny.git", "theirs"], bench.Project.Temp.Path, environment);
        Assert.True(clone.ExitCode == 0, clone.Error);

        RestoreResult ours = await bench.RestoreAsync();

        Assert.Equal([".gitattributes", "model.bin"], ours.Snapshots[0].Files.Select(f => f.Path));
        Assert.All(ours.Snapshots[0].Files, f => Assert.Equal(
            RestoreBench.Sha256(File.ReadAllBytes(Path.Combine(bench.Project.Temp["theirs"], f.Path))), f.Sha256.Hex));
    }

    [Fact]
    public async Task Over_ssh_a_commit_is_fetched_by_git_and_LFS_files_from_the_server_that_ssh_names()
    {
        (SshServer? server, string? missing) = await SshServer.TryStartAsync();
        Assert.SkipWhen(server is null, missing ?? "");
        await using SshServer ssh = server;
        await using GitBench bench = await GitBench.StartAsync(new GitHostOptions { Login = ("lfs", "pass") });
        byte[] content = RandomBytes.Of(200_000);
        GitRepo repo = await bench.Host.CreateRepoAsync(GitBench.Id);
        await repo.CommitAsync("feature/x", ("a", "1"));
        await repo.CommitLfsAsync("feature/x", ("model.bin", content));
        Directory.CreateDirectory(Path.Combine(ssh.ReposFolder, "acme"));
        await GitRepo.GitAsync(ssh.ReposFolder, "clone", "--quiet", "--bare", repo.BareFolder, "acme/tiny.git");
        bench.Project.Configure($$"""
            {"defaultHub":"git","hubs":{"git":{"protocol":"git","endpoint":"{{ssh.Endpoint}}","transport":"ssh",
             "stallTimeout":3600,"totalTimeout":7200} } }
            """);
        bench.Project.SetEnvironment("GIT_SSH_COMMAND", ssh.SshCommandOfAStranger);
        Assert.StartsWith("WISE2006: ", await bench.FailureAsync(GitBench.Reference("feature/x")), StringComparison.Ordinal);
        bench.Project.SetEnvironment("GIT_SSH_COMMAND", ssh.SshCommandThatDoesNotKnowTheHost);
        Assert.Contains("Host key verification failed", await bench.FailureAsync(GitBench.Reference("feature/x")),
            StringComparison.Ordinal);
        bench.Project.SetEnvironment("GIT_SSH_COMMAND", ssh.SshCommand);
        Assert.StartsWith("WISE2031: acme/tiny on 'git': ssh git-lfs-authenticate failed: ",
            await bench.FailureAsync(GitBench.Reference("feature/x")), StringComparison.Ordinal);
        ssh.LfsResponse = $$"""
            {"href":"{{bench.Host.Endpoint}}acme/tiny.git/info/lfs","header":{"Authorization":"Basic bGZzOnBhc3M="},
             "expires_in":600}
            """;
        bench.Host.Requests.Clear();

        RestoreResult result = await bench.RestoreAsync(GitBench.Reference("feature/x"));

        Assert.Equal(["a", "model.bin"], result.Snapshots[0].Files.Select(f => f.Path));
        Assert.Equal(RestoreBench.Sha256(content), result.Snapshots[0].Files[1].Sha256.Hex);
        Assert.Equal(["hub POST", "cdn GET"], bench.Host.Requests.All.Select(r => $"{r.Origin} {r.Method}"));
        Assert.StartsWith("WISE2002: ", await bench.FailureAsync(GitBench.Reference(id: "acme/none")), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("https")]
    [InlineData("git")]
    public async Task Cgit_behind_nginx_is_read_by_archive_and_by_git(string transport)
    {
        (CgitServer? server, string? missing) = await CgitServer.TryStartAsync();
        Assert.SkipWhen(server is null, missing ?? "");
        await using CgitServer cgit = server;
        await using GitBench bench = await GitBench.StartAsync();
        GitRepo repo = await bench.Host.CreateRepoAsync(GitBench.Id);
        string commit = await repo.CommitAsync("main", ("a", "1"), ("b/c", new string('2', 10_000)), ("empty", ""));
        Directory.CreateDirectory(Path.Combine(cgit.ReposFolder, "acme"));
        await GitRepo.GitAsync(cgit.ReposFolder, "clone", "--quiet", "--bare", repo.BareFolder, "acme/tiny.git");
        await GitRepo.GitAsync(Path.Combine(cgit.ReposFolder, "acme/tiny.git"), "config", "uploadpack.allowFilter", "true");
        string Config(Uri endpoint) => $$"""
            {"defaultHub":"git","hubs":{"git":{"protocol":"git","endpoint":"{{endpoint.OriginalString}}",
             "transport":"{{transport}}","archive":"{{CgitServer.ArchiveTemplate}}","retries":1,"stallTimeout":3600,
              "totalTimeout":7200} } }
            """;
        bench.Project.Configure(Config(cgit.UntrustedEndpoint));
        // What git says of a certificate is one of its many sentences.
        Assert.StartsWith(transport == "https" ? "WISE2080: " : "WISE2001: ", await bench.FailureAsync(),
            StringComparison.Ordinal);
        bench.Project.Configure(Config(cgit.Endpoint));

        Assert.Equal($"a=1\nb/c={new string('2', 10_000)}\nempty=", await bench.ContentsAsync());

        if (transport == "https")
            Assert.Equal(["GET /acme/tiny.git/info/refs 200", "POST /acme/tiny.git/git-upload-pack 200",
                $"GET /cgit/acme/tiny.git/snapshot/tiny-{commit}.zip 200"],
                (await cgit.RequestsAsync()).Where(l => !l.Contains("/none", StringComparison.Ordinal)));
    }
}
