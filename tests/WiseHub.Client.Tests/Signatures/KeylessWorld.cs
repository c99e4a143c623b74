using System.Formats.Asn1;
using System.Globalization;
using System.Security.Cryptography;
using System.Security.Cryptography.Pkcs;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using WiseHub.Client.Signatures;

namespace WiseHub.Client.Tests;

/// <summary>
/// A certificate authority, its log, a log of signatures and a timestamp authority, and keyless signatures by them. It agrees
/// with the mocks of Sigstore, which <see cref="SigstoreTests"/> use.
/// </summary>
internal sealed class KeylessWorld : IDisposable
{
    public const string Issuer = "https://login.example.com";

    private const string Sha256Oid = "2.16.840.1.101.3.4.2.1";

    private readonly ECDsa _authorityKey = ECDsa.Create(ECCurve.NamedCurves.nistP384);
    private readonly ECDsa _certificateLogKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly ECDsa _logKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly ECDsa _timeKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly X509Certificate2 _root, _intermediate, _timeRoot, _time;

    public KeylessWorld()
    {
        _root = Root("CN=root", _authorityKey);
        _intermediate = Issue(Request("CN=intermediate", _authorityKey, isAuthority: true), _root, _authorityKey, Start,
            Start.AddYears(5));
        _timeRoot = Root("CN=time root", _timeKey);
        CertificateRequest request = Request("CN=time", _timeKey, isAuthority: false);
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.8")], critical: true));
        using X509Certificate2 time = Issue(request, _timeRoot, _timeKey, Start, Start.AddYears(5));
        _time = time.CopyWithPrivateKey(_timeKey);
    }

    /// <summary>When everything begins to be trusted.</summary>
    public static DateTimeOffset Start { get; } = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>When a certificate is issued, and its key used.</summary>
    public DateTimeOffset Now { get; init; } = Start.AddMonths(3);

    /// <summary>How long after that the log and the timestamp authority come.</summary>
    public TimeSpan Delay { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>The name in the certificate.</summary>
    public string Identity { get; init; } = "somebody@example.com";

    public bool HasCertificateTimestamp { get; init; } = true;

    public bool HasOldIssuerOnly { get; init; }

    public bool HasTimestamp { get; init; } = true;

    public X509KeyUsageFlags KeyUsage { get; init; } = X509KeyUsageFlags.DigitalSignature;

    public string Purpose { get; init; } = "1.3.6.1.5.5.7.3.3";

    /// <summary>The number of earlier and later entries in the log.</summary>
    public (int Before, int After) Others { get; init; } = (5, 7);

    public byte[] Payload { get; } =
        ModelSigner.WriteStatement(new Dictionary<string, Digest> { ["a"] = Digest.Parse(new string('0', 64)) }, "a");

    public void Dispose()
    {
        foreach (IDisposable part in (IDisposable[])[_authorityKey, _certificateLogKey, _logKey, _timeKey, _root, _intermediate,
            _timeRoot, _time])
            part.Dispose();
    }

    /// <summary>The trust root of this world.</summary>
    public JsonObject TrustRootJson() => new()
    {
        ["mediaType"] = "application/vnd.dev.sigstore.trustedroot+json;version=0.1",
        ["tlogs"] = new JsonArray(Log("https://rekor.example.com", _logKey)),
        ["ctlogs"] = new JsonArray(Log("https://ct.example.com", _certificateLogKey)),
        ["certificateAuthorities"] = new JsonArray(Authority("https://fulcio.example.com", _intermediate, _root)),
        ["timestampAuthorities"] = new JsonArray(Authority("https://time.example.com", _time, _timeRoot)),
    };

    public TrustRoot TrustRoot() =>
        Signatures.TrustRoot.Read(Encoding.UTF8.GetBytes(TrustRootJson().ToJsonString()), "root.json");

    /// <summary>A signature of <see cref="Payload"/>.</summary>
    public JsonObject Sign()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using X509Certificate2 certificate = Certificate(key);
        byte[] signature = key.SignData(DsseEnvelope.SignedBytes(Payload), HashAlgorithmName.SHA256,
            DSASignatureFormat.Rfc3279DerSequence);
        var material = new JsonObject
        {
            ["certificate"] = new JsonObject { ["rawBytes"] = Convert.ToBase64String(certificate.RawData) },
            ["tlogEntries"] = new JsonArray(Entry(certificate, signature)),
        };
        if (HasTimestamp)
        {
            material["timestampVerificationData"] = new JsonObject
            {
                ["rfc3161Timestamps"] = new JsonArray(new JsonObject
                { ["signedTimestamp"] = Convert.ToBase64String(Timestamp(signature)) }),
            };
        }
        return new JsonObject
        {
            ["mediaType"] = SignatureBundle.MediaType,
            ["verificationMaterial"] = material,
            ["dsseEnvelope"] = new JsonObject
            {
                ["payload"] = Convert.ToBase64String(Payload),
                ["payloadType"] = DsseEnvelope.PayloadType,
                ["signatures"] = new JsonArray(new JsonObject { ["sig"] = Convert.ToBase64String(signature), ["keyid"] = "" }),
            },
        };
    }

    private static CertificateRequest Request(string name, ECDsa key, bool isAuthority)
    {
        var request = new CertificateRequest(name, key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(isAuthority, false, 0, true));
        return request;
    }

    private static X509Certificate2 Root(string name, ECDsa key) =>
        Request(name, key, isAuthority: true).CreateSelfSigned(Start, Start.AddYears(5));

    private static X509Certificate2 Issue(CertificateRequest request, X509Certificate2 issuer, ECDsa key, DateTimeOffset from,
        DateTimeOffset to) =>
        request.Create(issuer.SubjectName, X509SignatureGenerator.CreateForECDsa(key), from, to, [7]);

    private X509Certificate2 Certificate(ECDsa key)
    {
        var request = new CertificateRequest(new X500DistinguishedName(""), key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509KeyUsageExtension(KeyUsage, critical: true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(Purpose)], critical: false));
        var names = new SubjectAlternativeNameBuilder();
        if (Identity.Contains('@', StringComparison.Ordinal))
            names.AddEmailAddress(Identity);
        else
            names.AddUri(new Uri(Identity));
        request.CertificateExtensions.Add(names.Build(critical: true));
        request.CertificateExtensions.Add(new X509Extension("1.3.6.1.4.1.57264.1.1", Encoding.UTF8.GetBytes(Issuer), false));
        if (!HasOldIssuerOnly)
        {
            var writer = new AsnWriter(AsnEncodingRules.DER);
            writer.WriteCharacterString(UniversalTagNumber.UTF8String, Issuer);
            request.CertificateExtensions.Add(new X509Extension("1.3.6.1.4.1.57264.1.8", writer.Encode(), false));
        }
        X509Certificate2 certificate = Issue(request, _intermediate, _authorityKey, Now, Now.AddMinutes(10));
        if (!HasCertificateTimestamp)
            return certificate;
        using (certificate)
        {
            request.CertificateExtensions.Add(
                new X509Extension("1.3.6.1.4.1.11129.2.4.2", CertificateTimestamps(certificate), false));
        }
        return Issue(request, _intermediate, _authorityKey, Now, Now.AddMinutes(10));
    }

    private byte[] CertificateTimestamps(X509Certificate2 certificate)
    {
        byte[] tbs = new AsnReader(certificate.RawDataMemory, AsnEncodingRules.DER).ReadSequence().PeekEncodedValue().ToArray();
        byte[] time = BitConverter.GetBytes(Now.ToUnixTimeMilliseconds());
        Array.Reverse(time);
        byte[] signed = [0, 0, .. time, 0, 1, .. SHA256.HashData(_intermediate.PublicKey.ExportSubjectPublicKeyInfo()), 0,
            (byte)(tbs.Length >> 8), (byte)tbs.Length, .. tbs, 0, 0];
        byte[] signature = _certificateLogKey.SignData(signed, HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence);
        byte[] one = [0, .. SHA256.HashData(_certificateLogKey.ExportSubjectPublicKeyInfo()), .. time, 0, 0, 4, 3, 0,
            (byte)signature.Length, .. signature];
        var writer = new AsnWriter(AsnEncodingRules.DER);
        writer.WriteOctetString([0, (byte)(one.Length + 2), 0, (byte)one.Length, .. one]);
        return writer.Encode();
    }

    private JsonObject Entry(X509Certificate2 certificate, byte[] signature)
    {
        string body = new JsonObject
        {
            ["apiVersion"] = "0.0.1",
            ["kind"] = "dsse",
            ["spec"] = new JsonObject
            {
                ["payloadHash"] = new JsonObject
                { ["algorithm"] = "sha256", ["value"] = Convert.ToHexStringLower(SHA256.HashData(Payload)) },
                ["signatures"] = new JsonArray(new JsonObject
                {
                    ["signature"] = Convert.ToBase64String(signature),
                    ["verifier"] = Convert.ToBase64String(Encoding.ASCII.GetBytes(certificate.ExportCertificatePem() + "\n")),
                }),
            },
        }.ToJsonString();
        byte[][] leaves = [.. Enumerable.Range(0, Others.Before + 1 + Others.After)
            .Select(i => Encoding.UTF8.GetBytes(i == Others.Before ? body : $"another {i}"))];
        byte[] root = MerkleTree.Root(leaves), id = SHA256.HashData(_logKey.ExportSubjectPublicKeyInfo());
        string note = $"rekor.example.com - 1\n{leaves.Length}\n{Convert.ToBase64String(root)}\n";
        string hint = Convert.ToBase64String([.. id.AsSpan(0, 4), .. Sign(_logKey, note)]);
        long time = (Now + Delay).ToUnixTimeSeconds();
        string promised = new JsonObject
        {
            ["body"] = Convert.ToBase64String(leaves[Others.Before]),
            ["integratedTime"] = time,
            ["logID"] = Convert.ToHexStringLower(id),
            ["logIndex"] = 1234,
        }.ToJsonString(new JsonSerializerOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
        return new JsonObject
        {
            ["logIndex"] = "1234",
            ["logId"] = new JsonObject { ["keyId"] = Convert.ToBase64String(id) },
            ["kindVersion"] = new JsonObject { ["kind"] = "dsse", ["version"] = "0.0.1" },
            ["integratedTime"] = time.ToString(CultureInfo.InvariantCulture),
            ["inclusionPromise"] = new JsonObject { ["signedEntryTimestamp"] = Convert.ToBase64String(Sign(_logKey, promised)) },
            ["inclusionProof"] = new JsonObject
            {
                ["logIndex"] = Others.Before.ToString(CultureInfo.InvariantCulture),
                ["rootHash"] = Convert.ToBase64String(root),
                ["treeSize"] = leaves.Length.ToString(CultureInfo.InvariantCulture),
                ["hashes"] = new JsonArray(
                    [.. MerkleTree.Path(leaves, Others.Before).Select(h => (JsonNode)Convert.ToBase64String(h))]),
                ["checkpoint"] = new JsonObject { ["envelope"] = $"{note}\n— rekor.example.com {hint}\n" },
            },
            ["canonicalizedBody"] = Convert.ToBase64String(leaves[Others.Before]),
        };
    }

    private static byte[] Sign(ECDsa key, string text) =>
        key.SignData(Encoding.UTF8.GetBytes(text), HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence);

    private byte[] Timestamp(byte[] signature)
    {
        var info = new AsnWriter(AsnEncodingRules.DER);
        using (info.PushSequence())
        {
            info.WriteInteger(1);
            info.WriteObjectIdentifier("1.3.6.1.4.1.57264.2");
            using (info.PushSequence())
            {
                using (info.PushSequence())
                    info.WriteObjectIdentifier(Sha256Oid);
                info.WriteOctetString(SHA256.HashData(signature));
            }
            info.WriteInteger(42);
            info.WriteGeneralizedTime(Now + Delay, omitFractionalSeconds: true);
        }
        var certificate = new AsnWriter(AsnEncodingRules.DER);
        using (certificate.PushSequence())
        using (certificate.PushSequence())
        using (certificate.PushSequence())
            certificate.WriteOctetString(SHA256.HashData(_time.RawData));
        var cms = new SignedCms(new ContentInfo(new Oid("1.2.840.113549.1.9.16.1.4"), info.Encode()), detached: false);
        var signer = new CmsSigner(SubjectIdentifierType.IssuerAndSerialNumber, _time)
        { DigestAlgorithm = new Oid(Sha256Oid), IncludeOption = X509IncludeOption.None };
        signer.SignedAttributes.Add(new AsnEncodedData("1.2.840.113549.1.9.16.2.47", certificate.Encode()));
        cms.ComputeSignature(signer);
        var response = new AsnWriter(AsnEncodingRules.DER);
        using (response.PushSequence())
        {
            using (response.PushSequence())
                response.WriteInteger(0);
            response.WriteEncodedValue(cms.Encode());
        }
        return response.Encode();
    }

    private static JsonObject Log(string url, ECDsa key) => new()
    {
        ["baseUrl"] = url,
        ["publicKey"] = new JsonObject
        { ["rawBytes"] = Convert.ToBase64String(key.ExportSubjectPublicKeyInfo()), ["validFor"] = Period() },
        ["logId"] = new JsonObject { ["keyId"] = Convert.ToBase64String(SHA256.HashData(key.ExportSubjectPublicKeyInfo())) },
    };

    private static JsonObject Authority(string url, params X509Certificate2[] certificates) => new()
    {
        ["uri"] = url,
        ["certChain"] = new JsonObject
        {
            ["certificates"] = new JsonArray([.. certificates.Select(c =>
                (JsonNode)new JsonObject { ["rawBytes"] = Convert.ToBase64String(c.RawData) })]),
        },
        ["validFor"] = Period(),
    };

    private static JsonObject Period() => new() { ["start"] = "2026-01-01T00:00:00Z" };
}
