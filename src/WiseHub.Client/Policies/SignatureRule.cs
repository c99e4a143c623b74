using WiseHub.Client.Signatures;

namespace WiseHub.Client.Policies;

/// <summary>Which repos need a signature, and from whom.</summary>
/// <param name="Repos">Patterns of repo ids.</param>
/// <param name="Signer">The expected signer.</param>
internal sealed record SignatureRule(NamePatterns Repos, SignerRule Signer)
{
    /// <summary>
    /// Says whether the signer of a lock file is the expected one. For a certificate, the lock file has its owner and not the
    /// root: the signature was verified against it when the lock file was written.
    /// </summary>
    /// <exception cref="HubException">WISE6034: the file of the key is unusable.</exception>
    public bool IsOf(LockedSignature locked)
    {
        switch (Signer)
        {
            case KeySigner key:
                using (EcPublicKey own = KeyFiles.ReadPublicKey(key.KeyFile))
                    return locked.Signer == own.Name;
            case KeylessSigner keyless:
                return locked.Signer == $"{keyless.Identity} ({keyless.Issuer})";
            default:
                return locked.Signer.StartsWith("certificate ", StringComparison.Ordinal);
        }
    }
}
