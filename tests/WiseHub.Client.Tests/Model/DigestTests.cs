using System.Security.Cryptography;
using WiseHub.Client.Store;

namespace WiseHub.Client.Tests;

public sealed class DigestTests
{
    private const string Hello = "dffd6021bb2bd5b0af676290809ec3a53191dd81c7f70a4b28688a362182986f";

    [Fact]
    public void Either_case_is_read_and_lower_case_is_written() =>
        Assert.Equal(Hello, Digest.Parse(Hello.ToUpperInvariant()).ToString());

    [Fact]
    public void Digests_of_one_content_are_equal() =>
        Assert.Equal(Digest.Parse(Hello), Digest.FromBytes(SHA256.HashData("Hello, World!"u8)));

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("dffd6021bb2bd5b0af676290809ec3a53191dd81c7f70a4b28688a362182986")]
    [InlineData("dffd6021bb2bd5b0af676290809ec3a53191dd81c7f70a4b28688a362182986f0")]
    [InlineData("gffd6021bb2bd5b0af676290809ec3a53191dd81c7f70a4b28688a362182986f")]
    [InlineData(" ffd6021bb2bd5b0af676290809ec3a53191dd81c7f70a4b28688a362182986f")]
    [InlineData("０ffd6021bb2bd5b0af676290809ec3a53191dd81c7f70a4b28688a362182986f")]
    public void Anything_else_is_refused(string? text) => Assert.False(Digest.TryParse(text, out _));

    [Fact]
    public void A_refused_text_is_named() =>
        Assert.Equal("'x' is not a sha256 of 64 hexadecimal characters.",
            Assert.Throws<FormatException>(() => Digest.Parse("x")).Message);

    [Fact]
    public void The_mtime_of_a_blob_is_two_seconds_for_each_of_its_first_28_bits_after_2000() =>
        Assert.Equal(new DateTime(2000, 1, 1, 0, 0, 0, DateTimeKind.Utc).AddSeconds(2L * 0xdffd602),
            BlobStore.MtimeOf(Digest.Parse(Hello)));
}
