using System.Globalization;
using System.IO.Compression;
using System.Net;
using System.Net.Http.Headers;
using Polly;
using Polly.Retry;

namespace WiseHub.Client.Http;

/// <summary>A token and the only origin it may be sent to.</summary>
/// <param name="Origin">Scheme, host and port.</param>
/// <param name="Token">The secret.</param>
internal sealed record Credential(Uri Origin, string Token)
{
    // A record prints its members; a token must not appear in any text.
    public override string ToString() => $"a token for {Origin.GetLeftPart(UriPartial.Authority)}";
}

/// <summary>How patient HTTP is.</summary>
internal sealed record HttpSettings
{
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Longest wait for the headers of an answer, and longest silence inside a body.</summary>
    public TimeSpan StallTimeout { get; init; } = TimeSpan.FromSeconds(15);

    public TimeSpan TotalTimeout { get; init; } = TimeSpan.FromSeconds(60);

    public int Tries { get; init; } = 3;

    /// <summary>A longer Retry-After fails at once with the wait named, instead of a build that seems to hang.</summary>
    public static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(30);
}

/// <summary>
/// The only HttpClient of the library. Redirects are followed by hand, because the platform's own drops Authorization on every one,
/// also inside a hub; here a token goes to its own origin and nowhere else.
/// </summary>
internal sealed class HubHttp : IDisposable
{
    private const int MaxRedirects = 10;

    private readonly HttpClient _client;
    private readonly TimeProvider _time;
    private readonly ResiliencePipeline<HubAnswer> _retry;

    public HubHttp(HttpSettings settings, string userAgent, TimeProvider time)
    {
        Settings = settings;
        _time = time;
        var handler = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            AutomaticDecompression = DecompressionMethods.None,
            ConnectTimeout = settings.ConnectTimeout,
            // A hub behind DNS load balancing may move during a long build.
            PooledConnectionLifetime = TimeSpan.FromMinutes(5),
        };
        _client = new HttpClient(handler)
        {
            Timeout = Timeout.InfiniteTimeSpan,
            DefaultRequestVersion = HttpVersion.Version20,
            DefaultVersionPolicy = HttpVersionPolicy.RequestVersionOrLower,
        };
        _client.DefaultRequestHeaders.TryAddWithoutValidation("User-Agent", userAgent);
        _retry = new ResiliencePipelineBuilder<HubAnswer> { TimeProvider = time }
            .AddTimeout(settings.TotalTimeout)
            .AddRetry(new RetryStrategyOptions<HubAnswer>
            {
                MaxRetryAttempts = Math.Max(1, settings.Tries - 1),
                BackoffType = DelayBackoffType.Exponential,
                UseJitter = true,
                Delay = TimeSpan.FromMilliseconds(500),
                ShouldHandle = args => ValueTask.FromResult(args.Outcome.Exception is Exception e ? IsTransient(e) : IsTransient(args.Outcome.Result!.Status)),
                DelayGenerator = args => ValueTask.FromResult(args.Outcome.Result is HubAnswer answer ? RetryAfter(answer) : null),
                OnRetry = args =>
                {
                    args.Outcome.Result?.Dispose();
                    return ValueTask.CompletedTask;
                },
            })
            .Build();
    }

    public HttpSettings Settings { get; }

    /// <summary>What is worth another try.</summary>
    public static bool IsTransient(HttpStatusCode status) => status is HttpStatusCode.RequestTimeout or HttpStatusCode.TooManyRequests
        or HttpStatusCode.InternalServerError or HttpStatusCode.BadGateway or HttpStatusCode.ServiceUnavailable or HttpStatusCode.GatewayTimeout;

    /// <inheritdoc cref="IsTransient(HttpStatusCode)"/>
    public static bool IsTransient(Exception e) => e is HttpRequestException or HttpIOException or TimeoutException
        || (e is IOException && e is not FileNotFoundException and not DirectoryNotFoundException);

    /// <summary>A URL as it may be shown: without query and fragment, where signatures stand.</summary>
    public static string Show(Uri uri) => uri.IsAbsoluteUri ? uri.GetComponents(UriComponents.SchemeAndServer | UriComponents.Path, UriFormat.UriEscaped) : uri.OriginalString.Split('?')[0];

    public static bool SameOrigin(Uri a, Uri b) => Uri.Compare(a, b, UriComponents.SchemeAndServer, UriFormat.UriEscaped, StringComparison.OrdinalIgnoreCase) == 0;

    /// <summary>GETs with retries and a total limit: for questions, whose answers are small.</summary>
    /// <exception cref="HubException">WISE2001, WISE2009, WISE2011.</exception>
    public async Task<HubAnswer> AskAsync(string hub, Uri uri, Credential? credential, CancellationToken cancel)
    {
        try
        {
            HubAnswer answer = await _retry.ExecuteAsync(
                async token => await SendOnceAsync(uri, credential, range: null, acceptGzip: true, token).ConfigureAwait(false), cancel).ConfigureAwait(false);
            if (answer.Status == HttpStatusCode.TooManyRequests)
            {
                TimeSpan? wait = RetryAfter(answer);
                answer.Dispose();
                throw RateLimited(hub, uri, wait);
            }
            if (IsTransient(answer.Status))
            {
                int status = (int)answer.Status;
                answer.Dispose();
                throw Unreachable(hub, uri, $"it answered {status}", null);
            }
            return answer;
        }
        catch (Exception e) when (IsTransient(e) || e is Polly.Timeout.TimeoutRejectedException)
        {
            throw Unreachable(hub, uri, e.InnerException is null ? e.Message : $"{e.Message} ({e.InnerException.Message})", e);
        }
    }

    /// <summary>Sends one GET, following redirects; no retry. The body has not been read.</summary>
    /// <param name="uri">Where to.</param>
    /// <param name="credential">Sent only to its own origin, on every hop.</param>
    /// <param name="range">First byte wanted, to the end; null or 0 = the whole.</param>
    /// <param name="acceptGzip">False for content: its length and ranges must be those of the content.</param>
    /// <param name="cancel">Ends the wait.</param>
    /// <exception cref="TimeoutException">No headers within the stall timeout.</exception>
    /// <exception cref="HubException">WISE2011: a redirect that must not be followed.</exception>
    public async Task<HubAnswer> SendOnceAsync(Uri uri, Credential? credential, long? range, bool acceptGzip, CancellationToken cancel)
    {
        HttpResponseMessage? first = null;
        Uri current = uri;
        for (int hop = 0; hop <= MaxRedirects; hop++)
        {
            HttpResponseMessage response = await SendHopAsync(current, credential, range, acceptGzip, cancel).ConfigureAwait(false);
            if ((int)response.StatusCode is not (301 or 302 or 303 or 307 or 308) || response.Headers.Location is not Uri location)
                return new HubAnswer(response, first ?? response, current);
            Uri next = location.IsAbsoluteUri ? location : new Uri(current, location);
            if (first is null)
                first = response;
            else
                response.Dispose();
            if (next.Scheme is not ("http" or "https") || (current.Scheme == "https" && next.Scheme != "https") || next.UserInfo.Length > 0)
            {
                first.Dispose();
                throw new HubException(WiseCodes.RedirectRefused,
                    $"{Show(current)} redirects to {Show(next)}. Only http(s) is followed, and never from https to http. Ask the operator of the hub.");
            }
            current = next;
        }
        first!.Dispose();
        throw new HubException(WiseCodes.RedirectRefused, $"{Show(uri)} redirects more than {MaxRedirects} times. Check the endpoint of the hub.");
    }

    /// <summary>How long the server asks to wait: Retry-After as seconds or date, else an exhausted RateLimit window.</summary>
    /// <exception cref="HubException">WISE2009: longer than <see cref="HttpSettings.LongestWait"/>.</exception>
    public TimeSpan? RetryAfter(HubAnswer answer)
    {
        RetryConditionHeaderValue? header = answer.Headers.RetryAfter;
        TimeSpan? wait = header?.Delta ?? (header?.Date is DateTimeOffset date ? date - _time.GetUtcNow() : null);
        if (wait is null && answer.Status == HttpStatusCode.TooManyRequests && RateLimitWindow(answer.Header("RateLimit")) is int seconds)
            wait = TimeSpan.FromSeconds(seconds + 1);
        if (wait > HttpSettings.LongestWait)
        {
            answer.Dispose();
            throw RateLimited("The hub", answer.Uri, wait);
        }
        return wait is TimeSpan w && w < TimeSpan.Zero ? TimeSpan.Zero : wait;
    }

    public static HubException Unreachable(string hub, Uri uri, string reason, Exception? cause) => new(WiseCodes.HubUnreachable,
        $"The hub '{hub}' gave no usable answer at {Show(uri)}: {reason}. Check the network, a proxy (HTTPS_PROXY), and the endpoint in wisehub.json; "
        + "a build whose lock file and cache are complete needs no network.", cause);

    public void Dispose() => _client.Dispose();

    private static HubException RateLimited(string hub, Uri uri, TimeSpan? wait) => new(WiseCodes.RateLimited,
        $"{hub} limits the rate at {Show(uri)}{(wait is TimeSpan w ? $" and asks to wait {w.TotalSeconds.ToString("0", CultureInfo.InvariantCulture)} s" : "")}. "
        + "Try again later; a token has higher limits, and a warm cache needs no request.");

    // RateLimit: "api";r=0;t=172 (huggingface.md section 8).
    private static int? RateLimitWindow(string? header)
    {
        if (header is null || !header.Contains(";r=0", StringComparison.Ordinal))
            return null;
        string? part = header.Split(';').FirstOrDefault(p => p.StartsWith("t=", StringComparison.Ordinal));
        return part is not null && int.TryParse(part.AsSpan(2), CultureInfo.InvariantCulture, out int seconds) ? seconds : null;
    }

    private async Task<HttpResponseMessage> SendHopAsync(Uri uri, Credential? credential, long? range, bool acceptGzip, CancellationToken cancel)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, uri);
        request.Headers.AcceptEncoding.Add(new StringWithQualityHeaderValue(acceptGzip ? "gzip" : "identity"));
        if (range > 0)
            request.Headers.Range = new RangeHeaderValue(range, null);
        if (credential is not null && SameOrigin(credential.Origin, uri))
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", credential.Token);
        using var stall = new CancellationTokenSource(Settings.StallTimeout, _time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(cancel, stall.Token);
        try
        {
            return await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, both.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException e) when (stall.IsCancellationRequested && !cancel.IsCancellationRequested)
        {
            throw new TimeoutException($"no answer within {Settings.StallTimeout.TotalSeconds} s", e);
        }
        // A connect timeout comes as a cancellation that nobody asked for.
        catch (OperationCanceledException e) when (!cancel.IsCancellationRequested)
        {
            throw new TimeoutException($"no connection within {Settings.ConnectTimeout.TotalSeconds} s", e);
        }
    }
}

/// <summary>An answer: the last hop's status and body, and the first hop's headers, where a hub says what it redirects to.</summary>
internal sealed class HubAnswer(HttpResponseMessage last, HttpResponseMessage first, Uri uri) : IDisposable
{
    // Error texts and file lists; a hub that sends more than this as an error is cut.
    private const int LongestErrorText = 4096;

    public HttpStatusCode Status => last.StatusCode;

    public bool IsSuccess => last.IsSuccessStatusCode;

    public HttpResponseHeaders Headers => last.Headers;

    public HttpContentHeaders ContentHeaders => last.Content.Headers;

    /// <summary>Where the last hop went.</summary>
    public Uri Uri { get; } = uri;

    /// <summary>A header of the last hop, or of the first where the last has none (a CDN repeats none of the hub's own).</summary>
    public string? Header(string name) => Value(last, name) ?? Value(first, name);

    /// <summary>The body, unpacked where the server packed it without being asked to.</summary>
    public async Task<Stream> OpenBodyAsync(CancellationToken cancel)
    {
        Stream body = await last.Content.ReadAsStreamAsync(cancel).ConfigureAwait(false);
        return IsPacked ? new GZipStream(body, CompressionMode.Decompress) : body;
    }

    public bool IsPacked => ContentHeaders.ContentEncoding.Any(e => e.Equals("gzip", StringComparison.OrdinalIgnoreCase));

    /// <summary>The whole body, for questions; bounded, because a lying hub must not fill the memory.</summary>
    public async Task<byte[]> ReadBodyAsync(int limit, CancellationToken cancel)
    {
        Stream body = await OpenBodyAsync(cancel).ConfigureAwait(false);
        using var memory = new MemoryStream();
        byte[] buffer = new byte[81920];
        for (int read; (read = await body.ReadAsync(buffer, cancel).ConfigureAwait(false)) > 0;)
        {
            if (memory.Length + read > limit)
                throw new HubException(WiseCodes.UnexpectedAnswer, $"{HubHttp.Show(Uri)} answered with more than {limit} bytes. Check the endpoint of the hub.");
            memory.Write(buffer, 0, read);
        }
        return memory.ToArray();
    }

    /// <summary>The server's own words for an error: one line, bounded, without markup.</summary>
    public async Task<string> ReadErrorTextAsync(CancellationToken cancel)
    {
        Stream body = await OpenBodyAsync(cancel).ConfigureAwait(false);
        byte[] buffer = new byte[LongestErrorText];
        int read = await body.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancel).ConfigureAwait(false);
        string text = System.Text.Encoding.UTF8.GetString(buffer, 0, read).Trim();
        if (text.StartsWith('<'))
            return "";
        return string.Concat(text.Select(c => char.IsControl(c) ? ' ' : c));
    }

    public void Dispose()
    {
        last.Dispose();
        first.Dispose();
    }

    private static string? Value(HttpResponseMessage message, string name) =>
        message.Headers.TryGetValues(name, out IEnumerable<string>? values) || message.Content.Headers.TryGetValues(name, out values)
            ? string.Join(", ", values) : null;
}
