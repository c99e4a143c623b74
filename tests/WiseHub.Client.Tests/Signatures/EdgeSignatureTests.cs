using WiseHub.Client.Signatures;

namespace WiseHub.Client.Tests;

/// <summary>
/// Signatures that are odd in one way each. Where the standard and its first implementation differ, we are strict.
/// </summary>
public sealed class EdgeSignatureTests
{
    [Theory]
    [InlineData("good", SignatureVectors.Accepted)]
    [InlineData("good-compact", SignatureVectors.Accepted)]
    [InlineData("unsorted", SignatureVectors.Accepted)]
    [InlineData("extra-predicate-field", SignatureVectors.Accepted)]
    [InlineData("no-hint", SignatureVectors.Accepted)]
    [InlineData("payload-base64url", SignatureVectors.Accepted)]
    [InlineData("no-serialization-ignore", SignatureVectors.Accepted)]
    [InlineData("upper-hex", WiseCodes.SignatureMalformed)]
    [InlineData("two-signatures-first-good", WiseCodes.SignatureMalformed)]
    [InlineData("two-signatures-second-good", WiseCodes.SignatureMalformed)]
    [InlineData("root-mismatch", WiseCodes.SignatureMalformed)]
    [InlineData("payload-type", WiseCodes.SignatureMalformed)]
    [InlineData("two-subjects", WiseCodes.SignatureMalformed)]
    [InlineData("algorithm-lie", WiseCodes.SignatureMalformed)]
    [InlineData("duplicate-name", WiseCodes.SignatureMalformed)]
    [InlineData("duplicate-name-bad-last", WiseCodes.SignatureMalformed)]
    [InlineData("traversal", WiseCodes.SignatureMalformed)]
    [InlineData("absolute", WiseCodes.SignatureMalformed)]
    [InlineData("dot-segment", WiseCodes.SignatureMalformed)]
    [InlineData("ignore-all", WiseCodes.SignatureMalformed)]
    [InlineData("duplicate-json-key", WiseCodes.SignatureMalformed)]
    [InlineData("wrong-key", WiseCodes.SignerNotExpected)]
    [InlineData("wrong-key-lying-hint", WiseCodes.SignatureInvalid)]
    [InlineData("payload-changed", WiseCodes.SignatureInvalid)]
    [InlineData("signature-p1363", WiseCodes.SignatureInvalid)]
    [InlineData("predicate-unknown", WiseCodes.SignatureNotSupported)]
    [InlineData("statement-v01", WiseCodes.SignatureNotSupported)]
    [InlineData("v02-digests", WiseCodes.SignatureNotSupported)]
    [InlineData("bundle-v02", WiseCodes.SignatureNotSupported)]
    [InlineData("ignore-weights", WiseCodes.SignatureFilesDiffer)]
    [InlineData("file-missing-in-list", WiseCodes.SignatureFilesDiffer)]
    [InlineData("file-missing-on-disk", WiseCodes.SignatureFilesDiffer)]
    [InlineData("digest-mismatch", WiseCodes.SignatureFilesDiffer)]
    public void An_odd_signature_has_its_verdict(string vector, string verdict) => Assert.Equal(verdict, SignatureVectors.Verdict(
        $"edge/{vector}.sig", SignatureVectors.Key("p256"), SignatureVectors.Files("edge/model")));

    [Fact]
    public void Each_odd_signature_is_tested() =>
        Assert.Equal(33, Directory.GetFiles(SignatureVectors.At("edge"), "*.sig").Length);

    [Theory]
    [InlineData("wrong-key", "edge/wrong-key.sig is not from an expected signer: another key signed it (hint ")]
    [InlineData("payload-changed", "edge/payload-changed.sig does not verify: the signature does not match the signed ")]
    [InlineData("v02-digests", "edge/v02-digests.sig cannot be verified: it has the form of model_signing 0.2, which is not ")]
    [InlineData("upper-hex", "the statement in edge/upper-hex.sig(25,7): 'digest' is not a sha256 of 64 lower-case hexadecimal ")]
    [InlineData("traversal", "' is not a relative path in its shortest form, as names of files must be. Ask the publisher ")]
    [InlineData("ignore-all", "edge/ignore-all.sig is not a valid signature of a model: it lists no files. Ask the publisher ")]
    [InlineData("digest-mismatch", "edge/digest-mismatch.sig does not match the files: changed after signing: config.json. ")]
    [InlineData("ignore-weights", "edge/ignore-weights.sig does not match the files: not listed in it: model.safetensors. ")]
    [InlineData("file-missing-on-disk", "edge/file-missing-on-disk.sig does not match the files: listed in it, but not ")]
    public void A_failure_says_what_is_wrong(string vector, string part)
    {
        Dictionary<string, Digest> files = SignatureVectors.Files("edge/model");
        string name = $"edge/{vector}.sig";
        var verifier = new SignatureVerifier(null, SignatureVectors.June);
        var e = Assert.Throws<HubException>(() => SignatureVerifier.CheckFiles(
            verifier.Verify(SignatureVectors.Read(name), name, [SignatureVectors.Key("p256")]), name, "model.sig",
            files, files.Keys));
        Assert.Contains(part, e.Message, StringComparison.Ordinal);
    }
}
