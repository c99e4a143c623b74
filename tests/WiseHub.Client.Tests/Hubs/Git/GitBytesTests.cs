using System.Text;
using WiseHub.Client.Hubs.Git;
using WiseHub.Testing;

namespace WiseHub.Client.Tests;

/// <summary>
/// Files have the bytes of their blobs, with any attributes, hosts and protocols, and the names in the tree.
/// </summary>
[Needs(Need.Git)]
public sealed class GitBytesTests
{
    private const string ByGit = ",\"transport\":\"git\"";

    // Larger than what comes with the file list.
    private static readonly string Large = string.Concat(Enumerable.Range(0, 400).Select(i => $"line {i} $Id$ $Format:%H$\n"));

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>Adds a blob to the next commit exactly as it is, whatever attributes say.</summary>
    private static async Task StageAsync(GitRepo repo, string path, byte[] content)
    {
        string file = Path.Combine(repo.WorkFolder, "..", Guid.NewGuid().ToString("N"));
        await File.WriteAllBytesAsync(file, content, Cancel);
        string oid = (await GitRepo.GitAsync(repo.WorkFolder, "hash-object", "-w", "--no-filters", file)).Trim();
        await GitRepo.GitAsync(repo.WorkFolder, "update-index", "--add", "--cacheinfo", $"100644,{oid},{path}");
    }

    private static Task StageAsync(GitRepo repo, string path, string text) =>
        StageAsync(repo, path, Encoding.UTF8.GetBytes(text));

    private static async Task<string> CommitAsync(GitRepo repo)
    {
        await GitRepo.GitAsync(repo.WorkFolder, "commit", "--quiet", "--message=staged");
        await GitRepo.GitAsync(repo.WorkFolder, "push", "--quiet", "origin", "HEAD:refs/heads/main");
        return (await GitRepo.GitAsync(repo.WorkFolder, "rev-parse", "HEAD")).Trim();
    }

    /// <summary>A repo in which every attribute that changes an archive or a working copy changes some file.</summary>
    private static async Task<Dictionary<string, byte[]>> CommitAttributesAsync(GitRepo repo)
    {
        Dictionary<string, byte[]> files = new(StringComparer.Ordinal);
        foreach (string name in (string[])["eol.txt", "auto.txt", "ident.txt", "utf16.txt", "subst.txt", "hidden.txt",
            "hidden/deep.txt", "macro.txt", "filtered.txt", "host.txt", "plain.bin", "sub/nested.txt"])
            files[name] = Encoding.UTF8.GetBytes($"{name}\n{Large}");
        files["small-hidden.txt"] = "small $Format:%H$\n"u8.ToArray();
        files[".gitattributes"] = Encoding.UTF8.GetBytes("""
            [attr]secret export-ignore
            eol.txt text eol=crlf
            auto.txt text=auto eol=crlf
            ident.txt ident
            utf16.txt text working-tree-encoding=UTF-16LE
            subst.txt export-subst
            hidden.txt export-ignore
            hidden export-ignore
            macro.txt secret
            filtered.txt filter=upper
            small-hidden.txt export-ignore

            """);
        files["sub/.gitattributes"] = "*.txt export-subst eol=crlf\n"u8.ToArray();
        foreach ((string path, byte[] content) in files)
            await StageAsync(repo, path, content);
        await CommitAsync(repo);
        // What only the host knows.
        Directory.CreateDirectory(Path.Combine(repo.BareFolder, "info"));
        await File.WriteAllTextAsync(Path.Combine(repo.BareFolder, "info/attributes"), "host.txt export-ignore\n", Cancel);
        await GitRepo.GitAsync(repo.BareFolder, "config", "filter.upper.smudge", "tr a-z A-Z");
        await GitRepo.GitAsync(repo.BareFolder, "config", "core.autocrlf", "true");
        return files;
    }

    [Fact]
    public async Task Attributes_and_host_settings_change_no_byte_and_both_transports_lock_alike()
    {
        await using GitBench bench = await GitBench.StartAsync();
        GitRepo repo = await bench.Host.CreateRepoAsync(GitBench.Id);
        Dictionary<string, byte[]> files = await CommitAttributesAsync(repo);
        string expected = string.Join('\n', files.OrderBy(f => f.Key, Utf8Ordinal.Instance)
            .Select(f => $"{f.Key} {f.Value.Length} {RestoreBench.Sha256(f.Value)}"));
        static string Shown(RestoreResult result) =>
            string.Join('\n', result.Snapshots[0].Files.Select(f => $"{f.Path} {f.Size} {f.Sha256}"));

        Assert.Equal(expected, Shown(await bench.RestoreAsync(GitBench.Reference("main"))));

        string locked = bench.Project.LockText;
        // The file list, the archive, and what the archive does not have as it is, all in one question.
        Assert.Equal(["GET 200", "POST 200", "GET 200", "POST 200"],
            bench.Host.Requests.All.Select(r => $"{r.Method} {r.Status}"));
        Assert.Contains("of 12 files as git stores them (attributes such as eol, "
            + "ident and export-ignore change archives).", bench.Project.Log.Text, StringComparison.Ordinal);
        bench.Configure(ByGit);
        Directory.Delete(bench.Project.Cache, recursive: true);
        using (HubClient client = bench.NewClient())
            Assert.Equal(expected, Shown(await client.RestoreAsync(
                bench.Project.Request(GitBench.Reference("main")) with { Locked = true }, Cancel)));
        File.Delete(bench.Project.LockFile);
        Directory.Delete(bench.Project.Cache, recursive: true);
        Assert.Equal(expected, Shown(await bench.RestoreAsync(GitBench.Reference("main"))));
        Assert.Equal(locked, bench.Project.LockText);
    }

    [Fact]
    public async Task A_lock_file_made_with_the_git_transport_is_restored_by_https()
    {
        await using GitBench bench = await GitBench.StartAsync(more: ByGit);
        GitRepo repo = await bench.Host.CreateRepoAsync(GitBench.Id);
        Dictionary<string, byte[]> files = await CommitAttributesAsync(repo);
        await bench.RestoreAsync(GitBench.Reference("main"));
        bench.Configure("");
        Directory.Delete(bench.Project.Cache, recursive: true);
        bench.Host.Requests.Clear();

        using HubClient client = bench.NewClient();
        RestoreResult result =
            await client.RestoreAsync(bench.Project.Request(GitBench.Reference("main")) with { Locked = true }, Cancel);

        Assert.Equal(files.OrderBy(f => f.Key, Utf8Ordinal.Instance).Select(f => RestoreBench.Sha256(f.Value)),
            result.Snapshots[0].Files.Select(f => f.Sha256.Hex));
        Assert.Equal(["POST 200", "GET 200", "POST 200"], bench.Host.Requests.All.Select(r => $"{r.Method} {r.Status}"));
    }

    [Fact]
    public async Task Selected_large_files_are_fetched_without_an_archive_of_the_whole_commit()
    {
        await using GitBench bench = await GitBench.StartAsync();
        byte[] other = RandomBytes.Of(1_000_000);
        await (await bench.Host.CreateRepoAsync(GitBench.Id))
            .CommitAsync("main", ("a.txt", Encoding.UTF8.GetBytes(Large)), ("other.bin", other), ("small", "1"u8.ToArray()));

        Assert.Equal("a.txt=" + Large,
            await bench.ContentsAsync(GitBench.Reference() with { Files = new FileSelection(["*.txt"], []) }));

        Assert.Equal(["GET", "POST", "POST"], bench.Host.Requests.All.Select(r => r.Method));
        Assert.InRange(bench.Host.Requests.BytesSent, 1, 20_000);
    }

    [Theory]
    [InlineData(false, false, "GET POST POST")]
    [InlineData(true, true, "GET POST POST POST")]
    public async Task A_host_without_filters_or_protocol_v2_sends_the_whole_commit(
        bool isOld, bool filters, string requests)
    {
        await using GitBench bench = await GitBench.StartAsync(new GitHostOptions { OldProtocol = isOld });
        GitRepo repo = await bench.Host.CreateRepoAsync(GitBench.Id);
        await GitRepo.GitAsync(repo.BareFolder, "config", "uploadpack.allowFilter", filters ? "true" : "false");
        await repo.CommitAsync("main", ("a", "history"));
        await repo.CommitAsync("main", ("a", Large), ("b", "2"));

        Assert.Equal($"a={Large}\nb=2", await bench.ContentsAsync());

        Assert.Equal(requests, string.Join(' ', bench.Host.Requests.All.Select(r => r.Method)));
        Assert.DoesNotContain("with git …", bench.Project.Log.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_error_for_a_commit_lost_by_the_host_has_cause_and_remedy()
    {
        await using GitBench bench = await GitBench.StartAsync();
        GitRepo repo = await bench.Host.CreateRepoAsync(GitBench.Id);
        string old = await repo.CommitAsync("main", ("a", Large));
        await bench.RestoreAsync(GitBench.Reference("main"));
        await GitRepo.GitAsync(repo.WorkFolder, "commit", "--quiet", "--amend", "--message=squashed");
        await GitRepo.GitAsync(repo.WorkFolder, "push", "--quiet", "--force", "origin", "HEAD:refs/heads/main");
        await GitRepo.GitAsync(repo.BareFolder, "-c", "gc.pruneExpire=now", "gc", "--quiet");
        Directory.Delete(bench.Project.Cache, recursive: true);

        string failure = await bench.FailureAsync(GitBench.Reference("main"));

        Assert.StartsWith(
            $"WISE2084: acme/tiny: the hub no longer has commit {old[..4]}… of the lock file: ", failure,
            StringComparison.Ordinal);
        Assert.Contains($"The hub said: acme/tiny on 'git' (<host>/) has no commit {old[..4]}… (\"upload-pack: not our ref",
            failure, StringComparison.Ordinal);
        Assert.EndsWith("To move to the current commit, run WiseUpdate (wisehub update) and review the change of the lock file. "
            + "To keep the locked commit, push it to a mirror from a machine whose cache has it (wisehub mirror push).",
            failure, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_truncated_pack_is_requested_again()
    {
        await using GitBench bench = await GitBench.StartAsync(new GitHostOptions { ArchiveForm = null });
        byte[] content = RandomBytes.Of(300_000);
        await (await bench.Host.CreateRepoAsync(GitBench.Id)).CommitAsync("main", ("a", content));
        bench.Host.Faults.On("git-upload-pack", new Fault.CutAfter(100));

        RestoreResult result = await bench.RestoreAsync(GitBench.Reference("main"));

        Assert.Equal(RestoreBench.Sha256(content), result.Snapshots[0].Files[0].Sha256.Hex);
    }

    [Fact]
    [Needs(Need.Unix)]
    public async Task Every_object_of_a_pack_with_both_kinds_of_deltas_is_read()
    {
        using var temp = new TempFolder();
        string folder = temp["repo"];
        Directory.CreateDirectory(folder);
        await GitRepo.GitAsync(folder, "init", "--quiet", "--template=", ".");
        var random = new Random(7);
        List<string> lines = [.. Enumerable.Range(0, 3000).Select(i => $"{i} {random.Next()}")];
        for (int i = 0; i < 12; i++)
        {
            lines[random.Next(lines.Count)] = $"changed {i}";
            await File.WriteAllTextAsync(Path.Combine(folder, $"file{i % 3}.txt"), string.Join('\n', lines), Cancel);
            await File.WriteAllBytesAsync(Path.Combine(folder, "empty"), [], Cancel);
            await GitRepo.GitAsync(folder, "add", "--all");
            await GitRepo.GitAsync(folder, "commit", "--quiet", $"--message=commit {i}");
        }
        string[] all = [.. (await GitRepo.GitAsync(folder, "rev-list", "--objects", "--all"))
            .Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => l.Split(' ')[0])];
        await File.WriteAllLinesAsync(temp["ids"], all, Cancel);
        foreach (string kind in (string[])["--delta-base-offset", "--no-delta-base-offset"])
        {
            string shell = "git pack-objects --window=20 --depth=20 --no-reuse-delta --stdout --quiet "
                + $"{(kind[2] == 'n' ? "" : kind)} < '{temp["ids"]}' > '{temp[kind]}'";
            ProcessResult packed = await ProcessRunner.RunAsync("sh", ["-c", shell], folder, GitRepo.Environment);
            Assert.True(packed.ExitCode == 0, packed.Error);

            GitPack pack = GitPack.Open(temp[kind], default, isSha256: false, Cancel);

            foreach (string oid in all)
            {
                string type = (await GitRepo.GitAsync(folder, "cat-file", "-t", oid)).Trim();
                if (type != "blob")
                {
                    Assert.NotNull(pack.ReadListing(oid));
                    continue;
                }
                using Stream stream = pack.OpenBlob(oid);
                using var content = new MemoryStream();
                await stream.CopyToAsync(content, Cancel);
                Assert.Equal(content.Length, pack.SizeOf(oid));
                Assert.True(GitBlobId.Is(oid, content.Length, () => new MemoryStream(content.ToArray()), Cancel));
            }
            byte[] bytes = await File.ReadAllBytesAsync(temp[kind], Cancel);
            // A pack that is cut, or has a wrong byte, is refused, or lacks the object; never does it give other bytes.
            for (int i = 0; i < 60; i++)
            {
                byte[] damaged = i % 2 == 0 ? bytes[..random.Next(bytes.Length)] : [.. bytes];
                if (i % 2 == 1)
                    damaged[random.Next(12, damaged.Length - 20)] ^= (byte)(1 << random.Next(8));
                await File.WriteAllBytesAsync(temp["damaged"], damaged, Cancel);
                Assert.Throws<FormatException>(() =>
                {
                    GitPack read = GitPack.Open(temp["damaged"], default, isSha256: false, Cancel);
                    if (all.Any(o => read.SizeOf(o) is null && read.ReadListing(o) is null))
                        throw new FormatException("an object is missing");
                });
            }
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData(ByGit)]
    [Needs(Need.Unix)]
    public async Task All_names_that_are_not_UTF_8_are_reported_and_patterns_exclude_them(string transport)
    {
        await using GitBench bench = await GitBench.StartAsync(more: transport);
        GitRepo repo = await bench.Host.CreateRepoAsync(GitBench.Id);
        await repo.CommitAsync("main", ("good", "1"));
        string oid = (await GitRepo.GitAsync(repo.WorkFolder, "rev-parse", "HEAD:good")).Trim();
        // One line for each: the bytes E8 and E9 are not UTF-8.
        ProcessResult staged = await ProcessRunner.RunAsync("sh", ["-c",
            $@"printf '100644 {oid}\tcaf\351.txt\000100644 {oid}\tcaf\350.txt\000100644 {oid}\td\351r/x\000' | git "
            + @"update-index -z --index-info"], repo.WorkFolder, GitRepo.Environment);
        Assert.True(staged.ExitCode == 0, staged.Error);
        await CommitAsync(repo);

        string failure = await bench.FailureAsync();

        const string Reason = "(it is not UTF-8 ('\uFFFD' marks the other bytes))";
        Assert.Equal($"WISE3003: acme/tiny: 3 file names cannot be used: 'caf\uFFFDE8.txt' {Reason}, 'caf\uFFFDE9.txt' {Reason}, "
            + $"'d\uFFFDE9r/x' {Reason}. Leave the files out with IgnorePatterns, or ask the owner of the repo to rename them.",
            failure);
        Assert.Equal("good=1",
            await bench.ContentsAsync(GitBench.Reference() with { Files = new FileSelection([], ["caf*", "d?*r/*"]) }));
    }

    [Fact]
    public async Task The_remedy_names_the_exclude_option_of_the_program()
    {
        await using GitBench bench = await GitBench.StartAsync();
        await (await bench.Host.CreateRepoAsync(GitBench.Id)).CommitAsync("main", ("aux.txt", "1"));
        foreach (string option in (string[])["--exclude", new HubClientOptions().ExcludeOption])
        {
            using HubClient client = bench.NewClient(o => o with { ExcludeOption = option });
            HubException e = await Assert.ThrowsAsync<HubException>(
                () => client.RestoreAsync(bench.Project.Request(GitBench.Reference()), Cancel));
            Assert.EndsWith($"Leave the file out with {option}, or ask the owner of the repo to rename it.", e.Message,
                StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Of_many_invalid_names_five_and_the_number_of_others_are_reported()
    {
        await using GitBench bench = await GitBench.StartAsync();
        await (await bench.Host.CreateRepoAsync(GitBench.Id))
            .CommitAsync("main", [.. Enumerable.Range(10, 15).Select(i => ($"a{i}.", "1"))]);

        string failure = await bench.FailureAsync();

        Assert.StartsWith("WISE3003: acme/tiny: 15 file names cannot be used: 'a10.' ('a10.' ends in a dot or "
            + "space, which Windows drops), ", failure, StringComparison.Ordinal);
        Assert.Contains("'a14.' ('a14.' ends in a dot or space, which Windows drops) and 10 more. "
            + "Leave the files out with IgnorePatterns", failure, StringComparison.Ordinal);
    }

    [Fact]
    [Needs(Need.Linux)]
    public async Task A_push_reports_all_names_that_are_not_UTF_8_and_patterns_exclude_them()
    {
        using var temp = new TempFolder();
        temp.Write("set/good", "1");
        ProcessResult made = await ProcessRunner.RunAsync("sh", ["-c", @"printf 1 > ""$(printf 'caf\351')""; "
            + @"printf 1 > ""$(printf 'caf\350')""; mkdir ""$(printf 'd\351r')"""], temp["set"]);
        Assert.True(made.ExitCode == 0, made.Error);

        HubException e = Assert.Throws<HubException>(() => PushSet.FromFolder(temp["set"]));

        Assert.Equal(("WISE3003", $"{temp["set"]} has 3 names with bytes that are not UTF-8 (shown as '\uFFFD'): "
            + "'caf\uFFFD', 'caf\uFFFD', 'd\uFFFDr/'. Rename them, or exclude them with an ignore pattern such as '*\uFFFD*'."),
            (e.Code, e.Message));
        Assert.Equal(["good"],
            PushSet.FromFolder(temp["set"], selection: new FileSelection([], ["*\uFFFD*"])).Select(f => f.PathInRepo));
        // .NET does not find them, and could not delete them.
        await ProcessRunner.RunAsync("rm", ["-r", temp["set"]], temp.Path);
    }

    [Fact]
    public async Task The_token_replaces_an_Authorization_header_of_the_users_git_configuration()
    {
        await using GitBench bench =
            await GitBench.StartAsync(new GitHostOptions { Login = ("oauth2", "secret-token") }, more: ByGit);
        await (await bench.Host.CreateRepoAsync(GitBench.Id)).CommitAsync("main", ("a", "1"));
        string host = bench.Host.Endpoint.GetLeftPart(UriPartial.Authority);
        bench.Project.SetEnvironment("WISEHUB_TOKEN_GIT", "secret-token");
        bench.Project.SetEnvironment("GIT_CONFIG_GLOBAL", bench.Project.Temp.Write("config", $"""
            [http]
                extraHeader = Authorization: Basic b3RoZXI6b3RoZXI=
            [http "{host}/"]
                extraHeader = Authorization: Basic b3RoZXI6b3RoZXI=
            [http "{host}/acme"]
                extraHeader = Authorization: Basic b3RoZXI6b3RoZXI=
            [http "{host}/acme/tiny.git"]
                extraHeader = Authorization: Basic b3RoZXI6b3RoZXI=

            """));

        Assert.Equal("a=1", await bench.ContentsAsync());

        Assert.All(bench.Host.Requests.All,
            r => Assert.Equal((200, "Basic b2F1dGgyOnNlY3JldC10b2tlbg=="), (r.Status, r.Headers["Authorization"])));
    }

    [Fact]
    public async Task Git_uses_the_certificates_of_SSL_CERT_FILE_unless_it_has_its_own()
    {
        (CgitServer? server, string? missing) = await CgitServer.TryStartAsync();
        Assert.SkipWhen(server is null, missing ?? "");
        await using CgitServer cgit = server;
        await using GitBench bench = await GitBench.StartAsync();
        GitRepo repo = await bench.Host.CreateRepoAsync(GitBench.Id);
        await repo.CommitAsync("main", ("a", "1"));
        Directory.CreateDirectory(Path.Combine(cgit.ReposFolder, "acme"));
        await GitRepo.GitAsync(cgit.ReposFolder, "clone", "--quiet", "--bare", repo.BareFolder, "acme/tiny.git");
        bench.Project.Configure($$"""
            {"defaultHub":"git","hubs":{"git":{"protocol":"git","endpoint":"{{cgit.UntrustedEndpoint.OriginalString}}",
             "transport":"git","retries":1,"stallTimeout":3600,"totalTimeout":7200} } }
            """);
        Assert.StartsWith("WISE2001: ", await bench.FailureAsync(), StringComparison.Ordinal);

        bench.Project.SetEnvironment("SSL_CERT_FILE", cgit.CertificateFile);
        Assert.Equal("a=1", await bench.ContentsAsync());

        Directory.Delete(bench.Project.Cache, recursive: true);
        bench.Project.SetEnvironment("GIT_CONFIG_GLOBAL",
            bench.Project.Temp.Write("config", $"[http]\n\tsslCAInfo = {bench.Project.Temp.Write("none.pem", "")}\n"));
        Assert.StartsWith("WISE2001: ", await bench.FailureAsync(), StringComparison.Ordinal);
        bench.Project.SetEnvironment("GIT_CONFIG_GLOBAL", bench.Project.Temp.Write("config", ""));
        bench.Project.SetEnvironment("GIT_SSL_CAINFO", bench.Project.Temp["none.pem"]);
        Assert.StartsWith("WISE2001: ", await bench.FailureAsync(), StringComparison.Ordinal);
        bench.Project.SetEnvironment("SSL_CERT_FILE", bench.Project.Temp["not-there.pem"]);
        bench.Project.SetEnvironment("GIT_SSL_CAINFO", cgit.CertificateFile);
        Assert.Equal("a=1", await bench.ContentsAsync());
    }
}
