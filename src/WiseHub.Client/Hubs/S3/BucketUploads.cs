using System.Net;
using System.Security.Cryptography;
using System.Text;
using WiseHub.Client.Contents;
using WiseHub.Client.Http;

namespace WiseHub.Client.Hubs.S3;

/// <summary>
/// Checked uploads. Afterwards the ETag must be the MD5 of the bytes sent (or of the parts' MD5s). If it is neither, as with
/// server-side encryption, the object is read back.
/// </summary>
internal sealed class BucketUploads(Bucket bucket, HubHttp http, IHubLog log, TimeProvider time) : IDisposable
{
    private const int PartsAtOnce = 4;

    // An interrupted upload can be resumed on the next day, or after a weekend.
    private static readonly TimeSpan MaxAge = TimeSpan.FromDays(7);

    private readonly SemaphoreSlim _probing = new(1), _slots = new(PartsAtOnce);
    private readonly FileUploads _files = new(bucket, log);
    private bool? _hasConditions;
    private bool _namesDigests;

    /// <summary>Uploads a small object.</summary>
    /// <returns>The ETag; null if the condition of the options does not hold and the object was not written.</returns>
    /// <exception cref="HubException">WISE10xx for keys, WISE2xxx for the server, WISE501x for the upload.</exception>
    public async Task<string?> PutAsync(string key, byte[] content, PutOptions options, CancellationToken cancel)
    {
        // S3 defines the ETag by MD5, and some buckets require it with the request.
#pragma warning disable CA5351
        byte[] md5 = MD5.HashData(content);
#pragma warning restore CA5351
        Digest sha256 = Digest.FromBytes(SHA256.HashData(content));
        try
        {
            string etag = await bucket.Writer.PutAsync(new ObjectPut(key, () => new ByteArrayContent(content))
            { Sha256 = sha256, Md5 = md5, Options = options }, cancel).ConfigureAwait(false);
            await CheckAsync(key, etag, new FileHashes(sha256, content.Length, 0, Convert.ToHexStringLower(md5)), cancel)
                .ConfigureAwait(false);
            return etag;
        }
        catch (S3Exception e) when (options.HasCondition && e.Error.IsAboutCondition)
        {
            return e.Error.Status != HttpStatusCode.NotImplemented ? null
                : throw S3Messages.ConditionRefused(bucket.Hub.Name, bucket.PublicUrl(key), Said(e.Error));
        }
        catch (S3Exception e)
        {
            throw bucket.Explain(e.Error, key, writes: true);
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
        if (!Volatile.Read(ref _namesDigests))
        {
            try
            {
                return await SendAsync(file, cancel).ConfigureAwait(false);
            }
            catch (FileUploads.RefusedException e)
            {
                if (!Interlocked.Exchange(ref _namesDigests, true))
                {
                    log.Detail(Text.Of($"The hub '{bucket.Hub.Name}' refuses a PUT at {Urls.Show(bucket.PublicUrl(file.Key))} "
                        + $"({Said(e.Error)}). From now on each body is hashed before it is sent."));
                }
            }
        }
        return await SendAsync(file with { NamesDigests = true }, cancel).ConfigureAwait(false);
    }

    private async Task<FileUploaded> SendAsync(FileUpload file, CancellationToken cancel)
    {
        (FileUploaded done, string said) = await _files.SendAsync(file, cancel).ConfigureAwait(false);
        if (done.Sha256 == file.Sha256)
        {
            await CheckAsync(file.Key, said, new FileHashes(done.Sha256, file.Size, 0, done.ETag), cancel)
                .ConfigureAwait(false);
        }
        return done;
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
            await foreach (OpenUpload upload in bucket.Client.ListUploadsAsync(prefix, cancel).ConfigureAwait(false))
            {
                if (isOurs(upload.Key) && time.GetUtcNow() - upload.Begun > MaxAge)
                {
                    await bucket.Client.AbortUploadAsync(upload.Key, upload.Id, cancel).ConfigureAwait(false);
                    count++;
                }
            }
        }
        catch (Exception e) when (e is HubException or S3Exception)
        {
            log.Detail(Text.Of($"The hub '{bucket.Hub.Name}': interrupted uploads could not be listed or removed: "
                + $"{bucket.Hide(e.Message)}"));
        }
        if (count > 0)
            log.Info(S3Messages.OldPartsRemoved(bucket.Hub.Name, count, MaxAge.Days));
    }

    /// <summary>True if this server supports conditional writes.</summary>
    public async Task<bool> HasConditionsAsync(CancellationToken cancel)
    {
        await _probing.WaitAsync(cancel).ConfigureAwait(false);
        try
        {
            return _hasConditions ??= bucket.Hub.Bucket()!.ConditionalWrites
                ?? await ProbeConditionsAsync(cancel).ConfigureAwait(false);
        }
        finally
        {
            _probing.Release();
        }
    }

    public void Dispose()
    {
        _probing.Dispose();
        _slots.Dispose();
    }

    private async Task CheckAsync(string key, string? etag, FileHashes sent, CancellationToken cancel)
    {
        // Ceph 16 sends no ETag when a multipart upload completes, only for a HEAD after that.
        if (string.IsNullOrWhiteSpace(etag))
            etag = (await bucket.HeadAsync(key, cancel).ConfigureAwait(false))?.ETag;
        if (etag?.Trim('"').Equals(sent.ETag, StringComparison.OrdinalIgnoreCase) == true)
            return;
        (Digest sha256, long size) = await ReadBackAsync(key, sent.Size, cancel).ConfigureAwait(false);
        if (size == sent.Size && sha256 == sent.Sha256)
            return;
        await bucket.Writer.DeleteAsync(key, cancel).ConfigureAwait(false);
        throw S3Messages.UploadDamaged(bucket.Hub.Name, bucket.PublicUrl(key), (size, sha256), (sent.Size, sent.Sha256));
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
                (Text)$"the uploaded object could not be read back: {e.Message}", e);
        }
    }

    private string Said(S3Error error) => bucket.Hide($"{(int)error.Status} {error.Code}");

    /// <summary>Writes a small object, and again on the condition that it does not exist, which must fail.</summary>
    private async Task<bool> ProbeConditionsAsync(CancellationToken cancel)
    {
        string key = $"wisehub-probe-{Guid.NewGuid():N}";
        byte[] content = Encoding.UTF8.GetBytes((Text)$"WiseHub.Build tests whether this server supports conditional writes.");
        var options = new PutOptions { ContentType = "text/plain" };
        await PutAsync(key, content, options, cancel).ConfigureAwait(false);
        bool keeps = false;
        try
        {
            await bucket.Writer.PutAsync(new ObjectPut(key, () => new ByteArrayContent(content))
            {
                Sha256 = Digest.FromBytes(SHA256.HashData(content)),
                Options = options with { OnlyNew = true },
            }, cancel).ConfigureAwait(false);
        }
        catch (S3Exception e)
        {
            // Any other error than "it exists" means that the server does not support conditions (Swift answers 501).
            keeps = e.Error.Status == HttpStatusCode.PreconditionFailed;
        }
        await bucket.Writer.DeleteAsync(key, cancel).ConfigureAwait(false);
        log.Detail(keeps
            ? Text.Of($"The hub '{bucket.Hub.Name}' has conditional writes. "
                + $"Set conditionalWrites in {HubNames.ConfigFile} to skip this test.")
            : Text.Of($"The hub '{bucket.Hub.Name}' has no conditional writes. "
                + $"Set conditionalWrites in {HubNames.ConfigFile} to skip this test."));
        return keeps;
    }
}
