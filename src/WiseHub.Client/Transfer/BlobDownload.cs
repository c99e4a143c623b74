using System.Buffers;
using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Runtime.ExceptionServices;
using WiseHub.Client.Http;

namespace WiseHub.Client.Transfer;

/// <summary>
/// Downloads the missing blocks of one blob from one URL, over one or several connections. A large file begins with one
/// connection and a range request. Another is added whenever the hash mostly waited for the network, up to the limit. One is
/// closed when the server reports too many. A server without ranges sends the whole blob over one connection.
/// </summary>
internal sealed class BlobDownload(
    WantedBlob blob, BlobLocation location, HubHttp connection, BlobAssembly assembly, PartialBlob file, int mostConnections)
{
    // Smaller files take one request, which ends before another connection would have started.
    public const long WorthSeveral = 16 << 20;

    // Pieces of 4 to 8 MiB, at most 32 MiB in flight.
    private const int LargestPiece = 8, SmallestPiece = 4, InFlight = 32;

    // The bytes after which a large file is judged for the first time: the magic of its format and most headers are in them.
    private const int Judged = 1 << 16;

    // Bytes that an attempt must bring for its failure not to count. After a cut, one byte is enough: a server that makes
    // progress is never given up. After a stall, more: a server that sends a few bytes and then stalls would otherwise be
    // retried for hours.
    private const long ProgressOfCut = 1, ProgressOfStall = PartialBlob.BlockSize;

    // Long enough to distinguish a slow network from a slow start.
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(200);
    private const double MostlyWaiting = 0.5;

    // At this rate the connection is not the bottleneck. Over loopback, where memory and disk are, 1 GiB took 1.1 s over one
    // connection and 1.7 s over eight.
    private const double FastEnough = 200e6;

    // A server whose content keeps changing is given up.
    private const int MostStartOvers = 3;

    private readonly object _gate = new();
    private readonly List<Task> _connections = [];
    private CancellationTokenSource? _stop;
    private ExceptionDispatchInfo? _failure;
    private int _open, _limit = mostConnections;
    private bool _inRanges = mostConnections > 1 && blob.Size > WorthSeveral;
    private bool _etagDiffered, _startOver;
    private volatile bool _isJudged = blob.Beginning is not null;
    private int _startOvers;
    // Zero until the first byte: a server's time to first byte says nothing about its connections.
    private long _lookedAt;
    private Uri? _resolved = blob.Beginning is { } begun && begun.Hub == location.Hub ? begun.Resolved : null;
    private string? _etag = file.Etag;
    private long _received, _receivedThen;
    // The maximum so far: bytes that arrive again after a restart are not progress.
    private long _most;

    public required IHubLog Log { get; init; }

    /// <summary>Receives the number of bytes that arrived, from several threads.</summary>
    public required Action<int> Arrived { get; init; }

    /// <summary>Fetches all missing blocks and waits for their hash.</summary>
    /// <exception cref="HubException">WISE2xxx or WISE3xxx; blocks that arrived stay in the assembly.</exception>
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
            // A connection may add another to this list. None of these tasks throws.
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
    /// <returns>True if it was closed because there were too many; it no longer counts.</returns>
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
            catch (Exception e) when (RetryPolicy.IsTransportFailure(e))
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
                        RetryPolicy.IsTransient(problem.Cause));
            }
            await count.PauseAsync(pause.Value,
                (Text)$"{problem.Cause.Message.TrimEnd('.')}, at byte {run.Position}", cancel).ConfigureAwait(false);
        }
        return false;
    }

    // Over all connections: as long as one receives bytes, the server is alive.
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
        if (!_isJudged && assembly.AwaitsJudgement)
            return assembly.Take(1);
        lock (_gate)
            return assembly.Take(Math.Clamp(InFlight / Math.Max(1, _open), SmallestPiece, LargestPieceNow));
    }

    // The first look is a request of its own. Slightly larger pieces make up for it, so that the requests are as many as without.
    private int LargestPieceNow
    {
        get
        {
            if (blob.Judge is null || blob.Size is not long size)
                return LargestPiece;
            long blocks = (size + PartialBlob.BlockSize - 1) / PartialBlob.BlockSize,
                pieces = (blocks + LargestPiece - 1) / LargestPiece;
            return pieces < 2 ? LargestPiece : (int)Math.Max(LargestPiece, (blocks + pieces - 2) / (pieces - 1));
        }
    }

    // A server that limits connections gets fewer of them, but at least one.
    private bool IsOneTooMany(Problem problem, bool isGivenUp)
    {
        lock (_gate)
        {
            if (_open == 1 || !(problem.IsRefusal || isGivenUp))
                return false;
            // Decremented at once: if two are refused together, one must stay.
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

    /// <returns>A passing failure; null if the run is complete, or given back for a better one.</returns>
    private async Task<Problem?> FetchAsync(BlockRun run, CancellationToken cancel)
    {
        Uri? resolved = _resolved;
        using HubResponse response = AnswerAtHand(run)
            ?? (await connection.SendOnceAsync(resolved ?? location.Address(), location.Credential,
                new ContentRequest(RangeOf(run), _inRanges), cancel).ConfigureAwait(false)).Keeping(location.IsPackedFile);
        if (response.Status == HttpStatusCode.RequestedRangeNotSatisfiable && AsksForRange(run))
            return StartOver(TransferMessages.RangeRefused, inRanges: false);
        if (RetryPolicy.IsTransient(response.Status))
        {
            return new Problem(new HttpRequestException(TransferMessages.Status((int)response.Status)),
                connection.RetryAfter(response))
            {
                IsRefusal = response.Status is HttpStatusCode.TooManyRequests or HttpStatusCode.ServiceUnavailable,
            };
        }
        if (!response.IsSuccess && resolved is not null)
        {
            // The address of an earlier redirect has expired. The hub returns a new one.
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

    // A response with the whole blob that the hub already has. It can only be used from the start.
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
        long end = IsFirstLook(run) ? BlobLook.Length : ((long)run.First + run.Count) * PartialBlob.BlockSize;
        return !AsksForRange(run) ? null
            : new RangeHeaderValue(run.Position, blob.Size is null || end >= blob.Size ? null : end - 1);
    }

    private bool IsFirstLook(BlockRun run) => _inRanges && !_isJudged && run.Position == 0 && blob.Judge is not null;

    private bool AsksForRange(BlockRun run) =>
        run.Position > 0 || (blob.Size is not null && (long)run.Count * PartialBlob.BlockSize < blob.Size);

    private async Task<Problem?> ReceiveAsync(BlockRun run, HubResponse response, CancellationToken cancel)
    {
        bool isRange = response.Status == HttpStatusCode.PartialContent, isFirstLook = isRange && IsFirstLook(run);
        bool isWhole = response.Status == HttpStatusCode.OK;
        bool fits = isRange && !response.IsPacked ? response.ContentHeaders.ContentRange?.From == run.Position
            : isWhole && run.Position == 0;
        if (!response.IsPacked)
            blob.CheckSize(location, isRange ? response.ContentHeaders.ContentRange?.Length
                : response.ContentHeaders.ContentLength);
        if (!fits || IsOfAnotherVersion(response, assembly.Present + run.Filled))
        {
            // 200 to a range request, another range, or another version: these bytes do not continue the blocks so far.
            string reason = !fits ? TransferMessages.OtherBytes : IsBlind(response)
                ? TransferMessages.UnknownVersion : TransferMessages.OtherVersion;
            if (!isWhole || !IsAlone())
                return StartOver(reason, inRanges: fits && !IsBlind(response));
            // A server without ranges that cuts its responses gets as many attempts as any other: starting over is the only way.
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
            bool isJudged = false;
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
                        // The next connection continues there.
                        if (read == 0 && isFirstLook && run.Filled == BlobLook.Length)
                            return null;
                        if (read == 0)
                            return Ended(run);
                        run.Filled += read;
                        Interlocked.Add(ref _received, read);
                        if (_lookedAt == 0)
                            Interlocked.CompareExchange(ref _lookedAt, Stopwatch.GetTimestamp(), 0);
                        Arrived(read);
                        if (!isJudged && run.First == 0 && (isJudged = run.Filled >= Judged)
                            && blob.Judge?.Invoke(run.Buffer.AsSpan(0, run.Filled), blob.Size) is HubException refused)
                            throw refused;
                        _isJudged |= isJudged;
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
    /// Servers behind one name may send different ETags, and a known digest is checked at the end; then only the first
    /// difference counts. If only the ETag distinguishes versions, every difference counts, and so does a missing ETag.
    /// </summary>
    private bool IsOfAnotherVersion(HubResponse response, long present)
    {
        if (VersionOf(location, response) is not string here)
            return present > 0 && IsBlind(response);
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

    /// <summary>The hub and the strong ETag of a response; null without one.</summary>
    public static string? VersionOf(BlobLocation location, HubResponse response) =>
        StrongEtag(response) is string etag ? $"{location.Hub} {etag}" : null;

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
                TransferMessages.StillAfter(reason, MostStartOvers), null);
        _most = 0;
        Log.Detail(TransferMessages.StartsOver(blob.What, location.Uri!, reason));
    }

    // A CDN refuses a signed address that has expired, or when a clock is wrong. The hub returns a new one on request.
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
