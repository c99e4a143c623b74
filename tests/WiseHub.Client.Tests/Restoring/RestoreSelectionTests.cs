namespace WiseHub.Client.Tests;

public sealed class RestoreSelectionTests : IDisposable
{
    private readonly RestoreBench _bench = new();
    private string _commit = "";

    private async Task PushAsync() => _commit = await _bench.Hub.PushAsync("acme/tiny", ("config.json", "{}"),
        ("model.bin", "weights"), ("onnx/model.graph", "graph"));

    private static RepoReference Tiny(string allow = "", string ignore = "") =>
        new() { RepoId = "acme/tiny", Files = new FileSelection(allow.Split(';'), ignore.Split(';')) };

    [Theory]
    [InlineData("", "", "config.json={}\nmodel.bin=weights\nonnx/model.graph=graph")]
    [InlineData("*.json", "", "config.json={}")]
    [InlineData("*model*", "onnx/", "model.bin=weights")]
    [InlineData("", "*.bin;*.graph", "config.json={}")]
    public async Task Only_selected_files_are_restored(string allow, string ignore, string contents)
    {
        await PushAsync();
        RestoreResult result = await _bench.RestoreAsync(Tiny(allow, ignore));
        Assert.Equal((contents, contents.Split('\n').Length),
            (RestoreBench.Contents(result.Snapshots[0]), result.FilesTransferred));
    }

    [Fact]
    public async Task The_error_for_an_empty_selection_lists_files_of_the_repo()
    {
        await PushAsync();
        Assert.Equal(
            $"WISE1015: acme/tiny: no file of commit {_commit} is selected by *.txt without x; it has 3 files, for example "
            + "config.json, model.bin, onnx/model.graph. Patterns are case-sensitive, match the whole path, and * crosses '/'.",
            await _bench.FailureAsync(Tiny("*.txt", "x")));
        Assert.False(File.Exists(_bench.LockFile));
    }

    [Fact]
    public async Task An_empty_selection_is_an_error_when_another_selection_is_locked()
    {
        await PushAsync();
        await _bench.RestoreAsync(Tiny("*.json"));
        Assert.StartsWith($"WISE1015: acme/tiny: no file of commit {_commit} is selected by *.txt; it has 3 files",
            await _bench.FailureAsync(Tiny("*.txt")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Two_selections_of_a_repo_share_a_lock_file_entry_and_get_their_own_files()
    {
        await PushAsync();
        RestoreResult result = await _bench.RestoreAsync(Tiny("*.json"), Tiny("*.bin"));
        Assert.Equal(["config.json={}", "model.bin=weights"], result.Snapshots.Select(RestoreBench.Contents));
        LockEntry entry = Assert.Single(LockFile.Read(_bench.LockFile)!.Entries);
        Assert.Equal(["*.bin", "*.json"], entry.Selections.Select(s => s.ToString()));
        Assert.Equal(["config.json={}", "model.bin=weights"],
            _bench.TryRestoreLocally(_bench.Request(Tiny("*.json"), Tiny("*.bin")))!.Snapshots.Select(RestoreBench.Contents));
    }

    [Fact]
    public async Task A_required_digest_that_is_right_is_accepted()
    {
        await PushAsync();
        RepoReference reference = Tiny("*.bin") with { Sha256 = Digest.Parse(RestoreBench.Sha256("weights")) };
        Assert.Equal("model.bin=weights", RestoreBench.Contents((await _bench.RestoreAsync(reference)).Snapshots[0]));
    }

    [Fact]
    public async Task A_required_digest_that_is_wrong_is_an_error_and_nothing_is_locked()
    {
        await PushAsync();
        string wrong = new('0', 64);
        Assert.Equal(
            $"WISE3012: acme/tiny: 'model.bin' at commit {_commit} has the sha256 {RestoreBench.Sha256("weights")}, "
            + $"but the project requires {wrong}. Correct Sha256, or pin the Revision that has it.",
            await _bench.FailureAsync(Tiny("*.bin") with { Sha256 = Digest.Parse(wrong) }));
        Assert.False(File.Exists(_bench.LockFile));
    }

    [Fact]
    public async Task A_required_digest_is_compared_with_the_lock_file()
    {
        await PushAsync();
        await _bench.RestoreAsync(Tiny("*.bin"));
        RepoReference reference = Tiny("*.bin") with { Sha256 = Digest.Parse(new string('0', 64)) };
        Assert.Null(_bench.TryRestoreLocally(_bench.Request(reference)));
        Assert.StartsWith("WISE3012", await _bench.FailureAsync(_bench.Request(reference) with { Locked = true }),
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_required_digest_of_many_files_is_an_error()
    {
        await PushAsync();
        Assert.Equal(
            "WISE1016: acme/tiny: Sha256 is the digest of one file, but 3 are selected. Select one with AllowPatterns, "
            + "or omit Sha256: the lock file has all digests.",
            await _bench.FailureAsync(Tiny() with { Sha256 = Digest.Parse(new string('0', 64)) }));
    }

    public void Dispose() => _bench.Dispose();
}
