using System.Globalization;
using System.Text;
using System.Text.Json;
using WiseHub.Client.Contents;
using WiseHub.Client.Hubs.Wisemodel;
using WiseHub.Testing;

namespace WiseHub.Client.Tests;

/// <summary>
/// Pushes through Wisemodel's gateway (docs/protocols/wisemodel.md#uploads), with each fault named in its last section.
/// </summary>
public sealed class WisemodelPushTests : IAsyncLifetime
{
    private const int Chunk = 64 << 10;

    private HubBench _bench = null!;
    private TestRepo _repo = null!;

    public async ValueTask InitializeAsync()
    {
        _bench = await HubBench.StartWisemodelInStepAsync();
        _repo = _bench.Repo((".gitattributes", "*.bin filter=lfs"), ("old.txt", "old"));
        using HubClient client = _bench.NewClient();
        await client.Accounts.LoginAsync(new HubPasswordLogin("wm", "tester", Hub.Password));
    }

    public ValueTask DisposeAsync() => _bench.DisposeAsync();

    private TestHub Hub => _bench.Hub;

    private WisemodelOptions Options => _bench.Hub.Wisemodel;

    private string Memory => _bench.Project.Temp["obj/push.json"];

    private bool _isSomebodyThere = true;

    private async Task LogOutAsync()
    {
        using HubClient client = _bench.NewClient();
        await client.Accounts.LogoutAsync("wm");
    }

    /// <summary>Writes the files into a folder of sources; those of one test keep their place.</summary>
    private PushRequest Request(params (string Path, byte[] Content)[] files) => new()
    {
        RepoId = HubBench.Id,
        Message = "add",
        Workers = 1,
        MemoryFile = Memory,
        Files = [.. files.Select(f => new PushFile(Write(f.Path, f.Content), f.Path))],
    };

    private PushRequest Request(params (string Path, string Text)[] files) =>
        Request([.. files.Select(f => (f.Path, Encoding.UTF8.GetBytes(f.Text)))]);

    private string Write(string path, byte[] content)
    {
        string full = _bench.Project.Temp["source/" + path];
        Directory.CreateDirectory(Path.GetDirectoryName(full)!);
        if (!File.Exists(full) || !File.ReadAllBytes(full).AsSpan().SequenceEqual(content))
            File.WriteAllBytes(full, content);
        // What was written a moment ago is not remembered.
        File.SetLastWriteTimeUtc(full, DateTime.UnixEpoch.AddDays(1 + (content.Length > 0 ? content[0] : 0)));
        return full;
    }

    private static byte[] Bytes(int size, int seed = 1) => RandomBytes.Of(size, seed);

    private async Task<PushResult> PushAsync(PushRequest request)
    {
        Forget();
        using HubClient client = _bench.NewClient(o => !_isSomebodyThere ? o
            : o with { AskPassword = (_, _) => Task.FromResult<string?>(Hub.Password) });
        return await client.PushAsync(request, TestContext.Current.CancellationToken);
    }

    private async Task<string> FailureAsync(PushRequest request) =>
        await _bench.Project.FailureOfAsync(() => PushAsync(request));

    private void Forget()
    {
        Hub.Requests.Clear();
        Options.Pieces.Clear();
        Options.Queued.Clear();
    }

    /// <summary>The calls in order: of the gateway the verb, of GitLab the question.</summary>
    private string Calls => string.Join(' ', Hub.Requests.All.Select(
        r => r.Path.Split('?')[0].Split('/') is var p && p.Contains("gateway") ? p[^1] : p.Length > 6 ? p[6] : "project"));

    private string Pieces => string.Join(' ', Options.Pieces);

    private string Queued => string.Join('\n', Options.Queued);

    [Fact]
    public async Task Each_file_is_uploaded_once_and_each_folder_queued_as_one_commit()
    {
        byte[] model = Bytes(100_000);
        PushResult result = await PushAsync(Request([("config.json", "{}"u8.ToArray()), ("README.md", "# card"u8.ToArray()),
            (".github/a.yml", "a"u8.ToArray()),
            ("sub/a.txt", "one"u8.ToArray()), ("sub/b.txt", "two"u8.ToArray()), ("sub/deep/model.bin", model)]));
        Assert.Equal("branches tree upload check merge upload check merge upload check merge upload check merge upload check "
            + "merge upload check merge branches addfiles addfiles addfiles addfiles",
            Calls[..(Calls.LastIndexOf("addfiles", StringComparison.Ordinal) + "addfiles".Length)]);
        Assert.Equal("a.yml#0:1 README.md#0:6 config.json#0:2 a.txt#0:3 b.txt#0:3 model.bin#0:100000", Pieces);
        Assert.Equal(
            """
            main sub/deep/: model.bin (add)
            main sub/: a.txt, b.txt (add)
            main .github/: a.yml (add)
            main /: README.md, config.json (add)
            """.ReplaceLineEndings("\n"), Queued);
        Assert.Equal((_repo.Head(), true, 6, 100_015L, new Uri(Hub.Endpoint, "/models/acme/tiny")),
            (result.Commit, result.Changed, result.FilesSent, result.BytesSent, result.Url));
        Assert.Equal(model, _repo.Read("sub/deep/model.bin"));
        Assert.Equal(("# card", "one", "old"), (Encoding.UTF8.GetString(_repo.Read("README.md")),
            Encoding.UTF8.GetString(_repo.Read("sub/a.txt")), Encoding.UTF8.GetString(_repo.Read("old.txt"))));
        Assert.Equal(
            $"""
            info: Pushing 6 files, 100 kB, of acme/tiny to 'wm' …
            info: acme/tiny: 'wm' makes one commit for each of the 4 folders.
            info: acme/tiny: 'wm' has queued 6 files; waiting for the commit …
            info: acme/tiny: pushed to 'wm' as {result.Commit}: 6 new; sent 100 kB in # s.
            """.ReplaceLineEndings("\n"), _bench.Project.Log.Visible);
    }

    [Fact]
    public async Task Unchanged_files_take_two_requests_and_need_no_login()
    {
        PushRequest request = Request([("config.json", "{}"u8.ToArray()), ("model.bin", Bytes(100_000))]);
        PushResult first = await PushAsync(request);
        await LogOutAsync();
        PushResult second = await PushAsync(request);
        Assert.Equal(("branches tree", first.Commit, false), (Calls, second.Commit, second.Changed));
        // Without what was remembered, too.
        File.Delete(Memory);
        Assert.False((await PushAsync(request)).Changed);
        Assert.Equal("branches tree", Calls);
    }

    [Fact]
    public async Task Only_the_changed_one_of_many_files_is_sent()
    {
        (string, string)[] files = [.. Enumerable.Range(0, 15).Select(i => ($"f{i:00}", "text " + i))];
        await PushAsync(Request(files));
        files[7].Item2 = "other 7";
        PushResult result = await PushAsync(Request(files));
        Assert.Equal(("f07#0:7", 1, "other 7"), (Pieces, result.FilesSent, Encoding.UTF8.GetString(_repo.Read("f07"))));
    }

    [Fact]
    public async Task A_large_file_is_uploaded_in_parallel_chunks()
    {
        byte[] model = Bytes((5 * Chunk) + 17);
        PushResult result = await PushAsync(Request(("model.bin", model)) with { ChunkSize = Chunk, Workers = 4 });
        Assert.Equal(["model.bin#0:65536", "model.bin#1:65536", "model.bin#2:65536", "model.bin#3:65536",
            "model.bin#4:65536", "model.bin#5:17"], Options.Pieces.Order(StringComparer.Ordinal));
        Assert.Equal(model, _repo.Read("model.bin"));
        Assert.Equal(((long)model.Length, 1), (result.BytesSent, result.FilesSent));
    }

    [Fact]
    public async Task The_chunk_size_comes_from_the_configuration()
    {
        string config = _bench.Project.Temp["wisehub.json"];
        File.WriteAllText(config, File.ReadAllText(config).Replace("\"protocol\"", "\"uploadChunkSize\":131072,\"protocol\"",
            StringComparison.Ordinal));
        await PushAsync(Request(("model.bin", Bytes(200_000))));
        Assert.Equal("model.bin#0:131072 model.bin#1:68928", Pieces);
    }

    /// <summary>A push of a file in six pieces that ends while the fourth of them is on its way.</summary>
    private async Task<PushRequest> BreakOffAsync()
    {
        PushRequest request = Request(("model.bin", Bytes((5 * Chunk) + 17)));
        int pieces = 0;
        Options.Called = verb =>
        {
            if (verb != "upload" || ++pieces < 4)
                return;
            Hub.Faults.On("/upload", new Fault.Status(500), int.MaxValue);
            throw new IOException("The test cuts the connection.");
        };
        Assert.StartsWith("WISE2001: ", await FailureAsync(request with { ChunkSize = Chunk }), StringComparison.Ordinal);
        Assert.Equal("model.bin#0:65536 model.bin#1:65536 model.bin#2:65536", Pieces);
        Options.Called = null;
        Hub.Faults.Clear();
        return request;
    }

    private void AssertIsThere() => Assert.Equal(Bytes((5 * Chunk) + 17), _repo.Read("model.bin"));

    [Fact]
    public async Task An_interrupted_upload_resumes_at_the_first_missing_chunk()
    {
        PushResult result = await PushAsync(await BreakOffAsync());
        Assert.Equal(("model.bin#3:65536 model.bin#4:65536 model.bin#5:17", (2L * Chunk) + 17), (Pieces, result.BytesSent));
        Assert.StartsWith("branches tree check upload upload upload check merge branches addfiles branches", Calls,
            StringComparison.Ordinal);
        AssertIsThere();
    }

    [Theory]
    [InlineData("nothing remembered", "0:65536 1:65536 2:65536 3:65536 4:65536 5:17")]
    [InlineData("begun by force", "0:65536 1:65536 2:65536 3:65536 4:65536 5:17")]
    [InlineData("another size", "0:131072 1:131072 2:65553")]
    // Three smaller pieces are there; two would leave the third behind them.
    [InlineData("a larger size", "0:109232 1:109232 2:109233")]
    public async Task An_upload_begun_with_other_settings_starts_again(string how, string pieces)
    {
        PushRequest request = await BreakOffAsync();
        if (how == "nothing remembered")
            File.Delete(Memory);
        request = request with
        {
            ChunkSize = how switch { "another size" => 2 * Chunk, "a larger size" => 4 * Chunk, _ => Chunk },
            Force = how == "begun by force",
        };
        await PushAsync(request);
        Assert.Equal(string.Join(' ', pieces.Split(' ').Select(p => "model.bin#" + p)), Pieces);
        AssertIsThere();
    }

    [Fact]
    public async Task A_merged_file_that_was_not_queued_is_not_sent_again()
    {
        PushRequest request = Request([("a.txt", "one"u8.ToArray()), ("model.bin", Bytes(3 * Chunk))]) with { ChunkSize = Chunk };
        string other = "";
        Options.Called = verb =>
        {
            if (verb == "merge"
                && Options.Pieces.Count == 4) other = _repo.Commit(new Dictionary<string, byte[]?> { ["other"] = [1] });
        };
        string failure = await FailureAsync(request);
        Assert.StartsWith($"WISE5002: acme/tiny: 'main' on 'wm' moved to {other} during this push", failure,
            StringComparison.Ordinal);
        Options.Called = null;
        PushResult result = await PushAsync(request);
        Assert.Equal(("", 0L, "main /: a.txt, model.bin (add)"), (Pieces, result.BytesSent, Queued));
        Assert.StartsWith("branches tree branches addfiles branches", Calls, StringComparison.Ordinal);
        Assert.Equal(Bytes(3 * Chunk), _repo.Read("model.bin"));
    }

    [Fact]
    public async Task A_file_that_the_hub_has_since_deleted_is_sent_again()
    {
        PushRequest request = Request(("a.txt", "one"));
        Options.Called = verb => { if (verb == "merge") _repo.Commit(new Dictionary<string, byte[]?> { ["other"] = [1] }); };
        await FailureAsync(request);
        Options.Called = null;
        string memory = File.ReadAllText(Memory);
        File.WriteAllText(Memory, memory.Replace("/var/www/space/", "/var/www/gone/", StringComparison.Ordinal));
        Assert.NotEqual(memory, File.ReadAllText(Memory));
        await PushAsync(request);
        Assert.Equal("one", Encoding.UTF8.GetString(_repo.Read("a.txt")));
        Assert.Equal("a.txt#0:3", Pieces);
    }

    [Theory]
    [InlineData("check", 429)]
    [InlineData("upload", 429)]
    [InlineData("merge", 429)]
    [InlineData("addfiles", 429)]
    [InlineData("check", 503)]
    [InlineData("upload", 503)]
    [InlineData("merge", 503)]
    [InlineData("addfiles", 503)]
    public async Task A_call_with_a_Retry_After_is_repeated_later(string verb, int status)
    {
        Hub.Faults.On("/" + verb, new Fault.Status(status, RetryAfter: "7"));
        await PushAsync(Request(("a.txt", "one")));
        Assert.Contains(TimeSpan.FromSeconds(7), _bench.Time.Waits);
        Assert.Equal(("one", 2),
            (Encoding.UTF8.GetString(_repo.Read("a.txt")), Hub.Requests.Count(pathPrefix: "/gateway/fileupload/api/v1/" + verb)));
    }

    [Fact]
    public async Task The_error_for_a_Retry_After_that_is_too_long_names_it()
    {
        Hub.Faults.On("/upload", new Fault.Status(429, RetryAfter: "600"));
        Assert.StartsWith("WISE2009: The hub 'wm' limits the request rate at "
            + "<hub>/gateway/fileupload/api/v1/upload and asks to wait 600 s.",
            await FailureAsync(Request(("a.txt", "one"))), StringComparison.Ordinal);
    }

    [Fact]
    public async Task After_a_lost_merge_response_the_stored_chunks_are_checked()
    {
        Hub.Faults.On("/merge", new Fault.Status(502));
        await PushAsync(Request(("model.bin", Bytes(2 * Chunk))) with { ChunkSize = Chunk });
        Assert.StartsWith("branches tree check upload upload check merge check merge branches addfiles", Calls,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_ambiguous_addfiles_failure_is_not_retried()
    {
        Hub.Faults.On("/addfiles", new Fault.Status(502), int.MaxValue);
        Assert.StartsWith("WISE2001: The hub 'wm' gave no usable response at "
            + "<hub>/gateway/fileupload/api/v1/addfiles: it answered 502.",
            await FailureAsync(Request(("a.txt", "one"))), StringComparison.Ordinal);
        Assert.EndsWith("branches addfiles", Calls, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_error_names_the_folders_queued_before_a_failure()
    {
        Options.Called = verb => { if (verb == "addfiles") Hub.Faults.On("/addfiles", new Fault.Status(502)); };
        Assert.EndsWith("The files of 'sub' were queued before that and will be committed. Push again.",
            await FailureAsync(Request(("a.txt", "one"), ("sub/b.txt", "two"))), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("check", false)]
    [InlineData("upload", true)]
    [InlineData("merge", false)]
    [InlineData("addfiles", true)]
    public async Task A_session_that_expires_during_a_push_is_renewed_and_the_call_repeated(string verb, bool codesAreText)
    {
        Options.CodesAreText = codesAreText;
        bool isFirst = true;
        Options.Called = called => { if (called == verb && isFirst) (isFirst, Options.EndedSessions) = (false, 1); };
        await PushAsync(Request(("a.txt", "one")));
        Assert.Contains($" {verb} login {verb}", Calls, StringComparison.Ordinal);
        Assert.Equal(1, Calls.Split(' ').Count(c => c == "login"));
        Assert.Equal("one", Encoding.UTF8.GetString(_repo.Read("a.txt")));
    }

    [Fact]
    public async Task Concurrent_uploads_with_an_expired_session_log_in_once()
    {
        Options.Called = verb =>
        {
            if (verb == "upload" && Options.Pieces.IsEmpty
                && Hub.Requests.Count(pathPrefix: "/gateway/user") == 0) Options.EndedSessions = 1;
        };
        await PushAsync(Request([.. Enumerable.Range(0, 8).Select(i => ("f" + i, "text " + i))]) with { Workers = 8 });
        Assert.Equal(1, Calls.Split(' ').Count(c => c == "login"));
        Assert.Equal(8, Options.Pieces.Count);
    }

    [Fact]
    public async Task A_new_session_that_is_refused_is_an_error_and_nothing_is_committed()
    {
        string head = _repo.Head();
        Options.EndedSessions = int.MaxValue;
        Assert.StartsWith("WISE2022: acme/tiny on 'wm' (<hub>/gateway/fileupload/api/v1/upload, code B2002: \"token is expired "
            + "***\"): the hub refuses the session, although it is new. Run 'wisehub login wm --user NAME' on a terminal.",
            await FailureAsync(Request(("a.txt", "one"))), StringComparison.Ordinal);
        Assert.Equal(head, _repo.Head());
    }

    [Fact]
    public async Task A_push_without_a_session_is_an_error_before_any_upload()
    {
        await LogOutAsync();
        Assert.Equal("WISE2022: acme/tiny on 'wm': this requires a login. Run 'wisehub login wm --user NAME' on a terminal.",
            await FailureAsync(Request(("a.txt", "one"))));
        Assert.Equal("branches tree", Calls);
    }

    [Fact]
    public async Task A_session_that_expires_without_a_terminal_is_an_error()
    {
        _isSomebodyThere = false;
        Options.Called = verb => { if (verb == "merge") Options.EndedSessions = 1; };
        Assert.Equal("WISE2022: acme/tiny on 'wm': the session has ended. Run 'wisehub login wm --user NAME' on a terminal.",
            await FailureAsync(Request(("a.txt", "one"))));
        Assert.DoesNotContain("login", Calls, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_session_from_the_environment_is_used()
    {
        await PushAsync(Request(("a.txt", "one")));
        string session = Hub.Requests.All.First(
            r => r.Path.EndsWith("/upload", StringComparison.Ordinal)).Headers["Authorization"]["Bearer ".Length..];
        await LogOutAsync();
        _bench.Project.SetEnvironment("WISEHUB_SESSION_WM", session);
        await PushAsync(Request(("a.txt", "two")));
        Assert.Equal("two", Encoding.UTF8.GetString(_repo.Read("a.txt")));
    }

    [Fact]
    public async Task An_empty_file_is_merged_from_no_chunks()
    {
        await PushAsync(Request(("sub/__init__.py", ""), ("sub/.gitkeep", "")));
        Assert.Equal(("", "main sub/: .gitkeep, __init__.py (add)"), (Pieces, Queued));
        Assert.Empty(_repo.Read("sub/__init__.py"));
    }

    [Fact]
    public async Task The_error_for_a_refused_empty_file_suggests_git()
    {
        Options.RefusesEmptyFiles = true;
        string failure = await FailureAsync(Request(("empty", "")));
        Assert.StartsWith("WISE5034: ", failure, StringComparison.Ordinal);
        Assert.EndsWith("'empty' is empty, and the gateway has no other way to upload empty files. Leave it out, or push with "
            + "git (--use-git).", failure, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Two_paths_with_the_same_content_are_both_pushed()
    {
        byte[] same = Bytes((2 * Chunk) + 1);
        await PushAsync(Request([("a.bin", same), ("b.bin", same), ("sub/a.bin", same)]) with { ChunkSize = Chunk, Workers = 4 });
        Assert.All(["a.bin", "b.bin", "sub/a.bin"], path => Assert.Equal(same, _repo.Read(path)));
    }

    [Fact]
    public async Task Names_with_special_characters_are_pushed_unchanged()
    {
        await PushAsync(Request(("模型 目录/说明 #1%20.txt", "text"), ("données+é.txt", "text 2")));
        Assert.Equal(("text", "text 2"),
            (Encoding.UTF8.GetString(_repo.Read("模型 目录/说明 #1%20.txt")), Encoding.UTF8.GetString(_repo.Read("données+é.txt"))));
    }

    [Fact]
    public async Task A_chunk_is_sent_as_the_same_form_as_by_the_official_client()
    {
        var file = LocalFile.Read(new PushFile(Write("a", "0123456789"u8.ToArray()), "sub/名.txt"), PushMemory.Read(
            new PushRequest { RepoId = HubBench.Id, Files = [] }, SilentLog.Instance), TimeProvider.System, default);
        using HttpContent form = GatewayUpload.Piece(file, "abc", 3, 2, 5);
        string boundary = form.Headers.NonValidated["Content-Type"].ToString()["multipart/form-data; boundary=".Length..];
        string text = Encoding.UTF8.GetString(await form.ReadAsByteArrayAsync(TestContext.Current.CancellationToken));
        Assert.Equal(
            """
            --#
            Content-Disposition: form-data; name="md5"

            abc
            --#
            Content-Disposition: form-data; name="dir"


            --#
            Content-Disposition: form-data; name="chunk"

            3
            --#
            Content-Disposition: form-data; name="file"; filename="名.txt"

            23456
            --#--

            """.ReplaceLineEndings("\r\n"), text.Replace(boundary, "#", StringComparison.Ordinal));
        Assert.Equal(Encoding.UTF8.GetByteCount(text), form.Headers.ContentLength);
    }

    [Fact]
    public async Task The_error_for_a_push_that_would_delete_files_says_how_to_delete_them()
    {
        Assert.Equal("WISE5030: acme/tiny: this push would delete 1 file on 'wm' ('old.txt'), but its gateway cannot delete "
            + "files. Delete on <hub>/models/acme/tiny, push with git (--use-git), or omit Prune (WisePushPrune).",
            await FailureAsync(Request(("a.txt", "one")) with { Prune = true, DryRun = true }));
        // Where nothing is to be deleted it does no harm; .gitattributes is the hub's own.
        Assert.True((await PushAsync(Request(("a.txt", "one"), ("old.txt", "new")) with { Prune = true })).Changed);
    }

    [Theory]
    [InlineData(false, "WISE5005")]
    [InlineData(true, "WISE5031")]
    public async Task The_error_for_a_missing_repo_says_to_create_it_on_the_web_page(bool create, string code)
    {
        string failure = await FailureAsync(Request(("a.txt", "one")) with { RepoId = "acme/none", CreateRepo = create });
        Assert.StartsWith(code + ": ", failure, StringComparison.Ordinal);
        Assert.EndsWith(" Create a new one on <hub>; the hub has no known API for that.", failure, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_missing_branch_is_an_error_except_in_an_empty_repo()
    {
        Assert.StartsWith("WISE5031: ", await FailureAsync(Request(("a.txt", "one")) with { Revision = "dev" }),
            StringComparison.Ordinal);
        TestRepo empty = Hub.CreateRepo("acme/empty");
        await PushAsync(Request(("a.txt", "one")) with { RepoId = "acme/empty" });
        Assert.StartsWith("branches project upload", Calls, StringComparison.Ordinal);
        Assert.Equal("one", Encoding.UTF8.GetString(empty.Read("a.txt")));
    }

    [Fact]
    public async Task Datasets_and_code_repos_can_be_pushed_to_a_branch_with_a_slash()
    {
        foreach (RepoType type in new[] { RepoType.Dataset, RepoType.Code })
        {
            TestRepo repo = Hub.CreateRepo("acme/" + type, type == RepoType.Dataset ? "dataset" : "code");
            repo.Branch("feature/x", repo.Commit(new Dictionary<string, byte[]?> { ["a"] = [1] }));
            await PushAsync(Request(("sub/b", "two")) with { RepoId = "acme/" + type, RepoType = type, Revision = "feature/x" });
            Assert.Equal(("two", "feature/x sub/: b (add)"), (Encoding.UTF8.GetString(repo.Read("sub/b", "feature/x")), Queued));
        }
    }

    [Fact]
    public async Task The_error_names_files_that_were_queued_but_never_committed()
    {
        Options.ForgetsQueued = true;
        string failure = await FailureAsync(Request([.. Enumerable.Range(0, 7).Select(i => ("f" + i, "text " + i))]));
        Assert.StartsWith("WISE5032: ", failure, StringComparison.Ordinal);
        Assert.Contains("'wm' has queued 7 files, but for 600 s (\"commitTimeout\") made no commit with 'f0', 'f1', 'f2', "
            + $"'f3', 'f4' and 2 more; 'main' is at {_repo.Head()}.", failure, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_late_commit_is_waited_for()
    {
        Options.CommitDelay = TimeSpan.FromMinutes(9);
        PushResult result = await PushAsync(Request(("a.txt", "one")));
        Assert.Equal(_repo.Head(), result.Commit);
    }

    [Theory]
    [InlineData("a.txt")]
    [InlineData("model.bin")]
    public async Task A_hub_that_commits_wrong_bytes_is_detected(string path)
    {
        Options.MergesWrong = true;
        string failure = await FailureAsync(Request((path, "one")));
        Assert.StartsWith("WISE5033: ", failure, StringComparison.Ordinal);
        Assert.Contains($"'wm' committed '{path}' at {_repo.Head()} with different content: sent sha256 "
            + $"{RestoreBench.Sha256("one")}, git id ", failure, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_concurrent_commit_before_queueing_is_an_error_and_nothing_is_queued()
    {
        string before = _repo.Head(), theirs = "";
        Options.Called =
            verb => { if (verb == "merge") theirs = _repo.Commit(new Dictionary<string, byte[]?> { ["theirs"] = [1] }); };
        string failure = await FailureAsync(Request(("a.txt", "one")));
        Assert.Equal($"WISE5002: acme/tiny: 'main' on 'wm' moved to {theirs} during this push, which began at {before}. No "
            + "commit was made. Review the other commit and push again.", failure);
        Assert.Equal("", Queued);
    }

    [Fact]
    public async Task The_error_names_a_concurrent_commit_made_after_queueing()
    {
        string before = _repo.Head();
        Options.Called = verb => { if (verb == "addfiles") _repo.Commit(new Dictionary<string, byte[]?> { ["theirs"] = [1] }); };
        string failure = await FailureAsync(Request(("a.txt", "one")));
        Assert.Equal($"WISE5002: acme/tiny: 'main' on 'wm' moved to {_repo.Head()} during this push, which began at {before}. "
            + "All files of this push are committed, but 'theirs' was changed by another push. Check "
            + "<hub>/models/acme/tiny.", failure);
    }

    [Fact]
    public async Task A_file_that_changes_during_its_upload_is_detected()
    {
        PushRequest request = Request(("model.bin", Bytes(3 * Chunk))) with { ChunkSize = Chunk };
        string head = _repo.Head();
        Options.Called = verb =>
        {
            if (verb == "upload"
                && Options.Pieces.Count == 1) File.WriteAllBytes(request.Files[0].SourcePath, Bytes(3 * Chunk, seed: 2));
        };
        Assert.StartsWith("WISE5003: ", await FailureAsync(request), StringComparison.Ordinal);
        Assert.Equal((head, ""), (_repo.Head(), Queued));
        // The old content again: none of its pieces is believed.
        Options.Called = null;
        File.WriteAllBytes(request.Files[0].SourcePath, Bytes(3 * Chunk));
        await PushAsync(request);
        Assert.Equal(3, Options.Pieces.Count);
        Assert.Equal(Bytes(3 * Chunk), _repo.Read("model.bin"));
    }

    [Fact]
    public async Task A_hub_that_loses_chunks_is_an_error_without_a_loop()
    {
        Options.LosesPieces = true;
        Assert.StartsWith("WISE5035: ", await FailureAsync(Request(("a.txt", "one"))), StringComparison.Ordinal);
        Assert.Equal("branches tree upload check upload check", Calls);
    }

    [Fact]
    public async Task A_hub_that_does_not_merge_chunks_is_an_error_without_a_loop()
    {
        Hub.Faults.On("/merge", new Fault.Status(200, Body: """{"code":"10010","message":"merge failed"}"""), int.MaxValue);
        Assert.StartsWith("WISE5036: ", await FailureAsync(Request(("a.txt", "one"))), StringComparison.Ordinal);
        Assert.Equal("branches tree upload check merge upload check merge", Calls);
    }

    [Fact]
    public async Task The_error_for_a_chunk_that_is_too_large_says_how_to_make_it_smaller()
    {
        Hub.Faults.On("/upload", new Fault.Status(413));
        Assert.Equal("WISE5037: 'wm' does not accept a chunk of this size (413 at <hub>/gateway/fileupload/api/v1/upload). Push "
            + "with a smaller ChunkSize (--chunk-size, or \"uploadChunkSize\" of the hub in wisehub.json).",
            await FailureAsync(Request(("a.txt", "one"))));
    }

    [Theory]
    [InlineData("""{"code":0,"data":{"chunks":"012"}}""", "its chunks are not a list")]
    [InlineData("""{"code":0,"data":{"chunks":["x"]}}""", "one of its chunks is not a number")]
    [InlineData("""{"code":0,"data":{"chunks":[-1]}}""", "one of its chunks is not a number")]
    public async Task An_invalid_response_is_an_error(string body, string reason)
    {
        Hub.Faults.On("/check", new Fault.Status(200, Body: body));
        Assert.Equal("WISE2010: The gateway of 'wm' answered <hub>/gateway/fileupload/api/v1/check in an unexpected way: "
            + $"{reason}. Check its endpoint \"upload\".", await FailureAsync(Request(("a.txt", "one"))));
    }

    [Fact]
    public async Task A_chunk_number_out_of_range_is_an_error()
    {
        Hub.Faults.On("/check",
            new Fault.Status(200, Body: """{"code":0,"data":{"chunks":["2147483647"],"resultCode":"1"}}"""), int.MaxValue);
        Assert.StartsWith("WISE5035: ", await FailureAsync(Request(("a.txt", "one"))), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_dry_run_sends_only_queries_and_writes_nothing()
    {
        string head = _repo.Head();
        PushResult result = await PushAsync(Request(("a.txt", "one")) with { DryRun = true });
        Assert.Equal(("branches tree", head, false), (Calls, _repo.Head(), File.Exists(Memory)));
        Assert.Equal(1, result.Count(PushAction.Add));
    }

    [Fact]
    public async Task No_secret_is_written_to_the_log_or_the_upload_memory()
    {
        bool isFirst = true;
        Options.Called = verb => { if (verb == "merge" && isFirst) (isFirst, Options.EndedSessions) = (false, 1); };
        await PushAsync(Request(("a.txt", "one")));
        string[] sessions = [.. Hub.Requests.All.Where(r => r.Headers.ContainsKey("Authorization"))
            .Select(r => r.Headers["Authorization"]["Bearer ".Length..]).Distinct()];
        Assert.Equal(2, sessions.Length);
        string all =
            _bench.Project.Log.Text + File.ReadAllText(Memory) + JsonSerializer.Serialize(Hub.Requests.All.Select(r => r.Path));
        Assert.All([.. sessions, Hub.Password], s => Assert.DoesNotContain(s, all, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(10, 4, "0+3 3+2 5+3 8+2")]
    [InlineData(3, 3, "0+1 1+1 2+1")]
    public void The_chunks_of_a_layout_cover_the_whole_file(long size, int count, string expected)
    {
        UploadLayout layout = UploadLayout.OfChunkCount(size, count);
        Assert.Equal(size, Enumerable.Range(0, count).Sum(i => layout[i].Length));
        Assert.Equal(count, expected.Split(' ').Length);
        Assert.Equal(0, layout[0].Start);
        Assert.All(Enumerable.Range(1, count - 1),
            i => Assert.Equal(layout[i - 1].Start + layout[i - 1].Length, layout[i].Start));
        Assert.Equal(layout.ToString(),
            UploadLayout.Parse(string.Create(CultureInfo.InvariantCulture, $"/{count}"), size)!.ToString());
    }
}
