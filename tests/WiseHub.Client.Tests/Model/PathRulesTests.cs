using System.Text;

namespace WiseHub.Client.Tests;

public sealed class PathRulesTests
{
    [Theory]
    [InlineData("f\u00e9", false)]
    [InlineData("fe\u0301", true)]
    [InlineData("\ud55c", false)]
    [InlineData("\u1112\u1161\u11ab", true)]
    [InlineData("\u212b", true)]
    [InlineData("模型", false)]
    public void A_character_that_has_another_form_is_known_without_ICU(string name, bool isOfSeveral) =>
        Assert.Equal(isOfSeveral, name.Any(PathRules.IsOfSeveralForms));

    [Theory]
    [InlineData("config.json")]
    [InlineData("onnx/model.onnx")]
    [InlineData(".gitattributes")]
    [InlineData("...a")]
    [InlineData("a..b/c...d")]
    [InlineData("模型/权重 1.bin")]
    [InlineData("😀.bin")]
    [InlineData("COMPUTER.txt")]
    [InlineData("console/aux1")]
    [InlineData("com10")]
    [InlineData("a b/c")]
    [InlineData("-rf")]
    [InlineData("~/x")]
    [InlineData("$(Evil)%41;@(x)")]
    public void A_name_that_every_system_can_have_is_accepted(string path) => Assert.Null(PathRules.Reject(path));

    [Theory]
    [InlineData("", "it is empty")]
    [InlineData("/", "it is absolute")]
    [InlineData("/etc/passwd", "it is absolute")]
    [InlineData("//host/share", "it is absolute")]
    [InlineData("..", "it has the part '..'")]
    [InlineData("../x", "it has the part '..'")]
    [InlineData("a/../b", "it has the part '..'")]
    [InlineData("a/..", "it has the part '..'")]
    [InlineData("./a", "it has the part '.'")]
    [InlineData("a/./b", "it has the part '.'")]
    [InlineData("a//b", "it has an empty part")]
    [InlineData("a/", "it has an empty part")]
    [InlineData(@"..\x", "it has a backslash")]
    [InlineData(@"\x", "it has a backslash")]
    [InlineData(@"\\host\share\x", "it has a backslash")]
    [InlineData(@"C:\x", "it has a backslash")]
    [InlineData("C:/x", "it has the character ':', which Windows does not allow")]
    [InlineData("D:foo", "it has the character ':', which Windows does not allow")]
    [InlineData("file.txt:stream", "it has the character ':', which Windows does not allow")]
    [InlineData("a*", "it has the character '*', which Windows does not allow")]
    [InlineData("a?", "it has the character '?', which Windows does not allow")]
    [InlineData("a\"", "it has the character '\"', which Windows does not allow")]
    [InlineData("<a", "it has the character '<', which Windows does not allow")]
    [InlineData("a>", "it has the character '>', which Windows does not allow")]
    [InlineData("a|b", "it has the character '|', which Windows does not allow")]
    [InlineData("a\nb", "it has a control character")]
    [InlineData("a\0b", "it has a control character")]
    [InlineData("a\u001b[2J", "it has a control character")]
    [InlineData("a\u0085b", "it has a control character")]
    [InlineData("a\u007f", "it has a control character")]
    [InlineData("a.", "'a.' ends in a dot or space, which Windows drops")]
    [InlineData("a ", "'a ' ends in a dot or space, which Windows drops")]
    [InlineData("x /b", "'x ' ends in a dot or space, which Windows drops")]
    [InlineData("...", "'...' ends in a dot or space, which Windows drops")]
    [InlineData("con", "'con' is a device name on Windows")]
    [InlineData("a/NUL", "'NUL' is a device name on Windows")]
    [InlineData("Aux.txt", "'Aux.txt' is a device name on Windows")]
    [InlineData("prn.tar.gz", "'prn.tar.gz' is a device name on Windows")]
    [InlineData("COM1/x", "'COM1' is a device name on Windows")]
    [InlineData("LPT9.json", "'LPT9.json' is a device name on Windows")]
    [InlineData("com¹", "'com¹' is a device name on Windows")]
    [InlineData("LPT³.x", "'LPT³.x' is a device name on Windows")]
    [InlineData("nul .txt", "'nul .txt' is a device name on Windows")]
    [InlineData("CONIN$", "'CONIN$' is a device name on Windows")]
    [InlineData("conout$.x", "'conout$.x' is a device name on Windows")]
    [InlineData("clock$", "'clock$' is a device name on Windows")]
    public void A_name_that_some_system_cannot_have_is_refused_on_every_system(string path, string reason) =>
        Assert.Equal(reason, PathRules.Reject(path));

    [Theory]
    [InlineData(".git", "git")]
    [InlineData(".git/hooks/post-checkout", "git")]
    [InlineData("a/.git/config", "git")]
    [InlineData("a/.git", "git")]
    [InlineData(".GIT/config", "git")]
    [InlineData("a/.Git/x", "git")]
    [InlineData(".git./config", "git")]
    [InlineData(".git /config", "git")]
    [InlineData(".git ... /config", "git")]
    [InlineData("git~1/config", "git")]
    [InlineData("GIT~1/hooks/x", "git")]
    [InlineData("GIT~12", "git")]
    [InlineData("git~1./config", "git")]
    [InlineData(".g\u200cit/config", "git")]
    [InlineData(".gi\ufefft/config", "git")]
    [InlineData("\u202e.git/config", "git")]
    [InlineData(".git\u206f/config", "git")]
    [InlineData(".g\u00adit/config", "git")]
    [InlineData("g\u200dit~1/config", "git")]
    [InlineData(".hg/hgrc", "Mercurial")]
    [InlineData("HG~1/hgrc", "Mercurial")]
    [InlineData(".svn/wc.db", "Subversion")]
    [InlineData(".jj/repo/config.toml", "Jujutsu")]
    [InlineData(".sl/config", "Sapling")]
    [InlineData(".bzr/branch/branch.conf", "Bazaar")]
    public void A_folder_of_a_version_control_system_is_refused_under_every_spelling(string path, string tool) =>
        Assert.EndsWith($" is a folder of {tool}, which may run programs in it", PathRules.Reject(path),
            StringComparison.Ordinal);

    // These have a colon, which is told first.
    [Theory]
    [InlineData(".git::$INDEX_ALLOCATION")]
    [InlineData(".git:stream")]
    [InlineData("GIT~1:$DATA")]
    public void A_stream_of_such_a_folder_is_that_folder(string part) =>
        Assert.Equal(("git", true), (RepositoryFolders.ToolOf(part), PathRules.Reject(part) is not null));

    [Theory]
    [InlineData(".gitattributes")]
    [InlineData(".gitignore")]
    [InlineData(".gitmodules")]
    [InlineData(".gitkeep")]
    [InlineData(".github/workflows/test.yml")]
    [InlineData("git/config")]
    [InlineData("x.git/config")]
    [InlineData(".git2")]
    [InlineData("..git")]
    [InlineData("git~")]
    [InlineData("git~a")]
    [InlineData("~1")]
    [InlineData("img~1.png")]
    [InlineData("digit~1")]
    [InlineData(".gıt/config")]
    [InlineData("\u2764\ufe0f.png")]
    public void A_name_that_only_resembles_such_a_folder_is_accepted(string path) => Assert.Null(PathRules.Reject(path));

    [Fact]
    public void A_name_in_a_message_has_no_control_characters_and_at_most_200_characters()
    {
        Assert.Equal("a\uFFFDb\uFFFD\uFFFD模", PathRules.Printable("a\nb\ud83d\ude00模"));
        Assert.Equal(new string('a', 200), PathRules.Printable(new string('a', 200) + "b"));
    }

    private static string? Reject(string path) => PathRules.Reject(path);

    // Not as inline data: half a pair does not survive the runner's own messages.
    [Fact]
    public void Half_of_a_surrogate_pair_is_refused() =>
        Assert.Equal(["it is not valid Unicode", "it is not valid Unicode"],
            new[] { "a\ud800b", "\udc00" }.Select(Reject));

    [Fact]
    public void A_part_may_have_255_bytes_and_no_more()
    {
        string longest = new string('a', 252) + "模";
        Assert.Equal((255, null, "a part of it is longer than 255 bytes"),
            (Encoding.UTF8.GetByteCount(longest), Reject("x/" + longest), Reject("x/a" + longest)));
    }

    [Fact]
    public void A_path_may_have_1024_bytes_and_no_more()
    {
        string longest = string.Join('/', Enumerable.Repeat(new string('a', 204), 5));
        Assert.Equal((1024, null, "it is longer than 1024 bytes"),
            (longest.Length, Reject(longest), Reject(longest + "a")));
    }

    // Characters, bytes and parts are counted differently: 3 bytes a character, but a UTF-16 unit each.
    [Fact]
    public void The_length_of_a_path_is_counted_in_bytes_of_UTF_8()
    {
        string longest = string.Join('/', Enumerable.Repeat(new string('模', 68), 5));
        Assert.Equal((344, 1024, null, "it is longer than 1024 bytes"), (longest.Length, Encoding.UTF8.GetByteCount(longest),
            Reject(longest), Reject(longest + "a")));
    }

    [Theory]
    [InlineData(".con")]
    [InlineData(".aux.txt")]
    [InlineData("x.con")]
    public void A_device_name_behind_a_dot_is_a_usual_name(string path) => Assert.Null(PathRules.Reject(path));

    [Theory]
    [InlineData("", "it has an empty part")]
    [InlineData("a/b", "it has a '/'")]
    [InlineData("..", "it has the part '..'")]
    [InlineData("config.json", null)]
    public void The_reason_against_a_segment_is_stated(string segment, string? reason) =>
        Assert.Equal(reason, PathRules.RejectSegment(segment));

    [Fact]
    public void A_byte_that_is_not_UTF_8_is_refused() =>
        Assert.Equal($"it is not UTF-8 ('{FileNameBytes.NotUtf8}' marks the other bytes)",
            PathRules.Reject($"a{FileNameBytes.NotUtf8}b"));

    [Theory]
    [InlineData('\u10FF', false)]
    [InlineData('\u1100', true)]
    [InlineData('\u11FF', true)]
    [InlineData('\u1200', false)]
    [InlineData('\u2125', false)]
    [InlineData('\u2126', true)]
    [InlineData('\u212A', true)]
    [InlineData('\uF8FF', false)]
    [InlineData('\uF900', true)]
    [InlineData('\uFAFF', true)]
    [InlineData('\uFB00', false)]
    [InlineData('\u0903', true)]
    public void The_ranges_of_characters_with_several_forms_have_these_ends(char c, bool isOfSeveral) =>
        Assert.Equal(isOfSeveral, PathRules.IsOfSeveralForms(c));

    [Theory]
    [InlineData("a/b")]
    [InlineData("a:b")]
    [InlineData("..")]
    [InlineData("nul")]
    public void A_segment_is_judged_by_the_same_rules_and_has_no_slash(string name) =>
        Assert.NotNull(PathNames.RejectSegment(name));

    [Fact]
    public void Names_with_a_noncharacter_are_compared_although_Windows_has_no_normal_form_of_them()
    {
        Assert.True(PathRules.AreOne("a\uFFFF", "A\uFFFF"));
        Assert.False(PathRules.AreOne("a\uFFFF", "b\uFFFF"));
        Assert.Equal("a\uFFFF", PathRules.Decompose("a\uFFFF"));
    }
}
