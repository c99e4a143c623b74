using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using WiseHub.Client.Signatures;

namespace WiseHub.Client.Tests;

/// <summary>The logs and authorities of Sigstore.</summary>
public sealed class TrustRootTests
{
    [Fact]
    public void The_shipped_one_is_that_of_the_public_instance()
    {
        TrustRoot root = TrustRoot.Shipped;
        Assert.Equal(["https://rekor.sigstore.dev", "https://log2025-1.rekor.sigstore.dev"], root.Logs.Select(l => l.Url));
        Assert.Equal(2, root.CertificateLogs.Count);
        Assert.Equal([1, 2], root.CertificateAuthorities.Select(a => a.Certificates.Count));
        Assert.Equal("https://timestamp.sigstore.dev/api/v1/timestamp", root.TimestampAuthorities.Single().Url);
        Assert.Equal("trusted_root.json", root.File);
    }

    [Fact]
    public void The_id_of_a_log_is_that_of_its_key() => Assert.All(
        [TrustRoot.Shipped.Logs[0], .. TrustRoot.Shipped.CertificateLogs],
        l => Assert.Equal(SHA256.HashData(l.Spki), l.Id));

    [Fact]
    public void A_period_has_both_ends()
    {
        ValidPeriod period = TrustRoot.Shipped.CertificateAuthorities[0].Period;
        Assert.Equal("from 2021-03-07 03:20:29Z to 2022-12-31 23:59:59Z", period.Describe());
        Assert.True(period.Contains(period.Start));
        Assert.True(period.Contains(period.End!.Value));
        Assert.False(period.Contains(period.Start.AddTicks(-1)));
        Assert.False(period.Contains(period.End.Value.AddTicks(1)));
    }

    [Fact]
    public void A_period_may_have_no_end()
    {
        ValidPeriod period = TrustRoot.Shipped.CertificateAuthorities[1].Period;
        Assert.Equal("from 2022-04-13 20:06:15Z on", period.Describe());
        Assert.True(period.Contains(DateTimeOffset.MaxValue));
    }

    [Theory]
    [InlineData("mediaType", "text/plain", "root.json cannot be used: its format is 'text/plain'. Get a current ")]
    [InlineData("certificateAuthorities.0.certChain.certificates.0.rawBytes", "AAAA",
        "a certificate of https://fulcio.example.com is malformed. Get a current")]
    [InlineData("ctlogs.0.publicKey.validFor.start", "yesterday",
        "): 'start' is not a time such as 2026-01-31T12:00:00Z. Get a current")]
    [InlineData("tlogs.0.publicKey.rawBytes", "!", "): 'rawBytes' is not base64. Get a current trusted_root.json of Sigstore.")]
    public void A_malformed_one_is_an_error(string path, string value, string message)
    {
        using var world = new KeylessWorld();
        JsonObject root = world.TrustRootJson();
        JsonLeaves.Set(root, path, value);
        var e = Assert.Throws<HubException>(() => TrustRoot.Read(Encoding.UTF8.GetBytes(root.ToJsonString()), "root.json"));
        Assert.Equal(WiseCodes.TrustRootUnusable, e.Code);
        Assert.Contains(message, e.Message, StringComparison.Ordinal);
        Assert.Equal("root.json", e.File);
    }

    [Fact]
    public void An_authority_without_certificates_is_an_error()
    {
        using var world = new KeylessWorld();
        JsonObject root = world.TrustRootJson();
        JsonLeaves.Set(root, "timestampAuthorities.0.certChain.certificates", new JsonArray());
        var e = Assert.Throws<HubException>(() => TrustRoot.Read(Encoding.UTF8.GetBytes(root.ToJsonString()), "root.json"));
        Assert.Contains("https://time.example.com has no certificates.", e.Message, StringComparison.Ordinal);
    }
}
