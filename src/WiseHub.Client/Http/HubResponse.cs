using System.IO.Compression;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;

namespace WiseHub.Client.Http;

/// <summary>
/// A response: the last hop's status and body, and the first hop's headers, where a hub says what it redirects to.
/// </summary>
internal sealed class HubResponse(HttpResponseMessage last, HttpResponseMessage first, Uri uri, Credential? credential,
    TimeSpan patience, TimeProvider time) : IDisposable
{
    // What a hub says of an error is shown in one line; more than this is no explanation.
    private const int LongestErrorText = 4096, LongestShown = 200;

    public HttpStatusCode Status => last.StatusCode;

    public bool IsSuccess => last.IsSuccessStatusCode;

    public HttpResponseHeaders Headers => last.Headers;

    public HttpContentHeaders ContentHeaders => last.Content.Headers;

    /// <summary>Where the last hop went.</summary>
    public Uri Uri { get; } = uri;

    /// <summary>The whole body, once it was loaded.</summary>
    public byte[] Body { get; private set; } = [];

    /// <summary>
    /// False where an end that is no end cannot be told from one: neither a length, nor chunks, nor the frames of HTTP/2.
    /// </summary>
    public bool HasEnd =>
        ContentHeaders.ContentLength is not null || Headers.TransferEncodingChunked == true || last.Version.Major >= 2;

    /// <summary>The content itself is a packed file: what a server says of its packing is no reason to unpack it.</summary>
    public bool KeepsPacking { get; private set; }

    /// <inheritdoc cref="KeepsPacking"/>
    public HubResponse Keeping(bool packing)
    {
        KeepsPacking = packing;
        return this;
    }

    public bool IsPacked =>
        !KeepsPacking && ContentHeaders.ContentEncoding.Any(e => e.Equals("gzip", StringComparison.OrdinalIgnoreCase));

    /// <summary>
    /// A header of the last hop, or of the first where the last has none (a CDN repeats none of the hub's own).
    /// </summary>
    public string? Header(string name) => Value(last, name) ?? Value(first, name);

    /// <summary>The body, unpacked where the server packed it without being asked to.</summary>
    public async Task<Stream> OpenBodyAsync(CancellationToken cancel)
    {
        Stream body = await last.Content.ReadAsStreamAsync(cancel).ConfigureAwait(false);
        return IsPacked ? new GZipStream(body, CompressionMode.Decompress) : body;
    }

    /// <summary>Reads the whole <see cref="Body"/>.</summary>
    /// <exception cref="HubException">WISE2010: more than the limit.</exception>
    /// <exception cref="TimeoutException">The server fell silent.</exception>
    public async Task LoadAsync(int limit, bool beginningIsEnough, CancellationToken cancel)
    {
        using var memory = new MemoryStream();
        if (!await ReadAsync(memory, limit, cancel).ConfigureAwait(false) && !beginningIsEnough)
            throw new HubException(WiseCodes.UnexpectedAnswer,
                $"{Urls.Show(Uri)} answered with more than {limit} bytes. Check the endpoint of the hub.");
        Body = memory.ToArray();
    }

    /// <summary>Copies the whole body.</summary>
    /// <exception cref="TimeoutException">The server fell silent.</exception>
    public Task CopyToAsync(Stream into, CancellationToken cancel) => ReadAsync(into, long.MaxValue, cancel);

    /// <summary>
    /// The server says that something else is under way with the same thing, after which this can be done. Known once
    /// the error was loaded.
    /// </summary>
    // Hugging Face: "another conflicting operation is in progress"; S3: OperationAborted ("A conflicting conditional operation is
    // currently in progress").
    public bool IsBusy =>
        Status == HttpStatusCode.Conflict && _error?.Contains("in progress", StringComparison.OrdinalIgnoreCase) == true;

    private string? _error;

    /// <summary>Reads what explains an error.</summary>
    public async Task LoadErrorAsync(CancellationToken cancel) => await ErrorTextAsync(cancel).ConfigureAwait(false);

    /// <summary>A page for people, whatever the server says of it.</summary>
    public static bool IsPage(ReadOnlySpan<byte> body)
    {
        ReadOnlySpan<byte> text = body.TrimStart(" \t\r\n\uFEFF"u8);
        return text.StartsWith("<!"u8) || Ascii.EqualsIgnoreCase(text[..Math.Min(5, text.Length)], "<html"u8);
    }

    /// <summary>The loaded body as JSON.</summary>
    /// <param name="unexpected">What to throw, in the hub's own terms, where it is none.</param>
    public JsonDocument Json(Func<Uri, string, HubException> unexpected)
    {
        try
        {
            return JsonDocument.Parse(Body);
        }
        catch (JsonException e)
        {
            throw unexpected(Uri, IsPage(Body) ? "it is a web page, such as those of logins and proxies, and not JSON"
                : $"it is not JSON ({e.Message})");
        }
    }

    /// <summary>
    /// The server's own words for an error: one line, bounded, without markup and without our token. Empty when it says nothing.
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

    /// <summary>The first 4 KiB of a body that explains an error. Not to be shown as it is: servers repeat secrets.</summary>
    public async Task<string> ErrorTextAsync(CancellationToken cancel)
    {
        if (_error is not null)
            return _error;
        using var memory = new MemoryStream();
        try
        {
            await ReadAsync(memory, LongestErrorText, cancel).ConfigureAwait(false);
        }
        catch (Exception e) when (RetryPolicy.IsOfTheWay(e))
        {
            // The status says what is wrong; what came of the explanation is enough.
        }
        return _error = Encoding.UTF8.GetString(memory.GetBuffer(), 0, (int)memory.Length);
    }

    /// <returns>False when there is more than the limit.</returns>
    private async Task<bool> ReadAsync(Stream into, long limit, CancellationToken cancel)
    {
        using var stall = new CancellationTokenSource(patience, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(cancel, stall.Token);
        byte[] buffer = new byte[81920];
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
            throw new TimeoutException($"no bytes for {patience.TotalSeconds} s", e);
        }
    }

    // {"error":"…"} or {"error":["…"]}, of GitLab {"message":"…"}; of a page for people nothing, of anything else the text.
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
