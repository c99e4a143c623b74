using System.Buffers;
using System.Collections.Concurrent;
using Microsoft.Win32.SafeHandles;
using WiseHub.Client.Contents;
using WiseHub.Client.Files;
using WiseHub.Client.Http;
using WiseHub.Client.Store;

namespace WiseHub.Client.Transfer;

/// <summary>
/// Brings blobs into the store: streamed, hashed while they arrive, checked against every digest and size that is known, and only
/// then renamed to their names. After a break one goes on at the verified offset, at the same place or the next one.
/// </summary>
internal sealed class TransferEngine(
    Func<string, HubHttp> http, SnapshotStore store, IHubLog log, RetryPolicy policy, TransferWindow window)
{
    // Hubs that could not be reached in this run are asked last.
    private readonly ConcurrentDictionary<string, byte> _failing = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Most connections for one large file, 1 to 8.</summary>
    public required int ConnectionsPerFile { get; init; }

    /// <summary>Downloads a content into the store.</summary>
    /// <param name="blob">The content and its sources.</param>
    /// <param name="force">Downloads it even when the store has it.</param>
    /// <param name="arrived">Gets the number of bytes that arrived; negative when a start over takes bytes back.</param>
    /// <param name="cancel">Ends it.</param>
    /// <returns>Digest and size of the content, which is now in the store.</returns>
    /// <exception cref="HubException">WISE2xxx or WISE3xxx of the last location tried.</exception>
    public async Task<(Digest Sha256, long Size)> FetchAsync(
        WantedBlob blob, bool force, Action<long> arrived, CancellationToken cancel)
    {
        using TransferWindow.Place place = window.Enter();
        try
        {
            using PartialFile partial = await PartialFile.OpenAsync(store, blob, log, policy.Time, cancel).ConfigureAwait(false);
            // Look again: whoever held the lock may have finished the blob.
            if (partial.IsShared && !force && blob is { Sha256: Digest known, Size: long size }
                && store.Blobs.Look(known, size) == BlobState.Present)
            {
                arrived(size);
                return (known, size);
            }
            var shares = new Shares();
            using var assembly = new BlobAssembly(partial, blob.Size, blob.GitOid is null ? null : blob.Size,
                () => window.BlocksEach)
            {
                Forgotten = bytes =>
                {
                    arrived(-bytes);
                    shares.Clear();
                },
            };
            if (assembly.Present is > 0 and long kept)
            {
                log.Detail($"{blob.What}: going on after {kept} bytes of an earlier run.");
                arrived(kept);
            }
            return await FromLocationsAsync(blob, partial, assembly, shares, arrived, cancel).ConfigureAwait(false);
        }
        catch (Exception e) when (IoFailures.IsFileSystem(e))
        {
            throw IoFailures.ToHubException(e, PartialFile.NotWritten(blob, store));
        }
    }

    private async Task<(Digest, long)> FromLocationsAsync(
        WantedBlob blob, PartialFile partial, BlobAssembly assembly, Shares shares, Action<long> arrived,
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
                isOurs = e.Code is WiseCodes.DiskFull or WiseCodes.NoPermission or WiseCodes.LocalFailure;
                if (isOurs)
                    return false;
                if (failure is not null && source.IsFallback)
                    log.Info($"{blob.What}: the other way failed, too: {e.Message}");
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
            // Once for each: those that are asked in turns are told of by the pauses.
            if (asked++ < sources.Length && failure is not null && failed is not null)
                LogFallback(blob, failed, failure, $"Going on with the hub '{location.Hub}' at byte {assembly.Position}.");
            (Digest, long) done = await FromLocationAsync(blob, partial, assembly,
                location, shares, arrived, cancel).ConfigureAwait(false);
            if (shares.IsMixed)
                log.Info($"{blob.What}: {shares}.");
            return done;
        }
    }

    // A hub that is down or lacks a file is what a second one is for; one that gives other bytes than it should is to be looked
    // into. A cache of another program is not the project's concern.
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

    private async Task<(Digest, long)> FromLocationAsync(WantedBlob blob, PartialFile partial, BlobAssembly assembly,
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
            // Git's id begins with the size, which is known only now.
            if (blob.GitOid is not null && gitOid is null)
                gitOid = GitOidOf(partial, size);
            if ((PointerInstead(blob, location, partial, sha256, size) ?? Mismatch(blob, location, sha256, gitOid))
                is not HubException mismatch)
            {
                partial.MoveInto(store.Blobs, sha256, size);
                return (sha256, size);
            }
            assembly.Restart();
            // Bytes of an earlier run or another place may be the wrong ones: one start over from this place alone.
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
        // What fails on our side has its code already.
        catch (Exception e) when (IoFailures.IsFileSystem(e))
        {
            string problem = e is FileNotFoundException or DirectoryNotFoundException ? "is missing."
                : $"cannot be read: {e.Message}";
            throw new HubException(WiseCodes.FileNotFound,
                $"{blob.What}: the hub '{location.Hub}' lists the file but {path} {problem} Push it again, "
                + "or restore the hub's folder.", e);
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
            throw new HubException(WiseCodes.UnexpectedAnswer,
                $"{blob.What}: {location.Show()}, which came from the hub '{location.Hub}', cannot be unpacked: "
                + $"{e.Message} Nothing was kept. Try again; if it stays so, tell the operator of the hub.", e);
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
                    throw new EndOfStreamException($"it ended before byte {bytes}");
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
            // Nobody else fetches, so that the turn is always ours.
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
                        throw new EndOfStreamException($"it ended at byte {run.Position}");
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

    private static string GitOidOf(PartialFile partial, long size)
    {
        using var hash = new ContentHash(size);
        partial.ReadAll(size, hash.Append);
        return hash.Finish().GitOid!;
    }

    // A hub whose LFS is broken gives what git has, and that has the right git id. Where a digest is known, it decides.
    private static HubException? PointerInstead(
        WantedBlob blob, BlobLocation location, PartialFile partial, Digest sha256, long size)
    {
        if (size >= LfsPointer.MaxBytes || blob.Sha256 == sha256)
            return null;
        byte[] content = [];
        partial.ReadAll(size, bytes => content = [.. content, .. bytes]);
        return LfsPointer.Parse(content)?.Instead($"{blob.What}: {location.Show()} gave an LFS pointer");
    }

    private static HubException? Mismatch(WantedBlob blob, BlobLocation location, Digest sha256, string? gitOid)
    {
        if (blob.Sha256 is Digest wanted && wanted != sha256)
            return blob.Refuse?.Invoke(sha256) ?? Wrong("sha256", wanted.Hex, sha256.Hex);
        return blob.GitOid is not null && gitOid is not null && blob.GitOid != gitOid
            ? Wrong("git blob id", blob.GitOid, gitOid) : null;

        HubException Wrong(string kind, string expected, string actual) => new(WiseCodes.DigestMismatch,
            $"{blob.What}: {location.Show()} gave bytes whose {kind} is {actual}, but it must be {expected}. Nothing was kept. "
            + "If the hub really replaced the file, run WiseUpdate (wisehub update) and look at the change of the lock file.");
    }

    /// <summary>How many bytes of one blob came from where in this run. Safe for several threads.</summary>
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
