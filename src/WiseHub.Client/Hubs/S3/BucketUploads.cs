using System.Net;
using System.Security.Cryptography;
using System.Text;
using Amazon.S3;
using WiseHub.Client.Contents;
using WiseHub.Client.Http;

namespace WiseHub.Client.Hubs.S3;

/// <summary>
/// Uploads that are checked: afterwards the ETag must be the MD5 of what was sent (or that of the parts' MD5s), which says that
/// size and bytes are right; where it is neither, as with encryption by a key of the server's, the object is read back. So a
/// server that stores the framing of a body inside the object, and says nothing, is found out.
/// </summary>
internal sealed class BucketUploads(Bucket bucket, BucketClient client, HubHttp http, IHubLog log, TimeProvider time)
    : IDisposable
{
    private const int PartsAtOnce = 4;

    // Longer than a build that is tried again, or a weekend.
    private static readonly TimeSpan Age = TimeSpan.FromDays(7);

    private readonly SemaphoreSlim _asking = new(1), _slots = new(PartsAtOnce);
    private readonly FileUploads _files = new(bucket, client, http, log);
    private UploadWays? _ways;
    private S3Error? _refused;

    /// <summary>Puts something small.</summary>
    /// <returns>Its ETag; null when the condition of the options does not hold, so that nothing was written.</returns>
    /// <exception cref="HubException">WISE10xx for keys, WISE2xxx for the server, WISE501x for the upload.</exception>
    public async Task<string?> PutAsync(string key, byte[] content, PutOptions options, CancellationToken cancel)
    {
        UploadWays ways = await WaysAsync(cancel).ConfigureAwait(false);
        try
        {
            string etag = await client.PutOnceAsync(key, () => new MemoryStream(content, writable: false),
                options, ways.Mode, cancel).ConfigureAwait(false);
            await CheckAsync(key, etag, FileHashes.Of(content), ways.Mode, cancel).ConfigureAwait(false);
            return etag;
        }
        // Also what AWS says when two conditional writes meet.
        catch (AmazonS3Exception e) when (e.StatusCode is HttpStatusCode.PreconditionFailed or HttpStatusCode.Conflict
            && (options.OnlyNew || options.IfMatch is not null))
        {
            return null;
        }
        catch (AmazonS3Exception e)
            when (e.StatusCode == HttpStatusCode.NotImplemented && (options.OnlyNew || options.IfMatch is not null))
        {
            throw new HubException(WiseCodes.ConditionalWritesMissing,
                $"The hub '{bucket.Hub.Name}' refuses a condition at {Urls.Show(bucket.PublicUrl(key))} ({Said(e)}), "
                + $"but \"conditionalWrites\" is true. Write false in {HubNames.ConfigFile} where one at a "
                + "time pushes, or \"auto\".", bucket.Cause(e));
        }
        catch (AmazonS3Exception e)
        {
            throw Refused(e, key, ways.Mode);
        }
    }

    /// <summary>Uploads a file that was read already.</summary>
    /// <exception cref="HubException">WISE10xx for keys, WISE2xxx for the server, WISE501x for the upload, WISE5003.</exception>
    public async Task UploadAsync(string key, string path, FileHashes hashes, PutOptions options, CancellationToken cancel)
    {
        FileUploaded done = await UploadAsync(new FileUpload(key, path, hashes.Size, hashes.Sha256)
        { Options = options, Slots = _slots, PartsAtOnce = PartsAtOnce, IsHashedAgain = true }, cancel).ConfigureAwait(false);
        if (done.Sha256 != hashes.Sha256)
            throw LocalFile.Changed(path);
    }

    /// <summary>Uploads a file: in one piece, or in parts of 16 to 64 MiB, several at a time.</summary>
    /// <exception cref="HubException">WISE10xx for keys, WISE2xxx for the server, WISE501x for the upload, WISE5003.</exception>
    public async Task<FileUploaded> UploadAsync(FileUpload file, CancellationToken cancel)
    {
        if (Volatile.Read(ref _refused) is null)
        {
            try
            {
                (FileUploaded done, string said) = await _files.SendAsync(file, cancel).ConfigureAwait(false);
                if (done.Sha256 == file.Sha256)
                    await CheckAsync(file.Key, said, new FileHashes(done.Sha256, file.Size, 0, done.ETag),
                        BodyMode.Plain, cancel).ConfigureAwait(false);
                return done;
            }
            catch (FileUploads.RefusedException e)
            {
                if (Interlocked.CompareExchange(ref _refused, e.Error, null) is null)
                {
                    log.Detail($"The hub '{bucket.Hub.Name}' takes no signed URL to write "
                        + $"{Urls.Show(bucket.PublicUrl(file.Key))} ({(int)e.Error.Status} {e.Error.Code}); "
                        + "contents go as other bodies do, which is slower, and an upload that is broken off begins anew.");
                }
            }
        }
        await file.Slots.WaitAsync(cancel).ConfigureAwait(false);
        try
        {
            FileHashes hashes = FileHashes.Of(file.Path, cancel);
            if (hashes.Sha256 == file.Sha256)
            {
                await UploadBySdkAsync(file.Key, file.Path, hashes, file.Options, cancel).ConfigureAwait(false);
                file.Sent?.Invoke(hashes.Size);
            }
            return new FileUploaded(hashes.Sha256, hashes.ETag, 0);
        }
        finally
        {
            file.Slots.Release();
        }
    }

    /// <summary>Removes the parts of uploads that were broken off long ago, so that nobody pays for them.</summary>
    /// <param name="prefix">What their keys begin with.</param>
    /// <param name="isOurs">Whether a key is one that we give.</param>
    /// <param name="cancel">Ends it.</param>
    public async Task AbortOldAsync(string prefix, Func<string, bool> isOurs, CancellationToken cancel)
    {
        int count = 0;
        try
        {
            await foreach (OpenUpload upload in client.ListUploadsAsync(prefix, cancel).ConfigureAwait(false))
            {
                if (isOurs(upload.Key) && time.GetUtcNow() - upload.Begun > Age)
                {
                    await client.AbortUploadAsync(upload.Key, upload.Id, cancel).ConfigureAwait(false);
                    count++;
                }
            }
        }
        catch (Exception e) when (e is HubException or AmazonS3Exception)
        {
            log.Detail($"The hub '{bucket.Hub.Name}': whether uploads were broken off long ago could not "
                + $"be found out: {e.Message}");
        }
        if (count > 0)
            log.Info($"The hub '{bucket.Hub.Name}': the parts of "
                + $"{(count == 1 ? "an upload that was" : $"{count} uploads that were")} broken off more than "
                + $"{Age.Days} days ago were removed.");
    }

    private async Task UploadBySdkAsync(string key, string path, FileHashes hashes, PutOptions options, CancellationToken cancel)
    {
        UploadWays ways = await WaysAsync(cancel).ConfigureAwait(false);
        try
        {
            string? etag = hashes.IsSingle
                ? await client.PutOnceAsync(key, () => new FilePart(path, 0, hashes.Size),
                    options, ways.Mode, cancel).ConfigureAwait(false)
                : await UploadPartsAsync(key, path, hashes, options, ways.Mode, cancel).ConfigureAwait(false);
            await CheckAsync(key, etag, hashes, ways.Mode, cancel).ConfigureAwait(false);
        }
        catch (AmazonS3Exception e)
        {
            throw Refused(e, key, ways.Mode);
        }
    }

    /// <summary>Whether conditions on a PUT are kept by this server.</summary>
    public async Task<bool> HasConditionsAsync(CancellationToken cancel) =>
        (await WaysAsync(cancel).ConfigureAwait(false)).Conditions;

    public void Dispose()
    {
        _asking.Dispose();
        _slots.Dispose();
    }

    private async Task<string?> UploadPartsAsync(
        string key, string path, FileHashes hashes, PutOptions options, BodyMode mode, CancellationToken cancel)
    {
        string upload = await client.BeginUploadAsync(key, options, mode, cancel).ConfigureAwait(false);
        try
        {
            string[] parts = new string[hashes.Parts];
            await Parallel.ForAsync(0, parts.Length,
                new ParallelOptions { MaxDegreeOfParallelism = PartsAtOnce, CancellationToken = cancel }, async (i, token) =>
                {
                    long start = i * hashes.PartSize, length = Math.Min(hashes.PartSize, hashes.Size - start);
                    parts[i] = await client.UploadPartAsync(key, upload, i + 1,
                        () => new FilePart(path, start, length), mode, token).ConfigureAwait(false);
                }).ConfigureAwait(false);
            return await client.EndUploadAsync(key, upload, parts, mode, cancel).ConfigureAwait(false);
        }
        catch
        {
            await AbortAsync(key, upload).ConfigureAwait(false);
            throw;
        }
    }

    // Parts that nobody sees are paid for.
    private async Task AbortAsync(string key, string upload)
    {
        try
        {
            // Also when the push is cancelled; the limits of a call are its end.
            await client.AbortUploadAsync(key, upload, CancellationToken.None).ConfigureAwait(false);
        }
        catch (Exception e) when (e is HubException or AmazonS3Exception)
        {
            log.Detail($"{Urls.Show(bucket.PublicUrl(key))}: the parts of an upload that failed could not "
                + $"be removed: {e.Message}");
        }
    }

    private async Task CheckAsync(string key, string? etag, FileHashes sent, BodyMode mode, CancellationToken cancel)
    {
        // Ceph 16 has no ETag for who ends an upload in parts, but for who looks at the object then.
        if (string.IsNullOrWhiteSpace(etag))
            etag = (await bucket.HeadAsync(key, cancel).ConfigureAwait(false))?.ETag;
        if (etag?.Trim('"').Equals(sent.ETag, StringComparison.OrdinalIgnoreCase) == true)
            return;
        (Digest sha256, long size) = await ReadBackAsync(key, sent.Size, cancel).ConfigureAwait(false);
        if (size == sent.Size && sha256 == sent.Sha256)
            return;
        await client.DeleteAsync(key, cancel).ConfigureAwait(false);
        throw new HubException(WiseCodes.UploadDamaged,
            $"{Urls.Show(bucket.PublicUrl(key))}: the hub '{bucket.Hub.Name}' stored {size} bytes with sha256 {sha256}, "
            + $"but {sent.Size} bytes with sha256 {sent.Sha256} were sent. It was deleted again. "
            + (size > sent.Size && mode != BodyMode.Plain
                ? "The server seems to store the framing of bodies: write \"bodyMode\": \"plain\" in " + HubNames.ConfigFile + "."
                : "Push again when nothing writes to the file; if it stays so, tell the operator of the hub."));
    }

    /// <returns>Digest and size; where there is more than the limit, the size is one more than that.</returns>
    private async Task<(Digest, long)> ReadBackAsync(string key, long limit, CancellationToken cancel)
    {
        TimeSpan patience = http.Settings.StallTimeout;
        try
        {
            using HubResponse response = await http.SendOnceAsync(bucket.Url(key), null,
                new ContentRequest(null, OwnConnection: false), cancel).ConfigureAwait(false);
            if (!response.IsSuccess)
                throw bucket.Explain(await S3Error.ReadAsync(response, cancel).ConfigureAwait(false), key);
            using var stall = new CancellationTokenSource(patience, time);
            using var both = CancellationTokenSource.CreateLinkedTokenSource(cancel, stall.Token);
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            Stream body = await response.OpenBodyAsync(both.Token).ConfigureAwait(false);
            byte[] buffer = new byte[1 << 18];
            long size = 0;
            for (int read;
                size <= limit && (read = await body.ReadAsync(buffer, both.Token).ConfigureAwait(false)) > 0; size += read)
            {
                stall.CancelAfter(patience);
                hash.AppendData(buffer, 0, read);
            }
            return (Digest.FromBytes(hash.GetHashAndReset()), size);
        }
        catch (Exception e)
            when (RetryPolicy.IsOfTheWay(e) || (e is OperationCanceledException && !cancel.IsCancellationRequested))
        {
            throw HubHttp.Unreachable(bucket.Hub.Name, bucket.PublicUrl(key),
                $"what was uploaded could not be read back: {e.Message}", e);
        }
    }

    private HubException Refused(AmazonS3Exception e, string key, BodyMode mode) => IsAboutTheBody(e, mode)
        ? new HubException(WiseCodes.BodyRefused,
            $"The hub '{bucket.Hub.Name}' refuses the body mode '{Name(mode)}' at {Urls.Show(bucket.PublicUrl(key))}: {Said(e)}. "
            + $"Write \"bodyMode\": \"{(mode == BodyMode.Trailer ? "chunked\" or \"plain" : "plain")}\" in "
            + $"{HubNames.ConfigFile}, or \"auto\".", bucket.Cause(e))
        : bucket.Explain(BucketClient.ErrorOf(e), key, writes: true);

    private async Task<UploadWays> WaysAsync(CancellationToken cancel)
    {
        await _asking.WaitAsync(cancel).ConfigureAwait(false);
        try
        {
            BucketSettings settings = bucket.Hub.Bucket()!;
            return _ways ??= settings is { BodyMode: not BodyMode.Auto, ConditionalWrites: bool conditions }
                ? new UploadWays(settings.BodyMode, conditions)
                : await SendAsync(settings, cancel).ConfigureAwait(false);
        }
        finally
        {
            _asking.Release();
        }
    }

    /// <summary>
    /// Writes a small object, in each mode until one is taken and gives back what was sent; then once more where
    /// there must be nothing.
    /// </summary>
    private async Task<UploadWays> SendAsync(BucketSettings settings, CancellationToken cancel)
    {
        string key = $"wisehub-probe-{Guid.NewGuid():N}";
        byte[] content = Encoding.UTF8.GetBytes("WiseHub.Build asks how this server takes bodies.");
        Task<string> Put(BodyMode mode, bool onlyNew) =>
            client.PutOnceAsync(key, () => new MemoryStream(content, writable: false),
                new PutOptions { ContentType = "text/plain", OnlyNew = onlyNew }, mode, cancel);
        var refusals = new List<string>();
        foreach (BodyMode mode in settings.BodyMode != BodyMode.Auto ? [settings.BodyMode]
            : (BodyMode[])[BodyMode.Trailer, BodyMode.Chunked, BodyMode.Plain])
        {
            try
            {
                await CheckAsync(key, await Put(mode, onlyNew: false).ConfigureAwait(false),
                    FileHashes.Of(content), mode, cancel).ConfigureAwait(false);
            }
            catch (AmazonS3Exception e) when (IsAboutTheBody(e, mode))
            {
                refusals.Add($"{Name(mode)}: {Said(e)}");
                continue;
            }
            catch (HubException e) when (e.Code == WiseCodes.UploadDamaged)
            {
                refusals.Add($"{Name(mode)}: it stored other bytes than were sent");
                continue;
            }
            catch (AmazonS3Exception e)
            {
                throw bucket.Explain(BucketClient.ErrorOf(e), key, writes: true);
            }
            bool conditions = settings.ConditionalWrites
                ?? await KeepsConditionsAsync(() => Put(mode, onlyNew: true)).ConfigureAwait(false);
            await client.DeleteAsync(key, cancel).ConfigureAwait(false);
            string why = refusals.Count == 0 ? "" : $" (not {string.Join(", ", refusals)})";
            log.Detail($"The hub '{bucket.Hub.Name}' takes bodies in the mode '{Name(mode)}'{why}, "
                + $"{(conditions ? "with" : "without")} conditional writes. Written into {HubNames.ConfigFile} as bodyMode and "
                + "conditionalWrites, this is not asked again.");
            return new UploadWays(mode, conditions);
        }
        throw new HubException(WiseCodes.BodyRefused,
            $"The hub '{bucket.Hub.Name}' takes no upload at {Urls.Show(bucket.PublicUrl(key))}. Its answers by body mode: "
            + $"{string.Join("; ", refusals)}. Check 'endpoint', 'region' and the keys (from {bucket.Access.Source}); "
            + "a proxy may change bodies.");
    }

    private static async Task<bool> KeepsConditionsAsync(Func<Task<string>> putOnlyNew)
    {
        try
        {
            await putOnlyNew().ConfigureAwait(false);
            return false;
        }
        catch (AmazonS3Exception e)
        {
            // Anything else than "it is there" is a server that does not know the condition (Swift says 501).
            return e.StatusCode == HttpStatusCode.PreconditionFailed;
        }
    }

    // 400 XAmzContentSHA256Mismatch (Ceph 16), 501 NotImplemented (Swift), 411 MissingContentLength; 403 from servers that sign
    // what they did not unframe. Other 400 and 403 are about keys, bucket or rights, and would be said of every mode.
    private static bool IsAboutTheBody(AmazonS3Exception e, BodyMode mode) =>
        e.StatusCode is HttpStatusCode.NotImplemented or HttpStatusCode.LengthRequired
            || e.ErrorCode is "XAmzContentSHA256Mismatch" or "XAmzContentChecksumMismatch" or "InvalidRequest"
                or "InvalidArgument" or "BadDigest" or "InvalidDigest" or "IncompleteBody" or "MissingContentLength"
                or "NotImplemented" or "UnsupportedOperation"
            || (e.ErrorCode == "SignatureDoesNotMatch" && mode != BodyMode.Plain);

    private string Said(AmazonS3Exception e) => bucket.Hide($"{(int)e.StatusCode} {e.ErrorCode}");

    private static string Name(BodyMode mode) =>
        mode switch { BodyMode.Trailer => "trailer", BodyMode.Chunked => "chunked", _ => "plain" };

    /// <summary>How a server wants its uploads.</summary>
    private sealed record UploadWays(BodyMode Mode, bool Conditions);
}
