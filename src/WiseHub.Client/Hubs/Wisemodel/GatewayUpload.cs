using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using WiseHub.Client.Contents;
using WiseHub.Client.Http;

namespace WiseHub.Client.Hubs.Wisemodel;

/// <summary>The four calls of Wisemodel's upload service (docs/protocols/wisemodel.md#uploads).</summary>
internal sealed class GatewayUpload(HubDefinition definition, GatewaySession session, RepoReference reference)
{
    // Merging many GB or queueing many files may take a server minutes before it answers.
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(10);

    private Uri Service => definition.Services().Upload;

    /// <summary>The numbers of the chunks that the server has of a file.</summary>
    public async Task<HashSet<int>> CheckAsync(string name, string md5, CancellationToken cancel)
    {
        Uri uri = At("check");
        using JsonDocument response = await session.CallAsync(reference, Service,
            new HubRequest(uri) { Body = () => Form(name, md5) }, session.WithRetries, cancel).ConfigureAwait(false);
        var stored = new HashSet<int>();
        // -1 means that the server has no chunk, even if there is a list.
        if (Number(GatewaySession.Data(response, "resultCode")) == -1
            || GatewaySession.Data(response, "chunks") is not JsonElement chunks || chunks.ValueKind == JsonValueKind.Null)
            return stored;
        if (chunks.ValueKind != JsonValueKind.Array)
            throw session.Unexpected(uri, (Text)$"its chunks are not a list");
        foreach (JsonElement chunk in chunks.EnumerateArray())
            stored.Add(Number(chunk) is int number and >= 0 ? number
                : throw session.Unexpected(uri, (Text)$"one of its chunks is not a number"));
        return stored;
    }

    /// <summary>Sends one chunk. Sent again, it replaces the earlier one.</summary>
    public async Task SendAsync(
        LocalFile file, string md5, int piece, long start, long length, Action<long> sent, CancellationToken cancel)
    {
        var request = new HubRequest(At("upload")) { Body = () => Piece(file, md5, piece, start, length), Patience = Patience };
        long framing = FramingOf(request, length), total = 0, reported = 0;
        request = request with
        {
            Sent = bytes =>
            {
                total = Math.Max(0, total + bytes);
                long content = Math.Clamp(total - framing, 0, length);
                if (content != reported)
                    sent(content - reported);
                reported = content;
            }
        };
        using JsonDocument response = await session.CallAsync(reference, Service, request,
            session.AsUpload, cancel).ConfigureAwait(false);
    }

    /// <summary>Merges the chunks on the server.</summary>
    /// <returns>The path of the file on the server until it is committed.</returns>
    public async Task<string> MergeAsync(string name, string md5, CancellationToken cancel)
    {
        Uri uri = At("merge");
        var request = new HubRequest(uri) { Body = () => Form(name, md5), Patience = Patience };
        using JsonDocument response = await session.CallAsync(reference, Service, request,
            session.Once, cancel).ConfigureAwait(false);
        return GatewaySession.Data(response, "filepath") is { ValueKind: JsonValueKind.String } path
            && StrictJson.Text(path) is { Length: > 0 } text
            ? text
            : throw session.Unexpected(uri, (Text)$"it does not give the path of the file");
    }

    /// <summary>Queues files for a commit into one folder. The server commits them later.</summary>
    public async Task AddFilesAsync(
        string branch, string folder, IEnumerable<string> staged, string message, CancellationToken cancel)
    {
        byte[] body = Encoding.UTF8.GetBytes(new JsonObject
        {
            ["project_path"] = session.ProjectPath(reference),
            ["branch"] = branch,
            ["files"] = new JsonArray([.. staged.Select(p => (JsonNode)p)]),
            ["commit"] = message,
            ["wangpan_url"] = "",
            ["git_folder"] = folder,
        }.ToJsonString());
        var request = new HubRequest(At("addfiles"))
        {
            Body = () => new ByteArrayContent(body) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } },
            Patience = Patience,
        };
        using JsonDocument response = await session.CallAsync(reference, Service, request,
            session.Once, cancel).ConfigureAwait(false);
    }

    private Uri At(string verb) => new($"{Service.AbsoluteUri.TrimEnd('/')}/gateway/fileupload/api/v1/{verb}");

    private FormUrlEncodedContent Form(string name, string md5) => new(
    [
        new("fileName", name), new("fileMd5", md5), new("dir", ""), new("project_path", session.ProjectPath(reference)),
    ]);

    // The form that python-requests writes, because the server expects it: .NET writes names without quotes, filename*= beside
    // filename=, and a charset on each text.
    public static MultipartFormDataContent Piece(LocalFile file, string md5, int piece, long start, long length)
    {
        string boundary = Guid.NewGuid().ToString("N");
        var form = new MultipartFormDataContent(boundary) { HeaderEncodingSelector = (_, _) => Encoding.UTF8 };
        form.Headers.Remove("Content-Type");
        form.Headers.TryAddWithoutValidation("Content-Type", "multipart/form-data; boundary=" + boundary);
        Add(new ByteArrayContent(Encoding.ASCII.GetBytes(md5)), "md5");
        Add(new ByteArrayContent([]), "dir");
        Add(new ByteArrayContent(Encoding.ASCII.GetBytes(piece.ToString(CultureInfo.InvariantCulture))), "chunk");
        Add(file.Slice(start, length), $"file\"; filename=\"{NameOf(file).Replace("\"", "%22", StringComparison.Ordinal)}");
        return form;

        void Add(HttpContent content, string name)
        {
            content.Headers.TryAddWithoutValidation("Content-Disposition", $"form-data; name=\"{name}\"");
            // Add of the base class: that of MultipartFormDataContent replaces the disposition.
            ((MultipartContent)form).Add(content);
        }
    }

    /// <summary>The base name; the upload service needs no path.</summary>
    public static string NameOf(LocalFile file) => file.PathInRepo[(file.PathInRepo.LastIndexOf('/') + 1)..];

    private static long FramingOf(HubRequest request, long length)
    {
        using HttpContent once = request.Body!();
        return once.Headers.ContentLength!.Value - length;
    }

    private static int? Number(JsonElement? value) => value switch
    {
        { ValueKind: JsonValueKind.Number } number when number.TryGetInt32(out int n) => n,
        { ValueKind: JsonValueKind.String } text
            when int.TryParse(StrictJson.Text(text), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int n) => n,
        _ => null,
    };
}
