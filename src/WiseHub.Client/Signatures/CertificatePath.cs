using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace WiseHub.Client.Signatures;

/// <summary>The way from a signer's certificate to a root, and what the certificate may be used for.</summary>
internal static class CertificatePath
{
    private const string CodeSigning = "1.3.6.1.5.5.7.3.3";

    /// <summary>Says whether a certificate leads to one of the roots. Never asks the network.</summary>
    /// <param name="certificate">The signer's certificate.</param>
    /// <param name="trusted">Roots, which sign themselves, and intermediate certificates.</param>
    /// <param name="others">Intermediate certificates from a stranger.</param>
    /// <param name="time">The time at which all of them must be valid.</param>
    /// <param name="issuer">The SubjectPublicKeyInfo of the certificate's issuer.</param>
    /// <param name="root">The digest of the root, if the path is valid.</param>
    public static PathResult Check(X509Certificate2 certificate, X509Certificate2Collection trusted,
        X509Certificate2Collection? others, DateTimeOffset time, out byte[] issuer, out Digest root)
    {
        using var chain = new X509Chain();
        X509ChainPolicy policy = chain.ChainPolicy;
        policy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        policy.RevocationMode = X509RevocationMode.NoCheck;
        policy.DisableCertificateDownloads = true;
        policy.VerificationTime = time.LocalDateTime;
        foreach (X509Certificate2 one in trusted)
            (IsSelfIssued(one) ? policy.CustomTrustStore : policy.ExtraStore).Add(one);
        if (others is not null)
            policy.ExtraStore.AddRange(others);
        (issuer, root) = ([], default);
        bool isValid = chain.Build(certificate);
        X509ChainStatusFlags problems = chain.ChainStatus.Aggregate(X509ChainStatusFlags.NoError, (all, s) => all | s.Status);
        if (isValid && chain.ChainElements.Count > 0)
        {
            issuer = chain.ChainElements[Math.Min(1, chain.ChainElements.Count - 1)].Certificate.PublicKey
                .ExportSubjectPublicKeyInfo();
            root = DigestOf(chain.ChainElements[^1].Certificate);
        }
        foreach (X509ChainElement element in chain.ChainElements)
            element.Certificate.Dispose();
        return isValid ? PathResult.Valid
            : problems == X509ChainStatusFlags.NotTimeValid ? PathResult.Expired : PathResult.Unknown;
    }

    /// <summary>The sha256 of a certificate.</summary>
    public static Digest DigestOf(X509Certificate2 certificate) => Digest.FromBytes(SHA256.HashData(certificate.RawData));

    /// <summary>Says whether a certificate can be a root.</summary>
    public static bool IsSelfIssued(X509Certificate2 certificate) =>
        certificate.SubjectName.RawData.AsSpan().SequenceEqual(certificate.IssuerName.RawData);

    /// <summary>
    /// Says whether a certificate is for signing. The standard asks for one of the two extensions; one that is present must allow
    /// it.
    /// </summary>
    /// <param name="certificate">The signer's certificate.</param>
    /// <param name="both">True if both must be present, as in certificates of Sigstore.</param>
    public static bool IsForSigning(X509Certificate2 certificate, bool both)
    {
        X509KeyUsageExtension? usage = certificate.Extensions.OfType<X509KeyUsageExtension>().FirstOrDefault();
        X509EnhancedKeyUsageExtension? enhanced = certificate.Extensions.OfType<X509EnhancedKeyUsageExtension>().FirstOrDefault();
        if (both ? usage is null || enhanced is null : usage is null && enhanced is null)
            return false;
        return usage?.KeyUsages.HasFlag(X509KeyUsageFlags.DigitalSignature) != false
            && enhanced?.EnhancedKeyUsages.Cast<Oid>().Any(o => o.Value == CodeSigning) != false;
    }
}
