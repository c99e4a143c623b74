using System.Net;
using System.Security.Cryptography;
using WiseHub.Client.Contents;
using WiseHub.Client.Store;

namespace WiseHub.Client.Hubs.S3;

/// <summary>
/// Uploads files: the bytes are read once, and their MD5 is computed on the way. A whole file is signed with its digest; a part,
/// whose digest is not known yet, goes to a signed URL. The next upload of the same content, from any machine, resumes an
/// interrupted one: the ETag of each part on the server tells whether it can be kept.
/// </summary>
internal sealed class FileUploads(Bucket bucket, IHubLog log)
{
    // Another machine may complete or abort the upload that we resume, and then the next one.
    private const int Tries = 3;

    /// <returns>The file with the ETag that it must have, and the server's ETag, which the caller compares.</returns>
    /// <exception cref="RefusedException">The server refuses such requests.</exception>
    /// <exception cref="HubException">WISE10xx for keys, WISE2xxx for the server, WISE501x for the upload, WISE5003.</exception>
    public async Task<(FileUploaded File, string Said)> SendAsync(FileUpload file, CancellationToken cancel)
    {
        if (file.Size > FileHashes.PartSizeOf(file.Size))
            return await SendInPartsAsync(file, cancel).ConfigureAwait(false);
        try
        {
            (string said, byte[] md5) = await PutAsync(file, "", 0, file.Size, cancel).ConfigureAwait(false);
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
            bool isUseful = isFound;
            try
            {
                (FileUploaded, string) done = await SendPartsAsync(file, upload, there, cancel).ConfigureAwait(false);
                isUseful = true;
                // Uploads of the same content are no longer needed.
                foreach (OpenUpload other in others)
                    await AbortAsync(other).ConfigureAwait(false);
                return done;
            }
            catch (OtherContentException e)
            {
                isUseful = false;
                return (new FileUploaded(e.Sha256, "", 0), "");
            }
            catch (GoneException) when (tries < Tries)
            {
                isUseful = true;
                if (await FindEndedAsync(file, cancel).ConfigureAwait(false) is string etag)
                    return (new FileUploaded(file.Sha256, etag, file.Size), etag);
            }
            catch (GoneException e)
            {
                isUseful = true;
                throw bucket.Explain(e.Error, file.Key, writes: true);
            }
            catch (Exception e) when (e is RefusedException or HubException { Code: WiseCodes.FileChangedDuringPush })
            {
                isUseful = false;
                throw;
            }
            finally
            {
                // Servers charge for parts, even if no later run can find and use them.
                if (!isUseful)
                    await AbortAsync(upload).ConfigureAwait(false);
            }
        }
    }

    /// <summary>An interrupted upload to resume, or a new one.</summary>
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
                await foreach ((int number, OpenPart part) in bucket.Client.ListPartsAsync(known, cancel).ConfigureAwait(false))
                    parts[number] = part;
                log.Detail(Text.Of($"{Urls.Show(bucket.PublicUrl(file.Key))}: resuming an interrupted upload; "
                    + $"parts already there: {parts.Count}."));
                open.Remove(known);
                return (known, parts, open, true);
            }
            catch (HubException e) when (e.Code is WiseCodes.UploadRefused or WiseCodes.FileNotFound or WiseCodes.Forbidden)
            {
                // Another machine completed it since it was listed, or we may not list its parts.
                log.Detail((Text)$"{e.Message} The upload starts again.");
            }
        }
        try
        {
            string id = await bucket.Client.BeginUploadAsync(file.Key, file.Options, cancel).ConfigureAwait(false);
            return (new OpenUpload(file.Key, id, null, false), parts, open ?? [], open is not null);
        }
        catch (S3Exception e)
        {
            throw bucket.Explain(e.Error, file.Key, writes: true);
        }
    }

    /// <returns>Null if the server cannot list uploads or we may not.</returns>
    private async Task<List<OpenUpload>?> FindAsync(string key, CancellationToken cancel)
    {
        try
        {
            var found = new List<OpenUpload>();
            await foreach (OpenUpload upload in bucket.Client.ListUploadsAsync(key, cancel).ConfigureAwait(false))
            {
                if (upload.Key == key)
                    found.Add(upload);
            }
            return found;
        }
        catch (HubException e) when (e.Code is WiseCodes.Forbidden or WiseCodes.UploadRefused or WiseCodes.FileNotFound)
        {
            log.Detail((Text)$"{e.Message} Interrupted uploads are not resumed.");
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
        // Parts are sent in parallel, so none of them can hash the whole. The second reading comes from the file system's cache.
        Task<Digest> whole = file.IsHashedAgain ? Task.Run(() => BlobStore.HashFile(file.Path, ending.Token), ending.Token)
            : Task.FromResult(file.Sha256);
        try
        {
            await Parallel.ForAsync(0, count,
                new ParallelOptions { MaxDegreeOfParallelism = file.PartsAtOnce, CancellationToken = cancel }, async (i, token) =>
                {
                    long start = i * partSize, length = Math.Min(partSize, file.Size - start);
                    if (there.TryGetValue(i + 1, out OpenPart? part) && part.Size == length
                        && (await HashAsync(file.Path, start, length, token).ConfigureAwait(false)).Md5 is byte[] md5
                        && part.ETag.Trim('"').Equals(Convert.ToHexStringLower(md5), StringComparison.OrdinalIgnoreCase))
                    {
                        (etags[i], md5s[i]) = (part.ETag, md5);
                        Interlocked.Add(ref kept, length);
                        return;
                    }
                    (etags[i], md5s[i]) = await PutAsync(file, $"partNumber={i + 1}&uploadId={Uri.EscapeDataString(upload.Id)}",
                        start, length, token).ConfigureAwait(false);
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
            said = await bucket.Client.EndUploadAsync(file.Key, upload.Id, etags, cancel).ConfigureAwait(false);
        }
        catch (S3Exception e)
        {
            throw bucket.Explain(e.Error, file.Key, writes: true);
        }
        if (said is null && await bucket.HeadAsync(file.Key, cancel).ConfigureAwait(false) is BucketObject found
            && found.ETag.Trim('"') == etag)
            said = found.ETag;
        return said is null ? throw new GoneException(new S3Error(HttpStatusCode.NotFound, "NoSuchUpload", ""))
            : (new FileUploaded(sha256, etag, kept), said);
    }

    /// <summary>The ETag of the file if another machine has completed its upload; otherwise null.</summary>
    private async Task<string?> FindEndedAsync(FileUpload file, CancellationToken cancel)
    {
        if (await bucket.HeadAsync(file.Key, cancel).ConfigureAwait(false) is not BucketObject found || found.Size != file.Size)
            return null;
        FileHashes hashes = FileHashes.Of(file.Path, cancel);
        return hashes.Sha256 == file.Sha256 && found.ETag.Trim('"') == hashes.ETag ? hashes.ETag : null;
    }

    /// <summary>Removes the parts of an upload, for which servers charge.</summary>
    private async Task AbortAsync(OpenUpload upload)
    {
        try
        {
            // Also if the push is cancelled; the timeouts of a call limit the wait.
            await bucket.Client.AbortUploadAsync(upload.Key, upload.Id, CancellationToken.None).ConfigureAwait(false);
        }
        catch (Exception e) when (e is HubException or S3Exception)
        {
            log.Detail(Text.Of($"{Urls.Show(bucket.PublicUrl(upload.Key))}: "
                + $"the parts of an abandoned upload could not be removed: {bucket.Hide(e.Message)}"));
        }
    }

    /// <summary>Uploads one part of a file, or all of it.</summary>
    /// <param name="file">The file.</param>
    /// <param name="query">The part's number and upload id; empty for the whole file.</param>
    /// <param name="start">First byte.</param>
    /// <param name="length">Bytes.</param>
    /// <param name="cancel">Cancels the request.</param>
    /// <returns>The server's ETag, unchanged, and the MD5 of the bytes sent.</returns>
    /// <exception cref="OtherContentException">The whole file has another digest; the server stores nothing.</exception>
    private async Task<(string ETag, byte[] Md5)> PutAsync(
        FileUpload file, string query, long start, long length, CancellationToken cancel)
    {
        await file.Slots.WaitAsync(cancel).ConfigureAwait(false);
        SentBytes? sent = null;
        bool isWhole = query.Length == 0;
        try
        {
            Digest? sha256 = isWhole ? file.Sha256 : null;
            byte[]? md5 = null;
            if (file.NamesDigests)
            {
                (Digest its, md5) = await HashAsync(file.Path, start, length, cancel).ConfigureAwait(false);
                sha256 = !isWhole || its == file.Sha256 ? its : throw new OtherContentException(its);
            }
            string etag = await bucket.Writer.PutAsync(new ObjectPut(file.Key, () =>
            {
                sent?.Dispose();
                sent = new SentBytes(length, isWhole ? file.Sha256 : null);
                return new FileSlice(file.Path, start, length) { Seen = sent.See };
            })
            { Sha256 = sha256, Md5 = md5, Options = isWhole ? file.Options : null, Query = query, Sent = file.Sent }, cancel)
                .ConfigureAwait(false);
            return (etag, sent!.Md5());
        }
        catch (S3Exception e)
        {
            throw e.Error.Code == "NoSuchUpload" ? new GoneException(e.Error)
                : IsAboutTheRequest(e.Error) && !file.NamesDigests ? new RefusedException(e.Error)
                : bucket.Explain(e.Error, file.Key, writes: true);
        }
        finally
        {
            sent?.Dispose();
            file.Slots.Release();
        }
    }

    // A policy against signed URLs or unsigned bodies (403), object lock that requires an MD5 (400), and other errors that
    // concern the kind of request, not keys or storage.
    private static bool IsAboutTheRequest(S3Error error) => error.Status is HttpStatusCode.BadRequest
        or HttpStatusCode.MethodNotAllowed or HttpStatusCode.LengthRequired or HttpStatusCode.NotImplemented
        || error.Code == "AccessDenied";

    private static async Task<(Digest Sha256, byte[] Md5)> HashAsync(
        string path, long start, long length, CancellationToken cancel)
    {
        using var sent = new SentBytes(length, null);
        using var sha256 = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        using var slice = new FileSlice(path, start, length)
        {
            Seen = bytes =>
            {
                sent.See(bytes);
                sha256.AppendData(bytes.Span);
            }
        };
        await slice.CopyToAsync(Stream.Null, cancel).ConfigureAwait(false);
        return (Digest.FromBytes(sha256.GetHashAndReset()), sent.Md5());
    }

    /// <summary>The server refuses PUTs of this kind.</summary>
    internal sealed class RefusedException(S3Error error) : Exception(error.Message)
    {
        public S3Error Error { get; } = error;
    }

    /// <summary>The upload no longer exists: completed by us with the response lost, or completed or aborted elsewhere.</summary>
    private sealed class GoneException(S3Error error) : Exception(error.Message)
    {
        public S3Error Error { get; } = error;
    }

    private sealed class OtherContentException(Digest sha256) : Exception((Text)$"The file has another digest.")
    {
        public Digest Sha256 { get; } = sha256;
    }

    /// <summary>Hashes the bytes of one attempt.</summary>
    private sealed class SentBytes(long length, Digest? whole) : IDisposable
    {
        // S3 defines the ETag by MD5; the identity of a file is its sha256.
#pragma warning disable CA5351
        private readonly IncrementalHash _md5 = IncrementalHash.CreateHash(HashAlgorithmName.MD5);
#pragma warning restore CA5351
        private readonly IncrementalHash? _sha256 = whole is null ? null : IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        private long _seen;

        /// <exception cref="OtherContentException">These are the last bytes, and the whole has another digest.</exception>
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
