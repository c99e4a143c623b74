namespace WiseHub.Client.Signatures;

/// <summary>
/// Who may have signed. A signature without an expected signer says nothing: anybody can make a key or get a certificate.
/// </summary>
internal abstract record SignerRule
{
    /// <summary>The file with the key or the root; null if the rule needs none.</summary>
    public virtual string? File => null;

    /// <summary>The rule for people, as a part of a sentence.</summary>
    public abstract Text Describe();
}
