using System.Security.Cryptography;
using System.Security.Cryptography.Pkcs;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using WiseHub.Client.Files;

namespace WiseHub.Client.Signatures;

/// <summary>Keys and certificates in PEM files of the user.</summary>
internal static class KeyFiles
{
    // A bundle of all roots of a system is about 250 KB.
    private const int Largest = 1 << 20;

    private const string PublicKey = "PUBLIC KEY", PrivateKey = "PRIVATE KEY", EcPrivateKey = "EC PRIVATE KEY",
        EncryptedPrivateKey = "ENCRYPTED PRIVATE KEY", Certificate = "CERTIFICATE";

    /// <summary>Reads a public key.</summary>
    /// <exception cref="HubException">WISE6034: the file is missing or has no usable key.</exception>
    public static EcPublicKey ReadPublicKey(string file)
    {
        string text = ReadText(file);
        if (!TryFind(text, PublicKey, out byte[] spki))
            throw SignatureMessages.KeyUnusable(file, SignatureMessages.NoPublicKey(LabelOf(text)));
        return EcPublicKey.Read(spki, out string? other)
            ?? throw SignatureMessages.KeyUnusable(file, SignatureMessages.NoEcKey(other));
    }

    /// <summary>Reads a private key.</summary>
    /// <param name="file">PEM with PKCS #8, encrypted or not, or with an EC key in its own form.</param>
    /// <param name="password">Called for the password of an encrypted key.</param>
    /// <exception cref="HubException">WISE6034: the file is missing or has no usable key, or the password is wrong.</exception>
    public static ECDsa ReadPrivateKey(string file, Func<string?> password)
    {
        string text = ReadText(file);
        byte[] der = [];
        try
        {
            if (TryFind(text, EncryptedPrivateKey, out der))
                return ReadEncrypted(file, der, password());
            if (TryFind(text, PrivateKey, out der))
                return Import(file, Pkcs8PrivateKeyInfo.Decode(der, out _, skipCopy: true));
            if (!TryFind(text, EcPrivateKey, out der))
                throw SignatureMessages.KeyUnusable(file, SignatureMessages.NoPrivateKey(LabelOf(text)));
            var key = ECDsa.Create();
            key.ImportECPrivateKey(der, out _);
            return OnKnownCurve(file, key);
        }
        catch (CryptographicException e)
        {
            throw SignatureMessages.KeyUnusable(file, SignatureMessages.NoEcKey(null), e);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(der);
        }
    }

    /// <summary>Reads certificates.</summary>
    /// <exception cref="HubException">WISE6034: the file is missing, or has no certificate or a malformed one.</exception>
    public static X509Certificate2Collection ReadCertificates(string file)
    {
        string text = ReadText(file);
        var certificates = new X509Certificate2Collection();
        try
        {
            certificates.ImportFromPem(text);
        }
        catch (CryptographicException e)
        {
            throw SignatureMessages.KeyUnusable(file, SignatureMessages.CertificateDamaged, e);
        }
        return certificates.Count > 0 ? certificates
            : throw SignatureMessages.KeyUnusable(file, SignatureMessages.NoCertificate(LabelOf(text)));
    }

    /// <summary>Reads the certificates to sign with: first that of the key, then intermediate ones.</summary>
    /// <exception cref="HubException">
    /// WISE6034: as <see cref="ReadCertificates"/>, or the first one is of another key.
    /// </exception>
    public static X509Certificate2Collection ReadSigningCertificates(string file, ECDsa key)
    {
        X509Certificate2Collection certificates = ReadCertificates(file);
        return certificates[0].PublicKey.ExportSubjectPublicKeyInfo().AsSpan().SequenceEqual(key.ExportSubjectPublicKeyInfo())
            ? certificates : throw SignatureMessages.KeyUnusable(file, SignatureMessages.OtherCertificateKey);
    }

    private static ECDsa ReadEncrypted(string file, byte[] der, string? password)
    {
        if (string.IsNullOrEmpty(password))
            throw SignatureMessages.KeyUnusable(file, SignatureMessages.PasswordNeeded);
        Pkcs8PrivateKeyInfo info;
        try
        {
            info = Pkcs8PrivateKeyInfo.DecryptAndDecode(password, der, out _);
        }
        catch (CryptographicException e)
        {
            throw SignatureMessages.KeyUnusable(file, SignatureMessages.PasswordWrong, e);
        }
        return Import(file, info);
    }

    private static ECDsa Import(string file, Pkcs8PrivateKeyInfo info)
    {
        string algorithm = info.AlgorithmId.Value ?? "";
        if (algorithm != EcPublicKey.Algorithm)
            throw SignatureMessages.KeyUnusable(file, SignatureMessages.NoEcKey(algorithm));
        byte[] der = info.Encode();
        try
        {
            var key = ECDsa.Create();
            key.ImportPkcs8PrivateKey(der, out _);
            return OnKnownCurve(file, key);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(der);
        }
    }

    private static ECDsa OnKnownCurve(string file, ECDsa key)
    {
        using EcPublicKey? known = EcPublicKey.Read(key.ExportSubjectPublicKeyInfo(), out string? curve);
        if (known is not null)
            return key;
        key.Dispose();
        throw SignatureMessages.KeyUnusable(file, SignatureMessages.NoEcKey(curve));
    }

    private static bool TryFind(string text, string label, out byte[] der)
    {
        der = [];
        ReadOnlySpan<char> rest = text;
        while (PemEncoding.TryFind(rest, out PemFields fields))
        {
            if (rest[fields.Label].SequenceEqual(label))
            {
                der = new byte[fields.DecodedDataLength];
                return Convert.TryFromBase64Chars(rest[fields.Base64Data], der, out _);
            }
            rest = rest[fields.Location.End..];
        }
        return false;
    }

    private static string? LabelOf(string text) =>
        PemEncoding.TryFind(text, out PemFields fields) ? PathRules.Printable(text[fields.Label]) : null;

    private static string ReadText(string file)
    {
        try
        {
            using FileStream stream = File.OpenRead(file);
            if (!stream.CanSeek || stream.Length > Largest)
                throw SignatureMessages.KeyUnusable(file, SignatureMessages.NoPem);
            byte[] bytes = new byte[stream.Length];
            stream.ReadExactly(bytes);
            // PEM is ASCII; what is not cannot be a part of a key.
            return Encoding.Latin1.GetString(bytes);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw SignatureMessages.KeyUnusable(file, SignatureMessages.FileMissing, e);
        }
        catch (Exception e) when (IoFailures.IsFileSystem(e))
        {
            throw SignatureMessages.KeyUnusable(file, e.Message, e);
        }
    }
}
