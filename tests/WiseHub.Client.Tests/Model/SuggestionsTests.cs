namespace WiseHub.Client.Tests;

public sealed class SuggestionsTests
{
    private static readonly string[] Commands =
        ["download", "upload", "restore", "cache", "mirror", "login", "logout", "ls", "hg"];

    private static readonly string[] Options = ["--hub", "--type", "--revision", "--include", "--exclude", "--retries", "--to"];

    [Theory]
    [InlineData("downlod", "download")]
    [InlineData("downnload", "download")]
    [InlineData("downloat", "download")]
    [InlineData("donwload", "download")]
    [InlineData("sl", "ls")]
    [InlineData("DOWNLOAD", "download")]
    [InlineData("LogOot", "logout")]
    [InlineData("rstr", null)]
    [InlineData("restr", "restore")]
    [InlineData("status", null)]
    [InlineData("xyz", null)]
    public void A_name_is_near_if_at_most_about_a_third_of_it_differs(string given, string? expected) =>
        Assert.Equal(expected, Suggestions.Nearest(given, Commands));

    [Theory]
    [InlineData("--revison", "--revision")]
    [InlineData("-hub", "--hub")]
    [InlineData("hub", null)]
    [InlineData("--retrys", "--retries")]
    [InlineData("--xy", null)]
    [InlineData("--", null)]
    [InlineData("-", null)]
    public void Leading_dashes_do_not_count_as_length(string given, string? expected) =>
        Assert.Equal(expected, Suggestions.Nearest(given, Options));

    [Theory]
    [InlineData("down", "download")]
    [InlineData("MI", "mirror")]
    [InlineData("--incl", "--include")]
    [InlineData("d", null)]
    [InlineData("--r", null)]
    [InlineData("", null)]
    public void A_beginning_of_two_or_more_letters_is_near(string given, string? expected) =>
        Assert.Equal(expected, Suggestions.Nearest(given, [.. Commands, .. Options]));

    [Fact]
    public void The_smallest_distance_wins_over_a_longer_name_with_that_beginning() =>
        Assert.Equal("cache", Suggestions.Nearest("cach", ["cachecontrol", "cache"]));

    [Fact]
    public void The_first_of_two_equally_near_names_is_returned() =>
        Assert.Equal(("login", "logic"),
            (Suggestions.Nearest("logix", ["login", "logic"]), Suggestions.Nearest("logix", ["logic", "login"])));

    [Fact]
    public void A_swap_of_neighbours_is_one_difference_and_not_part_of_another() =>
        Assert.Equal(("ab", null), (Suggestions.Nearest("ba", ["ab"]), Suggestions.Nearest("ca-dir", ["abc-dir"])));

    [Fact]
    public void Nothing_is_near_if_nothing_is_known() => Assert.Null(Suggestions.Nearest("download", []));

    [Fact]
    public void Names_of_more_than_100_characters_are_not_compared()
    {
        string most = new('a', 100), more = new('a', 101);

        Assert.Equal((most, null, null), (Suggestions.Nearest(most, [more, most]), Suggestions.Nearest(more, [more, most]),
            Suggestions.Nearest(most, [more])));
    }

    [Fact]
    public void Names_beyond_ascii_and_halves_of_pairs_are_compared_by_character() =>
        Assert.Equal(("Größe", "模型仓库", "\ud83d\ude00ab"), (Suggestions.Nearest("grösse", ["Größe"]),
            Suggestions.Nearest("模型库", ["模型仓库"]), Suggestions.Nearest("\ud83dab", ["\ud83d\ude00ab"])));
}
