namespace WiseHub.Client.Tests;

public sealed class PathCollisionTests
{
    public static bool HasIcu => "e\u0301".Normalize() == "é";

    [Theory]
    [InlineData("a", "a", "a", "a")]
    [InlineData("README.md", "readme.MD", "README.md", "readme.MD")]
    [InlineData("Ä.bin", "ä.bin", "Ä.bin", "ä.bin")]
    [InlineData("a", "a/b", "a", "a/b")]
    [InlineData("A/b", "a", "a", "A/b")]
    [InlineData("x/A/b", "x/a/c", "x/A/", "x/a/")]
    public void Names_that_collide_on_some_system_are_found(
        string first, string second, string reportedFirst, string reportedSecond) =>
        Assert.Equal((reportedFirst, reportedSecond), PathRules.FindCollision([first, "other", second]));

    [Fact]
    public void Names_that_differ_only_in_Unicode_composition_collide()
    {
        Assert.SkipUnless(HasIcu, "Without ICU the platform does not compose characters.");
        Assert.Equal(("é.bin", "e\u0301.bin"), PathRules.FindCollision(["é.bin", "e\u0301.bin"]));
    }

    [Theory]
    [InlineData("a/b", "A/B", "a/b", "A/B")]
    [InlineData("a", "A/b", "a", "A/b")]
    [InlineData("a", "A/b/c", "a", "A/b/c")]
    [InlineData("x/a", "x/A/b", "x/a", "x/A/b")]
    [InlineData("a/b", "A", "a/", "A")]
    [InlineData("a/b/c", "a/B", "a/b/", "a/B")]
    [InlineData("a/b", "A/c", "a/", "A/c")]
    [InlineData("x/a/b", "x/A/c/d", "x/a/", "x/A/c/d")]
    public void A_new_path_that_collides_with_an_existing_one_is_found(
        string there, string added, string reportedThere, string reportedAdded) =>
        Assert.Equal((reportedThere, reportedAdded), PathRules.FindCollisionWith([there, "other/x"], ["new", added]));

    [Theory]
    [InlineData("a/b", "a/b/")]
    [InlineData("a/b", "a/c")]
    [InlineData("a/b/c", "a/d/e")]
    [InlineData("x/a/b", "a/b")]
    public void A_new_path_beside_existing_ones_is_accepted(string there, string added) =>
        Assert.Null(PathRules.FindCollisionWith([there], [added.TrimEnd('/') + "2"]));

    [Fact]
    public void A_folder_that_exists_in_two_spellings_accepts_both_and_reports_the_first_for_another()
    {
        string[] there = ["b/x", "B/y"];
        Assert.Null(PathRules.FindCollisionWith(there, ["b/new", "B/other"]));
        Assert.Equal(("b/", "b"), PathRules.FindCollisionWith(["b/x"], ["b"]));
        Assert.Equal(("BB/", "bB/new"), PathRules.FindCollisionWith(["bb/x", "BB/y"], ["bB/new"]));
        Assert.Equal(("BB/", "bB"), PathRules.FindCollisionWith(["bb/x", "BB/y"], ["bB"]));
    }

    [Fact]
    public void Every_pair_of_colliding_paths_is_reported() =>
        Assert.Equal([("a", "A"), ("x/y", "X/Y"), ("f", "F/g"), ("x/", "X/")],
            PathRules.FindCollisions(["a", "A", "x/y", "X/Y", "f", "F/g", "X/z"]));

    [Fact]
    public void Names_that_collide_on_no_system_are_accepted() =>
        Assert.Null(PathRules.FindCollision(["a", "b/a", "b/c/a", "ab", "b.c", "a.b/c", "ß", "ss", "模型"]));
}
