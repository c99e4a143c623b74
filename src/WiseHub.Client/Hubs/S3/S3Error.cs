using System.Globalization;
using System.Net;
using System.Xml;
using System.Xml.Linq;
using WiseHub.Client.Http;

namespace WiseHub.Client.Hubs.S3;

/// <summary>What an S3 server says of a failure (https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html).</summary>
internal sealed record S3Error(HttpStatusCode Status, string Code, string Message)
{
    private const int LongestShown = 200;

    // Servers take 15 minutes; a signature is valid as long. Less is no explanation.
    private static readonly TimeSpan Skewed = TimeSpan.FromMinutes(5);

    /// <summary>The region that the bucket is in, where the server tells.</summary>
    public string? Region { get; init; }

    /// <summary>The server's clock, where it tells.</summary>
    public DateTimeOffset? ServerTime { get; init; }

    /// <summary>The object is not there, though its bucket is.</summary>
    public bool IsMissingKey => Status == HttpStatusCode.NotFound && Code is not "NoSuchBucket" and not "NoSuchUpload";

    public static async Task<S3Error> ReadAsync(HubResponse response, CancellationToken cancel)
    {
        string text = await response.ErrorTextAsync(cancel).ConfigureAwait(false);
        XElement? root = null;
        try
        {
            // XDocument.Parse would expand entities.
            using var reader = XmlReader.Create(new StringReader(text),
                new XmlReaderSettings { DtdProcessing = DtdProcessing.Prohibit });
            root = XDocument.Load(reader).Root;
        }
        catch (XmlException)
        {
            // A proxy's page, or nothing; the status says what is wrong.
        }
        string? Value(string name) => root?.Elements().FirstOrDefault(e => e.Name.LocalName == name)?.Value;
        return new S3Error(response.Status, Value("Code") ?? "", Value("Message") ?? "")
        {
            Region = response.Header("x-amz-bucket-region") ?? Value("Region"),
            ServerTime = response.Headers.Date,
        };
    }

    /// <summary>The error with a code of ours and what to do.</summary>
    /// <param name="hub">Whose bucket.</param>
    /// <param name="where">The object or bucket, without query.</param>
    /// <param name="access">Who asked.</param>
    /// <param name="keys">The keys of the request; null = anonymous.</param>
    /// <param name="now">Our clock.</param>
    /// <param name="writes">It was a write.</param>
    public HubException Explain(
        HubDefinition hub, Uri where, BucketAccess access, AccessKeys? keys, DateTimeOffset now, bool writes = false)
    {
        // All of it is what a server wrote, and a bad one repeats what it was sent.
        string Shown(string text)
        {
            string line = string.Concat((keys?.Hide(text) ?? text).Trim().Select(c => char.IsControl(c) ? ' ' : c));
            return line.Length > LongestShown ? line[..LongestShown] + "…" : line;
        }

        string said = string.Join(": ", ((string[])[Shown(Code), Shown(Message)]).Where(s => s.Length > 0));
        string? region = Region is null ? null : Shown(Region);
        string what =
            $"The hub '{hub.Name}' answered {(int)Status} at {Urls.Show(where)}{(said.Length > 0 ? $" (\"{said}\")" : "")}";
        if (keys is not null && (Code == "RequestTimeTooSkewed"
            || (Status == HttpStatusCode.Forbidden && ServerTime is DateTimeOffset its && (its - now).Duration() > Skewed)))
        {
            string clocks = ServerTime is DateTimeOffset server
                ? $" The server's clock says {Utc(server)}, this machine's {Utc(now)}." : "";
            return new HubException(WiseCodes.ClockSkew, $"{what}.{clocks} Signatures need clocks that agree within minutes: "
                + "set this machine's clock (timedatectl set-ntp true), or the server's.");
        }
        string bucket = hub.Bucket()!.Name;
        return (Code, Status) switch
        {
            ("NoSuchBucket", _) => new HubException(WiseCodes.BucketNotFound,
                $"{what}: there is no bucket '{bucket}'. Correct 'bucket', 'endpoint' or 'pathStyle' in {HubNames.ConfigFile}, "
                + "or create it; this program creates no buckets."),
            ("PermanentRedirect" or "TemporaryRedirect" or "AuthorizationHeaderMalformed" or "AuthorizationQueryParametersError"
                or "IllegalLocationConstraintException", _)
                or (_, HttpStatusCode.MovedPermanently or HttpStatusCode.TemporaryRedirect) =>
                new HubException(WiseCodes.BucketElsewhere, $"{what}: it was asked for region "
                    + $"'{access.Region}'{(region is null ? "" : $", and the bucket is in '{region}'")}. "
                    + $"Set {(region is null ? "'region' and 'endpoint'" : $"\"region\": \"{region}\"")} in "
                    + $"{HubNames.ConfigFile} (or AWS_REGION)."),
            ("InvalidAccessKeyId", _) => new HubException(WiseCodes.AccessKeyRefused, $"{what}: it does not know the access key "
                + $"'{keys?.Id}' (from {access.Source}). Correct it, or make one on this server."),
            ("SignatureDoesNotMatch", _) => new HubException(WiseCodes.AccessKeyRefused,
                $"{what}: the secret key that belongs to '{keys?.Id}' (from {access.Source}) is another one, or 'region' is. "
                + "Correct them; a proxy that changes requests does this, too."),
            ("ExpiredToken" or "TokenRefreshRequired", _) => new HubException(WiseCodes.AccessKeyExpired, $"{what}: "
                + $"the temporary keys (from {access.Source}) have expired. Get new ones (aws sso login, "
                + "or whatever gave you these)."),
            ("InvalidToken", _) => new HubException(WiseCodes.AccessKeyRefused, $"{what}: it refused the session token (from "
                + $"{access.Source}). Get new temporary keys; keys without a session token want AWS_SESSION_TOKEN unset."),
            ("QuotaExceeded" or "XMinioStorageFull" or "InsufficientStorage" or "ServiceQuotaExceeded", _)
                or (_, HttpStatusCode.InsufficientStorage) =>
                new HubException(WiseCodes.StorageFull, $"{what}: bucket or owner may hold no more. Have the quota raised, "
                    + "or delete what is not needed; what was uploaded stays and is not sent again."),
            (_, HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden) when keys is null =>
                new HubException(WiseCodes.TokenNeeded,
                    $"{what}: it does not answer this to everybody, and no access keys were found. Set AWS_ACCESS_KEY_ID and "
                    + $"AWS_SECRET_ACCESS_KEY, 'profile' in {HubNames.ConfigFile}, or {hub.TokenVariable}."),
            (_, HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden) => new HubException(WiseCodes.Forbidden, writes
                ? $"{what}: '{keys!.Id}' (from {access.Source}) may not write there. Have it allowed s3:PutObject, "
                    + "s3:GetObject and s3:DeleteObject below the prefix, and s3:ListBucket."
                : $"{what}: '{keys!.Id}' (from {access.Source}) may not read it, or it is not there: without s3:ListBucket a "
                    + "server says the same of both. Check name and revision, and have s3:GetObject and s3:ListBucket allowed."),
            (_, HttpStatusCode.NotFound) when !writes =>
                new HubException(WiseCodes.FileNotFound, $"{what}: an object that the hub lists is missing. Push it again."),
            _ when writes => new HubException(WiseCodes.UploadRefused,
                $"{what}. Look at what the server says; nothing of this push is visible yet."),
            _ => new HubException(WiseCodes.UnexpectedAnswer, $"{what}. Check the endpoint of the hub."),
        };
    }

    private static string Utc(DateTimeOffset time) =>
        time.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture) + " UTC";
}
