using System.Text;

namespace WiseHub.Client.Tests;

public sealed class LockFileCorruptionTests
{
    private const string Remedy = " Restore it from version control. Delete it only as a last resort: the next build"
        + " then resolves every revision again, and may get other commits.";

    private static readonly string Commit = new('a', 40), Sha = new('1', 64);

    private const string All = "\"selections\":[{\"allow\":[\"*\"]}]";

    // Two references, so that a mistake in the second one is not shown in the first.
    private static readonly string Good = $$"""
        {"version":1,"references":[
        {"repoType":"model","repoId":"a/b","hub":"h","revision":"main","commit":"{{Commit}}",{{All}},"files":[
        {"path":"x","size":1,"sha256":"{{Sha}}"}]},
        {"repoType":"model","repoId":"c/d","hub":"h","revision":"main","commit":"{{Commit}}",{{All}},"files":[
        {"path":"y","size":1,"sha256":"{{Sha}}"},
        {"path":"z","size":1,"sha256":"{{Sha}}"}]}]}

        """.ReplaceLineEndings("\n");

    private static readonly string[] Lines = Good.Split('\n');

    private static HubException Failure(string text) => Failure(Encoding.UTF8.GetBytes(text));

    private static HubException Failure(byte[] bytes)
    {
        var e = Assert.Throws<HubException>(() => LockFile.Parse(bytes, "wise.lock.json"));
        Assert.Equal((WiseCodes.LockUnreadable, "wise.lock.json"), (e.Code, e.File));
        Assert.StartsWith($"wise.lock.json({e.Line},{e.Column})", e.Message, StringComparison.Ordinal);
        Assert.EndsWith(Remedy, e.Message, StringComparison.Ordinal);
        return e;
    }

    /// <summary>Puts something else into one line of the good text, and says where the reader must point.</summary>
    private static void AssertWrong(int line, string from, string to, string problem, string? pointsAt = null)
    {
        string[] lines = [.. Lines];
        int start = lines[line - 1].IndexOf(from, StringComparison.Ordinal);
        Assert.True(start >= 0);
        lines[line - 1] = lines[line - 1][..start] + to + lines[line - 1][(start + from.Length)..];
        HubException e = Failure(string.Join('\n', lines));
        int column = lines[line - 1].IndexOf(pointsAt ?? to, StringComparison.Ordinal) + 1;
        Assert.Equal($"wise.lock.json({line},{column}): {problem}{Remedy}", e.Message);
    }

    [Fact]
    public void The_text_that_these_tests_damage_is_good() =>
        Assert.Equal(2, LockFile.Parse(Encoding.UTF8.GetBytes(Good), "f").Entries.Count);

    [Fact]
    public void Every_place_at_which_the_file_may_have_been_cut_off_is_an_error()
    {
        byte[] bytes = Encoding.UTF8.GetBytes(Good);
        for (int length = 0; length < bytes.Length - 1; length++)
            Failure(bytes[..length]);
    }

    [Theory]
    [InlineData("\n")]
    [InlineData("\r\n")]
    public void A_merge_conflict_is_told_as_that_and_with_what_keeps_the_pins(string newLine)
    {
        string conflict = Good.Replace("\n{\"path\":\"y\"", "\n<<<<<<< HEAD\n{\"path\":\"y\"", StringComparison.Ordinal)
            .Replace("\n{\"path\":\"z\"", "\n=======\n>>>>>>> other\n{\"path\":\"z\"", StringComparison.Ordinal)
            .Replace("\n", newLine, StringComparison.Ordinal);
        var e = Assert.Throws<HubException>(() => LockFile.Parse(Encoding.UTF8.GetBytes(conflict), "wise.lock.json"));
        Assert.Equal((WiseCodes.LockConflict, "wise.lock.json", 5, 1), (e.Code, e.File, e.Line, e.Column));
        Assert.Equal("wise.lock.json(5,1) "
            + "has merge conflict markers. Run 'wisehub lock merge', which merges the entries of both sides.", e.Message);
    }

    [Fact]
    public void A_conflict_in_the_first_line_is_found_too()
    {
        var e = Assert.Throws<HubException>(() => LockFile.Parse(
            Encoding.UTF8.GetBytes("<<<<<<< HEAD\n=======\n" + Good + ">>>>>>> other\n"), "wise.lock.json"));
        Assert.Equal((WiseCodes.LockConflict, 1), (e.Code, e.Line));
    }

    [Theory]
    [InlineData("<<<<<<< HEAD\n")]
    [InlineData("<<<<<<< HEAD\n=======\n")]
    [InlineData("=======\n>>>>>>> other\n")]
    public void Some_of_the_markers_are_no_conflict(string before) => Failure(before + Good);

    [Fact]
    public void A_duplicate_key_is_an_error() =>
        Failure(Good.Replace("\"version\":1,", "\"version\":1,\"version\":1,", StringComparison.Ordinal));

    [Fact]
    public void A_comment_is_an_error() => Failure(Good + "// edited");

    [Fact]
    public void Something_that_is_not_an_object_is_an_error() =>
        Assert.Equal("wise.lock.json(1,1) is not a JSON object." + Remedy, Failure("[]").Message);

    [Fact]
    public void Nesting_without_end_is_an_error() => Failure(new string('[', 100_000));

    [Theory]
    [InlineData("\"version\":1,", "")]
    [InlineData("\"version\":1", "\"version\":0")]
    public void A_missing_or_old_version_is_an_error(string from, string to) =>
        Assert.Equal("wise.lock.json(1,1): 'version' is missing or not 1." + Remedy,
            Failure(Good.Replace(from, to, StringComparison.Ordinal)).Message);

    [Fact]
    public void A_version_that_is_no_whole_number_is_an_error() =>
        AssertWrong(1, "1", "1.5", "'version' must be a whole number of at least 0.");

    [Fact]
    public void A_newer_version_says_what_to_update()
    {
        var e = Assert.Throws<HubException>(() => LockFile.Parse("""{"version":2,"new":{}}"""u8.ToArray(), "wise.lock.json"));
        Assert.Equal((WiseCodes.LockTooNew, "wise.lock.json has version 2; this WiseHub reads version 1. "
            + "Update the WiseHub.Build package."), (e.Code, e.Message));
    }

    [Fact]
    public void A_newer_version_is_told_before_what_it_brought_along()
    {
        HubException e = Assert.Throws<HubException>(() => LockFile.Parse(
            """{"signature":{"by":["somebody"]},"references":[{"licence":"mit"}],"version":2}"""u8.ToArray(), "wise.lock.json"));
        Assert.Equal(WiseCodes.LockTooNew, e.Code);
    }

    [Fact]
    public void An_unknown_key_at_the_root() => AssertWrong(1, "\"references\"", "\"path\":1,\"references\"",
        "'path' is not a known key. The keys are version, references.", "\"path\"");

    [Fact]
    public void An_unknown_key_of_a_reference() => AssertWrong(4, "\"hub\"", "\"hubs\"",
        "'hubs' is not a known key. Did you mean 'hub'? The keys are repoType, repoId, hub, revision, config, commit, "
            + "license, gate, signature, selections, files.", "\"hubs\"");

    [Fact]
    public void An_unknown_key_of_a_selection() =>
        AssertWrong(4, "\"allow\"", "\"allowed\"",
            "'allowed' is not a known key. Did you mean 'allow'? The keys are allow, ignore.");

    [Fact]
    public void An_unknown_key_of_a_file() =>
        AssertWrong(6, "\"size\"", "\"sizes\"",
            "'sizes' is not a known key. Did you mean 'size'? The keys are path, size, sha256, waived.");

    [Fact]
    public void An_unknown_repo_type() =>
        AssertWrong(4, "\"model\"", "\"modal\"", "'repoType' must be model, dataset, code or space.");

    [Fact]
    public void A_missing_key_of_a_reference()
    {
        AssertWrong(4, "\"repoType\":\"model\",", "", "'repoType' is missing or empty.", "{\"repoId\"");
        AssertWrong(4, "\"repoId\":\"c/d\",", "", "'repoId' is missing or empty.", "{\"repoType\"");
        AssertWrong(4, "\"hub\":\"h\",", "", "'hub' is missing or empty.", "{\"repoType\"");
        AssertWrong(4, $"\"commit\":\"{Commit}\",", "", "'commit' is missing or empty.", "{\"repoType\"");
    }

    [Fact]
    public void A_missing_path_of_a_file() => AssertWrong(6, "\"path\":\"z\",", "", "'path' is missing or empty.", "{\"size\"");

    [Fact]
    public void An_empty_value() => AssertWrong(4, "\"c/d\"", "\"\"", "'repoId' is missing or empty.");

    [Fact]
    public void A_commit_that_is_none() =>
        AssertWrong(4, $"\"{Commit}\"", "\"main\"", "'main' is not a commit.", "\"main\",\"selections");

    [Fact]
    public void A_wrong_kind_of_value() => AssertWrong(4, "\"main\"", "7", "'revision' must be a string.");

    [Fact]
    public void A_value_that_must_be_a_list()
    {
        AssertWrong(4, "[{\"allow\":[\"*\"]}]", "{}", "'selections' must be a list.");
        AssertWrong(4, "\"files\":[", "\"files\":{}, \"x\":[", "'files' must be a list.", "{},");
        AssertWrong(1, "\"references\":[", "\"references\":7, \"x\":[", "'references' must be a list.", "7,");
    }

    [Fact]
    public void A_value_that_must_be_an_object()
    {
        AssertWrong(6, $$"""{"path":"z","size":1,"sha256":"{{Sha}}"}""", "null", "an object is expected here.");
        AssertWrong(4, "{\"allow\":[\"*\"]}", "\"*\"", "an object is expected here.");
        AssertWrong(1, "[", "[ 7, ", "an object is expected here.", "7, ");
    }

    [Fact]
    public void A_pattern_that_is_no_string() => AssertWrong(4, "\"*\"", "[]", "'allow' must contain strings.");

    [Fact]
    public void A_negative_size() => AssertWrong(6, "1", "-1", "'size' must be a whole number of at least 0.");

    [Fact]
    public void A_missing_size() => AssertWrong(6, "\"size\":1,", "", "'z' has no size.", "{\"path\"");

    [Fact]
    public void A_digest_that_is_none() =>
        AssertWrong(6, Sha, Sha[1..], "the sha256 of 'z' is not 64 hexadecimal characters.", "{\"path\"");

    [Fact]
    public void A_path_that_leaves_the_folder() =>
        AssertWrong(6, "\"z\"", "\"../z\"", "the path '../z' cannot be used: it has the part '..'.", "{\"path\"");

    [Fact]
    public void Paths_that_meet()
    {
        HubException e = Failure(Good.Replace("\"z\"", "\"Y\"", StringComparison.Ordinal));
        Assert.Equal("wise.lock.json(4,1): 'y' and 'Y' are the same file on some systems." + Remedy, e.Message);
    }

    [Fact]
    public void Two_entries_of_one_key() =>
        AssertWrong(4, "c/d", "a/b", "model a/b from h at main is listed twice.", "{\"repoType\"");

    [Fact]
    public void Half_of_a_surrogate_pair() => AssertWrong(6, "\"z\"", "\"\\ud800\"", "this string is not valid Unicode.");

    [Fact]
    public void Bytes_that_are_not_utf_8()
    {
        byte[] bytes = Encoding.UTF8.GetBytes(Good);
        bytes[Good.IndexOf("\"z\"", StringComparison.Ordinal) + 1] = 0xff;
        Assert.Equal("wise.lock.json(6,9): this string is not valid Unicode." + Remedy, Failure(bytes).Message);
    }

    [Fact]
    public void A_key_that_is_no_text() => Failure(Good.Replace("\"path\":\"z\"", "\"\\udc00\":\"z\"", StringComparison.Ordinal));

    [Fact]
    public void Columns_count_characters_and_not_bytes() =>
        AssertWrong(4, "\"c/d\",\"hub\":\"h\"", "\"模型/d\",\"hub\":7", "'hub' must be a string.", "7");

    [Fact]
    public void A_byte_order_mark_does_not_move_the_position()
    {
        HubException e = Failure([.. Encoding.UTF8.Preamble,
            .. Encoding.UTF8.GetBytes(Good.Replace("\"z\",\"size\":1", "\"z\",\"size\":-1", StringComparison.Ordinal))]);
        Assert.Equal((6, 20), (e.Line, e.Column));
    }
}
