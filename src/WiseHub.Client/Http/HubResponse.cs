using System.Buffers;
using System.IO.Compression;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;

namespace WiseHub.Client.Http;

/// <summary>
/// A response: status and body of the last hop, and headers of the first hop, where a hub describes the redirected content.
/// </summary>
internal sealed class HubResponse(HttpResponseMessage last, HttpResponseMessage first, Uri uri, Credential? credential,
    TimeSpan patience, TimeProvider time) : IDisposable
{
    // A hub's error text is shown in one line; longer texts are cut.
    private const int LongestErrorText = 4096, LongestShown = 200;

    private const int BufferSize = 1 << 16;

    public HttpStatusCode Status => last.StatusCode;

    public bool IsSuccess => last.IsSuccessStatusCode;

    public HttpResponseHeaders Headers => last.Headers;

    public HttpContentHeaders ContentHeaders => last.Content.Headers;

    /// <summary>The URL of the last hop.</summary>
    public Uri Uri { get; } = uri;

    /// <summary>The whole body, after it was loaded.</summary>
    public byte[] Body { get; private set; } = [];

    /// <summary>False if a lost connection looks like the end of the body: no length, no chunks, no HTTP/2 frames.</summary>
    public bool HasEnd =>
        ContentHeaders.ContentLength is not null || Headers.TransferEncodingChunked == true || last.Version.Major >= 2;

    /// <summary>The content itself is a compressed file, so a Content-Encoding header is no reason to decompress it.</summary>
    public bool KeepsPacking { get; private set; }

    /// <inheritdoc cref="KeepsPacking"/>
    public HubResponse Keeping(bool packing)
    {
        KeepsPacking = packing;
        return this;
    }

    public bool IsPacked =>
        !KeepsPacking && ContentHeaders.ContentEncoding.Any(e => e.Equals("gzip", StringComparison.OrdinalIgnoreCase));

    /// <summary>A header of the last hop, or else of the first hop (CDNs do not repeat the hub's headers).</summary>
    public string? Header(string name) => Value(last, name) ?? Value(first, name);

    /// <summary>The body, decompressed if the server compressed it.</summary>
    public async Task<Stream> OpenBodyAsync(CancellationToken cancel)
    {
        Stream body = await last.Content.ReadAsStreamAsync(cancel).ConfigureAwait(false);
        return IsPacked ? new GZipStream(body, CompressionMode.Decompress) : body;
    }

    /// <summary>Reads the whole <see cref="Body"/>.</summary>
    /// <exception cref="HubException">WISE2010: the body exceeds the limit.</exception>
    /// <exception cref="TimeoutException">The server sent nothing for the stall timeout.</exception>
    public async Task LoadAsync(int limit, bool beginningIsEnough, CancellationToken cancel)
    {
        using var memory = new MemoryStream();
        if (!await ReadAsync(memory, limit, cancel).ConfigureAwait(false) && !beginningIsEnough)
            throw HttpMessages.ResponseTooLarge(Uri, limit);
        Body = memory.ToArray();
    }

    /// <summary>Copies the whole body.</summary>
    /// <exception cref="TimeoutException">The server sent nothing for the stall timeout.</exception>
    public Task CopyToAsync(Stream into, CancellationToken cancel) => ReadAsync(into, long.MaxValue, cancel);

    /// <summary>
    /// True if the server did nothing and the same request may succeed: because of a conflicting operation in progress, or
    /// because the body came too slowly. Known after the error text was loaded.
    /// </summary>
    // Hugging Face: "another conflicting operation is in progress"; S3: OperationAborted ("A conflicting conditional operation is
    // currently in progress"), ConditionalRequestConflict, and RequestTimeout, which is a 400
    // (https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html).
    public bool IsBusy => _error is not null && (Status == HttpStatusCode.Conflict
        ? _error.Contains("in progress", StringComparison.OrdinalIgnoreCase)
            || _error.Contains("<Code>ConditionalRequestConflict</Code>", StringComparison.Ordinal)
        : Status == HttpStatusCode.BadRequest && _error.Contains("<Code>RequestTimeout</Code>", StringComparison.Ordinal));

    private string? _error;

    /// <summary>Loads the error text.</summary>
    public async Task LoadErrorAsync(CancellationToken cancel) => await ErrorTextAsync(cancel).ConfigureAwait(false);

    /// <summary>True for a web page, whatever its media type.</summary>
    public static bool IsPage(ReadOnlySpan<byte> body)
    {
        ReadOnlySpan<byte> text = body.TrimStart(" \t\r\n\uFEFF"u8);
        return text.StartsWith("<!"u8) || Ascii.EqualsIgnoreCase(text[..Math.Min(5, text.Length)], "<html"u8);
    }

    /// <summary>The loaded body as JSON.</summary>
    /// <param name="unexpected">Makes the hub's own exception for a body that is not JSON.</param>
    public JsonDocument Json(Func<Uri, string, HubException> unexpected)
    {
        try
        {
            return JsonDocument.Parse(Body);
        }
        catch (JsonException e)
        {
            throw unexpected(Uri, IsPage(Body) ? HttpMessages.WebPageNotJson : HttpMessages.NotJson(e));
        }
    }

    /// <summary>
    /// The server's own error text: one line of limited length, without markup and without our token. Empty if there is none.
    /// </summary>
    public async Task<string> ErrorDetailAsync(CancellationToken cancel)
    {
        string said = Header("X-Error-Message") ?? Summary(await ErrorTextAsync(cancel).ConfigureAwait(false));
        if (credential is not null)
            said = credential.Hide(said);
        said = string.Concat(said.Trim().Select(c => char.IsControl(c) ? ' ' : c));
        return said.Length > LongestShown ? said[..LongestShown] + "…" : said;
    }

    public void Dispose()
    {
        last.Dispose();
        first.Dispose();
    }

    /// <summary>The first 4 KiB of an error body. Do not show it unfiltered: servers repeat secrets.</summary>
    public async Task<string> ErrorTextAsync(CancellationToken cancel)
    {
        if (_error is not null)
            return _error;
        using var memory = new MemoryStream();
        try
        {
            await ReadAsync(memory, LongestErrorText, cancel).ConfigureAwait(false);
        }
        catch (Exception e) when (RetryPolicy.IsTransportFailure(e))
        {
            // The status already tells the error; a partial explanation is enough.
        }
        return _error = Encoding.UTF8.GetString(memory.GetBuffer(), 0, (int)memory.Length);
    }

    /// <returns>False when the body exceeds the limit.</returns>
    private async Task<bool> ReadAsync(Stream into, long limit, CancellationToken cancel)
    {
        using var stall = new CancellationTokenSource(patience, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(cancel, stall.Token);
        // A push of a thousand files gets thousands of empty bodies.
        byte[] buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
        try
        {
            Stream body = await OpenBodyAsync(both.Token).ConfigureAwait(false);
            for (int read; (read = await body.ReadAsync(buffer, both.Token).ConfigureAwait(false)) > 0; limit -= read)
            {
                stall.CancelAfter(patience);
                into.Write(buffer, 0, (int)Math.Min(read, limit));
                if (read > limit)
                    return false;
            }
            return true;
        }
        catch (OperationCanceledException e) when (!cancel.IsCancellationRequested)
        {
            throw new TimeoutException(HttpMessages.NoBytesFor(patience), e);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    // {"error":"…"} or {"error":["…"]}; on GitLab {"message":"…"}. Nothing of a web page, and the text of anything else.
    private static string Summary(string body)
    {
        if (IsPage(Encoding.UTF8.GetBytes(body)))
            return "";
        try
        {
            using JsonDocument json = JsonDocument.Parse(body);
            return json.RootElement.ValueKind == JsonValueKind.Object
                && (json.RootElement.TryGetProperty("error", out JsonElement error)
                    || json.RootElement.TryGetProperty("message", out error))
                ? error.ValueKind == JsonValueKind.String ? StrictJson.Text(error) ?? "" : error.GetRawText()
                : body;
        }
        catch (JsonException)
        {
            return body;
        }
    }

    private static string? Value(HttpResponseMessage message, string name) =>
        message.Headers.TryGetValues(name, out IEnumerable<string>? values)
        || message.Content.Headers.TryGetValues(name, out values)
            ? string.Join(", ", values) : null;
}
