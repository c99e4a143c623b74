using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;

namespace WiseHub.Client.Http;

/// <summary>
/// A request to a hub, possibly sent several times. A POST if it has a body, otherwise a GET, unless a method is set.
/// </summary>
/// <param name="Uri">The URL.</param>
internal sealed record HubRequest(Uri Uri)
{
    /// <summary>Makes a new body for each try.</summary>
    public Func<HttpContent>? Body { get; init; }

    /// <summary>Makes the URL for each try, with a signature that expires.</summary>
    public Func<Uri>? Sign { get; init; }

    /// <summary>
    /// Makes further headers for each try, with a signature that expires. They are for this URL only: see
    /// <see cref="KeepsRedirect"/>.
    /// </summary>
    public Func<IReadOnlyList<KeyValuePair<string, string>>>? SignHeaders { get; init; }

    /// <summary>Returns a redirect like any other response: a signed write belongs to the URL that it was signed for.</summary>
    public bool KeepsRedirect { get; init; }

    /// <summary>A method other than GET and POST.</summary>
    public HttpMethod? Method { get; init; }

    /// <summary>Reads only the beginning of the response, up to the limit. A longer response is not an error.</summary>
    public bool BeginningIsEnough { get; init; }

    /// <summary>Returns a server error (5xx) like any other response, instead of throwing.</summary>
    public bool KeepsTrouble { get; init; }

    /// <summary>
    /// The response never changes, because the URL contains a commit or a digest. Caches on the way may serve it.
    /// </summary>
    public bool IsImmutable { get; init; }

    /// <summary>Requests the headers only.</summary>
    public bool IsHead { get; init; }

    /// <summary>The ETag of the known content; the server responds 304 if it is unchanged.</summary>
    public string? IfNoneMatch { get; init; }

    /// <summary>Further headers.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Headers { get; init; } = [];

    /// <summary>The accepted media type.</summary>
    public string? Accept { get; init; }

    /// <summary>The time for the server to process the whole request before it responds; null = the stall timeout.</summary>
    public TimeSpan? Patience { get; init; }

    /// <summary>For an upload of content: receives the number of sent bytes, and their negative sum for a failed try.</summary>
    public Action<long>? Sent { get; init; }

    /// <summary>Makes a request with a JSON body.</summary>
    public static HubRequest WithJson(Uri uri, JsonNode body, string mediaType = "application/json")
    {
        byte[] bytes = Encoding.UTF8.GetBytes(body.ToJsonString());
        return new HubRequest(uri)
        { Body = () => new ByteArrayContent(bytes) { Headers = { ContentType = new MediaTypeHeaderValue(mediaType) } } };
    }
}
