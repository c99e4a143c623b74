using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using WiseHub.Client.Signatures;

namespace WiseHub.Client.Tests;

/// <summary>
/// Signatures are input of strangers: whatever they are, the answer is one of our errors, soon and without much memory.
/// </summary>
public sealed class SignatureFuzzTests
{
    private const string Name = "acme/tiny model.sig";

    private static readonly byte[][] Words = [.. ((string[])["null", "true", "-1", "1e999", "\"\"", "{}", "[]", "[[[[",
        "\"\\ud800\"", "\\u0000", "99999999999999999999", "\"digest\":", "\"..\"",
        "{\"a\":1,\"a\":2}", "{\"\\ud800\":1}", "\"sha256\""])
        .Select(Encoding.UTF8.GetBytes)];

    [Fact]
    public void Any_bundle_is_read_or_refused() => Fuzz(
        [SignatureVectors.Read("edge/good.sig"), SignatureVectors.Read("edge/no-hint.sig"),
            SignatureVectors.Read("cert/good.sig"), Keyless()],
        input => SignatureBundle.Read(input, Name));

    [Fact]
    public void Any_statement_is_read_or_refused() => Fuzz(
        [SignatureVectors.Read("ref/files-p256/statement.json"), SignatureVectors.Read("ref/shards-100/statement.json")],
        input => ModelStatement.Read(input, Name));

    [Fact]
    public void Any_trust_root_is_read_or_refused()
    {
        using var world = new KeylessWorld();
        Fuzz([Encoding.UTF8.GetBytes(world.TrustRootJson().ToJsonString())], input => TrustRoot.Read(input, Name));
    }

    [Fact]
    public void Any_list_of_certificate_timestamps_is_read_or_refused()
    {
        using var world = new KeylessWorld();
        byte[] certificate = Convert.FromBase64String(
            (string)JsonLeaves.At(world.Sign(), "verificationMaterial.certificate.rawBytes")!);
        int list = certificate.AsSpan().IndexOf((ReadOnlySpan<byte>)[0x2b, 6, 1, 4, 1, 0xd6, 0x79, 2, 4, 2]) + 10;
        byte[] extension = AsnDecoder.ReadOctetString(certificate.AsSpan(list), AsnEncodingRules.DER, out _);
        Assert.Single(CertificateTimestamp.ReadList(extension));
        Fuzz([extension], input => OrMalformed(() => CertificateTimestamp.ReadList(input)));
        Fuzz([certificate], input => OrMalformed(() => CertificateTimestamp.ReadAll(input, out _)));
    }

    // The verifier makes it an error of ours.
    private static void OrMalformed(Action read)
    {
        try
        {
            read();
        }
        catch (AsnContentException e)
        {
            throw SignatureMessages.Malformed(Name, SignatureMessages.CertificateMalformed, e);
        }
    }

    // Any part of a signature that does not depend on the one before: certificate, log entry, proof and timestamp.
    [Fact]
    public void Any_keyless_signature_is_verified_or_refused()
    {
        using var world = new KeylessWorld();
        TrustRoot root = world.TrustRoot();
        SignatureBundle bundle = SignatureBundle.Read(Encoding.UTF8.GetBytes(world.Sign().ToJsonString()), Name);
        var log = new TransparencyLog(root, Name);
        LogEntry entry = bundle.LogEntries[0];
        Fuzz([bundle.Timestamps[0]],
            input => SignedTimestamp.Verify(input, bundle.Signature, root, Name), MutatedInputs.Count / 4);
        Fuzz([Encoding.UTF8.GetBytes(entry.Proof!.Checkpoint)], input => log.Verify(entry with
        { Proof = entry.Proof with { Checkpoint = Encoding.UTF8.GetString(input) } }, bundle, null), MutatedInputs.Count / 4);
        Fuzz([entry.Body], input =>
        {
            // A log of one entry, so that the body itself is looked at.
            byte[] hash = SHA256.HashData([0, .. input]);
            log.VerifyBody(input, bundle);
            Assert.True(new InclusionProof(0, 1, hash, [], "").Includes(input));
        });
    }

    [Fact]
    public void Any_certificate_is_verified_or_refused()
    {
        using var world = new KeylessWorld();
        var verifier = new SignatureVerifier(world.TrustRoot(), SignatureVectors.June);
        JsonObject keyless = world.Sign();
        JsonNode chain = JsonNode.Parse(SignatureVectors.Read("cert/good.sig"))!;
        SignerRule[] rules = [new KeylessSigner("a", "b"), new CertificateSigner(SignatureVectors.At("cert/root.pem"))];
        foreach ((JsonNode bundle, string path) in ((JsonNode, string)[])[(keyless, "verificationMaterial.certificate.rawBytes"),
            (chain, "verificationMaterial.x509CertificateChain.certificates.0.rawBytes"),
            (chain, "verificationMaterial.x509CertificateChain.certificates.1.rawBytes")])
        {
            byte[] certificate = Convert.FromBase64String((string)JsonLeaves.At(bundle, path)!);
            Fuzz([certificate], input =>
            {
                JsonLeaves.Set(bundle, path, Convert.ToBase64String(input));
                verifier.Verify(Encoding.UTF8.GetBytes(bundle.ToJsonString()), Name, rules);
            }, MutatedInputs.Count / 20);
        }
    }

    [Fact]
    public void Deep_nesting_is_refused() => Assert.Equal(WiseCodes.SignatureMalformed, Assert.Throws<HubException>(() =>
        SignatureBundle.Read(Encoding.ASCII.GetBytes(new string('[', 1 << 20)), Name)).Code);

    private static byte[] Keyless()
    {
        using var world = new KeylessWorld();
        return Encoding.UTF8.GetBytes(world.Sign().ToJsonString());
    }

    private static void Fuzz(byte[][] seeds, Action<byte[]> read, int? inputs = null) =>
        MutatedInputs.Try(seeds, Words, read, code => code.StartsWith("WISE603", StringComparison.Ordinal), inputs);
}
