using System.Globalization;
using System.Security.Cryptography.X509Certificates;

namespace WiseHub.Client.Signatures;

/// <summary>
/// The messages about signatures of models. <c>name</c> is the repo and the path of the signature file, such as
/// "acme/tiny model.sig".
/// </summary>
internal static class SignatureMessages
{
    public static HubException Malformed(string name, string reason, Exception? e = null) =>
        new(WiseCodes.SignatureMalformed, $"{name} is not a valid signature of a model: {reason}. {SignAgain}", e);

    /// <summary>The last sentence of a message about a malformed signature.</summary>
    public static Text SignAgain => $"Ask the publisher of the model to sign it again.";

    /// <summary>The place of a mistake.</summary>
    public static Text StatementIn(string name) => $"the statement in {name}";

    /// <inheritdoc cref="StatementIn"/>
    public static Text LogEntryIn(string name) => $"the log entry in {name}";

    /// <summary>A reason for <see cref="Malformed"/>.</summary>
    public static Text TooLarge(long most) => $"it is larger than {ByteSize.Show(most)}";

    /// <inheritdoc cref="TooLarge"/>
    public static Text TooMany(string key, int most) => $"its list '{key}' is longer than {most}";

    /// <inheritdoc cref="TooLarge"/>
    public static Text OtherPayload(string type) => $"its payload is '{type}' instead of '{DsseEnvelope.PayloadType}'";

    /// <inheritdoc cref="TooLarge"/>
    public static Text NotOneSignature => $"its envelope must have exactly one signature";

    /// <inheritdoc cref="TooLarge"/>
    public static Text NotOneMaterial => $"it must have exactly one of a key, a certificate chain and a certificate";

    /// <inheritdoc cref="TooLarge"/>
    public static Text NoFiles => $"it lists no files";

    /// <inheritdoc cref="TooLarge"/>
    public static Text NotOneSubject => $"its statement must have exactly one subject";

    /// <inheritdoc cref="TooLarge"/>
    public static Text RootDiffers => $"the digest of its subject is not that of its list of files";

    /// <inheritdoc cref="TooLarge"/>
    public static Text CertificateMalformed => $"a certificate in it is malformed";

    /// <inheritdoc cref="TooLarge"/>
    public static Text NoLogEntry => $"it has a certificate of Sigstore, but no entry of a transparency log";

    /// <summary>A problem for <see cref="JsonText.Wrong"/>.</summary>
    public static Text NotBase64(string key) => $"'{key}' is not base64.";

    /// <inheritdoc cref="NotBase64"/>
    public static Text NotLowerSha256(string key) => $"'{key}' is not a sha256 of 64 lower-case hexadecimal characters.";

    /// <inheritdoc cref="NotBase64"/>
    public static Text OtherAlgorithm => $"the algorithm of a file must be sha256, like that of the whole list.";

    /// <inheritdoc cref="NotBase64"/>
    public static Text ListedTwice(string path) => $"'{path}' is listed twice.";

    /// <inheritdoc cref="NotBase64"/>
    public static Text NameNotCanonical(string path) =>
        $"'{path}' is not a relative path in its shortest form, as names of files must be.";

    /// <inheritdoc cref="NotBase64"/>
    public static Text NotATime(string key) => $"'{key}' is not a time such as 2026-01-31T12:00:00Z.";

    public static HubException NotSupported(string name, string reason) => new(WiseCodes.SignatureNotSupported,
        $"{name} cannot be verified: {reason}. Ask the publisher of the model for a signature in a supported form: "
        + $"OpenSSF Model Signing 1.0 with whole files and sha256; for Sigstore, an entry in Rekor 1.");

    /// <summary>A reason for <see cref="NotSupported"/>.</summary>
    public static Text OtherBundle(string mediaType) =>
        $"its format is '{mediaType}', and only '{SignatureBundle.MediaType}' is supported";

    /// <inheritdoc cref="OtherBundle"/>
    public static Text OldStatement => $"it has the form of model_signing 0.2, which is not supported";

    /// <inheritdoc cref="OtherBundle"/>
    public static Text OtherStatement(string type) => $"it states something else than the files of a model ('{type}')";

    /// <inheritdoc cref="OtherBundle"/>
    public static Text Shards => $"it lists pieces of files (method 'shards'), which cannot be compared with digests of files";

    /// <inheritdoc cref="OtherBundle"/>
    public static Text OtherMethod(string method) => $"its method '{method}' is not supported";

    /// <inheritdoc cref="OtherBundle"/>
    public static Text OtherHash(string hash) => $"its hash type '{hash}' is not supported";

    /// <inheritdoc cref="OtherBundle"/>
    public static Text OtherKey(string? algorithm) =>
        algorithm is null ? (Text)$"its key is malformed" : OtherKindOfKey(EcPublicKey.Called(algorithm));

    private static Text OtherKindOfKey(string kind) =>
        $"its key is of the kind {kind}, and only EC keys on P-256, P-384 and P-521 are supported";

    /// <inheritdoc cref="OtherBundle"/>
    public static Text OtherLogEntry(string kind) =>
        $"its log entry is of the kind '{kind}', and only '{LogEntry.Dsse}' of Rekor 1 is supported";

    /// <inheritdoc cref="OtherBundle"/>
    public static Text OtherLogKey(string log, string? algorithm) =>
        $"the key of the log {log} is of a kind that is not supported ({EcPublicKey.Called(algorithm ?? "?")})";

    public static HubException Invalid(string name, string reason, Exception? e = null) => new(WiseCodes.SignatureInvalid,
        $"{name} does not verify: {reason}. The model or its signature was changed, or is damaged. Do not use it. Get both "
        + $"again, and if the error stays, tell the publisher.", e);

    /// <summary>A reason for <see cref="Invalid"/>.</summary>
    public static Text WrongSignature => $"the signature does not match the signed statement";

    /// <inheritdoc cref="WrongSignature"/>
    public static Text NotForSigning(string subject) => $"the certificate '{subject}' may not be used for signing";

    /// <inheritdoc cref="WrongSignature"/>
    public static Text UnknownLog(string id, string file) => $"the trust root {file} does not know the log {id}";

    /// <inheritdoc cref="WrongSignature"/>
    public static Text ChainBroken(string file) =>
        $"its certificate does not lead to a certificate authority in the trust root {file}";

    /// <inheritdoc cref="WrongSignature"/>
    public static Text NoCertificateLog(string file) =>
        $"its certificate was not entered in a certificate log in the trust root {file}";

    /// <inheritdoc cref="WrongSignature"/>
    public static Text NoInclusion => $"it has no valid proof that it was entered in the transparency log";

    /// <inheritdoc cref="WrongSignature"/>
    public static Text WrongCheckpoint => $"the transparency log did not sign the state that its entry is proved for";

    /// <inheritdoc cref="WrongSignature"/>
    public static Text WrongPromise => $"the transparency log did not sign the time of its entry";

    /// <inheritdoc cref="WrongSignature"/>
    public static Text OtherEntry => $"its log entry is about another signature";

    /// <inheritdoc cref="WrongSignature"/>
    public static Text WrongTimestamp(string file) =>
        $"its timestamp is not one of this signature by an authority in the trust root {file}";

    public static HubException FilesDiffer(string name, IReadOnlyList<string> problems, string? details) =>
        new(WiseCodes.SignatureFilesDiffer,
            $"{name} does not match the files: {string.Join("; ", problems)}. Do not use them. Ask the publisher to sign the "
            + $"model as it is now, or use the commit that was signed.")
        { Details = details };

    /// <summary>A problem for <see cref="FilesDiffer"/>.</summary>
    public static Text Changed(IReadOnlyCollection<string> paths) => $"changed after signing: {NameList.Some(paths)}";

    /// <inheritdoc cref="Changed"/>
    public static Text NotListed(IReadOnlyCollection<string> paths) => $"not listed in it: {NameList.Some(paths)}";

    /// <inheritdoc cref="Changed"/>
    public static Text Gone(IReadOnlyCollection<string> paths) =>
        $"listed in it, but not in the repo: {NameList.Some(paths)}";

    public static HubException NothingToSign(string subject) => new(WiseCodes.SignatureFilesDiffer,
        $"{subject} cannot be signed: it has no files, apart from those of git. Add the files of the model first.");

    public static HubException NameNotSignable(string subject, string path) => new(WiseCodes.SignatureFilesDiffer,
        $"{subject} cannot be signed: '{path}' is not a relative path in its shortest form. Rename the file.");

    public static HubException NotExpected(string name, string actual, IReadOnlyList<SignerRule> expected) =>
        new(WiseCodes.SignerNotExpected,
            $"{name} is not from an expected signer: {actual}. Expected: "
            + $"{string.Join(" | ", expected.Select(r => (string)r.Describe()))}. If the publisher signs in another way now, "
            + $"and you know that from the publisher, correct the expected signer. Otherwise do not use the model.");

    /// <summary>The expected signer.</summary>
    public static Text KeyOf(string file) => $"the key in {file}";

    /// <inheritdoc cref="KeyOf"/>
    public static Text CertificateOf(string file) => $"a certificate below the root in {file}";

    /// <inheritdoc cref="KeyOf"/>
    public static Text KeylessIdentity(string identity, string issuer) => $"{identity} with a login by {issuer}";

    /// <summary>What is instead of the expected signer.</summary>
    public static Text OtherSigningKey(string hint) => $"another key signed it (hint {hint})";

    /// <inheritdoc cref="OtherSigningKey"/>
    public static Text OtherWayOfSigning(SigningMethod method) => method switch
    {
        SigningMethod.Key => $"it is signed with a key",
        SigningMethod.Certificate => $"it is signed with a certificate",
        _ => $"it is signed with a login (Sigstore)",
    };

    /// <inheritdoc cref="OtherSigningKey"/>
    public static Text OtherAuthority(string subject) =>
        $"the certificate '{subject}' does not lead to an expected root, or an intermediate certificate is missing";

    /// <inheritdoc cref="OtherSigningKey"/>
    public static Text OtherIdentity(string identity, string issuer) => $"{identity} with a login by {issuer} signed it";

    public static HubException KeyUnusable(string file, string reason, Exception? e = null) => new(WiseCodes.SigningKeyUnusable,
        $"The file {file} cannot be used for signatures: {reason.TrimEnd('.')}. Correct its path or its contents.", e);

    /// <summary>A reason for <see cref="KeyUnusable"/>.</summary>
    public static Text FileMissing => $"it does not exist";

    /// <inheritdoc cref="FileMissing"/>
    public static Text NoPem => $"it is no PEM file with keys or certificates";

    /// <inheritdoc cref="FileMissing"/>
    public static Text NoPublicKey(string? found) =>
        found is null ? NoPem : (Text)$"it has no 'PUBLIC KEY' but '{found}' (openssl pkey -pubout makes one)";

    /// <inheritdoc cref="FileMissing"/>
    public static Text NoPrivateKey(string? found) => found is null ? NoPem : (Text)$"it has no 'PRIVATE KEY' but '{found}'";

    /// <inheritdoc cref="FileMissing"/>
    public static Text NoCertificate(string? found) => found is null ? NoPem : (Text)$"it has no 'CERTIFICATE' but '{found}'";

    /// <inheritdoc cref="FileMissing"/>
    public static Text NoEcKey(string? algorithm) =>
        algorithm is null ? (Text)$"its key is damaged" : OtherKindOfKey(EcPublicKey.Called(algorithm));

    /// <inheritdoc cref="FileMissing"/>
    public static Text CertificateDamaged => $"a certificate in it is damaged";

    /// <inheritdoc cref="FileMissing"/>
    public static Text NoRoot => $"none of its certificates is a root certificate, which signs itself";

    /// <inheritdoc cref="FileMissing"/>
    public static Text PasswordNeeded => $"its key is encrypted, and {SigningKey.PasswordVariable} does not have its password";

    /// <inheritdoc cref="FileMissing"/>
    public static Text PasswordWrong => $"its key cannot be decrypted with the password";

    /// <inheritdoc cref="FileMissing"/>
    public static Text OtherCertificateKey => $"its first certificate is not that of the signing key";

    /// <summary>The last sentence of a message about a malformed trust root.</summary>
    public static Text GetTrustRoot => $"Get a current trusted_root.json of Sigstore.";

    public static HubException TrustRootMalformed(string file, string reason) =>
        new(WiseCodes.TrustRootUnusable, $"The trust root {file} cannot be used: {reason}. {GetTrustRoot}") { File = file };

    /// <summary>A reason for <see cref="TrustRootMalformed"/>.</summary>
    public static Text OtherTrustRoot(string mediaType) => $"its format is '{mediaType}'";

    /// <inheritdoc cref="OtherTrustRoot"/>
    public static Text AuthorityMalformed(string authority) => $"a certificate of {authority} is malformed";

    /// <inheritdoc cref="OtherTrustRoot"/>
    public static Text AuthorityEmpty(string authority) => $"{authority} has no certificates";

    public static HubException TrustRootOutdated(string name, string file, string what, DateTimeOffset time,
        ValidPeriod period) =>
        new(WiseCodes.TrustRootUnusable,
            $"{name} was signed at {Show(time)}, but the trust root {file} trusts {what} only {period.Describe()}. "
            + $"{GetTrustRoot} If it says the same, do not use the model.")
        { File = file };

    /// <summary>A period within a sentence.</summary>
    public static Text Between(DateTimeOffset start, DateTimeOffset? end) =>
        end is DateTimeOffset last ? (Text)$"from {Show(start)} to {Show(last)}" : (Text)$"from {Show(start)} on";

    public static HubException TimeInvalid(string name, string reason) => new(WiseCodes.SignatureTimeInvalid,
        $"{name} does not verify: {reason}. Check the clock of this machine. If it is right, ask the publisher of the model to "
        + $"sign it again.");

    public static HubException Expired(string name, X509Certificate2 certificate, DateTimeOffset time) => TimeInvalid(name,
        time < certificate.NotBefore || time > certificate.NotAfter ? CertificateExpired(certificate, time) : ChainExpired(time));

    private static Text CertificateExpired(X509Certificate2 certificate, DateTimeOffset time) =>
        $"its certificate '{PathRules.Printable(certificate.Subject)}' is valid from {Show(certificate.NotBefore)} to "
        + $"{Show(certificate.NotAfter)}, but the time is {Show(time)}";

    private static Text ChainExpired(DateTimeOffset time) =>
        $"a certificate between its own one and the root is not valid at {Show(time)}";

    /// <summary>A reason for <see cref="TimeInvalid"/>.</summary>
    public static Text NoTime =>
        $"no log and no authority attests the time of the signature, and its certificate was valid for minutes";

    private static string Show(DateTimeOffset time) =>
        time.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
