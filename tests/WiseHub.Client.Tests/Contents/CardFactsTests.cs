using System.Globalization;
using System.Text;

namespace WiseHub.Client.Tests;

public sealed class CardFactsTests
{
    private static CardFacts Read(string text) => CardFacts.Read(Encoding.UTF8.GetBytes(text));

    private static string Show(CardFacts card) =>
        $"{string.Join(',', card.License)}|{string.Join(',', card.Tags)}|{string.Join(',', card.BaseModels)}";

    [Theory]
    [InlineData("---\nlicense: mit\ntags:\n- a\n- b\nbase_model: x/y\n---\n# m\n", "mit|a,b|x/y")]
    [InlineData("\uFEFF\r\n---\r\nlicense: [mit, apache-2.0]\r\n---\r\n", "mit,apache-2.0||")]
    [InlineData("---\nmodel-index:\n- name: {a: [b]}\n? {x: y}\n: z\ntags: {a: b}\nlicense: mit\n---\n", "mit||")]
    [InlineData("---\nlicense: &l mit\ntags: [*l, x, [y]]\n---\n", "mit|x|")]
    [InlineData("---\nlicense:\n---\n", "||")]
    // Not a card, or not YAML.
    [InlineData("# m\n---\nlicense: mit\n---\n", "||")]
    [InlineData("---\nlicense: mit\n", "||")]
    [InlineData("---\nlicense: mit: x\n  - [\n---\n", "||")]
    [InlineData("---\n- license\n---\n", "||")]
    [InlineData("---\na: [<b>\n\"\n---\n", "||")]
    [InlineData("", "||")]
    public void License_tags_and_base_model_are_read(string text, string expected) => Assert.Equal(expected, Show(Read(text)));

    [Fact]
    public void Aliases_are_not_expanded_and_nesting_costs_nothing()
    {
        var bomb = new StringBuilder("---\nlicense: mit\na0: &a0 [x, x]\n");
        for (int i = 1; i < 60; i++)
            bomb.Append(CultureInfo.InvariantCulture, $"a{i}: &a{i} [*a{i - 1}, *a{i - 1}]\n");
        Assert.Equal("mit||", Show(Read(bomb + "---\n")));
        Assert.Equal("mit||", Show(Read("---\nlicense: mit\nx: " + new string('[', 5000) + new string(']', 5000) + "\n---\n")));
    }

    [Fact]
    public void A_front_matter_without_end_in_sight_is_not_read() =>
        Assert.Equal("||", Show(Read("---\nlicense: mit\nx: " + new string('y', 300_000) + "\n---\n")));

    [Fact]
    public void Changes_are_told_by_key()
    {
        CardFacts before = Read("---\nlicense: mit\ntags: [a, b]\n---\n"),
            after = Read("---\nlicense: other\ntags: [b, c]\nbase_model: x/y\n---\n");
        Assert.Equal(["license mit → other", "base_model (none) → x/y", "tags a → c"], CardFacts.Changes(before, after));
        Assert.Empty(CardFacts.Changes(after, after));
    }
}
