using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace WiseHub.Client.Hubs.S3;

/// <summary>
/// The common part of signed URLs and signed headers: signature version 4
/// (https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-authenticating-requests.html).
/// </summary>
/// <param name="Keys">The keys that sign.</param>
/// <param name="Region">Part of the signature.</param>
/// <param name="Now">The time of the signature.</param>
internal sealed record Signature(AccessKeys Keys, string Region, DateTimeOffset Now)
{
    public const string Algorithm = "AWS4-HMAC-SHA256";

    public string Time => Now.UtcDateTime.ToString("yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture);

    /// <summary>Day, region and service.</summary>
    public string Scope => $"{Day}/{Region}/s3/aws4_request";

    private string Day => Now.UtcDateTime.ToString("yyyyMMdd", CultureInfo.InvariantCulture);

    /// <summary>The signature of a request in its canonical form.</summary>
    public string Of(string canonical)
    {
        string toSign = $"{Algorithm}\n{Time}\n{Scope}\n"
            + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(canonical)));
        byte[] key = Encoding.UTF8.GetBytes("AWS4" + Keys.Secret);
        foreach (string part in (string[])[Day, Region, "s3", "aws4_request"])
            key = HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(part));
        return Convert.ToHexStringLower(HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(toSign)));
    }
}
