namespace WiseHub.Client.Signatures;

/// <summary>The owner of a key.</summary>
/// <param name="KeyFile">A PEM file with the public key.</param>
internal sealed record KeySigner(string KeyFile) : SignerRule
{
    public override string File => KeyFile;

    public override Text Describe() => SignatureMessages.KeyOf(KeyFile);
}
