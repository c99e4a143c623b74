using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Security.Authentication;

namespace WiseHub.Client.Http;

/// <summary>A request for content, whose length and ranges must be those of the unpacked content.</summary>
/// <param name="Range">The requested bytes; null = all.</param>
/// <param name="OwnConnection">
/// Uses HTTP/1.1, so that each concurrent request has its own connection. Several requests in one HTTP/2 connection are no faster
/// than one.
/// </param>
internal sealed record ContentRequest(RangeHeaderValue? Range, bool OwnConnection)
{
    /// <summary>The ETag of the existing content; a server with the same content responds 304.</summary>
    public string? IfNoneMatch { get; init; }

    /// <summary>Bypasses caches on the way, because the content of a URL may change.</summary>
    public bool IsFresh { get; init; }

    /// <summary>The Last-Modified of the existing content, for servers without ETags.</summary>
    public string? IfModifiedSince { get; init; }
}

/// <summary>Timeouts and retries of HTTP requests.</summary>
internal sealed record HttpSettings
{
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>The longest wait for the headers of a response, and between bytes of a body.</summary>
    public TimeSpan StallTimeout { get; init; } = TimeSpan.FromSeconds(15);

    public TimeSpan TotalTimeout { get; init; } = TimeSpan.FromSeconds(60);

    public int Tries { get; init; } = RetryPolicy.DefaultTries;

    /// <summary>A PEM file of certificates to trust instead of the system's; null = the system's.</summary>
    public string? CaBundle { get; init; }
}

/// <summary>
/// The only HttpClient of the library. It follows redirects itself, because .NET drops Authorization on every redirect, even
/// within a hub. Here, a token goes to its own origin and no other.
/// </summary>
internal sealed class HubHttp : IDisposable
{
    private const int MaxRedirects = 10;

    private static readonly StringWithQualityHeaderValue Gzip = new("gzip"), Identity = new("identity");

    private static readonly CacheControlHeaderValue NoCache = new() { NoCache = true };

    private readonly string _hub;
    private readonly SocketsHttpHandler _handler;
    private readonly HttpClient _client;
    private readonly TimeProvider _time;

    public HubHttp(string hub, HttpSettings settings, string userAgent, RetryPolicy policy)
    {
        _hub = hub;
        Settings = settings;
        Policy = policy;
        _time = policy.Time;
        _handler = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            AutomaticDecompression = DecompressionMethods.None,
            ConnectTimeout = settings.ConnectTimeout,
            // The address of a hub behind DNS load balancing may change during a long build.
            PooledConnectionLifetime = TimeSpan.FromMinutes(5),
            // A server may allow fewer streams per connection than the number of concurrent downloads.
            EnableMultipleHttp2Connections = true,
        };
        if (settings.CaBundle is string bundle)
            _handler.SslOptions.RemoteCertificateValidationCallback = new OtherRoots(bundle).Accepts;
        _client = new HttpClient(_handler) { Timeout = Timeout.InfiniteTimeSpan };
        _client.DefaultRequestHeaders.TryAddWithoutValidation("User-Agent", userAgent);
    }

    public HttpSettings Settings { get; }

    /// <summary>The retry rules.</summary>
    public RetryPolicy Policy { get; }

    /// <summary>Starts counting the tries of one operation on this hub.</summary>
    /// <param name="what">The operation, for the log; without secrets.</param>
    public RetryCount Begin(string what) => Policy.Begin(_hub, what, Settings);

    /// <summary>
    /// A client for a library with its own HTTP code: it shares the connections, but has no redirects and no timeouts; the caller
    /// sets them.
    /// </summary>
    public HttpClient NewClient() => new(_handler, disposeHandler: false) { Timeout = Timeout.InfiniteTimeSpan };

    /// <summary>Sends a request with retries and a total timeout, and reads the whole response, which must be small.</summary>
    /// <param name="httpRequest">The request; each try sends it again.</param>
    /// <param name="credential">Sent only to its own origin.</param>
    /// <param name="limit">Maximum size of a successful response, so that a faulty hub cannot fill the memory.</param>
    /// <param name="cancel">Ends the wait.</param>
    /// <exception cref="HubException">WISE2001, WISE2009, WISE2010, WISE2011.</exception>
    public Task<HubResponse> SendAsync(HubRequest httpRequest, Credential? credential, int limit, CancellationToken cancel) =>
        TryAsync(httpRequest.Uri, token => SendBufferedAsync(httpRequest, credential, limit, token), cancel);

    /// <summary>
    /// Sends a request that must not take effect twice. A lost response does not prove that the server did nothing, so it is only
    /// repeated if the server says so: 429, 503 with Retry-After, or 409 because of a conflicting operation.
    /// </summary>
    /// <inheritdoc cref="SendAsync"/>
    public Task<HubResponse> SendWithoutRetryAsync(HubRequest httpRequest, Credential? credential, int limit,
        CancellationToken cancel) =>
        TryAsync(httpRequest.Uri, token => SendBufferedAsync(httpRequest, credential, limit, token), cancel, again: false,
            isLimited: false,
            httpRequest.KeepsTrouble);

    /// <summary>
    /// Sends a request once, for something that a failure can do without. The user waits for the failure, so the whole response
    /// must come within a third of the stall timeout: 5 s.
    /// </summary>
    /// <param name="httpRequest">The request.</param>
    /// <param name="credential">Sent only to its own origin.</param>
    /// <param name="limit">Maximum size of the response.</param>
    /// <param name="cancel">Ends the wait.</param>
    /// <returns>The response if it is a success and came in time, else null.</returns>
    public async Task<HubResponse?> TryOnceAsync(HubRequest httpRequest, Credential? credential, int limit,
        CancellationToken cancel)
    {
        using var timeout = new CancellationTokenSource(Settings.StallTimeout / 3, _time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(cancel, timeout.Token);
        try
        {
            HubResponse response = await SendBufferedAsync(httpRequest, credential, limit, both.Token).ConfigureAwait(false);
            if (response.IsSuccess)
                return response;
            response.Dispose();
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            // It took too long.
        }
        catch (Exception e) when (RetryPolicy.IsTransportFailure(e))
        {
            // The caller has a failure of its own to report.
        }
        return null;
    }

    /// <summary>
    /// Uploads content with the usual retries but no total timeout. A try ends when no bytes are sent, or no response follows the
    /// last byte, within the stall timeout.
    /// </summary>
    /// <inheritdoc cref="SendAsync"/>
    public Task<HubResponse> UploadAsync(HubRequest httpRequest, Credential? credential, int limit, CancellationToken cancel) =>
        TryAsync(httpRequest.Uri, async token =>
        {
            long sent = 0;
            bool isDone = false;
            try
            {
                HubRequest once = httpRequest with
                {
                    Sent = bytes =>
                    {
                        sent += bytes;
                        httpRequest.Sent?.Invoke(bytes);
                    }
                };
                HubResponse response = await SendBufferedAsync(once, credential, limit, token).ConfigureAwait(false);
                isDone = response.IsSuccess;
                return response;
            }
            finally
            {
                if (!isDone)
                    httpRequest.Sent?.Invoke(-sent);
            }
        }, cancel, isLimited: false);

    /// <summary>
    /// Streams a large response. It has the usual retries, each with its own stream, and no total timeout. A try ends when no
    /// bytes arrive within the stall timeout.
    /// </summary>
    /// <param name="httpRequest">The request; each try sends it again.</param>
    /// <param name="credential">Sent only to its own origin.</param>
    /// <param name="into">Makes the stream of a try, which is disposed when the try ends.</param>
    /// <param name="cancel">Ends the wait.</param>
    /// <exception cref="HubException">WISE2001, WISE2009, WISE2011.</exception>
    public Task<HubResponse> ReceiveAsync(HubRequest httpRequest, Credential? credential, Func<Stream> into,
        CancellationToken cancel) =>
        TryAsync(httpRequest.Uri, async token =>
        {
            HubResponse response = await SendOnceAsync(httpRequest, credential, content: null, token).ConfigureAwait(false);
            try
            {
                if (response.IsSuccess)
                {
                    Stream stream = into();
                    await using (stream.ConfigureAwait(false))
                        await response.CopyToAsync(stream, token).ConfigureAwait(false);
                }
                return response;
            }
            catch
            {
                response.Dispose();
                throw;
            }
        }, cancel, isLimited: false);

    /// <summary>Requests content with the usual retries, and returns after the headers. The body is unread.</summary>
    /// <exception cref="HubException">WISE2001, WISE2009, WISE2011.</exception>
    public Task<HubResponse> OpenAsync(Uri uri, Credential? credential, ContentRequest content, CancellationToken cancel) =>
        TryAsync(uri, token => SendOnceAsync(uri, credential, content, token), cancel);

    // The server itself reports that it did nothing, and when to retry.
    private static bool IsTurnedAway(HubResponse response) => response.Status == HttpStatusCode.TooManyRequests || response.IsBusy
        || (response.Status == HttpStatusCode.ServiceUnavailable && response.Headers.RetryAfter is not null);

    private async Task<HubResponse> TryAsync(
        Uri uri, Func<CancellationToken, Task<HubResponse>> ask, CancellationToken cancel, bool again = true,
        bool isLimited = true, bool keepsTrouble = false)
    {
        using var total = new CancellationTokenSource(isLimited ? Settings.TotalTimeout : Timeout.InfiniteTimeSpan, _time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(cancel, total.Token);
        RetryCount? count = null;
        long began = _time.GetTimestamp();
        try
        {
            while (true)
            {
                HubResponse? response = null;
                Exception? failure = null;
                try
                {
                    response = await ask(both.Token).ConfigureAwait(false);
                }
                catch (Exception e) when (RetryPolicy.IsTransportFailure(e))
                {
                    failure = e;
                }
                if (response is not null && !(RetryPolicy.IsTransient(response.Status) || response.IsBusy))
                    return response;
                RetryVerdict verdict = failure is not null ? again ? RetryPolicy.Classify(failure) : RetryVerdict.No
                    : again || IsTurnedAway(response!) ? RetryVerdict.Yes : RetryVerdict.No;
                TimeSpan? asked = response is null || verdict == RetryVerdict.No ? null : RetryAfter(response);
                count ??= Policy.Begin(_hub, Urls.Show(uri), Settings, began);
                if (count.Failed(verdict, asked) is not TimeSpan pause)
                {
                    if (response is null)
                        throw Unreachable(_hub, uri, Text(failure!), failure, RetryPolicy.IsTransient(failure!));
                    if (response.IsBusy || (keepsTrouble && response.Status >= HttpStatusCode.InternalServerError))
                        return response;
                    using (response)
                        throw response.Status == HttpStatusCode.TooManyRequests ? RateLimited(uri, asked)
                            : Unreachable(_hub, uri, HttpMessages.Answered(response.Status), null, isTransient: true);
                }
                string reason = failure is null ? HttpMessages.Answered(response!.Status) : Text(failure);
                response?.Dispose();
                await count.PauseAsync(pause, reason, both.Token).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException e) when (total.IsCancellationRequested && !cancel.IsCancellationRequested)
        {
            throw Unreachable(_hub, uri, HttpMessages.NotWithin(Settings.TotalTimeout), e, isTransient: true);
        }
    }

    private static string Text(Exception e) =>
        e.InnerException is null || e is TimeoutException ? e.Message : $"{e.Message} ({e.InnerException.Message})";

    private async Task<HubResponse> SendBufferedAsync(HubRequest httpRequest, Credential? credential, int limit,
        CancellationToken cancel)
    {
        HubResponse response = await SendOnceAsync(httpRequest, credential, content: null, cancel).ConfigureAwait(false);
        try
        {
            if (response.IsSuccess)
                await response.LoadAsync(limit, httpRequest.BeginningIsEnough, cancel).ConfigureAwait(false);
            else if (response.Status is HttpStatusCode.Conflict or HttpStatusCode.BadRequest)
                await response.LoadErrorAsync(cancel).ConfigureAwait(false);
            return response;
        }
        catch
        {
            response.Dispose();
            throw;
        }
    }

    /// <summary>Requests content once, following redirects, without retries. The body is unread.</summary>
    /// <inheritdoc cref="SendOnceAsync(HubRequest, Credential?, ContentRequest?, CancellationToken)"/>
    public Task<HubResponse> SendOnceAsync(Uri uri, Credential? credential, ContentRequest content, CancellationToken cancel) =>
        SendOnceAsync(new HubRequest(uri), credential, content, cancel);

    /// <param name="httpRequest">The request.</param>
    /// <param name="credential">Sent only to its own origin, checked on every hop.</param>
    /// <param name="content">Null for a plain request, whose response may be compressed.</param>
    /// <param name="cancel">Ends the wait.</param>
    /// <exception cref="TimeoutException">No headers arrived within the stall timeout.</exception>
    /// <exception cref="HubException">WISE2011: the redirect must not be followed.</exception>
    private async Task<HubResponse> SendOnceAsync(
        HubRequest httpRequest, Credential? credential, ContentRequest? content, CancellationToken cancel)
    {
        HttpResponseMessage? first = null;
        Uri uri = httpRequest.Sign?.Invoke() ?? httpRequest.Uri, current = uri;
        if (httpRequest.SignHeaders is not null)
            httpRequest = httpRequest with { Headers = [.. httpRequest.Headers, .. httpRequest.SignHeaders()] };
        for (int hop = 0; hop <= MaxRedirects; hop++)
        {
            HttpResponseMessage response = await SendHopAsync(httpRequest with { Uri = current },
                credential, content, cancel).ConfigureAwait(false);
            if (httpRequest.KeepsRedirect || (int)response.StatusCode is not (301 or 302 or 303 or 307 or 308)
                || response.Headers.Location is not Uri location)
                return new HubResponse(response, first ?? response, current, credential, Settings.StallTimeout, _time);
            if (first is null)
                first = response;
            else
                response.Dispose();
            // A body is only sent on if the server says so (307 and 308 keep method and body), and never to another origin.
            if (!Uri.TryCreate(current, location, out Uri? next) || !MayFollow(current, next = KeepTls(current, next))
                || (httpRequest.Body is not null && !((int)response.StatusCode is 307 or 308 && IsSamePlace(current, next))))
            {
                first.Dispose();
                throw HttpMessages.RedirectRefused(current, next ?? location, httpRequest.Body is not null);
            }
            current = next;
        }
        first!.Dispose();
        throw HttpMessages.TooManyRedirects(uri, MaxRedirects);
    }

    /// <summary>
    /// Corrects a URL from a server behind a TLS proxy. Such a server may name itself with http and its internal port, but it
    /// means the address of the request.
    /// </summary>
    public static Uri KeepTls(Uri asked, Uri named) => asked.Scheme == Uri.UriSchemeHttps && named.Scheme == Uri.UriSchemeHttp
        && named.Host.Equals(asked.Host, StringComparison.OrdinalIgnoreCase)
        ? new UriBuilder(named) { Scheme = Uri.UriSchemeHttps, Port = asked.Port }.Uri : named;

    /// <summary>
    /// True within one origin, and for a host's own step from http to https: what it received in clear text, it may receive over
    /// TLS.
    /// </summary>
    public static bool IsSamePlace(Uri known, Uri next) => Urls.SameOrigin(known, next)
        || (known is { Scheme: "http", IsDefaultPort: true } && next is { Scheme: "https", IsDefaultPort: true }
            && known.Host.Equals(next.Host, StringComparison.OrdinalIgnoreCase));

    /// <summary>True for a redirect to http(s) that does not go from https to http and names no user or password.</summary>
    public static bool MayFollow(Uri from, Uri to) =>
        (to.Scheme == Uri.UriSchemeHttps || (to.Scheme == Uri.UriSchemeHttp && from.Scheme != Uri.UriSchemeHttps))
        && to.UserInfo.Length == 0;

    /// <summary>
    /// The wait requested by the server: Retry-After in seconds or as a date, else the rest of an exhausted RateLimit window.
    /// </summary>
    /// <exception cref="HubException">WISE2009: the wait exceeds <see cref="RetryPolicy.LongestWait"/>.</exception>
    public TimeSpan? RetryAfter(HubResponse response)
    {
        TimeSpan? wait = Policy.WaitOf(response.Headers.RetryAfter);
        if (wait is null && response.Status == HttpStatusCode.TooManyRequests
            && RateLimitWindow(response.Header("RateLimit")) is int seconds)
            wait = TimeSpan.FromSeconds(seconds + 1);
        if (wait > RetryPolicy.LongestWait)
        {
            response.Dispose();
            throw RateLimited(response.Uri, wait);
        }
        return wait;
    }

    /// <param name="hub">The hub's name.</param>
    /// <param name="uri">Shown without its query.</param>
    /// <param name="reason">The observed failure.</param>
    /// <param name="cause">The exception behind it.</param>
    /// <param name="isTransient">True for a transient failure.</param>
    public static HubException Unreachable(string hub, Uri uri, string reason, Exception? cause, bool isTransient = false) =>
        ProxyFailure(hub, uri, cause, isTransient) ?? HttpMessages.Unreachable(hub, uri, reason, cause, isTransient);

    // Only if the request goes through a proxy, and the connection to or through the proxy failed.
    private static HubException? ProxyFailure(string hub, Uri uri, Exception? cause, bool isTransient)
    {
        if (cause is not HttpRequestException
            {
                HttpRequestError: HttpRequestError.ProxyTunnelError
                    or HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError
            } e
            || ProxyFor(uri) is not Uri proxy)
        {
            return null;
        }
        string problem = e.HttpRequestError != HttpRequestError.ProxyTunnelError ? HttpMessages.ProxyUnreachable
            : e.StatusCode == HttpStatusCode.ProxyAuthenticationRequired ? HttpMessages.ProxyRequiresLogin
            : HttpMessages.NoTunnel(e.StatusCode);
        return HttpMessages.ProxyFailed(hub, uri, proxy, problem, cause, isTransient);
    }

    // This URI has no password; .NET keeps it apart.
    private static Uri? ProxyFor(Uri uri) =>
        HttpClient.DefaultProxy.IsBypassed(uri) ? null : HttpClient.DefaultProxy.GetProxy(uri);

    public HubException NotTrusted(Uri uri, AuthenticationException e) => HttpMessages.NotTrusted(_hub, uri, e);

    public void Dispose() => _client.Dispose();

    public HubException RateLimited(Uri uri, TimeSpan? wait) =>
        HttpMessages.RateLimited(_hub, uri, wait, isTransient: !(wait > RetryPolicy.LongestWait));

    // RateLimit: "api";r=0;t=172 (docs/protocols/huggingface.md#errors).
    private static int? RateLimitWindow(string? header)
    {
        if (header is null || !header.Contains(";r=0", StringComparison.Ordinal))
            return null;
        string? part = header.Split(';').FirstOrDefault(p => p.StartsWith("t=", StringComparison.Ordinal));
        return part is not null && int.TryParse(part.AsSpan(2), CultureInfo.InvariantCulture, out int seconds) ? seconds : null;
    }

    private async Task<HttpResponseMessage> SendHopAsync(
        HubRequest httpRequest, Credential? credential, ContentRequest? content, CancellationToken cancel)
    {
        Uri uri = httpRequest.Uri;
        using var stall = new CancellationTokenSource(Settings.StallTimeout, _time);
        using var request = new HttpRequestMessage(httpRequest.Method
            ?? (httpRequest.IsHead ? HttpMethod.Head : httpRequest.Body is null ? HttpMethod.Get : HttpMethod.Post), uri)
        {
            Content = httpRequest.Body?.Invoke() is not HttpContent body ? null : httpRequest is { Sent: null, Patience: null }
                ? body
                : new CountedBody(body, bytes =>
                {
                    stall.CancelAfter(httpRequest.Patience ?? Settings.StallTimeout);
                    httpRequest.Sent?.Invoke(bytes);
                }),
        };
        if (httpRequest.Accept is not null)
            request.Headers.TryAddWithoutValidation("Accept", httpRequest.Accept);
        foreach ((string name, string value) in httpRequest.Headers)
            request.Headers.TryAddWithoutValidation(name, value);
        if (httpRequest.IfNoneMatch is not null)
            request.Headers.TryAddWithoutValidation("If-None-Match", httpRequest.IfNoneMatch);
        // A HEAD response must give the length of the content, so it must not be compressed.
        request.Headers.AcceptEncoding.Add(content is null && !httpRequest.IsHead ? Gzip : Identity);
        request.Headers.Range = content?.Range;
        // Caches on the way may keep a response without an expiry for a while (squid does by default), and would hide a push.
        if (content is null ? !httpRequest.IsImmutable : content.IsFresh)
            request.Headers.CacheControl = NoCache;
        if (content?.IfNoneMatch is not null)
            request.Headers.TryAddWithoutValidation("If-None-Match", content.IfNoneMatch);
        if (content?.IfModifiedSince is not null)
            request.Headers.TryAddWithoutValidation("If-Modified-Since", content.IfModifiedSince);
        // HTTP/2 where the server offers it; the default policy allows a lower version.
        request.Version = content is { OwnConnection: true } || httpRequest.Sent is not null
            ? HttpVersion.Version11 : HttpVersion.Version20;
        if (credential is not null && IsSamePlace(credential.Origin, uri))
            credential.AddTo(request.Headers);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(cancel, stall.Token);
        try
        {
            HttpResponseMessage response = await _client.SendAsync(request,
                HttpCompletionOption.ResponseHeadersRead, both.Token).ConfigureAwait(false);
            if (response.StatusCode != HttpStatusCode.ProxyAuthenticationRequired || ProxyFor(uri) is not Uri proxy)
                return response;
            response.Dispose();
            throw HttpMessages.ProxyFailed(_hub, uri, proxy, HttpMessages.ProxyRequiresLogin, null, isTransient: false);
        }
        // Another try would get the same certificate.
        catch (HttpRequestException e)
            when (e is { HttpRequestError: HttpRequestError.SecureConnectionError, InnerException: AuthenticationException })
        {
            throw NotTrusted(uri, (AuthenticationException)e.InnerException);
        }
        catch (OperationCanceledException e) when (stall.IsCancellationRequested && !cancel.IsCancellationRequested)
        {
            throw new TimeoutException(HttpMessages.NoResponseWithin(httpRequest.Patience ?? Settings.StallTimeout), e);
        }
        // .NET reports a connect timeout as a cancellation, although nothing was cancelled.
        catch (OperationCanceledException e) when (!cancel.IsCancellationRequested)
        {
            throw new TimeoutException(HttpMessages.NoConnectionWithin(Settings.ConnectTimeout), e);
        }
    }
}
