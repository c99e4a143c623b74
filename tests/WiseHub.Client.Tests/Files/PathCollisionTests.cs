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

    [Fact]
    public void Names_that_collide_on_no_system_are_accepted() =>
        Assert.Null(PathRules.FindCollision(["a", "b/a", "b/c/a", "ab", "b.c", "a.b/c", "ß", "ss", "模型"]));
}
