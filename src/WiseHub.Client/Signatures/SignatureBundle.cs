using System.Security.Cryptography;
using System.Text.Json;

namespace WiseHub.Client.Signatures;

/// <summary>
/// A Sigstore bundle with the signature of a model, before anything in it is verified
/// (https://github.com/ossf/model-signing-spec, https://docs.sigstore.dev/about/bundle/).
/// </summary>
internal sealed class SignatureBundle
{
    /// <summary>The largest bundle, in bytes: a model of 50,000 files has one of about 12 MiB.</summary>
    public const int Largest = 16 << 20;

    public const string MediaType = "application/vnd.dev.sigstore.bundle.v0.3+json";

    private const string Material = "verificationMaterial";

    // Each costs a search for issuers or a signature to verify. A real bundle has one or two of a kind.
    private const int MostParts = 16;

    private SignatureBundle(byte[] payload, byte[] signature)
    {
        Payload = payload;
        Signature = signature;
    }

    /// <summary>The statement, exactly as it was signed.</summary>
    public byte[] Payload { get; }

    /// <summary>The signature, DER.</summary>
    public byte[] Signature { get; }

    /// <summary>The method of signing.</summary>
    public SigningMethod Method { get; private init; }

    /// <summary>Identifies the key, for <see cref="SigningMethod.Key"/>; it proves nothing.</summary>
    public string? KeyHint { get; private init; }

    /// <summary>Certificates as DER: one for <see cref="SigningMethod.Keyless"/>, else first that of the signer.</summary>
    public IReadOnlyList<byte[]> Certificates { get; private init; } = [];

    public IReadOnlyList<LogEntry> LogEntries { get; private init; } = [];

    /// <summary>Responses of timestamp authorities (RFC 3161), DER.</summary>
    public IReadOnlyList<byte[]> Timestamps { get; private init; } = [];

    /// <summary>Reads a bundle.</summary>
    /// <param name="bytes">The file.</param>
    /// <param name="name">The file's name for messages.</param>
    /// <exception cref="HubException">
    /// WISE6030: malformed or too large. WISE6035: another version of the format.
    /// </exception>
    public static SignatureBundle Read(ReadOnlySpan<byte> bytes, string name)
    {
        if (bytes.Length > Largest)
            throw SignatureMessages.Malformed(name, SignatureMessages.TooLarge(Largest));
        using var json = new SignatureJson(bytes.ToArray(), name, WiseCodes.SignatureMalformed, SignatureMessages.SignAgain);
        string mediaType = json.RequiredString(json.Root, "mediaType");
        if (mediaType != MediaType)
            throw SignatureMessages.NotSupported(name, SignatureMessages.OtherBundle(PathRules.Printable(mediaType)));
        JsonElement envelope = json.RequiredObject(json.Root, "dsseEnvelope");
        string payloadType = json.RequiredString(envelope, "payloadType");
        if (payloadType != DsseEnvelope.PayloadType)
            throw SignatureMessages.Malformed(name, SignatureMessages.OtherPayload(PathRules.Printable(payloadType)));
        JsonElement[] signatures = [.. json.Objects(envelope, "signatures").Take(2)];
        if (signatures.Length != 1)
            throw SignatureMessages.Malformed(name, SignatureMessages.NotOneSignature);
        byte[] payload = json.RequiredBase64(envelope, "payload"), signature = json.RequiredBase64(signatures[0], "sig");
        return ReadMaterial(json, name, payload, signature);
    }

    private static SignatureBundle ReadMaterial(SignatureJson json, string name, byte[] payload, byte[] signature)
    {
        JsonElement material = json.RequiredObject(json.Root, Material);
        JsonElement? key = json.Object(material, "publicKey"), chain = json.Object(material, "x509CertificateChain"),
            certificate = json.Object(material, "certificate");
        if (new[] { key, chain, certificate }.Count(m => m is not null) != 1)
            throw SignatureMessages.Malformed(name, SignatureMessages.NotOneMaterial);
        if (key is JsonElement publicKey)
        {
            return new SignatureBundle(payload, signature)
            {
                Method = SigningMethod.Key,
                KeyHint = json.String(publicKey, "hint") ?? HintOfPem(json.RequiredBase64(publicKey, "rawBytes")),
            };
        }
        if (chain is JsonElement certificates)
        {
            byte[][] all = Parts(json, name, certificates, "certificates", c => json.RequiredBase64(c, "rawBytes"));
            return all.Length == 0 ? throw SignatureMessages.Malformed(name, SignatureMessages.NotOneMaterial)
                : new SignatureBundle(payload, signature) { Method = SigningMethod.Certificate, Certificates = all };
        }
        LogEntry[] entries = Parts(json, name, material, "tlogEntries", e => ReadEntry(json, e));
        byte[][] timestamps = json.Object(material, "timestampVerificationData") is JsonElement data
            ? Parts(json, name, data, "rfc3161Timestamps", t => json.RequiredBase64(t, "signedTimestamp")) : [];
        return new SignatureBundle(payload, signature)
        {
            Method = SigningMethod.Keyless,
            Certificates = [json.RequiredBase64(certificate!.Value, "rawBytes")],
            LogEntries = entries,
            Timestamps = timestamps,
        };
    }

    private static T[] Parts<T>(SignatureJson json, string name, JsonElement element, string key, Func<JsonElement, T> read)
    {
        T[] parts = [.. json.Objects(element, key).Take(MostParts + 1).Select(read)];
        return parts.Length <= MostParts ? parts
            : throw SignatureMessages.Malformed(name, SignatureMessages.TooMany(key, MostParts));
    }

    // Before version 1.1 of model_signing, a bundle had the PEM text of the key itself. As a hint it says as little.
    private static string HintOfPem(byte[] pem) => Convert.ToHexStringLower(SHA256.HashData(pem));

    private static LogEntry ReadEntry(SignatureJson json, JsonElement entry)
    {
        JsonElement kind = json.RequiredObject(entry, "kindVersion");
        byte[]? promise = json.Object(entry, "inclusionPromise") is JsonElement promised
            ? json.RequiredBase64(promised, "signedEntryTimestamp") : null;
        InclusionProof? proof = json.Object(entry, "inclusionProof") is JsonElement proved ? ReadProof(json, proved) : null;
        return new LogEntry(json.RequiredBase64(json.RequiredObject(entry, "logId"), "keyId"),
            $"{json.RequiredString(kind, "kind")} {json.RequiredString(kind, "version")}",
            json.Integer(entry, "logIndex") ?? 0, json.Integer(entry, "integratedTime") ?? 0, promise, proof,
            json.RequiredBase64(entry, "canonicalizedBody"));
    }

    private static InclusionProof ReadProof(SignatureJson json, JsonElement proof) =>
        new(json.Integer(proof, "logIndex") ?? 0, json.RequiredInteger(proof, "treeSize"), json.RequiredBase64(proof, "rootHash"),
            json.Base64List(proof, "hashes"), json.RequiredString(json.RequiredObject(proof, "checkpoint"), "envelope"));
}
