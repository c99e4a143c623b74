using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;

namespace WiseHub.Client.Http;

/// <summary>
/// What is asked of a hub: a GET, or a POST where there is a body, unless it says otherwise. It may be sent several times.
/// </summary>
/// <param name="Uri">Where to.</param>
internal sealed record HubRequest(Uri Uri)
{
    /// <summary>Makes the body anew for each try.</summary>
    public Func<HttpContent>? Body { get; init; }

    /// <summary>
    /// The URL that is really asked, made anew for each try: one with a signature, which is good for a while only.
    /// </summary>
    public Func<Uri>? Sign { get; init; }

    /// <summary>Another method than GET and POST.</summary>
    public HttpMethod? Method { get; init; }

    /// <summary>
    /// Only the beginning of the response is wanted, up to the limit; a longer one is no error, and its rest is not read.
    /// </summary>
    public bool BeginningIsEnough { get; init; }

    /// <summary>
    /// A response that says the server is in trouble (5xx) comes back like any other, instead of as an exception.
    /// </summary>
    public bool KeepsTrouble { get; init; }

    /// <summary>The response never changes, because the URL names a commit or a digest: a cache on the way may give it.</summary>
    public bool IsImmutable { get; init; }

    /// <summary>Only the headers are wanted.</summary>
    public bool IsHead { get; init; }

    /// <summary>The ETag of what is known already: the response is 304 where it is still that.</summary>
    public string? IfNoneMatch { get; init; }

    /// <summary>Further headers.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Headers { get; init; } = [];

    /// <summary>The media type wanted.</summary>
    public string? Accept { get; init; }

    /// <summary>
    /// How long the server may be silent once it has everything, where it has much to do before it can answer; null =
    /// the stall timeout.
    /// </summary>
    public TimeSpan? Patience { get; init; }

    /// <summary>
    /// Of a body that is a content: told how many bytes went out; of a try that came to nothing, how many less.
    /// </summary>
    public Action<long>? Sent { get; init; }

    /// <summary>One whose body is JSON.</summary>
    public static HubRequest WithJson(Uri uri, JsonNode body, string mediaType = "application/json")
    {
        byte[] bytes = Encoding.UTF8.GetBytes(body.ToJsonString());
        return new HubRequest(uri)
        { Body = () => new ByteArrayContent(bytes) { Headers = { ContentType = new MediaTypeHeaderValue(mediaType) } } };
    }
}
