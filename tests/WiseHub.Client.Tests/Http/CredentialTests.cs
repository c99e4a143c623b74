using System.Text;
using WiseHub.Client.Http;

namespace WiseHub.Client.Tests;

/// <summary>The headers of a secret, and how it is hidden in the text of a server.</summary>
public sealed class CredentialTests
{
    private static readonly Uri Origin = new("https://hub.example.org/path");

    public static TheoryData<string, string> Kinds => new()
    {
        { "bearer", "Authorization: Bearer a b/c" },
        { "basic", "Authorization: Basic " + Convert.ToBase64String("me:a b/c"u8) },
        { "header", "PRIVATE-TOKEN: a b/c" },
        { "given", "X-Signature: a b/c\nX-Other: other" },
    };

    private static Credential Make(string kind) => kind switch
    {
        "bearer" => Credential.Bearer(Origin, "a b/c"),
        "basic" => Credential.Basic(Origin, "me", "a b/c"),
        "header" => Credential.Header(Origin, "PRIVATE-TOKEN", "a b/c"),
        _ => Credential.Given(Origin, [new("X-Signature", "a b/c"), new("X-Other", "other")]),
    };

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_secret_is_sent_in_these_headers(string kind, string headers)
    {
        using var request = new HttpRequestMessage();
        Make(kind).AddTo(request.Headers);
        Assert.Equal(headers, string.Join('\n', request.Headers.Select(h => $"{h.Key}: {string.Join(',', h.Value)}")));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Its_text_names_the_server_and_not_the_secret(string kind, string _) =>
        Assert.Equal("a token for https://hub.example.org", Make(kind).ToString());

    [Theory]
    [InlineData("the header 'Bearer a b/c' is wrong", "the header '***' is wrong")]
    [InlineData("the token 'a b/c' is wrong", "the token '***' is wrong")]
    [InlineData("?token=a%20b%2Fc", "?token=***")]
    [InlineData("?token=a%20b%2fc", "?token=***")]
    [InlineData("Bearer%20a%20b%2Fc", "***")]
    [InlineData("YSBiL2M=", "***")]
    [InlineData("nothing", "nothing")]
    public void A_bearer_token_is_hidden_in_every_form(string text, string hidden) =>
        Assert.Equal(hidden, Make("bearer").Hide(text));

    [Fact]
    public void A_password_is_hidden_with_and_without_its_encoding()
    {
        string encoded = Convert.ToBase64String("me:a b/c"u8);
        Assert.Equal("*** | *** | ***", Make("basic").Hide($"Basic {encoded} | {encoded} | a b/c"));
    }

    [Fact]
    public void Base64_without_padding_is_hidden_too()
    {
        string padded = Convert.ToBase64String(Encoding.UTF8.GetBytes("abcd"));
        Assert.EndsWith("==", padded, StringComparison.Ordinal);
        Assert.Equal("x *** x", Credential.Header(Origin, "T", "abcd").Hide($"x {padded.TrimEnd('=')} x"));
    }

    [Fact]
    public void A_credential_of_headers_only_hides_their_values_and_nothing_else() =>
        Assert.Equal("*** and *** of text", Make("given").Hide("a b/c and other of text"));
}
