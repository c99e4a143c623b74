using WiseHub.Client.Signatures;
using WiseHub.Testing;

namespace WiseHub.Client.Tests;

/// <summary>Signatures with a certificate of an authority that the user trusts.</summary>
public sealed class CertificateSignatureTests
{
    private static readonly CertificateSigner Root = new(SignatureVectors.At("cert/root.pem"));

    [Theory]
    [InlineData("good", SignatureVectors.Accepted)]
    [InlineData("good-p384", SignatureVectors.Accepted)]
    [InlineData("root-in-bundle", SignatureVectors.Accepted)]
    [InlineData("ku-only", SignatureVectors.Accepted)]
    [InlineData("eku-only", SignatureVectors.Accepted)]
    [InlineData("no-usage", WiseCodes.SignatureInvalid)]
    [InlineData("ku-encipher-only", WiseCodes.SignatureInvalid)]
    [InlineData("eku-server-and-ku", WiseCodes.SignatureInvalid)]
    [InlineData("expired-leaf", WiseCodes.SignatureTimeInvalid)]
    [InlineData("future-leaf", WiseCodes.SignatureTimeInvalid)]
    [InlineData("no-intermediate", WiseCodes.SignerNotExpected)]
    public void A_certificate_has_its_verdict(string vector, string verdict) => Assert.Equal(verdict,
        SignatureVectors.Verdict($"cert/{vector}.sig", Root, SignatureVectors.Files("cert/model")));

    [Fact]
    public void A_certificate_below_another_root_is_not_expected() => Assert.Equal(WiseCodes.SignerNotExpected,
        SignatureVectors.Verdict("cert/wrong-root.sig", new CertificateSigner(SignatureVectors.At("cert/other-root.pem")),
            SignatureVectors.Files("cert/model")));

    [Fact]
    public void The_file_of_the_root_may_have_intermediate_certificates()
    {
        using var folder = new TempFolder();
        string both = folder.Write("both.pem", string.Concat(((string[])["intermediate", "root"])
            .Select(c => File.ReadAllText(SignatureVectors.At($"cert/{c}.pem")))));
        Assert.Equal(SignatureVectors.Accepted, SignatureVectors.Verdict("cert/no-intermediate.sig", new CertificateSigner(both),
            SignatureVectors.Files("cert/model")));
    }

    [Fact]
    public void An_intermediate_certificate_is_no_root()
    {
        var e = Assert.Throws<HubException>(() => Verify("good",
            new CertificateSigner(SignatureVectors.At("cert/intermediate.pem")), SignatureVectors.June));
        Assert.Equal(WiseCodes.SigningKeyUnusable, e.Code);
        Assert.Contains("none of its certificates is a root certificate", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_signer_is_named_by_subject_and_digest() => Assert.StartsWith("certificate CN=signer (sha256:",
        Verify("good", Root, SignatureVectors.June).Signer, StringComparison.Ordinal);

    [Theory]
    [InlineData(2025, WiseCodes.SignatureTimeInvalid)]
    [InlineData(2027, SignatureVectors.Accepted)]
    [InlineData(2036, WiseCodes.SignatureTimeInvalid)]
    public void The_clock_decides_whether_a_certificate_is_valid(int year, string verdict)
    {
        var clock = new FixedTime(new DateTimeOffset(year, 6, 1, 0, 0, 0, TimeSpan.Zero));
        Exception? e = Record.Exception(() => Verify("good", Root, clock));
        Assert.Equal(verdict, (e as HubException)?.Code ?? SignatureVectors.Accepted);
    }

    [Fact]
    public void An_expired_certificate_is_told_with_its_times()
    {
        var e = Assert.Throws<HubException>(() => Verify("expired-leaf", Root, SignatureVectors.June));
        Assert.Contains(" is valid from 2026-01-", e.Message, StringComparison.Ordinal);
        Assert.Contains(", but the time is 2026-06-01 00:00:00Z. Check the clock of this machine. ", e.Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_signature_with_a_certificate_is_not_one_with_a_key()
    {
        var e = Assert.Throws<HubException>(() => Verify("good", SignatureVectors.Key("p256"), SignatureVectors.June));
        Assert.Equal(WiseCodes.SignerNotExpected, e.Code);
        Assert.Contains("it is signed with a certificate. Expected: the key in ", e.Message, StringComparison.Ordinal);
    }

    private static VerifiedSignature Verify(string vector, SignerRule rule, TimeProvider clock) =>
        new SignatureVerifier(null, clock).Verify(SignatureVectors.Read($"cert/{vector}.sig"), "acme/tiny model.sig", [rule]);
}
