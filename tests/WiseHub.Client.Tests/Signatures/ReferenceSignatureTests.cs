using WiseHub.Client.Signatures;

namespace WiseHub.Client.Tests;

/// <summary>Signatures by others: the first implementation, and the examples of the standard.</summary>
public sealed class ReferenceSignatureTests
{
    private static readonly KeySigner UpstreamKey = new(SignatureVectors.At("upstream/keys/signing-key-pub.pem"));
    private static readonly CertificateSigner UpstreamRoot = new(SignatureVectors.At("upstream/keys/ca-cert.pem"));

    [Theory]
    [InlineData("files-p256", "p256", SignatureVectors.Accepted)]
    [InlineData("files-p384", "p384", SignatureVectors.Accepted)]
    [InlineData("files-p521", "p521", SignatureVectors.Accepted)]
    [InlineData("order", "p256", SignatureVectors.Accepted)]
    [InlineData("empty-file", "p256", SignatureVectors.Accepted)]
    // The next two leave out README.md and notes, and config.json: what is used must be listed.
    [InlineData("ignore", "p256", WiseCodes.SignatureFilesDiffer)]
    [InlineData("single-file", "p256", WiseCodes.SignatureFilesDiffer)]
    [InlineData("shards-100", "p256", WiseCodes.SignatureNotSupported)]
    [InlineData("shards-default", "p256", WiseCodes.SignatureNotSupported)]
    [InlineData("blake2", "p256", WiseCodes.SignatureNotSupported)]
    [InlineData("blake3", "p256", WiseCodes.SignatureNotSupported)]
    public void A_signature_of_the_first_implementation_has_its_verdict(string vector, string key, string verdict) =>
        Assert.Equal(verdict, SignatureVectors.Verdict($"ref/{vector}/model.sig", SignatureVectors.Key(key),
            SignatureVectors.Files($"ref/{vector}/model")));

    [Theory]
    [InlineData("ignore", "config.json", "model.safetensors", ".gitattributes", "model.sig")]
    [InlineData("single-file", "model.safetensors")]
    public void Files_that_a_signature_leaves_out_are_no_failure_while_they_are_not_used(string vector, params string[] used)
    {
        Dictionary<string, Digest> files = SignatureVectors.Files($"ref/{vector}/model");
        Dictionary<string, Digest> selected =
            used.ToDictionary(u => u, u => files.GetValueOrDefault(u, Digest.Parse(new('0', 64))));
        VerifiedSignature signature = new SignatureVerifier(null, SignatureVectors.June)
            .Verify(SignatureVectors.Read($"ref/{vector}/model.sig"), vector, [SignatureVectors.Key("p256")]);
        SignatureVerifier.CheckFiles(signature, vector, "model.sig", selected, files.Keys);
        Assert.Contains(".gitattributes", signature.IgnoredPaths);
    }

    [Theory]
    [InlineData("v0.3.1-elliptic-key", SignatureVectors.Accepted)]
    [InlineData("v1.0.0-elliptic-key", SignatureVectors.Accepted)]
    [InlineData("v1.0.1-elliptic-key", SignatureVectors.Accepted)]
    [InlineData("v1.1.0-elliptic-key", SignatureVectors.Accepted)]
    [InlineData("v1.0.0-certificate", SignatureVectors.Accepted)]
    [InlineData("v1.1.0-certificate", SignatureVectors.Accepted)]
    [InlineData("v0.2.0-certificate", WiseCodes.SignatureNotSupported)]
    public void A_signature_of_an_older_version_has_its_verdict(string vector, string verdict)
    {
        Dictionary<string, Digest> files = SignatureVectors.Files($"upstream/{vector}");
        files.Remove("ignore-me");
        SignerRule rule = vector.EndsWith("key", StringComparison.Ordinal) ? UpstreamKey : UpstreamRoot;
        Assert.Equal(verdict, SignatureVectors.Verdict($"upstream/{vector}/model.sig", rule, files));
    }

    [Fact]
    public void The_payload_of_another_statement_is_not_supported()
    {
        SignatureBundle bundle = SignatureBundle.Read(
            SignatureVectors.Read("oms-spec/test-vectors/v1.0/invalid-payload/wrong-predicate.bundle.json"), "model.sig");
        var e = Assert.Throws<HubException>(() => ModelStatement.Read(bundle.Payload, "model.sig"));
        Assert.Equal(WiseCodes.SignatureNotSupported, e.Code);
    }

    [Theory]
    [InlineData("valid/key", SignatureVectors.Accepted)]
    [InlineData("valid/certificate", SignatureVectors.Accepted)]
    [InlineData("invalid/empty", WiseCodes.SignatureMalformed)]
    [InlineData("invalid/missing-envelope", WiseCodes.SignatureMalformed)]
    [InlineData("invalid/missing-verification-material", WiseCodes.SignatureMalformed)]
    // Its payload was changed after signing.
    [InlineData("invalid-payload/wrong-predicate", WiseCodes.SignatureInvalid)]
    public void An_example_of_the_standard_has_its_verdict(string vector, string verdict)
    {
        SignerRule rule = vector.EndsWith("certificate", StringComparison.Ordinal) ? UpstreamRoot : UpstreamKey;
        string path = $"oms-spec/test-vectors/v1.0/{vector}.bundle.json";
        if (verdict == SignatureVectors.Accepted)
        {
            VerifiedSignature signature =
                new SignatureVerifier(null, SignatureVectors.June).Verify(SignatureVectors.Read(path), path, [rule]);
            Assert.Equal(["signme-1", "signme-2"], signature.Files.Keys);
        }
        else
        {
            Assert.Equal(verdict, SignatureVectors.Verdict(path, rule, []));
        }
    }
}
