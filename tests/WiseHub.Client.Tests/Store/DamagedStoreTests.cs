namespace WiseHub.Client.Tests;

public sealed class DamagedStoreTests : IDisposable
{
    private static readonly RepoReference Tiny = new() { RepoId = "acme/tiny" };
    private static readonly string Sha = RestoreBench.Sha256("hello"), Blob = $"hub/blobs/{Sha[..2]}/{Sha[2..]}",
        Commit = new('c', 40);

    private readonly RestoreBench _bench = new();

    private Task<string> PushAsync() => _bench.Hub.PushAsync("acme/tiny", ("a", "hello"));

    /// <summary>A store that a mirror made: commits of another hub, named inside their trees.</summary>
    private void WriteTree(string files, string? commit = null)
    {
        _bench.Temp.Write("hub/wisehub-store.json", "{\"version\":1}");
        _bench.Temp.Write("hub/models/acme/tiny/refs/main", Commit);
        _bench.Temp.Write($"hub/models/acme/tiny/trees/{Commit}.json",
            $$"""{"version":1,"commit":"{{commit ?? Commit}}","files":[{{files}}]}""");
        _bench.Temp.Write(Blob, "hello");
    }

    private void AssertNothingIsHalf() => Assert.Equal((false, "partial/"),
        (File.Exists(_bench.LockFile), string.Join('\n', _bench.CacheTree.Split('\n')
            .Where(l => l.StartsWith("partial", StringComparison.Ordinal) || l.StartsWith("blobs", StringComparison.Ordinal)))));

    [Theory]
    [InlineData("")]
    [InlineData("main")]
    [InlineData("3006")]
    [InlineData("../../../x")]
    public async Task A_ref_that_holds_no_commit(string text)
    {
        await PushAsync();
        _bench.Temp.Write("hub/models/acme/tiny/refs/main", text);
        Assert.Equal("WISE3006: <temp>/hub/models/acme/tiny/refs/main does not hold a commit. Push to 'local' again.",
            await _bench.FailureAsync(Tiny));
        AssertNothingIsHalf();
    }

    [Fact]
    public async Task A_ref_to_a_commit_that_is_not_there()
    {
        await PushAsync();
        _bench.Temp.Write("hub/models/acme/tiny/refs/main", Commit);
        Assert.Equal(
            $"WISE2003: acme/tiny on 'local': there is no commit {Commit} (<temp>/hub/models/acme/tiny/trees/{Commit}.json is "
            + "missing). Run WiseUpdate (wisehub update), or push that commit to the hub.", await _bench.FailureAsync(Tiny));
    }

    [Fact]
    public async Task A_tree_that_was_cut_off()
    {
        string commit = await PushAsync(), tree = _bench.Temp[$"hub/models/acme/tiny/trees/{commit}.json"];
        await File.WriteAllTextAsync(tree, (await File.ReadAllTextAsync(tree))[..^5]);
        Assert.StartsWith($"WISE3006: <temp>/hub/models/acme/tiny/trees/{commit}.json(2,", await _bench.FailureAsync(Tiny),
            StringComparison.Ordinal);
        AssertNothingIsHalf();
    }

    [Fact]
    public async Task A_tree_whose_sha256_is_not_its_commit()
    {
        string commit = await PushAsync(), tree = _bench.Temp[$"hub/models/acme/tiny/trees/{commit}.json"];
        await File.WriteAllTextAsync(tree,
            (await File.ReadAllTextAsync(tree)).Replace("\"a\"", "\"b\"", StringComparison.Ordinal));
        Assert.Equal(
            $"WISE3006: <temp>/hub/models/acme/tiny/trees/{commit}.json is not the file list of commit {commit}: "
            + "its content belongs to another commit. Restore it from a backup or push again.",
            await _bench.FailureAsync(Tiny));
        AssertNothingIsHalf();
    }

    [Fact]
    public async Task A_mirrored_tree_that_names_another_commit()
    {
        WriteTree($$"""{"path":"a","size":5,"sha256":"{{Sha}}"}""", new string('d', 40));
        Assert.StartsWith($"WISE3006: <temp>/hub/models/acme/tiny/trees/{Commit}.json is not the file list of commit {Commit}",
            await _bench.FailureAsync(Tiny), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_mirrored_tree_is_restored()
    {
        WriteTree($$"""{"path":"a","size":5,"oid":"b6fc4c620b67d95f953a5c1c1230aaab5db5a1b0","sha256":"{{Sha}}"}""");
        RestoreResult result = await _bench.RestoreAsync(Tiny);
        Assert.Equal((Commit, "a=hello"), (result.Snapshots[0].Commit, RestoreBench.Contents(result.Snapshots[0])));
    }

    [Theory]
    [InlineData("""{"path":"a","size":5}""")]
    [InlineData("""{"path":"a","sha256":"#"}""")]
    public async Task A_tree_of_a_push_that_does_not_state_every_size_and_digest(string entry)
    {
        string tree = $$"""{"version":1,"files":[{{entry.Replace("#", Sha, StringComparison.Ordinal)}}]}""",
            commit = RestoreBench.Sha256(tree);
        WriteTree("");
        _bench.Temp.Write("hub/models/acme/tiny/refs/main", commit);
        _bench.Temp.Write($"hub/models/acme/tiny/trees/{commit}.json", tree);
        Assert.Equal($"WISE3006: <temp>/hub/models/acme/tiny/trees/{commit}.json states no size or sha256 of "
            + "'a'. Push to 'local' again.", await _bench.FailureAsync(Tiny));
        AssertNothingIsHalf();
    }

    [Fact]
    public async Task A_mirrored_tree_may_lack_the_digest_of_what_was_never_fetched()
    {
        WriteTree($$"""{"path":"a","size":5,"sha256":"{{Sha}}"},{"path":"b","size":7}""");
        Assert.Equal($"WISE2008: acme/tiny on 'local': commit {Commit} has no file 'b', or the store "
            + "has no content for it.", await _bench.FailureAsync(Tiny));
        RestoreResult result =
            await _bench.RestoreAsync(new RepoReference { RepoId = "acme/tiny", Files = new FileSelection(["a"], []) });
        Assert.Equal("a=hello", RestoreBench.Contents(result.Snapshots[0]));
    }

    [Theory]
    [InlineData("""{"path":"a","size":5,"sha256":"#"},{"path":"a","size":5,"sha256":"#"}""", "the path is listed twice.")]
    [InlineData("""{"path":"a","size":5,"sha256":"x"}""", "'x' is not a sha256.")]
    [InlineData("""{"path":"a","size":-5,"sha256":"#"}""", "'size' must be a whole number of at least 0.")]
    [InlineData("""{"path":"a","size":5,"sha256":"#","oid":"../../x"}""",
        "'oid' is not a git id of 40 lower-case hexadecimal characters.")]
    [InlineData("""{"path":"","size":5,"sha256":"#"}""", "'path' is missing or empty.")]
    [InlineData("""{"path":"\ud800","size":5,"sha256":"#"}""", "this string is not valid Unicode.")]
    [InlineData("""{"path":"a","size":5,"sha256":"#","mode":"x"}""",
        "'mode' is not a known key. The keys are path, size, oid, sha256.")]
    [InlineData("7", "an object is expected here.")]
    public async Task A_tree_with_an_entry_that_makes_no_sense(string entry, string problem)
    {
        WriteTree(entry.Replace("#", Sha, StringComparison.Ordinal));
        string failure = await _bench.FailureAsync(Tiny);
        Assert.StartsWith($"WISE3006: <temp>/hub/models/acme/tiny/trees/{Commit}.json", failure, StringComparison.Ordinal);
        Assert.Contains(problem, failure, StringComparison.Ordinal);
        AssertNothingIsHalf();
    }

    [Theory]
    [InlineData("../a", "WISE3003: acme/tiny: the file name '../a' cannot be used: it has the part '..'. "
        + "Leave the file out with IgnorePatterns, or ask the owner of the repo to rename it.")]
    [InlineData("/etc/a", "WISE3003: acme/tiny: the file name '/etc/a' cannot be used: it is absolute. "
        + "Leave the file out with IgnorePatterns, or ask the owner of the repo to rename it.")]
    [InlineData("a\\u0007", "WISE3003: acme/tiny: the file name 'a\ufffd' cannot be used: it has a control character. "
        + "Leave the file out with IgnorePatterns, or ask the owner of the repo to rename it.")]
    [InlineData("B", "WISE3004: acme/tiny: 'B' and 'b' are the same name on systems that ignore case, or one is a folder "
        + "and the other a file. Leave one out with IgnorePatterns.")]
    [InlineData("b/c", "WISE3004: acme/tiny: 'b' and 'b/c' are the same name on systems that ignore case, or one is a folder "
        + "and the other a file. Leave one out with IgnorePatterns.")]
    public async Task Hostile_names_are_refused_and_can_be_left_out(string name, string failure)
    {
        WriteTree($$"""{"path":"b","size":5,"sha256":"{{Sha}}"},{"path":"{{name}}","size":5,"sha256":"{{Sha}}"}""");
        Assert.Equal(failure, await _bench.FailureAsync(Tiny));
        AssertNothingIsHalf();
        Assert.Equal("b=hello", RestoreBench.Contents((await _bench.RestoreAsync(
            new RepoReference { RepoId = "acme/tiny", Files = new FileSelection(["b"], []) })).Snapshots[0]));
    }

    [Fact]
    public async Task A_blob_with_other_bytes()
    {
        await PushAsync();
        RestoreBench.Damage(_bench.Temp[Blob], "HELLO");
        Assert.Equal(
            $"WISE3001: acme/tiny a: <temp>/{Blob} gave bytes whose sha256 is {RestoreBench.Sha256("HELLO")}, "
            + $"but it must be {Sha}. Nothing was kept. If the hub really replaced the file, run WiseUpdate (wisehub update) and "
            + "review the change of the lock file.", await _bench.FailureAsync(Tiny));
        AssertNothingIsHalf();
    }

    [Theory]
    [InlineData("hell", 4)]
    [InlineData("hello!", 6)]
    [InlineData("", 0)]
    public async Task A_blob_of_another_size(string text, int size)
    {
        await PushAsync();
        RestoreBench.Damage(_bench.Temp[Blob], text);
        Assert.Equal(
            $"WISE3002: acme/tiny a: <temp>/{Blob} announces {size} bytes, but the file has 5. Nothing was kept. Try again; "
            + "if it happens again, tell the operator of the hub.",
            await _bench.FailureAsync(Tiny));
        AssertNothingIsHalf();
    }

    [Fact]
    public async Task A_blob_that_is_missing()
    {
        await PushAsync();
        File.Delete(_bench.Temp[Blob]);
        Assert.Equal($"WISE2008: acme/tiny a: the hub 'local' lists the file but <temp>/{Blob} is missing. Push it again, "
            + "or restore the hub's folder.", await _bench.FailureAsync(Tiny));
        AssertNothingIsHalf();
    }

    [Fact]
    public async Task When_the_store_is_repaired_the_next_restore_is_right()
    {
        await PushAsync();
        RestoreBench.Damage(_bench.Temp[Blob], "HELLO");
        await _bench.FailureAsync(Tiny);
        RestoreBench.Damage(_bench.Temp[Blob], "hello");
        Assert.Equal("a=hello", RestoreBench.Contents((await _bench.RestoreAsync(Tiny)).Snapshots[0]));
    }

    [Fact]
    public async Task A_store_of_a_newer_version()
    {
        await PushAsync();
        _bench.Temp.Write("hub/wisehub-store.json", """{"version":2,"blobs":{}}""");
        Assert.Equal("WISE3005: <temp>/hub/wisehub-store.json has version 2; this WiseHub reads version 1. "
            + "Update the WiseHub.Build package.", await _bench.FailureAsync(Tiny));
        AssertNothingIsHalf();
    }

    [Fact]
    public async Task A_marker_that_makes_no_sense()
    {
        await PushAsync();
        _bench.Temp.Write("hub/wisehub-store.json", """{"version":1,"blob":""}""");
        Assert.Equal("WISE3005: <temp>/hub/wisehub-store.json(1,14): 'blob' is not a known key. "
            + "Did you mean 'blobs'? The keys are version, blobs. "
            + "Point the hub at a folder or server with a store.",
            await _bench.FailureAsync(Tiny));
    }

    [Fact]
    public async Task A_cache_of_a_newer_version_is_not_touched()
    {
        await PushAsync();
        _bench.Temp.Write("cache/wisehub-store.json", """{"version":2}""");
        Assert.Equal("WISE3005: <temp>/cache/wisehub-store.json has version 2; this WiseHub reads version 1. "
            + "Update the WiseHub.Build package.", await _bench.FailureAsync(Tiny));
        Assert.False(Directory.Exists(_bench.Temp["cache/blobs"]));
    }

    [Fact]
    public async Task A_damaged_file_list_in_the_cache_is_asked_for_again()
    {
        string commit = await PushAsync();
        await _bench.RestoreAsync(Tiny);
        string tree = Directory.GetFiles(_bench.Cache, commit + ".json", SearchOption.AllDirectories).Single(),
            good = await File.ReadAllTextAsync(tree);
        await File.WriteAllTextAsync(tree, "");
        File.Delete(_bench.LockFile);
        Assert.Equal("a=hello", RestoreBench.Contents((await _bench.RestoreAsync(Tiny)).Snapshots[0]));
        Assert.Equal(good, await File.ReadAllTextAsync(tree));
    }

    [Fact]
    public async Task A_damaged_ref_in_the_cache_does_not_matter_where_the_hub_can_be_asked()
    {
        await PushAsync();
        await _bench.RestoreAsync(Tiny);
        await File.WriteAllTextAsync(Directory.GetFiles(_bench.Cache, "HEAD", SearchOption.AllDirectories).Single(), "");
        File.Delete(_bench.LockFile);
        Assert.Equal("a=hello", RestoreBench.Contents((await _bench.RestoreAsync(Tiny)).Snapshots[0]));
    }

    [Fact]
    public async Task The_marker_may_put_the_blobs_elsewhere()
    {
        await PushAsync();
        Directory.Move(_bench.Temp["hub/blobs"], _bench.Temp["elsewhere"]);
        _bench.Temp.Write("hub/wisehub-store.json", """{"version":1,"blobs":"../elsewhere"}""");
        Assert.Equal("a=hello", RestoreBench.Contents((await _bench.RestoreAsync(Tiny)).Snapshots[0]));
    }

    public void Dispose() => _bench.Dispose();
}
