using WiseHub.Client.Hubs.Git;

namespace WiseHub.Client.Tests;

// Each row was compared with git check-attr filter.
public sealed class GitAttributesTests
{
    [Theory]
    [InlineData("*.bin filter=lfs", "a.bin", true)]
    [InlineData("*.bin filter=lfs", "d/e/a.bin", true)]
    [InlineData("*.bin filter=lfs", "a.bin.txt", null)]
    [InlineData("d/*.bin filter=lfs", "d/a.bin", true)]
    [InlineData("d/*.bin filter=lfs", "d/e/a.bin", null)]
    [InlineData("d/*.bin filter=lfs", "x/d/a.bin", null)]
    [InlineData("/a.bin filter=lfs", "a.bin", true)]
    [InlineData("/a.bin filter=lfs", "d/a.bin", null)]
    [InlineData("d/** filter=lfs", "d/e/f", true)]
    [InlineData("d/** filter=lfs", "d", null)]
    [InlineData("**/e/* filter=lfs", "e/f", true)]
    [InlineData("**/e/* filter=lfs", "d/e/f", true)]
    [InlineData("d/**/f filter=lfs", "d/f", true)]
    [InlineData("d/**/f filter=lfs", "d/x/y/f", true)]
    [InlineData("*.bin filter=lfs\na.bin -filter", "a.bin", false)]
    [InlineData("*.bin -filter\na.bin filter=lfs", "a.bin", true)]
    [InlineData("*.bin filter=crypt", "a.bin", false)]
    [InlineData("*.bin text", "a.bin", null)]
    [InlineData("# *.bin filter=lfs", "a.bin", null)]
    [InlineData("\"a b\" filter=lfs", "a b", true)]
    [InlineData("a[0-9].bin filter=lfs", "a7.bin", true)]
    [InlineData("a[!0-9].bin filter=lfs", "a7.bin", null)]
    [InlineData("a?.bin filter=lfs", "ab.bin", true)]
    [InlineData("a.b+n filter=lfs", "a.bin", null)]
    [InlineData("  *.bin\tfilter=lfs\tdiff=lfs -text\r", "a.bin", true)]
    public void A_pattern_matches_the_same_paths_as_in_git(string text, string path, bool? expected)
    {
        var attributes = new GitAttributes();
        attributes.Add(".gitattributes", text);
        Assert.Equal(expected, attributes.IsLfs(path));
    }

    [Theory]
    [InlineData("d/a.bin", false)]
    [InlineData("d/e/a.bin", false)]
    [InlineData("a.bin", true)]
    [InlineData("dd/a.bin", true)]
    public void The_nearest_gitattributes_file_decides(string path, bool expected)
    {
        var attributes = new GitAttributes();
        attributes.Add(".gitattributes", "*.bin filter=lfs");
        attributes.Add("d/.gitattributes", "*.bin -filter");
        Assert.Equal(expected, attributes.IsLfs(path));
    }

    [Theory]
    [InlineData("[")]
    [InlineData("[z-a]")]
    [InlineData("[]")]
    [InlineData("\\")]
    [InlineData("\"a")]
    [InlineData("****************************************************************************************a")]
    public void An_invalid_or_expensive_pattern_matches_nothing(string pattern)
    {
        var attributes = new GitAttributes();
        attributes.Add(".gitattributes", pattern + " filter=lfs");
        Assert.Null(attributes.IsLfs(new string('a', 4000) + "b"));
    }
}
