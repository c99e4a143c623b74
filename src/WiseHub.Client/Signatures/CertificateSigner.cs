using System.Security.Cryptography.X509Certificates;

namespace WiseHub.Client.Signatures;

/// <summary>Everybody with a certificate for signing below a root.</summary>
/// <param name="RootFile">A PEM file with the root certificate, and maybe intermediate ones.</param>
internal sealed record CertificateSigner(string RootFile) : SignerRule
{
    public override string File => RootFile;

    public override Text Describe() => SignatureMessages.CertificateOf(RootFile);

    /// <summary>
    /// Says whether a signature of this name was verified against a root in the file. A root that was replaced since trusts
    /// others.
    /// </summary>
    /// <exception cref="HubException">WISE6034: the file is unusable.</exception>
    public bool Knows(string signer)
    {
        X509Certificate2Collection trusted = KeyFiles.ReadCertificates(RootFile);
        try
        {
            return trusted.Any(c => signer.EndsWith(FromRoot(CertificatePath.DigestOf(c)), StringComparison.Ordinal));
        }
        finally
        {
            foreach (X509Certificate2 certificate in trusted)
                certificate.Dispose();
        }
    }

    /// <summary>The name of a signer in lock files.</summary>
    /// <param name="subject">The subject of the certificate.</param>
    /// <param name="certificate">The digest of the certificate.</param>
    /// <param name="root">The digest of the root it leads to; null for a signer's own view.</param>
    public static string NameOf(string subject, Digest certificate, Digest? root = null) =>
        $"certificate {subject} (sha256:{certificate.Hex}){(root is Digest known ? FromRoot(known) : "")}";

    private static string FromRoot(Digest root) => $" from root sha256:{root.Hex}";
}
