using WiseHub.Client.Signatures;

namespace WiseHub.Client.Policies;

/// <summary>Which repos need a signature, and from whom.</summary>
/// <param name="Repos">Patterns of repo ids.</param>
/// <param name="Signer">The expected signer.</param>
internal sealed record SignatureRule(NamePatterns Repos, SignerRule Signer)
{
    /// <summary>Says whether the signer of a lock file is the expected one.</summary>
    /// <exception cref="HubException">WISE6034: the file of the key or the root is unusable.</exception>
    public bool IsOf(LockedSignature locked)
    {
        switch (Signer)
        {
            case KeySigner key:
                using (EcPublicKey own = KeyFiles.ReadPublicKey(key.KeyFile))
                    return locked.Signer == own.Name;
            case CertificateSigner certificate:
                return certificate.Knows(locked.Signer);
            case KeylessSigner keyless:
                return locked.Signer == $"{keyless.Identity} ({keyless.Issuer})";
            default:
                return false;
        }
    }
}
