using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace WiseHub.Testing;

/// <summary>
/// Wisemodel's gateway (docs/protocols/wisemodel.md): login, lists, and the upload of one file in pieces.
/// </summary>
internal sealed class GatewayApi(TestHub hub)
{
    private const int LargestPage = 500;

    private readonly ConcurrentDictionary<string, DateTimeOffset> _sessions = new(StringComparer.Ordinal);

    /// <summary>MD5 of a file → its pieces. The pieces' size and number are never said.</summary>
    private readonly ConcurrentDictionary<string, ConcurrentDictionary<int, byte[]>> _pieces = new(StringComparer.Ordinal);

    /// <summary>Server path of a merged file → its content.</summary>
    private readonly ConcurrentDictionary<string, byte[]> _merged = new(StringComparer.Ordinal);

    private readonly ConcurrentQueue<(DateTimeOffset At, Action Commit)> _queued = new();

    private sealed class Refused(object code, string message) : Exception(message)
    {
        public object Code { get; } = code;
    }

    public async Task<bool> TryAnswerAsync(Call call)
    {
        while (_queued.TryPeek(out (DateTimeOffset At, Action Commit) next) && next.At <= hub.Options.Time.GetUtcNow()
            && _queued.TryDequeue(out next))
            next.Commit();
        if (call.Method != "POST" || call.Parts is not ["gateway", string service, "api", "v1", string verb])
            return false;
        hub.Wisemodel.Called?.Invoke(verb);
        try
        {
            JsonNode? data = (service, verb) switch
            {
                ("user", "login") => await LoginAsync(call),
                ("project", "branchlist") => await BranchesAsync(call),
                ("project", "listfiles") => await FilesAsync(call),
                ("fileupload", "check") => Check(await FormAsync(call)),
                ("fileupload", "upload") => await UploadAsync(await FormAsync(call)),
                ("fileupload", "merge") => Merge(await FormAsync(call)),
                ("fileupload", "addfiles") => await AddFilesAsync(call),
                _ => throw new ApiError(404, null, null) { Text = "404 page not found" },
            };
            await WriteAsync(call, 0, "Success", data);
        }
        catch (Refused e)
        {
            await WriteAsync(call, e.Code, e.Message, null);
        }
        return true;
    }

    private Task WriteAsync(Call call, object code, string message, JsonNode? data) => call.WriteJsonAsync(new JsonObject
    {
        ["code"] = code is int number && !hub.Wisemodel.CodesAreText ? number
            : Convert.ToString(code, CultureInfo.InvariantCulture),
        ["message"] = message,
        ["data"] = data,
    });

    private async Task<JsonNode?> LoginAsync(Call call)
    {
        JsonNode body = await call.ReadJsonAsync();
        if (call.Request.ContentType != "application/json" || body["way"]?.GetValue<string>() != "normal")
            throw new Refused(10002, "bad request");
        if (body["username"]?.GetValue<string>() != "tester" || body["password"]?.GetValue<string>() != hub.Password)
            throw new Refused(10001, $"wrong password {body["password"]}");
        DateTimeOffset end = hub.Options.Time.GetUtcNow() + hub.Wisemodel.SessionLifetime;
        string token = $"{Part("""{"alg":"HS256","typ":"JWT"}""")}."
            + $"{Part($"{{\"user\":\"tester\",\"n\":{_sessions.Count},\"exp\":{end.ToUnixTimeSeconds()}}}")}.{Part("signature")}";
        _sessions[token] = end;
        return new JsonObject { ["token"] = token };

        static string Part(string text) =>
            Convert.ToBase64String(Encoding.UTF8.GetBytes(text)).TrimEnd('=').Replace('+', '-').Replace('/', '_');
    }

    private async Task<JsonNode> SessionAsync(Call call)
    {
        RequireSession(call);
        return await call.ReadJsonAsync();
    }

    private void RequireSession(Call call)
    {
        string header = call.Request.Headers.Authorization.ToString();
        string token = header.StartsWith("Bearer ", StringComparison.Ordinal) ? header[7..] : "";
        if (!_sessions.TryGetValue(token, out DateTimeOffset end) || end <= hub.Options.Time.GetUtcNow()
            || hub.Wisemodel.TakeEndedSession())
            throw new Refused("B2002", $"token is expired {token}");
    }

    // https://host/models/owner/name
    private TestRepo Repo(string? projectPath)
    {
        string[] parts = Uri.TryCreate(projectPath, UriKind.Absolute, out Uri? uri) ? uri.AbsolutePath.Trim('/').Split('/') : [];
        return parts.Length == 3 && hub.FindRepo($"{parts[1]}/{parts[2]}", parts[0].TrimEnd('s')) is TestRepo repo ? repo
            : throw new Refused(10003, "project not found");
    }

    private async Task<JsonNode> BranchesAsync(Call call)
    {
        JsonNode body = await SessionAsync(call);
        TestRepo repo = Repo(body["project_path"]?.GetValue<string>());
        return new JsonObject
        {
            ["list"] = new JsonArray(
                [.. repo.Branches.Keys.Order(StringComparer.Ordinal).Select(b => (JsonNode)new JsonObject { ["branch"] = b })])
        };
    }

    private async Task<JsonNode> FilesAsync(Call call)
    {
        JsonNode body = await SessionAsync(call);
        TestRepo repo = Repo(body["project_path"]?.GetValue<string>());
        RepoCommit commit = repo.Find(body["branch"]!.GetValue<string>()) ?? throw new Refused(10003, "branch not found");
        string folder = body["path"]!.GetValue<string>() is { Length: > 0 } path ? path.TrimEnd('/') + "/" : "";
        string[] names = [.. commit.Files.Keys.Where(f => f.StartsWith(folder, StringComparison.Ordinal))
            .Select(f => f[folder.Length..].Split('/')[0]).Distinct().Order(StringComparer.Ordinal)];
        if (names.Length == 0 && folder.Length > 0)
            throw new Refused(10003, "path not found");
        int page = body["baseReq"]!["page"]!.GetValue<int>(),
            size = Math.Min(body["baseReq"]!["pageSize"]!.GetValue<int>(), LargestPage);
        return new JsonObject
        {
            ["list"] = new JsonArray(
                [.. names.Skip((page - 1) * size).Take(size).Select(n => (JsonNode)new JsonObject { ["name"] = n })])
        };
    }

    private async Task<IFormCollection> FormAsync(Call call)
    {
        RequireSession(call);
        return await call.Request.ReadFormAsync(call.Cancel);
    }

    private JsonObject Check(IFormCollection form)
    {
        Repo(form["project_path"]);
        int[] stored = _pieces.TryGetValue(form["fileMd5"].ToString(), out ConcurrentDictionary<int, byte[]>? pieces)
            ? [.. pieces.Keys.Order()] : [];
        return new JsonObject
        {
            ["chunks"] = new JsonArray([.. stored.Select(n => (JsonNode)n.ToString(CultureInfo.InvariantCulture))]),
            ["resultCode"] = stored.Length == 0 ? -1 : stored.Length,
        };
    }

    private async Task<JsonNode?> UploadAsync(IFormCollection form)
    {
        IFormFile file = form.Files.GetFile("file") ?? throw new Refused(10002, "no file");
        using var content = new MemoryStream();
        await file.CopyToAsync(content);
        hub.Wisemodel.Pieces.Enqueue($"{file.FileName}#{form["chunk"]}:{content.Length}");
        if (!hub.Wisemodel.LosesPieces)
            _pieces.GetOrAdd(form["md5"].ToString(), _ => new())[int.Parse(form["chunk"].ToString(),
                CultureInfo.InvariantCulture)] = content.ToArray();
        return null;
    }

    private JsonObject Merge(IFormCollection form)
    {
        string md5 = form["fileMd5"].ToString();
        byte[] content = [.. (_pieces.TryRemove(md5, out ConcurrentDictionary<int, byte[]>? pieces) ? pieces : [])
            .OrderBy(p => p.Key).SelectMany(p => p.Value)];
        // CA5351: the protocol names contents by their MD5.
#pragma warning disable CA5351
        if (Convert.ToHexStringLower(MD5.HashData(content)) != md5)
            throw new Refused(10010, "merge failed");
#pragma warning restore CA5351
        if (content.Length == 0 && hub.Wisemodel.RefusesEmptyFiles)
            throw new Refused(10010, "no chunks");
        if (hub.Wisemodel.MergesWrong)
            content[^1] ^= 1;
        string path = $"/var/www/space/20261121/{_merged.Count}_data_{Guid.NewGuid():N}/{form["fileName"]}";
        _merged[path] = content;
        return new JsonObject { ["filepath"] = path };
    }

    // Says "queued" and commits later.
    private async Task<JsonNode> AddFilesAsync(Call call)
    {
        JsonNode body = await SessionAsync(call);
        TestRepo repo = Repo(body["project_path"]?.GetValue<string>());
        string branch = body["branch"]!.GetValue<string>(), folder = body["git_folder"]?.GetValue<string>() ?? "",
            message = body["commit"]?.GetValue<string>() ?? "";
        var files = new Dictionary<string, byte[]?>(StringComparer.Ordinal);
        foreach (JsonNode? file in body["files"]!.AsArray())
        {
            string path = file!.GetValue<string>();
            string name = path.Split('/')[^1];
            files[folder.Length == 0 ? name : $"{folder.Trim('/')}/{name}"] =
                _merged.TryRemove(path, out byte[]? content) ? content : throw new Refused(10003, "file not found");
        }
        hub.Wisemodel.Queued.Enqueue($"{branch} {folder}/: "
            + $"{string.Join(", ", body["files"]!.AsArray().Select(f => f!.GetValue<string>().Split('/')[^1]))} ({message})");
        if (hub.Wisemodel.ForgetsQueued)
            return "The files are processed in the background; you will be told.";
        _queued.Enqueue((hub.Options.Time.GetUtcNow() + hub.Wisemodel.CommitDelay, () => repo.Commit(files, message, branch)));
        return "The files are processed in the background; you will be told.";
    }
}
