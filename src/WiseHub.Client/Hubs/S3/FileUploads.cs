using System.Net;
using System.Security.Cryptography;
using WiseHub.Client.Contents;
using WiseHub.Client.Http;
using WiseHub.Client.Store;

namespace WiseHub.Client.Hubs.S3;

/// <summary>
/// Sends files by PUTs whose URL is signed: the bytes are read once, go out as they are, and their MD5s are taken on the way. A
/// large file goes in parts; when that is broken off, whoever sends the same content next, on whatever machine, goes on with it:
/// what a part on the server is, its ETag says.
/// </summary>
internal sealed class FileUploads(Bucket bucket, BucketClient client, HubHttp http, IHubLog log)
{
    // Somebody else may end or abort the upload that we go on with, and then the next one.
    private const int Tries = 3;

    private const int MostAnswerBytes = 1 << 16;

    /// <returns>What it was, and the ETag that it must have now; what the server said is not compared yet.</returns>
    /// <exception cref="RefusedException">The server takes no such requests.</exception>
    /// <exception cref="HubException">WISE10xx for keys, WISE2xxx for the server, WISE501x for the upload, WISE5003.</exception>
    public async Task<(FileUploaded File, string Said)> SendAsync(FileUpload file, CancellationToken cancel)
    {
        if (file.Size > FileHashes.PartSizeOf(file.Size))
            return await SendInPartsAsync(file, cancel).ConfigureAwait(false);
        try
        {
            (string said, byte[] md5) = await PutAsync(file, "", 0, file.Size, file.Sha256, cancel).ConfigureAwait(false);
            return (new FileUploaded(file.Sha256, Convert.ToHexStringLower(md5), 0), said);
        }
        catch (OtherContentException e)
        {
            return (new FileUploaded(e.Sha256, "", 0), "");
        }
    }

    private async Task<(FileUploaded, string)> SendInPartsAsync(FileUpload file, CancellationToken cancel)
    {
        for (int tries = 1; ; tries++)
        {
            (OpenUpload upload, IReadOnlyDictionary<int, OpenPart> there, IReadOnlyList<OpenUpload> others, bool isFound) =
                await OpenAsync(file, tries == 1, cancel).ConfigureAwait(false);
            bool isOfUse = isFound;
            try
            {
                (FileUploaded, string) done = await SendPartsAsync(file, upload, there, cancel).ConfigureAwait(false);
                isOfUse = true;
                // The same content, of no use any more.
                foreach (OpenUpload other in others)
                    await AbortAsync(other).ConfigureAwait(false);
                return done;
            }
            catch (OtherContentException e)
            {
                isOfUse = false;
                return (new FileUploaded(e.Sha256, "", 0), "");
            }
            catch (GoneException) when (tries < Tries)
            {
                isOfUse = true;
                if (await FindEndedAsync(file, cancel).ConfigureAwait(false) is string etag)
                    return (new FileUploaded(file.Sha256, etag, file.Size), etag);
            }
            catch (GoneException e)
            {
                isOfUse = true;
                throw bucket.Explain(e.Error, file.Key, writes: true);
            }
            catch (Exception e) when (e is RefusedException or HubException { Code: WiseCodes.FileChangedDuringPush })
            {
                isOfUse = false;
                throw;
            }
            finally
            {
                // Parts that nobody can find again would be paid for and of no use.
                if (!isOfUse)
                    await AbortAsync(upload).ConfigureAwait(false);
            }
        }
    }

    /// <summary>An upload to go on with, or a new one.</summary>
    private async Task<(OpenUpload Upload, IReadOnlyDictionary<int, OpenPart> Parts,
        IReadOnlyList<OpenUpload> Others, bool IsFound)> OpenAsync(FileUpload file, bool mayResume, CancellationToken cancel)
    {
        var parts = new Dictionary<int, OpenPart>();
        List<OpenUpload>? open = await FindAsync(file.Key, cancel).ConfigureAwait(false);
        if (file.StartsOver && mayResume && open is not null)
        {
            foreach (OpenUpload old in open)
                await AbortAsync(old).ConfigureAwait(false);
            open = [];
        }
        if (mayResume && open?.Where(o => !o.WantsChecksums).MaxBy(o => o.Begun) is OpenUpload known)
        {
            try
            {
                await foreach ((int number, OpenPart part) in client.ListPartsAsync(known, cancel).ConfigureAwait(false))
                    parts[number] = part;
                log.Detail($"{Urls.Show(bucket.PublicUrl(file.Key))}: going on with an upload that was broken off; "
                    + $"{parts.Count} of its parts are there.");
                open.Remove(known);
                return (known, parts, open, true);
            }
            catch (HubException e) when (e.Code is WiseCodes.UploadRefused or WiseCodes.FileNotFound or WiseCodes.Forbidden)
            {
                // Ended by somebody since it was listed, or not ours to look into.
                log.Detail($"{e.Message} It is sent anew.");
            }
        }
        try
        {
            string id = await client.BeginUploadAsync(file.Key, file.Options, BodyMode.Plain, cancel).ConfigureAwait(false);
            return (new OpenUpload(file.Key, id, null, false), parts, open ?? [], open is not null);
        }
        catch (Amazon.S3.AmazonS3Exception e)
        {
            throw bucket.Explain(BucketClient.ErrorOf(e), file.Key, writes: true);
        }
    }

    /// <returns>Null where the server, or the rights, do not tell.</returns>
    private async Task<List<OpenUpload>?> FindAsync(string key, CancellationToken cancel)
    {
        try
        {
            var found = new List<OpenUpload>();
            await foreach (OpenUpload upload in client.ListUploadsAsync(key, cancel).ConfigureAwait(false))
            {
                if (upload.Key == key)
                    found.Add(upload);
            }
            return found;
        }
        catch (HubException e) when (e.Code is WiseCodes.Forbidden or WiseCodes.UploadRefused or WiseCodes.FileNotFound)
        {
            log.Detail($"{e.Message} Uploads that are broken off are not gone on with.");
            return null;
        }
    }

    private async Task<(FileUploaded, string)> SendPartsAsync(
        FileUpload file, OpenUpload upload, IReadOnlyDictionary<int, OpenPart> there, CancellationToken cancel)
    {
        long partSize = FileHashes.PartSizeOf(file.Size), kept = 0;
        int count = (int)((file.Size + partSize - 1) / partSize);
        var etags = new string[count];
        var md5s = new byte[count][];
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        // Parts go side by side, so that none of them sees the whole; what is sent is read from memory a second time.
        Task<Digest> whole = file.IsHashedAgain ? Task.Run(() => BlobStore.HashFile(file.Path, ending.Token), ending.Token)
            : Task.FromResult(file.Sha256);
        try
        {
            await Parallel.ForAsync(0, count,
                new ParallelOptions { MaxDegreeOfParallelism = file.PartsAtOnce, CancellationToken = cancel }, async (i, token) =>
                {
                    long start = i * partSize, length = Math.Min(partSize, file.Size - start);
                    if (there.TryGetValue(i + 1, out OpenPart? part) && part.Size == length
                        && Md5Of(file.Path, start, length, token) is byte[] md5
                        && part.ETag.Trim('"').Equals(Convert.ToHexStringLower(md5), StringComparison.OrdinalIgnoreCase))
                    {
                        (etags[i], md5s[i]) = (part.ETag, md5);
                        Interlocked.Add(ref kept, length);
                        return;
                    }
                    (etags[i], md5s[i]) = await PutAsync(file, $"partNumber={i + 1}&uploadId={Uri.EscapeDataString(upload.Id)}",
                        start, length, null, token).ConfigureAwait(false);
                }).ConfigureAwait(false);
        }
        catch
        {
            await ending.CancelAsync().ConfigureAwait(false);
            await ((Task)whole).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            throw;
        }
        Digest sha256 = await whole.ConfigureAwait(false);
        if (sha256 != file.Sha256)
            throw new OtherContentException(sha256);
        file.RequireUnchanged?.Invoke();
        string etag = FileHashes.ETagOf(md5s);
        string? said;
        try
        {
            said = await client.EndUploadAsync(file.Key, upload.Id, etags, BodyMode.Plain, cancel).ConfigureAwait(false);
        }
        catch (Amazon.S3.AmazonS3Exception e)
        {
            throw bucket.Explain(BucketClient.ErrorOf(e), file.Key, writes: true);
        }
        if (said is null && await bucket.HeadAsync(file.Key, cancel).ConfigureAwait(false) is BucketObject found
            && found.ETag.Trim('"') == etag)
            said = found.ETag;
        return said is null ? throw new GoneException(new S3Error(HttpStatusCode.NotFound, "NoSuchUpload", ""))
            : (new FileUploaded(sha256, etag, kept), said);
    }

    /// <summary>The ETag of the file, where whoever ended the upload put it there.</summary>
    private async Task<string?> FindEndedAsync(FileUpload file, CancellationToken cancel)
    {
        if (await bucket.HeadAsync(file.Key, cancel).ConfigureAwait(false) is not BucketObject found || found.Size != file.Size)
            return null;
        FileHashes hashes = FileHashes.Of(file.Path, cancel);
        return hashes.Sha256 == file.Sha256 && found.ETag.Trim('"') == hashes.ETag ? hashes.ETag : null;
    }

    /// <summary>Removes parts that nobody sees, which are paid for.</summary>
    private async Task AbortAsync(OpenUpload upload)
    {
        try
        {
            // Also when the push is cancelled; the limits of a call are its end.
            await client.AbortUploadAsync(upload.Key, upload.Id, CancellationToken.None).ConfigureAwait(false);
        }
        catch (Exception e) when (e is HubException or Amazon.S3.AmazonS3Exception)
        {
            log.Detail($"{Urls.Show(bucket.PublicUrl(upload.Key))}: the parts of an upload that is of no use could not "
                + $"be removed: {e.Message}");
        }
    }

    /// <summary>PUTs a part of a file, or all of it.</summary>
    /// <param name="file">The file.</param>
    /// <param name="query">Which part; empty for the whole.</param>
    /// <param name="start">First byte.</param>
    /// <param name="length">Bytes.</param>
    /// <param name="whole">The digest without which the last bytes are not sent, so that the server takes nothing.</param>
    /// <param name="cancel">Ends it.</param>
    /// <returns>The ETag that the server gives, as it is, and the MD5 of what was sent.</returns>
    private async Task<(string ETag, byte[] Md5)> PutAsync(
        FileUpload file, string query, long start, long length, Digest? whole, CancellationToken cancel)
    {
        await file.Slots.WaitAsync(cancel).ConfigureAwait(false);
        SentBytes? sent = null;
        try
        {
            var url = new UrlRequest(bucket.PublicUrl(file.Key))
            { Method = HttpMethod.Put, Query = query, PublicRead = query.Length == 0 && file.Options.PublicRead };
            using HubResponse response = await http.UploadAsync(new HubRequest(url.Uri)
            {
                Method = HttpMethod.Put,
                Sign = () => bucket.Url(url),
                Sent = file.Sent,
                Body = () =>
                {
                    sent?.Dispose();
                    sent = new SentBytes(length, whole);
                    var body = new FileSlice(file.Path, start, length) { Seen = sent.See };
                    if (query.Length == 0)
                        body.Headers.TryAddWithoutValidation("Content-Type", file.Options.ContentType);
                    if (url.PublicRead)
                        body.Headers.TryAddWithoutValidation(UrlRequest.AclHeader, UrlRequest.PublicReadAcl);
                    return body;
                },
            }, null, MostAnswerBytes, cancel).ConfigureAwait(false);
            if (response.IsSuccess)
                return (response.Header("ETag") ?? "", sent!.Md5());
            S3Error error = await S3Error.ReadAsync(response, cancel).ConfigureAwait(false);
            throw error.Code == "NoSuchUpload" ? new GoneException(error)
                : IsAboutTheWay(error) ? new RefusedException(error)
                : bucket.Explain(error, file.Key, writes: true);
        }
        catch (HubException e) when (e is { Code: WiseCodes.HubUnreachable, InnerException: TimeoutException })
        {
            throw new HubException(WiseCodes.Stalled,
                $"The hub '{bucket.Hub.Name}' stalled at {Urls.Show(bucket.PublicUrl(file.Key))}: {e.InnerException.Message}. "
                + "Raise WiseStallTimeout (WISEHUB_STALL_TIMEOUT) on a slow line.", e);
        }
        finally
        {
            sent?.Dispose();
            file.Slots.Release();
        }
    }

    // A policy against URLs that are signed or bodies that are not (403), locked objects that want a checksum (400), and whatever
    // else a server says of the request rather than of keys and room: another kind of request may be taken.
    private static bool IsAboutTheWay(S3Error error) => error.Status is HttpStatusCode.BadRequest
        or HttpStatusCode.MethodNotAllowed or HttpStatusCode.LengthRequired or HttpStatusCode.NotImplemented
        || error.Code == "AccessDenied";

    private static byte[] Md5Of(string path, long start, long length, CancellationToken cancel)
    {
        using var part = new FilePart(path, start, length);
        using var sent = new SentBytes(length, null);
        byte[] buffer = new byte[1 << 18];
        for (int read; (read = part.Read(buffer)) > 0;)
        {
            cancel.ThrowIfCancellationRequested();
            sent.See(buffer.AsMemory(0, read));
        }
        return sent.Md5();
    }

    /// <summary>The server takes no PUT of this kind, whoever asks.</summary>
    internal sealed class RefusedException(S3Error error) : Exception(error.Message)
    {
        public S3Error Error { get; } = error;
    }

    /// <summary>The upload was ended, by us without our hearing of it or by somebody else, or it was aborted.</summary>
    private sealed class GoneException(S3Error error) : Exception(error.Message)
    {
        public S3Error Error { get; } = error;
    }

    private sealed class OtherContentException(Digest sha256) : Exception("It is another content.")
    {
        public Digest Sha256 { get; } = sha256;
    }

    /// <summary>What goes out in one try.</summary>
    private sealed class SentBytes(long length, Digest? whole) : IDisposable
    {
        // What S3 compares by; what a content is, sha256 says.
#pragma warning disable CA5351
        private readonly IncrementalHash _md5 = IncrementalHash.CreateHash(HashAlgorithmName.MD5);
#pragma warning restore CA5351
        private readonly IncrementalHash? _sha256 = whole is null ? null : IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        private long _seen;

        /// <exception cref="OtherContentException">These are the last bytes, and the whole is not what it must be.</exception>
        public void See(ReadOnlyMemory<byte> bytes)
        {
            _md5.AppendData(bytes.Span);
            _sha256?.AppendData(bytes.Span);
            _seen += bytes.Length;
            if (_sha256 is not null && _seen == length && Digest.FromBytes(_sha256.GetHashAndReset()) is var is256
                && is256 != whole)
                throw new OtherContentException(is256);
        }

        public byte[] Md5() => _md5.GetHashAndReset();

        public void Dispose()
        {
            _md5.Dispose();
            _sha256?.Dispose();
        }
    }
}
