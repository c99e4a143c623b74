namespace WiseHub.Client.Signatures;

/// <summary>The three methods of OpenSSF Model Signing.</summary>
internal enum SigningMethod
{
    /// <summary>With a key that the verifier has.</summary>
    Key,
    /// <summary>With a certificate of an authority that the verifier has.</summary>
    Certificate,
    /// <summary>With a certificate of Sigstore, which lasts minutes and names a login.</summary>
    Keyless,
}
