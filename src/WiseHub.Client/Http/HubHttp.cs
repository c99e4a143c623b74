using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Security.Authentication;

namespace WiseHub.Client.Http;

/// <summary>A request for content, whose length and ranges must be those of the content.</summary>
/// <param name="Range">The bytes wanted; null = the whole.</param>
/// <param name="OwnConnection">
/// Over HTTP/1.1, where each request at a time has a connection of its own: several in one HTTP/2 connection are
/// no faster than one.
/// </param>
internal sealed record ContentRequest(RangeHeaderValue? Range, bool OwnConnection)
{
    /// <summary>The ETag of the content that is there already: a server that has the same one answers 304.</summary>
    public string? IfNoneMatch { get; init; }

    /// <summary>
    /// What is there now is asked for, and not what a cache on the way remembers: the content of a URL may change.
    /// </summary>
    public bool IsFresh { get; init; }

    /// <summary>The Last-Modified of the content that is there already, for servers without ETags.</summary>
    public string? IfModifiedSince { get; init; }
}

/// <summary>How patient HTTP is.</summary>
internal sealed record HttpSettings
{
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Longest wait for the headers of a response, and longest silence inside a body.</summary>
    public TimeSpan StallTimeout { get; init; } = TimeSpan.FromSeconds(15);

    public TimeSpan TotalTimeout { get; init; } = TimeSpan.FromSeconds(60);

    public int Tries { get; init; } = RetryPolicy.DefaultTries;

    /// <summary>A PEM file whose certificates are trusted instead of the system's; null = the system's.</summary>
    public string? CaBundle { get; init; }
}

/// <summary>
/// The only HttpClient of the library. Redirects are followed by hand, because the platform's own drops Authorization on every
/// one, also inside a hub; here a token goes to its own origin and nowhere else.
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
            // A hub behind DNS load balancing may move during a long build.
            PooledConnectionLifetime = TimeSpan.FromMinutes(5),
            // A server may allow fewer streams in one connection than we have files at once.
            EnableMultipleHttp2Connections = true,
        };
        if (settings.CaBundle is string bundle)
            _handler.SslOptions.RemoteCertificateValidationCallback = new OtherRoots(bundle).Accepts;
        _client = new HttpClient(_handler) { Timeout = Timeout.InfiniteTimeSpan };
        _client.DefaultRequestHeaders.TryAddWithoutValidation("User-Agent", userAgent);
    }

    public HttpSettings Settings { get; }

    /// <summary>What may pass, and how long it is waited for.</summary>
    public RetryPolicy Policy { get; }

    /// <summary>Counts the tries of something that this hub is asked for.</summary>
    /// <param name="what">For the log; without secrets.</param>
    public RetryCount Begin(string what) => Policy.Begin(_hub, what, Settings);

    /// <summary>
    /// For a library that speaks HTTP itself: over the same connections, without redirects, and without limits, which are
    /// then the caller's.
    /// </summary>
    public HttpClient NewClient() => new(_handler, disposeHandler: false) { Timeout = Timeout.InfiniteTimeSpan };

    /// <summary>Asks with retries and a total limit: for questions, whose answers are small and come whole.</summary>
    /// <param name="httpRequest">What to ask; each try asks the same again.</param>
    /// <param name="credential">Sent only to its own origin.</param>
    /// <param name="limit">Most bytes of a good response: a lying hub must not fill the memory.</param>
    /// <param name="cancel">Ends the wait.</param>
    /// <exception cref="HubException">WISE2001, WISE2009, WISE2010, WISE2011.</exception>
    public Task<HubResponse> SendAsync(HubRequest httpRequest, Credential? credential, int limit, CancellationToken cancel) =>
        TryAsync(httpRequest.Uri, token => SendBufferedAsync(httpRequest, credential, limit, token), cancel);

    /// <summary>
    /// Asks something that must not be done twice, because the server may have done it although no response came. Only
    /// where it says itself that it did not (429, 503 with a time to come back, or 409 because something else is under
    /// way) it is asked again.
    /// </summary>
    /// <inheritdoc cref="SendAsync"/>
    public Task<HubResponse> SendWithoutRetryAsync(HubRequest httpRequest, Credential? credential, int limit,
        CancellationToken cancel) =>
        TryAsync(httpRequest.Uri, token => SendBufferedAsync(httpRequest, credential, limit, token), cancel, again: false,
            isLimited: false,
            httpRequest.KeepsTrouble);

    /// <summary>
    /// Sends a content. Its retries are those of a request, but nothing limits the whole: a try ends when no bytes went out, or
    /// no response came after the last one, for the stall timeout.
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
    /// Asks something whose good response is large, and goes into a stream as it comes. Its retries are those of a request, each
    /// with a stream of its own; nothing limits the whole, but a try ends when no bytes came for the stall timeout.
    /// </summary>
    /// <param name="httpRequest">What to ask; each try asks the same again.</param>
    /// <param name="credential">Sent only to its own origin.</param>
    /// <param name="into">Makes the stream of a try, which is disposed at its end.</param>
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

    /// <summary>
    /// Asks for a content with the retries of a request, up to the headers of the response. The body has not been read.
    /// </summary>
    /// <exception cref="HubException">WISE2001, WISE2009, WISE2011.</exception>
    public Task<HubResponse> OpenAsync(Uri uri, Credential? credential, ContentRequest content, CancellationToken cancel) =>
        TryAsync(uri, token => SendOnceAsync(uri, credential, content, token), cancel);

    // The server says itself that it did nothing, and when to come back.
    private static bool IsTurnedAway(HubResponse response) => response.Status == HttpStatusCode.TooManyRequests || response.IsBusy
        || (response.Status == HttpStatusCode.ServiceUnavailable && response.Headers.RetryAfter is not null);

    private async Task<HubResponse> TryAsync(
        Uri uri, Func<CancellationToken, Task<HubResponse>> ask, CancellationToken cancel, bool again = true,
            bool isLimited = true,
        bool keepsTrouble = false)
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
                catch (Exception e) when (RetryPolicy.IsOfTheWay(e))
                {
                    failure = e;
                }
                if (response is not null && !(RetryPolicy.MayPass(response.Status) || response.IsBusy))
                    return response;
                RetryVerdict verdict = failure is not null ? again ? RetryPolicy.Classify(failure) : RetryVerdict.No
                    : again || IsTurnedAway(response!) ? RetryVerdict.Yes : RetryVerdict.No;
                TimeSpan? asked = response is null || verdict == RetryVerdict.No ? null : RetryAfter(response);
                count ??= Policy.Begin(_hub, Urls.Show(uri), Settings, began);
                if (count.Failed(verdict, asked) is not TimeSpan pause)
                {
                    if (response is null)
                        throw Unreachable(_hub, uri, Text(failure!), failure, RetryPolicy.MayPass(failure!));
                    if (response.IsBusy || (keepsTrouble && response.Status >= HttpStatusCode.InternalServerError))
                        return response;
                    using (response)
                        throw response.Status == HttpStatusCode.TooManyRequests ? RateLimited(uri, asked)
                            : Unreachable(_hub, uri, $"it answered {(int)response.Status}", null, mayPass: true);
                }
                string reason = failure is null ? $"it answered {(int)response!.Status}" : Text(failure);
                response?.Dispose();
                await count.PauseAsync(pause, reason, both.Token).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException e) when (total.IsCancellationRequested && !cancel.IsCancellationRequested)
        {
            throw Unreachable(_hub, uri,
                $"nothing whole came within {Settings.TotalTimeout.TotalSeconds} s (totalTimeout)", e, mayPass: true);
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
            else if (response.Status == HttpStatusCode.Conflict)
                await response.LoadErrorAsync(cancel).ConfigureAwait(false);
            return response;
        }
        catch
        {
            response.Dispose();
            throw;
        }
    }

    /// <summary>GETs content once, following redirects; no retry. The body has not been read.</summary>
    /// <inheritdoc cref="SendOnceAsync(HubRequest, Credential?, ContentRequest?, CancellationToken)"/>
    public Task<HubResponse> SendOnceAsync(Uri uri, Credential? credential, ContentRequest content, CancellationToken cancel) =>
        SendOnceAsync(new HubRequest(uri), credential, content, cancel);

    /// <param name="httpRequest">What to ask.</param>
    /// <param name="credential">Sent only to its own origin, on every hop.</param>
    /// <param name="content">Null for a request, whose response may be packed.</param>
    /// <param name="cancel">Ends the wait.</param>
    /// <exception cref="TimeoutException">No headers within the stall timeout.</exception>
    /// <exception cref="HubException">WISE2011: a redirect that must not be followed.</exception>
    private async Task<HubResponse> SendOnceAsync(
        HubRequest httpRequest, Credential? credential, ContentRequest? content, CancellationToken cancel)
    {
        HttpResponseMessage? first = null;
        Uri uri = httpRequest.Sign?.Invoke() ?? httpRequest.Uri, current = uri;
        for (int hop = 0; hop <= MaxRedirects; hop++)
        {
            HttpResponseMessage response = await SendHopAsync(httpRequest with { Uri = current },
                credential, content, cancel).ConfigureAwait(false);
            if ((int)response.StatusCode is not (301 or 302 or 303 or 307 or 308)
                || response.Headers.Location is not Uri location)
                return new HubResponse(response, first ?? response, current, credential, Settings.StallTimeout, _time);
            if (first is null)
                first = response;
            else
                response.Dispose();
            // A body goes on only where the server says so (307 and 308 keep method and body), and never to another origin.
            if (!Uri.TryCreate(current, location, out Uri? next) || !MayFollow(current, next = KeepTls(current, next))
                || (httpRequest.Body is not null && !((int)response.StatusCode is 307 or 308 && IsSamePlace(current, next))))
            {
                first.Dispose();
                throw new HubException(WiseCodes.RedirectRefused,
                    $"{Urls.Show(current)} redirects to {Urls.Show(next ?? location)}. Only http(s) is followed, "
                    + $"and never from https to http{(httpRequest.Body is null ? ""
                        : "; what is sent goes to no other server")}. "
                    + "Ask the operator of the hub.");
            }
            current = next;
        }
        first!.Dispose();
        throw new HubException(WiseCodes.RedirectRefused,
            $"{Urls.Show(uri)} redirects more than {MaxRedirects} times. Check the endpoint of the hub.");
    }

    /// <summary>
    /// A server behind a proxy that speaks TLS for it may not know that, and names itself by http and by the port that it has
    /// inside. What it means is the place that was asked.
    /// </summary>
    public static Uri KeepTls(Uri asked, Uri named) => asked.Scheme == Uri.UriSchemeHttps && named.Scheme == Uri.UriSchemeHttp
        && named.Host.Equals(asked.Host, StringComparison.OrdinalIgnoreCase)
        ? new UriBuilder(named) { Scheme = Uri.UriSchemeHttps, Port = asked.Port }.Uri : named;

    /// <summary>
    /// One origin, or its own step from http to https: what was shown to a host in the clear may be shown to it over TLS.
    /// </summary>
    public static bool IsSamePlace(Uri known, Uri next) => Urls.SameOrigin(known, next)
        || (known is { Scheme: "http", IsDefaultPort: true } && next is { Scheme: "https", IsDefaultPort: true }
            && known.Host.Equals(next.Host, StringComparison.OrdinalIgnoreCase));

    /// <summary>Only http(s), never from https to http, and no user and password of somebody else.</summary>
    public static bool MayFollow(Uri from, Uri to) =>
        (to.Scheme == Uri.UriSchemeHttps || (to.Scheme == Uri.UriSchemeHttp && from.Scheme != Uri.UriSchemeHttps))
        && to.UserInfo.Length == 0;

    /// <summary>How long the server asks to wait: Retry-After as seconds or date, else an exhausted RateLimit window.</summary>
    /// <exception cref="HubException">WISE2009: longer than <see cref="RetryPolicy.LongestWait"/>.</exception>
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

    /// <param name="hub">Its name.</param>
    /// <param name="uri">Shown without query.</param>
    /// <param name="reason">What was seen.</param>
    /// <param name="cause">The same, as it was thrown.</param>
    /// <param name="mayPass">Later it may be well again.</param>
    public static HubException Unreachable(string hub, Uri uri, string reason, Exception? cause, bool mayPass = false) =>
        ProxyFailure(hub, uri, cause, mayPass) ?? new(WiseCodes.HubUnreachable,
            $"The hub '{hub}' gave no usable response at {Urls.Show(uri)}: {reason}. Check the network, a proxy (HTTPS_PROXY), "
            + "and the endpoint in wisehub.json; a build whose lock file and cache are complete needs no network.", cause)
        { MayPass = mayPass };

    // Only where the way to the hub leads through one, and that way is what failed.
    private static HubException? ProxyFailure(string hub, Uri uri, Exception? cause, bool mayPass)
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
        string why = e.HttpRequestError != HttpRequestError.ProxyTunnelError ? "and it cannot be reached"
            : e.StatusCode == HttpStatusCode.ProxyAuthenticationRequired ? WantsLogin
            : $"and it made no way to the hub{(e.StatusCode is HttpStatusCode status ? $" and answered {(int)status}" : "")}";
        return ProxyFailed(hub, uri, proxy, why, cause, mayPass);
    }

    private const string WantsLogin = "which asks for a user and a password, or does not accept those that it got (407)";

    private static HubException ProxyFailed(string hub, Uri uri, Uri proxy, string why, Exception? cause, bool mayPass) =>
        new(WiseCodes.ProxyFailed,
            $"The hub '{hub}' is asked at {Urls.Show(uri)} through the proxy {Urls.Show(proxy)}, {why}. Correct "
            + $"{(uri.Scheme == Uri.UriSchemeHttps ? "HTTPS_PROXY" : "HTTP_PROXY")} (or ALL_PROXY), with user and password "
            + $"(http://user:password@host:port) if the proxy wants them, or add {uri.Host} to NO_PROXY.", cause)
        { MayPass = mayPass };

    // Its URI has no password: .NET keeps that apart.
    private static Uri? ProxyFor(Uri uri) =>
        HttpClient.DefaultProxy.IsBypassed(uri) ? null : HttpClient.DefaultProxy.GetProxy(uri);

    public HubException NotTrusted(Uri uri, AuthenticationException e) => new(WiseCodes.CertificateNotTrusted,
        $"The certificate of {uri.GetLeftPart(UriPartial.Authority)} (hub '{_hub}') is not trusted: {e.Message} If an authority "
        + "of your own made it, add that authority to the system's store, or on Linux set SSL_CERT_FILE to a file with all "
        + "authorities to trust. If its name or its dates are wrong, ask the operator of the hub.", e);

    public void Dispose() => _client.Dispose();

    public HubException RateLimited(Uri uri, TimeSpan? wait) => new(WiseCodes.RateLimited,
        $"The hub '{_hub}' limits the rate at "
        + $"{Urls.Show(uri)}"
        + $"{(wait is TimeSpan w ? $" and asks to wait {w.TotalSeconds.ToString("0", CultureInfo.InvariantCulture)} s" : "")}. "
        + "Try again later; a token has higher limits, and a warm cache needs no request.")
    { MayPass = !(wait > RetryPolicy.LongestWait) };

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
        // The length that a HEAD tells is that of the content, so it must not be packed.
        request.Headers.AcceptEncoding.Add(content is null && !httpRequest.IsHead ? Gzip : Identity);
        request.Headers.Range = content?.Range;
        // Caches on the way keep a response for a while that says nothing of how long it is good; squid does so by default. A
        // push
        // would not be seen.
        if (content is null ? !httpRequest.IsImmutable : content.IsFresh)
            request.Headers.CacheControl = NoCache;
        if (content?.IfNoneMatch is not null)
            request.Headers.TryAddWithoutValidation("If-None-Match", content.IfNoneMatch);
        if (content?.IfModifiedSince is not null)
            request.Headers.TryAddWithoutValidation("If-Modified-Since", content.IfModifiedSince);
        // Or lower, which is the default policy: HTTP/2 where the server offers it.
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
            throw ProxyFailed(_hub, uri, proxy, WantsLogin, null, mayPass: false);
        }
        // Another try meets the same certificate.
        catch (HttpRequestException e)
            when (e is { HttpRequestError: HttpRequestError.SecureConnectionError, InnerException: AuthenticationException })
        {
            throw NotTrusted(uri, (AuthenticationException)e.InnerException);
        }
        catch (OperationCanceledException e) when (stall.IsCancellationRequested && !cancel.IsCancellationRequested)
        {
            throw new TimeoutException($"no response within {(httpRequest.Patience ?? Settings.StallTimeout).TotalSeconds} s", e);
        }
        // A connect timeout comes as a cancellation that nobody asked for.
        catch (OperationCanceledException e) when (!cancel.IsCancellationRequested)
        {
            throw new TimeoutException($"no connection within {Settings.ConnectTimeout.TotalSeconds} s", e);
        }
    }
}
