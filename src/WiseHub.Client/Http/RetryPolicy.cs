using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Security.Authentication;

namespace WiseHub.Client.Http;

/// <summary>The usefulness of a retry.</summary>
internal enum RetryVerdict
{
    /// <summary>The next response would be the same.</summary>
    No,
    /// <summary>Retries rarely help. Mostly a user's mistake, so a few quick tries are enough.</summary>
    Rarely,
    /// <summary>The failure may be transient.</summary>
    Yes,
}

/// <summary>
/// The single retry policy for all hubs of a client: which failures are transient, how long the pauses are, when to give up, and
/// what the log reports.
/// </summary>
/// <param name="log">Receives a line for each pause.</param>
/// <param name="time">The clock for pauses.</param>
/// <param name="jitter">Returns 0 to 1, the share of the random part in a pause; null = random.</param>
internal sealed class RetryPolicy(IHubLog log, TimeProvider time, Func<double>? jitter = null)
{
    /// <summary>
    /// Tries per request unless configured otherwise. The pauses sum to at least 31.5 s, enough for a restart of most hubs and
    /// their proxies.
    /// </summary>
    public const int DefaultTries = 8;

    /// <summary>Tries where retries rarely help, or where another source is available.</summary>
    public const int FewTries = 3;

    /// <summary>
    /// A longer wait requested by a server fails at once, with the wait in the message: a build must not seem to hang.
    /// </summary>
    public static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(500), LongestPause = TimeSpan.FromSeconds(8);

    // Machines that failed at the same time must not retry at the same time. Only added, so that the minimum is known.
    private const double MostJitter = 0.25;

    // Where another source is available, a silent server costs one stall timeout (15 s) and not three.
    private static readonly TimeSpan BriefLimit = TimeSpan.FromSeconds(20);

    // Shorter interruptions are not worth a line in a normal build. Several requests to one hub would repeat it.
    private static readonly TimeSpan ReportedAfter = TimeSpan.FromSeconds(3), BetweenLines = TimeSpan.FromSeconds(3);

    private readonly AsyncLocal<int?> _most = new();
    private readonly Dictionary<string, long> _lastReport = new(StringComparer.OrdinalIgnoreCase);

    public TimeProvider Time => time;

    /// <summary>
    /// True for statuses that may change on a retry: those of an overloaded or failing server, but not those of a missing
    /// capability.
    /// </summary>
    public static bool IsTransient(HttpStatusCode status) => (int)status switch
    {
        // Request Timeout, Too Early, Too Many Requests.
        408 or 425 or 429 => true,
        // Not Implemented, HTTP Version Not Supported, Variant Also Negotiates, Insufficient Storage, Loop Detected, Not
        // Extended, Network Authentication Required (a login page before the network).
        501 or 505 or 506 or 507 or 508 or 510 or 511 => false,
        // Also those of proxies, such as Cloudflare's 520 to 530.
        int code => code >= 500,
    };

    /// <summary>Classifies a failure without a response.</summary>
    public static RetryVerdict Classify(Exception e) => e switch
    {
        HttpRequestException
        {
            HttpRequestError: HttpRequestError.SecureConnectionError,
            InnerException: AuthenticationException
        } => RetryVerdict.No,
        HttpRequestException { HttpRequestError: HttpRequestError.ProxyTunnelError, StatusCode: HttpStatusCode status } =>
            IsTransient(status) ? RetryVerdict.Yes : RetryVerdict.No,
        // "No such host" is mostly a mistake, but container networks also report it while another container restarts.
        HttpRequestException { HttpRequestError: HttpRequestError.NameResolutionError } =>
            IsUnknownHost(e) ? RetryVerdict.Rarely : RetryVerdict.Yes,
        HttpRequestException
        {
            HttpRequestError: HttpRequestError.ConfigurationLimitExceeded or HttpRequestError.VersionNegotiationError
        } => RetryVerdict.No,
        // The server at this port does not speak HTTP.
        HttpRequestException { HttpRequestError: HttpRequestError.InvalidResponse }
            or HttpIOException { HttpRequestError: HttpRequestError.InvalidResponse } => RetryVerdict.Rarely,
        // Corrupt compressed data.
        InvalidDataException => RetryVerdict.Rarely,
        HttpRequestException or TimeoutException => RetryVerdict.Yes,
        FileNotFoundException or DirectoryNotFoundException => RetryVerdict.No,
        IOException => RetryVerdict.Yes,
        _ => RetryVerdict.No,
    };

    /// <inheritdoc cref="Classify"/>
    public static bool IsTransient(Exception e) => Classify(e) != RetryVerdict.No;

    /// <summary>True for a failure of the connection, transient or not; false for a bug in this library.</summary>
    public static bool IsTransportFailure(Exception e) => e is HttpRequestException || IsTransient(e);

    /// <summary>The wait of a <c>Retry-After</c> header: seconds or a date.</summary>
    /// <returns>Null without a header; never negative.</returns>
    public TimeSpan? WaitOf(RetryConditionHeaderValue? header)
    {
        TimeSpan? wait = header?.Delta ?? (header?.Date is DateTimeOffset date ? date - time.GetUtcNow() : null);
        return wait is TimeSpan w && w < TimeSpan.Zero ? TimeSpan.Zero : wait;
    }

    /// <summary>Starts counting the tries of one request, or of one connection of a download.</summary>
    /// <param name="hub">The hub's name.</param>
    /// <param name="what">The request, for the log: a URL without its query, or repo and path.</param>
    /// <param name="settings">The configured timeouts and tries.</param>
    /// <param name="began">Start of the first try; null = now.</param>
    public RetryCount Begin(string hub, string what, HttpSettings settings, long? began = null)
    {
        int most = Math.Min(_most.Value ?? settings.Tries, settings.Tries);
        return new RetryCount(this, hub, what, most, settings.StallTimeout,
            _most.Value is not null && settings.TotalTimeout > BriefLimit ? BriefLimit : settings.TotalTimeout,
            began ?? time.GetTimestamp());
    }

    /// <summary>Sends a request with few tries, because another source is available.</summary>
    public async Task<T> BrieflyAsync<T>(Func<Task<T>> ask)
    {
        // Async methods restore an AsyncLocal when they end.
        _most.Value = FewTries;
        return await ask().ConfigureAwait(false);
    }

    /// <summary>
    /// Tries several sources in order, each with few tries. If all fail and some failures may be transient, tries those again in
    /// turn, for as long as a single source would get.
    /// </summary>
    /// <param name="sources">The sources.</param>
    /// <param name="settings">The timeouts and tries of a source.</param>
    /// <param name="hub">The name of a source, for the log.</param>
    /// <param name="what">The requested item, for the log.</param>
    /// <param name="ask">Sends the request to one source.</param>
    /// <param name="failed">Receives each failure; false stops the search.</param>
    /// <param name="cancel">Ends the wait.</param>
    /// <exception cref="HubException">The last failure.</exception>
    public async Task<T> FirstOfAsync<TSource, T>(IReadOnlyList<TSource> sources, Func<TSource, HttpSettings> settings,
        Func<TSource, string> hub, string what, Func<TSource, Task<T>> ask,
        Func<TSource, HubException, bool> failed, CancellationToken cancel)
    {
        var left = new List<TSource>(sources);
        HubException? failure = null;
        int? most = _most.Value;
        if (sources.Count > 1)
            _most.Value = most < FewTries ? most : FewTries;
        RetryCount? count = null;
        while (true)
        {
            var again = new List<TSource>();
            foreach (TSource source in left)
            {
                try
                {
                    return await ask(source).ConfigureAwait(false);
                }
                catch (HubException e) when (failed(source, e))
                {
                    failure = e;
                    if (e.IsTransient && sources.Count > 1)
                        again.Add(source);
                }
            }
            if (again.Count == 0)
                break;
            left = again;
            _most.Value = most;
            count ??= Begin(hub(left[0]), what, settings(left[0]));
            if (count.Failed(RetryVerdict.Yes, null) is not TimeSpan pause)
                break;
            await count.PauseAsync(pause, HttpMessages.NoSourceAvailable, cancel).ConfigureAwait(false);
            _most.Value = 1;
        }
        throw failure!;
    }

    /// <summary>The pause after a number of failed tries.</summary>
    internal TimeSpan PauseAfter(int tries)
    {
        // After 5 tries it is the longest pause anyway.
        TimeSpan pause = FirstPause * (1 << Math.Min(tries - 1, 5));
        return (pause < LongestPause ? pause : LongestPause)
            * (1 + (MostJitter * (jitter?.Invoke() ?? Random.Shared.NextDouble())));
    }

    internal void Report(string hub, string what, string reason, TimeSpan pause, int attempt, TimeSpan soFar)
    {
        string line = HttpMessages.Retrying(hub, what, reason, pause, attempt, soFar);
        bool isDue = soFar + pause >= ReportedAfter;
        if (isDue)
        {
            lock (_lastReport)
            {
                isDue = !_lastReport.TryGetValue(hub, out long before) || time.GetElapsedTime(before) >= BetweenLines;
                if (isDue)
                    _lastReport[hub] = time.GetTimestamp();
            }
        }
        if (isDue)
            log.Info(line);
        else
            log.Detail(line);
    }

    private static bool IsUnknownHost(Exception e) =>
        e.InnerException is SocketException { SocketErrorCode: SocketError.HostNotFound or SocketError.NoData };
}

/// <summary>Counts the tries of one operation until it succeeds or the limit is reached. Not thread-safe.</summary>
internal sealed class RetryCount
{
    private readonly RetryPolicy _policy;
    private readonly string _hub, _what;
    private readonly int _most;
    private readonly TimeSpan _stall, _limit;
    private int _tries;
    private TimeSpan _spent;
    private long _began;

    internal RetryCount(RetryPolicy policy, string hub, string what, int most, TimeSpan stall, TimeSpan limit, long began)
    {
        (_policy, _hub, _what, _most, _stall, _limit, _began) = (policy, hub, what, most, stall, limit, began);
    }

    /// <summary>Resets the count after data arrived.</summary>
    public void Progress() => (_tries, _spent) = (0, TimeSpan.Zero);

    /// <summary>Marks the start of a try.</summary>
    public void Start() => _began = _policy.Time.GetTimestamp();

    /// <summary>Counts a failed try.</summary>
    /// <param name="verdict">The usefulness of another try.</param>
    /// <param name="asked">
    /// The wait requested by the server. The pause is never shorter than its usual length: a server may request one second again
    /// and again.
    /// </param>
    /// <returns>The pause before the next try; null to give up.</returns>
    public TimeSpan? Failed(RetryVerdict verdict, TimeSpan? asked)
    {
        _tries++;
        // A large upload may run for an hour before it fails; only the final stall counts.
        TimeSpan took = _policy.Time.GetElapsedTime(_began);
        took = took < _stall ? took : _stall;
        _spent += took;
        int most = verdict == RetryVerdict.Rarely ? Math.Min(_most, RetryPolicy.FewTries) : _most;
        if (verdict == RetryVerdict.No || _tries >= most)
            return null;
        TimeSpan pause = _policy.PauseAfter(_tries);
        if (asked > pause)
            pause = asked.Value;
        // Another try as long as this one would end after the limit.
        return _spent + pause + took > _limit ? null : pause;
    }

    /// <summary>Logs the pause and waits.</summary>
    public async Task PauseAsync(TimeSpan pause, string reason, CancellationToken cancel)
    {
        _policy.Report(_hub, _what, reason, pause, _tries + 1, _spent);
        await Task.Delay(pause, _policy.Time, cancel).ConfigureAwait(false);
        _spent += pause;
        Start();
    }
}
