using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Security.Authentication;

namespace WiseHub.Client.Http;

/// <summary>Whether it helps to ask again.</summary>
internal enum RetryVerdict
{
    /// <summary>The next answer would be the same.</summary>
    No,
    /// <summary>It seldom helps, and mostly somebody made a mistake, who should not wait: a few tries.</summary>
    Seldom,
    /// <summary>The trouble may pass.</summary>
    Yes,
}

/// <summary>
/// The one rule about trying again, for everything that is asked of a hub: which trouble may pass, how long the pauses are, when
/// it is enough, and what the log says meanwhile. One object serves all hubs of a client.
/// </summary>
/// <param name="log">Is told of each pause.</param>
/// <param name="time">The clock for pauses.</param>
/// <param name="jitter">Gives 0 to 1: how much of the random part a pause gets; null = random.</param>
internal sealed class RetryPolicy(IHubLog log, TimeProvider time, Func<double>? jitter = null)
{
    /// <summary>
    /// Tries of one request unless the configuration says otherwise. The pauses between them come to at least 31.5 s: hubs and
    /// the proxies before them restart within that time.
    /// </summary>
    public const int DefaultTries = 8;

    /// <summary>Tries where it seldom helps, or where somebody else can be asked.</summary>
    public const int FewTries = 3;

    /// <summary>
    /// A server that asks for a longer wait fails at once, and the message names the wait: a build must not seem to hang.
    /// </summary>
    public static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(500), LongestPause = TimeSpan.FromSeconds(8);

    // Machines that met the same trouble at the same time must not come back at the same time. Only upwards, so that
    // the least is known.
    private const double MostJitter = 0.25;

    // Where somebody else can be asked, a silent server costs one stall timeout (15 s) and not three.
    private static readonly TimeSpan BriefLimit = TimeSpan.FromSeconds(20);

    // Shorter trouble is not worth a line in a normal build. Several requests to one hub say the same.
    private static readonly TimeSpan SaidAfter = TimeSpan.FromSeconds(3), BetweenLines = TimeSpan.FromSeconds(3);

    private readonly AsyncLocal<int?> _most = new();
    private readonly Dictionary<string, long> _saidAt = new(StringComparer.OrdinalIgnoreCase);

    public TimeProvider Time => time;

    /// <summary>
    /// Which answers may be others next time: all that say the server is in trouble or busy, but not those that say
    /// what it can never do.
    /// </summary>
    public static bool MayPass(HttpStatusCode status) => (int)status switch
    {
        // Request Timeout, Too Early, Too Many Requests.
        408 or 425 or 429 => true,
        // Not Implemented, HTTP Version Not Supported, Variant Also Negotiates, Insufficient Storage, Loop Detected, Not
        // Extended, Network Authentication Required (a login page before the network).
        501 or 505 or 506 or 507 or 508 or 510 or 511 => false,
        // Also those of proxies, such as Cloudflare's 520 to 530.
        int code => code >= 500,
    };

    /// <summary>Whether a failure without a response may pass.</summary>
    public static RetryVerdict Classify(Exception e) => e switch
    {
        HttpRequestException
        {
            HttpRequestError: HttpRequestError.SecureConnectionError,
            InnerException: AuthenticationException
        } => RetryVerdict.No,
        HttpRequestException { HttpRequestError: HttpRequestError.ProxyTunnelError, StatusCode: HttpStatusCode status } =>
            MayPass(status) ? RetryVerdict.Yes : RetryVerdict.No,
        // "No such host" is a mistake in most cases, but also what the DNS of a container network says while the other
        // container restarts.
        HttpRequestException { HttpRequestError: HttpRequestError.NameResolutionError } =>
            IsUnknownHost(e) ? RetryVerdict.Seldom : RetryVerdict.Yes,
        HttpRequestException
        {
            HttpRequestError: HttpRequestError.ConfigurationLimitExceeded or HttpRequestError.VersionNegotiationError
        } => RetryVerdict.No,
        // Whoever speaks something else than HTTP at this port.
        HttpRequestException { HttpRequestError: HttpRequestError.InvalidResponse }
            or HttpIOException { HttpRequestError: HttpRequestError.InvalidResponse } => RetryVerdict.Seldom,
        // Packed bytes that cannot be unpacked.
        InvalidDataException => RetryVerdict.Seldom,
        HttpRequestException or TimeoutException => RetryVerdict.Yes,
        FileNotFoundException or DirectoryNotFoundException => RetryVerdict.No,
        IOException => RetryVerdict.Yes,
        _ => RetryVerdict.No,
    };

    /// <inheritdoc cref="Classify"/>
    public static bool MayPass(Exception e) => Classify(e) != RetryVerdict.No;

    /// <summary>True for a failure of the way to a server, whether or not it may pass; false for one of ours.</summary>
    public static bool IsOfTheWay(Exception e) => e is HttpRequestException || MayPass(e);

    /// <summary>A <c>Retry-After</c>: seconds, or a date.</summary>
    /// <returns>Null where there is none; never negative.</returns>
    public TimeSpan? WaitOf(RetryConditionHeaderValue? header)
    {
        TimeSpan? wait = header?.Delta ?? (header?.Date is DateTimeOffset date ? date - time.GetUtcNow() : null);
        return wait is TimeSpan w && w < TimeSpan.Zero ? TimeSpan.Zero : wait;
    }

    /// <summary>Counts the tries of one request, or of one connection of a download.</summary>
    /// <param name="hub">Who is asked.</param>
    /// <param name="what">What is asked for, for the log; a URL without query, or repo and path.</param>
    /// <param name="settings">How patient the configuration is.</param>
    /// <param name="began">When the first try began; null = now.</param>
    public RetryCount Begin(string hub, string what, HttpSettings settings, long? began = null)
    {
        int most = Math.Min(_most.Value ?? settings.Tries, settings.Tries);
        return new RetryCount(this, hub, what, most, settings.StallTimeout,
            _most.Value is not null && settings.TotalTimeout > BriefLimit ? BriefLimit : settings.TotalTimeout,
            began ?? time.GetTimestamp());
    }

    /// <summary>Asks somebody for whom another can stand in: it is given a few tries only.</summary>
    public async Task<T> BrieflyAsync<T>(Func<Task<T>> ask)
    {
        // Undone where this method ends, as every async method does.
        _most.Value = FewTries;
        return await ask().ConfigureAwait(false);
    }

    /// <summary>
    /// Asks several who can stand in for each other, in order. Each gets a few tries. Where all fail, and the trouble of some may
    /// pass, these are asked in turns for as long as a single one would be.
    /// </summary>
    /// <param name="sources">Whom to ask.</param>
    /// <param name="settings">How patient to be with the last ones.</param>
    /// <param name="hub">The name of one of them, for the log.</param>
    /// <param name="what">What is asked for, for the log.</param>
    /// <param name="ask">Asks one.</param>
    /// <param name="failed">Told of each failure. False where nobody else is to be asked.</param>
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
                    if (e.MayPass && sources.Count > 1)
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
            await count.PauseAsync(pause, "nobody can give it now", cancel).ConfigureAwait(false);
            _most.Value = 1;
        }
        throw failure!;
    }

    /// <summary>The pause after so many failed tries.</summary>
    internal TimeSpan PauseAfter(int tries)
    {
        // Beyond 5 it is the longest anyway.
        TimeSpan pause = FirstPause * (1 << Math.Min(tries - 1, 5));
        return (pause < LongestPause ? pause : LongestPause)
            * (1 + (MostJitter * (jitter?.Invoke() ?? Random.Shared.NextDouble())));
    }

    internal void Say(string hub, string what, string reason, TimeSpan pause, int attempt, TimeSpan soFar)
    {
        string line = string.Create(CultureInfo.InvariantCulture, $"The hub '{hub}' ({what}): {reason}; "
            + $"trying again in {pause.TotalSeconds:0.#} s (attempt {attempt}, {soFar.TotalSeconds:0} s so far).");
        bool isDue = soFar + pause >= SaidAfter;
        if (isDue)
        {
            lock (_saidAt)
            {
                isDue = !_saidAt.TryGetValue(hub, out long before) || time.GetElapsedTime(before) >= BetweenLines;
                if (isDue)
                    _saidAt[hub] = time.GetTimestamp();
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

/// <summary>Tries of one thing, until it is there or it is enough. For one thread.</summary>
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

    /// <summary>Something came: what failed before does not count.</summary>
    public void Progress() => (_tries, _spent) = (0, TimeSpan.Zero);

    /// <summary>A try begins.</summary>
    public void Start() => _began = _policy.Time.GetTimestamp();

    /// <summary>A try came to nothing.</summary>
    /// <param name="verdict">Whether another one may help.</param>
    /// <param name="asked">
    /// How long the server asks to wait. Never less than the pause that is due: a server may ask for one second again and again.
    /// </param>
    /// <returns>How long to wait before the next; null when it is enough.</returns>
    public TimeSpan? Failed(RetryVerdict verdict, TimeSpan? asked)
    {
        _tries++;
        // A large upload may have gone well for an hour before it failed; only its end came to nothing.
        TimeSpan took = _policy.Time.GetElapsedTime(_began);
        took = took < _stall ? took : _stall;
        _spent += took;
        int most = verdict == RetryVerdict.Seldom ? Math.Min(_most, RetryPolicy.FewTries) : _most;
        if (verdict == RetryVerdict.No || _tries >= most)
            return null;
        TimeSpan pause = _policy.PauseAfter(_tries);
        if (asked > pause)
            pause = asked.Value;
        // Another try that ends like this one would end after the limit.
        return _spent + pause + took > _limit ? null : pause;
    }

    /// <summary>Waits, and says so.</summary>
    public async Task PauseAsync(TimeSpan pause, string reason, CancellationToken cancel)
    {
        _policy.Say(_hub, _what, reason, pause, _tries + 1, _spent);
        await Task.Delay(pause, _policy.Time, cancel).ConfigureAwait(false);
        _spent += pause;
        Start();
    }
}
