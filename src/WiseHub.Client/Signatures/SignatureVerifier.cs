using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace WiseHub.Client.Signatures;

/// <summary>
/// Verifies signatures of models (OpenSSF Model Signing 1.0) without a network. Where the standard and its first implementation
/// differ, the stricter reading counts.
/// </summary>
/// <param name="root">For keyless signatures; null for that of Sigstore's public instance.</param>
/// <param name="time">The clock, for certificates whose signature has no attested time.</param>
internal sealed class SignatureVerifier(TrustRoot? root, TimeProvider time)
{
    // Files of git and of git hosts at the top of a repo. Hubs add and change them, and no model is in them.
    private static readonly string[] GitNames = [".git", ".gitattributes", ".github", ".gitignore"];

    /// <summary>Verifies that an expected signer made a signature.</summary>
    /// <param name="bundle">The signature file.</param>
    /// <param name="name">The repo and the path of the file, for messages.</param>
    /// <param name="allowed">The expected signers; one of them must have signed.</param>
    /// <exception cref="HubException">
    /// WISE6030: malformed. WISE6031: it does not verify. WISE6033: somebody else signed. WISE6034: the file of an expected
    /// signer is unusable. WISE6035: not supported. WISE6036: the trust root is unusable. WISE6037: not valid at its time.
    /// </exception>
    public VerifiedSignature Verify(ReadOnlySpan<byte> bundle, string name, IReadOnlyList<SignerRule> allowed)
    {
        SignatureBundle read = SignatureBundle.Read(bundle, name);
        byte[] signed = DsseEnvelope.SignedBytes(read.Payload);
        (string signer, DateTimeOffset? at) = read.Method == SigningMethod.Key
            ? (VerifyKey(read, signed, name, allowed), null) : VerifyCertificate(read, signed, name, allowed);
        // Only now, the payload is what somebody trusted wrote.
        ModelStatement statement = ModelStatement.Read(read.Payload, name);
        return new VerifiedSignature(signer, Digest.FromBytes(SHA256.HashData(bundle)), statement.Files,
            statement.IgnoredPaths, at);
    }

    /// <summary>
    /// Compares the files that are used with those that are listed. What is used must be listed, whatever the signer left out,
    /// apart from the signature itself and files of git.
    /// </summary>
    /// <param name="signature">The verified signature.</param>
    /// <param name="name">The repo and the path of the signature file, for messages.</param>
    /// <param name="path">The path of the signature file in the repo.</param>
    /// <param name="selected">The files that are used.</param>
    /// <param name="all">The paths of all files of the commit.</param>
    /// <exception cref="HubException">WISE6032: they differ.</exception>
    public static void CheckFiles(VerifiedSignature signature, string name, string path,
        IReadOnlyDictionary<string, Digest> selected, IReadOnlyCollection<string> all)
    {
        List<string> changed = [], unlisted = [];
        bool isOneFile = signature.Files.TryGetValue(ModelStatement.OnlyFile, out Digest only);
        foreach ((string file, Digest digest) in selected)
        {
            if (isOneFile ? !IsAside(file, path) : signature.Files.ContainsKey(file))
            {
                if ((isOneFile ? only : signature.Files[file]) != digest)
                    changed.Add(file);
            }
            else if (!IsAside(file, path))
            {
                unlisted.Add(file);
            }
        }
        var present = new HashSet<string>(all, StringComparer.Ordinal);
        List<string> gone = isOneFile ? [] : [.. signature.Files.Keys.Where(f => !present.Contains(f))];
        if (changed.Count + unlisted.Count + gone.Count == 0)
            return;
        List<string> problems = [];
        foreach (List<string> list in (List<string>[])[changed, unlisted, gone])
            list.Sort(Utf8Ordinal.Instance);
        if (changed.Count > 0)
            problems.Add(SignatureMessages.Changed(Printable(changed)));
        if (unlisted.Count > 0)
            problems.Add(SignatureMessages.NotListed(Printable(unlisted)));
        if (gone.Count > 0)
            problems.Add(SignatureMessages.Gone(Printable(gone)));
        throw SignatureMessages.FilesDiffer(name, problems, NameList.All(Printable([.. changed, .. unlisted, .. gone])));
    }

    /// <summary>Says whether a file at the top of a repo, or in a folder there, belongs to git and not to the model.</summary>
    public static bool IsOfGit(string file)
    {
        int slash = file.IndexOf('/', StringComparison.Ordinal);
        return GitNames.Contains(slash < 0 ? file : file[..slash]);
    }

    /// <summary>The names for <c>ignore_paths</c>, as the first implementation writes them.</summary>
    public static IReadOnlyList<string> IgnoredNames => GitNames;

    private static bool IsAside(string file, string signaturePath) => file == signaturePath || IsOfGit(file);

    private static string[] Printable(IEnumerable<string> files) => [.. files.Select(f => PathRules.Printable(f))];

    private static string VerifyKey(SignatureBundle bundle, byte[] signed, string name, IReadOnlyList<SignerRule> allowed)
    {
        KeySigner[] rules = Expected<KeySigner>(bundle, name, allowed);
        bool isNamed = false;
        foreach (KeySigner rule in rules)
        {
            using EcPublicKey key = KeyFiles.ReadPublicKey(rule.KeyFile);
            if (key.Verify(signed, bundle.Signature))
                return key.Name;
            isNamed |= key.Hint == bundle.KeyHint;
        }
        throw isNamed ? Mismatch(bundle, name)
            : SignatureMessages.NotExpected(name,
                SignatureMessages.OtherSigningKey(PathRules.Printable(bundle.KeyHint ?? "")), rules);
    }

    // Version 0.2 of model_signing encoded what it signed in a way of its own. The payload only chooses between two failures.
    private static HubException Mismatch(SignatureBundle bundle, string name) => ModelStatement.LooksOld(bundle.Payload)
        ? SignatureMessages.NotSupported(name, SignatureMessages.OldStatement)
        : SignatureMessages.Invalid(name, SignatureMessages.WrongSignature);

    private (string Signer, DateTimeOffset? Time) VerifyCertificate(
        SignatureBundle bundle, byte[] signed, string name, IReadOnlyList<SignerRule> allowed)
    {
        var certificates = new X509Certificate2Collection();
        try
        {
            foreach (byte[] der in bundle.Certificates)
                certificates.Add(X509CertificateLoader.LoadCertificate(der));
            X509Certificate2 leaf = certificates[0];
            using EcPublicKey key = EcPublicKey.Read(leaf.PublicKey.ExportSubjectPublicKeyInfo(), out string? other)
                ?? throw SignatureMessages.NotSupported(name, SignatureMessages.OtherKey(other));
            if (!key.Verify(signed, bundle.Signature))
                throw Mismatch(bundle, name);
            return bundle.Method == SigningMethod.Keyless ? VerifyKeyless(bundle, leaf, name, allowed)
                : (VerifyChain(bundle, certificates, name, allowed), null);
        }
        // A certificate is read part by part, when the part is needed.
        catch (Exception e) when (e is CryptographicException or AsnContentException)
        {
            throw SignatureMessages.Malformed(name, SignatureMessages.CertificateMalformed, e);
        }
        finally
        {
            foreach (X509Certificate2 certificate in certificates)
                certificate.Dispose();
        }
    }

    private string VerifyChain(SignatureBundle bundle, X509Certificate2Collection certificates, string name,
        IReadOnlyList<SignerRule> allowed)
    {
        CertificateSigner[] rules = Expected<CertificateSigner>(bundle, name, allowed);
        X509Certificate2 leaf = certificates[0];
        string subject = PathRules.Printable(leaf.Subject);
        DateTimeOffset now = time.GetUtcNow();
        var best = PathResult.Unknown;
        foreach (CertificateSigner rule in rules)
        {
            X509Certificate2Collection trusted = KeyFiles.ReadCertificates(rule.RootFile);
            try
            {
                if (!trusted.Any(CertificatePath.IsSelfIssued))
                    throw SignatureMessages.KeyUnusable(rule.RootFile, SignatureMessages.NoRoot);
                PathResult result = CertificatePath.Check(leaf, trusted, certificates, now, out _, out Digest root);
                if (result == PathResult.Valid)
                {
                    return CertificatePath.IsForSigning(leaf, both: false)
                        ? CertificateSigner.NameOf(subject, CertificatePath.DigestOf(leaf), root)
                        : throw SignatureMessages.Invalid(name, SignatureMessages.NotForSigning(subject));
                }
                if (result == PathResult.Expired)
                    best = result;
            }
            finally
            {
                foreach (X509Certificate2 certificate in trusted)
                    certificate.Dispose();
            }
        }
        throw best == PathResult.Expired ? SignatureMessages.Expired(name, leaf, now)
            : SignatureMessages.NotExpected(name, SignatureMessages.OtherAuthority(subject), rules);
    }

    private (string Signer, DateTimeOffset? Time) VerifyKeyless(SignatureBundle bundle, X509Certificate2 leaf, string name,
        IReadOnlyList<SignerRule> allowed)
    {
        KeylessSigner[] rules = Expected<KeylessSigner>(bundle, name, allowed);
        DateTimeOffset at = new KeylessVerifier(root ?? TrustRoot.Shipped, name).Verify(bundle, leaf);
        KeylessIdentity identity = KeylessIdentity.Of(leaf);
        KeylessSigner? signer = rules.FirstOrDefault(r => r.Issuer == identity.Issuer && identity.Names.Contains(r.Identity));
        return signer is not null ? ($"{signer.Identity} ({signer.Issuer})", at)
            : throw SignatureMessages.NotExpected(name, SignatureMessages.OtherIdentity(
                PathRules.Printable(string.Join(", ", identity.Names)), PathRules.Printable(identity.Issuer ?? "?")), rules);
    }

    private static T[] Expected<T>(SignatureBundle bundle, string name, IReadOnlyList<SignerRule> allowed)
        where T : SignerRule
    {
        T[] rules = [.. allowed.OfType<T>()];
        return rules.Length > 0 ? rules
            : throw SignatureMessages.NotExpected(name, SignatureMessages.OtherWayOfSigning(bundle.Method), allowed);
    }
}
