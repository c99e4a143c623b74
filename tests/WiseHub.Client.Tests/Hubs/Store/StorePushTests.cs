using System.Diagnostics;
using WiseHub.Testing;

namespace WiseHub.Client.Tests;

public sealed class StorePushTests : IDisposable
{
    private readonly RestoreBench _bench = new();

    private PushRequest Request(params (string Path, string Text)[] files) => new()
    {
        RepoId = "acme/tiny",
        Files = [.. files.Select(f => new PushFile(_bench.Temp.Write("source/" + Guid.NewGuid().ToString("N"), f.Text), f.Path))],
    };

    private Task<string> FailureAsync(PushRequest request, Func<HubClientOptions, HubClientOptions>? change = null) =>
        _bench.FailureOfAsync(client => client.PushAsync(request), change);

    [Fact]
    public async Task Unchanged_content_makes_no_commit_whatever_the_message_and_the_order()
    {
        using HubClient client = _bench.NewClient();
        PushResult first = await client.PushAsync(Request(("a", "hello"), ("b", "world!")));
        string before = TempFolder.Tree(_bench.Hub.Folder);
        PushResult second = await client.PushAsync(Request(("b", "world!"), ("a", "hello")) with { Message = "another" });
        Assert.Equal((true, first.Commit, false, before),
            (first.Changed, second.Commit, second.Changed, TempFolder.Tree(_bench.Hub.Folder)));
        Assert.Equal(
            $"""
            info: Pushing 2 files, 11 B, of acme/tiny to 'local' …
            info: acme/tiny: pushed to 'local' as {first.Commit}: 2 new; sent 11 B in # s.
            info: acme/tiny: 'local' already has exactly these 2 files at {first.Commit}; no commit.
            """.ReplaceLineEndings("\n"), _bench.Log.Text);
    }

    [Fact]
    public async Task Files_not_in_the_push_are_kept()
    {
        await _bench.Hub.PushAsync("acme/tiny", ("a", "hello"), ("b", "world!"));
        using HubClient client = _bench.NewClient();
        PushResult pushed = await client.PushAsync(Request(("b", "other"), ("c", "new")));
        RestoreResult result = await _bench.RestoreAsync(new RepoReference { RepoId = "acme/tiny" });
        Assert.Equal(("a=hello\nb=other\nc=new", "b Change 5, c Add 3"),
            (RestoreBench.Contents(result.Snapshots[0]), Show(pushed)));
    }

    [Fact]
    public async Task With_prune_the_commit_contains_only_the_pushed_files()
    {
        await _bench.Hub.PushAsync("acme/tiny", ("a", "hello"), ("b", "world!"));
        using HubClient client = _bench.NewClient();
        PushResult pushed = await client.PushAsync(Request(("b", "world!")) with { Prune = true });
        RestoreResult result = await _bench.RestoreAsync(new RepoReference { RepoId = "acme/tiny" });
        Assert.Equal(("b=world!", "a Delete 5, b Keep 6"), (RestoreBench.Contents(result.Snapshots[0]), Show(pushed)));
    }

    // No push makes such names; other programs do.
    private async Task<string> PushBadNamesAsync(params string[] names)
    {
        await _bench.Hub.PushAsync("acme/tiny", [.. names.Select((_, i) => ($"{i}", $"text {i}"))]);
        string text = await File.ReadAllTextAsync(Directory.GetFiles(_bench.Temp["hub/models/acme/tiny/trees"]).Single());
        for (int i = 0; i < names.Length; i++)
            text = text.Replace($"\"path\":\"{i}\"", $"\"path\":\"{names[i]}\"", StringComparison.Ordinal);
        string commit = RestoreBench.Sha256(text);
        await File.WriteAllTextAsync(_bench.Temp[$"hub/models/acme/tiny/trees/{commit}.json"], text);
        await File.WriteAllTextAsync(_bench.Temp["hub/models/acme/tiny/refs/main"], commit);
        return commit;
    }

    [Fact]
    public async Task Invalid_names_in_the_repo_do_not_block_a_push_and_are_kept()
    {
        await PushBadNamesAsync("A.txt", "a.txt", "a:b", "con.txt");
        using HubClient client = _bench.NewClient();
        PushResult pushed = await client.PushAsync(Request(("a.txt", "changed"), ("x.bin", "new")));
        RepoListing listing = await client.Repos.ListFilesAsync(new RepoReference { RepoId = "acme/tiny" });
        Assert.Equal(("a.txt Change 7, x.bin Add 3", "A.txt a.txt a:b con.txt x.bin"),
            (Show(pushed), string.Join(' ', listing.Files.Select(f => f.Path))));
    }

    [Fact]
    public async Task A_push_with_prune_deletes_files_with_invalid_names()
    {
        await PushBadNamesAsync("a:b", "con.txt");
        using HubClient client = _bench.NewClient();
        PushResult pushed = await client.PushAsync(Request(("x.bin", "new")) with { Prune = true });
        RepoListing listing = await client.Repos.ListFilesAsync(new RepoReference { RepoId = "acme/tiny" });
        Assert.Equal(("a:b Delete 6, con.txt Delete 6, x.bin Add 3", "x.bin"),
            (Show(pushed), string.Join(' ', listing.Files.Select(f => f.Path))));
    }

    [Theory]
    [InlineData("weights/A.bin", "'weights/a.bin'. 'weights/A.bin'")]
    [InlineData("Weights/b.bin", "'weights/'. 'Weights/b.bin'")]
    [InlineData("WEIGHTS", "'weights/'. 'WEIGHTS'")]
    [InlineData("weights/a.bin/c", "'weights/a.bin'. 'weights/a.bin/c'")]
    public async Task A_new_file_that_collides_with_a_file_of_the_repo_is_an_error(string path, string names)
    {
        await _bench.Hub.PushAsync("acme/tiny", ("weights/a.bin", "hello"));
        Assert.Equal($"WISE3004: acme/tiny: the repo has {names} is the same name on systems that ignore case, "
            + "or one is a folder and the other a file. Give the new file another path, or delete the one in the repo.",
            await FailureAsync(Request((path, "new"))));
    }

    private static string Show(PushResult result) =>
        string.Join(", ", result.Steps.Select(s => $"{s.PathInRepo} {s.Action} {s.Size}"));

    [Fact]
    public async Task A_dry_run_returns_the_plan_with_sizes_and_writes_nothing()
    {
        string first = await _bench.Hub.PushAsync("acme/tiny", ("a", "hello"), ("b", "world!"), ("c", "same"));
        string before = TempFolder.Tree(_bench.Hub.Folder);
        using HubClient client = _bench.NewClient();
        PushResult plan = await client.PushAsync(Request(("b", "other"), ("c", "same"),
            ("d", "new")) with
        { Prune = true, DryRun = true, MemoryFile = _bench.Temp["memory.json"] });
        Assert.Equal((first, true, before, false),
            (plan.Commit, plan.Changed, TempFolder.Tree(_bench.Hub.Folder), File.Exists(_bench.Temp["memory.json"])));
        Assert.Equal(
            $"info: acme/tiny: a push to 'local' (main, now {first}) would be 1 new, 1 changed, 1 deleted, "
            + "1 unchanged; at most 8 B to send.\n"
            + "info:   delete  a  5 B\n"
            + "info:   change  b  5 B\n"
            + "info:   add     d  3 B", _bench.Log.Text);
    }

    [Fact]
    public async Task A_dry_run_creates_no_store()
    {
        using HubClient client = _bench.NewClient();
        PushResult plan = await client.PushAsync(Request(("a", "hello")) with { DryRun = true });
        Assert.Equal(("", true, false), (plan.Commit, plan.Changed, Directory.Exists(_bench.Hub.Folder)));
    }

    [Fact]
    public async Task A_file_with_a_remembered_digest_is_not_read_again()
    {
        PushRequest request = Request(("a", "hello")) with { MemoryFile = _bench.Temp["obj/memory.json"] };
        string source = request.Files[0].SourcePath;
        File.SetLastWriteTimeUtc(source, DateTime.UtcNow.AddMinutes(-1));
        using HubClient client = _bench.NewClient();
        PushResult first = await client.PushAsync(request);
        // The same size, mtime and inode: only reading would tell, and nobody reads.
        DateTime time = File.GetLastWriteTimeUtc(source);
        using (FileStream file = new(source, FileMode.Open, FileAccess.Write))
            file.Write("HELLO"u8);
        File.SetLastWriteTimeUtc(source, time);
        PushResult second = await client.PushAsync(request);
        PushResult forced = await client.PushAsync(request with { Force = true });
        Assert.Equal((first.Commit, false, true), (second.Commit, second.Changed, forced.Changed));
    }

    [Fact]
    public async Task The_digest_of_a_file_written_just_now_is_not_remembered()
    {
        PushRequest request = Request(("a", "hello")) with { MemoryFile = _bench.Temp["obj/memory.json"] };
        File.SetLastWriteTimeUtc(request.Files[0].SourcePath, DateTime.UtcNow);
        using HubClient client = _bench.NewClient();
        await client.PushAsync(request);
        Assert.Equal("{\"version\":1,\"files\":[]}\n", File.ReadAllText(request.MemoryFile));
    }

    [Theory]
    [InlineData("{")]
    [InlineData("""{"version":2}""")]
    [InlineData("""{"version":1,"files":[{"path":"x"}]}""")]
    public async Task A_damaged_digest_memory_is_reported_and_written_again(string text)
    {
        string memory = _bench.Temp.Write("memory.json", text);
        PushRequest request = Request(("a", "hello")) with { MemoryFile = memory };
        File.SetLastWriteTimeUtc(request.Files[0].SourcePath, DateTime.UtcNow.AddMinutes(-1));
        using HubClient client = _bench.NewClient();
        Assert.True((await client.PushAsync(request)).Changed);
        Assert.Contains("detail: <temp>/memory.json(1,", _bench.Log.Text, StringComparison.Ordinal);
        Assert.Contains("\"sha256\":\"" + RestoreBench.Sha256("hello"), File.ReadAllText(memory), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_digest_memory_that_cannot_be_written_is_a_warning()
    {
        // A file stands where its folder should be.
        string memory = Path.Combine(_bench.Temp.Write("obj", ""), "memory.json");
        using HubClient client = _bench.NewClient();
        Assert.True((await client.PushAsync(Request(("a", "hello")) with { MemoryFile = memory })).Changed);
        Assert.Contains("warning WISE5006: The digests of the pushed files could not be stored in <temp>/obj/memory.json: ",
            _bench.Log.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_damaged_blob_of_the_store_is_replaced_by_a_push_of_its_content()
    {
        await _bench.Hub.PushAsync("acme/tiny", ("a", "hello"));
        string sha256 = RestoreBench.Sha256("hello"), blob = _bench.Temp[$"hub/blobs/{sha256[..2]}/{sha256[2..]}"];
        RestoreBench.Damage(blob, "HELLO");
        await _bench.Hub.PushAsync("acme/other", ("a", "hello"));
        Assert.Equal("hello", File.ReadAllText(blob));
    }

    [Fact]
    public async Task A_push_that_loses_a_race_fails_and_changes_nothing()
    {
        string first = await _bench.Hub.PushAsync("acme/tiny", ("a", "first"));
        string theirs = "";
        var time =
            new HookedTime(() => theirs = _bench.Hub.PushAsync("acme/tiny", ("a", "theirs")).GetAwaiter().GetResult(), read: 2);
        string failure = await FailureAsync(Request(("a", "ours")), o => o with { Time = time });
        Assert.Matches($"^WISE5002: acme/tiny: 'main' on 'local' moved to {theirs} while this push, which began at {first}, "
            + "made [0-9a-f]{64}\\. Review the other change and push again\\.$", failure);
        Assert.Equal(theirs, File.ReadAllText(_bench.Temp["hub/models/acme/tiny/refs/main"]));
    }

    [Fact]
    public async Task Two_concurrent_pushes_of_the_same_commit_both_succeed()
    {
        PushRequest request = Request(("a", "hello"));
        PushResult? theirs = null;
        using HubClient other =
            _bench.NewClient(o => o with { Time = new HookedTime(() => { }, read: 0, StoreBuilder.CommitTime) });
        using HubClient client = _bench.NewClient(o => o with
        {
            Time = new HookedTime(() => theirs = other.PushAsync(request).GetAwaiter().GetResult(),
                read: 2, StoreBuilder.CommitTime)
        });
        PushResult ours = await client.PushAsync(request);
        Assert.Equal((true, true, theirs!.Commit), (theirs.Changed, ours.Changed, ours.Commit));
    }

    [Fact]
    public async Task Losing_the_race_for_the_first_commit_is_an_error()
    {
        var time = new HookedTime(() => _bench.Hub.PushAsync("acme/tiny", ("a", "theirs")).GetAwaiter().GetResult(), read: 2);
        Assert.Contains("which began at no commit", await FailureAsync(Request(("a", "ours")), o => o with { Time = time }),
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_that_changes_while_it_is_read_is_an_error_and_nothing_is_committed()
    {
        PushRequest request = Request(("a", "hello"));
        string source = request.Files[0].SourcePath;
        var time = new HookedTime(() => File.WriteAllText(source, "other"), read: 1);
        Assert.Equal($"WISE5003: {_bench.Log.Hide(source)} changed during the push. Push again when nothing writes to it.",
            await FailureAsync(request, o => o with { Time = time }));
        Assert.False(Directory.Exists(_bench.Hub.Folder));
    }

    [Fact]
    [Needs(Need.Unix, Because = "A named pipe in a folder is Unix's.")]
    public async Task Pushing_a_named_pipe_is_an_error()
    {
        PushRequest request = Request(("a", "hello"));
        string source = request.Files[0].SourcePath;
        File.Delete(source);
        using (Process make = Process.Start("mkfifo", source))
            await make.WaitForExitAsync();
        Assert.Equal($"WISE5004: {_bench.Log.Hide(source)} is not a file. Correct the list of files to push.",
            await FailureAsync(request));
    }

    [Fact]
    public async Task The_error_names_a_missing_file() =>
        Assert.Equal("WISE5004: <temp>/nosuch is not a file. Correct the list of files to push.",
            await FailureAsync(Request() with { Files = [new PushFile(_bench.Temp["nosuch"], "a")] }));

    [Fact]
    public async Task A_push_without_files_is_an_error() =>
        Assert.Equal("WISE5004: acme/tiny: there are no files to push.", await FailureAsync(Request()));

    [Theory]
    [InlineData("../a", "WISE3003")]
    [InlineData("NUL", "WISE3003")]
    [InlineData(".git/hooks/pre-commit", "WISE3003")]
    [InlineData("B", "WISE3004")]
    [InlineData("b", "WISE5004")]
    [InlineData("b/c", "WISE3004")]
    public async Task Names_that_not_every_system_can_have_are_refused_before_anything_is_written(string name, string code)
    {
        Assert.StartsWith(code, await FailureAsync(Request(("b", "x"), (name, "y"))), StringComparison.Ordinal);
        Assert.False(Directory.Exists(_bench.Hub.Folder));
    }

    [Theory]
    [InlineData("acme/ti ny", "main", "WISE1003")]
    [InlineData("acme/tiny", "a..b", "WISE1005")]
    public async Task A_malformed_id_or_revision_is_refused(string id, string revision, string code) =>
        Assert.StartsWith(code, await FailureAsync(Request(("b", "x")) with { RepoId = id, Revision = revision }),
            StringComparison.Ordinal);

    [Fact]
    public async Task The_error_of_a_read_only_hub_says_which_hub_to_push_to() => Assert.Equal(
        "WISE5001: The hub 'web' is a static web server, which only serves files. Push to the folder or the bucket behind it: "
        + "a hub with \"protocol\": \"store\" and a \"path\", or with \"protocol\": \"s3\".",
        await FailureAsync(Request(("b", "x")) with { Hub = "web" }, o => o with
        {
            ConfigFile = _bench.Temp.Write("web.json",
                """{"hubs":{"web":{"protocol":"store","endpoint":"http://127.0.0.1:9"}}}""")
        }));

    [Fact]
    public async Task A_branch_name_that_conflicts_with_a_folder_of_branches_is_an_error()
    {
        await _bench.Hub.PushAsync("acme/tiny", "release/1", ("a", "hello"));
        Assert.StartsWith("WISE30", await FailureAsync(Request(("a", "x")) with { Revision = "release" }),
            StringComparison.Ordinal);
        Assert.StartsWith("WISE30", await FailureAsync(Request(("a", "x")) with { Revision = "release/1/2" }),
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_push_cancelled_before_the_ref_moves_makes_no_visible_commit()
    {
        using var cancel = new CancellationTokenSource();
        using HubClient client = _bench.NewClient(o => o with { Time = new HookedTime(cancel.Cancel, read: 2) });
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => client.PushAsync(Request(("a", "hello")), cancel.Token));
        Assert.False(Directory.Exists(_bench.Temp["hub/models/acme/tiny/refs"]));
    }

    public void Dispose() => _bench.Dispose();

    // A push of one file reads the clock when it has looked at the file and not read it yet, and when it makes the commit.
    private sealed class HookedTime(Action hook, int read, DateTimeOffset? now = null) : TimeProvider
    {
        private int _reads;

        public override DateTimeOffset GetUtcNow()
        {
            if (++_reads == read)
                hook();
            return now ?? base.GetUtcNow();
        }
    }
}
