using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using WiseHub.Client.Signatures;
using WiseHub.Testing;

namespace WiseHub.Client.Tests;

/// <summary>Each value of a good signature, changed.</summary>
public sealed class SignatureTamperTests
{
    private const string Name = "acme/tiny model.sig";

    // A hint only says which key; the signature says whether it is the key.
    [Fact]
    public void Each_changed_value_of_a_signature_with_a_key_is_refused() =>
        Assert.Equal(["dsseEnvelope.signatures.0.keyid", "verificationMaterial.publicKey.hint"],
            Accepted("edge/good.sig", SignatureVectors.Key("p256")));

    // An intermediate certificate is not needed if it is the root.
    [Fact]
    public void Each_changed_value_of_a_signature_with_a_certificate_is_refused() =>
        Assert.Equal(["dsseEnvelope.signatures.0.keyid"],
            Accepted("cert/good.sig", new CertificateSigner(SignatureVectors.At("cert/root.pem"))));

    // What is signed is true for the signer, even if it is odd; but only texts without a meaning may be anything.
    [Fact]
    public void A_changed_statement_is_refused_even_if_the_signer_changed_it()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var folder = new TempFolder();
        var rule = new KeySigner(folder.Write("key.pem", key.ExportSubjectPublicKeyInfoPem()));
        Dictionary<string, Digest> files = SignatureVectors.Files("edge/model");
        JsonNode bundle = JsonNode.Parse(ModelSigner.Sign(files, "model", key))!;
        JsonNode good = JsonNode.Parse(ModelSigner.WriteStatement(files, "model"))!;
        List<string> accepted = [];
        foreach (string path in JsonLeaves.Of(good).ToList())
        {
            JsonNode statement = good.DeepClone();
            JsonLeaves.Change(statement, path);
            byte[] payload = Encoding.UTF8.GetBytes(statement.ToJsonString());
            JsonLeaves.Set(bundle, "dsseEnvelope.payload", Convert.ToBase64String(payload));
            JsonLeaves.Set(bundle, "dsseEnvelope.signatures.0.sig", Convert.ToBase64String(key.SignData(
                DsseEnvelope.SignedBytes(payload), HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence)));
            if (Record.Exception(() => SignatureVerifier.CheckFiles(new SignatureVerifier(null, SignatureVectors.June)
                .Verify(Encoding.UTF8.GetBytes(bundle.ToJsonString()), Name, [rule]), Name, "model.sig", files, files.Keys))
                is not HubException)
                accepted.Add(path);
        }
        Assert.Equal(["predicate.serialization.allow_symlinks", "predicate.serialization.ignore_paths.0",
            "predicate.serialization.ignore_paths.1", "predicate.serialization.ignore_paths.2",
            "predicate.serialization.ignore_paths.3", "subject.0.name"], accepted.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void A_bundle_larger_than_16_MiB_is_not_read()
    {
        var e = Assert.Throws<HubException>(() => new SignatureVerifier(null, SignatureVectors.June)
            .Verify(new byte[(16 << 20) + 1], Name, [SignatureVectors.Key("p256")]));
        Assert.Equal(WiseCodes.SignatureMalformed, e.Code);
        Assert.StartsWith("acme/tiny model.sig is not a valid signature of a model: it is larger than ", e.Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_bundle_with_many_certificates_is_not_read()
    {
        JsonNode bundle = JsonNode.Parse(SignatureVectors.Read("cert/good.sig"))!;
        JsonArray certificates = JsonLeaves.At(bundle, "verificationMaterial.x509CertificateChain.certificates")!.AsArray();
        while (certificates.Count < 16)
            certificates.Add(certificates[1]!.DeepClone());
        SignerRule rule = new CertificateSigner(SignatureVectors.At("cert/root.pem"));
        Verify(bundle, rule);
        certificates.Add(certificates[1]!.DeepClone());
        var e = Assert.Throws<HubException>(() => Verify(bundle, rule));
        Assert.Contains("its list 'certificates' is longer than 16. ", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Without_an_expected_signer_nothing_verifies()
    {
        var e = Assert.Throws<HubException>(() => new SignatureVerifier(null, SignatureVectors.June)
            .Verify(SignatureVectors.Read("edge/good.sig"), Name, []));
        Assert.Equal(WiseCodes.SignerNotExpected, e.Code);
    }

    [Fact]
    public void A_missing_key_file_of_an_expected_signer_is_an_error()
    {
        var e = Assert.Throws<HubException>(() => new SignatureVerifier(null, SignatureVectors.June)
            .Verify(SignatureVectors.Read("edge/good.sig"), Name, [new KeySigner("/nowhere/key.pem")]));
        Assert.Equal(WiseCodes.SigningKeyUnusable, e.Code);
    }

    [Fact]
    public void Many_differences_are_told_in_the_details()
    {
        var signature = new VerifiedSignature("", default, new Dictionary<string, Digest> { ["gone"] = default }, [], null);
        Dictionary<string, Digest> files = Enumerable.Range(10, 20).ToDictionary(i => $"f{i}", _ => Digest.Parse(new('0', 64)));
        var e = Assert.Throws<HubException>(() => SignatureVerifier.CheckFiles(signature, Name, "model.sig", files, files.Keys));
        Assert.StartsWith("acme/tiny model.sig does not match the files: not listed in it: f10, f11, f12, f13, f14 and 15 more; "
            + "listed in it, but not in the repo: gone. Do not use them. ", e.Message, StringComparison.Ordinal);
        Assert.Equal(21, e.Details!.Split('\n').Length);
    }

    private static List<string> Accepted(string vector, SignerRule rule)
    {
        JsonNode good = JsonNode.Parse(SignatureVectors.Read(vector))!;
        List<string> accepted = [];
        foreach (string path in JsonLeaves.Of(good).ToList())
        {
            JsonNode bundle = good.DeepClone();
            JsonLeaves.Change(bundle, path);
            if (Record.Exception(() => Verify(bundle, rule)) is not HubException)
                accepted.Add(path);
        }
        accepted.Sort(StringComparer.Ordinal);
        return accepted;
    }

    private static VerifiedSignature Verify(JsonNode bundle, SignerRule rule) =>
        new SignatureVerifier(null, SignatureVectors.June).Verify(Encoding.UTF8.GetBytes(bundle.ToJsonString()), Name, [rule]);
}
