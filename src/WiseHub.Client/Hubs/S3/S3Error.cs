using System.Net;
using System.Xml;
using System.Xml.Linq;
using WiseHub.Client.Http;

namespace WiseHub.Client.Hubs.S3;

/// <summary>An S3 server's error response (https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html).</summary>
internal sealed record S3Error(HttpStatusCode Status, string Code, string Message)
{
    // Servers tolerate 15 minutes, which is also the validity of a signature. Less than 5 does not explain a refusal.
    private static readonly TimeSpan Skewed = TimeSpan.FromMinutes(5);

    /// <summary>The region of the bucket, if the server names it.</summary>
    public string? Region { get; init; }

    /// <summary>The server's clock, if the response has a date.</summary>
    public DateTimeOffset? ServerTime { get; init; }

    /// <summary>The bucket exists, but the object does not.</summary>
    public bool IsMissingKey => Status == HttpStatusCode.NotFound && Code is not "NoSuchBucket" and not "NoSuchUpload";

    /// <summary>
    /// A condition does not hold, or conditions are not supported. AWS answers 409 to two conditional writes at the same time.
    /// </summary>
    public bool IsAboutCondition =>
        Status is HttpStatusCode.PreconditionFailed or HttpStatusCode.Conflict or HttpStatusCode.NotImplemented;

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
            // A proxy's page, or an empty body; then the status is enough.
        }
        string? Value(string name) => root?.Elements().FirstOrDefault(e => e.Name.LocalName == name)?.Value;
        return new S3Error(response.Status, Value("Code") ?? "", Value("Message") ?? "")
        {
            Region = response.Header("x-amz-bucket-region") ?? Value("Region"),
            ServerTime = response.Headers.Date,
        };
    }

    /// <inheritdoc cref="S3Messages.Refused"/>
    public HubException Explain(
        HubDefinition hub, Uri where, BucketAccess access, AccessKeys? keys, DateTimeOffset now, bool writes = false)
    {
        bool isSkewed = keys is not null && (Code == "RequestTimeTooSkewed"
            || (Status == HttpStatusCode.Forbidden && ServerTime is DateTimeOffset its && (its - now).Duration() > Skewed));
        return S3Messages.Refused(this, hub, where, access, keys, now, isSkewed, writes);
    }
}
