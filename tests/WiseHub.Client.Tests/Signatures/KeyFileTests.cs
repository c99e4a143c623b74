using System.Security.Cryptography;
using System.Security.Cryptography.Pkcs;
using System.Security.Cryptography.X509Certificates;
using WiseHub.Client.Signatures;
using WiseHub.Testing;

namespace WiseHub.Client.Tests;

/// <summary>Keys and certificates in files of the user: each unusable one is told with its reason.</summary>
public sealed class KeyFileTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_missing_key_is_an_error() => Assert.Equal($"The file {_folder["key.pem"]} cannot be used for signatures: "
        + "it does not exist. Correct its path or its contents.", Failure(() => KeyFiles.ReadPublicKey(_folder["key.pem"])));

    [Fact]
    public void A_folder_is_no_key() => Assert.StartsWith($"The file {_folder.Path} cannot be used for signatures: ",
        Failure(() => KeyFiles.ReadPublicKey(_folder.Path)), StringComparison.Ordinal);

    [Theory]
    [InlineData("")]
    [InlineData("hello")]
    [InlineData("-----BEGIN PUBLIC KEY-----\n-----END PRIVATE KEY-----\n")]
    public void Another_file_is_no_key(string text)
    {
        string file = _folder.Write("key.pem", text);
        Assert.Contains("it is no PEM file with keys or certificates", Failure(() => KeyFiles.ReadPublicKey(file)),
            StringComparison.Ordinal);
        Assert.Contains("it is no PEM file with keys or certificates", Failure(() => KeyFiles.ReadPrivateKey(file, () => null)),
            StringComparison.Ordinal);
        Assert.Contains("it is no PEM file with keys or certificates", Failure(() => KeyFiles.ReadCertificates(file)),
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_huge_file_is_no_key()
    {
        string file = _folder.Write("key.pem", new byte[(1 << 20) + 1]);
        Assert.Contains("it is no PEM file", Failure(() => KeyFiles.ReadPublicKey(file)), StringComparison.Ordinal);
    }

    [Fact]
    public void A_private_key_is_no_public_key()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        Assert.Contains("it has no 'PUBLIC KEY' but 'PRIVATE KEY' (openssl pkey -pubout makes one)",
            Failure(() => KeyFiles.ReadPublicKey(_folder.Write("key.pem", key.ExportPkcs8PrivateKeyPem()))),
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_public_key_is_no_private_key() => Assert.Contains("it has no 'PRIVATE KEY' but 'PUBLIC KEY'",
        Failure(() => KeyFiles.ReadPrivateKey(SignatureVectors.Key("p256").KeyFile, () => null)), StringComparison.Ordinal);

    [Fact]
    public void A_key_is_no_certificate() => Assert.Contains("it has no 'CERTIFICATE' but 'PUBLIC KEY'",
        Failure(() => KeyFiles.ReadCertificates(SignatureVectors.Key("p256").KeyFile)), StringComparison.Ordinal);

    [Fact]
    public void A_damaged_certificate_is_an_error() => Assert.Contains("a certificate in it is damaged", Failure(() =>
        KeyFiles.ReadCertificates(_folder.Write("root.pem", PemEncoding.WriteString("CERTIFICATE", [1, 2, 3])))),
        StringComparison.Ordinal);

    [Fact]
    public void An_RSA_key_is_refused_by_name()
    {
        using var key = RSA.Create(2048);
        const string reason = "its key is of the kind RSA, and only EC keys on P-256, P-384 and P-521 are supported";
        Assert.Contains(reason, Failure(() => KeyFiles.ReadPublicKey(
            _folder.Write("key.pem", key.ExportSubjectPublicKeyInfoPem()))), StringComparison.Ordinal);
        Assert.Contains(reason, Failure(() => KeyFiles.ReadPrivateKey(
            _folder.Write("key.pem", key.ExportPkcs8PrivateKeyPem()), () => null)), StringComparison.Ordinal);
    }

    [Fact]
    public void An_Ed25519_key_is_refused_by_name()
    {
        byte[] der = new Pkcs8PrivateKeyInfo(new Oid("1.3.101.112"), null, new byte[] { 4, 1, 7 }).Encode();
        Assert.Contains("its key is of the kind Ed25519, and only EC keys", Failure(() => KeyFiles.ReadPrivateKey(
            _folder.Write("key.pem", PemEncoding.WriteString("PRIVATE KEY", der)), () => null)), StringComparison.Ordinal);
        // The log key of Rekor 2, from Sigstore's trust root.
        Assert.Contains("its key is of the kind Ed25519, and only EC keys", Failure(() => KeyFiles.ReadPublicKey(_folder.Write(
            "key.pem", PemEncoding.WriteString("PUBLIC KEY", TrustRoot.Shipped.Logs[1].Spki)))), StringComparison.Ordinal);
    }

    [Fact]
    public void A_key_on_another_curve_is_refused_by_name()
    {
        // OpenSSL writes it so; not every system can make such a key.
        byte[] spki = [.. Convert.FromHexString("3056301006072a8648ce3d020106052b8104000a034200"), 4, .. new byte[64]];
        Assert.Contains("its key is of the kind secp256k1, and only EC keys", Failure(() => KeyFiles.ReadPublicKey(
            _folder.Write("key.pem", PemEncoding.WriteString("PUBLIC KEY", spki)))), StringComparison.Ordinal);
    }

    [Fact]
    public void A_point_that_is_not_on_the_curve_is_no_key()
    {
        byte[] spki = [.. Convert.FromHexString("3059301306072a8648ce3d020106082a8648ce3d030107034200"), 4, .. new byte[64]];
        Assert.Contains("its key is damaged", Failure(() => KeyFiles.ReadPublicKey(
            _folder.Write("key.pem", PemEncoding.WriteString("PUBLIC KEY", spki)))), StringComparison.Ordinal);
    }

    [Fact]
    public void A_key_may_follow_other_parts_of_a_file()
    {
        string file = _folder.Write("key.pem", File.ReadAllText(SignatureVectors.At("cert/root.pem"))
            + File.ReadAllText(SignatureVectors.Key("p384").KeyFile));
        using EcPublicKey key = KeyFiles.ReadPublicKey(file);
        Assert.Equal(HashAlgorithmName.SHA384, key.Hash);
    }

    [Fact]
    public void A_private_key_is_read_in_each_form()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP521);
        var slow = new PbeParameters(PbeEncryptionAlgorithm.Aes256Cbc, HashAlgorithmName.SHA256, 1000);
        foreach ((string pem, string? password) in ((string, string?)[])[(key.ExportPkcs8PrivateKeyPem(), null),
            (key.ExportECPrivateKeyPem(), null), (key.ExportEncryptedPkcs8PrivateKeyPem("secret", slow), "secret")])
        {
            using ECDsa read = KeyFiles.ReadPrivateKey(_folder.Write("key.pem", pem), () => password);
            Assert.Equal(key.ExportPkcs8PrivateKey(), read.ExportPkcs8PrivateKey());
        }
    }

    [Fact]
    public void An_encrypted_key_needs_its_password()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        string file = _folder.Write("key.pem", key.ExportEncryptedPkcs8PrivateKeyPem("secret",
            new PbeParameters(PbeEncryptionAlgorithm.Aes256Cbc, HashAlgorithmName.SHA256, 1000)));
        Assert.Contains("its key is encrypted, and WISEHUB_SIGN_PASSWORD does not have its password",
            Failure(() => KeyFiles.ReadPrivateKey(file, () => null)), StringComparison.Ordinal);
        Assert.Contains("its key cannot be decrypted with the password",
            Failure(() => KeyFiles.ReadPrivateKey(file, () => "other")), StringComparison.Ordinal);
    }

    [Fact]
    public void The_first_certificate_must_be_that_of_the_key()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        Assert.Contains("its first certificate is not that of the signing key", Failure(() =>
            KeyFiles.ReadSigningCertificates(SignatureVectors.At("cert/root.pem"), key)), StringComparison.Ordinal);
        using X509Certificate2 own = new CertificateRequest("CN=own", key, HashAlgorithmName.SHA256)
            .CreateSelfSigned(SignatureVectors.June.GetUtcNow(), SignatureVectors.June.GetUtcNow().AddDays(1));
        string file = _folder.Write("chain.pem",
            own.ExportCertificatePem() + "\n" + File.ReadAllText(SignatureVectors.At("cert/root.pem")));
        Assert.Equal(["CN=own", "CN=WiseHub test root"], KeyFiles.ReadSigningCertificates(file, key).Select(c => c.Subject));
    }

    [Fact]
    public void A_damaged_private_key_is_an_error() => Assert.Contains("its key is damaged", Failure(() =>
        KeyFiles.ReadPrivateKey(_folder.Write("key.pem", PemEncoding.WriteString("EC PRIVATE KEY", [1, 2, 3])), () => null)),
        StringComparison.Ordinal);

    private static string Failure(Action read)
    {
        var e = Assert.Throws<HubException>(read);
        Assert.Equal(WiseCodes.SigningKeyUnusable, e.Code);
        return e.Message;
    }
}
