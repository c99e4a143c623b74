using System.Buffers;
using System.Collections.Concurrent;
using Microsoft.Win32.SafeHandles;
using WiseHub.Client.Contents;
using WiseHub.Client.Files;
using WiseHub.Client.Http;
using WiseHub.Client.Store;

namespace WiseHub.Client.Transfer;

/// <summary>
/// Downloads blobs into the store. Bytes are streamed and hashed as they arrive. A blob gets its name only after every known
/// digest and size was checked. After an interruption, the download resumes at the verified offset, from the same source or the
/// next.
/// </summary>
internal sealed class TransferEngine(
    Func<string, HubHttp> http, SnapshotStore store, IHubLog log, RetryPolicy policy, TransferWindow window)
{
    // Hubs that could not be reached in this run are tried last.
    private readonly ConcurrentDictionary<string, byte> _failing = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Maximum connections for one large file, 1 to 8.</summary>
    public required int ConnectionsPerFile { get; init; }

    /// <summary>
    /// Judges the beginning of a content that is downloaded in ranges. An interrupted download has passed that before.
    /// </summary>
    /// <param name="blob">The content and its sources; only the first is asked, and once.</param>
    /// <param name="arrived">Receives the number of bytes that arrived.</param>
    /// <param name="cancel">Ends it.</param>
    /// <returns>The beginning, for <see cref="WantedBlob.Beginning"/>; null if it is not known.</returns>
    /// <exception cref="HubException">The content is refused.</exception>
    public async Task<BlobBeginning?> LookAsync(WantedBlob blob, Action<long> arrived, CancellationToken cancel)
    {
        // Without a digest, ranges of one blob are tied together by an ETag at most.
        if (blob is not { Judge: not null, Identity: string identity, Size: > BlobDownload.WorthSeveral }
            || (blob.Sha256 is null && blob.GitOid is null) || ConnectionsPerFile == 1
            || blob.Sources is not [BlobSource first, ..] || File.Exists(PartialFile.PathOf(store, identity)))
            return null;
        BlobLocation location;
        try
        {
            location = await first.LocateAsync(cancel).ConfigureAwait(false);
        }
        catch (HubException)
        {
            // The download locates it again, and reports what fails.
            return null;
        }
        return location.Uri is null ? null
            : await new BlobLook(blob, http(location.Hub), location, cancel).RunAsync(n => arrived(n)).ConfigureAwait(false);
    }

    /// <summary>Downloads a content into the store.</summary>
    /// <param name="blob">The content and its sources.</param>
    /// <param name="force">Downloads it even when the store has it.</param>
    /// <param name="arrived">Receives the number of bytes that arrived; negative when a restart discards bytes.</param>
    /// <param name="cancel">Ends it.</param>
    /// <returns>Digest and size of the content, which is now in the store.</returns>
    /// <exception cref="HubException">WISE2xxx or WISE3xxx of the last location tried.</exception>
    public async Task<(Digest Sha256, long Size)> FetchAsync(
        WantedBlob blob, bool force, Action<long> arrived, CancellationToken cancel)
    {
        using TransferWindow.Place place = window.Enter();
        try
        {
            using PartialBlob partial = await PartialBlob.OpenAsync(store, blob, log, policy.Time, cancel).ConfigureAwait(false);
            // Look again: another process that held the lock may have finished the blob.
            if (partial.IsShared && !force && blob is { Sha256: Digest known, Size: long size }
                && store.Blobs.Look(known, size) == BlobState.Present)
            {
                arrived(size - (blob.Beginning?.Bytes.Length ?? 0));
                return (known, size);
            }
            var shares = new Shares();
            using var assembly = new BlobAssembly(partial, blob.Size, blob.GitOid is null ? null : blob.Size,
                () => window.BlocksEach)
            {
                Judge = blob.Judge,
                Forgotten = bytes =>
                {
                    arrived(-bytes);
                    shares.Clear();
                },
            };
            if (assembly.Present is > 0 and long kept)
            {
                log.Detail(TransferMessages.Resumes(blob.What, kept));
                arrived(kept);
            }
            if (blob.Beginning is BlobBeginning beginning)
                Begin(assembly, partial, beginning, arrived);
            return await FromLocationsAsync(blob, partial, assembly, shares, arrived, cancel).ConfigureAwait(false);
        }
        catch (Exception e) when (IoFailures.IsFileSystem(e))
        {
            throw IoFailures.ToHubException(e, PartialBlob.NotWritten(blob, store));
        }
    }

    private static void Begin(BlobAssembly assembly, PartialBlob partial, BlobBeginning beginning, Action<long> arrived)
    {
        if (assembly.Present > 0)
        {
            // Another process has begun meanwhile.
            arrived(-beginning.Bytes.Length);
            return;
        }
        assembly.Begin(beginning.Bytes);
        partial.Etag = beginning.Etag;
    }

    private async Task<(Digest, long)> FromLocationsAsync(
        WantedBlob blob, PartialBlob partial, BlobAssembly assembly, Shares shares, Action<long> arrived,
        CancellationToken cancel)
    {
        HubException? failure = null;
        BlobSource? failed = null;
        BlobSource[] sources = [.. blob.Sources.OrderBy(s => _failing.ContainsKey(s.Hub) ? 1 : 0)];
        if (sources.Length == 0)
            throw new InvalidOperationException($"{blob.What} has no location.");
        bool isOurs = false;
        int asked = 0;
        try
        {
            return await policy.FirstOfAsync(sources, s => http(s.Hub).Settings, s => s.Hub, blob.What, FromAsync, (source, e) =>
            {
                // Another source has the same bytes, and nothing that a policy refuses gets better.
                isOurs = e.Code is WiseCodes.DiskFull or WiseCodes.NoPermission or WiseCodes.LocalFailure
                    || WiseCodes.IsTrust(e.Code);
                if (isOurs)
                    return false;
                if (failure is not null && source.IsFallback)
                    log.Info(TransferMessages.FallbackFailed(blob.What, e.Message));
                else
                    (failure, failed) = (e, source);
                if (e.Code is WiseCodes.HubUnreachable or WiseCodes.Stalled or WiseCodes.RateLimited)
                    _failing.TryAdd(source.Hub, 0);
                return true;
            }, cancel).ConfigureAwait(false);
        }
        catch (HubException) when (failure is not null && !isOurs)
        {
            throw failure;
        }

        async Task<(Digest, long)> FromAsync(BlobSource source)
        {
            BlobLocation location = await source.LocateAsync(cancel).ConfigureAwait(false);
            // Once for each source: later rounds are reported by the pauses between them.
            if (asked++ < sources.Length && failure is not null && failed is not null)
                LogFallback(blob, failed, failure, TransferMessages.ContinuesAt(location.Hub, assembly.Position));
            (Digest, long) done = await FromLocationAsync(blob, partial, assembly,
                location, shares, arrived, cancel).ConfigureAwait(false);
            if (shares.IsMixed)
                log.Info($"{blob.What}: {shares}.");
            return done;
        }
    }

    // A second hub exists for the case that the first is down or lacks a file. Wrong bytes are worth a warning, unless they come
    // from the cache of another program.
    private void LogFallback(WantedBlob blob, BlobSource failed, HubException failure, string whatNow)
    {
        string message = failure.Message.StartsWith(blob.What, StringComparison.Ordinal) ? $"{failure.Message} {whatNow}"
            : $"{blob.What}: {failure.Message} {whatNow}";
        if (failure.Code is WiseCodes.DigestMismatch or WiseCodes.SizeMismatch && !failed.IsForeign)
            log.Warning(failure.Code, message);
        else if (failed.MayBeMissing && failure.Code == WiseCodes.FileNotFound)
            log.Detail(message);
        else
            log.Info(message);
    }

    private async Task<(Digest, long)> FromLocationAsync(WantedBlob blob, PartialBlob partial, BlobAssembly assembly,
        BlobLocation location, Shares shares, Action<long> arrived, CancellationToken cancel)
    {
        bool startedOver = false;
        while (true)
        {
            bool resumed = assembly.Present > 0;
            void Came(int bytes)
            {
                arrived(bytes);
                shares.Add(location.Hub, bytes);
            }
            if (location.LocalPath is not null)
                await CopyAsync(blob, assembly, location.LocalPath, location, Came, cancel).ConfigureAwait(false);
            else if (location.Open is not null)
                await UnpackAsync(blob, assembly, location, Came, cancel).ConfigureAwait(false);
            else
                await new BlobDownload(blob, location, http(location.Hub), assembly, partial, ConnectionsPerFile)
                { Log = log, Arrived = Came }.RunAsync(cancel).ConfigureAwait(false);
            (long size, Digest sha256, string? gitOid) = assembly.Finish();
            // Git hashes the size before the content, and the size is known only now.
            if (blob.GitOid is not null && gitOid is null)
                gitOid = GitOidOf(partial, size);
            if ((PointerInstead(blob, location, partial, sha256, size) ?? Mismatch(blob, location, sha256, gitOid))
                is not HubException mismatch)
            {
                partial.MoveInto(store.Blobs, sha256, size);
                return (sha256, size);
            }
            assembly.Restart();
            // The wrong bytes may be those of an earlier run or another source: start over once from this source alone.
            if (!resumed || startedOver)
                throw mismatch;
            startedOver = true;
        }
    }

    private static async Task CopyAsync(
        WantedBlob blob, BlobAssembly assembly, string path, BlobLocation location, Action<int> arrived, CancellationToken cancel)
    {
        try
        {
            using SafeFileHandle source = File.OpenHandle(path, FileMode.Open, FileAccess.Read,
                FileShare.ReadWrite | FileShare.Delete, FileOptions.SequentialScan);
            blob.CheckSize(location, RandomAccess.GetLength(source));
            do
            {
                while (assembly.Take(int.MaxValue) is BlockRun run)
                    await CopyAsync(assembly, run, (buffer, position) => ValueTask.FromResult(RandomAccess.Read(source,
                        buffer.Span, position)), arrived, cancel).ConfigureAwait(false);
            }
            while (!await assembly.HashedAsync(cancel).ConfigureAwait(false));
        }
        // Failures of the cache have their own code already.
        catch (Exception e) when (IoFailures.IsFileSystem(e))
        {
            throw TransferMessages.LocalFileUnreadable(blob.What, location.Hub, path, e);
        }
    }

    /// <summary>Copies a content that can only be read from its beginning.</summary>
    private static async Task UnpackAsync(
        WantedBlob blob, BlobAssembly assembly, BlobLocation location, Action<int> arrived, CancellationToken cancel)
    {
        try
        {
            do
            {
                while (assembly.Take(int.MaxValue) is BlockRun run)
                {
                    using Stream source = await location.Open!(cancel).ConfigureAwait(false);
                    await SkipAsync(source, run.Position, cancel).ConfigureAwait(false);
                    await CopyAsync(assembly, run,
                        (buffer, _) => source.ReadAsync(buffer, cancel), arrived, cancel).ConfigureAwait(false);
                }
            }
            while (!await assembly.HashedAsync(cancel).ConfigureAwait(false));
        }
        catch (Exception e) when (IoFailures.IsFileSystem(e) || e is InvalidDataException)
        {
            throw TransferMessages.NotUnpacked(blob.What, location.Show(), location.Hub, e);
        }
    }

    private static async Task SkipAsync(Stream source, long bytes, CancellationToken cancel)
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(81920);
        try
        {
            for (long left = bytes; left > 0;)
            {
                int read =
                    await source.ReadAsync(buffer.AsMemory(0, (int)Math.Min(buffer.Length, left)), cancel).ConfigureAwait(false);
                if (read == 0)
                    throw new EndOfStreamException((Text)$"it ended before byte {bytes}");
                left -= read;
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static async Task CopyAsync(BlobAssembly assembly, BlockRun run, Func<Memory<byte>, long, ValueTask<int>> readAt,
        Action<int> arrived, CancellationToken cancel)
    {
        try
        {
            // This is the only reader, so the turn is always ours.
            while (run.Count > 0 && await assembly.TurnAsync(run, cancel).ConfigureAwait(false))
            {
                cancel.ThrowIfCancellationRequested();
                int length = assembly.LengthOf(run.First);
                run.Buffer ??= ArrayPool<byte>.Shared.Rent(length);
                while (run.Filled < length)
                {
                    int read =
                        await readAt(run.Buffer.AsMemory(run.Filled, length - run.Filled), run.Position).ConfigureAwait(false);
                    if (read == 0 && assembly.SizeIsKnown)
                        throw new EndOfStreamException((Text)$"it ended at byte {run.Position}");
                    if (read == 0)
                        break;
                    run.Filled += read;
                    arrived(read);
                }
                if (run.Filled < length)
                    assembly.End(run);
                else
                    assembly.Store(run);
            }
        }
        finally
        {
            assembly.GiveBack(run);
        }
    }

    private static string GitOidOf(PartialBlob partial, long size)
    {
        using var hash = new ContentHash(size);
        partial.ReadAll(size, hash.Append);
        return hash.Finish().GitOid!;
    }

    // A hub with broken LFS returns the pointer, which has the right git id. A known digest decides.
    private static HubException? PointerInstead(
        WantedBlob blob, BlobLocation location, PartialBlob partial, Digest sha256, long size)
    {
        if (size >= LfsPointer.MaxBytes || blob.Sha256 == sha256)
            return null;
        byte[] content = [];
        partial.ReadAll(size, bytes => content = [.. content, .. bytes]);
        return LfsPointer.Parse(content)?.Instead(TransferMessages.PointerInstead(blob.What, location.Show()));
    }

    private static HubException? Mismatch(WantedBlob blob, BlobLocation location, Digest sha256, string? gitOid)
    {
        if (blob.Sha256 is Digest wanted && wanted != sha256)
            return blob.Refuse?.Invoke(sha256) ?? Wrong("sha256", wanted.Hex, sha256.Hex);
        return blob.GitOid is not null && gitOid is not null && blob.GitOid != gitOid
            ? Wrong("git blob id", blob.GitOid, gitOid) : null;

        HubException Wrong(string kind, string expected, string actual) =>
            TransferMessages.DigestDiffers(blob.What, location.Show(), kind, expected, actual);
    }

    /// <summary>The number of bytes that each hub contributed to a blob in this run. Safe for several threads.</summary>
    private sealed class Shares
    {
        private readonly List<(string Hub, long Bytes)> _shares = [];

        public bool IsMixed => _shares.Count > 1;

        public void Add(string hub, long bytes)
        {
            lock (_shares)
            {
                int index = _shares.FindIndex(s => s.Hub == hub);
                if (index < 0)
                    _shares.Add((hub, bytes));
                else
                    _shares[index] = (hub, _shares[index].Bytes + bytes);
            }
        }

        public void Clear()
        {
            lock (_shares)
                _shares.Clear();
        }

        public override string ToString() => string.Join(", ", _shares.Select(s => $"{ByteSize.Show(s.Bytes)} from '{s.Hub}'"));
    }
}
