using System.Security.Cryptography.X509Certificates;

namespace WiseHub.Client.Signatures;

/// <summary>
/// Verifies, without a network, that a certificate of Sigstore was valid when it signed: its authority, its log, and the log of
/// the signature (https://github.com/sigstore/architecture-docs/blob/main/client-spec.md).
/// </summary>
internal sealed class KeylessVerifier(TrustRoot root, string name)
{
    /// <summary>Verifies everything but the signature itself and the identity.</summary>
    /// <returns>The earliest time that somebody attests.</returns>
    /// <exception cref="HubException">WISE6030, 6031, 6035, 6036, 6037.</exception>
    public DateTimeOffset Verify(SignatureBundle bundle, X509Certificate2 certificate)
    {
        if (bundle.LogEntries.Count == 0)
            throw SignatureMessages.Malformed(name, SignatureMessages.NoLogEntry);
        if (bundle.LogEntries.FirstOrDefault(e => e.Kind != LogEntry.Dsse) is LogEntry other)
            throw SignatureMessages.NotSupported(name, SignatureMessages.OtherLogEntry(PathRules.Printable(other.Kind)));
        if (!CertificatePath.IsForSigning(certificate, both: true))
            throw SignatureMessages.Invalid(name, SignatureMessages.NotForSigning(PathRules.Printable(certificate.Subject)));
        var times = new List<DateTimeOffset>();
        foreach (byte[] timestamp in bundle.Timestamps)
            times.Add(SignedTimestamp.Verify(timestamp, bundle.Signature, root, name));
        var log = new TransparencyLog(root, name);
        foreach (LogEntry entry in bundle.LogEntries)
        {
            if (log.Verify(entry, bundle, times.Count > 0 ? times[0] : null) is DateTimeOffset time)
                times.Add(time);
        }
        foreach (DateTimeOffset time in times)
            VerifyCertificate(certificate, time);
        return times.Min();
    }

    private void VerifyCertificate(X509Certificate2 certificate, DateTimeOffset time)
    {
        TrustedAuthority? outdated = null;
        var best = PathResult.Unknown;
        foreach (TrustedAuthority authority in root.CertificateAuthorities)
        {
            PathResult result = CertificatePath.Check(certificate, authority.Certificates, null, time, out byte[] issuer, out _);
            if (result == PathResult.Valid && authority.Period.Contains(time))
            {
                VerifyTimestamps(certificate, issuer);
                return;
            }
            if (result == PathResult.Valid)
                outdated = authority;
            else if (result == PathResult.Expired)
                best = PathResult.Expired;
        }
        if (outdated is not null)
            throw SignatureMessages.TrustRootOutdated(name, root.File, outdated.Url, time, outdated.Period);
        throw best != PathResult.Expired ? SignatureMessages.Invalid(name, SignatureMessages.ChainBroken(root.File))
            : SignatureMessages.Expired(name, certificate, time);
    }

    private void VerifyTimestamps(X509Certificate2 certificate, byte[] issuer)
    {
        List<CertificateTimestamp> timestamps = CertificateTimestamp.ReadAll(certificate.RawDataMemory, out byte[] withoutList);
        (TrustedLog Log, DateTimeOffset Time)? outdated = null;
        foreach (CertificateTimestamp timestamp in timestamps)
        {
            foreach (TrustedLog log in root.CertificateLogs)
            {
                if (!log.Id.AsSpan().SequenceEqual(timestamp.LogId) || timestamp.Time is not DateTimeOffset time)
                    continue;
                using EcPublicKey? key = EcPublicKey.Read(log.Spki, out _);
                byte[] signed = timestamp.SignedBytes(issuer, withoutList);
                if (key?.Verify(signed, timestamp.Signature, CertificateTimestamp.Hash) != true)
                    continue;
                if (log.Period.Contains(time))
                    return;
                outdated = (log, time);
            }
        }
        throw outdated is var (old, at) ? SignatureMessages.TrustRootOutdated(name, root.File, old.Url, at, old.Period)
            : SignatureMessages.Invalid(name, SignatureMessages.NoCertificateLog(root.File));
    }
}
