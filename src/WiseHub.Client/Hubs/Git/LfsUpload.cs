using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Nodes;
using WiseHub.Client.Contents;
using WiseHub.Client.Http;

namespace WiseHub.Client.Hubs.Git;

/// <summary>
/// Brings contents to an LFS server: whole (https://github.com/git-lfs/git-lfs/blob/main/docs/api/basic-transfers.md), or in
/// parts as Hugging Face has them (docs/protocols/huggingface.md#lfs). What the server has already is not sent. Addresses of
/// parts are signed and die, so that of a content that was broken off all parts are sent again, and of finished ones none.
/// </summary>
/// <param name="repo">Repo and hub, for messages.</param>
/// <param name="http">How it is sent.</param>
/// <param name="time">The clock that addresses expire by.</param>
/// <param name="log">Told when addresses have to be asked for anew.</param>
/// <param name="server">
/// Finds the server; asked once for each batch, because what it gives may expire. Null where somebody else asks it.
/// </param>
/// <param name="refName">What the contents are for, where the server wants to know.</param>
/// <param name="explain">Turns a response that is an error into one with a code.</param>
internal sealed class LfsUpload(
    string repo, HubHttp http, TimeProvider time, IHubLog log, Func<CancellationToken, Task<LfsServer>>? server, string? refName,
    Func<HubResponse, CancellationToken, Task<HubException>> explain)
{
    // Of a response to an upload only the headers matter.
    private const int MostAnswerBytes = 1 << 20;

    private const int MostAddresses = 3;

    // S3 says of the end of an upload in parts that it may take several minutes.
    private static readonly TimeSpan PatienceAtTheEnd = TimeSpan.FromMinutes(5);

    private static readonly string[] Transfers = ["basic", "multipart"];

    /// <summary>Changes addresses, where a server that stands for another gives that one's.</summary>
    public Func<Uri, Uri>? Rewrite { get; init; }

    /// <summary>Contents asked about at once.</summary>
    public int BatchSize { get; init; } = LfsBatch.Most;

    /// <summary>What a server says of one content.</summary>
    private sealed record Order(LfsResponse Batch, LfsAction? Upload, LfsAction? Verify);

    /// <summary>An address has expired, or what it stood for is gone.</summary>
    private sealed class AddressGoneException(HubException last) : Exception
    {
        public HubException Last { get; } = last;
    }

    /// <param name="files">What to send; several may have one content.</param>
    /// <param name="progress">Told what goes out and what is there.</param>
    /// <param name="workers">Requests at once that send content.</param>
    /// <param name="cancel">Ends it.</param>
    /// <exception cref="HubException">
    /// WISE2011, WISE2030, WISE2031, WISE5003, WISE5020, WISE5026, or what explains a response.
    /// </exception>
    public async Task UploadAsync(IReadOnlyList<LocalFile> files, PushProgress progress, int workers, CancellationToken cancel)
    {
        using var slots = new SemaphoreSlim(workers);
        foreach (IGrouping<Digest, LocalFile>[] batch in files.GroupBy(f => f.Sha256).Chunk(BatchSize))
        {
            LfsResponse response = await SendAsync(batch.Select(g => g.First()), cancel).ConfigureAwait(false);
            // All are looked at before any is sent: one error fails the batch.
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

    /// <summary>Sends one content where the server told somebody else to send it.</summary>
    /// <param name="file">The content.</param>
    /// <param name="action">The <c>upload</c> of the server's response: address and headers.</param>
    /// <param name="progress">Told what goes out.</param>
    /// <param name="workers">Requests at once.</param>
    /// <param name="cancel">Ends it.</param>
    /// <inheritdoc cref="UploadAsync(IReadOnlyList{LocalFile}, PushProgress, int, CancellationToken)" path="/exception"/>
    public async Task UploadAsync(
        LocalFile file, JsonElement action, PushProgress progress, int workers, CancellationToken cancel)
    {
        if (!Uri.TryCreate(StrictJson.Text(action, "href"), UriKind.Absolute, out Uri? at))
            throw new HubException(WiseCodes.LfsUnusable,
                $"{repo}: the LFS server names no place for the object {file.Sha256}. Ask the operator of the hub.");
        using JsonDocument item = JsonDocument.Parse($"{{\"actions\":{{\"upload\":{action.GetRawText()}}}}}");
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
        string at = Urls.Show(batch.Asked);
        if (!batch.Objects.TryGetValue(file.Sha256.Hex, out JsonElement item))
            throw new HubException(WiseCodes.LfsUnusable, $"{repo}: the LFS server said nothing of the object {file.Sha256} "
                + $"('{file.PathInRepo}'). Ask the operator of the hub.");
        if (LfsBatch.ErrorOf(item) is (int code, string said))
            throw Refused(file, at, code, said, "");
        try
        {
            return new Order(batch, LfsAction.Read(item, "upload", batch, time), LfsAction.Read(item, "verify", batch, time));
        }
        catch (HubException e)
        {
            throw new HubException(e.Code, $"{repo}: '{file.PathInRepo}': {e.Message}");
        }
    }

    private async Task SendAsync(
        LocalFile file, Order order, PushProgress progress, SemaphoreSlim slots, int workers, CancellationToken cancel)
    {
        for (int asked = 1; order.Upload is LfsAction upload; asked++)
        {
            try
            {
                if (upload.IsOver(time.GetUtcNow()) && asked < MostAddresses)
                    throw new AddressGoneException(Refused(file, Urls.Show(upload.Uri), 0, "", ""));
                if (upload.Header.Any(h => h.Key == "chunk_size"))
                    await SendPartsAsync(file, order, upload, progress, slots, workers, cancel).ConfigureAwait(false);
                else
                    await PutAsync(file, upload.Uri, upload, 0, file.Size, progress, slots, cancel).ConfigureAwait(false);
                await VerifyAsync(file, order.Verify, cancel).ConfigureAwait(false);
                return;
            }
            catch (AddressGoneException e)
            {
                if (asked >= MostAddresses || server is null)
                    throw e.Last;
                log.Detail($"{repo}: the address for '{file.PathInRepo}' is no longer good; asking for another one.");
                // What is there by now has no action.
                order = Read(file, await SendAsync([file], cancel).ConfigureAwait(false));
            }
        }
    }

    // Keys that are all digits are parts, in whatever order they come; the others are about them.
    private async Task SendPartsAsync(LocalFile file, Order order, LfsAction upload, PushProgress progress, SemaphoreSlim slots,
        int workers, CancellationToken cancel)
    {
        List<(long Number, string Href)> parts =
            [.. upload.Header.Where(h => h.Key.Length is > 0 and < 10 && h.Key.All(char.IsAsciiDigit))
                .Select(h => (long.Parse(h.Key, CultureInfo.InvariantCulture), h.Value)).OrderBy(p => p.Item1)];
        if (!long.TryParse(upload.Header.First(h => h.Key == "chunk_size").Value, NumberStyles.None,
            CultureInfo.InvariantCulture, out long size) || size == 0
            || parts.Count != (file.Size + size - 1) / size || parts.Where((p, i) => p.Number != i + 1).Any())
        {
            throw new HubException(WiseCodes.LfsUnusable, $"{repo}: the LFS server ({Urls.Show(order.Batch.Asked)}) wants "
                + $"'{file.PathInRepo}' ({file.Size} bytes) in {parts.Count} parts whose numbers and size do not make that up. "
                + "Ask the operator of the hub.");
        }
        Uri[] places = [.. parts.Select(p => Place(file, order.Batch, p.Href))];
        string[] etags = new string[parts.Count];
        long sent = 0;
        try
        {
            await Parallel.ForAsync(0, parts.Count,
                new ParallelOptions { MaxDegreeOfParallelism = workers, CancellationToken = cancel }, async (i, token) =>
                {
                    long start = i * size, length = Math.Min(size, file.Size - start);
                    string? etag = await PutAsync(file, places[i], null, start, length,
                        progress, slots, token).ConfigureAwait(false);
                    Interlocked.Add(ref sent, length);
                    etags[i] = !string.IsNullOrEmpty(etag) ? etag : throw new HubException(WiseCodes.LfsUnusable,
                        $"{repo}: {Urls.Show(places[i])} took part {i + 1} of '{file.PathInRepo}' without saying its ETag, "
                        + "by which the parts are joined. Ask the operator of the hub.");
                }).ConfigureAwait(false);
            await JoinAsync(file, upload, etags, cancel).ConfigureAwait(false);
        }
        catch (AddressGoneException)
        {
            // They have to be sent again.
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
        await RequireTakenAsync(file, response, "the joined parts of ", cancel).ConfigureAwait(false);
    }

    /// <returns>The ETag as it came.</returns>
    private async Task<string?> PutAsync(LocalFile file, Uri place, LfsAction? upload, long start, long length,
        PushProgress progress, SemaphoreSlim slots, CancellationToken cancel)
    {
        string? type = upload?.Header.FirstOrDefault(h => h.Key.Equals("Content-Type", StringComparison.OrdinalIgnoreCase)).Value;
        var request = new HubRequest(place)
        {
            Method = HttpMethod.Put,
            Sent = progress.Sent,
            Body = () =>
            {
                var slice = Guarded(file, start, length);
                // Of a part the type is in no signature, and of a whole content git-lfs says this one.
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
            await RequireTakenAsync(file, response, "", cancel).ConfigureAwait(false);
            return response.Header("ETag");
        }
        finally
        {
            slots.Release();
        }
    }

    // A file that is no longer what was hashed does not go out whole: the server must not get other bytes for its digest.
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
        throw new HubException(WiseCodes.LfsContentDamaged,
            $"{repo}: '{file.PathInRepo}': what the hub has stored is not the {file.Size} bytes with sha256 {file.Sha256} that "
            + $"were sent ({Urls.Show(response.Uri)} answered {(int)response.Status}{(said.Length > 0 ? $": \"{said}\"" : "")}). "
            + "Nothing was committed. Push again; if it happens again, ask the operator of the hub.");
    }

    private async Task RequireTakenAsync(LocalFile file, HubResponse response, string what, CancellationToken cancel)
    {
        if (response.IsSuccess)
            return;
        string said = await response.ErrorDetailAsync(cancel).ConfigureAwait(false);
        HubException refused = Refused(file, Urls.Show(response.Uri), (int)response.Status,
            said.Length > 0 ? $": \"{said}\"" : "", what);
        throw response.Status is HttpStatusCode.Forbidden or HttpStatusCode.NotFound or HttpStatusCode.Gone
            ? new AddressGoneException(refused) : refused;
    }

    private Uri Place(LocalFile file, LfsResponse batch, string href)
    {
        try
        {
            return batch.Place(href);
        }
        catch (HubException e)
        {
            throw new HubException(e.Code, $"{repo}: '{file.PathInRepo}': {e.Message}");
        }
    }

    private HubException Refused(LocalFile file, string place, int status, string said, string what) =>
        new(WiseCodes.LfsUploadRefused,
            $"{repo}: the hub does not take {what}'{file.PathInRepo}' ({ByteSize.Show(file.Size)}): {place} "
            + $"{(status == 0 ? "gives addresses that have ended already" : $"answered {status}")}{said}. Nothing was committed. "
            + "Check the rights and the storage quota of the account, then push again: what is there is not sent again.");
}
