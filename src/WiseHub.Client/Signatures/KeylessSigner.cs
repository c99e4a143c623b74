namespace WiseHub.Client.Signatures;

/// <summary>A person or a workflow that Sigstore's certificate authority knows by a login.</summary>
/// <param name="Identity">The whole e-mail address or URI in the certificate.</param>
/// <param name="Issuer">The provider of the login, such as <c>https://accounts.google.com</c>.</param>
internal sealed record KeylessSigner(string Identity, string Issuer) : SignerRule
{
    public override Text Describe() => SignatureMessages.KeylessIdentity(Identity, Issuer);
}
