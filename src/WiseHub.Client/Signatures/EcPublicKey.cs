using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Text;

namespace WiseHub.Client.Signatures;

/// <summary>
/// A public key on P-256, P-384 or P-521. The curve decides the hash, as in the registry of algorithms of OpenSSF Model Signing.
/// </summary>
internal sealed class EcPublicKey : IDisposable
{
    /// <summary>id-ecPublicKey of RFC 5480.</summary>
    public const string Algorithm = "1.2.840.10045.2.1";

    private readonly ECDsa _key;

    private EcPublicKey(ECDsa key, HashAlgorithmName hash, byte[] spki) => (_key, Hash, Spki) = (key, hash, spki);

    /// <summary>The SubjectPublicKeyInfo as DER.</summary>
    public byte[] Spki { get; }

    /// <summary>The hash that goes with the curve.</summary>
    public HashAlgorithmName Hash { get; }

    /// <summary>The name of the key in lock files and messages.</summary>
    public string Name => "key sha256:" + Convert.ToHexStringLower(SHA256.HashData(Spki));

    /// <summary>
    /// The key's hint in a bundle: the sha256 of its PEM text with a newline at its end, which
    /// <see cref="PemEncoding"/> does not write.
    /// </summary>
    public string Hint => HintOf(Spki);

    /// <inheritdoc cref="Hint"/>
    public static string HintOf(byte[] spki) => Convert.ToHexStringLower(
        SHA256.HashData(Encoding.ASCII.GetBytes(PemEncoding.WriteString("PUBLIC KEY", spki) + "\n")));

    /// <summary>The hash for a curve; null for a curve that is not supported.</summary>
    public static HashAlgorithmName? HashFor(string curve) => curve switch
    {
        "1.2.840.10045.3.1.7" => HashAlgorithmName.SHA256,
        "1.3.132.0.34" => HashAlgorithmName.SHA384,
        "1.3.132.0.35" => HashAlgorithmName.SHA512,
        _ => null,
    };

    /// <summary>Reads a SubjectPublicKeyInfo.</summary>
    /// <param name="spki">DER.</param>
    /// <param name="other">The algorithm or curve if it is not one of these; null if the key is damaged.</param>
    /// <returns>Null if it is no such key.</returns>
    public static EcPublicKey? Read(ReadOnlyMemory<byte> spki, out string? other)
    {
        other = null;
        try
        {
            other = CurveOf(spki, out HashAlgorithmName? hash);
            if (hash is not HashAlgorithmName known)
                return null;
            other = null;
            var key = ECDsa.Create();
            try
            {
                key.ImportSubjectPublicKeyInfo(spki.Span, out int read);
                if (read == spki.Length)
                    return new EcPublicKey(key, known, spki.ToArray());
            }
            catch (CryptographicException)
            {
                // The point is not on the curve: no key.
            }
            key.Dispose();
            return null;
        }
        catch (AsnContentException)
        {
            return null;
        }
    }

    /// <summary>The name of a key's algorithm or curve for people; an identifier if it is unknown.</summary>
    public static string Called(string oid) => oid switch
    {
        "1.2.840.113549.1.1.1" => "RSA",
        "1.3.101.112" => "Ed25519",
        "1.3.101.113" => "Ed448",
        "1.3.132.0.10" => "secp256k1",
        "1.3.132.0.33" => "P-224",
        _ => oid,
    };

    /// <summary>Says whether a signature (DER) over data is this key's.</summary>
    public bool Verify(ReadOnlySpan<byte> data, ReadOnlySpan<byte> signature) => Verify(data, signature, Hash);

    /// <inheritdoc cref="Verify(ReadOnlySpan{byte}, ReadOnlySpan{byte})"/>
    public bool Verify(ReadOnlySpan<byte> data, ReadOnlySpan<byte> signature, HashAlgorithmName hash)
    {
        try
        {
            return _key.VerifyData(data, signature, hash, DSASignatureFormat.Rfc3279DerSequence);
        }
        catch (CryptographicException)
        {
            // Not DER.
            return false;
        }
    }

    public void Dispose() => _key.Dispose();

    private static string CurveOf(ReadOnlyMemory<byte> spki, out HashAlgorithmName? hash)
    {
        hash = null;
        AsnReader algorithm = new AsnReader(spki, AsnEncodingRules.DER).ReadSequence().ReadSequence();
        string oid = algorithm.ReadObjectIdentifier();
        if (oid != Algorithm || !algorithm.HasData)
            return oid;
        // Parameters that are written out instead of named have no identifier.
        if (!algorithm.PeekTag().HasSameClassAndValue(Asn1Tag.ObjectIdentifier))
            return oid;
        string curve = algorithm.ReadObjectIdentifier();
        hash = HashFor(curve);
        return curve;
    }
}
