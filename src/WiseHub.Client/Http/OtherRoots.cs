using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using WiseHub.Client.Files;

namespace WiseHub.Client.Http;

/// <summary>
/// Trusts the certificates of a PEM file instead of the system's, for AWS_CA_BUNDLE. Reads the file at the first handshake.
/// </summary>
internal sealed class OtherRoots(string bundle)
{
    private readonly Lazy<X509Certificate2Collection> _roots = new(() =>
    {
        var roots = new X509Certificate2Collection();
        try
        {
            roots.ImportFromPemFile(bundle);
        }
        catch (Exception e) when (e is CryptographicException || IoFailures.IsFileSystem(e))
        {
            throw HttpMessages.CaBundleUnreadable(bundle, e);
        }
        return roots;
    });

    public bool Accepts(object sender, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        if (certificate is null || chain is null
            || (errors & ~SslPolicyErrors.RemoteCertificateChainErrors) != SslPolicyErrors.None)
            return false;
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.AddRange(_roots.Value);
        return chain.Build(new X509Certificate2(certificate));
    }
}
