using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace WiseHub.Testing;

/// <summary>
/// The LFS batch API (https://github.com/git-lfs/git-lfs/blob/main/docs/api/batch.md), and the CDN that its URLs point to.
/// </summary>
internal sealed class LfsApi(TestHub hub)
{
    private const string MediaType = "application/vnd.git-lfs+json";

    // Signs URLs of this process; a test that changes one gets 403.
    private static readonly byte[] Key = RandomNumberGenerator.GetBytes(32);

    /// <summary>Parts of an upload: number → content name and ETag.</summary>
    private readonly ConcurrentDictionary<string, ConcurrentDictionary<int, (string File, string ETag)>> _uploads =
        new(StringComparer.Ordinal);

    /// <summary>Object → the repos that were told to upload it, and have it once it is there.</summary>
    private readonly ConcurrentDictionary<string, ConcurrentDictionary<TestRepo, bool>> _awaited = new(StringComparer.Ordinal);

    public static string SignedUrl(TestHub hub, string path)
    {
        string expires = (hub.Options.Time.GetUtcNow() + hub.Options.SignedUrlLifetime).ToUnixTimeSeconds()
            .ToString(CultureInfo.InvariantCulture);
        return $"{hub.CdnEndpoint.GetLeftPart(UriPartial.Authority)}/{path}?Expires={expires}&Signature={Sign(path, expires)}";
    }

    public async Task<bool> TryAnswerAsync(Call call)
    {
        if (call is { Method: "POST", Parts: ["lfs-verify", _] })
        {
            JsonNode body = await call.ReadJsonAsync();
            string oid = body.Text("oid");
            if (!hub.Contents.Has(oid) || hub.Contents.SizeOf(oid) != body.Number("size"))
                throw new ApiError(404, null, $"The object {oid} is missing or has another size.");
            await call.WriteJsonAsync(new JsonObject());
            return true;
        }
        int git = Array.FindIndex(call.Parts, p => p.EndsWith(".git", StringComparison.Ordinal));
        if (git < 0 || call.Parts[(git + 1)..] is not ["info", "lfs", .. string[] rest])
            return false;
        string? type = call.Parts[0] == "codes" ? "code" : Call.TypeOfPlural(call.Parts[0]);
        string id = string.Join('/', call.Parts[(type is null ? 0 : 1)..(git + 1)])[..^4];
        TestRepo repo = call.Visible(hub.FindRepo(id, type ?? "model"));
        if ((call.Method, rest) is not ("POST", ["objects", "batch"]))
        {
            // There are no locks here; git-lfs goes on without them after a 404
            // (https://github.com/git-lfs/git-lfs/blob/main/docs/api/locking.md).
            throw new ApiError(404, null, "Not Found")
            { ContentType = MediaType, Json = new JsonObject { ["message"] = "Not Found" } };
        }
        await BatchAsync(call, repo);
        return true;
    }

    public async Task ServeCdnAsync(Call call)
    {
        CheckSignature(call);
        switch (call.Method, call.Parts)
        {
            case ("GET" or "HEAD", ["content", string sha256]) when hub.Contents.Has(sha256):
                // The CDN's tag is its own, not the digest of the content (docs/protocols/huggingface.md#downloads).
                await ContentAnswer.WriteAsync(call, hub.Contents.PathOf(sha256), "cdn-" + sha256[..16]);
                break;
            case ("PUT", ["content", string sha256]):
                await ReceiveAsync(call, sha256);
                break;
            case ("PUT", ["part", string upload, string number]):
                await ReceivePartAsync(call, upload, int.Parse(number, CultureInfo.InvariantCulture));
                break;
            case ("POST", ["complete", string upload, string sha256]):
                await CompleteAsync(call, upload, sha256);
                break;
            default:
                throw new ApiError(404, null, "Not Found");
        }
    }

    private async Task BatchAsync(Call call, TestRepo repo)
    {
        JsonNode body = await call.ReadJsonAsync();
        bool upload = body.Text("operation") switch
        {
            "upload" => true,
            "download" => false,
            _ => throw new ApiError(422, null, "\"operation\" must be one of [upload, download]"),
        };
        // Who proposes something uploads to a repo that is somebody else's.
        if (upload)
            CommitApi.RequireUpload(call, repo, createsPullRequest: true);
        else
            SettingsApi.RequireFiles(call, repo);
        bool multipart = body["transfers"] is JsonArray transfers && transfers.Any(t => t?.ToString() == "multipart");
        bool anyMultipart = false;
        var objects = new JsonArray();
        foreach (JsonNode? wanted in body.List("objects"))
        {
            string oid = wanted!.Text("oid");
            long size = wanted!.Number("size");
            var answer = new JsonObject { ["oid"] = oid, ["size"] = size };
            if (oid.Length != 64 || !oid.All(char.IsAsciiHexDigitLower) || size < 0)
                answer["error"] = new JsonObject { ["code"] = 422, ["message"] = "The object id or size is not valid." };
            else if (upload && !repo.LfsObjects.ContainsKey(oid))
            {
                _awaited.GetOrAdd(oid, _ => new())[repo] = true;
                bool inParts = multipart && size >= hub.Options.MultipartThreshold;
                anyMultipart |= inParts;
                answer["actions"] = new JsonObject
                {
                    ["upload"] = inParts ? MultipartAction(oid, size)
                        : new JsonObject { ["href"] = SignedUrl(hub, $"content/{oid}") },
                    ["verify"] = new JsonObject { ["href"] = call.HubUrl($"/lfs-verify/{Uri.EscapeDataString(repo.Id)}") },
                };
            }
            else if (!upload && repo.LfsObjects.ContainsKey(oid))
                answer["actions"] =
                    new JsonObject { ["download"] = new JsonObject { ["href"] = SignedUrl(hub, $"content/{oid}") } };
            else if (!upload)
                answer["error"] = new JsonObject { ["code"] = 404, ["message"] = "The object does not exist." };
            objects.Add(answer);
        }
        await call.WriteJsonAsync(
            new JsonObject { ["transfer"] = anyMultipart ? "multipart" : "basic", ["objects"] = objects }, type: MediaType);
    }

    private JsonObject MultipartAction(string oid, long size)
    {
        string upload = Guid.NewGuid().ToString("N");
        _uploads[upload] = new ConcurrentDictionary<int, (string, string)>();
        int parts = (int)((size + hub.Options.PartSize - 1) / hub.Options.PartSize);
        var header = new JsonObject();
        header["chunk_size"] = hub.Options.PartSize.ToString(CultureInfo.InvariantCulture);
        for (int i = 1; i <= parts; i++)
        {
            int part = hub.Options.PartsOutOfOrder ? parts + 1 - i : i;
            header[part.ToString("00000", CultureInfo.InvariantCulture)] = SignedUrl(hub, $"part/{upload}/{part}");
        }
        return new JsonObject { ["href"] = SignedUrl(hub, $"complete/{upload}/{oid}"), ["header"] = header };
    }

    private async Task ReceiveAsync(Call call, string sha256)
    {
        string temporary = hub.Contents.NewTemporary();
        await using (FileStream target = File.Create(temporary))
            await call.Request.Body.CopyToAsync(target, call.Cancel);
        Take(temporary, sha256);
        call.Response.Headers.ETag = $"\"{sha256[..32]}\"";
    }

    private async Task ReceivePartAsync(Call call, string upload, int number)
    {
        if (!_uploads.TryGetValue(upload, out var parts))
            throw new ApiError(404, null, "NoSuchUpload");
        string temporary = hub.Contents.NewTemporary();
        await using (FileStream target = File.Create(temporary))
            await call.Request.Body.CopyToAsync(target, call.Cancel);
        string etag = $"\"{upload[..8]}-{number}\"";
        parts[number] = (temporary, etag);
        call.Response.Headers.ETag = etag;
    }

    private async Task CompleteAsync(Call call, string upload, string sha256)
    {
        JsonNode body = await call.ReadJsonAsync();
        if (!_uploads.TryRemove(upload, out var parts))
            throw new ApiError(404, null, "NoSuchUpload");
        JsonArray named = body["parts"]!.AsArray();
        string joined = hub.Contents.NewTemporary();
        await using (FileStream target = File.Create(joined))
        {
            for (int i = 0; i < named.Count; i++)
            {
                int number = named[i]!["partNumber"]!.GetValue<int>();
                if (number != i + 1 || !parts.TryGetValue(number, out (string File, string ETag) part)
                    || named[i]!["etag"]!.GetValue<string>() != part.ETag)
                    throw new ApiError(400, null, $"InvalidPart {number}");
                await using FileStream source = File.OpenRead(part.File);
                await source.CopyToAsync(target, call.Cancel);
            }
        }
        foreach ((string file, _) in parts.Values)
            File.Delete(file);
        Take(joined, sha256);
        await call.WriteJsonAsync(new JsonObject());
    }

    private void Take(string temporary, string expected)
    {
        StoredContent content = hub.Contents.Take(temporary);
        if (content.Sha256 == expected)
        {
            if (_awaited.TryRemove(expected, out ConcurrentDictionary<TestRepo, bool>? repos))
            {
                foreach (TestRepo repo in repos.Keys)
                    repo.LfsObjects[expected] = true;
            }
            return;
        }
        throw new ApiError(400, null, $"The content's sha256 is {content.Sha256}, not {expected}.");
    }

    private void CheckSignature(Call call)
    {
        string path = call.RawPath.Trim('/'), expires = call.Request.Query["Expires"].ToString();
        if (call.Request.Query["Signature"] != Sign(path, expires))
            throw new ApiError(403, null, null) { Text = "<Error><Code>SignatureDoesNotMatch</Code></Error>" };
        if (long.Parse(expires, CultureInfo.InvariantCulture) < hub.Options.Time.GetUtcNow().ToUnixTimeSeconds())
            throw new ApiError(403, null, null)
            { Text = "<Error><Code>AccessDenied</Code><Message>Request has expired</Message></Error>" };
    }

    private static string Sign(string path, string expires) =>
        Convert.ToHexStringLower(HMACSHA256.HashData(Key, Encoding.UTF8.GetBytes($"{path}\n{expires}")));
}
