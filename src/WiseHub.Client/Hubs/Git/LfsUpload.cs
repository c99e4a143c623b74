using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Nodes;
using WiseHub.Client.Contents;
using WiseHub.Client.Http;

namespace WiseHub.Client.Hubs.Git;

/// <summary>
/// Uploads files to an LFS server: in one request (https://github.com/git-lfs/git-lfs/blob/main/docs/api/basic-transfers.md),
/// or in parts, as Hugging Face requires (docs/protocols/huggingface.md#lfs). Files that the server has are not sent. The URLs of
/// parts expire, so an interrupted file is sent again from its beginning.
/// </summary>
/// <param name="repo">Repo and hub, for messages.</param>
/// <param name="http">Sends the requests.</param>
/// <param name="time">The clock for expiry.</param>
/// <param name="log">Receives a line for each expired URL.</param>
/// <param name="server">
/// Finds the server; called for each batch, because its credential may expire. Null if the caller sends the batch requests.
/// </param>
/// <param name="refName">The branch of the files, if the server wants it.</param>
/// <param name="explain">Turns an error response into an error with a code.</param>
internal sealed class LfsUpload(
    string repo, HubHttp http, TimeProvider time, IHubLog log, Func<CancellationToken, Task<LfsServer>>? server, string? refName,
    Func<HubResponse, CancellationToken, Task<HubException>> explain)
{
    private const int MostAnswerBytes = 1 << 20;

    private const int MostUrls = 3;

    // By S3's documentation, completing a multipart upload may take several minutes.
    private static readonly TimeSpan PatienceAtTheEnd = TimeSpan.FromMinutes(5);

    private static readonly string[] Transfers = ["basic", "multipart"];

    /// <inheritdoc cref="LfsResponse.Rewrite"/>
    public Func<Uri, Uri>? Rewrite { get; init; }

    /// <summary>Objects in one batch request.</summary>
    public int BatchSize { get; init; } = LfsBatch.Most;

    /// <summary>The server's actions for one object.</summary>
    private sealed record Order(LfsResponse Batch, LfsAction? Upload, LfsAction? Verify);

    /// <summary>A URL has expired or is no longer valid.</summary>
    private sealed class UrlExpiredException(HubException last) : Exception
    {
        public HubException Last { get; } = last;
    }

    /// <param name="files">The files; several may have the same content.</param>
    /// <param name="progress">Receives the progress.</param>
    /// <param name="workers">Maximum of parallel uploads.</param>
    /// <param name="cancel">Cancels the upload.</param>
    /// <exception cref="HubException">
    /// WISE2011, WISE2030, WISE2031, WISE5003, WISE5020, WISE5026, or an explained error response.
    /// </exception>
    public async Task UploadAsync(IReadOnlyList<LocalFile> files, PushProgress progress, int workers, CancellationToken cancel)
    {
        using var slots = new SemaphoreSlim(workers);
        foreach (IGrouping<Digest, LocalFile>[] batch in files.GroupBy(f => f.Sha256).Chunk(BatchSize))
        {
            LfsResponse response = await SendAsync(batch.Select(g => g.First()), cancel).ConfigureAwait(false);
            // All are checked before any is sent: one error fails the batch.
            List<(IGrouping<Digest, LocalFile> Same, Order Order)> orders =
                [.. batch.Select(g => (g, Read(g.First(), response)))];
            await Parallel.ForEachAsync(orders,
                new ParallelOptions { MaxDegreeOfParallelism = workers, CancellationToken = cancel }, async (order, token) =>
                {
                    LocalFile file = order.Same.First();
                    bool isThere = order.Order.Upload is null;
                    if (!isThere)
                        await SendAsync(file, order.Order, progress, slots, workers, token).ConfigureAwait(false);
                    progress.Done(file, isThere ? file.Size : 0);
                    foreach (LocalFile copy in order.Same.Skip(1))
                        progress.Done(copy, copy.Size);
                }).ConfigureAwait(false);
        }
    }

    /// <summary>Uploads one file for which git-lfs has sent the batch request.</summary>
    /// <param name="file">The file.</param>
    /// <param name="action">The <c>upload</c> action of the server's response: URL and headers.</param>
    /// <param name="progress">Receives the progress.</param>
    /// <param name="workers">Maximum of parallel requests.</param>
    /// <param name="cancel">Cancels the upload.</param>
    /// <inheritdoc cref="UploadAsync(IReadOnlyList{LocalFile}, PushProgress, int, CancellationToken)" path="/exception"/>
    public async Task UploadAsync(
        LocalFile file, JsonElement action, PushProgress progress, int workers, CancellationToken cancel)
    {
        if (!Uri.TryCreate(StrictJson.Text(action, "href"), UriKind.Absolute, out Uri? at))
            throw GitMessages.NoUploadUrl(repo, file.Sha256);
        using JsonDocument item = JsonDocument.Parse($"{{\"actions\":{{\"upload\":{StrictJson.RawText(action)}}}}}");
        var response = new LfsResponse(new LfsServer(at, null), at, null,
            new Dictionary<string, JsonElement> { [file.Sha256.Hex] = item.RootElement });
        using var slots = new SemaphoreSlim(workers);
        await SendAsync(file, Read(file, response), progress, slots, workers, cancel).ConfigureAwait(false);
        progress.Done(file);
    }

    private Task<LfsResponse> SendAsync(IEnumerable<LocalFile> files, CancellationToken cancel) =>
        new LfsBatch(repo, http, server!, explain) { Rewrite = Rewrite }.SendAsync("upload", Transfers, refName,
            files.Select(f => (f.Sha256, f.Size)), cancel);

    private Order Read(LocalFile file, LfsResponse batch)
    {
        if (!batch.Objects.TryGetValue(file.Sha256.Hex, out JsonElement item))
            throw GitMessages.ObjectNotMentioned(repo, file.Sha256, file.PathInRepo);
        if (LfsBatch.ErrorOf(item) is (int code, string said))
            throw Refused(file, batch.Asked, code, said, "");
        try
        {
            return new Order(batch, LfsAction.Read(item, "upload", batch, time), LfsAction.Read(item, "verify", batch, time));
        }
        catch (HubException e)
        {
            throw GitMessages.OfFile(repo, file.PathInRepo, e);
        }
    }

    private async Task SendAsync(
        LocalFile file, Order order, PushProgress progress, SemaphoreSlim slots, int workers, CancellationToken cancel)
    {
        for (int urls = 1; order.Upload is LfsAction upload; urls++)
        {
            try
            {
                if (upload.IsOver(time.GetUtcNow()) && urls < MostUrls)
                    throw new UrlExpiredException(Refused(file, upload.Uri, 0, "", ""));
                if (upload.Header.Any(h => h.Key == "chunk_size"))
                    await SendPartsAsync(file, order, upload, progress, slots, workers, cancel).ConfigureAwait(false);
                else
                    await PutAsync(file, upload.Uri, upload, 0, file.Size, progress, slots, cancel).ConfigureAwait(false);
                await VerifyAsync(file, order.Verify, cancel).ConfigureAwait(false);
                return;
            }
            catch (UrlExpiredException e)
            {
                if (urls >= MostUrls || server is null)
                    throw e.Last;
                log.Detail((Text)$"{repo}: the URL for '{file.PathInRepo}' has expired; requesting another one.");
                // If the server has the file by now, there is no upload action.
                order = Read(file, await SendAsync([file], cancel).ConfigureAwait(false));
            }
        }
    }

    // Keys of digits are parts, in any order; the other keys describe the upload.
    private async Task SendPartsAsync(LocalFile file, Order order, LfsAction upload, PushProgress progress, SemaphoreSlim slots,
        int workers, CancellationToken cancel)
    {
        List<(long Number, string Href)> parts =
            [.. upload.Header.Where(h => h.Key.Length is > 0 and < 10 && h.Key.All(char.IsAsciiDigit))
                .Select(h => (long.Parse(h.Key, CultureInfo.InvariantCulture), h.Value)).OrderBy(p => p.Item1)];
        if (!long.TryParse(upload.Header.First(h => h.Key == "chunk_size").Value, NumberStyles.None,
            CultureInfo.InvariantCulture, out long size) || size == 0
            || parts.Count != (file.Size + size - 1) / size || parts.Where((p, i) => p.Number != i + 1).Any())
            throw GitMessages.PartsDoNotFit(repo, order.Batch.Asked, file.PathInRepo, file.Size, parts.Count);
        Uri[] urls = [.. parts.Select(p => UrlOf(file, order.Batch, p.Href))];
        string[] etags = new string[parts.Count];
        long sent = 0;
        try
        {
            await Parallel.ForAsync(0, parts.Count,
                new ParallelOptions { MaxDegreeOfParallelism = workers, CancellationToken = cancel }, async (i, token) =>
                {
                    long start = i * size, length = Math.Min(size, file.Size - start);
                    string? etag = await PutAsync(file, urls[i], null, start, length,
                        progress, slots, token).ConfigureAwait(false);
                    Interlocked.Add(ref sent, length);
                    etags[i] = !string.IsNullOrEmpty(etag) ? etag
                        : throw GitMessages.PartWithoutETag(repo, urls[i], i + 1, file.PathInRepo);
                }).ConfigureAwait(false);
            await JoinAsync(file, upload, etags, cancel).ConfigureAwait(false);
        }
        catch (UrlExpiredException)
        {
            // All parts are sent again.
            progress.Sent(-sent);
            throw;
        }
    }

    private async Task JoinAsync(LocalFile file, LfsAction upload, string[] etags, CancellationToken cancel)
    {
        var body = new JsonObject
        {
            ["oid"] = file.Sha256.Hex,
            ["parts"] = new JsonArray(
                [.. etags.Select((etag, i) => (JsonNode)new JsonObject { ["partNumber"] = i + 1, ["etag"] = etag })]),
        };
        HubRequest request = HubRequest.WithJson(upload.Uri, body,
            LfsBatch.MediaType) with
        { Accept = LfsBatch.MediaType, Patience = PatienceAtTheEnd };
        using HubResponse response = await http.UploadAsync(request, null, MostAnswerBytes, cancel).ConfigureAwait(false);
        await RequireAcceptedAsync(file, response, (Text)$"the joined parts of ", cancel).ConfigureAwait(false);
    }

    /// <returns>The ETag, unchanged.</returns>
    private async Task<string?> PutAsync(LocalFile file, Uri url, LfsAction? upload, long start, long length,
        PushProgress progress, SemaphoreSlim slots, CancellationToken cancel)
    {
        string? type = upload?.Header.FirstOrDefault(h => h.Key.Equals("Content-Type", StringComparison.OrdinalIgnoreCase)).Value;
        var request = new HubRequest(url)
        {
            Method = HttpMethod.Put,
            Sent = progress.Sent,
            Body = () =>
            {
                var slice = Guarded(file, start, length);
                // The URL of a part does not sign a type; for a whole file, this is the type that git-lfs sends.
                if (upload is not null)
                    slice.Headers.ContentType = MediaTypeHeaderValue.TryParse(type, out MediaTypeHeaderValue? given) ? given
                        : new MediaTypeHeaderValue("application/octet-stream");
                return slice;
            },
        };
        await slots.WaitAsync(cancel).ConfigureAwait(false);
        try
        {
            using HubResponse response = await http.UploadAsync(request, upload?.Credential,
                MostAnswerBytes, cancel).ConfigureAwait(false);
            await RequireAcceptedAsync(file, response, "", cancel).ConfigureAwait(false);
            return response.Header("ETag");
        }
        finally
        {
            slots.Release();
        }
    }

    // Checks the file before the last byte is sent, so that the server never gets other bytes for its digest.
    private static FileSlice Guarded(LocalFile file, long start, long length)
    {
        long left = length;
        return new FileSlice(file.SourcePath, start, length)
        {
            Seen = bytes =>
            {
                if ((left -= bytes.Length) == 0)
                    file.RequireUnchanged();
            },
        };
    }

    private async Task VerifyAsync(LocalFile file, LfsAction? verify, CancellationToken cancel)
    {
        if (verify is null)
            return;
        HubRequest request = HubRequest.WithJson(verify.Uri,
            new JsonObject { ["oid"] = file.Sha256.Hex, ["size"] = file.Size }, LfsBatch.MediaType) with
        { Accept = LfsBatch.MediaType };
        using HubResponse response = await http.SendAsync(request, verify.Credential, MostAnswerBytes,
            cancel).ConfigureAwait(false);
        if (response.IsSuccess)
            return;
        if (response.Status is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden)
            throw await explain(response, cancel).ConfigureAwait(false);
        string said = await response.ErrorDetailAsync(cancel).ConfigureAwait(false);
        throw GitMessages.StoredWrong(repo, file.PathInRepo, file.Size, file.Sha256, response.Uri, response.Status, said);
    }

    private async Task RequireAcceptedAsync(LocalFile file, HubResponse response, string what, CancellationToken cancel)
    {
        if (response.IsSuccess)
            return;
        string said = await response.ErrorDetailAsync(cancel).ConfigureAwait(false);
        HubException refused = Refused(file, response.Uri, (int)response.Status,
            said.Length > 0 ? $": \"{said}\"" : "", what);
        throw response.Status is HttpStatusCode.Forbidden or HttpStatusCode.NotFound or HttpStatusCode.Gone
            ? new UrlExpiredException(refused) : refused;
    }

    private Uri UrlOf(LocalFile file, LfsResponse batch, string href)
    {
        try
        {
            return batch.UrlOf(href);
        }
        catch (HubException e)
        {
            throw GitMessages.OfFile(repo, file.PathInRepo, e);
        }
    }

    private HubException Refused(LocalFile file, Uri url, int status, string said, string what) =>
        GitMessages.UploadRefused(repo, file.PathInRepo, file.Size, url, status, said, what);
}
