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

    private async Task<string> FailureAsync(PushRequest request, Func<HubClientOptions, HubClientOptions>? change = null)
    {
        using HubClient client = _bench.NewClient(change);
        return _bench.Show(await Assert.ThrowsAsync<HubException>(() => client.PushAsync(request)));
    }

    [Fact]
    public async Task Unchanged_content_makes_no_commit_whatever_the_message_and_the_order()
    {
        using HubClient client = _bench.NewClient();
        PushResult first = await client.PushAsync(Request(("a", "hello"), ("b", "world!")));
        string before = TempFolder.Tree(_bench.Hub.Folder);
        PushResult second = await client.PushAsync(Request(("b", "world!"), ("a", "hello")) with { Message = "another" });
        Assert.Equal((true, first.Commit, false, before), (first.Changed, second.Commit, second.Changed, TempFolder.Tree(_bench.Hub.Folder)));
        Assert.Equal(
            $"""
            info: acme/tiny: pushed 2 files to 'local' as {first.Commit}.
            info: acme/tiny: 'local' already has exactly these 2 files at {first.Commit}; no commit.
            """.ReplaceLineEndings("\n"), _bench.Log.Text);
    }

    [Fact]
    public async Task The_files_of_a_push_are_the_whole_commit()
    {
        await _bench.Hub.PushAsync("acme/tiny", ("a", "hello"), ("b", "world!"));
        await _bench.Hub.PushAsync("acme/tiny", ("b", "world!"));
        RestoreResult result = await _bench.RestoreAsync(new RepoReference { RepoId = "acme/tiny" });
        Assert.Equal("b=world!", RestoreBench.Contents(result.Snapshots[0]));
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
    public async Task Whoever_loses_the_race_is_told_and_changes_nothing()
    {
        string first = await _bench.Hub.PushAsync("acme/tiny", ("a", "first"));
        string theirs = "";
        // The clock is read between the look at the parent and the move of the ref.
        var time = new HookedTime(() => theirs = _bench.Hub.PushAsync("acme/tiny", ("a", "theirs")).GetAwaiter().GetResult());
        string failure = await FailureAsync(Request(("a", "ours")), o => o with { Time = time });
        Assert.Matches($"^WISE5002: acme/tiny: somebody pushed {theirs} to 'main' while this push, which began at {first}, made [0-9a-f]{{64}}\\. Look at theirs and push again\\.$", failure);
        Assert.Equal(theirs, File.ReadAllText(_bench.Temp["hub/models/acme/tiny/refs/main"]));
    }

    [Fact]
    public async Task The_race_for_the_first_commit_is_one_too()
    {
        var time = new HookedTime(() => _bench.Hub.PushAsync("acme/tiny", ("a", "theirs")).GetAwaiter().GetResult());
        Assert.Contains("which began at no commit", await FailureAsync(Request(("a", "ours")), o => o with { Time = time }), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_that_changes_while_it_is_read_is_an_error_and_nothing_is_visible()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "A named pipe in a folder is how the test knows that the file is being read.");
        PushRequest request = Request(("a", "hello"));
        string source = request.Files[0].SourcePath;
        File.Delete(source);
        using (Process make = Process.Start("mkfifo", source))
            await make.WaitForExitAsync();
        Task writer = Task.Run(() =>
        {
            // Opening ends when the push has opened the other end; then the path gets another file of the same size.
            using FileStream pipe = new(source, FileMode.Open, FileAccess.Write, FileShare.ReadWrite);
            File.Delete(source);
            File.WriteAllText(source, "other");
            File.SetLastWriteTimeUtc(source, DateTime.UnixEpoch);
            pipe.Write("hello"u8);
        });
        Assert.Equal($"WISE5003: {_bench.Log.Hide(source)} changed while it was pushed. Push again when nothing writes to it.", await FailureAsync(request));
        await writer;
        Assert.False(Directory.Exists(_bench.Temp["hub/models"]));
    }

    [Fact]
    public async Task A_file_that_is_not_there_is_named() => Assert.Equal("WISE5004: <temp>/nosuch is not a file. Correct the list of files to push.",
        await FailureAsync(Request() with { Files = [new PushFile(_bench.Temp["nosuch"], "a")] }));

    [Fact]
    public async Task No_files_are_no_push() => Assert.Equal("WISE5004: acme/tiny: there are no files to push.", await FailureAsync(Request()));

    [Theory]
    [InlineData("../a", "WISE3003")]
    [InlineData("NUL", "WISE3003")]
    [InlineData("B", "WISE3004")]
    [InlineData("b", "WISE3004")]
    [InlineData("b/c", "WISE3004")]
    public async Task Names_that_not_every_system_can_have_are_refused_before_anything_is_written(string name, string code)
    {
        Assert.StartsWith(code, await FailureAsync(Request(("b", "x"), (name, "y"))), StringComparison.Ordinal);
        Assert.False(Directory.Exists(_bench.Hub.Folder));
    }

    [Theory]
    [InlineData("acme/tiny/x", "main", "WISE1003")]
    [InlineData("acme/tiny", "a..b", "WISE1005")]
    public async Task A_malformed_id_or_revision_is_refused(string id, string revision, string code) =>
        Assert.StartsWith(code, await FailureAsync(Request(("b", "x")) with { RepoId = id, Revision = revision }), StringComparison.Ordinal);

    [Fact]
    public async Task A_hub_that_cannot_be_pushed_to_says_what_works() => Assert.Equal(
        "WISE5001: The hub 'huggingface' cannot be pushed to by this version. What works: a hub with \"protocol\": \"store\" and a \"path\", or with \"protocol\": \"s3\".",
        await FailureAsync(Request(("b", "x")) with { Hub = "huggingface" }));

    [Fact]
    public async Task A_branch_that_is_a_folder_of_branches_is_an_error_with_a_code()
    {
        await _bench.Hub.PushAsync("acme/tiny", "release/1", ("a", "hello"));
        Assert.StartsWith("WISE30", await FailureAsync(Request(("a", "x")) with { Revision = "release" }), StringComparison.Ordinal);
        Assert.StartsWith("WISE30", await FailureAsync(Request(("a", "x")) with { Revision = "release/1/2" }), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Cancelled_before_the_ref_moves_nothing_is_visible()
    {
        using var cancel = new CancellationTokenSource();
        using HubClient client = _bench.NewClient(o => o with { Time = new HookedTime(cancel.Cancel) });
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => client.PushAsync(Request(("a", "hello")), cancel.Token));
        Assert.False(Directory.Exists(_bench.Temp["hub/models/acme/tiny/refs"]));
    }

    public void Dispose() => _bench.Dispose();

    private sealed class HookedTime(Action onFirstRead) : TimeProvider
    {
        private Action? _hook = onFirstRead;

        public override DateTimeOffset GetUtcNow()
        {
            Interlocked.Exchange(ref _hook, null)?.Invoke();
            return base.GetUtcNow();
        }
    }
}
