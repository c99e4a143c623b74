using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace WiseHub.Client.Signatures;

/// <summary>A private key that signs models, and the certificates that go with it.</summary>
internal sealed class ModelSigningKey : IDisposable
{
    // The name of the signature is only for messages about it, which are not shown.
    private const string Own = "";

    private readonly ECDsa _key;
    private readonly X509Certificate2Collection _certificates;

    private ModelSigningKey(ECDsa key, X509Certificate2Collection certificates) =>
        (_key, _certificates) = (key, certificates);

    /// <summary>Reads a key.</summary>
    /// <exception cref="HubException">
    /// WISE6034: a file is missing or has no usable key or certificate, the password is wrong or missing, or the certificate is
    /// of another key.
    /// </exception>
    public static ModelSigningKey Read(SigningKey from)
    {
        ECDsa key = KeyFiles.ReadPrivateKey(Path.GetFullPath(from.KeyFile),
            from.Password ?? (() => Environment.GetEnvironmentVariable(SigningKey.PasswordVariable)));
        try
        {
            return new ModelSigningKey(key, from.CertificateFile is not string file ? []
                : KeyFiles.ReadSigningCertificates(Path.GetFullPath(file), key));
        }
        catch
        {
            key.Dispose();
            throw;
        }
    }

    /// <summary>
    /// The signer: <c>key sha256:…</c> with the digest of the public key, or the subject and the digest of the certificate.
    /// </summary>
    public string Signer
    {
        get
        {
            if (_certificates is [X509Certificate2 leaf, ..])
                return CertificateSigner.NameOf(PathRules.Printable(leaf.Subject), CertificatePath.DigestOf(leaf));
            using EcPublicKey known = PublicKey();
            return known.Name;
        }
    }

    /// <summary>Signs a list of files.</summary>
    /// <param name="files">The files of the model; those of git are left out.</param>
    /// <param name="name">The name of the model.</param>
    /// <exception cref="HubException">WISE6032: there is no file to sign, or a path cannot be listed.</exception>
    public byte[] Sign(IReadOnlyDictionary<string, Digest> files, string name) =>
        ModelSigner.Sign(files, name, _key, _certificates);

    /// <summary>Says whether a signature is by this key, and lists exactly these files.</summary>
    public bool HasSigned(ReadOnlySpan<byte> signature, IReadOnlyDictionary<string, Digest> files)
    {
        try
        {
            SignatureBundle bundle = SignatureBundle.Read(signature, Own);
            if (bundle.Method != (_certificates.Count == 0 ? SigningMethod.Key : SigningMethod.Certificate)
                || !bundle.Certificates.Select(Convert.ToHexString)
                    .SequenceEqual(_certificates.Select(c => Convert.ToHexString(c.RawData))))
                return false;
            using EcPublicKey known = PublicKey();
            if (!known.Verify(DsseEnvelope.SignedBytes(bundle.Payload), bundle.Signature))
                return false;
            IReadOnlyDictionary<string, Digest> listed = ModelStatement.Read(bundle.Payload, Own).Files;
            List<KeyValuePair<string, Digest>> wanted = [.. files.Where(f => !SignatureVerifier.IsOfGit(f.Key))];
            return wanted.Count == listed.Count
                && wanted.TrueForAll(f => listed.TryGetValue(f.Key, out Digest digest) && digest == f.Value);
        }
        catch (HubException)
        {
            // It is malformed, or of a form that this key does not write, so it is replaced.
            return false;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _key.Dispose();
        foreach (X509Certificate2 certificate in _certificates)
            certificate.Dispose();
    }

    // The curve was checked when the key was read.
    private EcPublicKey PublicKey() => EcPublicKey.Read(_key.ExportSubjectPublicKeyInfo(), out _)!;
}
