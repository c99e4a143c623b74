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

/// <summary>
/// Lists a bucket, and begins, lists and ends uploads in parts, with the AWS SDK. Bytes of objects never go through it: see
/// <see cref="ObjectWriter"/>. Our retries, redirect rules and timeouts replace the SDK's, so that they are the same everywhere.
/// Keys are relative to the hub's prefix.
/// </summary>
internal sealed class BucketClient : IDisposable
{
    private readonly Bucket _bucket;
    private readonly HubHttp _http;
    private readonly TimeProvider _time;
    private readonly Lazy<SdkClient> _client;

    public BucketClient(Bucket bucket, HubHttp http, TimeProvider time)
    {
        (_bucket, _http, _time) = (bucket, http, time);
        _client = new(Make);
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
            return await CallAsync(prefix, token => _client.Value.ListObjectsV2Async(
                new ListObjectsV2Request { BucketName = BucketName, Prefix = _bucket.Prefix + prefix, ContinuationToken = next },
                token), cancel).ConfigureAwait(false);
        }
        catch (S3Exception e)
        {
            throw _bucket.Explain(e.Error, prefix);
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
                token => _client.Value.ListMultipartUploadsAsync(request, token), cancel).ConfigureAwait(false);
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
                token => _client.Value.ListPartsAsync(request, token), cancel).ConfigureAwait(false);
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
            return await CallAsync(key, call, cancel).ConfigureAwait(false);
        }
        catch (S3Exception e)
        {
            throw _bucket.Explain(e.Error, key, writes: true);
        }
    }

    /// <exception cref="S3Exception">The server refused it.</exception>
    public async Task<string> BeginUploadAsync(string key, PutOptions options, CancellationToken cancel)
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
            token => _client.Value.InitiateMultipartUploadAsync(request, token), cancel).ConfigureAwait(false)).UploadId;
    }

    /// <returns>
    /// The ETag, which some servers leave empty; null if the upload no longer exists, because an earlier attempt whose response
    /// was lost, or another machine, has completed it.
    /// </returns>
    /// <exception cref="S3Exception">The server refused it.</exception>
    public async Task<string?> EndUploadAsync(
        string key, string upload, IReadOnlyList<string> parts, CancellationToken cancel)
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
            return (await CallAsync(key, token => _client.Value.CompleteMultipartUploadAsync(request, token), cancel,
                CompletionTimeout).ConfigureAwait(false)).ETag ?? "";
        }
        catch (S3Exception e) when (e.Error.Code == "NoSuchUpload")
        {
            return null;
        }
    }

    /// <exception cref="S3Exception">The server refused it.</exception>
    public Task AbortUploadAsync(string key, string upload, CancellationToken cancel) => CallAsync(key, token =>
        _client.Value.AbortMultipartUploadAsync(
            new AbortMultipartUploadRequest { BucketName = BucketName, Key = _bucket.Prefix + key, UploadId = upload }, token),
        cancel);

    public void Dispose()
    {
        if (_client.IsValueCreated)
            _client.Value.Dispose();
    }

    private SdkClient Make()
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
                RequestChecksumCalculation = RequestChecksumCalculation.WHEN_REQUIRED,
                ResponseChecksumValidation = ResponseChecksumValidation.WHEN_REQUIRED,
                HttpClientFactory = new SameConnections(_http),
                MaxErrorRetry = 0,
                DisableLogging = true,
            });
    }

    /// <summary>Repeats a call until there is a response or no retry is left.</summary>
    /// <param name="key">The object, for messages.</param>
    /// <param name="call">Makes one attempt.</param>
    /// <param name="cancel">Ends the wait.</param>
    /// <param name="most">How long the server may be silent; null = the stall timeout.</param>
    /// <exception cref="S3Exception">An error response that a retry does not change.</exception>
    /// <exception cref="HubException">WISE2001 or WISE2012.</exception>
    private async Task<T> CallAsync<T>(
        string key, Func<CancellationToken, Task<T>> call, CancellationToken cancel, TimeSpan? most = null)
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
                return await call(both.Token).ConfigureAwait(false);
            }
            catch (AmazonS3Exception e) when ((int)e.StatusCode != 0)
            {
                busy = e.ErrorCode is "OperationAborted" or "ConditionalRequestConflict" ? e : null;
                if (busy is null && !RetryPolicy.IsTransient(e.StatusCode) && e.ErrorCode is not "RequestTimeout")
                    throw Refused(e);
                asked = AskedWait(e, where);
                failure =
                    new HttpRequestException(
                        _bucket.Hide((Text)$"it answered {(int)e.StatusCode} {e.ErrorCode}"), _bucket.Cause(e));
            }
            catch (OperationCanceledException e) when (!cancel.IsCancellationRequested)
            {
                failure = new TimeoutException(stall.IsCancellationRequested ? HttpMessages.NoResponseWithin(patience)
                    : HttpMessages.NoConnectionWithin(_http.Settings.ConnectTimeout), e);
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
                throw busy is not null ? Refused(busy) : failure is TimeoutException
                    ? S3Messages.Stalled(_bucket.Hub.Name, where, reason, failure)
                    : HubHttp.Unreachable(_bucket.Hub.Name, where, reason, failure, isTransient: true);
            }
            await count.PauseAsync(pause, reason, cancel).ConfigureAwait(false);
        }
    }

    private S3Exception Refused(AmazonS3Exception e) =>
        new(new S3Error(e.StatusCode, e.ErrorCode ?? "", e.Message ?? ""), _bucket.Cause(e));

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
                : throw new AmazonS3Exception((Text)$"It redirects.", ErrorType.Sender, "TemporaryRedirect", "",
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
