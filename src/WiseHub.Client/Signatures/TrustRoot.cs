using System.Globalization;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;

namespace WiseHub.Client.Signatures;

/// <summary>
/// The logs and authorities that a keyless signature is trusted by
/// (https://github.com/sigstore/protobuf-specs/blob/main/protos/sigstore_trustroot.proto).
/// </summary>
internal sealed class TrustRoot
{
    /// <summary>The file of Sigstore's public instance in this library.</summary>
    public const string ShippedName = "trusted_root.json";

    // The public one has 7 KB.
    private const int Largest = 1 << 20;

    private const string MediaType = "application/vnd.dev.sigstore.trustedroot";

    private static readonly Lazy<TrustRoot> Embedded = new(ReadEmbedded);

    private TrustRoot(string file) => File = file;

    /// <summary>
    /// The trust root of Sigstore's public instance, as of the release of this library. It changes every year or so.
    /// </summary>
    public static TrustRoot Shipped => Embedded.Value;

    /// <summary>The name of the file, for messages.</summary>
    public string File { get; }

    /// <summary>Logs of signatures.</summary>
    public IReadOnlyList<TrustedLog> Logs { get; private init; } = [];

    /// <summary>Logs of certificates.</summary>
    public IReadOnlyList<TrustedLog> CertificateLogs { get; private init; } = [];

    /// <summary>Authorities that certify a login.</summary>
    public IReadOnlyList<TrustedAuthority> CertificateAuthorities { get; private init; } = [];

    /// <summary>Authorities that attest a time.</summary>
    public IReadOnlyList<TrustedAuthority> TimestampAuthorities { get; private init; } = [];

    /// <summary>Reads <c>trusted_root.json</c>.</summary>
    /// <exception cref="HubException">WISE6036: malformed.</exception>
    public static TrustRoot Read(byte[] trustedRootJson, string file)
    {
        if (trustedRootJson.Length > Largest)
            throw SignatureMessages.TrustRootMalformed(file, SignatureMessages.TooLarge(Largest));
        using var json = new SignatureJson(trustedRootJson, file, WiseCodes.TrustRootUnusable, SignatureMessages.GetTrustRoot);
        string mediaType = json.RequiredString(json.Root, "mediaType");
        if (!mediaType.StartsWith(MediaType, StringComparison.Ordinal))
            throw SignatureMessages.TrustRootMalformed(file, SignatureMessages.OtherTrustRoot(PathRules.Printable(mediaType)));
        return new TrustRoot(file)
        {
            Logs = ReadLogs(json, "tlogs"),
            CertificateLogs = ReadLogs(json, "ctlogs"),
            CertificateAuthorities = ReadAuthorities(json, "certificateAuthorities", file),
            TimestampAuthorities = ReadAuthorities(json, "timestampAuthorities", file),
        };
    }

    private static TrustRoot ReadEmbedded()
    {
        using Stream stream = typeof(TrustRoot).Assembly.GetManifestResourceStream("Signatures/" + ShippedName)!;
        byte[] bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return Read(bytes, ShippedName);
    }

    private static List<TrustedLog> ReadLogs(SignatureJson json, string key)
    {
        var logs = new List<TrustedLog>();
        foreach (JsonElement log in json.Objects(json.Root, key))
        {
            JsonElement publicKey = json.RequiredObject(log, "publicKey");
            byte[] spki = json.RequiredBase64(publicKey, "rawBytes");
            byte[] id = json.Object(log, "logId") is JsonElement logId
                ? json.RequiredBase64(logId, "keyId") : SHA256.HashData(spki);
            logs.Add(new TrustedLog(UrlOf(json, log, "baseUrl"), id, spki, ReadPeriod(json, publicKey)));
        }
        return logs;
    }

    private static List<TrustedAuthority> ReadAuthorities(SignatureJson json, string key, string file)
    {
        var authorities = new List<TrustedAuthority>();
        foreach (JsonElement authority in json.Objects(json.Root, key))
        {
            string url = UrlOf(json, authority, "uri");
            var certificates = new X509Certificate2Collection();
            try
            {
                foreach (JsonElement certificate in json.Objects(json.RequiredObject(authority, "certChain"), "certificates"))
                    certificates.Add(X509CertificateLoader.LoadCertificate(json.RequiredBase64(certificate, "rawBytes")));
            }
            catch (CryptographicException)
            {
                throw SignatureMessages.TrustRootMalformed(file, SignatureMessages.AuthorityMalformed(url));
            }
            if (certificates.Count == 0)
                throw SignatureMessages.TrustRootMalformed(file, SignatureMessages.AuthorityEmpty(url));
            authorities.Add(new TrustedAuthority(url, certificates, ReadPeriod(json, authority)));
        }
        return authorities;
    }

    private static string UrlOf(SignatureJson json, JsonElement element, string key) =>
        PathRules.Printable(json.String(element, key) ?? "");

    private static ValidPeriod ReadPeriod(SignatureJson json, JsonElement element)
    {
        JsonElement? period = json.Object(element, "validFor");
        return period is not JsonElement given ? new ValidPeriod(DateTimeOffset.MinValue, null)
            : new ValidPeriod(ReadTime(json, given, "start") ?? DateTimeOffset.MinValue, ReadTime(json, given, "end"));
    }

    private static DateTimeOffset? ReadTime(SignatureJson json, JsonElement element, string key) =>
        json.String(element, key) is not string text ? null
        : DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture,
            DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out DateTimeOffset time) ? time
        : throw json.Wrong(SignatureMessages.NotATime(key), element);
}
