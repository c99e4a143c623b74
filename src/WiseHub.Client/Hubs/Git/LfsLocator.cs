using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using WiseHub.Client.Http;
using WiseHub.Client.Transfer;

namespace WiseHub.Client.Hubs.Git;

/// <summary>Where an LFS server is, and what it wants to be shown.</summary>
/// <param name="Root">What <c>/objects/batch</c> is put behind.</param>
/// <param name="Credential">Null for none.</param>
internal sealed record LfsServer(Uri Root, Credential? Credential);

/// <summary>
/// Asks an LFS server where contents are (https://github.com/git-lfs/git-lfs/blob/main/docs/api/batch.md), many in one request. What it
/// answers is signed and expires, so that each answer is used once, and not after its time.
/// </summary>
/// <param name="repo">Repo and hub, for messages.</param>
/// <param name="wire">How it is asked.</param>
/// <param name="time">The clock that answers expire by.</param>
/// <param name="server">Finds the server; asked once for each batch, because what it gives may expire, too.</param>
/// <param name="explain">Turns an answer that is an error into one with a code.</param>
/// <param name="all">Every content of the commit, in the order in which they will be wanted.</param>
internal sealed class LfsLocator(string repo, HubWire wire, TimeProvider time, Func<CancellationToken, Task<LfsServer>> server,
    Func<HubAnswer, CancellationToken, Task<HubException>> explain, IReadOnlyList<LfsPointer> all) : IDisposable
{
    // What git-lfs itself asks at once, and servers allow.
    private const int MostInBatch = 100;

    private const int MostAnswerBytes = 4 << 20;

    private const string MediaType = "application/vnd.git-lfs+json";

    // An answer that ends this soon may have ended when the content's turn comes.
    private static readonly TimeSpan Margin = TimeSpan.FromSeconds(60);

    // Set by the connection and the range; a server must not.
    private static readonly string[] OwnHeaders = ["Host", "Range", "Accept-Encoding", "Connection", "Transfer-Encoding", "Expect", "Upgrade", "TE", "Trailer"];

    private readonly SemaphoreSlim _gate = new(1);
    private readonly HashSet<string> _asked = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Answer> _answers = new(StringComparer.Ordinal);

    /// <summary>What a server said of one content.</summary>
    private sealed record Answer(Uri? Uri, Credential? Credential, DateTimeOffset? Until, HubException? Failure);

    /// <exception cref="HubException">WISE2030: the server does not have it; WISE2031: it has no LFS that we understand; or what explains its answer.</exception>
    public async Task<(Uri Uri, Credential? Credential)> LocateAsync(LfsPointer pointer, string path, CancellationToken cancel)
    {
        await _gate.WaitAsync(cancel).ConfigureAwait(false);
        try
        {
            if (!_answers.Remove(pointer.Sha256.Hex, out Answer? answer) || answer.Failure is not null || answer.Until < time.GetUtcNow() + Margin)
            {
                await AskAsync([pointer, .. all.Where(p => p.Sha256 != pointer.Sha256 && !_asked.Contains(p.Sha256.Hex)).DistinctBy(p => p.Sha256).Take(MostInBatch - 1)], cancel).ConfigureAwait(false);
                if (!_answers.Remove(pointer.Sha256.Hex, out answer))
                    throw new HubException(WiseCodes.LfsUnusable, $"{repo}: the LFS server said nothing of the object {pointer.Sha256} ('{path}'). Ask the operator of the hub.");
            }
            if (answer.Failure is HubException failure)
                throw new HubException(failure.Code, $"{repo}: '{path}': {failure.Message}");
            return (answer.Uri!, answer.Credential);
        }
        finally
        {
            _gate.Release();
        }
    }

    public void Dispose() => _gate.Dispose();

    private async Task AskAsync(List<LfsPointer> wanted, CancellationToken cancel)
    {
        _asked.UnionWith(wanted.Select(p => p.Sha256.Hex));
        LfsServer place = await server(cancel).ConfigureAwait(false);
        var uri = new Uri(place.Root.AbsoluteUri.TrimEnd('/') + "/objects/batch");
        byte[] body = Body(wanted);
        var question = new Question(uri)
        {
            Accept = MediaType,
            Body = () => new ByteArrayContent(body) { Headers = { ContentType = new MediaTypeHeaderValue(MediaType) } },
        };
        using HubAnswer answer = await wire.AskAsync(question, place.Credential, MostAnswerBytes, cancel).ConfigureAwait(false);
        if (!answer.IsSuccess)
        {
            throw answer.Status is HttpStatusCode.NotFound or HttpStatusCode.NotImplemented or HttpStatusCode.MethodNotAllowed
                ? Unusable(uri, $"it answered {(int)answer.Status}, so that it has no LFS, or hides the repo") : await explain(answer, cancel).ConfigureAwait(false);
        }
        try
        {
            using JsonDocument json = JsonDocument.Parse(answer.Body);
            Read(json.RootElement, place, answer.Uri);
        }
        catch (JsonException e)
        {
            throw Unusable(uri, $"it is not JSON ({e.Message})");
        }
    }

    private static byte[] Body(List<LfsPointer> wanted)
    {
        using var memory = new MemoryStream();
        using (var json = new Utf8JsonWriter(memory))
        {
            json.WriteStartObject();
            json.WriteString("operation", "download");
            json.WriteStartArray("transfers");
            json.WriteStringValue("basic");
            json.WriteEndArray();
            json.WriteString("hash_algo", "sha256");
            json.WriteStartArray("objects");
            foreach (LfsPointer pointer in wanted)
            {
                json.WriteStartObject();
                json.WriteString("oid", pointer.Sha256.Hex);
                json.WriteNumber("size", pointer.Size);
                json.WriteEndObject();
            }
            json.WriteEndArray();
            json.WriteEndObject();
        }
        return memory.ToArray();
    }

    private void Read(JsonElement root, LfsServer place, Uri asked)
    {
        if (root.ValueKind != JsonValueKind.Object || !root.TryGetProperty("objects", out JsonElement objects) || objects.ValueKind != JsonValueKind.Array)
            throw Unusable(asked, "it has no list of objects");
        if (StrictJson.Text(root, "transfer") is { } transfer and not "basic")
            throw Unusable(asked, $"it wants the transfer '{transfer}', but only 'basic' was offered");
        foreach (JsonElement item in objects.EnumerateArray())
        {
            if (StrictJson.Text(item, "oid") is string oid)
                _answers[oid] = ReadOne(item, place, asked);
        }
    }

    private Answer ReadOne(JsonElement item, LfsServer place, Uri asked)
    {
        if (item.TryGetProperty("error", out JsonElement error) && error.ValueKind == JsonValueKind.Object)
        {
            int code = error.TryGetProperty("code", out JsonElement number) && number.TryGetInt32(out int status) ? status : 0;
            return Failed(code is 401 or 403 ? WiseCodes.Forbidden : WiseCodes.LfsObjectMissing,
                $"the LFS server ({HubHttp.Show(asked)}) answered {code}{(StrictJson.Text(error, "message") is string said ? $": \"{Shown(said)}\"" : "")}. The pointer is in the repo and its content is not on the server: ask the owner of the repo to push it (git lfs push --all).");
        }
        if (!item.TryGetProperty("actions", out JsonElement actions) || actions.ValueKind != JsonValueKind.Object
            || !actions.TryGetProperty("download", out JsonElement action) || StrictJson.Text(action, "href") is not string href)
        {
            return Failed(WiseCodes.LfsObjectMissing, $"the LFS server ({HubHttp.Show(asked)}) names no place to download it from. Ask the owner of the repo to push it (git lfs push --all).");
        }
        if (!Uri.TryCreate(href, UriKind.Absolute, out Uri? uri) || !HubHttp.MayFollow(asked, uri))
            return Failed(WiseCodes.RedirectRefused, $"the LFS server ({HubHttp.Show(asked)}) names a place that must not be asked{(uri is null ? "" : $" ({HubHttp.Show(uri)})")}. Only http(s) is, and never http after https. Ask the operator of the hub.");
        List<KeyValuePair<string, string>> headers = action.TryGetProperty("header", out JsonElement header) && header.ValueKind == JsonValueKind.Object
            ? [.. header.EnumerateObject().Where(h => h.Value.ValueKind == JsonValueKind.String && !OwnHeaders.Contains(h.Name, StringComparer.OrdinalIgnoreCase)
                    && !h.Name.StartsWith("Content-", StringComparison.OrdinalIgnoreCase)).Select(h => KeyValuePair.Create(h.Name, h.Value.GetString()!))]
            : [];
        // Without headers of its own a place on the server itself is asked like the server.
        Credential? credential = headers.Count > 0 ? Credential.Given(uri, headers) : place.Credential is not null && HubHttp.SameOrigin(place.Credential.Origin, uri) ? place.Credential : null;
        return new Answer(uri, credential, Until(action), null);
    }

    private DateTimeOffset? Until(JsonElement action)
    {
        if (action.TryGetProperty("expires_in", out JsonElement seconds) && seconds.ValueKind == JsonValueKind.Number && seconds.TryGetInt64(out long s) && s is > 0 and < int.MaxValue)
            return time.GetUtcNow().AddSeconds(s);
        // The first year is how some servers write "never".
        return StrictJson.Text(action, "expires_at") is string at && DateTimeOffset.TryParse(at, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset until) && until.Year > 1 ? until : null;
    }

    private static Answer Failed(string code, string message) => new(null, null, null, new HubException(code, message));

    private HubException Unusable(Uri uri, string reason) => new(WiseCodes.LfsUnusable,
        $"{repo}: the LFS server at {HubHttp.Show(uri)} gave no usable answer: {reason}. Check that the host has LFS for this repo, and the token where it is private.");

    private static string Shown(string text) => string.Concat(text.Take(200).Select(c => char.IsControl(c) ? ' ' : c));
}
