using System.Net.Http.Headers;
using System.Runtime.CompilerServices;
using System.Security.Authentication;
using Amazon.Runtime;
using Amazon.Runtime.Internal;
using Amazon.S3;
using Amazon.S3.Model;
using WiseHub.Client.Http;

using RetryPolicy = WiseHub.Client.Http.RetryPolicy;

namespace WiseHub.Client.Hubs.S3;

/// <summary>The headers of an upload.</summary>
internal sealed record PutOptions
{
    public string ContentType { get; init; } = "application/octet-stream";

    /// <summary>Makes the object public (the ACL <c>public-read</c>).</summary>
    public bool PublicRead { get; init; }

    /// <summary>Replaces only this version; an ETag with its quotes.</summary>
    public string? IfMatch { get; init; }

    /// <summary>Writes only if the object does not exist.</summary>
    public bool OnlyNew { get; init; }
}

/// <summary>
/// Lists and writes a bucket with the AWS SDK. Our retries, redirect rules and timeouts replace the SDK's, so that they are the
/// same everywhere and no upload goes to another server. Keys are relative to the hub's prefix.
/// </summary>
internal sealed class BucketClient : IDisposable
{
    private readonly Bucket _bucket;
    private readonly HubHttp _http;
    private readonly TimeProvider _time;
    private readonly Lazy<SdkClient> _plain, _trailing;

    public BucketClient(Bucket bucket, HubHttp http, TimeProvider time)
    {
        (_bucket, _http, _time) = (bucket, http, time);
        _plain = new(() => Make(RequestChecksumCalculation.WHEN_REQUIRED));
        _trailing = new(() => Make(RequestChecksumCalculation.WHEN_SUPPORTED));
    }

    private string BucketName => _bucket.Hub.Bucket()!.Name;

    /// <summary>All objects with this prefix, in the order of the server (UTF-8 on AWS).</summary>
    /// <exception cref="HubException">WISE10xx for keys, WISE2xxx for the server.</exception>
    public async IAsyncEnumerable<BucketObject> ListAsync(string prefix, [EnumeratorCancellation] CancellationToken cancel)
    {
        string? next = null;
        int pages = 0;
        do
        {
            ListObjectsV2Response page = await PageAsync(prefix, next, cancel).ConfigureAwait(false);
            foreach (S3Object found in page.S3Objects ?? [])
            {
                if (found.Key.StartsWith(_bucket.Prefix, StringComparison.Ordinal))
                    yield return new BucketObject(found.Key[_bucket.Prefix.Length..], found.Size ?? 0, found.ETag);
            }
            next = page.IsTruncated == true ? page.NextContinuationToken : null;
            if (++pages > MostPages)
                throw S3Messages.TooManyPages(_bucket.Hub.Name, _bucket.Address.Of(_bucket.Prefix), MostPages);
        }
        while (next is not null);
    }

    // AWS says that completing a multipart upload may take minutes. It sends blanks meanwhile, which the SDK does not report.
    private static readonly TimeSpan CompletionTimeout = TimeSpan.FromMinutes(5);

    // Ten million objects.
    private const int MostPages = 10_000;

    private async Task<ListObjectsV2Response> PageAsync(string prefix, string? next, CancellationToken cancel)
    {
        try
        {
            return await CallAsync(prefix, (_, token) => _plain.Value.ListObjectsV2Async(
                new ListObjectsV2Request { BucketName = BucketName, Prefix = _bucket.Prefix + prefix, ContinuationToken = next },
                token), cancel).ConfigureAwait(false);
        }
        catch (AmazonS3Exception e)
        {
            throw _bucket.Explain(ErrorOf(e), prefix);
        }
    }

    /// <summary>The unfinished multipart uploads with this prefix.</summary>
    /// <exception cref="HubException">WISE10xx for keys, WISE2xxx for the server, WISE5014.</exception>
    public async IAsyncEnumerable<OpenUpload> ListUploadsAsync(string prefix, [EnumeratorCancellation] CancellationToken cancel)
    {
        var request = new ListMultipartUploadsRequest { BucketName = BucketName, Prefix = _bucket.Prefix + prefix };
        for (int pages = 0; ; pages++)
        {
            ListMultipartUploadsResponse page = await ExplainedAsync(prefix,
                token => _plain.Value.ListMultipartUploadsAsync(request, token), cancel).ConfigureAwait(false);
            foreach (MultipartUpload found in page.MultipartUploads ?? [])
            {
                if (found.Key.StartsWith(_bucket.Prefix, StringComparison.Ordinal))
                    yield return new OpenUpload(found.Key[_bucket.Prefix.Length..], found.UploadId,
                        found.Initiated is DateTime begun ? begun.ToUniversalTime() : null,
                        found.ChecksumAlgorithm?.Value is { Length: > 0 });
            }
            // A page whose markers do not advance would be requested forever.
            if (page.IsTruncated != true || pages == MostPages || page.NextKeyMarker is not { Length: > 0 } key
                || (key, page.NextUploadIdMarker) == (request.KeyMarker, request.UploadIdMarker))
                yield break;
            (request.KeyMarker, request.UploadIdMarker) = (key, page.NextUploadIdMarker);
        }
    }

    /// <summary>The parts that the server has of an upload, with their numbers.</summary>
    /// <exception cref="HubException">WISE10xx for keys, WISE2xxx for the server, WISE5014.</exception>
    public async IAsyncEnumerable<(int Number, OpenPart Part)> ListPartsAsync(
        OpenUpload upload, [EnumeratorCancellation] CancellationToken cancel)
    {
        var request = new ListPartsRequest { BucketName = BucketName, Key = _bucket.Prefix + upload.Key, UploadId = upload.Id };
        for (int last = 0; ;)
        {
            ListPartsResponse page = await ExplainedAsync(upload.Key,
                token => _plain.Value.ListPartsAsync(request, token), cancel).ConfigureAwait(false);
            foreach (PartDetail found in page.Parts ?? [])
            {
                if (found is { PartNumber: int number, Size: long size, ETag: string etag })
                    yield return (number, new OpenPart(size, etag));
            }
            if (page.IsTruncated != true || page.NextPartNumberMarker is not int next || next <= last)
                yield break;
            last = next;
            request.PartNumberMarker = $"{next}";
        }
    }

    private async Task<T> ExplainedAsync<T>(string key, Func<CancellationToken, Task<T>> call, CancellationToken cancel)
    {
        try
        {
            return await CallAsync(key, (_, token) => call(token), cancel).ConfigureAwait(false);
        }
        catch (AmazonS3Exception e)
        {
            throw _bucket.Explain(ErrorOf(e), key, writes: true);
        }
    }

    /// <summary>Deletes an object; a missing one is no error.</summary>
    /// <exception cref="HubException">WISE10xx for keys, WISE2xxx for the server, WISE5014.</exception>
    public async Task DeleteAsync(string key, CancellationToken cancel)
    {
        try
        {
            await CallAsync(key, (_, token) => _plain.Value.DeleteObjectAsync(
                new DeleteObjectRequest { BucketName = BucketName, Key = _bucket.Prefix + key }, token),
                cancel).ConfigureAwait(false);
        }
        catch (AmazonS3Exception e)
        {
            throw _bucket.Explain(ErrorOf(e), key, writes: true);
        }
    }

    /// <summary>One PUT in one body mode, unchecked.</summary>
    /// <exception cref="AmazonS3Exception">The server refused it.</exception>
    public Task<string> PutOnceAsync(
        string key, Func<Stream> open, PutOptions options, BodyMode mode, CancellationToken cancel) =>
        CallAsync(key, async (progress, token) =>
        {
            Stream body = open();
            await using (body.ConfigureAwait(false))
            {
                var request = new PutObjectRequest
                {
                    BucketName = BucketName,
                    Key = _bucket.Prefix + key,
                    InputStream = body,
                    AutoCloseStream = false,
                    ContentType = options.ContentType,
                    IfMatch = options.IfMatch,
                    IfNoneMatch = options.OnlyNew ? "*" : null,
                    UseChunkEncoding = mode != BodyMode.Plain,
                    StreamTransferProgress = (_, _) => progress(),
                };
                if (options.PublicRead)
                    request.CannedACL = S3CannedACL.PublicRead;
                return (await ClientOf(mode).PutObjectAsync(request, token).ConfigureAwait(false)).ETag;
            }
        }, cancel);

    /// <exception cref="AmazonS3Exception">The server refused it.</exception>
    public async Task<string> BeginUploadAsync(string key, PutOptions options, BodyMode mode, CancellationToken cancel)
    {
        var request = new InitiateMultipartUploadRequest
        {
            BucketName = BucketName,
            Key = _bucket.Prefix + key,
            ContentType = options.ContentType
        };
        if (options.PublicRead)
            request.CannedACL = S3CannedACL.PublicRead;
        return (await CallAsync(key,
            (_, token) => ClientOf(mode).InitiateMultipartUploadAsync(request, token), cancel).ConfigureAwait(false)).UploadId;
    }

    /// <exception cref="AmazonS3Exception">The server refused it.</exception>
    public async Task<string> UploadPartAsync(
        string key, string upload, int number, Func<Stream> open, BodyMode mode, CancellationToken cancel) =>
        await CallAsync(key, async (progress, token) =>
        {
            Stream body = open();
            await using (body.ConfigureAwait(false))
            {
                var request = new UploadPartRequest
                {
                    BucketName = BucketName,
                    Key = _bucket.Prefix + key,
                    UploadId = upload,
                    PartNumber = number,
                    InputStream = body,
                    PartSize = body.Length,
                    UseChunkEncoding = mode != BodyMode.Plain,
                    StreamTransferProgress = (_, _) => progress(),
                };
                return (await ClientOf(mode).UploadPartAsync(request, token).ConfigureAwait(false)).ETag;
            }
        }, cancel).ConfigureAwait(false);

    /// <returns>
    /// The ETag, which some servers leave empty; null if the upload no longer exists, because an earlier attempt whose response
    /// was lost, or another machine, has completed it.
    /// </returns>
    /// <exception cref="AmazonS3Exception">The server refused it.</exception>
    public async Task<string?> EndUploadAsync(
        string key, string upload, IReadOnlyList<string> parts, BodyMode mode, CancellationToken cancel)
    {
        var request = new CompleteMultipartUploadRequest
        {
            BucketName = BucketName,
            Key = _bucket.Prefix + key,
            UploadId = upload,
            PartETags = [.. parts.Select((etag, i) => new PartETag(i + 1, etag))],
        };
        try
        {
            return (await CallAsync(key, (_, token) => ClientOf(mode).CompleteMultipartUploadAsync(request, token), cancel,
                CompletionTimeout).ConfigureAwait(false)).ETag ?? "";
        }
        catch (AmazonS3Exception e) when (e.ErrorCode == "NoSuchUpload")
        {
            return null;
        }
    }

    /// <exception cref="AmazonS3Exception">The server refused it.</exception>
    public Task AbortUploadAsync(string key, string upload, CancellationToken cancel) => CallAsync(key, (_, token) =>
        _plain.Value.AbortMultipartUploadAsync(
            new AbortMultipartUploadRequest { BucketName = BucketName, Key = _bucket.Prefix + key, UploadId = upload }, token),
        cancel);

    public static S3Error ErrorOf(AmazonS3Exception e) => new(e.StatusCode, e.ErrorCode ?? "", e.Message ?? "");

    public void Dispose()
    {
        foreach (Lazy<SdkClient> client in (Lazy<SdkClient>[])[_plain, _trailing])
        {
            if (client.IsValueCreated)
                client.Value.Dispose();
        }
    }

    private SdkClient ClientOf(BodyMode mode) => (mode == BodyMode.Trailer ? _trailing : _plain).Value;

    private SdkClient Make(RequestChecksumCalculation checksums)
    {
        BucketAccess access = _bucket.Access;
        return new SdkClient(access.Keys is null ? new AnonymousAWSCredentials() : new CurrentKeys(access.Keys),
            new AmazonS3Config
            {
                ServiceURL = _bucket.Address.Endpoint.AbsoluteUri,
                AuthenticationRegion = access.Region,
                ForcePathStyle = _bucket.Address.PathStyle,
                IgnoreConfiguredEndpointUrls = true,
                // The other modes query the machine's metadata service for its region.
                DefaultConfigurationMode = DefaultConfigurationMode.Standard,
                RequestChecksumCalculation = checksums,
                ResponseChecksumValidation = ResponseChecksumValidation.WHEN_REQUIRED,
                HttpClientFactory = new SameConnections(_http),
                MaxErrorRetry = 0,
                DisableLogging = true,
            });
    }

    /// <summary>Repeats a call until there is a response or no retry is left.</summary>
    /// <param name="key">The object, for messages.</param>
    /// <param name="call">Makes one attempt; reports when bytes move.</param>
    /// <param name="cancel">Ends the wait.</param>
    /// <param name="most">How long the server may be silent; null = the stall timeout.</param>
    /// <exception cref="AmazonS3Exception">An error response that a retry does not change.</exception>
    /// <exception cref="HubException">WISE2001 or WISE2012.</exception>
    private async Task<T> CallAsync<T>(
        string key, Func<Action, CancellationToken, Task<T>> call, CancellationToken cancel, TimeSpan? most = null)
    {
        TimeSpan patience = most ?? _http.Settings.StallTimeout;
        Uri where = _bucket.PublicUrl(key);
        RetryCount count = _http.Begin(Urls.Show(where));
        while (true)
        {
            count.Start();
            using var stall = new CancellationTokenSource(patience, _time);
            using var both = CancellationTokenSource.CreateLinkedTokenSource(cancel, stall.Token);
            Exception failure;
            TimeSpan? asked = null;
            AmazonS3Exception? busy = null;
            try
            {
                return await call(() => stall.CancelAfter(patience), both.Token).ConfigureAwait(false);
            }
            catch (AmazonS3Exception e) when ((int)e.StatusCode != 0)
            {
                busy = e.ErrorCode is "OperationAborted" or "ConditionalRequestConflict" ? e : null;
                if (busy is null && !RetryPolicy.IsTransient(e.StatusCode) && e.ErrorCode is not "RequestTimeout")
                    throw;
                asked = AskedWait(e, where);
                failure =
                    new HttpRequestException(_bucket.Hide($"it answered {(int)e.StatusCode} {e.ErrorCode}"), _bucket.Cause(e));
            }
            catch (OperationCanceledException e) when (!cancel.IsCancellationRequested)
            {
                failure = new TimeoutException(stall.IsCancellationRequested ? $"no bytes moved for {patience.TotalSeconds} s"
                    : $"no connection within {_http.Settings.ConnectTimeout.TotalSeconds} s", e);
            }
            catch (Exception e)
                when (!cancel.IsCancellationRequested && (e is AmazonClientException || RetryPolicy.IsTransportFailure(e)))
            {
                if ((e as HttpRequestException ?? e.InnerException) is HttpRequestException
                    {
                        HttpRequestError: HttpRequestError.SecureConnectionError,
                        InnerException: AuthenticationException untrusted
                    })
                    throw _http.NotTrusted(where, untrusted);
                failure = _bucket.Cause(e) ?? new HttpRequestException(_bucket.Hide(e.Message));
            }
            string reason = failure.InnerException is HttpRequestException or IOException
                ? $"{failure.Message} ({failure.InnerException.Message})" : failure.Message;
            if (count.Failed(Classify(failure), asked) is not TimeSpan pause)
            {
                throw busy is not null ? busy : failure is TimeoutException
                    ? S3Messages.Stalled(_bucket.Hub.Name, where, reason, failure, isTransient: true)
                    : HubHttp.Unreachable(_bucket.Hub.Name, where, reason, failure, isTransient: true);
            }
            await count.PauseAsync(pause, reason, cancel).ConfigureAwait(false);
        }
    }

    // The SDK wraps the exceptions of HttpClient.
    private static RetryVerdict Classify(Exception failure)
    {
        for (Exception? e = failure; e is not null; e = e.InnerException)
        {
            if (e is HttpRequestException { HttpRequestError: not HttpRequestError.Unknown })
                return RetryPolicy.Classify(e);
        }
        return RetryVerdict.Yes;
    }

    /// <summary>How long the server asks to wait.</summary>
    /// <exception cref="HubException">WISE2009: longer than <see cref="RetryPolicy.LongestWait"/>.</exception>
    private TimeSpan? AskedWait(AmazonS3Exception e, Uri where)
    {
        string? header = (e.InnerException as HttpErrorResponseException)?.Response.GetHeaderValue("Retry-After");
        TimeSpan? wait = RetryConditionHeaderValue.TryParse(header, out RetryConditionHeaderValue? parsed)
            ? _http.Policy.WaitOf(parsed) : null;
        return wait > RetryPolicy.LongestWait ? throw _http.RateLimited(where, wait) : wait;
    }

    private sealed class SdkClient(AWSCredentials credentials, AmazonS3Config config) : AmazonS3Client(credentials, config)
    {
        protected override void CustomizeRuntimePipeline(RuntimePipeline pipeline)
        {
            base.CustomizeRuntimePipeline(pipeline);
            pipeline.ReplaceHandler<Amazon.S3.Internal.AmazonS3RedirectHandler>(new NoRedirects());
        }
    }

    /// <summary>
    /// Replaces the SDK's redirect handler, which sends the signed request, with body and session token, to any host that a
    /// response names.
    /// </summary>
    private sealed class NoRedirects : PipelineHandler
    {
        public override async Task<T> InvokeAsync<T>(IExecutionContext executionContext)
        {
            T response = await base.InvokeAsync<T>(executionContext).ConfigureAwait(false);
            return (int)executionContext.ResponseContext.HttpResponse.StatusCode is not (301 or 302 or 303 or 307 or 308)
                ? response
                : throw new AmazonS3Exception("It redirects.", ErrorType.Sender, "TemporaryRedirect", "",
                    executionContext.ResponseContext.HttpResponse.StatusCode);
        }
    }

    private sealed class SameConnections(HubHttp http) : HttpClientFactory
    {
        public override HttpClient CreateHttpClient(IClientConfig clientConfig) => http.NewClient();
    }

    private sealed class CurrentKeys(Func<AccessKeys> keys) : AWSCredentials
    {
        public override ImmutableCredentials GetCredentials()
        {
            AccessKeys now = keys();
            return new ImmutableCredentials(now.Id, now.Secret, now.SessionToken);
        }
    }
}
