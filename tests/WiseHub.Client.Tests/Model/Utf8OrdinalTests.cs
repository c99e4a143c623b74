using System.Text;

namespace WiseHub.Client.Tests;

public sealed class Utf8OrdinalTests
{
    // One of each length in UTF-8, both sides of the surrogates, and prefixes of each other.
    private static readonly string[] Texts =
    [
        "", "\0", "A", "Z", "a", "a/b", "a-b", "aa", "z", "\u007f", "\u0080", "é", "ÿ", "߿", "ࠀ", "模型", "模型/权重", "\ud7ff",
        "\ue000", "\ufffd", "\uffff", "\U00010000", "😀", "😀a", "a😀", "a\ue000", "a\uffff", "\U0010ffff",
    ];

    [Fact]
    public void The_order_is_that_of_the_bytes()
    {
        foreach (string a in Texts)
        {
            foreach (string b in Texts)
            {
                int bytes = Encoding.UTF8.GetBytes(a).AsSpan().SequenceCompareTo(Encoding.UTF8.GetBytes(b));
                Assert.True(Math.Sign(bytes) == Math.Sign(Utf8Ordinal.Instance.Compare(a, b)), $"'{a}' and '{b}'");
            }
        }
    }

    [Fact]
    public void Two_halves_of_pairs_compare_by_code_point() =>
        Assert.True(Utf8Ordinal.Instance.Compare("\U0001f600", "\U0001f601") < 0);

    [Fact]
    public void Null_comes_first() => Assert.Equal((0, -1, 1), (Utf8Ordinal.Instance.Compare(null, null),
        Utf8Ordinal.Instance.Compare(null, ""), Utf8Ordinal.Instance.Compare("", null)));
}
