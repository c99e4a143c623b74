using System.Net;
using WiseHub.Client.Credentials;
using WiseHub.Client.Http;
using WiseHub.Client.Store;
using WiseHub.Client.Transfer;

namespace WiseHub.Client.Hubs.S3;

/// <summary>An object, as a listing or a HEAD shows it.</summary>
/// <param name="Key">Relative to the hub's prefix.</param>
/// <param name="Size">Bytes.</param>
/// <param name="ETag">With its quotes, as conditional requests need it.</param>
internal sealed record BucketObject(string Key, long Size, string ETag);

/// <summary>
/// A bucket: URLs and small reads over our own HTTP, without the AWS SDK. The transfer engine downloads large files;
/// <see cref="Writer"/> and <see cref="Uploads"/> write, <see cref="Client"/> lists. All keys are relative to the hub's prefix.
/// Thread-safe.
/// </summary>
internal sealed class Bucket : IDisposable
{
    private readonly HubConnection _connection;
    private readonly TimeProvider _time;
    private readonly Lazy<BucketAccess> _access;
    private readonly Lazy<BucketAddress> _address;
    private readonly Lazy<BucketClient> _client;
    private readonly Lazy<BucketUploads> _uploads;

    public Bucket(HubDefinition hub, HubConnection connection, Func<string, string?> environment, IHubLog log, TimeProvider time)
    {
        (Hub, _connection, _time) = (hub, connection, time);
        _access = new(() => BucketAccess.Find(hub, environment, origin => connection.Find(origin, SecretKind.Token)));
        _address = new(() => new BucketAddress(hub.Bucket()!, hub.Endpoint, Access.Region));
        Writer = new ObjectWriter(this, connection.Http);
        _client = new(() => new BucketClient(this, connection.Http, time));
        _uploads = new(() => new BucketUploads(this, connection.Http, log, time));
    }

    public HubDefinition Hub { get; }

    public BucketAccess Access => _access.Value;

    public BucketAddress Address => _address.Value;

    /// <summary>No keys were found: only public objects can be read.</summary>
    public bool IsAnonymous => Access.Keys is null;

    /// <summary>Writes and deletes objects.</summary>
    public ObjectWriter Writer { get; }

    /// <summary>Lists objects, and begins and ends uploads in parts. Its first use loads the AWS SDK.</summary>
    public BucketClient Client => _client.Value;

    /// <summary>Writes objects and checks what the server stored.</summary>
    public BucketUploads Uploads => _uploads.Value;

    /// <summary>The prefix of every key, with a slash at its end; empty for none.</summary>
    public string Prefix => Hub.Bucket()!.Prefix is { Length: > 0 } prefix ? prefix + "/" : "";

    /// <summary>The unsigned URL of an object, for messages and for public objects.</summary>
    /// <inheritdoc cref="BucketAddress.Of"/>
    public Uri PublicUrl(string key) => Address.Of(Prefix + key);

    /// <summary>
    /// The URL by which an object can be read now: signed if there are keys. Valid for minutes; never show it.
    /// </summary>
    /// <inheritdoc cref="BucketAddress.Of"/>
    public Uri Url(string key) => Url(new S3Request(PublicUrl(key)));

    /// <summary>The URL of another request, signed if there are keys.</summary>
    public Uri Url(S3Request request) => Access.Keys?.Invoke() is AccessKeys keys
        ? UrlSigner.Sign(request, keys, Access.Region, _time.GetUtcNow(), UrlSigner.Validity) : request.WithQuery;

    /// <summary>The headers that sign a request and its body if there are keys. Never show them.</summary>
    /// <inheritdoc cref="HeaderSigner.Sign"/>
    public IReadOnlyList<KeyValuePair<string, string>> SignedHeaders(
        S3Request request, IEnumerable<KeyValuePair<string, string>> headers, Digest body) =>
        Access.Keys?.Invoke() is AccessKeys keys
            ? HeaderSigner.Sign(request, headers, body, new Signature(keys, Access.Region, _time.GetUtcNow())) : [];

    /// <summary>An object as the transfer engine downloads it.</summary>
    public BlobLocation Locate(string key) => new()
    {
        Hub = Hub.Name,
        Uri = PublicUrl(key),
        Sign = () => Url(key),
        ReadError = async (response, cancel) => Explain(await S3Error.ReadAsync(response, cancel).ConfigureAwait(false), key),
    };

    /// <summary>Downloads a small object.</summary>
    /// <param name="key">The object.</param>
    /// <param name="limit">Maximum of bytes.</param>
    /// <param name="cancel">Ends the wait.</param>
    /// <returns>Content and ETag (null if the server sends none); null if the object does not exist.</returns>
    /// <exception cref="HubException">WISE10xx for keys, WISE2xxx for the server.</exception>
    public async Task<(byte[] Content, string? ETag)?> GetAsync(string key, int limit, CancellationToken cancel)
    {
        using HubResponse response = await _connection.SendAsync(
            new HubRequest(Url(key)) { IsImmutable = RepoStore.IsImmutable(key) }, null, limit, cancel).ConfigureAwait(false);
        if (response.Status == HttpStatusCode.OK)
            return (response.Body, response.Header("ETag"));
        S3Error error = await S3Error.ReadAsync(response, cancel).ConfigureAwait(false);
        return error.IsMissingKey ? null : throw Explain(error, key);
    }

    /// <summary>Size and ETag of an object, by a HEAD.</summary>
    /// <returns>Null if the object does not exist.</returns>
    /// <exception cref="HubException">WISE10xx for keys, WISE2xxx for the server.</exception>
    public async Task<BucketObject?> HeadAsync(string key, CancellationToken cancel)
    {
        Uri uri = PublicUrl(key);
        using HubResponse response = await _connection.SendAsync(
            new HubRequest(uri) { IsHead = true, Sign = () => Url(new S3Request(uri) { Method = HttpMethod.Head }) }, null, 0,
            cancel).ConfigureAwait(false);
        if (response.IsSuccess)
            return new BucketObject(key, response.ContentHeaders.ContentLength ?? -1, response.Header("ETag") ?? "");
        S3Error error = await S3Error.ReadAsync(response, cancel).ConfigureAwait(false);
        return error.IsMissingKey ? null : throw Explain(error, key);
    }

    public HubException Explain(S3Error error, string key, bool writes = false) =>
        error.Explain(Hub, PublicUrl(key), Access, Access.Keys?.Invoke(), _time.GetUtcNow(), writes);

    /// <inheritdoc cref="AccessKeys.Hide"/>
    public string Hide(string text) => Access.Keys?.Invoke().Hide(text) ?? text;

    /// <summary>
    /// An exception of the SDK as an inner exception; null if it repeats a secret, because its text cannot be masked.
    /// </summary>
    public Exception? Cause(Exception e) => e.ToString() is string text && Hide(text) == text ? e : null;

    public void Dispose()
    {
        if (_uploads.IsValueCreated)
            _uploads.Value.Dispose();
        if (_client.IsValueCreated)
            _client.Value.Dispose();
    }
}
