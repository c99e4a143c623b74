using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace WiseHub.Client.Signatures;

/// <summary>
/// Signs the list of a model's files as OpenSSF Model Signing 1.0 prescribes: whole files, sha256, in the order of code points.
/// </summary>
internal static class ModelSigner
{
    // A text of others with a "<" stays readable; nothing shows it in a web page.
    private static readonly JsonWriterOptions Compact = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    // As the first implementation writes it, so that the same files give the same bytes.
    private static readonly JsonWriterOptions Indented = new()
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        Indented = true,
        IndentSize = 2,
        NewLine = "\n",
    };

    /// <summary>Signs with a key.</summary>
    /// <param name="files">The files of the model without the signature itself; those of git are left out.</param>
    /// <param name="subjectName">The name of the model; it is not compared when a signature is verified.</param>
    /// <param name="key">A key on P-256, P-384 or P-521.</param>
    /// <returns>The signature file.</returns>
    /// <exception cref="HubException">WISE6032: there is no file to sign, or its path cannot be listed.</exception>
    public static byte[] Sign(IReadOnlyDictionary<string, Digest> files, string subjectName, ECDsa key) =>
        Sign(files, subjectName, key, []);

    /// <summary>Signs with the key of a certificate.</summary>
    /// <inheritdoc cref="Sign(IReadOnlyDictionary{string, Digest}, string, ECDsa)"/>
    /// <param name="files">The files of the model without the signature itself; those of git are left out.</param>
    /// <param name="subjectName">The name of the model; it is not compared when a signature is verified.</param>
    /// <param name="key">The key of the first certificate.</param>
    /// <param name="chain">The signer's certificate, then intermediate ones; empty for a signature with a key alone.</param>
    public static byte[] Sign(IReadOnlyDictionary<string, Digest> files, string subjectName, ECDsa key,
        X509Certificate2Collection chain)
    {
        byte[] payload = WriteStatement(files, subjectName), spki = key.ExportSubjectPublicKeyInfo();
        using EcPublicKey known = EcPublicKey.Read(spki, out string? other)
            ?? throw new ArgumentException(SignatureMessages.NoEcKey(other), nameof(key));
        byte[] signature = key.SignData(DsseEnvelope.SignedBytes(payload), known.Hash, DSASignatureFormat.Rfc3279DerSequence);
        return Write(Compact, json =>
        {
            json.WriteStartObject();
            json.WriteString("mediaType", SignatureBundle.MediaType);
            json.WriteStartObject("verificationMaterial");
            if (chain.Count == 0)
                WriteKey(json, known.Hint);
            else
                WriteChain(json, chain);
            json.WriteStartArray("tlogEntries");
            json.WriteEndArray();
            json.WriteEndObject();
            json.WriteStartObject("dsseEnvelope");
            json.WriteBase64String("payload", payload);
            json.WriteString("payloadType", DsseEnvelope.PayloadType);
            json.WriteStartArray("signatures");
            json.WriteStartObject();
            json.WriteBase64String("sig", signature);
            json.WriteString("keyid", "");
            json.WriteEndObject();
            json.WriteEndArray();
            json.WriteEndObject();
            json.WriteEndObject();
        });
    }

    /// <summary>The statement about files, in the order and layout of the first implementation.</summary>
    internal static byte[] WriteStatement(IReadOnlyDictionary<string, Digest> files, string subjectName)
    {
        List<KeyValuePair<string, Digest>> listed = [.. files.Where(f => !SignatureVerifier.IsOfGit(f.Key))];
        if (listed.Count == 0)
            throw SignatureMessages.NothingToSign(subjectName);
        Utf8Ordinal.Sort(listed, f => f.Key);
        using var root = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach ((string path, Digest digest) in listed)
        {
            if (path == ModelStatement.OnlyFile || !ModelStatement.IsCanonical(path))
                throw SignatureMessages.NameNotSignable(subjectName, PathRules.Printable(path));
            root.AppendData(Convert.FromHexString(digest.Hex));
        }
        string rootDigest = Convert.ToHexStringLower(root.GetHashAndReset());
        return Write(Indented, json =>
        {
            json.WriteStartObject();
            json.WriteString("_type", ModelStatement.StatementType);
            json.WriteStartArray("subject");
            json.WriteStartObject();
            json.WriteString("name", subjectName);
            json.WriteStartObject("digest");
            json.WriteString("sha256", rootDigest);
            json.WriteEndObject();
            json.WriteEndObject();
            json.WriteEndArray();
            json.WriteString("predicateType", ModelStatement.PredicateType);
            json.WriteStartObject("predicate");
            WriteSerialization(json);
            json.WriteStartArray("resources");
            foreach ((string path, Digest digest) in listed)
            {
                json.WriteStartObject();
                json.WriteString("name", path);
                json.WriteString("algorithm", "sha256");
                json.WriteString("digest", digest.Hex);
                json.WriteEndObject();
            }
            json.WriteEndArray();
            json.WriteEndObject();
            json.WriteEndObject();
        });
    }

    private static void WriteSerialization(Utf8JsonWriter json)
    {
        json.WriteStartObject("serialization");
        json.WriteString("method", "files");
        json.WriteString("hash_type", "sha256");
        json.WriteBoolean("allow_symlinks", false);
        json.WriteStartArray("ignore_paths");
        foreach (string ignored in SignatureVerifier.IgnoredNames)
            json.WriteStringValue(ignored);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteKey(Utf8JsonWriter json, string hint)
    {
        json.WriteStartObject("publicKey");
        json.WriteString("hint", hint);
        json.WriteEndObject();
    }

    private static void WriteChain(Utf8JsonWriter json, X509Certificate2Collection chain)
    {
        json.WriteStartObject("x509CertificateChain");
        json.WriteStartArray("certificates");
        foreach (X509Certificate2 certificate in chain)
        {
            json.WriteStartObject();
            json.WriteBase64String("rawBytes", certificate.RawData);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static byte[] Write(JsonWriterOptions options, Action<Utf8JsonWriter> write)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream, options))
            write(json);
        return stream.ToArray();
    }
}
