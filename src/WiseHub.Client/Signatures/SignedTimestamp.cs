using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.Pkcs;
using System.Security.Cryptography.X509Certificates;

namespace WiseHub.Client.Signatures;

/// <summary>A timestamp of RFC 3161: an authority's statement that a signature existed at a time.</summary>
internal static class SignedTimestamp
{
    // The values "granted" and "granted with modifications" of PKIStatus.
    private const int LastGranted = 1;

    // sha256, sha384 and sha512.
    private static readonly string[] Hashes = ["2.16.840.1.101.3.4.2.1", "2.16.840.1.101.3.4.2.2", "2.16.840.1.101.3.4.2.3"];

    /// <summary>Verifies a response of an authority.</summary>
    /// <param name="response">The response, DER.</param>
    /// <param name="signature">The bytes that it is about.</param>
    /// <param name="root">The trusted authorities.</param>
    /// <param name="name">The name of the signature file for messages.</param>
    /// <returns>The time.</returns>
    /// <exception cref="HubException">
    /// WISE6031: not by a trusted authority, or about something else. WISE6036: by one that was not trusted at that time.
    /// </exception>
    public static DateTimeOffset Verify(byte[] response, byte[] signature, TrustRoot root, string name)
    {
        try
        {
            if (Read(response) is Rfc3161TimestampToken token && Hashes.Contains(token.TokenInfo.HashAlgorithmId.Value))
            {
                DateTimeOffset time = token.TokenInfo.Timestamp;
                TrustedAuthority? outdated = null;
                foreach (TrustedAuthority authority in root.TimestampAuthorities)
                {
                    if (!IsBy(token, signature, authority, time))
                        continue;
                    if (authority.Period.Contains(time))
                        return time;
                    outdated = authority;
                }
                if (outdated is not null)
                    throw SignatureMessages.TrustRootOutdated(name, root.File, outdated.Url, time, outdated.Period);
            }
        }
        catch (Exception e) when (e is CryptographicException or AsnContentException)
        {
            throw SignatureMessages.Invalid(name, SignatureMessages.WrongTimestamp(root.File), e);
        }
        throw SignatureMessages.Invalid(name, SignatureMessages.WrongTimestamp(root.File));
    }

    private static Rfc3161TimestampToken? Read(byte[] response)
    {
        AsnReader parts = new AsnReader(response, AsnEncodingRules.BER).ReadSequence();
        if (!parts.ReadSequence().TryReadInt32(out int status) || status is < 0 or > LastGranted || !parts.HasData)
            return null;
        return Rfc3161TimestampToken.TryDecode(parts.ReadEncodedValue(), out Rfc3161TimestampToken? token, out _) ? token : null;
    }

    private static bool IsBy(Rfc3161TimestampToken token, byte[] signature, TrustedAuthority authority, DateTimeOffset time)
    {
        if (!token.VerifySignatureForData(signature, out X509Certificate2? signer, authority.Certificates))
            return false;
        bool isTrusted = CertificatePath.Check(signer, authority.Certificates, null, time, out _, out _) == PathResult.Valid;
        // One that came with the token, and not one of the trust root, which is used again.
        if (!authority.Certificates.Any(c => ReferenceEquals(c, signer)))
            signer.Dispose();
        return isTrusted;
    }
}
