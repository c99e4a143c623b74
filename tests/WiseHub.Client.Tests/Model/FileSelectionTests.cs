namespace WiseHub.Client.Tests;

public sealed class FileSelectionTests
{
    public static TheoryData<string> Patterns => [.. FnmatchTable.Rows.Select(r => r.Pattern)];

    [Theory]
    [MemberData(nameof(Patterns))]
    public void A_pattern_matches_what_it_matches_in_Python(string pattern)
    {
        var selection = new FileSelection([pattern], []);
        Assert.Equal(FnmatchTable.Rows.Single(r => r.Pattern == pattern).Matches, FnmatchTable.Paths.Where(selection.Matches));
    }

    [Fact]
    public void Without_patterns_every_file_is_selected() =>
        Assert.True(FileSelection.All is { IsAll: true } all && all.Matches("a/b"));

    [Fact]
    public void A_file_is_kept_that_one_allow_pattern_matches_and_no_ignore_pattern()
    {
        var selection = new FileSelection(["*.json", "*.bin"], ["onnx/*", "*.old.bin"]);
        Assert.Equal(["a.json", "b.bin"],
            new[] { "a.json", "b.bin", "c.txt", "onnx/a.json", "b.old.bin" }.Where(selection.Matches));
    }

    [Fact]
    public void A_pattern_that_ends_in_a_slash_means_the_folder() =>
        Assert.Equal(["onnx/a", "onnx/b/c"],
            new[] { "onnx", "onnx/a", "onnx/b/c", "x/onnx/a" }.Where(new FileSelection(["onnx/"], []).Matches));

    [Fact]
    public void The_text_of_a_selection_names_its_patterns() => Assert.Equal(
        ["all files", "a;b", " without x", "a without x;y"],
        new[]
        {
            FileSelection.All, new FileSelection(["b", "a"], []), new FileSelection([], ["x"]),
            new FileSelection(["a"], ["y", "x"]),
        }.Select(s => s.ToString()));

    [Fact]
    public void The_key_of_a_selection_tells_allowed_from_ignored_patterns_and_where_one_ends() => Assert.Equal(
        ["", "+a\0+b\0", "-a\0-b\0", "+a\0-b\0"],
        new[]
        {
            FileSelection.All, new FileSelection(["b", "a"], []), new FileSelection([], ["a", "b"]),
            new FileSelection(["a"], ["b"]),
        }.Select(s => s.Key));

    [Fact]
    public void A_backslash_is_a_slash() => Assert.True(new FileSelection([@"onnx\*.onnx"], []).Matches("onnx/m.onnx"));

    [Fact]
    public void Selections_are_equal_whatever_the_order_the_blanks_and_the_repetitions_of_their_patterns()
    {
        var one = new FileSelection(["b", " a ", "", "b"], ["d", "c"]);
        var other = new FileSelection(["a", "b"], ["c", "d"]);
        Assert.Equal((other, other.GetHashCode(), "a;b without c;d"), (one, one.GetHashCode(), one.ToString()));
    }

    [Fact]
    public void Allow_and_ignore_are_not_the_same() =>
        Assert.NotEqual(new FileSelection(["a"], []), new FileSelection([], ["a"]));

    [Theory]
    [InlineData("a[1].bin")]
    [InlineData("what?*.txt")]
    [InlineData("[!x]")]
    public void The_literal_of_a_path_matches_that_path_and_no_other(string path)
    {
        var selection = new FileSelection([FileSelection.Literal(path)], []);
        Assert.Equal([path], new[] { path, "a1.bin", "whatx.txt", "y", "x" }.Where(selection.Matches));
    }

    [Fact]
    public void A_hostile_pattern_and_name_take_no_time()
    {
        // With naive backtracking this would take longer than the universe has.
        var selection = new FileSelection([string.Concat(Enumerable.Repeat("*a", 30)) + "b"], []);
        Assert.False(selection.Matches(new string('a', 1000)));
    }
}
