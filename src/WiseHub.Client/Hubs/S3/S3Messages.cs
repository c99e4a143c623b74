using System.Globalization;
using System.Net;

namespace WiseHub.Client.Hubs.S3;

/// <summary>The messages of buckets, in the order of their codes.</summary>
internal static class S3Messages
{
    private const int LongestShown = 200;

    public static Text NoBucket(string hub) => $"the hub '{hub}' needs 'bucket'.";

    // WISE1004
    public static HubException InvalidRegion(string hub, string region) => new(WiseCodes.InvalidValue,
        $"The hub '{hub}': '{region}' is not a valid region. Correct 'region' in {HubNames.ConfigFile}, or AWS_REGION.");

    // WISE1030
    public static HubException MalformedKeys(string hub, string source) => new(WiseCodes.AccessKeysMissing,
        $"The hub '{hub}': the value from {source} does not have the form ACCESS_KEY_ID:SECRET_KEY or "
        + $"ACCESS_KEY_ID:SECRET_KEY:SESSION_TOKEN. Correct it, or remove it to use the credentials of the AWS tools.");

    /// <param name="hub">The hub.</param>
    /// <param name="source">Origin of the keys, for example a profile.</param>
    /// <param name="problem">The reason, as the AWS SDK words it.</param>
    /// <param name="cause">The exception of the SDK.</param>
    public static HubException KeysUnusable(string hub, string source, string problem, Exception? cause) =>
        new(WiseCodes.AccessKeysMissing,
            $"The hub '{hub}': {source} cannot be used: {problem.Trim().TrimEnd('.')}. Correct it, or set AWS_ACCESS_KEY_ID and "
            + $"AWS_SECRET_ACCESS_KEY. For credentials that need a login (SSO, roles), run "
            + $"'aws configure export-credentials --format env', which prints these variables.", cause);

    // WISE1031
    public static HubException SessionTokenKept(HubDefinition hub, string source) => new(WiseCodes.SessionTokenKept,
        $"The hub '{hub.Name}': the keys from {source} are temporary, and their session token would be sent to "
        + $"{hub.Endpoint}, which only {HubNames.ConfigFile} names. If you trust this endpoint, set "
        + $"AWS_ENDPOINT_URL_S3={hub.Endpoint} or WISEHUB_ENDPOINT_{HubNames.ForEnvironment(hub.Name)}={hub.Endpoint}; "
        + $"or give this hub its own keys in {hub.TokenVariable}.");

    // WISE2005
    public static HubException KeysNeededToPush(HubDefinition hub) => new(WiseCodes.TokenNeeded,
        $"The hub '{hub.Name}': no access keys were found, and pushing requires them. Set AWS_ACCESS_KEY_ID and "
        + $"AWS_SECRET_ACCESS_KEY, 'profile' in {HubNames.ConfigFile}, or {hub.TokenVariable}.");

    // WISE2010
    public static HubException KeyNotForUrls(string bucket, string key) => new(WiseCodes.UnexpectedAnswer,
        $"The object '{key}' of {bucket} has '.' or '..' as a segment of its name, which a URL cannot hold. "
        + $"Ask the owner of the bucket to rename it.");

    // WISE2012
    public static HubException Stalled(string hub, Uri url, string reason, Exception cause) => new(
        WiseCodes.Stalled, $"The hub '{hub}' stalled at {Urls.Show(url)}: {reason}. "
        + $"On a slow connection, raise WiseStallTimeout (WISEHUB_STALL_TIMEOUT).", cause)
    { IsTransient = true };

    // WISE2013
    public static HubException TooManyPages(string hub, Uri prefix, int limit) => new(WiseCodes.TooManyPages,
        $"The hub '{hub}' lists more than {limit} pages below {Urls.Show(prefix)}. Check the endpoint of the hub.");

    // WISE3006
    public static HubException RefNotACommit(Uri url) => new(WiseCodes.DamagedStore,
        $"{Urls.Show(url)} does not hold a commit. Delete it and push again.");

    // WISE5010
    private static HubException BodyRefused(string what) => new(WiseCodes.BodyRefused,
        $"{what}: the body that arrived is not the one that was signed. A proxy that changes bodies causes this. "
        + $"Push again; if that does not help, push without the proxy, or tell the operator of the hub.");

    // WISE5011
    public static HubException UploadDamaged(
        string hub, Uri url, (long Size, Digest Sha256) stored, (long Size, Digest Sha256) sent) =>
        new(WiseCodes.UploadDamaged, $"{Urls.Show(url)}: the hub '{hub}' stored {stored.Size} bytes with sha256 {stored.Sha256}, "
            + $"but {sent.Size} bytes with sha256 {sent.Sha256} were sent. The object was deleted. "
            + $"Push again while no program writes to the file. If that does not help, tell the operator of the hub.");

    // WISE5013
    public static HubException ConditionRefused(string hub, Uri url, string said) =>
        new(WiseCodes.ConditionalWritesMissing,
            $"The hub '{hub}' refuses a conditional write at {Urls.Show(url)} ({said}), but \"conditionalWrites\" is true. "
            + $"Set it to \"auto\" in {HubNames.ConfigFile}, or to false if only one push runs at a time.");

    public static HubException ConditionMisread(string hub, Uri url) => new(WiseCodes.ConditionalWritesMissing,
        $"The hub '{hub}' refuses to write {Urls.Show(url)}, although it is unchanged: this server handles conditional writes "
        + $"differently. Set \"conditionalWrites\": false in {HubNames.ConfigFile} if only one push runs at a time.");

    public static Text NoConditionalWrites(string repo, string hub) =>
        $"{repo}: '{hub}' has no conditional writes, so this push is safe only while no other push runs.";

    public static Text OldPartsRemoved(string hub, int uploads, int days) =>
        $"The hub '{hub}': removed the parts of "
            + $"{(uploads == 1 ? (Text)$"an upload that was" : (Text)$"{uploads} uploads that were")} "
        + $"interrupted more than {days} days ago.";

    /// <summary>The error response of a server, with a code of ours and what to do next.</summary>
    /// <param name="error">The response.</param>
    /// <param name="hub">The hub of the bucket.</param>
    /// <param name="where">The object or bucket, without query.</param>
    /// <param name="access">The keys' origin, and the region.</param>
    /// <param name="keys">The keys of the request; null = anonymous.</param>
    /// <param name="now">Our clock.</param>
    /// <param name="isSkewed">Our clock and the server's differ too much for signatures.</param>
    /// <param name="writes">The request was a write.</param>
    public static HubException Refused(S3Error error, HubDefinition hub, Uri where, BucketAccess access, AccessKeys? keys,
        DateTimeOffset now, bool isSkewed, bool writes)
    {
        string said = string.Join(": ", ((string[])[Shown(error.Code), Shown(error.Message)]).Where(s => s.Length > 0));
        string what =
            HubMessages.Answered(hub.Name, error.Status, where, said);
        if (isSkewed)
        {
            return new(WiseCodes.ClockSkew, $"{what}.{(error.ServerTime is DateTimeOffset server
                    ? (Text)$" The server's clock says {Utc(server)}, this machine's {Utc(now)}." : "")}"
                + $" Signatures require clocks that agree within minutes: "
                + $"set this machine's clock (timedatectl set-ntp true), or the server's.");
        }
        return (error.Code, error.Status) switch
        {
            ("NoSuchBucket", _) => new(WiseCodes.BucketNotFound,
                $"{what}: the bucket '{hub.Bucket()!.Name}' does not exist. Correct 'bucket', 'endpoint' or 'pathStyle' in "
                + $"{HubNames.ConfigFile}, or create the bucket; WiseHub does not create buckets."),
            ("PermanentRedirect" or "TemporaryRedirect" or "AuthorizationHeaderMalformed" or "AuthorizationQueryParametersError"
                or "IllegalLocationConstraintException", _)
                or (_, HttpStatusCode.MovedPermanently or HttpStatusCode.Found or HttpStatusCode.SeeOther
                    or HttpStatusCode.TemporaryRedirect or HttpStatusCode.PermanentRedirect) =>
                BucketElsewhere(error.Region is null ? null : Shown(error.Region)),
            ("InvalidAccessKeyId", _) => new(WiseCodes.AccessKeyRefused,
                $"{what}: the server does not know the access key '{keys?.Id}' (from {access.Source}). Correct it, "
                + $"or create one on this server."),
            ("SignatureDoesNotMatch", _) => new(WiseCodes.AccessKeyRefused,
                $"{what}: the secret key of '{keys?.Id}' (from {access.Source}) is wrong, or 'region' is. Correct them. "
                + $"A proxy that changes requests causes this, too."),
            ("InvalidToken", _) => new(WiseCodes.AccessKeyRefused,
                $"{what}: the server refused the session token (from {access.Source}). Get new temporary keys. "
                + $"For keys without a session token, unset AWS_SESSION_TOKEN."),
            ("ExpiredToken" or "TokenRefreshRequired", _) => new(WiseCodes.AccessKeyExpired,
                $"{what}: the temporary keys (from {access.Source}) have expired. Renew them (aws sso login, "
                + $"or the tool that issued them)."),
            ("QuotaExceeded" or "XMinioStorageFull" or "InsufficientStorage" or "ServiceQuotaExceeded", _)
                or (_, HttpStatusCode.InsufficientStorage) => new(WiseCodes.StorageFull,
                $"{what}: the bucket or its owner has reached a storage limit. Raise the limit, or delete files that are not "
                + $"needed. Uploaded files stay and are not sent again."),
            (_, HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden) when keys is null => new(WiseCodes.TokenNeeded,
                $"{what}: it refuses anonymous requests here, and no access keys were found. Set AWS_ACCESS_KEY_ID and "
                + $"AWS_SECRET_ACCESS_KEY, 'profile' in {HubNames.ConfigFile}, or {hub.TokenVariable}."),
            (_, HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden) => new(WiseCodes.Forbidden, writes
                ? Text.Of($"{what}: '{keys!.Id}' (from {access.Source}) may not write there. Grant it s3:PutObject, s3:GetObject "
                    + $"and s3:DeleteObject below the prefix, and s3:ListBucket.")
                : Text.Of($"{what}: '{keys!.Id}' (from {access.Source}) may not read it, or it does not exist: without "
                    + $"s3:ListBucket, a "
                    + $"server answers both alike. Check the name and the revision, and grant s3:GetObject and s3:ListBucket.")),
            ("XAmzContentSHA256Mismatch" or "BadDigest" or "InvalidDigest" or "IncompleteBody", _) when writes =>
                BodyRefused(what),
            (_, HttpStatusCode.NotFound) when !writes => new(WiseCodes.FileNotFound,
                $"{what}: an object that the hub lists is missing. Push it again."),
            _ when writes => new(WiseCodes.UploadRefused,
                $"{what}. Follow the server's message. No change of this push is visible yet."),
            _ => new(WiseCodes.UnexpectedAnswer, $"{what}. Check the endpoint of the hub."),
        };

        HubException BucketElsewhere(string? region) => new(WiseCodes.BucketElsewhere,
            $"{what}: the request was for region '{access.Region}'"
            + $"{(region is null ? "" : (Text)$", but the bucket is in '{region}'")}. Set "
            + $"{(region is null ? (Text)$"'region' and 'endpoint'" : (Text)$"\"region\": \"{region}\"")} in "
            + $"{HubNames.ConfigFile} "
            + $"(or AWS_REGION).");

        // The server wrote the text, and a bad one repeats the secrets it was sent.
        string Shown(string text)
        {
            string line = string.Concat((keys?.Hide(text) ?? text).Trim().Select(c => char.IsControl(c) ? ' ' : c));
            return line.Length > LongestShown ? line[..LongestShown] + "…" : line;
        }
    }

    private static Text Utc(DateTimeOffset time) =>
        $"{time.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture)} UTC";
}
