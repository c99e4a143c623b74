namespace WiseHub.Client.Signatures;

/// <summary>Everybody with a certificate for signing below a root.</summary>
/// <param name="RootFile">A PEM file with the root certificate, and maybe intermediate ones.</param>
internal sealed record CertificateSigner(string RootFile) : SignerRule
{
    public override Text Describe() => SignatureMessages.CertificateOf(RootFile);
}
