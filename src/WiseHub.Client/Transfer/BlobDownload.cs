using System.Buffers;
using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Runtime.ExceptionServices;
using WiseHub.Client.Http;

namespace WiseHub.Client.Transfer;

/// <summary>
/// The missing blocks of one blob from one URL, over one connection or several. A large file begins with one connection that asks
/// for a range; another is added whenever the hash mostly waited for the network, up to the limit, and one is given up when the
/// server says that there are too many. A server without ranges sends the whole over one.
/// </summary>
internal sealed class BlobDownload(
    WantedBlob blob, BlobLocation location, HubHttp connection, BlobAssembly assembly, PartialFile file, int mostConnections)
{
    // Smaller files come with one request: a further connection would not have begun before the first is done.
    private const long WorthSeveral = 16 << 20;

    // Pieces of 4 to 8 MiB, at most 32 MiB in flight.
    private const int LargestPiece = 8, SmallestPiece = 4, InFlight = 32;

    // What must have come for the failure of a try not to count. After a cut, anything: a server that moves forward is never
    // given up. More of one that kept us waiting: a server that gives a few bytes and falls silent, each time, would otherwise
    // be asked for hours.
    private const long ProgressOfCut = 1, ProgressOfStall = PartialFile.BlockSize;

    // Long enough to tell a slow network from a slow start.
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(200);
    private const double MostlyWaiting = 0.5;

    // A connection that brings this much a second is not what the download waits for: over loopback, where memory and disk are, 1
    // GiB took 1.1 s over one connection and 1.7 s over eight.
    private const double FastEnough = 200e6;

    // A server whose content changes all the time is given up.
    private const int MostStartOvers = 3;

    private readonly object _gate = new();
    private readonly List<Task> _connections = [];
    private CancellationTokenSource? _stop;
    private ExceptionDispatchInfo? _failure;
    private int _open, _limit = mostConnections;
    private bool _inRanges = mostConnections > 1 && blob.Size > WorthSeveral;
    private bool _etagDiffered, _startOver;
    private int _startOvers;
    // Zero until the first byte: how long a server thinks before says nothing about its connections.
    private long _lookedAt;
    private Uri? _resolved;
    private string? _etag = file.Etag;
    private long _received, _receivedThen;
    // The most that was there at a time: what comes again after a start over is no progress.
    private long _most;

    public required IHubLog Log { get; init; }

    /// <summary>Told of bytes that arrived, by several threads.</summary>
    public required Action<int> Arrived { get; init; }

    /// <summary>Fetches until everything is there and hashed.</summary>
    /// <exception cref="HubException">WISE2xxx or WISE3xxx; what has arrived stays in the assembly.</exception>
    public async Task RunAsync(CancellationToken cancel)
    {
        do
        {
            do
            {
                await FetchMissingAsync(cancel).ConfigureAwait(false);
            }
            while (_startOver);
        }
        while (!await assembly.HashedAsync(cancel).ConfigureAwait(false));
    }

    private async Task FetchMissingAsync(CancellationToken cancel)
    {
        if (_startOver)
            assembly.Restart();
        _startOver = false;
        using (_stop = CancellationTokenSource.CreateLinkedTokenSource(cancel))
        {
            Connect();
            // Connections add connections; none of these tasks throws.
            for (int next = 0; NextConnection(next) is Task connection; next++)
                await connection.ConfigureAwait(false);
            _connections.Clear();
        }
        cancel.ThrowIfCancellationRequested();
        _failure?.Throw();
    }

    private void Connect()
    {
        lock (_gate)
        {
            _open++;
            _connections.Add(ConnectAsync(_stop!));
        }
    }

    private Task? NextConnection(int index)
    {
        lock (_gate)
            return index < _connections.Count ? _connections[index] : null;
    }

    private async Task ConnectAsync(CancellationTokenSource stop)
    {
        bool hasLeft = false;
        try
        {
            hasLeft = await WorkAsync(stop.Token).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            lock (_gate)
            {
                if (!stop.IsCancellationRequested)
                    _failure = ExceptionDispatchInfo.Capture(e);
            }
            await stop.CancelAsync().ConfigureAwait(false);
        }
        finally
        {
            lock (_gate)
                _open -= hasLeft ? 0 : 1;
        }
    }

    /// <summary>One connection: takes run after run until nothing is missing.</summary>
    /// <returns>True when it left because there were too many, and no longer counts.</returns>
    private async Task<bool> WorkAsync(CancellationToken cancel)
    {
        RetryCount count = connection.Begin(blob.What);
        while (Take() is BlockRun run)
        {
            count.Start();
            Problem? problem;
            try
            {
                problem = await FetchAsync(run, cancel).ConfigureAwait(false);
            }
            catch (Exception e) when (RetryPolicy.IsOfTheWay(e))
            {
                problem = new Problem(e);
            }
            finally
            {
                assembly.GiveBack(run);
            }
            if (problem is null)
            {
                count.Progress();
                continue;
            }
            if (HasMoved(problem.Cause is TimeoutException ? ProgressOfStall : ProgressOfCut))
                count.Progress();
            if (_startOver)
                return false;
            TimeSpan? pause = count.Failed(RetryPolicy.Classify(problem.Cause), problem.Wait);
            if (IsOneTooMany(problem, pause is null))
                return true;
            if (pause is null)
            {
                throw problem.Cause is TimeoutException ? Stalled(problem.Cause)
                    : HubHttp.Unreachable(location.Hub, location.Uri!, problem.Cause.Message, problem.Cause,
                        RetryPolicy.MayPass(problem.Cause));
            }
            await count.PauseAsync(pause.Value,
                $"{problem.Cause.Message.TrimEnd('.')}, at byte {run.Position}", cancel).ConfigureAwait(false);
        }
        return false;
    }

    // Of all connections: as long as one brings something, the server is not dead.
    private bool HasMoved(long least)
    {
        long present = assembly.Present;
        lock (_gate)
        {
            if (present < _most + least)
                return false;
            _most = present;
            return true;
        }
    }

    private BlockRun? Take()
    {
        if (!_inRanges)
            return assembly.Take(int.MaxValue);
        lock (_gate)
            return assembly.Take(Math.Clamp(InFlight / Math.Max(1, _open), SmallestPiece, LargestPiece));
    }

    // A server that limits connections gets fewer of them, but at least one.
    private bool IsOneTooMany(Problem problem, bool isGivenUp)
    {
        lock (_gate)
        {
            if (_open == 1 || !(problem.IsRefusal || isGivenUp))
                return false;
            // Counted out at once: of two that are refused together, one must stay.
            _limit = --_open;
            Log.Detail(TransferMessages.FewerConnections(blob.What, problem.Cause.Message, _limit));
            return true;
        }
    }

    private void AddConnectionIfUseful()
    {
        lock (_gate)
        {
            if (!_inRanges || _open >= _limit || Stopwatch.GetElapsedTime(_lookedAt) < BetweenLooks)
                return;
            long received = Interlocked.Read(ref _received);
            bool isSlow = (received - _receivedThen) / Stopwatch.GetElapsedTime(_lookedAt).TotalSeconds < FastEnough * _open;
            bool isAwaited = assembly.TakeStarvation(_lookedAt) > MostlyWaiting;
            (_lookedAt, _receivedThen) = (Stopwatch.GetTimestamp(), received);
            if (isSlow && isAwaited)
                Connect();
        }
    }

    /// <returns>What went wrong in passing; null when the run is done, or given up for a better one.</returns>
    private async Task<Problem?> FetchAsync(BlockRun run, CancellationToken cancel)
    {
        Uri? resolved = _resolved;
        using HubResponse response = AnswerAtHand(run)
            ?? (await connection.SendOnceAsync(resolved ?? location.Address(), location.Credential,
                new ContentRequest(RangeOf(run), _inRanges), cancel).ConfigureAwait(false)).Keeping(location.IsPackedFile);
        if (response.Status == HttpStatusCode.RequestedRangeNotSatisfiable && AsksForRange(run))
            return StartOver("it refuses the range", inRanges: false);
        if (RetryPolicy.MayPass(response.Status))
        {
            return new Problem(new HttpRequestException(TransferMessages.Status((int)response.Status)),
                connection.RetryAfter(response))
            {
                IsRefusal = response.Status is HttpStatusCode.TooManyRequests or HttpStatusCode.ServiceUnavailable,
            };
        }
        if (!response.IsSuccess && resolved is not null)
        {
            // The address of an earlier redirect has expired. The hub gives a new one.
            _resolved = null;
            return null;
        }
        if (IsStaleAddress(response))
            return new Problem(new HttpRequestException(
                TransferMessages.RedirectTargetStatus(response.Uri, (int)response.Status)));
        if (!response.IsSuccess)
        {
            throw location.ReadError is null
                ? HubHttp.Unreachable(location.Hub, location.Uri!, TransferMessages.Status((int)response.Status), null)
                : await location.ReadError(response, cancel).ConfigureAwait(false);
        }
        return location.Validate?.Invoke(response) is HubException refused ? throw refused
            : await ReceiveAsync(run, response, cancel).ConfigureAwait(false);
    }

    // The whole, which somebody has asked for: of use only from the start.
    private HubResponse? AnswerAtHand(BlockRun run)
    {
        HubResponse? response = location.TakeAnswer?.Invoke();
        if (response is null || run.Position == 0)
            return response;
        response.Dispose();
        return null;
    }

    private RangeHeaderValue? RangeOf(BlockRun run)
    {
        long end = ((long)run.First + run.Count) * PartialFile.BlockSize;
        return !AsksForRange(run) ? null
            : new RangeHeaderValue(run.Position, blob.Size is null || end >= blob.Size ? null : end - 1);
    }

    private bool AsksForRange(BlockRun run) =>
        run.Position > 0 || (blob.Size is not null && (long)run.Count * PartialFile.BlockSize < blob.Size);

    private async Task<Problem?> ReceiveAsync(BlockRun run, HubResponse response, CancellationToken cancel)
    {
        bool isRange = response.Status == HttpStatusCode.PartialContent;
        bool isWhole = response.Status == HttpStatusCode.OK;
        bool fits = isRange && !response.IsPacked ? response.ContentHeaders.ContentRange?.From == run.Position
            : isWhole && run.Position == 0;
        if (!response.IsPacked)
            blob.CheckSize(location, isRange ? response.ContentHeaders.ContentRange?.Length
                : response.ContentHeaders.ContentLength);
        if (!fits || IsOfAnotherVersion(response, assembly.Present + run.Filled))
        {
            // 200 to a range, another range than asked for, or another version: these bytes do not belong behind ours.
            string reason = !fits ? "it sends other bytes than those asked for" : IsBlind(response)
                ? "it does not say whether this is the version that was begun" : "it has another version now";
            if (!isWhole || !IsAlone())
                return StartOver(reason, inRanges: fits && !IsBlind(response));
            // A server without ranges that cuts its responses is tried as long as any other: this is the only way to go on with
            // it.
            if (fits)
                CountStartOver(reason);
            assembly.Restart(run);
        }
        if (isWhole)
            assembly.TakeAll(run);
        else if (_inRanges && !Urls.SameOrigin(response.Uri, location.Uri!))
            _resolved = response.Uri;
        using var stall = new CancellationTokenSource(Timeout.InfiniteTimeSpan, connection.Policy.Time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(cancel, stall.Token);
        TimeSpan patience = connection.Settings.StallTimeout;
        try
        {
            Stream body = await response.OpenBodyAsync(both.Token).ConfigureAwait(false);
            await using (body.ConfigureAwait(false))
            {
                while (run.Count > 0)
                {
                    if (!await assembly.TurnAsync(run, cancel).ConfigureAwait(false))
                        return null;
                    int length = assembly.LengthOf(run.First);
                    run.Buffer ??= ArrayPool<byte>.Shared.Rent(length);
                    while (run.Filled < length)
                    {
                        stall.CancelAfter(patience);
                        int read = await body.ReadAsync(
                            run.Buffer.AsMemory(run.Filled, length - run.Filled), both.Token).ConfigureAwait(false);
                        if (read == 0)
                            return Ended(run);
                        run.Filled += read;
                        Interlocked.Add(ref _received, read);
                        if (_lookedAt == 0)
                            Interlocked.CompareExchange(ref _lookedAt, Stopwatch.GetTimestamp(), 0);
                        Arrived(read);
                    }
                    stall.CancelAfter(Timeout.InfiniteTimeSpan);
                    assembly.Store(run);
                    AddConnectionIfUseful();
                }
                if (response.ContentHeaders.ContentLength is null && !isRange
                    && await body.ReadAsync(new byte[1], both.Token).ConfigureAwait(false) > 0)
                    throw TooLong();
                return null;
            }
        }
        catch (OperationCanceledException e) when (stall.IsCancellationRequested && !cancel.IsCancellationRequested)
        {
            return new Problem(new TimeoutException(TransferMessages.NoBytesFor(patience), e));
        }
    }

    private Problem? Ended(BlockRun run)
    {
        if (blob.Size is not null)
            return new Problem(new IOException(TransferMessages.EndedEarly(run.Position, blob.Size)));
        assembly.End(run);
        return null;
    }

    /// <summary>
    /// A known digest is checked at the end, and servers behind one name may send different ETags; so only the first difference
    /// counts. Where only the ETag tells versions apart, every difference counts, and so does a missing ETag.
    /// </summary>
    private bool IsOfAnotherVersion(HubResponse response, long present)
    {
        if (StrongEtag(response) is not string etag)
            return present > 0 && IsBlind(response);
        string here = $"{location.Hub} {etag}";
        lock (_gate)
        {
            bool differs = _etag is not null && _etag != here && _etag.StartsWith(location.Hub + " ", StringComparison.Ordinal)
                && present > 0 && !(_etagDiffered && blob.Sha256 is not null);
            _etag = here;
            _etagDiffered |= differs;
            file.Etag = here;
            return differs;
        }
    }

    private static string? StrongEtag(HubResponse response) =>
        response.Header("ETag") is string etag && !etag.StartsWith("W/", StringComparison.Ordinal) ? etag : null;

    // No digest will check the result and no ETag ties the ranges together.
    private bool IsBlind(HubResponse response) => blob is { Sha256: null, GitOid: null } && StrongEtag(response) is null;

    private bool IsAlone()
    {
        lock (_gate)
            return _open == 1;
    }

    /// <summary>Closes all connections. The next round starts at the first byte.</summary>
    private Problem StartOver(string reason, bool inRanges)
    {
        lock (_gate)
        {
            if (!_startOver)
                CountStartOver(reason);
            _startOver = true;
            _inRanges &= inRanges;
        }
        _stop!.Cancel();
        return new Problem(new HttpRequestException(reason));
    }

    private void CountStartOver(string reason)
    {
        if (++_startOvers > MostStartOvers)
            throw HubHttp.Unreachable(location.Hub, location.Uri!,
                $"{reason}, and still after {MostStartOvers} downloads from the start", null);
        _most = 0;
        Log.Detail(TransferMessages.StartsOver(blob.What, location.Uri!, reason));
    }

    // A CDN refuses a signed address that has expired, or when a clock is off. The hub gives a new one on request.
    private bool IsStaleAddress(HubResponse response) => !Urls.SameOrigin(response.Uri, location.Uri!)
        && response.Status is HttpStatusCode.BadRequest or HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden
            or HttpStatusCode.NotFound or HttpStatusCode.Gone;

    private HubException Stalled(Exception cause) => TransferMessages.Stalled(blob.What, location.Show(), cause);

    private HubException TooLong() => TransferMessages.TooLong(blob.What, location.Show(), blob.Size);

    /// <summary>A failure that may pass with another attempt.</summary>
    /// <param name="Cause">The failure.</param>
    /// <param name="Wait">The pause that the server asks for.</param>
    private sealed record Problem(Exception Cause, TimeSpan? Wait = null)
    {
        /// <summary>The server refuses so many connections.</summary>
        public bool IsRefusal { get; init; }
    }
}
