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
    // To put many GB together, and to queue many files, a server may need minutes before it answers.
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(10);

    private Uri Service => definition.Services().Upload;

    /// <summary>The numbers of the pieces that the server has of a content.</summary>
    public async Task<HashSet<int>> CheckAsync(string name, string md5, CancellationToken cancel)
    {
        Uri uri = At("check");
        using JsonDocument response = await session.CallAsync(reference, Service,
            new HubRequest(uri) { Body = () => Form(name, md5) }, session.Asking, cancel).ConfigureAwait(false);
        var stored = new HashSet<int>();
        // -1: nothing, whatever the list says.
        if (Number(GatewaySession.Data(response, "resultCode")) == -1
            || GatewaySession.Data(response, "chunks") is not JsonElement chunks || chunks.ValueKind == JsonValueKind.Null)
            return stored;
        if (chunks.ValueKind != JsonValueKind.Array)
            throw session.Unexpected(uri, "its chunks are no list");
        foreach (JsonElement chunk in chunks.EnumerateArray())
            stored.Add(Number(chunk) is int number and >= 0 ? number
                : throw session.Unexpected(uri, "one of its chunks is no number"));
        return stored;
    }

    /// <summary>Sends one piece. Sent again, it replaces the one before.</summary>
    public async Task SendAsync(
        LocalFile file, string md5, int piece, long start, long length, Action<long> sent, CancellationToken cancel)
    {
        var request = new HubRequest(At("upload")) { Body = () => Piece(file, md5, piece, start, length), Patience = Patience };
        long framing = FramingOf(request, length), went = 0, told = 0;
        request = request with
        {
            Sent = bytes =>
            {
                went = Math.Max(0, went + bytes);
                long content = Math.Clamp(went - framing, 0, length);
                if (content != told)
                    sent(content - told);
                told = content;
            }
        };
        using JsonDocument response = await session.CallAsync(reference, Service, request,
            session.Uploading, cancel).ConfigureAwait(false);
    }

    /// <summary>Has the pieces put together.</summary>
    /// <returns>Where the content lies on the server until it is committed.</returns>
    public async Task<string> MergeAsync(string name, string md5, CancellationToken cancel)
    {
        Uri uri = At("merge");
        var request = new HubRequest(uri) { Body = () => Form(name, md5), Patience = Patience };
        using JsonDocument response = await session.CallAsync(reference, Service, request,
            session.AskingOnce, cancel).ConfigureAwait(false);
        return GatewaySession.Data(response, "filepath") is { ValueKind: JsonValueKind.String } path
            && StrictJson.Text(path) is { Length: > 0 } text
            ? text
            : throw session.Unexpected(uri, "it does not say where the file is");
    }

    /// <summary>Has contents committed into one folder. A good response only means that the server will do so later.</summary>
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
            session.AskingOnce, cancel).ConfigureAwait(false);
    }

    private Uri At(string verb) => new($"{Service.AbsoluteUri.TrimEnd('/')}/gateway/fileupload/api/v1/{verb}");

    private FormUrlEncodedContent Form(string name, string md5) => new(
    [
        new("fileName", name), new("fileMd5", md5), new("dir", ""), new("project_path", session.ProjectPath(reference)),
    ]);

    // As python-requests writes it, which is what the server is used to: .NET's own way has names without quotes, filename*=
    // beside filename=, and a charset on each text.
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
            // The base's: that of the form replaces the disposition.
            ((MultipartContent)form).Add(content);
        }
    }

    /// <summary>The base name, which is all that the upload service is told.</summary>
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
