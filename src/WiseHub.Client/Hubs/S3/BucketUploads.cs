using System.Net;
using System.Security.Cryptography;
using System.Text;
using Amazon.S3;
using WiseHub.Client.Contents;
using WiseHub.Client.Http;

namespace WiseHub.Client.Hubs.S3;

/// <summary>
/// Checked uploads. Afterwards the ETag must be the MD5 of the bytes sent (or of the parts' MD5s). If it is neither, as with
/// server-side encryption, the object is read back. This detects a server that silently stores the framing of a body inside
/// the object.
/// </summary>
internal sealed class BucketUploads(Bucket bucket, BucketClient client, HubHttp http, IHubLog log, TimeProvider time)
    : IDisposable
{
    private const int PartsAtOnce = 4;

    // An interrupted upload can be resumed on the next day, or after a weekend.
    private static readonly TimeSpan MaxAge = TimeSpan.FromDays(7);

    private readonly SemaphoreSlim _probing = new(1), _slots = new(PartsAtOnce);
    private readonly FileUploads _files = new(bucket, client, http, log);
    private ServerAbilities? _abilities;
    private S3Error? _refused;

    /// <summary>Uploads a small object.</summary>
    /// <returns>The ETag; null if the condition of the options does not hold and the object was not written.</returns>
    /// <exception cref="HubException">WISE10xx for keys, WISE2xxx for the server, WISE501x for the upload.</exception>
    public async Task<string?> PutAsync(string key, byte[] content, PutOptions options, CancellationToken cancel)
    {
        ServerAbilities server = await ProbeOnceAsync(cancel).ConfigureAwait(false);
        try
        {
            string etag = await client.PutOnceAsync(key, () => new MemoryStream(content, writable: false),
                options, server.Mode, cancel).ConfigureAwait(false);
            await CheckAsync(key, etag, FileHashes.Of(content), server.Mode, cancel).ConfigureAwait(false);
            return etag;
        }
        // AWS answers 409 to two conditional writes at the same time.
        catch (AmazonS3Exception e) when (e.StatusCode is HttpStatusCode.PreconditionFailed or HttpStatusCode.Conflict
            && (options.OnlyNew || options.IfMatch is not null))
        {
            return null;
        }
        catch (AmazonS3Exception e)
            when (e.StatusCode == HttpStatusCode.NotImplemented && (options.OnlyNew || options.IfMatch is not null))
        {
            throw S3Messages.ConditionRefused(bucket.Hub.Name, bucket.PublicUrl(key), Said(e), bucket.Cause(e));
        }
        catch (AmazonS3Exception e)
        {
            throw Refused(e, key, server.Mode);
        }
    }

    /// <summary>Uploads a file whose hashes are known.</summary>
    /// <exception cref="HubException">WISE10xx for keys, WISE2xxx for the server, WISE501x for the upload, WISE5003.</exception>
    public async Task UploadAsync(string key, string path, FileHashes hashes, PutOptions options, CancellationToken cancel)
    {
        FileUploaded done = await UploadAsync(new FileUpload(key, path, hashes.Size, hashes.Sha256)
        { Options = options, Slots = _slots, PartsAtOnce = PartsAtOnce, IsHashedAgain = true }, cancel).ConfigureAwait(false);
        if (done.Sha256 != hashes.Sha256)
            throw LocalFile.Changed(path);
    }

    /// <summary>Uploads a file: in one request, or in parts of 16 to 64 MiB, several at the same time.</summary>
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
                    log.Detail($"The hub '{bucket.Hub.Name}' refuses a PUT with a signed URL at "
                        + $"{Urls.Show(bucket.PublicUrl(file.Key))} ({(int)e.Error.Status} {e.Error.Code}). "
                        + "Files are uploaded by the AWS SDK, which is slower and cannot resume.");
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

    /// <summary>Removes the parts of uploads that were interrupted long ago: servers charge for them.</summary>
    /// <param name="prefix">Prefix of their keys.</param>
    /// <param name="isOurs">Recognises the keys of this product.</param>
    /// <param name="cancel">Cancels the requests.</param>
    public async Task AbortOldAsync(string prefix, Func<string, bool> isOurs, CancellationToken cancel)
    {
        int count = 0;
        try
        {
            await foreach (OpenUpload upload in client.ListUploadsAsync(prefix, cancel).ConfigureAwait(false))
            {
                if (isOurs(upload.Key) && time.GetUtcNow() - upload.Begun > MaxAge)
                {
                    await client.AbortUploadAsync(upload.Key, upload.Id, cancel).ConfigureAwait(false);
                    count++;
                }
            }
        }
        catch (Exception e) when (e is HubException or AmazonS3Exception)
        {
            log.Detail($"The hub '{bucket.Hub.Name}': interrupted uploads could not be listed or removed: {e.Message}");
        }
        if (count > 0)
            log.Info(S3Messages.OldPartsRemoved(bucket.Hub.Name, count, MaxAge.Days));
    }

    private async Task UploadBySdkAsync(string key, string path, FileHashes hashes, PutOptions options, CancellationToken cancel)
    {
        ServerAbilities server = await ProbeOnceAsync(cancel).ConfigureAwait(false);
        try
        {
            string? etag = hashes.IsSingle
                ? await client.PutOnceAsync(key, () => new FilePart(path, 0, hashes.Size),
                    options, server.Mode, cancel).ConfigureAwait(false)
                : await UploadPartsAsync(key, path, hashes, options, server.Mode, cancel).ConfigureAwait(false);
            await CheckAsync(key, etag, hashes, server.Mode, cancel).ConfigureAwait(false);
        }
        catch (AmazonS3Exception e)
        {
            throw Refused(e, key, server.Mode);
        }
    }

    /// <summary>True if this server supports conditional writes.</summary>
    public async Task<bool> HasConditionsAsync(CancellationToken cancel) =>
        (await ProbeOnceAsync(cancel).ConfigureAwait(false)).Conditions;

    public void Dispose()
    {
        _probing.Dispose();
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

    // Servers charge for the parts of an unfinished upload.
    private async Task AbortAsync(string key, string upload)
    {
        try
        {
            // Also if the push is cancelled; the timeouts of a call limit the wait.
            await client.AbortUploadAsync(key, upload, CancellationToken.None).ConfigureAwait(false);
        }
        catch (Exception e) when (e is HubException or AmazonS3Exception)
        {
            log.Detail($"{Urls.Show(bucket.PublicUrl(key))}: the parts of a failed upload could not be removed: {e.Message}");
        }
    }

    private async Task CheckAsync(string key, string? etag, FileHashes sent, BodyMode mode, CancellationToken cancel)
    {
        // Ceph 16 sends no ETag when a multipart upload completes, only for a HEAD after that.
        if (string.IsNullOrWhiteSpace(etag))
            etag = (await bucket.HeadAsync(key, cancel).ConfigureAwait(false))?.ETag;
        if (etag?.Trim('"').Equals(sent.ETag, StringComparison.OrdinalIgnoreCase) == true)
            return;
        (Digest sha256, long size) = await ReadBackAsync(key, sent.Size, cancel).ConfigureAwait(false);
        if (size == sent.Size && sha256 == sent.Sha256)
            return;
        await client.DeleteAsync(key, cancel).ConfigureAwait(false);
        throw S3Messages.UploadDamaged(bucket.Hub.Name, bucket.PublicUrl(key), (size, sha256), (sent.Size, sent.Sha256),
            hasFraming: size > sent.Size && mode != BodyMode.Plain);
    }

    /// <returns>Digest and size; reading stops once the size exceeds the limit.</returns>
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
            when (RetryPolicy.IsTransportFailure(e) || (e is OperationCanceledException && !cancel.IsCancellationRequested))
        {
            throw HubHttp.Unreachable(bucket.Hub.Name, bucket.PublicUrl(key),
                $"the uploaded object could not be read back: {e.Message}", e);
        }
    }

    private HubException Refused(AmazonS3Exception e, string key, BodyMode mode) => IsAboutTheBody(e, mode)
        ? S3Messages.BodyModeRefused(bucket.Hub.Name, bucket.PublicUrl(key), mode, Said(e), bucket.Cause(e))
        : bucket.Explain(BucketClient.ErrorOf(e), key, writes: true);

    private async Task<ServerAbilities> ProbeOnceAsync(CancellationToken cancel)
    {
        await _probing.WaitAsync(cancel).ConfigureAwait(false);
        try
        {
            BucketSettings settings = bucket.Hub.Bucket()!;
            return _abilities ??= settings is { BodyMode: not BodyMode.Auto, ConditionalWrites: bool conditions }
                ? new ServerAbilities(settings.BodyMode, conditions)
                : await ProbeAsync(settings, cancel).ConfigureAwait(false);
        }
        finally
        {
            _probing.Release();
        }
    }

    /// <summary>
    /// Writes a small object in one mode after the other, until the server accepts it and stores the same bytes. Then writes it
    /// again on the condition that it does not exist, which must fail.
    /// </summary>
    private async Task<ServerAbilities> ProbeAsync(BucketSettings settings, CancellationToken cancel)
    {
        string key = $"wisehub-probe-{Guid.NewGuid():N}";
        byte[] content = Encoding.UTF8.GetBytes("WiseHub.Build tests which uploads this server accepts.");
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
                refusals.Add($"{S3Messages.Name(mode)}: {Said(e)}");
                continue;
            }
            catch (HubException e) when (e.Code == WiseCodes.UploadDamaged)
            {
                refusals.Add($"{S3Messages.Name(mode)}: it stored other bytes than were sent");
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
            log.Detail($"The hub '{bucket.Hub.Name}' accepts the body mode '{S3Messages.Name(mode)}'{why}, "
                + $"{(conditions ? "with" : "without")} conditional writes. Set bodyMode and conditionalWrites in "
                + $"{HubNames.ConfigFile} to skip this test.");
            return new ServerAbilities(mode, conditions);
        }
        throw S3Messages.EveryBodyModeRefused(bucket.Hub.Name, bucket.PublicUrl(key), refusals, bucket.Access.Source);
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
            // Any other error than "it exists" means that the server does not support conditions (Swift answers 501).
            return e.StatusCode == HttpStatusCode.PreconditionFailed;
        }
    }

    // 400 XAmzContentSHA256Mismatch (Ceph 16), 501 NotImplemented (Swift), 411 MissingContentLength; 403 from servers that check
    // the signature against the framed body. Other 400 and 403 concern keys, bucket or permissions, whatever the mode.
    private static bool IsAboutTheBody(AmazonS3Exception e, BodyMode mode) =>
        e.StatusCode is HttpStatusCode.NotImplemented or HttpStatusCode.LengthRequired
            || e.ErrorCode is "XAmzContentSHA256Mismatch" or "XAmzContentChecksumMismatch" or "InvalidRequest"
                or "InvalidArgument" or "BadDigest" or "InvalidDigest" or "IncompleteBody" or "MissingContentLength"
                or "NotImplemented" or "UnsupportedOperation"
            || (e.ErrorCode == "SignatureDoesNotMatch" && mode != BodyMode.Plain);

    private string Said(AmazonS3Exception e) => bucket.Hide($"{(int)e.StatusCode} {e.ErrorCode}");

    /// <summary>The body mode that a server accepts, and its support of conditional writes.</summary>
    private sealed record ServerAbilities(BodyMode Mode, bool Conditions);
}
