using System.Text.Json;
using WiseHub.Client.Formats;
using WiseHub.Client.Signatures;

namespace WiseHub.Client.Policies;

/// <summary>Reads the object <c>policy</c> of a <c>wisehub.json</c>. Errors name its line.</summary>
internal sealed class PolicySection(StrictJson json, string file, Func<string, string?> environment)
{
    /// <summary>The keys of the object and of those in it.</summary>
    public static readonly IReadOnlyList<string> Keys =
        ["mode", "hubs", "repos", "licenses", "formats", "maxFileSize", "maxReferenceSize", "pinned", "signatures", "trustRoot"];

    private static readonly string[] LicenseKeys = ["allow", "deny", "unstated"];
    private static readonly string[] FormatKeys = ["level", "allow"];
    private static readonly string[] SignatureKeys = ["repos", "key", "certificate", "identity", "issuer"];

    /// <exception cref="HubException">WISE1008.</exception>
    public TrustPolicy Read(JsonElement policy)
    {
        json.OnlyKeys(policy, [.. Keys]);
        JsonElement? formats = Object(policy, "formats", FormatKeys);
        return new TrustPolicy
        {
            File = file,
            Text = StrictJson.RawText(policy),
            WarnsOnly = OneOf(policy, "mode", ["error", "warn"]) == "warn",
            Hubs = Patterns(policy, "hubs"),
            Repos = Patterns(policy, "repos"),
            Licenses = Object(policy, "licenses", LicenseKeys) is JsonElement licenses ? ReadLicenses(licenses) : null,
            Level = formats is not JsonElement section ? null : OneOf(section, "level", ["off", "standard", "strict"]) switch
            {
                "off" => FormatLevel.Off,
                "standard" => FormatLevel.Standard,
                "strict" => FormatLevel.Strict,
                _ => null,
            },
            Formats = formats is JsonElement allowed && allowed.TryGetProperty("allow", out _) ? ReadFormats(allowed) : null,
            MaxFileSize = Size(policy, "maxFileSize"),
            MaxReferenceSize = Size(policy, "maxReferenceSize"),
            Pinned = json.Boolean(policy, "pinned") ?? false,
            Signatures = [.. json.Array(policy, "signatures").Select(ReadSignature)],
            TrustRoot = Path(policy, "trustRoot"),
        };
    }

    private LicenseRule ReadLicenses(JsonElement section)
    {
        NamePatterns allow = Patterns(section, "allow") ?? NamePatterns.None;
        string? unstated = OneOf(section, "unstated", ["allow", "deny"]);
        // Who lists what is allowed does not mean what nobody states.
        return new LicenseRule(allow, Patterns(section, "deny") ?? NamePatterns.None,
            unstated is null ? allow.IsEmpty : unstated == "allow");
    }

    private List<string> ReadFormats(JsonElement section)
    {
        var formats = new List<string>();
        foreach (JsonElement item in json.Array(section, "allow"))
        {
            string format = Text(item, "allow");
            if (!FormatIds.All.Contains(format))
                throw json.Wrong(PolicyMessages.UnknownFormat(format, FormatIds.All), item);
            formats.Add(format);
        }
        return formats;
    }

    private SignatureRule ReadSignature(JsonElement rule)
    {
        json.OnlyKeys(rule, SignatureKeys);
        string? key = Path(rule, "key"), certificate = Path(rule, "certificate"), identity = json.String(rule, "identity"),
            issuer = json.String(rule, "issuer");
        SignerRule signer = (key, certificate, identity, issuer) switch
        {
            (string pem, null, null, null) => new KeySigner(pem),
            (null, string root, null, null) => new CertificateSigner(root),
            (null, null, string who, string provider) => new KeylessSigner(who, provider),
            _ => throw json.Wrong(PolicyMessages.OneSigner, rule),
        };
        return new SignatureRule(Patterns(rule, "repos") ?? throw json.Wrong(ModelMessages.Missing("repos"), rule), signer);
    }

    private JsonElement? Object(JsonElement from, string key, string[] keys)
    {
        if (!from.TryGetProperty(key, out JsonElement found))
            return null;
        json.OnlyKeys(found, keys);
        return found;
    }

    private NamePatterns? Patterns(JsonElement from, string key) => !from.TryGetProperty(key, out _) ? null
        : new NamePatterns([.. json.Array(from, key).Select(item => Text(item, key))]);

    private string Text(JsonElement item, string key) =>
        item.ValueKind == JsonValueKind.String && StrictJson.Text(item) is { Length: > 0 } text ? text
            : throw json.Wrong(ModelMessages.NotStrings(key), item);

    private string? OneOf(JsonElement from, string key, string[] values) =>
        json.String(from, key) is not string text ? null
            : Array.Exists(values, v => v == text) ? text
            : throw json.Wrong(PolicyMessages.NotOneOf(key, text, values), from.GetProperty(key));

    private long? Size(JsonElement from, string key)
    {
        if (!from.TryGetProperty(key, out JsonElement found))
            return null;
        return found.ValueKind == JsonValueKind.Number && found.TryGetInt64(out long bytes) && bytes >= 0 ? bytes
            : found.ValueKind == JsonValueKind.String && ByteSize.TryParse(StrictJson.Text(found), out long read) ? read
            : throw json.Wrong(PolicyMessages.NotASize(key), found);
    }

    private string? Path(JsonElement from, string key) => json.String(from, key) is string path
        ? UserPath.Resolve(path, System.IO.Path.GetDirectoryName(file)!, environment) : null;
}
