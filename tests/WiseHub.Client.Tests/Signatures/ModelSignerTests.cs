using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using WiseHub.Client.Signatures;
using WiseHub.Testing;

namespace WiseHub.Client.Tests;

/// <summary>Signatures that we make: the bytes of the first implementation where it agrees with the standard.</summary>
public sealed class ModelSignerTests : IDisposable
{
    private const string Name = "acme/tiny model.sig";

    private static readonly Digest Zero = Digest.Parse(new('0', 64));

    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void The_statement_has_the_bytes_of_the_first_implementation() => Assert.Equal(
        SignatureVectors.Read("ref/files-p256/statement.json"),
        ModelSigner.WriteStatement(SignatureVectors.Files("ref/files-p256/model"), "model"));

    [Fact]
    public void The_bundle_has_the_form_of_the_first_implementation()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        string ours = Form(ModelSigner.Sign(SignatureVectors.Files("ref/files-p256/model"), "model", key));
        Assert.Equal(Form(SignatureVectors.Read("ref/files-p256/model.sig")), ours);
    }

    // Part by part, "a/b" would come before "a b".
    [Fact]
    public void Files_are_listed_in_the_order_of_code_points()
    {
        Dictionary<string, Digest> files = SignatureVectors.Files("ref/order/model");
        using JsonDocument statement = JsonDocument.Parse(ModelSigner.WriteStatement(files, "model"));
        Assert.Equal(["C", "Z/0", "a b", "a-b", "a.b", "a/b", "a/b-c", "a/é", "a/～", "a/😀", "aa/x", "b", "y"],
            statement.RootElement.GetProperty("predicate").GetProperty("resources").EnumerateArray()
                .Select(r => r.GetProperty("name").GetString()));
    }

    [Theory]
    [InlineData("nistP256")]
    [InlineData("nistP384")]
    [InlineData("nistP521")]
    public void Our_signature_verifies_with_its_key(string curve)
    {
        using var key = ECDsa.Create(ECCurve.CreateFromFriendlyName(curve));
        Dictionary<string, Digest> files = SignatureVectors.Files("ref/order/model");
        byte[] bundle = ModelSigner.Sign(files, "model", key);
        VerifiedSignature signature = Verify(bundle, new KeySigner(PublicKey(key)));
        SignatureVerifier.CheckFiles(signature, Name, "model.sig", files, files.Keys);
        Assert.Equal("key sha256:" + Convert.ToHexStringLower(SHA256.HashData(key.ExportSubjectPublicKeyInfo())),
            signature.Signer);
        Assert.Equal(Digest.FromBytes(SHA256.HashData(bundle)), signature.Bundle);
        Assert.Null(signature.Time);
    }

    [Fact]
    public void Our_signature_with_a_certificate_verifies_below_its_root()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP384);
        var request = new CertificateRequest("CN=signer", key, HashAlgorithmName.SHA384);
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, critical: true));
        using X509Certificate2 certificate = request.CreateSelfSigned(
            SignatureVectors.June.GetUtcNow(), SignatureVectors.June.GetUtcNow().AddDays(1));
        byte[] bundle = ModelSigner.Sign(new Dictionary<string, Digest> { ["a"] = Zero }, "model", key, [certificate]);
        VerifiedSignature signature =
            Verify(bundle, new CertificateSigner(_folder.Write("root.pem", certificate.ExportCertificatePem())));
        Assert.StartsWith("certificate CN=signer (sha256:", signature.Signer, StringComparison.Ordinal);
    }

    [Fact]
    public void Files_of_git_are_not_signed()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        byte[] bundle = ModelSigner.Sign(new Dictionary<string, Digest>
        { [".gitattributes"] = Zero, [".github/x"] = Zero, ["a/.gitignore"] = Zero, [".gitmodules"] = Zero }, "model", key);
        Assert.Equal([".gitmodules", "a/.gitignore"], Verify(bundle, new KeySigner(PublicKey(key))).Files.Keys);
    }

    [Fact]
    public void A_model_without_files_is_not_signed()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var e = Assert.Throws<HubException>(
            () => ModelSigner.Sign(new Dictionary<string, Digest> { [".gitattributes"] = Zero }, "acme/tiny", key));
        Assert.Equal((WiseCodes.SignatureFilesDiffer, "acme/tiny cannot be signed: it has no files, apart from those of git. "
            + "Add the files of the model first."), (e.Code, e.Message));
    }

    [Theory]
    [InlineData(".")]
    [InlineData("../a")]
    [InlineData("/a")]
    [InlineData("a//b")]
    [InlineData("a/./b")]
    [InlineData("a\nb")]
    [InlineData("")]
    public void A_path_that_no_verifier_accepts_is_not_signed(string path)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var e = Assert.Throws<HubException>(
            () => ModelSigner.Sign(new Dictionary<string, Digest> { [path] = Zero }, "acme/tiny", key));
        Assert.Equal(WiseCodes.SignatureFilesDiffer, e.Code);
    }

    [Fact]
    public void The_signed_bytes_have_the_type_and_both_lengths_before_the_payload()
    {
        byte[] payload = SignatureVectors.Read("ref/files-p256/statement.json"), signed = DsseEnvelope.SignedBytes(payload);
        Assert.Equal("DSSEv1 28 application/vnd.in-toto+json 882 ", Encoding.ASCII.GetString(signed, 0, signed.Length - 882));
        Assert.Equal(925, signed.Length);
        Assert.Equal(payload, signed[^882..]);
    }

    // A number of bytes, not of characters.
    [Fact]
    public void The_length_of_a_payload_counts_bytes() => Assert.Equal("DSSEv1 28 application/vnd.in-toto+json 4 😀",
        Encoding.UTF8.GetString(DsseEnvelope.SignedBytes("😀"u8)));

    [Theory]
    [InlineData("p256", "ref/files-p256")]
    [InlineData("p384", "ref/files-p384")]
    [InlineData("p521", "ref/files-p521")]
    public void The_hint_of_a_key_is_that_of_the_first_implementation(string key, string vector)
    {
        using EcPublicKey read = KeyFiles.ReadPublicKey(SignatureVectors.Key(key).KeyFile);
        Assert.Equal(SignatureBundle.Read(SignatureVectors.Read(vector + "/model.sig"), Name).KeyHint, read.Hint);
    }

    private static VerifiedSignature Verify(byte[] bundle, SignerRule rule) =>
        new SignatureVerifier(null, SignatureVectors.June).Verify(bundle, Name, [rule]);

    private string PublicKey(ECDsa key) => _folder.Write("key.pem", key.ExportSubjectPublicKeyInfoPem());

    // Names and kinds of values, and the payload.
    private static string Form(byte[] bundle)
    {
        using JsonDocument json = JsonDocument.Parse(bundle);
        return string.Join('\n', Lines("", json.RootElement).Order(StringComparer.Ordinal));
    }

    private static IEnumerable<string> Lines(string path, JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Object => element.EnumerateObject().SelectMany(p => Lines($"{path}.{p.Name}", p.Value)),
        JsonValueKind.Array => element.EnumerateArray().SelectMany((e, i) => Lines($"{path}[{i}]", e)).Prepend(path),
        _ => [path.EndsWith(".sig", StringComparison.Ordinal) || path.EndsWith(".hint", StringComparison.Ordinal)
            || path.EndsWith(".payload", StringComparison.Ordinal) ? path : $"{path} {element}"],
    };
}
