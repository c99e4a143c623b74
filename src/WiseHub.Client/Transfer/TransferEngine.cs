using System.Buffers;
using System.Net;
using System.Runtime.ExceptionServices;
using WiseHub.Client.Http;
using WiseHub.Client.Store;

namespace WiseHub.Client.Transfer;

/// <summary>
/// Brings one blob into the store: streamed, hashed while it arrives, checked against every digest and size that is known, and only
/// then renamed to its name. After a break it goes on at the verified offset, at the same place or the next one.
/// </summary>
internal sealed class TransferEngine(Func<string, HubHttp> http, SnapshotStore store, IHubLog log, TimeProvider time)
{
    // Two of these are in use for a blob: one receives while the other is hashed and written on another core.
    private const int BufferSize = 256 << 10;

    /// <summary>Called with the number of bytes that arrived; negative when a start over takes bytes back.</summary>
    public Action<long>? Arrived { get; init; }

    /// <returns>Digest and size of the content, which is now in the store.</returns>
    /// <exception cref="HubException">WISE2xxx or WISE3xxx of the last location tried.</exception>
    public async Task<(Digest Sha256, long Size)> FetchAsync(WantedBlob blob, bool force, CancellationToken cancel)
    {
        try
        {
            using PartialFile partial = await PartialFile.OpenAsync(store, blob, log, time, cancel).ConfigureAwait(false);
            // Look again: whoever held the lock may have finished the blob.
            if (!force && blob is { Sha256: Digest known, Size: long size } && store.Blobs.Look(known, size) == BlobState.Present)
            {
                Arrived?.Invoke(size);
                return (known, size);
            }
            partial.Recover(blob.Size, cancel);
            if (partial.Length > 0)
            {
                log.Detail($"{blob.What}: going on after {partial.Length} bytes of an earlier run.");
                Arrived?.Invoke(partial.Length);
            }
            return await FromLocationsAsync(blob, partial, cancel).ConfigureAwait(false);
        }
        catch (Exception e) when (IoFailures.IsFileSystem(e))
        {
            throw IoFailures.ToHubException(e, PartialFile.NotWritten(blob, store));
        }
    }

    private async Task<(Digest, long)> FromLocationsAsync(WantedBlob blob, PartialFile partial, CancellationToken cancel)
    {
        HubException? failure = null;
        foreach (Func<CancellationToken, Task<BlobLocation>> locate in blob.Locations)
        {
            try
            {
                BlobLocation location = await locate(cancel).ConfigureAwait(false);
                if (failure is not null)
                    log.Info($"{blob.What}: {failure.Message} Going on with the hub '{location.Hub}' at byte {partial.Length}.");
                return await FromLocationAsync(blob, partial, location, cancel).ConfigureAwait(false);
            }
            catch (HubException e) when (e.Code is not (WiseCodes.DiskFull or WiseCodes.NoPermission or WiseCodes.LocalFailure))
            {
                failure = e;
            }
        }
        throw failure is null ? new InvalidOperationException($"{blob.What} has no location.") : failure;
    }

    private async Task<(Digest, long)> FromLocationAsync(WantedBlob blob, PartialFile partial, BlobLocation location, CancellationToken cancel)
    {
        bool startedOver = false;
        while (true)
        {
            bool resumed = partial.Length > 0;
            if (location.LocalPath is not null)
                await CopyAsync(blob, partial, location, cancel).ConfigureAwait(false);
            else
                await DownloadAsync(blob, partial, location, cancel).ConfigureAwait(false);
            long size = partial.Length;
            (Digest sha256, string? gitOid) = partial.Finish();
            if (Mismatch(blob, location, sha256, gitOid) is not HubException mismatch)
            {
                partial.MoveInto(store.Blobs, sha256);
                return (sha256, size);
            }
            Arrived?.Invoke(-size);
            partial.Restart();
            // Bytes of an earlier run or another place may be the wrong ones: one start over from this place alone.
            if (!resumed || startedOver)
                throw mismatch;
            startedOver = true;
        }
    }

    private static HubException? Mismatch(WantedBlob blob, BlobLocation location, Digest sha256, string? gitOid)
    {
        if (blob.Sha256 is Digest wanted && wanted != sha256)
            return Wrong("sha256", wanted.Hex, sha256.Hex);
        return blob.GitOid is not null && gitOid is not null && blob.GitOid != gitOid ? Wrong("git blob id", blob.GitOid, gitOid) : null;

        HubException Wrong(string kind, string expected, string actual) => new(WiseCodes.DigestMismatch,
            $"{blob.What}: {location.Show()} gave bytes whose {kind} is {actual}, but it must be {expected}. Nothing was kept. "
            + "If the hub really replaced the file, run WiseUpdate (wisehub update) and look at the change of the lock file.");
    }

    private async Task CopyAsync(WantedBlob blob, PartialFile partial, BlobLocation location, CancellationToken cancel)
    {
        try
        {
            var source = new FileStream(location.LocalPath!, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 1, FileOptions.SequentialScan);
            await using (source.ConfigureAwait(false))
            {
                CheckAnnounced(blob, location, source.Length);
                source.Position = Math.Min(partial.Length, source.Length);
                await PumpAsync(blob, partial, location, source, cancel).ConfigureAwait(false);
            }
        }
        // What fails on our side has its code already.
        catch (Exception e) when (IoFailures.IsFileSystem(e))
        {
            string problem = e is FileNotFoundException or DirectoryNotFoundException ? "is missing." : $"cannot be read: {e.Message}";
            throw new HubException(WiseCodes.FileNotFound,
                $"{blob.What}: the hub '{location.Hub}' lists the file but {location.LocalPath} {problem} Push it again, or restore the hub's folder.", e);
        }
        CheckComplete(blob, partial, location);
    }

    private async Task DownloadAsync(WantedBlob blob, PartialFile partial, BlobLocation location, CancellationToken cancel)
    {
        HubHttp wire = http(location.Hub);
        int tries = 0;
        bool saidRangeRefused = false;
        while (blob.Size is null || partial.Length < blob.Size || partial.Length == 0)
        {
            long before = partial.Length;
            TimeSpan? wait = null;
            Exception? problem = null;
            try
            {
                using HubAnswer answer = await wire.SendOnceAsync(location.Uri!, location.Credential, before, acceptGzip: false, cancel).ConfigureAwait(false);
                if (answer.Status == HttpStatusCode.RequestedRangeNotSatisfiable && before > 0 && !saidRangeRefused)
                {
                    saidRangeRefused = true;
                    StartOver(partial);
                    continue;
                }
                if (HubHttp.IsTransient(answer.Status))
                {
                    wait = wire.RetryAfter(answer);
                    problem = new HttpRequestException($"it answered {(int)answer.Status}");
                }
                else if (IsStaleAddress(answer, location))
                {
                    problem = new HttpRequestException($"the address that it redirects to ({HubHttp.Show(answer.Uri)}) answered {(int)answer.Status}");
                }
                else if (!answer.IsSuccess)
                {
                    throw location.Explain is null
                        ? HubHttp.Unreachable(location.Hub, location.Uri!, $"it answered {(int)answer.Status}", null)
                        : await location.Explain(answer, cancel).ConfigureAwait(false);
                }
                else
                {
                    await ReceiveAsync(blob, partial, location, answer, cancel).ConfigureAwait(false);
                    if (blob.Size is null || partial.Length >= blob.Size)
                        break;
                    problem = new IOException($"the answer ended at byte {partial.Length} of {blob.Size}");
                }
            }
            catch (Exception e) when (HubHttp.IsTransient(e))
            {
                problem = e;
            }
            tries = partial.Length > before ? 1 : tries + 1;
            if (tries >= wire.Settings.Tries)
                throw problem is TimeoutException ? Stalled(blob, location, problem) : HubHttp.Unreachable(location.Hub, location.Uri!, problem.Message, problem);
            log.Detail($"{blob.What}: {problem.Message} Try {tries + 1} at byte {partial.Length}.");
            await Task.Delay(wait ?? TimeSpan.FromMilliseconds(250 << tries), time, cancel).ConfigureAwait(false);
        }
        CheckComplete(blob, partial, location);
    }

    private async Task ReceiveAsync(WantedBlob blob, PartialFile partial, BlobLocation location, HubAnswer answer, CancellationToken cancel)
    {
        if (partial.Length > 0 && (answer.Status != HttpStatusCode.PartialContent || answer.IsPacked || answer.ContentHeaders.ContentRange?.From != partial.Length))
        {
            // 200 to a range, or another range than asked for: these bytes do not belong behind ours.
            bool whole = answer.Status == HttpStatusCode.OK;
            StartOver(partial);
            if (!whole)
                return;
        }
        if (!answer.IsPacked)
        {
            CheckAnnounced(blob, location, answer.Status == HttpStatusCode.PartialContent ? answer.ContentHeaders.ContentRange?.Length
                : answer.ContentHeaders.ContentLength);
        }
        Stream body = await answer.OpenBodyAsync(cancel).ConfigureAwait(false);
        await using (body.ConfigureAwait(false))
            await PumpAsync(blob, partial, location, body, cancel).ConfigureAwait(false);
    }

    /// <summary>Receives into one buffer while the other is hashed and written on another core.</summary>
    private async Task PumpAsync(WantedBlob blob, PartialFile partial, BlobLocation location, Stream source, CancellationToken cancel)
    {
        TimeSpan patience = location.LocalPath is null ? http(location.Hub).Settings.StallTimeout : Timeout.InfiniteTimeSpan;
        using var stall = new CancellationTokenSource(Timeout.InfiniteTimeSpan, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(cancel, stall.Token);
        byte[] filling = ArrayPool<byte>.Shared.Rent(BufferSize), emptying = ArrayPool<byte>.Shared.Rent(BufferSize);
        Task storing = Task.CompletedTask;
        try
        {
            for (bool ended = false; !ended;)
            {
                int filled = 0;
                ExceptionDispatchInfo? broken = null;
                try
                {
                    while (filled < BufferSize && !ended)
                    {
                        stall.CancelAfter(patience);
                        int read = await source.ReadAsync(filling.AsMemory(filled, BufferSize - filled), both.Token).ConfigureAwait(false);
                        filled += read;
                        ended = read == 0;
                    }
                }
                catch (OperationCanceledException e) when (!cancel.IsCancellationRequested)
                {
                    broken = ExceptionDispatchInfo.Capture(new TimeoutException($"no bytes for {patience.TotalSeconds} s", e));
                }
                // What came before the break is kept: the next try goes on behind it.
                catch (Exception e) when (HubHttp.IsTransient(e))
                {
                    broken = ExceptionDispatchInfo.Capture(e);
                }
                stall.CancelAfter(Timeout.InfiniteTimeSpan);
                await storing.ConfigureAwait(false);
                if (partial.Length + filled > blob.Size)
                    throw TooLong(blob, location);
                (filling, emptying) = (emptying, filling);
                byte[] full = emptying;
                if (ended || broken is not null)
                    partial.Append(full.AsSpan(0, filled));
                else
                    storing = Task.Run(() => partial.Append(full.AsSpan(0, filled)), CancellationToken.None);
                Arrived?.Invoke(filled);
                broken?.Throw();
            }
        }
        finally
        {
            // The buffers go back only when nobody reads them any more; a failed write was reported by the await above.
            await storing.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            ArrayPool<byte>.Shared.Return(filling);
            ArrayPool<byte>.Shared.Return(emptying);
        }
    }

    private void StartOver(PartialFile partial)
    {
        Arrived?.Invoke(-partial.Length);
        partial.Restart();
    }

    // A signed address that a CDN refuses has expired, or a clock is off; asked anew, the hub gives another one.
    private static bool IsStaleAddress(HubAnswer answer, BlobLocation location) => !HubHttp.SameOrigin(answer.Uri, location.Uri!)
        && answer.Status is HttpStatusCode.BadRequest or HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden or HttpStatusCode.NotFound or HttpStatusCode.Gone;

    private static HubException Stalled(WantedBlob blob, BlobLocation location, Exception cause) => new(WiseCodes.Stalled,
        $"{blob.What}: {location.Show()} stalled: {cause.Message}. Raise WiseStallTimeout (WISEHUB_STALL_TIMEOUT) on a slow line, or name a second hub.", cause);

    private static HubException TooLong(WantedBlob blob, BlobLocation location) => new(WiseCodes.SizeMismatch,
        $"{blob.What}: {location.Show()} sends more than the {blob.Size} bytes that the file has. Nothing was kept. Try again; if it stays so, tell the operator of the hub.");

    private static void CheckAnnounced(WantedBlob blob, BlobLocation location, long? announced)
    {
        if (blob.Size is long size && announced is long length && length != size)
        {
            throw new HubException(WiseCodes.SizeMismatch,
                $"{blob.What}: {location.Show()} announces {length} bytes, but the file has {size}. Nothing was kept. Try again; if it stays so, tell the operator of the hub.");
        }
    }

    private static void CheckComplete(WantedBlob blob, PartialFile partial, BlobLocation location)
    {
        if (blob.Size is long size && partial.Length != size)
        {
            throw new HubException(WiseCodes.SizeMismatch,
                $"{blob.What}: {location.Show()} gave {partial.Length} bytes, but the file has {size}. Try again; if it stays so, tell the operator of the hub.");
        }
    }
}
