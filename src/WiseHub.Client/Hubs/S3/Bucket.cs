using System.Net;
using WiseHub.Client.Credentials;
using WiseHub.Client.Http;
using WiseHub.Client.Store;
using WiseHub.Client.Transfer;

namespace WiseHub.Client.Hubs.S3;

/// <summary>An object as a listing or a look at it shows it.</summary>
/// <param name="Key">Relative to the hub's prefix.</param>
/// <param name="Size">Bytes.</param>
/// <param name="ETag">With its quotes, as conditions want it.</param>
internal sealed record BucketObject(string Key, long Size, string ETag);

/// <summary>
/// A bucket: addresses and small reads over our own HTTP, without the AWS SDK. Large contents go through the engine, listing and
/// writing through <see cref="Client"/>. All keys are relative to the hub's prefix. Safe for several threads.
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
        _client = new(() => new BucketClient(this, connection.Http, time));
        _uploads = new(() => new BucketUploads(this, Client, connection.Http, log, time));
    }

    public HubDefinition Hub { get; }

    public BucketAccess Access => _access.Value;

    public BucketAddress Address => _address.Value;

    /// <summary>Nobody's keys were found: only what everybody may read can be read.</summary>
    public bool IsAnonymous => Access.Keys is null;

    /// <summary>Lists and writes. Its first use loads the AWS SDK.</summary>
    public BucketClient Client => _client.Value;

    /// <summary>Writes, and checks what was written.</summary>
    public BucketUploads Uploads => _uploads.Value;

    /// <summary>What stands before every key, with a slash at the end; empty for nothing.</summary>
    public string Prefix => Hub.Bucket()!.Prefix is { Length: > 0 } prefix ? prefix + "/" : "";

    /// <summary>The plain address of an object, for messages and for what everybody may read.</summary>
    /// <inheritdoc cref="BucketAddress.Of"/>
    public Uri PublicUrl(string key) => Address.Of(Prefix + key);

    /// <summary>
    /// The address of an object by which it can be read now: signed, where we have keys. Never to be shown, and good for minutes.
    /// </summary>
    /// <inheritdoc cref="BucketAddress.Of"/>
    public Uri Url(string key) => Url(new UrlRequest(PublicUrl(key)));

    /// <summary>The same for another request.</summary>
    public Uri Url(UrlRequest request) => Access.Keys?.Invoke() is AccessKeys keys
        ? UrlSigner.Sign(request, keys, Access.Region, _time.GetUtcNow(), UrlSigner.Validity)
        : request.Query.Length == 0 ? request.Uri : new Uri($"{request.Uri.AbsoluteUri}?{request.Query}");

    /// <summary>An object as the engine fetches it.</summary>
    public BlobLocation Locate(string key) => new()
    {
        Hub = Hub.Name,
        Uri = PublicUrl(key),
        Sign = () => Url(key),
        ReadError = async (response, cancel) => Explain(await S3Error.ReadAsync(response, cancel).ConfigureAwait(false), key),
    };

    /// <summary>GETs something small.</summary>
    /// <param name="key">Which object.</param>
    /// <param name="limit">Most bytes.</param>
    /// <param name="cancel">Ends the wait.</param>
    /// <returns>Content and ETag (null where the server gives none); null when there is no such object.</returns>
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

    /// <summary>Looks at an object.</summary>
    /// <returns>Null when there is none.</returns>
    /// <exception cref="HubException">WISE10xx for keys, WISE2xxx for the server.</exception>
    public async Task<BucketObject?> HeadAsync(string key, CancellationToken cancel)
    {
        Uri uri = PublicUrl(key);
        using HubResponse response = await _connection.SendAsync(
            new HubRequest(uri) { IsHead = true, Sign = () => Url(new UrlRequest(uri) { Method = HttpMethod.Head }) }, null, 0,
            cancel).ConfigureAwait(false);
        if (response.IsSuccess)
            return new BucketObject(key, response.ContentHeaders.ContentLength ?? -1, response.Header("ETag") ?? "");
        S3Error error = await S3Error.ReadAsync(response, cancel).ConfigureAwait(false);
        return error.IsMissingKey ? null : throw Explain(error, key);
    }

    public HubException Explain(S3Error error, string key, bool writes = false) =>
        error.Explain(Hub, PublicUrl(key), Access, Access.Keys?.Invoke(), _time.GetUtcNow(), writes);

    /// <summary>A text without our secrets, should a server repeat them.</summary>
    public string Hide(string text) => Access.Keys?.Invoke().Hide(text) ?? text;

    /// <summary>
    /// An exception of the SDK as a cause; null where it, or one of its causes, repeats a secret: its text cannot be changed.
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
