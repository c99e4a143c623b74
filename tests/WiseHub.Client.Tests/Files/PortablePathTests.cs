using WiseHub.Testing;

namespace WiseHub.Client.Tests;

public sealed class PortablePathTests
{
    [Theory]
    [InlineData(@"cannot write <temp>\a\b.json: it says 'c\d'", @"cannot write <temp>/a/b.json: it says 'c\d'")]
    [InlineData(@"<temp>\a/b and '<temp>\c'", "<temp>/a/b and '<temp>/c'")]
    [InlineData(@"x\<temp>", @"x\<temp>")]
    public void Only_paths_below_the_hidden_folder_are_shown_with_slashes(string text, string expected) =>
        Assert.Equal(expected, PortablePaths.ShowWithSlashes(text, "<temp>"));

    [Fact]
    [Needs(Need.Unix)]
    public void On_Unix_a_backslash_is_part_of_a_name() =>
        Assert.Equal(@"<temp>/a\b", PortablePaths.Hide(@"/tmp/x/a\b", "/tmp/x", "<temp>"));
}
